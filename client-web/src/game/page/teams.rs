//! How a team is recognised: a colour, and a sign for eyes that cannot tell colours apart. The same on labels and on the minimap.

use shared::game::mode::{TEAMS_MAX, Team};

use crate::engine::page::gpu_data::Rgb;

/// Corners of an outline in a square from -1 to 1, y down.
type Outline = &'static [(f64, f64)];

const TRIANGLE: Outline = &[(0.0, -0.95), (1.0, 0.8), (-1.0, 0.8)];
const SQUARE: Outline = &[(-0.8, -0.8), (0.8, -0.8), (0.8, 0.8), (-0.8, 0.8)];
const DIAMOND: Outline = &[(0.0, -1.0), (0.85, 0.0), (0.0, 1.0), (-0.85, 0.0)];
const CROSS: Outline = &[
    (-0.35, -1.0),
    (0.35, -1.0),
    (0.35, -0.35),
    (1.0, -0.35),
    (1.0, 0.35),
    (0.35, 0.35),
    (0.35, 1.0),
    (-0.35, 1.0),
    (-0.35, 0.35),
    (-1.0, 0.35),
    (-1.0, -0.35),
    (-0.35, -0.35),
];

/// The teams: blue, orange, green and pink, which the colour-blind can tell apart too (after Okabe and Ito, lightened for a dark
/// ground).
const TEAMS: [Rgb; TEAMS_MAX] =
    [[0.36, 0.70, 1.00], [1.00, 0.68, 0.16], [0.16, 0.88, 0.62], [0.95, 0.52, 0.80]];

/// The colour of a team.
pub fn colour(Team(team): Team) -> Rgb {
    TEAMS[usize::from(team).min(TEAMS.len() - 1)]
}

/// The corners of a team's sign.
pub fn outline(Team(team): Team) -> Outline {
    match team {
        0 => TRIANGLE,
        1 => SQUARE,
        2 => DIAMOND,
        _ => CROSS,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The area of an outline.
    fn area(outline: Outline) -> f64 {
        let next = outline.iter().cycle().skip(1);
        outline.iter().zip(next).map(|(a, b)| a.0 * b.1 - b.0 * a.1).sum::<f64>().abs() / 2.0
    }

    #[test]
    fn each_team_has_a_sign_of_its_own_inside_the_square() {
        let signs: Vec<_> = (0..TEAMS_MAX as u8).map(|team| outline(Team(team))).collect();
        for (index, sign) in signs.iter().enumerate() {
            assert!(sign.iter().all(|(x, y)| x.abs() <= 1.0 && y.abs() <= 1.0));
            assert!(area(sign) > 1.2, "sign {index} is too thin to be seen: {}", area(sign));
            assert!(signs[..index].iter().all(|other| other.len() != sign.len() || other != sign));
        }
    }

    #[test]
    fn teams_differ_for_all_eyes() {
        // What is left of red, green and blue without one of the three kinds of cones (after Viénot, Brettel and Mollon).
        let eyes: [fn(Rgb) -> Rgb; 4] = [
            |colour| colour,
            |[r, g, b]| [0.11 * r + 0.89 * g, 0.11 * r + 0.89 * g, b],
            |[r, g, b]| [0.29 * r + 0.71 * g, 0.29 * r + 0.71 * g, b],
            |[r, g, b]| [r, 0.87 * g + 0.13 * b, 0.87 * g + 0.13 * b],
        ];
        for (index, see) in eyes.iter().enumerate() {
            let seen = TEAMS.map(see);
            for (a, one) in seen.iter().enumerate() {
                for (b, other) in seen.iter().enumerate().skip(a + 1) {
                    let apart: f32 = one.iter().zip(other).map(|(a, b)| (a - b).abs()).sum();
                    assert!(apart > 0.15, "eyes {index}: teams {a} and {b} differ by {apart} only");
                }
            }
        }
    }
}
