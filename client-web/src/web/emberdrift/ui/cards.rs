//! Cards: the start card with its list of arenas, the death card, the settings, and the tools of a room's host.

pub(crate) mod arenas;
pub(crate) mod death;
pub(crate) mod host;
pub(crate) mod room;
pub(crate) mod settings;
pub(crate) mod start;
