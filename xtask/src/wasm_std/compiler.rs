//! A Rust compiler on this machine: the workspace's, or that of Debian's package `rustc-web`.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::workspace::output;

/// Where Debian's `rustc-web` and `cargo-web` put their programs.
const RUSTC_WEB: [&str; 2] = ["/usr/bin/rustc", "/usr/bin/cargo"];

#[derive(Clone, Debug)]
pub(super) struct Compiler {
    pub(super) rustc: OsString,
    pub(super) cargo: OsString,
    /// Release and commit, as in `1.95.0-59807616e`: a folder name for what only this compiler can use.
    pub(super) version: String,
}

impl Compiler {
    pub(super) fn of_workspace() -> Result<Self> {
        let program = |name: &str, variable| env::var_os(variable).unwrap_or_else(|| name.into());
        Self::new(program("rustc", "RUSTC"), program("cargo", "CARGO"))
    }

    pub(super) fn rustc_web() -> Result<Self> {
        let [rustc, cargo] = RUSTC_WEB.map(OsString::from);
        Self::new(rustc, cargo)
    }

    fn new(rustc: OsString, cargo: OsString) -> Result<Self> {
        let printed = output(Command::new(&rustc).arg("-vV"))?;
        let version = parse_version(&printed)
            .with_context(|| format!("cannot read the version in what `rustc -vV` printed: {printed:?}"))?;
        Ok(Self { rustc, cargo, version })
    }

    pub(super) fn is_rustc_web(&self) -> bool {
        self.rustc == RUSTC_WEB[0]
    }

    /// Its version alone, as in `1.95.0`.
    pub(super) fn release(&self) -> &str {
        self.version.split('-').next().unwrap_or_default()
    }

    /// What `rustc --print WHAT` prints, which is a path.
    pub(super) fn print(&self, what: &[&str]) -> Result<PathBuf> {
        let printed = output(Command::new(&self.rustc).arg("--print").args(what))?;
        Ok(PathBuf::from(printed.trim_end()))
    }

    /// Makes a cargo command use this compiler, without flags from elsewhere.
    pub(super) fn configure(&self, command: &mut Command) {
        command.env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS").env("RUSTC", &self.rustc);
        if !self.is_rustc_web() {
            return;
        }
        // `cargo run` names the libraries of its own toolchain, which are not this compiler's.
        command.env_remove("LD_LIBRARY_PATH");
        // It comes without a linker for WASM; the workspace's compiler has one.
        let lld = Self::of_workspace().and_then(|other| other.print(&["target-libdir"]));
        if let Ok(lld) = lld.map(|folder| folder.with_file_name("bin").join("rust-lld")) {
            command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", lld);
        }
    }
}

fn parse_version(text: &str) -> Option<String> {
    let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    let commit = field("commit-hash:")?;
    Some(format!("{}-{}", field("release:")?, commit.get(..9).unwrap_or(commit)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_tells_compilers_apart() {
        let printed = "rustc 1.95.0 (59807616e 2026-04-14)\nbinary: rustc\n\
                       commit-hash: 59807616e1fa2540724bfbac14d7976d7e4a3860\nrelease: 1.95.0\n";
        assert_eq!(parse_version(printed).as_deref(), Some("1.95.0-59807616e"));
        assert_eq!(parse_version("commit-hash: unknown\nrelease: 1.96.0").as_deref(), Some("1.96.0-unknown"));
        assert_eq!(parse_version("rustc"), None);
    }
}
