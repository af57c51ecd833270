//! The programs that tests need besides Rust: browsers with their drivers, node and Python with their modules. Each is
//! found on this machine, or installed: by apt on Debian as root, otherwise into `target/` or beside the lock file.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use crate::workspace::{Workspace, output, run, which};

/// Programs by the environment variables in which the tests look for them.
pub(crate) type Programs = Vec<(&'static str, PathBuf)>;

/// Firefox's driver, as cargo installs it.
const GECKODRIVER: &str = "geckodriver@0.37.1";
/// Builds with the compiler's instrumentation for libFuzzer.
const CARGO_FUZZ: &str = "cargo-fuzz@0.13.2";
/// Where WebKitGTK may keep the browser that its driver starts, under `/usr/lib/TRIPLET`.
const MINI_BROWSERS: [&str; 3] =
    ["webkitgtk-6.0/MiniBrowser", "webkit2gtk-4.1/MiniBrowser", "webkit2gtk-4.0/MiniBrowser"];
/// How long to wait while another program uses apt, such as the machine's own upgrades after it has started.
const APT_LOCK: Duration = Duration::from_secs(300);
/// The files that list what the Python environment holds.
const REQUIREMENTS: [&str; 3] = [
    "server/examples/python/requirements.txt",
    "server/tests/browser/clients/requirements.txt",
    "xtask/requirements.txt",
];

/// The codename of this machine's Debian release, if it is Debian.
pub(crate) fn debian_codename() -> Option<String> {
    let release = fs::read_to_string("/etc/os-release").ok()?;
    let codename = release.lines().find_map(|line| line.strip_prefix("VERSION_CODENAME="));
    release.lines().any(|line| line == "ID=debian").then(|| codename.unwrap_or("sid").to_owned())
}

/// What `find` finds, after installing Debian's `packages` if it found nothing.
pub(crate) fn find_or_install<T>(find: impl Fn() -> Result<T>, packages: &[&str]) -> Result<T> {
    let missing = match find() {
        Ok(found) => return Ok(found),
        Err(missing) => missing,
    };
    let names = packages.join(" ");
    let may_install = debian_codename().is_some() && rustix::process::geteuid().is_root();
    ensure!(may_install, "{missing:#}; install it: on Debian, `sudo apt-get install {names}`");
    println!("installing Debian's {names}");
    // Silently: it prints hundreds of lines.
    unlocked(APT_LOCK, || output(apt_get().args(["update", "-qq"])))?;
    output(apt_get().args(["install", "-y", "-qq", "--no-install-recommends"]).args(packages))?;
    find()
}

/// apt-get, which asks nothing, and waits for its turn to install.
fn apt_get() -> Command {
    let mut command = Command::new("apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive").env("LC_ALL", "C");
    command.arg(format!("-oDPkg::Lock::Timeout={}", APT_LOCK.as_secs()));
    command
}

/// Calls `update` until apt's lists are not locked, for `most`: for that lock apt itself does not wait.
fn unlocked<T>(most: Duration, mut update: impl FnMut() -> Result<T>) -> Result<T> {
    let start = Instant::now();
    loop {
        match update() {
            Err(error) if format!("{error:#}").contains("Unable to lock") && start.elapsed() < most => {
                thread::sleep(Duration::from_secs(1));
            }
            result => return result,
        }
    }
}

/// The first of them that is on the `PATH`.
pub(crate) fn one_of(names: &[&str]) -> Result<PathBuf> {
    let found = names.iter().find_map(|name| which(name));
    found.with_context(|| format!("there is no {} on the PATH", names.join(" or ")))
}

/// Chromium and its driver.
pub(crate) fn chromium() -> Result<Programs> {
    let find = || {
        Ok(vec![
            ("EMBERDRIFT_CHROME", one_of(&["chromium", "chromium-browser", "google-chrome"])?),
            ("EMBERDRIFT_CHROMEDRIVER", one_of(&["chromedriver"])?),
        ])
    };
    find_or_install(find, &["chromium", "chromium-driver"])
}

/// The proxies whose files are in `server/deploy/`. Programs for the superuser are on no other's `PATH`.
pub(crate) fn proxies() -> Result<Programs> {
    let find = || {
        let found = |name: &str| {
            let file = ["/usr/sbin", "/usr/local/sbin"].map(|folder| Path::new(folder).join(name));
            which(name)
                .or_else(|| file.into_iter().find(|file| file.is_file()))
                .with_context(|| format!("there is no {name}"))
        };
        Ok(vec![
            ("EMBERDRIFT_NGINX", found("nginx")?),
            ("EMBERDRIFT_HAPROXY", found("haproxy")?),
            ("EMBERDRIFT_CADDY", found("caddy")?),
            ("EMBERDRIFT_APACHE", found("apache2")?),
        ])
    };
    // Of Apache only the program: its main package starts a server.
    find_or_install(find, &["nginx-light", "haproxy", "caddy", "apache2-bin"])
}

/// Firefox, WebKit's browser, their drivers, and the display that they draw on.
pub(crate) fn firefox_and_webkit(workspace: &Workspace) -> Result<Programs> {
    let find = || {
        Ok(vec![
            ("EMBERDRIFT_FIREFOX", one_of(&["firefox-esr", "firefox"])?),
            ("EMBERDRIFT_WEBKITDRIVER", one_of(&["WebKitWebDriver"])?),
            ("EMBERDRIFT_MINIBROWSER", mini_browser(Path::new("/usr/lib"))?),
            ("EMBERDRIFT_XVFB", one_of(&["Xvfb"])?),
        ])
    };
    // At the same time: one waits for the network, the other for the processor.
    thread::scope(|scope| {
        let geckodriver = scope.spawn(|| geckodriver(workspace));
        let mut programs = find_or_install(find, &["firefox-esr", "webkit2gtk-driver", "xvfb"])?;
        programs.push(("EMBERDRIFT_GECKODRIVER", geckodriver.join().expect("it does not panic")?));
        Ok(programs)
    })
}

/// Installs a font with Chinese characters if there is none: screenshots would have boxes in their place.
pub(crate) fn chinese_font() -> Result<()> {
    let find = || {
        let fonts = output(Command::new(one_of(&["fc-list"])?).arg(":lang=zh-cn"))?;
        ensure!(!fonts.trim().is_empty(), "there is no font with Chinese characters");
        Ok(())
    };
    find_or_install(find, &["fontconfig", "fonts-noto-cjk"])
}

/// WebKit's own small browser, which is on no `PATH`.
fn mini_browser(libraries: &Path) -> Result<PathBuf> {
    let folders = fs::read_dir(libraries).into_iter().flatten().flatten();
    let mut files = folders.flat_map(|folder| MINI_BROWSERS.map(|file| folder.path().join(file)));
    files.find(|file| file.is_file()).with_context(|| {
        format!("there is no MiniBrowser of WebKitGTK in a folder of {}", libraries.display())
    })
}

/// Firefox's driver.
fn geckodriver(workspace: &Workspace) -> Result<PathBuf> {
    // Unoptimised, which halves the build; it waits for the browser anyway.
    built(workspace, "geckodriver", GECKODRIVER).context("install geckodriver on the PATH")
}

/// What builds fuzz targets, and the C++ compiler for libFuzzer.
pub(crate) fn cargo_fuzz(workspace: &Workspace) -> Result<PathBuf> {
    find_or_install(|| one_of(&["c++", "g++", "clang++"]), &["g++"])?;
    built(workspace, "cargo-fuzz", CARGO_FUZZ).context("install cargo-fuzz on the PATH")
}

/// A program in Rust: on the `PATH`, or built once into `target/tools`, unoptimised.
fn built(workspace: &Workspace, name: &str, package: &str) -> Result<PathBuf> {
    if let Some(found) = which(name) {
        return Ok(found);
    }
    let tools = workspace.target("tools");
    let built = tools.join("bin").join(name);
    if !built.is_file() {
        println!("building {package} into {}: a minute or two, once", tools.display());
        let mut install = workspace.cargo(["install", "--quiet", "--locked", "--debug", "--no-track"]);
        install.arg("--root").arg(&tools).arg(package);
        // In a folder of its own, so that it does not wait for the workspace's builds; and without debug information.
        let folder = tools.join(format!("build-{name}"));
        install.env("CARGO_TARGET_DIR", &folder).env("CARGO_PROFILE_DEV_DEBUG", "0");
        run(&mut install).with_context(|| format!("cannot build {package}"))?;
        // The rest of the build is large.
        let _ = fs::remove_dir_all(folder);
    }
    Ok(built)
}

/// The folder with the programs of the examples' and tests' Python environment. It is made again when the requirements
/// have changed, or when the Python that it was made with is gone.
pub(crate) fn python(workspace: &Workspace) -> Result<PathBuf> {
    let folder = workspace.target("python");
    let files = REQUIREMENTS.map(|file| workspace.root().join(file));
    let mut required = String::new();
    for file in &files {
        required += &fs::read_to_string(file).with_context(|| format!("no {}", file.display()))?;
    }
    let installed = folder.join("requirements-installed.txt");
    if !has_environment(&folder, &required) {
        let system = find_or_install(python_with_venv, &["python3", "python3-venv"])?;
        run(Command::new(system).args(["-m", "venv", "--clear"]).arg(&folder))?;
        let mut install = Command::new(folder.join("bin/python"));
        install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
        run(install.args(files.iter().flat_map(|file| [Path::new("-r"), file])))?;
        fs::write(&installed, required).with_context(|| format!("cannot write {}", installed.display()))?;
    }
    Ok(folder.join("bin"))
}

/// Whether a Python environment in `folder` holds what is `required`, and starts. Its Python is a link to the system's, which an
/// upgrade or another machine's cache may have taken away.
fn has_environment(folder: &Path, required: &str) -> bool {
    let installed = fs::read_to_string(folder.join("requirements-installed.txt"));
    let starts = || output(Command::new(folder.join("bin/python")).args(["-c", "import pip"])).is_ok();
    installed.is_ok_and(|installed| installed == required) && starts()
}

/// A Python that can make environments: Debian has the modules for it in a package of their own.
fn python_with_venv() -> Result<PathBuf> {
    let python = which("python3").context("python3, 3.11 or newer, is not on the PATH")?;
    output(Command::new(&python).args(["-c", "import ensurepip, venv"]))
        .context("python3 has no modules venv and ensurepip")?;
    Ok(python)
}

/// NATS's server, of the Python environment: Debian's own is older than what a cluster needs.
pub(crate) fn nats(workspace: &Workspace) -> Result<PathBuf> {
    let program = python(workspace)?.join("nats-server");
    let found = program.is_file().then_some(program).or_else(|| which("nats-server"));
    found.context(
        "there is no package of nats-server for this machine: install version 2.11 or newer on the PATH",
    )
}

/// A program: on the `PATH`, or of the Python environment.
pub(crate) fn from_python(workspace: &Workspace, name: &str) -> Result<PathBuf> {
    if let Some(found) = which(name) {
        return Ok(found);
    }
    let program = python(workspace)?.join(name);
    ensure!(program.is_file(), "there is no package of {name} for this machine: install it on the PATH");
    Ok(program)
}

/// Node, after installing the modules of `folder`'s lock file there.
pub(crate) fn node(folder: &Path) -> Result<PathBuf> {
    let node = which("node").context("node is not on the PATH: install Node.js with npm")?;
    let changed = |file: &str| fs::metadata(folder.join(file)).and_then(|file| file.modified()).ok();
    // npm writes this file last.
    if changed("node_modules/.package-lock.json") < changed("package-lock.json") {
        output(Command::new("npm").args(["ci", "--no-audit", "--no-fund"]).current_dir(folder))?;
    }
    Ok(node)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use anyhow::anyhow;

    use super::*;

    #[test]
    fn python_environment_that_does_not_start_is_made_again() -> Result<()> {
        let folder = Workspace::find()?.target(format!("tmp/python-{}", std::process::id()));
        fs::create_dir_all(folder.join("bin"))?;
        fs::write(folder.join("requirements-installed.txt"), "a==1")?;
        let python = folder.join("bin/python");
        // Its Python is gone.
        symlink(folder.join("gone"), &python)?;
        let has_gone = has_environment(&folder, "a==1");
        fs::remove_file(&python)?;
        // Stands for one that starts.
        symlink("/bin/true", &python)?;
        let (has_same, has_other) = (has_environment(&folder, "a==1"), has_environment(&folder, "a==2"));
        fs::remove_dir_all(&folder)?;
        assert_eq!((has_gone, has_same, has_other), (false, true, false));
        Ok(())
    }

    #[test]
    fn apt_waits_for_another_program_that_uses_it() -> Result<()> {
        let shown = crate::workspace::shown(&apt_get());
        assert!(shown.contains("-oDPkg::Lock::Timeout=300"), "{shown}");
        let locked =
            || Err(anyhow!("`apt-get update` failed: E: Unable to lock directory /var/lib/apt/lists/"));
        let mut answers = vec![Ok(7), locked()];
        assert_eq!(unlocked(APT_LOCK, || answers.pop().unwrap_or_else(locked))?, 7);
        assert!(unlocked(Duration::ZERO, locked).is_err());
        assert!(unlocked(APT_LOCK, || Err::<u8, _>(anyhow!("no network"))).is_err());
        Ok(())
    }
}
