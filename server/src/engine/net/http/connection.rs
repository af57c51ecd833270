//! One socket from its first byte to its last: a request head, HTTP, and perhaps a WebSocket.

use std::{net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use axum::Router;
use hyper::{Request, body::Incoming, server::conn::http1, service::Service};
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::Instant,
};

use super::{
    access::TransportSecurity,
    preflight::{self, Expected, Head},
    refusal::{Refusal, refuse_socket},
    streaming::{Deadline, Endpoint, SocketSlot, Upgrade},
};
use crate::engine::{
    client_network::Share,
    log::peer_text,
    net::{
        accepted::Accepted,
        prefixed_io::PrefixedIo,
        proxy::peer::Peer,
        running_time,
        state::ServerState,
        tls::Tls,
        websocket::{self, transport::Transport},
    },
    telemetry::Telemetry,
};

/// Counts a socket as long as it is open: with the first arena until an address names another, and with its network.
pub(crate) struct OpenGuard {
    telemetry: Arc<Telemetry>,
    share: Share,
}

impl OpenGuard {
    pub(crate) fn new(telemetry: &Arc<Telemetry>, share: Share) -> Self {
        telemetry.connections.inc();
        Self { telemetry: Arc::clone(telemetry), share }
    }

    /// Counts the socket by its PROXY header. False if the network has too many.
    fn count_for(&mut self, peer: &Peer, server: &ServerState) -> bool {
        let share = server.sockets.take(peer.network());
        share.map(|share| self.share = share).is_some()
    }

    fn move_to(&mut self, telemetry: &Arc<Telemetry>) {
        telemetry.connections.inc();
        self.telemetry.connections.dec();
        self.telemetry = Arc::clone(telemetry);
    }
}

impl Drop for OpenGuard {
    fn drop(&mut self) {
        self.telemetry.connections.dec();
    }
}

/// Serves a socket until it ends.
pub(crate) async fn serve(
    mut stream: TcpStream,
    address: SocketAddr,
    mut guard: OpenGuard,
    router: Router,
    server: Arc<ServerState>,
) {
    let proxies = &server.access.proxies;
    let mut peer = Peer::new(address, proxies);
    let expected = Expected { proxy_header: peer.is_trusted(), tls: server.tls.is_some() };
    let head = first_head(&mut stream, expected, peer, &server, false).await;
    let Some(Head { bytes, source, is_tls }) = head else { return };
    if let Some(source) = source {
        peer = peer.with_source(source, proxies);
        if !guard.count_for(&peer, &server) {
            let answer = refuse_socket(&server, &peer, &Refusal::TooManyFromNetwork);
            if !is_tls {
                let _ = stream.try_write(&answer);
            }
            return;
        }
    }
    let stream = match &server.tls {
        Some(tls) if is_tls => {
            // Boxed, so that plain connections do not reserve memory for this.
            let secured = Box::pin(secure(PrefixedIo::new(bytes, stream), tls, peer, &server));
            let Some(stream) = secured.await else { return };
            stream
        }
        _ => PrefixedIo::new(bytes, Accepted::Plain(stream)),
    };
    let slot = SocketSlot::default();
    serve_http(stream, peer, &slot, router, &server).await;
    if let Some(Upgrade { on_upgrade, endpoint, peer }) = slot.take() {
        let _share = slot.into_share();
        let upgraded = match on_upgrade.await {
            Ok(upgraded) => upgraded,
            Err(error) => return tracing::debug!(%peer, %error, "the handshake was cut off"),
        };
        // The socket itself: hyper's wrapper would cost something with every byte.
        let Ok(parts) = upgraded.downcast::<TokioIo<PrefixedIo<Accepted>>>() else {
            return tracing::error!("an upgraded connection is not the accepted socket");
        };
        // Copied: the original would keep hyper's whole buffer.
        let mut early = parts.read_buf.to_vec();
        drop(parts.read_buf);
        let (unread, stream) = parts.io.into_inner().into_parts();
        early.extend(unread);
        match stream {
            Accepted::Plain(stream) => serve_websocket(stream, early, endpoint, peer, guard, &server).await,
            Accepted::Tls(stream) => serve_websocket(stream, early, endpoint, peer, guard, &server).await,
        }
    }
}

/// Reads the first head of a stream. A faulty one is refused.
async fn first_head(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    expected: Expected,
    peer: Peer,
    server: &ServerState,
    is_for_tls_only: bool,
) -> Option<Head> {
    let head = tokio::select! {
        head = preflight::read_head(stream, server.limits.http_head_timeout, expected) => head,
        () = server.abandoning() => return None,
    };
    match head {
        Ok(head) => head,
        Err(error) => {
            let first = server.arenas.first();
            first.admission.telemetry.refused.get(error.label()).inc();
            if error.is_for_operator() {
                server.log.peer(Instant::now(), error.label(), &peer, first.name(), &error);
            } else {
                tracing::debug!(%peer, "{error}");
            }
            // Boxed, so that other connections do not reserve memory for this.
            Box::pin(preflight::refuse(stream, &error, &server.access, is_for_tls_only)).await;
            None
        }
    }
}

