//! Finds or builds the standard library for `wasm32-unknown-unknown`.
//!
//! Most toolchains have it or get it from rustup. Where rustup cannot reach its server (closed networks, a compiler that
//! is not rustup's) it is built from Debian's package `rust-src`, once for each compiler version, into
//! `target/wasm-sysroot/` of the engine, for all games. The machine's own toolchain is never changed.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use anyhow::{Context, Result, bail, ensure};

use crate::programs::debian_codename;
use crate::workspace::{Workspace, output, run, which};

/// The target the client is built for.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// The suites of Debian that may have the source code of a recent compiler.
const SUITES: &str = "trixie-backports trixie forky sid";
/// With which apt verifies the archive.
const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";
/// Building an empty crate builds the standard library.
const MANIFEST: &str = "[package]\nname = \"nothing\"\nedition = \"2024\"\n[workspace]\n";

/// The standard library for WASM: in the compiler's own sysroot, or in this one.
pub(crate) struct WasmStd(Option<PathBuf>);

/// Finds or makes the standard library; returns the sysroot that has it, if it is not the compiler's own.
type Route<'a> = &'a dyn Fn() -> Result<Option<PathBuf>>;

impl WasmStd {
    /// Tries the routes in order, and prints which one it took and why the earlier ones failed.
    pub(crate) fn find(workspace: &Workspace) -> Result<Self> {
        let rustc = Rustc::of_workspace()?;
        let sysroot = workspace.engine().join("target/wasm-sysroot").join(&rustc.version);
        let routes: [(&str, Route<'_>); 4] = [
            ("in the toolchain already", &|| rustc.has_std()),
            ("built before", &|| {
                ensure!(sysroot.is_dir(), "there is no {}", sysroot.display());
                Ok(Some(sysroot.clone()))
            }),
            ("added by rustup", &|| {
                let rustup = which("rustup").context("there is no rustup on the PATH")?;
                output(Command::new(rustup).args(["target", "add", TARGET]))?;
                rustc.has_std().context("rustup added it to another toolchain")
            }),
            ("built from Debian's rust-src", &|| from_debian(workspace, &rustc, &sysroot)),
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

/// Builds the library from the source code that Debian packages for the same release, into a folder that serves as
/// `--sysroot`.
fn from_debian(workspace: &Workspace, rustc: &Rustc, sysroot: &Path) -> Result<Option<PathBuf>> {
    let codename = debian_codename().context("this is not Debian")?;
    // Cargo splits the flag that names the folder at its spaces.
    let spaced = sysroot.to_string_lossy().contains(char::is_whitespace);
    ensure!(!spaced, "there is a space in {}: move the workspace", sysroot.display());
    let work = sysroot.with_file_name("work");
    if work.exists() {
        fs::remove_dir_all(&work).with_context(|| format!("cannot empty {}", work.display()))?;
    }
    let package = download(&codename, &rustc.release, &work)?;
    println!("building the standard library for {TARGET}, once for Rust {}", rustc.release);
    let unpacked = work.join("rust-src");
    run(Command::new("dpkg-deb").arg("-x").arg(package).arg(&unpacked))?;
    let mut sources =
        unpacked.join("usr/src").read_dir()?.flatten().map(|source| source.path().join("library"));
    let source = sources.find(|library| library.is_dir()).context("the package has no library")?;
    compile(workspace, &source, &work, sysroot)?;
    fs::remove_dir_all(&work)?;
    Ok(Some(sysroot.to_owned()))
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

/// Downloads `rust-src` of this release, with lists and a cache of our own in `work`: the machine's sources, lists and
/// packages stay as they are. Returns the file.
fn download(codename: &str, release: &str, work: &Path) -> Result<PathBuf> {
    println!("looking for rust-src {release} in Debian's {SUITES}");
    let lists = output(Command::new("apt-get").args(["update", "--print-uris"]).env("LC_ALL", "C"))?;
    let archives = archives(&lists, codename);
    ensure!(!archives.is_empty(), "apt has no archive of Debian");
    let package = work.join("package");
    for folder in [&work.join("lists/partial"), &work.join("cache/archives/partial"), &package] {
        fs::create_dir_all(folder)?;
    }
    let archives = archives.join(" ");
    let mut source =
        format!("Types: deb\nURIs: {archives}\nSuites: {SUITES}\nComponents: main\nTargets: Packages\n");
    if Path::new(KEYRING).is_file() {
        source += &format!("Signed-By: {KEYRING}\n");
    }
    fs::write(work.join("debian.sources"), source)?;
    let apt_get = |args: &[&str]| {
        let mut command = Command::new("apt-get");
        for (name, path) in
            [("Etc::sourcelist", "debian.sources"), ("State::lists", "lists"), ("Cache", "cache")]
        {
            command.arg(format!("-oDir::{name}={}", work.join(path).display()));
        }
        command.args(["-oDir::Etc::sourceparts=-", "-oAPT::Sandbox::User=root", "-qq"]).args(args);
        output(command.current_dir(&package).env("LC_ALL", "C"))
    };
    // It fails if one of the suites is not in one of the archives, and has the lists of the others.
    let updated = apt_get(&["update"]).err().map_or_else(String::new, |error| format!("{error:#}; "));
    // Debian's own revision follows the release, as in `1.95.0+dfsg1-2`.
    apt_get(&["download", &format!("rust-src={release}*")])
        .with_context(|| format!("{updated}no suite of Debian has rust-src {release}"))?;
    let mut files = package.read_dir()?.flatten().map(|file| file.path());
    files.next().context("apt-get downloaded nothing")
}

/// Builds the library from `source`, the folder `library` in the compiler's source code, into `sysroot`.
fn compile(workspace: &Workspace, source: &Path, work: &Path, sysroot: &Path) -> Result<()> {
    let (nothing, target, made) = (work.join("nothing"), work.join("target"), work.join("made"));
    fs::create_dir_all(nothing.join("src"))?;
    fs::write(nothing.join("Cargo.toml"), MANIFEST)?;
    fs::write(nothing.join("src/lib.rs"), "")?;
    run(workspace
        .cargo(["build", "--release", "-Zbuild-std=std,panic_abort", "--target", TARGET])
        .current_dir(&nothing)
        .env("CARGO_TARGET_DIR", &target)
        // A stable compiler accepts `-Z` only with this.
        .env("RUSTC_BOOTSTRAP", "1")
        // Where cargo finds the source; by itself it looks in the toolchain, which is not ours to change.
        .env("__CARGO_TESTS_ONLY_SRC_ROOT", source)
        // Without its bitcode, the client's link-time optimisation fails.
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .env("RUSTFLAGS", "-Cembed-bitcode=yes"))?;

    let (deps, lib) = (target.join(TARGET).join("release/deps"), made.join("lib/rustlib").join(TARGET));
    let lib = lib.join("lib");
    fs::create_dir_all(&lib)?;
    for file in deps.read_dir().with_context(|| format!("cannot read {}", deps.display()))?.flatten() {
        let name = file.file_name().to_string_lossy().into_owned();
        if name.ends_with(".rlib") && !name.starts_with("libnothing-") {
            fs::rename(file.path(), lib.join(name))?;
        }
    }
    ensure!(has_std(&lib), "the build left no standard library in {}", deps.display());
    // Last and in one step, so that a folder of this name is always complete.
    fs::rename(&made, sysroot).with_context(|| format!("cannot make {}", sysroot.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machines_archive_is_found_in_what_apt_prints() {
        let lists = "'http://mirror.example/debian/dists/bookworm/InRelease' a 0 \n\
                     'http://mirror.example/debian/dists/bookworm/main/binary-amd64/Packages.xz' b 0 \n\
                     'http://mirror.example/debian/dists/bookworm/main/binary-all/Packages.xz' c 0 \n\
                     'http://mirror.example/debian/dists/bookworm-updates/main/binary-all/Packages.xz' d 0 \n\
                     'http://other.example/apt/dists/bookworm/stable/binary-all/Packages.xz' e 0 \n";
        assert_eq!(archives(lists, "bookworm"), ["http://mirror.example/debian"]);
        assert_eq!(archives(lists, "trixie"), [""; 0]);
    }
}
