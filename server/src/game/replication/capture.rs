//! Ships as viewers see them: once a tick, the world's floats become whole steps.

use shared::{
    engine::{
        grid::Grid,
        ids::{CellIndex, PlayerId},
        input::Angle,
        limits::CELL_STEPS,
        protocol::{CellPlace, quantize},
    },
    game::{
        protocol::{ShipLook, ShipState, Status},
        terrain::Terrain,
    },
};

use crate::game::sim::{Events, Ship, World};

/// A ship that moved farther than this in one tick, in steps, has not flown there, so it is sent without a velocity. Four
/// times what the fastest boost covers at the lowest tick rate.
const LEAP_STEPS: i32 = 4096;

/// Where each ship was in the frame before, by `PlayerId`, in steps from the arena's corner.
#[derive(Debug, Default)]
pub(super) struct Capture {
    last: Vec<Option<(i32, i32)>>,
}

impl Capture {
    /// Hands `out` every ship in flight, by rising id.
    pub(super) fn ships(
        &mut self,
        world: &World,
        events: &Events,
        terrain: &Terrain,
        mut out: impl FnMut(CellIndex, PlayerId, ShipState),
    ) {
        self.last.resize(world.pilots.places(), None);
        for id in &events.joined {
            // Another player had this id before.
            self.last[usize::from(id.0)] = None;
        }
        for pilot in world.in_order() {
            let last = &mut self.last[usize::from(pilot.id.0)];
            let Some(ship) = pilot.ship() else {
                *last = None;
                continue;
            };
            let place = quantize(ship.flight.motion.position, terrain.grid());
            let velocity = velocity(last, steps_from_corner(place, terrain.grid()));
            out(place.cell, pilot.id, ship_state(ship, place, velocity, world, terrain));
        }
    }
}

/// Steps moved since the frame before, and stores where the ship is now. Zero for a ship that is new or has leapt.
fn velocity(last: &mut Option<(i32, i32)>, now: (i32, i32)) -> (i16, i16) {
    let (vx, vy) = last.map_or((0, 0), |(x, y)| (now.0 - x, now.1 - y));
    *last = Some(now);
    if vx.abs().max(vy.abs()) > LEAP_STEPS { (0, 0) } else { (vx as i16, vy as i16) }
}

fn steps_from_corner(place: CellPlace, grid: Grid) -> (i32, i32) {
    let (column, row) = (place.cell.0 % grid.columns, place.cell.0 / grid.columns);
    (i32::from(column) * CELL_STEPS + i32::from(place.x), i32::from(row) * CELL_STEPS + i32::from(place.y))
}

fn ship_state(
    ship: &Ship,
    place: CellPlace,
    (vx, vy): (i16, i16),
    world: &World,
    terrain: &Terrain,
) -> ShipState {
    let rules = &terrain.arena().rules;
    let tier = rules.tier(ship.flight.embers);
    let share = ship.health / rules.hulls[tier].health;
    ShipState {
        // Below CELL_STEPS, which an i16 holds.
        x: place.x as i16,
        y: place.y as i16,
        vx,
        vy,
        heading: Angle::coarse(ship.aim),
        look: ShipLook {
            status: Status::new(tier, ship.boosting, ship.shielded(world.tick))
                .with_power_ups(ship.flight.power_ups),
            // In sixteenths: regeneration is slow, and no player sees a smaller change of another ship's health.
            health: ((share * 16.0).ceil().clamp(0.0, 16.0) * 16.0) as u8,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        engine::sessions::SessionId,
        game::{
            arena_file,
            sim::{Command, Setup, Simulation},
        },
    };

    fn join(client: u64) -> Command {
        Command::Join { session: SessionId(client), name: None, colour: None }
    }

    fn simulation() -> Simulation {
        let terrain = Terrain::new(arena_file::load("drift").expect("the arena is embedded"));
        Simulation::new(Setup { terrain, tick_rate: 20, drones: 0, seed: 1 })
    }

    fn captured(capture: &mut Capture, sim: &Simulation) -> Vec<(CellIndex, PlayerId, ShipState)> {
        let mut ships = Vec::new();
        capture.ships(sim.world(), sim.events(), sim.terrain(), |cell, id, state| {
            ships.push((cell, id, state));
        });
        ships
    }

    #[test]
    fn velocity_is_the_way_since_the_frame_before() {
        let mut last = None;
        assert_eq!(velocity(&mut last, (5000, 300)), (0, 0), "a new ship has none");
        assert_eq!(velocity(&mut last, (5100, 280)), (100, -20));
        assert_eq!(velocity(&mut last, (5100, 280)), (0, 0));
    }

    #[test]
    fn leap_is_sent_without_a_velocity() {
        let mut last = Some((5000, 300));
        assert_eq!(velocity(&mut last, (5000 + LEAP_STEPS, 300)), (LEAP_STEPS as i16, 0));
        assert_eq!(velocity(&mut last, (5000, 300 - LEAP_STEPS - 1)), (0, 0));
        assert_eq!(velocity(&mut last, (5001, 300 - LEAP_STEPS)), (1, 1), "and goes on from there");
    }

    #[test]
    fn ships_are_captured_by_rising_id_in_their_cells() {
        let mut sim = simulation();
        sim.step(&[join(1), join(2), join(3)]);
        let ships = captured(&mut Capture::default(), &sim);
        let expected: Vec<_> =
            sim.world().flying().map(|(id, place)| (sim.terrain().grid().cell_at(place), id)).collect();
        assert_eq!(ships.iter().map(|(cell, id, _)| (*cell, *id)).collect::<Vec<_>>(), expected);
        assert!(ships.iter().all(|(.., state)| state.is_settled() && state.look.health == 255));
    }

    #[test]
    fn new_player_with_an_old_id_has_no_velocity() {
        let mut sim = simulation();
        let mut capture = Capture::default();
        sim.step(&[join(1)]);
        captured(&mut capture, &sim);
        sim.step(&[Command::Leave { session: SessionId(1) }]);
        captured(&mut capture, &sim);
        // No id is given again at once.
        (0..sim.timing().tick_rate).for_each(|_| sim.step(&[]));
        // The next player gets the id, and spawns elsewhere.
        sim.step(&[join(2)]);
        let ships = captured(&mut capture, &sim);
        let [(_, PlayerId(0), state)] = ships[..] else { panic!("{ships:?}") };
        assert_eq!((state.vx, state.vy), (0, 0));
    }
}
