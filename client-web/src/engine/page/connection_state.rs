//! A connection through all its breaks: whether it is being made, in use, between attempts or over, what comes next, and
//! what the player is told.

use shared::engine::protocol::CloseReason;

use super::handshake_fault::HandshakeFault;
use crate::engine::reconnect::{Advice, Reconnect, SILENCE_MS_MAX};

/// For this long after a restart was announced, in milliseconds, failed attempts are shown as part of it.
const RESTART_MS_MAX: f64 = 30_000.0;
/// The same after a stop was announced, which takes longer than a takeover: another version is put in place by hand.
const STOP_MS_MAX: f64 = 120_000.0;

/// After this long without a game, in milliseconds, the player is offered the way back to the start.
const WAY_BACK_MS: f64 = 5000.0;

/// The fault is shown after this many lost upgrades in a row. A single one proves nothing: the server may have restarted between the
/// attempt and the question why it failed.
const UPGRADES_LOST: u32 = 2;

/// From this long without a frame on, in milliseconds, the player is told that there is no signal: some 20 frames are missing.
const NO_SIGNAL_MS: f64 = 700.0;

/// A game that lasted this long, in milliseconds, was worth an immediate attempt to get back.
const LASTED_MS: f64 = 10_000.0;

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    /// A socket opens.
    Opening,
    /// It is open, and the first frame is awaited.
    Opened,
    /// Frames come.
    InGame { since_ms: f64 },
    /// Between attempts.
    Waiting { until_ms: f64, why: Option<CloseReason> },
    /// No further attempt would help.
    Over(Option<CloseReason>),
}

/// What the owner of the socket is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectionAction {
    /// Keep what there is.
    None,
    /// Drop the socket, if there is one.
    Drop,
    /// Drop the socket and open another; [`ConnectionState::begin_attempt`] says so.
    Connect,
    /// Drop the socket and load the page again: it is older than the server.
    ReloadPage,
}

/// What the player is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectionNotice {
    /// Nothing: all is well.
    None,
    /// The first attempt.
    Connecting,
    /// Between attempts; this many seconds until the next.
    ReconnectingIn(u32),
    /// An attempt after the first.
    Reconnecting,
    /// The server has no room; this many seconds until the next attempt.
    ServerFull(u32),
    /// The server has no room for more clients from this network; this many seconds until the next attempt.
    NetworkFull(u32),
    /// The server stops, perhaps to be started again; this many seconds until the next attempt.
    ServerRestarting(u32),
    /// The server has said that it stops, and an attempt to get back is being made.
    BackToRestarted,
    /// The server restarts and keeps its players.
    PlayerIsKept,
    /// No WebSocket could be opened; this many seconds until the next attempt.
    Refused(HandshakeFault, u32),
    /// Page and server are of different versions.
    OtherVersion,
    /// The same player's game goes on in another window.
    OpenElsewhere,
    /// The server asks for a valid join ticket.
    TicketRejected,
    /// The server runs another game.
    OtherGame,
    /// The creator of the room has removed this player.
    Removed,
    /// The room is locked.
    RoomLocked,
    /// The server closed the connection for good.
    Closed(Option<CloseReason>),
}

impl ConnectionNotice {
    /// Whether this page can never connect, as far as it knows: another page, or the server's operator, is needed.
    pub fn lasts(self) -> bool {
        match self {
            Self::Refused(fault, _) => fault.lasts(),
            Self::OtherVersion | Self::OtherGame | Self::Removed | Self::RoomLocked => true,
            _ => false,
        }
    }
}

/// Where a connection stands. Times are in milliseconds of the page's clock.
#[derive(Debug)]
pub struct ConnectionState {
    state: State,
    reconnect: Reconnect,
    /// Why the last sockets could not be opened.
    fault: Option<HandshakeFault>,
    /// Attempts in a row that failed although the server would have admitted them.
    upgrades_lost: u32,
    /// When the server said that it restarts and keeps its players.
    restarting_since_ms: Option<f64>,
    /// When the server said that it stops.
    stopping_since_ms: Option<f64>,
    /// Since when there are no frames; `None` while they come.
    without_game_since_ms: Option<f64>,
    attempts: u32,
    was_in_game: bool,
    is_hidden: bool,
    /// The page is closed, loaded again, or kept by the browser for the button that leads back to it.
    is_gone: bool,
    /// When the page was last shown or hidden.
    visibility_changed_ms: f64,
}

impl ConnectionState {
    /// Before the first attempt. `was_reloaded`: the page was loaded again because of its version.
    pub fn new(now_ms: f64, was_reloaded: bool) -> Self {
        Self {
            state: State::Opening,
            reconnect: Reconnect::new(now_ms.to_bits(), was_reloaded),
            fault: None,
            upgrades_lost: 0,
            restarting_since_ms: None,
            stopping_since_ms: None,
            without_game_since_ms: Some(now_ms),
            attempts: 0,
            was_in_game: false,
            is_hidden: false,
            is_gone: false,
            visibility_changed_ms: now_ms,
        }
    }

