//! Hands the listening socket of a server to the process that takes its place, so that no connect is refused between the two:
//! what connects meanwhile waits in the socket's backlog.
//!
//! The running server waits at a Unix socket ([`HandOver`]) for its successor, which finds it there ([`Offer::find`]):
//!
//! | from | says | means |
//! |---|---|---|
//! | successor | `emberdrift takeover 1` | what it speaks |
//! | predecessor | `players are kept` or `players are lost`, with the socket | what it offers; it goes on as before |
//! | successor | `stop` | it can use the socket |
//! | predecessor | `stopping` | from here on it accepts no connects |
//! | predecessor | end of the stream | its state is written, or it is gone |
//!
//! Only a process of the same user is believed, on both sides, and each has little time to speak. Until it is told to stop, the
//! predecessor loses nothing, whatever comes to its socket.

mod error;
mod hand_over;
mod offer;
mod wire;

pub use self::{
    error::TakeoverError,
    hand_over::{HandOver, HandOverSocket, Successor},
    offer::Offer,
};

#[cfg(test)]
mod tests;
