//! One viewer's frame in one tick: whether one is sent, what is in it, and its way into the outbox. Knows nothing of other
//! viewers.

use std::{task::Waker, time::Duration};

use shared::engine::{
    game_trait::{Arena as _, Game},
    ids::Tick,
    limits::SERVER_MESSAGE_BYTES_MAX,
    protocol::{CloseReason, FrameHead, Notice, ServerLag, TenthMs, write_frame},
};

use super::{
    announcements::Announcements, cells::CellBoard, chunk::Chunk, subject::Subject, view::Detail,
    viewer::Viewer,
};
use crate::engine::{
    ack_window::{AckWindow, SendDecision},
    buffer_pool::BufferPool,
    outbox::{Contended, Outbound, OutboxSender, ReadyAt, ReserveError},
    simulation::Simulation,
};

/// Bytes of a frame apart from notices and chunks. In the encoding a number takes at most one and a half times its bytes in
/// memory. What a player's own state keeps on the heap comes on top: for that the buffer grows.
const fn head_bytes_max<G: Game>() -> usize {
    64 + 2 * size_of::<G::Own>()
}

/// The part of its view that a spectator gets at the full rate: who it watches and the bodies next to that. A spectator often
/// looks on from behind the start card, and costs a fraction of a player.
const SPECTATOR_FULL_RATE_SHARE: f32 = 0.25;

/// What was sent in one tick.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Published {
    /// Frames sent.
    pub frames: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Viewers that were behind, so that nothing was encoded for them.
    pub skipped: u64,
    /// Frames given up because the connection's thread was preempted while it held the queue's lock.
    pub contended: u64,
    /// Viewers that got a full view after frames had been skipped.
    pub resynced: u64,
    /// Cells sent again because a client's checksum differed.
    pub cell_resyncs: u64,
    /// Viewers disconnected because they had acknowledged nothing for too long.
    pub given_up: u64,
}

/// Assembles frames, and keeps the memory for that from tick to tick.
#[derive(Debug)]
pub(super) struct FrameAssembler {
    pub(super) detail: Detail,
    /// From the start of a tick until its step is done: an average of about the last ten.
    tick_delay: Duration,
    /// When this tick's step was done.
    ready_at: Option<ReadyAt>,
    published: Published,
    /// What was reported to players about their delays in this tick.
    lags: Vec<ServerLag>,
    /// Of the connections that frames were sent to since [`Self::wake`].
    wakers: Vec<Waker>,
    buffers: BufferPool,
    scratch: Vec<u8>,
    chunks: Vec<Chunk>,
}

impl FrameAssembler {
    pub(super) fn new() -> Self {
        Self {
            detail: Detail::FULL,
            tick_delay: Duration::ZERO,
            ready_at: None,
            published: Published::default(),
            lags: Vec::new(),
            wakers: Vec::new(),
            buffers: BufferPool::new(),
            scratch: Vec::new(),
            chunks: Vec::new(),
        }
    }

    pub(super) fn on_step_done(&mut self, delay: Duration, ready_at: ReadyAt) {
        self.ready_at = Some(ready_at);
        self.tick_delay = (self.tick_delay * 9 + delay) / 10;
    }

    pub(super) fn begin_tick(&mut self) {
        self.published = Published::default();
        self.lags.clear();
        self.buffers.begin();
    }

    /// What was sent since [`Self::begin_tick`].
    pub(super) fn published(&self) -> Published {
        self.published
    }

    /// What players were told about their delays since [`Self::begin_tick`].
    pub(super) fn lags(&self) -> &[ServerLag] {
        &self.lags
    }

    /// Wakes the connections that frames were sent to.
    pub(super) fn wake(&mut self) {
        self.wakers.drain(..).for_each(Waker::wake);
    }

    /// Sends a viewer this tick's frame, if it is to have one and can take it.
    pub(super) fn serve<S: Simulation>(
        &mut self,
        viewer: &mut Viewer,
        cells: &mut CellBoard<S::Game>,
        announcements: &mut Announcements,
        sim: &S,
    ) {
        let now = sim.tick();
        let is_due = viewer.is_due(now, sim.tick_rate());
        if viewer.is_hidden(now) {
            viewer.acks.on_hidden(now);
            viewer.view.skip_frame();
            if is_due && self.may_send(viewer, now) {
                self.send_heartbeat(viewer, cells, announcements, sim);
            }
        } else if self.may_send(viewer, now) {
            if is_due && viewer.player.is_some() {
                self.report_lag::<S::Game>(viewer);
            }
            self.send_frame(viewer, cells, announcements, sim);
        }
    }

