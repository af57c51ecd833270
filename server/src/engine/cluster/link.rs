//! The connection to NATS, and the three stores that a cluster keeps there: nodes, rooms and worlds. Errors say where and what to do.

use std::time::Duration;

use async_nats::{
    Client, ConnectOptions, Event,
    jetstream::{
        self, Context, ErrorCode,
        context::{CreateKeyValueError, CreateKeyValueErrorKind},
        kv,
        object_store::{self, ObjectStore},
    },
};
use tokio::time::{Instant, sleep, timeout};

use super::{
    error::ClusterError,
    identity::{NatsUrl, NodeName},
    node_entry::NODE_BYTES_MAX,
};

/// How long a server has to answer. Shorter than a lease, so that a node notices that it is cut off before others do.
const REQUEST: Duration = Duration::from_secs(2);
/// Between two signs of life of the connection: one without an answer is closed at the second.
const PING: Duration = Duration::from_millis(1500);
/// Between two attempts to connect again.
const RECONNECT: Duration = Duration::from_millis(500);
/// How long a cluster of NATS has to find its leader at the start.
const STORES: Duration = Duration::from_secs(15);
/// Servers that keep each entry, if there are as many.
const REPLICAS: usize = 3;
/// Most bytes of all worlds. Beyond it no snapshot is taken in, which the log says.
const WORLDS_BYTES_MAX: i64 = 4 << 30;
/// A world is not kept longer than this without a new snapshot: far longer than a room sleeps.
const WORLDS_AGE_MAX: Duration = Duration::from_secs(24 * 3600);
/// How long the store remembers that an entry was removed, so that nodes hear of it.
const MARKERS: Duration = Duration::from_secs(120);
/// Messages that wait for a task of ours.
const WAITING_MAX: usize = 4096;

/// The stores.
#[derive(Clone)]
pub(super) struct Link {
    pub(super) client: Client,
    pub(super) nodes: kv::Store,
    pub(super) rooms: kv::Store,
    pub(super) worlds: ObjectStore,
}

impl std::fmt::Debug for Link {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Link(..)")
    }
}

/// Connects, and returns an error at once if no server answers: a wrong address is noticed at the start.
pub(super) async fn connect(urls: &[NatsUrl], name: &NodeName) -> Result<Client, ClusterError> {
    let addresses: Vec<_> = urls.iter().map(NatsUrl::address).collect();
    let options = ConnectOptions::new()
        .name(format!("emberdrift {name}"))
        .connection_timeout(REQUEST)
        .request_timeout(Some(REQUEST))
        .ping_interval(PING)
        .subscription_capacity(WAITING_MAX)
        .reconnect_delay_callback(|_| RECONNECT)
        .event_callback(|event| async move {
            match event {
                Event::Connected => tracing::info!("connected to NATS"),
                Event::Disconnected => tracing::warn!("the connection to NATS is lost; running games go on"),
                Event::ServerError(error) => tracing::warn!(%error, "NATS reports an error"),
                event => tracing::debug!(%event, "NATS"),
            }
        });
    let connected = timeout(REQUEST * 2, async_nats::connect_with_options(&addresses[..], options)).await;
    let unreachable = |error: String| ClusterError::Unreachable { urls: texts(urls), error };
    match connected {
        Ok(connected) => connected.map_err(|error| {
            let source = std::error::Error::source(&error).map(ToString::to_string);
            unreachable(source.unwrap_or_else(|| error.to_string()))
        }),
        Err(_) => Err(unreachable("no answer".to_owned())),
    }
}

fn texts(urls: &[NatsUrl]) -> String {
    urls.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

impl Link {
    /// Connects, and makes the stores that do not exist yet.
    pub(super) async fn open(urls: &[NatsUrl], name: &NodeName) -> Result<Self, ClusterError> {
        let client = connect(urls, name).await?;
        let mut context = jetstream::new(client.clone());
        context.set_timeout(REQUEST);
        let fault = |what| move |error| ClusterError::NoJetStream { urls: texts(urls), what, error };
        let nodes =
            store(&context, "emberdrift_nodes", NODE_BYTES_MAX).await.map_err(fault("list of nodes"))?;
        let rooms = store(&context, "emberdrift_rooms", 1024).await.map_err(fault("list of rooms"))?;
        let worlds = worlds(&context).await.map_err(fault("worlds"))?;
        Ok(Self { client, nodes, rooms, worlds })
    }
}

impl Link {
    /// Removes the entry of a room, if this is its revision.
    pub(super) async fn forget_room(&self, key: &str, revision: u64) -> Result<(), String> {
        let removed = self.rooms.purge_expect_revision_with_ttl(key, revision, MARKERS).await;
        removed.map_err(|error| error.to_string())
    }
}

async fn store(context: &Context, bucket: &str, bytes: usize) -> Result<kv::Store, String> {
    made(|replicas| {
        let config = kv::Config {
            bucket: bucket.to_owned(),
            max_value_size: bytes as i32,
            history: 1,
            num_replicas: replicas,
            limit_markers: Some(MARKERS),
            ..kv::Config::default()
        };
        async move {
            match context.get_key_value(&config.bucket).await {
                Ok(store) => Ok(store),
                Err(_) => context.create_key_value(config).await.map_err(|error| fault_of(&error)),
            }
        }
    })
    .await
}

async fn worlds(context: &Context) -> Result<ObjectStore, String> {
    made(|replicas| async move {
        let bucket = "emberdrift_worlds".to_owned();
        if let Ok(store) = context.get_object_store(&bucket).await {
            return Ok(store);
        }
        let config = object_store::Config {
            bucket,
            max_age: WORLDS_AGE_MAX,
            max_bytes: WORLDS_BYTES_MAX,
            num_replicas: replicas,
            ..object_store::Config::default()
        };
        let made = context.create_object_store(config).await;
        made.map_err(|error| Fault { is_single: has_code(&error), why: text(&error) })
    })
    .await
}

/// Why a store was not made.
struct Fault {
    /// There is a single server, which keeps no replicas.
    is_single: bool,
    why: String,
}

fn fault_of(error: &CreateKeyValueError) -> Fault {
    let is_stream =
        matches!(error.kind(), CreateKeyValueErrorKind::BucketCreate | CreateKeyValueErrorKind::JetStream);
    Fault { is_single: is_stream && has_code(error), why: text(error) }
}

/// Whether an error, or what has caused it, is that a server alone has no replicas.
fn has_code(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        let of_jetstream = error.downcast_ref::<jetstream::Error>();
        if of_jetstream.is_some_and(|error| error.error_code() == ErrorCode::STREAM_REPLICAS_NOT_SUPPORTED)
            || error.to_string().contains("10074")
        {
            return true;
        }
        next = error.source();
    }
    false
}

fn text(error: &(dyn std::error::Error + 'static)) -> String {
    error.source().map_or_else(|| error.to_string(), |source| format!("{error}: {source}"))
}

/// Makes a store with replicas, or without if there is a single server. A cluster that has just begun gets some time.
async fn made<T, F: Future<Output = Result<T, Fault>>>(make: impl Fn(usize) -> F) -> Result<T, String> {
    let (until, mut replicas) = (Instant::now() + STORES, REPLICAS);
    loop {
        match make(replicas).await {
            Ok(made) => return Ok(made),
            Err(Fault { is_single: true, .. }) if replicas > 1 => replicas = 1,
            Err(Fault { why, .. }) if Instant::now() >= until => return Err(why),
            Err(_) => sleep(RECONNECT).await,
        }
    }
}
