//! Rooms on disk, if the server keeps its state: what each is made of, in a file beside its snapshot, so that a restart ends no room.
//! A disk that fails costs the room its next restart and nothing else.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use serde::{Deserialize, Serialize};
use shared::engine::protocol::{decode, encode};

use crate::engine::{
    arena_loop::{ArenaSettings, Persistence},
    files,
    room_code::{RoomCode, RoomKeyHash},
    saved_arena::SavedArena,
    sessions::draw_numbers,
    simulation::{ArenaOf, Simulation},
    snapshot::{self, Header, SNAPSHOT_BYTES_MAX, SnapshotQueue, StateDir},
    telemetry::Telemetry,
};

/// Before the code in a name, and behind it. No arena has an underscore in its name in addresses.
const BEGINNING: &str = "room_";
const ENDING: &str = ".room";
/// The name of the recording of a room that fails. It is the same for all, so that there is a bounded number.
const FAILURE_NAME: &str = "room";

/// What a room is made of.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct KeptRoom<A> {
    pub(super) arena: A,
    pub(super) bots: u16,
    pub(super) players: u16,
    pub(super) key: RoomKeyHash,
    /// Of the player that the room was handed over to and that has not used its key yet.
    pub(super) next_key: Option<RoomKeyHash>,
    pub(super) is_public: bool,
    pub(super) is_locked: bool,
    pub(super) has_chat: bool,
}

/// Where rooms are kept.
#[derive(Debug)]
pub(in crate::run) struct RoomFiles {
    /// `None` if they are not kept, or the server stops.
    queue: Mutex<Option<SnapshotQueue>>,
    failures: PathBuf,
}

impl RoomFiles {
    pub(in crate::run) fn new(queue: Option<SnapshotQueue>, failures: PathBuf) -> Self {
        Self { queue: Mutex::new(queue), failures }
    }

    /// No more snapshots are begun here: the writer ends once those that were begun are written.
    pub(in crate::run) fn close(&self) {
        *self.queue.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn queue(&self) -> Option<SnapshotQueue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Writes what a room is made of. Blocks.
    pub(super) fn write<S: Simulation>(&self, code: RoomCode, room: &KeptRoom<ArenaOf<S>>) {
        let Some(queue) = self.queue() else { return };
        let Some(dir) = queue.dir() else { return };
        let bytes = sealed::<S>(room);
        let path = path(dir, code);
        if let Err(error) = files::replace(&path, &bytes) {
            tracing::error!(
                "cannot write '{}': {error}; the room ends with the next restart",
                path.display()
            );
        }
    }

    /// The rooms that were kept, at most `most`. What cannot be read is moved out of the way. Blocks.
    pub(super) fn read_all<S: Simulation>(&self, most: usize) -> Vec<(RoomCode, KeptRoom<ArenaOf<S>>)> {
        let Some(queue) = self.queue() else { return Vec::new() };
        let Some(dir) = queue.dir() else { return Vec::new() };
        let names = match fs::read_dir(dir.path()) {
            Ok(names) => names,
            Err(error) => {
                tracing::error!("cannot look for rooms in '{}': {error}", dir.path().display());
                return Vec::new();
            }
        };
        let paths = names.filter_map(|entry| Some(entry.ok()?.path()));
        let rooms = paths.filter_map(|path| Some((code_in(&path)?, path)));
        rooms.filter_map(|(code, path)| Some((code, read::<S>(&path)?))).take(most).collect()
    }

    /// Removes what is kept of a room. Blocks.
    pub(super) fn remove(&self, code: RoomCode) {
        let Some(queue) = self.queue() else { return };
        let Some(dir) = queue.dir() else { return };
        for path in [path(dir, code), dir.snapshot_path(&name(code))] {
            match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    tracing::error!("cannot remove '{}': {error}", path.display());
                }
                _ => {}
            }
        }
    }

    /// What is kept of a room that goes on from `saved`, or else from the disk, or begins. Blocks.
    pub(super) fn persistence<S: Simulation>(
        &self,
        code: RoomCode,
        settings: &ArenaSettings<ArenaOf<S>>,
        saved: Option<SavedArena<S>>,
        telemetry: &Arc<Telemetry>,
    ) -> Persistence<S> {
        let (ArenaSettings { arena, tick_rate, .. }, name) = (settings, name(code));
        let persistence = match (self.queue(), saved) {
            (None, None) => Persistence::default(),
            (None, Some(saved)) => Persistence::of(saved, draw_numbers()),
            (Some(queue), Some(saved)) => {
                Persistence::keeping(Some(saved), arena, *tick_rate, &name, &queue, telemetry)
            }
            (Some(queue), None) => Persistence::open(arena, *tick_rate, &name, &queue, telemetry)
                .unwrap_or_else(|error| {
                    tracing::error!("{error}; the room begins again");
                    Persistence::keeping(None, arena, *tick_rate, &name, &queue, telemetry)
                }),
        };
        persistence.with_failures_in(self.failures.clone(), FAILURE_NAME)
    }
}

/// Of the files that say what rooms are made of. They are of no arena.
fn header<S: Simulation>() -> Header {
    Header { content: S::STATE_VERSION, arena: [0; 32] }
}

/// The name of a room among the arenas in the directory.
fn name(code: RoomCode) -> String {
    format!("{BEGINNING}{code}")
}

fn path(dir: &StateDir, code: RoomCode) -> PathBuf {
    dir.path().join(format!("{}{ENDING}", name(code)))
}

/// The room that a file is about, by its name.
fn code_in(path: &Path) -> Option<RoomCode> {
    path.file_name()?.to_str()?.strip_prefix(BEGINNING)?.strip_suffix(ENDING)?.parse().ok()
}

/// The bytes of what a room is made of.
pub(super) fn sealed<S: Simulation>(room: &KeptRoom<ArenaOf<S>>) -> Vec<u8> {
    let mut bytes = Vec::new();
    snapshot::begin(header::<S>(), 0, &mut bytes);
    bytes.extend(encode(room));
    snapshot::seal(&mut bytes);
    bytes
}

/// What a room is made of, from its bytes. Any bytes are one or refused.
pub(super) fn unsealed<S: Simulation>(bytes: &[u8]) -> Result<KeptRoom<ArenaOf<S>>, String> {
    let snapshot = snapshot::decode(bytes, &header::<S>()).map_err(|refusal| refusal.to_string())?;
    decode::<_, SNAPSHOT_BYTES_MAX>(snapshot.payload).map_err(|error| error.to_string())
}

fn read<S: Simulation>(path: &Path) -> Option<KeptRoom<ArenaOf<S>>> {
    let bytes = fs::read(path).map_err(|error| error.to_string());
    let room = bytes.and_then(|bytes| unsealed::<S>(&bytes));
    room.inspect_err(|why| match files::set_aside(path) {
        Ok(aside) => {
            tracing::warn!("cannot use '{}': {why}; it is now '{}'", path.display(), aside.display());
        }
        Err(error) => tracing::error!("cannot use '{}': {why}; nor move it: {error}", path.display()),
    })
    .ok()
}
