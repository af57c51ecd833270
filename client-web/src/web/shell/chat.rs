//! The chat on the page: lines that come and fade, and a field to type into. It must not know who is heard.

use std::{cell::RefCell, collections::VecDeque, rc::Rc};

use shared::engine::limits::{CHAT_CHARS_MAX, NAME_CHARS_MAX};
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, EventTarget, HtmlElement, HtmlInputElement, KeyboardEvent};

use super::{
    dom::{Listener, Result, child, element, window},
    language::strings,
};
use crate::engine::chat::{ChatEntry, ChatLog, Typed};

/// Lines on the page; older ones are taken off.
const LINES_MAX: usize = 60;
/// How long a line is shown while nobody types, in milliseconds.
const SHOWN_MS: f64 = 12_000.0;
/// Marks a line that is shown only while somebody types.
const OLD: &str = "old";

/// What happened on the page since somebody looked.
#[derive(Default)]
struct Happened {
    /// Enter was pressed outside of the field.
    entered: bool,
    /// The button was pressed.
    opened: bool,
    /// Enter or Escape was pressed in it.
    closed: bool,
    /// It was left; what is in it stays for the next time.
    left: bool,
    typed: Option<String>,
    clicked: Option<String>,
}

/// The chat on the page.
pub(in crate::web) struct ChatView {
    log: ChatLog,
    field: HtmlInputElement,
    list: Element,
    panel: HtmlElement,
    lines: VecDeque<(HtmlElement, ChatEntry, f64)>,
    happened: Rc<RefCell<Happened>>,
    _listeners: [Listener; 5],
}

impl ChatView {
    /// Finds it on the page and starts to listen.
    pub(in crate::web) fn new() -> Result<Self> {
        let field: HtmlInputElement = element("say")?;
        // A whisper has a name in front.
        field.set_max_length((CHAT_CHARS_MAX + NAME_CHARS_MAX + 4) as i32);
        let list: Element = element("lines")?;
        let happened = Rc::new(RefCell::new(Happened::default()));
        let [keys, typing, leaving, clicks, button] = std::array::from_fn(|_| Rc::clone(&happened));
        let input = field.clone();
        let listeners = [
            Listener::new(&window()?.into(), "keydown", move |event: KeyboardEvent| {
                let is_enter = event.key() == "Enter" && !event.repeat() && !event.is_composing();
                if is_enter && !is_field(&event) {
                    keys.borrow_mut().entered = true;
                }
            })?,
            Listener::new(&field, "keydown", move |event: KeyboardEvent| {
                let mut happened = typing.borrow_mut();
                // While a character is being composed, Enter and Escape belong to the input method.
                if event.is_composing() {
                } else if event.key() == "Enter" {
                    event.prevent_default();
                    happened.typed = Some(input.value());
                    happened.closed = true;
                } else if event.key() == "Escape" {
                    happened.closed = true;
                }
                // What is typed is not steered.
                event.stop_propagation();
            })?,
            Listener::new(&field, "blur", move |_: Event| leaving.borrow_mut().left = true)?,
            Listener::new(&element::<EventTarget>("hud-chat")?, "click", move |_: Event| {
                button.borrow_mut().opened = true;
            })?,
            Listener::new(&list, "click", move |event: Event| {
                let target = event.target().and_then(|target| target.dyn_into::<HtmlElement>().ok());
                if let Some(name) = target.and_then(|target| target.get_attribute("data-name")) {
                    clicks.borrow_mut().clicked = Some(name);
                }
            })?,
        ];
        let panel = element("chat")?;
        Ok(Self {
            log: ChatLog::default(),
            field,
            list,
            panel,
            lines: VecDeque::new(),
            happened,
            _listeners: listeners,
        })
    }

    /// Deals with what was typed and clicked, Enter only if that is its meaning now. A line for the server, if there is
    /// one.
    pub(in crate::web) fn update(
        &mut self,
        playing: bool,
        by_enter: bool,
        now_ms: f64,
    ) -> Result<Option<String>> {
        let Happened { entered, opened, closed, left, typed, clicked } = self.happened.take();
        if playing && (opened || entered && by_enter) {
            self.panel.class_list().add_1("typing")?;
            self.field.set_tab_index(0);
            self.field.focus()?;
            self.list.set_scroll_top(self.list.scroll_height());
        }
        if closed {
            self.field.set_value("");
        }
        if closed || left {
            self.field.set_tab_index(-1);
            self.panel.class_list().remove_1("typing")?;
            self.field.blur()?;
            // Leaving it is told as well; it is over already.
            self.happened.borrow_mut().left = false;
        }
        if let Some(name) = clicked {
            let note = self.log.toggle_muted(&name);
            self.hide_muted();
            self.add(note, now_ms)?;
        }
        let mut send = None;
        match typed.map_or(Typed::Nothing, |line| self.log.typed(&line)) {
            Typed::Send(line) => send = Some(line),
            Typed::Note(note) => {
                self.hide_muted();
                self.add(note, now_ms)?;
            }
            Typed::Nothing => {}
        }
        self.age(now_ms);
        Ok(send)
    }

    /// Who is heard.
    pub(in crate::web) fn log(&mut self) -> &mut ChatLog {
        &mut self.log
    }

    /// Adds a line at the end.
    pub(in crate::web) fn add(&mut self, entry: ChatEntry, now_ms: f64) -> Result<()> {
        let line = match &entry {
            ChatEntry::Line { name, text, own, .. } => {
                self.line(if *own { "own" } else { "" }, "", (name, *own), text)?
            }
            ChatEntry::Whisper { name, text, own, .. } => {
                let way = if *own { strings().whisper_to } else { strings().whisper_from };
                self.line("whisper", way, (name, *own), text)?
            }
            ChatEntry::Note(note) => {
                let line = child(&self.list, "li", "note")?;
                line.set_text_content(Some(&strings().chat_note(note)));
                line
            }
        };
        self.lines.push_back((line, entry, now_ms));
        if self.lines.len() > LINES_MAX
            && let Some((line, ..)) = self.lines.pop_front()
        {
            line.remove();
        }
        self.list.set_scroll_top(self.list.scroll_height());
        Ok(())
    }

    fn line(&self, class: &str, way: &str, (name, own): (&str, bool), text: &str) -> Result<HtmlElement> {
        let line = child(&self.list, "li", class)?;
        if !way.is_empty() {
            child(&line, "i", "")?.set_text_content(Some(way));
        }
        // Markup in a name stays text: it is never parsed.
        let who = child(&line, "b", "")?;
        who.set_text_content(Some(name));
        if !own {
            who.set_attribute("data-name", name)?;
            who.set_title(strings().click_to_mute);
        }
        // A space that is read aloud and copied too.
        child(&line, "span", "")?.set_text_content(Some(&format!(" {text}")));
        Ok(line)
    }

    fn hide_muted(&self) {
        for (line, entry, _) in &self.lines {
            line.set_hidden(self.log.is_muted(entry));
        }
    }

    fn age(&self, now_ms: f64) {
        for (line, _, since) in self.lines.iter().rev() {
            let is_old = now_ms - since > SHOWN_MS;
            if is_old && line.class_list().contains(OLD) {
                break;
            }
            if is_old {
                // A line that stays does no harm.
                let _ = line.class_list().add_1(OLD);
            }
        }
    }
}

/// Whether a key was pressed in a field of the page.
fn is_field(event: &KeyboardEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<HtmlElement>().ok());
    target.is_some_and(|element| matches!(element.tag_name().as_str(), "INPUT" | "BUTTON" | "TEXTAREA"))
}
