//! What a game draws at one moment: circles, lines and words, as a list. The page paints it on a canvas; tests read it.

use shared::Vec2;

use super::{colour::Colour, view::View};

/// Between two lines of the floor, in world units.
const FLOOR_STEP: f32 = 128.0;
/// Width of a line of the floor, and of the arena's wall.
const FLOOR_LINE: f32 = 1.5;
const WALL: f32 = 6.0;
/// Outside of the arena, its floor, the floor's lines and the wall.
const OUTSIDE: Colour = Colour::rgb(0x050812);
const FLOOR: Colour = Colour::rgb(0x0a1122);
const FLOOR_LINES: Colour = Colour::rgb(0x141f3a);
const WALLS: Colour = Colour::rgb(0x334a7c);

/// From the edge of a body to its name, in CSS pixels, and how high the letters are.
const LABEL_GAP_PX: f32 = 11.0;
const LABEL_PX: f32 = 13.0;

/// A thing to draw. Places and sizes are in world units, y up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shape {
    /// A disc.
    Circle {
        /// Its middle.
        centre: Vec2,
        /// In world units.
        radius: f32,
        /// Fills it.
        colour: Colour,
    },
    /// A circle's line.
    Ring {
        /// Its middle.
        centre: Vec2,
        /// To the middle of the line.
        radius: f32,
        /// Of the line.
        width: f32,
        /// Of the line.
        colour: Colour,
    },
    /// A straight line with round ends.
    Line {
        /// One end.
        from: Vec2,
        /// The other.
        to: Vec2,
        /// In world units.
        width: f32,
        /// Of the line.
        colour: Colour,
    },
    /// A rectangle, not turned.
    Rect {
        /// Its middle.
        centre: Vec2,
        /// Half its width and height.
        half: Vec2,
        /// Fills it.
        colour: Colour,
    },
    /// Words, centred.
    Text {
        /// Below their middle.
        place: Vec2,
        /// How far above it, in CSS pixels.
        lift_px: f32,
        /// How high the letters are, in CSS pixels.
        size_px: f32,
        /// Of the letters.
        colour: Colour,
        /// Where the words are: see [`Picture::letters`].
        letters: (usize, usize),
    },
}

/// A picture: shapes in the order in which they are painted, one above the other.
#[derive(Clone, Debug, Default)]
pub struct Picture {
    shapes: Vec<Shape>,
    letters: String,
    status: String,
    camera: Option<Vec2>,
}

impl Picture {
    /// Empties it, and keeps its memory.
    pub fn clear(&mut self) {
        self.shapes.clear();
        self.letters.clear();
        self.status.clear();
        self.camera = None;
    }

    /// Puts this place in the middle. Without it the camera follows the own body, or the one that is watched.
    pub fn look_at(&mut self, place: Vec2) {
        self.camera = Some(place);
    }

    /// A disc.
    pub fn circle(&mut self, centre: Vec2, radius: f32, colour: Colour) {
        self.shapes.push(Shape::Circle { centre, radius, colour });
    }

    /// A circle's line of this width.
    pub fn ring(&mut self, centre: Vec2, radius: f32, width: f32, colour: Colour) {
        self.shapes.push(Shape::Ring { centre, radius, width, colour });
    }

    /// A straight line with round ends.
    pub fn line(&mut self, from: Vec2, to: Vec2, width: f32, colour: Colour) {
        self.shapes.push(Shape::Line { from, to, width, colour });
    }

    /// A rectangle; `half` is half its width and height.
    pub fn rect(&mut self, centre: Vec2, half: Vec2, colour: Colour) {
        self.shapes.push(Shape::Rect { centre, half, colour });
    }

    /// Words around a place, `size_px` CSS pixels high whatever the zoom.
    pub fn text(&mut self, place: Vec2, size_px: f32, words: &str, colour: Colour) {
        self.words(place, 0.0, size_px, words, colour);
    }

    /// A name above a body of this radius.
    pub fn label(&mut self, centre: Vec2, radius: f32, name: &str, colour: Colour) {
        self.words(centre + Vec2::new(0.0, radius), LABEL_GAP_PX, LABEL_PX, name, colour);
    }

