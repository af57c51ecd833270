//! Replication: after each step it reads the world and sends every viewer a frame. What changed in a cell is encoded once,
//! however many viewers see it. It never writes the world, and it must not know how frames travel: it puts them into the
//! bounded outboxes of [`super::outbox`].
//!
//! A tick: bodies are captured, each cell's changes are encoded, announcements are encoded, and each viewer's frame is
//! assembled from these parts.

mod announcements;
mod capture;
mod cell_events;
mod cells;
mod chunk;
mod dead_reckoning;
mod frames;
mod ongoing;
mod social;
mod subject;
mod view;
mod viewer;

use std::time::Duration;

use shared::engine::{
    chat::ChatLine,
    game_trait::{Arena as _, Game},
    grid::Grid,
    ids::{CellIndex, PlayerId, Tick},
    protocol::{Body, CloseReason, ResumeToken, ServerLag, ServerMessage, Welcome, encode_server},
    roster::Badge,
};
use slotmap::DenseSlotMap;

use self::{announcements::Announcements, capture::Capture, cells::CellBoard, frames::FrameAssembler};
pub use self::{frames::Published, view::Detail, viewer::Viewer};
use super::{
    ack_window::AckWindow,
    notifier::Notifier,
    outbox::{Outbound, OutboxSender, ReadyAt},
    sessions::ViewerId,
    simulation::Simulation,
};

/// Frames sent before their connections are woken, all at once. Waking is an atomic operation that waits for earlier writes
/// to reach the cache, so not after each frame; but the network is to have work while further frames are assembled.
const WAKE_BATCH: usize = 32;
/// How many viewers ahead memory is prefetched. Without it a tick with four thousand players takes 3.30 ms and not 3.14.
const PREFETCH_DISTANCE: usize = 4;

/// What a viewer's welcome says about it.
#[derive(Clone, Copy, Debug, Default)]
pub struct JoinedAs {
    /// `None` for a spectator.
    pub player: Option<PlayerId>,
    /// For a reconnect.
    pub resume: Option<ResumeToken>,
    /// Whether it has just reconnected.
    pub is_resumed: bool,
}

/// The viewers of an arena, and what they have of it.
#[derive(Debug)]
pub struct Publisher<G: Game> {
    capture: Capture,
    cells: CellBoard<G>,
    announcements: Announcements,
    frames: FrameAssembler,
    viewers: DenseSlotMap<ViewerId, Viewer>,
    /// Viewers that have joined so far.
    joined: u32,
    notifier: Notifier,
    stall_seconds: f32,
}

impl<G: Game> Publisher<G> {
    /// A publisher without viewers, for an arena with this grid. A viewer that acknowledges nothing for `stall_seconds` is
    /// disconnected.
    pub fn new(grid: Grid, tick_rate: u16, stall_seconds: f32) -> Self {
        Self {
            capture: Capture::default(),
            cells: CellBoard::new(grid, tick_rate),
            announcements: Announcements::default(),
            frames: FrameAssembler::new(),
            viewers: DenseSlotMap::with_key(),
            joined: 0,
            notifier: Notifier::default(),
            stall_seconds,
        }
    }

    /// Notifies `notifier` when there are frames to send.
    #[must_use]
    pub fn with_notifier(self, notifier: Notifier) -> Self {
        Self { notifier, ..self }
    }

    /// Welcomes a viewer. It gets frames from the next [`Self::publish`] on. `None` if its connection is gone already.
    pub fn join<S: Simulation<Game = G>>(
        &mut self,
        joined: JoinedAs,
        mut link: OutboxSender,
        sim: &S,
    ) -> Option<ViewerId> {
        let JoinedAs { player, resume, is_resumed } = joined;
        let welcome = ServerMessage::<G>::Welcome(Box::new(Welcome {
            player,
            resume,
            is_resumed,
            tick: sim.tick(),
            tick_rate: sim.tick_rate(),
            arena: sim.arena().clone(),
        }));
        let permit = link.try_reserve().ok()?;
        permit.send(Outbound::Message(encode_server(&welcome).into()));
        let acks = AckWindow::new(sim.tick(), sim.tick_rate(), self.stall_seconds);
        let turn = self.joined;
        self.joined = turn.wrapping_add(1);
        // A spectator waits in the middle of the arena for a player to watch.
        let centre = sim.arena().size() / 2.0;
        Some(self.viewers.insert(Viewer::new(turn, player, link, acks, centre)))
    }

    /// Removes a viewer.
    pub fn leave(&mut self, viewer: ViewerId) {
        self.viewers.remove(viewer);
    }

    /// Closes a viewer's connection and removes it.
    pub fn close(&mut self, viewer: ViewerId, reason: CloseReason) {
        if let Some(mut viewer) = self.viewers.remove(viewer) {
            viewer.link.close(reason);
        }
    }

