//! Server ticks in local milliseconds. Two questions are answered here: what time is it at the server, judged by
//! the frames that came, and how far in the past must others be shown so that the next frame is always there.

/// Weight of a new frame in the smoothed offset: about the last twenty count.
const OFFSET_WEIGHT: f64 = 0.05;
/// A frame that comes this much off the beat starts a new beat: the link or one of the machines stood still.
const NEW_BEAT_MS: f64 = 250.0;
/// Jitter is believed quickly and forgotten slowly: a frame too late is seen, one too early is not.
const JITTER_WEIGHT_UP: f64 = 0.2;
const JITTER_WEIGHT_DOWN: f64 = 0.01;
/// How many mean deviations late a frame may be and still be in time: covers 98 in 100 of normally spread ones.
const JITTER_COVERED: f64 = 2.5;
/// Least delay, in ticks: one to have two frames to stand between, a half for the caller's own beat.
pub(super) const DELAY_TICKS_MIN: f64 = 1.5;
/// Most delay.
pub(super) const DELAY_MS_MAX: f64 = 250.0;
/// How much the delay changes at most from frame to frame, in milliseconds. Time runs visibly faster or slower
/// while it changes, and slower is the one that hurts less than a stutter.
const DELAY_RISE_MS: f64 = 4.0;
const DELAY_FALL_MS: f64 = 0.4;

#[derive(Clone, Debug)]
pub(super) struct ServerClock {
    tick_ms: f64,
    /// Local time minus server time, at the arrival of an average frame.
    offset_ms: f64,
    jitter_ms: f64,
    delay_ms: f64,
    /// Frames since the beat began.
    frames: u32,
}

impl ServerClock {
    pub(super) fn new(tick_ms: f64) -> Self {
        Self { tick_ms, offset_ms: 0.0, jitter_ms: 0.0, delay_ms: tick_ms * DELAY_TICKS_MIN, frames: 0 }
    }

    /// The frame of server time `server_ms` came at `now_ms`.
    pub(super) fn observe(&mut self, server_ms: f64, now_ms: f64) {
        let offset_ms = now_ms - server_ms;
        let off_beat_ms = offset_ms - self.offset_ms;
        if self.frames == 0 || off_beat_ms.abs() > NEW_BEAT_MS {
            self.offset_ms = offset_ms;
            self.frames = 1;
            return;
        }
        self.frames = self.frames.saturating_add(1);
        // The first frames of a beat are all there is to know, so they count for more.
        self.offset_ms += off_beat_ms * OFFSET_WEIGHT.max(1.0 / f64::from(self.frames));
        let more = off_beat_ms.abs() - self.jitter_ms;
        self.jitter_ms += more * if more > 0.0 { JITTER_WEIGHT_UP } else { JITTER_WEIGHT_DOWN };
        let floor = (self.tick_ms * DELAY_TICKS_MIN).min(DELAY_MS_MAX);
        let wanted = (self.tick_ms + self.jitter_ms * JITTER_COVERED).clamp(floor, DELAY_MS_MAX);
        self.delay_ms += (wanted - self.delay_ms).clamp(-DELAY_FALL_MS, DELAY_RISE_MS);
    }

    /// What time it is at the server, less the way of a frame.
    pub(super) fn present_ms(&self, now_ms: f64) -> f64 {
        now_ms - self.offset_ms
    }

    /// The server time at which others are shown.
    pub(super) fn shown_ms(&self, now_ms: f64) -> f64 {
        self.present_ms(now_ms) - self.delay_ms
    }

    pub(super) fn delay_ms(&self) -> f64 {
        self.delay_ms
    }

    pub(super) fn jitter_ms(&self) -> f64 {
        self.jitter_ms
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TICK_MS: f64 = 1000.0 / 30.0;

    fn run(clock: &mut ServerClock, from: u32, late_ms: impl Fn(u32) -> f64) {
        for tick in from..from + 300 {
            let server_ms = f64::from(tick) * TICK_MS;
            clock.observe(server_ms, server_ms + 5000.0 + late_ms(tick));
        }
    }

    #[test]
    fn an_even_beat_needs_the_least_delay() {
        let mut clock = ServerClock::new(TICK_MS);
        run(&mut clock, 100, |_| 20.0);
        assert!((clock.present_ms(9020.0) - 4000.0).abs() < 1e-6);
        assert_eq!(clock.delay_ms(), TICK_MS * DELAY_TICKS_MIN);
    }

    #[test]
    fn jitter_raises_the_delay_and_quiet_lowers_it() {
        let mut clock = ServerClock::new(TICK_MS);
        run(&mut clock, 0, |tick| if tick % 3 == 0 { 60.0 } else { 0.0 });
        let raised = clock.delay_ms();
        assert!(raised > 80.0, "{raised}");
        run(&mut clock, 300, |_| 0.0);
        run(&mut clock, 600, |_| 0.0);
        assert!(clock.delay_ms() < raised - 30.0);
    }

    #[test]
    fn a_pause_starts_a_new_beat_at_once() {
        let mut clock = ServerClock::new(TICK_MS);
        run(&mut clock, 0, |_| 0.0);
        clock.observe(10_000.0, 25_000.0);
        assert_eq!(clock.present_ms(25_000.0), 10_000.0);
    }

    proptest! {
        #[test]
        fn the_delay_keeps_its_bounds(late in proptest::collection::vec(-1e4_f64..1e4, 1..200), rate in 10..=128_u16) {
            let tick_ms = 1000.0 / f64::from(rate);
            let mut clock = ServerClock::new(tick_ms);
            for (tick, late) in late.iter().enumerate() {
                let server_ms = tick as f64 * tick_ms;
                clock.observe(server_ms, server_ms + late);
                prop_assert!(clock.delay_ms() >= tick_ms * DELAY_TICKS_MIN - 1e-9);
                prop_assert!(clock.delay_ms() <= DELAY_MS_MAX);
            }
        }
    }
}
