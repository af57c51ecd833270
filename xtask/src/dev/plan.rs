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

/// The folders and files that are watched, from the workspace's root, and what a change in them needs.
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

impl Plan {
    pub(super) const ALL: Self = Self { server: true, client: true, site: true };

    /// What a change of this file needs. `path` is from the workspace's root, and so is `own`, the folder of a game beside the engine.
    pub(super) fn of(path: &Path, own: Option<&Path>) -> Self {
        if let Some(rest) = own.and_then(|own| path.strip_prefix(own).ok()) {
            return Self::of_own(rest);
        }
        let place = WATCHED.iter().find(|(place, _)| path.starts_with(place));
        place.map_or(NOTHING, |(_, plan)| *plan)
    }

    /// The same for a file of a game, whose server and client are in one folder.
    fn of_own(path: &Path) -> Self {
        match path.file_name().and_then(|name| name.to_str()) {
            Some(name) if name.ends_with(".ron") => NOTHING,
            Some("server.rs") => SERVER,
            Some("client.rs") => CLIENT,
            Some(name) if name.ends_with(".rs") || name == "Cargo.toml" => Self::ALL,
            _ => NOTHING,
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
            assert_eq!(Plan::of(Path::new(path), None), plan, "{path}");
        }
    }

    #[test]
    fn change_of_another_game_needs_what_its_file_is_for() {
        let own = Path::new("server/examples/tag");
        for (file, plan) in [
            ("rules.rs", Plan::ALL),
            ("server.rs", SERVER),
            ("client.rs", CLIENT),
            ("Cargo.toml", Plan::ALL),
            ("yard.ron", NOTHING),
            ("README.md", NOTHING),
        ] {
            assert_eq!(Plan::of(&own.join(file), Some(own)), plan, "{file}");
            assert_eq!(Plan::of(&own.join(file), None), NOTHING, "{file} of a game that is not played");
        }
        assert_eq!(Plan::of(Path::new("shared/src/lib.rs"), Some(own)), Plan::ALL);
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
