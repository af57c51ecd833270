//! Arena files of this game: RON text to an [`Arena`] that can be played in, and the arenas in the binary. Must not know the
//! simulation.

mod ground;
mod ruins;

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use rust_embed::RustEmbed;
use serde::Deserialize;
use shared::{
    Vec2,
    engine::{
        game_trait::{Arena as _, RuleError, within},
        limits::PLAYERS_MAX,
    },
    game::{
        arena::{Arena, Block, ROCKS_MAX, Rock},
        collision,
        mode::Mode,
        rules::Rules,
        terrain::Terrain,
    },
};
use unicode_normalization::UnicodeNormalization;

use self::ruins::Ruins;
use crate::engine::{
    game_server::{ArenaFault, BuiltIn, Loaded},
    text::{self, Joiners},
};

#[derive(RustEmbed)]
#[folder = "../assets/arenas"]
struct Embedded;

/// What stands in a file: an [`Arena`], and rocks and ruins to be placed by a seed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ArenaFile {
    name: String,
    size: Vec2,
    #[serde(default)]
    mode: Mode,
    #[serde(default)]
    rocks: Vec<Rock>,
    #[serde(default)]
    scatter: Option<Scatter>,
    #[serde(default)]
    blocks: Vec<Block>,
    #[serde(default)]
    ruins: Option<Ruins>,
    #[serde(default)]
    drones: Option<u16>,
    rules: Rules,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scatter {
    seed: u64,
    rocks: u16,
    /// Smallest and largest.
    radius: (f32, f32),
    /// Free way between two rocks, and between a rock and a wall or block.
    apart: f32,
}

/// The arenas in the binary; the first is the default.
pub(super) fn built_in() -> Vec<BuiltIn> {
    let mut arenas: Vec<BuiltIn> = Embedded::iter()
        .filter_map(|file| {
            let text = Embedded::get(&file)?.data;
            Some((
                file.strip_suffix(".ron")?.to_owned().into(),
                String::from_utf8_lossy(&text).into_owned().into(),
            ))
        })
        .collect();
    arenas.sort();
    arenas
}

/// The arena of this name in the binary.
pub fn load(name: &str) -> Result<Arena, ArenaFault> {
    let file = Embedded::get(&format!("{name}.ron"));
    let none = || ArenaFault::Other { key: None, what: format!("there is no arena '{name}'") };
    let text = String::from_utf8_lossy(&file.ok_or_else(none)?.data).into_owned();
    read(&text).map(|loaded| loaded.arena)
}

/// Reads the text of an arena file.
pub(super) fn read(text: &str) -> Result<Loaded<Arena>, ArenaFault> {
    let ArenaFile { name, size, mode, rocks, scatter, blocks, ruins, drones, rules } = ron::from_str(text)?;
    let mut arena = Arena { name: plain(&name)?, size, mode, rocks, blocks, rules };
    // Before anything is placed by chance, which relies on the size. It is validated again at the end.
    arena.validate()?;
    let (drones, most, range) = if mode.has_drones() {
        (drones, PLAYERS_MAX, "0 to 8192")
    } else {
        (Some(drones.unwrap_or(0)), 0, "0 in a duel")
    };
    within("drones", drones.unwrap_or(0).into(), 0.0, most as f32, range)?;
    if let Some(ruins) = ruins {
        ruins.validate(&arena)?;
        ruins.build(&mut arena);
    }
    if let Some(scatter) = scatter {
        scatter.validate()?;
        let placed = scatter_rocks(&mut arena, &scatter);
        if placed < scatter.rocks {
            let what = format!(
                "only {placed} of {} scattered rocks fit; lower scatter.rocks, scatter.apart or scatter.radius",
                scatter.rocks
            );
            return Err(ArenaFault::Other { key: Some("scatter"), what });
        }
    }
    arena.validate()?;
    let terrain = Terrain::new(arena);
    ground::check(&terrain).map_err(|error| ArenaFault::Other { key: None, what: error.to_string() })?;
    Ok(Loaded { arena: terrain.arena().clone(), bots: drones })
}

/// Most characters of a name that are shown.
const SHOWN: usize = 60;

/// Refuses a name with hidden characters, or more marks on a letter than stay in its line.
fn plain(name: &str) -> Result<String, RuleError> {
    let composed: String = name.nfc().collect();
    if text::clean(&composed, Joiners::Drop).is_ok_and(|clean| clean == composed) {
        return Ok(composed);
    }
    let start: String = name.chars().take(SHOWN).collect();
    let shown = format!("\"{}\"", start.escape_default());
    Err(RuleError::new("name", &shown, "visible characters, with single spaces and few marks on a letter"))
}

impl Scatter {
    fn validate(&self) -> Result<(), RuleError> {
        let (smallest, largest) = self.radius;
        within("scatter.rocks", self.rocks.into(), 0.0, ROCKS_MAX as f32, "0 to 1024")?;
        within("scatter.radius.0", smallest, 8.0, 400.0, "8 to 400")?;
        within(
            "scatter.radius.1",
            largest,
            smallest,
            400.0,
            "at least the smallest radius, and at most 400",
        )?;
        within("scatter.apart", self.apart, 0.0, 1000.0, "0 to 1000")
    }
}

/// Puts rocks where they keep apart, as long as places are found. Returns how many it placed.
fn scatter_rocks(arena: &mut Arena, scatter: &Scatter) -> u16 {
    const TRIES_PER_ROCK: u32 = 200;
    let mut rng = Pcg64Mcg::seed_from_u64(scatter.seed);
    let mut placed = 0;
    for _ in 0..u32::from(scatter.rocks) * TRIES_PER_ROCK {
        if placed == scatter.rocks {
            break;
        }
        // Squared, so that most rocks are small.
        let part: f32 = rng.random();
        let radius = scatter.radius.0 + (scatter.radius.1 - scatter.radius.0) * part * part;
        let margin = Vec2::splat(radius + scatter.apart);
        let place = Vec2::new(rng.random(), rng.random());
        let centre = margin + place * (arena.size - margin * 2.0);
        let apart = radius + scatter.apart;
        let free = arena.rocks.iter().all(|rock| rock.centre.distance(centre) > rock.radius + apart)
            && arena
                .blocks
                .iter()
                .all(|block| collision::overlap_box(centre, apart, block.centre, block.half).is_none());
        if free {
            arena.rocks.push(Rock { centre, radius });
            placed += 1;
        }
    }
    placed
}

#[cfg(test)]
mod tests;
