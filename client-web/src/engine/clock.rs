//! Server ticks in local milliseconds. Two questions are answered here: what time is it at the server, judged by
//! the frames that came, and how far in the past must others be shown so that the next frame is nearly always there.
//!
//! Frames that come in a heap after a stall say nothing about the link before and after it: so the middle of many is
//! looked at, and the delay covers all but the worst few. What is shown never goes back in time, and never leaps.

use std::collections::VecDeque;

/// Frames whose arrival is remembered: some eight seconds at 30 Hz.
const MEMORY: usize = 256;
/// Frames whose middle is the beat: a second at 30 Hz, so that a stall of a third of it does not move it.
const BEAT_FRAMES: usize = 31;
/// A beat that is this much off is another: one of the machines stood still.
const NEW_BEAT_MS: f64 = 250.0;
/// The part of the frames that the delay covers. A stall of 300 ms every ten seconds is not covered, on purpose: it
/// would cost everyone else's nearness for all the ten.
const COVERED: f64 = 0.96;
/// On top of that, in ticks: for the caller's own beat.
const SPARE_TICKS: f64 = 0.25;
/// Least delay, in ticks: one to have two frames to stand between, and the spare.
pub(crate) const DELAY_TICKS_MIN: f64 = 1.0 + SPARE_TICKS;
/// Most delay.
pub(crate) const DELAY_MS_MAX: f64 = 250.0;
/// How much slower, or faster, time may run while the delay changes. Slower hurts less than a stutter.
const SLOWER: f64 = 0.25;
const FASTER: f64 = 0.04;
/// Weight of a new frame in what is told of jitter.
const JITTER_WEIGHT: f64 = 0.05;

#[derive(Clone, Debug)]
pub(crate) struct ServerClock {
    tick_ms: f64,
    /// Local time minus server time at the arrival of each of the last frames, oldest first.
    offsets_ms: VecDeque<f64>,
    sorted_ms: Vec<f64>,
    /// Local time minus server time at the arrival of an average frame.
    offset_ms: f64,
    delay_ms: f64,
    /// Local time minus the server time that is shown, at `behind_at_ms`, on its way to offset and delay.
    behind_ms: f64,
    behind_at_ms: f64,
    jitter_ms: f64,
}

impl ServerClock {
    pub(crate) fn new(tick_ms: f64) -> Self {
        Self {
            tick_ms,
            offsets_ms: VecDeque::with_capacity(MEMORY),
            sorted_ms: Vec::with_capacity(MEMORY),
            offset_ms: 0.0,
            delay_ms: tick_ms * DELAY_TICKS_MIN,
            behind_ms: 0.0,
            behind_at_ms: 0.0,
            jitter_ms: 0.0,
        }
    }

    /// What came before is of another time: the next frame begins anew.
    pub(crate) fn forget(&mut self) {
        self.offsets_ms.clear();
    }

    /// The frame of server time `server_ms` came at `now_ms`.
    pub(crate) fn observe(&mut self, server_ms: f64, now_ms: f64) {
        let offset_ms = now_ms - server_ms;
        (self.behind_ms, self.behind_at_ms) = (self.behind_at(now_ms), now_ms);
        if self.offsets_ms.len() == MEMORY {
            self.offsets_ms.pop_front();
        }
        self.offsets_ms.push_back(offset_ms);
        let recent = self.offsets_ms.iter().rev().take(BEAT_FRAMES).copied();
        let beat_ms = quantile(&mut self.sorted_ms, recent, 0.5);
        let is_new = self.offsets_ms.len() == 1 || (beat_ms - self.offset_ms).abs() > NEW_BEAT_MS;
        self.offset_ms = beat_ms;
        if is_new {
            self.offsets_ms.clear();
            self.offsets_ms.push_back(offset_ms);
            self.delay_ms = self.tick_ms * DELAY_TICKS_MIN;
            self.behind_ms = self.offset_ms + self.delay_ms;
            return;
        }
        let off_beat_ms = (offset_ms - beat_ms).abs();
        self.jitter_ms += (off_beat_ms - self.jitter_ms) * JITTER_WEIGHT;
        let late_ms = quantile(&mut self.sorted_ms, self.offsets_ms.iter().copied(), COVERED) - beat_ms;
        let floor_ms = (self.tick_ms * DELAY_TICKS_MIN).min(DELAY_MS_MAX);
        self.delay_ms = (self.tick_ms * DELAY_TICKS_MIN + late_ms).clamp(floor_ms, DELAY_MS_MAX);
    }