    /// A socket is being opened.
    pub fn begin_attempt(&mut self) {
        self.attempts += 1;
        self.state = State::Opening;
    }

    /// The socket is open.
    pub fn on_opened(&mut self) {
        (self.fault, self.upgrades_lost) = (None, 0);
        if self.state == State::Opening {
            self.state = State::Opened;
        }
    }

    /// The last socket could not be opened, for this reason.
    pub fn on_refused(&mut self, fault: HandshakeFault) {
        if !matches!(self.state, State::Waiting { .. } | State::Opening) {
            return;
        }
        self.upgrades_lost = if fault == HandshakeFault::UpgradeLost { self.upgrades_lost + 1 } else { 0 };
        let is_doubtful = fault == HandshakeFault::UpgradeLost && self.upgrades_lost < UPGRADES_LOST;
        self.fault = (!is_doubtful).then_some(fault);
    }

    /// Whether a socket is being opened.
    pub fn is_opening(&self) -> bool {
        self.state == State::Opening
    }

    /// A frame was received. Whether it is the first of this attempt.
    pub fn on_frame(&mut self, now_ms: f64) -> bool {
        if !matches!(self.state, State::Opening | State::Opened) {
            return false;
        }
        (self.fault, self.upgrades_lost) = (None, 0);
        (self.restarting_since_ms, self.stopping_since_ms, self.without_game_since_ms) = (None, None, None);
        self.state = State::InGame { since_ms: now_ms };
        self.was_in_game = true;
        self.reconnect.on_frame();
        true
    }

    /// The socket closed, or what came from it made no sense.
    pub fn on_closed(&mut self, why: Option<CloseReason>, now_ms: f64) -> ConnectionAction {
        self.without_game_since_ms.get_or_insert(now_ms);
        if why == Some(CloseReason::ShuttingDown) {
            self.stopping_since_ms = Some(now_ms);
        }
        // A room that moves is one that restarts, to those who are in it.
        if why == Some(CloseReason::Restarting) || why == Some(CloseReason::Moved) && self.was_in_game {
            self.restarting_since_ms = Some(now_ms);
        }
        let advice = self.reconnect.on_lost(why, now_ms);
        let (state, action) = match advice {
            // In a hidden page timers run once a minute, which is as long as the server keeps the player. Not if the
            // connection breaks again and again, though.
            Advice::Retry { .. }
                if self.is_hidden
                    && matches!(self.state, State::InGame { since_ms } if now_ms - since_ms > LASTED_MS) =>
            {
                (State::Opening, ConnectionAction::Connect)
            }
            Advice::Retry { pause_ms } => {
                (State::Waiting { until_ms: now_ms + pause_ms, why }, ConnectionAction::Drop)
            }
            Advice::ReloadPage => (State::Over(why), ConnectionAction::ReloadPage),
            Advice::GiveUp => (State::Over(why), ConnectionAction::Drop),
        };
        self.state = state;
        action
    }

    /// To be called a few times a second; `last_frame_ms` is when the last frame came, if any did.
    pub fn poll(&mut self, now_ms: f64, last_frame_ms: Option<f64>) -> ConnectionAction {
        match self.state {
            State::Waiting { until_ms, .. } if now_ms >= until_ms && !self.is_gone => {
                ConnectionAction::Connect
            }
            State::InGame { .. } if self.silence_ms(now_ms, last_frame_ms) > SILENCE_MS_MAX => {
                self.without_game_since_ms = last_frame_ms;
                self.on_closed(None, now_ms)
            }
            _ => ConnectionAction::None,
        }
    }

    /// Whether frames are due and have not come for long enough to tell the player.
    pub fn is_silent(&self, now_ms: f64, last_frame_ms: Option<f64>) -> bool {
        self.is_in_game() && self.silence_ms(now_ms, last_frame_ms) > NO_SIGNAL_MS
    }

    /// How long frames have been due without one. None are due to a hidden page, which gets few.
    fn silence_ms(&self, now_ms: f64, last_frame_ms: Option<f64>) -> f64 {
        if self.is_hidden {
            return 0.0;
        }
        now_ms - last_frame_ms.unwrap_or(now_ms).max(self.visibility_changed_ms)
    }

    /// The page is shown or hidden. Whether that changed.
    pub fn set_hidden(&mut self, is_hidden: bool, now_ms: f64) -> bool {
        if self.is_hidden == is_hidden {
            return false;
        }
        (self.is_hidden, self.visibility_changed_ms) = (is_hidden, now_ms);
        // A visitor who comes back does not wait for a pause that began without them.
        if let State::Waiting { until_ms, .. } = &mut self.state {
            *until_ms = now_ms;
        }
        true
    }

