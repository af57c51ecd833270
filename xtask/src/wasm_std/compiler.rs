//! A Rust compiler on this machine, and what is to be known of it.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::TARGET;
use crate::workspace::{Workspace, output};

/// Where Debian's `rustc-web` puts its compiler.
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
/// Where Debian's `cargo-web` puts its cargo.
const DEBIAN_CARGO: &str = "/usr/bin/cargo";

/// A compiler and the cargo that goes with it.
#[derive(Clone, Debug)]
pub(super) struct Compiler {
    pub(super) cargo: OsString,
    pub(super) rustc: OsString,
    /// Its version, as in `1.95.0`.
    pub(super) release: String,
    /// The commit it was built from, or `unknown`.
    commit: String,
    /// The linker for [`TARGET`], if not its own.
    linker: Option<PathBuf>,
}

impl Compiler {
    /// The compiler that builds the workspace.
    pub(super) fn of(workspace: &Workspace) -> Result<Self> {
        let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        Self::new(workspace.cargo_path().to_owned(), rustc)
    }

    /// The compiler of Debian's `rustc-web` and `cargo-web`. It comes without a linker for WASM, so it gets that of
    /// the compiler `at_hand`.
    pub(super) fn debian_web(at_hand: &Self) -> Result<Self> {
        let linker = at_hand.lld()?;
        Ok(Self { linker, ..Self::new(DEBIAN_CARGO.into(), DEBIAN_RUSTC.into())? })
    }

    fn new(cargo: OsString, rustc: OsString) -> Result<Self> {
        let told = output(Command::new(&rustc).arg("-vV"))?;
        let Some((release, commit)) = parse_version(&told) else {
            bail!("cannot read the version of {}: it said {told:?}", rustc.display());
        };
        Ok(Self { cargo, rustc, release: release.to_owned(), commit: commit.to_owned(), linker: None })
    }

    /// Whether this is the compiler of Debian's `rustc-web`.
    pub(super) fn is_debian_web(&self) -> bool {
        self.rustc == DEBIAN_RUSTC
    }

    /// A folder name for what is made with this compiler and no other.
    pub(super) fn key(&self) -> String {
        format!("{}-{}", self.release, self.commit.get(..9).unwrap_or(&self.commit))
    }

    /// Makes a cargo command use this compiler, with no flags from elsewhere.
    pub(super) fn configure(&self, command: &mut Command) {
        command.env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS");
        command.env("RUSTC", &self.rustc);
        if self.is_debian_web() {
            // `cargo run` names the libraries of its own toolchain, which are not this compiler's.
            command.env_remove("LD_LIBRARY_PATH");
        }
        if let Some(linker) = &self.linker {
            command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
        }
    }

    /// Where its own std for [`TARGET`] is, or would be.
    pub(super) fn target_libdir(&self) -> Result<PathBuf> {
        self.print(&["--print", "target-libdir", "--target", TARGET])
    }

    /// Its sysroot.
    pub(super) fn sysroot(&self) -> Result<PathBuf> {
        self.print(&["--print", "sysroot"])
    }

    /// The LLVM linker that came with it.
    fn lld(&self) -> Result<Option<PathBuf>> {
        let targets = self.sysroot()?.join("lib/rustlib");
        let targets = targets.read_dir().with_context(|| format!("cannot read {}", targets.display()))?;
        Ok(targets.flatten().map(|target| target.path().join("bin/rust-lld")).find(|file| file.is_file()))
    }

    fn print(&self, args: &[&str]) -> Result<PathBuf> {
        let printed = output(Command::new(&self.rustc).args(args))?;
        printed.lines().next().map(PathBuf::from).context("rustc printed no path")
    }
}

/// Whether `folder` holds a compiled std.
pub(super) fn has_std(folder: &Path) -> bool {
    folder.read_dir().is_ok_and(|files| {
        files.flatten().any(|file| {
            let name = file.file_name();
            let name = name.to_string_lossy();
            name.starts_with("libstd-") && name.ends_with(".rlib")
        })
    })
}

/// The release and the commit in what `rustc -vV` prints.
fn parse_version(text: &str) -> Option<(&str, &str)> {
    let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    Some((field("release:")?, field("commit-hash:")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_version() {
        let told = "rustc 1.95.0 (59807616e 2026-04-14)\nbinary: rustc\n\
                    commit-hash: 59807616e1fa2540724bfbac14d7976d7e4a3860\nrelease: 1.95.0\n";
        assert_eq!(parse_version(told), Some(("1.95.0", "59807616e1fa2540724bfbac14d7976d7e4a3860")));
        assert_eq!(parse_version("rustc"), None);
    }

    #[test]
    fn the_key_tells_compilers_apart() {
        let compiler = |commit: &str| Compiler {
            cargo: "cargo".into(),
            rustc: "rustc".into(),
            release: "1.95.0".to_owned(),
            commit: commit.to_owned(),
            linker: None,
        };
        assert_eq!(compiler("59807616e1fa2540").key(), "1.95.0-59807616e");
        assert_eq!(compiler("unknown").key(), "1.95.0-unknown");
    }
}
