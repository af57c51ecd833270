//! Finds or builds the standard library for `wasm32-unknown-unknown`.
//!
//! Most toolchains have it or get it from rustup. Where rustup cannot reach its server (closed networks, a compiler that
//! is not rustup's) it is built from Debian's packages, once for each compiler version, into `target/wasm-sysroot/`. The
//! machine's own toolchain is never changed.

mod build;
mod compiler;
mod debian;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::workspace::{Workspace, output, which};
use compiler::Compiler;

/// The target the client is built for.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// A compiler, and where the standard library for WASM is if not in the compiler's own sysroot.
pub(crate) struct WasmStd(Compiler, Option<PathBuf>);

type Route = fn(&Compiler, &Path) -> Result<WasmStd>;

const ROUTES: [(&str, Route); 5] = [
    ("in the toolchain already", in_toolchain),
    ("built before", built_before),
    ("added by rustup", by_rustup),
    ("built from Debian's rust-src", debian::from_rust_src),
    ("built with Debian's rustc-web", debian::with_rustc_web),
];

impl WasmStd {
    /// Tries the routes in order, and prints which one it took and why the earlier ones failed.
    pub(crate) fn find(workspace: &Workspace) -> Result<Self> {
        let (compiler, cache) = (Compiler::of_workspace()?, workspace.target("wasm-sysroot"));
        let mut failed = String::new();
        for (name, route) in ROUTES {
            match route(&compiler, &cache) {
                Ok(std) => {
                    println!("standard library for {TARGET}: {name}");
                    return Ok(std);
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

    /// `cargo ARGS --target wasm32-unknown-unknown`.
    pub(crate) fn cargo(&self, workspace: &Workspace, args: &[&str]) -> Command {
        let mut command = workspace.command(&self.0.cargo);
        command.args(args).args(["--target", TARGET]);
        self.0.configure(&mut command);
        if let Some(sysroot) = &self.1 {
            let flags = format!("--sysroot {}", sysroot.display());
            command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", flags);
        }
        command
    }

    /// Whether [`WasmStd::cargo`] knows `clippy`.
    pub(crate) fn has_clippy(&self) -> bool {
        !self.0.is_rustc_web()
    }
}

fn in_toolchain(compiler: &Compiler, _: &Path) -> Result<WasmStd> {
    let folder = compiler.print(&["target-libdir", "--target", TARGET])?;
    ensure!(has_std(&folder), "{} has none", folder.display());
    Ok(WasmStd(compiler.clone(), None))
}

fn built_before(compiler: &Compiler, cache: &Path) -> Result<WasmStd> {
    for compiler in [Some(compiler.clone()), Compiler::rustc_web().ok()].into_iter().flatten() {
        let sysroot = cache.join(&compiler.version);
        if sysroot.is_dir() {
            return Ok(WasmStd(compiler, Some(sysroot)));
        }
    }
    bail!("{} has none for this compiler", cache.display())
}

fn by_rustup(compiler: &Compiler, cache: &Path) -> Result<WasmStd> {
    let rustup = which("rustup").context("there is no rustup on the PATH")?;
    output(Command::new(rustup).args(["target", "add", TARGET]))?;
    in_toolchain(compiler, cache).context("rustup added it to another toolchain")
}

/// Whether `folder` holds a compiled standard library.
fn has_std(folder: &Path) -> bool {
    folder.read_dir().is_ok_and(|files| {
        files.flatten().any(|file| file.file_name().to_string_lossy().starts_with("libstd-"))
    })
}
