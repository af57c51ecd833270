//! "Play with friends" on the start card: makes a private room, and shows the link, the code and the QR code of the room in the page's
//! address. The address is what counts; see [`super::arenas`].

use std::{cell::RefCell, rc::Rc};

use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Event, HtmlElement, HtmlInputElement, XmlHttpRequest, XmlHttpRequestResponseType};

use super::host::{HostDialog, InRoom, is_host, keep_key, refusal};
use crate::{
    engine::page::{
        room_link::{code_in, fragment_with, link, request},
        strings::fill,
    },
    web::{
        emberdrift::language::{page_strings, report, strings},
        shell::dom::{
            Listener, Result, document, element,
            storage::{from_address, load_for_tab, remove_for_tab},
            window,
        },
    },
};

/// The status of the answer to a request that made something.
const CREATED: u16 = 201;

/// Where the connection keeps the code of the party that this tab came with last.
const PARTY: &str = "emberdrift.party";

/// Names that the start card has room for.
const NAMES_MAX: usize = 8;

/// How long it is shown that the link was copied.
const COPIED_MS: i32 = 1500;

/// The room's part of the start card, and the chip in the game.
pub(crate) struct RoomPanel {
    parts: Rc<Parts>,
    is_gone: bool,
    host: Rc<RefCell<HostDialog>>,
    _listeners: [Listener; 13],
}

/// Its elements.
struct Parts {
    panel: HtmlElement,
    about: HtmlElement,
    code: HtmlElement,
    link: HtmlInputElement,
    qr: HtmlElement,
    copy: HtmlElement,
    share: HtmlElement,
    host: HtmlElement,
    people: HtmlElement,
    /// Which party the visitor is in.
    party: HtmlElement,
    trouble: HtmlElement,
    friends: HtmlElement,
    chip: HtmlElement,
    chip_code: HtmlElement,
}

impl RoomPanel {
    /// Shows the room in the address, if there is one, and follows the address.
    pub(crate) fn new() -> Result<Self> {
        let parts = Rc::new(Parts {
            panel: element("room")?,
            about: element("room-about")?,
            code: element("room-code")?,
            link: element("room-link")?,
            qr: element("room-qr")?,
            copy: element("room-copy")?,
            share: element("room-share")?,
            host: element("room-host")?,
            people: element("room-people")?,
            party: element("party")?,
            trouble: element("room-trouble")?,
            friends: element("friends")?,
            chip: element("room-chip")?,
            chip_code: element("room-chip-code")?,
        });
        let asking = XmlHttpRequest::new()?;
        let host = Rc::new(RefCell::new(HostDialog::new()?));
        let leave: HtmlElement = element("room-leave")?;
        let answered = asking.clone();
        let on = |target: &HtmlElement, act: fn(&Parts) -> Result<()>| {
            let parts = Rc::clone(&parts);
            Listener::new(target, "click", move |_: Event| report(act(&parts)))
        };
        let (moved, told, making) = (Rc::clone(&parts), Rc::clone(&parts), Rc::clone(&parts));
        let ask = asking.clone();
        let listeners = [
            Listener::new(&parts.friends, "click", move |_: Event| report(make(&ask, &making)))?,
            Listener::new(&asking, "loadend", move |_: Event| report(told.on_answer(&answered)))?,
            Listener::new(&window()?.into(), "hashchange", move |_: Event| report(moved.show()))?,
            on(&parts.copy, Parts::copy)?,
            on(&parts.share, Parts::share)?,
            Listener::new(&parts.chip, "click", {
                let (parts, host) = (Rc::clone(&parts), Rc::clone(&host));
                move |_: Event| report(parts.open_or_copy(&host))
            })?,
            Listener::new(&parts.host, "click", {
                let (manage, host) = (Rc::clone(&parts), Rc::clone(&host));
                move |_: Event| report(manage.open_or_copy(&host))
            })?,
            on(&element("host-copy")?, Parts::copy)?,
            // The room may have been handed over.
            Listener::new(&element::<HtmlElement>("host")?.into(), "close", {
                let parts = Rc::clone(&parts);
                move |_: Event| parts.host.set_hidden(!parts.is_host())
            })?,
            on(&leave, |_| go_to(None))?,
            on(&element("party-leave")?, |parts| {
                remove_for_tab(PARTY);
                parts.show_party(true)
            })?,
            // A link that is too long to be drawn, or a room that is gone.
            Listener::new(&parts.qr, "error", {
                let qr = parts.qr.clone();
                move |_: Event| qr.set_hidden(true)
            })?,
            Listener::new(&parts.link, "focus", {
                let link = parts.link.clone();
                move |_: Event| link.select()
            })?,
        ];
        parts.show()?;
        Ok(Self { parts, is_gone: false, host, _listeners: listeners })
    }

