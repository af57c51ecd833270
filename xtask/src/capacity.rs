//! `cargo xtask capacity`: builds what is measured, gets the peer ready, and hands over to the program that measures.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::workspace::{Workspace, run};
use crate::{build, foreign};

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
    foreign::node(folder).map_err(|error| format!("{error:#}"))?;
    Ok(folder.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peer_that_is_not_there_is_no_error_but_a_reason() {
        let why = peer(Path::new("/no/such/folder")).unwrap_err();
        assert!(why.contains(PEER), "{why}");
    }
}
