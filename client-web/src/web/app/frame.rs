//! One frame: the player's input goes in, and the scene of this moment is drawn and heard.

use shared::Vec2;

use super::{App, Connection};
use crate::{
    game::{page::attract, scene::Life},
    web::{
        emberdrift::language::page_strings,
        shell::{
            app_loop::now_ms,
            dom::{Result, press_confirm_button},
        },
    },
};

/// A frame that comes later than this, in milliseconds, is not counted as rendering time: the page was hidden or blocked.
const PAUSE_MS: f64 = 1000.0;
/// Effects advance at most this many seconds in a frame.
const STEP_SECONDS_MAX: f64 = 0.1;
/// Everything that twinkles repeats after this many seconds: a small number keeps its fractions.
const CLOCK_SECONDS: f64 = 3600.0;

impl App {
    pub(super) fn frame(&mut self) -> Result<()> {
        let now_ms = now_ms()?;
        let passed_ms = now_ms - self.last_frame_ms.replace(now_ms).unwrap_or(now_ms);
        self.graphics.begin_frame(now_ms, passed_ms);
        if self.input.take_lag_readout() {
            self.ui.lag.toggle();
        }

        // Neither silence nor the frame that ends it waits for the next look.
        if self.is_silent(now_ms) != self.ui.lag.shows_silence() {
            self.poll()?;
        }
        let is_playing = self.connection.as_ref().is_some_and(Connection::is_playing);
        let has_played = self.connection.as_ref().is_some_and(Connection::has_played);
        if self.input.poll(is_playing)? {
            press_confirm_button()?;
        }
        self.ui.hud.set_visible(has_played);
        self.exchange_chat(is_playing, now_ms)?;
        self.update_scene(is_playing, now_ms)?;
        if let Some(connection) = &mut self.connection
            && passed_ms < PAUSE_MS
        {
            // From the scene, drawn now, until the next frame replaces it on the screen.
            connection.rendered(passed_ms);
        }

        if is_playing {
            self.sound.advance(&self.scene, self.graphics.view().half, now_ms);
        } else {
            self.sound.rest();
        }
        let seconds = (passed_ms / 1000.0).clamp(0.0, STEP_SECONDS_MAX) as f32;
        let clock = (now_ms / 1000.0 % CLOCK_SECONDS) as f32;
        let is_behind_card = !is_playing && self.has_arena && !has_played;
        self.graphics.draw(&self.scene, seconds, clock, is_behind_card)
    }

    /// Takes the scene of this moment from the connection, or from what there is without one.
    fn update_scene(&mut self, is_playing: bool, now_ms: f64) -> Result<()> {
        if let Some(connection) = &mut self.connection
            && connection.is_in_game()
        {
            let own = self.scene.ships.iter().find(|ship| ship.own);
            let place = own.map_or(self.scene.camera, |ship| ship.position);
            let waits = matches!(self.scene.hud.life, Life::Dead { .. });
            let place = self.graphics.view().to_page(place);
            self.wanted = self.input.sample(place, waits, self.ui.hud.wants_ship(), now_ms);
            connection.advance(now_ms, self.wanted);
            connection.scene(now_ms, &mut self.scene);
            if is_playing {
                if let Some(trace) = &mut self.trace {
                    let own = self.scene.ships.iter().find(|ship| ship.own);
                    trace.record(now_ms, own.map(|ship| ship.position));
                }
                self.ui.hud.update(&self.scene, self.input.scheme(), now_ms)?;
                if self.ui.hud.take_triumph() {
                    self.sound.triumph();
                }
            }
        } else if self.has_arena {
            // The last moment stands still until the connection is back.
            self.scene.events.clear();
            self.scene.ships.iter_mut().for_each(|ship| ship.velocity = Vec2::ZERO);
        } else {
            attract::fill(&mut self.scene, (now_ms / 1000.0) as f32);
        }
        Ok(())
    }

    /// Shows what was said, and says what was typed.
    fn exchange_chat(&mut self, is_playing: bool, now_ms: f64) -> Result<()> {
        // Without a ship, Enter asks for one.
        let opens_by_enter = !matches!(self.scene.hud.life, Life::Dead { .. });
        let typed = self.ui.chat.update(is_playing, opens_by_enter, page_strings(), now_ms)?;
        let Some(connection) = &mut self.connection else { return Ok(()) };
        for entry in connection.take_chat(self.ui.chat.log()) {
            self.ui.chat.add(entry, page_strings(), now_ms)?;
        }
        if let Some(line) = typed {
            connection.say(&line);
        }
        Ok(())
    }
}
