//! Replication: after a step it reads the world, tells what changed since the last one, and hands every viewer a
//! frame. What changed in a cell is encoded once, however many see it. It never writes the world, and it must
//! not know how frames travel: it puts them into the bounded queues of [`crate::bridge`].

mod capture;
mod cells;
mod news;
mod viewer;

use std::collections::BTreeMap;

use shared::{
    ids::{CellIndex, PlayerId, Tick},
    protocol::{OwnShip, PilotState, ServerMessage, ShipState, Welcome, encode_server, write_frame},
    terrain::Terrain,
};

use self::{capture::Capture, cells::CellBoard, news::News, viewer::Viewer};
use crate::{
    bridge::{ConnectionId, Link, NoSlot, Outbound},
    sim::{Life, Pilot, Simulation},
};

/// What was sent in one tick.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Published {
    /// Frames put into queues.
    pub frames: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Viewers whose queue was full: nothing was made for them.
    pub skipped: u64,
    /// Viewers brought back in step after they had been skipped.
    pub resynced: u64,
    /// Cells sent again because a client's checksum differed.
    pub cell_resyncs: u64,
}

/// Keeps what the viewers of each cell know, and the viewers.
#[derive(Debug)]
pub struct Publisher {
    capture: Capture,
    cells: CellBoard,
    news: News,
    viewers: BTreeMap<ConnectionId, Viewer>,
    frame: Vec<u8>,
}

impl Publisher {
    /// For an arena, with no viewers yet.
    pub fn new(terrain: &Terrain) -> Self {
        Self {
            capture: Capture::default(),
            cells: CellBoard::new(terrain.grid()),
            news: News::default(),
            viewers: BTreeMap::new(),
            frame: Vec::new(),
        }
    }

    /// Welcomes a viewer: from the next [`Self::publish`] on it gets frames. `false` if it has gone already.
    pub fn join(&mut self, connection: ConnectionId, player: PlayerId, link: Link, sim: &Simulation) -> bool {
        let welcome = ServerMessage::Welcome(Box::new(Welcome {
            player,
            tick: sim.world().tick,
            tick_rate: sim.timing().tick_rate,
            arena: sim.terrain().arena().clone(),
        }));
        let Ok(slot) = link.slot() else { return false };
        slot.send(Outbound::Message(encode_server(&welcome).into()));
        self.viewers.insert(connection, Viewer::new(player, link));
        true
    }

    /// Forgets a viewer.
    pub fn leave(&mut self, connection: ConnectionId) {
        self.viewers.remove(&connection);
    }

    /// Notes that a viewer's cell differs from ours.
    pub fn resync_cell(&mut self, connection: ConnectionId, cell: CellIndex) {
        if let Some(viewer) = self.viewers.get_mut(&connection) {
            viewer.wants_again(cell);
        }
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
        self.cells.encode(world, sim.timing().tick_rate);
        self.news.encode(world, events, sim.terrain(), sim.timing().tick_rate);
    }

    /// The other half: a frame for every viewer that has room for one.
    pub fn send(&mut self, sim: &Simulation) -> Published {
        let mut published = Published::default();
        let Self { cells, news, viewers, frame, .. } = self;
        for viewer in viewers.values_mut() {
            // Before anything is made for it: a slow reader costs nothing but this look.
            let slot = match viewer.link.slot() {
                Ok(slot) => slot,
                Err(NoSlot::Full) => {
                    viewer.view.out_of_step();
                    published.skipped += 1;
                    continue;
                }
                Err(NoSlot::Gone) => continue,
            };
            let world = sim.world();
            let Some(head) = viewer.view.head(viewer.player, world, sim.terrain(), news) else {
                continue;
            };
            let reset = head.view.is_some_and(|change| change.reset);
            published.resynced += u64::from(viewer.view.is_out_of_step());
            published.cell_resyncs += viewer.view.collect(&head, cells, world, sim.terrain().grid());
            frame.clear();
            let notices = if reset { news.whole(world) } else { news.latest() };
            write_frame(frame, &head, notices, viewer.view.chunks(cells));
            published.frames += 1;
            published.bytes += frame.len() as u64;
            slot.send(Outbound::Message(bytes::Bytes::copy_from_slice(frame)));
        }
        published
    }
}

/// How it stands with a pilot, as it is told to itself.
fn pilot_state(pilot: &Pilot, now: Tick, rank: u16) -> PilotState {
    match &pilot.life {
        Life::Flying(ship) => PilotState::Alive(OwnShip {
            motion: ship.motion,
            embers: ship.embers,
            health: ship.health,
            rank,
            boosting: ship.boosting,
            shielded: ship.shielded(now),
        }),
        Life::Waiting { until, by, .. } => PilotState::Dead { until: *until, by: *by },
    }
}
