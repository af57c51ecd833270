//! The server's arenas on the start card: which there are, how many ships each has, and which one the visitor chose: here,
//! in the address, or on an earlier visit.

use std::{borrow::Cow, cell::RefCell, rc::Rc};

use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, Event, HtmlElement, HtmlInputElement, XmlHttpRequest, XmlHttpRequestResponseType};

use super::room::{offer_rooms, room_in_address};
use crate::{
    engine::page::arena_choice::{ArenaChoice, ArenaOffer, fragment_with, same_arenas},
    web::{
        emberdrift::language::{show_error, strings},
        shell::dom::{
            Listener, Result, child, element,
            storage::{from_address, load, save},
            target, window,
        },
    },
};

const ARENA_KEY: &str = "emberdrift.arena";

/// Between two requests for the list.
const REQUEST_MS: f64 = 3000.0;

/// The list, and the choice.
pub(crate) struct ArenaList {
    state: Rc<RefCell<State>>,
    request: XmlHttpRequest,
    requested_ms: Option<f64>,
    _listeners: [Listener; 3],
}

struct State {
    choice: ArenaChoice,
    field: HtmlElement,
    rows: Vec<Row>,
}

struct Row {
    input: HtmlInputElement,
    name: HtmlElement,
    ships: HtmlElement,
}

impl ArenaList {
    /// `kept` is the arena of the player that this tab had. `changed` is called when there is another arena to go to.
    pub(crate) fn new(kept: Option<String>, changed: impl Fn() + 'static) -> Result<Self> {
        let asked = in_address()?.or(kept).or_else(|| load(ARENA_KEY));
        let field: HtmlElement = element("arenas")?;
        let mut choice = ArenaChoice::new(asked);
        choice.set_room(room_in_address()?);
        let state = State { choice, field: field.clone(), rows: Vec::new() };
        let state = Rc::new(RefCell::new(state));
        let request = XmlHttpRequest::new()?;

        let update = {
            let (state, changed) = (Rc::clone(&state), Rc::new(changed));
            move |change: &dyn Fn(&mut State) -> Result<()>| {
                let before = arena_of(&state.borrow());
                let result = change(&mut state.borrow_mut());
                if let Err(error) = result {
                    show_error(&error);
                }
                // `changed` calls back, so nothing is borrowed then.
                let has_changed = arena_of(&state.borrow()) != before;
                if has_changed {
                    changed();
                }
            }
        };
        let (offered, chosen, moved) = (update.clone(), update.clone(), update);
        let answered = request.clone();
        let listeners = [
            Listener::new(&request, "load", move |_: Event| {
                let list = answered.response().ok().filter(|_| answered.status() == Ok(200));
                // A server that does not say so may have rooms.
                let rooms = answered.get_response_header("rooms").ok().flatten();
                offer_rooms(rooms.as_deref() != Some("none"));
                if let Some(offers) = list.and_then(|list| offers_in(&list)) {
                    offered(&|state| state.set_offers(offers.clone()));
                }
            })?,
            Listener::new(&field, "change", move |event: Event| {
                if let Some(input) = target::<HtmlInputElement>(&event) {
                    chosen(&|state| state.choose(input.value(), input.get_attribute("data-node")));
                }
            })?,
            Listener::new(&window()?.into(), "hashchange", move |_: Event| {
                moved(&|state| {
                    state.choice.set_room(room_in_address()?);
                    if let Some(slug) = in_address()? {
                        state.want(slug);
                    }
                    Ok(())
                });
            })?,
        ];
        Ok(Self { state, request, requested_ms: None, _listeners: listeners })
    }

    /// The slug of the arena to connect to, `None` for the server's default; and the URL of its node, if it was chosen there.
    pub(crate) fn arena(&self) -> (Option<String>, Option<String>) {
        arena_of(&self.state.borrow())
    }

    /// The URLs of the nodes that the list names.
    pub(crate) fn nodes(&self) -> Vec<String> {
        self.state.borrow().choice.offers().iter().filter_map(|offer| offer.node.clone()).collect()
    }

    /// Requests the server's list, unless it did so just now.
    pub(crate) fn poll(&mut self, now_ms: f64) -> Result<()> {
        let is_idle = matches!(self.request.ready_state(), XmlHttpRequest::UNSENT | XmlHttpRequest::DONE);
        if is_idle && self.requested_ms.is_none_or(|at| now_ms - at >= REQUEST_MS) {
            self.requested_ms = Some(now_ms);
            // Relative to the page, like every address.
            self.request.open("GET", "arenas")?;
            self.request.set_response_type(XmlHttpRequestResponseType::Json);
            self.request.send()?;
        }
        Ok(())
    }
}

