//! The standard library for WASM from Debian's packages: from the source code that matches the workspace's compiler, or
//! with a compiler and source code of Debian's own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::WasmStd;
use super::build::build_std;
use super::compiler::Compiler;
use crate::debian::{codename, install, is_root};
use crate::workspace::{output, run};

/// The suites that may have the source code of a recent compiler, the likeliest first.
const SUITES: [&str; 4] = ["trixie-backports", "trixie", "forky", "sid"];
/// A recent compiler for Debian's stable releases, its cargo, and its source code.
const RUSTC_WEB: [&str; 3] = ["rustc-web", "cargo-web", "rust-web-src"];
/// With which apt verifies the archive.
const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// Builds it from the package `rust-src` of the compiler's version.
pub(super) fn from_rust_src(compiler: &Compiler, cache: &Path) -> Result<WasmStd> {
    let codename = codename().context("this is not Debian")?;
    let lists = output(Command::new("apt-get").args(["update", "--print-uris"]).env("LC_ALL", "C"))?;
    let work = empty_work_folder(cache)?;
    for archive in archives(&lists, &codename) {
        for suite in SUITES {
            let source = match download(archive, suite, compiler.release(), &work.join(suite)) {
                Ok(package) => unpack(&package, &work)?,
                Err(error) => {
                    eprintln!("  not in {suite}: {error:#}");
                    continue;
                }
            };
            let sysroot = build_std(compiler, &source, &work, cache)?;
            fs::remove_dir_all(&work)?;
            return Ok(WasmStd(compiler.clone(), Some(sysroot)));
        }
    }
    anyhow::bail!("no suite of Debian has rust-src {}", compiler.release())
}

/// Builds it with Debian's `rustc-web`, which is installed if it is missing.
pub(super) fn with_rustc_web(_: &Compiler, cache: &Path) -> Result<WasmStd> {
    ensure!(codename().is_some(), "this is not Debian");
    if !RUSTC_WEB.into_iter().all(installed) {
        let names = RUSTC_WEB.join(" ");
        for other in ["rustc", "cargo", "rustup"] {
            ensure!(!installed(other), "`apt-get install {names}` would remove Debian's {other}");
        }
        ensure!(is_root(), "run `sudo apt-get install {names}` (790 MB), then this command again");
        install(&RUSTC_WEB)?;
    }
    let compiler = Compiler::rustc_web()?;
    let source = PathBuf::from(format!("/usr/src/rustc-{}/library", compiler.release()));
    ensure!(source.is_dir(), "rust-web-src has no {}", source.display());
    let work = empty_work_folder(cache)?;
    let sysroot = build_std(&compiler, &source, &work, cache)?;
    fs::remove_dir_all(&work)?;
    Ok(WasmStd(compiler, Some(sysroot)))
}

fn installed(package: &str) -> bool {
    output(Command::new("dpkg-query").args(["-W", "-f", "${db:Status-Status}", package]))
        .is_ok_and(|status| status == "installed")
}

fn empty_work_folder(cache: &Path) -> Result<PathBuf> {
    let work = cache.join("work");
    if work.exists() {
        fs::remove_dir_all(&work).with_context(|| format!("cannot empty {}", work.display()))?;
    }
    fs::create_dir_all(&work).with_context(|| format!("cannot make {}", work.display()))?;
    Ok(work)
}

/// The addresses of the machine's own Debian archives, in what `apt-get update --print-uris` prints.
fn archives<'a>(lists: &'a str, codename: &str) -> Vec<&'a str> {
    let names = [codename, "oldstable", "stable", "testing", "unstable", "sid"];
    let archive = |line: &'a str| {
        let (archive, list) = line.strip_prefix('\'')?.split_once("/dists/")?;
        let mut parts = list.split('/');
        (names.contains(&parts.next()?) && parts.next()? == "main").then_some(archive)
    };
    let mut archives: Vec<_> = lists.lines().filter_map(archive).collect();
    archives.dedup();
    archives
}

/// Downloads `rust-src` of this release from a suite of the archive, with lists and a cache of our own in `folder`: the
/// machine's sources, lists and packages stay as they are. Returns the file.
fn download(archive: &str, suite: &str, release: &str, folder: &Path) -> Result<PathBuf> {
    println!("looking for rust-src {release} in Debian's {suite}");
    for private in ["lists/partial", "cache/archives/partial", "package"] {
        fs::create_dir_all(folder.join(private))?;
    }
    let mut source =
        format!("Types: deb\nURIs: {archive}\nSuites: {suite}\nComponents: main\nTargets: Packages\n");
    if Path::new(KEYRING).is_file() {
        source += &format!("Signed-By: {KEYRING}\n");
    }
    fs::write(folder.join("debian.sources"), source)?;
    let apt_get = |args: &[&str]| {
        let mut command = Command::new("apt-get");
        for (name, path) in
            [("Etc::sourcelist", "debian.sources"), ("State::lists", "lists"), ("Cache", "cache")]
        {
            command.arg(format!("-oDir::{name}={}", folder.join(path).display()));
        }
        command.args(["-oDir::Etc::sourceparts=-", "-oAPT::Sandbox::User=root", "-qq"]).args(args);
        output(command.current_dir(folder.join("package")).env("LC_ALL", "C"))
    };
    apt_get(&["update"])?;
    // Debian's own revision follows the release, as in `1.95.0+dfsg1-2`.
    apt_get(&["download", &format!("rust-src={release}*")])?;
    let mut files = folder.join("package").read_dir()?.flatten().map(|file| file.path());
    files.next().context("apt-get downloaded nothing")
}

/// Unpacks a package into `work`; returns the folder with the source code of the standard library.
fn unpack(package: &Path, work: &Path) -> Result<PathBuf> {
    let folder = work.join("rust-src");
    run(Command::new("dpkg-deb").arg("-x").arg(package).arg(&folder))?;
    let mut sources =
        folder.join("usr/src").read_dir()?.flatten().map(|source| source.path().join("library"));
    sources.find(|library| library.is_dir()).with_context(|| format!("{} has no library", package.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machines_archive_is_found_in_what_apt_prints() {
        let lists = "'http://mirror.example/debian/dists/bookworm/InRelease' a 0 \n\
                     'http://mirror.example/debian/dists/bookworm/main/binary-amd64/Packages.xz' b 0 \n\
                     'http://mirror.example/debian/dists/bookworm/main/binary-all/Packages.xz' c 0 \n\
                     'http://mirror.example/debian/dists/bookworm-updates/main/binary-all/Packages.xz' d 0 \n\
                     'http://other.example/apt/dists/bookworm/stable/binary-all/Packages.xz' e 0 \n";
        assert_eq!(archives(lists, "bookworm"), ["http://mirror.example/debian"]);
        assert_eq!(archives(lists, "trixie"), [""; 0]);
    }
}
