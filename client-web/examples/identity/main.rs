//! One long course through all that both ends compute, told tick by tick. Natively it is a program that prints what
//! it came to; as WASM it is a module for node that gives the same text, and `cargo xtask identity` compares the two.
//! It includes the rehearsed server as source rather than use the library, which for WASM is the browser's.

mod arena;
mod course;
#[path = "../../src/game/testing.rs"]
mod rehearsal;
mod shots;
mod tally;

/// Natively only: a module's `main` would run when node loads it.
#[cfg(not(target_arch = "wasm32"))]
fn main() -> Result<(), String> {
    print!("{}", course::run()?);
    Ok(())
}

#[cfg(target_arch = "wasm32")]
fn main() {}

/// The whole report, for node to print.
#[cfg(target_arch = "wasm32")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn report() -> Result<String, String> {
    course::run()
}
