//! libFuzzer's program for all targets; `EMBERDRIFT_FUZZ_TARGET` names the one to run. `cargo xtask fuzz` starts it.
//!
//! The macro defines what libFuzzer calls. It ends the process at the first panic and keeps the bytes that led to it.

#![no_main]

use std::{env, sync::LazyLock};

use fuzz::{Target, target};

static TARGET: LazyLock<Target> = LazyLock::new(|| {
    let name = env::var("EMBERDRIFT_FUZZ_TARGET").unwrap_or_default();
    target(&name).unwrap_or_else(|| panic!("EMBERDRIFT_FUZZ_TARGET: there is no target '{name}'"))
});

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| (TARGET.run)(bytes));
