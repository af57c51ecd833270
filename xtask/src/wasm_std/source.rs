//! Builds std from its source with a stable compiler, into a folder that serves as `--sysroot`.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use super::TARGET;
use super::compiler::{Compiler, has_std};
use crate::workspace::run;

/// A crate with nothing in it: building it builds the std.
const MANIFEST: &str = "[package]\nname = \"nothing\"\nedition = \"2024\"\n\n[workspace]\n";

/// A compiler that looks for its std's source, too, in the sysroot beside it.
const RUSTC: &str = "#!/bin/sh\nexec \"$XTASK_RUSTC\" --sysroot \"$XTASK_SYSROOT\" \"$@\"\n";

/// Builds the std of `compiler` from `library`, the folder of that name in its source; returns the sysroot, which
/// is in `cache`.
pub(super) fn build_std(compiler: &Compiler, library: &Path, work: &Path, cache: &Path) -> Result<PathBuf> {
    let place = cache.join(compiler.key());
    // Cargo splits the flags that name the folder at their spaces.
    let spaced = place.to_string_lossy().contains(char::is_whitespace);
    ensure!(!spaced, "there is a space in {}: move the workspace", place.display());
    println!("building std for {TARGET}, once for Rust {}", compiler.release);
    let sysroot = work.join("sysroot");
    with_source(&compiler.sysroot()?, library, &sysroot)
        .with_context(|| format!("cannot lay out {}", sysroot.display()))?;

    let rustc = work.join("rustc");
    fs::write(&rustc, RUSTC)?;
    fs::set_permissions(&rustc, fs::Permissions::from_mode(0o755))?;

    let nothing = work.join("nothing");
    fs::create_dir_all(nothing.join("src"))?;
    fs::write(nothing.join("Cargo.toml"), MANIFEST)?;
    fs::write(nothing.join("src/lib.rs"), "")?;

    let target = work.join("target");
    let mut cargo = std::process::Command::new(&compiler.cargo);
    compiler.configure(&mut cargo);
    run(cargo
        .args(["build", "--release", "-Zbuild-std=std,panic_abort", "--target", TARGET])
        .current_dir(&nothing)
        .env("CARGO_TARGET_DIR", &target)
        // `-Z` is the nightly compiler's alone, unless one insists.
        .env("RUSTC_BOOTSTRAP", "1")
        // Without its bitcode, the client's link-time optimisation fails.
        .env("RUSTFLAGS", "-Cembed-bitcode=yes")
        .env("XTASK_RUSTC", &compiler.rustc)
        .env("XTASK_SYSROOT", &sysroot)
        .env("RUSTC", &rustc))?;

    let made = work.join("made");
    let lib = made.join("lib/rustlib").join(TARGET).join("lib");
    fs::create_dir_all(&lib)?;
    let deps = target.join(TARGET).join("release/deps");
    for file in fs::read_dir(&deps).with_context(|| format!("cannot read {}", deps.display()))? {
        let file = file?;
        let name = file.file_name();
        let text = name.to_string_lossy();
        if text.ends_with(".rlib") && !text.starts_with("libnothing-") {
            fs::rename(file.path(), lib.join(&name))?;
        }
    }
    ensure!(has_std(&lib), "the build left no std in {}", deps.display());

    // Last, and at once: a folder of this name is complete.
    fs::rename(&made, &place).with_context(|| format!("cannot make {}", place.display()))?;
    Ok(place)
}

/// Lays out `copy` as a sysroot that has all of `sysroot`, by links, and the std's source.
fn with_source(sysroot: &Path, library: &Path, copy: &Path) -> Result<()> {
    let inner = Path::new("lib/rustlib");
    let source = copy.join(inner).join("src/rust");
    fs::create_dir_all(&source)?;
    link_all(sysroot, copy, "lib")?;
    link_all(&sysroot.join("lib"), &copy.join("lib"), "rustlib")?;
    link_all(&sysroot.join(inner), &copy.join(inner), "src")?;
    symlink(library, source.join("library"))?;
    Ok(())
}

/// Links every entry of `from` but `except` into `to`.
fn link_all(from: &Path, to: &Path, except: &str) -> Result<()> {
    for entry in fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))? {
        let entry = entry?;
        if entry.file_name() != except {
            symlink(entry.path(), to.join(entry.file_name()))?;
        }
    }
    Ok(())
}
