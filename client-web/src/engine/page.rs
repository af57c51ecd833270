//! The pure logic of the page around any game: what the visitor chose, how much there is time to draw, and a cache.

pub mod arena_choice;
pub mod language;
pub mod lru_slots;
pub mod quality;
pub mod settings;
