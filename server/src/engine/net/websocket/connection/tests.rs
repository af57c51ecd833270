//! Connections over a pipe in memory, on a paused clock: what depends on time, to the second.

mod inbox;

use std::{collections::HashMap, time::Duration};

use crossbeam_channel::Receiver;
use futures_util::{FutureExt, SinkExt, StreamExt};
use shared::engine::{
    ids::Tick,
    input::PlayerInput,
    protocol::{ClientLag, Hello, encode_client},
    testing::TestGame,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex},
    sync::watch,
    task::JoinHandle,
    time::{advance, sleep, timeout},
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Bytes, protocol::Role},
};

use super::*;
use crate::engine::{
    connection_state::Admission,
    feed_channel::Subscribers,
    game_codec::GameCodec,
    inbox::{Inbound, Inbox},
    net::{
        arenas::Arenas,
        feed::Feed,
        http::site::Site,
        limits::Limits,
        phase::{Phase, PhaseReceiver},
    },
    outbox::{Outbound, OutboxSender},
    resume::ResumeKey,
    telemetry::Telemetry,
};

/// A server without a simulation: the test holds the other end of the inbox.
struct Server {
    arena: Arc<ArenaHandle>,
    state: Arc<ServerState>,
    inbox: Receiver<Inbound>,
    stop: watch::Sender<Phase>,
}

const PIPE_BYTES: usize = 1024;

impl Server {
    fn new(inbox_capacity: usize) -> Self {
        let (inbox, receiver) = Inbox::new(inbox_capacity);
        let (stop, phase) = PhaseReceiver::new();
        let site = Site::Files(HashMap::new());
        let feed = Feed::new(Subscribers::default(), &[]);
        let admission = Admission::new(inbox, Arc::new(Telemetry::new(&[])), ResumeKey::new().unwrap());
        let arena = Arc::new(ArenaHandle::new("Test", admission, feed, ()));
        let arenas = Arenas::new(vec![Arc::clone(&arena)]);
        let state =
            ServerState::new(arenas, Limits::for_players(1), site, GameCodec::of::<TestGame>(), phase);
        Self { arena, state: Arc::new(state), inbox: receiver, stop }
    }

    /// A connection, and the raw other end of its pipe.
    fn connect_raw(&self) -> (DuplexStream, JoinHandle<()>) {
        let (near, far) = duplex(PIPE_BYTES);
        let (arena, state) = (Arc::clone(&self.arena), Arc::clone(&self.state));
        let peer = Peer::new(([127, 0, 0, 1], 1).into(), &Default::default());
        let served = async move {
            serve(near, Vec::new(), Subprotocol::Bincode, peer, (&arena, Arrival::default()), &state).await;
        };
        (far, tokio::spawn(served))
    }

    async fn connect(&self) -> (WebSocketStream<DuplexStream>, JoinHandle<()>) {
        let (far, task) = self.connect_raw();
        (WebSocketStream::from_raw_socket(far, Role::Client, None).await, task)
    }

    async fn join(&self) -> (WebSocketStream<DuplexStream>, JoinHandle<()>, OutboxSender) {
        let (mut client, task) = self.connect().await;
        client.send(hello()).await.unwrap();
        let Inbound::Joined(join) = self.next().await else {
            panic!("not a join");
        };
        (client, task, join.outbox)
    }

    /// The next message to the simulation.
    async fn next(&self) -> Inbound {
        let received = async {
            loop {
                match self.inbox.try_recv() {
                    Ok(inbound) => return inbound,
                    // The inbox has no async end; on a paused clock this costs no time.
                    Err(_) => sleep(Duration::from_millis(1)).await,
                }
            }
        };
        timeout(Duration::from_secs(100), received).await.expect("nothing reached the simulation")
    }

    /// Closes all connections.
    fn close(&self, reason: CloseReason) {
        self.stop.send_replace(Phase::Closing(reason));
    }

    fn closed(&self, label: &str) -> u64 {
        self.arena.admission.telemetry.closed.get(label).get()
    }
}

type ClientMessage = shared::engine::protocol::ClientMessage<PlayerInput>;

fn encoded(message: &ClientMessage) -> Message {
    Message::Binary(encode_client(message).into())
}

fn hello() -> Message {
    encoded(&ClientMessage::Hello(Hello { name: "Ada".into(), ..Hello::of::<TestGame>() }))
}

fn input() -> Message {
    encoded(&ClientMessage::Input { tick: Tick(1), input: PlayerInput::default(), rewind: 0, ack: 0 })
}

