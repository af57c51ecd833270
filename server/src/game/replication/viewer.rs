//! What one player sees: its window of cells, and which chunks that makes in this tick.

use shared::{
    Vec2,
    engine::{
        grid::{CellWindow, Grid},
        ids::{CellIndex, PlayerId, Tick},
        input::LEAD_NONE,
        limits::CELLS_MAX,
        protocol::put,
    },
    game::{
        protocol::{FrameHead, Notice, PilotState, ViewChange},
        terrain::Terrain,
    },
};

use super::{
    Detail,
    cells::{CellBoard, Chunk},
    pilot_state,
};
use crate::{engine::ack_window::AckWindow, game::replication::announcements::Announcements};
use crate::{
    engine::outbox::OutboxSender,
    game::sim::{Life, World},
};

/// How far beyond the view a cell is gained, in units: its ships are there before they come into sight.
const GAIN_MARGIN: f32 = 128.0;
/// How far beyond the view a cell is kept, in units. So one who flies to and fro across a border has the same cells
/// all the time.
const KEEP_MARGIN: f32 = 320.0;
/// Notices that may wait for one viewer alone.
const PRIVATE_MAX: usize = 16;
/// Cells that a client may ask for again in one tick.
const AGAIN_MAX: usize = 64;

/// A player and what it sees.
#[derive(Debug)]
pub(super) struct Viewer {
    /// In which tick of each second it gets what is sent once a second.
    pub(super) turn: u32,
    /// `None` for a spectator.
    pub(super) player: Option<PlayerId>,
    pub(super) link: OutboxSender,
    pub(super) acks: AckWindow,
    pub(super) view: View,
    /// Notices for this one alone that wait for its next frame: how many, and their bytes.
    pub(super) private: (usize, Vec<u8>),
    /// It was told to go.
    pub(super) is_closed: bool,
    /// Nobody looks.
    is_hidden: bool,
    /// Nor is it shown anything before this tick: a full view is worth a second.
    hidden_until: Tick,
    /// How long its inputs wait for their tick, in milliseconds: about the last ten.
    pub(super) input_wait_ms: f32,
}

/// What a player sees.
#[derive(Debug)]
pub(super) struct View {
    window: Option<CellWindow>,
    state: Step,
    centre: Vec2,
    again: Vec<CellIndex>,
    /// Cells of the window that it is told of now and then.
    far: CellSet,
}

/// Whether a viewer's last frame is the last frame there was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// It has had no frame.
    New,
    /// It is.
    In,
    /// It was, and then some were skipped.
    Out,
}

impl Viewer {
    pub(super) fn new(
        turn: u32,
        player: Option<PlayerId>,
        link: OutboxSender,
        acks: AckWindow,
        centre: Vec2,
    ) -> Self {
        let view =
            View { window: None, state: Step::New, centre, again: Vec::new(), far: CellSet::default() };
        Self {
            turn,
            player,
            link,
            acks,
            view,
            private: (0, Vec::new()),
            is_closed: false,
            is_hidden: false,
            hidden_until: Tick(0),
            input_wait_ms: 0.0,
        }
    }

    /// Tells this one alone, with its next frame. Of too many the last are lost.
    pub(super) fn tell(&mut self, notice: &Notice) {
        let (count, bytes) = &mut self.private;
        if *count < PRIVATE_MAX {
            put(bytes, notice);
            *count += 1;
        }
    }

    /// Nobody looks from now on, or somebody does again.
    pub(super) fn hide(&mut self, is_hidden: bool, now: Tick) {
        if is_hidden && !self.is_hidden {
            self.hidden_until = now.after(self.acks.second());
        }
        self.is_hidden = is_hidden;
    }

    /// Whether it is to be shown nothing in this tick.
    pub(super) fn is_hidden(&self, now: Tick) -> bool {
        self.is_hidden || now < self.hidden_until
    }

    /// An input came `ms` before the tick that takes it.
    pub(super) fn waited(&mut self, ms: f32) {
        self.input_wait_ms += (ms - self.input_wait_ms) * 0.1;
    }

    pub(super) fn wants_again(&mut self, cell: CellIndex) {
        if self.view.again.len() < AGAIN_MAX && !self.view.again.contains(&cell) {
            self.view.again.push(cell);
        }
    }
}

impl View {
    /// A frame is skipped: what follows must not build on it. Whether it is the first to be.
    pub(super) fn skip(&mut self) -> bool {
        let was_in_step = self.state == Step::In;
        if was_in_step {
            self.state = Step::Out;
        }
        was_in_step
    }

    /// Whether frames were skipped since the last one.
    pub(super) fn is_out_of_step(&self) -> bool {
        self.state == Step::Out
    }

