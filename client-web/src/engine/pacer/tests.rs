//! The pacer against a server that takes one input a tick, over a way that takes its time.

use super::*;

const TICK_MS: f64 = 25.0;

/// A link, the server's clock and what it has had.
struct Rehearsal {
    pacer: Pacer,
    now_ms: f64,
    /// Inputs under way: when they are there, and for which tick.
    under_way: Vec<(f64, u32)>,
    frames: Vec<(f64, Tick, i8)>,
    newest: Option<u32>,
    server: u32,
    late: u32,
}

impl Rehearsal {
    fn new() -> Self {
        Self {
            pacer: Pacer::new(TICK_MS),
            now_ms: 0.0,
            under_way: Vec::new(),
            frames: vec![(0.0, Tick(1000), LEAD_NONE)],
            newest: None,
            server: 1000,
            late: 0,
        }
    }

    /// Lets a time pass in steps of a millisecond. `way_ms` is how long something takes that is sent now.
    fn run(&mut self, ms: u32, way_ms: impl Fn(f64) -> f64) {
        for _ in 0..ms {
            self.now_ms += 1.0;
            let now_ms = self.now_ms;
            let waited: Vec<_> = self.frames.extract_if(.., |(at, ..)| *at <= now_ms).collect();
            waited.into_iter().for_each(|(_, tick, lead)| self.pacer.frame(tick, lead, now_ms));
            let due = self.pacer.take_due(now_ms);
            for tick in due.first.0..due.first.0 + due.ticks {
                // In order, whatever happens.
                let at = self.under_way.last().map_or(0.0, |(at, _)| *at);
                self.under_way.push((at.max(now_ms + way_ms(now_ms)), tick));
            }
            if self.now_ms.rem_euclid(TICK_MS) == 0.0 {
                self.server += 1;
                let there =
                    self.under_way.extract_if(.., |(at, _)| *at <= now_ms).map(|(_, tick)| tick).max();
                self.newest = self.newest.max(there);
                let lead = self.newest.map_or(LEAD_NONE, |newest| (newest as i32 - self.server as i32) as i8);
                self.late += u32::from(lead < 0);
                let at = self.frames.last().map_or(0.0, |(at, ..)| *at);
                self.frames.push((at.max(now_ms + way_ms(now_ms)), Tick(self.server), lead));
            }
        }
    }

    fn late_in(&mut self, ms: u32, way_ms: impl Fn(f64) -> f64) -> u32 {
        self.late = 0;
        self.run(ms, way_ms);
        self.late
    }

    /// How long an input waits at the server, in ticks.
    fn waits(&self) -> i32 {
        self.newest.map_or(0, |newest| newest as i32 - self.server as i32)
    }
}

/// Numbers from −1 to 1 that depend on the time alone.
fn noise(ms: f64) -> f64 {
    let hash = (ms as u64).wrapping_mul(6_364_136_223_846_793_005) >> 40;
    hash as f64 / f64::from(1 << 23) - 1.0
}

#[test]
fn on_an_even_link_inputs_are_in_time_within_two_round_trips() {
    for way_ms in [0.5, 25.0, 75.0, 150.0] {
        let mut rehearsal = Rehearsal::new();
        rehearsal.run(1000, |_| way_ms);
        assert_eq!(rehearsal.late_in(10_000, |_| way_ms), 0, "{way_ms} ms");
        assert!((0..=1).contains(&rehearsal.waits()), "{way_ms} ms: {}", rehearsal.waits());
    }
}

#[test]
fn the_target_follows_jitter_up_and_down() {
    let mut rehearsal = Rehearsal::new();
    rehearsal.run(3000, |_| 50.0);
    let rough = |ms: f64| 50.0 + 20.0 * noise(ms);
    rehearsal.run(5000, rough);
    let late = rehearsal.late_in(60_000, rough);
    assert!(late <= 2400 / 200, "{late} of 2400 were late");
    rehearsal.run(20_000, |_| 50.0);
    assert!(rehearsal.waits() <= 1, "{} still wait", rehearsal.waits());
}

