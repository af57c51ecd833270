//! A body as others know it, in whole steps.

use serde::{Deserialize, Serialize};

use super::{game_trait::Game, limits::CELL_STEPS, protocol::fixed};

pub use super::motion::Motion;

/// Everything that other players know of a body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "BodyState"))]
pub struct BodyState<L> {
    /// Steps from the cell's origin; a little outside the cell between `advance` and `apply`.
    #[serde(with = "fixed")]
    #[cfg_attr(feature = "schema", schemars(with = "i16"))]
    pub x: i16,
    /// The same along y.
    #[serde(with = "fixed")]
    #[cfg_attr(feature = "schema", schemars(with = "i16"))]
    pub y: i16,
    /// Velocity along x, in steps per frame. Of fixed length too: bodies that cross into a cell are fast, and a varint of a fast one
    /// takes three bytes.
    #[serde(with = "fixed")]
    #[cfg_attr(feature = "schema", schemars(with = "i16"))]
    pub vx: i16,
    /// The same along y.
    #[serde(with = "fixed")]
    #[cfg_attr(feature = "schema", schemars(with = "i16"))]
    pub vy: i16,
    /// Where it points, in 1/256 turn.
    pub heading: u8,
    /// Everything else, which the game defines.
    pub look: L,
}

/// A body of this game.
pub type Body<G> = BodyState<<G as Game>::Look>;

impl<L> BodyState<L> {
    /// Moves on along a straight line for some frames.
    pub(in crate::engine) fn advance(&mut self, frames: i16) {
        self.x = self.x.wrapping_add(self.vx.wrapping_mul(frames));
        self.y = self.y.wrapping_add(self.vy.wrapping_mul(frames));
    }

    /// Whether it is inside its cell.
    pub fn is_settled(&self) -> bool {
        let inside = |steps: i16| (0..CELL_STEPS).contains(&i32::from(steps));
        inside(self.x) && inside(self.y)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn body_that_has_left_its_cell_is_not_settled() {
        let mut body = BodyState { x: 10, y: 0, vx: -4, vy: 0, heading: 0, look: () };
        body.advance(2);
        assert_eq!((body.x, body.is_settled()), (2, true));
        body.advance(1);
        assert_eq!((body.x, body.is_settled()), (-2, false));
    }
}
