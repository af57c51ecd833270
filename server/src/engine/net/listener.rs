//! Accepts sockets, bounds them, and gives each a task for its whole life: first HTTP, then perhaps a WebSocket.
//! Must not know what is at which address.

use std::{io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use axum::Router;
use hyper::{Request, body::Incoming, server::conn::http1, service::Service};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use prometheus::IntGauge;
use socket2::SockRef;
use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    task::{JoinError, JoinSet},
    time::{Instant, sleep, sleep_until, timeout},
};

use super::{
    ArenaHandle, Limits, Shared, connection, echo,
    error::ListenError,
    feed,
    head::{self, Rewound},
    http::{Purpose, Upgrade, router},
};

/// Handshakes that may wait to be accepted: a whole arena that comes back after a restart.
const BACKLOG: u32 = 4096;
/// After `accept` failed. Out of files, it fails at once again until somebody leaves.
const ACCEPT_RETRY: Duration = Duration::from_millis(100);
/// Starts to listen.
pub fn bind(address: SocketAddr) -> Result<TcpListener, ListenError> {
    let open = || -> io::Result<TcpListener> {
        let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        // A restarted server must not wait for the last connections of the old one to time out.
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        socket.listen(BACKLOG)
    };
    open().map_err(|error| ListenError::new(address, error))
}

/// Accepts until the server is to end, then gives the open connections a while to end too, and drops the rest.
pub async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let router = router(Arc::clone(&shared));
    let mut tasks = JoinSet::new();
    let mut stopping = pin!(shared.stopping());
    loop {
        tokio::select! {
            () = &mut stopping => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => admit(stream, peer, &mut tasks, &router, &shared),
                Err(error) => back_off(&error, &shared).await,
            },
            Some(ended) = tasks.join_next(), if !tasks.is_empty() => note(ended),
        }
    }
    drop(listener);
    let open = tasks.len();
    let everyone = async {
        while let Some(ended) = tasks.join_next().await {
            note(ended);
        }
    };
    if timeout(shared.limits.shutdown, everyone).await.is_err() {
        tracing::info!(open, dropped = tasks.len(), "some connections did not end in time");
    }
    tasks.shutdown().await;
}

/// Gives a new socket its task, or sends it away.
fn admit(
    stream: TcpStream,
    peer: SocketAddr,
    tasks: &mut JoinSet<()>,
    router: &Router,
    shared: &Arc<Shared>,
) {
    if tasks.len() >= shared.limits.sockets {
        shared.arenas.first().admission.metrics.refused.with_label_values(&["sockets"]).inc();
        // As much as fits into an empty send buffer at once; whoever cannot take it learns it from the reset.
        let _ = stream.try_write(
            b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: text/plain\r\ncontent-length: 36\r\n\
              connection: close\r\n\r\nToo many connections, come back soon",
        );
        return;
    }
    if let Err(error) = bound(&stream, &shared.limits) {
        // The peer has gone already.
        tracing::debug!(%peer, %error, "a socket cannot be set up");
        return;
    }
    let open = Open::new(&shared.arenas.first().admission.metrics.connections);
    let (router, shared) = (router.clone(), Arc::clone(shared));
    tasks.spawn(converse(stream, peer, open, router, shared));
}

/// Sets what the kernel may hold for this socket, and that small frames leave at once.
fn bound(stream: &TcpStream, limits: &Limits) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let socket = SockRef::from(stream);
    socket.set_send_buffer_size(limits.send_buffer_bytes)?;
    socket.set_recv_buffer_size(limits.receive_buffer_bytes)
}

