//! What is kept of an arena when the server restarts: the simulation's state, the sessions, and the key of their resume tokens.
//! Bytes to an arena that can go on, or why not. Must not know files.

use serde::Deserialize;
use sha2::{Digest, Sha256};
use shared::engine::{
    game_trait::Game as _,
    protocol::{DecodeError, decode, encode, put},
    roster::PlayerKind,
};

use super::{
    checked::Broken,
    resume::ResumeKey,
    sessions::{BrokenSessions, SavedSessions, Sessions},
    simulation::{ArenaOf, Simulation},
    snapshot::{self, Header, Refusal, SNAPSHOT_BYTES_MAX},
};

/// A saved arena that can go on.
#[derive(Debug)]
pub struct SavedArena<S> {
    /// Opens the tokens of its clients.
    pub key: ResumeKey,
    /// All of them disconnected; how long they are kept is still to be set.
    pub(crate) sessions: Sessions,
    pub(crate) sim: S,
}

/// Why a payload is no saved arena.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BrokenArena {
    /// The bytes are not the encoding of one.
    #[error(transparent)]
    Bytes(#[from] DecodeError),
    /// The simulation could not go on.
    #[error("it breaks a rule of the simulation: {0}")]
    State(#[from] Broken),
    /// Its sessions could not.
    #[error(transparent)]
    Sessions(#[from] BrokenSessions),
}

#[derive(Debug, Deserialize)]
pub(crate) struct Payload<U> {
    pub(crate) key: ResumeKey,
    pub(crate) sessions: SavedSessions,
    pub(crate) state: U,
}

/// What snapshots of this arena are of. Another map, other rules and another tick rate are another arena: the state would not fit.
pub fn header<S: Simulation>(arena: &ArenaOf<S>, tick_rate: u16) -> Header {
    let hash = Sha256::digest(encode(&(arena, tick_rate)));
    Header { content: S::STATE_VERSION, arena: hash.into() }
}

/// Appends a payload. Allocates nothing once `out` has grown to it.
pub(crate) fn put_payload<S: Simulation>(out: &mut Vec<u8>, key: &ResumeKey, sessions: &Sessions, sim: &S) {
    put(out, key);
    put(out, &sessions.save());
    put(out, &sim.state());
}

/// The same with a state that is encoded already.
pub(crate) fn put_payload_of(out: &mut Vec<u8>, key: &ResumeKey, sessions: &Sessions, state: &[u8]) {
    put(out, key);
    put(out, &sessions.save());
    out.extend_from_slice(state);
}

impl<S: Simulation> SavedArena<S> {
    /// Reads a snapshot of this arena. Any bytes are one or refused.
    pub fn read(snapshot: &[u8], arena: &ArenaOf<S>, tick_rate: u16) -> Result<Self, Refusal> {
        let snapshot = snapshot::decode(snapshot, &header::<S>(arena, tick_rate))?;
        Self::decode(snapshot.payload, arena, tick_rate).map_err(|error| Refusal::Unusable(error.to_string()))
    }

    /// Reads a payload.
    pub fn decode(payload: &[u8], arena: &ArenaOf<S>, tick_rate: u16) -> Result<Self, BrokenArena> {
        let Payload { key, sessions, state } = decode::<Payload<S::Unchecked>, SNAPSHOT_BYTES_MAX>(payload)?;
        let sim = S::restore(state, S::Game::map(arena.clone(), tick_rate), tick_rate)?;
        // A player without a session would stay for ever, and a session without its player would get another one's.
        let is_kept = sessions.rows.iter().all(|row| sim.player_of(row.id) == Some(row.player));
        let players = sim.players().iter().filter(|player| player.kind == PlayerKind::Human).count();
        if !is_kept || players != sessions.rows.len() {
            return Err(BrokenSessions.into());
        }
        let sessions = Sessions::restore(sessions, sim.tick())?;
        Ok(Self { key, sessions, sim })
    }
}
