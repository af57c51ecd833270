//! One connection of an honest client: its session, what is checked of each message, and whether there is a reason for its end.

use std::{rc::Rc, time::Duration};

use client_web::{engine::reconnect::SILENCE_MS_MAX, game::Session};
use server::engine::sessions::SessionId;
use shared::{
    engine::{
        ids::PlayerId,
        protocol::{CloseReason, ResumeToken},
    },
    game::protocol::{Frame, ServerMessage},
};
use tokio::time::Instant;

use super::{
    connection::{Connection, reason},
    laws::Seen,
    record::Known,
    scenario::Plan,
    server::Server,
};

/// How long a client waits for its welcome.
const WELCOME_TIMEOUT: Duration = Duration::from_secs(10);
/// A stall of this length may cost a client its connection: two seconds less than the server's patience.
const STALL_MAX: Duration = Duration::from_secs(13);
/// A longer stall can make the server miss the `Hello`, or make the client give up the connection.
const SHORT_STALL_MAX: Duration = Duration::from_secs(4);
/// No cells of a page that was hidden are sent for a second after it is shown.
const SHOWN_AFTER: Duration = Duration::from_millis(1200);

/// The player that a client has a token for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Claimed {
    pub(super) token: ResumeToken,
    player: PlayerId,
    pub(super) session: SessionId,
}

/// A connection's state at its client.
#[derive(Debug)]
pub(super) struct Play {
    pub(super) session: Session,
    server: Rc<Server>,
    who: String,
    /// Its link is slower than its frames.
    is_slow: bool,
    began: Instant,
    /// When a message last arrived, or the page was shown.
    heard: Instant,
    pub(super) is_hidden: bool,
    /// Whether all cells are up to date.
    is_synced: bool,
    /// With the last frame, while it is synced.
    seen: Seen,
    /// Before this time, frames without cells may still follow a full view.
    syncs_from: Instant,
    /// Another page takes over, so this one will be replaced.
    pub(super) is_replaced: bool,
}

impl Play {
    pub(super) fn new(session: Session, plan: &Plan, server: Rc<Server>, is_hidden: bool) -> Self {
        let now = Instant::now();
        Self {
            session,
            server,
            who: plan.address.ip().to_string(),
            is_slow: plan.conditions.bytes_per_second.is_some(),
            began: now,
            heard: now,
            is_hidden,
            is_synced: false,
            seen: Seen::new(),
            syncs_from: now,
            is_replaced: false,
        }
    }

    pub(super) fn set_hidden(&mut self, is_hidden: bool, round_trip: Duration, connection: &Connection) {
        let now = Instant::now();
        self.session.set_hidden(is_hidden);
        (self.is_hidden, self.heard, self.is_synced) = (is_hidden, now, false);
        self.syncs_from = now + SHOWN_AFTER + round_trip + connection.faults.stalled();
    }

    /// When it gives the connection up, unless something arrives. A hidden page waits.
    pub(super) fn silent_at(&self) -> Option<Instant> {
        let patience = match self.session.tick() {
            Some(_) => Duration::from_secs_f64(SILENCE_MS_MAX / 1000.0),
            None => WELCOME_TIMEOUT,
        };
        (!self.is_hidden).then(|| self.heard + patience)
    }

    /// Takes in a message.
    pub(super) fn receive(
        &mut self,
        message: &ServerMessage,
        bytes: &[u8],
        connection: &Connection,
        claimed: &mut Option<Claimed>,
    ) {
        self.heard = Instant::now();
        let journal = &self.server.journal;
        if let Err(error) = self.session.handle_message(bytes, journal.now_ms()) {
            journal.broken("the server keeps to the protocol", format_args!("{}: {error}", self.who));
        }
        match message {
            ServerMessage::Welcome(_) => self.on_welcome(connection, claimed),
            ServerMessage::Frame(frame) => self.on_frame(frame, connection),
        }
    }

