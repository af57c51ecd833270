//! Colours for games whose page is the engine's: some for a dark ground, and one for each choice of a player.

use shared::engine::limits::COLOURS;

/// A colour, and how much of what lies below it shows through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour {
    rgb: u32,
    /// 0 is invisible, 255 covers.
    alpha: u8,
}

impl Colour {
    /// This player's own.
    pub const OWN: Self = Self::rgb(0x7fe3ff);
    /// Names and numbers.
    pub const TEXT: Self = Self::rgb(0xe9f1ff);
    /// What matters less.
    pub const SOFT: Self = Self::rgb(0x97a6c8);
    /// What is worth having, or in front.
    pub const WARM: Self = Self::rgb(0xffb454);
    /// What is safe.
    pub const GOOD: Self = Self::rgb(0x6ee7b0);
    /// What is to be avoided.
    pub const BAD: Self = Self::rgb(0xff6b5e);
    /// What stands in the way.
    pub const ROCK: Self = Self::rgb(0x2c3a5e);

    /// By the choice of a player. The colour-blind can tell them apart too (after Okabe and Ito, lightened for a dark ground).
    const PLAYERS: [Self; COLOURS as usize] = [
        Self::rgb(0x76e0ff),
        Self::rgb(0xffad29),
        Self::rgb(0x29e09e),
        Self::rgb(0xff7547),
        Self::rgb(0xf7e661),
        Self::rgb(0xf285cc),
        Self::rgb(0xad8fff),
        Self::rgb(0xf7f5eb),
    ];

    /// Red, green and blue, as in `0xrrggbb`.
    pub const fn rgb(rgb: u32) -> Self {
        Self { rgb: rgb & 0xffffff, alpha: u8::MAX }
    }

    /// The colour that a player chose; see [`Roster::colour`](crate::engine::roster::Roster::colour).
    pub const fn player(choice: u8) -> Self {
        Self::PLAYERS[(choice % COLOURS) as usize]
    }

    /// The same with this share of its strength, 0 to 1.
    #[must_use]
    pub const fn faded(self, share: f32) -> Self {
        // `as` saturates.
        Self { alpha: (self.alpha as f32 * share + 0.5) as u8, ..self }
    }

    /// As a style sheet writes it: `#rrggbbaa`.
    pub fn css(self) -> String {
        format!("#{:06x}{:02x}", self.rgb, self.alpha)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn css_has_every_digit() {
        assert_eq!(Colour::rgb(0x000a0b).css(), "#000a0bff");
        assert_eq!(Colour::rgb(0xffffff).faded(0.5).css(), "#ffffff80");
        assert_eq!(Colour::rgb(0x1000001).faded(-1.0).css(), "#00000100");
    }

    #[test]
    fn every_choice_has_a_colour_of_its_own() {
        let all: std::collections::BTreeSet<_> =
            (0..COLOURS).map(|choice| Colour::player(choice).css()).collect();
        assert_eq!(all.len(), usize::from(COLOURS));
        assert_eq!(Colour::player(COLOURS), Colour::player(0));
    }
}
