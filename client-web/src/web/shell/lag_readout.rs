//! The lag readout: how long a key press takes to reach the screen, and which part of the way is to blame. F3, or a click on the ping,
//! opens it. The ping is always there: signal bars, a number, and a word if the connection is not good.

use std::{cell::Cell, rc::Rc};

use wasm_bindgen::JsValue;
use web_sys::{CanvasRenderingContext2d, Element, Event, HtmlCanvasElement, HtmlElement};

use crate::{
    engine::{
        lag::{Lag, LagPart},
        page::{lag_figures, lag_level::LagLevel, strings::PageStrings},
    },
    web::shell::dom::{Binding, Listener, Result, child, context_2d, element},
};

/// Numbers below the bar that there is room for.
const FIGURES_MAX: usize = 8;
/// The graph reaches at least to this.
const GRAPH_MS_MIN: f32 = 200.0;
/// Points in a minute of the graph.
const GRAPH_POINTS: f64 = 120.0;
/// A bar of the graph when no part is to blame.
const CALM: &str = "#3f6ea8";

pub(crate) struct LagReadout {
    ping: Binding<String>,
    level: Binding<LagLevel>,
    word: Binding<String>,
    panel: Binding<bool>,
    total: Binding<String>,
    parts: Vec<PartRow>,
    figures: Vec<(Binding<String>, Binding<String>)>,
    graph: HtmlCanvasElement,
    pen: CanvasRenderingContext2d,
    is_open: Rc<Cell<bool>>,
    _click: Listener,
}

/// A part's row, and its piece of the bar.
struct PartRow {
    part: LagPart,
    is_culprit: Binding<bool>,
    name: Binding<String>,
    value: Binding<String>,
    piece: HtmlElement,
}

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

impl LagReadout {
    pub(crate) fn new() -> Result<Self> {
        let (bar, list) = (element::<Element>("lag-bar")?, element::<Element>("lag-parts")?);
        let parts = LagPart::ALL.into_iter().map(|part| PartRow::new(part, &bar, &list));
        let figures_list = element::<Element>("lag-figures")?;
        let figures = (0..FIGURES_MAX).map(|_| {
            let name = Binding::new(child(&figures_list, "dt", "")?);
            Ok::<_, JsValue>((name, Binding::new(child(&figures_list, "dd", "")?)))
        });
        let graph: HtmlCanvasElement = element("lag-graph")?;
        let chip: HtmlElement = element("ping-chip")?;
        let is_open = Rc::new(Cell::new(false));
        let (clicked, clicked_chip) = (Rc::clone(&is_open), chip.clone());
        Ok(Self {
            total: Binding::by_id("lag-total")?,
            word: Binding::by_id("ping-word")?,
            ping: Binding::by_id("ping")?,
            level: Binding::by_id("ping-chip")?,
            panel: Binding::by_id("lag")?,
            parts: parts.collect::<Result<_>>()?,
            figures: figures.collect::<Result<_>>()?,
            pen: context_2d(&graph)?,
            graph,
            _click: Listener::new(&chip, "click", move |_: Event| {
                clicked.set(!clicked.get());
                // Space is for the game, not for pressing this again.
                let _ = clicked_chip.blur();
            })?,
            is_open,
        })
    }

    /// Whether it says that no frames come.
    pub(crate) fn shows_silence(&self) -> bool {
        self.level.get() == Some(&LagLevel::NoSignal)
    }

    /// Opens or closes it.
    pub(crate) fn toggle(&mut self) {
        self.is_open.set(!self.is_open.get());
    }

    /// Shows the delay, if there is a game, and the first of `figures`: see [`lag_figures::figures`]. `is_silent`: frames are due and
    /// do not come.
    pub(crate) fn show(
        &mut self,
        lag: Option<&Lag>,
        is_silent: bool,
        figures: &[(&str, String)],
        strings: &PageStrings,
    ) -> Result<()> {
        let is_open = self.is_open.get() && lag.is_some();
        self.panel.visible(is_open);
        let level = LagLevel::of(lag, is_silent);
        self.level.set(level, |chip, level| {
            // Only bars and a colour: the text says it too.
            let _ = chip.set_attribute("data-level", level.name());
        });
        self.word.text(level.word(strings));
        let Some(lag) = lag else {
            self.ping.text("–");
            return Ok(());
        };
        self.ping.text(&format!("{:.0}", lag.ms(LagPart::Network)));
        if !is_open {
            return Ok(());
        }
        let (total_ms, culprit) = (lag.total_ms(), lag.culprit());
        self.total.text(&format!("{total_ms:.0} ms"));
        for row in &mut self.parts {
            row.show(lag.ms(row.part), total_ms.max(1.0), culprit == Some(row.part), strings)?;
        }
        for (i, (name, value)) in self.figures.iter_mut().enumerate() {
            let (label, text) = figures.get(i).map_or(("", ""), |(label, text)| (*label, text.as_str()));
            name.text(label);
            value.text(text);
        }
        self.draw_graph(lag)
    }

    /// The last minute: a bar for each half second, in the colour of the part to blame.
    fn draw_graph(&self, lag: &Lag) -> Result<()> {
        let (width, height) = (f64::from(self.graph.width()), f64::from(self.graph.height()));
        let most_ms = lag.graph().map(|point| point.total_ms).fold(GRAPH_MS_MIN, f32::max);
        self.pen.clear_rect(0.0, 0.0, width, height);
        let points = lag.graph();
        let step = width / GRAPH_POINTS;
        let left = width - step * points.len() as f64;
        for (i, point) in points.enumerate() {
            let bar = height * f64::from(point.total_ms / most_ms);
            self.pen.set_fill_style_str(point.culprit.map_or(CALM, colour));
            self.pen.fill_rect(left + step * i as f64, height - bar, (step - 0.5).max(1.0), bar);
        }
        self.pen.set_fill_style_str("#8fa6cc");
        self.pen.set_font("10px sans-serif");
        self.pen.fill_text(&format!("{most_ms:.0} ms"), 2.0, 10.0)
    }
}

impl PartRow {
    fn new(part: LagPart, bar: &Element, list: &Element) -> Result<Self> {
        let colour = colour(part);
        let piece = child(bar, "i", "")?;
        piece.style().set_property("background", colour)?;
        let row = child(list, "div", "")?;
        let swatch = child(&row, "i", "")?;
        swatch.style().set_property("background", colour)?;
        let name = Binding::new(child(&row, "span", "")?);
        let value = Binding::new(child(&row, "b", "")?);
        Ok(Self { part, is_culprit: Binding::new(row), name, value, piece })
    }

    fn show(&mut self, ms: f32, total_ms: f32, is_culprit: bool, strings: &PageStrings) -> Result<()> {
        self.name.text(strings.lag_part(self.part));
        self.value.text(&lag_figures::milliseconds(ms));
        self.is_culprit.class_if(is_culprit, "culprit", "");
        self.piece.style().set_property("width", &format!("{:.1}%", 100.0 * ms / total_ms))
    }
}
