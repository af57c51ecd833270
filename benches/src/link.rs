//! A link with delay, jitter, stalls and cuts: what it is (`spec`), and when what is sent through it arrives (`way`).
//! It must not know what is sent.

mod spec;
mod way;

pub use spec::{Every, LinkError, LinkSpec};
pub use way::{Direction, Way};
