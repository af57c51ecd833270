//! The world of one arena, with what goes into a step of it and what comes out.

use std::{
    sync::Arc,
    time::{Instant, SystemTime, UNIX_EPOCH},
};

use shared::game::protocol::Notice;

use crate::{
    engine::{ids::ViewerId, outbox::ReadyAt, telemetry::Telemetry},
    game::{
        feed::Recorder,
        replication::{Published, Publisher},
        sim::{Command, Simulation},
    },
};

#[derive(Debug)]
pub(super) struct ArenaState {
    pub(super) sim: Simulation,
    /// For the next step.
    pub(super) commands: Vec<Command>,
    pub(super) publisher: Publisher,
    pub(super) feed: Recorder,
    pub(super) telemetry: Arc<Telemetry>,
}

impl ArenaState {
    /// Carries out the commands, and advances the world by one tick.
    pub(super) fn step(&mut self) {
        self.sim.step(&self.commands);
        self.commands.clear();
    }

    /// Sends a frame to every viewer. `began` is when the tick began.
    pub(super) fn replicate(&mut self, began: Instant) -> Published {
        self.publisher.on_step_done(began.elapsed(), ReadyAt::now());
        self.feed.on_step(&self.sim);
        self.publisher.publish(&self.sim)
    }

    pub(super) fn is_full_second(&self) -> bool {
        self.sim.world().tick.0.is_multiple_of(u32::from(self.sim.timing().tick_rate))
    }

    /// Sends a notice to one viewer with its next frame.
    pub(super) fn notify(&mut self, viewer: Option<ViewerId>, notice: &Notice) {
        if let Some(viewer) = viewer.and_then(|viewer| self.publisher.viewer(viewer)) {
            viewer.send_notice(notice);
        }
    }
}

/// The time of day, for people: nothing in the game depends on it.
pub(super) fn unix_ms() -> u64 {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX)
}
