//! What all sockets of one server share, and the limit of log lines about them.

use std::{
    collections::VecDeque,
    fmt::Display,
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use rustc_hash::FxHashMap;
use shared::engine::{
    feed::{ArenaEntry, FeedTotals},
    protocol::CloseReason,
    records::{AchievementInfo, RecordEntry},
};
use tokio::time::Instant;

use super::{
    arenas::{ArenaHandle, Arenas},
    feed::Beside,
    http::{access::Access, site::Site},
    limits::Limits,
    metrics_page::MetricsPage,
    peers::Peers,
    phase::{Phase, PhaseReceiver},
    proxy::peer::Peer,
    rooms::RoomHost,
    running_time,
    tls::{Tls, handshakes::Handshakes},
};
use crate::engine::{
    client_network::{ClientNetwork, Shares},
    clock::Clock,
    game_codec::GameCodec,
    network_buckets::NetworkRates,
    records::{Board, Period, Records},
    token_bucket::Rate,
};

/// How long a socket that was accepted just before the end has for its first request: a round trip, or two with TLS.
const FIRST_REQUEST: Duration = Duration::from_millis(500);

/// How often a network may look at a room. Of 887 million codes, a network finds one of 500 rooms in about three weeks.
const ROOM_LOOKS: Rate = Rate::new(1, 120);

/// What all sockets of one server share.
#[derive(Debug)]
pub struct ServerState {
    /// The arenas, and the way into each.
    pub arenas: Arenas,
    /// Bounds of each socket.
    pub limits: Limits,
    /// The client's files.
    pub site: Site,
    /// How browsers reach the server.
    pub access: Access,
    /// The certificate, if the server speaks TLS.
    pub tls: Option<Arc<Tls>>,
    /// How the game's messages are encoded.
    pub codec: GameCodec,
    /// The rooms, if there may be any.
    pub rooms: Option<Arc<dyn RoomHost>>,
    /// The other nodes, if this one is in a cluster.
    pub peers: Option<Arc<dyn Peers>>,
    /// Records of players, if they are kept.
    pub records: Option<Records>,
    /// What players of the game can achieve.
    pub achievements: &'static [AchievementInfo],
    /// Whether `/echo` exists, for conformance tests.
    pub has_echo: bool,
    /// How far the server is on its way down.
    pub phase: PhaseReceiver,
    pub(super) log: LogLimit,
    /// Sockets that each network has open.
    pub(super) sockets: Shares,
    pub(super) handshakes: Handshakes,
    /// HTTP requests of each network.
    pub(super) requests: NetworkRates,
    /// Looks at rooms by each network.
    pub(super) room_looks: NetworkRates,
    pub(super) metrics_page: MetricsPage,
    /// Whether the log has named a proxy that is not trusted.
    has_named_proxy: AtomicBool,
}

impl ServerState {
    /// Without `/echo` and TLS, and reached at its own address only.
    pub fn new(arenas: Arenas, limits: Limits, site: Site, codec: GameCodec, phase: PhaseReceiver) -> Self {
        // Handshakes that stall leave half of the sockets to others.
        let handshakes = Handshakes::new(limits.sockets.div_ceil(2), limits.handshake_rate());
        Self {
            arenas,
            limits,
            site,
            access: Access::default(),
            tls: None,
            codec,
            rooms: None,
            peers: None,
            records: None,
            achievements: &[],
            has_echo: false,
            phase,
            log: LogLimit::default(),
            sockets: Shares::new(limits.sockets_per_network),
            handshakes,
            requests: NetworkRates::new(limits.request_rate()),
            room_looks: NetworkRates::new(ROOM_LOOKS),
            metrics_page: MetricsPage::default(),
            has_named_proxy: AtomicBool::new(false),
        }
    }

    /// With rooms, if there may be any.
    #[must_use]
    pub fn with_rooms(self, rooms: Option<Arc<dyn RoomHost>>) -> Self {
        Self { rooms, ..self }
    }

    /// With other nodes, if this one is in a cluster.
    #[must_use]
    pub fn with_peers(self, peers: Option<Arc<dyn Peers>>) -> Self {
        Self { peers, ..self }
    }

    /// With records of players, if they are kept, and what they can achieve.
    #[must_use]
    pub fn with_records(self, records: Option<Records>, achievements: &'static [AchievementInfo]) -> Self {
        Self { records, achievements, ..self }
    }

    /// With `/echo` or without.
    #[must_use]
    pub fn with_echo(self, has_echo: bool) -> Self {
        Self { has_echo, ..self }
    }

    /// With this way in for browsers, which the page knows too.
    #[must_use]
    pub fn with_access(self, access: Access) -> Self {
        let site = self.site.with_facts(access.page_facts());
        Self { site, access, ..self }
    }

    /// With TLS, if there is a certificate.
    #[must_use]
    pub fn with_tls(self, tls: Option<Arc<Tls>>) -> Self {
        Self { tls, ..self }
    }

    /// What `/arenas` lists: the arenas and public rooms, in a cluster those of all nodes.
    pub(super) fn listed(&self) -> Vec<ArenaEntry> {
        let rooms = self.rooms.as_ref().map(|rooms| rooms.public()).unwrap_or_default();
        let own: Vec<_> = self.arenas.entries().into_iter().chain(rooms).collect();
        match &self.peers {
            Some(peers) => peers.arenas(own),
            None => own,
        }
    }

    /// Warns once about a proxy that is not in `--trusted-proxy`.
    pub(super) fn on_unnamed_proxy(&self, peer: &Peer) {
        if !self.has_named_proxy.swap(true, Ordering::Relaxed) {
            let address = peer.client();
            tracing::warn!(
                "{address} sends X-Forwarded-For, which is ignored, so that its clients cannot be told apart: if it is your proxy, \
                 start the server with --trusted-proxy {address}"
            );
        }
    }

    /// Whether browsers may be told to use nothing but TLS for this host.
    pub(super) fn is_for_tls_only(&self, host: &str) -> bool {
        self.tls.as_ref().is_some_and(|tls| !tls.is_self_signed()) && self.access.is_for_tls_only(host)
    }

    /// Waits until connections are to be closed. Returns the reason for players.
    pub(super) async fn closing(&self) -> CloseReason {
        self.phase.closing().await
    }

    /// The same without the reason.
    pub(super) async fn stopping(&self) {
        self.closing().await;
    }

    /// Waits until sockets without a request are to be dropped. That is a moment after [`Self::closing`]: a socket that was accepted
    /// just before the end is ours to answer, because the next process gets only those in the backlog.
    pub(super) async fn abandoning(&self) {
        self.stopping().await;
        running_time::sleep(FIRST_REQUEST).await;
    }

    /// Whether connections are being closed.
    pub(super) fn is_closing(&self) -> bool {
        matches!(self.phase.now(), Phase::Closing(_))
    }

    /// Whether the server is on its way down.
    pub(super) fn is_stopping(&self) -> bool {
        self.phase.now() != Phase::Running
    }
}

/// What the feed of an arena says of the server around it. Each is what is known now: a subscriber waits for no database and no node.
#[derive(Debug)]
pub(super) struct Surroundings {
    server: Arc<ServerState>,
    /// A room may end while it has subscribers, and they end with it.
    arena: Weak<ArenaHandle>,
}

impl Surroundings {
    pub(super) fn of(server: &Arc<ServerState>, arena: &Arc<ArenaHandle>) -> Arc<Self> {
        Arc::new(Self { server: Arc::clone(server), arena: Arc::downgrade(arena) })
    }
}

impl Beside for Surroundings {
    fn today(&self) -> Option<Vec<RecordEntry>> {
        let (records, arena) = (self.server.records.as_ref()?, self.arena.upgrade()?);
        // A room has no records, and is not among them.
        let mode = self.server.arenas.mode(arena.slug())?;
        arena.feed.today.latest(&records.store, || Board {
            arena: arena.slug().to_owned(),
            mode: mode.to_owned(),
            period: Period::Today.at(Clock::default().unix_ms()).key,
        })
    }

    fn totals(&self) -> FeedTotals {
        FeedTotals::of(&self.server.listed())
    }
}

/// Limits how many lines are logged about peers, so that a crowd of bad peers can neither fill the disk nor hide one another:
/// one line a second for each reason, of which a network gets one in ten seconds. Further ones are counted; the next line of
/// the same reason carries the count.
#[derive(Debug, Default)]
pub(super) struct LogLimit(Mutex<FxHashMap<&'static str, Lines>>);

/// Lines of one reason.
#[derive(Debug, Default)]
struct Lines {
    /// When the last lines were written, and about which network: those of the last [`NETWORK_INTERVAL`].
    written: VecDeque<(Instant, Option<ClientNetwork>)>,
    suppressed: u64,
}

/// Between two lines of the same reason.
const INTERVAL: Duration = Duration::from_secs(1);
/// Between two lines of the same reason about the same network. This machine's own clients count as many networks.
const NETWORK_INTERVAL: Duration = Duration::from_secs(10);

impl LogLimit {
    /// Logs a warning about `peer`, or counts it.
    pub(super) fn peer(
        &self,
        now: Instant,
        reason: &'static str,
        peer: &Peer,
        arena: &str,
        what: &dyn Display,
    ) {
        // All networks of a site are one here: a line says little about the others.
        let network = ClientNetwork::of(peer.client());
        let network = network.and_then(ClientNetwork::site).or(network);
        if let Some(suppressed) = self.admit(now, reason, network) {
            tracing::warn!(%peer, arena, suppressed, "{what}");
        }
    }

    /// Logs a warning about no peer in particular, or counts it.
    pub(super) fn note(&self, now: Instant, reason: &'static str, what: &dyn Display) {
        if let Some(suppressed) = self.admit(now, reason, None) {
            tracing::warn!(suppressed, "{what}");
        }
    }

    /// How many lines were suppressed since the last one, if another may be written now.
    fn admit(&self, now: Instant, reason: &'static str, network: Option<ClientNetwork>) -> Option<u64> {
        // The state is valid after a panic elsewhere too.
        let mut reasons = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Lines { written, suppressed } = reasons.entry(reason).or_default();
        let age = |at: Instant| now.saturating_duration_since(at);
        while written.front().is_some_and(|(at, _)| age(*at) >= NETWORK_INTERVAL) {
            written.pop_front();
        }
        let is_too_soon = written.back().is_some_and(|(at, _)| age(*at) < INTERVAL);
        if is_too_soon || network.is_some() && written.iter().any(|(_, other)| *other == network) {
            *suppressed += 1;
            return None;
        }
        written.push_back((now, network));
        Some(std::mem::take(suppressed))
    }
}

#[cfg(test)]
mod tests {
    use crate::engine::net::state::*;

    #[test]
    fn reason_has_a_line_a_second_and_a_network_one_in_ten() {
        let start = Instant::now();
        let limit = LogLimit::default();
        let [here, there] = [1, 2].map(|last| ClientNetwork::of([192, 0, 2, last].into()));
        let admit = |ms, reason, network| limit.admit(start + Duration::from_millis(ms), reason, network);
        assert_eq!(admit(0, "a", here), Some(0));
        assert_eq!(admit(0, "b", here), Some(0), "another reason");
        assert_eq!(admit(999, "a", there), None);
        // One network that fails all the time leaves room for the others.
        for ms in (1000..3000).step_by(10) {
            assert_eq!(admit(ms, "a", here), None);
        }
        assert_eq!(admit(3000, "a", there), Some(201));
        assert_eq!(admit(9999, "a", here), None);
        assert_eq!(admit(10_000, "a", here), Some(1));
        assert_eq!(
            [11_000, 12_000].map(|ms| admit(ms, "a", None)),
            [Some(0); 2],
            "this machine has no share"
        );
    }
}
