//! The colours of the game.

use shared::game::ember::Pickup;

use super::teams;
use crate::{engine::page::gpu_data::Rgb, game::scene::SceneShip};

/// Space where no clouds are drawn.
pub const DEEP: Rgb = [0.014, 0.030, 0.074];
/// What is this player's: cool.
pub const OWN: Rgb = [0.46, 0.88, 1.0];
/// What is worth having: warm.
pub const EMBER: Rgb = [1.0, 0.56, 0.18];
/// The heart of a rich ember.
pub const EMBER_RICH: Rgb = [1.0, 0.76, 0.34];
/// Shots of others.
pub const SHOT: Rgb = [1.0, 0.42, 0.34];
/// Shots of this player.
pub const OWN_SHOT: Rgb = [0.55, 0.94, 1.0];
/// Ships flown by the server.
pub const DRONE: Rgb = [0.60, 0.66, 0.86];
/// The leader's mark.
pub const BEACON: Rgb = [1.0, 0.84, 0.36];
/// Sparks from rock and wall.
pub const SPARK: Rgb = [0.80, 0.86, 1.0];

/// A shield, and the pickup that gives it.
pub const SHIELD: Rgb = [0.62, 0.90, 1.0];
/// Rapid fire, and the pickup that gives it.
pub const RAPID: Rgb = [1.0, 0.34, 0.60];
/// The mark of the pilot that destroyed the own ship last.
pub const NEMESIS: Rgb = [1.0, 0.36, 0.30];
/// The magnet, and the pickup that gives it.
pub const MAGNET: Rgb = [0.70, 0.50, 1.0];

/// What the colour-blind can tell apart too (after Okabe and Ito, lightened for a dark ground).
const PILOTS: [Rgb; 6] = [
    [1.00, 0.68, 0.16],
    [0.16, 0.88, 0.62],
    [1.00, 0.46, 0.28],
    [0.97, 0.90, 0.38],
    [0.95, 0.52, 0.80],
    [0.68, 0.56, 1.00],
];

/// The colour that a pilot chose, below [`shared::engine::limits::COLOURS`].
pub fn pilot(index: u8) -> Rgb {
    match index {
        0 => OWN,
        1..=6 => PILOTS[usize::from(index) - 1],
        _ => [0.97, 0.96, 0.92],
    }
}

/// The pattern of ships of a colour, 0 to 3. Colours with the same pattern differ in lightness too.
pub fn pattern(index: u8) -> f32 {
    f32::from(index % 4)
}

/// The colour of a ship: its team's; without teams its pilot's, or that of all drones.
pub fn ship_tint(ship: &SceneShip) -> Rgb {
    match ship.team {
        Some(team) => teams::colour(team),
        None if ship.drone => DRONE,
        None => pilot(ship.colour),
    }
}

/// The colour of a pickup and of everything that it gives.
pub fn pickup_tint(kind: Pickup) -> Rgb {
    match kind {
        Pickup::Shield => SHIELD,
        Pickup::Rapid => RAPID,
        Pickup::Magnet => MAGNET,
    }
}

/// A colour as CSS writes it.
pub fn css(colour: Rgb) -> String {
    let [red, green, blue] = colour.map(|part| (part * 255.0) as u8);
    format!("rgb({red} {green} {blue})")
}

#[cfg(test)]
mod tests {
    use shared::engine::limits::COLOURS;

    use super::*;

    fn lightness([r, g, b]: Rgb) -> f32 {
        0.2126 * r + 0.7152 * g + 0.0722 * b
    }

    #[test]
    fn colours_with_the_same_pattern_differ_in_lightness() {
        for a in 0..COLOURS {
            for b in (a + 1..COLOURS).filter(|b| pattern(a) == pattern(*b)) {
                let apart = (lightness(pilot(a)) - lightness(pilot(b))).abs();
                assert!(apart > 0.02, "colours {a} and {b} differ by {apart} only");
            }
        }
    }

    #[test]
    fn no_two_pilots_colours_are_alike() {
        for a in 0..COLOURS {
            for b in a + 1..COLOURS {
                let apart: f32 = pilot(a).iter().zip(pilot(b)).map(|(a, b)| (a - b).abs()).sum();
                assert!(apart > 0.2, "colours {a} and {b} differ by {apart} only");
            }
        }
    }

    #[test]
    fn a_colour_beyond_the_palette_is_the_last() {
        assert_eq!(pilot(COLOURS), pilot(COLOURS - 1));
        assert_eq!(pilot(255), pilot(COLOURS - 1));
    }

    #[test]
    fn css_has_the_bytes_of_a_colour() {
        assert_eq!(css([1.0, 0.5, 0.0]), "rgb(255 127 0)");
    }
}
