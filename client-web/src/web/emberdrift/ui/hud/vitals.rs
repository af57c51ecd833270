//! The own ship in the HUD: embers, growth, health, size, a warning, and what it has for the moment: its streak and
//! power-ups.

use shared::game::ember::Pickup;
use wasm_bindgen::JsValue;
use web_sys::HtmlElement;

use crate::{
    game::{page::vitals, scene::Hud, strings::fill},
    web::{
        emberdrift::language::strings,
        shell::dom::{Binding, Result, children, element},
    },
};

/// The own ship's numbers.
pub(crate) struct Vitals {
    embers: Binding<u32>,
    next_tier: Binding<String>,
    growth: Bar,
    health: Bar,
    is_health_low: Binding<bool>,
    /// A diamond for each size.
    tiers: Vec<Binding<bool>>,
    warning: Binding<String>,
    streak: Binding<String>,
    has_streak: Binding<bool>,
    power_ups: [(Pickup, Binding<bool>, Binding<String>); 3],
}

impl Vitals {
    pub(crate) fn new() -> Result<Self> {
        let power_up = |pickup, id: &str| {
            Ok::<_, JsValue>((pickup, Binding::by_id(id)?, Binding::by_id(&format!("{id}-left"))?))
        };
        Ok(Self {
            embers: Binding::by_id("embers")?,
            next_tier: Binding::by_id("next-tier")?,
            growth: Bar::new("growth")?,
            health: Bar::new("health")?,
            is_health_low: Binding::by_id("health")?,
            tiers: children("tiers")?.into_iter().map(Binding::new).collect(),
            warning: Binding::by_id("warning")?,
            streak: Binding::by_id("streak")?,
            has_streak: Binding::by_id("streak")?,
            power_ups: [
                power_up(Pickup::Shield, "power-up-shield")?,
                power_up(Pickup::Rapid, "power-up-rapid")?,
                power_up(Pickup::Magnet, "power-up-magnet")?,
            ],
        })
    }

    /// What has to be right in every frame.
    pub(crate) fn show_embers(&mut self, embers: u32) {
        self.embers.number(embers);
    }

    /// Everything else.
    pub(crate) fn refresh(&mut self, hud: &Hud, is_in_tutorial: bool) {
        let (text, share) = vitals::growth(hud, strings());
        self.next_tier.text(&text);
        self.growth.show(share);
        for (i, diamond) in self.tiers.iter_mut().enumerate() {
            diamond.class_if(i <= usize::from(hud.tier), "on", "");
        }
        self.health.show(hud.health);
        self.is_health_low.set(vitals::is_health_low(hud), |bar, low| {
            // Only a colour: the bar's length says it too.
            let _ = bar.set_attribute("data-level", if *low { "low" } else { "fine" });
        });
        self.warning.text(vitals::warning(hud, is_in_tutorial, strings()));
        let streak = vitals::streak(hud, strings());
        self.has_streak.visible(streak.is_some());
        if let Some(streak) = streak {
            self.streak.text(&streak);
        }
        for (pickup, visible, left) in &mut self.power_ups {
            let seconds = vitals::power_up_seconds(hud, *pickup);
            visible.visible(seconds.is_some());
            if let Some(seconds) = seconds {
                left.text(&fill(strings().seconds, &[&seconds.to_string()]));
            }
        }
    }
}

/// A bar that fills.
struct Bar {
    frame: HtmlElement,
    fill: Binding<u32>,
}

impl Bar {
    /// With this id; its filling has `-fill` behind it.
    fn new(id: &str) -> Result<Self> {
        Ok(Self { frame: element(id)?, fill: Binding::by_id(&format!("{id}-fill"))? })
    }

    fn show(&mut self, share: f32) {
        let frame = &self.frame;
        self.fill.set(vitals::bar_step(share), |fill, step| {
            let share = vitals::bar_share(*step);
            // A bar that cannot be drawn is not worth an error.
            let _ = fill.style().set_property("transform", &format!("scaleX({share})"));
            let _ = frame.set_attribute("aria-valuenow", &format!("{:.0}", share * 100.0));
        });
    }
}