fn send(outbox: &mut OutboxSender, bytes: usize) {
    let permit = outbox.try_reserve().expect("a free place");
    permit.send(Outbound::Message(Bytes::from(vec![7; bytes])));
}

async fn close_reason(client: &mut WebSocketStream<DuplexStream>) -> Option<CloseReason> {
    let mut reason = None;
    while let Some(Ok(message)) = client.next().await {
        if let Message::Close(Some(frame)) = message {
            reason = CloseReason::from_code(frame.code.into());
        }
    }
    reason
}

#[tokio::test(start_paused = true)]
async fn client_without_hello_is_closed_after_five_seconds() {
    let server = Server::new(9);
    let started = Instant::now();
    let (mut client, task) = server.connect().await;
    assert_eq!(close_reason(&mut client).await, Some(CloseReason::IdleTimeout));
    assert_eq!(started.elapsed().as_secs(), 5);
    task.await.unwrap();
    assert_eq!(server.closed("hello_timeout"), 1);
    assert!(server.inbox.is_empty(), "a client that never joined does not leave");
}

#[tokio::test(start_paused = true)]
async fn idle_client_is_pinged_and_stays_while_it_answers() {
    let server = Server::new(9);
    let (mut client, task, _outbox) = server.join().await;
    // Reading answers pings.
    let mut pings = 0;
    let _ = timeout(Duration::from_secs(120), async {
        while let Some(Ok(Message::Ping(_))) = client.next().await {
            pings += 1;
        }
    })
    .await;
    assert!((20..=24).contains(&pings), "{pings} pings in two minutes");
    assert!(!task.is_finished());
}

#[tokio::test(start_paused = true)]
async fn client_that_answers_no_ping_is_closed_after_thirty_seconds() {
    let server = Server::new(9);
    let started = Instant::now();
    let (client, _task, _outbox) = server.join().await;
    assert!(matches!(server.next().await, Inbound::Left { .. }));
    assert!((30..=31).contains(&started.elapsed().as_secs()));
    assert_eq!(server.closed("idle_timeout"), 1);
    drop(client);
}

