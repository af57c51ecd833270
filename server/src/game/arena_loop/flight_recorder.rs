//! The flight recorder of one arena: what enters each tick, so that a simulation that failed can be stepped through again.

use std::{env, path::PathBuf};

use shared::{engine::protocol::put, game::arena::Arena};
use tracing::error;

use crate::{
    engine::recorder::{Definition, RecordSender, RecordWriter, Recorder, save_failure},
    game::{
        recording::{CONTENT, definition, put_commands},
        sim::{Command, Simulation},
    },
};

/// Length of a segment, in seconds: what is recorded of a failure is one to two of them.
const SEGMENT_SECONDS: u32 = 5;

/// Where recordings of an arena go.
#[derive(Debug)]
pub(super) struct Destination {
    /// The directory of a failure's recording.
    pub(super) failures: PathBuf,
    /// The arena's name in addresses.
    pub(super) name: String,
    /// Of the whole game.
    pub(super) game: Option<RecordSender>,
}

impl Default for Destination {
    fn default() -> Self {
        Self { failures: env::temp_dir(), name: "arena".to_owned(), game: None }
    }
}

impl Destination {
    /// Records the whole game too.
    pub(super) fn with_game(self, arena: &Arena, tick_rate: u16, writer: &RecordWriter) -> Self {
        let definition = definition(arena, tick_rate);
        let game = writer.sender(&self.name, Definition { content: CONTENT, arena: &definition });
        Self { game: Some(game), ..self }
    }
}

/// Records one arena.
#[derive(Debug)]
pub(super) struct FlightRecorder {
    recorder: Recorder,
    to: Destination,
}

impl FlightRecorder {
    /// Begins with the state of `sim`.
    pub(super) fn new(sim: &Simulation, to: Destination) -> Self {
        let interval = SEGMENT_SECONDS * u32::from(sim.timing().tick_rate);
        let mut recorder = Self { recorder: Recorder::new(interval), to };
        recorder.begin_segment(sim);
        recorder
    }

    fn begin_segment(&mut self, sim: &Simulation) {
        let game = &mut self.to.game;
        self.recorder.begin_segment(
            sim.world().tick.0,
            |dropped| match game {
                Some(game) => game.send(dropped),
                None => dropped,
            },
            |out| put(out, &sim.state()),
        );
    }

    /// A tick is about to be stepped with these commands.
    pub(super) fn before_step(&mut self, commands: &[Command]) {
        self.recorder.begin_step(|out| put_commands(out, commands));
    }

    /// It is done.
    pub(super) fn after_step(&mut self, sim: &Simulation) {
        self.recorder.end_step(sim.quick_checksum());
    }

    /// Ticks were skipped.
    pub(super) fn on_skip(&mut self, ticks: u32) {
        self.recorder.skip(ticks);
    }

    /// A tick is over: begins a new segment if it is time.
    pub(super) fn on_tick(&mut self, sim: &Simulation) {
        if self.recorder.is_due(sim.world().tick.0) {
            self.begin_segment(sim);
        }
    }

    /// The encoded state after this tick, if it was encoded just now.
    pub(super) fn state_after(&self, tick: u32) -> Option<&[u8]> {
        let (base_tick, base) = self.recorder.base();
        (base_tick == tick).then_some(base)
    }

    /// The simulation has failed. Writes what led to it.
    pub(super) fn save_failure(&self, sim: &Simulation) {
        let definition = definition(sim.terrain().arena(), sim.timing().tick_rate);
        let definition = Definition { content: CONTENT, arena: &definition };
        let Destination { failures, name, .. } = &self.to;
        match save_failure(failures, name, definition, self.recorder.segments()) {
            Ok(path) => error!(
                "the simulation failed; `emberdrift replay '{}'` steps through what led to it: please report it with this file",
                path.display()
            ),
            Err(error) => error!(
                "the simulation failed, and its recording cannot be written to '{}': {error}",
                failures.display()
            ),
        }
    }

    /// The game is over: the rest of it is recorded.
    pub(super) fn finish(mut self) {
        if let Some(mut game) = self.to.game {
            self.recorder.take_segments().for_each(|segment| drop(game.send(segment)));
        }
    }
}
