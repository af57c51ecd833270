//! The healthy player beside the attackers. It plays on a thread of its own, and keeps account of every frame.

use std::{
    net::SocketAddr,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    thread,
    time::{Duration, Instant},
};

use futures_util::{SinkExt, StreamExt};
use shared::{
    engine::{
        ids::Tick,
        input::{Angle, Buttons, PlayerInput},
        protocol::{Hello, decode_server, encode_client},
    },
    game::{
        Emberdrift,
        protocol::{ClientMessage, ServerMessage},
    },
};
use tokio::{net::TcpStream, sync::oneshot, time::sleep};
use tokio_tungstenite::{client_async, tungstenite::Message};

/// What it has seen so far.
#[derive(Debug, Default)]
struct Seen {
    frames: AtomicU64,
    missed: AtomicU64,
    longest_gap_ms: AtomicU64,
    /// Why it plays no more.
    end: OnceLock<String>,
}

/// A moment of its game.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    frames: u64,
    missed: u64,
}

#[derive(Debug)]
pub(crate) struct Healthy {
    seen: Arc<Seen>,
    /// Dropping it ends the game.
    _stop: oneshot::Sender<()>,
}

impl Healthy {
    /// Joins, and plays until it is dropped.
    pub(crate) fn join(address: SocketAddr) -> Self {
        let seen = Arc::new(Seen::default());
        let (stop, stopped) = oneshot::channel();
        let own = Arc::clone(&seen);
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let end = runtime.expect("a runtime").block_on(async {
                tokio::select! {
                    end = play(address, &own) => end,
                    _ = stopped => "it was asked to leave".to_owned(),
                }
            });
            let _ = own.end.set(end);
        });
        Self { seen, _stop: stop }
    }

    /// After at least `more` further frames.
    pub(crate) async fn moment_after(&self, more: u64) -> Result<Moment, String> {
        let wanted = self.seen.frames.load(Relaxed) + more;
        while self.seen.frames.load(Relaxed) < wanted {
            if let Some(end) = self.seen.end.get() {
                return Err(format!("the healthy player plays no more: {end}"));
            }
            sleep(Duration::from_millis(5)).await;
        }
        Ok(Moment { frames: self.seen.frames.load(Relaxed), missed: self.seen.missed.load(Relaxed) })
    }

    /// Since the beginning.
    pub(crate) fn frames(&self) -> u64 {
        self.seen.frames.load(Relaxed)
    }

    /// Ticks without a frame since the beginning.
    pub(crate) fn missed(&self) -> u64 {
        self.seen.missed.load(Relaxed)
    }

    /// The longest time between two frames, in ms.
    pub(crate) fn longest_gap_ms(&self) -> u64 {
        self.seen.longest_gap_ms.load(Relaxed)
    }
}

impl Moment {
    /// Frames received and missed since `before`.
    pub(crate) fn since(self, before: Self) -> (u64, u64) {
        (self.frames - before.frames, self.missed - before.missed)
    }
}

/// Plays until there is a reason not to, which it returns.
async fn play(address: SocketAddr, seen: &Seen) -> String {
    let stream = match TcpStream::connect(address).await {
        Ok(stream) => stream,
        Err(error) => return format!("it cannot connect: {error}"),
    };
    let mut socket = match client_async(format!("ws://{address}/ws"), stream).await {
        Ok((socket, _)) => socket,
        Err(error) => return format!("no handshake: {error}"),
    };
    let hello = ClientMessage::Hello(Hello { name: "Healthy".into(), ..Hello::of::<Emberdrift>() });
    let mut to_send = Some(hello);
    let mut last: Option<(Tick, Instant)> = None;
    loop {
        if let Some(message) = to_send.take()
            && let Err(error) = socket.send(Message::Binary(encode_client(&message).into())).await
        {
            return format!("it cannot send: {error}");
        }
        let bytes = match socket.next().await {
            Some(Ok(Message::Binary(bytes))) => bytes,
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => continue,
            other => return format!("{other:?}"),
        };
        let frame = match decode_server(&bytes) {
            Ok(ServerMessage::Frame(frame)) => frame,
            Ok(ServerMessage::Welcome(_)) => continue,
            Err(error) => return format!("it does not understand: {error}"),
        };
        let (tick, now) = (frame.head.tick, Instant::now());
        if let Some((before, at)) = last.replace((tick, now)) {
            seen.missed.fetch_add(u64::from(tick.since(before)).saturating_sub(1), Relaxed);
            let gap = u64::try_from((now - at).as_millis()).unwrap_or(u64::MAX);
            seen.longest_gap_ms.fetch_max(gap, Relaxed);
        }
        seen.frames.fetch_add(1, Relaxed);
        // Round in circles, and again after each death.
        let input = PlayerInput { buttons: Buttons::UP, aim: Angle(0) };
        to_send = Some(ClientMessage::Input { tick: Tick(0), input, rewind: 0, ack: tick.0 as u8 });
    }
}
