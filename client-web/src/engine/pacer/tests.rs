//! The pacer against a server that consumes one input a tick, over a network with delay.

use super::*;

const TICK_MS: f64 = 25.0;

/// A pacer, and a simulated network and server.
struct Simulation {
    pacer: Pacer,
    now_ms: f64,
    /// Inputs on their way to the server: when they arrive, and their ticks.
    inputs: Vec<(f64, u32)>,
    /// Frames on their way to the client: when they arrive, their ticks, and the lead that they report.
    frames: Vec<(f64, Tick, i8)>,
    /// The tick of the newest input that the server has.
    newest: Option<u32>,
    /// The server's tick.
    server: u32,
    /// Ticks whose input was late.
    late: u32,
}

impl Simulation {
    fn new() -> Self {
        Self {
            pacer: Pacer::new(TICK_MS),
            now_ms: 0.0,
            inputs: Vec::new(),
            frames: vec![(0.0, Tick(1000), LEAD_NONE)],
            newest: None,
            server: 1000,
            late: 0,
        }
    }

    /// Passes time in steps of a millisecond. `delay_ms` is how long a message takes that is sent at that time.
    fn run(&mut self, ms: u32, delay_ms: impl Fn(f64) -> f64) {
        for _ in 0..ms {
            self.now_ms += 1.0;
            let now_ms = self.now_ms;
            let arrived: Vec<_> = self.frames.extract_if(.., |(at, ..)| *at <= now_ms).collect();
            arrived.into_iter().for_each(|(_, tick, lead)| self.pacer.on_frame(tick, lead, now_ms));
            let due = self.pacer.take_due(now_ms);
            for tick in due.first.0..due.first.0 + due.ticks {
                // TCP delivers in order.
                let at = self.inputs.last().map_or(0.0, |(at, _)| *at);
                self.inputs.push((at.max(now_ms + delay_ms(now_ms)), tick));
            }
            if self.now_ms.rem_euclid(TICK_MS) == 0.0 {
                self.server += 1;
                let arrived = self.inputs.extract_if(.., |(at, _)| *at <= now_ms).map(|(_, tick)| tick).max();
                self.newest = self.newest.max(arrived);
                let lead = self.newest.map_or(LEAD_NONE, |newest| (newest as i32 - self.server as i32) as i8);
                self.late += u32::from(lead < 0);
                let at = self.frames.last().map_or(0.0, |(at, ..)| *at);
                self.frames.push((at.max(now_ms + delay_ms(now_ms)), Tick(self.server), lead));
            }
        }
    }

    fn late_in(&mut self, ms: u32, delay_ms: impl Fn(f64) -> f64) -> u32 {
        self.late = 0;
        self.run(ms, delay_ms);
        self.late
    }

    /// How many ticks an input waits at the server.
    fn ticks_early(&self) -> i32 {
        self.newest.map_or(0, |newest| newest as i32 - self.server as i32)
    }
}

/// Numbers from −1 to 1 that depend on the time only.
fn noise(ms: f64) -> f64 {
    let hash = (ms as u64).wrapping_mul(6_364_136_223_846_793_005) >> 40;
    hash as f64 / f64::from(1 << 23) - 1.0
}

#[test]
fn inputs_are_in_time_soon_after_the_start() {
    for delay_ms in [0.5, 25.0, 75.0, 150.0] {
        let mut simulation = Simulation::new();
        simulation.run(1000, |_| delay_ms);
        assert_eq!(simulation.late_in(10_000, |_| delay_ms), 0, "{delay_ms} ms");
        assert!((0..=1).contains(&simulation.ticks_early()), "{delay_ms} ms: {}", simulation.ticks_early());
    }
}

#[test]
fn send_ahead_follows_jitter_up_and_down() {
    let mut simulation = Simulation::new();
    simulation.run(3000, |_| 50.0);
    let rough = |ms: f64| 50.0 + 20.0 * noise(ms);
    simulation.run(5000, rough);
    let late = simulation.late_in(60_000, rough);
    assert!(late <= 2400 / 200, "{late} of 2400 were late");
    simulation.run(20_000, |_| 50.0);
    assert!(simulation.ticks_early() <= 1, "still {} ticks early", simulation.ticks_early());
}