#[test]
fn a_stall_is_not_waited_for_and_not_made_up_for() {
    let mut rehearsal = Rehearsal::new();
    // Three tenths of a second in every ten: what is sent in them comes at their end.
    let stalling = |ms: f64| {
        let into = ms.rem_euclid(10_000.0);
        25.0 + if into < 300.0 { 300.0 - into } else { 0.0 }
    };
    rehearsal.run(60_000, stalling);
    assert!(rehearsal.waits() <= 4, "{} wait", rehearsal.waits());
    // One stall makes twelve ticks late, and hardly anything else does.
    assert!(rehearsal.late_in(60_000, stalling) <= 6 * 14);
}

#[test]
fn a_link_that_becomes_longer_is_noticed_within_a_second() {
    let mut rehearsal = Rehearsal::new();
    rehearsal.run(3000, |_| 20.0);
    rehearsal.run(1200, |_| 120.0);
    assert_eq!(rehearsal.late_in(10_000, |_| 120.0), 0);
    // And one that becomes shorter, too.
    rehearsal.run(3000, |_| 20.0);
    assert!(rehearsal.waits() <= 6, "{} wait", rehearsal.waits());
    rehearsal.run(20_000, |_| 20.0);
    assert!(rehearsal.waits() <= 1, "{} still wait", rehearsal.waits());
}

#[test]
fn the_beat_is_moved_by_a_hair_at_a_time() {
    let mut pacer = Pacer::new(TICK_MS);
    pacer.frame(Tick(100), LEAD_NONE, 0.0);
    pacer.take_due(0.0);
    pacer.shift_ticks = RISE_TICKS;
    let mut before = pacer.next_ms().expect("it runs");
    for _ in 0..20 {
        pacer.take_due(before);
        let next = pacer.next_ms().expect("it runs");
        assert!((next - before) >= TICK_MS * 0.949 && (next - before) <= TICK_MS * 1.051);
        before = next;
    }
    // Half a tick earlier than twenty and one beats from the start.
    assert!((before - (21.0 - RISE_TICKS) * TICK_MS).abs() < 1e-6, "{before}");
}

#[test]
fn after_a_rest_it_goes_on_as_far_ahead_as_before() {
    let mut rehearsal = Rehearsal::new();
    rehearsal.run(3000, |_| 75.0);
    rehearsal.pacer.rest();
    assert_eq!(rehearsal.pacer.take_due(rehearsal.now_ms + 1000.0).ticks, 0);
    rehearsal.run(500, |_| 75.0);
    assert!(rehearsal.late_in(5000, |_| 75.0) <= 1);
}

#[test]
fn a_link_that_is_very_bad_for_a_while_is_got_over() {
    let mut rehearsal = Rehearsal::new();
    rehearsal.run(3000, |_| 20.0);
    rehearsal.run(3000, |_| 500.0);
    rehearsal.run(10_000, |_| 20.0);
    assert!(rehearsal.waits() <= 6, "{} wait", rehearsal.waits());
    assert_eq!(rehearsal.late_in(10_000, |_| 20.0), 0);
}

#[test]
fn a_beat_of_which_nothing_is_heard_is_given_up() {
    let mut pacer = Pacer::new(TICK_MS);
    let mut ran = 0;
    for tick in 0..1000 {
        // None of the inputs ever arrives.
        pacer.frame(Tick(100 + tick), LEAD_NONE, f64::from(tick) * TICK_MS);
        ran += pacer.take_due(f64::from(tick) * TICK_MS).ticks;
        assert!(pacer.tick.since(Tick(100 + tick)) <= AHEAD_AT_FIRST + 1);
    }
    assert!(ran > 950, "{ran}");
}

#[test]
fn a_long_sleep_is_not_made_up_for() {
    let mut pacer = Pacer::new(TICK_MS);
    pacer.frame(Tick(100), LEAD_NONE, 0.0);
    assert_eq!(pacer.take_due(0.0).ticks, 1);
    let night_ms = 8.0 * 3600.0 * 1000.0;
    let due = pacer.take_due(night_ms);
    assert!(due.ticks <= 2, "{}", due.ticks);
    assert_eq!(due.first.0, 103 + (night_ms / TICK_MS) as u32 - due.ticks + 1);
    assert_eq!(pacer.take_due(night_ms).ticks, 0);
}
