//! The line of a duel at the top of the HUD.

use crate::{
    game::{page::duel::line, scene::HudDuel},
    web::{
        emberdrift::language::strings,
        shell::dom::{Binding, Result},
    },
};

/// Names, rounds won, and what goes on.
pub(crate) struct DuelView {
    visible: Binding<bool>,
    names: [Binding<String>; 2],
    score: Binding<String>,
    state: Binding<String>,
}

impl DuelView {
    pub(crate) fn new() -> Result<Self> {
        Ok(Self {
            visible: Binding::by_id("duel")?,
            names: [Binding::by_id("duel-one")?, Binding::by_id("duel-other")?],
            score: Binding::by_id("duel-score")?,
            state: Binding::by_id("duel-state")?,
        })
    }

    /// Shows a duel; `None` in other modes.
    pub(crate) fn show(&mut self, duel: Option<&HudDuel>) {
        self.visible.visible(duel.is_some());
        let Some(duel) = duel else { return };
        let line = line(duel, strings());
        for (shown, name) in self.names.iter_mut().zip(&line.names) {
            shown.text(name);
        }
        self.score.text(&line.score);
        self.state.text(&line.state);
    }
}
