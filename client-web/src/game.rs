//! The pure half of the client. It must not know a browser, a socket or a clock: time is an argument.

pub mod scene;
