//! The card before the game: name, colour, the arena, and Play. Name and colour are stored.

use std::{cell::RefCell, rc::Rc};

use shared::game::arena::Arena;
use wasm_bindgen::JsCast;
use web_sys::{Event, HtmlElement, HtmlInputElement};

use crate::{
    engine::page::player_name::player_name,
    game::page::{cards, palette},
    web::{
        emberdrift::language::strings,
        shell::dom::{
            Binding, Listener, Result, SCENE_ID, children, element,
            storage::{load, save},
        },
    },
};

const NAME_KEY: &str = "emberdrift.name";
const COLOUR_KEY: &str = "emberdrift.colour";

struct ArenaLine {
    name: Binding<String>,
    about: Binding<String>,
    pilots: Binding<String>,
}

/// The card, while it is shown.
pub(crate) struct StartCard {
    card: HtmlElement,
    name: HtmlInputElement,
    arena: RefCell<ArenaLine>,
    _submit: Listener,
}

impl StartCard {
    /// Shows it. `play` is called with the name and the colour when the visitor presses Play.
    pub(crate) fn show(play: Rc<dyn Fn(String, u8)>) -> Result<Self> {
        let card: HtmlElement = element("start")?;
        let name: HtmlInputElement = element("name")?;
        let form: HtmlElement = element("join")?;
        if let Some(stored) = load(NAME_KEY) {
            name.set_value(&player_name(&stored));
        }
        let swatches = swatches()?;
        let chosen = cards::colour(load(COLOUR_KEY).as_deref(), js_sys::Math::random());
        if let Some(swatch) = swatches.get(usize::from(chosen)) {
            swatch.set_checked(true);
        }
        let field = name.clone();
        let submit = Listener::new(&form, "submit", move |event: Event| {
            event.prevent_default();
            let name = player_name(&field.value());
            let colour = swatches.iter().position(|swatch| swatch.checked()).unwrap_or(0) as u8;
            save(NAME_KEY, &name);
            save(COLOUR_KEY, &colour.to_string());
            play(name, colour);
        })?;
        let arena = RefCell::new(ArenaLine {
            name: Binding::by_id("arena-name")?,
            about: Binding::by_id("arena-about")?,
            pilots: Binding::by_id("arena-pilots")?,
        });
        card.set_hidden(false);
        name.focus()?;
        Ok(Self { card, name, arena, _submit: submit })
    }

    /// Shows which arena there is to join, and how many pilots fly in it.
    pub(crate) fn describe_arena(&self, Arena { name, mode, .. }: &Arena, pilots: u16) {
        let strings = strings();
        let mut line = self.arena.borrow_mut();
        line.name.text(strings.arena_name(name));
        line.about.text(cards::arena_about(name, mode.name(), strings));
        line.pilots.text(&cards::pilots(pilots, strings));
    }

    /// Hides it and gives the keyboard to the game.
    pub(crate) fn hide(&self) {
        self.card.set_hidden(true);
        // A page without focus has none to move.
        let _ = self.name.blur();
        if let Ok(canvas) = element::<HtmlElement>(SCENE_ID) {
            let _ = canvas.focus();
        }
    }
}

/// The radio buttons of the colours, each with its colour painted beside it.
fn swatches() -> Result<Vec<HtmlInputElement>> {
    let mut buttons = Vec::new();
    for (label, index) in children("swatches")?.into_iter().zip(0_u8..) {
        if let Some(button) = label.first_element_child()
            && let Some(paint) = button.next_element_sibling()
        {
            let paint: HtmlElement = paint.dyn_into()?;
            paint.style().set_property("background-color", &palette::css(palette::pilot(index)))?;
            buttons.push(button.dyn_into()?);
        }
    }
    Ok(buttons)
}
