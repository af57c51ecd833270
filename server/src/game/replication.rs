//! Replication: after a step it reads the world, tells what changed since the last one, and hands every viewer a
//! frame. What changed in a cell is encoded once, however many see it. It never writes the world, and it must
//! not know how frames travel: it puts them into the bounded queues of [`crate::engine::inbox`].

mod announcements;
mod capture;
mod cell_events;
mod cells;
mod frame_maker;
mod viewer;

use std::{task::Waker, time::Duration};

use shared::{
    engine::{
        chat::ChatLine,
        ids::{CellIndex, PlayerId, Tick},
        protocol::{CloseReason, ResumeToken, ServerLag},
    },
    game::{
        protocol::{Notice, OwnShip, PilotState, ServerMessage, ShipState, Welcome, encode_server},
        terrain::Terrain,
    },
};
use slotmap::DenseSlotMap;

use self::{
    capture::Capture,
    cells::{CellBoard, Chunk},
    frame_maker::FrameMaker,
    viewer::Viewer,
};
use crate::{
    engine::{ack_window::AckWindow, buffer_pool::BufferPool},
    game::replication::announcements::Announcements,
};
use crate::{
    engine::{
        ids::ViewerId,
        notifier::Notifier,
        outbox::{Outbound, OutboxSender, ReadyAt},
    },
    game::sim::{Life, Pilot, Simulation},
};

/// Frames put into queues before their connections are woken, all of them one after another. To wake is an atomic
/// operation, which waits until all that was written before is in the cache; so not after each frame. But the network is
/// to have something to do while further frames are made.
const WAKE_TOGETHER: usize = 32;
/// How many viewers ahead of the one that is served the processor fetches memory. Without it a tick with four thousand
/// players takes 3.30 ms instead of 3.14.
const LOOK_AHEAD: usize = 4;

/// How much viewers are shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Detail {
    /// The part of the view that is told of every tick; what is farther out is told of now and then. From 0 to 1.
    pub near: f32,
    /// The part of the full view that is shown at all, from 0 to 1.
    pub reach: f32,
}

impl Detail {
    /// All of it.
    pub const FULL: Self = Self { near: 1.0, reach: 1.0 };
}

/// Who a viewer is, as its welcome tells it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seat {
    /// Its pilot; `None` for a spectator.
    pub player: Option<PlayerId>,
    /// With what it gets its ship back after a cut.
    pub resume: Option<ResumeToken>,
    /// It has just done so.
    pub is_resumed: bool,
}

/// What was sent in one tick.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Published {
    /// Frames put into queues.
    pub frames: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Viewers that were behind: nothing was made for them.
    pub skipped: u64,
    /// Viewers brought back in step after they had been skipped.
    pub resynced: u64,
    /// Cells sent again because a client's checksum differed.
    pub cell_resyncs: u64,
    /// Viewers given up, because they had seen nothing for too long.
    pub given_up: u64,
}

/// Keeps what the viewers of each cell know, and the viewers.
#[derive(Debug)]
pub struct Publisher {
    capture: Capture,
    cells: CellBoard,
    announcements: Announcements,
    viewers: DenseSlotMap<ViewerId, Viewer>,
    /// Viewers that have joined so far.
    joined: u32,
    buffers: BufferPool,
    scratch: Vec<u8>,
    chunks: Vec<Chunk>,
    wakers: Vec<Waker>,
    notifier: Notifier,
    detail: Detail,
    stall_seconds: f32,
    /// From when a tick begins to when its frames are made, these days.
    tick_lag: Duration,
    /// When the last step was done.
    ready: Option<ReadyAt>,
    /// What was told of delays in the last tick.
    lags: Vec<ServerLag>,
}

