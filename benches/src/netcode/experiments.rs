//! One experiment for each question, with one seed: who plays, under which network conditions, and what is counted.

use server::game::arena_file;
use shared::{Vec2, game::arena::Arena};

use super::{
    controllers::{Aimer, KeyTapper, Restless, Tally, Wanderer},
    harness::Harness,
};
use crate::conditioner::{Conditions, Recurring};

/// What a client needs to learn its network: earlier seconds are not counted.
const SETTLING_SECONDS: f64 = 6.0;
const COUNTED_SECONDS: f64 = 20.0;

pub(super) fn delayed(delay_ms: f64, seed: u64) -> Conditions {
    Conditions { delay_ms, seed, ..Conditions::default() }
}

/// The usual bad network: 100 ± 20 ms.
pub(super) fn rough(seed: u64) -> Conditions {
    Conditions { jitter_ms: 20.0, ..delayed(100.0, seed) }
}

/// The same with a stall of 300 ms every ten seconds.
pub(super) fn stalling(seed: u64) -> Conditions {
    Conditions { stall: Some(Recurring { length_ms: 300.0, period_ms: 10_000.0 }), ..rough(seed) }
}

/// The same with a cut of five seconds.
pub(super) fn cut(period_ms: f64, seed: u64) -> Conditions {
    Conditions { cut: Some(Recurring { length_ms: 5_000.0, period_ms }), ..rough(seed) }
}

pub(super) fn drift() -> Arena {
    arena_file::load("drift").expect("the arena is embedded")
}

/// A small arena for two, where shots do no damage.
pub(super) fn shooting_range() -> Arena {
    let mut arena = drift();
    arena.size = Vec2::splat(1400.0);
    arena.rocks.clear();
    arena.rules.embers.supply = 0;
    arena.rules.pickups.max = 0;
    arena.rules.embers.at_spawn = 0;
    arena.rules.shot.damage = 0.0;
    arena
}

/// Keys pressed, and those that the next drawn frame showed.
pub(super) fn keys(delay_ms: f64, seed: u64) -> Tally {
    let mut harness = Harness::new(drift(), 0, seed);
    let (tapper, tally) = KeyTapper::new(seed);
    harness.enter("Ada", delayed(delay_ms, seed), tapper);
    harness.run(COUNTED_SECONDS);
    tally.get()
}

/// What was counted of a player that flies about.
#[derive(Clone, Debug, Default)]
pub(super) struct FlightStats {
    /// By how much each frame of the server moved the own ship against its prediction, in units.
    pub(super) corrections: Vec<f32>,
    pub(super) drawn: u64,
    /// Of those, the ones with other ships extrapolated.
    pub(super) extrapolated: u64,
    pub(super) ticks: u64,
    /// Ticks for which the server had no fresh input.
    pub(super) starved: u64,
}

/// One player alone, or among drones that shoot, gather embers and die.
pub(super) fn flight(conditions: Conditions, drones: u16, seed: u64) -> FlightStats {
    let mut arena = drift();
    if drones == 0 {
        // Emitted embers cannot be predicted.
        arena.rules.embers.supply = 0;
        arena.rules.pickups.max = 0;
    }
    let mut harness = Harness::new(arena, drones, seed);
    harness.enter("Ada", conditions, Restless::new(seed, true));
    harness.run(SETTLING_SECONDS);
    let _ = harness.clients[0].session.drain_prediction_errors().count();
    let before = harness.clients[0].session.stats().clone();
    let (ticks, starved) = harness.ticks_and_starved();
    let mut stats = FlightStats::default();
    for _ in 0..COUNTED_SECONDS as u32 {
        harness.run(1.0);
        stats.corrections.extend(harness.clients[0].session.drain_prediction_errors());
    }
    let after = harness.clients[0].session.stats();
    stats.drawn = after.rendered_frames - before.rendered_frames;
    stats.extrapolated = after.extrapolated_frames - before.extrapolated_frames;
    let (ticks_now, starved_now) = harness.ticks_and_starved();
    (stats.ticks, stats.starved) = (ticks_now - ticks, starved_now - starved);
    stats
}

/// An aimer with this ping, and a wanderer with none: shots and hits.
pub(super) fn shots(delay_ms: f64, seed: u64) -> Tally {
    let arena = shooting_range();
    let (speed, size) = (arena.rules.shot.speed, arena.size);
    let mut harness = Harness::new(arena, 0, seed);
    let (aimer, tally) = Aimer::new(speed);
    harness.enter("Ada", delayed(delay_ms, seed), aimer);
    harness.enter("Bo", delayed(0.0, seed), Wanderer::new(size, seed));
    harness.run(SETTLING_SECONDS);
    let before = tally.get();
    harness.run(COUNTED_SECONDS);
    tally.get().since(before)
}

/// How long after a cut of five seconds a player had its ship back, in milliseconds; none if it was another ship.
pub(super) fn resumed_ms(seed: u64) -> Option<f64> {
    let mut harness = Harness::new(drift(), 0, seed);
    harness.enter("Ada", cut(12_000.0, seed), Restless::new(seed, false));
    harness.run(11.9);
    let ship = |harness: &Harness| {
        let session = &harness.clients[0].session;
        Some((session.player_id()?, session.own_ship()?.embers))
    };
    let before = ship(&harness)?;
    harness.run(7.0);
    let client = &harness.clients[0];
    let (ends_ms, first_ms) = client.resumed?;
    let after = ship(&harness)?;
    // It may have gathered or burnt some embers in the second since; a new ship has only those of the start.
    let is_same = before.0 == after.0 && client.session.welcome()?.is_resumed;
    let has_embers = after.1 + 4 >= before.1;
    first_ms.filter(|_| is_same && has_embers).map(|first_ms| first_ms - ends_ms)
}

/// What was counted of a hidden page.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct HiddenStats {
    pub(super) disconnects: u32,
    pub(super) bytes_per_second: f64,
    /// Frames with a full view in the second after the return.
    pub(super) full_views: u32,
    pub(super) is_back: bool,
}

/// Hides a page for `minutes`, among drones.
pub(super) fn hidden(minutes: f64, seed: u64) -> HiddenStats {
    let mut harness = Harness::new(drift(), 24, seed);
    harness.enter("Ada", rough(seed), Restless::new(seed, false));
    harness.run(10.0);
    let has_ship = |harness: &Harness| harness.clients[0].session.own_ship().is_some();
    let (had_ship, bytes) = (has_ship(&harness), harness.clients[0].bytes);
    harness.hide(true);
    harness.run(minutes * 60.0);
    let bytes = harness.clients[0].bytes - bytes;
    let full_views = harness.clients[0].session.stats().full_views;
    harness.hide(false);
    harness.run(1.0);
    let client = &harness.clients[0];
    HiddenStats {
        disconnects: client.connections - 1 + client.closed.len() as u32,
        bytes_per_second: bytes as f64 / (minutes * 60.0),
        full_views: (client.session.stats().full_views - full_views) as u32,
        // A player that had just been shot waits for its next ship.
        is_back: !had_ship || has_ship(&harness),
    }
}