    /// Goes on in another arena: closes every viewer with this reason. Their clients load the arena when they are back.
    pub fn move_to(&mut self, grid: Grid, tick_rate: u16, reason: CloseReason) {
        self.viewers.drain().for_each(|(_, mut viewer)| viewer.link.close(reason));
        self.capture = Capture::default();
        self.cells = CellBoard::new(grid, tick_rate);
        self.announcements = Announcements::default();
    }

    /// Shows a player's badge to everyone with the next frame. An empty sign takes it off.
    pub fn set_badge(&mut self, badge: Badge) {
        self.announcements.set_badge(badge);
    }

    /// A viewer, for what its client reports and what is sent to it alone. `None` if it has left.
    pub fn viewer(&mut self, viewer: ViewerId) -> Option<&mut Viewer> {
        self.viewers.get_mut(viewer)
    }

    /// A player's viewer. `None` for a bot.
    pub fn viewer_of(&mut self, player: PlayerId) -> Option<&mut Viewer> {
        self.viewers.values_mut().find(|viewer| viewer.player == Some(player))
    }

    /// Whether a player has a viewer.
    pub fn has_viewer(&self, player: PlayerId) -> bool {
        self.viewers.values().any(|viewer| viewer.player == Some(player))
    }

    /// How many viewers there are.
    pub fn viewers(&self) -> usize {
        self.viewers.len()
    }

    /// How many viewers are spectators.
    pub fn spectators(&self) -> usize {
        self.viewers.values().filter(|viewer| viewer.player.is_none()).count()
    }

    /// Sends a chat line to everyone with the next tick.
    pub fn announce_chat(&mut self, line: ChatLine) {
        self.announcements.add_chat(line);
    }

    /// Sets how much every viewer sees from the next tick on.
    pub fn set_detail(&mut self, detail: Detail) {
        self.frames.detail = detail;
    }

    /// Notes that a step is done, and how long ago its tick began.
    pub fn on_step_done(&mut self, delay: Duration, ready_at: ReadyAt) {
        self.frames.on_step_done(delay, ready_at);
    }

    /// Sends every viewer the last step.
    pub fn publish<S: Simulation<Game = G>>(&mut self, sim: &S) -> Published {
        self.encode(sim);
        self.send(sim)
    }

    /// The half of [`Self::publish`] whose cost depends on the bodies: what changed, encoded once.
    pub fn encode<S: Simulation<Game = G>>(&mut self, sim: &S) {
        let Self { capture, cells, announcements, .. } = self;
        cells.begin_tick();
        capture.bodies(sim, cells.grid(), |cell, id, state| cells.add_body(cell, id, state));
        cells.add_changes(sim.changes());
        cells.encode(sim);
        announcements.encode(sim);
    }

    /// The half whose cost depends on the viewers: a frame for each that can take one.
    pub fn send<S: Simulation<Game = G>>(&mut self, sim: &S) -> Published {
        let Self { frames, cells, announcements, viewers, notifier, .. } = self;
        let viewers = viewers.values_as_mut_slice();
        frames.begin_tick();
        for first in (0..viewers.len()).step_by(WAKE_BATCH) {
            let last = (first + WAKE_BATCH).min(viewers.len());
            for index in first..last {
                if let Some(later) = viewers.get(index + PREFETCH_DISTANCE) {
                    later.link.prefetch();
                }
                let viewer = &mut viewers[index];
                if !viewer.is_closed {
                    frames.serve(viewer, cells, announcements, sim);
                }
            }
            frames.wake();
            // After the first batch, and after the last in case the network is idle again by then.
            if first == 0 || last == viewers.len() {
                notifier.notify();
            }
        }
        frames.published()
    }

    /// The server did not run for some time: no viewer is behind because of it.
    pub fn on_skip(&mut self, now: Tick) {
        for viewer in self.viewers.values_as_mut_slice() {
            viewer.acks.on_skip(now);
        }
    }

    /// What players were told about their delays in the last tick.
    pub fn lags(&self) -> &[ServerLag] {
        self.frames.lags()
    }

    /// Whether a viewer gets a cell at the full rate.
    pub fn is_at_full_rate(&self, viewer: ViewerId, cell: CellIndex) -> bool {
        let grid = self.cells.grid();
        self.viewers.get(viewer).is_some_and(|viewer| viewer.view.has_at_full_rate(cell, grid))
    }

    /// A cell's bodies as viewers at the full rate have them, by rising id.
    pub fn known_bodies(&self, cell: CellIndex) -> &[(PlayerId, Body<G>)] {
        self.cells.known_bodies(cell)
    }

    /// The same at the reduced rate, as of the cell's last slot, and how many ticks ago that was.
    pub fn known_bodies_reduced(&self, cell: CellIndex) -> (&[(PlayerId, Body<G>)], u32) {
        self.cells.known_bodies_reduced(cell)
    }
}
