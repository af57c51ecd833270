//! The shapes of everything that is light: embers, shots, flames, sparks, rings, signs.

use shared::game::ember::Pickup;

/// A shape, by its number in `shapes.frag.glsl`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A soft disc.
    Glow = 0,
    /// A hot heart in a halo.
    Ember = 1,
    /// A bright head at the front and a tail.
    Streak = 2,
    /// A broad ring.
    Ring = 3,
    /// A thin ring.
    ThinRing = 4,
    /// A splinter.
    Shard = 5,
    /// An engine's flame, from its root at the front to its tip behind.
    Flame = 6,
    /// A shield.
    Bubble = 7,
    /// The sign of a shield.
    Hexagon = 8,
    /// The sign of rapid fire.
    Chevrons = 9,
    /// The sign of a magnet.
    Horseshoe = 10,
    /// Three arcs of a ring.
    Orbit = 11,
    /// A drop, with a ring about its heart.
    Bead = 12,
}

impl Shape {
    /// How many there are.
    pub const COUNT: u8 = 13;
}

impl From<Shape> for u8 {
    fn from(shape: Shape) -> Self {
        shape as Self
    }
}

/// The sign of a pickup: one that is known without its colour.
pub fn pickup_sign(kind: Pickup) -> Shape {
    match kind {
        Pickup::Shield => Shape::Hexagon,
        Pickup::Rapid => Shape::Chevrons,
        Pickup::Magnet => Shape::Horseshoe,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shader_paints_every_shape() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/web/emberdrift/render/shaders/shapes.frag.glsl");
        let shader = std::fs::read_to_string(path).expect("the shader is there");
        let is_painted = |number: u8| {
            let places = shader.match_indices("u_shape == ").map(|(at, text)| &shader[at + text.len()..]);
            places.into_iter().any(|rest| {
                rest.starts_with(&format!("{number})")) || rest.starts_with(&format!("{number} "))
            })
        };
        // The last one is the `else`.
        for number in 0..Shape::COUNT - 1 {
            assert!(is_painted(number), "shape {number} is not painted");
        }
        assert!(!is_painted(Shape::COUNT - 1));
        assert_eq!(Shape::Bead as u8, Shape::COUNT - 1);
    }

    #[test]
    fn no_two_pickups_have_the_same_sign() {
        let [a, b, c] = [Pickup::Shield, Pickup::Rapid, Pickup::Magnet].map(pickup_sign);
        assert!(a != b && b != c && a != c);
    }
}
