//! What a run is made of: which kinds of load, for how long, and with how many players. Of these fixed numbers come first,
//! then more until they are not held, then bisection.

use std::{path::PathBuf, time::Duration};

use clap::ValueEnum;

use super::Settings;
use crate::baseline::TICK_RATE;

/// The p99 of frame gaps up to which players count as held, in ticks.
const GAP_TICKS_MAX: f64 = 1.5;
/// The number of players that the verdict is about.
pub(super) const JUDGED_PLAYERS: u32 = 1000;

/// A kind of load.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Work {
    /// Players all over a wide arena, and the baseline with the same numbers
    Spread,
    /// Players in view of one another
    Crowd,
    /// The peer, and ours with its load
    Peer,
    /// With and without slow readers
    Stalled,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PeerAt {
    /// Its scripts, with their modules installed.
    Folder(PathBuf),
    /// Why there is none.
    Missing(String),
}

#[derive(Clone, Debug)]
pub struct Plan {
    /// The folder of the built programs.
    pub programs: PathBuf,
    /// The folder for reports and for what the loads write.
    pub out: PathBuf,
    pub peer: PeerAt,
    /// Empty for everything.
    pub only: Vec<Work>,
    /// Fewer and shorter steps.
    pub quick: bool,
    /// Measured time of each step, if not the default.
    pub seconds: Option<f64>,
}

impl Plan {
    pub(super) fn has(&self, work: Work) -> bool {
        self.only.is_empty() || self.only.contains(&work)
    }

    pub(super) fn settings(&self) -> Settings {
        Settings {
            quick: self.quick,
            seconds: self.seconds.unwrap_or(if self.quick { 4.0 } else { 10.0 }),
            tick_rate: TICK_RATE,
            gap_ms_max: GAP_TICKS_MAX * 1000.0 / f64::from(TICK_RATE),
        }
    }

    pub(super) fn search(&self) -> Search {
        let (fixed, step, grain, retries) = if self.quick {
            (vec![250, JUDGED_PLAYERS], 0, 0, 0)
        } else {
            (vec![250, 500, JUDGED_PLAYERS, 2000], 500, 125, 1)
        };
        Search { fixed, step, grain, retries }
    }

    /// After this long, a search ends with what it has.
    pub(super) fn search_time(&self, work: Work) -> Duration {
        Duration::from_secs(if work == Work::Spread { 470 } else { 180 })
    }

    pub(super) fn peer_players(&self) -> &'static [u32] {
        if self.quick { &[200] } else { &[200, 500] }
    }

    pub(super) fn peer_modes(&self) -> &'static [&'static str] {
        if self.quick { &["rooms"] } else { &["rooms", "world"] }
    }

    pub(super) fn stalled_players(&self) -> u32 {
        if self.quick { 250 } else { 500 }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Search {
    /// These first, by rising number; those above [`JUDGED_PLAYERS`] only as long as all before them were held.
    pub(super) fixed: Vec<u32>,
    /// By how much to go up after the fixed numbers, and twice that from [`WIDE_FROM`] on; 0 to stop there.
    pub(super) step: u32,
    /// Bisection ends when the most that were held and the least that were not are so near; 0 for no bisection.
    pub(super) grain: u32,
    /// How often a number that was not held is tried again: another program may have been in the way.
    pub(super) retries: usize,
}

/// Players from which on steps are twice as wide.
const WIDE_FROM: u32 = 4000;
/// More are not tried.
const PLAYERS_MAX: u32 = 8000;
/// Bisection rounds down to multiples of this.
const ROUND: u32 = 25;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tried {
    pub(super) players: u32,
    pub(super) held: bool,
}

impl Search {
    /// None if everything is known.
    pub(super) fn next(&self, tried: &[Tried]) -> Option<u32> {
        let tries = |players: u32| tried.iter().filter(|one| one.players == players).count();
        let held = |players: u32| tried.iter().any(|one| one.players == players && one.held);
        if let Some(last) = tried.last()
            && !held(last.players)
            && tries(last.players) <= self.retries
        {
            return Some(last.players);
        }
        let good = tried.iter().filter(|one| one.held).map(|one| one.players).max();
        let above = |players: u32| good.is_none_or(|good| players > good);
        let bad = tried.iter().map(|one| one.players).filter(|&players| above(players)).min();
        let untried = self.fixed.iter().copied().filter(|&players| tries(players) == 0);
        if let Some(next) = untried.min()
            && (next <= JUDGED_PLAYERS || bad.is_none())
        {
            return Some(next);
        }
        match (good, bad) {
            (Some(good), None) if self.step > 0 => {
                let step = if good >= WIDE_FROM { 2 * self.step } else { self.step };
                (good + step <= PLAYERS_MAX).then_some(good + step)
            }
            (Some(good), Some(bad)) if self.grain > 0 && bad - good > self.grain => {
                let middle = (good + bad) / 2 / ROUND * ROUND;
                (middle > good && middle < bad).then_some(middle)
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search() -> Search {
        let fixed = vec![250, 500, 1000, 2000];
        Search { fixed, step: 500, grain: 125, retries: 0 }
    }

    /// What is tried with a server that can hold so many.
    fn path(search: &Search, can_hold: u32) -> Vec<u32> {
        let mut tried = Vec::new();
        while let Some(players) = search.next(&tried) {
            tried.push(Tried { players, held: players <= can_hold });
            assert!(tried.len() < 50, "it does not end: {tried:?}");
        }
        tried.into_iter().map(|one| one.players).collect()
    }

    #[test]
    fn search_goes_up_and_then_bisects() {
        assert_eq!(path(&search(), 2600), [250, 500, 1000, 2000, 2500, 3000, 2750, 2625]);
        assert_eq!(path(&search(), 1300), [250, 500, 1000, 2000, 1500, 1250, 1375]);
        assert_eq!(path(&search(), 9000).last(), Some(&8000));
    }

    #[test]
    fn numbers_that_the_verdict_needs_are_always_tried() {
        assert_eq!(path(&search(), 300), [250, 500, 1000, 375]);
        assert_eq!(path(&search(), 0), [250, 500, 1000]);
    }

    #[test]
    fn failure_is_tried_again() {
        let search = Search { retries: 1, ..search() };
        let tried = [Tried { players: 250, held: false }];
        assert_eq!(search.next(&tried), Some(250));
        assert_eq!(search.next(&[tried[0], Tried { players: 250, held: true }]), Some(500));
        assert_eq!(search.next(&[tried[0]; 2]), Some(500));
    }

    #[test]
    fn quick_search_tries_the_fixed_numbers_only() {
        let search = Search { fixed: vec![250, 1000], step: 0, grain: 0, ..search() };
        assert_eq!(path(&search, 8000), [250, 1000]);
        assert_eq!(path(&search, 300), [250, 1000]);
    }
}
