//! Cards and messages: the start card with its list of arenas, the death card, the settings, the banner.

pub(crate) mod arenas;
pub(crate) mod banner;
pub(crate) mod death;
pub(crate) mod settings;
pub(crate) mod start;
