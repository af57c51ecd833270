//! One bot while it is connected: what is read and sent when, and what is recorded. What the messages mean is the player's
//! business, and when the bot has a turn the worker's.

use std::{net::SocketAddr, sync::atomic::Ordering};

use mio::{Registry, Token};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use shared::engine::protocol::CloseReason;

use super::{
    Address, Plan,
    brain::Brain,
    connection::{Connection, Incoming},
    full::FullPlayer,
    player::{BaselinePlayer, LitePlayer, Player, Received},
    record::{ConnectionRecord, End, Measured, PlayTime, RunState},
    roles::{BotSpec, LINES, Periodic, SlowReader},
};
use crate::baseline;

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
}

pub(super) struct Bot {
    connection: Connection,
    /// For the first frame, or for the server's answer when the bot leaves.
    deadline_us: u64,
    is_leaving: bool,
    player: Box<dyn Player>,
    slow_reader: Option<SlowReader>,
    chat: Option<Periodic>,
    lines_said: usize,
    /// Spreads turns and pauses in time.
    rng: Pcg64Mcg,
    /// 0 before the welcome.
    tick_us: u64,
    /// Since when the server has not taken what is sent.
    blocked_from_us: Option<u64>,
    play_time: PlayTime,
    joined: bool,
    /// As of its last turn.
    has_gathered: bool,
    first: bool,
}

/// Makes the player of a bot. Of all that drives bots, only what is behind it knows the game.
pub(super) type NewPlayer = fn(&BotSpec, &Plan) -> Box<dyn Player>;

/// The player of a bot with such a brain, as the plan says.
pub(super) fn new_player<B: Brain>(spec: &BotSpec, plan: &Plan) -> Box<dyn Player> {
    match plan.baseline {
        Some(_) => Box::<BaselinePlayer>::default(),
        None if spec.full => Box::new(FullPlayer::<B>::new(spec, plan)),
        None => Box::new(LitePlayer::<B>::new(spec, plan)),
    }
}

impl Bot {
    /// Begins to connect to `address`, which is found at `at`. `first` says that the bot replaces no other.
    pub(super) fn connect(
        spec: &BotSpec,
        player: Box<dyn Player>,
        first: bool,
        (address, at): (&Address, SocketAddr),
        token: Token,
        context: &Context<'_>,
    ) -> Result<Self, String> {
        let (plan, now_us) = (&context.run.plan, context.run.now_us());
        let connection = Connection::open(plan, (address, at), spec.slow.is_some(), context.registry, token)?;
        Ok(Self {
            connection,
            deadline_us: now_us + CONNECT_TIMEOUT_US,
            is_leaving: false,
            player,
            slow_reader: None,
            chat: None,
            lines_said: spec.number as usize,
            rng: Pcg64Mcg::seed_from_u64(plan.seed ^ u64::from(spec.number)),
            tick_us: if plan.baseline.is_some() { baseline::TICK_US } else { 0 },
            blocked_from_us: None,
            play_time: PlayTime::default(),
            joined: false,
            has_gathered: false,
            first,
        })
    }

    pub(super) fn has_joined(&self) -> bool {
        self.joined
    }

    pub(super) fn is_leaving(&self) -> bool {
        self.is_leaving
    }

    pub(super) fn into_record(mut self, spec: &BotSpec, end: End, run: &RunState) -> ConnectionRecord {
        self.play_time.pause(run.now_us(), self.tick_us);
        run.end(self.joined, self.first, self.has_gathered);
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
        let had_joined = self.joined;
        // Slow readers read in their turns.
        if self.slow_reader.is_none() {
            self.read(usize::MAX, spec, context)?;
        }
        Ok(!had_joined && self.joined)
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
        if run.is_measuring() {
            context.measured.lateness.add_us(now_us.saturating_sub(due_us));
        }
        if let Some(reader) = &mut self.slow_reader {
            let bytes = reader.allowance(now_us);
            self.read(bytes, spec, context)?;
        }
        let is_chatting = self.chat.as_mut().is_some_and(|chat| chat.is_due(now_us));
        self.lines_said += usize::from(is_chatting);
        let line = is_chatting.then(|| LINES[self.lines_said % LINES.len()]);
        self.player.act(now_us, run.may_fight.load(Ordering::Relaxed), line);
        let had_gathered = std::mem::replace(&mut self.has_gathered, self.player.has_gathered());
        run.gather(had_gathered, self.has_gathered);
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
        while self.connection.flush()? {
            let Some(message) = self.player.poll_transmit() else { return Ok(true) };
            self.connection.send(message)?;
        }
        Ok(false)
    }

