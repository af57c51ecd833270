//! Ships as others are to see them: the world's floats become whole steps, once a tick for everyone.

use shared::{
    engine::{
        angle::Angle,
        grid::Grid,
        ids::{CellIndex, PlayerId},
        limits::CELL_STEPS,
        protocol::{CellPlace, quantize},
    },
    game::{
        protocol::{ShipState, Status},
        terrain::Terrain,
    },
};

use crate::game::sim::{Events, Ship, World};

/// A ship that went farther than this in one tick did not fly there: it is shown at rest, in steps. Four times the
/// fastest boost at the slowest tick.
const LEAP_STEPS: i32 = 4096;

/// Where each ship was in the frame before, in steps from the arena's corner, by number.
#[derive(Debug, Default)]
pub(super) struct Capture {
    last: Vec<Option<(i32, i32)>>,
}

impl Capture {
    /// Hands out every ship in flight, in rising order of number.
    pub(super) fn ships(
        &mut self,
        world: &World,
        events: &Events,
        terrain: &Terrain,
        mut place: impl FnMut(CellIndex, PlayerId, ShipState),
    ) {
        self.last.resize(world.by_id.len(), None);
        for id in &events.joined {
            // Somebody else had this number before.
            self.last[usize::from(id.0)] = None;
        }
        for pilot in world.in_order() {
            let last = &mut self.last[usize::from(pilot.id.0)];
            let Some(ship) = pilot.ship() else {
                *last = None;
                continue;
            };
            let at = quantize(ship.flight.motion.position, terrain.grid());
            let steps = steps_from_corner(at, terrain.grid());
            let (vx, vy) = last.map_or((0, 0), |(x, y)| (steps.0 - x, steps.1 - y));
            *last = Some(steps);
            let leapt = vx.abs().max(vy.abs()) > LEAP_STEPS;
            let (vx, vy) = if leapt { (0, 0) } else { (vx as i16, vy as i16) };
            place(at.cell, pilot.id, state(ship, at, (vx, vy), world, terrain));
        }
    }
}

fn steps_from_corner(at: CellPlace, grid: Grid) -> (i32, i32) {
    let (column, row) = (at.cell.0 % grid.columns, at.cell.0 / grid.columns);
    (i32::from(column) * CELL_STEPS + i32::from(at.x), i32::from(row) * CELL_STEPS + i32::from(at.y))
}

fn state(ship: &Ship, at: CellPlace, (vx, vy): (i16, i16), world: &World, terrain: &Terrain) -> ShipState {
    let rules = &terrain.arena().rules;
    let tier = rules.tier(ship.flight.embers);
    let share = ship.health / rules.hulls[tier].health;
    ShipState {
        // Below CELL_STEPS, which an i16 holds.
        x: at.x as i16,
        y: at.y as i16,
        vx,
        vy,
        aim: Angle::coarse(ship.aim),
        status: Status::new(tier, ship.boosting, ship.shielded(world.tick))
            .with_power_ups(ship.flight.power_ups),
        // In sixteenths: mending is slow, and nobody sees a smaller step of somebody else's health.
        health: ((share * 16.0).ceil().clamp(0.0, 16.0) * 16.0) as u8,
    }
}
