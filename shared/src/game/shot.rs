//! How a shot flies: straight, until it hits a rock, a block, a wall or a ship, or its life ends. Server and client compute
//! it, so only its start and its hit on a ship are sent. And what a kill ends, as players are told.

use glam::Vec2;
use serde::{Deserialize, Serialize};

use super::{collision, rules::ShotRules, terrain::Terrain};
use crate::engine::{
    ids::PlayerId,
    input::Angle,
    protocol::fixed::{self, Bits16},
};

/// A shot in flight. Wraps: shots live for about a second, so no two live shots share an id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ShotId(pub u16);

impl Bits16 for ShotId {
    fn bits(self) -> u16 {
        self.0
    }

    fn from_bits(bits: u16) -> Self {
        Self(bits)
    }
}

/// A shot that hit a ship.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Hit {
    /// The shot, which has ended.
    #[serde(with = "fixed")]
    #[cfg_attr(feature = "schema", schemars(with = "u16"))]
    pub shot: ShotId,
    /// The ship that it hit.
    pub ship: PlayerId,
}

/// A kill, as players are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Kill {
    /// The killer.
    pub by: PlayerId,
    /// The killer's streak including this kill, at most 255; 0 if the killer has no ship any more.
    pub streak: u8,
    /// The victim's streak, which this kill ended.
    pub ended: u8,
}

/// Who has shot a ship down, as it was at that moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct KilledBy {
    /// The player.
    pub player: PlayerId,
    /// Embers aboard its ship, which say its hull; 0 if it had none any more.
    pub embers: u32,
}

/// How a ship fared, from its spawn to its end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Lived {
    /// How long, in ticks.
    pub ticks: u32,
    /// Most embers that it has carried.
    pub embers: u32,
    /// Ships that it has shot down.
    pub kills: u16,
}

/// The outcome of one tick of a shot's flight.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ShotStep {
    /// It is here and flies on.
    Flying(Vec2),
    /// It hit a rock, a block or a wall here.
    Struck(Vec2),
}

/// A shot's displacement in one tick of `dt` seconds.
pub fn way(direction: Angle, rules: &ShotRules, dt: f32) -> Vec2 {
    direction.unit() * (rules.speed * dt)
}

/// Moves a shot from `from` along `way`.
pub fn fly(from: Vec2, way: Vec2, terrain: &Terrain) -> ShotStep {
    let rocks = terrain.rocks_near(from).iter();
    let rocks = rocks.filter_map(|rock| collision::enters_circle(from, way, rock.centre, rock.radius));
    let blocks = terrain.blocks_near(from).iter();
    let blocks = blocks.filter_map(|block| collision::enters_box(from, way, block.centre, block.half));
    if let Some(part) = rocks.chain(blocks).reduce(f32::min) {
        return ShotStep::Struck(from + way * part);
    }
    let to = from + way;
    let inside = to.clamp(Vec2::ZERO, terrain.arena().size);
    if to == inside { ShotStep::Flying(to) } else { ShotStep::Struck(inside) }
}

/// The directions of a salvo of `shots`, spread evenly around `aim`.
pub fn salvo(aim: Angle, shots: u8, rules: &ShotRules) -> impl Iterator<Item = Angle> + use<> {
    let spread = rules.spread.to_radians();
    let middle = f32::from(shots.saturating_sub(1)) / 2.0;
    (0..shots).map(move |i| aim.turned(Angle::from_radians((f32::from(i) - middle) * spread)))
}
