//! Load shedding: what the server gives up, and in which order, when its ticks take too long or come too late; and how it
//! recovers. It computes a level from the ticks' durations and lateness, reads no clock, and does not know what a level changes.
//!
//! One level up a second while ticks take more than [`HIGH`] of their period, or more than [`LATE_HIGH`] of them are late: then
//! the machine gives the server too little time, however short its own work is. One level down only after ticks have taken less
//! than [`LOW`] of their period, and hardly any was late, for [`CALM_SECONDS`], doubled each time the load was back at once: what
//! a level saves must not be mistaken for load that is gone.

use std::time::Duration;

/// Part of the tick period above which a second counts as overload. The rest is for the sockets.
pub const HIGH: f64 = 0.6;
/// Part of the tick period below which a second counts as calm.
pub const LOW: f64 = 0.35;
/// Part of a second's ticks that are late or skipped above which it counts as overload.
pub const LATE_HIGH: f64 = 0.4;
/// The same below which it counts as calm.
pub const LATE_LOW: f64 = 0.1;
/// Calm seconds in a row before a level is left.
pub const CALM_SECONDS: u32 = 5;
/// Most calm seconds that relapses lead to.
const CALM_SECONDS_MAX: u32 = 80;
/// A level that is entered again within this time was left too soon.
const RELAPSE_SECONDS: u32 = 30;

/// How much the server gives up. Each level includes the ones before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Nothing.
    #[default]
    Normal,
    /// The outer part of each view is sent at the reduced rate.
    ReducedRate,
    /// Views are smaller.
    SmallerViews,
    /// The game does without what no player needs.
    ReducedGame,
    /// New clients are turned away.
    Closed,
}

impl Level {
    /// All, in order.
    pub const ALL: [Self; 5] =
        [Self::Normal, Self::ReducedRate, Self::SmallerViews, Self::ReducedGame, Self::Closed];

    /// From 0 for [`Self::Normal`] to 4, as in `/metrics`.
    pub fn number(self) -> u8 {
        self as u8
    }

    /// The part of each view, from 0 to 1, that is sent at the full rate.
    pub fn full_rate_share(self) -> f32 {
        if self >= Self::ReducedRate { 0.5 } else { 1.0 }
    }

    /// The size of views, as a part of their full size.
    pub fn view_scale(self) -> f32 {
        if self >= Self::SmallerViews { 0.7 } else { 1.0 }
    }

    /// Whether new clients are admitted.
    pub fn admits(self) -> bool {
        self < Self::Closed
    }

    fn step(self, by: isize) -> Self {
        let index = (self as usize).saturating_add_signed(by);
        Self::ALL[index.min(Self::ALL.len() - 1)]
    }
}

/// Watches how long ticks take, and sets the level.
#[derive(Clone, Debug)]
pub struct LoadShedder {
    tick_rate: u32,
    level: Level,
    ticks: u32,
    late: u32,
    work: Duration,
    calm_seconds: u32,
    calm_needed: u32,
    since_down_seconds: u32,
}

impl LoadShedder {
    /// At [`Level::Normal`].
    pub fn new(tick_rate: u16) -> Self {
        Self {
            tick_rate: u32::from(tick_rate),
            level: Level::Normal,
            ticks: 0,
            late: 0,
            work: Duration::ZERO,
            calm_seconds: 0,
            calm_needed: CALM_SECONDS,
            since_down_seconds: u32::MAX,
        }
    }

    /// Notes how long a tick took, and whether it or its frames came late. Returns the new level if this changes it.
    pub fn on_tick(&mut self, work: Duration, is_late: bool) -> Option<Level> {
        self.work += work;
        self.late += u32::from(is_late);
        self.ticks += 1;
        if self.ticks < self.tick_rate {
            return None;
        }
        // About as many ticks as a second has, so seconds of work are the part of the period.
        let ticks = f64::from(self.ticks);
        let load = self.work.as_secs_f64() * f64::from(self.tick_rate) / ticks;
        let late = f64::from(self.late) / ticks;
        self.begin_second();
        self.second(load, late)
    }

    /// Notes skipped ticks, which count as late ones. A second or more is no overload: the process was paused.
    pub fn on_skip(&mut self, ticks: u32) {
        if ticks >= self.tick_rate {
            self.begin_second();
        } else {
            self.ticks += ticks;
            self.late += ticks;
        }
    }

    fn begin_second(&mut self) {
        (self.ticks, self.late, self.work) = (0, 0, Duration::ZERO);
    }

    fn second(&mut self, load: f64, late: f64) -> Option<Level> {
        self.since_down_seconds = self.since_down_seconds.saturating_add(1);
        self.calm_seconds = if load < LOW && late < LATE_LOW { self.calm_seconds + 1 } else { 0 };
        let next = if load > HIGH || late > LATE_HIGH {
            self.level.step(1)
        } else if self.calm_seconds >= self.calm_needed {
            self.level.step(-1)
        } else {
            self.level
        };
        if next == self.level {
            return None;
        }
        if next > self.level {
            if self.since_down_seconds <= RELAPSE_SECONDS {
                self.calm_needed = (self.calm_needed * 2).min(CALM_SECONDS_MAX);
                // Further steps up belong to the same relapse.
                self.since_down_seconds = u32::MAX;
            } else if self.level == Level::Normal {
                self.calm_needed = CALM_SECONDS;
            }
        } else {
            self.since_down_seconds = 0;
        }
        self.calm_seconds = 0;
        self.level = next;
        Some(next)
    }

