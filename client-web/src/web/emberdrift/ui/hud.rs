//! The HUD over the canvas: own ship, lists, minimap, death. Writes to the page only what changed. It must not
//! know the socket or the canvas of the game.

use shared::game::terrain::Terrain;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use super::{
    compass::Compass,
    death_card::DeathCard,
    lists::{Feed, Leaderboard},
    minimap::MinimapView,
};
use crate::game::{
    scene::{Hud, Life, Scene, SceneEvent},
    strings::fill,
};
use crate::web::{
    emberdrift::ui::{hints::HintLine, power_ups::PowerUpsView},
    shell::{
        dom::{Result, Shown, element},
        language::strings,
    },
};

/// Between two refreshes of lists and numbers, in milliseconds.
const REFRESH_MS: f64 = 100.0;
/// How long the red flash of a hit stays, in milliseconds.
const FLASH_MS: f64 = 70.0;
/// Below this share of health the bar warns.
const LOW_HEALTH: f32 = 0.35;

/// The HUD.
pub(in crate::web) struct HudView {
    visible: Shown<bool>,
    players: Shown<u32>,
    players_word: Shown<String>,
    ships: Shown<u32>,
    embers: Shown<u32>,
    next_tier: Shown<String>,
    growth: Bar,
    health: Bar,
    health_level: Shown<bool>,
    tiers: Vec<Shown<bool>>,
    hint: Shown<String>,
    death: DeathCard,
    coach: HintLine,
    power_ups: PowerUpsView,
    compass: Compass,
    flash: Shown<bool>,
    flash_until_ms: f64,
    leaderboard: Leaderboard,
    feed: Feed,
    minimap: MinimapView,
    own_name: String,
    refresh_at_ms: f64,
}

impl HudView {
    /// Finds its parts on the page.
    pub(in crate::web) fn new() -> Result<Self> {
        let diamonds = element::<Element>("tiers")?.children();
        let tiers = (0..diamonds.length())
            .filter_map(|i| diamonds.item(i))
            .filter_map(|diamond| diamond.dyn_into::<HtmlElement>().ok())
            .map(Shown::new)
            .collect();
        Ok(Self {
            visible: Shown::by_id("hud")?,
            players: Shown::by_id("players")?,
            players_word: Shown::by_id("players-word")?,
            ships: Shown::by_id("ships")?,
            embers: Shown::by_id("embers")?,
            next_tier: Shown::by_id("next-tier")?,
            growth: Bar::new("growth")?,
            health: Bar::new("health")?,
            health_level: Shown::by_id("health")?,
            tiers,
            hint: Shown::by_id("hint")?,
            death: DeathCard::new()?,
            coach: HintLine::new()?,
            power_ups: PowerUpsView::new()?,
            compass: Compass::new()?,
            flash: Shown::by_id("flash")?,
            flash_until_ms: 0.0,
            leaderboard: Leaderboard::new()?,
            feed: Feed::new()?,
            minimap: MinimapView::new()?,
            own_name: String::new(),
            refresh_at_ms: 0.0,
        })
    }

    /// Shows or hides all of it.
    pub(in crate::web) fn set_visible(&mut self, visible: bool) {
        self.visible.visible(visible);
    }

    /// Shows this arena and this pilot from now on.
    pub(in crate::web) fn enter(&mut self, terrain: &Terrain, own_name: &str) {
        own_name.clone_into(&mut self.own_name);
        self.minimap.enter(terrain);
        self.compass.enter(terrain);
        self.refresh_at_ms = 0.0;
    }

    /// Takes in a new moment.
    pub(in crate::web) fn update(&mut self, scene: &Scene, now_ms: f64) -> Result<()> {
        let hud = &scene.hud;
        for kill in &hud.kills {
            self.feed.add(kill, now_ms)?;
        }
        let hit = |event: &SceneEvent| matches!(event, SceneEvent::ShipHit { own: true, .. });
        if scene.events.iter().any(hit) {
            self.flash_until_ms = now_ms + FLASH_MS;
        }
        self.flash.show(now_ms < self.flash_until_ms, |flash, on| {
            flash.set_class_name(if *on { "on" } else { "" });
        });
        self.death.update(&hud.life)?;
        self.coach.update(scene, now_ms)?;
        self.embers.number(hud.embers);
        if now_ms >= self.refresh_at_ms {
            self.refresh_at_ms = now_ms + REFRESH_MS;
            self.refresh(hud, now_ms)?;
        }
        Ok(())
    }

    /// Whether the pilot without a ship asked for the next on the card.
    pub(in crate::web) fn wants_ship(&self) -> bool {
        self.death.agreed()
    }

    fn refresh(&mut self, hud: &Hud, now_ms: f64) -> Result<()> {
        self.players.number(u32::from(hud.players));
        let words = strings();
        self.players_word.text(if hud.players == 1 { words.pilot } else { words.pilots });
        self.ships.number(u32::from(hud.ships));
        self.show_growth(hud);
        self.health.show(hud.health);
        self.health_level.show(hud.health < LOW_HEALTH, |bar, low| {
            let _ = bar.set_attribute("data-level", if *low { "low" } else { "fine" });
        });
        self.hint.text(match hud.life {
            // Before that nobody knows what is empty.
            Life::Alive if hud.embers == 0 && self.coach.has_taught() => words.hint_no_embers,
            Life::Alive if hud.health < LOW_HEALTH => words.hint_hull,
            _ => "",
        });
        // Without a name wished for, the server chose one.
        let own_name = if self.own_name.is_empty() { words.you } else { &self.own_name };
        self.leaderboard.show(hud, own_name);
        self.feed.age(now_ms);
        self.power_ups.update(hud);
        self.compass.update(&hud.minimap, &hud.life)?;
        self.minimap.draw(&hud.minimap)
    }

    fn show_growth(&mut self, hud: &Hud) {
        let (text, share) = match hud.next_tier_at {
            Some(at) => {
                let missing = at.saturating_sub(hud.embers);
                let share = hud.embers as f32 / at.max(1) as f32;
                (fill(strings().to_next_hull, &[&missing.to_string()]), share)
            }
            None => (strings().largest_hull.to_owned(), 1.0),
        };
        self.next_tier.text(&text);
        self.growth.show(share);
        for (i, diamond) in self.tiers.iter_mut().enumerate() {
            diamond.show(i <= usize::from(hud.tier), |diamond, on| {
                diamond.set_class_name(if *on { "on" } else { "" });
            });
        }
    }
}

/// Lengths of a bar that are told apart: one for each of its pixels, so that a smaller change costs nothing.
const STEPS: f32 = 500.0;

/// A bar with a filling.
struct Bar {
    frame: HtmlElement,
    fill: Shown<u32>,
}

impl Bar {
    fn new(id: &str) -> Result<Self> {
        Ok(Self { frame: element(id)?, fill: Shown::by_id(&format!("{id}-fill"))? })
    }

    fn show(&mut self, share: f32) {
        let frame = &self.frame;
        self.fill.show((share.clamp(0.0, 1.0) * STEPS) as u32, |fill, steps| {
            let share = *steps as f32 / STEPS;
            // A bar that cannot be drawn is only a bar.
            let _ = fill.style().set_property("transform", &format!("scaleX({share})"));
            let _ = frame.set_attribute("aria-valuenow", &format!("{:.0}", share * 100.0));
        });
    }
}
