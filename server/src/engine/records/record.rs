//! What is recorded of players. Each record has an id of its own, so that a batch that is written twice is stored once.

use std::fmt;

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use shared::engine::ids::PlayerName;

/// Most bytes of a run's details.
pub const DETAILS_BYTES_MAX: usize = 512;

/// Who a player is on every visit: a hash of what proves it, so nothing that is stored can prove it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct LastingId(pub [u8; 16]);

impl fmt::Debug for LastingId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&HEXLOWER.encode(&self.0))
    }
}

/// The id of a record: the time, so that new rows come last in an index, and 80 random bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordId(pub u128);

impl RecordId {
    const RANDOM_BITS: u32 = 80;

    /// A new id for what happened at `unix_ms`.
    pub fn draw(unix_ms: u64) -> Self {
        let mut random = [0; 16];
        // Without randomness the id is the time alone: at worst a record of the same millisecond is lost.
        let _ = getrandom::fill(&mut random[6..]);
        Self(Self::first_at(unix_ms).0 | u128::from_be_bytes(random))
    }

    /// The smallest id of that millisecond.
    pub fn first_at(unix_ms: u64) -> Self {
        Self(u128::from(unix_ms) << Self::RANDOM_BITS)
    }

    /// As it is stored: the order of bytes is the order of ids.
    pub fn to_bytes(self) -> [u8; 16] {
        self.0.to_be_bytes()
    }
}

/// A player's time in an arena, from its start to a death or to leaving.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Of this run alone.
    pub id: RecordId,
    /// Whose.
    pub player: LastingId,
    /// As it was shown.
    pub name: PlayerName,
    /// The slug of the arena.
    pub arena: Box<str>,
    /// The game mode.
    pub mode: &'static str,
    /// More is better.
    pub score: i64,
    /// How long it lasted.
    pub duration_ms: u64,
    /// When it ended, in Unix time.
    pub ended_ms: u64,
    /// What else the game tells, as JSON of at most [`DETAILS_BYTES_MAX`] bytes.
    pub details: Box<str>,
}

/// A player has unlocked something for the first time, or again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Achievement {
    /// Whose.
    pub player: LastingId,
    /// As it was shown.
    pub name: PlayerName,
    /// The game's id for it.
    pub achievement: Box<str>,
    /// When, in Unix time. The first time is kept.
    pub unlocked_ms: u64,
}

/// Everything that a simulation records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// A run has ended.
    Run(Run),
    /// An achievement was unlocked.
    Achievement(Achievement),
}

impl Record {
    /// Whose.
    pub fn player(&self) -> LastingId {
        match self {
            Self::Run(run) => run.player,
            Self::Achievement(achievement) => achievement.player,
        }
    }

    /// The player's name and when it was seen with it.
    pub(super) fn seen(&self) -> (&PlayerName, u64) {
        match self {
            Self::Run(run) => (&run.name, run.ended_ms),
            Self::Achievement(achievement) => (&achievement.name, achievement.unlocked_ms),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_ordered_by_time_and_differ_within_a_millisecond() {
        let (a, b) = (RecordId::draw(5), RecordId::draw(5));
        assert_ne!(a, b);
        let (first, after) = (RecordId::first_at(5), RecordId::first_at(6));
        assert!(first <= a.min(b) && a.max(b) < after);
        assert!(first.to_bytes() < after.to_bytes());
    }
}
