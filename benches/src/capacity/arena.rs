//! Arenas made for a measurement: the default arena, cut to the size that brings as many players into view as the load
//! needs.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use server::game::arena_file::{self, ArenaError};
use shared::{
    Vec2,
    game::{
        arena::Arena,
        limits::{ARENA_SIDE_MAX, ARENA_SIDE_MIN},
    },
};

/// The arena that is cut.
const TEMPLATE: &str = "drift";
/// In the crowd's arena all players are in view of one another.
const CROWD_SIDES: Vec2 = Vec2::new(1536.0, 1024.0);
/// What a player is sent, on average over the player's positions: the view and a margin around it, in square units.
const SEEN_AREA: f64 = 4.6e6;
/// Other players in view of one of the peer's.
const PEER_PLAYERS_IN_VIEW: f64 = 50.0;
/// Embers where players only fly.
const FEW_EMBERS: u32 = 50;

#[derive(Debug, thiserror::Error)]
pub(super) enum ArenaFileError {
    #[error(transparent)]
    Template(#[from] ArenaError),
    #[error("an arena cannot be written: {0}")]
    Text(#[from] ron::Error),
    #[error("cannot write {path}: {error}")]
    File { path: PathBuf, error: io::Error },
}

/// A small arena without rocks, with the template's density of embers, in which all see all.
pub(super) fn crowd() -> Result<Arena, ArenaError> {
    let mut arena = arena_file::load(TEMPLATE)?;
    let share = CROWD_SIDES.element_product() / arena.size.element_product();
    arena.name = "Crowd".to_owned();
    arena.size = CROWD_SIDES;
    arena.rocks.clear();
    let embers = &mut arena.rules.embers;
    embers.supply = (embers.supply as f32 * share).round() as u32;
    embers.emit_per_second *= share;
    arena.rules.pickups.max = (arena.rules.pickups.max as f32 * share).round() as u32;
    Ok(arena)
}

/// A square arena without rocks and with few embers, in which each of `players` has as many others in view as one of
/// the peer's.
pub(super) fn like_peer(players: u32) -> Result<Arena, ArenaError> {
    let mut arena = arena_file::load(TEMPLATE)?;
    let side = (f64::from(players) * SEEN_AREA / PEER_PLAYERS_IN_VIEW).sqrt().round() as f32;
    arena.name = "Like the peer".to_owned();
    arena.size = Vec2::splat(side.clamp(ARENA_SIDE_MIN, ARENA_SIDE_MAX));
    arena.rocks.clear();
    arena.rules.embers.supply = FEW_EMBERS;
    arena.rules.embers.emit_per_second = 1.0;
    arena.rules.pickups.max = 0;
    Ok(arena)
}

/// Writes a file that the server can load.
pub(super) fn write(arena: &Arena, path: &Path) -> Result<(), ArenaFileError> {
    let text = ron::ser::to_string_pretty(arena, ron::ser::PrettyConfig::default())?;
    fs::write(path, text + "\n").map_err(|error| ArenaFileError::File { path: path.to_owned(), error })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_arena_is_loaded_as_the_same() {
        let path = std::env::temp_dir().join(format!("emberdrift-arena-{}.ron", std::process::id()));
        for arena in [crowd().unwrap(), like_peer(500).unwrap()] {
            write(&arena, &path).unwrap();
            assert_eq!(arena_file::load(&path.to_string_lossy()).unwrap(), arena);
        }
        fs::remove_file(&path).unwrap();
    }

    #[test]
    fn crowd_arena_has_the_density_of_its_template() {
        let (crowd, whole) = (crowd().unwrap(), arena_file::load(TEMPLATE).unwrap());
        let density = |arena: &Arena| arena.rules.embers.supply as f32 / arena.size.element_product();
        assert!((density(&crowd) / density(&whole) - 1.0).abs() < 0.02);
        assert!(crowd.rocks.is_empty() && crowd.rules.embers.emit_per_second > 0.0);
    }

    #[test]
    fn arena_grows_with_the_players() {
        let side = like_peer(500).unwrap().size.x;
        assert!((side - 6782.0).abs() < 2.0, "{side}");
        assert_eq!(like_peer(1).unwrap().size.x, ARENA_SIDE_MIN);
        assert_eq!(like_peer(1_000_000).unwrap().size.x, ARENA_SIDE_MAX);
    }
}
