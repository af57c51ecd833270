//! Drones: pilots that the server flies with the same inputs a player has, so that a quiet arena lives. How many there
//! are, and when each of them looks around. They give way as people join, and they are never perfect: they act on
//! what they saw a while ago, aim beside it, and turn at a human pace.

mod hands;
mod mind;

use rand::RngExt;
use shared::{
    engine::{angle::Angle, ids::PlayerId},
    game::{pilot::PilotKind, terrain::Terrain, timing::Timing},
};

pub(super) use self::mind::Mind;
use super::{
    events::Events,
    grid::ShipGrid,
    pilot::{self, Life},
    world::World,
};

/// What a drone is like. It goes with its number, and so does its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Character {
    /// Wants embers, and fights who comes near.
    Gatherer,
    /// Wants a fight that it can win.
    Hunter,
    /// Wants embers, and to be left alone.
    Coward,
}

impl Character {
    /// Of ten drones five gather, three hunt, and two flee.
    pub(super) fn of(id: PlayerId) -> Self {
        match id.0 % 10 {
            1 | 4 | 8 => Self::Hunter,
            2 | 6 => Self::Coward,
            _ => Self::Gatherer,
        }
    }
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
            world.seat(None, PilotKind::Drone, None, events);
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
        let rules = &terrain.arena().rules.drones;
        let look_ticks = ((rules.reaction_seconds / timing.dt) as u32).max(1);
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
                let intent = mind::look_around(pilot.id, ship, world, ships, terrain, timing);
                let error: f32 = world.rng.random_range(-1.0..=1.0);
                mind.turn_to(intent, Angle::from_radians((error * rules.aim_error).to_radians()), world.tick);
            }
            let input = hands::act(ship, &mind, world.tick, terrain, timing);
            let now = world.tick;
            let pilot = &mut world.pilots[key];
            pilot.mind = mind;
            pilot::steer(pilot, input, now);
        }
    }
}
