//! What changed of a cell's ships between two states, as the lists that go on the wire.

use super::{CellChange, Moves, ShipCatchUp, ShipMove, ShipRecord, ShipState, ShipStatus, non_empty};
use crate::engine::ids::PlayerId;

/// Why a change does not fit the state that it is applied to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ApplyError {
    /// The ship is not in the cell.
    #[error("a change names a ship that is not in the cell")]
    NoShip,
    /// The ember is not in the cell.
    #[error("a change takes an ember that is not in the cell")]
    NoEmber,
    /// The ids run past the largest one.
    #[error("a list of ships runs past the largest id")]
    Numbers,
    /// The result differs from the server's.
    #[error("the cell's checksum differs")]
    Checksum,
}

/// The changes of a cell's ships. Reused from call to call, so that its lists are allocated once.
#[derive(Clone, Debug, Default)]
pub struct Diff {
    left: Vec<u16>,
    entered: Vec<ShipRecord>,
    which_moved: Vec<u8>,
    moved: Vec<ShipMove>,
    caught_up: Vec<ShipCatchUp>,
    status: Vec<ShipStatus>,
}

impl Diff {
    /// The changes in the order in which they are applied; empty lists are left out.
    pub fn changes(&self) -> impl Iterator<Item = CellChange<'_>> {
        [
            non_empty(&self.left).map(|list| CellChange::Left(list.into())),
            non_empty(&self.entered).map(|list| CellChange::Entered(list.into())),
            non_empty(&self.moved).map(|list| {
                CellChange::Moved(Moves { which: self.which_moved[..].into(), moves: list.into() })
            }),
            non_empty(&self.caught_up).map(|list| CellChange::CatchUp(list.into())),
            non_empty(&self.status).map(|list| CellChange::Status(list.into())),
        ]
        .into_iter()
        .flatten()
    }

    /// Records what leads from `old`, advanced by one frame, to `next`; both sorted by id.
    pub(super) fn record_frame(&mut self, old: &[(PlayerId, ShipState)], next: &[(PlayerId, ShipState)]) {
        self.compare(old, next, |was, now, index, out| {
            let Some((dx, dy)) = turn(was, now) else { return false };
            if (dx, dy, now.aim) != (0, 0, was.aim) {
                out.which_moved.resize(index / 8 + 1, 0);
                out.which_moved[index / 8] |= 1 << (index % 8);
                out.moved.push(ShipMove { dx, dy, aim: now.aim });
            }
            true
        });
    }

    /// The same for an `old` that was advanced by any number of frames.
    pub(super) fn record_catch_up(&mut self, old: &[(PlayerId, ShipState)], next: &[(PlayerId, ShipState)]) {
        let mut skips = Skips::default();
        self.compare(old, next, |was, now, index, out| {
            let Some(delta) = catch_up(was, now) else { return false };
            if delta != (ShipCatchUp { aim: was.aim, ..ShipCatchUp::default() }) {
                out.caught_up.push(ShipCatchUp { skip: skips.skip(index), ..delta });
            }
            true
        });
    }

    /// `record_motion` records how the ship at this index of `next` moved; it returns `false` if its list cannot say
    /// that, and the ship is then sent in full.
    fn compare(
        &mut self,
        old: &[(PlayerId, ShipState)],
        next: &[(PlayerId, ShipState)],
        mut record_motion: impl FnMut(&ShipState, &ShipState, usize, &mut Self) -> bool,
    ) {
        self.left.clear();
        self.entered.clear();
        self.which_moved.clear();
        self.moved.clear();
        self.caught_up.clear();
        self.status.clear();
        let (mut left, mut entered, mut status) = (Skips::default(), Gaps::default(), Skips::default());
        let mut old = old.iter().enumerate().peekable();
        for (index, (id, now)) in next.iter().enumerate() {
            while let Some((gone, _)) = old.next_if(|(_, (old_id, _))| old_id < id) {
                self.left.push(left.skip(gone));
            }
            let Some((_, (_, was))) = old.next_if(|(_, (old_id, _))| old_id == id) else {
                self.entered.push(ShipRecord { gap: entered.gap(*id), state: *now });
                continue;
            };
            if !record_motion(was, now, index, self) {
                self.entered.push(ShipRecord { gap: entered.gap(*id), state: *now });
                continue;
            }
            if now.status != was.status || now.health != was.health {
                let skip = status.skip(index);
                self.status.push(ShipStatus { skip, status: now.status, health: now.health });
            }
        }
        for (gone, _) in old {
            self.left.push(left.skip(gone));
        }
    }
}

/// The change of velocity that leads from `was`, advanced by one frame, to `now`. `None` if the ship did not move by its
/// new velocity, or if the change does not fit: a [`ShipMove`] changes velocity and position by the same amount.
fn turn(was: &ShipState, now: &ShipState) -> Option<(i8, i8)> {
    let along = |now_v: i16, was_v: i16, now_at: i16, was_at: i16| -> Option<i8> {
        let change = now_v.checked_sub(was_v)?;
        (was_at.checked_add(change)? == now_at).then_some(())?;
        i8::try_from(change).ok()
    };
    Some((along(now.vx, was.vx, now.x, was.x)?, along(now.vy, was.vy, now.y, was.y)?))
}

/// The changes of position and velocity that lead from `was`, advanced by any number of frames, to `now`; `skip` is 0.
fn catch_up(was: &ShipState, now: &ShipState) -> Option<ShipCatchUp> {
    Some(ShipCatchUp {
        skip: 0,
        dx: now.x.checked_sub(was.x)?,
        dy: now.y.checked_sub(was.y)?,
        dvx: now.vx.checked_sub(was.vx)?,
        dvy: now.vy.checked_sub(was.vy)?,
        aim: now.aim,
    })
}

/// Writes and reads sorted ids as the difference from the one before.
#[derive(Default)]
pub(super) struct Gaps(u16);

impl Gaps {
    fn gap(&mut self, id: PlayerId) -> u16 {
        let gap = id.0 - self.0;
        self.0 = id.0;
        gap
    }

    pub(super) fn id(&mut self, gap: u16) -> Result<PlayerId, ApplyError> {
        self.0 = self.0.checked_add(gap).ok_or(ApplyError::Numbers)?;
        Ok(PlayerId(self.0))
    }
}

/// Writes and reads indices in a cell's list of ships as how many are skipped since the one before: a byte, where an id
/// often takes three.
#[derive(Default)]
pub(super) struct Skips(usize);

impl Skips {
    fn skip(&mut self, index: usize) -> u16 {
        let skip = index - self.0;
        self.0 = index + 1;
        skip as u16
    }

    pub(super) fn index(&mut self, skip: u16, len: usize) -> Result<usize, ApplyError> {
        let index = self.0 + usize::from(skip);
        self.0 = index + 1;
        if index < len { Ok(index) } else { Err(ApplyError::NoShip) }
    }
}
