//! `emberdrift-bots`: the load generator with Emberdrift's brain.

use std::process::ExitCode;

use benches::client::{self, Pilot};

fn main() -> ExitCode {
    client::main::<Pilot>()
}
