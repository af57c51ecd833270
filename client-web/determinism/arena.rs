//! Arenas with rocks and blocks anywhere and numbers anywhere within their bounds. It must not know what is flown in them.

use shared::{
    Vec2,
    engine::game_trait::Arena as _,
    game::{
        arena::{Arena, BLOCK_HALF_MIN, Block, Rock},
        mode::Mode,
        rules::{Rules, SHOT_LIFE_SECONDS_MAX},
        terrain::Terrain,
    },
};

use crate::scripted::{self, Random};

const SIDE: f32 = 2048.0;
const ROCKS: usize = 20;
const BLOCKS: usize = 14;

/// A number from `low` to `high`.
pub(crate) fn between(random: &mut Random, low: f32, high: f32) -> f32 {
    low + (high - low) * (random.next() >> 7) as f32 / (1 << 24) as f32
}

/// A place in the arena.
pub(crate) fn place(random: &mut Random) -> Vec2 {
    Vec2::new(between(random, 0.0, SIDE), between(random, 0.0, SIDE))
}

/// The next arena.
#[inline(never)]
pub(crate) fn terrain(random: &mut Random) -> Terrain {
    let rocks: Vec<_> =
        (0..ROCKS).map(|_| Rock { centre: place(random), radius: between(random, 8.0, 160.0) }).collect();
    let arena = Arena {
        name: "Course".to_owned(),
        size: Vec2::splat(SIDE),
        mode: Mode::Free,
        rocks,
        blocks: (0..BLOCKS).map(|_| block(random)).collect(),
        rules: rules(random),
    };
    arena.validate().expect("its numbers are within their bounds");
    Terrain::new(arena)
}

/// One anywhere, or across another, or with a slit between them too narrow for a ship.
fn block(random: &mut Random) -> Block {
    let half = Vec2::new(between(random, BLOCK_HALF_MIN, 180.0), between(random, BLOCK_HALF_MIN, 180.0));
    Block { centre: place(random).clamp(half, Vec2::splat(SIDE) - half), half }
}

fn rules(random: &mut Random) -> Rules {
    let mut rules = scripted::rules();
    rules.drag = between(random, 0.0, 8.0);
    rules.bounce = between(random, 0.0, 1.0);
    for hull in &mut rules.hulls {
        hull.radius = between(random, 4.0, 64.0);
        hull.thrust = between(random, 100.0, 5000.0);
        hull.top_speed = between(random, 100.0, 1000.0);
        hull.reach = between(random, 0.0, 256.0);
        hull.shots = (random.next() % 8 + 1) as u8;
    }
    rules.boost.thrust = between(random, 1.0, 4.0);
    rules.boost.top_speed = between(random, 1.0, 4.0);
    rules.boost.embers_per_second = between(random, 0.0, 50.0);
    rules.shot.speed = between(random, 10.0, 1200.0);
    rules.shot.life = between(random, 0.1, SHOT_LIFE_SECONDS_MAX);
    rules.shot.reload = between(random, 0.05, 1.0);
    rules.shot.spread = between(random, 0.0, 45.0);
    rules
}
