//! A node joins its cluster, and begins the tasks that keep what it knows up to date.

use std::{net::SocketAddr, sync::Arc};

use tokio::task::JoinSet;

use super::{
    beat,
    error::ClusterError,
    follow,
    identity::{NatsUrl, NodeName},
    inherit,
    link::Link,
    member::{Cluster, OnUrls, WorldHost},
    node_entry::URL_BYTES_MAX,
    requests, said,
    uploads::Uploads,
    worlds,
};
use crate::engine::net::PublicUrl;

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
        let cluster = Self::new((node, region, url), link, uploads)?;
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
        tasks.spawn(requests::listen(Arc::clone(self)));
        tasks.spawn(said::listen(Arc::clone(self)));
        tasks.spawn(worlds::upload(Arc::clone(self)));
        tasks.spawn(inherit::inherit(Arc::clone(self)));
        tasks
    }
}
