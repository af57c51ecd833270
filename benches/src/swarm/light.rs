//! One light bot's connection, from its first byte to its last: what it says, and what it makes of what it hears.
//! Of each frame it decodes the head and nothing else. It must not know when its turn is: see `crew`.

use std::{net::SocketAddr, sync::atomic::Ordering};

use mio::{Registry, Token};
use shared::{
    Vec2,
    ids::{InputSeq, Tick},
    protocol::{
        ClientMessage, CloseReason, Hello, OwnShip, PROTOCOL_VERSION, PilotState, ServerMessage,
        decode_frame_head, decode_server, encode_client,
    },
};

use super::{
    handshake::Handshake,
    link::Link,
    pace::Pace,
    pilot::Pilot,
    stall::{Reading, Staller},
    websocket::{self, Incoming, Opcode},
};
use crate::bot::{End, Life, Measured, Part, Shared, Stay};

/// For the connection and the handshake.
const CONNECT_US: u64 = 10_000_000;
/// For the answer to a close.
const FAREWELL_US: u64 = 2_000_000;
/// For the server to read what is sent: one that takes longer is lost.
const BLOCKED_US_MAX: u64 = 5_000_000;
/// Inputs whose answer is waited for.
const SENT_MAX: usize = 32;
/// What a WebSocket ends with when all is well.
const CLOSE_NORMAL: u16 = 1000;

/// What a bot needs from its surroundings.
pub(super) struct Scene<'a> {
    pub(super) shared: &'a Shared,
    pub(super) registry: &'a Registry,
    pub(super) measured: &'a mut Measured,
    /// Holds a whole message and more; its contents mean nothing from one call to the next.
    pub(super) buffer: &'a mut [u8],
}

#[derive(Debug)]
enum Phase {
    Connecting,
    Upgrading(Handshake),
    /// Hello is said. The tick is zero until the welcome.
    Playing,
    Leaving,
}

#[derive(Debug)]
pub(super) struct Light {
    token: Token,
    link: Link,
    phase: Phase,
    /// Of every phase but playing.
    deadline_us: u64,
    pilot: Pilot,
    staller: Option<Staller>,
    pace: Pace,
    arena_size: Vec2,
    tick: Tick,
    own: Option<OwnShip>,
    seq: InputSeq,
    acked: InputSeq,
    sent_us: [u64; SENT_MAX],
    blocked_from_us: Option<u64>,
    stay: Stay,
    joined: bool,
    first: bool,
}

