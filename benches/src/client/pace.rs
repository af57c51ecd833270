//! When a lite bot's turns are, and for which tick of the server each is: at the server's rate, a little later if
//! inputs queue up there, and for a later tick if they arrive too late. Time is an argument.

use shared::engine::{ids::Tick, limits::LEAD_NONE};

/// Seconds in which no frame may have reported an empty queue before turns are put off.
const WINDOW_SECONDS: u32 = 2;
/// A turn that is late by more ticks is skipped.
const LATE_TICKS_MAX: u64 = 5;
/// The first input is for so many ticks after the first frame's.
const FIRST_LEAD_TICKS: u32 = 1;

#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    tick_us: u64,
    rate: u32,
    frames: u32,
    least_lead: i8,
    /// By how much the next turn is put off.
    delay_us: u64,
    /// The tick that the last turn was for.
    tick: Tick,
    /// What frames report about inputs for earlier ticks is out of date.
    valid_from: Tick,
}

/// The turn after the one that was due at `due_us`, and how many ticks were skipped for it.
pub(super) fn next_turn(due_us: u64, now_us: u64, tick_us: u64) -> (u64, u64) {
    let next_us = due_us + tick_us;
    let late_ticks = now_us.saturating_sub(next_us) / tick_us.max(1);
    let skipped = if late_ticks > LATE_TICKS_MAX { late_ticks } else { 0 };
    (next_us + skipped * tick_us, skipped)
}

impl Pace {
    /// At `rate` ticks a second, above 0, beginning with the first frame.
    pub(super) fn new(rate: u16, first_frame: Tick) -> Self {
        let (rate, tick) = (u32::from(rate), first_frame.after(FIRST_LEAD_TICKS));
        let tick_us = 1_000_000 / u64::from(rate);
        Self { tick_us, rate, frames: 0, least_lead: i8::MAX, delay_us: 0, tick, valid_from: tick }
    }

    /// The tick that the turn at hand is for.
    pub(super) fn next_tick(&mut self) -> Tick {
        self.tick = self.tick.after(1);
        self.tick
    }

    /// A frame reported how many ticks the newest input was early.
    pub(super) fn frame(&mut self, tick: Tick, lead: i8) {
        let newest = i64::from(tick.0) + i64::from(lead);
        if lead == LEAD_NONE || newest < i64::from(self.valid_from.0) {
            return;
        }
        if lead < 0 {
            self.tick = self.tick.after(u32::from(lead.unsigned_abs()));
            self.valid_from = self.tick;
        }
        self.least_lead = self.least_lead.min(lead.max(0));
        self.frames += 1;
        if self.frames >= WINDOW_SECONDS * self.rate {
            // Half a tick of reserve stays: without it the server would starve at the least unevenness.
            let early_us = u64::from(self.least_lead.unsigned_abs()) * self.tick_us;
            self.delay_us = early_us.saturating_sub(self.tick_us / 2);
            (self.frames, self.least_lead) = (0, i8::MAX);
        }
    }

    /// When the turn after the one of `due_us` is.
    pub(super) fn next_turn_us(&mut self, due_us: u64, now_us: u64) -> u64 {
        let due_us = due_us + std::mem::take(&mut self.delay_us);
        let (next_us, skipped) = next_turn(due_us, now_us, self.tick_us);
        self.tick = self.tick.after(u32::try_from(skipped).unwrap_or(u32::MAX));
        next_us
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_are_even_and_very_late_ones_are_skipped() {
        assert_eq!(next_turn(1000, 1010, 50_000), (51_000, 0));
        assert_eq!(next_turn(51_000, 160_000, 50_000), (101_000, 0));
        assert_eq!(next_turn(51_000, 1_051_000, 50_000), (1_051_000, 19));
        let mut pace = Pace::new(20, Tick(100));
        assert_eq!(pace.next_turn_us(51_000, 1_051_000), 1_051_000);
        assert_eq!(pace.next_tick(), Tick(121));
    }

    #[test]
    fn queue_that_never_empties_delays_a_turn() {
        let mut pace = Pace::new(20, Tick(100));
        let mut tick = 101;
        let mut frames = |pace: &mut Pace, leads: &[i8]| {
            for lead in leads {
                tick += 1;
                pace.frame(Tick(tick), *lead);
            }
        };
        frames(&mut pace, &[2; 39]);
        assert_eq!(pace.next_turn_us(0, 0), 50_000);
        frames(&mut pace, &[1]);
        assert_eq!(pace.next_turn_us(0, 0), 75_000);
        assert_eq!(pace.next_turn_us(0, 0), 50_000);
        frames(&mut pace, &[1; 39]);
        frames(&mut pace, &[0]);
        assert_eq!(pace.next_turn_us(0, 0), 50_000);
    }

    #[test]
    fn late_inputs_move_the_tick_once() {
        let mut pace = Pace::new(20, Tick(100));
        pace.frame(Tick(100), LEAD_NONE);
        assert_eq!((pace.next_tick(), pace.next_tick()), (Tick(102), Tick(103)));
        pace.frame(Tick(105), -2);
        assert_eq!(pace.next_tick(), Tick(106));
        pace.frame(Tick(106), -3);
        assert_eq!(pace.next_tick(), Tick(107), "this was about an input from before the correction");
    }
}
