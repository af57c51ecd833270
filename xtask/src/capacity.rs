//! `cargo xtask capacity`: builds what is measured, gets the peer ready, and starts the program that measures.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::workspace::{Workspace, run};
use crate::{build, toolchains};

/// The folder with the scripts of the server that ours is compared with.
const PEER: &str = "benches/peers/colyseus";

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Fewer and shorter steps: rough numbers, quickly.
    #[arg(long)]
    quick: bool,
    /// The folder for the reports [default: target/capacity].
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// Measured time of each step, in seconds.
    #[arg(long)]
    seconds: Option<f64>,
    /// More flags for the program that measures, after `--`, such as `--only crowd`.
    #[arg(last = true, value_name = "CAPACITY FLAGS")]
    more: Vec<String>,
}

/// Builds everything and measures.
pub(crate) fn measure(workspace: &Workspace, args: &Args) -> Result<()> {
    // The program runs in the workspace, whose commit it reports, so a folder of the caller's is made absolute.
    let out = args.out.as_ref().map_or_else(|| Ok(workspace.target("capacity")), std::path::absolute)?;
    build::all(workspace)?;
    let mut command = workspace.command(workspace.target("release/emberdrift-capacity"));
    command.arg("--out").arg(out);
    match peer(&workspace.root().join(PEER)) {
        Ok(folder) => command.arg("--peer").arg(folder),
        Err(why) => command.arg("--no-peer").arg(format!("{why:#}")),
    };
    if args.quick {
        command.arg("--quick");
    }
    if let Some(seconds) = args.seconds {
        command.arg("--seconds").arg(seconds.to_string());
    }
    run(command.args(&args.more))
}

/// The peer's folder, with the modules it needs; or why it cannot be measured.
fn peer(folder: &Path) -> Result<&Path> {
    ensure!(folder.join("package-lock.json").is_file(), "{PEER} is not there");
    toolchains::node(folder).with_context(|| format!("{PEER} cannot run"))?;
    Ok(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_for_a_missing_peer_is_reported() {
        let why = peer(Path::new("/no/such/folder")).unwrap_err().to_string();
        assert!(why.contains(PEER), "{why}");
    }
}
