//! What changed of a cell's bodies between two states, as the lists that go on the wire.

use super::{
    Body, BodyCatchUp, BodyMove, BodyRecord, BodyState, CellChange, LookChange, moves::CollectedMoves,
    non_empty,
};
use crate::engine::{game_trait::Game, ids::PlayerId};

/// Why a change does not fit the state that it is applied to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ApplyError {
    /// The body is not in the cell.
    #[error("a change names a body that is not in the cell")]
    NoBody,
    /// The item is not in the cell.
    #[error("a change takes an item that is not in the cell")]
    NoItem,
    /// The ids run past the largest one.
    #[error("a list of bodies runs past the largest id")]
    Numbers,
    /// The result differs from the server's.
    #[error("the cell's checksum differs")]
    Checksum,
}

/// The changes of a cell's bodies. Reused from call to call, so that its lists are allocated once.
#[derive(Clone, Debug)]
pub struct Diff<G: Game> {
    left: Vec<u16>,
    entered: Vec<BodyRecord<G>>,
    moved: CollectedMoves,
    caught_up: Vec<BodyCatchUp>,
    looks: Vec<LookChange<G>>,
}

impl<G: Game> Default for Diff<G> {
    fn default() -> Self {
        Self {
            left: Vec::new(),
            entered: Vec::new(),
            moved: CollectedMoves::default(),
            caught_up: Vec::new(),
            looks: Vec::new(),
        }
    }
}

impl<G: Game> Diff<G> {
    /// The changes in the order in which they are applied; empty lists are left out.
    pub fn changes(&self) -> impl Iterator<Item = CellChange<'_, G>> {
        [
            non_empty(&self.left).map(|list| CellChange::Left(list.into())),
            non_empty(&self.entered).map(|list| CellChange::Entered(list.into())),
            self.moved.moves().map(CellChange::Moved),
            non_empty(&self.caught_up).map(|list| CellChange::CatchUp(list.into())),
            non_empty(&self.looks).map(|list| CellChange::Looks(list.into())),
        ]
        .into_iter()
        .flatten()
    }

    /// Records what leads from `old`, advanced by one frame, to `next`; both sorted by id.
    pub(super) fn record_frame(&mut self, old: &[(PlayerId, Body<G>)], next: &[(PlayerId, Body<G>)]) {
        self.compare(old, next, |was, now, index, out| {
            let Some(change) = course_change(was, now) else { return false };
            if change != BodyMove::default() {
                out.moved.push(index, change);
            }
            true
        });
    }

    /// The same for an `old` that was advanced by any number of frames.
    pub(super) fn record_catch_up(&mut self, old: &[(PlayerId, Body<G>)], next: &[(PlayerId, Body<G>)]) {
        let mut skips = Skips::default();
        self.compare(old, next, |was, now, index, out| {
            let Some(change) = catch_up(was, now) else { return false };
            if change != (BodyCatchUp { heading: was.heading, ..BodyCatchUp::default() }) {
                out.caught_up.push(BodyCatchUp { skip: skips.skip(index), ..change });
            }
            true
        });
    }

    /// `record_motion` records how the body at this index of `next` moved; it returns `false` if its list cannot say
    /// that, and the body is then sent in full.
    fn compare(
        &mut self,
        old: &[(PlayerId, Body<G>)],
        next: &[(PlayerId, Body<G>)],
        mut record_motion: impl FnMut(&Body<G>, &Body<G>, usize, &mut Self) -> bool,
    ) {
        self.clear();
        let (mut left, mut entered, mut looks) = (Skips::default(), Gaps::default(), Skips::default());
        let mut old = old.iter().enumerate().peekable();
        for (index, (id, now)) in next.iter().enumerate() {
            while let Some((gone, _)) = old.next_if(|(_, (old_id, _))| old_id < id) {
                self.left.push(left.skip(gone));
            }
            let Some((_, (_, was))) = old.next_if(|(_, (old_id, _))| old_id == id) else {
                self.entered.push(BodyRecord { gap: entered.gap(*id), state: *now });
                continue;
            };
            if !record_motion(was, now, index, self) {
                self.entered.push(BodyRecord { gap: entered.gap(*id), state: *now });
                continue;
            }
            if now.look != was.look {
                self.looks.push(LookChange { skip: looks.skip(index), look: now.look });
            }
        }
        for (gone, _) in old {
            self.left.push(left.skip(gone));
        }
    }

    fn clear(&mut self) {
        let Self { left, entered, moved, caught_up, looks } = self;
        left.clear();
        entered.clear();
        moved.clear();
        caught_up.clear();
        looks.clear();
    }
}

/// The changes of velocity and heading that lead from `was`, advanced by one frame, to `now`. `None` if the body did not move by its
/// new velocity, or if a change does not fit: a [`BodyMove`] changes velocity and position by the same amount.
fn course_change<L>(was: &BodyState<L>, now: &BodyState<L>) -> Option<BodyMove> {
    let along = |now_v: i16, was_v: i16, now_at: i16, was_at: i16| -> Option<i8> {
        let change = now_v.checked_sub(was_v)?;
        (was_at.checked_add(change)? == now_at).then_some(())?;
        i8::try_from(change).ok()
    };
    Some(BodyMove {
        dx: along(now.vx, was.vx, now.x, was.x)?,
        dy: along(now.vy, was.vy, now.y, was.y)?,
        heading: (now.heading != was.heading).then_some(now.heading),
    })
}

/// The changes of position and velocity that lead from `was`, advanced by any number of frames, to `now`; `skip` is 0.
fn catch_up<L>(was: &BodyState<L>, now: &BodyState<L>) -> Option<BodyCatchUp> {
    Some(BodyCatchUp {
        skip: 0,
        dx: now.x.checked_sub(was.x)?,
        dy: now.y.checked_sub(was.y)?,
        dvx: now.vx.checked_sub(was.vx)?,
        dvy: now.vy.checked_sub(was.vy)?,
        heading: now.heading,
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

/// Writes and reads indices in a cell's list of bodies as how many are skipped since the one before: a byte, where an id
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
        if index < len { Ok(index) } else { Err(ApplyError::NoBody) }
    }
}
