//! What became of the players of a cluster, whether that is good enough, and how it is shown to people.

use std::{sync::Arc, time::Duration};

use serde::Serialize;

use super::plan::Kind;
use crate::{
    machine::Machine,
    report::{Document, Section, Times, fixed},
    returning_player::Player,
};

/// The most of the game that a kill may lose, in milliseconds.
const LOST_MS_MAX: f64 = 5000.0;

/// What happened to one node.
#[derive(Clone, Debug, Serialize)]
pub struct Passage {
    pub kind: Kind,
    pub players: usize,
    /// That fly in their own ships at the end.
    pub own_ships: usize,
    /// The longest time between two frames of each.
    pub without_frames_p50_ms: f64,
    pub without_frames_max_ms: f64,
    /// Game that players have seen and that is gone, at most.
    pub lost_ms: f64,
    /// Nodes that had the same room at once, at most.
    pub worlds: usize,
    /// From the signal until all have frames again; for a partition all of it.
    pub took_ms: f64,
}

impl Passage {
    pub(super) fn new(kind: Kind, players: &[Arc<Player>], worlds: usize, took: Duration) -> Self {
        let ms = |time: Duration| time.as_secs_f64() * 1000.0;
        let mut without_frames = Times::default();
        for player in players {
            without_frames.add_ms(if player.has_frames() { ms(player.way().gap) } else { f64::MAX });
        }
        let has_own_ship = |player: &&Arc<Player>| {
            let way = player.way();
            player.has_frames() && (way.before.is_none() || way.is_back())
        };
        let spread = without_frames.percentiles_ms();
        Self {
            kind,
            players: players.len(),
            own_ships: players.iter().filter(has_own_ship).count(),
            without_frames_p50_ms: spread.p50.unwrap_or_default(),
            without_frames_max_ms: spread.max.unwrap_or_default(),
            lost_ms: players.iter().filter_map(|player| player.way().lost()).map(ms).fold(0.0, f64::max),
            worlds,
            took_ms: ms(took),
        }
    }

    /// The longest that a player may be without frames, in milliseconds.
    fn without_frames_most_ms(&self) -> f64 {
        match self.kind {
            Kind::Drain => 2000.0,
            Kind::Kill => 8000.0,
            Kind::Partition => 1000.0,
        }
    }

    /// What is not good enough, if anything is.
    fn failures(&self) -> Vec<String> {
        let Self { kind, players, own_ships, without_frames_max_ms, lost_ms, worlds, .. } = self;
        let lost_most_ms = if *kind == Kind::Kill { LOST_MS_MAX } else { 0.0 };
        let mut failures = Vec::new();
        let mut fail = |holds: bool, what: String| {
            if !holds {
                failures.push(format!("{}: {what}", kind.name()));
            }
        };
        fail(own_ships == players, format!("{own_ships} of {players} players fly in their own ships"));
        let is_short = *without_frames_max_ms <= self.without_frames_most_ms();
        fail(is_short, format!("a player was without frames for {without_frames_max_ms:.0} ms"));
        fail(*lost_ms <= lost_most_ms, format!("{lost_ms:.0} ms of the game are lost"));
        fail(*worlds <= 1, format!("a room had {worlds} worlds at once"));
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
        let Passage { kind, players, own_ships, worlds, .. } = passage;
        let times = [passage.without_frames_p50_ms, passage.without_frames_max_ms].map(|ms| fixed(ms, 0));
        vec![
            kind.name().to_owned(),
            format!("{own_ships} of {players}"),
            format!("{} / {} ms", times[0], times[1]),
            format!("{} s", fixed(passage.lost_ms / 1000.0, 1)),
            worlds.to_string(),
            format!("{} s", fixed(passage.took_ms / 1000.0, 1)),
        ]
    });
    let head = [
        "what happens to the node",
        "in their own ships",
        "without frames, p50 / longest",
        "of the game lost, at most",
        "worlds of a room at once, at most",
        "took",
    ];
    let mut section = Section::new("", head, rows.collect());
    section.note = "All players are at one of three nodes, in rooms, and share the machine with nodes and NATS. They reconnect as the \
                    page does."
        .to_owned();
    let failures = failures(passages);
    Document {
        title: "Cluster".to_owned(),
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

    fn good(kind: Kind) -> Passage {
        Passage {
            kind,
            players: 300,
            own_ships: 300,
            without_frames_p50_ms: 400.0,
            without_frames_max_ms: 900.0,
            lost_ms: 0.0,
            worlds: 1,
            took_ms: 900.0,
        }
    }

    #[test]
    fn each_kind_has_its_own_limits() {
        for kind in Kind::ALL {
            assert!(good(kind).failures().is_empty());
            let spoiled: [fn(&mut Passage); 4] = [
                |passage| passage.own_ships = 299,
                |passage| passage.without_frames_max_ms = 8001.0,
                |passage| passage.lost_ms = 5001.0,
                |passage| passage.worlds = 2,
            ];
            for spoil in spoiled {
                let mut passage = good(kind);
                spoil(&mut passage);
                assert_eq!(passage.failures().len(), 1, "{passage:?}");
            }
        }
        let slow = Passage { without_frames_max_ms: 2001.0, ..good(Kind::Drain) };
        assert_eq!(slow.failures().len(), 1);
        assert!(Passage { kind: Kind::Kill, ..slow }.failures().is_empty());
    }
}
