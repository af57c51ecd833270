//! The settings: a dialog over the game, which goes on behind it, and what was chosen there, remembered for the next
//! visit. It must not know what becomes of a choice, but for the language and the style of the page.

use std::{cell::RefCell, rc::Rc};

use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlDialogElement, HtmlElement, HtmlInputElement, KeyboardEvent};

use super::{
    dom::{self, Listener, Result, document, element, keep, recall, window},
    language,
};
use crate::engine::page::{
    language::Language,
    settings::{MotionChoice, QualityChoice, Settings},
};

/// Where they are kept.
const KEPT: &str = "emberdrift.settings";
/// What opens the dialog: in the HUD and on the start card.
const BUTTONS: [&str; 2] = ["hud-settings", "start-settings"];
/// Leads out of the game.
const LEAVE: &str = "leave";
/// What happens in the dialog is not for the ship. Letting go is: what was held when it opened must not stay held.
const NOT_FOR_THE_SHIP: [&str; 4] = ["pointerdown", "pointermove", "touchstart", "touchmove"];

/// The settings and their dialog.
pub(in crate::web) struct SettingsView {
    settings: Rc<RefCell<Settings>>,
    _listeners: Vec<Listener>,
}

impl SettingsView {
    /// Recalls what was chosen, writes the page accordingly, and calls `changed` whenever anything is chosen anew, and
    /// `leave` when the visitor has had enough of the game.
    pub(in crate::web) fn new(changed: Rc<dyn Fn(&Settings)>, leave: impl Fn() + 'static) -> Result<Self> {
        let settings = recalled();
        style(&settings)?;
        let settings = Rc::new(RefCell::new(settings));
        let dialog: HtmlDialogElement = element("settings")?;
        let mut listeners = Vec::new();
        for id in BUTTONS {
            let (dialog, settings) = (dialog.clone(), Rc::clone(&settings));
            let button: HtmlElement = element(id)?;
            listeners.push(Listener::new(&button, "click", move |_: Event| {
                tell(give_back_to_the_ship(id).and_then(|()| open(&dialog, &settings.borrow())));
            })?);
        }
        let (toggled, shown) = (dialog.clone(), Rc::clone(&settings));
        listeners.push(Listener::new(&window()?.into(), "keydown", move |event: KeyboardEvent| {
            if event.key() == "Escape" && !event.is_composing() && !event.default_prevented() {
                event.prevent_default();
                tell(open(&toggled, &shown.borrow()));
            }
        })?);
        listeners.push(Listener::new(&dialog, "keydown", |event: KeyboardEvent| {
            // Escape closes it by itself.
            event.stop_propagation();
        })?);
        for name in NOT_FOR_THE_SHIP {
            listeners.push(Listener::new(&dialog, name, |event: Event| event.stop_propagation())?);
        }
        let closed = dialog.clone();
        listeners.push(Listener::new(&dialog, "click", move |event: Event| {
            // A click beside it is a click on the dialog itself, whose content fills it.
            if event.target().is_some_and(|target| target == *closed.as_ref()) {
                closed.close();
            }
        })?);
        let (muting, told) = (Rc::clone(&settings), Rc::clone(&changed));
        listeners.push(Listener::new(&window()?.into(), "keydown", move |event: KeyboardEvent| {
            let with_others = event.ctrl_key() || event.meta_key() || event.alt_key();
            if event.code() == "KeyM" && !event.repeat() && !with_others && !dom::is_field(&event) {
                let mut settings = muting.borrow().clone();
                settings.muted = !settings.muted;
                keep(KEPT, &settings.to_text());
                muting.replace(settings.clone());
                told(&settings);
            }
        })?);
        let door: HtmlElement = element(LEAVE)?;
        let left = dialog.clone();
        listeners.push(Listener::new(&door, "click", move |_: Event| {
            left.close();
            leave();
        })?);
        let chosen = Rc::clone(&settings);
        listeners.push(Listener::new(&dialog, "input", move |_: Event| {
            let before = chosen.borrow().clone();
            let read = read(&before).and_then(|read| {
                keep(KEPT, &read.to_text());
                if let Some(language) = read.language.filter(|chosen| *chosen != language::current()) {
                    language::write(language)?;
                }
                style(&read)?;
                chosen.replace(read.clone());
                changed(&read);
                Ok(())
            });
            tell(read);
        })?);
        Ok(Self { settings, _listeners: listeners })
    }

    /// What is chosen.
    pub(in crate::web) fn get(&self) -> Settings {
        self.settings.borrow().clone()
    }
}

/// Whether little is to move.
pub(in crate::web) fn reduced_motion(settings: &Settings) -> bool {
    settings.motion.is_reduced(dom::reduced_motion())
}

/// What was chosen once, before there is a dialog.
pub(in crate::web) fn recalled() -> Settings {
    Settings::from_text(&recall(KEPT).unwrap_or_default())
}

/// How much of the page moves, for its style sheet.
fn style(settings: &Settings) -> Result<()> {
    match document()?.document_element() {
        Some(root) => root.set_attribute("data-motion", settings.motion.name()),
        None => Ok(()),
    }
}

/// In the HUD the keyboard is the ship's, also after the dialog: space must fire and not press the button once more.
fn give_back_to_the_ship(button: &str) -> Result<()> {
    if button == BUTTONS[0] { element::<HtmlElement>("scene")?.focus() } else { Ok(()) }
}

/// Shows the dialog with what is chosen; the browser keeps the focus in it and gives it back.
fn open(dialog: &HtmlDialogElement, settings: &Settings) -> Result<()> {
    if dialog.open() {
        return Ok(());
    }
    let is_outside = document()?.query_selector("body[data-phase=start]")?.is_some();
    element::<HtmlElement>(LEAVE)?.set_hidden(is_outside);
    element::<HtmlInputElement>("volume")?.set_value(&settings.volume.to_string());
    element::<HtmlInputElement>("muted")?.set_checked(settings.muted);
    check("language", language::current().code())?;
    check("quality", settings.quality.name())?;
    check("motion", settings.motion.name())?;
    dialog.show_modal()
}

/// What the dialog shows.
fn read(before: &Settings) -> Result<Settings> {
    let asked = checked("language")?;
    // Whoever never chose a language goes on with the browser's.
    let language =
        if asked == language::current().code() { before.language } else { Language::from_tag(&asked) };
    Ok(Settings {
        volume: element::<HtmlInputElement>("volume")?.value().parse().unwrap_or_default(),
        muted: element::<HtmlInputElement>("muted")?.checked(),
        language,
        quality: QualityChoice::from_name(&checked("quality")?).unwrap_or_default(),
        motion: MotionChoice::from_name(&checked("motion")?).unwrap_or_default(),
    })
}

/// The value of the radio button that is checked.
fn checked(name: &str) -> Result<String> {
    let button = radio(&format!("[name={name}]:checked"))?;
    Ok(button.map_or_else(String::new, |button| button.value()))
}

fn check(name: &str, value: &str) -> Result<()> {
    if let Some(button) = radio(&format!("[name={name}][value={value}]"))? {
        button.set_checked(true);
    }
    Ok(())
}

fn radio(selector: &str) -> Result<Option<HtmlInputElement>> {
    let found: Option<Element> = document()?.query_selector(selector)?;
    Ok(found.and_then(|element| element.dyn_into().ok()))
}

/// What goes wrong in a dialog does not stop the game.
fn tell(result: Result<()>) {
    if let Err(error) = result {
        web_sys::console::error_1(&error);
    }
}
