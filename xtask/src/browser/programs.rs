//! The browsers and their drivers: finds them, installs Debian's if this process may, and builds the one driver that
//! Debian does not have.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use anyhow::{Context, Result, ensure};

use crate::debian::find_or_install;
use crate::workspace::{Workspace, output, run, which};

/// Firefox's driver, as cargo installs it.
const GECKODRIVER: &str = "geckodriver@0.37.1";
/// Where WebKitGTK may keep the browser that its driver starts, under `/usr/lib/TRIPLET`.
const MINI_BROWSERS: [&str; 3] =
    ["webkitgtk-6.0/MiniBrowser", "webkit2gtk-4.1/MiniBrowser", "webkit2gtk-4.0/MiniBrowser"];

/// Programs by the environment variables in which the tests look for them.
pub(super) type Programs = Vec<(&'static str, PathBuf)>;

/// Chromium and its driver.
pub(super) fn chromium() -> Result<Programs> {
    let find = || {
        Ok(vec![
            ("EMBERDRIFT_CHROME", one_of(&["chromium", "chromium-browser", "google-chrome"])?),
            ("EMBERDRIFT_CHROMEDRIVER", one_of(&["chromedriver"])?),
        ])
    };
    find_or_install(find, &["chromium", "chromium-driver"])
}

/// Firefox, WebKit's browser, their drivers, and the display that they draw on.
pub(super) fn others(workspace: &Workspace) -> Result<Programs> {
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

/// An error unless there is a font with Chinese characters.
pub(super) fn chinese_font() -> Result<()> {
    let fonts = output(Command::new(one_of(&["fc-list"])?).arg(":lang=zh-cn"))?;
    ensure!(!fonts.trim().is_empty(), "there is no font with Chinese characters");
    Ok(())
}

/// The first of them that is on the `PATH`.
fn one_of(names: &[&str]) -> Result<PathBuf> {
    let found = names.iter().find_map(|name| which(name));
    found.with_context(|| format!("there is no {} on the PATH", names.join(" or ")))
}

/// WebKit's own small browser, which is on no `PATH`.
fn mini_browser(libraries: &Path) -> Result<PathBuf> {
    let folders = fs::read_dir(libraries).into_iter().flatten().flatten();
    let mut files = folders.flat_map(|folder| MINI_BROWSERS.map(|file| folder.path().join(file)));
    files.find(|file| file.is_file()).with_context(|| {
        format!("there is no MiniBrowser of WebKitGTK in a folder of {}", libraries.display())
    })
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
        // Unoptimised, which halves the build; it waits for the browser anyway.
        let mut install = workspace.cargo(["install", "--quiet", "--locked", "--debug", "--no-track"]);
        install.arg("--root").arg(&tools).arg(GECKODRIVER);
        // In a folder of its own, so that it does not wait for the workspace's builds; and without debug information.
        install.env("CARGO_TARGET_DIR", tools.join("build")).env("CARGO_PROFILE_DEV_DEBUG", "0");
        run(&mut install).context("cannot build Firefox's driver: install geckodriver on the PATH")?;
        // The rest of the build is large.
        let _ = fs::remove_dir_all(tools.join("build"));
    }
    Ok(built)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_programs_are_named() {
        let error = one_of(&["no-such-a", "no-such-b"]).unwrap_err().to_string();
        assert_eq!(error, "there is no no-such-a or no-such-b on the PATH");
        assert!(one_of(&["no-such-a", "sh"]).is_ok());
    }

    #[test]
    fn the_mini_browser_is_found_in_any_architectures_folder() -> Result<()> {
        let libraries = std::env::temp_dir().join(format!("xtask-browsers-{}", std::process::id()));
        let file = libraries.join("some-triplet").join(MINI_BROWSERS[1]);
        fs::create_dir_all(file.with_file_name(""))?;
        assert!(mini_browser(&libraries).is_err());
        fs::write(&file, "")?;
        assert_eq!(mini_browser(&libraries)?, file);
        fs::remove_dir_all(&libraries)?;
        Ok(())
    }
}
