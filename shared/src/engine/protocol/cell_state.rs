//! A cell as its viewers know it. The server keeps one for each cell to find what changed ([`CellState::diff`]); each
//! client keeps one to apply the changes to ([`CellState::apply`]).
//!
//! Invariant: applying a diff to the state that it was computed from gives the state that it was computed for.
//!
//! Between two frames every body is expected to continue in a straight line ([`CellState::advance`]), so a body that does
//! costs nothing on the wire. A viewer that is far from a cell gets its updates at a reduced rate; one update then stands
//! for several frames ([`CellState::catch_up`]).

use super::{
    Body, CellChange, Diff,
    cell_diff::{ApplyError, Gaps, Skips},
};
use crate::engine::{
    checksum::Checksum,
    game_trait::Game,
    ids::PlayerId,
    items::{ItemTaken, PlacedItem, item_hash},
};

/// A cell as its viewers know it.
#[derive(Clone, Debug, PartialEq)]
pub struct CellState<G: Game> {
    /// Sorted by id.
    pub bodies: Vec<(PlayerId, Body<G>)>,
    /// In no particular order; at most one on each lattice point.
    pub items: Vec<PlacedItem<G::Item>>,
}

impl<G: Game> Default for CellState<G> {
    fn default() -> Self {
        Self { bodies: Vec::new(), items: Vec::new() }
    }
}

impl<G: Game> CellState<G> {
    /// Moves every body on along its straight line for one frame.
    pub fn advance(&mut self) {
        self.advance_by(1);
    }

    /// The same for several frames.
    pub fn advance_by(&mut self, frames: u8) {
        for (_, body) in &mut self.bodies {
            body.advance(i16::from(frames));
        }
    }

    /// Writes to `out` what leads from this state, advanced by one frame, to the bodies `next`, sorted by id.
    pub fn diff(&self, next: &[(PlayerId, Body<G>)], out: &mut Diff<G>) {
        out.record_frame(&self.bodies, next);
    }

    /// The same for a state that was advanced by any number of frames.
    pub fn catch_up(&self, next: &[(PlayerId, Body<G>)], out: &mut Diff<G>) {
        out.record_catch_up(&self.bodies, next);
    }

    /// Writes all bodies to `out`, for a viewer that knows nothing of the cell.
    pub fn full(bodies: &[(PlayerId, Body<G>)], out: &mut Diff<G>) {
        out.record_frame(&[], bodies);
    }

    /// Applies one change to the state, which must have been advanced.
    pub fn apply(&mut self, change: &CellChange<'_, G>) -> Result<(), ApplyError> {
        const {
            assert!(size_of::<G::Event>() > 0, "an event of no bytes would make lists of any length");
        }
        let (mut gaps, mut skips) = (Gaps::default(), Skips::default());
        let bodies = self.bodies.len();
        match change {
            CellChange::Reset => *self = Self::default(),
            CellChange::Left(list) => {
                for (gone, skip) in list.iter().enumerate() {
                    self.bodies.remove(skips.index(*skip, bodies)? - gone);
                }
            }
            CellChange::Entered(list) => {
                for record in list.iter() {
                    let id = gaps.id(record.gap)?;
                    match self.bodies.binary_search_by_key(&id, |(id, _)| *id) {
                        Ok(index) => self.bodies[index].1 = record.state,
                        Err(index) => self.bodies.insert(index, (id, record.state)),
                    }
                }
            }
            CellChange::Moved(moved) => {
                for (index, step) in moved.iter() {
                    let body = self.body_mut(index)?;
                    let (dx, dy) = (i16::from(step.dx), i16::from(step.dy));
                    body.x = body.x.wrapping_add(dx);
                    body.y = body.y.wrapping_add(dy);
                    body.vx = body.vx.wrapping_add(dx);
                    body.vy = body.vy.wrapping_add(dy);
                    body.heading = step.heading.unwrap_or(body.heading);
                }
            }
            CellChange::CatchUp(list) => {
                for change in list.iter() {
                    let body = &mut self.bodies[skips.index(change.skip, bodies)?].1;
                    body.x = body.x.wrapping_add(change.dx);
                    body.y = body.y.wrapping_add(change.dy);
                    body.vx = body.vx.wrapping_add(change.dvx);
                    body.vy = body.vy.wrapping_add(change.dvy);
                    body.heading = change.heading;
                }
            }
            CellChange::Looks(list) => {
                for change in list.iter() {
                    self.bodies[skips.index(change.skip, bodies)?].1.look = change.look;
                }
            }
            CellChange::ItemsAdded(list) => self.items.extend_from_slice(list),
            CellChange::ItemsTaken(list) => self.take(list)?,
            CellChange::Checksum(sum) => {
                if *sum != self.checksum() {
                    return Err(ApplyError::Checksum);
                }
            }
            CellChange::Events(_) => {}
        }
        Ok(())
    }

    fn body_mut(&mut self, index: usize) -> Result<&mut Body<G>, ApplyError> {
        self.bodies.get_mut(index).map(|(_, body)| body).ok_or(ApplyError::NoBody)
    }

    fn take(&mut self, list: &[ItemTaken]) -> Result<(), ApplyError> {
        for taken in list {
            let at = self.items.iter().position(|item| item.matches(taken));
            self.items.swap_remove(at.ok_or(ApplyError::NoItem)?);
        }
        Ok(())
    }

    /// A hash of the whole cell, the same at both ends.
    pub fn checksum(&self) -> u32 {
        Self::checksum_of(&self.bodies, &self.items)
    }

    /// The same for bodies and items that are stored apart.
    pub fn checksum_of(bodies: &[(PlayerId, Body<G>)], items: &[PlacedItem<G::Item>]) -> u32 {
        let mut sum = Checksum::default();
        for (id, body) in bodies {
            sum.word(u32::from(id.0) | u32::from(body.heading) << 16);
            sum.word(u32::from(body.x as u16) | u32::from(body.y as u16) << 16);
            sum.word(u32::from(body.vx as u16) | u32::from(body.vy as u16) << 16);
            sum.encoding(&body.look);
        }
        // A sum, because items have no order.
        sum.word(items.iter().fold(0, |total, item| total.wrapping_add(item_hash(item))));
        let sum = sum.finish();
        (sum ^ (sum >> 32)) as u32
    }

    /// Whether every body is inside its cell, as it must be after a frame.
    pub fn is_settled(&self) -> bool {
        self.bodies.iter().all(|(_, body)| body.is_settled())
    }
}

#[cfg(test)]
mod tests;
