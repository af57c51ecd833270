//! The same game goes on in another arena: its file has changed. Pilots keep their ships and what those carry.

use shared::{
    Vec2,
    engine::body::Motion,
    game::{terrain::Terrain, timing::Timing},
};

use super::{
    Simulation, duel,
    ember_field::EmberField,
    embers,
    events::Events,
    pilot::{Life, Ship},
    ship_grid::ShipGrid,
    spawn, teams,
    world::{Step, World},
};
use crate::{
    engine::{
        input_queue::InputQueue,
        position_history::{PositionHistory, is_inside},
    },
    game::drones::Drones,
};

impl Simulation {
    /// Goes on in another arena, at the same tick, with this number of ships. What lay about and flew about is gone; the new
    /// arena's supply, less what ships carry, is scattered again. If it is played in another way, pilots get new teams. A ship that would be in a wall or outside comes to a place
    /// where ships appear.
    pub fn move_to(&mut self, terrain: Terrain, drones: u16) {
        let timing = Timing::new(self.timing.tick_rate, &terrain.arena().rules);
        let mode = terrain.arena().mode;
        if mode != self.terrain.arena().mode {
            teams::deal(&mut self.world, mode);
        }
        duel::reset(&mut self.world, mode);
        let drones = if mode.has_drones() { drones } else { 0 };
        let World { pilots, shots, embers: field, history, .. } = &mut self.world;
        shots.clear();
        *history = PositionHistory::new(timing.rewind);
        *field = EmberField::new(terrain.grid(), &terrain.arena().rules.embers);
        for pilot in pilots.iter_mut() {
            pilot.inputs = InputQueue::default();
            field.take_aboard(pilot.embers());
            if let Life::Waiting { last_motion, .. } = &mut pilot.state {
                let is_inside = |motion: &Motion| is_inside(motion.position, terrain.arena().size, 0.0);
                // At rest, because rules may allow less than before.
                let at_rest = |motion| Motion { velocity: Vec2::ZERO, ..motion };
                *last_motion = last_motion.filter(is_inside).map(at_rest);
            }
        }
        // Nothing that a drone had in mind is where it was.
        self.drones = Drones::new(drones);
        (self.events, self.ships) = (Events::default(), ShipGrid::default());
        self.new_shots.clear();
        (self.terrain, self.timing) = (terrain, timing);
        self.place_ships();
        embers::scatter(&mut self.world, &self.terrain);
    }

    /// Finds another place for each ship that cannot be where it is.
    fn place_ships(&mut self) {
        let Self { world, events, new_shots, ships, terrain, timing, .. } = self;
        let step = &mut Step { world, events, new_shots, ships, terrain, timing };
        let displaced: Vec<_> = step
            .world
            .in_order()
            .filter_map(|pilot| match &pilot.state {
                Life::Flying(ship) | Life::Idle(ship) => Some((pilot.id, pilot.colour, ship)),
                Life::Waiting { .. } => None,
            })
            .filter(|(.., ship)| !can_stay(ship, step.terrain))
            .map(|(id, colour, _)| (id, colour))
            .collect();
        for (id, colour) in displaced {
            // After each, so that two do not come to the same place.
            step.index_ships();
            let position = spawn::find_place(step, colour, teams::home(step.terrain.arena().mode, colour));
            if let Some(ship) = step.world.pilots.get_mut(id).and_then(|pilot| ship_of(&mut pilot.state)) {
                ship.flight.motion.position = position;
            }
        }
        let Step { world, terrain, timing, .. } = step;
        let rules = &terrain.arena().rules;
        let until = world.tick.after(timing.shield);
        for pilot in world.pilots.iter_mut() {
            let Some(ship) = ship_of(&mut pilot.state) else { continue };
            // Rules may allow less than before, and its player is away for a moment.
            ship.flight.motion.velocity = Vec2::ZERO;
            ship.health = ship.health.min(rules.hull(ship.flight.embers).health);
            ship.shielded_until = ship.shielded_until.max(until);
        }
    }
}

/// Whether a ship is outside of walls. One that only touches a wall is pushed off it by the next step.
fn can_stay(ship: &Ship, terrain: &Terrain) -> bool {
    let radius = terrain.arena().rules.hull(ship.flight.embers).radius;
    terrain.is_free(ship.flight.motion.position, radius / 2.0)
}

/// A pilot's ship, in the arena or not.
fn ship_of(life: &mut Life) -> Option<&mut Ship> {
    match life {
        Life::Flying(ship) | Life::Idle(ship) => Some(ship),
        Life::Waiting { .. } => None,
    }
}
