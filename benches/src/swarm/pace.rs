//! When a light bot's turns are, and for which tick of the server each is: at the server's rate, a little later if inputs
//! pile up there, and for a later tick if they come too late. It knows neither clocks nor sockets.

use shared::engine::{ids::Tick, input::LEAD_NONE};

/// Seconds over which no frame must have shown an empty queue before an input is held to be one too many.
const WINDOW_SECONDS: u32 = 2;
/// A turn that is late by more ticks than this is left out.
const LATE_TICKS_MAX: u64 = 5;
/// How far ahead of the first frame to begin, in ticks.
const AHEAD_AT_FIRST: u32 = 1;

/// Of a bot without a welcome, all is zero.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pace {
    tick_us: u64,
    rate: u32,
    frames: u32,
    least_lead: i8,
    /// By how much the next turn is put off.
    yield_us: u64,
    /// The tick that the last turn was for; 0 before the first frame.
    tick: Tick,
    /// What is said of turns before this tick is about another beat.
    judged_from: Tick,
}

impl Pace {
    /// At so many ticks a second, more than 0.
    pub(super) fn new(rate: u16) -> Self {
        let rate = u32::from(rate);
        Self { tick_us: 1_000_000 / u64::from(rate), rate, least_lead: i8::MAX, ..Self::default() }
    }

    pub(super) fn tick_us(&self) -> u64 {
        self.tick_us
    }

    /// The tick that the turn at hand is for; 0, for the next there is, before the first frame.
    pub(super) fn next_tick(&mut self) -> Tick {
        if self.tick.0 > 0 {
            self.tick = self.tick.after(1);
        }
        self.tick
    }

    /// A frame said how early the newest input was for its tick.
    pub(super) fn frame(&mut self, tick: Tick, lead: i8) {
        if self.tick.0 == 0 {
            self.tick = tick.after(AHEAD_AT_FIRST);
            self.judged_from = self.tick;
        }
        let newest = i64::from(tick.0) + i64::from(lead);
        if lead == LEAD_NONE || newest < i64::from(self.judged_from.0) {
            return;
        }
        if lead < 0 {
            self.tick = self.tick.after(u32::from(lead.unsigned_abs()));
            self.judged_from = self.tick;
        }
        self.least_lead = self.least_lead.min(lead.max(0));
        self.frames += 1;
        if self.frames >= WINDOW_SECONDS * self.rate {
            // Half a tick of reserve stays: none would starve the server at the least unevenness.
            let early_us = self.least_lead.unsigned_abs() as u64 * self.tick_us;
            self.yield_us = early_us.saturating_sub(self.tick_us / 2);
            (self.frames, self.least_lead) = (0, i8::MAX);
        }
    }

    /// When the turn after that of `due_us` is.
    pub(super) fn next_us(&mut self, due_us: u64, now_us: u64) -> u64 {
        let next_us = due_us + self.tick_us + std::mem::take(&mut self.yield_us);
        let late_ticks = now_us.saturating_sub(next_us) / self.tick_us.max(1);
        if late_ticks <= LATE_TICKS_MAX {
            return next_us;
        }
        if self.tick.0 > 0 {
            self.tick = self.tick.after(u32::try_from(late_ticks).unwrap_or(u32::MAX));
        }
        next_us + late_ticks * self.tick_us
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_are_even_and_late_ones_are_made_up_for() {
        let mut pace = Pace::new(20);
        assert_eq!(pace.next_us(1000, 1010), 51_000);
        assert_eq!(pace.next_us(51_000, 160_000), 101_000);
        assert_eq!(pace.next_us(51_000, 1_051_000), 1_051_000);
    }

    #[test]
    fn a_queue_that_never_empties_puts_a_turn_off() {
        let mut pace = Pace::new(20);
        let mut tick = 100;
        let mut frames = |pace: &mut Pace, leads: &[i8]| {
            for lead in leads {
                tick += 1;
                pace.frame(Tick(tick), *lead);
            }
        };
        frames(&mut pace, &[LEAD_NONE]);
        frames(&mut pace, &[2; 39]);
        assert_eq!(pace.next_us(0, 0), 50_000);
        frames(&mut pace, &[1]);
        assert_eq!(pace.next_us(0, 0), 75_000);
        assert_eq!(pace.next_us(0, 0), 50_000);
        frames(&mut pace, &[1; 39]);
        frames(&mut pace, &[0]);
        assert_eq!(pace.next_us(0, 0), 50_000);
    }

    #[test]
    fn a_turn_is_for_a_tick_that_it_is_in_time_for() {
        let mut pace = Pace::new(20);
        assert_eq!(pace.next_tick(), Tick(0));
        pace.frame(Tick(100), LEAD_NONE);
        assert_eq!((pace.next_tick(), pace.next_tick()), (Tick(102), Tick(103)));
        // Two ticks late, and later heard of again.
        pace.frame(Tick(105), -2);
        assert_eq!(pace.next_tick(), Tick(106));
        pace.frame(Tick(106), -3);
        assert_eq!(pace.next_tick(), Tick(107));
    }
}
