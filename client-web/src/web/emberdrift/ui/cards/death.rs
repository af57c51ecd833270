//! The card between two ships: who did it, how the life had gone, the records, and a tip. Records are stored.

use std::{cell::Cell, rc::Rc};

use wasm_bindgen::JsValue;
use web_sys::{Event, HtmlElement};

use crate::{
    game::{
        life_stats::{NewRecords, Records},
        page::{
            cards::{DeathTexts, button},
            duel::result,
        },
        scene::{HudDuel, Life},
    },
    web::{
        emberdrift::language::strings,
        shell::dom::{
            Binding, Listener, Result, SCENE_ID, document, element,
            storage::{load, save},
        },
    },
};

const RECORDS_KEY: &str = "emberdrift.best";

const AGAIN_ID: &str = "death-again";
/// The button that shares the life. The script behind it (`assets/web/share.js`) reads the card, and here the hull.
const SHARE_ID: &str = "share-life";
const HULL: &str = "data-hull";

/// The card.
pub(crate) struct DeathCard {
    visible: Binding<bool>,
    headline: Binding<String>,
    killer: Binding<String>,
    /// Time, kills, embers and rank; and whether each was a new record.
    life: [(Binding<String>, Binding<bool>); 4],
    goal: Binding<String>,
    hull: Binding<String>,
    records_line: Binding<String>,
    tip: Binding<String>,
    /// Asks for the next ship, once there can be one.
    again: HtmlElement,
    again_text: Binding<String>,
    is_again_disabled: bool,
    was_again_pressed: Rc<Cell<bool>>,
    records: Records,
    beaten: NewRecords,
    deaths: usize,
    is_dead: bool,
    _click: Listener,
}

impl DeathCard {
    pub(crate) fn new() -> Result<Self> {
        let value = |id| Ok::<_, JsValue>((Binding::by_id(id)?, Binding::by_id(id)?));
        let again: HtmlElement = element(AGAIN_ID)?;
        let was_again_pressed = Rc::new(Cell::new(false));
        let clicked = Rc::clone(&was_again_pressed);
        let click = Listener::new(&again, "click", move |_: Event| clicked.set(true))?;
        Ok(Self {
            visible: Binding::by_id("death")?,
            headline: Binding::by_id("death-headline")?,
            killer: Binding::by_id("death-killer")?,
            life: [value("life-time")?, value("life-kills")?, value("life-embers")?, value("life-rank")?],
            goal: Binding::by_id("death-goal")?,
            hull: Binding::by_id(SHARE_ID)?,
            records_line: Binding::by_id("death-records")?,
            tip: Binding::by_id("death-tip")?,
            again_text: Binding::by_id(AGAIN_ID)?,
            again,
            is_again_disabled: true,
            was_again_pressed,
            records: Records::from_text(&load(RECORDS_KEY).unwrap_or_default()),
            beaten: NewRecords::default(),
            // Each visit begins with another tip.
            deaths: (js_sys::Math::random() * 100.0) as usize,
            is_dead: false,
            _click: click,
        })
    }

    /// Whether a life has ended in this browser before.
    pub(crate) fn has_records(&self) -> bool {
        self.records != Records::default()
    }

    /// Whether the button was pressed for this life.
    pub(crate) fn wants_ship(&self) -> bool {
        self.was_again_pressed.get()
    }

    /// Shows it while the own ship is gone. After a match of a duel it says who has won, and offers another.
    pub(crate) fn update(&mut self, life: &Life, duel: Option<&HudDuel>) -> Result<()> {
        let was_dead = core::mem::replace(&mut self.is_dead, matches!(life, Life::Dead { .. }));
        if let Life::Dead { respawn_seconds, by, summary } = life {
            if !was_dead {
                self.deaths += 1;
                self.beaten = self.records.update(summary);
                save(RECORDS_KEY, &self.records.to_text());
            }
            let records = (self.records, self.beaten);
            self.fill(&DeathTexts::new(by.as_ref(), summary, records, self.deaths, strings()));
            self.offer_ship(*respawn_seconds)?;
            if let Some(result) = duel.and_then(|duel| result(duel, strings())) {
                self.headline.text(&result.headline);
                self.killer.text(&result.other);
                self.again_text.text(&result.button);
            }
        }
        self.visible.visible(self.is_dead);
        if was_dead && !self.is_dead {
            self.was_again_pressed.set(false);
            // The keyboard is the new ship's; a player who is typing goes on typing.
            if [AGAIN_ID, SHARE_ID].contains(&focused_id()?.as_str()) {
                element::<HtmlElement>(SCENE_ID)?.focus()?;
            }
        }
        Ok(())
    }

    fn fill(&mut self, texts: &DeathTexts) {
        self.headline.text(&texts.headline);
        self.killer.text(&texts.killer);
        for ((value, best), (text, is_best)) in self.life.iter_mut().zip(&texts.life) {
            value.text(text);
            best.class_if(*is_best, "best", "");
        }
        self.goal.text(&texts.goal);
        self.hull.set(texts.hull.to_owned(), |button, hull| {
            // Without it the shared picture says no hull.
            let _ = button.set_attribute(HULL, hull);
        });
        self.records_line.text(&texts.records);
        self.tip.text(texts.tip);
    }

    /// The button: how long until there can be a ship; then it can be pressed, by Enter too.
    fn offer_ship(&mut self, seconds: f32) -> Result<()> {
        let is_early = seconds > 0.0;
        self.again_text.text(&button(seconds, strings()));
        if is_early != core::mem::replace(&mut self.is_again_disabled, is_early) {
            if is_early {
                self.again.set_attribute("disabled", "")?;
            } else {
                self.again.remove_attribute("disabled")?;
                if ["", SCENE_ID].contains(&focused_id()?.as_str()) {
                    self.again.focus()?;
                }
            }
        }
        Ok(())
    }
}

/// The id of the element with the keyboard's focus; empty if it has none.
fn focused_id() -> Result<String> {
    Ok(document()?.active_element().map(|element| element.id()).unwrap_or_default())
}
