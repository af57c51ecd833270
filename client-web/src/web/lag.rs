//! The lag readout (F3): whose delay it is, in numbers. It must not know how they are measured.

use web_sys::{Element, HtmlElement};

use super::dom::{Result, Shown, child, element};

/// Lines that the readout has room for.
const LINES: usize = 10;

/// The readout.
pub(super) struct LagView {
    panel: Shown<bool>,
    lines: Vec<(Shown<String>, Shown<String>)>,
    open: bool,
}

impl LagView {
    /// Makes its lines.
    pub(super) fn new() -> Result<Self> {
        let panel = element::<Element>("lag")?;
        let lines = (0..LINES)
            .map(|_| {
                let name = Shown::new(child(&panel, "dt", "")?);
                Ok((name, Shown::new(child(&panel, "dd", "")?)))
            })
            .collect::<Result<_>>()?;
        Ok(Self { panel: Shown::new(element::<HtmlElement>("lag")?), lines, open: false })
    }

    /// Opens or closes it.
    pub(super) fn toggle(&mut self) {
        self.open = !self.open;
        self.panel.visible(self.open);
    }

    /// Shows these lines; those beyond its room are left out.
    pub(super) fn show(&mut self, lines: &[(&str, String)]) {
        if !self.open {
            return;
        }
        for (i, (name, value)) in self.lines.iter_mut().enumerate() {
            let (label, text) = lines.get(i).map_or(("", ""), |(label, text)| (*label, text.as_str()));
            name.text(label);
            value.text(text);
        }
    }
}
