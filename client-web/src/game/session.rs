//! The client's side of one connection: bytes in, bytes out, and a scene to draw. It knows neither sockets nor clocks: the
//! caller brings messages, milliseconds and the player's input.
//!
//! A caller does these, in any order and as often as it likes: [`Session::handle_message`] for each message,
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
        limits::{POSITION_STEPS_PER_UNIT, TICKET_BYTES_MAX},
        protocol::{ResumeToken, Role, decode_server},
        roster::{Player, PlayerKind},
    },
    game::{
        Emberdrift,
        protocol::{CellState, OwnShip, PilotState, ServerMessage, Welcome},
        terrain::Terrain,
    },
};

pub use self::error::SessionError;
use self::joined::JoinedSession;
use super::scene::Scene;
use crate::engine::{chat::ChatNotice, lag::Lag, session_stats::SessionStats, transmit::Transmit};

/// Another ship as the last frame described it, exact to the wire's 1/16 unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VisibleShip {
    /// Its pilot.
    pub id: PlayerId,
    /// Its centre.
    pub position: Vec2,
    /// In units a second.
    pub velocity: Vec2,
    /// 0 to 3.
    pub tier: u8,
    /// Cannot be harmed.
    pub shielded: bool,
    /// Steered by the server.
    pub drone: bool,
}

/// The client's side of one connection.
#[derive(Debug)]
pub struct Session {
    transmit: Transmit<PlayerInput>,
    stats: SessionStats,
    draws: bool,
    is_hidden: bool,
    is_spectator: bool,
    /// From the welcome on.
    joined: Option<Box<JoinedSession>>,
}

impl Session {
    /// A session of a player, who asks for this name.
    pub fn new(name: &str) -> Self {
        Self {
            transmit: Transmit::new::<Emberdrift>(name),
            stats: SessionStats::default(),
            draws: true,
            is_hidden: false,
            is_spectator: false,
            joined: None,
        }
    }

    /// A session that draws nothing: [`Self::scene`] stays empty. For load bots, hundreds of which share a machine.
    pub fn headless(name: &str) -> Self {
        Self { draws: false, ..Self::new(name) }
    }

    /// A session without a ship, which watches the leader.
    pub fn spectator() -> Self {
        let mut session = Self::new("");
        session.transmit.edit_hello(|hello| hello.role = Role::Spectator);
        session.is_spectator = true;
        session
    }

    /// Asks for this colour, below [`shared::engine::limits::COLOURS`].
    #[must_use]
    pub fn with_colour(mut self, colour: Option<u8>) -> Self {
        self.transmit.edit_hello(|hello| hello.colour = colour);
        self
    }

    /// Asks for the ship of the session that had this token.
    #[must_use]
    pub fn with_resume_token(mut self, token: Option<ResumeToken>) -> Self {
        self.transmit.edit_hello(|hello| hello.resume = token);
        self
    }

    /// Shows this join ticket, if there is one.
    #[must_use]
    pub fn with_ticket(mut self, ticket: Option<String>) -> Self {
        // One that is too long is not valid, and its hello would not fit a message.
        let ticket = ticket.filter(|ticket| ticket.len() <= TICKET_BYTES_MAX);
        self.transmit.edit_hello(|hello| hello.ticket = ticket);
        self
    }

    /// The token for the session after this one; `None` before the welcome.
    pub fn resume_token(&self) -> Option<ResumeToken> {
        self.welcome().and_then(|welcome| welcome.resume)
    }

    /// Whether the page is hidden. While it is, the ship is not steered and the server sends next to nothing.
    pub fn set_hidden(&mut self, is_hidden: bool) {
        if is_hidden == self.is_hidden {
            return;
        }
        self.is_hidden = is_hidden;
        if let Some(joined) = &mut self.joined {
            joined.pause();
            self.transmit.hidden(is_hidden);
        }
    }

    /// Takes in one message. After an error the session is over.
    pub fn handle_message(&mut self, bytes: &[u8], now_ms: f64) -> Result<(), SessionError> {
        self.stats.bytes_received += bytes.len() as u64;
        match (decode_server(bytes)?, &mut self.joined) {
            (ServerMessage::Welcome(welcome), None) => {
                self.transmit.begin(welcome.tick_rate);
                if self.is_hidden {
                    self.transmit.hidden(true);
                }
                if welcome.player.is_some() == self.is_spectator {
                    return Err(SessionError::Unexpected);
                }
                self.joined = Some(Box::new(JoinedSession::new(*welcome, self.draws)?));
                Ok(())
            }
            (ServerMessage::Frame(frame), Some(joined)) => {
                joined.on_frame(frame, now_ms, &mut self.stats, &mut self.transmit)
            }
            (ServerMessage::Welcome(_), Some(_)) | (ServerMessage::Frame(_), None) => {
                Err(SessionError::Unexpected)
            }
        }
    }

    /// Sends a chat line to everyone, or `/w NAME TEXT` to one player. The server decides whether it is passed on.
    pub fn send_chat(&mut self, line: &str) {
        self.transmit.chat(line);
    }

    /// Takes the chat notices since the last call. A headless session has none.
    pub fn take_chat(&mut self) -> VecDeque<ChatNotice> {
        self.joined.as_mut().map_or_else(VecDeque::new, |joined| joined.chat_inbox.take())
    }

