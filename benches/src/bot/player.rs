//! One bot: a socket, a session, a brain. It reads whatever comes and acts at its own ticks, as a browser does.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use client_web::game::Session;
use futures_util::{SinkExt, StreamExt};
use shared::{
    Vec2,
    engine::{
        limits::SERVER_MESSAGE_BYTES_MAX,
        protocol::{CloseReason, decode_client, encode_client_json},
    },
    game::protocol::encode_server,
};
use tokio::{
    net::TcpStream,
    time::{Instant, sleep_until, timeout},
};
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{
        Error, Message,
        client::IntoClientRequest,
        http::{HeaderValue, header::SEC_WEBSOCKET_PROTOCOL},
        protocol::{CloseFrame, WebSocketConfig, frame::coding::CloseCode},
    },
};

use super::{
    brain::Brain,
    cast::Part,
    churn::Leaving,
    encoding::Encoding,
    progress::Shared,
    record::{End, Life, Measured, Outcome, SEEN_UNITS, Stay},
    talk::Talk,
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
/// Ships that moved are counted in one frame of so many, which is enough. It divides none of the usual tick rates,
/// so that what the server does once a second counts as often as it should.
const LOOK_AT_SHIPS_EVERY: u64 = 7;
/// Fewer ships than that say nothing about the bytes a ship takes: the frame's own part outweighs them.
const MOVERS_MIN: usize = 10;

/// Connects, plays until it is time to leave or the connection ends, and tells. Where bots come and go, again and
/// again.
pub(super) async fn live(mut part: Part, shared: &Arc<Shared>) -> Outcome {
    let mut outcome = Outcome::default();
    loop {
        let first = outcome.lives.is_empty();
        let (life, ending) = live_once(&mut part, first, shared, &mut outcome.measured).await;
        outcome.lives.push(life);
        if ending != Ending::OtherComes {
            shared.progress.retire();
            return outcome;
        }
    }
}

/// How a life went on.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Ending {
    Over(End),
    /// The bot left so that another can come.
    OtherComes,
}

async fn live_once(
    part: &mut Part,
    first: bool,
    shared: &Arc<Shared>,
    measured: &mut Measured,
) -> (Life, Ending) {
    let mut bot = Bot {
        session: Session::headless(&format!("bot-{}", part.number)),
        brain: Brain::new(shared.plan.seed, part.number, part.role),
        talk: shared.plan.chat.then(|| Talk::new(part.number, shared.plan.players, shared.now_us())),
        measured,
        stay: Stay::default(),
        joined: false,
        first,
        shared: Arc::clone(shared),
    };
    let ending = match connect(shared).await {
        Ok(mut socket) => bot.play(&mut socket, &mut part.leaving).await,
        Err(reason) => Ending::Over(End::Lost(reason)),
    };
    bot.stay.pause(shared.now_us(), bot.tick_us());
    shared.progress.end(bot.joined, first, bot.brain.is_there());
    let life = Life {
        first,
        stalled: false,
        joined: bot.joined,
        end: if let Ending::Over(end) = &ending { end.clone() } else { End::Left },
        played_seconds: bot.stay.played_seconds(),
        frames: bot.stay.frames,
        bytes: bot.stay.bytes,
        checksum_mismatches: bot.session.stats().checksum_mismatches,
    };
    (life, ending)
}

type Socket = WebSocketStream<TcpStream>;

