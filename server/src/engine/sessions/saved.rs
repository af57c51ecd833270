//! What is kept of the sessions across a restart: players with a resume token, all of them disconnected then. Connections,
//! spectators and chat budgets are not kept.

use std::{collections::BTreeSet, time::UNIX_EPOCH};

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize, Serializer, ser::SerializeSeq};
use shared::engine::{
    ids::{PlayerId, Tick},
    limits::PLAYERS_MAX,
};

use super::session::{Profile, Session, SessionId, Tokens};
use crate::engine::checked::bounded;

/// The numbers of sessions that a process may give out. The next one begins behind them, so a session that was begun after
/// the snapshot, and was lost with the process, has a number that no other session gets: its token claims nothing.
const NUMBERS: u64 = 1 << 30;
/// How many blocks of numbers one is drawn from.
const BLOCKS: u64 = 1 << 14;

/// The largest last number of a snapshot: half of all numbers, so that a process never runs out of them. A restart uses 2^43 on
/// average, so it is reached after a million restarts.
const NUMBER_MAX: u64 = 1 << 63;

/// One session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedSession {
    /// Its number.
    pub id: SessionId,
    /// Its player.
    pub player: PlayerId,
    pub(super) tokens: Tokens,
    profile: Profile,
    /// `None` if it was connected.
    disconnected_at: Option<Tick>,
}

/// All sessions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedSessions {
    /// The last number that was given out.
    pub(super) entered: u64,
    /// In no order.
    #[serde(deserialize_with = "bounded::<_, _, PLAYERS_MAX>")]
    pub rows: Vec<SavedSession>,
}

/// Saved sessions that contradict each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("its sessions contradict each other")]
pub struct BrokenSessions;

/// Is serialised as [`SavedSessions`], without making them.
#[derive(Serialize)]
pub(super) struct Saving<'a> {
    pub(super) entered: u64,
    pub(super) rows: Rows<'a>,
}

/// The rows of the table.
pub(super) struct Rows<'a>(pub(super) &'a FxHashMap<SessionId, Session>);

impl Serialize for Rows<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let rows = || self.0.values().filter_map(saved);
        let mut list = serializer.serialize_seq(Some(rows().count()))?;
        rows().try_for_each(|row| list.serialize_element(&row))?;
        list.end()
    }
}

/// `None` for a session that would not outlive its connection.
fn saved(session: &Session) -> Option<SavedSession> {
    let Session { id, player, tokens, profile, disconnected_at, .. } = session;
    let player = player.filter(|_| tokens.has_any())?;
    let (tokens, profile, disconnected_at) = (*tokens, *profile, *disconnected_at);
    Some(SavedSession { id: *id, player, tokens, profile, disconnected_at })
}

impl SavedSessions {
    /// The sessions after a restart, and since when each is disconnected, longest first: those that were connected since `now`,
    /// the tick of the snapshot.
    pub(super) fn restored(
        mut self,
        now: Tick,
    ) -> Result<impl Iterator<Item = (Tick, Session)>, BrokenSessions> {
        let is_valid = |row: &SavedSession| {
            let is_past = row.disconnected_at.is_none_or(|at| at <= now);
            // Only sessions with a token are saved.
            row.id.0 <= self.entered && is_past && row.tokens.has_any()
        };
        let ids: BTreeSet<_> = self.rows.iter().map(|row| row.id).collect();
        if self.entered > NUMBER_MAX || ids.len() < self.rows.len() || !self.rows.iter().all(is_valid) {
            return Err(BrokenSessions);
        }
        let since = move |row: &SavedSession| row.disconnected_at.unwrap_or(now);
        self.rows.sort_unstable_by_key(|row| (since(row), row.id));
        let restored = move |row: SavedSession| {
            (since(&row), Session::restored(row.id, row.player, row.tokens, row.profile, since(&row)))
        };
        Ok(self.rows.into_iter().map(restored))
    }
}

/// A random number, for [`Sessions::with_numbers_drawn`](super::Sessions::with_numbers_drawn).
pub fn draw_numbers() -> u64 {
    // Without randomness, two processes that draw the same are likely to start at different times.
    getrandom::u64().unwrap_or_else(|_| UNIX_EPOCH.elapsed().unwrap_or_default().as_secs())
}

/// The number behind which the sessions after a restart begin, if `entered` was the last before it.
pub(super) fn last_number(entered: u64, drawn: u64) -> u64 {
    let blocks = 1 + drawn % BLOCKS;
    entered.saturating_add(NUMBERS * blocks) / NUMBERS * NUMBERS
}
