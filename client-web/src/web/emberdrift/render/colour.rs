//! The colours of the game. It must not know where they are used.

/// Red, green, blue, 0 to 1.
pub(in crate::web) type Rgb = [f32; 3];

/// Space where no clouds are drawn.
pub(in crate::web) const DEEP: Rgb = [0.014, 0.030, 0.074];
/// What is this player's: cool.
pub(in crate::web) const OWN: Rgb = [0.46, 0.88, 1.0];
/// What is worth having: warm.
pub(in crate::web) const EMBER: Rgb = [1.0, 0.56, 0.18];
/// The heart of a rich ember.
pub(in crate::web) const EMBER_RICH: Rgb = [1.0, 0.76, 0.34];
/// Shots of others.
pub(in crate::web) const SHOT: Rgb = [1.0, 0.42, 0.34];
/// Shots of this player.
pub(in crate::web) const OWN_SHOT: Rgb = [0.55, 0.94, 1.0];
/// Ships flown by the server.
pub(in crate::web) const DRONE: Rgb = [0.60, 0.66, 0.86];
/// The leader's mark.
pub(in crate::web) const BEACON: Rgb = [1.0, 0.84, 0.36];
/// Sparks from rock and wall.
pub(in crate::web) const SPARK: Rgb = [0.80, 0.86, 1.0];

/// A shield, and the pickup that gives it.
pub(in crate::web) const SHIELD: Rgb = [0.62, 0.90, 1.0];
/// Rapid fire, and the pickup that gives it.
pub(in crate::web) const RAPID: Rgb = [1.0, 0.34, 0.60];
/// The magnet, and the pickup that gives it.
pub(in crate::web) const MAGNET: Rgb = [0.70, 0.50, 1.0];

/// Told apart by the colour-blind too (after Okabe and Ito, lightened for a dark ground).
const PILOTS: [Rgb; 6] = [
    [1.00, 0.68, 0.16],
    [0.16, 0.88, 0.62],
    [1.00, 0.46, 0.28],
    [0.97, 0.90, 0.38],
    [0.95, 0.52, 0.80],
    [0.68, 0.56, 1.00],
];

/// The colour that a pilot chose, below [`shared::engine::limits::COLOURS`]: cool, the six above, and the lightest of all.
pub(in crate::web) fn of(index: u8) -> Rgb {
    match index {
        0 => OWN,
        1..=6 => PILOTS[usize::from(index) - 1],
        _ => [0.97, 0.96, 0.92],
    }
}

/// The pattern of ships of a colour, 0 to 3. Colours with the same pattern differ in lightness too.
pub(in crate::web) fn pattern_of(index: u8) -> f32 {
    f32::from(index % 4)
}

/// Between two colours.
pub(in crate::web) fn mix(a: Rgb, b: Rgb, share: f32) -> Rgb {
    core::array::from_fn(|i| a[i] + (b[i] - a[i]) * share)
}
