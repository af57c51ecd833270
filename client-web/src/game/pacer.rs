//! When the client's own ticks are due. They run at the server's rate against absolute deadlines, so that a late
//! caller does not slow them down; and they yield a little when inputs pile up at the server, because each that
//! waits there is a tick of delay.

/// Ticks made up for at once; what is late by more is left out.
const CATCH_UP_MAX: u32 = 5;
/// How much longer a tick may last while the queue at the server is drained: unnoticeable.
const STRETCH: f64 = 0.02;
/// For so long no frame must have shown an empty queue before an input is held to be one too many.
const WINDOW_MS: f64 = 2000.0;
/// What is left of the queue, in ticks: draining to nothing would starve the server at the least jitter.
const RESERVE_TICKS: f64 = 0.5;

#[derive(Clone, Debug)]
pub(super) struct Pacer {
    tick_ms: f64,
    next_ms: Option<f64>,
    /// Ticks by which the own beat still is to fall back.
    too_early_ticks: f64,
    window_began_ms: Option<f64>,
    least_queued: u8,
}

/// What is due now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Due {
    pub(super) ticks: u32,
    /// Left out because they are too late.
    pub(super) skipped: u32,
}

impl Pacer {
    pub(super) fn new(tick_ms: f64) -> Self {
        Self { tick_ms, next_ms: None, too_early_ticks: 0.0, window_began_ms: None, least_queued: u8::MAX }
    }

    /// Takes the ticks that are due; each is taken once.
    pub(super) fn take_due(&mut self, now_ms: f64) -> Due {
        let mut next_ms = self.next_ms.unwrap_or(now_ms);
        let mut ticks = 0;
        while next_ms <= now_ms && ticks < CATCH_UP_MAX {
            ticks += 1;
            next_ms += self.interval_ms();
            if self.too_early_ticks > 0.0 {
                self.too_early_ticks = (self.too_early_ticks - STRETCH).max(0.0);
            }
        }
        let mut skipped = 0;
        if next_ms <= now_ms {
            skipped = ((now_ms - next_ms) / self.tick_ms) as u32 + 1;
            next_ms += f64::from(skipped) * self.tick_ms;
        }
        self.next_ms = Some(next_ms);
        Due { ticks, skipped }
    }

    fn interval_ms(&self) -> f64 {
        self.tick_ms * if self.too_early_ticks > 0.0 { 1.0 + STRETCH } else { 1.0 }
    }

    /// When the next tick is due.
    pub(super) fn next_ms(&self) -> Option<f64> {
        self.next_ms
    }

    /// How much of the time from the last tick to the next has passed, 0 to 1.
    pub(super) fn part(&self, now_ms: f64) -> f32 {
        let left_ms = self.next_ms.map_or(self.tick_ms, |next_ms| next_ms - now_ms);
        (1.0 - left_ms / self.tick_ms).clamp(0.0, 1.0) as f32
    }

    /// A frame said how many inputs wait at the server after it took the one for its tick.
    pub(super) fn queued(&mut self, inputs: u8, now_ms: f64) {
        self.least_queued = self.least_queued.min(inputs);
        let began_ms = *self.window_began_ms.get_or_insert(now_ms);
        if now_ms - began_ms >= WINDOW_MS {
            self.too_early_ticks = (f64::from(self.least_queued) - RESERVE_TICKS).max(0.0);
            self.window_began_ms = Some(now_ms);
            self.least_queued = u8::MAX;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TICK_MS: f64 = 25.0;

    #[test]
    fn ticks_keep_the_rate_however_often_the_caller_comes() {
        let mut pacer = Pacer::new(TICK_MS);
        let mut ticks = 0;
        let mut now_ms = 1000.0;
        while now_ms < 11_000.0 {
            ticks += pacer.take_due(now_ms).ticks;
            now_ms += 16.667;
        }
        assert_eq!(ticks, 400);
    }

    #[test]
    fn a_long_pause_is_not_made_up_for() {
        let mut pacer = Pacer::new(TICK_MS);
        assert_eq!(pacer.take_due(0.0), Due { ticks: 1, skipped: 0 });
        let late = pacer.take_due(1000.0);
        assert_eq!(late, Due { ticks: CATCH_UP_MAX, skipped: 35 });
        assert_eq!(pacer.take_due(1000.0).ticks, 0);
        assert_eq!(pacer.take_due(1025.0).ticks, 1);
    }

    #[test]
    fn a_queue_that_never_empties_slows_the_ticks_until_it_does() {
        let mut pacer = Pacer::new(TICK_MS);
        // A server that takes one input a tick and started two behind.
        let (mut made, mut taken) = (2, 0);
        for tick in 0..2000 {
            let now_ms = f64::from(tick) * TICK_MS;
            made += pacer.take_due(now_ms + 12.0).ticks;
            taken += u32::from(taken < made);
            pacer.queued((made - taken) as u8, now_ms + 13.0);
        }
        assert!(made - taken <= 1, "{} still wait", made - taken);
    }

    #[test]
    fn the_part_of_a_tick_runs_from_none_to_all() {
        let mut pacer = Pacer::new(TICK_MS);
        pacer.take_due(100.0);
        assert_eq!((pacer.part(100.0), pacer.part(112.5), pacer.part(500.0)), (0.0, 0.5, 1.0));
    }
}
