//! Who is at whose controls: which connection flies for which player, and which players are waited for because their
//! connection was cut. Counts ticks; must not know sockets, nor what a ship is.

use std::collections::VecDeque;

use rustc_hash::FxHashMap;
use shared::engine::ids::Tick;

use crate::engine::{
    ids::{ClientId, ConnectionId},
    resume::Claim,
};

/// Players and their connections.
#[derive(Debug)]
pub struct Sessions {
    members: FxHashMap<ClientId, Session>,
    by_connection: FxHashMap<ConnectionId, Post>,
    /// Cuts, oldest first; one whose player has come back since is out of date.
    cuts: VecDeque<(Tick, ClientId)>,
    /// How many are waited for.
    waited_for: usize,
    /// For how many ticks one is.
    reconnect_grace: u32,
}

/// A connection's.
#[derive(Clone, Copy, Debug)]
struct Post {
    client: ClientId,
    /// Its welcome is on the way, and nothing was heard of it since: the token in it may yet be lost.
    is_unsure: bool,
}

#[derive(Debug)]
struct Session {
    /// Of the one token that it may show.
    nonce: Option<u64>,
    /// Of the one that it showed last, which is good for as long as the next may have been lost on the way.
    before: Option<u64>,
    connection: Option<ConnectionId>,
    /// When its connection was cut.
    cut: Option<Tick>,
}

/// What became of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resumed {
    /// Whose ship it is.
    pub client: ClientId,
    /// The connection that flew it until now, if it is still there: it is to go.
    pub replaces: Option<ConnectionId>,
}

/// What a cut connection is to its player.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// It may be back.
    WaitedFor(ClientId),
    /// It cannot.
    Gone(ClientId),
}

impl Sessions {
    /// Nobody, yet. Who is cut off is waited for `reconnect_grace` ticks.
    pub fn new(reconnect_grace: u32) -> Self {
        Self {
            members: FxHashMap::default(),
            by_connection: FxHashMap::default(),
            cuts: VecDeque::new(),
            waited_for: 0,
            reconnect_grace,
        }
    }

    /// A new player comes with this connection.
    pub fn enter(&mut self, connection: ConnectionId) -> ClientId {
        let client = ClientId(connection.0);
        self.members
            .insert(client, Session { nonce: None, before: None, connection: Some(connection), cut: None });
        self.post(connection, client);
        client
    }

    fn post(&mut self, connection: ConnectionId, client: ClientId) {
        self.by_connection.insert(connection, Post { client, is_unsure: false });
    }

    /// From now on this, and only this, is the number of the player's token.
    pub fn expect(&mut self, client: ClientId, nonce: u64) {
        if let Some(member) = self.members.get_mut(&client) {
            member.nonce = Some(nonce);
            let post = member.connection.and_then(|connection| self.by_connection.get_mut(&connection));
            if let Some(post) = post {
                post.is_unsure = true;
            }
        }
    }

    /// Somebody claims a player's ship. `None` if that player is gone, or the token was used.
    pub fn resume(&mut self, claim: Claim, connection: ConnectionId) -> Option<Resumed> {
        let client = claim.client;
        let member = self.members.get_mut(&client)?;
        if ![member.nonce, member.before].contains(&Some(claim.nonce)) {
            return None;
        }
        (member.nonce, member.before) = (None, Some(claim.nonce));
        let replaces = member.connection.replace(connection);
        self.waited_for -= usize::from(member.cut.take().is_some());
        if let Some(replaced) = replaces {
            self.by_connection.remove(&replaced);
        }
        self.post(connection, client);
        Some(Resumed { client, replaces })
    }

    /// The player that a connection flies for.
    pub fn client(&self, connection: ConnectionId) -> Option<ClientId> {
        self.by_connection.get(&connection).map(|post| post.client)
    }

    /// The same for a connection of which something was heard: from now on it has its token, and none before is good.
    pub fn hears(&mut self, connection: ConnectionId) -> Option<ClientId> {
        let Post { client, is_unsure } = self.by_connection.get_mut(&connection)?;
        if core::mem::take(is_unsure)
            && let Some(member) = self.members.get_mut(client)
        {
            member.before = None;
        }
        Some(*client)
    }

    /// A connection was cut: its player is waited for from now on, unless it never had a token to come back with.
    pub fn cut(&mut self, connection: ConnectionId, now: Tick) -> Option<Cut> {
        let client = self.by_connection.remove(&connection)?.client;
        let member = self.members.get_mut(&client)?;
        if member.nonce.is_none() && member.before.is_none() {
            self.members.remove(&client);
            return Some(Cut::Gone(client));
        }
        (member.connection, member.cut) = (None, Some(now));
        self.waited_for += 1;
        self.cuts.push_back((now, client));
        Some(Cut::WaitedFor(client))
    }

    /// A player went for good.
    pub fn leave(&mut self, connection: ConnectionId) -> Option<ClientId> {
        let client = self.by_connection.remove(&connection)?.client;
        self.members.remove(&client);
        Some(client)
    }

    /// How many players are waited for.
    pub fn waited_for(&self) -> usize {
        self.waited_for
    }

    /// Gives up the next player that was waited for long enough.
    pub fn give_up(&mut self, now: Tick) -> Option<ClientId> {
        self.give_up_if(|cut, reconnect_grace| now.since(cut) >= reconnect_grace)
    }

