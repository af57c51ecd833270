//! The netcode harness: how the game plays on a bad network, in numbers. The real arena loop and the server's side of a
//! connection on one side, real sessions on the other, a seeded network between them, all on simulated time, thousands
//! of ticks a second. The same questions can be asked once over real sockets.

mod checks;
mod controllers;
mod experiments;
mod harness;
mod sockets;

pub use checks::{measure, measure_real};
pub use sockets::SocketError;
