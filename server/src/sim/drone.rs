//! Drones: pilots that the server flies with the same inputs a player has. They gather, hunt and flee, give way as
//! people join, and are never perfect: they look around only now and then, and they miss.

use rand::RngExt;
use serde::{Deserialize, Serialize};
use shared::{
    Vec2,
    angle::Angle,
    grid::Grid,
    ids::PlayerId,
    input::{Buttons, PlayerInput},
    protocol::PilotKind,
    terrain::Terrain,
    timing::Timing,
};

use super::{
    events::Events,
    grid::ShipGrid,
    pilot::{self, Life, Ship},
    world::World,
};

/// How far a drone looks for other ships, in units.
const SIGHT: f32 = 640.0;
/// From how near it fires.
const RANGE: f32 = 520.0;
/// How far ahead it looks for rocks.
const LOOKAHEAD: f32 = 150.0;
/// A drone with more embers than this squanders them on boost, for others to gather: it is there to be hunted, not
/// to win.
const RICH: u32 = 110;
/// Between two looks around, in seconds: its time of reaction.
const LOOK_SECONDS: f32 = 0.35;

/// What a drone has in mind until it looks around again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Mind {
    intent: Intent,
    /// Turned away from the target by this much: its aim is never perfect.
    aim_error: Angle,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
enum Intent {
    /// Nothing to do but drift.
    #[default]
    Idle,
    /// Fly there.
    Go(Vec2),
    /// Fight this ship.
    Hunt(PlayerId),
    /// Get away from this ship.
    Flee(PlayerId),
}

/// How many drones there are to be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Drones {
    ships_wanted: usize,
}

impl Drones {
    /// Fill up to this many ships, players counted.
    pub(super) fn new(ships_wanted: u16) -> Self {
        Self { ships_wanted: usize::from(ships_wanted) }
    }

    /// One drone a tick comes or goes, until players and drones together are as many as wanted. The poorest goes
    /// first, so that nobody's prey vanishes from before the nose.
    pub(super) fn fill_up(self, world: &mut World, events: &mut Events) {
        let drones = world.in_order().filter(|pilot| pilot.kind == PilotKind::Drone).count();
        let players =
            world.in_order().filter(|pilot| pilot.kind == PilotKind::Player && !pilot.is_out()).count();
        let wanted = self.ships_wanted.saturating_sub(players);
        if drones < wanted {
            world.seat(None, PilotKind::Drone, events);
        } else if drones > wanted {
            let poorest = world
                .in_order()
                .filter(|pilot| pilot.kind == PilotKind::Drone)
                .min_by_key(|pilot| pilot.ship().map_or(0, |ship| ship.flight.embers))
                .and_then(|pilot| world.seats[usize::from(pilot.id.0)]);
            if let Some(key) = poorest {
                world.unseat(key, events);
            }
        }
    }

    /// Every drone decides on its input for this tick.
    pub(super) fn think(self, world: &mut World, ships: &ShipGrid, terrain: &Terrain, timing: &Timing) {
        let look_ticks = (LOOK_SECONDS * f32::from(timing.tick_rate)) as u32;
        for seat in 0..world.seats.len() {
            let Some(key) = world.seats[seat] else { continue };
            let pilot = &world.pilots[key];
            if pilot.kind != PilotKind::Drone {
                continue;
            }
            let Life::Flying(ship) = &pilot.life else { continue };
            let mut mind = pilot.mind;
            // Not all in the same tick.
            if (world.tick.0 + seat as u32).is_multiple_of(look_ticks) {
                mind.intent = look_around(pilot.id, ship, world, ships, terrain);
                let error: f32 = world.rng.random_range(-0.16..0.16);
                mind.aim_error = Angle::from_radians(error);
            }
            let input = act(ship, mind, world, terrain);
            let now = world.tick;
            let pilot = &mut world.pilots[key];
            pilot.mind = mind;
            pilot::steer(pilot, input, now);
        }
    }
}

