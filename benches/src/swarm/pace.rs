//! When a light bot's turns are: at the server's rate, a little later if inputs pile up there. It knows neither
//! clocks nor sockets.

/// Seconds over which no frame must have shown an empty queue before an input is held to be one too many.
const WINDOW_SECONDS: u32 = 2;
/// A turn that is late by more ticks than this is left out.
const LATE_TICKS_MAX: u64 = 5;

/// Of a bot without a welcome, all is zero.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pace {
    tick_us: u64,
    rate: u32,
    frames: u32,
    least_queued: u8,
    /// By how much the next turn is put off.
    yield_us: u64,
}

impl Pace {
    /// At so many ticks a second, more than 0.
    pub(super) fn new(rate: u16) -> Self {
        let rate = u32::from(rate);
        Self { tick_us: 1_000_000 / u64::from(rate), rate, least_queued: u8::MAX, ..Self::default() }
    }

    pub(super) fn tick_us(&self) -> u64 {
        self.tick_us
    }

    /// A frame said how many inputs wait at the server after it took the one for its tick.
    pub(super) fn queued(&mut self, inputs: u8) {
        self.least_queued = self.least_queued.min(inputs);
        self.frames += 1;
        if self.frames >= WINDOW_SECONDS * self.rate {
            // Half a tick of reserve stays: none would starve the server at the least unevenness.
            self.yield_us = (u64::from(self.least_queued) * self.tick_us).saturating_sub(self.tick_us / 2);
            (self.frames, self.least_queued) = (0, u8::MAX);
        }
    }

    /// When the turn after that of `due_us` is.
    pub(super) fn next_us(&mut self, due_us: u64, now_us: u64) -> u64 {
        let next_us = due_us + self.tick_us + std::mem::take(&mut self.yield_us);
        let late_ticks = now_us.saturating_sub(next_us) / self.tick_us.max(1);
        if late_ticks > LATE_TICKS_MAX { next_us + late_ticks * self.tick_us } else { next_us }
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
        (0..39).for_each(|_| pace.queued(2));
        assert_eq!(pace.next_us(0, 0), 50_000);
        pace.queued(1);
        assert_eq!(pace.next_us(0, 0), 75_000);
        assert_eq!(pace.next_us(0, 0), 50_000);
        (0..40).for_each(|frame| pace.queued(u8::from(frame != 7)));
        assert_eq!(pace.next_us(0, 0), 50_000);
    }
}
