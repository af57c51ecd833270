//! The arena from above, in a corner: rocks, blocks, crowds, the beacon and the own ship. It must not know the scene.

use shared::{Vec2, game::terrain::Terrain};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

use crate::game::scene::Minimap;
use crate::web::shell::dom::{Result, element, window};

/// The drawing, and what it is drawn on.
pub(in crate::web) struct MinimapView {
    canvas: HtmlCanvasElement,
    context: CanvasRenderingContext2d,
    /// Rocks as shares of the arena: middle, radius across.
    rocks: Vec<(Vec2, f32)>,
    /// Blocks as shares of the arena: upper left corner, size.
    blocks: Vec<(Vec2, Vec2)>,
    /// Half of the view as a share of the arena.
    sight: Vec2,
    last: Option<(Minimap, u32, u32)>,
}

impl MinimapView {
    /// Finds its canvas.
    pub(in crate::web) fn new() -> Result<Self> {
        let canvas: HtmlCanvasElement = element("minimap")?;
        let context = canvas
            .get_context("2d")?
            .and_then(|context| context.dyn_into::<CanvasRenderingContext2d>().ok())
            .ok_or_else(|| JsValue::from_str("this browser has no 2D canvas"))?;
        Ok(Self { canvas, context, rocks: Vec::new(), blocks: Vec::new(), sight: Vec2::ZERO, last: None })
    }

    /// Shows this arena from now on.
    pub(in crate::web) fn enter(&mut self, terrain: &Terrain) {
        let arena = terrain.arena();
        let share = |rock: &shared::game::arena::Rock| {
            (rock.centre / arena.size, rock.radius / arena.size.max_element())
        };
        self.rocks = arena.rocks.iter().map(share).collect();
        let share = |block: &shared::game::arena::Block| {
            let corner = block.centre + block.half * Vec2::new(-1.0, 1.0);
            (corner / arena.size, block.half * 2.0 / arena.size)
        };
        self.blocks = arena.blocks.iter().map(share).collect();
        self.sight = arena.rules.view / arena.size;
        self.last = None;
    }

    /// Draws it, if anything changed.
    pub(in crate::web) fn draw(&mut self, map: &Minimap) -> Result<()> {
        let ratio = window()?.device_pixel_ratio().clamp(1.0, 2.0);
        let pixels = |css: i32| ((f64::from(css) * ratio) as u32).max(1);
        let (width, height) = (pixels(self.canvas.client_width()), pixels(self.canvas.client_height()));
        let now = (map.clone(), width, height);
        if self.last.as_ref() == Some(&now) {
            return Ok(());
        }
        if self.canvas.width() != width || self.canvas.height() != height {
            self.canvas.set_width(width);
            self.canvas.set_height(height);
        }
        let size = Vec2::new(width as f32, height as f32);
        let dot = (ratio * f64::from(size.min_element()) / ratio / 90.0).max(1.5);
        let context = &self.context;
        context.clear_rect(0.0, 0.0, f64::from(width), f64::from(height));

        context.set_fill_style_str("rgba(130,155,215,0.20)");
        for (middle, radius) in &self.rocks {
            self.disc(*middle, size, (f64::from(*radius) * f64::from(size.max_element())).max(0.8))?;
        }
        context.set_fill_style_str("rgba(130,155,215,0.42)");
        for (corner, share) in &self.blocks {
            let ((x, y), span) = (place(*corner, size), *share * size);
            context.fill_rect(x, y, f64::from(span.x).max(ratio), f64::from(span.y).max(ratio));
        }
        for (middle, count) in &map.crowds {
            let share = (f64::from(*count).sqrt() / 4.0).min(1.0);
            context.set_fill_style_str(&format!("rgba(255,150,96,{:.2})", 0.30 + 0.5 * share));
            self.disc(*middle, size, dot * (1.3 + 2.0 * share))?;
        }
        if let Some(beacon) = map.beacon {
            context.set_stroke_style_str("#ffd65c");
            context.set_line_width(dot * 0.7);
            let (x, y) = place(beacon, size);
            let reach = dot * 3.0;
            // A four-pointed star: a shape of its own, not only a colour.
            context.begin_path();
            for (dx, dy) in [(0.0, -1.0), (1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0)] {
                context.line_to(x + dx * reach, y + dy * reach);
            }
            context.stroke();
        }
        if let Some(own) = map.own {
            let (x, y) = place(own, size);
            let half = self.sight * size;
            context.set_stroke_style_str("rgba(127,227,255,0.38)");
            context.set_line_width(ratio);
            let (half_x, half_y) = (f64::from(half.x), f64::from(half.y));
            context.stroke_rect(x - half_x, y - half_y, half_x * 2.0, half_y * 2.0);
            context.set_fill_style_str("#bff3ff");
            self.disc(own, size, dot * 1.9)?;
        }
        self.last = Some(now);
        Ok(())
    }

    fn disc(&self, share: Vec2, size: Vec2, radius: f64) -> Result<()> {
        let (x, y) = place(share, size);
        self.context.begin_path();
        self.context.arc(x, y, radius, 0.0, core::f64::consts::TAU)?;
        self.context.fill();
        Ok(())
    }
}

/// Where a share of the arena is on the canvas, whose y goes down.
fn place(share: Vec2, size: Vec2) -> (f64, f64) {
    let at = Vec2::new(share.x, 1.0 - share.y) * size;
    (f64::from(at.x), f64::from(at.y))
}
