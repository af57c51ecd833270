//! The Emberdrift server: one thread owns the world, one task owns each socket, bounded queues between them.
//!
//! [`engine`] is what any game of this kind needs; [`game`] is Emberdrift. All but the binary and `game` itself serve any game: what they need of it is
//! [`engine::game_server::GameServer`].

#![warn(clippy::print_stdout, clippy::print_stderr)] // They panic if the output is closed.

pub mod config;
pub mod engine;
pub mod game;
pub mod prelude;
pub mod program;
pub mod replay;
pub mod run;
pub mod shutdown;
