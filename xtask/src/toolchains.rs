//! What the tests need of other languages: a Python environment in `target/`, and node with its modules.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::workspace::{Workspace, output, run, which};

/// The files that list what the Python environment holds.
const REQUIREMENTS: [&str; 2] =
    ["server/examples/python/requirements.txt", "server/tests/browser/clients/requirements.txt"];

/// The Python environment of the examples and the tests.
pub(crate) struct Python(PathBuf);

impl Python {
    /// Makes the environment, or makes it again when the requirements have changed.
    pub(crate) fn ready(workspace: &Workspace) -> Result<Self> {
        let python = Self(workspace.target("python"));
        let files = REQUIREMENTS.map(|file| workspace.root().join(file));
        let mut required = String::new();
        for file in &files {
            required += &fs::read_to_string(file).with_context(|| format!("no {}", file.display()))?;
        }
        let installed = python.0.join("requirements-installed.txt");
        if fs::read_to_string(&installed).is_ok_and(|installed| installed == required) {
            return Ok(python);
        }
        let system = which("python3")
            .context("python3 is not on the PATH: install Python 3.11 or newer with its module venv")?;
        run(Command::new(system).args(["-m", "venv", "--clear"]).arg(&python.0))?;
        let mut install = Command::new(python.program("python"));
        install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
        for file in files {
            install.arg("-r").arg(file);
        }
        run(&mut install)?;
        fs::write(&installed, required).with_context(|| format!("cannot write {}", installed.display()))?;
        Ok(python)
    }

    /// A program of the environment.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.0.join("bin").join(name)
    }
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