    /// The page goes, perhaps for good, or is back. Until it is back there is no further attempt.
    pub fn set_gone(&mut self, is_gone: bool, now_ms: f64) -> ConnectionAction {
        let has_changed = core::mem::replace(&mut self.is_gone, is_gone) != is_gone;
        if !has_changed || matches!(self.state, State::Over(_)) {
            return ConnectionAction::None;
        }
        self.state = State::Waiting { until_ms: now_ms, why: None };
        self.without_game_since_ms = Some(now_ms);
        ConnectionAction::Drop
    }

    /// Whether the server has announced that it goes, and is expected back.
    fn is_back_soon(&self, now_ms: f64) -> bool {
        self.is_restarting(now_ms) || self.is_stopping(now_ms)
    }

    fn is_restarting(&self, now_ms: f64) -> bool {
        self.restarting_since_ms.is_some_and(|since| now_ms - since <= RESTART_MS_MAX)
    }

    /// Whether the server said not long ago that it stops, and what hinders the attempts to get back is that it is not there yet.
    fn is_stopping(&self, now_ms: f64) -> bool {
        let is_absent = matches!(
            self.fault,
            None | Some(
                HandshakeFault::Unreachable | HandshakeFault::ServerDown | HandshakeFault::UpgradeLost
            )
        );
        is_absent && self.stopping_since_ms.is_some_and(|since| now_ms - since <= STOP_MS_MAX)
    }

    /// Whether to offer the way back to the start: there was no game for a while, or there will be none.
    pub fn offers_way_back(&self, now_ms: f64) -> bool {
        let is_long = self.without_game_since_ms.is_some_and(|since| now_ms - since > WAY_BACK_MS);
        is_long || matches!(self.state, State::Over(_))
    }

    /// Whether frames come.
    pub fn is_in_game(&self) -> bool {
        matches!(self.state, State::InGame { .. })
    }

    /// Whether frames ever came: then the last one stays on the screen until the next attempt has new ones.
    pub fn was_in_game(&self) -> bool {
        self.was_in_game
    }

    /// Attempts so far.
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// `connecting`, `playing`, `reconnecting` or `ended`.
    pub fn phase(&self) -> &'static str {
        match self.state {
            State::InGame { .. } => "playing",
            State::Opening | State::Opened if self.attempts <= 1 => "connecting",
            State::Over(_) => "ended",
            _ => "reconnecting",
        }
    }

    /// What the player is told now.
    pub fn notice(&self, now_ms: f64) -> ConnectionNotice {
        match self.state {
            State::InGame { .. } => ConnectionNotice::None,
            // The next attempt will hardly change it, so it stays to be read. Not while the server restarts: then a socket fails
            // before the server is there, and the question why is answered after.
            State::Opening
                if let Some(fault) =
                    self.fault.filter(|fault| fault.lasts() && !self.is_back_soon(now_ms)) =>
            {
                ConnectionNotice::Refused(fault, 0)
            }
            State::Opening | State::Opened if self.attempts <= 1 => ConnectionNotice::Connecting,
            State::Opening | State::Opened if self.is_restarting(now_ms) => ConnectionNotice::PlayerIsKept,
            State::Opening | State::Opened if self.is_stopping(now_ms) => ConnectionNotice::BackToRestarted,
            State::Opening | State::Opened => ConnectionNotice::Reconnecting,
            State::Waiting { until_ms, why } => {
                let seconds = ((until_ms - now_ms) / 1000.0).max(0.0).ceil() as u32;
                match (why, self.fault) {
                    (Some(CloseReason::Full), _) => ConnectionNotice::ServerFull(seconds),
                    (Some(CloseReason::TooManyFromNetwork), _) => ConnectionNotice::NetworkFull(seconds),
                    (Some(CloseReason::ShuttingDown), _) => ConnectionNotice::ServerRestarting(seconds),
                    _ if self.is_restarting(now_ms) => ConnectionNotice::PlayerIsKept,
                    _ if self.is_stopping(now_ms) => ConnectionNotice::ServerRestarting(seconds),
                    (None, Some(fault)) => ConnectionNotice::Refused(fault, seconds),
                    _ => ConnectionNotice::ReconnectingIn(seconds),
                }
            }
            State::Over(Some(CloseReason::VersionMismatch)) => ConnectionNotice::OtherVersion,
            State::Over(Some(CloseReason::Replaced)) => ConnectionNotice::OpenElsewhere,
            State::Over(Some(CloseReason::TicketRejected)) => ConnectionNotice::TicketRejected,
            State::Over(Some(CloseReason::OtherGame)) => ConnectionNotice::OtherGame,
            State::Over(Some(CloseReason::Removed)) => ConnectionNotice::Removed,
            State::Over(Some(CloseReason::RoomLocked)) => ConnectionNotice::RoomLocked,
            State::Over(why) => ConnectionNotice::Closed(why),
        }
    }
}

#[cfg(test)]
mod tests;
