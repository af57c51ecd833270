//! What the tests need of other languages: a Python environment of our own under `target/`, and node's modules. Knows how
//! they are made; must not know what runs in them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::workspace::{Workspace, output, run, which};

/// What the environment holds, by the files that say so.
const REQUIREMENTS: [&str; 2] =
    ["server/examples/python/requirements.txt", "server/tests/browser/clients/requirements.txt"];

/// The Python environment for the examples and the tests, made or renewed when what it is to hold has changed.
pub(crate) struct Python(PathBuf);

impl Python {
    /// Makes it if need be.
    pub(crate) fn ready(workspace: &Workspace) -> Result<Self> {
        let folder = workspace.target("python");
        let wanted = REQUIREMENTS
            .iter()
            .map(|file| fs::read_to_string(workspace.root().join(file)).with_context(|| format!("no {file}")))
            .collect::<Result<String>>()?;
        let stamp = folder.join("requirements-installed.txt");
        let python = Self(folder.clone());
        if fs::read_to_string(&stamp).is_ok_and(|made| made == wanted) {
            return Ok(python);
        }
        let Some(system) = which("python3") else {
            bail!("python3 is not on the PATH: install Python 3.11 or newer, with its venv module");
        };
        run(Command::new(system).args(["-m", "venv", "--clear"]).arg(&folder))?;
        let mut install = Command::new(python.program("python"));
        install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
        for file in REQUIREMENTS {
            install.arg("-r").arg(workspace.root().join(file));
        }
        run(&mut install)?;
        fs::write(&stamp, wanted).with_context(|| format!("cannot write {}", stamp.display()))?;
        Ok(python)
    }

    /// A program of the environment.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.0.join("bin").join(name)
    }
}

/// Node, with the modules that `folder`'s lock file lists installed there.
pub(crate) fn node(folder: &Path) -> Result<PathBuf> {
    let (Some(node), Some(npm)) = (which("node"), which("npm")) else {
        bail!("node and npm are not installed");
    };
    let lock = folder.join("package-lock.json");
    if !is_newer(&folder.join("node_modules/.package-lock.json"), &lock) {
        let mut install = Command::new(npm);
        install.args(["ci", "--no-audit", "--no-fund"]).current_dir(folder);
        output(&mut install)?;
    }
    Ok(node)
}

/// Whether `made` is there and was made after `source` was last changed.
fn is_newer(made: &Path, source: &Path) -> bool {
    let changed = |file: &Path| fs::metadata(file).and_then(|file| file.modified());
    matches!((changed(made), changed(source)), (Ok(made), Ok(source)) if made >= source)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_made_later_is_newer() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
        assert!(is_newer(&file, &file));
        assert!(!is_newer(Path::new("/no/such/file"), &file));
    }
}
