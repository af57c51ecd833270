//! The brains of the load bots of each game that `emberdrift-bots` plays. The load generator itself knows no game.

mod emberdrift;
mod tag;

pub use emberdrift::Pilot;
pub use tag::TagBrain;
