//! Checks the files of `server/deploy` with the tools that know them: the Dockerfile with hadolint, the Compose file with
//! check-jsonschema, the systemd units with systemd-analyze. `server/tests/network/deploy.rs` checks that they fit the server.

use std::fs;

use anyhow::{Context, Result};

use crate::programs::{find_or_install, from_python, one_of};
use crate::steps::Outcome;
use crate::workspace::{Workspace, run};

/// Where the unit expects the server.
const INSTALLED: &str = "/usr/local/bin/emberdrift";
const UNIT: &str = "emberdrift.service";
const SOCKET: &str = "emberdrift.socket";
const FOLDER: &str = "server/deploy";
const DOCKERFILE: &str = "server/deploy/Dockerfile";
const COMPOSE: &str = "server/deploy/compose.yaml";
/// How much of the system the service may reach, in tenths: systemd's scale ends at 100.
const EXPOSURE_MAX: &str = "25";

/// Runs all. Where a tool is missing, its file is not checked, unless it `must`.
pub(crate) fn check(workspace: &Workspace, must: bool) -> Result<Outcome> {
    let missing = [dockerfile(workspace)?, compose(workspace)?, unit(workspace)?];
    let missing: Vec<_> = missing.into_iter().flatten().collect();
    match missing.into_iter().reduce(|first, second| first.context(second)) {
        Some(error) => Outcome::skipped(error, must),
        None => {
            Ok(Outcome::Noted("hadolint, Compose's schema, systemd-analyze verify and security".to_owned()))
        }
    }
}

/// Why there is no hadolint, if there is none.
fn dockerfile(workspace: &Workspace) -> Result<Option<anyhow::Error>> {
    match from_python(workspace, "hadolint") {
        Ok(hadolint) => run(workspace.command(hadolint).arg(DOCKERFILE)).map(|()| None),
        Err(missing) => Ok(Some(missing)),
    }
}

/// Why there is no check-jsonschema, if there is none.
fn compose(workspace: &Workspace) -> Result<Option<anyhow::Error>> {
    match from_python(workspace, "check-jsonschema") {
        Ok(check) => {
            let mut check = workspace.command(check);
            run(check.args(["--builtin-schema", "vendor.compose-spec", COMPOSE])).map(|()| None)
        }
        Err(missing) => Ok(Some(missing)),
    }
}

/// Why there is no systemd, if there is none.
fn unit(workspace: &Workspace) -> Result<Option<anyhow::Error>> {
    let analyze = match find_or_install(|| one_of(&["systemd-analyze"]), &["systemd"]) {
        Ok(analyze) => analyze,
        Err(missing) => return Ok(Some(missing)),
    };
    // Copies that start a program which this machine has: the server is not installed here.
    let folder = workspace.target("deploy");
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let copy = |name: &str| {
        let text = text(workspace, name)?;
        let copy = folder.join(name);
        fs::write(&copy, installed_here(&text))
            .with_context(|| format!("cannot write {}", copy.display()))?;
        anyhow::Ok(copy)
    };
    let (unit, socket) = (copy(UNIT)?, copy(SOCKET)?);
    run(workspace.command(&analyze).arg("verify").args([&unit, &socket]))?;
    let mut security = workspace.command(&analyze);
    security.args(["security", "--no-pager", "--offline=true", "--threshold", EXPOSURE_MAX]);
    run(security.arg(&unit)).context("the service reaches more of the system than it should")?;
    Ok(None)
}

fn text(workspace: &Workspace, name: &str) -> Result<String> {
    let path = workspace.root().join(FOLDER).join(name);
    fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
}

/// The unit with a program that every machine has in place of the server.
fn installed_here(unit: &str) -> String {
    unit.replace(INSTALLED, "/bin/true")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unit_starts_the_installed_server() -> Result<()> {
        let text = text(&Workspace::find()?, UNIT)?;
        assert!(text.contains(&format!("\nExecStart={INSTALLED} ")));
        let copy = installed_here(&text);
        assert!(copy.contains("\nExecStart=/bin/true ") && !copy.contains(&format!("={INSTALLED}")));
        Ok(())
    }
}
