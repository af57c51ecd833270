//! A link with delay, jitter, stalls and cuts: what it is (`spec`), when what is sent through it arrives (`way`), and
//! such a link between real sockets (`proxy`, `carry`). It must not know what is sent.

mod carry;
mod proxy;
mod spec;
mod way;

pub use proxy::{Proxy, ProxyError};
pub use spec::{Every, LinkError, LinkSpec};
pub use way::{Direction, Way};
