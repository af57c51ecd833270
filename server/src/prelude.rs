//! What the server of a game names most: `use server::prelude::*;`.

pub use crate::{
    engine::{
        game_server::BuiltIn,
        net::Site,
        simulation::Audience,
        world::{Member, PlayerIn, PlayersIn, Rules, Step, World},
    },
    program,
};
