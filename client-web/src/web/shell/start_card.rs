//! The card before the game: name, colour, what there is to join, and Play. Remembers name and colour. It must not
//! know what playing is.

use std::{cell::RefCell, rc::Rc};

use shared::engine::limits::{COLOURS, NAME_CHARS_MAX};
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlElement, HtmlInputElement};

use super::{
    dom::{Listener, Result, Shown, element, keep, recall},
    language::strings,
};
use crate::game::strings::fill;
use crate::web::emberdrift::render::colour;

const REMEMBERED_NAME: &str = "emberdrift.name";
const REMEMBERED_COLOUR: &str = "emberdrift.colour";

/// What there is to join, as it is told on the card.
struct ArenaLine {
    name: Shown<String>,
    about: Shown<String>,
    pilots: Shown<String>,
}

/// The card.
pub(in crate::web) struct StartCard {
    card: HtmlElement,
    name: HtmlInputElement,
    arena: RefCell<ArenaLine>,
    _submit: Listener,
}

impl StartCard {
    /// Shows it; `play` is called with the name and the colour (below [`COLOURS`]) when the visitor wants to play.
    pub(in crate::web) fn show(play: Rc<dyn Fn(String, u8)>) -> Result<Self> {
        let card: HtmlElement = element("start")?;
        let name: HtmlInputElement = element("name")?;
        let form: HtmlElement = element("join")?;
        if let Some(remembered) = recall(REMEMBERED_NAME) {
            name.set_value(&remembered.chars().take(NAME_CHARS_MAX).collect::<String>());
        }
        let swatches = swatches()?;
        let remembered = recall(REMEMBERED_COLOUR).and_then(|colour| colour.parse().ok());
        let chosen = remembered.filter(|colour| *colour < COLOURS).unwrap_or_else(any_colour);
        if let Some(swatch) = swatches.get(usize::from(chosen)) {
            swatch.set_checked(true);
        }
        let field = name.clone();
        let submit = Listener::new(&form, "submit", move |event: Event| {
            event.prevent_default();
            let wished: String = field.value().trim().chars().take(NAME_CHARS_MAX).collect();
            let colour = swatches.iter().position(|swatch| swatch.checked()).unwrap_or(0) as u8;
            keep(REMEMBERED_NAME, &wished);
            keep(REMEMBERED_COLOUR, &colour.to_string());
            play(wished, colour);
        })?;
        let arena = RefCell::new(ArenaLine {
            name: Shown::by_id("arena-name")?,
            about: Shown::by_id("arena-about")?,
            pilots: Shown::by_id("arena-pilots")?,
        });
        card.set_hidden(false);
        name.focus()?;
        Ok(Self { card, name, arena, _submit: submit })
    }

    /// Tells what there is to join: an arena of this name with so many pilots in it; again whenever that changes.
    pub(in crate::web) fn tell_arena(&self, name: &str, players: u16) {
        let words = strings();
        let mut line = self.arena.borrow_mut();
        line.name.text(words.arena_name(name));
        line.about.text(words.arena_about(name));
        let pilots = match players {
            0 => words.no_pilots.to_owned(),
            1 => words.one_pilot.to_owned(),
            many => fill(words.many_pilots, &[&many.to_string()]),
        };
        line.pilots.text(&pilots);
    }

    /// Hides it and gives the keyboard back.
    pub(in crate::web) fn hide(&self) {
        self.card.set_hidden(true);
        // A page without focus has nothing to give back.
        let _ = self.name.blur();
        if let Ok(canvas) = element::<HtmlElement>("scene") {
            let _ = canvas.focus();
        }
    }
}

/// The radio buttons of the colours, each with its colour beside it.
fn swatches() -> Result<Vec<HtmlInputElement>> {
    let list = element::<Element>("swatches")?.children();
    let mut buttons = Vec::new();
    for (label, index) in (0..list.length()).filter_map(|i| list.item(i)).zip(0_u8..) {
        let [red, green, blue] = colour::of(index).map(|part| (part * 255.0) as u8);
        if let Some(button) = label.first_element_child()
            && let Some(paint) = button.next_element_sibling()
        {
            let paint: HtmlElement = paint.dyn_into()?;
            paint.style().set_property("background-color", &format!("rgb({red} {green} {blue})"))?;
            buttons.push(button.dyn_into()?);
        }
    }
    Ok(buttons)
}

fn any_colour() -> u8 {
    (js_sys::Math::random() * f64::from(COLOURS)) as u8
}
