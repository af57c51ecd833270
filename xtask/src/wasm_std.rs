//! Finds or builds the standard library for `wasm32-unknown-unknown`.
//!
//! Most toolchains have it or get it from rustup. Where rustup cannot reach its server (closed networks, a compiler that
//! is not rustup's) it is built from Debian's package `rust-src`, once for each compiler version, into
//! `target/wasm-sysroot/`. The machine's own toolchain is never changed.

mod rust_src;

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::workspace::{Workspace, output, which};

/// The target the client is built for.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// The standard library for WASM: in the compiler's own sysroot, or in this one.
pub(crate) struct WasmStd(Option<PathBuf>);

/// Finds or makes the standard library; returns the sysroot that has it, if it is not the compiler's own.
type Route<'a> = &'a dyn Fn() -> Result<Option<PathBuf>>;

impl WasmStd {
    /// Tries the routes in order, and prints which one it took and why the earlier ones failed.
    pub(crate) fn find(workspace: &Workspace) -> Result<Self> {
        let rustc = Rustc::of_workspace()?;
        let sysroot = workspace.target("wasm-sysroot").join(&rustc.version);
        let routes: [(&str, Route<'_>); 4] = [
            ("in the toolchain already", &|| rustc.has_std()),
            ("built before", &|| built_before(&sysroot)),
            ("added by rustup", &|| by_rustup(&rustc)),
            ("built from Debian's rust-src", &|| rust_src::build(workspace, &rustc, &sysroot)),
        ];
        let mut failed = String::new();
        for (name, route) in routes {
            match route() {
                Ok(sysroot) => {
                    println!("standard library for {TARGET}: {name}");
                    return Ok(Self(sysroot));
                }
                Err(error) => failed += &format!("  not {name}: {error:#}\n"),
            }
        }
        bail!(
            "the browser client needs the standard library for {TARGET}, and there is none:\n{failed}\
             With rustup, run `rustup target add {TARGET}`; with Debian's own rustc, \
             `apt-get install libstd-rust-dev-wasm32`. Then run this command again."
        );
    }

    /// `cargo ARGS --target wasm32-unknown-unknown`, without flags from elsewhere.
    pub(crate) fn cargo(&self, workspace: &Workspace, args: &[&str]) -> Command {
        let mut command = workspace.cargo(args);
        command.args(["--target", TARGET]).env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS");
        if let Some(sysroot) = &self.0 {
            let flags = format!("--sysroot {}", sysroot.display());
            command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", flags);
        }
        command
    }
}

fn built_before(sysroot: &Path) -> Result<Option<PathBuf>> {
    ensure!(sysroot.is_dir(), "there is no {}", sysroot.display());
    Ok(Some(sysroot.to_owned()))
}

fn by_rustup(rustc: &Rustc) -> Result<Option<PathBuf>> {
    let rustup = which("rustup").context("there is no rustup on the PATH")?;
    output(Command::new(rustup).args(["target", "add", TARGET]))?;
    rustc.has_std().context("rustup added it to another toolchain")
}

/// The workspace's compiler.
struct Rustc {
    program: PathBuf,
    /// As in `1.95.0`.
    release: String,
    /// Release, commit and date: a folder name for what only this compiler can use.
    version: String,
}

impl Rustc {
    fn of_workspace() -> Result<Self> {
        let program: PathBuf = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()).into();
        let printed = output(Command::new(&program).arg("-V"))?;
        let release = printed.split(' ').nth(1).context("`rustc -V` printed no version")?.to_owned();
        let version = printed.trim().replace(|char: char| !char.is_ascii_alphanumeric() && char != '.', "-");
        Ok(Self { program, release, version })
    }

    /// An error unless its own sysroot has the library.
    fn has_std(&self) -> Result<Option<PathBuf>> {
        let folder =
            output(Command::new(&self.program).args(["--print", "target-libdir", "--target", TARGET]))?;
        ensure!(has_std(Path::new(folder.trim_end())), "{} has none", folder.trim_end());
        Ok(None)
    }
}

/// Whether `folder` holds a compiled standard library.
fn has_std(folder: &Path) -> bool {
    folder.read_dir().is_ok_and(|files| {
        files.flatten().any(|file| file.file_name().to_string_lossy().starts_with("libstd-"))
    })
}
