//! A connection through all its breaks: whether it is being made, in use, between attempts or over, what comes next, and
//! what the player is told.

use shared::engine::protocol::CloseReason;

use crate::engine::reconnect::{Advice, Reconnect, SILENCE_MS_MAX};

/// A game that lasted this long, in milliseconds, was worth an immediate attempt to get back.
const LASTED_MS: f64 = 10_000.0;

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    /// A socket opens, or the first frame is awaited.
    Connecting,
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
    /// The server restarts; this many seconds until the next attempt.
    ServerRestarting(u32),
    /// Page and server are of different versions.
    OtherVersion,
    /// The same player's game goes on in another window.
    OpenElsewhere,
    /// The server closed the connection for good.
    Closed(Option<CloseReason>),
}

/// Where a connection stands. Times are in milliseconds of the page's clock.
#[derive(Debug)]
pub struct ConnectionState {
    state: State,
    reconnect: Reconnect,
    attempts: u32,
    was_in_game: bool,
    is_hidden: bool,
    /// When the page was last shown or hidden.
    visibility_changed_ms: f64,
}

impl ConnectionState {
    /// Before the first attempt. `was_reloaded`: the page was loaded again because of its version.
    pub fn new(now_ms: f64, was_reloaded: bool) -> Self {
        Self {
            state: State::Connecting,
            reconnect: Reconnect::new(now_ms.to_bits(), was_reloaded),
            attempts: 0,
            was_in_game: false,
            is_hidden: false,
            visibility_changed_ms: now_ms,
        }
    }

    /// A socket is being opened.
    pub fn begin_attempt(&mut self) {
        self.attempts += 1;
        self.state = State::Connecting;
    }

    /// A frame was received. Whether it is the first of this attempt.
    pub fn on_frame(&mut self, now_ms: f64) -> bool {
        if self.state != State::Connecting {
            return false;
        }
        self.state = State::InGame { since_ms: now_ms };
        self.was_in_game = true;
        self.reconnect.on_frame();
        true
    }

    /// The socket closed, or what came from it made no sense.
    pub fn on_closed(&mut self, why: Option<CloseReason>, now_ms: f64) -> ConnectionAction {
        let advice = self.reconnect.on_lost(why, now_ms);
        let (state, action) = match advice {
            // In a hidden page timers run once a minute, which is as long as the server keeps the player. Not if the
            // connection breaks again and again, though.
            Advice::Retry { .. }
                if self.is_hidden
                    && matches!(self.state, State::InGame { since_ms } if now_ms - since_ms > LASTED_MS) =>
            {
                (State::Connecting, ConnectionAction::Connect)
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
            State::Waiting { until_ms, .. } if now_ms >= until_ms => ConnectionAction::Connect,
            State::InGame { .. } if !self.is_hidden && self.is_silent(now_ms, last_frame_ms) => {
                self.on_closed(None, now_ms)
            }
            _ => ConnectionAction::None,
        }
    }

    /// Whether frames should have come, and did not for long. A hidden page gets few.
    fn is_silent(&self, now_ms: f64, last_frame_ms: Option<f64>) -> bool {
        now_ms - last_frame_ms.unwrap_or(now_ms).max(self.visibility_changed_ms) > SILENCE_MS_MAX
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
            State::Connecting if self.attempts <= 1 => "connecting",
            State::Over(_) => "ended",
            _ => "reconnecting",
        }
    }

