//! Applies each pilot's input for the tick: motion, boost, fire, regeneration.

use shared::{engine::body::Motion, game::shot::ShotId};

use super::{
    TimedInput,
    pilot::{Life, NewShot, Shot},
    world::{Step, World},
};

/// Takes one input of every pilot and moves its ship. What it fires goes into `new_shots`.
pub(super) fn move_ships(step: &mut Step<'_>) {
    let Step { world, events, new_shots, ships, terrain, timing } = step;
    let rules = &terrain.arena().rules;
    new_shots.clear();
    // How far a shot flies.
    let range = rules.shot.speed * rules.shot.life;
    let World { tick, pilots, embers, next_shot, .. } = &mut **world;
    for pilot in pilots.iter_mut() {
        // Taken without a ship too, so that the queue drains.
        let (TimedInput { mut input, rewind, .. }, is_fresh) = pilot.inputs.take(*tick, timing.repeat_input);
        let ship = match &mut pilot.state {
            Life::Flying(ship) => ship,
            Life::Waiting { until, wants_ship, .. } => {
                *wants_ship |= *tick >= *until && input.buttons != Default::default();
                continue;
            }
            Life::Idle(_) => continue,
        };
        if pilot.idle_since.is_some() {
            input.buttons = Default::default();
        } else if !is_fresh && pilot.inputs.has_begun() {
            events.starved += 1;
        }
        let hull = rules.hull(ship.flight.embers);
        ship.aim = input.aim;
        let outcome = ship.flight.step(input, terrain, timing);
        ship.boosting = outcome.boosted;
        ship.health = (ship.health + rules.regeneration_per_second * timing.dt).min(hull.health);
        for _ in 0..outcome.burnt {
            // Behind the ship and out of its reach, or it would collect what it has just burnt.
            let Motion { position, velocity } = ship.flight.motion;
            let behind = -velocity.normalize_or(ship.aim.unit());
            embers.drop(position + behind * (ship.flight.reach(rules) + 24.0), 1, terrain, events);
        }
        if outcome.fired {
            ship.shielded_until = *tick;
            ship.last_fight = *tick;
            let place = ship.flight.motion.position;
            if *tick < ship.spared_until && ships.nearest(place, range, |other| other != pilot.id).is_some() {
                ship.spared_until = *tick;
            }
            for (position, direction) in ship.flight.salvo(ship.aim, rules) {
                let cell = terrain.grid().cell_at(position);
                let (id, owner, ticks_left) = (*next_shot, pilot.id, timing.shot_life);
                let shot = Shot { id, owner, position, direction, ticks_left, cell };
                new_shots.push(NewShot { shot, rewind });
                *next_shot = ShotId(next_shot.0.wrapping_add(1));
            }
        }
    }
}
