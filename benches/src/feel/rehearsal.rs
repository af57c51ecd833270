//! One rehearsal for each question, for one seed: who comes, behind which link, and what is counted in the end.

use server::game::arena_file;
use shared::{Vec2, game::arena::Arena};

use super::{
    pilots::{Marksman, Restless, Score, Tapper, Wanderer},
    stage::{Stage, StageSettings},
};
use crate::link::{Every, LinkSpec};

/// Ticks a second, as the server has them if nothing else is asked for.
const TICK_RATE: u16 = 30;
/// What a client needs to know its link, in seconds: what is before that is not counted.
const SETTLING_SECONDS: f64 = 6.0;
/// How long is counted, in seconds.
const COUNTED_SECONDS: f64 = 20.0;

/// A link with this ping.
pub(super) fn link(delay_ms: f64, jitter_ms: f64, seed: u64) -> LinkSpec {
    LinkSpec { delay_ms, jitter_ms, seed, ..LinkSpec::default() }
}

pub(super) fn drift() -> Arena {
    arena_file::load("drift").expect("the arena is embedded")
}

fn stage(arena: Arena, drones: u16, seed: u64) -> Stage {
    Stage::new(StageSettings { arena, tick_rate: TICK_RATE, drones, seed })
}

/// Keys pressed, and those that the next picture did not answer.
pub(super) fn answers(delay_ms: f64, seed: u64) -> (u32, u32) {
    let mut stage = stage(drift(), 0, seed);
    let (tapper, answers) = Tapper::new(seed);
    stage.enter("Ada", link(delay_ms, 0.0, seed), tapper);
    stage.run(COUNTED_SECONDS);
    let answers = *answers.borrow();
    (answers.keys, answers.unanswered)
}

/// What a rehearsal of flight came to.
#[derive(Clone, Debug, Default)]
pub(super) struct ShotStep {
    /// Distance by which each frame moved the own ship against its prediction, in units.
    pub(super) errors: Vec<f32>,
    pub(super) pictures: u64,
    pub(super) extrapolated: u64,
    pub(super) ticks: u64,
    pub(super) starved: u64,
}

/// One player alone, or among drones that shoot, gather and fall.
pub(super) fn flown(link: LinkSpec, drones: u16, seed: u64) -> ShotStep {
    let mut arena = drift();
    if drones == 0 {
        // What wells up is nothing that one could foresee.
        arena.rules.embers.supply = 0;
        arena.rules.pickups.max = 0;
    }
    let mut stage = stage(arena, drones, seed);
    stage.enter("Ada", link, Restless::new(seed, true));
    stage.run(SETTLING_SECONDS);
    let _ = stage.actors[0].session.drain_prediction_errors().count();
    let before = stage.actors[0].session.stats().clone();
    let (ticks, starved) = (stage.telemetry().ticks_total.get(), stage.telemetry().inputs_missed_total.get());
    let mut flown = ShotStep::default();
    for _ in 0..COUNTED_SECONDS as u32 {
        stage.run(1.0);
        flown.errors.extend(stage.actors[0].session.drain_prediction_errors());
    }
    let after = stage.actors[0].session.stats();
    flown.pictures = after.rendered_frames - before.rendered_frames;
    flown.extrapolated = after.extrapolated_frames - before.extrapolated_frames;
    flown.ticks = stage.telemetry().ticks_total.get() - ticks;
    flown.starved = stage.telemetry().inputs_missed_total.get() - starved;
    flown
}

/// The link of the figures: 100 ms, give or take 20.
pub(super) fn rough(seed: u64) -> LinkSpec {
    link(100.0, 20.0, seed)
}

/// The same with a stall of 300 ms every ten seconds.
pub(super) fn stalling(seed: u64) -> LinkSpec {
    LinkSpec { stall: Some(Every { lasts_ms: 300.0, period_ms: 10_000.0 }), ..rough(seed) }
}

