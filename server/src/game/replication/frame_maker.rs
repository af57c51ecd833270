//! One viewer's frame in one tick: whether it gets one, of which kind, and its way into the queue. Must not know the other
//! viewers.

use std::{task::Waker, time::Duration};

use shared::{
    engine::protocol::{CloseReason, ServerLag, TenthMs},
    game::protocol::{Notice, write_frame},
};

use super::{
    Detail, Published,
    cells::{CellBoard, Chunk},
    viewer::Viewer,
};
use crate::{
    engine::outbox::{Contended, Outbound, ReadyAt, ReserveError},
    game::sim::Simulation,
};
use crate::{
    engine::{ack_window::SendDecision, buffer_pool::BufferPool},
    game::replication::announcements::Announcements,
};

/// Most bytes of what a frame has besides its notices and chunks: about twice what its head can be.
const HEAD_BYTES_MAX: usize = 160;

/// The part of its view that a spectator is told of every tick: the leader and who is next to it. It looks on, often from
/// behind the card by which one joins, and costs a fraction of a player.
const SPECTATOR_NEAR: f32 = 0.25;

/// What frames are made of.
pub(super) struct FrameMaker<'a> {
    pub(super) cells: &'a mut CellBoard,
    pub(super) announcements: &'a mut Announcements,
    pub(super) buffers: &'a mut BufferPool,
    pub(super) scratch: &'a mut Vec<u8>,
    pub(super) chunks: &'a mut Vec<Chunk>,
    pub(super) detail: Detail,
    pub(super) wakers: &'a mut Vec<Waker>,
    pub(super) ready: Option<ReadyAt>,
    pub(super) tick_lag: Duration,
    pub(super) lags: &'a mut Vec<ServerLag>,
}

impl FrameMaker<'_> {
    pub(super) fn serve(self, viewer: &mut Viewer, sim: &Simulation, published: &mut Published) {
        let (world, terrain) = (sim.world(), sim.terrain());
        // Each in another tick of the second.
        let is_its_turn = (u64::from(world.tick.0) + u64::from(viewer.turn))
            .is_multiple_of(u64::from(sim.timing().tick_rate));
        let is_hidden = viewer.is_hidden(world.tick);
        if is_hidden {
            viewer.acks.rests(world.tick);
            viewer.view.skip();
            if !is_its_turn {
                return;
            }
        }
        // Before anything is made for it: a slow reader costs nothing but this look.
        let slot = match viewer.acks.gets(world.tick) {
            SendDecision::Frame => viewer.link.try_reserve().map(drop),
            SendDecision::Nothing => Err(ReserveError::Full),
            SendDecision::TheEnd => {
                viewer.link.close(CloseReason::SlowReader);
                viewer.is_closed = true;
                published.given_up += 1;
                return;
            }
        };
        match slot {
            Ok(()) => {}
            Err(ReserveError::Full) => {
                if viewer.view.skip() {
                    viewer.acks.fell_behind(world.tick);
                }
                published.skipped += 1;
                return;
            }
            Err(ReserveError::Closed) => return,
        }
        if is_hidden {
            return self.beat(viewer, sim, published);
        }
        if is_its_turn && viewer.player.is_some() {
            let lag = ServerLag {
                input_queue: TenthMs::from_ms(viewer.input_wait_ms.into()),
                tick: tenths(self.tick_lag),
                send_queue: tenths(viewer.link.queue_delay()),
            };
            self.lags.push(lag);
            viewer.tell(&Notice::Lag(lag));
        }
        let Viewer { player, link, acks, view, private, .. } = viewer;
        let near = if player.is_none() { SPECTATOR_NEAR } else { 1.0 };
        let detail = Detail { reach: self.detail.reach.min(acks.reach()), near: self.detail.near * near };
        let Some(head) = view.head(*player, detail, world, terrain, self.announcements) else {
            return;
        };
        let is_afresh = head.view.is_some_and(|change| change.reset);
        published.resynced += u64::from(view.is_out_of_step());
        published.cell_resyncs += view.collect(&head, detail, self.cells, world, terrain, self.chunks);
        let sees = |cell| view.sees(cell, terrain.grid());
        let [all, own] = self.announcements.notices(world, is_afresh, *player, sees);
        let notices = [all, own, (private.0, &private.1)];
        let most = HEAD_BYTES_MAX
            + notices.iter().map(|(_, bytes)| bytes.len()).sum::<usize>()
            + self.chunks.iter().copied().map(Chunk::len).sum::<usize>();
        let bytes = self.buffers.write(most, |page| {
            let chunks = self.chunks.iter().map(|chunk| self.cells.bytes(*chunk));
            write_frame(self.scratch, &head, notices, chunks, |piece| {
                page.extend_from_slice(piece);
            });
        });
        let length = bytes.len() as u64;
        match link.try_reserve().map(|permit| permit.try_send(Outbound::Message(bytes), self.ready)) {
            Ok(Ok(waker)) => {
                self.wakers.extend(waker);
                published.frames += 1;
                published.bytes += length;
                acks.sends(world.tick);
                private.0 = 0;
                private.1.clear();
            }
            // Not its fault.
            Ok(Err(Contended)) | Err(_) => {
                view.skip();
                published.skipped += 1;
            }
        }
    }

    /// A sign of life for one that does not look: a head alone.
    fn beat(self, viewer: &mut Viewer, sim: &Simulation, published: &mut Published) {
        let Viewer { player, link, acks, view, .. } = viewer;
        let Some(head) = view.head_alone(*player, sim.world(), self.announcements) else { return };
        let bytes = self.buffers.write(HEAD_BYTES_MAX, |page| {
            write_frame(self.scratch, &head, [(0, &[][..]); 3], std::iter::empty(), |piece| {
                page.extend_from_slice(piece);
            });
        });
        let length = bytes.len() as u64;
        if let Ok(Ok(waker)) =
            link.try_reserve().map(|permit| permit.try_send(Outbound::Message(bytes), self.ready))
        {
            self.wakers.extend(waker);
            published.frames += 1;
            published.bytes += length;
            acks.sends(sim.world().tick);
        }
    }
}

fn tenths(duration: Duration) -> TenthMs {
    TenthMs::from_ms(duration.as_secs_f64() * 1000.0)
}
