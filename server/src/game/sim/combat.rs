//! Shots in flight and what they hit, with lag compensation for new ones.

use shared::{
    Vec2,
    engine::{
        ids::{PlayerId, Tick},
        limits::REWIND_PARTS,
    },
    game::{
        collision,
        rules::Hull,
        shot::{self, Hit, ShotStep},
        terrain::Terrain,
    },
};

use super::{
    pilot::{NewShot, Shot},
    world::{Step, View},
};

/// What no ship exceeds.
#[derive(Clone, Copy)]
struct Bounds {
    radius: f32,
    /// In units per second: how far a ship can be from where it was.
    speed: f32,
}

impl Bounds {
    fn new(terrain: &Terrain) -> Self {
        let rules = &terrain.arena().rules;
        let most = |of: fn(&Hull) -> f32| rules.hulls.iter().map(of).fold(0.0, f32::max);
        Self { radius: most(|hull| hull.radius), speed: most(|hull| hull.top_speed) * rules.boost.top_speed }
    }
}

/// A span of time inside one tick.
#[derive(Clone, Copy, Debug)]
struct Interval {
    /// The tick before it.
    after: Tick,
    /// Shares of the time to the next tick, 0 to 1.
    start: f32,
    end: f32,
}

/// What a shot met in an interval.
enum Impact {
    None,
    Ship(PlayerId),
    /// A rock, a block or the arena's wall.
    Obstacle,
}

/// Moves the shots in flight by one tick, while the ships move from where they were to where they are, and applies hits.
pub(super) fn move_shots(step: &mut Step<'_>) {
    let bounds = Bounds::new(step.terrain);
    let interval = Interval { after: Tick(step.world.tick.0 - 1), start: 0.0, end: 1.0 };
    let mut shots = core::mem::take(&mut step.world.shots);
    shots.retain_mut(|shot| {
        match advance(step.view(), bounds, shot, interval, true) {
            Impact::Ship(ship) => {
                shot.cell = step.terrain.grid().cell_at(shot.position);
                apply_hit(step, shot, ship);
                return false;
            }
            Impact::Obstacle => return false,
            Impact::None => {}
        }
        shot.ticks_left -= 1;
        let cell = step.terrain.grid().cell_at(shot.position);
        if shot.ticks_left > 0 && cell != shot.cell {
            shot.cell = cell;
            step.events.shots.push((cell, *shot));
        }
        shot.ticks_left > 0
    });
    step.world.shots = shots;
}

/// Lag compensation: moves each new shot from the moment that its pilot saw to the present, through where the ships were
/// meanwhile. Targets are rewound by at most [`shared::game::timing::Timing::rewind`]; before that a shot meets only
/// obstacles.
pub(super) fn launch_new_shots(step: &mut Step<'_>) {
    const PARTS: u32 = REWIND_PARTS as u32;
    let bounds = Bounds::new(step.terrain);
    let rewind_max = u32::from(step.timing.rewind);
    for index in 0..step.new_shots.len() {
        let NewShot { mut shot, rewind } = step.new_shots[index];
        // A shot that flies to its very end here still has to be sent. It fades with the next tick.
        let life = u32::from(step.timing.shot_life - 1) * PARTS;
        let total = u32::from(rewind.min(step.timing.carry)).min(step.world.tick.0 * PARTS).min(life);
        let mut impact = Impact::None;
        let mut left = total;
        while left > 0 && matches!(impact, Impact::None) {
            // To the end of the tick that the shot is in, or to where targets begin to count.
            let ticks_back = left.div_ceil(PARTS);
            let until = ((ticks_back - 1) * PARTS).max(if left > rewind_max { rewind_max } else { 0 });
            let share = |left: u32| (ticks_back * PARTS - left) as f32 / PARTS as f32;
            let after = Tick(step.world.tick.0 - ticks_back);
            let interval = Interval { after, start: share(left), end: share(until) };
            impact = advance(step.view(), bounds, &mut shot, interval, left <= rewind_max);
            left = until;
        }
        shot.ticks_left = shot.ticks_left.saturating_sub(total.div_ceil(PARTS) as u8).max(1);
        shot.cell = step.terrain.grid().cell_at(shot.position);
        // Viewers see every shot that was fired, even one that has already hit something.
        step.events.shots.push((shot.cell, shot));
        match impact {
            Impact::None => step.world.shots.push(shot),
            Impact::Ship(ship) => apply_hit(step, &shot, ship),
            Impact::Obstacle => {}
        }
    }
}

/// Moves a shot through an interval, past the ships of that time if `has_targets`.
fn advance(view: View<'_>, bounds: Bounds, shot: &mut Shot, interval: Interval, has_targets: bool) -> Impact {
    let View { terrain, timing, .. } = view;
    let tick_way = shot::way(shot.direction, &terrain.arena().rules.shot, timing.dt);
    let flown = shot::fly(shot.position, tick_way * (interval.end - interval.start), terrain);
    let (ShotStep::Flying(to) | ShotStep::Struck(to)) = flown;
    if has_targets && let Some((ship, share)) = first_hit(view, bounds, shot, to, interval) {
        shot.position += (to - shot.position) * share;
        return Impact::Ship(ship);
    }
    shot.position = to;
    if matches!(flown, ShotStep::Flying(_)) { Impact::None } else { Impact::Obstacle }
}

/// The first ship that a shot hits on its way to `to`, and the share of the way until there. Ships move meanwhile. A shot passes
/// its owner and its owner's team mates.
fn first_hit(
    view: View<'_>,
    bounds: Bounds,
    shot: &Shot,
    to: Vec2,
    interval: Interval,
) -> Option<(PlayerId, f32)> {
    let View { world, ships, terrain, timing } = view;
    let Interval { after, start, end } = interval;
    let rules = &terrain.arena().rules;
    let (positions, next_positions) =
        (world.history.positions(after), world.history.positions(after.after(1)));
    // The grid was built a tick ago.
    let grid_age = world.tick.since(after).saturating_sub(1).max(1) as f32 * timing.dt;
    let margin = Vec2::splat(bounds.radius + bounds.speed * grid_age);
    let (from, way) = (shot.position, to - shot.position);
    ships
        .around(from.min(to) - margin, from.max(to) + margin)
        .filter(|(id, _)| *id != shot.owner)
        .filter_map(|(id, _)| {
            let index = usize::from(id.0);
            let (old, new) = (*positions.get(index)?, *next_positions.get(index)?);
            let moves = new - old;
            // Relative to the ship, so that only the shot moves.
            let (from, way) = (from - (old + moves * start), way - moves * (end - start));
            // First against the largest hull: most ships are not near, and need not be looked up.
            collision::enters_circle(from, way, Vec2::ZERO, bounds.radius)?;
            if !world.are_foes(terrain.arena().mode, shot.owner, id) {
                return None;
            }
            let radius = rules.hull(world.pilot(id)?.ship()?.flight.embers).radius;
            Some((collision::enters_circle(from, way, Vec2::ZERO, radius)?, id))
        })
        .min_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(share, id)| (id, share))
}

fn apply_hit(step: &mut Step<'_>, shot: &Shot, ship: PlayerId) {
    step.events.hits.push((shot.cell, Hit { shot: shot.id, ship }));
    let now = step.world.tick;
    let damage = step.terrain.arena().rules.shot.damage;
    let Some(ship) = step.world.ship_mut(ship) else { return };
    // The first player to bring a ship down to zero has killed it.
    if !ship.shielded(now) && ship.health > 0.0 {
        ship.health -= damage;
        ship.hit_by = Some(shot.owner);
        ship.last_fight = now;
    }
}
