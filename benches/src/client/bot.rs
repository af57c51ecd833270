//! One connection of a bot, from its first byte to its last: the connection's state, what is read and sent when, and
//! what is recorded. What the messages mean is the player's business, and when the bot has a turn the worker's.

use std::{net::SocketAddr, sync::atomic::Ordering};

use mio::{Registry, Token};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use shared::engine::protocol::CloseReason;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Control, Data};

use super::{
    Encoding, Target,
    baseline::BaselinePlayer,
    full::FullPlayer,
    handshake::Handshake,
    lite::LitePlayer,
    player::{Player, Received},
    progress::RunState,
    record::{ConnectionRecord, End, Measured, PlayTime},
    roles::BotSpec,
    schedule::ChatSchedule,
    slow_reader::{Allowance, SlowReader},
    socket::{Framing, Socket},
    websocket::Incoming,
};

/// For the connection and the handshake.
const CONNECT_TIMEOUT_US: u64 = 10_000_000;
/// For the server's half of the closing handshake.
const CLOSE_TIMEOUT_US: u64 = 2_000_000;
/// For the server to read what is sent: one that takes longer is lost.
const BLOCKED_US_MAX: u64 = 5_000_000;
const CLOSE_NORMAL: u16 = 1000;

/// What a bot needs from its worker.
pub(super) struct Context<'a> {
    pub(super) run: &'a RunState,
    pub(super) registry: &'a Registry,
    pub(super) measured: &'a mut Measured,
    /// Has room for the longest message and more. Its contents are of no use from one call to the next.
    pub(super) buffer: &'a mut [u8],
}

#[derive(Debug)]
enum Phase {
    Connecting,
    Upgrading(Handshake),
    Playing,
    /// The bot has closed its half.
    Leaving,
}

pub(super) struct Bot {
    token: Token,
    socket: Socket,
    phase: Phase,
    /// Of every phase but playing.
    deadline_us: u64,
    player: Box<dyn Player>,
    slow_reader: Option<SlowReader>,
    chat: Option<ChatSchedule>,
    /// For masks and moments.
    rng: Pcg64Mcg,
    /// 0 before the welcome.
    tick_us: u64,
    /// Since when the server has not taken what is sent.
    blocked_from_us: Option<u64>,
    play_time: PlayTime,
    joined: bool,
    first: bool,
}

fn tick_us(tick_rate: u16) -> u64 {
    1_000_000 / u64::from(tick_rate.max(1))
}

fn player(spec: &BotSpec, run: &RunState) -> Box<dyn Player> {
    match run.plan.target {
        Target::Game if spec.full => Box::new(FullPlayer::new(spec, &run.plan)),
        Target::Game => Box::new(LitePlayer::new(spec, &run.plan)),
        Target::Baseline { tick_rate, .. } => Box::new(BaselinePlayer::new(tick_rate)),
    }
}

impl Bot {
    /// Begins to connect. `first` says that the bot replaces no other.
    pub(super) fn connect(
        spec: &BotSpec,
        first: bool,
        at: SocketAddr,
        token: Token,
        context: &Context<'_>,
    ) -> Result<Self, String> {
        let (plan, now_us) = (&context.run.plan, context.run.now_us());
        let (framing, tick_us) = match (plan.target, plan.encoding) {
            (Target::Baseline { frame_bytes, tick_rate }, _) => {
                (Framing::Fixed(frame_bytes.max(1)), tick_us(tick_rate))
            }
            (Target::Game, Encoding::Bincode) => (Framing::WebSocket(Data::Binary), 0),
            (Target::Game, Encoding::Json) => (Framing::WebSocket(Data::Text), 0),
        };
        let mut socket = Socket::connect(at, framing, spec.slow.is_some()).map_err(refused)?;
        socket.set_polled(context.registry, token, true).map_err(refused)?;
        Ok(Self {
            token,
            socket,
            phase: Phase::Connecting,
            deadline_us: now_us + CONNECT_TIMEOUT_US,
            player: player(spec, context.run),
            slow_reader: None,
            chat: None,
            rng: Pcg64Mcg::seed_from_u64(plan.seed ^ u64::from(spec.number)),
            tick_us,
            blocked_from_us: None,
            play_time: PlayTime::default(),
            joined: false,
            first,
        })
    }

    pub(super) fn has_joined(&self) -> bool {
        self.joined
    }

    pub(super) fn is_leaving(&self) -> bool {
        matches!(self.phase, Phase::Leaving)
    }

    /// The record of the connection, which has ended.
    pub(super) fn into_record(mut self, spec: &BotSpec, end: End, run: &RunState) -> ConnectionRecord {
        self.play_time.pause(run.now_us(), self.tick_us);
        run.progress.end(self.joined, self.first, self.player.is_at_centre());
        ConnectionRecord {
            first: self.first,
            slow: spec.slow.is_some(),
            joined: self.joined,
            end,
            played_seconds: self.play_time.seconds(),
            frames: self.play_time.frames,
            bytes: self.play_time.bytes,
            checksum_mismatches: self.player.checksum_mismatches(),
        }
    }

