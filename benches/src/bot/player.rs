//! One bot: a socket, a session, a brain. It reads whatever comes and acts at its own ticks, as a browser does.

use std::{
    io::ErrorKind,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use client_web::game::Session;
use futures_util::{SinkExt, StreamExt};
use shared::{limits::SERVER_MESSAGE_BYTES_MAX, protocol::CloseReason};
use tokio::{
    net::TcpStream,
    time::{Instant, sleep_until, timeout},
};
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{
        Error, Message,
        protocol::{CloseFrame, WebSocketConfig, frame::coding::CloseCode},
    },
};

use super::{
    Shared,
    brain::Brain,
    record::{End, Life, Record, SEEN_UNITS},
};

/// For the connection and the handshake.
const CONNECT: Duration = Duration::from_secs(10);
/// For a message to leave: a server that does not read for so long is lost.
const SEND: Duration = Duration::from_secs(5);
/// For the answer to a close.
const FAREWELL: Duration = Duration::from_secs(2);
/// Read at once. Most frames fit, and there is one such buffer a bot.
const READ_BUFFER_BYTES: usize = 8 * 1024;
/// Before the welcome there is no tick to wait for.
const IDLE: Duration = Duration::from_secs(3600);

/// Connects, plays until it is time to leave or the connection ends, and tells.
pub(super) async fn live(number: u32, seed: u64, shared: &Arc<Shared>) -> Life {
    let mut bot = Bot {
        session: Session::unseen(&format!("bot-{number}")),
        brain: Brain::new(seed, number),
        record: Record::default(),
        joined: false,
        counted_from_ms: None,
        last_counted_ms: 0.0,
        last_frame_ms: None,
        shared: Arc::clone(shared),
    };
    let end = match connect(shared).await {
        Ok(mut socket) => bot.play(&mut socket).await,
        Err(reason) => End::Lost(reason),
    };
    bot.pause_counting();
    let progress = &shared.progress;
    if bot.joined {
        progress.playing.fetch_sub(1, Ordering::Relaxed);
    } else {
        progress.refused.fetch_add(1, Ordering::Relaxed);
    }
    Life {
        joined: bot.joined,
        end,
        record: bot.record,
        checksum_mismatches: bot.session.stats().checksum_mismatches,
    }
}

type Socket = WebSocketStream<TcpStream>;

async fn connect(shared: &Shared) -> Result<Socket, String> {
    let address = &shared.address;
    let connecting = async {
        let stream = TcpStream::connect(&address.authority).await.map_err(|error| match error.kind() {
            ErrorKind::ConnectionRefused => {
                format!("refused: no server at {address}: start one with `cargo xtask play`")
            }
            ErrorKind::QuotaExceeded => format!("refused: {error}: raise the limit with `ulimit -n`"),
            _ => format!("refused: {error}"),
        })?;
        stream.set_nodelay(true).map_err(|error| format!("refused: {error}"))?;
        let config = WebSocketConfig::default()
            .max_message_size(Some(SERVER_MESSAGE_BYTES_MAX))
            .max_frame_size(Some(SERVER_MESSAGE_BYTES_MAX))
            .read_buffer_size(READ_BUFFER_BYTES)
            // Inputs are small and sent at once.
            .write_buffer_size(0)
            .max_write_buffer_size(64 * 1024);
        match client_async_with_config(address.to_string(), stream, Some(config)).await {
            Ok((socket, _)) => Ok(socket),
            Err(Error::Http(response)) => Err(format!("refused: HTTP {}", response.status())),
            Err(error) => Err(format!("refused: {error}")),
        }
    };
    timeout(CONNECT, connecting).await.unwrap_or_else(|_| Err("refused: no answer in time".to_owned()))
}

struct Bot {
    session: Session,
    brain: Brain,
    record: Record,
    joined: bool,
    /// Since when the time in the game is being measured.
    counted_from_ms: Option<f64>,
    /// The last frame within that time.
    last_counted_ms: f64,
    last_frame_ms: Option<f64>,
    shared: Arc<Shared>,
}

impl Bot {
    async fn play(&mut self, socket: &mut Socket) -> End {
        let mut leave = self.shared.leave.clone();
        let tick = sleep_until(Instant::now() + IDLE);
        tokio::pin!(tick);
        if let Err(lost) = self.flush(socket).await {
            return lost;
        }
        loop {
            tokio::select! {
                message = socket.next() => {
                    let was_welcome = self.session.welcome().is_some();
                    if let Err(lost) = self.hear(message) {
                        return lost;
                    }
                    if let Some(welcome) = self.session.welcome().filter(|_| !was_welcome) {
                        // Bots tick at moments of their own, spread over the server's tick.
                        let wait = self.brain.phase() / f64::from(welcome.tick_rate);
                        tick.as_mut().reset(Instant::now() + Duration::from_secs_f64(wait));
                    }
                }
                () = &mut tick => {
                    let input = self.brain.think(&self.session);
                    self.session.advance(self.shared.now_ms(), input);
                    if let Err(lost) = self.flush(socket).await {
                        return lost;
                    }
                    let next = self.session.next_tick_ms();
                    tick.as_mut().reset(next.map_or_else(|| Instant::now() + IDLE, |ms| self.shared.instant(ms)));
                }
                // An error is a run that is gone, which is to leave too.
                () = async { let _ = leave.wait_for(|leave| *leave).await; } => {
                    self.pause_counting();
                    say_goodbye(socket).await;
                    return End::Left;
                }
            }
        }
    }

