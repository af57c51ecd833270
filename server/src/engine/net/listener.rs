//! Listens, accepts sockets within the limits, gives each a task, and ends all tasks at shutdown. Also makes the threads that run
//! these tasks.

use std::{io, net::SocketAddr, num::NonZeroUsize, pin::pin, sync::Arc, thread, time::Duration};

use axum::Router;
use socket2::SockRef;
use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    runtime::{Builder, Runtime},
    task::{JoinError, JoinSet},
    time::{Instant, sleep},
};

use super::{
    http::{
        connection::{self, OpenGuard},
        refusal::{Refusal, refuse_socket},
        router::router,
    },
    limits::Limits,
    proxy::peer::Peer,
    running_time,
    state::ServerState,
};
use crate::engine::{notifier::Notifier, panics::NETWORK_THREAD};

/// Connections that may wait to be accepted: a whole arena that reconnects after a restart.
const BACKLOG: u32 = 4096;
/// Pause after `accept` has failed. Without free file descriptors it would fail again at once.
const ACCEPT_RETRY: Duration = Duration::from_millis(100);

/// How long an idle worker parks before it asks the kernel for events, unless the notifier wakes it.
///
/// Inputs arrive one by one, and a wake-up for each costs more than handling it; after a park a worker handles many at
/// once. This delays no player: the notifier wakes workers shortly before each tick, so inputs that arrived in time are
/// handled in time, and again when there are frames to send. Only plain HTTP waits, half of this on average.
const PARK: Duration = Duration::from_millis(4);

/// Why the server cannot listen.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// Another program uses the port.
    #[error(
        "cannot listen on {0}: the port is in use; stop the other program or choose another port with --listen"
    )]
    InUse(SocketAddr),
    /// Ports below 1024 need privileges.
    #[error("cannot listen on {0}: not permitted; choose a port above 1023 with --listen")]
    NotPermitted(SocketAddr),
    /// The address is not one of this machine's.
    #[error(
        "cannot listen on {0}: this machine has no such address; use --listen 0.0.0.0:{port} for all of its addresses",
        port = .0.port()
    )]
    NoSuchAddress(SocketAddr),
    /// Anything else.
    #[error("cannot listen on {0}: {1}; choose another address with --listen")]
    Other(SocketAddr, io::Error),
}

impl ListenError {
    fn new(address: SocketAddr, error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::AddrInUse => Self::InUse(address),
            io::ErrorKind::PermissionDenied => Self::NotPermitted(address),
            io::ErrorKind::AddrNotAvailable => Self::NoSuchAddress(address),
            _ => Self::Other(address, error),
        }
    }
}

/// Starts to listen.
pub fn bind(address: SocketAddr) -> Result<TcpListener, ListenError> {
    let open = || -> io::Result<TcpListener> {
        let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        // A restarted server must not wait until the last connections of the old one have timed out.
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        socket.listen(BACKLOG)
    };
    open().map_err(|error| ListenError::new(address, error))
}

/// Accepts sockets until the server stops, then waits for open connections to close, and drops the rest.
pub async fn serve(listener: TcpListener, server: Arc<ServerState>) {
    let router = router(Arc::clone(&server));
    let mut tasks = JoinSet::new();
    let mut draining = pin!(server.phase.draining());
    loop {
        tokio::select! {
            () = &mut draining => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => admit(stream, peer, &mut tasks, &router, &server),
                Err(error) => on_accept_error(&error, &server).await,
            },
            Some(ended) = tasks.join_next(), if !tasks.is_empty() => count_panic(ended, &server),
        }
    }
    // What connects from here on finds no server, or waits for the one that took the socket over.
    drop(listener);
    server.stopping().await;
    let open = tasks.len();
    let all_ended = async {
        while let Some(ended) = tasks.join_next().await {
            count_panic(ended, &server);
        }
    };
    if running_time::timeout(server.limits.shutdown_timeout, all_ended).await.is_err() {
        tracing::info!(open, dropped = tasks.len(), "some connections did not close in time");
    }
    tasks.shutdown().await;
}

