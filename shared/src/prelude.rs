//! What the rules of a game name most: `use shared::prelude::*;`.

pub use crate::{
    Vec2,
    engine::{
        body::Motion,
        game_trait::{self, ArenaMap, Game, RuleError, TickMap, within},
        ids::{CellIndex, PlayerId, Tick},
        input::{Angle, Buttons, PlayerInput, Stick},
        items::PlacedItem,
    },
};
