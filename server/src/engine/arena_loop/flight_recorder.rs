//! The flight recorder of one arena: what enters each tick, so that a simulation that failed can be stepped through again.

use std::{
    borrow::Borrow,
    env, mem,
    path::{Path, PathBuf},
    thread,
};

use shared::engine::{game_trait::Input, protocol::put};
use tracing::error;

use crate::engine::{
    recorder::{Definition, RecordSender, RecordWriter, Recorder, Segment, save_failure},
    recording::{content, definition, put_commands},
    simulation::{ArenaOf, Command, Simulation},
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
    pub(super) fn with_recording<S: Simulation>(
        self,
        arena: &ArenaOf<S>,
        tick_rate: u16,
        writer: &RecordWriter,
    ) -> Self {
        let definition = definition(arena, tick_rate);
        let game = writer.sender(&self.name, Definition { content: content::<S>(), arena: &definition });
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
    pub(super) fn new<S: Simulation>(sim: &S, to: Destination) -> Self {
        let interval = SEGMENT_SECONDS * u32::from(sim.tick_rate());
        let recorder = Recorder::new(interval, sim.tick().0, |out| put(out, &sim.state()));
        Self { recorder, to }
    }

    fn begin_segment<S: Simulation>(&mut self, sim: &S) {
        let game = &mut self.to.game;
        self.recorder.begin_segment(
            sim.tick().0,
            |over| match game {
                Some(game) => game.send(over),
                None => Some(over),
            },
            |out| put(out, &sim.state()),
        );
    }

    /// The game goes on in another arena: what is recorded of the one before ends here.
    pub(super) fn move_to<S: Simulation>(&mut self, sim: &S) {
        let Destination { failures, name, game } = &self.to;
        let definition = definition_of(sim);
        let game =
            game.as_ref().map(|game| game.of(Definition { content: content::<S>(), arena: &definition }));
        let next = Self::new(sim, Destination { failures: failures.clone(), name: name.clone(), game });
        let Self { recorder, to } = mem::replace(self, next);
        if let Some(game) = to.game {
            game.finish(recorder.finish());
        }
    }

    /// A tick is about to be stepped with these commands.
    pub(super) fn before_step<I: Input>(&mut self, commands: &[Command<I>]) {
        self.recorder.begin_step(|out| put_commands(out, commands));
    }

    /// It is done.
    pub(super) fn after_step<S: Simulation>(&mut self, sim: &S) {
        self.recorder.end_step(sim.quick_checksum());
    }

    /// Ticks were skipped.
    pub(super) fn on_skip(&mut self, ticks: u32) {
        self.recorder.skip(ticks);
    }

    /// A tick is over: begins a new segment if it is time.
    pub(super) fn on_tick<S: Simulation>(&mut self, sim: &S) {
        if self.recorder.is_due(sim.tick().0) {
            self.begin_segment(sim);
        }
    }

    /// The encoded state after this tick, if it was encoded just now.
    pub(super) fn state_after(&self, tick: u32) -> Option<&[u8]> {
        let (base_tick, base) = self.recorder.base();
        (base_tick == tick).then_some(base)
    }

    /// The simulation has failed, and its thread is about to end. Writes what led to it.
    pub(super) fn save_failure<S: Simulation>(&self, sim: &S) {
        save::<S>(&self.to.failures, &self.to.name, &definition_of(sim), self.recorder.segments());
    }

    /// The state breaks a rule of the game. Writes what led to it, on a thread of its own, while the game goes on: a new segment
    /// begins, so that the two before it can be shared.
    pub(super) fn save_broken<S: Simulation>(&mut self, sim: &S) {
        let before = self.recorder.previous();
        self.begin_segment(sim);
        let segments: Vec<_> = before.into_iter().chain(self.recorder.previous()).collect();
        let (failures, name, definition) =
            (self.to.failures.clone(), self.to.name.clone(), definition_of(sim));
        let run = move || save::<S>(&failures, &name, &definition, segments);
        if let Err(error) = thread::Builder::new().name("failure".to_owned()).spawn(run) {
            error!("cannot start a thread that writes a recording: {error}");
        }
    }

    /// The game is over: the rest of it is recorded. Returns what writes the recording of a failure, for when it turns out that the
    /// last state breaks a rule.
    pub(super) fn finish<S: Simulation>(self, sim: &S) -> impl FnOnce() + Send + use<S> {
        let Self { recorder, to: Destination { failures, name, game } } = self;
        let (segments, definition) = (recorder.finish(), definition_of(sim));
        if let Some(game) = game {
            game.finish(segments.iter().cloned());
        }
        move || save::<S>(&failures, &name, &definition, segments)
    }
}

fn definition_of<S: Simulation>(sim: &S) -> Vec<u8> {
    definition(sim.arena(), sim.tick_rate())
}

fn save<S: Simulation>(
    dir: &Path,
    name: &str,
    arena: &[u8],
    segments: impl IntoIterator<Item: Borrow<Segment>>,
) {
    match save_failure(dir, name, Definition { content: content::<S>(), arena }, segments) {
        Ok(path) => error!(
            "the simulation failed; `emberdrift replay '{}'` steps through what led to it: please report it with this file",
            path.display()
        ),
        Err(error) => {
            error!(
                "the simulation failed, and its recording cannot be written to '{}': {error}",
                dir.display()
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use shared::engine::input::PlayerInput;

    use super::*;
    use crate::engine::{
        recording::replay,
        testing::TestSimulation,
        wait::{TEST_LIMIT, wait_until},
    };

    #[test]
    fn state_that_breaks_a_rule_is_recorded_while_the_game_goes_on() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let mut sim = TestSimulation::new(4);
        let failures = directory.path().to_owned();
        let mut recorder =
            FlightRecorder::new(&sim, Destination { failures, name: "square".to_owned(), game: None });
        for tick in 1..=240 {
            recorder.before_step::<PlayerInput>(&[]);
            sim.step(&[]);
            recorder.after_step(&sim);
            if tick == 211 {
                recorder.save_broken(&sim);
            }
            recorder.on_tick(&sim);
        }
        let path = directory.path().join("square.failure-1.recording");
        assert!(wait_until(TEST_LIMIT, || path.exists()));
        let bytes = std::fs::read(path).expect("it is written");
        let replayed = replay::<TestSimulation>(&bytes, true, |_| {}).expect("it can be replayed");
        // The last but one segment began after 100 ticks.
        assert_eq!((replayed.from, replayed.tick, replayed.difference), (100, 211, None));
        assert!(
            recorder.state_after(211).is_some() && recorder.state_after(240).is_none(),
            "a segment began"
        );
    }
}
