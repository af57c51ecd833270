//! A player's input for one tick. What the buttons mean is up to the game.

use serde::{Deserialize, Serialize};

use crate::engine::angle::Angle;

/// Held buttons, one bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Buttons(pub u8);

impl Buttons {
    /// Whether every bit of `other` is held.
    pub fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// These buttons, and `other` if `held`.
    #[must_use]
    pub fn with(self, other: Self, held: bool) -> Self {
        if held { Self(self.0 | other.0) } else { self }
    }
}

/// One player's input for one tick. Every bit pattern is valid, so there is nothing to check.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PlayerInput {
    /// Held buttons.
    pub buttons: Buttons,
    /// The direction the player aims in.
    pub aim: Angle,
}

/// A frame head's `lead` before the first input has arrived.
pub const LEAD_NONE: i8 = i8::MIN;
