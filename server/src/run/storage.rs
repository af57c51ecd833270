//! What a server keeps on disk, if it is asked to: snapshots of its arenas, and recordings of its games. Opens the directories,
//! and gives each arena its ends.

use std::{
    env, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use shared::engine::game_trait::Arena as _;

use super::rooms::RoomFiles;
use crate::{
    config::Config,
    engine::{
        arena_loop::{ArenaSettings, Persistence},
        net,
        recorder::RecordWriter,
        simulation::{ArenaOf, Simulation},
        snapshot::{SnapshotWriter, StateDir, StateDirError},
        telemetry::Telemetry,
    },
};

/// What is to be kept, and where.
#[derive(Clone, Debug, Default)]
pub struct StorageOptions {
    /// Snapshots; `None`: none.
    pub state: Option<PathBuf>,
    /// Time between two snapshots of an arena; zero for one at the shutdown only.
    pub snapshot_interval: Duration,
    /// Recordings of whole games; `None`: none.
    pub record: Option<PathBuf>,
}

impl StorageOptions {
    /// What the flags say.
    pub fn new(config: &Config) -> Self {
        Self {
            state: config.state.clone(),
            snapshot_interval: Duration::from_secs(config.snapshot_seconds.into()),
            record: config.record.clone(),
        }
    }
}

/// Why nothing can be kept.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// The state cannot be.
    #[error(transparent)]
    State(#[from] StateDirError),
    /// Games cannot be.
    #[error("cannot record to '{dir}': {error}; make it writable, or choose another directory with --record")]
    Record {
        /// Where.
        dir: String,
        /// Why.
        error: io::Error,
    },
    /// There is no thread for it.
    #[error("cannot start a thread that writes files: {0}; raise the limit of threads or free some memory")]
    Thread(#[source] io::Error),
}

/// The threads that write.
#[derive(Debug)]
pub(super) struct Storage {
    snapshots: Option<SnapshotWriter>,
    recordings: Option<RecordWriter>,
    /// Where a simulation that fails leaves its recording.
    failures: PathBuf,
}

impl Storage {
    /// Opens the directories, for this many arenas, and rooms of which snapshots are kept.
    pub(super) fn open(options: StorageOptions, arenas: usize, rooms: usize) -> Result<Self, StorageError> {
        let StorageOptions { state, snapshot_interval, record } = options;
        let failures = state.clone().unwrap_or_else(env::temp_dir);
        let snapshots = match state {
            Some(dir) => {
                let dir = StateDir::open(&dir)?;
                Some(
                    SnapshotWriter::start(dir, snapshot_interval, arenas + rooms)
                        .map_err(StorageError::Thread)?,
                )
            }
            None => None,
        };
        let start = |dir: &Path| {
            let record_error = |error| StorageError::Record { dir: dir.display().to_string(), error };
            RecordWriter::start(dir, arenas).map_err(record_error)
        };
        let recordings = record.as_deref().map(start).transpose()?;
        Ok(Self { snapshots, recordings, failures })
    }

    /// What is kept of an arena.
    pub(super) fn of<S: Simulation>(
        &self,
        game: &ArenaSettings<ArenaOf<S>>,
        telemetry: &Arc<Telemetry>,
    ) -> Result<Persistence<S>, StateDirError> {
        let name = net::slug(game.arena.name());
        let persistence = match &self.snapshots {
            Some(writer) => Persistence::open(&game.arena, game.tick_rate, &name, writer.queue(), telemetry)?,
            None => Persistence::default(),
        };
        let persistence = persistence.with_failures_in(self.failures.clone(), &name);
        Ok(match &self.recordings {
            Some(writer) => persistence.with_recording(&game.arena, game.tick_rate, writer),
            None => persistence,
        })
    }

    /// What is kept of the rooms, and where a room that fails leaves its recording.
    pub(super) fn of_rooms(&self) -> RoomFiles {
        let queue = self.snapshots.as_ref().map(|writer| writer.queue().clone());
        RoomFiles::new(queue, self.failures.clone())
    }

    /// The thread that has ended, although it has not been asked to.
    pub(super) fn ended(&self) -> Option<&'static str> {
        let has_ended = self.snapshots.as_ref().is_some_and(SnapshotWriter::has_ended);
        let recordings_ended = self.recordings.as_ref().is_some_and(RecordWriter::has_ended);
        let recordings = recordings_ended.then_some("the recording of games");
        has_ended.then_some("the writing of snapshots").or(recordings)
    }

    /// The threads that write, to be finished once the simulations have ended.
    pub(super) fn into_writers(self) -> (Option<SnapshotWriter>, Option<RecordWriter>) {
        (self.snapshots, self.recordings)
    }
}