async fn connect(shared: &Shared) -> Result<Socket, String> {
    let address = &shared.address;
    let connecting = async {
        let stream = TcpStream::connect(&address.authority).await.map_err(|error| address.refusal(&error))?;
        stream.set_nodelay(true).map_err(|error| format!("refused: {error}"))?;
        let config = WebSocketConfig::default()
            .max_message_size(Some(SERVER_MESSAGE_BYTES_MAX))
            .max_frame_size(Some(SERVER_MESSAGE_BYTES_MAX))
            .read_buffer_size(READ_BUFFER_BYTES)
            // Inputs are small and sent at once.
            .write_buffer_size(0)
            .max_write_buffer_size(64 * 1024);
        let mut request = address
            .to_string()
            .into_client_request()
            .map_err(|error| format!("refused: the address is none: {error}"))?;
        let subprotocol = HeaderValue::from_static(shared.plan.encoding.subprotocol());
        request.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, subprotocol);
        match client_async_with_config(request, stream, Some(config)).await {
            Ok((socket, _)) => Ok(socket),
            Err(Error::Http(response)) => Err(format!("refused: HTTP {}", response.status())),
            Err(error) => Err(format!("refused: {error}")),
        }
    };
    timeout(CONNECT, connecting).await.unwrap_or_else(|_| Err("refused: no answer in time".to_owned()))
}

struct Bot<'a> {
    session: Session,
    brain: Brain,
    talk: Option<Talk>,
    measured: &'a mut Measured,
    stay: Stay,
    joined: bool,
    first: bool,
    shared: Arc<Shared>,
}

