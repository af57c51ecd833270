//! The card between two ships: who it was, how the life had gone, what was the best of all, and something to learn.
//! Keeps the records. It must not know how anybody dies.

use std::{cell::Cell, rc::Rc};

use shared::game::pilot::PilotKind;
use wasm_bindgen::JsValue;
use web_sys::{Event, HtmlElement};

use crate::game::{
    life_stats::{NewRecords, Records, minutes},
    scene::{Killer, Life, LifeSummary},
    strings::{Strings, fill},
};
use crate::web::shell::{
    dom::{Listener, Result, Shown, document, element, keep, recall},
    language::strings,
};

/// Where the records are kept.
const KEPT: &str = "emberdrift.best";

const AGAIN: &str = "death-again";
const SCENE: &str = "scene";

/// The card.
pub(in crate::web) struct DeathCard {
    visible: Shown<bool>,
    by: Shown<String>,
    how: Shown<String>,
    /// How long, kills, embers, rank; and whether it was the best of all.
    run: [(Shown<String>, Shown<bool>); 4],
    best: Shown<String>,
    /// Asks for the next ship, once there may be one.
    again: HtmlElement,
    /// Whether it cannot be pressed yet.
    is_early: bool,
    label: Shown<String>,
    agreed: Rc<Cell<bool>>,
    tip: Shown<String>,
    records: Records,
    beaten: NewRecords,
    deaths: usize,
    is_dead: bool,
    _click: Listener,
}

impl DeathCard {
    /// Finds its parts on the page.
    pub(in crate::web) fn new() -> Result<Self> {
        let value = |id| Ok::<_, JsValue>((Shown::by_id(id)?, Shown::by_id(id)?));
        let again: HtmlElement = element(AGAIN)?;
        let agreed = Rc::new(Cell::new(false));
        let clicked = Rc::clone(&agreed);
        let click = Listener::new(&again, "click", move |_: Event| clicked.set(true))?;
        Ok(Self {
            visible: Shown::by_id("death")?,
            by: Shown::by_id("death-by")?,
            how: Shown::by_id("death-how")?,
            run: [value("run-time")?, value("run-kills")?, value("run-embers")?, value("run-rank")?],
            best: Shown::by_id("death-best")?,
            label: Shown::by_id(AGAIN)?,
            again,
            is_early: true,
            agreed,
            tip: Shown::by_id("death-tip")?,
            records: Records::from_text(&recall(KEPT).unwrap_or_default()),
            beaten: NewRecords::default(),
            // Another tip to begin with at each visit.
            deaths: (js_sys::Math::random() * 100.0) as usize,
            is_dead: false,
            _click: click,
        })
    }

    /// Whether the pilot asked for the next ship.
    pub(in crate::web) fn agreed(&self) -> bool {
        self.agreed.get()
    }

    /// Shows it as long as the own ship is gone.
    pub(in crate::web) fn update(&mut self, life: &Life) -> Result<()> {
        let was_dead = core::mem::replace(&mut self.is_dead, matches!(life, Life::Dead { .. }));
        if let Life::Dead { respawn_seconds, by, summary } = life {
            if !was_dead {
                self.deaths += 1;
                self.beaten = self.records.update(summary);
                keep(KEPT, &self.records.to_text());
            }
            self.fill(strings(), by.as_ref(), summary);
            self.offer(*respawn_seconds)?;
        }
        self.visible.visible(self.is_dead);
        if was_dead && !self.is_dead {
            self.agreed.set(false);
            // The keyboard is the new ship's, and whoever types goes on typing.
            if focused()? == AGAIN {
                element::<HtmlElement>(SCENE)?.focus()?;
            }
        }
        Ok(())
    }

    /// The button: how long until there may be a ship, and then that it be asked for, by Enter too.
    fn offer(&mut self, seconds: f32) -> Result<()> {
        let is_early = seconds > 0.0;
        self.label.text(&if is_early {
            fill(strings().respawn_in, &[&format!("{:.0}", seconds.ceil())])
        } else {
            strings().fly_again.to_owned()
        });
        if is_early != core::mem::replace(&mut self.is_early, is_early) {
            if is_early {
                self.again.set_attribute("disabled", "")?;
            } else {
                self.again.remove_attribute("disabled")?;
                if ["", SCENE].contains(&focused()?.as_str()) {
                    self.again.focus()?;
                }
            }
        }
        Ok(())
    }

    fn fill(&mut self, words: &Strings, by: Option<&Killer>, run: &LifeSummary) {
        match by {
            Some(killer) => {
                self.by.text(&fill(words.killed_by, &[&killer.name]));
                let what = match killer.kind {
                    PilotKind::Drone => words.by_drone,
                    PilotKind::Player => words.by_pilot,
                };
                self.how.text(&fill(what, &[words.hull_name(killer.tier)]));
            }
            None => {
                self.by.text(words.destroyed);
                self.how.text("");
            }
        }
        let rank = if run.rank == 0 { "–".to_owned() } else { run.rank.to_string() };
        let texts = [minutes(run.seconds as u32), run.kills.to_string(), run.embers.to_string(), rank];
        let beaten = [self.beaten.seconds, self.beaten.kills, self.beaten.embers, false];
        for (((value, best), text), is_best) in self.run.iter_mut().zip(texts).zip(beaten) {
            value.text(&text);
            best.show(is_best, |element, is_best| element.set_class_name(if *is_best { "best" } else { "" }));
        }
        let best = if self.beaten.any() { words.new_best } else { words.best };
        let Records { seconds, embers, .. } = self.records;
        self.best.text(&fill(best, &[&minutes(seconds), &embers.to_string()]));
        let tips = words.tips();
        self.tip.text(tips[self.deaths % tips.len()]);
    }
}

/// The id of what the keyboard is with; empty if it is with nothing of the page.
fn focused() -> Result<String> {
    Ok(document()?.active_element().map(|element| element.id()).unwrap_or_default())
}
