//! The arena from above: where its parts are on the minimap's canvas.

use shared::{Vec2, game::arena::Arena};

/// Rocks, blocks and the view, as shares of the arena's size.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MinimapOutline {
    /// Middles, and radii as shares of the longer side.
    pub rocks: Vec<(Vec2, f32)>,
    /// Upper left corners, and sizes.
    pub blocks: Vec<(Vec2, Vec2)>,
    /// Half of what a player sees.
    pub view_half: Vec2,
}

impl MinimapOutline {
    /// Of an arena.
    pub fn of(arena: &Arena) -> Self {
        let rocks = arena.rocks.iter();
        let blocks = arena.blocks.iter();
        Self {
            rocks: rocks
                .map(|rock| (rock.centre / arena.size, rock.radius / arena.size.max_element()))
                .collect(),
            blocks: blocks
                .map(|block| {
                    let corner = block.centre + block.half * Vec2::new(-1.0, 1.0);
                    (corner / arena.size, block.half * 2.0 / arena.size)
                })
                .collect(),
            view_half: arena.rules.view / arena.size,
        }
    }
}

/// The minimap's canvas, in device pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MinimapCanvas {
    /// At least 1.
    pub width: u32,
    /// At least 1.
    pub height: u32,
    /// Device pixels for a CSS pixel, which is the width of a line.
    pub ratio: f64,
}

impl MinimapCanvas {
    /// For this many CSS pixels.
    pub fn fit(width_css: i32, height_css: i32, device_ratio: f64) -> Self {
        // At more than two pixels for one, the eye sees no difference in something so small.
        let ratio = device_ratio.clamp(1.0, 2.0);
        let pixels = |css: i32| ((f64::from(css) * ratio) as u32).max(1);
        Self { width: pixels(width_css), height: pixels(height_css), ratio }
    }

    fn size(self) -> Vec2 {
        Vec2::new(self.width as f32, self.height as f32)
    }

    /// Where a share of the arena, y up, is on the canvas, y down.
    pub fn place(self, share: Vec2) -> (f64, f64) {
        let at = Vec2::new(share.x, 1.0 - share.y) * self.size();
        (at.x.into(), at.y.into())
    }

    /// How large a share of the arena's sides is.
    pub fn span(self, share: Vec2) -> (f64, f64) {
        let span = share * self.size();
        (span.x.into(), span.y.into())
    }

    /// How large a share of the arena's longer side is.
    pub fn length(self, share: f32) -> f64 {
        f64::from(share) * f64::from(self.size().max_element())
    }

    /// The radius of a dot: marks are multiples of it.
    pub fn dot(self) -> f64 {
        (f64::from(self.size().min_element()) / 90.0).max(1.5)
    }

    /// The radius and the opacity of the disc for a crowd of this many ships.
    pub fn crowd(self, ships: u8) -> (f64, f64) {
        let share = (f64::from(ships).sqrt() / 4.0).min(1.0);
        (self.dot() * (1.3 + 2.0 * share), 0.30 + 0.5 * share)
    }
}

#[cfg(test)]
mod tests {
    use shared::game::arena::{Block, Rock};

    use super::*;

    const CANVAS: MinimapCanvas = MinimapCanvas { width: 200, height: 100, ratio: 1.0 };

    #[test]
    fn the_arenas_upper_left_is_the_canvass_origin() {
        assert_eq!(CANVAS.place(Vec2::new(0.0, 1.0)), (0.0, 0.0));
        assert_eq!(CANVAS.place(Vec2::new(1.0, 0.0)), (200.0, 100.0));
        assert_eq!(CANVAS.place(Vec2::new(0.25, 0.25)), (50.0, 75.0));
    }

    #[test]
    fn a_canvas_has_one_or_two_pixels_for_one_of_the_page() {
        let size = |ratio| {
            let canvas = MinimapCanvas::fit(101, 50, ratio);
            (canvas.width, canvas.height)
        };
        assert_eq!([size(0.5), size(1.5), size(3.0)], [(101, 50), (151, 75), (202, 100)]);
        assert_eq!(MinimapCanvas::fit(0, 0, 1.0).size(), Vec2::ONE, "a hidden one has no size");
    }

    #[test]
    fn larger_crowds_are_larger_and_denser_up_to_a_limit() {
        let discs = [1, 4, 16, 200].map(|ships| CANVAS.crowd(ships));
        assert!(discs.is_sorted_by(|a, b| a.0 <= b.0 && a.1 <= b.1), "{discs:?}");
        assert!(discs[0] < discs[1] && discs[2] == discs[3], "{discs:?}");
        assert!(discs[3].1 <= 1.0);
    }

    #[test]
    fn a_dot_can_be_seen_on_the_smallest_canvas() {
        assert_eq!(MinimapCanvas { width: 30, height: 30, ratio: 1.0 }.dot(), 1.5);
    }

    #[test]
    fn rocks_and_blocks_are_shares_of_the_arena() {
        let mut arena = crate::game::fixture::terrain(Vec::new()).arena().clone();
        arena.size = Vec2::new(2000.0, 1000.0);
        arena.rocks = vec![Rock { centre: Vec2::new(500.0, 250.0), radius: 100.0 }];
        arena.blocks = vec![Block { centre: Vec2::new(1000.0, 500.0), half: Vec2::new(100.0, 50.0) }];
        arena.rules.view = Vec2::new(640.0, 360.0);
        let outline = MinimapOutline::of(&arena);
        assert_eq!(outline.rocks, [(Vec2::splat(0.25), 0.05)]);
        assert_eq!(outline.blocks, [(Vec2::new(0.45, 0.55), Vec2::splat(0.1))]);
        assert_eq!(outline.view_half, Vec2::new(0.32, 0.36));
    }
}
