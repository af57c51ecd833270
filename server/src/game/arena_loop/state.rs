//! The world of one arena, with what goes into a step of it and what comes out, and its numbers in `/metrics`.

use std::{sync::Arc, time::Instant};

use shared::game::protocol::Notice;

use crate::{
    engine::{
        clock::Clock,
        outbox::ReadyAt,
        sessions::ViewerId,
        telemetry::{GameGauge, Telemetry},
    },
    game::{
        feed::Recorder,
        replication::{Published, Publisher},
        sim::{Command, Simulation},
    },
};

/// The numbers of this game in `/metrics`, besides the engine's, in the order of [`Telemetry::game`]. The constants are indices
/// into it.
pub const GAUGES: [GameGauge; 4] = [
    GameGauge { name: "drones", help: "Drones in the arena." },
    GameGauge { name: "ships", help: "Ships in flight." },
    GameGauge { name: "shots", help: "Shots in flight." },
    GameGauge { name: "embers", help: "Embers lying about." },
];
/// Drones in the arena.
pub const DRONES: usize = 0;
/// Ships in flight.
pub const SHIPS: usize = 1;
/// Shots in flight.
pub const SHOTS: usize = 2;
/// Embers lying about.
pub const EMBERS: usize = 3;

#[derive(Debug)]
pub(super) struct ArenaState {
    pub(super) sim: Simulation,
    /// For the next step.
    pub(super) commands: Vec<Command>,
    pub(super) publisher: Publisher,
    pub(super) feed: Recorder,
    pub(super) telemetry: Arc<Telemetry>,
    pub(super) clock: Clock,
}

impl ArenaState {
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
