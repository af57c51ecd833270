//! What became of the players in a restart, whether that is good enough, and how it is shown to people.

use std::time::Duration;

use serde::Serialize;

use super::{plan::Kind, probe::Connects};
use crate::{
    machine::Machine,
    report::{Document, Section, Times, fixed},
    returning_player::Way,
};

/// The longest that a player may be without frames in a restart that is planned, and after a kill, in milliseconds.
const PLANNED_MS_MAX: f64 = 1000.0;
const KILLED_MS_MAX: f64 = 5000.0;
/// The most of the game that a kill may lose, in milliseconds: the interval of snapshots.
const LOST_MS_MAX: f64 = 5000.0;

/// One restart.
#[derive(Clone, Debug, Serialize)]
pub struct Passage {
    pub kind: Kind,
    pub players: usize,
    /// In their own ships.
    pub back: usize,
    /// With fewer embers or a shorter streak than in the last frame before.
    pub poorer: usize,
    /// Between the last frame before and the first after.
    pub without_frames_p50_ms: f64,
    pub without_frames_max_ms: f64,
    /// Game that players have seen and that is gone, at most.
    pub lost_ms: f64,
    pub connects: u32,
    pub refused: u32,
    /// From the request to restart until the next process accepts.
    pub restart_ms: f64,
}

impl Passage {
    pub(super) fn new(
        kind: Kind,
        ways: impl Iterator<Item = Way>,
        connects: Connects,
        restart: Duration,
    ) -> Self {
        let ways: Vec<_> = ways.collect();
        let mut without_frames = Times::default();
        let ms = |time: Duration| time.as_secs_f64() * 1000.0;
        for way in &ways {
            // One that is not back is without frames for ever.
            without_frames.add_ms(way.without_frames().map_or(f64::MAX, ms));
        }
        let spread = without_frames.percentiles_ms();
        Self {
            kind,
            players: ways.len(),
            back: ways.iter().filter(|way| way.is_back()).count(),
            poorer: ways.iter().filter(|way| way.has_lost()).count(),
            without_frames_p50_ms: spread.p50.unwrap_or_default(),
            without_frames_max_ms: spread.max.unwrap_or_default(),
            lost_ms: ways.iter().filter_map(Way::lost).map(ms).fold(0.0, f64::max),
            connects: connects.all,
            refused: connects.refused,
            restart_ms: ms(restart),
        }
    }

    /// What is not good enough, if anything is.
    fn failures(&self) -> Vec<String> {
        let Self { kind, players, back, poorer, without_frames_max_ms, lost_ms, refused, .. } = self;
        let is_killed = *kind == Kind::Kill;
        let most_ms = if is_killed { KILLED_MS_MAX } else { PLANNED_MS_MAX };
        let lost_most_ms = if is_killed { LOST_MS_MAX } else { 0.0 };
        let mut failures = Vec::new();
        let mut fail = |holds: bool, what: String| {
            if !holds {
                failures.push(format!("{}: {what}", kind.name()));
            }
        };
        fail(back == players, format!("{back} of {players} players are back in their own ships"));
        fail(is_killed || *poorer == 0, format!("{poorer} players have less than before"));
        fail(
            *without_frames_max_ms <= most_ms,
            format!("a player was without frames for {without_frames_max_ms:.0} ms"),
        );
        fail(*lost_ms <= lost_most_ms, format!("{lost_ms:.0} ms of the game are lost"));
        fail(*kind != Kind::Takeover || *refused == 0, format!("{refused} connects were refused"));
        failures
    }
}

/// What is not good enough in any of them.
pub fn failures(passages: &[Passage]) -> Vec<String> {
    passages.iter().flat_map(Passage::failures).collect()
}

