//! Decodes and applies recorded messages as WASM, for `cargo xtask cost` to count what an interpreter executes for it.
//! The host writes a message to the address that `message` returns, then calls `apply`.

#![cfg_attr(not(target_arch = "wasm32"), allow(dead_code, reason = "the host of these functions runs WASM"))]

use std::cell::RefCell;

use client_web::game::Session;

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
#[cfg_attr(target_arch = "wasm32", wasm_bindgen::prelude::wasm_bindgen)]
pub fn message(length: usize) -> *mut u8 {
    STATE.with_borrow_mut(|state| {
        state.message.resize(length, 0);
        state.message.as_mut_ptr()
    })
}

/// Decodes and applies the message; 0 if the session accepts it.
#[cfg_attr(target_arch = "wasm32", wasm_bindgen::prelude::wasm_bindgen)]
pub fn apply() -> u32 {
    STATE.with_borrow_mut(|State { session, message, now_ms }| {
        *now_ms += TICK_MS;
        u32::from(session.handle_message(message, *now_ms).is_err())
    })
}

fn main() {}