impl Bot<'_> {
    async fn play(&mut self, socket: &mut Socket, leaving: &mut Option<Leaving>) -> Ending {
        let mut leave = self.shared.leave.clone();
        let tick = sleep_until(Instant::now() + IDLE);
        tokio::pin!(tick);
        if let Err(lost) = self.flush(socket).await {
            return Ending::Over(lost);
        }
        loop {
            tokio::select! {
                message = socket.next() => {
                    let had_frame = self.session.tick().is_some();
                    if let Err(lost) = self.hear(message) {
                        return Ending::Over(lost);
                    }
                    if let Some(welcome) = self.session.welcome().filter(|_| !had_frame && self.session.tick().is_some()) {
                        // Bots tick at moments of their own, spread over the server's tick.
                        let wait = self.brain.phase() / f64::from(welcome.tick_rate);
                        tick.as_mut().reset(Instant::now() + Duration::from_secs_f64(wait));
                    }
                }
                () = &mut tick => {
                    let now_us = self.shared.now_us();
                    let is_due = |leaving: &mut Leaving| leaving.is_due(self.shared.measured_us(now_us));
                    if self.joined && leaving.as_mut().is_some_and(is_due) {
                        self.measured.leaves += 1;
                        self.stay.pause(now_us, self.tick_us());
                        say_goodbye(socket).await;
                        return Ending::OtherComes;
                    }
                    self.act(now_us);
                    if let Err(lost) = self.flush(socket).await {
                        return Ending::Over(lost);
                    }
                    let next = self.session.next_tick_ms();
                    tick.as_mut().reset(next.map_or_else(|| Instant::now() + IDLE, |ms| self.shared.instant(ms)));
                }
                // An error is a run that is gone, which is to leave too.
                () = async { let _ = leave.wait_for(|leave| *leave).await; } => {
                    self.stay.pause(self.shared.now_us(), self.tick_us());
                    say_goodbye(socket).await;
                    return Ending::Over(End::Left);
                }
            }
        }
    }

    /// Runs the own ticks that are due.
    fn act(&mut self, now_us: u64) {
        let progress = &self.shared.progress;
        let now_ms = now_us as f64 / 1000.0;
        if let Some(due_ms) = self.session.next_tick_ms().filter(|_| progress.is_measuring()) {
            self.measured.lateness.add_ms((now_ms - due_ms).max(0.0));
        }
        let was_there = self.brain.is_there();
        if let Some(line) = self.talk.as_mut().and_then(|talk| talk.take_due(now_us)) {
            self.session.send_chat(line);
        }
        let input = self.brain.think(&self.session, self.shared.may_fight());
        progress.gather(was_there, self.brain.is_there());
        self.session.advance(now_ms, input);
    }

    fn tick_us(&self) -> u64 {
        self.session.welcome().map_or(0, |welcome| 1_000_000 / u64::from(welcome.tick_rate))
    }

    async fn flush(&mut self, socket: &mut Socket) -> Result<(), End> {
        while let Some(bytes) = self.session.poll_transmit() {
            let message = self.outgoing(bytes)?;
            match timeout(SEND, socket.send(message)).await {
                Ok(Ok(())) => {}
                // The server may have said why, and that is still to be read.
                Ok(Err(_)) => return Err(why(socket).await),
                Err(_) => return Err(End::Lost("connection lost: the server does not read".to_owned())),
            }
        }
        Ok(())
    }

    /// A session speaks binary; where text is spoken its messages are put into that.
    fn outgoing(&self, bytes: Vec<u8>) -> Result<Message, End> {
        match self.shared.plan.encoding {
            Encoding::Bincode => Ok(Message::Binary(bytes.into())),
            Encoding::Json => decode_client(&bytes)
                .map(|message| Message::text(encode_client_json(&message)))
                .map_err(|error| End::Lost(format!("the bot's own message cannot be read: {error}"))),
        }
    }

    fn hear(&mut self, message: Option<Result<Message, Error>>) -> Result<(), End> {
        match message {
            Some(Ok(Message::Binary(bytes))) if self.shared.plan.encoding == Encoding::Bincode => {
                self.take(&bytes, bytes.len())
            }
            Some(Ok(Message::Text(text))) if self.shared.plan.encoding == Encoding::Json => {
                let message = Encoding::Json
                    .decode(text.as_bytes())
                    .map_err(|error| End::Lost(format!("not understood: {error}")))?;
                self.take(&encode_server(&message), text.len())
            }
            Some(Ok(Message::Close(frame))) => Err(End::Lost(reason(frame.as_ref()))),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(()),
            Some(Ok(Message::Binary(_) | Message::Text(_) | Message::Frame(_))) => {
                Err(End::Lost("the server sent the other kind of frame".to_owned()))
            }
            Some(Err(_)) | None => Err(End::Lost("connection lost".to_owned())),
        }
    }

    /// Takes in a message, of which the network carried so many bytes.
    fn take(&mut self, message: &[u8], bytes: usize) -> Result<(), End> {
        let now_us = self.shared.now_us();
        self.session
            .handle_message(message, now_us as f64 / 1000.0)
            .map_err(|error| End::Lost(format!("not understood: {error}")))?;
        let shared = Arc::clone(&self.shared);
        let progress = &shared.progress;
        progress.message(bytes);
        if self.session.tick().is_none() {
            let rate = self.session.welcome().map_or(0, |welcome| welcome.tick_rate);
            shared.tick_rate.store(rate, Ordering::Relaxed);
            return Ok(());
        }
        progress.frames.fetch_add(1, Ordering::Relaxed);
        if !self.joined {
            self.joined = true;
            progress.enter(self.first);
            self.measured.joins += u64::from(!self.first);
        }
        let tick_us = self.tick_us();
        let acks = self.session.drain_input_to_ack_ms();
        if let Some(gap_us) = self.stay.frame(now_us, bytes, progress.is_measuring(), tick_us) {
            acks.for_each(|ms| self.measured.input_to_ack.add_ms(f64::from(ms)));
            progress.gap(gap_us);
            self.measured.gaps.add_us(gap_us);
            self.look_at_ships(bytes);
        } else {
            acks.for_each(drop);
        }
        Ok(())
    }

    fn look_at_ships(&mut self, bytes: usize) {
        let (stats, measured) = (self.session.stats(), &mut *self.measured);
        measured.full_frames += 1;
        measured.corrections += u64::from(stats.prediction_error > SEEN_UNITS);
        measured.ships_sum += u64::from(stats.visible_bodies);
        measured.ships_max = measured.ships_max.max(stats.visible_bodies);
        if measured.full_frames.is_multiple_of(LOOK_AT_SHIPS_EVERY) {
            let moved = self.session.visible_ships().filter(|ship| ship.velocity != Vec2::ZERO).count();
            if moved >= MOVERS_MIN {
                measured.bytes_per_mover_sum += bytes as f64 / moved as f64;
                measured.mover_frames += 1;
            }
        }
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
