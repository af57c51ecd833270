//! Builds the standard library from its source with a stable compiler, into a folder that serves as `--sysroot`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::compiler::Compiler;
use super::{TARGET, has_std};
use crate::workspace::run;

/// Building an empty crate builds the standard library.
const MANIFEST: &str = "[package]\nname = \"nothing\"\nedition = \"2024\"\n[workspace]\n";

/// Builds the library of `compiler` from `source`, the folder `library` in its source code, using the folder `work`.
/// Returns the sysroot, which is in `cache`.
pub(super) fn build_std(compiler: &Compiler, source: &Path, work: &Path, cache: &Path) -> Result<PathBuf> {
    let sysroot = cache.join(&compiler.version);
    // Cargo splits the flag that names the folder at its spaces.
    let spaced = sysroot.to_string_lossy().contains(char::is_whitespace);
    ensure!(!spaced, "there is a space in {}: move the workspace", sysroot.display());
    println!("building the standard library for {TARGET}, once for Rust {}", compiler.release());

    let (nothing, target) = (work.join("nothing"), work.join("target"));
    fs::create_dir_all(nothing.join("src"))?;
    fs::write(nothing.join("Cargo.toml"), MANIFEST)?;
    fs::write(nothing.join("src/lib.rs"), "")?;
    let mut cargo = Command::new(&compiler.cargo);
    compiler.configure(&mut cargo);
    run(cargo
        .args(["build", "--release", "-Zbuild-std=std,panic_abort", "--target", TARGET])
        .current_dir(&nothing)
        .env("CARGO_TARGET_DIR", &target)
        // A stable compiler accepts `-Z` only with this.
        .env("RUSTC_BOOTSTRAP", "1")
        // Where cargo finds the source; by itself it looks in the toolchain, which is not ours to change.
        .env("__CARGO_TESTS_ONLY_SRC_ROOT", source)
        // Without its bitcode, the client's link-time optimisation fails.
        .env("RUSTFLAGS", "-Cembed-bitcode=yes"))?;

    let (made, deps) = (work.join("made"), target.join(TARGET).join("release/deps"));
    let lib = made.join("lib/rustlib").join(TARGET).join("lib");
    fs::create_dir_all(&lib)?;
    for file in deps.read_dir().with_context(|| format!("cannot read {}", deps.display()))?.flatten() {
        let name = file.file_name().to_string_lossy().into_owned();
        if name.ends_with(".rlib") && !name.starts_with("libnothing-") {
            fs::rename(file.path(), lib.join(name))?;
        }
    }
    ensure!(has_std(&lib), "the build left no standard library in {}", deps.display());
    // Last and in one step, so that a folder of this name is always complete.
    fs::rename(&made, &sysroot).with_context(|| format!("cannot make {}", sysroot.display()))?;
    Ok(sysroot)
}
