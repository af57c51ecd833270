//! The client's side of one connection: bytes in, bytes out, and a scene to draw. It knows neither sockets nor clocks: the
//! caller brings messages, milliseconds and the player's input.
//!
//! A caller does these, in any order and as often as it likes: [`Session::handle_message`] for each message,
//! [`Session::advance`] with the time and the present input, [`Session::poll_transmit`] until it is empty, and
//! [`Session::scene`] to draw.

mod display;
mod error;
mod joined;

use std::collections::VecDeque;

use shared::{
    Vec2,
    engine::{
        game_trait::Game,
        ids::{CellIndex, PlayerId, Tick},
        limits::{IDENTITY_BYTES_MAX, POSITION_STEPS_PER_UNIT, TICKET_BYTES_MAX},
        protocol::{CellState, ResumeToken, Role, ServerMessage, ViewerState, Welcome, decode_server},
        roster::{Leaderboard, Player, UnlockedAchievement},
    },
};

pub use self::error::SessionError;
use self::joined::JoinedSession;
use super::{
    chat::ChatNotice, lag::Lag, replica::Replica, roster::Roster, session_stats::SessionStats,
    transmit::Transmit, view::View,
};

/// Another player's body as the last frame described it, exact to the wire's 1/16 unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VisibleBody<L> {
    /// Its player.
    pub id: PlayerId,
    /// Its centre.
    pub position: Vec2,
    /// In units a second.
    pub velocity: Vec2,
    /// What else others see of it.
    pub look: L,
}

/// The client's side of one connection.
#[derive(Debug)]
pub struct Session<V: View> {
    transmit: Transmit<<V::Game as Game>::Input>,
    stats: SessionStats,
    draws: bool,
    is_hidden: bool,
    is_spectator: bool,
    /// From the welcome on.
    joined: Option<Box<JoinedSession<V>>>,
}

