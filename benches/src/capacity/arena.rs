//! Arenas made for a measurement: the arena that everybody starts in, cut to the size that brings as many players
//! into view as the work asks for. It must not know the servers.

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
/// Sides of the crowd's arena: everybody is in everybody's view.
const CROWD_SIDES: Vec2 = Vec2::new(1536.0, 1024.0);
/// What a player is sent, on average over where the player is: the view and what is kept around it.
const SEEN_AREA: f64 = 4.6e6;
/// Others that a player of the peer sees.
const PEER_SEES: f64 = 50.0;
/// Embers where the work is only to fly.
const FEW_EMBERS: u32 = 50;

/// Why there is no arena.
#[derive(Debug, thiserror::Error)]
pub(super) enum ArenaFileError {
    /// The arena that is cut.
    #[error(transparent)]
    Template(#[from] ArenaError),
    /// It cannot be written as text.
    #[error("an arena cannot be written: {0}")]
    Text(#[from] ron::Error),
    /// The file.
    #[error("cannot write {path}: {error}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
}

/// A small arena without rocks, with as many embers to the area as its template: all see all.
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

/// A square arena without rocks and with few embers, in which each of so many players has as many others in view as
/// a player of the peer.
pub(super) fn like_peer(players: u32) -> Result<Arena, ArenaError> {
    let mut arena = arena_file::load(TEMPLATE)?;
    let side = (f64::from(players) * SEEN_AREA / PEER_SEES).sqrt().round() as f32;
    arena.name = "Like the peer".to_owned();
    arena.size = Vec2::splat(side.clamp(ARENA_SIDE_MIN, ARENA_SIDE_MAX));
    arena.rocks.clear();
    arena.rules.embers.supply = FEW_EMBERS;
    arena.rules.embers.emit_per_second = 1.0;
    arena.rules.pickups.max = 0;
    Ok(arena)
}

/// Writes it as a file that the server loads.
pub(super) fn write(arena: &Arena, path: &Path) -> Result<(), ArenaFileError> {
    let text = ron::ser::to_string_pretty(arena, ron::ser::PrettyConfig::default())?;
    fs::write(path, text + "\n").map_err(|error| ArenaFileError::File { path: path.to_owned(), error })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_written_arena_is_the_one_that_is_loaded() {
        let path = std::env::temp_dir().join(format!("emberdrift-arena-{}.ron", std::process::id()));
        for arena in [crowd().unwrap(), like_peer(500).unwrap()] {
            write(&arena, &path).unwrap();
            assert_eq!(arena_file::load(&path.to_string_lossy()).unwrap(), arena);
        }
        fs::remove_file(&path).unwrap();
    }

    #[test]
    fn the_crowds_arena_is_as_rich_as_its_template() {
        let (crowd, whole) = (crowd().unwrap(), arena_file::load(TEMPLATE).unwrap());
        let density = |arena: &Arena| arena.rules.embers.supply as f32 / arena.size.element_product();
        assert!((density(&crowd) / density(&whole) - 1.0).abs() < 0.02);
        assert!(crowd.rocks.is_empty() && crowd.rules.embers.emit_per_second > 0.0);
    }

    #[test]
    fn players_of_the_peers_work_see_as_many_others() {
        let side = like_peer(500).unwrap().size.x;
        assert!((side - 6782.0).abs() < 2.0, "{side}");
        assert_eq!(like_peer(1).unwrap().size.x, ARENA_SIDE_MIN);
        assert_eq!(like_peer(1_000_000).unwrap().size.x, ARENA_SIDE_MAX);
    }
}
