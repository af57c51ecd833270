//! The sessions of one arena: a row for each player and spectator, found by its connection. A player's row outlives its
//! connection by the reconnect grace period. Counts ticks; must not know sockets, nor how viewers get frames.

mod saved;
mod seats;
mod session;

use std::collections::VecDeque;

use rustc_hash::FxHashMap;
use serde::Serialize;
use shared::engine::{
    ids::Tick,
    protocol::{CloseReason, Role},
};

pub use self::saved::{BrokenSessions, SavedSession, SavedSessions, draw_numbers};
pub use self::seats::Seats;
pub use self::session::{ConnectionId, PendingWelcome, Profile, Session, SessionId, ViewerId};
use self::{
    saved::{Rows, Saving},
    seats::Occupancy,
};
use crate::engine::{client_network::ClientNetwork, resume::Claim};

/// The table.
#[derive(Debug)]
pub struct Sessions {
    rows: FxHashMap<SessionId, Session>,
    by_connection: FxHashMap<ConnectionId, SessionId>,
    /// Sessions to welcome, oldest first. One that has left since is skipped.
    newcomers: VecDeque<SessionId>,
    /// Disconnects, oldest first. One is out of date if the player has reconnected since.
    disconnects: VecDeque<(Tick, SessionId)>,
    /// Rows without a connection.
    reconnecting: usize,
    /// In ticks.
    reconnect_grace: u32,
    entered: u64,
    seats: Seats,
    occupancy: Occupancy,
}

/// How much a table holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HeldSessions {
    /// Players, connected or not, and spectators.
    pub rows: usize,
    /// Those with a connection.
    pub connected: usize,
    /// Rows to be welcomed, and others that have left since.
    pub newcomers: usize,
    /// Disconnects, of which some may be out of date.
    pub disconnects: usize,
    /// Seats of players and spectators together.
    pub seats: usize,
}

/// What became of a session whose connection ended.
#[derive(Debug)]
pub enum Disconnected<'a> {
    /// It is kept for the reconnect grace period.
    Kept(&'a mut Session),
    /// It is out of the table.
    Removed(Session),
}

impl Sessions {
    /// An empty table with these seats. Disconnected players keep theirs for `reconnect_grace` ticks.
    pub fn new(reconnect_grace: u32, seats: Seats) -> Self {
        Self {
            rows: FxHashMap::default(),
            by_connection: FxHashMap::default(),
            newcomers: VecDeque::new(),
            disconnects: VecDeque::new(),
            reconnecting: 0,
            reconnect_grace,
            entered: 0,
            seats,
            occupancy: Occupancy::default(),
        }
    }

