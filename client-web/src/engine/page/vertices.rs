//! Bytes for the graphics card: floats, colours, and sprites.

use shared::Vec2;

/// Red, green, blue, each 0 to 1.
pub type Rgb = [f32; 3];

/// The colour `share` of the way from `a` to `b`.
pub fn mix(a: Rgb, b: Rgb, share: f32) -> Rgb {
    core::array::from_fn(|i| a[i] + (b[i] - a[i]) * share)
}

/// Appends floats.
pub fn put<const N: usize>(bytes: &mut Vec<u8>, floats: [f32; N]) {
    for float in floats {
        bytes.extend_from_slice(&float.to_le_bytes());
    }
}

/// Appends a colour and a strength, each 0 to 1, as four bytes.
pub fn put_colour(bytes: &mut Vec<u8>, [r, g, b]: Rgb, strength: f32) {
    // `as` saturates: anything above 1 is full.
    bytes.extend_from_slice(&[r, g, b, strength].map(|share| (share * 255.0 + 0.5) as u8));
}

/// A quad of light in the world: a shape from a texture, tinted, moved and turned.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sprite {
    /// Its middle, in world units.
    pub place: Vec2,
    /// Half its length and half its width, in world units.
    pub half: Vec2,
    /// In radians, counter-clockwise.
    pub turn: f32,
    /// Number of the shape's layer in the texture.
    pub shape: u8,
    /// Its colour.
    pub tint: Rgb,
    /// Brightness, 0 to 1.
    pub strength: f32,
    /// How white its brightest parts are, 0 to 1.
    pub white: f32,
}

impl Sprite {
    /// One as wide as it is long, not turned.
    pub fn round(place: Vec2, radius: f32, shape: impl Into<u8>, tint: Rgb, strength: f32) -> Self {
        Self { place, half: Vec2::splat(radius), turn: 0.0, shape: shape.into(), tint, strength, white: 1.0 }
    }

    /// What its quad covers, in square world units.
    pub fn area(&self) -> f32 {
        4.0 * self.half.x * self.half.y
    }

    /// Appends it: four floats of place, three of shape, four bytes of colour.
    pub fn put(&self, bytes: &mut Vec<u8>) {
        let (place, half) = (self.place, self.half);
        put(bytes, [place.x, place.y, half.x, half.y, self.turn, f32::from(self.shape), self.white]);
        put_colour(bytes, self.tint, self.strength);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mix_goes_from_the_first_colour_to_the_second() {
        let (a, b) = ([0.0, 0.5, 1.0], [1.0, 0.5, 0.0]);
        assert_eq!(mix(a, b, 0.0), a);
        assert_eq!(mix(a, b, 1.0), b);
        assert_eq!(mix(a, b, 0.25), [0.25, 0.5, 0.75]);
    }

    #[test]
    fn colours_are_rounded_and_saturate() {
        let mut bytes = Vec::new();
        put_colour(&mut bytes, [0.0, 0.5, 1.4], -0.2);
        assert_eq!(bytes, [0, 128, 255, 0]);
    }

    #[test]
    fn a_sprite_is_seven_floats_and_a_colour() {
        let mut bytes = Vec::new();
        Sprite::round(Vec2::new(1.0, -2.0), 3.0, 9, [1.0, 0.0, 0.0], 1.0).put(&mut bytes);
        let floats: Vec<f32> =
            bytes[..28].chunks_exact(4).map(|four| f32::from_le_bytes(four.try_into().unwrap())).collect();
        assert_eq!(floats, [1.0, -2.0, 3.0, 3.0, 0.0, 9.0, 1.0]);
        assert_eq!(bytes[28..], [255, 0, 0, 255]);
    }

    #[test]
    fn area_is_that_of_the_whole_quad() {
        let mut sprite = Sprite::round(Vec2::ZERO, 1.0, 0, [1.0; 3], 1.0);
        sprite.half = Vec2::new(2.0, 5.0);
        assert_eq!(sprite.area(), 40.0);
    }
}
