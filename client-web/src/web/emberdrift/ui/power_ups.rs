//! What the own ship has for the moment: its streak, and what pickups give it still. It must not know how it came by
//! them.

use shared::game::rules::Pickup;
use wasm_bindgen::JsValue;

use crate::game::{
    scene::{Hud, Life},
    strings::fill,
};
use crate::web::shell::{
    dom::{Result, Shown},
    language::strings,
};

/// So many shot down with one ship are a streak.
const STREAK_MIN: u16 = 2;

/// The marks.
pub(in crate::web) struct PowerUpsView {
    streak: Shown<String>,
    has_streak: Shown<bool>,
    power_ups: [(Pickup, Shown<bool>, Shown<String>); 3],
}

impl PowerUpsView {
    /// Finds them on the page.
    pub(in crate::web) fn new() -> Result<Self> {
        let boon = |pickup, id: &str| {
            Ok::<_, JsValue>((pickup, Shown::by_id(id)?, Shown::by_id(&format!("{id}-left"))?))
        };
        Ok(Self {
            streak: Shown::by_id("streak")?,
            has_streak: Shown::by_id("streak")?,
            power_ups: [
                boon(Pickup::Shield, "boon-shield")?,
                boon(Pickup::Rapid, "boon-rapid")?,
                boon(Pickup::Magnet, "boon-magnet")?,
            ],
        })
    }

    /// Shows what there is.
    pub(in crate::web) fn update(&mut self, hud: &Hud) {
        let alive = hud.life == Life::Alive;
        let streak = Some(hud.streak).filter(|streak| alive && *streak >= STREAK_MIN);
        if let Some(streak) = streak {
            self.streak.text(&fill(strings().streak, &[&streak.to_string()]));
        }
        self.has_streak.visible(streak.is_some());
        for (pickup, visible, left) in &mut self.power_ups {
            let seconds = hud.power_ups.iter().find(|(kind, _)| kind == pickup).map(|(_, seconds)| *seconds);
            let seconds = seconds.filter(|seconds| alive && *seconds > 0.0);
            if let Some(seconds) = seconds {
                left.text(&fill(strings().seconds, &[&format!("{:.0}", seconds.ceil())]));
            }
            visible.visible(seconds.is_some());
        }
    }
}