    /// What [`Self::restore`] needs. Allocates nothing.
    pub fn save(&self) -> impl Serialize + '_ {
        Saving { entered: self.entered, rows: Rows(&self.rows) }
    }

    /// Goes on with the sessions of another process, all of them disconnected: those that were connected since `now`, the tick
    /// of the snapshot. So the time between the processes does not count. The grace period is still to be set, and the numbers of
    /// new sessions to be drawn.
    pub fn restore(saved: SavedSessions, now: Tick) -> Result<Self, BrokenSessions> {
        let mut sessions = Self::new(0, Seats::new(0));
        sessions.entered = saved.entered;
        for (since, session) in saved.restored(now)? {
            sessions.reconnecting += 1;
            sessions.occupancy.enter(session.role, session.network);
            sessions.disconnects.push_back((since, session.id));
            sessions.rows.insert(session.id, session);
        }
        Ok(sessions)
    }

    /// Keeps disconnected players for this many ticks, and has these seats.
    #[must_use]
    pub fn with_limits(self, reconnect_grace: u32, seats: Seats) -> Self {
        Self { reconnect_grace, seats, ..self }
    }

    /// Begins the numbers of new sessions elsewhere, as `drawn` says, a random number. After a restart they are drawn, because several
    /// processes may start from one snapshot, one after the other: a token that one of them gave out must not be good in the
    /// next.
    #[must_use]
    pub fn with_numbers_drawn(self, drawn: u64) -> Self {
        Self { entered: saved::last_number(self.entered, drawn), ..self }
    }

    /// Sessions, including those without a connection.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no session.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The sessions, in no order.
    pub fn ids(&self) -> impl Iterator<Item = SessionId> + '_ {
        self.rows.keys().copied()
    }

    /// The sessions, in no order, to be changed.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Session> {
        self.rows.values_mut()
    }

    /// Seats that players have.
    pub fn player_seats_taken(&self) -> usize {
        self.occupancy.players()
    }

    /// Players without a connection that may reconnect.
    pub fn reconnecting(&self) -> usize {
        self.reconnecting
    }

    /// How much the table holds.
    pub fn held(&self) -> HeldSessions {
        HeldSessions {
            rows: self.rows.len(),
            connected: self.by_connection.len(),
            newcomers: self.newcomers.len(),
            disconnects: self.disconnects.len(),
            seats: self.occupancy.all(),
        }
    }

    /// The session of a connection.
    pub fn get_mut(&mut self, connection: ConnectionId) -> Option<&mut Session> {
        self.rows.get_mut(self.by_connection.get(&connection)?)
    }

    /// A session.
    pub fn by_id_mut(&mut self, id: SessionId) -> Option<&mut Session> {
        self.rows.get_mut(&id)
    }

    /// A session.
    pub fn get(&self, id: SessionId) -> Option<&Session> {
        self.rows.get(&id)
    }

    /// Whether there is a seat for one more, or why not. `held` seats of players are reserved for others.
    pub fn check_seat(
        &self,
        role: Role,
        network: Option<ClientNetwork>,
        held: u32,
    ) -> Result<(), CloseReason> {
        let players = self.seats.players.saturating_sub(held as usize);
        self.occupancy.check(&Seats { players, ..self.seats }, role, network)
    }

    /// Adds a session, to be welcomed after the next step. [`Self::check_seat`] has found a seat for it.
    pub fn enter(
        &mut self,
        connection: ConnectionId,
        role: Role,
        network: Option<ClientNetwork>,
        pending: PendingWelcome,
    ) -> SessionId {
        self.entered += 1;
        let id = SessionId(self.entered);
        self.occupancy.enter(role, network);
        self.rows.insert(id, Session::new(id, connection, role, network, pending));
        self.by_connection.insert(connection, id);
        self.newcomers.push_back(id);
        id
    }

    /// Gives a player's session to a new connection, and has it welcomed after the next step. What the old connection
    /// left in the row is the caller's to close, before it sets the new [`Session::pending`]. `None` if the session is
    /// gone or the token was used.
    pub fn reconnect(
        &mut self,
        claim: Claim,
        connection: ConnectionId,
        network: Option<ClientNetwork>,
    ) -> Option<&mut Session> {
        let session = self.rows.get_mut(&claim.session)?;
        if !session.tokens.accept(claim.nonce) {
            return None;
        }
        // It has its seat, wherever it comes from now; there it counts.
        self.occupancy.leave(session.role, session.network);
        self.occupancy.enter(session.role, network);
        session.network = network;
        match session.connection.replace(connection) {
            Some(replaced) => _ = self.by_connection.remove(&replaced),
            None => self.reconnecting -= 1,
        }
        session.disconnected_at = None;
        self.by_connection.insert(connection, claim.session);
        self.newcomers.push_back(claim.session);
        Some(session)
    }

    /// The next session to welcome.
    pub fn next_newcomer(&mut self) -> Option<(&mut Session, PendingWelcome)> {
        loop {
            let id = self.newcomers.pop_front()?;
            if let Some(pending) = self.rows.get_mut(&id).and_then(|session| session.pending.take()) {
                return self.rows.get_mut(&id).map(|session| (session, pending));
            }
        }
    }

    /// Notes that a connection ended. Its player's session is kept, unless the player left for good (`is_final`) or never
    /// had a token to reconnect with.
    pub fn disconnect(
        &mut self,
        connection: ConnectionId,
        is_final: bool,
        now: Tick,
    ) -> Option<Disconnected<'_>> {
        let id = self.by_connection.remove(&connection)?;
        let session = self.rows.get_mut(&id)?;
        if is_final || !session.tokens.has_any() {
            return self.remove(id).map(Disconnected::Removed);
        }
        (session.connection, session.disconnected_at, session.pending) = (None, Some(now), None);
        self.reconnecting += 1;
        self.disconnects.push_back((now, id));
        self.rows.get_mut(&id).map(Disconnected::Kept)
    }

    /// Removes a session.
    pub fn remove(&mut self, id: SessionId) -> Option<Session> {
        let session = self.rows.remove(&id)?;
        self.occupancy.leave(session.role, session.network);
        match session.connection {
            Some(connection) => _ = self.by_connection.remove(&connection),
            None => self.reconnecting -= 1,
        }
        Some(session)
    }

    /// The server did not run for some time and `ticks` were skipped: they do not count towards the grace period.
    pub fn on_skip(&mut self, ticks: u32) {
        for session in self.rows.values_mut() {
            session.disconnected_at = session.disconnected_at.map(|at| at.after(ticks));
        }
        for (since, _) in &mut self.disconnects {
            *since = since.after(ticks);
        }
    }

    /// Removes the next player whose reconnect grace period is over.
    pub fn expire(&mut self, now: Tick) -> Option<Session> {
        while let Some((since, id)) = self.disconnects.front().copied() {
            let is_current = self.rows.get(&id).is_some_and(|session| session.disconnected_at == Some(since));
            if is_current && now.since(since) < self.reconnect_grace {
                return None;
            }
            self.disconnects.pop_front();
            if is_current {
                return self.remove(id);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests;
