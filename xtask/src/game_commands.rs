//! The command line of a game in a workspace of its own, which has a package of three lines for it. The game is the workspace's only
//! one, so no command names it.

use anyhow::Result;
use clap::Parser;

use crate::game::Game;
use crate::wasm_std::WasmStd;
use crate::workspace::Workspace;
use crate::{build, determinism, dev, play};

/// This game's own commands.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
enum Command {
    /// Build the page and the server, and play: open the address that the server prints, in one or more tabs.
    Play(play::Serving),
    /// Play while you change the code: build what a change needs, and apply it to the game that runs.
    ///
    /// Watches the game's folder and the engine. A changed rule restarts the server, which keeps its world, and players are back by
    /// themselves; a changed client is loaded again by the open pages; a changed arena file is applied by the server. While
    /// something does not compile, the game goes on as it was. Ctrl-C ends all of it. Builds are quick and not small: `cargo xtask
    /// play` and `cargo xtask build` make what is for others.
    Dev(play::Serving),
    /// Build what is for others: the page and the programs, optimised, into target.
    Build,
    /// Prove that native code and WASM compute the same, to the bit: ten thousand steps of a body, natively and in node.
    Determinism,
    /// Write the test vectors and JSON Schemas for clients in other languages: the folders vectors and schema.
    ///
    /// They come from the game's own types. `cargo test` fails while they are out of date.
    Vectors,
}

/// Does what the command line asks for.
pub(crate) fn run() -> Result<()> {
    let command = Command::parse();
    let workspace = &Workspace::find()?;
    let game = Game::only(workspace)?;
    match command {
        Command::Play(serving) => play::play(workspace, &game, serving),
        Command::Dev(serving) => dev::develop(workspace, game, serving),
        Command::Build => build::whole_game(workspace, &WasmStd::find(workspace)?, &game),
        Command::Determinism => {
            determinism::compare_games(workspace, &WasmStd::find(workspace)?, true, &[game]).map(drop)
        }
        Command::Vectors => build::vectors_of_game(workspace, &game),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn command_line_has_no_contradictions() {
        Command::command().debug_assert();
    }

    #[test]
    fn no_command_names_a_game() {
        for command in ["play", "dev"] {
            let parsed = Command::try_parse_from(["xtask", command, "--port", "9000"]);
            assert!(matches!(parsed, Ok(Command::Play(_) | Command::Dev(_))), "{command}");
            assert!(Command::try_parse_from(["xtask", command, "--game", "tag"]).is_err(), "{command}");
        }
    }
}