    /// This player's id; `None` before the welcome, and for a spectator.
    pub fn player_id(&self) -> Option<PlayerId> {
        self.welcome()?.player
    }

    /// The next message to send, if any.
    pub fn poll_transmit(&mut self) -> Option<Vec<u8>> {
        self.transmit.poll()
    }

    /// Runs the own ticks that are due, each with this input. To be called at least once a tick; more often makes the
    /// ship react sooner. Does nothing before the first frame, nor while the page is hidden.
    pub fn advance(&mut self, now_ms: f64, input: PlayerInput) {
        if let Some(joined) = self.joined.as_mut().filter(|_| !self.is_hidden && !self.is_spectator) {
            joined.advance(now_ms, input, &mut self.stats, &mut self.transmit);
        }
    }

    /// When the next own tick is due, in the caller's milliseconds; `None` before the first frame.
    pub fn next_tick_ms(&self) -> Option<f64> {
        self.joined.as_ref()?.pacer.next_ms()
    }

    /// Fills `out` with the scene at this time. Each event and kill is in one scene only.
    pub fn scene(&mut self, now_ms: f64, out: &mut Scene) {
        if let Some(joined) = &mut self.joined {
            joined.draw(now_ms, out, &mut self.stats);
        } else {
            *out = Scene::default();
        }
    }

    /// The welcome, once it has arrived.
    pub fn welcome(&self) -> Option<&Welcome> {
        self.joined.as_ref().map(|joined| &joined.welcome)
    }

    /// The arena, once the welcome has arrived.
    pub fn terrain(&self) -> Option<&Terrain> {
        self.joined.as_ref().map(|joined| &joined.terrain)
    }

    /// Measurements of this session.
    pub fn stats(&self) -> &SessionStats {
        &self.stats
    }

    /// The parts of the lag, from the welcome on.
    pub fn lag(&self) -> Option<&Lag> {
        self.joined.as_ref().map(|joined| &joined.lag)
    }

    /// A frame took this long from its scene to the screen, in milliseconds.
    pub fn on_rendered(&mut self, ms: f64) {
        if let Some(joined) = &mut self.joined {
            joined.lag.on_rendered(ms);
        }
    }

    /// Takes the times from an input to its acknowledgement, in milliseconds, one for each frame that acknowledged an
    /// input, since the last call.
    pub fn drain_input_to_ack_ms(&mut self) -> impl Iterator<Item = f32> + '_ {
        self.stats.drain_acks_ms()
    }

    /// Takes the distances by which frames moved the own ship from its prediction, in world units, one for each frame in
    /// which it was predicted, since the last call.
    pub fn drain_prediction_errors(&mut self) -> impl Iterator<Item = f32> + '_ {
        self.stats.drain_prediction_errors()
    }

    /// The tick of the last frame.
    pub fn tick(&self) -> Option<Tick> {
        self.joined.as_ref()?.latest.as_ref().map(|latest| latest.tick)
    }

    /// The player's state in the last frame; `None` for a spectator.
    pub fn pilot(&self) -> Option<&PilotState> {
        self.joined.as_ref()?.latest.as_ref()?.viewer.own()
    }

    /// The own ship in the last frame, exactly, while it is alive.
    pub fn own_ship(&self) -> Option<&OwnShip> {
        self.pilot()?.ship()
    }

    /// The own ship's predicted position after the last own tick, while it is alive.
    pub fn own_position(&self) -> Option<Vec2> {
        let joined = self.joined.as_ref()?;
        joined.prediction.ship().map(|ship| ship.motion.position)
    }

    /// Other ships in view in the last frame.
    pub fn visible_ships(&self) -> impl Iterator<Item = VisibleShip> + '_ {
        self.joined.iter().flat_map(|joined| {
            let me = joined.me;
            let per_second = f32::from(joined.welcome.tick_rate) / POSITION_STEPS_PER_UNIT;
            let others = joined.replica.ships().filter(move |(id, ..)| *id != me);
            others.map(move |(id, position, ship)| VisibleShip {
                id,
                position,
                velocity: Vec2::new(f32::from(ship.vx), f32::from(ship.vy)) * per_second,
                tier: ship.look.status.tier() as u8,
                shielded: ship.look.status.shielded(),
                drone: joined.roster.kind(id) == PlayerKind::Bot,
            })
        })
    }

    /// Positions and values of the embers around a place: at least of those in view within `reach`.
    pub fn embers_near(&self, centre: Vec2, reach: f32) -> impl Iterator<Item = (Vec2, u8)> + '_ {
        self.joined.iter().flat_map(move |joined| {
            let grid = joined.terrain.grid();
            let around = joined.replica.embers_around(centre, reach);
            around.map(move |(cell, ember)| (ember.place(cell, grid), ember.item.0))
        })
    }

    /// A pilot that the server has named. It stays known after it has left, until its id is given again.
    pub fn known_pilot(&self, id: PlayerId) -> Option<&Player> {
        self.joined.as_ref()?.roster.get(id).map(|pilot| &**pilot)
    }

    /// A cell exactly as the server described it, if it is in view.
    pub fn cell(&self, cell: CellIndex) -> Option<&CellState> {
        self.joined.as_ref()?.replica.cell(cell)
    }
}

#[cfg(test)]
mod tests;