impl<V: View> Session<V> {
    /// A session of a player, who asks for this name.
    pub fn new(name: &str) -> Self {
        Self {
            transmit: Transmit::new::<V::Game>(name),
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

    /// A session without a player, which watches the leader.
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

    /// Proves who the player is on every visit, to a server that keeps records.
    #[must_use]
    pub fn with_identity(mut self, proof: Option<String>) -> Self {
        let proof = proof.filter(|proof| proof.len() <= IDENTITY_BYTES_MAX);
        self.transmit.edit_hello(|hello| hello.identity = proof);
        self
    }

    /// Comes with the party that has this code, if there is one.
    #[must_use]
    pub fn with_party(mut self, code: Option<String>) -> Self {
        self.transmit.edit_hello(|hello| hello.party = code);
        self
    }

    /// Asks for the player of the session that had this token.
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

    /// The key that makes this player the creator of its room, if it has just been sent.
    pub fn take_room_key(&mut self) -> Option<String> {
        self.joined.as_mut()?.room_key.take()
    }

    /// The achievement that this player has just unlocked.
    pub fn take_unlocked(&mut self) -> Option<UnlockedAchievement> {
        self.joined.as_mut()?.unlocked.take()
    }

    /// Wears the badge with this number, 0 for none, once the server knows that the player has unlocked it.
    pub fn wear_badge(&mut self, number: u8) {
        self.transmit.badge(number);
    }

    /// Whether the page is hidden. While it is, the body is not steered and the server sends next to nothing.
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
        match (decode_server::<V::Game>(bytes)?, &mut self.joined) {
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
    /// own body react sooner. Does nothing before the first frame, nor while the page is hidden.
    pub fn advance(&mut self, now_ms: f64, input: <V::Game as Game>::Input) {
        if let Some(joined) = self.joined.as_mut().filter(|_| !self.is_hidden && !self.is_spectator) {
            joined.advance(now_ms, input, &mut self.stats, &mut self.transmit);
        }
    }

    /// When the next own tick is due, in the caller's milliseconds; `None` before the first frame.
    pub fn next_tick_ms(&self) -> Option<f64> {
        self.joined.as_ref()?.pacer.next_ms()
    }

    /// Fills `out` with the scene at this time. Each event is in one scene only.
    pub fn scene(&mut self, now_ms: f64, out: &mut V::Scene) {
        if let Some(joined) = &mut self.joined {
            joined.draw(now_ms, out, &mut self.stats);
        } else {
            *out = V::Scene::default();
        }
    }

    /// The welcome, once it has arrived.
    pub fn welcome(&self) -> Option<&Welcome<V::Game>> {
        self.joined.as_ref().map(|joined| &joined.welcome)
    }

    /// The map, once the welcome has arrived.
    pub fn map(&self) -> Option<&<V::Game as Game>::Map> {
        self.joined.as_ref().map(|joined| &joined.map)
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

    /// Takes the distances by which frames moved the own body from its prediction, in world units, one for each frame in
    /// which it was predicted, since the last call.
    pub fn drain_prediction_errors(&mut self) -> impl Iterator<Item = f32> + '_ {
        self.stats.drain_prediction_errors()
    }

    /// The tick of the last frame.
    pub fn tick(&self) -> Option<Tick> {
        self.joined.as_ref()?.latest.as_ref().map(|latest| latest.tick)
    }

    /// Rank and own state in the last frame; of a spectator, the player whose body it watches.
    pub fn viewer(&self) -> Option<&ViewerState<V::Game>> {
        self.joined.as_ref()?.latest.as_ref().map(|latest| &latest.viewer)
    }

    /// What the game said of this player in the last frame; `None` for a spectator.
    pub fn own(&self) -> Option<&<V::Game as Game>::Own> {
        self.viewer()?.own()
    }

    /// The own avatar after the last own tick, as predicted, while it has a body.
    pub fn avatar(&self) -> Option<&<V::Game as Game>::Avatar> {
        self.joined.as_ref()?.prediction.avatar()
    }

    /// Where it is.
    pub fn own_position(&self) -> Option<Vec2> {
        self.joined.as_ref()?.prediction.position()
    }

    /// What a camera looks at: the own body as it is shown at this time, or the one that a spectator watches.
    pub fn focus(&self, now_ms: f64) -> Option<Vec2> {
        self.joined.as_ref()?.focus(now_ms)
    }

    /// Other players' bodies in view in the last frame.
    pub fn bodies(&self) -> impl Iterator<Item = VisibleBody<<V::Game as Game>::Look>> + '_ {
        self.joined.iter().flat_map(|joined| {
            let me = joined.me;
            let per_second = f32::from(joined.welcome.tick_rate) / POSITION_STEPS_PER_UNIT;
            let others = joined.replica.bodies().filter(move |(id, ..)| *id != me);
            others.map(move |(id, position, body)| VisibleBody {
                id,
                position,
                velocity: Vec2::new(f32::from(body.vx), f32::from(body.vy)) * per_second,
                look: body.look,
            })
        })
    }

    /// Items around a place, and where they lie: at least those in view within `reach`.
    pub fn items_near(
        &self,
        centre: Vec2,
        reach: f32,
    ) -> impl Iterator<Item = (Vec2, <V::Game as Game>::Item)> + '_ {
        self.joined.iter().flat_map(move |joined| {
            let grid = joined.replica.grid();
            let around = joined.replica.items_around(centre, reach);
            around.map(move |(cell, item)| (item.place(cell, grid), item.item))
        })
    }

    /// The players that the server has named.
    pub fn roster(&self) -> Option<&Roster> {
        self.joined.as_ref().map(|joined| &joined.roster)
    }

    /// A player that the server has named. It stays known after it has left, until its id is given again.
    pub fn player(&self, id: PlayerId) -> Option<&Player> {
        self.roster()?.get(id).map(|listed| &listed.player)
    }

    /// The leaderboard; empty before the first has arrived.
    pub fn leaderboard(&self) -> Option<&Leaderboard> {
        self.joined.as_ref().map(|joined| &joined.leaderboard)
    }

    /// The cells in view, exactly as the server described them.
    pub fn replica(&self) -> Option<&Replica<V::Game>> {
        self.joined.as_ref().map(|joined| &joined.replica)
    }

    /// One of them; `None` if it is not in view.
    pub fn cell(&self, cell: CellIndex) -> Option<&CellState<V::Game>> {
        self.replica()?.cell(cell)
    }
}

#[cfg(test)]
mod tests;
