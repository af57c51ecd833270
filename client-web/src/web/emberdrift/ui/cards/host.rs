//! The host's tools: a dialog in which the creator of a room locks it, turns its chat off, lists it, changes its arena, removes players,
//! and hands it over. What it shows is what the server has answered last.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use wasm_bindgen::{JsCast, JsValue};
use web_sys::{
    Event, HtmlDialogElement, HtmlElement, HtmlInputElement, XmlHttpRequest, XmlHttpRequestResponseType,
};

use crate::{
    engine::page::room_change::{Change, key_of, with_key},
    web::{
        emberdrift::language::{report, strings},
        shell::dom::{
            Listener, Result, child, contain_dialog, document, element,
            storage::{load, save},
            target,
        },
    },
};

/// Where the keys of rooms are kept.
const KEYS: &str = "emberdrift.rooms";
const OK: u16 = 200;

/// A player in the room: its number, and its name.
pub(crate) type InRoom = (u16, String);

/// The dialog.
pub(crate) struct HostDialog {
    parts: Rc<Parts>,
    shown: Vec<InRoom>,
    _listeners: Vec<Listener>,
}

struct Parts {
    dialog: HtmlDialogElement,
    /// Names the room that the dialog is about.
    code: HtmlElement,
    locked: HtmlInputElement,
    chat: HtmlInputElement,
    public: HtmlInputElement,
    arenas: HtmlElement,
    players: HtmlElement,
    trouble: HtmlElement,
    asking: XmlHttpRequest,
    /// Whether the room was given to another player with the request that is asked.
    hands_over: Cell<bool>,
    /// What is asked next, while another request is on its way.
    next: RefCell<Option<String>>,
}

impl HostDialog {
    pub(crate) fn new() -> Result<Self> {
        let parts = Rc::new(Parts {
            dialog: element("host")?,
            code: element("host-code")?,
            locked: element("host-locked")?,
            chat: element("host-chat")?,
            public: element("host-public")?,
            arenas: element("host-arenas")?,
            players: element("host-players")?,
            trouble: element("host-trouble")?,
            asking: XmlHttpRequest::new()?,
            hands_over: Cell::new(false),
            next: RefCell::new(None),
        });
        let mut listeners = contain_dialog(&parts.dialog)?;
        let (changed, pressed, answered) = (Rc::clone(&parts), Rc::clone(&parts), Rc::clone(&parts));
        listeners.extend([
            Listener::new(&parts.dialog, "input", move |event: Event| report(changed.on_input(&event)))?,
            Listener::new(&parts.players, "click", move |event: Event| report(pressed.on_press(&event)))?,
            Listener::new(&parts.asking, "loadend", move |_: Event| report(answered.on_answer()))?,
        ]);
        Ok(Self { parts, shown: Vec::new(), _listeners: listeners })
    }

    /// Opens it for the room with this code.
    pub(crate) fn open(&self, code: &str) -> Result<()> {
        let Parts { dialog, trouble, .. } = &*self.parts;
        self.parts.code.set_text_content(Some(code));
        trouble.set_text_content(None);
        self.parts.list_arenas()?;
        self.parts.ask(&Change::Nothing)?;
        if dialog.open() { Ok(()) } else { dialog.show_modal() }
    }

    /// The server has made this visitor the creator of the room with this code.
    pub(crate) fn receive(&self, code: &str, key: &str) -> Result<()> {
        keep_key(code, Some(key));
        self.parts.code.set_text_content(Some(code));
        // From now on it is the only key.
        self.parts.ask(&Change::Nothing)
    }

    /// Shows who else is in the room.
    pub(crate) fn show_players(&mut self, players: Vec<InRoom>) -> Result<()> {
        if !self.parts.dialog.open() || self.shown == players {
            return Ok(());
        }
        self.parts.players.set_text_content(None);
        for (number, name) in &players {
            let row = child(&self.parts.players, "li", "")?;
            child(&row, "b", "")?.set_text_content(Some(name));
            for (attribute, label) in
                [("data-hand-over", strings().host_hand_over), ("data-remove", strings().host_remove)]
            {
                let button = child(&row, "button", "")?;
                button.set_attribute("type", "button")?;
                button.set_attribute(attribute, &number.to_string())?;
                button.set_text_content(Some(label));
            }
        }
        self.shown = players;
        Ok(())
    }
}

/// Whether this visitor is the creator of the room with this code.
pub(crate) fn is_host(code: &str) -> bool {
    load(KEYS).is_some_and(|kept| key_of(&kept, code).is_some())
}

/// Keeps the key of a room, or forgets it.
pub(crate) fn keep_key(code: &str, key: Option<&str>) {
    save(KEYS, &with_key(&load(KEYS).unwrap_or_default(), code, key));
}