    async fn flush(&mut self, socket: &mut Socket) -> Result<(), End> {
        while let Some(bytes) = self.session.poll_transmit() {
            match timeout(SEND, socket.send(Message::Binary(bytes.into()))).await {
                Ok(Ok(())) => {}
                // The server may have said why, and that is still to be read.
                Ok(Err(_)) => return Err(why(socket).await),
                Err(_) => return Err(End::Lost("connection lost: the server does not read".to_owned())),
            }
        }
        Ok(())
    }

    fn hear(&mut self, message: Option<Result<Message, Error>>) -> Result<(), End> {
        match message {
            Some(Ok(Message::Binary(bytes))) => self.take(&bytes),
            Some(Ok(Message::Close(frame))) => Err(End::Lost(reason(frame.as_ref()))),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(()),
            Some(Ok(Message::Text(_) | Message::Frame(_))) => {
                Err(End::Lost("the server sent text".to_owned()))
            }
            Some(Err(_)) | None => Err(End::Lost("connection lost".to_owned())),
        }
    }

    fn take(&mut self, bytes: &[u8]) -> Result<(), End> {
        let now_ms = self.shared.now_ms();
        self.session
            .handle_message(bytes, now_ms)
            .map_err(|error| End::Lost(format!("not understood: {error}")))?;
        let progress = &self.shared.progress;
        progress.bytes.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        if self.session.tick().is_none() {
            return Ok(());
        }
        progress.frames.fetch_add(1, Ordering::Relaxed);
        if !self.joined {
            self.joined = true;
            progress.playing.fetch_add(1, Ordering::Relaxed);
            progress.joined.fetch_add(1, Ordering::Relaxed);
        }
        let before = self.last_frame_ms.replace(now_ms);
        if !progress.measuring.load(Ordering::Relaxed) {
            self.pause_counting();
            self.session.drain_input_to_ack_ms().for_each(drop);
            return Ok(());
        }
        self.last_counted_ms = now_ms;
        if self.counted_from_ms.is_none() {
            // The frame that begins the time in the game is not itself within it.
            self.counted_from_ms = Some(now_ms);
            return Ok(());
        }
        let (ships, error) = {
            let stats = self.session.stats();
            (stats.visible_ships, stats.prediction_error)
        };
        let record = &mut self.record;
        record.frames += 1;
        record.bytes += bytes.len() as u64;
        record.corrections += u64::from(error > SEEN_UNITS);
        record.ships_sum += u64::from(ships);
        record.ships_max = record.ships_max.max(ships);
        if let Some(before_ms) = before {
            record.gaps.add_ms(now_ms - before_ms);
        }
        for ms in self.session.drain_input_to_ack_ms() {
            record.input_to_ack.add_ms(f64::from(ms));
        }
        Ok(())
    }

    /// Adds the time in the game so far to the record.
    fn pause_counting(&mut self) {
        let Some(from_ms) = self.counted_from_ms.take() else {
            return;
        };
        let (now_ms, last_ms) = (self.shared.now_ms(), self.last_counted_ms);
        let tick_ms = self.session.welcome().map_or(0.0, |welcome| 1000.0 / f64::from(welcome.tick_rate));
        // Up to the last frame, so that n frames took n times their gap; but a frame that is overdue by then
        // counts against the server.
        let until_ms = if now_ms - last_ms < 2.0 * tick_ms { last_ms } else { now_ms };
        self.record.played_seconds += (until_ms - from_ms).max(0.0) / 1000.0;
    }
}

async fn say_goodbye(socket: &mut Socket) {
    let farewell = async {
        let frame = CloseFrame { code: CloseCode::Normal, reason: "".into() };
        if socket.close(Some(frame)).await.is_ok() {
            while let Some(Ok(_)) = socket.next().await {}
        }
    };
    // A server that does not answer has been told all the same.
    let _ = timeout(FAREWELL, farewell).await;
}

/// Why a socket that cannot be written to is closed, if the server said so.
async fn why(socket: &mut Socket) -> End {
    let reading = async {
        while let Some(Ok(message)) = socket.next().await {
            if let Message::Close(frame) = message {
                return reason(frame.as_ref());
            }
        }
        "connection lost".to_owned()
    };
    End::Lost(timeout(FAREWELL, reading).await.unwrap_or_else(|_| "connection lost".to_owned()))
}

fn reason(frame: Option<&CloseFrame>) -> String {
    let Some(frame) = frame else {
        return "closed without a reason".to_owned();
    };
    let code = u16::from(frame.code);
    CloseReason::from_code(code).map_or_else(|| format!("closed: {code}"), |reason| reason.label().to_owned())
}
