//! Arena files: RON text to a valid [`Arena`]. Knows the embedded arenas and files; must not know the game that is
//! played in them.

use std::{fs, path::Path};

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use rust_embed::RustEmbed;
use serde::Deserialize;
use shared::{
    Vec2,
    arena::{Arena, Rock},
    rules::{RuleError, Rules},
};

#[derive(RustEmbed)]
#[folder = "../assets/arenas"]
#[include = "*.ron"]
struct Embedded;

/// Why there is no arena.
#[derive(Debug, thiserror::Error)]
pub enum ArenaError {
    /// Neither a known name nor a file.
    #[error("no arena `{wanted}`: give a file that exists, or one of {known}")]
    Unknown {
        /// What was asked for.
        wanted: String,
        /// The names there are.
        known: String,
    },
    /// The file cannot be read.
    #[error("cannot read the arena file {path}: {error}")]
    Unreadable {
        /// Which file.
        path: String,
        /// Why.
        error: std::io::Error,
    },
    /// Not RON, or not the right fields.
    #[error("the arena file {path} is broken at line {line}, column {column}: {what}")]
    Broken {
        /// Which file.
        path: String,
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
        /// What is wrong.
        what: String,
    },
    /// A number outside its range.
    #[error("the arena file {path} cannot be used: {error}")]
    OutOfRange {
        /// Which file.
        path: String,
        /// Key, value and range.
        error: RuleError,
    },
    /// The scattered rocks do not fit.
    #[error(
        "the arena file {path} asks for {wanted} scattered rocks, but only {placed} fit: lower `rocks` or `apart`"
    )]
    Crowded {
        /// Which file.
        path: String,
        /// Rocks asked for.
        wanted: u16,
        /// Rocks that found a place.
        placed: u16,
    },
}

/// What stands in a file: an [`Arena`], and rocks to be scattered by a seed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ArenaFile {
    name: String,
    size: Vec2,
    #[serde(default)]
    rocks: Vec<Rock>,
    #[serde(default)]
    scatter: Option<Scatter>,
    rules: Rules,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scatter {
    seed: u64,
    rocks: u16,
    /// Smallest and largest.
    radius: (f32, f32),
    /// Free way between two rocks, and between a rock and a wall.
    apart: f32,
}

/// Loads the arena of this name from the binary, or from a file.
pub fn load(name_or_path: &str) -> Result<Arena, ArenaError> {
    if let Some(file) = Embedded::get(&format!("{name_or_path}.ron")) {
        return parse(&String::from_utf8_lossy(&file.data), name_or_path);
    }
    if !Path::new(name_or_path).is_file() {
        let mut known: Vec<_> =
            Embedded::iter().map(|file| file.trim_end_matches(".ron").to_owned()).collect();
        known.sort();
        return Err(ArenaError::Unknown { wanted: name_or_path.into(), known: known.join(", ") });
    }
    let text = fs::read_to_string(name_or_path)
        .map_err(|error| ArenaError::Unreadable { path: name_or_path.into(), error })?;
    parse(&text, name_or_path)
}

fn parse(text: &str, path: &str) -> Result<Arena, ArenaError> {
    let file: ArenaFile = ron::from_str(text).map_err(|error| ArenaError::Broken {
        path: path.into(),
        line: error.span.start.line,
        column: error.span.start.col,
        what: error.code.to_string(),
    })?;
    let mut arena = Arena { name: file.name, size: file.size, rocks: file.rocks, rules: file.rules };
    let in_range =
        |arena: &Arena| arena.validate().map_err(|error| ArenaError::OutOfRange { path: path.into(), error });
    // Before the scattering, which relies on the size, and after it.
    in_range(&arena)?;
    if let Some(scatter) = file.scatter {
        let placed = scatter_rocks(&mut arena, &scatter);
        if placed < scatter.rocks {
            return Err(ArenaError::Crowded { path: path.into(), wanted: scatter.rocks, placed });
        }
    }
    in_range(&arena)?;
    Ok(arena)
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
        let free = arena
            .rocks
            .iter()
            .all(|rock| rock.centre.distance(centre) > rock.radius + radius + scatter.apart);
        if free {
            arena.rocks.push(Rock { centre, radius });
            placed += 1;
        }
    }
    placed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(change: impl Fn(String) -> String) -> String {
        let text = Embedded::get("drift.ron").expect("the arena is embedded").data;
        let text = change(String::from_utf8_lossy(&text).into_owned());
        parse(&text, "my.ron").expect_err("the file is broken").to_string()
    }

    #[test]
    fn every_embedded_arena_loads() {
        for file in Embedded::iter() {
            let arena = load(file.trim_end_matches(".ron")).expect("it is valid");
            assert!(!arena.rocks.is_empty());
        }
    }

    #[test]
    fn errors_name_the_file_the_place_and_the_way_out() {
        let unknown = load("nowhere").expect_err("there is no such arena").to_string();
        assert!(unknown.contains("nowhere") && unknown.contains("drift"), "{unknown}");

        let range = broken(|text| text.replace("drag: 1.1", "drag: 99"));
        assert!(
            range.contains("my.ron") && range.contains("rules.drag is 99") && range.contains("0 to 8"),
            "{range}"
        );

        let typo = broken(|text| text.replace("bounce:", "bouncy:"));
        assert!(typo.contains("line 12") && typo.contains("bouncy"), "{typo}");

        let crowded = broken(|text| text.replace("rocks: 64", "rocks: 900"));
        assert!(crowded.contains("900"), "{crowded}");

        let falling = broken(|text| text.replace("embers: 70,", "embers: 20,"));
        assert!(falling.contains("rules.hulls[2].embers"), "{falling}");
    }
}