impl Parts {
    /// The server's arenas, as the start card lists them.
    fn list_arenas(&self) -> Result<()> {
        self.arenas.set_text_content(None);
        let listed = document()?.query_selector_all("#arenas input")?;
        for index in 0..listed.length() {
            let Some(listed) = listed.get(index).and_then(|node| node.dyn_into::<HtmlInputElement>().ok())
            else {
                continue;
            };
            // Public rooms are listed too.
            if listed.value().contains('/') {
                continue;
            }
            let label = child(&self.arenas, "label", "")?;
            let input: HtmlInputElement = child(&label, "input", "")?.unchecked_into();
            input.set_type("radio");
            input.set_name("host-arena");
            input.set_value(&listed.value());
            let name = listed.get_attribute("data-name").unwrap_or_default();
            input.set_attribute("data-name", &name)?;
            child(&label, "span", "")?.set_text_content(Some(strings().arena_name(&name)));
        }
        Ok(())
    }

    fn on_input(&self, event: &Event) -> Result<()> {
        let Some(input) = target::<HtmlInputElement>(event) else { return Ok(()) };
        let (is_on, slug) = (input.checked(), input.value());
        self.ask(&match input.id().as_str() {
            "host-locked" => Change::Locked(is_on),
            "host-chat" => Change::Chat(is_on),
            "host-public" => Change::Public(is_on),
            _ => Change::Arena(&slug),
        })
    }

    /// A button beside a player was pressed.
    fn on_press(&self, event: &Event) -> Result<()> {
        let Some(button) = target::<HtmlElement>(event) else { return Ok(()) };
        let number = |attribute| button.get_attribute(attribute).and_then(|number| number.parse().ok());
        if let Some(player) = number("data-remove") {
            self.ask(&Change::Remove(player))
        } else if let Some(player) = number("data-hand-over") {
            self.hands_over.set(true);
            self.ask(&Change::HandOver(player))
        } else {
            Ok(())
        }
    }

    fn ask(&self, change: &Change<'_>) -> Result<()> {
        if matches!(self.asking.ready_state(), XmlHttpRequest::UNSENT | XmlHttpRequest::DONE) {
            self.send(&change.to_string())
        } else {
            self.next.replace(Some(change.to_string()));
            Ok(())
        }
    }

    fn send(&self, body: &str) -> Result<()> {
        let Some(code) = self.code.text_content() else { return Ok(()) };
        let kept = load(KEYS).unwrap_or_default();
        let Some(key) = key_of(&kept, &code) else { return Ok(()) };
        self.asking.open("PATCH", &format!("rooms/{code}"))?;
        self.asking.set_response_type(XmlHttpRequestResponseType::Text);
        self.asking.set_request_header("content-type", "application/json")?;
        self.asking.set_request_header("authorization", &format!("Bearer {key}"))?;
        self.asking.send_with_opt_str(Some(body))
    }

    fn on_answer(&self) -> Result<()> {
        let text = self.asking.response_text().ok().flatten().unwrap_or_default();
        let entry = (self.asking.status() == Ok(OK)).then(|| js_sys::JSON::parse(&text).ok()).flatten();
        let has_handed_over = self.hands_over.take() && entry.is_some();
        match entry {
            Some(entry) => {
                self.trouble.set_text_content(None);
                self.show(&entry)?;
            }
            None => {
                let why = text.trim();
                let is_readable = !why.is_empty() && !why.starts_with('<');
                self.trouble.set_text_content(Some(if is_readable { why } else { strings().room_failed }));
            }
        }
        if has_handed_over && let Some(code) = self.code.text_content() {
            keep_key(&code, None);
            self.dialog.close();
        }
        match self.next.take() {
            Some(body) => self.send(&body),
            None => Ok(()),
        }
    }

    /// Shows the room as the server describes it.
    fn show(&self, entry: &JsValue) -> Result<()> {
        let get = |key: &str| js_sys::Reflect::get(entry, &key.into());
        for (input, key) in
            [(&self.locked, "is_locked"), (&self.chat, "has_chat"), (&self.public, "is_public")]
        {
            input.set_checked(get(key)?.is_truthy());
        }
        let name = get("name")?.as_string().unwrap_or_default();
        let inputs = self.arenas.query_selector_all("input")?;
        for index in 0..inputs.length() {
            if let Some(input) = inputs.get(index).and_then(|node| node.dyn_into::<HtmlInputElement>().ok()) {
                input.set_checked(input.get_attribute("data-name").as_deref() == Some(&name));
            }
        }
        Ok(())
    }
}
