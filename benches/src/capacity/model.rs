//! What a whole measurement found, as plain data: for each kind of load the trials with more and more players, which of
//! them count, and how many players were held.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Figures;
use crate::{machine::Machine, report::Check};

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct CapacityReport {
    pub machine: Machine,
    /// The game whose server was measured.
    pub game: String,
    pub settings: Settings,
    pub verdict: Vec<Check>,
    pub sweeps: BTreeMap<Load, Sweep>,
    /// Why the peer was not measured, if it was not.
    pub peer_left_out: Option<String>,
    /// Wall time of the whole run.
    pub took_seconds: f64,
}

/// A kind of load, and the server that it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Load {
    /// Ours, players all over a wide arena.
    Spread,
    /// Ours, all players in view of one another.
    Crowd,
    /// The bare server, with frames as large as ours to players all over the arena.
    Baseline,
    /// The peer with a room for every fifty players.
    PeerRooms,
    /// The peer with one world, and a view for each player.
    PeerWorld,
    /// Ours, with as many others in view as a player of the peer has, and no shots.
    LikePeer,
    /// Ours, as spread.
    AllRead,
    /// The same over TLS.
    Tls,
    /// The same with a share that reads too slowly; the figures are those of the others.
    Stalled,
}

impl Load {
    pub fn label(self) -> &'static str {
        match self {
            Self::Spread => "spread",
            Self::Crowd => "crowd",
            Self::Baseline => "baseline",
            Self::PeerRooms => "rooms",
            Self::PeerWorld => "world",
            Self::LikePeer => "Emberdrift",
            Self::AllRead => "all read",
            Self::Tls => "TLS",
            Self::Stalled => "a fifth stalled",
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Settings {
    /// Fewer and shorter steps.
    pub quick: bool,
    /// Measured time of each step.
    pub seconds: f64,
    /// Ticks, and frames to each player, a second.
    pub tick_rate: u16,
    /// The p99 of frame gaps up to which a number of players counts as held.
    pub gap_ms_max: f64,
}

/// One trial with a number of players.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Trial {
    /// Requested.
    pub players: u32,
    /// None if it could not be measured.
    pub figures: Option<Figures>,
    /// Why not.
    pub failure: Option<String>,
}

/// One kind of load with more and more players.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Sweep {
    /// In the order in which they were made.
    pub trials: Vec<Trial>,
    /// None if no number of players was held.
    pub held: Option<Held>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Held {
    /// The most that were held.
    pub players: u32,
    /// The least above it that were not, and why; none if no more were tried.
    pub above: Option<(u32, String)>,
}

impl Trial {
    /// One that could not be measured.
    pub fn failed(players: u32, why: &impl ToString) -> Self {
        Self { players, figures: None, failure: Some(why.to_string()) }
    }

    /// Why the players were not held: some are missing, or their frames were late. None if they were.
    pub fn shortfall(&self, gap_ms_max: f64) -> Option<String> {
        let Some(Figures { load, .. }) = &self.figures else {
            return Some(self.failure.clone().unwrap_or_else(|| "it was not measured".to_owned()));
        };
        let doubt = if load.invalid_because.is_empty() { "" } else { " (the load itself was slow)" };
        if load.players_joined < self.players {
            return Some(format!("{} did not get in{doubt}", self.players - load.players_joined));
        }
        if load.players_at_end < self.players {
            return Some(format!("{} were lost{doubt}", self.players - load.players_at_end));
        }
        match load.frame_gap_ms.p99 {
            Some(gap_ms) if gap_ms <= gap_ms_max => None,
            Some(gap_ms) => Some(format!("frame gap p99 {gap_ms:.0} ms{doubt}")),
            None => Some("no frame gaps are known".to_owned()),
        }
    }

    /// By what trials with as many players are compared: players lost, then frame gap.
    fn badness(&self) -> (u32, f64) {
        self.figures.as_ref().map_or((u32::MAX, f64::INFINITY), |Figures { load, .. }| {
            let lost = self.players.saturating_sub(load.players_at_end);
            (lost, load.frame_gap_ms.p99.unwrap_or(f64::INFINITY))
        })
    }
}

impl Sweep {
    /// The best trial of each number of players, by rising number.
    pub fn best(&self) -> Vec<&Trial> {
        let mut best: BTreeMap<u32, &Trial> = BTreeMap::new();
        for trial in &self.trials {
            let known = best.entry(trial.players).or_insert(trial);
            if trial.badness() < known.badness() {
                *known = trial;
            }
        }
        best.into_values().collect()
    }

    /// The figures of the best trial with this number of players.
    pub fn at(&self, players: u32) -> Option<&Figures> {
        self.best().into_iter().find(|trial| trial.players == players)?.figures.as_ref()
    }

    pub fn find_held(&self, gap_ms_max: f64) -> Option<Held> {
        let best = self.best();
        let held = best.iter().rfind(|trial| trial.shortfall(gap_ms_max).is_none())?.players;
        let above = best.iter().find(|trial| trial.players > held);
        let above = above.map(|trial| (trial.players, trial.shortfall(gap_ms_max).unwrap_or_default()));
        Some(Held { players: held, above })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{client::LoadReport, report::Spread};

    fn trial(players: u32, at_end: u32, gap_ms: f64) -> Trial {
        let frame_gap_ms = Spread { p99: Some(gap_ms), ..Spread::default() };
        let (players_joined, players_at_end) = (players, at_end);
        let load = LoadReport { players_joined, players_at_end, frame_gap_ms, ..LoadReport::default() };
        let figures = Figures { load, ..Figures::default() };
        Trial { players, figures: Some(figures), failure: None }
    }

    #[test]
    fn best_of_two_trials_counts() {
        let trials = vec![
            trial(500, 500, 60.0),
            trial(1000, 990, 55.0),
            trial(1000, 1000, 90.0),
            trial(1000, 1000, 70.0),
        ];
        let sweep = Sweep { trials, held: None };
        assert_eq!(sweep.at(1000).unwrap().load.frame_gap_ms.p99, Some(70.0));
        assert_eq!(sweep.best().len(), 2);
        assert_eq!(sweep.find_held(75.0), Some(Held { players: 1000, above: None }));
    }

    #[test]
    fn held_is_the_most_that_stayed_with_frames_in_time() {
        let trials = vec![
            trial(250, 250, 80.0),
            trial(500, 500, 60.0),
            trial(1000, 1000, 100.0),
            Trial::failed(2000, &"it broke"),
        ];
        let held = Sweep { trials, held: None }.find_held(75.0).unwrap();
        assert_eq!(held, Held { players: 500, above: Some((1000, "frame gap p99 100 ms".to_owned())) });
        assert_eq!(Trial::failed(9, &"it broke").shortfall(75.0).as_deref(), Some("it broke"));
        assert_eq!(trial(9, 8, 1.0).shortfall(75.0).as_deref(), Some("1 were lost"));
        assert_eq!(Sweep::default().find_held(75.0), None);
    }
}
