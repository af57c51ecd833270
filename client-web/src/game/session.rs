//! The client's side of one connection: bytes in, bytes out, and what to draw. It knows neither sockets nor
//! clocks: the caller brings messages, milliseconds and the player's wishes.
//!
//! A caller does, in this order and as often as it likes: [`Session::handle_message`] for each message,
//! [`Session::advance`] with the time and the present input, [`Session::poll_transmit`] until it is empty, and
//! [`Session::scene`] to draw.

mod error;
mod joined;

use std::collections::VecDeque;

use shared::{
    Vec2,
    engine::{
        ids::{CellIndex, PlayerId, Tick},
        input::PlayerInput,
        limits::POSITION_STEPS_PER_UNIT,
        protocol::ResumeToken,
    },
    game::{
        pilot::PilotKind,
        protocol::{CellState, OwnShip, PilotState, ServerMessage, Welcome, decode_server},
        terrain::Terrain,
    },
};

pub use self::error::SessionError;
use self::joined::JoinedSession;
use super::scene::Scene;
use crate::engine::{chat::ChatNotice, lag::Lag, session_stats::SessionStats, transmit::Transmit};

/// Another ship as the last frame said, exact to the wire's 1/16 unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VisibleShip {
    /// Whose.
    pub id: PlayerId,
    /// Its centre.
    pub position: Vec2,
    /// In units a second.
    pub velocity: Vec2,
    /// Size, 0 to 3.
    pub tier: u8,
    /// Nothing harms it.
    pub shielded: bool,
    /// ShotStep by the server.
    pub drone: bool,
}

/// The client's side of one connection.
#[derive(Debug)]
pub struct Session {
    transmit: Transmit,
    stats: SessionStats,
    pictured: bool,
    is_hidden: bool,
    /// It has no ship.
    watches: bool,
    /// From the welcome on.
    playing: Option<Box<JoinedSession>>,
}

impl Session {
    /// A session that wishes for this name; the hello waits to be sent.
    pub fn new(name: &str) -> Self {
        Self {
            transmit: Transmit::hello(name),
            stats: SessionStats::default(),
            pictured: true,
            is_hidden: false,
            watches: false,
            playing: None,
        }
    }

    /// A session that nobody looks at: everything but [`Self::scene`], which stays empty. For load bots, of
    /// which hundreds share a machine.
    pub fn unseen(name: &str) -> Self {
        Self { pictured: false, ..Self::new(name) }
    }

    /// A session without a ship, which watches the leader.
    pub fn watching() -> Self {
        let mut session = Self::new("");
        session.transmit.watch();
        session.watches = true;
        session
    }

    /// With a wish for the colour of its ships, if there is one, below [`shared::engine::limits::COLOURS`].
    #[must_use]
    pub fn in_colour(mut self, colour: Option<u8>) -> Self {
        self.transmit.colour(colour);
        self
    }

    /// With a token of the session before, to go on with its ship.
    #[must_use]
    pub fn resuming(mut self, token: Option<ResumeToken>) -> Self {
        self.transmit.resume(token);
        self
    }

    /// The token for the session after this one, once the server gave it.
    pub fn resume_token(&self) -> Option<ResumeToken> {
        self.welcome().and_then(|welcome| welcome.resume)
    }

    /// Whether anybody looks at the game. While nobody does, the ship is not flown and the server sends next to nothing.
    pub fn set_hidden(&mut self, is_hidden: bool) {
        if is_hidden == self.is_hidden {
            return;
        }
        self.is_hidden = is_hidden;
        if let Some(playing) = &mut self.playing {
            playing.rest();
            self.transmit.hidden(is_hidden);
        }
    }

    /// Takes in one message. After an error the session is over.
    pub fn handle_message(&mut self, bytes: &[u8], now_ms: f64) -> Result<(), SessionError> {
        self.stats.bytes_received += bytes.len() as u64;
        match (decode_server(bytes)?, &mut self.playing) {
            (ServerMessage::Welcome(welcome), None) => {
                self.transmit.begin(welcome.tick_rate);
                if self.is_hidden {
                    self.transmit.hidden(true);
                }
                if welcome.player.is_some() == self.watches {
                    return Err(SessionError::Unexpected);
                }
                self.playing = Some(Box::new(JoinedSession::new(*welcome, self.pictured)?));
                Ok(())
            }
            (ServerMessage::Frame(frame), Some(playing)) => {
                playing.frame(frame, now_ms, &mut self.stats, &mut self.transmit)
            }
            (ServerMessage::Welcome(_), Some(_)) | (ServerMessage::Frame(_), None) => {
                Err(SessionError::Unexpected)
            }
        }
    }

    /// Says a line to everyone, or `/w NAME TEXT` to one. Whether it is passed on, the server decides.
    pub fn say(&mut self, line: &str) {
        self.transmit.say(line);
    }

    /// Takes the notices about chat that came since they were last taken. A session that nobody looks at has none.
    pub fn take_chat(&mut self) -> VecDeque<ChatNotice> {
        self.playing.as_mut().map_or_else(VecDeque::new, |playing| playing.chat_inbox.take())
    }