    /// Whether a viewer can take a frame. Checked before anything is encoded, so that a slow client costs only this.
    fn may_send(&mut self, viewer: &mut Viewer, now: Tick) -> bool {
        let place = match viewer.acks.decide(now) {
            SendDecision::Send => viewer.link.try_reserve().map(drop),
            SendDecision::Skip => Err(ReserveError::Full),
            SendDecision::GiveUp => {
                viewer.link.close(CloseReason::SlowReader);
                viewer.is_closed = true;
                self.published.given_up += 1;
                return false;
            }
        };
        match place {
            Ok(()) => true,
            Err(ReserveError::Full) => {
                if viewer.view.skip_frame() {
                    viewer.acks.on_fall_behind(now);
                }
                self.published.skipped += 1;
                false
            }
            Err(ReserveError::Closed) => false,
        }
    }

    /// Tells a player what the server measured of its delays.
    fn report_lag<G: Game>(&mut self, viewer: &mut Viewer) {
        let lag = ServerLag {
            input_queue: TenthMs::from_ms(viewer.input_delay_ms.into()),
            tick: tenths(self.tick_delay),
            send_queue: tenths(viewer.link.queue_delay()),
        };
        self.lags.push(lag);
        viewer.send_notice::<G>(&Notice::Lag(lag));
    }

    fn send_frame<S: Simulation>(
        &mut self,
        viewer: &mut Viewer,
        cells: &mut CellBoard<S::Game>,
        announcements: &mut Announcements,
        sim: &S,
    ) {
        let Viewer { player, link, acks, view, notices: private, .. } = viewer;
        let Some(subject) = Subject::of(*player, sim) else { return };
        let share = if player.is_none() { SPECTATOR_FULL_RATE_SHARE } else { 1.0 };
        let half = sim.arena().view() * self.detail.view_scale.min(acks.view_scale());
        let near = half * (self.detail.full_rate_share * share);
        let change = view.follow(subject.position(sim), half, cells.grid());
        let head = subject.head(sim, |id| announcements.rank_of(id), change);

        self.published.resynced += u64::from(view.is_out_of_sync());
        self.published.cell_resyncs += view.collect(change, near, cells, sim, &mut self.chunks);
        let has_no_state = change.is_some_and(|change| change.reset);
        let sees = |cell| view.has(cell, cells.grid());
        let [all, own] = announcements.for_viewer(sim, has_no_state, *player, sees);
        let is_sent = self.assemble(&head, [all, own, private.encoded()], cells, link, acks);
        if is_sent {
            private.clear();
        } else {
            view.skip_frame();
            self.published.contended += 1;
        }
    }

    /// Sends a frame without cells and notices, so that the client of a hidden page knows that the connection is alive.
    fn send_heartbeat<S: Simulation>(
        &mut self,
        viewer: &mut Viewer,
        cells: &CellBoard<S::Game>,
        announcements: &Announcements,
        sim: &S,
    ) {
        let subject = match Subject::of(viewer.player, sim) {
            Some(Subject::Player(player)) => Subject::Player(player),
            // No page shows the player that it watches.
            Some(Subject::Spectator(_)) => Subject::Spectator(None),
            None => return,
        };
        let head = subject.head(sim, |id| announcements.rank_of(id), None);
        self.chunks.clear();
        self.assemble(&head, [(0, &[]); 3], cells, &mut viewer.link, &mut viewer.acks);
    }

    /// Writes a frame of this head, these notices and `self.chunks`, and sends it. `false` if the outbox could not take it.
    fn assemble<G: Game>(
        &mut self,
        head: &FrameHead<G>,
        notices: [(usize, &[u8]); 3],
        cells: &CellBoard<G>,
        link: &mut OutboxSender,
        acks: &mut AckWindow,
    ) -> bool {
        let most = head_bytes_max::<G>()
            + notices.iter().map(|(_, bytes)| bytes.len()).sum::<usize>()
            + self.chunks.iter().copied().map(Chunk::len).sum::<usize>();
        let bytes = self.buffers.write(most, |buffer| {
            let chunks = self.chunks.iter().map(|chunk| cells.bytes(*chunk));
            write_frame(&mut self.scratch, head, notices, chunks, |piece| buffer.extend_from_slice(piece));
        });
        let length = bytes.len();
        debug_assert!(length <= SERVER_MESSAGE_BYTES_MAX, "{length} bytes");
        let sent = link.try_reserve().map(|permit| permit.try_send(Outbound::Message(bytes), self.ready_at));
        match sent {
            Ok(Ok(waker)) => {
                self.wakers.extend(waker);
                self.published.frames += 1;
                self.published.bytes += length as u64;
                acks.on_send(head.tick);
                true
            }
            // The client is not to blame.
            Ok(Err(Contended)) | Err(_) => false,
        }
    }
}

fn tenths(duration: Duration) -> TenthMs {
    TenthMs::from_ms(duration.as_secs_f64() * 1000.0)
}

#[cfg(test)]
mod tests;