/// A socket's whole life.
async fn converse(
    mut stream: TcpStream,
    peer: SocketAddr,
    mut open: Open,
    router: Router,
    shared: Arc<Shared>,
) {
    let first = tokio::select! {
        first = head::read(&mut stream, shared.limits.http_head) => first,
        () = shared.stopping() => return,
    };
    let stream = match first {
        Ok(Some(read)) => Rewound::new(read, stream),
        Ok(None) => return,
        Err(error) => {
            shared.arenas.first().admission.metrics.refused.with_label_values(&["head"]).inc();
            tracing::debug!(%peer, "{error}");
            // In a piece of memory of its own, which others need not have.
            return Box::pin(head::refuse(stream, &error)).await;
        }
    };
    let upgrade = Upgrade::default();
    let slot = upgrade.clone();
    let router = TowerToHyperService::new(router);
    let service = hyper::service::service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(slot.clone());
        router.call(request)
    });
    let http = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(shared.limits.http_head)
        .max_headers(head::HEADERS_MAX)
        .max_header_size(head::HEAD_BYTES_MAX)
        .max_buf_size(head::HEAD_BYTES_MAX)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let end = Instant::now() + shared.limits.http_life;
    let lease = upgrade.lease.clone();
    let life = async {
        let mut until = end;
        loop {
            sleep_until(until).await;
            // An answer that goes on may, for as long as it is read.
            match lease.until().filter(|leased| *leased > until) {
                Some(leased) => until = leased,
                None => return,
            }
        }
    };
    let served = {
        // Gone when it has ended, however it has: a handshake whose answer could not be sent would otherwise wait inside it
        // for ever.
        let mut http = pin!(http);
        tokio::select! {
            served = http.as_mut() => Ok(served),
            () = life => Err(()),
            () = shared.stopping() => {
                // What is being answered is finished; nothing more is read.
                http.as_mut().graceful_shutdown();
                timeout(shared.limits.shutdown, http).await.map_err(|_| ())
            }
        }
    };
    match served {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::debug!(%peer, %error, "a request failed"),
        Err(()) => tracing::debug!(%peer, "a connection without a WebSocket stayed too long"),
    }
    if let Some((upgrade, purpose)) = upgrade.take() {
        match upgrade.await {
            // The very socket, without hyper's wrappers, which would be in the way of every byte.
            Ok(stream) => match stream.downcast::<TokioIo<Rewound>>() {
                Ok(parts) => {
                    // A copy: the original would keep hyper's whole buffer.
                    let mut early = parts.read_buf.to_vec();
                    drop(parts.read_buf);
                    let (unread, stream) = parts.io.into_inner().into_parts();
                    early.extend(unread);
                    // Each in a piece of memory of its own, much smaller than what HTTP has taken.
                    match purpose {
                        Purpose::Game(arena, encoding) => {
                            open.belongs_to(&arena);
                            let served = connection::serve(stream, early, encoding, peer, &arena, &shared);
                            Box::pin(served).await;
                        }
                        Purpose::Feed(arena, subscription) => {
                            open.belongs_to(&arena);
                            let served =
                                feed::subscriber::serve(stream, early, subscription, peer, &arena, &shared);
                            Box::pin(served).await;
                        }
                        Purpose::Echo => Box::pin(echo::serve(stream, early, &shared)).await,
                    }
                }
                Err(_) => tracing::error!("an upgraded connection is not a socket"),
            },
            Err(error) => tracing::debug!(%peer, %error, "the handshake was cut off"),
        }
    }
}

async fn back_off(error: &io::Error, shared: &Shared) {
    use io::ErrorKind::{ConnectionAborted, ConnectionReset, Interrupted};
    // These are about one peer, and the next may be fine.
    if !matches!(error.kind(), ConnectionAborted | ConnectionReset | Interrupted) {
        shared.arenas.first().admission.metrics.refused.with_label_values(&["accept"]).inc();
        shared.log.note(Instant::now(), &format_args!("cannot accept connections: {error}"));
        sleep(ACCEPT_RETRY).await;
    }
}

fn note(ended: Result<(), JoinError>) {
    if let Err(error) = ended
        && error.is_panic()
    {
        tracing::error!(%error, "a connection's task broke");
    }
}

/// Counts a socket for as long as it is open: with the first arena until it is known where it belongs.
struct Open(IntGauge);

impl Open {
    fn new(gauge: &IntGauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }

    fn belongs_to(&mut self, arena: &ArenaHandle) {
        *self = Self::new(&arena.admission.metrics.connections);
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.dec();
    }
}
