//! The network conditioner: a TCP proxy that adds delay, jitter, stalls and cuts between players and a server.
//! [`Conditions`] say what it does, a [`DelayLine`] computes when each message arrives, on simulated or real time, and a
//! [`Proxy`] does so between real sockets.

mod conditions;
mod delay_line;
mod proxy;
mod relay;

pub use conditions::{Conditions, ConditionsError, Recurring};
pub use delay_line::{DelayLine, Direction};
pub use proxy::{Proxy, ProxyError};
