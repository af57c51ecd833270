//! What the server gives up, and in which order, when its ticks take too long; and how it comes back. Pure: it is told
//! how long ticks took and answers with a stage; it must not know how a stage is carried out.
//!
//! One stage a second upwards while ticks take more than [`HIGH`] of their time. Downwards only after ticks have taken
//! less than [`LOW`] for [`CALM_SECONDS`], and for twice as long each time that the load was back at once: what a
//! stage saves must not be mistaken for load that is gone.

use std::time::Duration;

use crate::game::replication::Detail;

/// Part of the tick period from which on a second counts as too much. What is left is for the sockets.
pub const HIGH: f64 = 0.6;
/// Part of it below which a second counts as calm.
pub const LOW: f64 = 0.35;
/// Calm seconds in a row that lead a stage down.
pub const CALM_SECONDS: u32 = 5;
/// Most of those, after relapses.
const CALM_SECONDS_MAX: u32 = 80;
/// A stage that has to be taken again within so many seconds was left too soon.
const RELAPSE_SECONDS: u32 = 30;

/// How far the server has gone. Each stage has what the ones before it have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Nothing is given up.
    #[default]
    Normal,
    /// What is far from the middle of a view is told of less often.
    FarCadence,
    /// Views are smaller.
    NarrowView,
    /// Most drones leave.
    FewDrones,
    /// Nobody new is let in.
    NoNewPlayers,
}

impl Level {
    const ALL: [Self; 5] =
        [Self::Normal, Self::FarCadence, Self::NarrowView, Self::FewDrones, Self::NoNewPlayers];

    /// From 0 for [`Self::Normal`] to 4, as in `/metrics`.
    pub fn number(self) -> u8 {
        self as u8
    }

    /// What it means, for the log.
    pub fn text(self) -> &'static str {
        match self {
            Self::Normal => "everything is as it should be",
            Self::FarCadence => "the outer part of each view is told of less often",
            Self::NarrowView => "views are smaller",
            Self::FewDrones => "most drones leave",
            Self::NoNewPlayers => "nobody new is let in",
        }
    }

    /// How much viewers are shown.
    pub fn detail(self) -> Detail {
        Detail {
            near: if self >= Self::FarCadence { 0.5 } else { 1.0 },
            reach: if self >= Self::NarrowView { 0.7 } else { 1.0 },
        }
    }

    /// Up to how many ships drones fill the arena.
    pub fn drones(self, wanted: u16) -> u16 {
        if self >= Self::FewDrones { wanted / 4 } else { wanted }
    }

    /// Whether newcomers are let in.
    pub fn admits(self) -> bool {
        self < Self::NoNewPlayers
    }

    fn step(self, by: isize) -> Self {
        let index = (self as usize).saturating_add_signed(by);
        Self::ALL[index.min(Self::ALL.len() - 1)]
    }
}

/// Watches the ticks and says where the server stands.
#[derive(Clone, Debug)]
pub struct LoadShedder {
    tick_rate: u32,
    stage: Level,
    ticks: u32,
    work: Duration,
    calm_seconds: u32,
    calm_needed: u32,
    since_down_seconds: u32,
}

impl LoadShedder {
    /// At the foot.
    pub fn new(tick_rate: u16) -> Self {
        Self {
            tick_rate: u32::from(tick_rate),
            stage: Level::Normal,
            ticks: 0,
            work: Duration::ZERO,
            calm_seconds: 0,
            calm_needed: CALM_SECONDS,
            since_down_seconds: u32::MAX,
        }
    }

    /// A tick took so long. The new stage, if this changes it.
    pub fn tick(&mut self, work: Duration) -> Option<Level> {
        self.work += work;
        self.ticks += 1;
        if self.ticks < self.tick_rate {
            return None;
        }
        // As many ticks as a second has, so the seconds of work are the part of it.
        let load = self.work.as_secs_f64();
        (self.ticks, self.work) = (0, Duration::ZERO);
        self.second(load)
    }

    fn second(&mut self, load: f64) -> Option<Level> {
        self.since_down_seconds = self.since_down_seconds.saturating_add(1);
        self.calm_seconds = if load < LOW { self.calm_seconds + 1 } else { 0 };
        let next = if load > HIGH {
            self.stage.step(1)
        } else if self.calm_seconds >= self.calm_needed {
            self.stage.step(-1)
        } else {
            self.stage
        };
        if next == self.stage {
            return None;
        }
        if next > self.stage {
            let is_relapse = self.since_down_seconds <= RELAPSE_SECONDS;
            self.calm_needed =
                if is_relapse { (self.calm_needed * 2).min(CALM_SECONDS_MAX) } else { CALM_SECONDS };
        } else {
            self.since_down_seconds = 0;
        }
        self.calm_seconds = 0;
        self.stage = next;
        Some(next)
    }

    /// Where the server stands.
    pub fn stage(&self) -> Level {
        self.stage
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: u16 = 20;

    /// Runs `seconds` of ticks that take `ms` each; the stages entered.
    fn run(load_shedder: &mut LoadShedder, seconds: u32, ms: u64) -> Vec<u8> {
        let ticks = 0..seconds * u32::from(RATE);
        ticks.filter_map(|_| load_shedder.tick(Duration::from_millis(ms))).map(Level::number).collect()
    }

    #[test]
    fn up_a_stage_a_second_and_down_after_calm() {
        let mut load_shedder = LoadShedder::new(RATE);
        assert_eq!(run(&mut load_shedder, 60, 5), [0; 0]);
        assert_eq!(run(&mut load_shedder, 10, 40), [1, 2, 3, 4]);
        assert_eq!(run(&mut load_shedder, 4, 5), [0; 0]);
        assert_eq!(run(&mut load_shedder, 60, 5), [3, 2, 1, 0]);
    }

    #[test]
    fn between_the_bounds_nothing_changes() {
        let mut load_shedder = LoadShedder::new(RATE);
        assert_eq!(run(&mut load_shedder, 2, 40), [1, 2]);
        assert_eq!(run(&mut load_shedder, 100, 24), [0; 0]);
        assert_eq!(load_shedder.stage(), Level::NarrowView);
    }

    #[test]
    fn a_single_slow_tick_is_not_overload() {
        let mut load_shedder = LoadShedder::new(RATE);
        for _ in 0..100 {
            assert_eq!(load_shedder.tick(Duration::from_millis(150)), None);
            assert_eq!(run(&mut load_shedder, 1, 10), [0; 0]);
        }
    }

    #[test]
    fn a_load_that_comes_back_at_once_keeps_the_stage_for_longer() {
        let mut load_shedder = LoadShedder::new(RATE);
        let mut changes = 0;
        for _ in 0..300 {
            // Light while something is given up, too heavy when nothing is.
            let ms = if load_shedder.stage() == Level::Normal { 40 } else { 10 };
            changes += run(&mut load_shedder, 1, ms).len();
        }
        assert!(changes <= 14, "{changes} changes in five minutes");
    }

    #[test]
    fn each_stage_has_what_the_ones_before_have() {
        for pair in Level::ALL.windows(2) {
            let (a, b) = (pair[0].detail(), pair[1].detail());
            assert!(b.near <= a.near && b.reach <= a.reach);
            assert!(pair[1].drones(100) <= pair[0].drones(100));
        }
        assert!(Level::FewDrones.admits() && !Level::NoNewPlayers.admits());
    }
}
