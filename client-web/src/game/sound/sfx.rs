//! The sound effects there are.

use shared::game::ember::Pickup;

/// A sound effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sfx {
    /// A ship of this tier fired.
    Shot(u8),
    /// A shot hit another ship.
    Hit,
    /// A shot hit this player's ship.
    Hurt,
    /// A shot hit a rock or a wall.
    Impact,
    /// This player's ship collected an ember.
    Collect,
    /// A ship collected a pickup.
    Pickup(Pickup),
    /// This player's ship reached the next tier.
    Grow,
    /// This player killed another.
    Kill,
    /// A moment of this player that no other sound says: the lead, a streak, revenge.
    Triumph,
    /// A ship of this tier exploded.
    Explosion(u8),
    /// This player's ship was destroyed.
    Death,
    /// This player's ship appeared.
    Spawn,
    /// A second of the respawn delay passed.
    Countdown,
    /// This player's hull is about to fail.
    LowHealth,
}

impl Sfx {
    /// Every sound effect, each tier of a ship counted.
    pub const ALL: [Self; 22] = [
        Self::Hit,
        Self::Hurt,
        Self::Impact,
        Self::Collect,
        Self::Grow,
        Self::Kill,
        Self::Triumph,
        Self::Death,
        Self::Spawn,
        Self::Countdown,
        Self::LowHealth,
        Self::Pickup(Pickup::Shield),
        Self::Pickup(Pickup::Rapid),
        Self::Pickup(Pickup::Magnet),
        Self::Shot(0),
        Self::Shot(1),
        Self::Shot(2),
        Self::Shot(Self::TIER_MAX),
        Self::Explosion(0),
        Self::Explosion(1),
        Self::Explosion(2),
        Self::Explosion(Self::TIER_MAX),
    ];

    /// The highest tier with a sound of its own; any higher one sounds like it.
    const TIER_MAX: u8 = 3;

    /// Its place in [`Sfx::ALL`].
    pub fn index(self) -> usize {
        let known = match self {
            Self::Shot(tier) => Self::Shot(tier.min(Self::TIER_MAX)),
            Self::Explosion(tier) => Self::Explosion(tier.min(Self::TIER_MAX)),
            other => other,
        };
        Self::ALL.iter().position(|sfx| *sfx == known).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_sound_effect_has_an_index_of_its_own() {
        assert!(Sfx::ALL.iter().enumerate().all(|(index, sfx)| sfx.index() == index));
        assert_eq!(Sfx::Shot(9).index(), Sfx::Shot(3).index());
        assert!(Pickup::ALL.into_iter().all(|kind| Sfx::ALL.contains(&Sfx::Pickup(kind))));
        let others = [Sfx::Shot(0), Sfx::Grow, Sfx::Death, Sfx::LowHealth, Sfx::Explosion(9)];
        assert!(others.iter().all(|sfx| sfx.index() > 0), "no index is the fallback's");
    }
}
