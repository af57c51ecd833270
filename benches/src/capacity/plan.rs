//! What a run is made of, and which number of players is tried next: rising steps until one is not held, then bisection.

use std::path::PathBuf;

use super::Settings;
use crate::baseline::TICK_RATE;

/// The game that the crowd's arena and the peer's load are made for.
pub const EMBERDRIFT: &str = "emberdrift";
/// The p99 of frame gaps up to which players count as held, in ticks.
const GAP_TICKS_MAX: f64 = 1.5;
/// The number of players that the verdict is about.
pub(super) const JUDGED_PLAYERS: u32 = 1000;
/// Up to [`JUDGED_PLAYERS`] all are tried, and then only as long as all before them were held.
const STEPS: [u32; 12] = [250, 500, JUDGED_PLAYERS, 2000, 2500, 3000, 3500, 4000, 5000, 6000, 7000, 8000];
const QUICK_STEPS: [u32; 2] = [250, JUDGED_PLAYERS];
/// Bisection ends when the most that were held and the least that were not are so near.
const GRAIN: u32 = 125;
/// Bisection rounds down to multiples of this.
const ROUND: u32 = 25;

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
    /// The game whose server is measured: [`EMBERDRIFT`], or one that `emberdrift-bots` plays and whose server is `NAME-server`.
    pub game: String,
    /// The folder for reports and for what the loads write.
    pub out: PathBuf,
    pub peer: PeerAt,
    /// Fewer and shorter steps.
    pub quick: bool,
}

impl Plan {
    pub(super) fn settings(&self) -> Settings {
        Settings {
            quick: self.quick,
            seconds: if self.quick { 4.0 } else { 10.0 },
            tick_rate: TICK_RATE,
            gap_ms_max: GAP_TICKS_MAX * 1000.0 / f64::from(TICK_RATE),
        }
    }
}

/// With how many players the peer is measured, and ours with its load.
pub(super) fn peer_players(quick: bool) -> &'static [u32] {
    if quick { &[200] } else { &[200, 500] }
}

/// With how many players slow readers are measured.
pub(super) fn stalled_players(quick: bool) -> u32 {
    if quick { 250 } else { 500 }
}

/// The number of players to go on with after these, each with whether it was held; none if everything is known. A quick
/// search has fixed steps; any other tries a number that was not held again, because another program may have been in
/// the way.
pub(super) fn next_players(tried: &[(u32, bool)], quick: bool) -> Option<u32> {
    let tries = |players: u32| tried.iter().filter(|(other, _)| *other == players).count();
    if let Some(&(last, held)) = tried.last()
        && !held
        && !quick
        && tries(last) == 1
    {
        return Some(last);
    }
    let good = tried.iter().filter(|(_, held)| *held).map(|(players, _)| *players).max();
    let bad = tried.iter().map(|(players, _)| *players).filter(|players| Some(*players) > good).min();
    let mut steps = if quick { QUICK_STEPS.iter() } else { STEPS.iter() };
    let next = steps.find(|step| tries(**step) == 0 && (**step <= JUDGED_PLAYERS || bad.is_none()));
    if next.is_some() || quick {
        return next.copied();
    }
    let (good, bad) = good.zip(bad)?;
    (bad - good > GRAIN).then(|| (good + bad) / 2 / ROUND * ROUND)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The numbers of players that are tried with a server that holds `can_hold`, without second tries.
    fn path(can_hold: u32, quick: bool) -> Vec<u32> {
        let mut tried = Vec::new();
        while let Some(players) = next_players(&tried, quick) {
            tried.push((players, players <= can_hold));
            assert!(tried.len() < 50, "it does not end: {tried:?}");
        }
        let mut path: Vec<_> = tried.into_iter().map(|(players, _)| players).collect();
        path.dedup();
        path
    }

    #[test]
    fn search_goes_up_and_then_bisects() {
        assert_eq!(path(2600, false), [250, 500, 1000, 2000, 2500, 3000, 2750, 2625]);
        assert_eq!(path(1300, false), [250, 500, 1000, 2000, 1500, 1250, 1375]);
        assert_eq!(path(9000, false), STEPS);
    }

    #[test]
    fn numbers_that_the_verdict_needs_are_always_tried() {
        assert_eq!(path(300, false), [250, 500, 1000, 375]);
        assert_eq!(path(0, false), [250, 500, 1000]);
        assert_eq!((path(8000, true), path(0, true)), (vec![250, 1000], vec![250, 1000]));
    }

    #[test]
    fn failure_is_tried_again() {
        assert_eq!(next_players(&[(250, false)], false), Some(250));
        assert_eq!(next_players(&[(250, false), (250, true)], false), Some(500));
        assert_eq!(next_players(&[(250, false); 2], false), Some(500));
    }
}
