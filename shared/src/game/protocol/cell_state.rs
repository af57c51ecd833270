//! A cell as its viewers know it. The server keeps one beside each cell to tell what changed ([`CellState::diff`]);
//! each client keeps one to put the changes on ([`CellState::apply`]). The law that holds them together:
//! applying a diff to the state it was made from gives the state it was made for.
//!
//! Between two frames every ship is expected to go straight on ([`CellState::advance`]), so a ship that does
//! costs nothing on the wire. A cell that is looked at from afar is told of less often; a chunk then stands for
//! several frames, in which its ships went straight on for the viewer ([`CellState::catch_up`]).

use serde::{Deserialize, Serialize};

use super::{CellChange, Moves, ShipCatchUp, ShipMove, ShipRecord, ShipStatus};
use crate::{
    engine::{checksum::Checksum, ids::PlayerId, limits::CELL_STEPS, protocol::fixed},
    game::{
        ember::{Ember, EmberTaken, ember_hash},
        flight::PowerUps,
    },
};

/// A ship's condition, packed: tier in bits 0 and 1, boosting in bit 2, shielded in bit 3, rapid fire in bit
/// 4, a magnet in bit 5.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Status(pub u8);

impl Status {
    /// Packs a condition. `tier` is 0 to 3.
    pub fn new(tier: usize, boosting: bool, shielded: bool) -> Self {
        Self((tier as u8 & 3) | u8::from(boosting) << 2 | u8::from(shielded) << 3)
    }

    /// The same with what pickups give it.
    pub fn with_power_ups(self, power_ups: PowerUps) -> Self {
        let shield = u8::from(power_ups.shield > 0) << 3;
        Self(self.0 | shield | u8::from(power_ups.rapid > 0) << 4 | u8::from(power_ups.magnet > 0) << 5)
    }

    /// Size, 0 to 3.
    pub fn tier(self) -> usize {
        usize::from(self.0 & 3)
    }

    /// Whether it burns embers for speed.
    pub fn boosting(self) -> bool {
        self.0 & 4 != 0
    }

    /// Whether nothing harms it.
    pub fn shielded(self) -> bool {
        self.0 & 8 != 0
    }

    /// Whether it fires faster.
    pub fn rapid(self) -> bool {
        self.0 & 16 != 0
    }

    /// Whether it gathers from afar.
    pub fn magnet(self) -> bool {
        self.0 & 32 != 0
    }
}

/// All that others know of a ship.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ShipState {
    /// Steps from the cell's origin; a little outside the cell between `advance` and `apply`.
    #[serde(with = "fixed")]
    #[cfg_attr(feature = "schema", schemars(with = "i16"))]
    pub x: i16,
    /// The same along y.
    #[serde(with = "fixed")]
    #[cfg_attr(feature = "schema", schemars(with = "i16"))]
    pub y: i16,
    /// Steps gone along x since the frame before.
    pub vx: i16,
    /// The same along y.
    pub vy: i16,
    /// Where the nose points, in 1/256 turn.
    pub aim: u8,
    /// Size, boost, shield.
    pub status: Status,
    /// Share of full health, 0 to 255.
    pub health: u8,
}

impl ShipState {
    fn advance(&mut self, frames: i16) {
        self.x = self.x.wrapping_add(self.vx.wrapping_mul(frames));
        self.y = self.y.wrapping_add(self.vy.wrapping_mul(frames));
    }

    /// Whether it is inside its cell.
    pub fn is_settled(&self) -> bool {
        let inside = |steps: i16| (0..CELL_STEPS).contains(&i32::from(steps));
        inside(self.x) && inside(self.y)
    }

    /// The move that leads from this state, advanced by a frame, to `now`, unless it takes more than a move says.
    fn move_to(&self, now: &Self) -> Option<(i8, i8)> {
        let bend = |now_v: i16, was_v: i16, now_at: i16, was_at: i16| -> Option<i8> {
            // A move changes the step and the place by the same amount, so it can say only that.
            let bend = now_v.checked_sub(was_v)?;
            (was_at.checked_add(bend)? == now_at).then_some(())?;
            i8::try_from(bend).ok()
        };
        Some((bend(now.vx, self.vx, now.x, self.x)?, bend(now.vy, self.vy, now.y, self.y)?))
    }

