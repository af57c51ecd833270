//! The HUD over the canvas, and in it the line that tells a newcomer what to do. It writes to the page only what changed.

mod goals;
mod lists;
mod minimap;
mod moment;
mod vitals;

use shared::game::terrain::Terrain;

use self::{
    goals::GoalsView,
    lists::{DuelView, KillFeed, Leaderboard, Teams},
    minimap::{CompassView, MinimapView},
    moment::MomentView,
    vitals::Vitals,
};
use super::cards::death::DeathCard;
use crate::{
    game::{
        controls::ControlScheme,
        page::hint_line::{HintLine, text},
        scene::{self, Scene, SceneEvent},
        tutorial::{Hint, Tutorial},
    },
    web::{
        emberdrift::language::strings,
        shell::dom::{
            Binding, Result,
            storage::{load, save},
        },
    },
};

/// Where the browser stores what the player has learnt.
const TUTORIAL_KEY: &str = "emberdrift.learnt";

/// Between two refreshes of lists and numbers.
const REFRESH_MS: f64 = 100.0;
/// How long the red flash of a hit stays.
const FLASH_MS: f64 = 70.0;

/// The HUD, and the death card in the middle of it.
pub(crate) struct Hud {
    visible: Binding<bool>,
    players: Binding<u32>,
    players_label: Binding<String>,
    ships: Binding<u32>,
    ships_label: Binding<String>,
    vitals: Vitals,
    death: DeathCard,
    hints: Hints,
    goals: GoalsView,
    moment: MomentView,
    compass: CompassView,
    flash: Binding<bool>,
    flash_until_ms: f64,
    duel: DuelView,
    teams: Teams,
    leaderboard: Leaderboard,
    kill_feed: KillFeed,
    minimap: MinimapView,
    own_name: String,
    refresh_at_ms: f64,
}

impl Hud {
    pub(crate) fn new() -> Result<Self> {
        let death = DeathCard::new()?;
        Ok(Self {
            visible: Binding::by_id("hud")?,
            players: Binding::by_id("players")?,
            players_label: Binding::by_id("players-label")?,
            ships: Binding::by_id("ships")?,
            ships_label: Binding::by_id("ships-label")?,
            vitals: Vitals::new()?,
            hints: Hints::new()?,
            goals: GoalsView::new(death.has_records())?,
            death,
            moment: MomentView::new()?,
            compass: CompassView::new()?,
            flash: Binding::by_id("flash")?,
            flash_until_ms: 0.0,
            duel: DuelView::new()?,
            teams: Teams::new()?,
            leaderboard: Leaderboard::new()?,
            kill_feed: KillFeed::new()?,
            minimap: MinimapView::new()?,
            own_name: String::new(),
            refresh_at_ms: 0.0,
        })
    }

    pub(crate) fn set_visible(&mut self, visible: bool) {
        self.visible.visible(visible);
    }

    /// Shows this arena and this player from now on.
    pub(crate) fn enter(&mut self, terrain: &Terrain, own_name: &str) {
        own_name.clone_into(&mut self.own_name);
        self.minimap.enter(terrain);
        self.compass.enter(terrain);
        self.moment.enter();
        self.refresh_at_ms = 0.0;
    }

    /// Shows the scene of this frame; hints are for these controls.
    pub(crate) fn update(&mut self, scene: &Scene, controls: ControlScheme, now_ms: f64) -> Result<()> {
        let hud = &scene.hud;
        for kill in &hud.kills {
            self.kill_feed.add(kill, now_ms)?;
        }
        let is_own_hit = |event: &SceneEvent| matches!(event, SceneEvent::ShipHit { own: true, .. });
        if scene.events.iter().any(is_own_hit) {
            self.flash_until_ms = now_ms + FLASH_MS;
        }
        self.flash.class_if(now_ms < self.flash_until_ms, "on", "");
        self.death.update(&hud.life, hud.duel.as_ref())?;
        self.hints.update(scene, controls, now_ms);
        self.goals.update(hud, self.hints.line.hint() == Some(Hint::Collect), now_ms);
        self.moment.update(hud, now_ms);
        self.vitals.show_embers(hud.embers);
        if now_ms >= self.refresh_at_ms {
            self.refresh_at_ms = now_ms + REFRESH_MS;
            self.refresh(hud, now_ms)?;
        }
        Ok(())
    }

    /// Whether a player without a ship asked for the next one on the card.
    pub(crate) fn wants_ship(&self) -> bool {
        self.death.wants_ship()
    }

    /// Whether a moment began that no other sound says; once for each.
    pub(crate) fn take_triumph(&mut self) -> bool {
        self.moment.take_triumph()
    }

    fn refresh(&mut self, hud: &scene::Hud, now_ms: f64) -> Result<()> {
        let strings = strings();
        self.players.number(u32::from(hud.players));
        self.players_label.text(if hud.players == 1 { strings.pilot } else { strings.pilots });
        self.ships.number(u32::from(hud.ships));
        self.ships_label.text(strings.ships_word(u32::from(hud.ships)));
        self.vitals.refresh(hud, self.hints.is_in_tutorial());
        // A player who asked for no name got one from the server.
        let own_name = match (self.own_name.is_empty(), hud.own_label.is_empty()) {
            (true, _) => strings.you,
            (false, true) => &self.own_name,
            (false, false) => &hud.own_label,
        };
        self.duel.show(hud.duel.as_ref());
        self.teams.show(&hud.teams);
        self.leaderboard.show(hud, own_name);
        self.kill_feed.age(now_ms);
        self.compass.update(&hud.minimap, &hud.life)?;
        self.minimap.draw(&hud.minimap)
    }
}

/// The line that tells a newcomer what to do.
struct Hints {
    line: HintLine,
    text: Binding<String>,
    visible: Binding<bool>,
}

impl Hints {
    fn new() -> Result<Self> {
        Ok(Self {
            line: HintLine::new(Tutorial::from_text(&load(TUTORIAL_KEY).unwrap_or_default())),
            text: Binding::by_id("hint")?,
            visible: Binding::by_id("hint")?,
        })
    }

    /// Whether there is something left to learn.
    fn is_in_tutorial(&self) -> bool {
        self.line.is_in_tutorial()
    }

    fn update(&mut self, scene: &Scene, controls: ControlScheme, now_ms: f64) {
        if self.line.advance(scene, now_ms) {
            save(TUTORIAL_KEY, &self.line.tutorial().to_text());
        }
        let hint = self.line.hint();
        if let Some(hint) = hint {
            self.text.text(text(hint, controls, strings()));
        }
        self.visible.visible(hint.is_some());
    }
}
