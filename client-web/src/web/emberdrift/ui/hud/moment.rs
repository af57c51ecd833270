//! The moment in the upper third of the screen. Its container is always in the page, so that a screen reader announces what
//! appears in it.

use web_sys::HtmlElement;

use crate::{
    game::{
        page::moments::{Moment, Moments},
        scene::Hud,
    },
    web::{
        emberdrift::language::strings,
        shell::dom::{Binding, Result, element},
    },
};

/// The moments and their line.
pub(crate) struct MomentView {
    moments: Moments,
    has_triumph: bool,
    shown: Binding<Option<Moment>>,
    is_fading: Binding<bool>,
    title: HtmlElement,
    detail: HtmlElement,
}

impl MomentView {
    pub(crate) fn new() -> Result<Self> {
        Ok(Self {
            moments: Moments::default(),
            has_triumph: false,
            shown: Binding::by_id("moment-line")?,
            is_fading: Binding::by_id("moment-line")?,
            title: element("moment-title")?,
            detail: element("moment-detail")?,
        })
    }

    /// Another arena begins: nothing of the last one is shown.
    pub(crate) fn enter(&mut self) {
        self.moments = Moments::default();
    }

    pub(crate) fn update(&mut self, hud: &Hud, now_ms: f64) {
        self.has_triumph |= self.moments.advance(hud, now_ms);
        self.is_fading.class_if(self.moments.is_fading(now_ms), "fading", "");
        let moment = self.moments.shown();
        // Compared first: to copy a name in every frame is to allocate.
        if self.shown.get().and_then(Option::as_ref) == moment {
            return;
        }
        let Self { shown, title, detail, .. } = self;
        shown.set(moment.cloned(), |line, moment| {
            line.set_hidden(moment.is_none());
            let Some(moment) = moment else { return };
            let texts = moment.texts(strings());
            title.set_text_content(Some(&texts.title));
            detail.set_text_content(Some(&texts.detail));
            // It only changes the colour.
            let _ = line.set_attribute("data-kind", texts.kind);
        });
    }

    /// Whether a moment began that no other sound says; once for each.
    pub(crate) fn take_triumph(&mut self) -> bool {
        core::mem::take(&mut self.has_triumph)
    }
}
