//! The only code that moves a ship, on server and client. The server calls it with the inputs that it received; the client
//! calls it with the same inputs before the answer arrives. Ships do not collide with each other, so a ship's motion depends
//! on its own inputs only.

use glam::Vec2;

use crate::{
    engine::{body::Motion, input::PlayerInput},
    game::{collision, rules::Hull, terrain::Terrain},
};

/// The longest distance between two collision checks, in units: less than the width of the smallest rock.
const SUBSTEP: f32 = 12.0;
/// Most collision checks in one step.
const SUBSTEPS_MAX: u32 = 16;
/// Deceleration above the top speed, in units/s².
const BRAKE: f32 = 1200.0;
/// Most pushes out of blocks in one check: two blocks meet in a corner, and each may push the ship into another.
const PUSHES_MAX: u32 = 4;
/// Penetration of a block that counts as rounding, in units.
const TOUCH: f32 = 1.0 / 16.0;

/// Moves a ship through one tick of `dt` seconds.
pub fn step(
    motion: &mut Motion,
    input: PlayerInput,
    hull: &Hull,
    boosting: bool,
    terrain: &Terrain,
    dt: f32,
) {
    let rules = &terrain.arena().rules;
    let (thrust, top_speed) = if boosting {
        (hull.thrust * rules.boost.thrust, hull.top_speed * rules.boost.top_speed)
    } else {
        (hull.thrust, hull.top_speed)
    };

    let before = libm::sqrtf(motion.velocity.length_squared());
    motion.velocity *= 1.0 - (rules.drag * dt).min(1.0);
    motion.velocity += input.thrust() * (thrust * dt);
    // Thrust never raises the speed above the top speed; an excess from boost or a bounce decays gradually.
    let allowed = top_speed.max(before - BRAKE * dt);
    let speed = libm::sqrtf(motion.velocity.length_squared());
    if speed > allowed {
        motion.velocity *= allowed / speed;
    }

    let way = speed.min(allowed) * dt;
    let substeps = ((way / SUBSTEP) as u32 + 1).min(SUBSTEPS_MAX);
    let substep_dt = dt / substeps as f32;
    if !terrain.arena().blocks.is_empty() {
        return go_among_blocks(motion, hull.radius, terrain, substeps, substep_dt);
    }
    for _ in 0..substeps {
        motion.position += motion.velocity * substep_dt;
        glance_off_rocks(motion, hull.radius, terrain);
        glance_off_walls(motion, hull.radius, terrain);
    }
}

/// One step near blocks. A function of its own, so that a ship away from blocks does not pay for them.
#[inline(never)]
fn go_among_blocks(motion: &mut Motion, radius: f32, terrain: &Terrain, substeps: u32, substep_dt: f32) {
    for _ in 0..substeps {
        let before = motion.position;
        motion.position += motion.velocity * substep_dt;
        let straight_on = motion.position;
        glance_off_rocks(motion, radius, terrain);
        glance_off_blocks(motion, radius, terrain);
        glance_off_walls(motion, radius, terrain);
        // If it cannot be pushed out of all blocks, it stays where it was, at rest.
        if motion.position != straight_on
            && deepest(motion.position, radius, terrain).is_some_and(|(_, depth)| depth > TOUCH)
        {
            *motion = Motion { position: before, velocity: Vec2::ZERO };
        }
    }
}

/// Pushes a ship out of rocks and reflects its inward speed, damped.
#[inline(always)]
fn glance_off_rocks(motion: &mut Motion, radius: f32, terrain: &Terrain) {
    let bounce = terrain.arena().rules.bounce;
    for rock in terrain.rocks_near(motion.position) {
        if let Some((normal, depth)) = collision::overlap(motion.position, radius, rock.centre, rock.radius) {
            push(motion, normal, depth, bounce);
        }
    }
}

/// The same for blocks, the deepest penetration first, so that a ship glides over the seam between two.
fn glance_off_blocks(motion: &mut Motion, radius: f32, terrain: &Terrain) {
    let bounce = terrain.arena().rules.bounce;
    for _ in 0..PUSHES_MAX {
        let Some((normal, depth)) = deepest(motion.position, radius, terrain) else { return };
        push(motion, normal, depth, bounce);
    }
}

/// The same for the arena's walls.
#[inline(always)]
fn glance_off_walls(motion: &mut Motion, radius: f32, terrain: &Terrain) {
    let bounce = terrain.arena().rules.bounce;
    let low = Vec2::splat(radius);
    let high = terrain.arena().size - low;
    if motion.position.x < low.x || motion.position.x > high.x {
        let outward = if motion.position.x < low.x { -1.0 } else { 1.0 };
        motion.position.x = motion.position.x.clamp(low.x, high.x);
        if motion.velocity.x * outward > 0.0 {
            motion.velocity.x *= -bounce;
        }
    }
    if motion.position.y < low.y || motion.position.y > high.y {
        let outward = if motion.position.y < low.y { -1.0 } else { 1.0 };
        motion.position.y = motion.position.y.clamp(low.y, high.y);
        if motion.velocity.y * outward > 0.0 {
            motion.velocity.y *= -bounce;
        }
    }
}

/// How to leave the block with the deepest penetration; the first if several are equal.
fn deepest(place: Vec2, radius: f32, terrain: &Terrain) -> Option<(Vec2, f32)> {
    let blocks = terrain.blocks_near(place).iter();
    blocks
        .filter_map(|block| collision::overlap_box(place, radius, block.centre, block.half))
        .reduce(|deepest, next| if next.1 > deepest.1 { next } else { deepest })
}

#[inline]
fn push(motion: &mut Motion, normal: Vec2, depth: f32, bounce: f32) {
    motion.position += normal * depth;
    let inward = motion.velocity.dot(normal);
    if inward < 0.0 {
        motion.velocity -= normal * (inward * (1.0 + bounce));
    }
}
