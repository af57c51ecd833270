//! The world of one arena, with what goes into a step of it and what comes out.

use std::{sync::Arc, time::Instant};

use shared::engine::{chat::ChatLine, protocol::Notice};

use crate::engine::{
    chat_relay::ChatRelay,
    clock::Clock,
    feed::Recorder,
    outbox::ReadyAt,
    replication::{Published, Publisher},
    sessions::ViewerId,
    simulation::{Command, InputOf, Simulation},
    telemetry::Telemetry,
};

#[derive(Debug)]
pub(super) struct ArenaState<S: Simulation> {
    pub(super) sim: S,
    /// For the next step.
    pub(super) commands: Vec<Command<InputOf<S>>>,
    pub(super) publisher: Publisher<S::Game>,
    pub(super) feed: Recorder<S::Game>,
    pub(super) telemetry: Arc<Telemetry>,
    pub(super) clock: Clock,
    pub(super) relay: ChatRelay,
}

impl<S: Simulation> ArenaState<S> {
    /// Carries out the commands, and advances the world by one tick.
    pub(super) fn step(&mut self) {
        self.sim.step(&self.commands);
        self.commands.clear();
    }

    /// Sends a frame to every viewer. `began` is when the tick began.
    pub(super) fn replicate(&mut self, began: Instant) -> Published {
        let now = self.clock.now();
        self.publisher.on_step_done(now.saturating_duration_since(began), ReadyAt(now));
        self.feed.on_step(&self.sim);
        self.publisher.publish(&self.sim)
    }

    /// Counts a tick that is done.
    pub(super) fn count(&self, published: Published) {
        let Self { sim, publisher, telemetry, .. } = self;
        telemetry.ticks_total.inc();
        telemetry.tick.set(u64::from(sim.tick().0));
        telemetry.frames_total.add(published.frames);
        telemetry.frame_bytes_total.add(published.bytes);
        telemetry.frames_skipped_total.add(published.skipped);
        telemetry.frames_contended_total.add(published.contended);
        telemetry.resyncs_total.add(published.resynced);
        telemetry.stalled_viewers_total.add(published.given_up);
        telemetry.cell_resyncs_total.add(published.cell_resyncs);
        telemetry.inputs_missed_total.add(sim.changes().starved);
        publisher.lags().iter().for_each(|lag| telemetry.observe_server_lag(lag));
    }

    pub(super) fn is_full_second(&self) -> bool {
        self.sim.tick().0.is_multiple_of(u32::from(self.sim.tick_rate()))
    }

    /// Shows a line of chat to everyone in the arena, and in its feed.
    pub(super) fn publish_chat(&mut self, line: ChatLine) {
        self.feed.on_chat(&line);
        self.publisher.announce_chat(line);
    }

    /// Sends a notice to one viewer with its next frame.
    pub(super) fn notify(&mut self, viewer: Option<ViewerId>, notice: &Notice<S::Game>) {
        if let Some(viewer) = viewer.and_then(|viewer| self.publisher.viewer(viewer)) {
            viewer.send_notice(notice);
        }
    }
}