    /// The player's own part of the frame; `None` if it has gone.
    pub(super) fn head(
        &mut self,
        player: Option<PlayerId>,
        detail: Detail,
        world: &World,
        terrain: &Terrain,
        announcements: &Announcements,
    ) -> Option<FrameHead> {
        let Some(player) = player else { return Some(self.watch(detail, world, terrain)) };
        let pilot = world.pilot(player)?;
        match &pilot.life {
            Life::Flying(ship) => self.centre = ship.flight.motion.position,
            Life::Waiting { last_motion: Some(motion), .. } => self.centre = motion.position,
            Life::Idle(ship) => self.centre = ship.flight.motion.position,
            Life::Waiting { last_motion: None, .. } => {}
        }
        Some(FrameHead {
            tick: world.tick,
            lead: pilot.inputs.lead(world.tick),
            pilot: pilot_state(pilot, world.tick, announcements.rank_of(player)),
            view: self.change(detail, terrain),
        })
    }

    /// The same for a spectator: the view is around the leader, or around where the last one was.
    fn watch(&mut self, detail: Detail, world: &World, terrain: &Terrain) -> FrameHead {
        let leader = world.leader().and_then(|id| world.pilot(id));
        let watched = leader.and_then(|pilot| Some((pilot.id, pilot.ship()?.flight.motion.position)));
        if let Some((_, place)) = watched {
            self.centre = place;
        }
        FrameHead {
            tick: world.tick,
            lead: LEAD_NONE,
            pilot: PilotState::Spectating { target: watched.map(|(id, _)| id) },
            view: self.change(detail, terrain),
        }
    }

    /// The player's own part of a frame without cells, for one that does not look: its view begins anew when it does.
    pub(super) fn head_alone(
        &mut self,
        player: Option<PlayerId>,
        world: &World,
        announcements: &Announcements,
    ) -> Option<FrameHead> {
        let Some(player) = player else {
            let pilot = PilotState::Spectating { target: None };
            return Some(FrameHead { tick: world.tick, lead: LEAD_NONE, pilot, view: None });
        };
        let pilot = world.pilot(player)?;
        Some(FrameHead {
            tick: world.tick,
            lead: pilot.inputs.lead(world.tick),
            pilot: pilot_state(pilot, world.tick, announcements.rank_of(pilot.id)),
            view: None,
        })
    }

    /// The change of view that this frame makes: each side of the window moves only as far as it must.
    fn change(&self, detail: Detail, terrain: &Terrain) -> Option<ViewChange> {
        let half = terrain.arena().rules.view * detail.reach;
        let within = |margin: f32| terrain.grid().window(self.centre, half + margin);
        let (least, most) = (within(GAIN_MARGIN), within(KEEP_MARGIN));
        match self.window {
            Some(old) if self.state == Step::In => {
                let window = CellWindow {
                    left: old.left.clamp(most.left, least.left),
                    bottom: old.bottom.clamp(most.bottom, least.bottom),
                    right: old.right.clamp(least.right, most.right),
                    top: old.top.clamp(least.top, most.top),
                };
                (window != old).then_some(ViewChange { window, reset: false })
            }
            _ => Some(ViewChange { window: least, reset: true }),
        }
    }

    /// Lists in `chunks` what goes into the frame with this head. Returns how many of them were asked for again.
    pub(super) fn collect(
        &mut self,
        head: &FrameHead,
        detail: Detail,
        cells: &mut CellBoard,
        world: &World,
        terrain: &Terrain,
        chunks: &mut Vec<Chunk>,
    ) -> u64 {
        let grid = terrain.grid();
        let before = self.window.filter(|_| self.state == Step::In);
        let window = head.view.map_or(before, |change| Some(change.window)).unwrap_or_default();
        let in_sight = grid.window(self.centre, terrain.arena().rules.view * detail.reach * detail.near);
        chunks.clear();
        let mut again = 0;
        for (column, row, cell) in grid.places(window) {
            let is_new = !before.is_some_and(|before| before.has(column, row));
            let is_wanted = !self.again.is_empty() && self.again.contains(&cell);
            again += u64::from(is_wanted && !is_new);
            let told = *cells.told(cell);
            let chunk = if is_new || is_wanted {
                self.far.set(cell, false);
                cells.full(cell, world, terrain)
            } else if self.far.has(cell) {
                told.far
            } else {
                told.delta
            };
            if !chunk.is_empty() {
                chunks.push(chunk);
            }
            if told.is_turn {
                self.far.set(cell, !in_sight.has(column, row));
            }
        }
        self.again.clear();
        self.window = Some(window);
        self.state = Step::In;
        again
    }

    /// Whether it is told of a cell at all.
    pub(super) fn sees(&self, cell: CellIndex, grid: Grid) -> bool {
        self.window.is_some_and(|window| grid.window_has(window, cell))
    }

    /// Whether it is told of a cell every tick.
    pub(super) fn is_near(&self, cell: CellIndex, grid: Grid) -> bool {
        self.sees(cell, grid) && !self.far.has(cell)
    }
}

/// Some of the cells of a grid.
#[derive(Clone, Copy, Debug, Default)]
struct CellSet([u64; CELLS_MAX / 64]);

impl CellSet {
    fn has(&self, cell: CellIndex) -> bool {
        self.0[usize::from(cell.0) / 64] >> (cell.0 % 64) & 1 == 1
    }

    fn set(&mut self, cell: CellIndex, is_in: bool) {
        let word = &mut self.0[usize::from(cell.0) / 64];
        *word = *word & !(1 << (cell.0 % 64)) | u64::from(is_in) << (cell.0 % 64);
    }
}