fn look_around(me: PlayerId, ship: &Ship, world: &World, ships: &ShipGrid, terrain: &Terrain) -> Intent {
    let rules = &terrain.arena().rules;
    let place = ship.flight.motion.position;
    let near = ships.nearest(place, SIGHT, |id| id != me && harmful(id, world));
    if let Some((other, at)) = near {
        let strength = |ship: &Ship| ship.health * f32::from(rules.hull(ship.flight.embers).shots);
        let theirs = world.pilot(other).and_then(|pilot| pilot.ship()).map_or(0.0, strength);
        let mine = strength(ship);
        if mine < theirs * 0.5 && at.distance(place) < SIGHT * 0.6 {
            return Intent::Flee(other);
        }
        // Every drone has its own courage, so that a crowd of them does not act as one.
        let courage = 0.7 + 0.3 * f32::from((me.0 % 4) as u8);
        if mine * courage >= theirs && ship.health > 0.4 * rules.hull(ship.flight.embers).health {
            return Intent::Hunt(other);
        }
    }
    nearest_ember(place, world, terrain.grid())
        .map_or_else(|| Intent::Go(wander(me, world, terrain)), Intent::Go)
}

/// Somebody who can be shot at: in flight and not under a shield.
fn harmful(id: PlayerId, world: &World) -> bool {
    world.pilot(id).and_then(|pilot| pilot.ship()).is_some_and(|ship| !ship.shielded(world.tick))
}

fn nearest_ember(from: Vec2, world: &World, grid: Grid) -> Option<Vec2> {
    const LOOK: f32 = 380.0;
    grid.cells(grid.window(from, Vec2::splat(LOOK)))
        .flat_map(|cell| world.embers.in_cell(cell).iter().map(move |ember| (cell, *ember)))
        .map(|(cell, ember)| (ember.place(cell, grid), ember.value))
        // A big ember is worth a longer way.
        .min_by(|(a, worth_a), (b, worth_b)| {
            let cost = |at: &Vec2, worth: &u8| at.distance(from) - 40.0 * f32::from(*worth).min(5.0);
            cost(a, worth_a).total_cmp(&cost(b, worth_b))
        })
        .map(|(at, _)| at)
}

/// A place somewhere in the arena, another for each drone and every few seconds.
fn wander(me: PlayerId, world: &World, terrain: &Terrain) -> Vec2 {
    let turn = Angle((u32::from(me.0) * 9973 + world.tick.0 / 256 * 7919) as u16).unit();
    terrain.arena().size * (Vec2::splat(0.5) + turn * 0.38)
}

fn act(ship: &Ship, mind: Mind, world: &World, terrain: &Terrain) -> PlayerInput {
    let rules = &terrain.arena().rules;
    let place = ship.flight.motion.position;
    let target = |id| world.pilot(id).and_then(|pilot| pilot.ship());
    let (way, aim, fires, boosts) = match mind.intent {
        Intent::Idle => (Vec2::ZERO, ship.aim.unit(), false, false),
        Intent::Go(there) => (there - place, there - place, false, false),
        Intent::Hunt(id) => match target(id) {
            Some(prey) => {
                let to = prey.flight.motion.position - place;
                // Where it will be when the shot arrives.
                let lead = to + prey.flight.motion.velocity * (to.length() / rules.shot.speed);
                let near = to.length() < RANGE;
                // Closing in, then circling at a distance.
                let way = if to.length() > RANGE * 0.6 { to } else { to.perp() - to * 0.2 };
                (way, lead, near, false)
            }
            None => (Vec2::ZERO, ship.aim.unit(), false, false),
        },
        Intent::Flee(id) => match target(id) {
            Some(hunter) => {
                let to = hunter.flight.motion.position - place;
                (-to, to, to.length() < RANGE, ship.flight.embers > 4)
            }
            None => (Vec2::ZERO, ship.aim.unit(), false, false),
        },
    };
    let wanted = Angle::of(aim).turned(mind.aim_error);
    // The nose follows at a human pace.
    let turn = ship.aim.difference(wanted).clamp(-0.35, 0.35);
    PlayerInput {
        buttons: PlayerInput::towards(around_rocks(place, way, terrain))
            .with(Buttons::FIRE, fires)
            .with(Buttons::BOOST, boosts || ship.flight.embers > RICH),
        aim: ship.aim.turned(Angle::from_radians(turn)),
    }
}

/// `way`, or the least turn from it that does not lead into a rock.
fn around_rocks(place: Vec2, way: Vec2, terrain: &Terrain) -> Vec2 {
    let Some(way) = way.try_normalize() else {
        return Vec2::ZERO;
    };
    const TURNS: [u16; 5] = [0, 8192, 57_344, 16_384, 49_152];
    TURNS
        .into_iter()
        .map(|turn| way.rotate(Angle(turn).unit()))
        .find(|way| terrain.is_free(place + *way * LOOKAHEAD, 30.0))
        .unwrap_or(-way)
}
