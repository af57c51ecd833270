//! Proxies between players and the server: which are trusted, and who the client behind them is. What other peers claim is
//! ignored.

pub(super) mod forwarded;
pub(super) mod peer;
pub(super) mod protocol;
mod trusted;

pub use trusted::TrustedProxies;
