//! Every limit of the game's contents, and the check of a number against its range. The limits of messages and the grid
//! are in [`crate::engine::limits`].

use std::borrow::Cow;

use crate::engine::limits::{CELL_SIZE, CELLS_MAX, TICK_RATE_MAX};

/// Most rocks in an arena: they are sent in the welcome.
pub const ROCKS_MAX: usize = 1024;

/// Most blocks in an arena: they are sent in the welcome.
pub const BLOCKS_MAX: usize = 1024;

/// Half of a block's thinnest side, in world units. With the smallest hull's radius it exceeds the longest distance between two
/// collision checks, so that no ship can be pushed out on the far side.
pub const BLOCK_HALF_MIN: f32 = 24.0;

/// Half of a block's longest side, in world units.
pub const BLOCK_HALF_MAX: f32 = 2048.0;

/// Free distance around a spawn position, in world units.
pub const SPAWN_CLEARANCE: f32 = 60.0;

/// Most embers in one cell.
pub const EMBERS_PER_CELL_MAX: usize = 1024;

/// Embers lie on a lattice of this many points along a cell's side: one byte each way.
pub const EMBER_LATTICE: u16 = 256;

/// Longest life of a shot, in seconds.
pub const SHOT_LIFE_SECONDS_MAX: f32 = 1.9;

/// Rows of the leaderboard.
pub const LEADERBOARD_ROWS_MAX: usize = 10;

/// Smallest arena side, in world units: two cells.
pub const ARENA_SIDE_MIN: f32 = 1024.0;

/// Largest arena side, in world units.
pub const ARENA_SIDE_MAX: f32 = 16_384.0;

const _: () = {
    let side = (ARENA_SIDE_MAX / CELL_SIZE) as usize;
    assert!(side * side <= CELLS_MAX, "the largest arena must fit the largest grid");
    assert!(TICK_RATE_MAX as f32 * SHOT_LIFE_SECONDS_MAX < 255.0, "a shot's life must fit a u8 of ticks");
};

/// A number outside its range; the text names the key and the range.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{key} is {value}, but must be {range}")]
pub struct RuleError {
    key: String,
    value: String,
    range: Cow<'static, str>,
}

impl RuleError {
    /// `key` is `value`, but must be in `range`.
    pub fn new(key: impl Into<String>, value: &impl ToString, range: impl Into<Cow<'static, str>>) -> Self {
        Self { key: key.into(), value: value.to_string(), range: range.into() }
    }

    /// The key of the number, such as `rules.hulls[2].radius`.
    pub fn key(&self) -> &str {
        &self.key
    }
}

/// Checks one number; `range` describes the bounds.
pub fn within(
    key: &str,
    value: f32,
    low: f32,
    high: f32,
    range: impl Into<Cow<'static, str>>,
) -> Result<(), RuleError> {
    // Written so that NaN fails.
    if value >= low && value <= high { Ok(()) } else { Err(RuleError::new(key, &value, range)) }
}
