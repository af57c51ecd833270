//! One node's part of a cluster: who it is, its connection, what it knows, and what it needs of the program around it: the worlds of this
//! node, to be listed, handed on and taken in.
//!
//! Invariant: a world is bytes here, that another node of the same version can go on from.

use std::{
    fmt::Debug,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures_util::future::BoxFuture;
use shared::engine::feed::ArenaEntry;
use tokio::{sync::Notify, time::Instant};

use super::{
    error::{ClusterError, LEASE},
    identity::{Incarnation, NodeName},
    link::Link,
    room_lease::RoomLease,
    seats::Seats,
    table::Table,
    uploads::Uploads,
};
use crate::engine::{
    chat_relay::LineToAll, net::PublicUrl, room_code::RoomCode, snapshot::SnapshotSink as _,
    telemetry::Counter,
};

/// A node that has not been heard for this long acts as one that is cut off: before others take it for silent.
const CUT_AFTER: Duration = Duration::from_millis(3500);
const _: () = assert!(CUT_AFTER.as_millis() < LEASE.as_millis());

/// The entry that a node has written last.
#[derive(Debug, Default)]
pub(super) struct Beat {
    pub(super) number: u64,
    pub(super) revision: u64,
    pub(super) has_lost_name: bool,
}

/// A node's part of its cluster.
#[derive(Debug)]
pub struct Cluster {
    pub(super) node: NodeName,
    pub(super) incarnation: Incarnation,
    pub(super) region: Option<NodeName>,
    pub(super) url: String,
    pub(super) link: Link,
    pub(super) seats: Seats,
    pub(super) uploads: Arc<Uploads>,
    table: Mutex<Table>,
    /// When NATS last took in this node's entry.
    heard: Mutex<Instant>,
    pub(super) is_draining: AtomicBool,
    pub(super) host: OnceLock<Arc<dyn WorldHost>>,
    /// Told when the nodes or their URLs change.
    pub(super) on_urls: OnceLock<OnUrls>,
    /// Entries are to be followed from their beginning.
    pub(super) again: Notify,
    pub(super) beats: tokio::sync::Mutex<Beat>,
    pub(super) counters: RoomCounters,
}

/// What this node has done with rooms since it started.
#[derive(Debug, Default)]
pub(super) struct RoomCounters {
    /// Rooms of other nodes that went on here.
    pub(super) received: Counter,
    /// Rooms that other nodes took in when they were asked to.
    pub(super) handed_on: Counter,
    /// Rooms that another node held, and that were given up here.
    pub(super) given_up: Counter,
}

/// The worlds of this node.
pub trait WorldHost: Debug + Send + Sync {
    /// Its arenas and its public rooms, as `/arenas` lists them.
    fn entries(&self) -> Vec<ArenaEntry>;

    /// Whether there is a place for another room.
    fn has_place(&self) -> bool;

    /// Free seats for players in a room. `None` if it is not here.
    fn free_seats(&self, code: RoomCode) -> Option<u32>;

    /// The rooms that are here.
    fn held(&self) -> Vec<RoomCode>;

    /// A snapshot of a room with what the room is made of: what another node goes on from. `None` if the room is not here.
    fn pack(&self, code: RoomCode, snapshot: &[u8]) -> Option<Vec<u8>>;

    /// Takes in a room of another node, or says why it cannot go on.
    fn adopt(&self, code: RoomCode, world: Vec<u8>) -> BoxFuture<'_, Result<(), String>>;

    /// Makes rooms of the arenas that have players, so that they can be handed on, and returns their codes. Their clients wait.
    fn arenas_to_rooms(&self) -> BoxFuture<'_, Vec<RoomCode>>;

    /// Stops a room for a move, and returns what another node goes on from. Its clients wait, and no client is let in. `None` if there is
    /// no such room.
    fn take(&self, code: RoomCode) -> BoxFuture<'_, Option<Vec<u8>>>;

    /// Sends the clients of a room to this node of the cluster, and forgets the room.
    fn give_up(&self, code: RoomCode, url: String) -> BoxFuture<'_, ()>;

    /// A room that was stopped for a move stays here after all.
    fn keep(&self, code: RoomCode) -> BoxFuture<'_, ()>;

    /// Says a text of the operator to all players of this node.
    fn announce(&self, text: &str);

    /// Says a line of a player of another node to all players of this one.
    fn say(&self, line: &Arc<LineToAll>);
}

/// What is told the URLs of the nodes.
pub(super) struct OnUrls(pub(super) Box<dyn Fn(Vec<PublicUrl>) + Send + Sync>);

impl std::fmt::Debug for OnUrls {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("OnUrls(..)")
    }
}

