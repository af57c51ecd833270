//! One frame: the player's input goes in, and the picture of this moment is painted.

use shared::{Vec2, engine::game_trait::Game};

use super::App;
use crate::{
    engine::page::{
        camera::Target,
        game_page::Page,
        quality::Quality,
        strings::ENGLISH,
        view::{Surface, View},
    },
    web::shell::{
        app_loop::now_ms,
        connection::Connection,
        dom::{Result, fit_canvas},
    },
};

/// A frame that comes later than this, in milliseconds, is not counted as rendering time: the page was hidden or blocked.
const PAUSE_MS: f64 = 1000.0;
/// Half of the width and height that is shown at least, in world units.
const VIEW_MIN: f32 = 64.0;

impl<P: Page> App<P> {
    pub(super) fn frame(&mut self) -> Result<()> {
        let now_ms = now_ms()?;
        let passed_ms = now_ms - self.last_frame_ms.replace(now_ms).unwrap_or(now_ms);
        self.quality.on_frame(passed_ms);
        if self.input.take_lag_readout() {
            self.lag.toggle();
        }
        // Neither silence nor the frame that ends it waits for the next look.
        if self.is_silent(now_ms) != self.lag.shows_silence() {
            self.poll()?;
        }
        let is_playing = self.connection.as_ref().is_some_and(Connection::is_playing);
        self.hud.set_visible(self.connection.as_ref().is_some_and(Connection::has_played));
        self.input.set_active(is_playing);
        self.exchange_chat(is_playing, now_ms)?;
        self.update_picture(is_playing, now_ms);
        if let Some(connection) = &mut self.connection
            && passed_ms < PAUSE_MS
        {
            // From the picture, drawn now, until the next frame replaces it on the screen.
            connection.rendered(passed_ms);
        }
        self.input.draw();
        self.paint()
    }

    /// Takes the picture of this moment from the connection. Without one the last moment stands still.
    fn update_picture(&mut self, is_playing: bool, now_ms: f64) {
        let Some(connection) = self.connection.as_mut().filter(|connection| connection.is_in_game()) else {
            return;
        };
        self.wanted =
            if is_playing { P::input(&self.input.controls()) } else { <P::Game as Game>::Input::default() };
        connection.advance(now_ms, self.wanted);
        self.picture.clear();
        connection.scene(now_ms, &mut self.picture);
        self.hud.show_status(self.picture.status_line());
        let target = match (self.picture.camera(), connection.session().focus(now_ms)) {
            (Some(place), _) => Target::Own(place),
            (None, Some(place)) if is_playing => Target::Own(place),
            (None, Some(place)) => Target::Watched(place),
            (None, None) => Target::Stay,
        };
        self.camera.update(target, now_ms);
    }

    fn paint(&mut self) -> Result<()> {
        // A canvas in two dimensions is painted by the processor where there is no graphics card.
        let ratio_max = match self.quality.quality() {
            Quality::Low => 1.0,
            Quality::Medium => 1.5,
            Quality::High => 2.0,
        };
        let surface: Surface = fit_canvas(self.canvas.element(), ratio_max, 1.0)?;
        let Some((size, view)) = self.sizes else {
            self.canvas.clear();
            return Ok(());
        };
        let camera = self.camera.position().unwrap_or(size / 2.0);
        // A view of nothing would have an endless scale.
        let mut view = View::new(surface, camera, view.max(Vec2::splat(VIEW_MIN)));
        if !self.connection.as_ref().is_some_and(Connection::has_played) {
            // The start card covers the middle.
            view.camera -= view.beside_card();
        }
        self.floor.clear();
        self.floor.floor(size, &view);
        self.canvas.paint(&self.floor, &view)?;
        self.canvas.paint(&self.picture, &view)
    }

    /// Shows what was said, and says what was typed.
    fn exchange_chat(&mut self, is_playing: bool, now_ms: f64) -> Result<()> {
        let typed = self.chat.update(is_playing, true, &ENGLISH, now_ms)?;
        let Some(connection) = &mut self.connection else { return Ok(()) };
        for entry in connection.take_chat(self.chat.log()) {
            self.chat.add(entry, &ENGLISH, now_ms)?;
        }
        if let Some(line) = typed {
            connection.say(&line);
        }
        Ok(())
    }
}
