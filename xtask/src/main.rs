//! `cargo xtask`, in the engine's workspace.

use std::process::ExitCode;

fn main() -> ExitCode {
    xtask::main()
}
