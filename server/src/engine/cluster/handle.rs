//! One node's part of a cluster: who it is, its connection, what it knows, and the tasks that keep that up to date.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{sync::Notify, task::JoinSet, time::Instant};

use super::{
    beat,
    error::{ClusterError, LEASE},
    follow,
    identity::{Incarnation, NatsUrl, NodeName},
    inherit,
    link::Link,
    node_entry::URL_BYTES_MAX,
    requests,
    room_lease::RoomLease,
    seats::Seats,
    table::Table,
    uploads::{self, Uploads},
    world_host::WorldHost,
};
use crate::engine::{net::PublicUrl, room_code::RoomCode, snapshot::SnapshotSink as _};

/// A node that has not been heard for this long acts as one that is cut off: before others take it for silent.
const CUT_AFTER: Duration = Duration::from_millis(3500);
const _: () = assert!(CUT_AFTER.as_millis() < LEASE.as_millis());

/// Which cluster a node is in, and as what.
#[derive(Clone, Debug)]
pub struct ClusterOptions {
    /// Servers of NATS, at least one.
    pub servers: Vec<NatsUrl>,
    /// Its name, which no other node has.
    pub node: NodeName,
    /// Where it is, for players who choose.
    pub region: Option<NodeName>,
    /// Where players and other nodes reach it; without one, at the address that it listens on, if that is of this machine alone.
    pub url: Option<PublicUrl>,
}

impl ClusterOptions {
    /// The public URL of the node that listens at this address.
    fn url_at(&self, address: SocketAddr, has_tls: bool) -> Result<String, ClusterError> {
        let own = || {
            let scheme = if has_tls { "https" } else { "http" };
            address.ip().is_loopback().then(|| format!("{scheme}://{address}"))
        };
        let url = self.url.as_ref().map(ToString::to_string).or_else(own).ok_or(ClusterError::NoUrl)?;
        if url.len() > URL_BYTES_MAX {
            Err(ClusterError::LongUrl { url, most: URL_BYTES_MAX })
        } else {
            Ok(url)
        }
    }
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
    host: OnceLock<Arc<dyn WorldHost>>,
    /// Told when the nodes or their URLs change.
    on_urls: OnceLock<OnUrls>,
    /// Entries are to be followed from their beginning.
    pub(super) again: Notify,
    pub(super) beats: tokio::sync::Mutex<beat::Beat>,
}

/// What is told the URLs of the nodes.
struct OnUrls(Box<dyn Fn(Vec<PublicUrl>) + Send + Sync>);

impl std::fmt::Debug for OnUrls {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("OnUrls(..)")
    }
}

impl Cluster {
    /// Connects to NATS and takes the name of the node, which listens at this address. Tasks begin with [`Self::start`].
    pub async fn join(
        options: ClusterOptions,
        (address, has_tls): (SocketAddr, bool),
        uploads: Arc<Uploads>,
    ) -> Result<Arc<Self>, ClusterError> {
        let url = options.url_at(address, has_tls)?;
        let ClusterOptions { servers, node, region, .. } = options;
        let link = Link::open(&servers, &node).await?;
        let cluster = Self {
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
        };
        beat::take_name(&cluster).await?;
        tracing::info!(node = %cluster.node, url = cluster.url, "joined the cluster");
        Ok(Arc::new(cluster))
    }

    /// Begins its tasks, for the worlds of `host`. `on_urls` is told the URLs of the nodes whenever they change. The tasks end when what is returned is dropped.
    pub fn start(
        self: &Arc<Self>,
        host: Arc<dyn WorldHost>,
        on_urls: impl Fn(Vec<PublicUrl>) + Send + Sync + 'static,
    ) -> JoinSet<()> {
        // Set once: a cluster is started once.
        let _ = self.host.set(host);
        let _ = self.on_urls.set(OnUrls(Box::new(on_urls)));
        let mut tasks = JoinSet::new();
        tasks.spawn(beat::announce(Arc::clone(self)));
        tasks.spawn(follow::nodes(Arc::clone(self)));
        tasks.spawn(follow::rooms(Arc::clone(self)));
        tasks.spawn(requests::answer(Arc::clone(self)));
        tasks.spawn(super::announcement::listen(Arc::clone(self)));
        tasks.spawn(uploads::upload(Arc::clone(self)));
        tasks.spawn(inherit::inherit(Arc::clone(self)));
        tasks
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
