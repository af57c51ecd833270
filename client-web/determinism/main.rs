//! One long course through all that both ends compute, reported tick by tick. Natively it is a program that prints the
//! report; as WASM it is a module for node that returns it. `cargo xtask determinism` compares the two.

mod arena;
mod course;
mod player;
mod scripted;
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
