//! What a pilot can ask for in one tick. A drone asks in the same way.

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

    /// Holds `other` too if `held`.
    #[must_use]
    pub fn with(self, other: Self, held: bool) -> Self {
        if held { Self(self.0 | other.0) } else { self }
    }
}

/// One tick of one pilot's wishes. Any bit pattern is valid: there is nothing in it to lie about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PlayerInput {
    /// Held buttons.
    pub buttons: Buttons,
    /// Where the nose points.
    pub aim: Angle,
}

/// A frame head's `lead` before the first input has arrived.
pub const LEAD_NONE: i8 = i8::MIN;
