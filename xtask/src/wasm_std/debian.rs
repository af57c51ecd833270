//! The std for WASM out of Debian's packages: with the source that matches the compiler at hand, or with a compiler
//! and source of Debian's own.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{fs, io};

use anyhow::{Context, Result, bail, ensure};

use super::apt::Apt;
use super::compiler::Compiler;
use super::source::build_std;
use crate::workspace::{debian_codename, is_root, output, run, which};

/// The suites that may have the source of a recent compiler, the likeliest first.
const SUITES: [&str; 4] = ["trixie-backports", "trixie", "forky", "sid"];

/// A recent compiler for Debian's stable releases, its cargo, and its std's source.
const PACKAGES: [&str; 3] = ["rustc-web", "cargo-web", "rust-web-src"];

/// Builds the std for `compiler` from the `rust-src` package of the same version; returns the sysroot.
pub(super) fn from_rust_src(compiler: &Compiler, cache: &Path) -> Result<PathBuf> {
    let codename = debian_codename().context("this is not Debian")?;
    let version = &compiler.release;
    ensure!(
        version.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'),
        "Debian has no source of {version}"
    );
    for tool in ["apt-get", "dpkg-deb", "tar"] {
        ensure!(which(tool).is_some(), "no {tool} on the PATH");
    }
    in_work_folder(cache, |work| {
        let apt = Apt::new(&codename, work)?;
        let package = SUITES
            .iter()
            .find_map(|suite| match apt.download(suite, "rust-src", version) {
                Ok(package) => Some(package),
                Err(error) => {
                    eprintln!("  not in {suite}: {error:#}");
                    None
                }
            })
            .with_context(|| format!("no suite of Debian's has rust-src {version}"))?;
        let source = work.join("rust-src");
        unpack(&package, &source)?;
        build_std(compiler, &source.join("library"), work, cache)
    })
}

/// Builds the std with Debian's `rustc-web`, installing it if it is missing; returns compiler and sysroot.
pub(super) fn with_rustc_web(at_hand: &Compiler, cache: &Path) -> Result<(Compiler, PathBuf)> {
    ensure!(debian_codename().is_some(), "this is not Debian");
    if !PACKAGES.into_iter().all(installed) {
        let install = format!("apt-get install {}", PACKAGES.join(" "));
        for other in ["rustc", "cargo", "rustup"] {
            ensure!(!installed(other), "`{install}` would remove Debian's {other}");
        }
        ensure!(is_root(), "run `sudo {install}` (790 MB), then this again");
        let mut apt = Command::new("apt-get");
        run(apt.args(["update", "-qq"]))?;
        let mut apt = Command::new("apt-get");
        apt.args(["install", "-y", "-qq", "--no-install-recommends"]).args(PACKAGES);
        run(apt.env("DEBIAN_FRONTEND", "noninteractive"))?;
    }
    let compiler = Compiler::debian_web(at_hand)?;
    let sysroot = cache.join(compiler.key());
    if sysroot.exists() {
        return Ok((compiler, sysroot));
    }
    let library = PathBuf::from(format!("/usr/src/rustc-{}/library", compiler.release));
    ensure!(library.exists(), "rust-web-src has no {}", library.display());
    let sysroot = in_work_folder(cache, |work| build_std(&compiler, &library, work, cache))?;
    Ok((compiler, sysroot))
}

fn installed(package: &str) -> bool {
    output(Command::new("dpkg-query").args(["-W", "-f", "${db:Status-Status}", package]))
        .is_ok_and(|status| status == "installed")
}

/// Calls `make` with an empty folder, which is gone afterwards.
fn in_work_folder<T>(cache: &Path, make: impl FnOnce(&Path) -> Result<T>) -> Result<T> {
    let work = cache.join("work");
    let clear = || match fs::remove_dir_all(&work) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    };
    clear().with_context(|| format!("cannot empty {}", work.display()))?;
    fs::create_dir_all(&work).with_context(|| format!("cannot make {}", work.display()))?;
    let made = make(&work);
    clear().with_context(|| format!("cannot remove {}", work.display()))?;
    made
}

/// Unpacks the `library` folder of a `rust-src` package into `folder`.
fn unpack(package: &Path, folder: &Path) -> Result<()> {
    fs::create_dir_all(folder)?;
    let mut archive = Command::new("dpkg-deb")
        .arg("--fsys-tarfile")
        .arg(package)
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start `dpkg-deb`")?;
    let tar = archive.stdout.take().context("`dpkg-deb` has no output")?;
    let unpacked = Command::new("tar")
        .arg("-xC")
        .arg(folder)
        .args(["--strip-components=4", "--wildcards", "./usr/src/rustc-*/library"])
        .stdin(tar)
        .status()
        .context("cannot start `tar`")?;
    let read = archive.wait()?;
    if !unpacked.success() || !read.success() {
        bail!("cannot unpack {} (dpkg-deb: {read}, tar: {unpacked})", package.display());
    }
    Ok(())
}
