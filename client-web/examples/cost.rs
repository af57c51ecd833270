//! Decodes and applies recorded messages as WASM, for `cargo xtask cost` to count what an interpreter executes for it.
//! The host writes a message to the address that `message` returns, then calls `apply`.
//!
//! It includes the sources instead of the library, because the library for the browser imports what only a browser has.

#![allow(unsafe_code, reason = "an exported name is unsafe by the language's rules; there is nothing else")]

#[allow(
    dead_code,
    missing_docs,
    unreachable_pub,
    unused_imports,
    reason = "parts of the client, taken in as they are"
)]
#[path = "../src"]
mod client {
    pub mod engine;
    pub mod game;
}

use std::cell::RefCell;

use client::{engine, game};
use game::Session;

const TICK_MS: f64 = 50.0;

struct State {
    session: Session,
    message: Vec<u8>,
    now_ms: f64,
}

thread_local! {
    static STATE: RefCell<State> =
        RefCell::new(State { session: Session::new("cost"), message: Vec::new(), now_ms: 0.0 });
}

/// Makes room for a message of this many bytes, and returns its address.
#[unsafe(no_mangle)]
pub extern "C" fn message(length: usize) -> *mut u8 {
    STATE.with_borrow_mut(|state| {
        state.message.resize(length, 0);
        state.message.as_mut_ptr()
    })
}

/// Decodes and applies the message; 0 if the session accepts it.
#[unsafe(no_mangle)]
pub extern "C" fn apply() -> u32 {
    STATE.with_borrow_mut(|State { session, message, now_ms }| {
        *now_ms += TICK_MS;
        u32::from(session.handle_message(message, *now_ms).is_err())
    })
}

fn main() {}