/// The report as a document.
pub fn document(passages: &[Passage], machine: &Machine) -> Document {
    let rows = passages.iter().map(|passage| {
        let Passage { kind, players, back, poorer, connects, refused, .. } = passage;
        let times = [passage.without_frames_p50_ms, passage.without_frames_max_ms].map(|ms| fixed(ms, 0));
        vec![
            kind.name().to_owned(),
            format!("{back} of {players}"),
            poorer.to_string(),
            format!("{} / {} ms", times[0], times[1]),
            format!("{} s", fixed(passage.lost_ms / 1000.0, 1)),
            format!("{refused} of {connects}"),
            format!("{} ms", fixed(passage.restart_ms, 0)),
        ]
    });
    let head = [
        "restart",
        "back in their own ships",
        "with less than before",
        "without frames, p50 / longest",
        "of the game lost, at most",
        "connects refused",
        "until the next process accepts",
    ];
    let mut section = Section::new("", head, rows.collect());
    section.note = "Players fly about, reconnect as the page does, and share the machine with the server. A connect counts as refused \
                    too if it gets no answer."
        .to_owned();
    let failures = failures(passages);
    Document {
        title: "Restarts".to_owned(),
        lead: format!("Measured on {machine}."),
        verdict: match &*failures {
            [] => "**Passed.**".to_owned(),
            failures => format!("**Failed.** {}.", failures.join("; ")),
        },
        sections: vec![section],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A restart in which nothing is lost.
    fn good(kind: Kind) -> Passage {
        Passage {
            kind,
            players: 300,
            back: 300,
            poorer: 0,
            without_frames_p50_ms: 400.0,
            without_frames_max_ms: 900.0,
            lost_ms: 0.0,
            connects: 200,
            refused: 0,
            restart_ms: 300.0,
        }
    }

    #[test]
    fn each_kind_has_its_own_limits() {
        let planned = [Kind::Takeover, Kind::Stop];
        let all = Kind::ALL;
        type Case<'a> = (&'a str, &'a [Kind], fn(&mut Passage));
        let cases: [Case<'_>; 7] = [
            ("", &[], |_| {}),
            ("299 of 300 players", &all, |passage| passage.back = 299),
            ("1 players have less", &planned, |passage| passage.poorer = 1),
            ("without frames for 1001 ms", &planned, |passage| passage.without_frames_max_ms = 1001.0),
            ("without frames for 5001 ms", &all, |passage| passage.without_frames_max_ms = 5001.0),
            ("17 ms of the game", &planned, |passage| passage.lost_ms = 17.0),
            ("3 connects were refused", &[Kind::Takeover], |passage| passage.refused = 3),
        ];
        for (text, failing, spoil) in cases {
            for kind in Kind::ALL {
                let mut passage = good(kind);
                spoil(&mut passage);
                let failures = passage.failures();
                let expected = usize::from(failing.contains(&kind));
                assert_eq!(failures.len(), expected, "{kind:?}: {failures:?}");
                assert!(
                    failures.iter().all(|failure| failure.contains(text) && failure.starts_with(kind.name()))
                );
            }
        }
        let mut late = good(Kind::Kill);
        late.lost_ms = 5001.0;
        assert_eq!(late.failures().len(), 1);
    }

    #[test]
    fn player_that_is_not_back_counts_as_without_frames_for_ever() {
        let ways = [Way::default()].into_iter();
        let passage = Passage::new(Kind::Stop, ways, Connects { all: 1, refused: 0 }, Duration::ZERO);
        assert_eq!((passage.players, passage.back), (1, 0));
        assert_eq!(passage.failures().len(), 2, "{:?}", passage.failures());
    }

    #[test]
    fn verdict_names_what_is_not_good_enough() {
        let verdict = |passages: &[Passage]| document(passages, &Machine::default()).verdict;
        assert_eq!(verdict(&[good(Kind::Stop), good(Kind::Kill)]), "**Passed.**");
        let lost = Passage { back: 1, ..good(Kind::Kill) };
        let verdict = verdict(&[good(Kind::Stop), lost]);
        assert!(verdict.starts_with("**Failed.**") && verdict.contains("1 of 300"), "{verdict}");
    }
}
