//! Lets a real browser play a real server: finds or installs Chromium and its driver, and runs the server's
//! browser test with them.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};

use crate::foreign::Python;
use crate::steps::{Outcome, tests};
use crate::workspace::{Workspace, debian_codename, is_root, run, which};
use crate::{build, foreign};

/// The feature of the server's crate that lets its browser test be built.
pub(crate) const BROWSER_TEST: &str = "emberdrift-server/browser-test";

/// Where the clients in other languages are.
const CLIENTS: &str = "server/tests/browser/clients";

/// A browser and the WebDriver server that drives it.
struct Browser {
    chrome: PathBuf,
    driver: PathBuf,
}

impl Browser {
    fn find() -> Result<Self> {
        let chrome = ["chromium", "chromium-browser", "google-chrome"].into_iter().find_map(which);
        match (chrome, which("chromedriver")) {
            (Some(chrome), Some(driver)) => Ok(Self { chrome, driver }),
            (None, Some(_)) => bail!("no browser (chromium, chromium-browser or google-chrome) on the PATH"),
            (Some(_), None) => bail!("no chromedriver on the PATH"),
            (None, None) => bail!("neither Chromium nor chromedriver on the PATH"),
        }
    }

    /// As [`Browser::find`], after installing Debian's if this process may.
    fn find_or_install() -> Result<Self> {
        let missing = match Self::find() {
            Ok(browser) => return Ok(browser),
            Err(missing) => missing,
        };
        if debian_codename().is_none() {
            bail!("{missing:#}; install both, of the same version");
        }
        if !is_root() {
            bail!("{missing:#}; install them: `sudo apt-get install chromium chromium-driver`");
        }
        println!("{missing:#}: installing Debian's");
        run(&mut apt_get(&["update", "-qq"]))?;
        run(&mut apt_get(&[
            "install",
            "-y",
            "-qq",
            "--no-install-recommends",
            "chromium",
            "chromium-driver",
        ]))?;
        Self::find()
    }
}

/// Python and node, with what the clients in those languages need.
fn foreign(workspace: &Workspace) -> Result<(Python, PathBuf)> {
    let node = foreign::node(&workspace.root().join(CLIENTS))?;
    Ok((Python::ready(workspace)?, node))
}

/// Runs the server's browser test. Where there is no browser it is skipped, or fails if `must`.
pub(crate) fn test(workspace: &Workspace, must: bool) -> Result<Outcome> {
    let browser = match Browser::find_or_install() {
        Ok(browser) => browser,
        Err(error) if must => return Err(error),
        Err(error) => return Ok(Outcome::Skipped(format!("{error:#}"))),
    };
    let clients = foreign(workspace);
    let (python, node) = match clients {
        Ok(clients) => clients,
        Err(error) if must => return Err(error),
        Err(error) => return Ok(Outcome::Skipped(format!("{error:#}"))),
    };
    println!("{} driven by {}", browser.chrome.display(), browser.driver.display());
    build::binaries(workspace)?;
    tests(
        workspace
            .cargo(["test", "--workspace", "--features", BROWSER_TEST, "--test", "browser"])
            // One browser after the other: a slow machine has enough to do with one.
            .args(["--", "--nocapture", "--test-threads=1"])
            .env("EMBERDRIFT_PYTHON", python.program("python"))
            .env("EMBERDRIFT_NODE", node)
            .env("EMBERDRIFT_BIN", workspace.target("release/emberdrift"))
            .env("EMBERDRIFT_CHROME", browser.chrome)
            .env("EMBERDRIFT_CHROMEDRIVER", browser.driver),
    )
}

fn apt_get(args: &[&str]) -> Command {
    let mut command = Command::new("apt-get");
    command.args(args).env("DEBIAN_FRONTEND", "noninteractive");
    command
}
