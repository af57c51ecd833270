//! The host's tools: a dialog in which the creator of a room locks it, turns its chat off, lists it, changes its arena, removes players,
//! and hands it over. What it shows is what the server has answered last.

use std::{cell::RefCell, collections::VecDeque, rc::Rc};

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
/// Requests that wait; more presses of a button are ignored.
const ASKED_MAX: usize = 16;

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
    /// The request that is on its way, and those behind it. Each is sent when the one before is answered.
    asked: RefCell<VecDeque<Asked>>,
    /// The room as the server has described it last.
    entry: RefCell<JsValue>,
    /// Where the room is; `None` for the page's server.
    node: RefCell<Option<String>>,
}

/// A request to the server.
struct Asked {
    body: String,
    /// Whether it gives the room to another player.
    hands_over: bool,
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
            asked: RefCell::default(),
            entry: RefCell::new(JsValue::UNDEFINED),
            node: RefCell::default(),
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

    /// The room is at the node with this URL now; `None`: at the page's server.
    pub(crate) fn set_node(&self, node: Option<String>) {
        *self.parts.node.borrow_mut() = node;
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

    /// Shows the other players in the room.
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

/// Why a request for a room or a change was refused: the server's own line, unless it is a page of something on the way.
pub(super) fn refusal(text: &str) -> &str {
    let line = text.trim();
    if line.is_empty() || line.starts_with('<') { strings().room_failed } else { line }
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
            self.ask(&Change::HandOver(player))
        } else {
            Ok(())
        }
    }

    fn ask(&self, change: &Change<'_>) -> Result<()> {
        let waiting = {
            let mut asked = self.asked.borrow_mut();
            if asked.len() < ASKED_MAX {
                let hands_over = matches!(change, Change::HandOver(_));
                asked.push_back(Asked { body: change.to_string(), hands_over });
            }
            asked.len()
        };
        if waiting == 1 { self.send_first() } else { Ok(()) }
    }

    /// Sends the first request that waits. Without a key there is nothing to ask for.
    fn send_first(&self) -> Result<()> {
        let code = self.code.text_content().unwrap_or_default();
        let kept = load(KEYS).unwrap_or_default();
        let Some(key) = key_of(&kept, &code) else {
            self.asked.borrow_mut().clear();
            return Ok(());
        };
        let address = format!("rooms/{code}");
        let node = self.node.borrow().as_ref().map(|node| format!("{node}/{address}"));
        self.asking.open("PATCH", &node.unwrap_or(address))?;
        self.asking.set_response_type(XmlHttpRequestResponseType::Text);
        self.asking.set_request_header("content-type", "application/json")?;
        self.asking.set_request_header("authorization", &format!("Bearer {key}"))?;
        // The borrow ends before the browser can call back.
        let body = self.asked.borrow().front().map(|asked| asked.body.clone());
        self.asking.send_with_opt_str(body.as_deref())
    }

    fn on_answer(&self) -> Result<()> {
        let text = self.asking.response_text().ok().flatten().unwrap_or_default();
        let entry = (self.asking.status() == Ok(OK)).then(|| js_sys::JSON::parse(&text).ok()).flatten();
        let answered = self.asked.borrow_mut().pop_front();
        self.trouble.set_text_content(entry.is_none().then(|| refusal(&text)));
        let is_granted = entry.is_some();
        if let Some(entry) = entry {
            self.entry.replace(entry);
        }
        // After a refusal too: what was pressed is not in force.
        self.show()?;
        if is_granted
            && answered.is_some_and(|asked| asked.hands_over)
            && let Some(code) = self.code.text_content()
        {
            keep_key(&code, None);
            self.dialog.close();
        }
        if self.asked.borrow().is_empty() { Ok(()) } else { self.send_first() }
    }

    /// Shows the room as the server has described it last.
    fn show(&self) -> Result<()> {
        let entry = self.entry.borrow();
        if entry.is_undefined() {
            return Ok(());
        }
        let get = |key: &str| js_sys::Reflect::get(&entry, &key.into());
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
