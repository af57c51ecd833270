//! The chat on the page: lines that come and fade, and a field to type into.

use std::{cell::RefCell, rc::Rc};

use shared::engine::limits::{CHAT_CHARS_MAX, NAME_CHARS_MAX};
use web_sys::{Element, Event, EventTarget, HtmlElement, HtmlInputElement, KeyboardEvent};

use crate::{
    engine::{
        chat::{ChatEntry, ChatLog, Typed},
        page::{aging_lines::AgingLines, strings::PageStrings},
    },
    web::shell::dom::{Listener, Result, child, element, key_target, target, window},
};

/// Lines on the page; older ones are removed.
const LINES_MAX: usize = 60;
/// How long a line is shown while the player does not type.
const SHOWN_MS: f64 = 12_000.0;
/// The class of a line that is shown only while the player types.
const OLD: &str = "old";

/// What happened on the page since the last frame.
#[derive(Default)]
struct Pending {
    /// Enter was pressed outside of the field.
    enter: bool,
    /// The button was pressed.
    button: bool,
    /// Enter or Escape was pressed in the field.
    closed: bool,
    /// The field lost the focus; what is in it stays for the next time.
    left: bool,
    typed: Option<String>,
    clicked_name: Option<String>,
}

/// The chat.
pub(crate) struct ChatPanel {
    log: ChatLog,
    field: HtmlInputElement,
    list: Element,
    panel: HtmlElement,
    lines: AgingLines<(HtmlElement, ChatEntry)>,
    pending: Rc<RefCell<Pending>>,
    _listeners: [Listener; 5],
}

impl ChatPanel {
    pub(crate) fn new() -> Result<Self> {
        let field: HtmlInputElement = element("chat-input")?;
        // A whisper has a name in front.
        field.set_max_length((CHAT_CHARS_MAX + NAME_CHARS_MAX + 4) as i32);
        let list: Element = element("chat-lines")?;
        let pending = Rc::new(RefCell::new(Pending::default()));
        let listeners = listen(&field, &list, &pending)?;
        let lines = AgingLines::new(LINES_MAX);
        let panel = element("chat")?;
        Ok(Self { log: ChatLog::default(), field, list, panel, lines, pending, _listeners: listeners })
    }

    /// Handles what was typed and clicked. Enter opens the field only if `opens_by_enter`. Returns a line for the
    /// server, if there is one.
    pub(crate) fn update(
        &mut self,
        is_playing: bool,
        opens_by_enter: bool,
        strings: &PageStrings,
        now_ms: f64,
    ) -> Result<Option<String>> {
        let Pending { enter, button, closed, left, typed, clicked_name } = self.pending.take();
        if is_playing && (button || enter && opens_by_enter) {
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
            // This blur is reported too, and already handled.
            self.pending.borrow_mut().left = false;
        }
        if let Some(name) = clicked_name {
            let note = self.log.toggle_muted(&name);
            self.hide_muted();
            self.add(note, strings, now_ms)?;
        }
        let mut send = None;
        match typed.map_or(Typed::Nothing, |line| self.log.typed(&line)) {
            Typed::Send(line) => send = Some(line),
            Typed::Note(note) => {
                self.hide_muted();
                self.add(note, strings, now_ms)?;
            }
            Typed::Nothing => {}
        }
        while let Some((line, _)) = self.lines.next_old(SHOWN_MS, now_ms) {
            // A line that stays does no harm.
            let _ = line.class_list().add_1(OLD);
        }
        Ok(send)
    }

    /// Which lines were read, and who is muted.
    pub(crate) fn log(&mut self) -> &mut ChatLog {
        &mut self.log
    }

    /// Adds a line at the end.
    pub(crate) fn add(&mut self, entry: ChatEntry, strings: &PageStrings, now_ms: f64) -> Result<()> {
        let line = match &entry {
            ChatEntry::Line { name, text, own, to_all, .. } => {
                let prefix = if *to_all { strings.said_to_all } else { "" };
                self.line(if *own { "own" } else { "" }, prefix, (name, *own), text, strings)?
            }
            ChatEntry::Whisper { name, text, own, .. } => {
                let prefix = if *own { strings.whisper_to } else { strings.whisper_from };
                self.line("whisper", prefix, (name, *own), text, strings)?
            }
            ChatEntry::Note(note) => {
                let line = child(&self.list, "div", "note")?;
                line.set_text_content(Some(&strings.chat_note(note)));
                line
            }
        };
        if let Some((line, _)) = self.lines.push((line, entry), now_ms) {
            line.remove();
        }
        self.list.set_scroll_top(self.list.scroll_height());
        Ok(())
    }

    fn line(
        &self,
        class: &str,
        prefix: &str,
        (name, own): (&str, bool),
        text: &str,
        strings: &PageStrings,
    ) -> Result<HtmlElement> {
        let line = child(&self.list, "div", class)?;
        if !prefix.is_empty() {
            child(&line, "i", "")?.set_text_content(Some(prefix));
        }
        // Markup in a name stays text: it is never parsed.
        let speaker = child(&line, "b", "")?;
        speaker.set_text_content(Some(name));
        if !own {
            speaker.set_attribute("data-name", name)?;
            speaker.set_title(strings.click_to_mute);
        }
        // The space is read aloud and copied too.
        child(&line, "span", "")?.set_text_content(Some(&format!(" {text}")));
        Ok(line)
    }

    fn hide_muted(&self) {
        for (line, entry) in self.lines.iter() {
            line.set_hidden(self.log.is_muted(entry));
        }
    }
}

fn listen(field: &HtmlInputElement, list: &Element, pending: &Rc<RefCell<Pending>>) -> Result<[Listener; 5]> {
    let [keys, typing, leaving, clicks, button] = std::array::from_fn(|_| Rc::clone(pending));
    let input = field.clone();
    Ok([
        Listener::new(&window()?.into(), "keydown", move |event: KeyboardEvent| {
            let is_enter = event.key() == "Enter" && !event.repeat() && !event.is_composing();
            if is_enter && !key_target(&event).takes_enter() {
                keys.borrow_mut().enter = true;
            }
        })?,
        Listener::new(field, "keydown", move |event: KeyboardEvent| {
            let mut pending = typing.borrow_mut();
            // While a character is being composed, Enter and Escape belong to the input method.
            if event.is_composing() {
            } else if event.key() == "Enter" {
                event.prevent_default();
                pending.typed = Some(input.value());
                pending.closed = true;
            } else if event.key() == "Escape" {
                pending.closed = true;
            }
            // No other listener gets a key that is typed.
            event.stop_propagation();
        })?,
        Listener::new(field, "blur", move |_: Event| leaving.borrow_mut().left = true)?,
        Listener::new(&element::<EventTarget>("hud-chat")?, "click", move |_: Event| {
            button.borrow_mut().button = true;
        })?,
        Listener::new(list, "click", move |event: Event| {
            let name = target::<HtmlElement>(&event).and_then(|target| target.get_attribute("data-name"));
            if let Some(name) = name {
                clicks.borrow_mut().clicked_name = Some(name);
            }
        })?,
    ])
}