    /// The current level.
    pub fn level(&self) -> Level {
        self.level
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: u16 = 20;

    /// Runs `seconds` of ticks that take `ms` each; the levels entered.
    fn run(load_shedder: &mut LoadShedder, seconds: u32, ms: u64) -> Vec<u8> {
        let ticks = 0..seconds * u32::from(RATE);
        ticks
            .filter_map(|_| load_shedder.on_tick(Duration::from_millis(ms), false))
            .map(Level::number)
            .collect()
    }

    #[test]
    fn level_rises_each_second_and_falls_after_calm() {
        let mut load_shedder = LoadShedder::new(RATE);
        assert_eq!(run(&mut load_shedder, 60, 5), [0; 0]);
        assert_eq!(run(&mut load_shedder, 10, 40), [1, 2, 3, 4]);
        assert_eq!(run(&mut load_shedder, 4, 5), [0; 0]);
        assert_eq!(run(&mut load_shedder, 60, 5), [3, 2, 1, 0]);
    }

    #[test]
    fn load_between_the_bounds_changes_nothing() {
        let mut load_shedder = LoadShedder::new(RATE);
        assert_eq!(run(&mut load_shedder, 2, 40), [1, 2]);
        assert_eq!(run(&mut load_shedder, 100, 24), [0; 0]);
        assert_eq!(load_shedder.level(), Level::SmallerViews);
    }

    #[test]
    fn single_slow_tick_is_not_overload() {
        let mut load_shedder = LoadShedder::new(RATE);
        for _ in 0..100 {
            assert_eq!(load_shedder.on_tick(Duration::from_millis(150), false), None);
            assert_eq!(run(&mut load_shedder, 1, 10), [0; 0]);
        }
    }

    #[test]
    fn ticks_that_come_late_are_overload_however_short_they_are() {
        let mut load_shedder = LoadShedder::new(RATE);
        let mut run = |seconds: u32, is_late: fn(u32) -> bool, skipped: u32| -> Vec<u8> {
            let ticks = 0..seconds * u32::from(RATE);
            ticks
                .filter_map(|tick| {
                    load_shedder.on_skip(skipped);
                    load_shedder.on_tick(Duration::from_millis(1), is_late(tick))
                })
                .map(Level::number)
                .collect()
        };
        assert_eq!(run(60, |tick| tick % 3 == 0, 0), [0; 0], "a third is late");
        assert_eq!(run(2, |tick| tick % 2 == 0, 0), [1, 2], "half is late");
        assert_eq!(run(1, |_| false, 4), [3, 4], "four of five are skipped");
        assert_eq!(run(60, |tick| tick % 3 == 0, 0), [0; 0], "not calm");
        assert_eq!(run(60, |_| false, 0), [3, 2, 1, 0]);
    }

    #[test]
    fn relapse_through_all_levels_doubles_the_calm_once() {
        let mut load_shedder = LoadShedder::new(RATE);
        for calm_needed in [CALM_SECONDS, 2 * CALM_SECONDS, 4 * CALM_SECONDS] {
            assert_eq!(run(&mut load_shedder, 4, 40), [1, 2, 3, 4]);
            assert_eq!(load_shedder.calm_needed, calm_needed);
            assert_eq!(run(&mut load_shedder, 4 * calm_needed, 5), [3, 2, 1, 0]);
        }
    }

    #[test]
    fn pause_of_the_process_is_no_overload() {
        let mut load_shedder = LoadShedder::new(RATE);
        for _ in 0..100 {
            load_shedder.on_skip(500);
            assert_eq!(run(&mut load_shedder, 1, 5), [0; 0]);
        }
    }

    #[test]
    fn level_is_kept_longer_if_the_load_comes_back_at_once() {
        let mut load_shedder = LoadShedder::new(RATE);
        let mut changes = 0;
        for _ in 0..300 {
            // Light while something is given up, too heavy when nothing is.
            let ms = if load_shedder.level() == Level::Normal { 40 } else { 10 };
            changes += run(&mut load_shedder, 1, ms).len();
        }
        assert!(changes <= 14, "{changes} changes in five minutes");
    }

    #[test]
    fn each_level_includes_the_ones_before_it() {
        for pair in Level::ALL.windows(2) {
            assert!(pair[1].full_rate_share() <= pair[0].full_rate_share());
            assert!(pair[1].view_scale() <= pair[0].view_scale());
            assert!(pair[1].admits() <= pair[0].admits());
        }
        assert_eq!(Level::ALL.map(Level::number), [0, 1, 2, 3, 4]);
        assert!(Level::ReducedGame.admits() && !Level::Closed.admits());
    }
}
