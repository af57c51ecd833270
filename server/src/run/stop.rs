//! Ends a server in order: no more sockets, the last ticks, the last snapshots, and then the connections, whose players are told
//! whether they are kept. Every wait has an end.

use std::{ops::BitAnd, sync::Arc, thread, time::Duration};

use shared::engine::protocol::CloseReason;
use tokio::{
    sync::watch,
    task::{JoinHandle, JoinSet, spawn_blocking},
    time::timeout,
};

use super::{arena::Simulated, error::StopError, rooms::RoomFiles, storage::Storage};
use crate::engine::{
    cluster::{Cluster, DRAIN_MAX},
    net::{ArenaHandle, Phase, Successor},
    simulation_threads::ThreadControl,
};

/// How long the simulations have to end: a tick is far shorter.
const SIMULATIONS: Duration = Duration::from_secs(2);
/// How long the last snapshots have to be written.
const SNAPSHOTS: Duration = Duration::from_secs(30);
/// The same of the recordings, after the snapshots.
const RECORDINGS: Duration = Duration::from_secs(10);
/// The same of the records of players.
const RECORDS: Duration = Duration::from_secs(4);
/// All of them, if a simulation hangs: it keeps its ends of the storage, which therefore never sees that all is written.
const AFTER_A_HANG: Duration = Duration::from_secs(3);
/// How long players wait to hear whether they are kept. A snapshot is mostly written in a few milliseconds.
const VERDICT: Duration = Duration::from_secs(1);

/// The most that a stop takes. A supervisor must have more patience.
pub const STOP_MAX: Duration = DRAIN_MAX
    .saturating_add(SIMULATIONS)
    .saturating_add(VERDICT)
    .saturating_add(SNAPSHOTS)
    .saturating_add(RECORDINGS)
    .saturating_add(RECORDS);

/// What a server is stopped by, and what then ends.
#[derive(Debug)]
pub(super) struct Stop {
    pub(super) phase: watch::Sender<Phase>,
    pub(super) threads: Threads,
    pub(super) simulations: Vec<Simulated>,
    pub(super) storage: Storage,
    pub(super) room_files: Arc<RoomFiles>,
    pub(super) network: JoinHandle<()>,
    /// Watches the certificate, if there is one.
    pub(super) certificate: Option<JoinHandle<()>>,
    /// The cluster, and the tasks of this node in it.
    pub(super) cluster: Option<(Arc<Cluster>, JoinSet<()>)>,
}

/// The simulation threads.
#[derive(Debug)]
pub(super) struct Threads {
    pub(super) control: Arc<dyn ThreadControl>,
    pub(super) handles: Vec<thread::JoinHandle<()>>,
    /// Move arenas between them, and look after the rooms.
    pub(super) tasks: Vec<JoinHandle<()>>,
}

impl Threads {
    /// Whether one has ended.
    pub(super) fn has_ended(&self) -> bool {
        self.handles.iter().any(thread::JoinHandle::is_finished)
            || self.tasks.iter().any(JoinHandle::is_finished)
    }
}

impl Stop {
    /// Accepts no more sockets, ends the simulations, writes the last snapshots, closes every connection with a reason, and drops
    /// those that do not close in time. A successor is told when the snapshots are written.
    pub(super) async fn run(self, successor: Option<Successor>) -> Option<StopError> {
        let Self { phase, threads, simulations, storage, room_files, network, certificate, cluster } = self;
        if let Some((cluster, _)) = &cluster {
            let (moved, of) = cluster.drain().await;
            tracing::info!(moved, of, "rooms were handed on to other nodes");
        }
        let Threads { control, handles, tasks } = threads;
        tasks.iter().for_each(JoinHandle::abort);
        // What it may be writing is whole at any moment.
        certificate.inspect(JoinHandle::abort);
        phase.send_replace(Phase::Draining);
        // The end of a simulation closes its outboxes, which is how connections notice.
        let join_all = move || {
            control.stop();
            // All of them, also after one that has panicked.
            handles.into_iter().map(|thread| thread.join().is_ok()).fold(true, BitAnd::bitand)
        };
        let joined = timeout(SIMULATIONS, spawn_blocking(join_all)).await;
        let has_failed = simulations.iter().any(|simulated| simulated.status.has_failed());
        let arenas: Vec<_> = simulations.into_iter().map(|Simulated { arena, .. }| arena).collect();

        room_files.close();
        let (snapshots, recordings, records) = storage.into_writers();
        let are_kept = snapshots[0].is_some();
        let patience = |most: Duration| if joined.is_ok() { most } else { most.min(AFTER_A_HANG) };
        let (snapshots_most, recordings_most) = (patience(SNAPSHOTS), patience(RECORDINGS));
        let mut saved = spawn_blocking(move || {
            snapshots
                .into_iter()
                .flatten()
                .map(|writer| writer.finish(snapshots_most))
                .fold(true, BitAnd::bitand)
        });
        let soon = timeout(VERDICT, &mut saved).await;
        let are_kept = are_kept && arenas.iter().all(|arena| is_saved(arena));
        let reason = if are_kept { CloseReason::Restarting } else { CloseReason::ShuttingDown };
        phase.send_replace(Phase::Closing(reason));

        // What the next process needs comes first, in case that a supervisor has no patience for all.
        let written = async {
            let has_saved = match soon {
                Ok(saved) => saved.unwrap_or(false),
                Err(_) => saved.await.unwrap_or(false),
            };
            drop(successor);
            if let Some((cluster, tasks)) = cluster {
                cluster.leave().await;
                drop(tasks);
            }
            let finish = move || recordings.map(|writer| writer.finish(recordings_most));
            let _ = spawn_blocking(finish).await;
            if let Some(records) = records {
                records.finish(RECORDS).await;
            }
            has_saved
        };
        let (has_saved, ()) = tokio::join!(written, ended(network));
        match joined {
            Ok(Ok(true)) if !has_failed => tracing::info!("stopped"),
            Ok(_) => return Some(StopError::Panicked),
            Err(_) => tracing::error!("a simulation thread did not stop in time and is abandoned"),
        }
        let is_failing = |arena: &Arc<ArenaHandle>| arena.admission.telemetry.snapshot_is_failing.get() > 0;
        (!has_saved || arenas.iter().any(is_failing)).then_some(StopError::NotSaved)
    }
}

/// Whether a snapshot of an arena is on the disk, and the newest that was finished has not failed. The final one may not be written
/// yet.
fn is_saved(arena: &ArenaHandle) -> bool {
    let telemetry = &arena.admission.telemetry;
    telemetry.snapshots_total.get() > 0 && telemetry.snapshot_is_failing.get() == 0
}

async fn ended(network: JoinHandle<()>) {
    if let Err(error) = network.await {
        tracing::error!(%error, "the listener panicked");
    }
}