    /// The socket may be ready. True with the first frame: from then on the bot has turns.
    pub(super) fn on_ready(&mut self, spec: &BotSpec, context: &mut Context<'_>) -> Result<bool, End> {
        if matches!(self.phase, Phase::Connecting) {
            if !self.socket.is_connected().map_err(|error| End::Lost(refused(error)))? {
                return Ok(false);
            }
            self.begin(context).map_err(End::Lost)?;
        }
        let had_joined = self.joined;
        self.read(usize::MAX, spec, context)?;
        Ok(!had_joined && self.joined)
    }

    fn begin(&mut self, context: &Context<'_>) -> Result<(), String> {
        self.phase = match self.socket.framing() {
            Framing::Fixed(_) => Phase::Playing,
            Framing::WebSocket(_) => {
                let plan = &context.run.plan;
                let (handshake, request) =
                    Handshake::request(&plan.address, plan.encoding.subprotocol()).map_err(refused)?;
                self.socket.send_bytes(&request).map_err(refused)?;
                Phase::Upgrading(handshake)
            }
        };
        Ok(())
    }

    /// The bot's own moment within the tick: how long from the first frame to its first turn.
    pub(super) fn phase_us(&mut self) -> u64 {
        (self.rng.random::<f64>() * self.tick_us as f64) as u64
    }

    /// The turn that was due at `due_us`; returns when the next one is.
    pub(super) fn turn(
        &mut self,
        due_us: u64,
        spec: &BotSpec,
        context: &mut Context<'_>,
    ) -> Result<u64, End> {
        let (run, now_us) = (context.run, context.run.now_us());
        if run.progress.is_measuring() {
            context.measured.lateness.add_us(now_us.saturating_sub(due_us));
        }
        if let Some(allowance) = self.slow_reader.as_mut().map(|reader| reader.allowance(now_us)) {
            let polled = allowance == Allowance::Everything;
            self.socket.set_polled(context.registry, self.token, polled).map_err(lost)?;
            if let Allowance::AtMost(bytes) = allowance {
                self.read(bytes, spec, context)?;
            }
        }
        let was_at_centre = self.player.is_at_centre();
        let line = self.chat.as_mut().and_then(|chat| chat.take_due(now_us));
        self.player.act(now_us, run.may_fight(), line);
        run.progress.gather(was_at_centre, self.player.is_at_centre());
        match self.transmit() {
            Ok(true) => self.blocked_from_us = None,
            Ok(false) => {
                let from_us = *self.blocked_from_us.get_or_insert(now_us);
                if now_us - from_us > BLOCKED_US_MAX {
                    return Err(End::Lost("connection lost: the server does not read".to_owned()));
                }
            }
            // The server may have said why, and that is still to be read.
            Err(_) => {
                self.read(usize::MAX, spec, context)?;
                return Err(End::connection_lost());
            }
        }
        Ok(self.player.next_turn_us(due_us, now_us))
    }

    /// Sends what the player has to say; false if the kernel does not take all of it.
    fn transmit(&mut self) -> std::io::Result<bool> {
        while self.socket.flush()? {
            let Some(message) = self.player.poll_transmit() else { return Ok(true) };
            self.socket.send(&message, self.rng.random())?;
        }
        Ok(false)
    }

    /// Closes the connection, and waits for the server to do so too; an error is an end without that.
    pub(super) fn leave(&mut self, context: &Context<'_>) -> Result<(), End> {
        match (&self.phase, self.socket.framing()) {
            (Phase::Leaving, _) => return Ok(()),
            (Phase::Playing, Framing::WebSocket(_)) => {}
            _ => return Err(End::Left),
        }
        let now_us = context.run.now_us();
        self.play_time.pause(now_us, self.tick_us);
        self.phase = Phase::Leaving;
        self.deadline_us = now_us + CLOSE_TIMEOUT_US;
        // A slow reader reads from now on: the server may have closed the connection long ago.
        self.socket.set_polled(context.registry, self.token, true).map_err(|_| End::Left)?;
        // A socket that cannot be written to may still be read.
        let _ = self.socket.send_control(Control::Close, &CLOSE_NORMAL.to_be_bytes(), self.rng.random());
        Ok(())
    }

    /// The end of a bot that waits for something that does not come.
    pub(super) fn timed_out(&self, now_us: u64) -> Option<End> {
        match self.phase {
            _ if now_us <= self.deadline_us => None,
            Phase::Leaving => Some(End::Left),
            Phase::Connecting | Phase::Upgrading(_) => {
                Some(End::Lost("refused: no answer in time".to_owned()))
            }
            Phase::Playing => None,
        }
    }