#[tokio::test(start_paused = true)]
async fn stalled_reader_leaves_the_arena_and_can_still_read_the_reason() {
    let server = Server::new(99);
    let (mut client, task, mut outbox) = server.join().await;
    let started = Instant::now();
    send(&mut outbox, 10 * PIPE_BYTES);
    let left = async {
        loop {
            // It keeps sending, so it is not idle: only its reading has stalled.
            let _ = client.send(input()).now_or_never();
            while let Ok(inbound) = server.inbox.try_recv() {
                if matches!(inbound, Inbound::Left { .. }) {
                    return;
                }
            }
            sleep(Duration::from_millis(500)).await;
        }
    };
    timeout(Duration::from_secs(60), left).await.expect("the stalled reader is still in the arena");
    assert!((14..=17).contains(&started.elapsed().as_secs()));
    assert!(outbox.try_reserve().is_err(), "nothing more can be queued");

    sleep(Duration::from_secs(10)).await;
    assert!(!task.is_finished(), "a slow reader has thirty seconds for the closing handshake");
    let first = client.next().await.unwrap().unwrap();
    assert_eq!(first.len(), 10 * PIPE_BYTES, "the message that was half sent is complete");
    assert_eq!(close_reason(&mut client).await, Some(CloseReason::SlowReader));
    task.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn reader_that_never_resumes_is_dropped() {
    let server = Server::new(9);
    let (client, task, mut outbox) = server.join().await;
    let started = Instant::now();
    send(&mut outbox, 10 * PIPE_BYTES);
    timeout(Duration::from_secs(100), task).await.unwrap().unwrap();
    assert!((44..=48).contains(&started.elapsed().as_secs()), "15 s of stall and 30 s for the close");
    drop(client);
}

#[tokio::test(start_paused = true)]
async fn slow_reader_with_progress_is_not_closed() {
    let server = Server::new(9);
    let (client, task, mut outbox) = server.join().await;
    let mut pipe = client.into_inner();
    send(&mut outbox, 20 * PIPE_BYTES);
    let mut some = [0; PIPE_BYTES];
    for _ in 0..6 {
        // One message takes more than a minute; only pongs keep the connection from being idle.
        pipe.read_exact(&mut some).await.unwrap();
        let pong = [0x8A, 0x80, 0, 0, 0, 0];
        pipe.write_all(&pong).await.unwrap();
        sleep(Duration::from_secs(12)).await;
        assert!(!task.is_finished());
    }
}

#[tokio::test(start_paused = true)]
async fn messages_are_received_while_sending_is_blocked() {
    let server = Server::new(9);
    let (mut client, _task, mut outbox) = server.join().await;
    send(&mut outbox, 10 * PIPE_BYTES);
    sleep(Duration::from_secs(1)).await;
    for _ in 0..5 {
        client.feed(input()).await.unwrap();
        let _ = client.flush().now_or_never();
        assert!(matches!(server.next().await, Inbound::Input { .. }));
    }
}

#[tokio::test(start_paused = true)]
async fn queued_messages_arrive_in_order_and_the_end_of_the_outbox_closes() {
    let server = Server::new(9);
    let (mut client, _task, mut outbox) = server.join().await;
    for bytes in 1..=5 {
        send(&mut outbox, bytes);
    }
    drop(outbox);
    for bytes in 1..=5 {
        assert_eq!(client.next().await.unwrap().unwrap().len(), bytes);
    }
    server.close(CloseReason::ShuttingDown);
    assert_eq!(close_reason(&mut client).await, Some(CloseReason::ShuttingDown));
}

#[tokio::test(start_paused = true)]
async fn player_whose_simulation_has_ended_learns_why_once_the_last_snapshot_is_written() {
    let server = Server::new(9);
    let (mut client, task, outbox) = server.join().await;
    server.stop.send_replace(Phase::Draining);
    drop(outbox);
    sleep(Duration::from_millis(900)).await;
    assert!(!task.is_finished() && client.next().now_or_never().is_none());
    server.close(CloseReason::Restarting);
    assert_eq!(close_reason(&mut client).await, Some(CloseReason::Restarting));
}

#[tokio::test(start_paused = true)]
async fn client_without_hello_is_closed_at_shutdown() {
    let server = Server::new(9);
    let (mut client, _task) = server.connect().await;
    sleep(Duration::from_secs(1)).await;
    server.close(CloseReason::Restarting);
    assert_eq!(close_reason(&mut client).await, Some(CloseReason::Restarting));
}

#[tokio::test(start_paused = true)]
async fn flood_of_empty_fragments_is_rate_limited() {
    let server = Server::new(9);
    let (mut pipe, task) = server.connect_raw();
    let started = Instant::now();
    let writer = tokio::spawn(async move {
        let (first, next) = ([0x02, 0x80, 0, 0, 0, 0], [0x00, 0x80, 0, 0, 0, 0]);
        let mut write = pipe.write_all(&first).await;
        // The paused clock moves only while every task waits, so the flood pauses now and then.
        while write.is_ok() {
            write = pipe.write_all(&next.repeat(10_000)).await;
            sleep(Duration::from_millis(100)).await;
        }
    });
    task.await.unwrap();
    writer.await.unwrap();
    assert_eq!(server.closed("rate_limited_bytes"), 1);
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[tokio::test(start_paused = true)]
async fn what_waited_during_a_pause_of_the_server_is_not_judged_by_rates() {
    for (pause, closes) in [(Duration::from_secs(60), 0), (Duration::ZERO, 1)] {
        let server = Server::new(9);
        let (mut client, task, _outbox) = server.join().await;
        sleep(Duration::from_millis(2500)).await;
        // One a second for a minute, which is half of what the limit allows; 20 may come at once.
        for _ in 0..60 {
            client.send(encoded(&ClientMessage::Lag(ClientLag::default()))).await.unwrap();
        }
        // The server's task runs after this for the first time, as after SIGSTOP and SIGCONT.
        advance(pause).await;
        sleep(Duration::from_secs(3)).await;
        assert_eq!(server.closed("rate_limited_lag"), closes, "after {pause:?}");
        assert_eq!(task.is_finished(), closes == 1);
    }
}

#[tokio::test(start_paused = true)]
async fn closing_handshake_goes_on_after_a_pause_of_the_server() {
    let server = Server::new(9);
    let (mut client, task, outbox) = server.join().await;
    server.close(CloseReason::Restarting);
    drop(outbox);
    // The server has sent its close frame, and waits for the client's.
    sleep(Duration::from_millis(1500)).await;
    advance(Duration::from_secs(60)).await;
    sleep(Duration::from_millis(900)).await;
    assert!(!task.is_finished(), "the deadline counts the pause");
    assert_eq!(close_reason(&mut client).await, Some(CloseReason::Restarting));
    task.await.unwrap();
}