impl Cluster {
    /// A member that is not known to others yet.
    pub(super) fn new(
        (node, region, url): (NodeName, Option<NodeName>, String),
        link: Link,
        uploads: Arc<Uploads>,
    ) -> Result<Self, ClusterError> {
        Ok(Self {
            incarnation: Incarnation::random(),
            node,
            region,
            url,
            link,
            seats: Seats::new()?,
            uploads,
            table: Mutex::default(),
            heard: Mutex::new(Instant::now()),
            is_draining: AtomicBool::new(false),
            host: OnceLock::new(),
            on_urls: OnceLock::new(),
            again: Notify::new(),
            beats: tokio::sync::Mutex::default(),
            counters: RoomCounters::default(),
        })
    }

    /// Where players and other nodes reach this node.
    pub fn url(&self) -> &str {
        &self.url
    }

    pub(super) fn host(&self) -> Option<&Arc<dyn WorldHost>> {
        self.host.get()
    }

    pub(super) fn table(&self) -> MutexGuard<'_, Table> {
        // Valid after a panic elsewhere too: each change is one step.
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The nodes have changed.
    pub(super) fn tell_urls(&self) {
        if let Some(OnUrls(on_urls)) = self.on_urls.get() {
            let mut urls: Vec<_> = self.table().nodes().map(|node| node.url.clone()).collect();
            urls.sort_unstable();
            urls.dedup();
            on_urls(urls.iter().filter_map(|url| url.parse().ok()).collect());
        }
    }

    /// NATS has taken in this node's entry.
    pub(super) fn on_heard(&self) {
        let was_cut = self.is_cut();
        let now = Instant::now();
        *self.heard.lock().unwrap_or_else(PoisonError::into_inner) = now;
        if was_cut {
            tracing::info!("the cluster hears this node again");
            self.table().on_reconnected(now.into_std());
            self.again.notify_waiters();
        }
    }

    /// Whether this node is cut off from NATS: its games go on, and it decides nothing about rooms.
    pub fn is_cut(&self) -> bool {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).elapsed() >= CUT_AFTER
    }

    pub(super) fn is_draining(&self) -> bool {
        self.is_draining.load(Ordering::Relaxed)
    }

    /// The lease of a room that this node holds.
    pub(super) fn own_lease(&self, world: Option<String>) -> RoomLease {
        RoomLease { node: self.node.clone(), incarnation: self.incarnation.clone(), world }
    }

    pub(super) fn is_own(&self, lease: &RoomLease) -> bool {
        lease.node == self.node && lease.incarnation == self.incarnation
    }

    /// Takes a new code for a room of this node: false if another room has it, and an error if NATS does not answer.
    pub async fn take_code(&self, code: RoomCode) -> Result<bool, String> {
        if self.is_cut() {
            return Err("the node is cut off from its cluster".to_owned());
        }
        let lease = self.own_lease(None);
        match self.link.rooms.create(code.to_string(), lease.to_bytes().into()).await {
            Ok(revision) => {
                self.table().put_room(code, lease, revision, Instant::now().into_std());
                Ok(true)
            }
            Err(error) if error.kind() == async_nats::jetstream::kv::CreateErrorKind::AlreadyExists => {
                Ok(false)
            }
            Err(error) => Err(error.to_string()),
        }
    }

    /// What a new room is made of is uploaded, so that the room begins again elsewhere if its node dies before the first snapshot.
    pub fn note(&self, code: RoomCode) {
        self.uploads.take(&code.to_string(), &[]);
    }

    /// Forgets a room that is over.
    pub async fn forget(&self, code: RoomCode) {
        let held = self.table().room(code).cloned();
        let Some(held) = held.filter(|held| self.is_own(&held.lease)) else { return };
        let key = code.to_string();
        if let Err(error) = self.link.forget_room(&key, held.revision).await {
            tracing::warn!(%code, %error, "a room that is over is still in the cluster's list");
            return;
        }
        self.table().remove_room(code, u64::MAX);
        if let Some(world) = held.lease.world {
            let _ = self.link.worlds.delete(world).await;
        }
    }
}