    /// A welcome resumes the session of the token, as long as there is one.
    fn on_welcome(&self, connection: &Connection, claimed: &mut Option<Claimed>) {
        let (journal, who) = (&self.server.journal, &self.who);
        let Some(welcome) = self.session.welcome() else { return };
        let (Some(player), Some(token)) = (welcome.player, welcome.resume) else {
            return journal.note(format_args!("{who:<9}watches"));
        };
        let record = connection.process.record.borrow();
        let known = record.at(welcome.tick).and_then(|moment| moment.pilot(player));
        let Some(session) = known.and_then(|known| known.session) else {
            let law = "a player who is welcomed is in the world";
            return journal.broken(law, format_args!("player {} in tick {}", player.0, welcome.tick.0));
        };
        let law = "a player comes back as itself within its grace period";
        match *claimed {
            Some(claimed) if welcome.is_resumed && (claimed.player, claimed.session) == (player, session) => {
            }
            Some(claimed) if welcome.is_resumed => {
                journal.broken(law, format_args!("{who} comes back as {player:?} and not {claimed:?}"));
            }
            Some(claimed) => {
                let before = record.before(welcome.tick);
                let is_there = |known: &Known| known.session == Some(claimed.session);
                if before.is_some_and(|moment| moment.pilots().iter().any(is_there)) {
                    journal.broken(law, format_args!("{who} is {player:?}, and {claimed:?} is there"));
                }
            }
            None if welcome.is_resumed => journal.broken(law, format_args!("{who} has never been here")),
            None => {}
        }
        let again = if welcome.is_resumed { " again" } else { "" };
        journal.note(format_args!("{who:<9}is player {}{again} in tick {}", player.0, welcome.tick.0));
        *claimed = Some(Claimed { token, player, session });
    }

    fn on_frame(&mut self, frame: &Frame, connection: &Connection) {
        let (head, who) = (&frame.head, &self.who);
        let is_reset = head.view.is_some_and(|view| view.reset);
        self.is_synced |= is_reset && !self.is_hidden && Instant::now() >= self.syncs_from;
        if is_reset || !self.is_synced {
            self.seen.clear();
        }
        let record = connection.process.record.borrow();
        let Some(moment) = record.at(head.tick) else {
            let law = "a frame is of a tick that there was";
            return self.server.journal.broken(law, format_args!("{who}: tick {}", head.tick.0));
        };
        let laws = connection.process.laws.borrow();
        if self.is_synced {
            laws.check_frame(who, &self.session, moment, &mut self.seen);
        }
        if let Some(player) = self.session.player_id() {
            laws.check_own(who, player, head.viewer.own(), moment);
        }
    }

    /// A connection that ended needs a reason: a fault of its link, or of the server.
    pub(super) fn explain_end(&self, connection: &Connection, code: Option<u16>) {
        let (faults, process) = (&connection.faults, &connection.process);
        let was_stalled = faults.is_lost() || self.is_slow || faults.stalled() >= STALL_MAX;
        let was_stalled_early = self.session.welcome().is_none() && faults.stalled() >= SHORT_STALL_MAX;
        let is_explained = match (reason(code), code) {
            (Some(CloseReason::ShuttingDown | CloseReason::Restarting), _) => process.is_ending(),
            (Some(CloseReason::Replaced), _) => self.is_replaced,
            (Some(CloseReason::Full), _) => process.record.borrow().was_full(),
            (Some(CloseReason::SlowReader), _) => was_stalled,
            (Some(CloseReason::IdleTimeout), _) => was_stalled || was_stalled_early,
            (None, None) => was_stalled || was_stalled_early || process.is_ending() || self.is_replaced,
            _ => false,
        };
        if !is_explained {
            let law = "no connection is lost without a reason";
            self.server.journal.broken(law, format_args!("{}: {code:?} {:?}", self.who, reason(code)));
        }
    }

    /// So does silence.
    pub(super) fn explain_silence(&self, connection: &Connection) {
        let faults = &connection.faults;
        let is_explained = faults.is_lost()
            || faults.stalled() >= SHORT_STALL_MAX
            || self.is_slow
            || connection.process.is_ending()
            || self.is_replaced
            || !self.server.was_well_since(self.heard.max(self.began));
        if !is_explained {
            let law = "frames come as long as server and link are well";
            let since = self.heard - self.server.start;
            self.server.journal.broken(law, format_args!("{}: none since {since:?}", self.who));
        }
    }
}
