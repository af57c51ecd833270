//! Data for the graphics card: bytes of floats, colours and sprites; shader sources without comments; and the set of static
//! things in view, whose vertices are sent only when the set changes.

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

/// A source without comments, indentation and empty lines: its first `N` bytes, and how many bytes it has in all.
pub const fn stripped<const N: usize>(source: &str) -> ([u8; N], usize) {
    let bytes = source.as_bytes();
    let (mut out, mut length) = ([0; N], 0);
    let (mut at, mut in_comment, mut line_began) = (0, false, true);
    while at < bytes.len() {
        let byte = bytes[at];
        if byte == b'/' && at + 1 < bytes.len() && bytes[at + 1] == b'/' {
            in_comment = true;
        }
        let is_end = byte == b'\n';
        let is_kept = if is_end { !line_began } else { !(in_comment || line_began && byte == b' ') };
        if is_kept {
            if length < N {
                out[length] = byte;
            }
            length += 1;
        }
        if is_end {
            (in_comment, line_began) = (false, true);
        } else if is_kept {
            line_began = false;
        }
        at += 1;
    }
    (out, length)
}

/// Which of many things that never move are in view. Their vertices are sent only when that changes.
#[derive(Debug, Default)]
pub struct VisibleSet {
    shown: Vec<usize>,
    next: Vec<usize>,
    /// Nothing was sent since [`VisibleSet::clear`].
    is_stale: bool,
}

impl VisibleSet {
    /// Other things are in the list from now on.
    pub fn clear(&mut self) {
        self.shown.clear();
        self.is_stale = true;
    }

    /// Finds those of `things` that are `visible`. Whether they are others than at the last call.
    pub fn update<T>(&mut self, things: &[T], visible: impl Fn(&T) -> bool) -> bool {
        self.next.clear();
        self.next.extend(things.iter().enumerate().filter(|(_, thing)| visible(thing)).map(|(i, _)| i));
        let has_changed = core::mem::take(&mut self.is_stale) || self.next != self.shown;
        core::mem::swap(&mut self.shown, &mut self.next);
        has_changed
    }

    /// Indices of those that are in view, in the list's order.
    pub fn indices(&self) -> &[usize] {
        &self.shown
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

    fn text(source: &str) -> String {
        let (bytes, length) = stripped::<200>(source);
        String::from_utf8(bytes[..length].to_vec()).expect("it was text before")
    }

    #[test]
    fn comments_indentation_and_empty_lines_go() {
        let source = "#version 300 es\n// What it does.\n\n  float a = 1.0; // why\n}\n";
        assert_eq!(text(source), "#version 300 es\nfloat a = 1.0; \n}\n");
    }

    #[test]
    fn spaces_and_single_slashes_inside_a_line_stay() {
        assert_eq!(text("a / b  c\n"), "a / b  c\n");
    }

    #[test]
    fn the_length_is_known_before_there_is_room() {
        assert_eq!(stripped::<0>("ab // c\n").1, "ab \n".len());
        assert_eq!(stripped::<2>("abcd").0, *b"ab");
    }

    #[test]
    fn only_another_set_is_a_change() {
        let mut set = VisibleSet::default();
        let things = [1, 5, 9];
        assert!(set.update(&things, |thing| *thing > 3));
        assert_eq!(set.indices(), [1, 2]);
        assert!(!set.update(&things, |thing| *thing > 4));
        assert!(set.update(&things, |thing| *thing > 5));
        assert_eq!(set.indices(), [2]);
    }

    #[test]
    fn other_things_at_the_same_indices_are_a_change() {
        let mut set = VisibleSet::default();
        set.update(&[1], |_| true);
        set.clear();
        assert!(set.update(&[2], |_| true) && !set.update(&[2], |_| true));
        set.clear();
        assert!(set.update(&[2], |_| false), "what was there must go");
        assert!(set.indices().is_empty());
    }
}
