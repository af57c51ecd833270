//! One row of the table: what the server keeps of one player or spectator; and the ids of connections, sessions and viewers.
//! On the wire there are only [`shared::engine::ids`].

use serde::{Deserialize, Serialize};
use shared::engine::{
    ids::{PlayerId, Tick},
    protocol::Role,
};

use crate::engine::{
    achievements::UnlockedSet, client_network::ClientNetwork, outbox::OutboxSender, records::LastingId,
    token_bucket::TokenBucket,
};

/// A socket, for as long as the process runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub u64);

/// A player or spectator of one arena, through all its connections. A player's number in the world is known only after
/// the step in which it joins, so commands to the simulation name the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SessionId(pub u64);

slotmap::new_key_type! {
    /// A viewer in the list of those that get frames.
    pub struct ViewerId;
}

/// A player or spectator.
#[derive(Debug)]
pub struct Session {
    /// Its key.
    pub id: SessionId,
    /// What it came for.
    pub role: Role,
    /// The network of its newest connection; `None` after a restart until it reconnects, or if it is not limited.
    pub network: Option<ClientNetwork>,
    /// The player in the world, from the welcome on. A spectator has none.
    pub player: Option<PlayerId>,
    /// Where it gets its frames, from the welcome on, while it has a connection.
    pub viewer: Option<ViewerId>,
    /// What bounds its chat; `None` is a full bucket.
    pub chat: Option<TokenBucket>,
    /// What is known of its player beyond this session.
    pub profile: Profile,
    /// Set until it is welcomed.
    pub pending: Option<PendingWelcome>,
    pub(super) connection: Option<ConnectionId>,
    pub(super) disconnected_at: Option<Tick>,
    pub(super) tokens: Tokens,
}

/// What is known of a player beyond its session. It goes with the session to another process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// Who it is on every visit, if it has proved that and records are kept.
    pub lasting: Option<LastingId>,
    /// What it has unlocked, as far as is known.
    pub unlocked: UnlockedSet,
    /// The badge that it wants to wear: the number of an achievement, or 0.
    pub badge: u8,
}

/// What a welcome needs. It waits for the step, which gives a new player its number.
#[derive(Debug)]
pub struct PendingWelcome {
    /// Where the welcome goes, and all frames after it.
    pub outbox: OutboxSender,
    /// Whether the client reconnected to a session that it had.
    pub is_resumed: bool,
    /// Whether the client's page is hidden.
    pub is_hidden: bool,
}

impl Session {
    pub(super) fn new(
        id: SessionId,
        connection: ConnectionId,
        role: Role,
        network: Option<ClientNetwork>,
        pending: PendingWelcome,
    ) -> Self {
        Self {
            id,
            role,
            network,
            player: None,
            viewer: None,
            chat: None,
            profile: Profile::default(),
            pending: Some(pending),
            connection: Some(connection),
            disconnected_at: None,
            tokens: Tokens::default(),
        }
    }

    /// A session that was kept across a restart, disconnected since `disconnected_at`.
    pub(super) fn restored(
        id: SessionId,
        player: PlayerId,
        tokens: Tokens,
        profile: Profile,
        disconnected_at: Tick,
    ) -> Self {
        Self {
            id,
            role: Role::Player,
            // Known when the player reconnects.
            network: None,
            player: Some(player),
            viewer: None,
            chat: None,
            profile,
            pending: None,
            connection: None,
            disconnected_at: Some(disconnected_at),
            tokens,
        }
    }

    /// The nonce of the resume token in the welcome that is about to be sent.
    pub fn issue_token(&mut self) -> u64 {
        self.tokens.newest = self.tokens.newest.saturating_add(1);
        self.tokens.is_unconfirmed = true;
        self.tokens.newest
    }

    /// Notes that the client has received its newest token, because it goes on playing.
    pub fn confirm_token(&mut self) {
        if core::mem::take(&mut self.tokens.is_unconfirmed) {
            self.tokens.oldest_good = self.tokens.newest;
        }
    }
}

/// The nonces of a session's resume tokens: they count up. A token that is older than the one used last is not good. The one
/// used last stays good while the welcome with the next one may have been lost.
///
/// One that is newer than any known here is good: only the server can seal it, so it was given after the snapshot that the
/// server went on from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Tokens {
    /// 0 if there is none yet.
    newest: u64,
    oldest_good: u64,
    is_unconfirmed: bool,
}

impl Tokens {
    /// Uses a token. False, and nothing changes, if it is not good.
    pub(super) fn accept(&mut self, nonce: u64) -> bool {
        let is_good = nonce >= self.oldest_good.max(1);
        if is_good {
            *self = Self { newest: self.newest.max(nonce), oldest_good: nonce, is_unconfirmed: false };
        }
        is_good
    }

    pub(super) fn has_any(&self) -> bool {
        self.newest > 0
    }
}
