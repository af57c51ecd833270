//! The server's time in local milliseconds: what time it is at the server, judged by when frames arrive, and the render
//! time: how far in the past remote bodies must be shown so that the next frame has nearly always arrived.
//!
//! Frames that arrive in a burst after a stall say nothing about the network before and after it. So the offset is a
//! median, and the delay covers all but the worst few percent. Render time never runs backwards and never jumps.

use std::collections::VecDeque;

/// Frames whose arrival is remembered: about eight seconds at 30 Hz.
const MEMORY: usize = 256;
/// Frames whose median is the offset: a second at 30 Hz, so that a stall of a third of it does not move it.
const MEDIAN_FRAMES: usize = 31;
/// An offset that changes by more than this is a new one: one of the machines stood still.
const NEW_OFFSET_MS: f64 = 250.0;
/// The share of frames that the delay covers. A stall of 300 ms every ten seconds is not covered, on purpose: it would
/// cost delay all the time.
const COVERED: f64 = 0.96;
/// Added to the delay, in ticks, because the caller does not draw exactly when a frame arrives.
const SPARE_TICKS: f64 = 0.25;
/// Least delay, in ticks: one, to have two frames to interpolate between, and the spare.
pub(crate) const DELAY_TICKS_MIN: f64 = 1.0 + SPARE_TICKS;
/// Most delay.
pub(crate) const DELAY_MS_MAX: f64 = 250.0;
/// How much slower, or faster, render time may run while the delay changes. Slower is less visible than a stutter.
const SLOWER: f64 = 0.25;
const FASTER: f64 = 0.04;
/// Weight of a new frame in the smoothed jitter.
const JITTER_WEIGHT: f64 = 0.05;

#[derive(Clone, Debug)]
pub(crate) struct ServerClock {
    tick_ms: f64,
    /// Local time minus server time at the arrival of each of the last frames, oldest first.
    offsets_ms: VecDeque<f64>,
    /// Scratch space to find quantiles in.
    scratch_ms: Vec<f64>,
    /// Their median.
    offset_ms: f64,
    /// The interpolation delay to have.
    delay_ms: f64,
    /// Local time minus render time, at `behind_at_ms`, on its way to offset and delay.
    behind_ms: f64,
    behind_at_ms: f64,
    jitter_ms: f64,
}

impl ServerClock {
    pub(crate) fn new(tick_ms: f64) -> Self {
        Self {
            tick_ms,
            offsets_ms: VecDeque::with_capacity(MEMORY),
            scratch_ms: Vec::with_capacity(MEMORY),
            offset_ms: 0.0,
            delay_ms: tick_ms * DELAY_TICKS_MIN,
            behind_ms: 0.0,
            behind_at_ms: 0.0,
            jitter_ms: 0.0,
        }
    }

    /// Starts over with the next frame: frames were skipped, so earlier arrivals say nothing about later ones.
    pub(crate) fn restart(&mut self) {
        self.offsets_ms.clear();
    }

    /// The frame of server time `server_ms` arrived at `now_ms`.
    pub(crate) fn on_frame(&mut self, server_ms: f64, now_ms: f64) {
        let offset_ms = now_ms - server_ms;
        (self.behind_ms, self.behind_at_ms) = (self.behind_at(now_ms), now_ms);
        if self.offsets_ms.len() == MEMORY {
            self.offsets_ms.pop_front();
        }
        self.offsets_ms.push_back(offset_ms);
        let recent = self.offsets_ms.iter().rev().take(MEDIAN_FRAMES).copied();
        let median_ms = quantile(&mut self.scratch_ms, recent, 0.5);
        let is_new = self.offsets_ms.len() == 1 || (median_ms - self.offset_ms).abs() > NEW_OFFSET_MS;
        self.offset_ms = median_ms;
        if is_new {
            self.offsets_ms.clear();
            self.offsets_ms.push_back(offset_ms);
            self.delay_ms = self.tick_ms * DELAY_TICKS_MIN;
            self.behind_ms = self.offset_ms + self.delay_ms;
            return;
        }
        self.jitter_ms += ((offset_ms - median_ms).abs() - self.jitter_ms) * JITTER_WEIGHT;
        let late_ms = quantile(&mut self.scratch_ms, self.offsets_ms.iter().copied(), COVERED) - median_ms;
        let least_ms = (self.tick_ms * DELAY_TICKS_MIN).min(DELAY_MS_MAX);
        self.delay_ms = (self.tick_ms * DELAY_TICKS_MIN + late_ms).clamp(least_ms, DELAY_MS_MAX);
    }

    /// Local time minus render time.
    fn behind_at(&self, now_ms: f64) -> f64 {
        let passed_ms = (now_ms - self.behind_at_ms).max(0.0);
        let left_ms = self.offset_ms + self.delay_ms - self.behind_ms;
        self.behind_ms + left_ms.clamp(-FASTER * passed_ms, SLOWER * passed_ms)
    }

    /// The server's time, minus what a frame takes to arrive.
    pub(crate) fn present_ms(&self, now_ms: f64) -> f64 {
        now_ms - self.offset_ms
    }

