//! Bodies as viewers see them: once a tick, the world's floats become whole steps.

use shared::engine::{
    grid::Grid,
    ids::{CellIndex, PlayerId},
    limits::CELL_STEPS,
    protocol::{BodyState, CellPlace, quantize},
};

use crate::engine::simulation::{BodyNow, LookOf, Simulation};

/// A body that moved farther than this in one tick, in steps, was moved there by the game, so it is sent without a velocity: 256
/// units.
const LEAP_STEPS: i32 = 4096;

/// Where each body was in the frame before, by `PlayerId`, in steps from the arena's corner.
#[derive(Debug, Default)]
pub(super) struct Capture {
    last: Vec<Option<(i32, i32)>>,
}

impl Capture {
    /// Hands `out` every body, by rising id.
    pub(super) fn bodies<S: Simulation>(
        &mut self,
        sim: &S,
        grid: Grid,
        mut out: impl FnMut(CellIndex, PlayerId, BodyState<LookOf<S>>),
    ) {
        let players = sim.players();
        self.last.resize(players.places(), None);
        for id in &sim.changes().joined {
            // Another player had this id before.
            self.last[usize::from(id.0)] = None;
        }
        for player in players.iter() {
            let last = &mut self.last[usize::from(player.id.0)];
            let Some(BodyNow { position, heading, look }) = sim.body(player) else {
                *last = None;
                continue;
            };
            let place = quantize(position, grid);
            let (vx, vy) = velocity(last, steps_from_corner(place, grid));
            // A place is below CELL_STEPS, which an i16 holds.
            let (x, y) = (place.x as i16, place.y as i16);
            out(place.cell, player.id, BodyState { x, y, vx, vy, heading: heading.coarse(), look });
        }
    }
}

/// Steps moved since the frame before, and stores where the body is now. Zero for a body that is new or has leapt.
fn velocity(last: &mut Option<(i32, i32)>, now: (i32, i32)) -> (i16, i16) {
    let (vx, vy) = last.map_or((0, 0), |(x, y)| (now.0 - x, now.1 - y));
    *last = Some(now);
    if vx.abs().max(vy.abs()) > LEAP_STEPS { (0, 0) } else { (vx as i16, vy as i16) }
}

fn steps_from_corner(place: CellPlace, grid: Grid) -> (i32, i32) {
    let (column, row) = (place.cell.0 % grid.columns, place.cell.0 / grid.columns);
    (i32::from(column) * CELL_STEPS + i32::from(place.x), i32::from(row) * CELL_STEPS + i32::from(place.y))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn velocity_is_the_way_since_the_frame_before() {
        let mut last = None;
        assert_eq!(velocity(&mut last, (5000, 300)), (0, 0), "a new body has none");
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
}