    /// Closes the connection, and waits for the server to do so too; an error is an end without that.
    pub(super) fn leave(&mut self, spec: &BotSpec, context: &mut Context<'_>) -> Result<(), End> {
        if self.is_leaving {
            return Ok(());
        }
        let now_us = context.run.now_us();
        self.play_time.pause(now_us, self.tick_us);
        if !self.connection.close() {
            return Err(End::Left);
        }
        (self.is_leaving, self.deadline_us) = (true, now_us + CLOSE_TIMEOUT_US);
        // A slow reader reads from now on: the server may have closed the connection long ago.
        self.slow_reader = None;
        self.read(usize::MAX, spec, context)
    }

    /// The end of a bot that waits for something that does not come.
    pub(super) fn timed_out(&self, now_us: u64) -> Option<End> {
        match (self.is_leaving, self.joined) {
            _ if now_us <= self.deadline_us => None,
            (true, _) => Some(End::Left),
            (false, false) => Some(End::Lost("refused: no answer in time".to_owned())),
            (false, true) => None,
        }
    }

    /// Reads at most `bytes` bytes of what has arrived, and handles all complete messages.
    fn read(&mut self, bytes: usize, spec: &BotSpec, context: &mut Context<'_>) -> Result<(), End> {
        self.connection.allow(bytes);
        self.handle_all(spec, context).map_err(|end| {
            // A healthy bot that is leaving has left, however the connection ends. A slow reader learns only now that
            // the server closed it.
            if self.is_leaving && spec.slow.is_none() { End::Left } else { end }
        })
    }

    fn handle_all(&mut self, spec: &BotSpec, context: &mut Context<'_>) -> Result<(), End> {
        while let Some(incoming) = self.connection.read().map_err(End::Lost)? {
            match incoming {
                Incoming::Message(_) if self.is_leaving => {}
                Incoming::Message(message) => self.on_message(&message, spec, context)?,
                Incoming::Close(close) => return Err(self.on_close(close)),
            }
        }
        if !self.joined {
            // The handshake may have ended just now, and the player's first message waits for that.
            self.transmit().map_err(|_| End::connection_lost())?;
        }
        Ok(())
    }

    fn on_message(&mut self, message: &[u8], spec: &BotSpec, context: &mut Context<'_>) -> Result<(), End> {
        let (run, now_us) = (context.run, context.run.now_us());
        let received = self.player.on_message(message, now_us)?;
        if let Received::Welcome { tick_rate } = received {
            run.tick_rate.store(tick_rate, Ordering::Relaxed);
            self.tick_us = 1_000_000 / u64::from(tick_rate.max(1));
            return Ok(());
        }
        if !self.joined {
            self.joined = true;
            run.join(self.first);
            context.measured.joins += u64::from(!self.first);
            let plan = &run.plan;
            self.chat = plan.chat.then(|| Periodic::chatting(spec.number, plan.bots, now_us));
            self.slow_reader = spec.slow.map(|slow| SlowReader::new(slow, now_us, self.rng.random()));
        }
        let gap_us = self.play_time.frame(now_us, message.len(), run.is_measuring(), self.tick_us);
        let gap_us = gap_us.filter(|_| spec.slow.is_none());
        if let Some(gap_us) = gap_us {
            context.measured.gaps.add_us(gap_us);
        }
        let measured = gap_us.map(|_| &mut *context.measured);
        self.player.record_frame(now_us, message.len(), measured);
        Ok(())
    }

    fn on_close(&self, close: Option<(u16, String)>) -> End {
        match close {
            Some((CLOSE_NORMAL, _)) | None if self.is_leaving => End::Left,
            None => End::Lost("closed without a reason".to_owned()),
            Some((code, text)) => {
                let reason = CloseReason::from_code(code);
                match text.parse() {
                    Ok(address) if reason == Some(CloseReason::Moved) => End::Moved(address),
                    _ => End::Lost(
                        reason.map_or_else(|| format!("closed: {code}"), |reason| reason.label().to_owned()),
                    ),
                }
            }
        }
    }

    /// Whether the bot replaces no other and has not joined: then another connection of it does not either.
    pub(super) fn is_yet_to_join(&self) -> bool {
        self.first && !self.joined
    }
}
