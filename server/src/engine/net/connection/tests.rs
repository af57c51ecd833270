//! Connections over a pipe in memory, on a clock that jumps: what depends on time, to the second.

use std::{collections::HashMap, time::Duration};

use crossbeam_channel::Receiver;
use futures_util::{FutureExt, SinkExt, StreamExt};
use shared::engine::{
    ids::Tick,
    input::PlayerInput,
    protocol::{Hello, encode_client},
};
use tokio::{
    io::{AsyncReadExt, DuplexStream, duplex},
    sync::watch,
    task::JoinHandle,
    time::{sleep, timeout},
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Bytes, protocol::Role},
};

use super::*;
use crate::engine::{
    feed_channel::Subscribers,
    inbox::{Inbound, Inbox, Join},
    metrics::{Metrics, MetricsPage},
    net::{Admission, Arenas, Feed, Limits, Site},
    outbox::{Outbound, OutboxSender},
    resume::ResumeKey,
};

struct Rig {
    arena: Arc<ArenaHandle>,
    shared: Arc<Shared>,
    inbox: Receiver<Inbound>,
    stop: watch::Sender<bool>,
}

const PIPE_BYTES: usize = 1024;

impl Rig {
    fn new(inbox_capacity: usize) -> Self {
        let (inbox, receiver) = Inbox::new(inbox_capacity);
        let (stop, stopping) = watch::channel(false);
        let metrics = Arc::new(Metrics::new("test").unwrap());
        let site = Site::Files(HashMap::new());
        let feed = Feed::new(Subscribers::default());
        let admission = Admission::new(inbox, metrics, ResumeKey::new().unwrap());
        let arena = crate::game::arena_file::load("drift").unwrap();
        let arena = Arc::new(ArenaHandle::new(&arena, 1, admission, feed));
        let (arenas, page) = (Arenas::new(vec![Arc::clone(&arena)]), MetricsPage::new().unwrap());
        let shared = Shared::new(arenas, page, Limits::for_players(1), site, stopping);
        Self { arena, shared: Arc::new(shared), inbox: receiver, stop }
    }

    /// A connection, and the raw other end of its pipe.
    fn connect_raw(&self) -> (DuplexStream, JoinHandle<()>) {
        let (near, far) = duplex(PIPE_BYTES);
        let (arena, shared) = (Arc::clone(&self.arena), Arc::clone(&self.shared));
        let peer = SocketAddr::from(([127, 0, 0, 1], 1));
        let served = async move { serve(near, Vec::new(), Encoding::Bincode, peer, &arena, &shared).await };
        (far, tokio::spawn(served))
    }

    async fn connect(&self) -> (WebSocketStream<DuplexStream>, JoinHandle<()>) {
        let (far, task) = self.connect_raw();
        (WebSocketStream::from_raw_socket(far, Role::Client, None).await, task)
    }

    async fn join(&self) -> (WebSocketStream<DuplexStream>, JoinHandle<()>, OutboxSender) {
        let (mut client, task) = self.connect().await;
        client.send(hello()).await.unwrap();
        let Inbound::Joined(Join { outbox: link, .. }) = self.next().await else {
            panic!("not a join");
        };
        (client, task, link)
    }

    async fn next(&self) -> Inbound {
        let patient = async {
            loop {
                match self.inbox.try_recv() {
                    Ok(inbound) => return inbound,
                    Err(_) => sleep(Duration::from_millis(1)).await,
                }
            }
        };
        timeout(Duration::from_secs(100), patient).await.expect("nothing came")
    }

    fn closed(&self, label: &str) -> u64 {
        self.arena.admission.metrics.closed.with_label_values(&[label]).get()
    }
}

fn say(message: &ClientMessage) -> Message {
    Message::Binary(encode_client(message).into())
}

fn hello() -> Message {
    say(&ClientMessage::Hello(Hello { name: "Ada".into(), ..Hello::default() }))
}

fn input() -> Message {
    say(&ClientMessage::Input { tick: Tick(1), input: PlayerInput::default(), rewind: 0, ack: 0 })
}

