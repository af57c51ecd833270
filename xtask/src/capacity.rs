//! `cargo xtask capacity`: builds what is measured, gets the peer ready, and hands over to the program that measures.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::build;
use crate::workspace::{Workspace, run, which};

/// Where the peer's scripts are.
const PEER: &str = "benches/peers/colyseus";

/// Builds everything and measures.
pub(crate) fn measure(
    workspace: &Workspace,
    quick: bool,
    out: Option<PathBuf>,
    seconds: Option<f64>,
    more: &[String],
) -> Result<()> {
    build::all(workspace)?;
    // From the folder that the command was run in; what measures runs in the workspace, whose commit it tells.
    let out = out.map_or_else(|| Ok(workspace.target("capacity")), std::path::absolute)?;
    let mut command = Command::new(workspace.target("release/emberdrift-capacity"));
    command.current_dir(workspace.root()).arg("--out").arg(out);
    match peer(&workspace.root().join(PEER)) {
        Ok(folder) => command.arg("--peer").arg(folder),
        Err(why) => command.arg("--no-peer").arg(why),
    };
    if quick {
        command.arg("--quick");
    }
    if let Some(seconds) = seconds {
        command.arg("--seconds").arg(seconds.to_string());
    }
    run(command.args(more))
}

/// The folder of the peer's scripts, with the modules they need; or why it cannot be measured.
fn peer(folder: &Path) -> Result<PathBuf, String> {
    let lock = folder.join("package-lock.json");
    if !lock.is_file() {
        return Err(format!("{PEER} is not there"));
    }
    if which("node").is_none() || which("npm").is_none() {
        return Err("node and npm are not installed".to_owned());
    }
    if !is_newer(&folder.join("node_modules/.package-lock.json"), &lock) {
        let mut install = Command::new("npm");
        install.args(["ci", "--no-audit", "--no-fund"]).current_dir(folder);
        run(&mut install).map_err(|error| format!("its modules cannot be installed: {error}"))?;
    }
    Ok(folder.to_owned())
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
    fn a_peer_that_is_not_there_is_no_error_but_a_reason() {
        let why = peer(Path::new("/no/such/folder")).unwrap_err();
        assert!(why.contains(PEER), "{why}");
    }

    #[test]
    fn only_what_was_made_later_is_newer() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
        assert!(is_newer(&file, &file));
        assert!(!is_newer(Path::new("/no/such/file"), &file));
    }
}
