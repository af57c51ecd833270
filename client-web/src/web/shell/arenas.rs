//! The arenas of the server on the start card: which there are, how many ships each has, and which one the visitor
//! chose, here, in the address or on an earlier visit. It must not know what becomes of the choice.

use std::{cell::RefCell, rc::Rc};

use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, Event, HtmlElement, HtmlInputElement, XmlHttpRequest, XmlHttpRequestResponseType};

use super::{
    dom::{Listener, Result, child, element, in_address, keep, recall, tell_trouble, window},
    language::strings,
};
use crate::engine::page::arena_choice::{ArenaChoice, ArenaOffer, fragment_with};

/// Where the choice is kept for the next visit.
const KEPT: &str = "emberdrift.arena";

/// Between two questions to the server, in milliseconds.
const ASK_EVERY_MS: f64 = 3000.0;

/// The list, and the choice.
pub(in crate::web) struct ArenasView {
    state: Rc<RefCell<State>>,
    request: XmlHttpRequest,
    asked_ms: Option<f64>,
    _listeners: [Listener; 3],
}

struct State {
    choice: ArenaChoice,
    field: HtmlElement,
    rows: Vec<Row>,
}

/// One arena on the page.
struct Row {
    input: HtmlInputElement,
    name: HtmlElement,
    life: HtmlElement,
}

impl ArenasView {
    /// Recalls what was chosen; `changed` is called when it is another arena to go to.
    pub(in crate::web) fn new(changed: Rc<dyn Fn()>) -> Result<Self> {
        let asked = of_address()?.or_else(|| recall(KEPT));
        let field: HtmlElement = element("arenas")?;
        let state = State { choice: ArenaChoice::new(asked), field: field.clone(), rows: Vec::new() };
        let state = Rc::new(RefCell::new(state));
        let request = XmlHttpRequest::new()?;

        let update = {
            let state = Rc::clone(&state);
            move |change: &dyn Fn(&mut State) -> Result<()>| {
                let before = state.borrow().choice.slug().map(str::to_owned);
                let done = change(&mut state.borrow_mut());
                if let Err(error) = done {
                    tell_trouble(&error);
                }
                // Nothing is borrowed while others are told.
                let is_other = state.borrow().choice.slug() != before.as_deref();
                if is_other {
                    changed();
                }
            }
        };
        let (heard, chosen, moved) = (update.clone(), update.clone(), update);
        let answered = request.clone();
        let listeners = [
            Listener::new(&request, "load", move |_: Event| {
                let offers = answered.response().ok().filter(|_| answered.status() == Ok(200));
                if let Some(offers) = offers.and_then(|list| offers_in(&list)) {
                    heard(&|state| state.offer(offers.clone()));
                }
            })?,
            Listener::new(&field, "change", move |event: Event| {
                let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
                if let Some(input) = input {
                    chosen(&|state| state.choose(input.value()));
                }
            })?,
            Listener::new(&window()?.into(), "hashchange", move |_: Event| {
                if let Ok(Some(slug)) = of_address() {
                    moved(&|state| state.want(slug.clone()));
                }
            })?,
        ];
        Ok(Self { state, request, asked_ms: None, _listeners: listeners })
    }

    /// The slug of the arena to go to; none for the server's first.
    pub(in crate::web) fn slug(&self) -> Option<String> {
        self.state.borrow().choice.slug().map(str::to_owned)
    }

    /// Asks the server for its list, if it was not asked just now.
    pub(in crate::web) fn ask(&mut self, now_ms: f64) -> Result<()> {
        let is_idle = matches!(self.request.ready_state(), XmlHttpRequest::UNSENT | XmlHttpRequest::DONE);
        if is_idle && self.asked_ms.is_none_or(|at| now_ms - at >= ASK_EVERY_MS) {
            self.asked_ms = Some(now_ms);
            self.request.open("GET", "/arenas")?;
            self.request.set_response_type(XmlHttpRequestResponseType::Json);
            self.request.send()?;
        }
        Ok(())
    }
}

impl State {
    /// Takes the server's list, and shows it where there is something to choose.
    fn offer(&mut self, offers: Vec<ArenaOffer>) -> Result<()> {
        let before = self.choice.offers();
        let is_same = offers.len() == before.len()
            && offers.iter().zip(before).all(|(new, old)| (&new.slug, &new.name) == (&old.slug, &old.name));
        self.choice.set_offers(offers);
        if !is_same {
            // Only then: what has the keyboard's focus is to keep it.
            self.field.set_text_content(None);
            let rows = self.choice.offers().iter().map(|offer| Row::new(&self.field, offer));
            self.rows = rows.collect::<Result<_>>()?;
        }
        self.field.set_hidden(self.rows.len() < 2);
        self.show();
        Ok(())
    }

    /// The visitor's choice on the card.
    fn choose(&mut self, slug: String) -> Result<()> {
        keep(KEPT, &slug);
        // So that whoever is sent the address comes to the same arena.
        let window = window()?;
        let fragment = fragment_with(&window.location().hash()?, &slug);
        window.history()?.replace_state_with_url(&JsValue::NULL, "", Some(&format!("#{fragment}")))?;
        self.want(slug)
    }

    fn want(&mut self, slug: String) -> Result<()> {
        self.choice.want(slug);
        self.show();
        Ok(())
    }

    fn show(&self) {
        let place = self.choice.index();
        for (at, (row, offer)) in self.rows.iter().zip(self.choice.offers()).enumerate() {
            row.input.set_checked(at == place);
            row.name.set_text_content(Some(strings().arena_name(&offer.name)));
            // Pilots and drones: an arena without pilots is not empty.
            row.life.set_text_content(Some(&format!("{} {}", offer.population, strings().ships)));
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
        let text = child(&label, "span", "")?;
        Ok(Self { input, name: child(&text, "b", "")?, life: child(&text, "small", "")? })
    }
}

/// The arena that the address asks for.
fn of_address() -> Result<Option<String>> {
    let asked = in_address("arena")?.filter(|slug| !slug.is_empty());
    // What cannot be decoded is taken as it is.
    Ok(asked.map(|slug| js_sys::decode_uri_component(&slug).map_or_else(|_| slug.clone(), String::from)))
}

/// The arenas in the server's answer; none if it is not one.
fn offers_in(list: &JsValue) -> Option<Vec<ArenaOffer>> {
    let offers: Option<Vec<_>> =
        list.dyn_ref::<js_sys::Array>()?.iter().map(|entry| offer_in(&entry)).collect();
    offers.filter(|offers| !offers.is_empty())
}

fn offer_in(entry: &JsValue) -> Option<ArenaOffer> {
    let get = |key: &str| js_sys::Reflect::get(entry, &key.into()).ok();
    Some(ArenaOffer {
        slug: get("slug")?.as_string()?,
        name: get("name")?.as_string()?,
        population: get("ships")?.as_f64()? as u32,
    })
}
