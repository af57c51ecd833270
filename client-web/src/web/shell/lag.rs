//! The lag readout: how long a key press takes to have its effect on the screen, and whose delay that is. Small it is
//! always there, as the ping and a name; F3, or a click, opens it. It must not know how anything is measured.

use std::{cell::Cell, rc::Rc};

use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CanvasRenderingContext2d, Element, Event, HtmlCanvasElement, HtmlElement};

use super::{
    dom::{Listener, Result, Shown, child, element},
    language::strings,
};
use crate::engine::lag::{Lag, LagPart};

/// Other numbers that there is room for.
const NUMBERS: usize = 8;
/// All of the delay from which on it is hard to play, in milliseconds.
const POOR_MS: f32 = 400.0;
/// What the graph reaches to at least, in milliseconds.
const GRAPH_MS_MIN: f32 = 200.0;
/// Of a graph's bar when nobody is to blame, as is said in the style sheet too.
const CALM: &str = "#3f6ea8";

/// The readout.
pub(in crate::web) struct LagView {
    ping: Shown<String>,
    level: Shown<&'static str>,
    total: Shown<String>,
    blame: Shown<String>,
    panel: Shown<bool>,
    parts: Vec<PartView>,
    numbers: Vec<(Shown<String>, Shown<String>)>,
    graph: HtmlCanvasElement,
    pencil: CanvasRenderingContext2d,
    is_open: Rc<Cell<bool>>,
    _clicked: Listener,
}

/// A part's line, and its piece of the bar.
struct PartView {
    part: LagPart,
    line: Shown<bool>,
    name: Shown<String>,
    value: Shown<String>,
    piece: HtmlElement,
}

/// The colour that a part has in the bar and the graph.
fn colour(part: LagPart) -> &'static str {
    match part {
        LagPart::SendAhead => "#6c8cff",
        LagPart::Network => "#ffb454",
        LagPart::InputQueue => "#b78cff",
        LagPart::Tick => "#ff6b6b",
        LagPart::SendQueue => "#ff8fd0",
        LagPart::JitterBuffer => "#4fd6c2",
        LagPart::Rendering => "#9fd356",
    }
}

impl LagView {
    /// Makes its lines.
    pub(in crate::web) fn new() -> Result<Self> {
        let (bar, list) = (element::<Element>("lag-bar")?, element::<Element>("lag-parts")?);
        let numbers_list = element::<Element>("lag-numbers")?;
        let parts = LagPart::ALL.into_iter().map(|part| {
            let colour = colour(part);
            let piece = child(&bar, "i", "")?;
            piece.style().set_property("background", colour)?;
            let line = child(&list, "div", "")?;
            let swatch = child(&line, "i", "")?;
            swatch.style().set_property("background", colour)?;
            let name = Shown::new(child(&line, "span", "")?);
            let value = Shown::new(child(&line, "b", "")?);
            Ok::<_, JsValue>(PartView { part, line: Shown::new(line), name, value, piece })
        });
        let numbers = (0..NUMBERS).map(|_| {
            let name = Shown::new(child(&numbers_list, "dt", "")?);
            Ok::<_, JsValue>((name, Shown::new(child(&numbers_list, "dd", "")?)))
        });
        let graph: HtmlCanvasElement = element("lag-graph")?;
        let pencil = graph.get_context("2d")?.ok_or("no 2d canvas")?.dyn_into()?;
        let chip: HtmlElement = element("ping-chip")?;
        let is_open = Rc::new(Cell::new(false));
        let clicked = Rc::clone(&is_open);
        Ok(Self {
            total: Shown::by_id("lag-total")?,
            blame: Shown::by_id("blame")?,
            ping: Shown::by_id("ping")?,
            level: Shown::by_id("ping-dot")?,
            panel: Shown::by_id("lag")?,
            parts: parts.collect::<Result<_>>()?,
            numbers: numbers.collect::<Result<_>>()?,
            graph,
            pencil,
            _clicked: Listener::new(&chip, "click", move |event: Event| {
                clicked.set(!clicked.get());
                // Space is for firing, not for pressing this once more.
                if let Some(chip) = event.current_target().and_then(|it| it.dyn_into::<HtmlElement>().ok()) {
                    let _ = chip.blur();
                }
            })?,
            is_open,
        })
    }

    /// Opens or closes it.
    pub(in crate::web) fn toggle(&mut self) {
        self.is_open.set(!self.is_open.get());
    }

    /// Shows it; `numbers` beyond its room are left out.
    pub(in crate::web) fn show(&mut self, lag: Option<&Lag>, numbers: &[(&str, String)]) -> Result<()> {
        let is_open = self.is_open.get() && lag.is_some();
        self.panel.visible(is_open);
        let Some(lag) = lag else {
            self.ping.text("–");
            self.blame.text("");
            return Ok(());
        };
        let culprit = lag.culprit();
        // Somebody is named only for what is felt, and the number is that of what is named.
        let named = culprit.filter(|_| lag.total_ms() >= POOR_MS);
        self.ping.text(&format!("{:.0}", lag.ms(named.unwrap_or(LagPart::Network))));
        self.blame.text(named.map_or("", |part| strings().lag_part(part)));
        let level = match culprit {
            None => "good",
            Some(_) if lag.total_ms() < POOR_MS => "fair",
            Some(_) => "poor",
        };
        self.level.show(level, |dot, level| {
            // Only a colour and a shape: the words say it too.
            let _ = dot.set_attribute("data-level", level);
        });
        if !is_open {
            return Ok(());
        }
        self.total.text(&format!("{:.0} ms", lag.total_ms()));
        let whole_ms = lag.total_ms().max(1.0);
        for view in &mut self.parts {
            let ms = lag.ms(view.part);
            view.name.text(strings().lag_part(view.part));
            view.value.text(&if ms < 9.95 { format!("{ms:.1} ms") } else { format!("{ms:.0} ms") });
            view.line.show(culprit == Some(view.part), |line, is_culprit| {
                line.set_class_name(if *is_culprit { "culprit" } else { "" });
            });
            view.piece.style().set_property("width", &format!("{:.1}%", 100.0 * ms / whole_ms))?;
        }
        for (i, (name, value)) in self.numbers.iter_mut().enumerate() {
            let (label, text) = numbers.get(i).map_or(("", ""), |(label, text)| (*label, text.as_str()));
            name.text(label);
            value.text(text);
        }
        self.draw(lag)
    }

    /// The last minute, a bar for each half second, in the colour of the part to blame.
    fn draw(&self, lag: &Lag) -> Result<()> {
        let (width, height) = (f64::from(self.graph.width()), f64::from(self.graph.height()));
        let most_ms = lag.graph().map(|point| point.total_ms).fold(GRAPH_MS_MIN, f32::max);
        self.pencil.clear_rect(0.0, 0.0, width, height);
        let points = lag.graph();
        let step = width / 120.0;
        let left = width - step * points.len() as f64;
        for (i, point) in points.enumerate() {
            let bar = height * f64::from(point.total_ms / most_ms);
            self.pencil.set_fill_style_str(point.culprit.map_or(CALM, colour));
            self.pencil.fill_rect(left + step * i as f64, height - bar, (step - 0.5).max(1.0), bar);
        }
        self.pencil.set_fill_style_str("#8fa6cc");
        self.pencil.set_font("10px sans-serif");
        self.pencil.fill_text(&format!("{most_ms:.0} ms"), 2.0, 10.0)
    }
}