fn send(link: &mut OutboxSender, bytes: usize) {
    let permit = link.try_reserve().expect("a free place");
    permit.send(Outbound::Message(Bytes::from(vec![7; bytes])));
}

async fn reason(client: &mut WebSocketStream<DuplexStream>) -> Option<CloseReason> {
    let mut reason = None;
    while let Some(Ok(message)) = client.next().await {
        if let Message::Close(Some(frame)) = message {
            reason = CloseReason::from_code(frame.code.into());
        }
    }
    reason
}

#[tokio::test(start_paused = true)]
async fn a_hello_has_five_seconds() {
    let rig = Rig::new(9);
    let started = Instant::now();
    let (mut client, task) = rig.connect().await;
    assert_eq!(reason(&mut client).await, Some(CloseReason::IdleTimeout));
    assert_eq!(started.elapsed().as_secs(), 5);
    task.await.unwrap();
    assert!(rig.inbox.is_empty(), "who never joined has not left");
}

#[tokio::test(start_paused = true)]
async fn the_quiet_are_pinged_and_stay_as_long_as_they_answer() {
    let rig = Rig::new(9);
    let (mut client, task, _link) = rig.join().await;
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
async fn the_silent_are_given_up_after_half_a_minute() {
    let rig = Rig::new(9);
    let started = Instant::now();
    let (client, _task, _link) = rig.join().await;
    assert!(matches!(rig.next().await, Inbound::Left { .. }));
    assert!((30..=31).contains(&started.elapsed().as_secs()));
    assert_eq!(rig.closed("idle_timeout"), 1);
    drop(client);
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_stalls_leaves_at_once_and_learns_why_when_it_wakes() {
    let rig = Rig::new(99);
    let (mut client, task, mut link) = rig.join().await;
    let started = Instant::now();
    send(&mut link, 10 * PIPE_BYTES);
    let left = async {
        loop {
            // It speaks on, so it is not silent: only its reading has stalled.
            let _ = client.send(input()).now_or_never();
            while let Ok(inbound) = rig.inbox.try_recv() {
                if matches!(inbound, Inbound::Left { .. }) {
                    return;
                }
            }
            sleep(Duration::from_millis(500)).await;
        }
    };
    timeout(Duration::from_secs(60), left).await.expect("it stays");
    assert!((14..=17).contains(&started.elapsed().as_secs()));
    assert!(link.try_reserve().is_err(), "nothing more can be queued");

    sleep(Duration::from_secs(10)).await;
    assert!(!task.is_finished(), "half a minute for the farewell");
    let first = client.next().await.unwrap().unwrap();
    assert_eq!(first.len(), 10 * PIPE_BYTES, "what was half-written is whole");
    assert_eq!(reason(&mut client).await, Some(CloseReason::SlowReader));
    task.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_never_wakes_is_dropped() {
    let rig = Rig::new(9);
    let (client, task, mut link) = rig.join().await;
    let started = Instant::now();
    send(&mut link, 10 * PIPE_BYTES);
    timeout(Duration::from_secs(100), task).await.unwrap().unwrap();
    assert!((44..=48).contains(&started.elapsed().as_secs()), "15 s and 30 s");
    drop(client);
}

#[tokio::test(start_paused = true)]
async fn a_slow_reader_that_moves_is_not_stalled() {
    let rig = Rig::new(9);
    let (client, task, mut link) = rig.join().await;
    let mut pipe = client.into_inner();
    send(&mut link, 20 * PIPE_BYTES);
    let mut some = [0; PIPE_BYTES];
    for _ in 0..6 {
        // Four minutes in all for one message; quiet, but for the pong that keeps it alive.
        pipe.read_exact(&mut some).await.unwrap();
        let pong = [0x8A, 0x80, 0, 0, 0, 0];
        tokio::io::AsyncWriteExt::write_all(&mut pipe, &pong).await.unwrap();
        sleep(Duration::from_secs(12)).await;
        assert!(!task.is_finished());
    }
}

#[tokio::test(start_paused = true)]
async fn reading_goes_on_while_writing_is_blocked() {
    let rig = Rig::new(9);
    let (mut client, _task, mut link) = rig.join().await;
    send(&mut link, 10 * PIPE_BYTES);
    sleep(Duration::from_secs(1)).await;
    for _ in 0..5 {
        client.feed(input()).await.unwrap();
        let _ = client.flush().now_or_never();
        assert!(matches!(rig.next().await, Inbound::Input { .. }));
    }
}

#[tokio::test(start_paused = true)]
async fn that_one_left_is_told_even_to_a_full_inbox() {
    let rig = Rig::new(1);
    let (mut client, task, _link) = rig.join().await;
    client.send(input()).await.unwrap();
    client.send(input()).await.unwrap();
    client.close(None).await.unwrap();
    assert_eq!(reason(&mut client).await, None);
    task.await.unwrap();
    assert_eq!(rig.arena.admission.metrics.inputs_dropped_total.get(), 1);
    assert!(matches!(rig.next().await, Inbound::Input { .. }));
    assert!(matches!(rig.next().await, Inbound::Left { .. }));
}

#[tokio::test(start_paused = true)]
async fn a_full_inbox_lets_nobody_in() {
    let rig = Rig::new(1);
    let (_client, _task) = {
        let (mut client, task) = rig.connect().await;
        client.send(hello()).await.unwrap();
        sleep(Duration::from_millis(10)).await;
        (client, task)
    };
    let (mut client, _task) = rig.connect().await;
    client.send(hello()).await.unwrap();
    assert_eq!(reason(&mut client).await, Some(CloseReason::Full));
}

#[tokio::test(start_paused = true)]
async fn queued_messages_arrive_in_order_and_the_end_of_the_queue_is_the_end() {
    let rig = Rig::new(9);
    let (mut client, _task, mut link) = rig.join().await;
    for bytes in 1..=5 {
        send(&mut link, bytes);
    }
    drop(link);
    for bytes in 1..=5 {
        assert_eq!(client.next().await.unwrap().unwrap().len(), bytes);
    }
    assert_eq!(reason(&mut client).await, Some(CloseReason::ShuttingDown));
}

#[tokio::test(start_paused = true)]
async fn who_has_not_said_hello_hears_of_the_end_too() {
    let rig = Rig::new(9);
    let (mut client, _task) = rig.connect().await;
    sleep(Duration::from_secs(1)).await;
    rig.stop.send_replace(true);
    assert_eq!(reason(&mut client).await, Some(CloseReason::ShuttingDown));
}

#[tokio::test(start_paused = true)]
async fn a_simulation_that_ended_lets_nobody_in() {
    let mut rig = Rig::new(9);
    rig.inbox = crossbeam_channel::never();
    let (mut client, _task) = rig.connect().await;
    client.send(hello()).await.unwrap();
    assert_eq!(reason(&mut client).await, Some(CloseReason::ShuttingDown));
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_breaks_off_is_gone_at_once() {
    let rig = Rig::new(9);
    let (client, task, _link) = rig.join().await;
    drop(client);
    task.await.unwrap();
    assert!(matches!(rig.next().await, Inbound::Left { .. }));
    assert_eq!(rig.closed("error"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_crowd_of_empty_fragments_is_a_flood() {
    let rig = Rig::new(9);
    let (mut pipe, task) = rig.connect_raw();
    let started = Instant::now();
    let writer = tokio::spawn(async move {
        let (first, next) = ([0x02, 0x80, 0, 0, 0, 0], [0x00, 0x80, 0, 0, 0, 0]);
        let mut write = tokio::io::AsyncWriteExt::write_all(&mut pipe, &first).await;
        // The clock of this test moves only when everyone waits, so the flood takes a breath now and then.
        while write.is_ok() {
            write = tokio::io::AsyncWriteExt::write_all(&mut pipe, &next.repeat(10_000)).await;
            sleep(Duration::from_millis(100)).await;
        }
    });
    task.await.unwrap();
    writer.await.unwrap();
    assert_eq!(rig.closed("rate_limited"), 1);
    assert!(started.elapsed() < Duration::from_secs(5));
}
