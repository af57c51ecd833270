//! How drones behave: by their ids, so that players who have met one know what to expect of its namesake, and so that a client can draw
//! each kind in a shape of its own.

use crate::engine::ids::PlayerId;

/// How a drone behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Character {
    /// Collects embers, and fights ships that come near.
    Gatherer,
    /// Looks for fights that it can win.
    Hunter,
    /// Collects embers, and flees from ships that come near.
    Coward,
}

impl Character {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Gatherer, Self::Hunter, Self::Coward];

    /// Of ten drones five are gatherers, three hunters and two cowards.
    pub fn of(id: PlayerId) -> Self {
        match id.0 % 10 {
            1 | 4 | 8 => Self::Hunter,
            2 | 6 => Self::Coward,
            _ => Self::Gatherer,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_the_drones_gather_and_a_third_hunt() {
        let count = |character| (0..100).filter(|id| Character::of(PlayerId(*id)) == character).count();
        assert_eq!(Character::ALL.map(count), [50, 30, 20]);
    }
}