    /// Reads at most `most` bytes of what is there, and handles all complete messages.
    fn read(&mut self, most: usize, spec: &BotSpec, context: &mut Context<'_>) -> Result<(), End> {
        // Taken out, so that the context can be passed on beside it.
        let buffer = std::mem::take(&mut context.buffer);
        let done = self.read_into(buffer, most, spec, context);
        context.buffer = buffer;
        done.map_err(|end| match self.phase {
            // A healthy bot that is leaving has left, however the connection ends. A slow reader learns only now that
            // the server closed it.
            Phase::Leaving if spec.slow.is_none() => End::Left,
            _ => end,
        })
    }

    fn read_into(
        &mut self,
        buffer: &mut [u8],
        most: usize,
        spec: &BotSpec,
        context: &mut Context<'_>,
    ) -> Result<(), End> {
        let mut filled = self.socket.restore_tail(buffer);
        loop {
            let room = (buffer.len() - filled).min(most);
            let Some(count) = self.socket.read(&mut buffer[filled..filled + room]).map_err(lost)? else {
                break;
            };
            if count == 0 {
                return Err(End::connection_lost());
            }
            let end = filled + count;
            let used = self.handle(&buffer[..end], spec, context)?;
            buffer.copy_within(used..end, 0);
            filled = end - used;
            // Less than there was room for was all there was; if more comes, the poll reports it.
            if count < room || room == most {
                break;
            }
        }
        self.socket.keep_tail(&buffer[..filled]);
        Ok(())
    }

    /// Handles what is complete in `bytes`, and says how many bytes that was.
    fn handle(&mut self, bytes: &[u8], spec: &BotSpec, context: &mut Context<'_>) -> Result<usize, End> {
        let mut used = 0;
        if let Phase::Upgrading(handshake) = &self.phase {
            let Some(length) = handshake.response(bytes).map_err(End::Lost)? else {
                return Ok(0);
            };
            used = length;
            self.phase = Phase::Playing;
            self.transmit().map_err(lost)?;
        }
        while let Some((incoming, length)) = self.socket.parse(&bytes[used..]).map_err(End::Lost)? {
            used += length;
            match incoming {
                Incoming::Message(_) if self.is_leaving() => {}
                Incoming::Message(message) => self.on_message(message, spec, context)?,
                Incoming::Ping(payload) => {
                    self.socket.send_control(Control::Pong, payload, self.rng.random()).map_err(lost)?;
                }
                Incoming::Pong => {}
                Incoming::Close(code) => return Err(self.on_close(code)),
            }
        }
        Ok(used)
    }

    fn on_message(&mut self, message: &[u8], spec: &BotSpec, context: &mut Context<'_>) -> Result<(), End> {
        let (run, now_us) = (context.run, context.run.now_us());
        let progress = &run.progress;
        let received = self.player.on_message(message, now_us)?;
        progress.message(message.len());
        if let Received::Welcome { tick_rate } = received {
            run.tick_rate.store(tick_rate, Ordering::Relaxed);
            self.tick_us = tick_us(tick_rate);
            return Ok(());
        }
        progress.frames.fetch_add(1, Ordering::Relaxed);
        if !self.joined {
            self.joined = true;
            progress.join(self.first);
            context.measured.joins += u64::from(!self.first);
            let plan = &run.plan;
            self.chat = plan.chat.then(|| ChatSchedule::new(spec.number, plan.bots, now_us));
            self.slow_reader = spec.slow.map(|slow| SlowReader::new(slow, now_us, self.rng.random()));
        }
        let gap_us = self.play_time.frame(now_us, message.len(), progress.is_measuring(), self.tick_us);
        let gap_us = gap_us.filter(|_| spec.slow.is_none());
        if let Some(gap_us) = gap_us {
            context.measured.gaps.add_us(gap_us);
            progress.gap(gap_us);
        }
        let measured = gap_us.map(|_| &mut *context.measured);
        self.player.record_frame(now_us, message.len(), measured);
        Ok(())
    }

    /// The server closed the connection.
    fn on_close(&mut self, code: Option<u16>) -> End {
        let code = match code {
            Some(CLOSE_NORMAL) | None if self.is_leaving() => return End::Left,
            Some(code) => code,
            None => return End::Lost("closed without a reason".to_owned()),
        };
        // The server waits for this.
        let _ = self.socket.send_control(Control::Close, &code.to_be_bytes(), self.rng.random());
        let known = CloseReason::from_code(code).map(|reason| reason.label().to_owned());
        End::Lost(known.unwrap_or_else(|| format!("closed: {code}")))
    }
}

fn refused(error: impl std::fmt::Display) -> String {
    format!("refused: {error}")
}

fn lost(_: std::io::Error) -> End {
    End::connection_lost()
}