    /// The drift that leads from this state, advanced by any number of frames, to `now`; `skip` is not filled in.
    fn catch_up_to(&self, now: &Self) -> Option<ShipCatchUp> {
        Some(ShipCatchUp {
            skip: 0,
            dx: now.x.checked_sub(self.x)?,
            dy: now.y.checked_sub(self.y)?,
            dvx: now.vx.checked_sub(self.vx)?,
            dvy: now.vy.checked_sub(self.vy)?,
            aim: now.aim,
        })
    }
}

/// A cell as its viewers know it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CellState {
    /// In rising order of number.
    pub ships: Vec<(PlayerId, ShipState)>,
    /// In no order; no two on one point.
    pub embers: Vec<Ember>,
}

/// Why a change cannot be put on a cell: it was made for another state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ApplyError {
    /// A ship that is not here.
    #[error("a change of a ship that is not in the cell")]
    NoShip,
    /// An ember that is not here.
    #[error("an ember was taken that is not in the cell")]
    NoEmber,
    /// Numbers that run past the last.
    #[error("a list of ships runs past the last number")]
    Numbers,
    /// What came out differs from what was meant.
    #[error("the cell's checksum differs")]
    Checksum,
}

/// The ships' part of a chunk, made by [`CellState::diff`] or [`CellState::catch_up`]. Kept from call to call so that its lists are
/// allocated once.
#[derive(Clone, Debug, Default)]
pub struct Diff {
    left: Vec<u16>,
    entered: Vec<ShipRecord>,
    which_moved: Vec<u8>,
    moved: Vec<ShipMove>,
    drifted: Vec<ShipCatchUp>,
    status: Vec<ShipStatus>,
}

impl Diff {
    /// The changes, in the order in which they are applied; kinds with nothing to say are left out.
    pub fn changes(&self) -> impl Iterator<Item = CellChange<'_>> {
        fn some<T>(list: &[T]) -> Option<&[T]> {
            (!list.is_empty()).then_some(list)
        }
        [
            some(&self.left).map(|list| CellChange::Left(list.into())),
            some(&self.entered).map(|list| CellChange::Entered(list.into())),
            some(&self.moved).map(|list| {
                CellChange::Moved(Moves { which: self.which_moved[..].into(), moves: list.into() })
            }),
            some(&self.drifted).map(|list| CellChange::CatchUp(list.into())),
            some(&self.status).map(|list| CellChange::Status(list.into())),
        ]
        .into_iter()
        .flatten()
    }
}

/// Writes and reads ships' numbers as gaps from the one before.
#[derive(Default)]
struct Gaps(u16);

impl Gaps {
    fn gap(&mut self, id: PlayerId) -> u16 {
        let gap = id.0 - self.0;
        self.0 = id.0;
        gap
    }

    fn id(&mut self, gap: u16) -> Result<PlayerId, ApplyError> {
        self.0 = self.0.checked_add(gap).ok_or(ApplyError::Numbers)?;
        Ok(PlayerId(self.0))
    }
}

/// Writes and reads places in a list of ships as how many are skipped from the one before: a byte, where a ship's
/// number often takes three.
#[derive(Default)]
struct Skips(usize);

impl Skips {
    fn skip(&mut self, place: usize) -> u16 {
        let skip = place - self.0;
        self.0 = place + 1;
        skip as u16
    }

    fn place(&mut self, skip: u16, len: usize) -> Result<usize, ApplyError> {
        let place = self.0 + usize::from(skip);
        self.0 = place + 1;
        if place < len { Ok(place) } else { Err(ApplyError::NoShip) }
    }
}

impl CellState {
    /// Everything goes straight on for one frame.
    pub fn advance(&mut self) {
        self.advance_by(1);
    }

    /// Everything goes straight on for some frames, few enough for nothing to leave the arena twice over: up to 255.
    pub fn advance_by(&mut self, frames: u8) {
        for (_, ship) in &mut self.ships {
            ship.advance(i16::from(frames));
        }
    }

    /// Lists in `out` what leads from this state, advanced by one frame, to ships `next` (in rising order of
    /// number).
    pub fn diff(&self, next: &[(PlayerId, ShipState)], out: &mut Diff) {
        self.compare(next, out, |was, now, place, out| {
            let Some((dx, dy)) = was.move_to(now) else { return false };
            if (dx, dy, now.aim) != (0, 0, was.aim) {
                out.which_moved.resize(place / 8 + 1, 0);
                out.which_moved[place / 8] |= 1 << (place % 8);
                out.moved.push(ShipMove { dx, dy, aim: now.aim });
            }
            true
        });
    }

