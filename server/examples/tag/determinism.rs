//! Steps of a runner, reported tick by tick: natively a program that prints them, as WASM a module for node that returns them. `cargo xtask
//! determinism` compares the two.

use shared::{engine::course, prelude::*};
use tag::{Arena, Runner, Tag};

fn report() -> Result<String, String> {
    let size = Vec2::new(2048.0, 1536.0);
    let name = "Yard".to_owned();
    let arena = Arena { name, size, radius: 22.0, speed: 260.0, it_speed: 1.15, grace_seconds: 1.0 };
    let motion = Motion { position: size / 2.0, velocity: Vec2::ZERO };
    course::report::<Tag>(&arena, &Runner { motion, ..Runner::default() })
}

#[cfg(not(target_arch = "wasm32"))]
fn main() -> Result<(), String> {
    print!("{}", report()?);
    Ok(())
}

/// A module's `main` would run when node loads it.
#[cfg(target_arch = "wasm32")]
fn main() {}

/// For node to print.
#[cfg(target_arch = "wasm32")]
#[wasm_bindgen::prelude::wasm_bindgen(js_name = report)]
pub fn report_to_node() -> Result<String, String> {
    report()
}
