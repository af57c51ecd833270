//! What a server keeps, if it is asked to: snapshots of its arenas, recordings of its games, and records of its players. Opens the
//! directories and the database, and gives each arena its ends.

use std::{
    env, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use shared::engine::game_trait::Arena as _;

use super::rooms::RoomFiles;
use crate::{
    config::{Config, ConfigError},
    engine::{
        arena_loop::{ArenaSettings, Persistence},
        net,
        recorder::RecordWriter,
        records::{Place, RecordKeeper, RecordQueue, Records, RecordsError},
        simulation::{ArenaOf, Simulation},
        snapshot::{SnapshotSink, SnapshotWriter, StateDir, StateDirError},
        telemetry::Telemetry,
    },
};

/// Time between two snapshots of a room that a cluster keeps: with the time to write it, less than five seconds of the game are lost
/// with a node.
const WORLDS_EVERY: Duration = Duration::from_secs(3);
const DAY: Duration = Duration::from_secs(86_400);

/// What is to be kept, and where.
#[derive(Clone, Debug, Default)]
pub struct StorageOptions {
    /// Snapshots; `None`: none.
    pub state: Option<PathBuf>,
    /// Time between two snapshots of an arena; zero for one at the shutdown only.
    pub snapshot_interval: Duration,
    /// Recordings of whole games; `None`: none.
    pub record: Option<PathBuf>,
    /// Records of players; `None`: none.
    pub records: Option<Place>,
    /// How long records are kept; `None`: for ever.
    pub retention: Option<Duration>,
}

impl StorageOptions {
    /// What the flags say.
    pub fn new(config: &Config) -> Result<Self, ConfigError> {
        Ok(Self {
            state: config.state.clone(),
            snapshot_interval: Duration::from_secs(config.snapshot_seconds.into()),
            record: config.record.clone(),
            records: config.records()?,
            retention: config.retention.map(|days| DAY * days),
        })
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
    /// Records of players cannot be.
    #[error("{}", .0.in_full())]
    Records(#[from] RecordsError),
    /// There is no thread for it.
    #[error("cannot start a thread that writes files: {0}; raise the limit of threads or free some memory")]
    Thread(#[source] io::Error),
}

/// The threads and the task that write.
#[derive(Debug)]
pub(super) struct Storage {
    snapshots: Option<SnapshotWriter>,
    /// Snapshots of rooms, if a cluster keeps them.
    worlds: Option<SnapshotWriter>,
    recordings: Option<RecordWriter>,
    records: Option<RecordKeeper>,
    /// Where a simulation that fails leaves its recording.
    failures: PathBuf,
}

impl Storage {
    /// Opens the directories and the database, for this many arenas, and rooms of which snapshots are kept: in the directory, or by
    /// the cluster.
    pub(super) async fn open(
        options: StorageOptions,
        arenas: usize,
        rooms: usize,
        cluster: Option<Arc<dyn SnapshotSink>>,
    ) -> Result<Self, StorageError> {
        let StorageOptions { state, snapshot_interval, record, records, retention } = options;
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
        let worlds = cluster.map(|sink| SnapshotWriter::start_to(sink, WORLDS_EVERY, arenas + rooms));
        let worlds = worlds.transpose().map_err(StorageError::Thread)?;
        let start = |dir: &Path| {
            let record_error = |error| StorageError::Record { dir: dir.display().to_string(), error };
            RecordWriter::start(dir, arenas).map_err(record_error)
        };
        let recordings = record.as_deref().map(start).transpose()?;
        let records = match &records {
            Some(place) => Some(RecordKeeper::start(place, retention).await?),
            None => None,
        };
        Ok(Self { snapshots, worlds, recordings, records, failures })
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
        let writer = self.worlds.as_ref().or(self.snapshots.as_ref());
        let queue = writer.map(|writer| writer.queue().clone());
        RoomFiles::new(queue, self.failures.clone())
    }

    /// The records of players, for the network side; `None` if there are none.
    pub(super) fn records(&self) -> Option<&Records> {
        self.records.as_ref().map(RecordKeeper::records)
    }

    /// Where the arenas leave records of players; `None` if there are none.
    pub(super) fn record_queue(&self) -> Option<RecordQueue> {
        self.records.as_ref().map(|keeper| keeper.queue().clone())
    }

    /// The thread or task that has ended, although it has not been asked to.
    pub(super) fn ended(&self) -> Option<&'static str> {
        let has_ended = [&self.snapshots, &self.worlds].into_iter().flatten().any(SnapshotWriter::has_ended);
        let recordings_ended = self.recordings.as_ref().is_some_and(RecordWriter::has_ended);
        let recordings = recordings_ended.then_some("the recording of games");
        let records_ended = self.records.as_ref().is_some_and(RecordKeeper::has_ended);
        let records = records_ended.then_some("the writing of records");
        has_ended.then_some("the writing of snapshots").or(recordings).or(records)
    }

    /// What writes, to be finished once the simulations have ended: the first to the disk, the second for the cluster.
    pub(super) fn into_writers(
        self,
    ) -> ([Option<SnapshotWriter>; 2], Option<RecordWriter>, Option<RecordKeeper>) {
        ([self.snapshots, self.worlds], self.recordings, self.records)
    }
}
