//! The settings: a dialog over the game, which goes on behind it. What is chosen is stored.

use std::{cell::RefCell, rc::Rc};

use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlDialogElement, HtmlElement, HtmlInputElement, KeyboardEvent};

use crate::{
    engine::page::{
        language::Language,
        settings::{MotionChoice, QualityChoice, Settings},
    },
    web::{
        emberdrift::language,
        shell::dom::{
            Listener, Result, SCENE_ID, contain_dialog, document, element, key_target,
            storage::{load, save},
            window,
        },
    },
};

const SETTINGS_KEY: &str = "emberdrift.settings";
/// The buttons that open the dialog.
const HUD_BUTTON_ID: &str = "hud-settings";
const START_BUTTON_ID: &str = "start-settings";
/// The button that leads out of the game.
const LEAVE_ID: &str = "leave";

/// The dialog.
pub(crate) struct SettingsDialog {
    settings: Rc<RefCell<Settings>>,
    _listeners: Vec<Listener>,
}

impl SettingsDialog {
    /// Applies the stored settings to the page. `changed` is called after each choice, `leave` when the visitor leaves
    /// the game.
    pub(crate) fn new(changed: Rc<dyn Fn(&Settings)>, leave: impl Fn() + 'static) -> Result<Self> {
        let settings = stored();
        style(&settings)?;
        let settings = Rc::new(RefCell::new(settings));
        let dialog: HtmlDialogElement = element("settings")?;
        let mut listeners = opening(&dialog, &settings)?;
        listeners.extend(closing(&dialog, leave)?);
        listeners.push(muting(&settings, &changed)?);
        let chosen = Rc::clone(&settings);
        listeners.push(Listener::new(&dialog, "input", move |_: Event| {
            let before = chosen.borrow().clone();
            log_error(read(&before).and_then(|now| {
                save(SETTINGS_KEY, &now.to_text());
                if let Some(language) = now.language.filter(|chosen| *chosen != language::current()) {
                    language::write(language)?;
                }
                style(&now)?;
                chosen.replace(now.clone());
                changed(&now);
                Ok(())
            }));
        })?);
        Ok(Self { settings, _listeners: listeners })
    }

    pub(crate) fn get(&self) -> Settings {
        self.settings.borrow().clone()
    }
}

/// Opens the dialog by its buttons and by Escape.
fn opening(dialog: &HtmlDialogElement, settings: &Rc<RefCell<Settings>>) -> Result<Vec<Listener>> {
    let mut listeners = Vec::new();
    for id in [HUD_BUTTON_ID, START_BUTTON_ID] {
        let (dialog, settings) = (dialog.clone(), Rc::clone(settings));
        let button: HtmlElement = element(id)?;
        listeners.push(Listener::new(&button, "click", move |_: Event| {
            log_error(focus_scene_after(id).and_then(|()| open(&dialog, &settings.borrow())));
        })?);
    }
    let (opened, shown) = (dialog.clone(), Rc::clone(settings));
    listeners.push(Listener::new(&window()?.into(), "keydown", move |event: KeyboardEvent| {
        if event.key() == "Escape" && !event.is_composing() && !event.default_prevented() {
            event.prevent_default();
            log_error(open(&opened, &shown.borrow()));
        }
    })?);
    Ok(listeners)
}

/// Closes it by a click beside it or on the button that leaves the game.
fn closing(dialog: &HtmlDialogElement, leave: impl Fn() + 'static) -> Result<Vec<Listener>> {
    let mut listeners = contain_dialog(dialog)?;
    let left = dialog.clone();
    let button: HtmlElement = element(LEAVE_ID)?;
    listeners.push(Listener::new(&button, "click", move |_: Event| {
        left.close();
        leave();
    })?);
    Ok(listeners)
}

/// Mutes and unmutes by the key M.
fn muting(settings: &Rc<RefCell<Settings>>, changed: &Rc<dyn Fn(&Settings)>) -> Result<Listener> {
    let (settings, changed) = (Rc::clone(settings), Rc::clone(changed));
    Listener::new(&window()?.into(), "keydown", move |event: KeyboardEvent| {
        let has_modifier = event.ctrl_key() || event.meta_key() || event.alt_key();
        let is_typed = key_target(&event).takes_letters();
        if event.code() == "KeyM" && !event.repeat() && !has_modifier && !is_typed {
            let mut now = settings.borrow().clone();
            now.muted = !now.muted;
            save(SETTINGS_KEY, &now.to_text());
            settings.replace(now.clone());
            changed(&now);
        }
    })
}

/// The stored settings, which are known before there is a dialog.
pub(crate) fn stored() -> Settings {
    Settings::from_text(&load(SETTINGS_KEY).unwrap_or_default())
}

/// Tells the style sheet how much of the page is to move.
fn style(settings: &Settings) -> Result<()> {
    match document()?.document_element() {
        Some(root) => root.set_attribute("data-motion", settings.motion.name()),
        None => Ok(()),
    }
}

/// In the HUD the keyboard is the ship's, also after the dialog: Space must fire and not press the button again.
fn focus_scene_after(button: &str) -> Result<()> {
    if button == HUD_BUTTON_ID { element::<HtmlElement>(SCENE_ID)?.focus() } else { Ok(()) }
}

/// Shows the dialog with these settings. The browser keeps the focus in it and gives it back afterwards.
fn open(dialog: &HtmlDialogElement, settings: &Settings) -> Result<()> {
    if dialog.open() {
        return Ok(());
    }
    let is_at_start = document()?.query_selector("body[data-phase=start]")?.is_some();
    element::<HtmlElement>(LEAVE_ID)?.set_hidden(is_at_start);
    element::<HtmlInputElement>("volume")?.set_value(&settings.volume.to_string());
    element::<HtmlInputElement>("muted")?.set_checked(settings.muted);
    check("language", language::current().code())?;
    check("quality", settings.quality.name())?;
    check("motion", settings.motion.name())?;
    dialog.show_modal()
}

/// The settings that the dialog shows.
fn read(before: &Settings) -> Result<Settings> {
    let asked = checked("language")?;
    // A visitor who never chose a language goes on with the browser's.
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

/// An error in the dialog does not stop the game.
fn log_error(result: Result<()>) {
    if let Err(error) = result {
        web_sys::console::error_1(&error);
    }
}
