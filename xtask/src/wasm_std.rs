//! Finds, or makes, the standard library for `wasm32-unknown-unknown`.
//!
//! Most toolchains have it or get it from rustup. Where rustup cannot reach its server (closed networks, a compiler
//! that is not rustup's) it is built from Debian's packages instead, once per compiler version, into
//! `target/wasm-sysroot/`. The machine's own toolchain is never touched.

mod apt;
mod compiler;
mod debian;
mod source;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::workspace::{Workspace, output, which};
use compiler::Compiler;

/// The target the client is built for.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// A compiler that has the std for WASM.
pub(crate) struct WasmStd {
    compiler: Compiler,
    /// Where the std is, if not in the compiler's own sysroot.
    sysroot: Option<PathBuf>,
}

impl WasmStd {
    /// Tries the routes in their order, says which it took and why those before it did not serve.
    pub(crate) fn find(workspace: &Workspace) -> Result<Self> {
        let compiler = Compiler::of(workspace)?;
        let cache = workspace.target("wasm-sysroot");
        let mut failed = String::new();
        for (name, route) in ROUTES {
            match route(&compiler, &cache) {
                Ok(std) => {
                    println!("std for {TARGET}: {name}{}", std.place());
                    return Ok(std);
                }
                Err(error) => {
                    let reason = format!("  not {name}: {error:#}\n");
                    eprint!("{reason}");
                    failed += &reason;
                }
            }
        }
        bail!(
            "there is no std for {TARGET}, which the browser client needs:\n{failed}\
             With rustup: `rustup target add {TARGET}`. With Debian's own rustc: \
             `apt-get install libstd-rust-dev-wasm32`. Then run this again."
        );
    }

    /// A cargo whose builds for [`TARGET`] find the std.
    pub(crate) fn cargo(&self, workspace: &Workspace) -> Command {
        let mut command = workspace.cargo_by(&self.compiler.cargo, [""; 0]);
        self.compiler.configure(&mut command);
        if let Some(sysroot) = &self.sysroot {
            command.env(
                "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS",
                format!("--sysroot {}", sysroot.display()),
            );
        }
        command
    }

    /// Whether [`WasmStd::cargo`] knows `clippy`.
    pub(crate) fn has_clippy(&self) -> bool {
        !self.compiler.is_debian_web()
    }

    fn place(&self) -> String {
        self.sysroot.as_ref().map(|sysroot| format!(" ({})", sysroot.display())).unwrap_or_default()
    }
}

type Route = fn(&Compiler, &Path) -> Result<WasmStd>;

const ROUTES: [(&str, Route); 5] = [
    ("in the toolchain already", in_toolchain),
    ("built before", built_before),
    ("added by rustup", by_rustup),
    ("built from Debian's rust-src", from_rust_src),
    ("built with Debian's rustc-web", with_rustc_web),
];

fn in_toolchain(compiler: &Compiler, _: &Path) -> Result<WasmStd> {
    let folder = compiler.target_libdir()?;
    ensure!(compiler::has_std(&folder), "{} has none", folder.display());
    Ok(WasmStd { compiler: compiler.clone(), sysroot: None })
}

fn built_before(compiler: &Compiler, cache: &Path) -> Result<WasmStd> {
    let sysroot = cache.join(compiler.key());
    if sysroot.exists() {
        return Ok(WasmStd { compiler: compiler.clone(), sysroot: Some(sysroot) });
    }
    if let Ok(debian) = Compiler::debian_web(compiler) {
        let sysroot = cache.join(debian.key());
        if sysroot.exists() {
            return Ok(WasmStd { compiler: debian, sysroot: Some(sysroot) });
        }
    }
    bail!("there is none for this compiler in {}", cache.display())
}

fn by_rustup(compiler: &Compiler, cache: &Path) -> Result<WasmStd> {
    let rustup = which("rustup").context("no rustup on the PATH")?;
    output(Command::new(rustup).args(["target", "add", TARGET]))?;
    in_toolchain(compiler, cache).context("rustup added it to another toolchain")
}

fn from_rust_src(compiler: &Compiler, cache: &Path) -> Result<WasmStd> {
    let sysroot = debian::from_rust_src(compiler, cache)?;
    Ok(WasmStd { compiler: compiler.clone(), sysroot: Some(sysroot) })
}

fn with_rustc_web(compiler: &Compiler, cache: &Path) -> Result<WasmStd> {
    let (compiler, sysroot) = debian::with_rustc_web(compiler, cache)?;
    Ok(WasmStd { compiler, sysroot: Some(sysroot) })
}
