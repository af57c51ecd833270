//! The browsers and their drivers: finds them on the machine, or installs Debian's if this process may, and builds the one
//! driver that Debian lacks. Must not know what is done with them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use anyhow::{Context, Result, bail, ensure};

use crate::workspace::{Workspace, debian_codename, is_root, output, run, which};

/// Drives Firefox; of the kind of crate that cargo installs.
const GECKODRIVER: &str = "geckodriver@0.37.1";
/// Where Debian's WebKitGTK may keep the browser that its driver drives, under `/usr/lib/TRIPLET`.
const MINI_BROWSERS: [&str; 3] =
    ["webkitgtk-6.0/MiniBrowser", "webkit2gtk-4.1/MiniBrowser", "webkit2gtk-4.0/MiniBrowser"];

/// Programs by the environment variables in which the tests look for them.
pub(super) type Programs = Vec<(&'static str, PathBuf)>;

/// Chromium and its driver.
pub(super) fn chromium() -> Result<Programs> {
    find_or_install(find_chromium, &["chromium", "chromium-driver"])
}

/// Firefox, WebKit's browser, their drivers, and the display that they draw on.
pub(super) fn others(workspace: &Workspace) -> Result<Programs> {
    let packages = ["firefox-esr", "webkit2gtk-driver", "xvfb"];
    // One waits for the network and the other for the processor.
    thread::scope(|scope| {
        let geckodriver = scope.spawn(|| geckodriver(workspace));
        let mut programs = find_or_install(find_others, &packages)?;
        let geckodriver = geckodriver.join().expect("it does not panic")?;
        programs.push(("EMBERDRIFT_GECKODRIVER", geckodriver));
        Ok(programs)
    })
}

/// A font with Chinese characters, without which a picture has boxes in their place.
pub(super) fn chinese_font() -> Result<()> {
    find_or_install(find_chinese_font, &["fontconfig", "fonts-noto-cjk"])
}

fn find_chinese_font() -> Result<()> {
    let fonts = output(Command::new(one_of(&["fc-list"])?).arg(":lang=zh-cn"))?;
    ensure!(!fonts.trim().is_empty(), "no font with Chinese characters");
    Ok(())
}

fn find_chromium() -> Result<Programs> {
    Ok(vec![
        ("EMBERDRIFT_CHROME", one_of(&["chromium", "chromium-browser", "google-chrome"])?),
        ("EMBERDRIFT_CHROMEDRIVER", one_of(&["chromedriver"])?),
    ])
}

fn find_others() -> Result<Programs> {
    Ok(vec![
        ("EMBERDRIFT_FIREFOX", one_of(&["firefox-esr", "firefox"])?),
        ("EMBERDRIFT_WEBKITDRIVER", one_of(&["WebKitWebDriver"])?),
        ("EMBERDRIFT_MINIBROWSER", mini_browser(Path::new("/usr/lib"))?),
        ("EMBERDRIFT_XVFB", one_of(&["Xvfb"])?),
    ])
}

/// The first of them that is on the `PATH`.
fn one_of(names: &[&str]) -> Result<PathBuf> {
    let found = names.iter().find_map(|name| which(name));
    found.with_context(|| format!("no {} on the PATH", names.join(" or ")))
}

/// WebKit's own small browser, which is on no `PATH`.
fn mini_browser(libraries: &Path) -> Result<PathBuf> {
    let folders = fs::read_dir(libraries).into_iter().flatten().flatten();
    let mut found = folders.flat_map(|folder| MINI_BROWSERS.map(|file| folder.path().join(file)).into_iter());
    found
        .find(|file| file.is_file())
        .with_context(|| format!("no MiniBrowser of WebKitGTK in a folder of {}", libraries.display()))
}

/// What `find` finds, after installing Debian's `packages` if need be and if this process may.
pub(crate) fn find_or_install<T>(find: impl Fn() -> Result<T>, packages: &[&str]) -> Result<T> {
    let missing = match find() {
        Ok(found) => return Ok(found),
        Err(missing) => missing,
    };
    let packages = packages.join(" ");
    if debian_codename().is_none() || which("apt-get").is_none() {
        bail!("{missing:#}; install what Debian has as {packages}");
    }
    if !is_root() {
        bail!("{missing:#}; install it: `sudo apt-get install {packages}`");
    }
    println!("{missing:#}: installing Debian's {packages}");
    let apt_get = |arguments: &str| {
        let mut command = Command::new("apt-get");
        command.args(arguments.split(' ')).env("DEBIAN_FRONTEND", "noninteractive");
        // Hundreds of lines of which none matters.
        output(&mut command)
    };
    apt_get("update -qq")?;
    apt_get(&format!("install -y -qq --no-install-recommends {packages}"))?;
    find()
}

/// Firefox's driver: on the `PATH`, or built once into `target/tools`.
fn geckodriver(workspace: &Workspace) -> Result<PathBuf> {
    if let Some(found) = which("geckodriver") {
        return Ok(found);
    }
    let tools = workspace.target("tools");
    let built = tools.join("bin/geckodriver");
    if !built.is_file() {
        println!("building {GECKODRIVER} into {}: a minute or two, once", tools.display());
        // Unoptimised: it waits for the browser anyway, and is built in half the time.
        let mut install = workspace.cargo(["install", "--quiet", "--locked", "--debug", "--no-track"]);
        install.arg("--root").arg(&tools).arg(GECKODRIVER);
        // Apart from the workspace's own build, which it would wait for; and in no need of a debugger.
        install.env("CARGO_TARGET_DIR", tools.join("build")).env("CARGO_PROFILE_DEV_DEBUG", "0");
        run(&mut install).context("Firefox's driver, geckodriver, cannot be built; put one on the PATH")?;
        // What is left of the build is large.
        let _ = fs::remove_dir_all(tools.join("build"));
    }
    Ok(built)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named() {
        assert_eq!(
            one_of(&["no-such-a", "no-such-b"]).unwrap_err().to_string(),
            "no no-such-a or no-such-b on the PATH"
        );
        assert!(one_of(&["no-such-a", "sh"]).is_ok());
    }

    #[test]
    fn the_mini_browser_is_found_whatever_the_machine() -> Result<()> {
        let libraries = std::env::temp_dir().join(format!("xtask-browsers-{}", std::process::id()));
        let file = libraries.join("some-triplet").join(MINI_BROWSERS[1]);
        fs::create_dir_all(file.parent().context("it has one")?)?;
        assert!(mini_browser(&libraries).is_err());
        fs::write(&file, "")?;
        assert_eq!(mini_browser(&libraries)?, file);
        fs::remove_dir_all(&libraries)?;
        Ok(())
    }
}