#[test]
fn rare_stalls_do_not_raise_the_send_ahead() {
    let mut simulation = Simulation::new();
    // A stall of 0.3 s every ten seconds: what is sent during it arrives at its end.
    let stalling = |ms: f64| {
        let into = ms.rem_euclid(10_000.0);
        25.0 + if into < 300.0 { 300.0 - into } else { 0.0 }
    };
    simulation.run(60_000, stalling);
    assert!(simulation.ticks_early() <= 4, "{} ticks early", simulation.ticks_early());
    // A stall makes twelve ticks late, and hardly any other is.
    assert!(simulation.late_in(60_000, stalling) <= 6 * 14);
}

#[test]
fn longer_round_trip_is_followed_within_a_second() {
    let mut simulation = Simulation::new();
    simulation.run(3000, |_| 20.0);
    simulation.run(1200, |_| 120.0);
    assert_eq!(simulation.late_in(10_000, |_| 120.0), 0);
    // A shorter one, too.
    simulation.run(3000, |_| 20.0);
    assert!(simulation.ticks_early() <= 6, "{} ticks early", simulation.ticks_early());
    simulation.run(20_000, |_| 20.0);
    assert!(simulation.ticks_early() <= 1, "still {} ticks early", simulation.ticks_early());
}

#[test]
fn small_corrections_change_a_tick_by_five_percent_at_most() {
    let mut pacer = Pacer::new(TICK_MS);
    pacer.on_frame(Tick(100), LEAD_NONE, 0.0);
    pacer.take_due(0.0);
    pacer.shift_ticks = LATE_SHIFT_TICKS;
    let mut before = pacer.next_ms().expect("it has begun");
    for _ in 0..20 {
        pacer.take_due(before);
        let next = pacer.next_ms().expect("it has begun");
        assert!((next - before) >= TICK_MS * 0.949 && (next - before) <= TICK_MS * 1.051);
        before = next;
    }
    // Half a tick earlier than 21 ticks after the start.
    assert!((before - (21.0 - LATE_SHIFT_TICKS) * TICK_MS).abs() < 1e-6, "{before}");
}

#[test]
fn send_ahead_is_kept_across_a_pause() {
    let mut simulation = Simulation::new();
    simulation.run(3000, |_| 75.0);
    simulation.pacer.pause();
    assert_eq!(simulation.pacer.take_due(simulation.now_ms + 1000.0).ticks, 0);
    simulation.run(500, |_| 75.0);
    assert!(simulation.late_in(5000, |_| 75.0) <= 1);
}

#[test]
fn very_bad_network_is_recovered_from() {
    let mut simulation = Simulation::new();
    simulation.run(3000, |_| 20.0);
    simulation.run(3000, |_| 500.0);
    simulation.run(10_000, |_| 20.0);
    assert!(simulation.ticks_early() <= 6, "{} ticks early", simulation.ticks_early());
    assert_eq!(simulation.late_in(10_000, |_| 20.0), 0);
}

#[test]
fn schedule_without_feedback_is_given_up() {
    let mut pacer = Pacer::new(TICK_MS);
    let mut ran = 0;
    for tick in 0..1000 {
        // No input ever arrives.
        pacer.on_frame(Tick(100 + tick), LEAD_NONE, f64::from(tick) * TICK_MS);
        ran += pacer.take_due(f64::from(tick) * TICK_MS).ticks;
        assert!(pacer.tick.since(Tick(100 + tick)) <= INITIAL_SEND_AHEAD + 1);
    }
    assert!(ran > 950, "{ran}");
}

#[test]
fn ticks_of_a_long_sleep_are_skipped() {
    let mut pacer = Pacer::new(TICK_MS);
    pacer.on_frame(Tick(100), LEAD_NONE, 0.0);
    assert_eq!(pacer.take_due(0.0).ticks, 1);
    let night_ms = 8.0 * 3600.0 * 1000.0;
    let due = pacer.take_due(night_ms);
    assert!(due.ticks <= 2, "{}", due.ticks);
    assert_eq!(due.first.0, 103 + (night_ms / TICK_MS) as u32 - due.ticks + 1);
    assert_eq!(pacer.take_due(night_ms).ticks, 0);
}