/// Gives a new socket its task, or refuses it.
fn admit(
    stream: TcpStream,
    peer: SocketAddr,
    tasks: &mut JoinSet<()>,
    router: &Router,
    server: &Arc<ServerState>,
) {
    let telemetry = &server.arenas.first().admission.telemetry;
    let from = Peer::new(peer, &server.access.proxies);
    let refuse = |refusal| {
        // It fits into an empty send buffer. A peer that does not get it sees a reset.
        let _ = stream.try_write(&refuse_socket(server, &from, &refusal));
    };
    if tasks.len() >= server.limits.sockets {
        return refuse(Refusal::Sockets);
    }
    let Some(share) = server.sockets.take(from.network()) else {
        return refuse(Refusal::TooManyFromNetwork);
    };
    if let Err(error) = configure(&stream, &server.limits) {
        // The peer has left already.
        tracing::debug!(%peer, %error, "a socket cannot be configured");
        return;
    }
    // In the guard, because a task around this one would take its memory twice.
    let guard = OpenGuard::new(telemetry, share);
    tasks.spawn(connection::serve(stream, peer, guard, router.clone(), Arc::clone(server)));
}

/// Bounds the kernel's buffers and how long it keeps unacknowledged bytes, and turns off Nagle's algorithm, which would delay
/// small frames.
fn configure(stream: &TcpStream, limits: &Limits) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let socket = SockRef::from(stream);
    #[cfg(target_os = "linux")]
    socket.set_tcp_user_timeout(Some(limits.ack_timeout))?;
    socket.set_send_buffer_size(limits.send_buffer_bytes)?;
    socket.set_recv_buffer_size(limits.receive_buffer_bytes)
}

async fn on_accept_error(error: &io::Error, server: &ServerState) {
    use io::ErrorKind::{ConnectionAborted, ConnectionReset, Interrupted};
    // These concern one peer only.
    if !matches!(error.kind(), ConnectionAborted | ConnectionReset | Interrupted) {
        server.arenas.first().admission.telemetry.refused.get("accept").inc();
        server.log.note(Instant::now(), "accept", &format_args!("cannot accept connections: {error}"));
        sleep(ACCEPT_RETRY).await;
    }
}

/// A task that panicked takes its own connection with it, and no other. The hook of the process has logged why.
fn count_panic(ended: Result<(), JoinError>, server: &ServerState) {
    if ended.is_err_and(|error| error.is_panic()) {
        server.arenas.first().admission.telemetry.closed.get("panic").inc();
        server.log.note(
            Instant::now(),
            "panic",
            &"a connection's task panicked; please report the line about it",
        );
    }
}

/// The default number of workers: one core is left to the simulation. On two cores a second worker only takes the core
/// from the simulation: 22.8 µs a player and tick with two workers, 21.3 with one; and at 3,000 players the frame gap's
/// p99 doubles.
pub fn default_workers() -> usize {
    thread::available_parallelism().map_or(1, NonZeroUsize::get).saturating_sub(1).max(1)
}