    /// The server time at which remote bodies are shown.
    pub(crate) fn render_ms(&self, now_ms: f64) -> f64 {
        now_ms - self.behind_at(now_ms)
    }

    pub(crate) fn delay_ms(&self) -> f64 {
        self.delay_ms
    }

    /// Mean deviation of arrivals from the median offset.
    pub(crate) fn jitter_ms(&self) -> f64 {
        self.jitter_ms
    }
}

/// The value that this share of all values do not exceed. There must be at least one.
fn quantile(scratch: &mut Vec<f64>, values: impl Iterator<Item = f64>, share: f64) -> f64 {
    scratch.clear();
    scratch.extend(values);
    let rank = ((scratch.len() - 1) as f64 * share) as usize;
    *scratch.select_nth_unstable_by(rank, f64::total_cmp).1
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TICK_MS: f64 = 1000.0 / 30.0;

    /// Ten seconds of frames; `late_ms` is by how much each is late.
    fn run(clock: &mut ServerClock, from: u32, late_ms: impl Fn(u32) -> f64) {
        for tick in from..from + 300 {
            let server_ms = f64::from(tick) * TICK_MS;
            clock.on_frame(server_ms, server_ms + 5000.0 + late_ms(tick));
        }
    }

    /// A stall of 0.3 s every ten seconds, with a burst of frames at its end.
    fn stalling(tick: u32) -> f64 {
        let into_ms = f64::from(tick % 300) * TICK_MS;
        if into_ms < 300.0 { 300.0 - into_ms } else { 0.0 }
    }

    #[test]
    fn even_arrivals_need_the_least_delay() {
        let mut clock = ServerClock::new(TICK_MS);
        run(&mut clock, 100, |_| 20.0);
        assert!((clock.present_ms(9020.0) - 4000.0).abs() < 1e-6);
        assert!((clock.delay_ms() - TICK_MS * DELAY_TICKS_MIN).abs() < 1e-6);
        assert!(clock.jitter_ms() < 1e-6);
    }

    #[test]
    fn jitter_raises_the_delay_and_quiet_lowers_it() {
        let mut clock = ServerClock::new(TICK_MS);
        run(&mut clock, 0, |tick| if tick % 5 == 0 { 60.0 } else { 0.0 });
        let raised = clock.delay_ms();
        assert!(raised > TICK_MS + 60.0, "{raised}");
        run(&mut clock, 300, |_| 0.0);
        assert!(clock.delay_ms() < raised - 50.0);
    }

    #[test]
    fn rare_stall_moves_neither_offset_nor_delay() {
        let mut clock = ServerClock::new(TICK_MS);
        run(&mut clock, 30, |_| 0.0);
        for round in 0..5 {
            run(&mut clock, 330 + round * 300, stalling);
            assert!(clock.delay_ms() < TICK_MS * 2.0, "{}", clock.delay_ms());
            assert!((clock.present_ms(5000.0) - 0.0).abs() < 1.0);
        }
    }

    #[test]
    fn large_change_of_the_offset_is_followed_at_once() {
        let mut clock = ServerClock::new(TICK_MS);
        run(&mut clock, 0, |_| 0.0);
        run(&mut clock, 300, |_| 1000.0);
        assert!((clock.present_ms(6000.0)).abs() < 1e-6);
    }

    #[test]
    fn first_frame_after_a_restart_sets_the_offset() {
        let mut clock = ServerClock::new(TICK_MS);
        run(&mut clock, 0, |_| 0.0);
        clock.restart();
        clock.on_frame(10_000.0, 25_000.0);
        assert_eq!(clock.present_ms(25_000.0), 10_000.0);
    }

    proptest! {
        #[test]
        fn delay_is_bounded_and_render_time_never_runs_backwards(
            late in proptest::collection::vec(0.0_f64..240.0, 1..400),
            rate in 10..=128_u16,
        ) {
            let tick_ms = 1000.0 / f64::from(rate);
            let mut clock = ServerClock::new(tick_ms);
            let (mut arrived_ms, mut render_ms) = (0.0_f64, f64::NEG_INFINITY);
            for (tick, late_ms) in late.iter().enumerate() {
                let server_ms = tick as f64 * tick_ms;
                let now_ms = arrived_ms.max(server_ms + late_ms);
                for part in 1..=4 {
                    let at_ms = arrived_ms + (now_ms - arrived_ms) * f64::from(part) / 4.0;
                    if tick > 0 {
                        prop_assert!(clock.render_ms(at_ms) >= render_ms - 1e-6);
                        render_ms = clock.render_ms(at_ms);
                    }
                }
                arrived_ms = now_ms;
                clock.on_frame(server_ms, now_ms);
                prop_assert!(clock.delay_ms() >= (tick_ms * DELAY_TICKS_MIN).min(DELAY_MS_MAX) - 1e-9);
                prop_assert!(clock.delay_ms() <= DELAY_MS_MAX);
            }
        }
    }
}