/// A small field for two, where shots do no harm.
pub(super) fn range() -> Arena {
    let mut arena = drift();
    arena.size = Vec2::splat(1400.0);
    arena.rocks.clear();
    arena.rules.embers.supply = 0;
    arena.rules.pickups.max = 0;
    arena.rules.embers.at_spawn = 0;
    arena.rules.shot.damage = 0.0;
    arena
}

/// A marksman behind a link of this ping, and one who wanders behind none: shots and hits.
pub(super) fn shots(delay_ms: f64, seed: u64) -> Score {
    let arena = range();
    let (speed, size) = (arena.rules.shot.speed, arena.size);
    let mut stage = stage(arena, 0, seed);
    let (marksman, score) = Marksman::new(speed);
    stage.enter("Ada", link(delay_ms, 0.0, seed), marksman);
    stage.enter("Bo", link(0.0, 0.0, seed), Wanderer::new(size, seed));
    stage.run(SETTLING_SECONDS);
    let before = *score.borrow();
    stage.run(COUNTED_SECONDS);
    let after = *score.borrow();
    Score { shots: after.shots - before.shots, hits: after.hits - before.hits }
}

/// How long after a cut of five seconds a player had its ship back, in milliseconds; `None` if it was another ship.
pub(super) fn resumed_ms(seed: u64) -> Option<f64> {
    let mut stage = stage(drift(), 0, seed);
    let cut = Some(Every { lasts_ms: 5000.0, period_ms: 12_000.0 });
    stage.enter("Ada", LinkSpec { cut, ..rough(seed) }, Restless::new(seed, false));
    stage.run(11.9);
    let whose = |stage: &Stage| {
        let session = &stage.actors[0].session;
        Some((session.player_id()?, session.own_ship()?.embers))
    };
    let before = whose(&stage)?;
    stage.run(7.0);
    let (ends_ms, first_ms) = stage.actors[0].came_back?;
    let after = whose(&stage)?;
    // It may have gathered or burnt some in the second since, but a new ship would begin at the start.
    let is_same = before.0 == after.0 && stage.actors[0].session.welcome()?.is_resumed;
    let has_embers = after.1 + 4 >= before.1;
    first_ms.filter(|_| is_same && has_embers).map(|first_ms| first_ms - ends_ms)
}

/// What ten minutes of a hidden page came to.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Hidden {
    /// Connections that ended.
    pub(super) disconnects: u32,
    /// Bytes a second meanwhile.
    pub(super) bytes_per_second: f64,
    /// Frames with a full view in the second after it.
    pub(super) full_views: u32,
    /// Whether the ship was back then, with what it had.
    pub(super) is_back: bool,
}

/// A page that is hidden for so long, among drones.
pub(super) fn hidden(minutes: f64, seed: u64) -> Hidden {
    let mut stage = stage(drift(), 24, seed);
    stage.enter("Ada", rough(seed), Restless::new(seed, false));
    stage.run(10.0);
    let own = |stage: &Stage| stage.actors[0].session.own_ship().map(|ship| ship.embers);
    let (before, now_ms, bytes) = (own(&stage), stage.now_ms(), stage.actors[0].bytes);
    stage.actors[0].hide(true, now_ms);
    stage.run(minutes * 60.0);
    let bytes = stage.actors[0].bytes - bytes;
    let (now_ms, full) = (stage.now_ms(), stage.actors[0].session.stats().full_views);
    stage.actors[0].hide(false, now_ms);
    stage.run(1.0);
    let actor = &stage.actors[0];
    Hidden {
        disconnects: actor.connections - 1 + actor.closed.len() as u32,
        bytes_per_second: bytes as f64 / (minutes * 60.0),
        full_views: (actor.session.stats().full_views - full) as u32,
        // Who was in a fight when it hid may have lost it, and then waits for the next ship.
        is_back: before.is_none_or(|_| own(&stage).is_some()),
    }
}
