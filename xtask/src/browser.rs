//! Runs the tests in which real browsers and other programs play a real server, with the programs they need.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use crate::build;
use crate::game::Game;
use crate::programs::{self, Programs};
use crate::steps::{Outcome, tests};
use crate::wasm_std::WasmStd;
use crate::workspace::{FEATURES, Workspace, run};

/// The clients in other languages.
const CLIENTS: &str = "server/tests/browser/clients";
/// The JavaScript client.
const JAVASCRIPT: &str = "client-web/js";
/// The tests that need the other engines.
const OTHER_ENGINES: &str = "engines::";
/// A test that does not name the game.
const ONE_OF_TAG: &str = "tag::tag_is_played_with_a_thumb";
/// These are no tests: they take the screenshots of the documents.
const SCREENSHOTS: &str = "screenshots::";

/// The browser tests in Chromium, and with clients of every kind. Where a program is missing they are skipped, or fail if
/// they `must` run.
pub(crate) fn test(workspace: &Workspace, must: bool) -> Result<Outcome> {
    let needed = || -> Result<Programs> {
        let mut programs = programs::chromium()?;
        programs.push(("EMBERDRIFT_NODEJS", programs::node(&workspace.root().join(CLIENTS))?));
        programs.push(("EMBERDRIFT_PYTHON", programs::python(workspace)?.join("python")));
        Ok(programs)
    };
    match needed() {
        Ok(programs) => run_tests(workspace, programs, &["--skip", OTHER_ENGINES, "--skip", SCREENSHOTS]),
        Err(error) => Outcome::skipped(error, must),
    }
}

/// One test of tag's page, with the server of a game that is made of tag.
pub(crate) fn page_of_new_game(workspace: &Workspace, server: &Path, must: bool) -> Result<Outcome> {
    let programs = match programs::chromium() {
        Ok(programs) => programs,
        Err(error) => return Outcome::skipped(error, must),
    };
    let mut test = workspace.cargo(["test", "--workspace", "--features", FEATURES, "--test", "browser"]);
    test.args(["--", "--nocapture", "--exact", ONE_OF_TAG]).env("EMBERDRIFT_TAG", server);
    tests(test.envs(programs))
}

/// A visit in Firefox and in WebKit, and friends in three browsers.
pub(crate) fn engines(workspace: &Workspace, must: bool) -> Result<Outcome> {
    let needed = || -> Result<Programs> {
        let mut programs = programs::firefox_and_webkit(workspace)?;
        programs.extend(programs::chromium()?);
        Ok(programs)
    };
    match needed() {
        Ok(programs) => run_tests(workspace, programs, &[OTHER_ENGINES]),
        Err(error) => Outcome::skipped(error, must),
    }
}

/// Builds tag's page, and returns its server as the tests have it, which takes no time once they are built. The same rules are built for
/// release as those of a new game.
fn tag(workspace: &Workspace) -> Result<PathBuf> {
    let tag = Game::find(workspace, Some("tag"))?;
    build::page(workspace, &WasmStd::find(workspace)?, &tag)?;
    let build = ["test", "--no-run", "--workspace", "--features", FEATURES, "--test", "plays"];
    run(&mut workspace.cargo(build))?;
    Ok(workspace.target("debug").join(tag.server().1))
}

/// The JavaScript client, in node and in Chromium, against the servers of both games.
pub(crate) fn javascript(workspace: &Workspace, must: bool) -> Result<Outcome> {
    let folder = workspace.root().join(JAVASCRIPT);
    let needed = || -> Result<Programs> {
        programs::node(&folder)?;
        programs::chromium()
    };
    let programs = match needed() {
        Ok(programs) => programs,
        Err(error) => return Outcome::skipped(error, must),
    };
    build::tested(workspace)?;
    let tag = tag(workspace)?;
    let mut test = Command::new("npm");
    test.args(["test", "--silent"]).current_dir(folder).env("EMBERDRIFT_TAG", tag);
    tests(test.env("EMBERDRIFT_BIN", workspace.target("release/emberdrift")).envs(programs))
}

/// `cargo xtask screenshots`.
pub(crate) fn screenshots(workspace: &Workspace) -> Result<()> {
    let mut programs = programs::chromium()?;
    programs::chinese_font()?;
    build::web(workspace, &WasmStd::find(workspace)?)?;
    programs.push(("EMBERDRIFT_SCREENSHOTS", workspace.root().join("assets/screenshots")));
    match run_tests(workspace, programs, &[SCREENSHOTS, "--ignored"])? {
        Outcome::Done(counts) if counts.failed == 0 => Ok(()),
        _ => bail!("some screenshots could not be taken: see the failed tests above"),
    }
}

/// Builds the server and runs the tests that the filter leaves, one after the other: a slow machine is busy with one
/// browser.
fn run_tests(workspace: &Workspace, programs: Programs, filter: &[&str]) -> Result<Outcome> {
    for (_, program) in &programs {
        println!("with {}", program.display());
    }
    build::tested(workspace)?;
    let tag = tag(workspace)?;
    let mut test = workspace.cargo(["test", "--workspace", "--features", FEATURES, "--test", "browser"]);
    test.args(["--", "--nocapture", "--test-threads=1"]).args(filter);
    test.env("EMBERDRIFT_BIN", workspace.target("release/emberdrift")).env("EMBERDRIFT_TAG", tag);
    tests(test.envs(programs))
}