fn arena_of(state: &State) -> (Option<String>, Option<String>) {
    (state.choice.slug().map(Cow::into_owned), state.choice.node().map(str::to_owned))
}

impl State {
    /// Takes the server's list. It is shown if there is a choice.
    fn set_offers(&mut self, offers: Vec<ArenaOffer>) -> Result<()> {
        let needs_rows = !same_arenas(&offers, self.choice.offers());
        self.choice.set_offers(offers);
        if needs_rows {
            // Only then, because a row that has the keyboard's focus is to keep it.
            self.field.set_text_content(None);
            let rows = self.choice.offers().iter().map(|offer| Row::new(&self.field, offer));
            self.rows = rows.collect::<Result<_>>()?;
        }
        self.field.set_hidden(self.rows.len() < 2);
        self.write();
        Ok(())
    }

    /// The visitor chose an arena on the card.
    fn choose(&mut self, slug: String, node: Option<String>) -> Result<()> {
        save(ARENA_KEY, &slug);
        // A visitor who is sent the page's address comes to the same arena.
        let window = window()?;
        let fragment = fragment_with(&window.location().hash()?, &slug);
        window.history()?.replace_state_with_url(&JsValue::NULL, "", Some(&format!("#{fragment}")))?;
        self.choice.want_at(slug, node);
        self.write();
        Ok(())
    }

    fn want(&mut self, slug: String) {
        self.choice.want(slug);
        self.write();
    }

    fn write(&self) {
        let chosen = self.choice.index();
        for (index, (row, offer)) in self.rows.iter().zip(self.choice.offers()).enumerate() {
            row.input.set_checked(index == chosen);
            row.name.set_text_content(Some(strings().arena_name(&offer.name)));
            // Pilots and drones: an arena without pilots is not empty.
            let ships = format!("{} {}", offer.population, strings().ships_word(offer.population));
            let mode = strings().mode_name(&offer.mode);
            let parts = [offer.place.as_str(), mode, &ships];
            let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
            row.ships.set_text_content(Some(&parts.join(" · ")));
        }
    }
}

impl Row {
    fn new(field: &Element, offer: &ArenaOffer) -> Result<Self> {
        let label = child(field, "label", "")?;
        let input: HtmlInputElement = child(&label, "input", "")?.unchecked_into();
        input.set_type("radio");
        input.set_name("arena");
        input.set_value(&offer.slug);
        input.set_attribute("data-name", &offer.name)?;
        if let Some(node) = &offer.node {
            input.set_attribute("data-node", node)?;
        }
        let text = child(&label, "span", "")?;
        Ok(Self { input, name: child(&text, "b", "")?, ships: child(&text, "small", "")? })
    }
}

/// The arena that the address asks for.
fn in_address() -> Result<Option<String>> {
    let asked = from_address("arena")?.filter(|slug| !slug.is_empty());
    // A slug that cannot be decoded is taken as it is.
    Ok(asked.map(|slug| js_sys::decode_uri_component(&slug).map_or_else(|_| slug.clone(), String::from)))
}

/// The arenas in the server's answer; `None` if it is no such list.
fn offers_in(list: &JsValue) -> Option<Vec<ArenaOffer>> {
    let offers: Option<Vec<_>> =
        list.dyn_ref::<js_sys::Array>()?.iter().map(|entry| offer_in(&entry)).collect();
    offers.filter(|offers| !offers.is_empty())
}

fn offer_in(entry: &JsValue) -> Option<ArenaOffer> {
    let get = |key: &str| js_sys::Reflect::get(entry, &key.into()).ok();
    let text = |key: &str| get(key)?.as_string();
    let number = |key: &str| Some(get(key)?.as_f64()? as u32);
    Some(ArenaOffer {
        slug: get("slug")?.as_string()?,
        name: get("name")?.as_string()?,
        mode: get("mode").and_then(|mode| mode.as_string()).unwrap_or_default(),
        population: number("bodies")?,
        players: number("players")?,
        free: number("free")?,
        node: text("url"),
        place: text("region").or_else(|| text("node")).unwrap_or_default(),
    })
}
