//! Where an arena's loop reads the time. On a server it is the machine's; a simulation of a whole server gives a clock of its
//! own, so that one seed has one course.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// A clock, and the time of day. Small, and copied to where it is read: plain functions, so reading it costs no more than a call.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    now: fn() -> Instant,
    time_of_day: fn() -> SystemTime,
}

impl Default for Clock {
    /// The machine's.
    fn default() -> Self {
        Self::new(Instant::now, SystemTime::now)
    }
}

impl Clock {
    /// A clock that reads these. `now` never goes back.
    pub const fn new(now: fn() -> Instant, time_of_day: fn() -> SystemTime) -> Self {
        Self { now, time_of_day }
    }

    /// The present.
    pub fn now(&self) -> Instant {
        (self.now)()
    }

    /// The time of day in milliseconds since 1970, for people: nothing in the game depends on it. 0 before 1970.
    pub fn unix_ms(&self) -> u64 {
        let since_epoch = (self.time_of_day)().duration_since(UNIX_EPOCH).unwrap_or_default();
        u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn machine_s_clock_goes_on_and_knows_the_year() {
        let clock = Clock::default();
        let (before, began) = (Instant::now(), clock.now());
        assert!(before <= began && began <= Instant::now());
        const YEAR_2020_MS: u64 = 1_577_836_800_000;
        assert!(clock.unix_ms() > YEAR_2020_MS);
    }

    #[test]
    fn time_before_1970_is_0() {
        let early = || UNIX_EPOCH.checked_sub(Duration::from_secs(1)).unwrap_or(UNIX_EPOCH);
        assert_eq!(Clock::new(Instant::now, early).unix_ms(), 0);
        let later = || UNIX_EPOCH + Duration::from_millis(1234);
        assert_eq!(Clock::new(Instant::now, later).unix_ms(), 1234);
    }
}
