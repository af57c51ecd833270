//! Everything over the canvas: the HUD, the chat, and the cards before, between and beside the game.

pub(crate) mod cards;
pub(crate) mod hud;

use self::{
    cards::{arenas::ArenaList, room::RoomPanel, settings::SettingsDialog, start::StartCard},
    hud::Hud,
};
use crate::web::shell::{
    chat::ChatPanel,
    dom::{Binding, Result, body},
    lag_readout::LagReadout,
    messages::Banner,
};

/// Its parts. Those that call back into the app are added when there is one.
pub(crate) struct Ui {
    pub(crate) hud: Hud,
    pub(crate) chat: ChatPanel,
    pub(crate) lag: LagReadout,
    pub(crate) banner: Banner,
    pub(crate) settings: Option<SettingsDialog>,
    /// While the visitor is at the start.
    pub(crate) start: Option<StartCard>,
    arenas: Option<ArenaList>,
    pub(crate) room: RoomPanel,
    phase: Binding<&'static str>,
}

impl Ui {
    pub(crate) fn new() -> Result<Self> {
        Ok(Self {
            hud: Hud::new()?,
            chat: ChatPanel::new()?,
            lag: LagReadout::new()?,
            banner: Banner::new()?,
            settings: None,
            start: None,
            arenas: None,
            room: RoomPanel::new()?,
            phase: Binding::new(body()?),
        })
    }

    /// Calls `changed` when there is another arena to go to. `kept` is the arena of the player that this tab had.
    pub(crate) fn listen_to_arenas(
        &mut self,
        kept: Option<String>,
        changed: impl Fn() + 'static,
    ) -> Result<()> {
        self.arenas = Some(ArenaList::new(kept, changed)?);
        Ok(())
    }

    /// The slug of the arena to connect to, `None` for the server's default; and the URL of its node, if another one has it.
    pub(crate) fn arena(&self) -> (Option<String>, Option<String>) {
        self.arenas.as_ref().map_or((None, None), ArenaList::arena)
    }

    /// The URLs of the nodes that the list of arenas names.
    pub(crate) fn nodes(&self) -> Vec<String> {
        self.arenas.as_ref().map(ArenaList::nodes).unwrap_or_default()
    }

    /// Keeps the list of arenas fresh: to be called while the visitor may choose one.
    pub(crate) fn poll_arenas(&mut self, now_ms: f64) -> Result<()> {
        self.arenas.as_mut().map_or(Ok(()), |arenas| arenas.poll(now_ms))
    }

    /// Tells the style sheet the phase of the game.
    pub(crate) fn show_phase(&mut self, phase: &'static str) {
        self.phase.set(phase, |body, phase| {
            // It only changes the looks.
            let _ = body.set_attribute("data-phase", phase);
        });
    }
}
