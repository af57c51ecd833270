//! Snapshots: what a server keeps of its arenas on disk, so that the next process goes on where this one stopped. Knows bytes
//! and files; what the bytes mean is the game's.
//!
//! The simulation thread fills a buffer and hands it over ([`SnapshotSender`]); one thread writes it ([`SnapshotWriter`]). No
//! file is touched on a simulation thread.

mod format;
#[cfg(unix)]
mod permissions;
mod state_dir;
mod writer;

pub use self::{
    format::{FORMAT, HEADER_BYTES, Header, Refusal, Snapshot, begin, decode, seal},
    state_dir::{SNAPSHOT_BYTES_MAX, StateDir, StateDirError},
    writer::{SnapshotQueue, SnapshotSender, SnapshotSink, SnapshotWriter},
};
