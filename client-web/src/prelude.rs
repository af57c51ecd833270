//! What the client of a game names most: `use client_web::prelude::*;`.

pub use crate::engine::{
    page::{colour::Colour, controls::Controls, game_page::Page, picture::Picture},
    replica::Replica,
    roster::Roster,
    view::{Moment, OwnStep, View},
};