    /// The server has made this visitor the creator of the room.
    pub(crate) fn receive_key(&self, key: &str) -> Result<()> {
        let Some(code) = room_in_address()? else { return Ok(()) };
        self.host.borrow().receive(&code, key)?;
        self.parts.host.set_hidden(false);
        Ok(())
    }

    /// Whether the page's address names a room.
    pub(crate) fn is_shown(&self) -> bool {
        !self.parts.panel.hidden()
    }

    /// Shows the other players in the room.
    pub(crate) fn show_players(&self, players: Vec<InRoom>) -> Result<()> {
        self.parts.show_people(&players);
        self.host.borrow_mut().show_players(players)
    }

    /// The room is at the node with this URL now; `None`: at the page's server.
    pub(crate) fn set_node(&self, node: Option<String>) {
        self.host.borrow().set_node(node);
    }

    /// Shows whether there is no room of this code.
    pub(crate) fn show_gone(&mut self, is_gone: bool) {
        if self.is_gone != is_gone {
            self.is_gone = is_gone;
            self.parts.set_gone(is_gone);
        }
    }
}

/// The room in the page's address.
pub(crate) fn room_in_address() -> Result<Option<String>> {
    Ok(from_address("room")?.as_deref().and_then(code_in))
}

/// Shows whether the server has a place for another room.
pub(super) fn offer_rooms(has_place: bool) {
    if let Ok(Some(body)) = document().map(|document| document.body()) {
        // It only changes the looks.
        let _ = body.toggle_attribute_with_force("data-no-rooms", !has_place);
    }
}

/// Asks the server for a room in the chosen arena.
fn make(asking: &XmlHttpRequest, parts: &Parts) -> Result<()> {
    if !matches!(asking.ready_state(), XmlHttpRequest::UNSENT | XmlHttpRequest::DONE) {
        return Ok(());
    }
    let chosen = document()?.query_selector("#arenas input:checked")?;
    let arena = chosen.and_then(|input| input.dyn_into().ok()).map(|input: HtmlInputElement| input.value());
    parts.trouble.set_text_content(None);
    asking.open("POST", "rooms")?;
    asking.set_response_type(XmlHttpRequestResponseType::Text);
    asking.set_request_header("content-type", "application/json")?;
    asking.send_with_opt_str(Some(&request(arena.filter(|slug| !slug.contains('/')).as_deref())))
}

/// Changes the page's address, which everything else follows.
fn go_to(code: Option<&str>) -> Result<()> {
    let location = window()?.location();
    location.set_hash(&fragment_with(&location.hash()?, code))
}

impl Parts {
    /// Shows the room in the address, or that there is none.
    fn show(&self) -> Result<()> {
        let code = room_in_address()?;
        self.panel.set_hidden(code.is_none());
        self.show_party(code.is_none())?;
        self.friends.set_hidden(code.is_some());
        self.chip.set_hidden(code.is_none());
        if let Some(root) = document()?.body() {
            root.toggle_attribute_with_force("data-room", code.is_some())?;
        }
        let Some(code) = code else { return Ok(()) };
        let link = link(&window()?.location().href()?, &code);
        let shown = js_sys::encode_uri_component(&link);
        self.set_gone(false);
        self.qr.set_hidden(false);
        self.copy.set_text_content(Some(strings().copy));
        self.code.set_text_content(Some(&code));
        self.chip_code.set_text_content(Some(&code));
        self.link.set_value(&link);
        self.qr.set_attribute("src", &format!("rooms/{code}/qr.svg?link={}", String::from(shown)))?;
        let navigator = window()?.navigator();
        self.host.set_hidden(!self.is_host());
        self.share.set_hidden(!js_sys::Reflect::has(&navigator, &"share".into())?);
        self.trouble.set_text_content(None);
        Ok(())
    }

