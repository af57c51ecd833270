//! What a whole measurement found, as plain data: which trials count, and how many players were held.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Figures;
use crate::{machine::Machine, report::Check};

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct CapacityReport {
    pub machine: Machine,
    pub settings: Settings,
    pub verdict: Vec<Check>,
    /// Ours, players all over a wide arena.
    pub spread: Sweep,
    /// Ours, all players in view of one another.
    pub crowd: Sweep,
    /// The bare server, with frames as large as ours to players all over the arena.
    pub baseline: Sweep,
    pub peer: Peer,
    pub stalled: Stalled,
    /// Wall time of the whole run.
    pub took_seconds: f64,
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

/// Another server, and ours with its kind of load.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Peer {
    pub name: String,
    /// Why it was not measured, if it was not.
    pub left_out: Option<String>,
    pub runs: Vec<PeerRuns>,
    /// Ours, with as many others in view and no shots.
    pub ours: Vec<Trial>,
}

/// The other server in one of its modes.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct PeerRuns {
    pub mode: String,
    /// By rising number of players.
    pub trials: Vec<Trial>,
}

/// The same number of players twice.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Stalled {
    /// All read.
    pub without: Option<Trial>,
    /// A share reads too slowly; the figures are those of the others.
    pub with: Option<Trial>,
}

impl CapacityReport {
    /// The most CPU that other programs took in a step, in cores.
    pub fn others_cpu_cores_max(&self) -> Option<f64> {
        let sweeps = [&self.spread, &self.crowd, &self.baseline].into_iter().flat_map(|sweep| &sweep.trials);
        let peers = self.peer.runs.iter().flat_map(|runs| &runs.trials).chain(&self.peer.ours);
        let trials = sweeps.chain(peers).chain(&self.stalled.without).chain(&self.stalled.with);
        trials.filter_map(|trial| trial.figures.as_ref()?.others_cpu_cores).max_by(f64::total_cmp)
    }
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
        let Some(figures) = &self.figures else {
            return Some(self.failure.clone().unwrap_or_else(|| "it was not measured".to_owned()));
        };
        let doubt = if figures.load.invalid_because.is_empty() { "" } else { " (the load itself was slow)" };
        if figures.load.players_joined < self.players {
            return Some(format!("{} did not get in{doubt}", self.players - figures.load.players_joined));
        }
        if figures.load.players_at_end < self.players {
            return Some(format!("{} were lost{doubt}", self.players - figures.load.players_at_end));
        }
        match figures.load.frame_gap_ms.p99 {
            Some(gap_ms) if gap_ms <= gap_ms_max => None,
            Some(gap_ms) => Some(format!("frame gap p99 {gap_ms:.0} ms{doubt}")),
            None => Some("no frame gaps are known".to_owned()),
        }
    }

    /// By what trials with as many players are compared: players lost, then frame gap.
    fn badness(&self) -> (u32, f64) {
        self.figures.as_ref().map_or((u32::MAX, f64::INFINITY), |figures| {
            let lost = self.players.saturating_sub(figures.load.players_at_end);
            (lost, figures.load.frame_gap_ms.p99.unwrap_or(f64::INFINITY))
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

    /// The figures of the best trial with so many players.
    pub fn at(&self, players: u32) -> Option<&Figures> {
        self.best().into_iter().find(|trial| trial.players == players)?.figures.as_ref()
    }

    /// A server's memory for each further player: from the fewest players to the most that were held.
    pub fn bytes_per_player(&self) -> Option<f64> {
        let most = self.held.as_ref()?.players;
        let held = self.best().into_iter().filter(|trial| trial.players <= most);
        let memory: Vec<_> = held
            .filter_map(|trial| Some((f64::from(trial.players), trial.figures.as_ref()?.rss_bytes?)))
            .collect();
        let ((few, before), (many, after)) = (memory.first()?, memory.last()?);
        (many > few).then(|| (after - before) / (many - few))
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
    fn memory_is_the_difference_between_few_and_many_held_players() {
        let with = |players, rss_bytes| {
            let mut trial = trial(players, players, 60.0);
            trial.figures.as_mut().unwrap().rss_bytes = Some(rss_bytes);
            trial
        };
        let trials = vec![with(250, 12e6), with(1000, 20e6), with(2000, 47e6), with(3000, 900e6)];
        let held = Some(Held { players: 2000, above: None });
        assert_eq!(Sweep { trials: trials.clone(), held }.bytes_per_player(), Some(20_000.0));
        assert_eq!(Sweep { trials, held: None }.bytes_per_player(), None);
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