impl Publisher {
    /// For an arena, with no viewers yet. One that sees nothing for `stall_seconds` is given up.
    pub fn new(terrain: &Terrain, tick_rate: u16, stall_seconds: f32) -> Self {
        Self {
            capture: Capture::default(),
            cells: CellBoard::new(terrain.grid(), tick_rate),
            announcements: Announcements::default(),
            viewers: DenseSlotMap::with_key(),
            joined: 0,
            buffers: BufferPool::new(),
            scratch: Vec::new(),
            chunks: Vec::new(),
            wakers: Vec::new(),
            notifier: Notifier::default(),
            detail: Detail::FULL,
            stall_seconds,
            tick_lag: Duration::ZERO,
            ready: None,
            lags: Vec::new(),
        }
    }

    /// With a notifier that is rung when there are frames to send.
    #[must_use]
    pub fn with_notifier(self, notifier: Notifier) -> Self {
        Self { notifier, ..self }
    }

    /// How much every viewer is shown from now on.
    pub fn show(&mut self, detail: Detail) {
        self.detail = detail;
    }

    /// Welcomes a viewer, a spectator if it has no `player`: from the next [`Self::publish`] on it gets frames. `None` if it has gone already.
    pub fn join(&mut self, seat: Seat, mut link: OutboxSender, sim: &Simulation) -> Option<ViewerId> {
        let Seat { player, resume, is_resumed } = seat;
        let welcome = ServerMessage::Welcome(Box::new(Welcome {
            player,
            resume,
            is_resumed,
            tick: sim.world().tick,
            tick_rate: sim.timing().tick_rate,
            arena: sim.terrain().arena().clone(),
        }));
        let slot = link.try_reserve().ok()?;
        slot.send(Outbound::Message(encode_server(&welcome).into()));
        let acks = AckWindow::new(sim.world().tick, sim.timing().tick_rate, self.stall_seconds);
        let turn = self.joined;
        self.joined = turn.wrapping_add(1);
        // A spectator waits for a leader in the middle of the arena.
        let centre = sim.terrain().arena().size / 2.0;
        Some(self.viewers.insert(Viewer::new(turn, player, link, acks, centre)))
    }

    /// Forgets a viewer.
    pub fn leave(&mut self, viewer: ViewerId) {
        self.viewers.remove(viewer);
    }

    /// Tells everyone, with the next tick.
    pub fn say(&mut self, line: ChatLine) {
        self.announcements.say(line);
    }

    /// Tells one viewer alone, with its next frame.
    pub fn tell(&mut self, viewer: ViewerId, notice: &Notice) {
        if let Some(viewer) = self.viewers.get_mut(viewer) {
            viewer.tell(notice);
        }
    }

    /// Tells one player alone, with its next frame. A drone does not listen.
    pub fn tell_player(&mut self, player: PlayerId, notice: &Notice) {
        if let Some(viewer) = self.viewers.values_mut().find(|viewer| viewer.player == Some(player)) {
            viewer.tell(notice);
        }
    }

    /// Notes that a viewer's cell differs from ours.
    pub fn resync_cell(&mut self, viewer: ViewerId, cell: CellIndex) {
        if let Some(viewer) = self.viewers.get_mut(viewer) {
            viewer.wants_again(cell);
        }
    }

    /// Another connection goes on with this one's ship: it is told so, and forgotten.
    pub fn replace(&mut self, viewer: ViewerId) {
        if let Some(mut viewer) = self.viewers.remove(viewer) {
            viewer.link.close(CloseReason::Replaced);
        }
    }

    /// Notes whether nobody looks at what a viewer is sent.
    pub fn hide(&mut self, viewer: ViewerId, is_hidden: bool, now: Tick) {
        if let Some(viewer) = self.viewers.get_mut(viewer) {
            viewer.hide(is_hidden, now);
        }
    }

    /// Notes how long an input of a viewer's waits for its tick.
    pub fn input_waits(&mut self, viewer: ViewerId, ms: f32) {
        if let Some(viewer) = self.viewers.get_mut(viewer) {
            viewer.waited(ms);
        }
    }

    /// Notes how long ago a tick began when it was done, and its frames can be made.
    pub fn note_tick(&mut self, lag: Duration, ready: ReadyAt) {
        self.ready = Some(ready);
        // About the last ten.
        self.tick_lag = (self.tick_lag * 9 + lag) / 10;
    }

