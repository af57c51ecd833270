//! An arena as data: size, rocks, blocks and rules. It does not change while a server runs.

use glam::Vec2;
use serde::{Deserialize, Serialize};

use crate::{
    engine::{
        game_trait::{self, RuleError, within},
        limits::ARENA_SIDE_MAX,
    },
    game::{mode::Mode, rules::Rules},
};

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

/// Smallest arena side, in world units: two cells.
pub const ARENA_SIDE_MIN: f32 = 1024.0;

/// The static part of the game, sent in the welcome.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Arena {
    /// Shown to players; at most 32 visible characters.
    pub name: String,
    /// Width and height. Walls enclose the arena, from (0, 0) to here.
    #[cfg_attr(feature = "schema", schemars(with = "[f32; 2]"))]
    pub size: Vec2,
    /// How it is played: each for itself, in teams, or one against one.
    pub mode: Mode,
    /// Round obstacles, inside the arena.
    pub rocks: Vec<Rock>,
    /// Walls of ruins, inside the arena.
    pub blocks: Vec<Block>,
    /// The game's numbers in this arena.
    pub rules: Rules,
}

/// A round obstacle.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Rock {
    /// Its centre.
    #[cfg_attr(feature = "schema", schemars(with = "[f32; 2]"))]
    pub centre: Vec2,
    /// 8 to 400 units.
    pub radius: f32,
}

/// An axis-aligned rectangle of wall.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Block {
    /// Its centre.
    #[cfg_attr(feature = "schema", schemars(with = "[f32; 2]"))]
    pub centre: Vec2,
    /// Half of its width and height: 24 to 2048 units each.
    #[cfg_attr(feature = "schema", schemars(with = "[f32; 2]"))]
    pub half: Vec2,
}

impl game_trait::Arena for Arena {
    fn name(&self) -> &str {
        &self.name
    }

    fn size(&self) -> Vec2 {
        self.size
    }

    fn view(&self) -> Vec2 {
        self.rules.view
    }

    fn mode(&self) -> &'static str {
        self.mode.name()
    }

    fn validate(&self) -> Result<(), RuleError> {
        self.mode.validate()?;
        within("size.x", self.size.x, ARENA_SIDE_MIN, ARENA_SIDE_MAX, "1024 to 16384")?;
        within("size.y", self.size.y, ARENA_SIDE_MIN, ARENA_SIDE_MAX, "1024 to 16384")?;
        if self.rocks.len() > ROCKS_MAX {
            return Err(RuleError::new(
                "rocks",
                &format!("{} rocks", self.rocks.len()),
                "at most 1024 rocks",
            ));
        }
        for (i, rock) in self.rocks.iter().enumerate() {
            within(&format!("rocks[{i}].radius"), rock.radius, 8.0, 400.0, "8 to 400")?;
            for (axis, centre, side) in [("x", rock.centre.x, self.size.x), ("y", rock.centre.y, self.size.y)]
            {
                let range = format!("0 to {side}, inside the arena");
                within(&format!("rocks[{i}].centre.{axis}"), centre, 0.0, side, range)?;
            }
        }
        if self.blocks.len() > BLOCKS_MAX {
            let counted = format!("{} blocks", self.blocks.len());
            return Err(RuleError::new("blocks", &counted, "at most 1024 blocks"));
        }
        for (i, block) in self.blocks.iter().enumerate() {
            block.validate(&format!("blocks[{i}]"), self.size)?;
        }
        self.rules.validate()
    }
}

impl Block {
    fn validate(self, at: &str, size: Vec2) -> Result<(), RuleError> {
        let Self { centre, half } = self;
        for (axis, centre, half, side) in [("x", centre.x, half.x, size.x), ("y", centre.y, half.y, size.y)] {
            within(&format!("{at}.half.{axis}"), half, BLOCK_HALF_MIN, BLOCK_HALF_MAX, "24 to 2048")?;
            let range = format!("{half} to {}, so that all of it is inside the arena", side - half);
            within(&format!("{at}.centre.{axis}"), centre, half, side - half, range)?;
        }
        Ok(())
    }
}
