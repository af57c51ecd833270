//! `emberdrift-bots`: the load generator with a brain for each game in this repository.

use std::process::ExitCode;

use benches::{
    brains::{Pilot, TagBrain},
    client::{self, Playable},
};

fn main() -> ExitCode {
    client::main_of(&[Playable::by::<Pilot>(), Playable::by::<TagBrain>()])
}
