//! The client's netcode that knows no particular game: clock, send-ahead, reconnecting, lag measurement.
//!
//! Invariant: nothing in here names [`crate::game`], a browser, a socket or a clock: time is an argument.

pub(crate) mod clock;
pub mod frame_timer;
pub mod lag;
pub mod lru_slots;
pub(crate) mod pacer;
pub mod reconnect;
pub mod session_stats;
pub(crate) mod transmit;