    /// Says which party the visitor is in, where the room does not say it.
    fn show_party(&self, is_wanted: bool) -> Result<()> {
        let party = load_for_tab(PARTY).filter(|_| is_wanted);
        self.party.set_hidden(party.is_none());
        if let Some(code) = party {
            let about = fill(strings().party_about, &[&code]);
            element::<HtmlElement>("party-about")?.set_text_content(Some(&about));
        }
        Ok(())
    }

    /// Whether this visitor is the creator of the room.
    fn is_host(&self) -> bool {
        self.code.text_content().is_some_and(|code| is_host(&code))
    }

    /// Opens the host's tools; for others it puts the link on the clipboard.
    fn open_or_copy(&self, host: &RefCell<HostDialog>) -> Result<()> {
        match self.code.text_content().filter(|code| is_host(code)) {
            Some(code) => host.borrow().open(&code),
            None => self.copy(),
        }
    }

    /// Names the players in the room.
    fn show_people(&self, players: &[InRoom]) {
        let mut names: Vec<_> = players.iter().take(NAMES_MAX).map(|(_, name)| name.as_str()).collect();
        if players.len() > NAMES_MAX {
            names.push("…");
        }
        let text =
            if names.is_empty() { String::new() } else { fill(strings().room_with, &[&names.join(", ")]) };
        if self.people.text_content().as_deref() != Some(&text) {
            self.people.set_text_content(Some(&text));
        }
    }

    /// Shows whether there is no such room, and so nothing to share.
    fn set_gone(&self, is_gone: bool) {
        self.panel.set_class_name(if is_gone { "gone" } else { "" });
        let about = if is_gone { page_strings().gone } else { strings().room_about };
        self.about.set_text_content(Some(about));
    }

    fn on_answer(&self, answered: &XmlHttpRequest) -> Result<()> {
        let text = answered.response_text().ok().flatten().unwrap_or_default();
        let made = (answered.status() == Ok(CREATED)).then(|| js_sys::JSON::parse(&text).ok()).flatten();
        let get = |key: &str| js_sys::Reflect::get(made.as_ref()?, &key.into()).ok()?.as_string();
        let (Some(code), Some(key)) = (get("code"), get("key")) else {
            self.trouble.set_text_content(Some(refusal(&text)));
            return Ok(());
        };
        keep_key(&code, Some(&key));
        go_to(Some(&code))
    }

    /// Puts the link on the clipboard, where the browser allows it; otherwise it is selected, to be copied by hand.
    fn copy(&self) -> Result<()> {
        self.link.select();
        let clipboard = js_sys::Reflect::get(&window()?.navigator(), &"clipboard".into())?;
        if let Ok(write) = js_sys::Reflect::get(&clipboard, &"writeText".into())
            && let Some(write) = write.dyn_ref::<js_sys::Function>()
        {
            let promise = write.call1(&clipboard, &JsValue::from_str(&self.link.value()))?;
            ignore_rejection(&promise)?;
            self.copy.set_text_content(Some(strings().copied));
            self.chip_code.set_text_content(Some(strings().copied));
            let (chip_code, copy) = (self.chip_code.clone(), self.copy.clone());
            let code = self.code.text_content();
            let back = wasm_bindgen::closure::Closure::once_into_js(move || {
                chip_code.set_text_content(code.as_deref());
                copy.set_text_content(Some(strings().copy));
            });
            window()?
                .set_timeout_with_callback_and_timeout_and_arguments_0(back.unchecked_ref(), COPIED_MS)?;
        }
        Ok(())
    }

    /// Opens the system's share sheet.
    fn share(&self) -> Result<()> {
        let navigator = window()?.navigator();
        let share = js_sys::Reflect::get(&navigator, &"share".into())?;
        let what = js_sys::Object::new();
        js_sys::Reflect::set(&what, &"title".into(), &"Emberdrift".into())?;
        js_sys::Reflect::set(&what, &"url".into(), &JsValue::from_str(&self.link.value()))?;
        if let Some(share) = share.dyn_ref::<js_sys::Function>() {
            // The visitor may close it, which is no error.
            ignore_rejection(&share.call1(&navigator, &what)?)?;
        }
        Ok(())
    }
}

/// A promise that fails is no error of the page.
fn ignore_rejection(promise: &JsValue) -> Result<()> {
    let ignore = wasm_bindgen::closure::Closure::once_into_js(|_: JsValue| {});
    if let Some(catch) = js_sys::Reflect::get(promise, &"catch".into())?.dyn_ref::<js_sys::Function>() {
        catch.call1(promise, &ignore)?;
    }
    Ok(())
}