    /// The same for a state that was advanced by any number of frames.
    pub fn catch_up(&self, next: &[(PlayerId, ShipState)], out: &mut Diff) {
        let mut drifted = Skips::default();
        self.compare(next, out, |was, now, place, out| {
            let Some(drift) = was.catch_up_to(now) else { return false };
            if drift != (ShipCatchUp { aim: was.aim, ..ShipCatchUp::default() }) {
                out.drifted.push(ShipCatchUp { skip: drifted.skip(place), ..drift });
            }
            true
        });
    }

    /// `go` lists how a ship, the one at this place of `next`, went from here to there; `false` when its list cannot
    /// say that.
    fn compare(
        &self,
        next: &[(PlayerId, ShipState)],
        out: &mut Diff,
        mut go: impl FnMut(&ShipState, &ShipState, usize, &mut Diff) -> bool,
    ) {
        out.left.clear();
        out.entered.clear();
        out.which_moved.clear();
        out.moved.clear();
        out.drifted.clear();
        out.status.clear();
        let (mut left, mut entered, mut status) = (Skips::default(), Gaps::default(), Skips::default());
        let mut old = self.ships.iter().enumerate().peekable();
        for (place, (id, now)) in next.iter().enumerate() {
            while let Some((gone, _)) = old.next_if(|(_, (old_id, _))| old_id < id) {
                out.left.push(left.skip(gone));
            }
            let Some((_, (_, was))) = old.next_if(|(_, (old_id, _))| old_id == id) else {
                out.entered.push(ShipRecord { gap: entered.gap(*id), state: *now });
                continue;
            };
            if !go(was, now, place, out) {
                out.entered.push(ShipRecord { gap: entered.gap(*id), state: *now });
                continue;
            }
            if now.status != was.status || now.health != was.health {
                let skip = status.skip(place);
                out.status.push(ShipStatus { skip, status: now.status, health: now.health });
            }
        }
        for (gone, _) in old {
            out.left.push(left.skip(gone));
        }
    }

    /// Lists in `out` all ships, for a viewer that knows nothing of the cell.
    pub fn full(ships: &[(PlayerId, ShipState)], out: &mut Diff) {
        Self::default().diff(ships, out);
    }

    /// Puts one change on the state, after it has been advanced.
    pub fn apply(&mut self, change: &CellChange<'_>) -> Result<(), ApplyError> {
        let (mut gaps, mut skips) = (Gaps::default(), Skips::default());
        let ships = self.ships.len();
        match change {
            CellChange::Reset => *self = Self::default(),
            CellChange::Left(list) => {
                for (gone, skip) in list.iter().enumerate() {
                    self.ships.remove(skips.place(*skip, ships)? - gone);
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
                for drift in list.iter() {
                    let ship = &mut self.ships[skips.place(drift.skip, ships)?].1;
                    ship.x = ship.x.wrapping_add(drift.dx);
                    ship.y = ship.y.wrapping_add(drift.dy);
                    ship.vx = ship.vx.wrapping_add(drift.dvx);
                    ship.vy = ship.vy.wrapping_add(drift.dvy);
                    ship.aim = drift.aim;
                }
            }
            CellChange::Status(list) => {
                for change in list.iter() {
                    let ship = &mut self.ships[skips.place(change.skip, ships)?].1;
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

    /// [`Self::checksum`] of parts that are not kept together.
    pub fn checksum_of(ships: &[(PlayerId, ShipState)], embers: &[Ember]) -> u32 {
        let mut sum = Checksum::default();
        for (id, ship) in ships {
            sum.word(u32::from(id.0) | u32::from(ship.aim) << 16 | u32::from(ship.status.0) << 24);
            sum.word(u32::from(ship.x as u16) | u32::from(ship.y as u16) << 16);
            sum.word(u32::from(ship.vx as u16) | u32::from(ship.vy as u16) << 16);
            sum.word(u32::from(ship.health));
        }
        // Embers lie in no order, so their hashes are added up.
        sum.word(embers.iter().fold(0, |total, ember| total.wrapping_add(ember_hash(*ember))));
        let sum = sum.finish();
        (sum ^ (sum >> 32)) as u32
    }

    /// Whether every ship is where a frame can leave it: inside its cell.
    pub fn is_settled(&self) -> bool {
        self.ships.iter().all(|(_, ship)| ship.is_settled())
    }
}

#[cfg(test)]
mod tests;
