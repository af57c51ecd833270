//! The HUD and the cards over the canvas.

pub(in crate::web) mod compass;
pub(in crate::web) mod death_card;
pub(in crate::web) mod hints;
pub(in crate::web) mod hud;
pub(in crate::web) mod lists;
pub(in crate::web) mod minimap;
pub(in crate::web) mod power_ups;
