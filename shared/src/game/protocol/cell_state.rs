//! A cell as its viewers know it. The server keeps one for each cell to find what changed ([`CellState::diff`]); each
//! client keeps one to apply the changes to ([`CellState::apply`]).
//!
//! Invariant: applying a diff to the state that it was computed from gives the state that it was computed for.
//!
//! Between two frames every ship is expected to continue in a straight line ([`CellState::advance`]), so a ship that does
//! costs nothing on the wire. A viewer that is far from a cell gets its updates at a reduced rate; one update then stands
//! for several frames ([`CellState::catch_up`]).

use super::{
    CellChange, Diff, Moves, ShipState,
    cell_diff::{ApplyError, Gaps, Skips},
};
use crate::{
    engine::{checksum::Checksum, ids::PlayerId},
    game::ember::{Ember, EmberTaken, ember_hash},
};

/// A cell as its viewers know it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CellState {
    /// Sorted by id.
    pub ships: Vec<(PlayerId, ShipState)>,
    /// In no particular order; at most one on each lattice point.
    pub embers: Vec<Ember>,
}

impl CellState {
    /// Moves every ship on along its straight line for one frame.
    pub fn advance(&mut self) {
        self.advance_by(1);
    }

    /// The same for several frames.
    pub fn advance_by(&mut self, frames: u8) {
        for (_, ship) in &mut self.ships {
            ship.advance(i16::from(frames));
        }
    }

    /// Writes to `out` what leads from this state, advanced by one frame, to the ships `next`, sorted by id.
    pub fn diff(&self, next: &[(PlayerId, ShipState)], out: &mut Diff) {
        out.record_frame(&self.ships, next);
    }

    /// The same for a state that was advanced by any number of frames.
    pub fn catch_up(&self, next: &[(PlayerId, ShipState)], out: &mut Diff) {
        out.record_catch_up(&self.ships, next);
    }

    /// Writes all ships to `out`, for a viewer that knows nothing of the cell.
    pub fn full(ships: &[(PlayerId, ShipState)], out: &mut Diff) {
        out.record_frame(&[], ships);
    }

    /// Applies one change to the state, which must have been advanced.
    pub fn apply(&mut self, change: &CellChange<'_>) -> Result<(), ApplyError> {
        let (mut gaps, mut skips) = (Gaps::default(), Skips::default());
        let ships = self.ships.len();
        match change {
            CellChange::Reset => *self = Self::default(),
            CellChange::Left(list) => {
                for (gone, skip) in list.iter().enumerate() {
                    self.ships.remove(skips.index(*skip, ships)? - gone);
                }
            }
            CellChange::Entered(list) => {
                for record in list.iter() {
                    let id = gaps.id(record.gap)?;
                    match self.ships.binary_search_by_key(&id, |(id, _)| *id) {
                        Ok(index) => self.ships[index].1 = record.state,
                        Err(index) => self.ships.insert(index, (id, record.state)),
                    }
                }
            }
            CellChange::Moved(Moves { which, moves }) => {
                let places = which.iter().enumerate().flat_map(|(byte, bits)| {
                    (0..8).filter(move |bit| bits >> bit & 1 == 1).map(move |bit| byte * 8 + bit)
                });
                for (place, step) in places.zip(moves.iter()) {
                    let (_, ship) = self.ships.get_mut(place).ok_or(ApplyError::NoShip)?;
                    let (dx, dy) = (i16::from(step.dx), i16::from(step.dy));
                    ship.x = ship.x.wrapping_add(dx);
                    ship.y = ship.y.wrapping_add(dy);
                    ship.vx = ship.vx.wrapping_add(dx);
                    ship.vy = ship.vy.wrapping_add(dy);
                    ship.aim = step.aim;
                }
            }
            CellChange::CatchUp(list) => {
                for change in list.iter() {
                    let ship = &mut self.ships[skips.index(change.skip, ships)?].1;
                    ship.x = ship.x.wrapping_add(change.dx);
                    ship.y = ship.y.wrapping_add(change.dy);
                    ship.vx = ship.vx.wrapping_add(change.dvx);
                    ship.vy = ship.vy.wrapping_add(change.dvy);
                    ship.aim = change.aim;
                }
            }
            CellChange::Status(list) => {
                for change in list.iter() {
                    let ship = &mut self.ships[skips.index(change.skip, ships)?].1;
                    (ship.status, ship.health) = (change.status, change.health);
                }
            }
            CellChange::EmbersAdded(list) => self.embers.extend_from_slice(list),
            CellChange::EmbersTaken(list) => self.take(list)?,
            CellChange::Checksum(sum) => {
                if *sum != self.checksum() {
                    return Err(ApplyError::Checksum);
                }
            }
            CellChange::Shots(_) | CellChange::Hits(_) | CellChange::Deaths(_) => {}
        }
        Ok(())
    }

    fn take(&mut self, list: &[EmberTaken]) -> Result<(), ApplyError> {
        for taken in list {
            let at = self.embers.iter().position(|ember| (ember.x, ember.y) == (taken.x, taken.y));
            self.embers.swap_remove(at.ok_or(ApplyError::NoEmber)?);
        }
        Ok(())
    }

    /// A hash of the whole cell, the same at both ends.
    pub fn checksum(&self) -> u32 {
        Self::checksum_of(&self.ships, &self.embers)
    }

    /// The same for ships and embers that are stored apart.
    pub fn checksum_of(ships: &[(PlayerId, ShipState)], embers: &[Ember]) -> u32 {
        let mut sum = Checksum::default();
        for (id, ship) in ships {
            sum.word(u32::from(id.0) | u32::from(ship.aim) << 16 | u32::from(ship.status.0) << 24);
            sum.word(u32::from(ship.x as u16) | u32::from(ship.y as u16) << 16);
            sum.word(u32::from(ship.vx as u16) | u32::from(ship.vy as u16) << 16);
            sum.word(u32::from(ship.health));
        }
        // A sum, because embers have no order.
        sum.word(embers.iter().fold(0, |total, ember| total.wrapping_add(ember_hash(*ember))));
        let sum = sum.finish();
        (sum ^ (sum >> 32)) as u32
    }

    /// Whether every ship is inside its cell, as it must be after a frame.
    pub fn is_settled(&self) -> bool {
        self.ships.iter().all(|(_, ship)| ship.is_settled())
    }
}

#[cfg(test)]
mod tests;