    fn words(&mut self, place: Vec2, lift_px: f32, size_px: f32, words: &str, colour: Colour) {
        let from = self.letters.len();
        self.letters.push_str(words);
        let letters = (from, self.letters.len());
        self.shapes.push(Shape::Text { place, lift_px, size_px, colour, letters });
    }

    /// The line at the top of the page, such as what the player is to do. The last one counts.
    pub fn status(&mut self, words: &str) {
        self.status.clear();
        self.status.push_str(words);
    }

    /// The shapes.
    pub fn shapes(&self) -> &[Shape] {
        &self.shapes
    }

    /// The words of a [`Shape::Text`].
    pub fn letters(&self, (from, to): (usize, usize)) -> &str {
        self.letters.get(from..to).unwrap_or_default()
    }

    /// What [`Self::status`] was given, or nothing.
    pub fn status_line(&self) -> &str {
        &self.status
    }

    /// What [`Self::look_at`] was given, if anything.
    pub fn camera(&self) -> Option<Vec2> {
        self.camera
    }

    /// Draws the floor of an arena of this size with lines on it, and its walls, as far as they are in view.
    pub fn floor(&mut self, arena: Vec2, view: &View) {
        self.rect(view.camera, view.half + 1.0, OUTSIDE);
        self.rect(arena / 2.0, arena / 2.0, FLOOR);
        let (low, high) = ((view.camera - view.half).max(Vec2::ZERO), (view.camera + view.half).min(arena));
        let lines = |low: f32, high: f32| {
            let first = (low / FLOOR_STEP).ceil().max(1.0) as u32;
            (first..).map(|line| line as f32 * FLOOR_STEP).take_while(move |at| *at < high)
        };
        for x in lines(low.x, high.x) {
            self.line(Vec2::new(x, low.y), Vec2::new(x, high.y), FLOOR_LINE, FLOOR_LINES);
        }
        for y in lines(low.y, high.y) {
            self.line(Vec2::new(low.x, y), Vec2::new(high.x, y), FLOOR_LINE, FLOOR_LINES);
        }
        let corners = [Vec2::ZERO, Vec2::new(arena.x, 0.0), arena, Vec2::new(0.0, arena.y)];
        for (i, corner) in corners.into_iter().enumerate() {
            self.line(corner, corners[(i + 1) % 4], WALL, WALLS);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_that_were_given() {
        let mut picture = Picture::default();
        picture.label(Vec2::ZERO, 20.0, "Ada", Colour::TEXT);
        picture.text(Vec2::X, 30.0, "火", Colour::WARM);
        let words: Vec<_> = picture
            .shapes()
            .iter()
            .map(|shape| match shape {
                Shape::Text { letters, place, .. } => (picture.letters(*letters), *place),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(words, [("Ada", Vec2::new(0.0, 20.0)), ("火", Vec2::X)]);
        assert_eq!(picture.letters((1, 900)), "");
    }

    #[test]
    fn cleared_picture_is_an_empty_one() {
        let mut picture = Picture::default();
        picture.circle(Vec2::ZERO, 1.0, Colour::OWN);
        picture.status("one");
        picture.status("two");
        picture.look_at(Vec2::X);
        assert_eq!((picture.status_line(), picture.camera()), ("two", Some(Vec2::X)));
        picture.clear();
        assert!(picture.shapes().is_empty() && picture.camera().is_none());
        assert_eq!(picture.status_line(), "");
    }

    #[test]
    fn floor_has_the_lines_that_are_in_view() {
        let floor = |camera| {
            let mut picture = Picture::default();
            let view = View { camera, half: Vec2::splat(200.0), ..View::default() };
            picture.floor(Vec2::splat(1024.0), &view);
            let lines = picture.shapes().iter().filter_map(|shape| match shape {
                Shape::Line { from, to, colour, .. } if *colour == FLOOR_LINES => Some((*from, *to)),
                _ => None,
            });
            lines.collect::<Vec<_>>()
        };
        // At 384, 512 and 640, each way.
        assert_eq!(floor(Vec2::splat(512.0)).len(), 6);
        let corner = floor(Vec2::ZERO);
        assert_eq!(corner.len(), 2);
        assert!(corner.iter().all(|(from, to)| from.min_element() >= 0.0 && to.max_element() <= 200.0));
        assert_eq!(floor(Vec2::splat(9000.0)).len(), 0);
    }
}
