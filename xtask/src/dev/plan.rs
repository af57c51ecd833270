//! Which change needs which build. Must not know how anything is built.

use std::ops::{BitOr, BitOrAssign};
use std::path::Path;

/// What is to be built, and put in the place of what runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Plan {
    /// The server's program.
    pub(super) server: bool,
    /// The client's WASM.
    pub(super) client: bool,
    /// The site: the client, and the page around it.
    pub(super) site: bool,
}

const SERVER: Plan = Plan { server: true, client: false, site: false };
const CLIENT: Plan = Plan { server: false, client: true, site: true };
const SITE: Plan = Plan { server: false, client: false, site: true };

/// The server applies changed arena files by itself. They are watched for a server that could not start with them.
const NOTHING: Plan = Plan { server: false, client: false, site: false };

/// The engine's folders and files that are watched, from its root, and what a change in them needs.
pub(super) const WATCHED: [(&str, Plan); 12] = [
    ("shared/src", Plan::ALL),
    ("shared/Cargo.toml", Plan::ALL),
    ("Cargo.toml", Plan::ALL),
    ("Cargo.lock", Plan::ALL),
    ("server/src", SERVER),
    ("server/build.rs", SERVER),
    ("server/Cargo.toml", SERVER),
    ("client-web/src", CLIENT),
    ("client-web/Cargo.toml", CLIENT),
    ("assets/web", SITE),
    ("assets/engine", SITE),
    ("assets/arenas", NOTHING),
];

/// Folders of a game that are not watched: what is built, and what does not run in it.
pub(super) const UNWATCHED: [&str; 5] = ["schema", "target", "tests", "vectors", "xtask"];

impl Plan {
    pub(super) const ALL: Self = Self { server: true, client: true, site: true };

    /// What a change of this file of the engine needs. Its path is from the engine's root.
    pub(super) fn of(path: &Path) -> Self {
        let place = WATCHED.iter().find(|(place, _)| path.starts_with(place));
        place.map_or(NOTHING, |(_, plan)| *plan)
    }

    /// What a change of this file of a game needs, whose server and client are in one folder: the path is from there. A module is a file
    /// `NAME.rs`, or that and a folder `NAME`.
    pub(super) fn of_own(path: &Path) -> Self {
        let Some(name) = path.iter().next().and_then(|name| name.to_str()) else { return NOTHING };
        match (name.strip_suffix(".rs").unwrap_or(name), path.extension()) {
            ("Cargo.toml" | "Cargo.lock", _) => Self::ALL,
            (_, Some(extension)) if extension == "ron" || extension == "md" => NOTHING,
            ("server", _) => SERVER,
            ("client", _) => CLIENT,
            _ => Self::ALL,
        }
    }

    pub(super) fn is_empty(self) -> bool {
        self == NOTHING
    }
}

impl BitOr for Plan {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self {
            server: self.server || other.server,
            client: self.client || other.client,
            site: self.site || other.site,
        }
    }
}

impl BitOrAssign for Plan {
    fn bitor_assign(&mut self, other: Self) {
        *self = *self | other;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Workspace;

    #[test]
    fn change_needs_what_is_made_of_it() {
        for (path, plan) in [
            ("shared/src/game/movement.rs", Plan::ALL),
            ("Cargo.toml", Plan::ALL),
            ("server/src/game/sim/combat.rs", SERVER),
            ("server/src/engine/net/http/overloaded.html", SERVER),
            ("client-web/src/game/hud.rs", CLIENT),
            ("client-web/src/web/emberdrift/render/shaders/sky.frag.glsl", CLIENT),
            ("assets/web/style.css", SITE),
            ("assets/arenas/drift.ron", NOTHING),
            // Not a part of what runs.
            ("server/tests/memory.rs", NOTHING),
            ("server/README.md", NOTHING),
            ("xtask/src/main.rs", NOTHING),
            ("shared/srcs", NOTHING),
        ] {
            assert_eq!(Plan::of(Path::new(path)), plan, "{path}");
        }
    }

    #[test]
    fn change_of_a_game_needs_what_its_file_is_for() {
        for (file, plan) in [
            ("rules.rs", Plan::ALL),
            ("rules/walls.rs", Plan::ALL),
            ("server.rs", SERVER),
            ("server/bots.rs", SERVER),
            ("client.rs", CLIENT),
            ("client/draw.rs", CLIENT),
            ("Cargo.toml", Plan::ALL),
            ("yard.ron", NOTHING),
            ("README.md", NOTHING),
        ] {
            assert_eq!(Plan::of_own(Path::new(file)), plan, "{file}");
        }
    }

    #[test]
    fn several_changes_need_what_each_of_them_needs() {
        assert_eq!(SERVER | CLIENT, Plan::ALL);
        assert_eq!(SITE | CLIENT, CLIENT);
        assert!((NOTHING | NOTHING).is_empty());
    }

    #[test]
    fn watched_places_exist() -> anyhow::Result<()> {
        let workspace = Workspace::find()?;
        for (place, _) in WATCHED {
            assert!(workspace.root().join(place).exists(), "{place}");
        }
        Ok(())
    }
}
