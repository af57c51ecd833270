//! The canvas of the game: renderer, effects, the view, and how much of it there is time to draw.

use shared::game::terrain::Terrain;
use web_sys::HtmlCanvasElement;

use super::renderer::{RenderCost, Renderer};
use crate::{
    engine::page::{
        quality::{FrameTimer, Quality, QualityControl},
        settings::QualityChoice,
        view::View,
    },
    game::{page::effects::Effects, render_detail::RenderDetail, scene::Scene},
    web::shell::{app_loop::now_ms, dom::Result},
};

pub(crate) struct Graphics {
    canvas: HtmlCanvasElement,
    /// `None` while the browser has taken the graphics card away.
    renderer: Option<Renderer>,
    effects: Effects,
    quality: QualityControl,
    frame_timer: FrameTimer,
    frame_began_ms: f64,
    view: View,
    cost: RenderCost,
    drawn: u32,
}

impl Graphics {
    /// `calm`: less is to flash and shake.
    pub(crate) fn new(canvas: &HtmlCanvasElement, calm: bool) -> Result<Self> {
        Ok(Self {
            canvas: canvas.clone(),
            renderer: Some(Renderer::new(canvas.clone())?),
            effects: Effects::new(calm),
            quality: QualityControl::default(),
            frame_timer: FrameTimer::default(),
            frame_began_ms: 0.0,
            view: View::default(),
            cost: RenderCost::default(),
            drawn: 0,
        })
    }

    /// The browser took the graphics card away, and with it everything on it.
    pub(crate) fn lose(&mut self) {
        self.renderer = None;
    }

    /// The graphics card is back: everything is made again, for this arena.
    pub(crate) fn restore(&mut self, terrain: Option<&Terrain>) -> Result<()> {
        let mut renderer = Renderer::new(self.canvas.clone())?;
        renderer.enter(terrain);
        self.renderer = Some(renderer);
        Ok(())
    }

    pub(crate) fn apply(&mut self, quality: QualityChoice, calm: bool) {
        self.quality.choose(quality);
        self.effects.set_calm(calm);
    }

    /// Shows this arena from now on.
    pub(crate) fn enter(&mut self, terrain: &Terrain) {
        self.effects.clear();
        if let Some(renderer) = &mut self.renderer {
            renderer.enter(Some(terrain));
        }
    }

    /// The work on a frame begins, `passed_ms` after the last frame.
    pub(crate) fn begin_frame(&mut self, now_ms: f64, passed_ms: f64) {
        self.frame_began_ms = now_ms;
        self.quality.on_frame(passed_ms);
    }

    /// Draws a frame. `seconds` have passed for effects since the last; what twinkles goes by `clock`, in seconds.
    /// `is_behind_card`: what the camera follows is to be beside the card in the middle.
    pub(crate) fn draw(
        &mut self,
        scene: &Scene,
        seconds: f32,
        clock: f32,
        is_behind_card: bool,
    ) -> Result<()> {
        let quality = self.quality.quality();
        self.effects.set_detail(RenderDetail::of(quality));
        self.effects.advance(scene, seconds);
        let mut resize_ms = 0.0;
        if let Some(renderer) = &mut self.renderer {
            renderer.set_quality(quality);
            // A canvas that changes its size waits for the graphics card, which is not the client's work.
            let before_ms = now_ms()?;
            self.view = renderer.view(scene.camera)?;
            resize_ms = now_ms()? - before_ms;
            let mut drawn = self.view;
            drawn.camera += self.effects.shake_offset();
            if is_behind_card {
                drawn.camera -= self.view.beside_card();
            }
            self.cost = renderer.draw(scene, &self.effects, &drawn, clock)?;
            self.drawn = self.drawn.wrapping_add(1);
        }
        self.frame_timer.record((now_ms()? - self.frame_began_ms - resize_ms) as f32);
        Ok(())
    }

    /// The view of the last frame, without shake.
    pub(crate) fn view(&self) -> View {
        self.view
    }

    pub(crate) fn quality(&self) -> Quality {
        self.quality.quality()
    }

    /// How many frames were drawn since the page was loaded.
    pub(crate) fn drawn(&self) -> u32 {
        self.drawn
    }

    /// Frames a second.
    pub(crate) fn fps(&self) -> f32 {
        self.quality.fps()
    }

    /// The client's own work on a frame, in milliseconds: mean and 95th percentile of the last frames.
    pub(crate) fn work_ms(&self) -> (f32, f32) {
        self.frame_timer.mean_and_p95_ms()
    }

    pub(crate) fn cost(&self) -> RenderCost {
        self.cost
    }
}