    /// What players were told of their delays in the last tick.
    pub fn lags(&self) -> &[ServerLag] {
        &self.lags
    }

    /// Notes that a viewer has seen the frame whose tick ends in this byte.
    pub fn on_ack(&mut self, viewer: ViewerId, byte: u8, now: Tick) {
        if let Some(viewer) = self.viewers.get_mut(viewer) {
            viewer.acks.on_ack(byte, now);
        }
    }

    /// Whether a viewer is told of a cell every tick.
    pub fn is_near(&self, viewer: ViewerId, cell: CellIndex, terrain: &Terrain) -> bool {
        self.viewers.get(viewer).is_some_and(|viewer| viewer.view.is_near(cell, terrain.grid()))
    }

    /// How many of them only watch.
    pub fn spectators(&self) -> usize {
        self.viewers.values().filter(|viewer| viewer.player.is_none()).count()
    }

    /// How many viewers there are.
    pub fn viewers(&self) -> usize {
        self.viewers.len()
    }

    /// Ships of a cell as its viewers know them, in rising order of number.
    pub fn known_ships(&self, cell: CellIndex) -> &[(PlayerId, ShipState)] {
        self.cells.known_ships(cell)
    }

    /// Tells every viewer about the last step.
    pub fn publish(&mut self, sim: &Simulation) -> Published {
        self.encode(sim);
        self.send(sim)
    }

    /// The half of [`Self::publish`] whose cost does not depend on the viewers: what changed, encoded once.
    pub fn encode(&mut self, sim: &Simulation) {
        let (world, events) = (sim.world(), sim.events());
        self.cells.begin();
        self.capture.ships(world, events, sim.terrain(), |cell, id, state| {
            self.cells.place(cell, id, state);
        });
        self.cells.note(events);
        self.cells.encode(world, sim.terrain(), sim.timing());
        self.announcements.encode(world, events, sim.terrain(), sim.timing().tick_rate);
    }

    /// The other half: a frame for every viewer that can take one.
    pub fn send(&mut self, sim: &Simulation) -> Published {
        let mut published = Published::default();
        self.lags.clear();
        self.buffers.begin();
        let viewers = self.viewers.values_as_mut_slice();
        for first in (0..viewers.len()).step_by(WAKE_TOGETHER) {
            let last = (first + WAKE_TOGETHER).min(viewers.len());
            for place in first..last {
                if let Some(later) = viewers.get(place + LOOK_AHEAD) {
                    later.link.prefetch();
                }
                let viewer = &mut viewers[place];
                if viewer.is_closed {
                    continue;
                }
                let maker = FrameMaker {
                    cells: &mut self.cells,
                    announcements: &mut self.announcements,
                    buffers: &mut self.buffers,
                    scratch: &mut self.scratch,
                    chunks: &mut self.chunks,
                    detail: self.detail,
                    wakers: &mut self.wakers,
                    ready: self.ready,
                    tick_lag: self.tick_lag,
                    lags: &mut self.lags,
                };
                maker.serve(viewer, sim, &mut published);
            }
            self.wakers.drain(..).for_each(Waker::wake);
            // For the first, and for all behind them should somebody rest again already.
            if first == 0 || last == viewers.len() {
                self.notifier.notify();
            }
        }
        published
    }
}

/// How it stands with a pilot, as it is told to itself.
fn pilot_state(pilot: &Pilot, now: Tick, rank: u16) -> PilotState {
    match &pilot.life {
        Life::Flying(ship) => PilotState::Alive(OwnShip {
            motion: ship.flight.motion,
            embers: ship.flight.embers,
            burnt: ship.flight.burnt,
            reload: ship.flight.reload,
            power_ups: ship.flight.power_ups,
            health: ship.health,
            rank,
            streak: ship.streak,
            boosting: ship.boosting,
            shielded: ship.shielded(now),
        }),
        Life::Waiting { until, killed_by, .. } => PilotState::Dead { until: *until, by: *killed_by },
        Life::Idle(ship) => PilotState::Idle { embers: ship.flight.embers },
    }
}
