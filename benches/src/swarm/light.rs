//! One light bot's connection, from its first byte to its last. It must not know how turns come about: see `crew`.

mod hear;

use std::net::SocketAddr;

use mio::{Registry, Token};
use shared::{
    Vec2,
    engine::{ids::Tick, protocol::ClientMessage},
    game::protocol::OwnShip,
};

use super::{
    handshake::Handshake,
    link::Link,
    pace::Pace,
    pilot::Pilot,
    stall::{Reading, Staller},
    websocket::Opcode,
};
use crate::bot::{Encoding, End, Life, Measured, Part, Shared, Stay, Talk};

/// For the connection and the handshake.
const CONNECT_US: u64 = 10_000_000;
/// For the answer to a close.
const FAREWELL_US: u64 = 2_000_000;
/// For the server to read what is sent: one that takes longer is lost.
const BLOCKED_US_MAX: u64 = 5_000_000;
/// Inputs whose answer is waited for: four seconds at thirty a second, which only the worst of links need.
const SENT_MAX: usize = 128;
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
    encoding: Encoding,
    talk: Option<Talk>,
    pilot: Pilot,
    staller: Option<Staller>,
    pace: Pace,
    arena_size: Vec2,
    tick: Tick,
    own: Option<OwnShip>,
    /// When the input for a tick was sent, by the tick's last digits; 0 for none.
    sent_us: [u64; SENT_MAX],
    blocked_from_us: Option<u64>,
    stay: Stay,
    joined: bool,
    first: bool,
}

fn opcode_of(encoding: Encoding) -> Opcode {
    match encoding {
        Encoding::Bincode => Opcode::Binary,
        Encoding::Json => Opcode::Text,
    }
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
        let refused = |error: std::io::Error| scene.shared.address.refusal(&error);
        let mut link = Link::connect(at, part.stall.is_some()).map_err(refused)?;
        link.listen(scene.registry, token, true).map_err(refused)?;
        Ok(Self {
            token,
            link,
            phase: Phase::Connecting,
            deadline_us: scene.shared.now_us() + CONNECT_US,
            encoding: scene.shared.plan.encoding,
            talk: None,
            pilot: Pilot::new(scene.shared.plan.seed, part.number, part.role),
            staller: None,
            pace: Pace::default(),
            arena_size: Vec2::ZERO,
            tick: Tick::default(),
            own: None,
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
            let address = &scene.shared.address;
            match self.link.is_connected() {
                Ok(false) => return Ok(false),
                Ok(true) => {}
                Err(error) => return Err(End::Lost(address.refusal(&error))),
            }
            let mut handshake = None;
            let subprotocol = self.encoding.subprotocol();
            let sent =
                self.link.send_raw(|out| handshake = Some(Handshake::request(address, subprotocol, out)));
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
        let tick = self.pace.next_tick();
        self.sent_us[tick.0 as usize % SENT_MAX] = now_us;
        // The one place where a light bot's input is put into words.
        let input = ClientMessage::Input { tick, input, rewind: 0, ack: self.tick.0 as u8 };
        let message = self.encoding.encode(&input);
        let sent = self.link.send(opcode_of(self.encoding), &message, self.pilot.mask());
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
        if let Some(line) = self.talk.as_mut().and_then(|talk| talk.take_due(now_us)) {
            let message = self.encoding.encode(&ClientMessage::Chat(line.to_owned()));
            // What there is no room for is not said.
            self.link.send(opcode_of(self.encoding), &message, self.pilot.mask()).map_err(broken)?;
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
}

fn lost() -> End {
    End::Lost("connection lost".to_owned())
}

fn broken(_: std::io::Error) -> End {
    lost()
}