    /// What the player is told now.
    pub fn notice(&self, now_ms: f64) -> ConnectionNotice {
        match self.state {
            State::InGame { .. } => ConnectionNotice::None,
            State::Connecting if self.attempts <= 1 => ConnectionNotice::Connecting,
            State::Connecting => ConnectionNotice::Reconnecting,
            State::Waiting { until_ms, why } => {
                let seconds = ((until_ms - now_ms) / 1000.0).max(0.0).ceil() as u32;
                match why {
                    Some(CloseReason::Full) => ConnectionNotice::ServerFull(seconds),
                    Some(CloseReason::ShuttingDown) => ConnectionNotice::ServerRestarting(seconds),
                    _ => ConnectionNotice::ReconnectingIn(seconds),
                }
            }
            State::Over(Some(CloseReason::VersionMismatch)) => ConnectionNotice::OtherVersion,
            State::Over(Some(CloseReason::Replaced)) => ConnectionNotice::OpenElsewhere,
            State::Over(why) => ConnectionNotice::Closed(why),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::reconnect::PAUSE_MS_MAX;

    fn connecting() -> ConnectionState {
        let mut state = ConnectionState::new(0.0, false);
        state.begin_attempt();
        state
    }

    fn in_game(since_ms: f64) -> ConnectionState {
        let mut state = connecting();
        assert!(state.on_frame(since_ms));
        state
    }

    #[test]
    fn the_first_attempt_and_those_after_it_are_told_apart() {
        let mut state = connecting();
        assert_eq!((state.phase(), state.notice(0.0)), ("connecting", ConnectionNotice::Connecting));
        state.begin_attempt();
        assert_eq!((state.phase(), state.notice(0.0)), ("reconnecting", ConnectionNotice::Reconnecting));
        assert_eq!(state.attempts(), 2);
    }

    #[test]
    fn only_the_first_frame_of_an_attempt_begins_the_game() {
        let mut state = connecting();
        assert!(!state.is_in_game() && !state.was_in_game());
        assert!(state.on_frame(1.0) && !state.on_frame(2.0));
        assert_eq!((state.phase(), state.notice(2.0)), ("playing", ConnectionNotice::None));
    }

    #[test]
    fn a_break_leads_to_a_pause_and_then_to_another_attempt() {
        let mut state = in_game(0.0);
        assert_eq!(state.on_closed(None, 1000.0), ConnectionAction::Drop);
        assert!(!state.is_in_game() && state.was_in_game());
        assert_eq!(state.poll(1000.0, None), ConnectionAction::None);
        let ConnectionNotice::ReconnectingIn(seconds) = state.notice(1000.0) else { panic!("{state:?}") };
        assert!(seconds >= 1, "seconds are rounded up");
        assert_eq!(state.poll(1000.0 + PAUSE_MS_MAX, None), ConnectionAction::Connect);
        assert_eq!(state.notice(99_000.0), ConnectionNotice::ReconnectingIn(0), "never negative");
    }

    #[test]
    fn the_player_is_told_why_the_server_sent_it_away() {
        for (why, notice) in [
            (CloseReason::Full, ConnectionNotice::ServerFull as fn(u32) -> _),
            (CloseReason::ShuttingDown, ConnectionNotice::ServerRestarting),
        ] {
            let mut state = connecting();
            state.on_closed(Some(why), 0.0);
            let State::Waiting { until_ms, .. } = state.state else { panic!("{state:?}") };
            assert_eq!(state.notice(0.0), notice((until_ms / 1000.0).ceil() as u32), "{why:?}");
        }
    }

    #[test]
    fn what_no_attempt_can_mend_is_over() {
        for (why, notice) in [
            (CloseReason::Replaced, ConnectionNotice::OpenElsewhere),
            (CloseReason::ProtocolError, ConnectionNotice::Closed(Some(CloseReason::ProtocolError))),
        ] {
            let mut state = in_game(0.0);
            assert_eq!(state.on_closed(Some(why), 5.0), ConnectionAction::Drop);
            assert_eq!((state.phase(), state.notice(5.0)), ("ended", notice), "{why:?}");
            assert_eq!(state.poll(1e9, None), ConnectionAction::None);
        }
    }

    #[test]
    fn an_old_page_is_loaded_again_once() {
        let mut state = connecting();
        let action = state.on_closed(Some(CloseReason::VersionMismatch), 0.0);
        assert_eq!(action, ConnectionAction::ReloadPage);
        let mut reloaded = ConnectionState::new(0.0, true);
        reloaded.begin_attempt();
        let action = reloaded.on_closed(Some(CloseReason::VersionMismatch), 0.0);
        assert_eq!((action, reloaded.notice(0.0)), (ConnectionAction::Drop, ConnectionNotice::OtherVersion));
    }

    #[test]
    fn a_connection_without_frames_for_long_is_given_up() {
        let mut state = in_game(0.0);
        assert_eq!(state.poll(SILENCE_MS_MAX, Some(1.0)), ConnectionAction::None);
        assert_eq!(state.poll(SILENCE_MS_MAX + 2.0, Some(1.0)), ConnectionAction::Drop);
        assert_eq!(state.phase(), "reconnecting");
    }

    #[test]
    fn a_hidden_page_is_not_silent_and_neither_is_one_that_was_just_shown() {
        let mut state = in_game(0.0);
        assert!(state.set_hidden(true, 10.0) && !state.set_hidden(true, 20.0));
        assert_eq!(state.poll(60_000.0, Some(5.0)), ConnectionAction::None);
        assert!(state.set_hidden(false, 60_000.0));
        assert_eq!(state.poll(60_100.0, Some(5.0)), ConnectionAction::None);
        assert_eq!(state.poll(60_001.0 + SILENCE_MS_MAX, Some(5.0)), ConnectionAction::Drop);
    }

    #[test]
    fn a_visitor_who_comes_back_does_not_wait() {
        let mut state = in_game(0.0);
        state.set_hidden(true, 10.0);
        state.on_closed(None, 20.0);
        state.set_hidden(false, 25.0);
        assert_eq!(state.poll(25.0, None), ConnectionAction::Connect);
    }

    #[test]
    fn a_hidden_page_reconnects_at_once_if_the_game_had_lasted() {
        let hidden = |lost_ms: f64| {
            let mut state = in_game(0.0);
            state.set_hidden(true, 1.0);
            state.on_closed(None, lost_ms)
        };
        assert_eq!(hidden(LASTED_MS + 1.0), ConnectionAction::Connect);
        assert_eq!(hidden(LASTED_MS - 1.0), ConnectionAction::Drop);
    }
}
