//! Which game is built and played: Emberdrift, or a package of the workspace whose page is the engine's. Such a package has a library of
//! its own name, which is the client, and the program `PACKAGE-server`.

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};

use crate::site::Site;
use crate::wasm_std::TARGET;
use crate::workspace::{Workspace, output};

/// The package of Emberdrift's client.
pub(crate) const CLIENT: &str = "emberdrift-client-web";

/// A game of the workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Game {
    /// The workspace's own.
    Emberdrift,
    /// Another one: its package, and the package's folder from the workspace's root.
    Other(String, PathBuf),
}

impl Game {
    /// The game that a user names; Emberdrift for `None`.
    pub(crate) fn find(workspace: &Workspace, name: Option<&str>) -> Result<Self> {
        let Some(name) = name.filter(|name| *name != "emberdrift") else { return Ok(Self::Emberdrift) };
        let metadata = output(&mut workspace.cargo(["metadata", "--no-deps", "--format-version", "1"]))?;
        let metadata: serde_json::Value = serde_json::from_str(&metadata)?;
        let packages = metadata["packages"].as_array().cloned().unwrap_or_default();
        let has_server = |package: &serde_json::Value| {
            let server = format!("{}-server", package["name"].as_str().unwrap_or_default());
            package["targets"]
                .as_array()
                .into_iter()
                .flatten()
                .any(|target| target["name"] == server.as_str())
        };
        let games = packages.iter().filter(|package| has_server(package));
        let names: Vec<_> = games.clone().filter_map(|game| game["name"].as_str()).collect();
        let found = games.clone().find(|game| game["name"] == name);
        ensure!(
            found.is_some(),
            "there is no game {name:?} in the workspace; there are emberdrift, {}. A game is a package NAME with a program NAME-server",
            names.join(", ")
        );
        let manifest = found.and_then(|game| game["manifest_path"].as_str()).unwrap_or_default();
        let folder = Path::new(manifest).parent().unwrap_or(Path::new(""));
        let folder = folder.strip_prefix(workspace.root()).unwrap_or(folder);
        Ok(Self::Other(name.to_owned(), folder.to_owned()))
    }

    /// The package of its client.
    pub(crate) fn client(&self) -> &str {
        match self {
            Self::Emberdrift => CLIENT,
            Self::Other(package, _) => package,
        }
    }

    /// The client's WASM, as this profile's folder has it.
    pub(crate) fn wasm(&self, workspace: &Workspace, folder: &str) -> PathBuf {
        let library = match self {
            Self::Emberdrift => "client_web".to_owned(),
            Self::Other(package, _) => package.replace('-', "_"),
        };
        workspace.target(TARGET).join(folder).join(format!("{library}.wasm"))
    }

    /// The server's package and program.
    pub(crate) fn server(&self) -> (&str, String) {
        match self {
            Self::Emberdrift => ("emberdrift-server", "emberdrift".to_owned()),
            Self::Other(package, _) => (package, format!("{package}-server")),
        }
    }

    /// Where its page is made of, and where it is laid out.
    pub(crate) fn site(&self, workspace: &Workspace) -> Site {
        match self {
            Self::Emberdrift => Site::emberdrift(workspace),
            Self::Other(package, _) => Site::of_game(workspace, package),
        }
    }

    /// The folder of its sources, beside the engine's; `None` for Emberdrift.
    pub(crate) fn folder(&self) -> Option<&Path> {
        match self {
            Self::Emberdrift => None,
            Self::Other(_, folder) => Some(folder),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn game_is_found_by_its_package_and_others_are_named() -> Result<()> {
        let workspace = Workspace::find()?;
        assert_eq!(Game::find(&workspace, None)?, Game::Emberdrift);
        assert_eq!(Game::find(&workspace, Some("emberdrift"))?, Game::Emberdrift);
        let tag = Game::find(&workspace, Some("tag"))?;
        assert_eq!(tag, Game::Other("tag".to_owned(), "server/examples/tag".into()));
        assert_eq!(tag.server(), ("tag", "tag-server".to_owned()));
        let error = Game::find(&workspace, Some("chess")).map(drop).map_err(|error| error.to_string());
        assert!(error.is_err_and(|error| error.contains("\"chess\"") && error.contains("emberdrift, tag")));
        Ok(())
    }
}