    /// Gives up whoever has been waited for longest, to make room.
    pub fn make_room(&mut self) -> Option<ClientId> {
        self.give_up_if(|_, _| true)
    }

    fn give_up_if(&mut self, is_due: impl Fn(Tick, u32) -> bool) -> Option<ClientId> {
        while let Some((cut, client)) = self.cuts.front().copied() {
            let is_waited_for = self.members.get(&client).is_some_and(|member| member.cut == Some(cut));
            if is_waited_for && !is_due(cut, self.reconnect_grace) {
                return None;
            }
            self.cuts.pop_front();
            if is_waited_for {
                self.members.remove(&client);
                self.waited_for -= 1;
                return Some(client);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECONNECT_GRACE: u32 = 100;

    fn sessions_of(connections: u64) -> Sessions {
        let mut sessions = Sessions::new(RECONNECT_GRACE);
        for connection in 1..=connections {
            let client = sessions.enter(ConnectionId(connection));
            sessions.expect(client, connection * 10);
        }
        sessions
    }

    fn claim(client: u64, nonce: u64) -> Claim {
        Claim { client: ClientId(client), nonce }
    }

    #[test]
    fn a_token_is_good_once_and_only_while_its_player_is_waited_for() {
        let mut sessions = sessions_of(1);
        assert_eq!(sessions.cut(ConnectionId(1), Tick(5)), Some(Cut::WaitedFor(ClientId(1))));
        assert_eq!(sessions.resume(claim(1, 11), ConnectionId(2)), None);
        let resumed = Resumed { client: ClientId(1), replaces: None };
        assert_eq!(sessions.resume(claim(1, 10), ConnectionId(2)), Some(resumed));
        sessions.expect(ClientId(1), 11);
        sessions.hears(ConnectionId(2));
        assert_eq!(sessions.resume(claim(1, 10), ConnectionId(3)), None);
        assert_eq!((sessions.client(ConnectionId(2)), sessions.waited_for()), (Some(ClientId(1)), 0));
        sessions.expect(ClientId(1), 12);
        sessions.cut(ConnectionId(2), Tick(50));
        assert_eq!(sessions.give_up(Tick(149)), None);
        assert_eq!(sessions.give_up(Tick(150)), Some(ClientId(1)));
        assert_eq!(sessions.resume(claim(1, 12), ConnectionId(3)), None);
    }

    #[test]
    fn a_token_whose_successor_is_lost_on_the_way_is_good_once_more() {
        let mut sessions = sessions_of(1);
        sessions.hears(ConnectionId(1));
        for connection in 2..5 {
            sessions.cut(ConnectionId(connection - 1), Tick(1));
            // The welcome with the next token never arrives.
            assert!(sessions.resume(claim(1, 10), ConnectionId(connection)).is_some());
            sessions.expect(ClientId(1), 10 + connection);
            assert_eq!(sessions.resume(claim(1, 9), ConnectionId(99)), None);
        }
        // The fourth does.
        sessions.hears(ConnectionId(4));
        sessions.cut(ConnectionId(4), Tick(2));
        assert_eq!(sessions.resume(claim(1, 10), ConnectionId(5)), None);
        assert!(sessions.resume(claim(1, 14), ConnectionId(5)).is_some());
    }

    #[test]
    fn who_never_had_a_token_is_not_waited_for() {
        let mut sessions = Sessions::new(RECONNECT_GRACE);
        sessions.enter(ConnectionId(1));
        assert_eq!(sessions.cut(ConnectionId(1), Tick(5)), Some(Cut::Gone(ClientId(1))));
        assert_eq!((sessions.waited_for(), sessions.cut(ConnectionId(1), Tick(6))), (0, None));
    }

    #[test]
    fn a_second_window_takes_over() {
        let mut sessions = sessions_of(1);
        let resumed = Resumed { client: ClientId(1), replaces: Some(ConnectionId(1)) };
        assert_eq!(sessions.resume(claim(1, 10), ConnectionId(2)), Some(resumed));
        // What is heard of the old one after that is about nobody.
        assert_eq!(sessions.client(ConnectionId(1)), None);
        assert_eq!(sessions.cut(ConnectionId(1), Tick(1)), None);
        assert_eq!(sessions.leave(ConnectionId(2)), Some(ClientId(1)));
    }

    #[test]
    fn room_is_made_by_whoever_was_waited_for_longest() {
        let mut sessions = sessions_of(3);
        sessions.cut(ConnectionId(2), Tick(1));
        sessions.cut(ConnectionId(1), Tick(2));
        sessions.resume(claim(2, 20), ConnectionId(9));
        assert_eq!(sessions.waited_for(), 1);
        assert_eq!((sessions.make_room(), sessions.make_room()), (Some(ClientId(1)), None));
        assert_eq!(sessions.waited_for(), 0);
    }

    #[test]
    fn one_that_is_cut_off_again_and_again_is_remembered_once() {
        let mut sessions = sessions_of(1);
        for round in 0..1000 {
            let now = Tick(round * 200);
            sessions.cut(ConnectionId(1 + u64::from(round)), now);
            sessions.expect(ClientId(1), 7);
            assert!(sessions.resume(claim(1, 7), ConnectionId(2 + u64::from(round))).is_some());
            assert_eq!(sessions.give_up(now.after(RECONNECT_GRACE)), None);
        }
        assert!(sessions.cuts.len() <= 1);
    }
}