impl Light {
    /// Begins to connect.
    pub(super) fn connect(
        part: &Part,
        first: bool,
        at: SocketAddr,
        token: Token,
        scene: &Scene<'_>,
    ) -> Result<Self, String> {
        let refused = |error: std::io::Error| scene.shared.plan.address.refusal(&error);
        let mut link = Link::connect(at, part.stall.is_some()).map_err(refused)?;
        link.listen(scene.registry, token, true).map_err(refused)?;
        Ok(Self {
            token,
            link,
            phase: Phase::Connecting,
            deadline_us: scene.shared.now_us() + CONNECT_US,
            pilot: Pilot::new(scene.shared.plan.seed, part.number, part.role),
            staller: None,
            pace: Pace::default(),
            arena_size: Vec2::ZERO,
            tick: Tick::default(),
            own: None,
            seq: InputSeq::default(),
            acked: InputSeq::default(),
            sent_us: [0; SENT_MAX],
            blocked_from_us: None,
            stay: Stay::default(),
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

    /// What the connection was, once it has ended.
    pub(super) fn into_life(mut self, part: &Part, end: End, shared: &Shared) -> Life {
        self.stay.pause(shared.now_us(), self.pace.tick_us());
        shared.progress.end(self.joined, self.first, self.pilot.is_there());
        Life {
            first: self.first,
            stalled: part.stall.is_some(),
            joined: self.joined,
            end,
            played_seconds: self.stay.played_seconds(),
            frames: self.stay.frames,
            bytes: self.stay.bytes,
            checksum_mismatches: 0,
        }
    }

    /// The socket may be ready. True if the welcome came, so that the bot is to have turns from now on.
    pub(super) fn ready(&mut self, part: &Part, scene: &mut Scene<'_>) -> Result<bool, End> {
        if matches!(self.phase, Phase::Connecting) {
            let address = &scene.shared.plan.address;
            match self.link.is_connected() {
                Ok(false) => return Ok(false),
                Ok(true) => {}
                Err(error) => return Err(End::Lost(address.refusal(&error))),
            }
            let mut handshake = None;
            let sent = self.link.send_raw(|out| handshake = Some(Handshake::request(address, out)));
            sent.map_err(|error| End::Lost(address.refusal(&error)))?;
            self.phase = handshake.map_or(Phase::Playing, Phase::Upgrading);
        }
        let was_welcome = self.pace.tick_us() > 0;
        self.read(usize::MAX, part, scene)?;
        Ok(!was_welcome && self.pace.tick_us() > 0)
    }

    /// A bot's own moment within the tick: how long from the welcome to its first turn.
    pub(super) fn phase_us(&mut self) -> u64 {
        (self.pilot.phase() * self.pace.tick_us() as f64) as u64
    }

    /// Has its turn, which was due at `due_us`, and says when the next one is.
    pub(super) fn turn(&mut self, due_us: u64, part: &Part, scene: &mut Scene<'_>) -> Result<u64, End> {
        let now_us = scene.shared.now_us();
        if scene.shared.progress.is_measuring() {
            scene.measured.lateness.add_us(now_us.saturating_sub(due_us));
        }
        if let Some(reading) = self.staller.as_mut().map(|staller| staller.reading(now_us)) {
            let listen = reading == Reading::Freely;
            self.link.listen(scene.registry, self.token, listen).map_err(broken)?;
            if let Reading::AtMost(bytes) = reading {
                self.read(bytes, part, scene)?;
            }
        }
        let was_there = self.pilot.is_there();
        let input = self.pilot.think(self.own.as_ref(), self.arena_size, scene.shared.may_fight());
        scene.shared.progress.gather(was_there, self.pilot.is_there());
        self.seq = self.seq.next();
        self.sent_us[self.seq.0 as usize % SENT_MAX] = now_us;
        // The one place where a light bot's input is put into words.
        let message = encode_client(&ClientMessage::Input { seq: self.seq, input, seen: self.tick.0 as u8 });
        let sent = self.link.send(Opcode::Binary, &message, self.pilot.mask());
        match sent {
            Ok(true) => self.blocked_from_us = None,
            Ok(false) => {
                let from_us = *self.blocked_from_us.get_or_insert(now_us);
                if now_us - from_us > BLOCKED_US_MAX {
                    return Err(End::Lost("connection lost: the server does not read".to_owned()));
                }
            }
            // The server may have said why, and that is still to be read.
            Err(_) => {
                self.read(usize::MAX, part, scene)?;
                return Err(lost());
            }
        }
        Ok(self.pace.next_us(due_us, now_us))
    }

    /// Says goodbye. An error is an end without one.
    pub(super) fn leave(&mut self, scene: &Scene<'_>) -> Result<(), End> {
        if !matches!(self.phase, Phase::Playing) {
            return if self.is_leaving() { Ok(()) } else { Err(End::Left) };
        }
        let now_us = scene.shared.now_us();
        self.stay.pause(now_us, self.pace.tick_us());
        self.phase = Phase::Leaving;
        self.deadline_us = now_us + FAREWELL_US;
        // Whoever did not read does so now: it may long have been told to go.
        self.link.listen(scene.registry, self.token, true).map_err(|_| End::Left)?;
        let said = self.link.send(Opcode::Close, &CLOSE_NORMAL.to_be_bytes(), self.pilot.mask());
        // What cannot be written to may still be read.
        let _ = said;
        Ok(())
    }

    /// Whether the bot waits for something that does not come.
    pub(super) fn overdue(&self, now_us: u64) -> Option<End> {
        let late = now_us > self.deadline_us;
        match self.phase {
            Phase::Leaving => late.then_some(End::Left),
            Phase::Connecting | Phase::Upgrading(_) => {
                late.then(|| End::Lost("refused: no answer in time".to_owned()))
            }
            Phase::Playing => None,
        }
    }

    /// Reads at most `most` bytes of what is there, and hears all messages that are whole.
    fn read(&mut self, most: usize, part: &Part, scene: &mut Scene<'_>) -> Result<(), End> {
        // Taken out, so that the scene can be handed on beside it.
        let buffer = std::mem::take(&mut scene.buffer);
        let done = self.read_into(buffer, most, part, scene);
        scene.buffer = buffer;
        done.map_err(|end| match self.phase {
            // A healthy bot that is leaving has left, whatever comes of it. One that did not read learns only now
            // that it was thrown out.
            Phase::Leaving if part.stall.is_none() => End::Left,
            _ => end,
        })
    }

    fn read_into(
        &mut self,
        buffer: &mut [u8],
        most: usize,
        part: &Part,
        scene: &mut Scene<'_>,
    ) -> Result<(), End> {
        let mut filled = self.link.restore(buffer);
        loop {
            let room = (buffer.len() - filled).min(most);
            let Some(count) = self.link.read(&mut buffer[filled..filled + room]).map_err(broken)? else {
                break;
            };
            if count == 0 {
                return Err(lost());
            }
            let end = filled + count;
            let used = self.hear(&buffer[..end], part, scene)?;
            buffer.copy_within(used..end, 0);
            filled = end - used;
            // Less than there was room for is all there was; if more comes, that is told.
            if count < room || room == most {
                break;
            }
        }
        self.link.keep(&buffer[..filled]);
        Ok(())
    }

    /// Hears what is whole in `bytes`, and says how many those were.
    fn hear(&mut self, bytes: &[u8], part: &Part, scene: &mut Scene<'_>) -> Result<usize, End> {
        let mut used = 0;
        if let Phase::Upgrading(handshake) = &self.phase {
            let Some(length) = handshake.answer(bytes).map_err(End::Lost)? else {
                return Ok(0);
            };
            used = length;
            self.phase = Phase::Playing;
            let hello = Hello { protocol: PROTOCOL_VERSION, name: format!("bot-{}", part.number) };
            self.say(Opcode::Binary, &encode_client(&ClientMessage::Hello(hello)))?;
        }
        let unknown = |error: websocket::FrameError| End::Lost(error.to_string());
        while let Some((incoming, length)) = websocket::parse(&bytes[used..]).map_err(unknown)? {
            used += length;
            match incoming {
                Incoming::Binary(_) if self.is_leaving() => {}
                Incoming::Binary(message) if self.pace.tick_us() == 0 => self.welcome(message, scene)?,
                Incoming::Binary(message) => self.frame(message, part, scene)?,
                Incoming::Ping(payload) => self.say(Opcode::Pong, payload)?,
                Incoming::Pong => {}
                Incoming::Close(code) => return Err(self.closed(code)),
            }
        }
        Ok(used)
    }

    fn say(&mut self, opcode: Opcode, payload: &[u8]) -> Result<(), End> {
        self.link.send(opcode, payload, self.pilot.mask()).map(|_| ()).map_err(broken)
    }

    fn welcome(&mut self, message: &[u8], scene: &Scene<'_>) -> Result<(), End> {
        match decode_server(message) {
            Ok(ServerMessage::Welcome(welcome)) if welcome.tick_rate > 0 => {
                scene.shared.tick_rate.store(welcome.tick_rate, Ordering::Relaxed);
                scene.shared.progress.message(message.len());
                self.pace = Pace::new(welcome.tick_rate);
                self.arena_size = welcome.arena.size;
                Ok(())
            }
            Ok(_) => Err(End::Lost("not understood: a message at the wrong moment".to_owned())),
            Err(error) => Err(End::Lost(format!("not understood: {error}"))),
        }
    }

    fn frame(&mut self, message: &[u8], part: &Part, scene: &mut Scene<'_>) -> Result<(), End> {
        let now_us = scene.shared.now_us();
        let head =
            decode_frame_head(message).map_err(|error| End::Lost(format!("not understood: {error}")))?;
        if self.joined && head.tick <= self.tick {
            let (now, before) = (head.tick, self.tick);
            return Err(End::Lost(format!(
                "not understood: a frame of tick {now:?} after one of {before:?}"
            )));
        }
        let progress = &scene.shared.progress;
        progress.message(message.len());
        progress.frames.fetch_add(1, Ordering::Relaxed);
        if !self.joined {
            self.joined = true;
            progress.enter(self.first);
            scene.measured.joins += u64::from(!self.first);
            self.staller = part.stall.map(|stall| Staller::new(stall, now_us, self.pilot.phase()));
        }
        let gap_us = self.stay.frame(now_us, message.len(), progress.is_measuring(), self.pace.tick_us());
        if let Some(gap_us) = gap_us.filter(|_| part.stall.is_none()) {
            scene.measured.gaps.add_us(gap_us);
            progress.gap(gap_us);
            let is_known = (self.seq.0.saturating_sub(head.acked.0) as usize) < SENT_MAX;
            if head.acked > self.acked && is_known {
                let sent_us = self.sent_us[head.acked.0 as usize % SENT_MAX];
                scene.measured.input_to_ack.add_us(now_us.saturating_sub(sent_us));
            }
        }
        (self.tick, self.acked) = (head.tick, head.acked);
        self.pace.queued(head.inputs_queued);
        self.own = match head.pilot {
            PilotState::Alive(own) => Some(own),
            PilotState::Dead { .. } => None,
        };
        Ok(())
    }

    /// The server hung up.
    fn closed(&mut self, code: Option<u16>) -> End {
        let code = match code {
            Some(CLOSE_NORMAL) | None if self.is_leaving() => return End::Left,
            Some(code) => code,
            None => return End::Lost("closed without a reason".to_owned()),
        };
        // It waits for this.
        let _ = self.link.send(Opcode::Close, &code.to_be_bytes(), self.pilot.mask());
        let known = CloseReason::from_code(code).map(|reason| reason.label().to_owned());
        End::Lost(known.unwrap_or_else(|| format!("closed: {code}")))
    }
}

fn lost() -> End {
    End::Lost("connection lost".to_owned())
}

fn broken(_: std::io::Error) -> End {
    lost()
}