    /// Local time minus the server time that is shown.
    fn behind_at(&self, now_ms: f64) -> f64 {
        let passed_ms = (now_ms - self.behind_at_ms).max(0.0);
        let left_ms = self.offset_ms + self.delay_ms - self.behind_ms;
        self.behind_ms + left_ms.clamp(-FASTER * passed_ms, SLOWER * passed_ms)
    }

    /// What time it is at the server, less the way of a frame.
    pub(crate) fn present_ms(&self, now_ms: f64) -> f64 {
        now_ms - self.offset_ms
    }

    /// The server time at which others are shown.
    pub(crate) fn shown_ms(&self, now_ms: f64) -> f64 {
        now_ms - self.behind_at(now_ms)
    }

    pub(crate) fn delay_ms(&self) -> f64 {
        self.delay_ms
    }

    pub(crate) fn jitter_ms(&self) -> f64 {
        self.jitter_ms
    }
}

/// The value that this part of all values are not above. There is at least one.
fn quantile(room: &mut Vec<f64>, values: impl Iterator<Item = f64>, part: f64) -> f64 {
    room.clear();
    room.extend(values);
    let rank = ((room.len() - 1) as f64 * part) as usize;
    *room.select_nth_unstable_by(rank, f64::total_cmp).1
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

    /// In thirds of a second every ten: a heap of frames at its end.
    fn stalling(tick: u32) -> f64 {
        let into_ms = f64::from(tick % 300) * TICK_MS;
        if into_ms < 300.0 { 300.0 - into_ms } else { 0.0 }
    }

    #[test]
    fn an_even_beat_needs_the_least_delay() {
        let mut clock = ServerClock::new(TICK_MS);
        run(&mut clock, 100, |_| 20.0);
        assert!((clock.present_ms(9020.0) - 4000.0).abs() < 1e-6);
        assert!((clock.delay_ms() - TICK_MS * DELAY_TICKS_MIN).abs() < 1e-6);
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
    fn a_stall_now_and_then_moves_neither_beat_nor_delay() {
        let mut clock = ServerClock::new(TICK_MS);
        run(&mut clock, 30, |_| 0.0);
        for round in 0..5 {
            run(&mut clock, 330 + round * 300, stalling);
            assert!(clock.delay_ms() < TICK_MS * 2.0, "{}", clock.delay_ms());
            assert!((clock.present_ms(5000.0) - 0.0).abs() < 1.0);
        }
    }

    #[test]
    fn a_pause_starts_a_new_beat_and_so_does_what_was_forgotten() {
        let mut clock = ServerClock::new(TICK_MS);
        run(&mut clock, 0, |_| 0.0);
        clock.forget();
        clock.observe(10_000.0, 25_000.0);
        assert_eq!(clock.present_ms(25_000.0), 10_000.0);
        run(&mut clock, 300, |_| 1000.0);
        assert!((clock.present_ms(6000.0)).abs() < 1e-6);
    }

    proptest! {
        #[test]
        fn the_delay_keeps_its_bounds_and_what_is_shown_never_goes_back(
            late in proptest::collection::vec(0.0_f64..240.0, 1..400),
            rate in 10..=128_u16,
        ) {
            let tick_ms = 1000.0 / f64::from(rate);
            let mut clock = ServerClock::new(tick_ms);
            let (mut came_ms, mut shown_ms) = (0.0_f64, f64::NEG_INFINITY);
            for (tick, late_ms) in late.iter().enumerate() {
                let server_ms = tick as f64 * tick_ms;
                let now_ms = came_ms.max(server_ms + late_ms);
                for part in 1..=4 {
                    let at_ms = came_ms + (now_ms - came_ms) * f64::from(part) / 4.0;
                    if tick > 0 {
                        prop_assert!(clock.shown_ms(at_ms) >= shown_ms - 1e-6);
                        shown_ms = clock.shown_ms(at_ms);
                    }
                }
                came_ms = now_ms;
                clock.observe(server_ms, now_ms);
                prop_assert!(clock.delay_ms() >= (tick_ms * DELAY_TICKS_MIN).min(DELAY_MS_MAX) - 1e-9);
                prop_assert!(clock.delay_ms() <= DELAY_MS_MAX);
            }
        }
    }
}
