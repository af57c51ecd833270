//! Which game is built and played: Emberdrift, or a package of the workspace whose page is the engine's. Such a package has a library of
//! its own name, which is the client, and the program `PACKAGE-server`.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

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
    /// Another one: its package, and the package's folder.
    Other(String, PathBuf),
}

impl Game {
    /// The game that a user names; Emberdrift for `None`.
    pub(crate) fn find(workspace: &Workspace, name: Option<&str>) -> Result<Self> {
        let Some(name) = name.filter(|name| *name != "emberdrift") else { return Ok(Self::Emberdrift) };
        let others = others(workspace)?;
        let known: Vec<_> = others.iter().map(Self::client).collect();
        let known = known.join(", ");
        others.into_iter().find(|game| game.client() == name).with_context(|| {
            format!(
                "there is no game {name:?} in the workspace; there are emberdrift, {known}. A game is a package NAME with a program \
                 NAME-server"
            )
        })
    }

    /// The game of a workspace that has one game, and is not the engine's.
    pub(crate) fn only(workspace: &Workspace) -> Result<Self> {
        let mut games = others(workspace)?;
        ensure!(
            games.len() == 1,
            "there are {} games in {}, and there must be one: a package NAME with a program NAME-server",
            games.len(),
            workspace.root().display()
        );
        Ok(games.remove(0))
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

    /// The same for development, with the programs of this profile. A game's server looks for its page beside itself first, so what
    /// `play` serves stays as it is. Emberdrift's embeds the only folder there is.
    pub(crate) fn site_of_profile(&self, workspace: &Workspace, profile: &str) -> Site {
        match self {
            Self::Emberdrift => self.site(workspace),
            Self::Other(..) => self.site(workspace).in_folder(&workspace.target(profile)),
        }
    }

    /// The folder of its sources; `None` for Emberdrift, whose are the engine's.
    pub(crate) fn folder(&self) -> Option<&Path> {
        match self {
            Self::Emberdrift => None,
            Self::Other(_, folder) => Some(folder),
        }
    }
}

/// The games of a workspace besides Emberdrift.
fn others(workspace: &Workspace) -> Result<Vec<Game>> {
    let metadata = output(&mut workspace.cargo(["metadata", "--no-deps", "--format-version", "1"]))?;
    let Metadata { packages } = serde_json::from_str(&metadata)?;
    let games = packages.into_iter().filter(|package| {
        let server = format!("{}-server", package.name);
        package.targets.iter().any(|target| target.name == server)
    });
    let game = |package: Package| {
        let folder = package.manifest_path.parent().unwrap_or(workspace.root()).to_owned();
        Game::Other(package.name, folder)
    };
    Ok(games.map(game).collect())
}

/// What is read of what cargo says about a workspace.
#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    manifest_path: PathBuf,
    targets: Vec<Target>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
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
        assert_eq!(tag, Game::Other("tag".to_owned(), workspace.root().join("server/examples/tag")));
        assert_eq!(tag.server(), ("tag", "tag-server".to_owned()));
        let error = Game::find(&workspace, Some("chess")).map(drop).map_err(|error| error.to_string());
        assert!(
            error.is_err_and(|error| error.contains("\"chess\"") && error.contains("there are emberdrift, "))
        );
        Ok(())
    }

    /// That of a workspace with one game is found in the test of `cargo xtask new`.
    #[test]
    fn game_of_a_workspace_with_several_is_not_chosen() -> Result<()> {
        let error = Game::only(&Workspace::find()?).map(drop).map_err(|error| error.to_string());
        assert!(error.is_err_and(|error| error.contains("and there must be one")));
        Ok(())
    }
}