/// A runtime for [`serve`]. Idle workers park until `notifier` wakes them, or for 4 ms.
pub fn runtime(workers: usize, notifier: Notifier) -> io::Result<Runtime> {
    Builder::new_multi_thread()
        .worker_threads(workers)
        .thread_name(NETWORK_THREAD)
        .on_thread_park(move || notifier.park(PARK))
        .enable_all()
        .build()
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use futures_util::{SinkExt, StreamExt};
    use shared::engine::{
        input::PlayerInput,
        protocol::{
            ClientMessage, CloseReason, Hello, SUBPROTOCOL_BINCODE, SUBPROTOCOL_JSON, encode_client,
            encode_client_json,
        },
        testing::TestGame,
    };
    use tokio::time::timeout;
    use tokio_tungstenite::{
        client_async,
        tungstenite::{Bytes, Message, client::IntoClientRequest},
    };

    use crate::engine::{
        connection_state::Admission,
        feed_channel::Subscribers,
        game_codec::GameCodec,
        inbox::{Inbound, Inbox},
        net::{ArenaHandle, Arenas, Feed, Phase, PhaseReceiver, Site, listener::*},
        outbox::Outbound,
        resume::ResumeKey,
        telemetry::Telemetry,
    };

    #[tokio::test]
    async fn panic_in_a_connection_ends_no_other() {
        let (inbox, received) = Inbox::new(16);
        let (stop, phase) = PhaseReceiver::new();
        let admission = Admission::new(inbox, Arc::new(Telemetry::new(&[])), ResumeKey::new().unwrap());
        let telemetry = Arc::clone(&admission.telemetry);
        let arena = ArenaHandle::new("Test", admission, Feed::new(Subscribers::default(), &[]), ());
        let arenas = Arenas::new(vec![Arc::new(arena)]);
        let site = Site::Files(HashMap::new());
        // JSON connections ask for this, and only they.
        let codec = GameCodec::of::<TestGame>().with_to_json(|_| panic!("a bug"));
        let state = Arc::new(ServerState::new(arenas, Limits::for_players(4), site, codec, phase));
        let listener = bind(([127, 0, 0, 1], 0).into()).unwrap();
        let address = listener.local_addr().unwrap();
        let serving = tokio::spawn(serve(listener, state));

        let mut clients = Vec::new();
        for subprotocol in [SUBPROTOCOL_BINCODE, SUBPROTOCOL_JSON] {
            let mut request = format!("ws://{address}/ws").into_client_request().unwrap();
            request.headers_mut().insert("sec-websocket-protocol", subprotocol.parse().unwrap());
            let stream = TcpStream::connect(address).await.unwrap();
            let (mut client, _) = client_async(request, stream).await.unwrap();
            let hello = ClientMessage::<PlayerInput>::Hello(Hello::of::<TestGame>());
            let hello = match subprotocol {
                SUBPROTOCOL_JSON => Message::text(encode_client_json(&hello)),
                _ => Message::binary(encode_client(&hello)),
            };
            client.send(hello).await.unwrap();
            let outbox = loop {
                match received.try_recv() {
                    Ok(Inbound::Joined(join)) => break join.outbox,
                    _ => sleep(Duration::from_millis(1)).await,
                }
            };
            clients.push((client, outbox));
        }
        // The second panics; after that the first still gets what it is sent.
        for at in [1, 0] {
            let (client, outbox) = &mut clients[at];
            outbox.try_reserve().unwrap().send(Outbound::Message(Bytes::from_static(b"one")));
            let message = timeout(Duration::from_secs(20), client.next()).await.expect("no silence");
            match at {
                0 => assert_eq!(message.unwrap().unwrap(), Message::binary(&b"one"[..])),
                _ => assert!(!matches!(message, Some(Ok(_))), "{message:?}"),
            }
        }
        let counted = || telemetry.closed.get("panic").get();
        timeout(Duration::from_secs(20), async {
            while counted() == 0 {
                sleep(Duration::from_millis(1)).await;
            }
        })
        .await
        .expect("it is counted");
        assert!(!serving.is_finished());
        stop.send_replace(Phase::Closing(CloseReason::ShuttingDown));
        drop(clients);
        timeout(Duration::from_secs(20), serving).await.expect("it stops").expect("no panic");
    }

    #[test]
    fn parked_worker_runs_a_task_that_is_spawned_at_any_moment() {
        let runtime = runtime(1, Notifier::default()).expect("a runtime");
        for round in 0..20 {
            // Not a wait: it moves the spawn through the phases of a park.
            thread::sleep(Duration::from_micros(137 * round));
            let task = runtime.spawn(async move { round });
            assert_eq!(runtime.block_on(task).ok(), Some(round));
        }
    }
}
