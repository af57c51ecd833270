//! Embers and pickups at rest: what they are worth.

use serde::{Deserialize, Serialize};

use crate::engine::items::PlacedItem;

/// An ember or a pickup. An ember's worth is 1 to [`EMBER_WORTH_MAX`]; 253 is a shield, 254 rapid fire, 255 a magnet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Ember(pub u8);

/// An ember or a pickup on a point of a cell.
pub type PlacedEmber = PlacedItem<Ember>;

/// Largest worth of one ember.
pub const EMBER_WORTH_MAX: u8 = 250;
/// The value of the first kind of pickup; the others follow.
const PICKUP_VALUES: u8 = 253;

impl Ember {
    /// What stands for this pickup.
    pub fn of(pickup: Pickup) -> Self {
        Self(PICKUP_VALUES + pickup as u8)
    }

    /// Its worth in embers; 0 for a pickup.
    pub fn worth(self) -> u32 {
        if self.pickup().is_some() { 0 } else { u32::from(self.0) }
    }

    /// The kind of pickup, if it is one.
    pub fn pickup(self) -> Option<Pickup> {
        Pickup::ALL.get(usize::from(self.0.checked_sub(PICKUP_VALUES)?)).copied()
    }
}

/// A kind of pickup.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Pickup {
    /// Protects from all damage.
    Shield,
    /// Shortens the reload time.
    Rapid,
    /// Extends the collection distance.
    Magnet,
}

impl Pickup {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Shield, Self::Rapid, Self::Magnet];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn value_is_a_worth_or_a_pickup() {
        for value in 1..=EMBER_WORTH_MAX {
            assert_eq!((Ember(value).worth(), Ember(value).pickup()), (value.into(), None));
        }
        for pickup in Pickup::ALL {
            assert_eq!((Ember::of(pickup).worth(), Ember::of(pickup).pickup()), (0, Some(pickup)));
        }
    }
}