    /// Who this player is, once the server said; `None` for who watches.
    pub fn me(&self) -> Option<PlayerId> {
        self.welcome()?.player
    }

    /// The next message to send, if any.
    pub fn poll_transmit(&mut self) -> Option<Vec<u8>> {
        self.transmit.poll()
    }

    /// Runs the own ticks that are due, each with this input. To be called at least once a tick; more often
    /// makes the ship answer sooner. Does nothing before the first frame, nor while nobody looks.
    pub fn advance(&mut self, now_ms: f64, input: PlayerInput) {
        if let Some(playing) = self.playing.as_mut().filter(|_| !self.is_hidden && !self.watches) {
            playing.advance(now_ms, input, &mut self.stats, &mut self.transmit);
        }
    }

    /// When [`Self::advance`] next has something to do, in the caller's milliseconds; `None` before its first
    /// call after the welcome.
    pub fn next_tick_ms(&self) -> Option<f64> {
        self.playing.as_ref()?.pacer.next_ms()
    }

    /// Fills `out` with this moment. Events and kills are handed over once.
    pub fn scene(&mut self, now_ms: f64, out: &mut Scene) {
        if let Some(playing) = &mut self.playing {
            playing.draw(now_ms, out, &mut self.stats);
        } else {
            *out = Scene::default();
        }
    }

    /// What the server said at the start.
    pub fn welcome(&self) -> Option<&Welcome> {
        self.playing.as_ref().map(|playing| &playing.welcome)
    }

    /// The arena, its rocks sorted.
    pub fn terrain(&self) -> Option<&Terrain> {
        self.playing.as_ref().map(|playing| &playing.terrain)
    }

    /// Measurements.
    pub fn stats(&self) -> &SessionStats {
        &self.stats
    }

    /// The parts of the delay, from the welcome on.
    pub fn lag(&self) -> Option<&Lag> {
        self.playing.as_ref().map(|playing| &playing.lag)
    }

    /// A picture took so long from its scene to the screen, in milliseconds.
    pub fn rendered(&mut self, ms: f64) {
        if let Some(playing) = &mut self.playing {
            playing.lag.rendered(ms);
        }
    }

    /// Takes the times from input to answer in milliseconds, one for each frame that answered an input, since
    /// they were last taken.
    pub fn drain_input_to_ack_ms(&mut self) -> impl Iterator<Item = f32> + '_ {
        self.stats.drain_acks()
    }

    /// Takes the distances in world units by which frames moved the own ship against its prediction, one for each frame in
    /// which it was predicted, since they were last taken.
    pub fn drain_prediction_errors(&mut self) -> impl Iterator<Item = f32> + '_ {
        self.stats.drain_errors()
    }

    /// The tick of the last frame.
    pub fn tick(&self) -> Option<Tick> {
        self.playing.as_ref()?.latest.as_ref().map(|latest| latest.tick)
    }

    /// How it stood with the player at the last frame.
    pub fn pilot(&self) -> Option<&PilotState> {
        self.playing.as_ref()?.latest.as_ref().map(|latest| &latest.pilot)
    }

    /// The own ship at the last frame, exactly, if it flies.
    pub fn own_ship(&self) -> Option<&OwnShip> {
        match self.pilot()? {
            PilotState::Alive(own) => Some(own),
            PilotState::Dead { .. } | PilotState::Idle { .. } | PilotState::Spectating { .. } => None,
        }
    }

    /// Where the own ship is predicted to be after the last own tick, if it flies.
    pub fn own_position(&self) -> Option<Vec2> {
        let playing = self.playing.as_ref()?;
        playing.prediction.ship().map(|ship| ship.motion.position)
    }

    /// Other ships in view at the last frame.
    pub fn visible_ships(&self) -> impl Iterator<Item = VisibleShip> + '_ {
        self.playing.iter().flat_map(|playing| {
            let me = playing.me;
            let per_second = f32::from(playing.welcome.tick_rate) / POSITION_STEPS_PER_UNIT;
            let others = playing.replica.ships().filter(move |(id, ..)| *id != me);
            others.map(move |(id, position, ship)| VisibleShip {
                id,
                position,
                velocity: Vec2::new(f32::from(ship.vx), f32::from(ship.vy)) * per_second,
                tier: ship.status.tier() as u8,
                shielded: ship.status.shielded(),
                drone: playing.roster.kind(id) == PilotKind::Drone,
            })
        })
    }

    /// Embers around a place: at least those in view within `reach` of it. Where they lie and their value.
    pub fn embers_near(&self, centre: Vec2, reach: f32) -> impl Iterator<Item = (Vec2, u8)> + '_ {
        self.playing.iter().flat_map(move |playing| {
            let grid = playing.terrain.grid();
            let around = playing.replica.embers_around(centre, reach);
            around.map(move |(cell, ember)| (ember.place(cell, grid), ember.value))
        })
    }

    /// A cell as the server described it, if it is in view.
    pub fn cell(&self, cell: CellIndex) -> Option<&CellState> {
        self.playing.as_ref()?.replica.cell(cell)
    }
}

#[cfg(test)]
mod tests;
