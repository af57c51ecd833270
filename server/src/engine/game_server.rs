//! What a game's server needs besides its simulation: where its arenas and its page come from.

use std::borrow::Cow;

use shared::engine::game_trait::{Game, RuleError};

use super::{
    net::Site,
    simulation::{ArenaOf, Simulation},
};

/// A simulation that can be served by itself: `fn main() -> ExitCode { server::program::main::<MyGame>() }`.
pub trait GameServer: Simulation {
    /// The name of the program.
    const PROGRAM: &'static str = <Self::Game as Game>::NAME;
    /// What `--help` says of it, in one line.
    const ABOUT: &'static str;
    /// Bots fill an arena up to this many bodies unless flags or its file say otherwise.
    const BOTS: u16 = 0;

    /// The arenas in the binary, by name, each with the text of its file. The first is the default.
    fn arenas() -> Vec<BuiltIn>;

    /// Reads an arena from the text of its file, which has no key `game` any more. The engine validates it. By default the text is the
    /// arena itself, in RON.
    fn read_arena(text: &str) -> Result<Loaded<ArenaOf<Self>>, ArenaFault> {
        Ok(Loaded { arena: ron::from_str(text)?, bots: None })
    }

    /// The files of its page.
    fn site() -> Site;
}

/// An arena in the binary: its name in `--arena`, and the text of its file.
pub type BuiltIn = (Cow<'static, str>, Cow<'static, str>);

/// What an arena's file says.
#[derive(Clone, Debug, PartialEq)]
pub struct Loaded<A> {
    /// The arena.
    pub arena: A,
    /// Bots fill it up to this many bodies unless a flag says otherwise.
    pub bots: Option<u16>,
}

/// What is wrong with the text of an arena's file.
#[derive(Debug, thiserror::Error)]
pub enum ArenaFault {
    /// It is not RON, or has not the right keys.
    #[error(transparent)]
    Syntax(#[from] ron::error::SpannedError),
    /// A number outside its range.
    #[error(transparent)]
    Range(#[from] RuleError),
    /// Anything else.
    #[error("{what}")]
    Other {
        /// The key in whose line it is; `None` if it is about the whole file.
        key: Option<&'static str>,
        /// What is wrong, and how to mend it.
        what: String,
    },
}
