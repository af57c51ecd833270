//! Arena files: RON text to an [`Arena`] that can be played in. Knows the embedded arenas and files; must not know the
//! game that is played in them.

mod ground;
mod place;
mod ruins;

use std::{fs, path::Path};

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use ron::error::{Error, SpannedError};
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
        rules::Rules,
        terrain::Terrain,
    },
};
use unicode_normalization::UnicodeNormalization;

pub use self::ground::GroundError;
use self::ruins::Ruins;
use crate::engine::text::{self, Joiners};

#[derive(RustEmbed)]
#[folder = "../assets/arenas"]
struct Embedded;

/// Why there is no arena.
#[derive(Debug, thiserror::Error)]
pub enum ArenaError {
    /// Neither a known name nor a file.
    #[error("there is no arena '{wanted}'; use one of {known}, or the path of an arena file")]
    Unknown {
        /// What was asked for.
        wanted: String,
        /// The names there are.
        known: String,
    },
    /// The file cannot be read.
    #[error("arena '{path}': cannot read the file: {error}")]
    Unreadable {
        /// Which file.
        path: String,
        /// Why.
        error: std::io::Error,
    },
    /// Not RON, or not the right fields.
    #[error("arena '{path}', line {line}: {what}")]
    Broken {
        /// Which file.
        path: String,
        /// From 1.
        line: usize,
        /// What is wrong, and how to mend it.
        what: String,
    },
    /// A number outside its range.
    #[error("arena '{path}', line {line}: {error}")]
    OutOfRange {
        /// Which file.
        path: String,
        /// Of the key, from 1.
        line: usize,
        /// Key, value and range.
        error: RuleError,
    },
    /// The scattered rocks do not fit.
    #[error(
        "arena '{path}', line {line}: only {placed} of {wanted} scattered rocks fit; lower scatter.rocks, scatter.apart or \
         scatter.radius"
    )]
    Crowded {
        /// Which file.
        path: String,
        /// Of `scatter`, from 1.
        line: usize,
        /// Rocks asked for.
        wanted: u16,
        /// Rocks that found a place.
        placed: u16,
    },
    /// Ships could not fly there.
    #[error("arena '{path}': {error}")]
    Unplayable {
        /// Which file.
        path: String,
        /// Where, why, and what to do.
        error: GroundError,
    },
}

/// What a file says.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The arena.
    pub arena: Arena,
    /// Drones fill it up to this many ships unless a flag says otherwise.
    pub drones: Option<u16>,
}

/// What stands in a file: an [`Arena`], and rocks and ruins to be placed by a seed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ArenaFile {
    name: String,
    size: Vec2,
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

/// The names of the arenas in the binary.
pub fn built_in() -> Vec<String> {
    let mut names: Vec<_> =
        Embedded::iter().filter_map(|file| file.strip_suffix(".ron").map(str::to_owned)).collect();
    names.sort();
    names
}

/// Loads the arena of this name from the binary, or from a file.
pub fn load(name_or_path: &str) -> Result<Arena, ArenaError> {
    read(name_or_path).map(|loaded| loaded.arena)
}

/// The same, with what else the file says.
pub fn read(name_or_path: &str) -> Result<Loaded, ArenaError> {
    parse(&text(name_or_path)?, name_or_path)
}

/// The text of the arena of this name in the binary, or of a file.
pub fn text(name_or_path: &str) -> Result<String, ArenaError> {
    if let Some(file) = Embedded::get(&format!("{name_or_path}.ron")) {
        return Ok(String::from_utf8_lossy(&file.data).into_owned());
    }
    if !Path::new(name_or_path).is_file() {
        let known = built_in().join(", ");
        return Err(ArenaError::Unknown { wanted: name_or_path.into(), known });
    }
    fs::read_to_string(name_or_path)
        .map_err(|error| ArenaError::Unreadable { path: name_or_path.into(), error })
}

/// Reads the text of an arena file. `path` is for errors.
pub fn parse(text: &str, path: &str) -> Result<Loaded, ArenaError> {
    // Some editors begin a file with a byte order mark.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let file: ArenaFile = ron::from_str(text).map_err(|error| ArenaError::Broken {
        path: path.into(),
        line: error.span.start.line,
        what: explain(&error, text),
    })?;
    let ArenaFile { name, size, rocks, scatter, blocks, ruins, drones, rules } = file;
    let out_of_range = |error: RuleError| {
        let line = place::line_of(text, error.key());
        ArenaError::OutOfRange { path: path.into(), line, error }
    };
    let mut arena = Arena { name: plain(&name).map_err(out_of_range)?, size, rocks, blocks, rules };
    // Before anything is placed by chance, which relies on the size, and after it.
    arena.validate().map_err(out_of_range)?;
    within("drones", drones.unwrap_or(0).into(), 0.0, PLAYERS_MAX as f32, "0 to 8192")
        .map_err(out_of_range)?;
    if let Some(ruins) = ruins {
        ruins.validate(&arena).map_err(out_of_range)?;
        ruins.build(&mut arena);
    }
    if let Some(scatter) = scatter {
        scatter.validate().map_err(out_of_range)?;
        let placed = scatter_rocks(&mut arena, &scatter);
        if placed < scatter.rocks {
            let line = place::line_of(text, "scatter");
            return Err(ArenaError::Crowded { path: path.into(), line, wanted: scatter.rocks, placed });
        }
    }
    arena.validate().map_err(out_of_range)?;
    let terrain = Terrain::new(arena);
    ground::check(&terrain).map_err(|error| ArenaError::Unplayable { path: path.into(), error })?;
    Ok(Loaded { arena: terrain.arena().clone(), drones })
}

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

/// Most characters of a line that are shown.
const SHOWN: usize = 60;

/// Explains a syntax error to the file's author: what is wrong, and how to mend it.
fn explain(error: &SpannedError, text: &str) -> String {
    let (line, column) = (error.span.start.line, error.span.start.col);
    let mut from_there = text.lines().skip(line.saturating_sub(1));
    let line = from_there.next().unwrap_or_default();
    let shown: String = line.trim().chars().take(SHOWN).collect();
    let behind: String =
        line.chars().skip(column.saturating_sub(1)).chain(from_there.flat_map(str::chars)).collect();
    let is_at_end = behind.trim().is_empty();
    match &error.code {
        Error::NoSuchStructField { found, expected, .. } => {
            format!("unknown key '{found}'; expected one of {}", expected.join(", "))
        }
        Error::MissingStructField { field, .. } => {
            format!("the part that ends here has no key '{field}'; add it")
        }
        Error::DuplicateStructField { field, .. } => {
            format!("the key '{field}' appears twice in one part; remove one of them")
        }
        code if is_at_end || *code == Error::Eof => {
            "the file ends too early; close every '(', '[' and '\"'".to_owned()
        }
        Error::TrailingCharacters => format!("text behind the arena's last ')'; remove `{shown}`"),
        Error::ExpectedComma => format!("expected a comma before `{shown}`"),
        Error::ExpectedFloat | Error::ExpectedInteger => format!("expected a number in `{shown}`"),
        code => format!("{code}, in `{shown}`"),
    }
}

#[cfg(test)]
mod tests;