/// The TLS handshake, if it may begin, and the first head in it. Each has the time of a head.
async fn secure(
    stream: PrefixedIo<TcpStream>,
    tls: &Tls,
    peer: Peer,
    server: &ServerState,
) -> Option<PrefixedIo<Accepted>> {
    let first = server.arenas.first();
    let refused = &first.admission.telemetry.refused;
    let permit = match server.handshakes.begin(peer.network(), Instant::now().into_std()) {
        Ok(permit) => permit,
        Err(why) => {
            refused.get("tls_handshakes").inc();
            server.log.peer(Instant::now(), "tls_handshakes", &peer, first.name(), &why);
            return None;
        }
    };
    let handshake = running_time::timeout(server.limits.http_head_timeout, tls.acceptor().accept(stream));
    let why = tokio::select! {
        handshake = handshake => match handshake {
            Ok(Ok(stream)) => {
                drop(permit);
                let mut stream = Accepted::Tls(Box::new(stream));
                let expected = Expected { proxy_header: false, tls: false };
                let is_for_tls_only = is_for_tls_only(&stream, server);
                let head = first_head(&mut stream, expected, peer, server, is_for_tls_only).await?;
                return Some(PrefixedIo::new(head.bytes, stream));
            }
            Ok(Err(error)) => error.to_string(),
            Err(_) => "it took too long".to_owned(),
        },
        () = server.abandoning() => return None,
    };
    refused.get("tls").inc();
    tracing::debug!(%peer, "the TLS handshake failed: {}", peer_text(&why));
    None
}

/// Whether the TLS handshake was for a host that is for TLS only.
fn is_for_tls_only(stream: &Accepted, server: &ServerState) -> bool {
    stream.server_name().is_some_and(|name| server.is_for_tls_only(name))
}

/// Serves requests until the peer leaves, the time is over, or a handler has accepted a WebSocket.
async fn serve_http(
    stream: PrefixedIo<Accepted>,
    peer: Peer,
    slot: &SocketSlot,
    router: Router,
    server: &Arc<ServerState>,
) {
    let transport = TransportSecurity {
        is_tls: stream.stream().is_tls(),
        is_for_tls_only: is_for_tls_only(stream.stream(), server),
    };
    let (request_slot, state) = (slot.clone(), Arc::clone(server));
    let router = TowerToHyperService::new(router);
    let service = hyper::service::service_fn(move |mut request: Request<Incoming>| {
        if peer.is_unnamed_proxy(request.headers()) {
            state.on_unnamed_proxy(&peer);
        }
        let client = peer.for_request(request.headers(), &state.access.proxies);
        request.extensions_mut().insert(client);
        request.extensions_mut().insert(transport);
        request.extensions_mut().insert(request_slot.clone());
        router.call(request)
    });
    let http = http1::Builder::new()
        .timer(running_time::RunningTimer)
        .header_read_timeout(server.limits.http_head_timeout)
        .max_headers(preflight::HEADERS_MAX)
        .max_header_size(preflight::HEAD_BYTES_MAX)
        .max_buf_size(preflight::HEAD_BYTES_MAX)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    // Dropped at the end of this function in any case: after a handshake whose response could not be sent, the upgrade
    // would wait for it forever.
    let mut http = pin!(http);
    let served = tokio::select! {
        // First, so that a head that is here already is answered: hyper closes a connection that it has not read from.
        biased;
        served = http.as_mut() => Ok(served),
        () = deadline(server.limits.http_lifetime, &slot.deadline) => {
            // A streaming response has no end, and its reader has stopped: no grace.
            let grace = if slot.deadline.get().is_some() { Duration::ZERO } else { server.limits.http_grace };
            http.as_mut().graceful_shutdown();
            running_time::timeout(grace, http).await.map_err(|_| ())
        }
        () = server.stopping() => {
            // Finishes the current response and reads nothing more.
            http.as_mut().graceful_shutdown();
            running_time::timeout(server.limits.shutdown_timeout, http).await.map_err(|_| ())
        }
    };
    match served {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::debug!(%peer, %error, "a request failed"),
        Err(()) => tracing::debug!(%peer, "an HTTP connection was open for too long"),
    }
}

/// Waits for `lifetime`, or longer while a response streams and is being read.
async fn deadline(lifetime: Duration, streaming: &Deadline) {
    let mut until = Instant::now() + lifetime;
    loop {
        running_time::sleep(until.saturating_duration_since(Instant::now())).await;
        match streaming.get().filter(|later| *later > until) {
            Some(later) => until = later,
            None => return,
        }
    }
}

/// Each endpoint is boxed: its state is much smaller than HTTP's, whose memory is freed first.
async fn serve_websocket(
    stream: impl Transport,
    early: Vec<u8>,
    endpoint: Endpoint,
    peer: Peer,
    mut guard: OpenGuard,
    server: &Arc<ServerState>,
) {
    match endpoint {
        Endpoint::Game(arena, subprotocol, _presence, arrival) => {
            guard.move_to(&arena.admission.telemetry);
            let served =
                websocket::connection::serve(stream, early, subprotocol, peer, (&arena, arrival), server);
            Box::pin(served).await;
        }
        Endpoint::Elsewhere(code, url, subprotocol) => {
            let served = websocket::elsewhere::serve(stream, early, subprotocol, peer, (code, &url), server);
            Box::pin(served).await;
        }
        Endpoint::Feed(arena, subscription) => {
            guard.move_to(&arena.admission.telemetry);
            let served = websocket::feed::serve(stream, early, subscription, peer, &arena, server);
            Box::pin(served).await;
        }
        Endpoint::Echo => Box::pin(websocket::echo::serve(stream, early, server)).await,
    }
}
