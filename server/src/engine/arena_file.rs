//! Arena files: text from the binary or from a file to a valid arena of a game, or an error that names the line. What is in a file
//! beyond the key `game` is the game's own.

mod place;

use std::{fs, path::Path};

use ron::error::{Error, SpannedError};
use serde::{Deserialize, Serialize};
use shared::engine::{
    arena_check,
    game_trait::Game,
    limits::{ARENA_BYTES_MAX, ARENA_JSON_BYTES_MAX, PLAYERS_MAX},
    protocol::encode,
};

use super::{
    game_server::{ArenaFault, GameServer, Loaded},
    simulation::ArenaOf,
};

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
    /// Something in a line of it is wrong.
    #[error("arena '{path}', line {line}: {what}")]
    Line {
        /// Which file.
        path: String,
        /// From 1.
        line: usize,
        /// What is wrong, and how to mend it.
        what: String,
    },
    /// It cannot be played in.
    #[error("arena '{path}': {what}")]
    Whole {
        /// Which file.
        path: String,
        /// Where, why, and what to do.
        what: String,
    },
}

/// The key that says which game a file is of. Empty if it is left out.
#[derive(Deserialize)]
struct Header {
    #[serde(default)]
    game: String,
}

/// The names of the arenas in the binary, in their order.
pub fn built_in<S: GameServer>() -> Vec<String> {
    S::arenas().into_iter().map(|(name, _)| name.into_owned()).collect()
}

/// Loads the arena of this name from the binary, or from a file.
pub fn load<S: GameServer>(name_or_path: &str) -> Result<ArenaOf<S>, ArenaError> {
    parse::<S>(&text::<S>(name_or_path)?, name_or_path).map(|loaded| loaded.arena)
}

/// The text of the arena of this name in the binary, or of a file.
pub fn text<S: GameServer>(name_or_path: &str) -> Result<String, ArenaError> {
    if let Some((_, text)) = S::arenas().into_iter().find(|(name, _)| name == name_or_path) {
        return Ok(text.into_owned());
    }
    if !Path::new(name_or_path).is_file() {
        let known = built_in::<S>().join(", ");
        return Err(ArenaError::Unknown { wanted: name_or_path.into(), known });
    }
    fs::read_to_string(name_or_path)
        .map_err(|error| ArenaError::Unreadable { path: name_or_path.into(), error })
}

/// Reads the text of an arena file. `path` is for errors.
pub fn parse<S: GameServer>(text: &str, path: &str) -> Result<Loaded<ArenaOf<S>>, ArenaError> {
    // Some editors begin a file with a byte order mark.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let at_line = |line, what| ArenaError::Line { path: path.into(), line, what };
    let at_key = |key: &str, what| at_line(place::line_of(text, key), what);
    let ours = <S::Game as Game>::NAME;
    // A text that is no RON is explained below, by the game's own keys.
    if let Ok(Header { game }) = ron::from_str(text)
        && !game.is_empty()
        && game != ours
    {
        return Err(at_key(
            "game",
            format!("this arena is of the game {game:?}, and this server runs {ours}"),
        ));
    }
    let content = &place::without_key(text, "game");
    let checked = S::read_arena(content).and_then(|loaded| {
        arena_check::check(&loaded.arena)?;
        check_bytes(&loaded.arena)?;
        Ok(loaded)
    });
    let loaded = checked.map_err(|fault| match fault {
        ArenaFault::Syntax(error) => at_line(error.span.start.line, explain(&error, content)),
        ArenaFault::Range(error) => at_key(error.key(), error.to_string()),
        ArenaFault::Other { key: Some(key), what } => at_key(key, what),
        ArenaFault::Other { key: None, what } => ArenaError::Whole { path: path.into(), what },
    })?;
    let bots = loaded.bots.unwrap_or(0);
    if usize::from(bots) > PLAYERS_MAX {
        return Err(ArenaError::Whole {
            path: path.into(),
            what: format!("{bots} bots; an arena holds at most {PLAYERS_MAX} players"),
        });
    }
    Ok(loaded)
}

/// Checks that an arena fits a welcome, in both encodings.
fn check_bytes(arena: &impl Serialize) -> Result<(), ArenaFault> {
    let other = |what| ArenaFault::Other { key: None, what };
    let json = serde_json::to_string(arena).map_err(|error| other(format!("it cannot be JSON: {error}")))?;
    for (encoding, bytes, most) in
        [("binary", encode(arena).len(), ARENA_BYTES_MAX), ("JSON", json.len(), ARENA_JSON_BYTES_MAX)]
    {
        if bytes > most {
            return Err(other(format!(
                "it takes {bytes} bytes in the {encoding} encoding, and a client is sent at most {most}; \
                 leave something out"
            )));
        }
    }
    Ok(())
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
        Error::NoSuchEnumVariant { found, expected, .. } => {
            format!("unknown word '{found}'; expected one of {}", expected.join(", "))
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
mod tests {
    use shared::engine::testing::Square;

    use super::*;
    use crate::engine::testing::TestSimulation;

    fn read(text: &str) -> Result<Square, String> {
        parse::<TestSimulation>(text, "my.ron").map(|loaded| loaded.arena).map_err(|error| error.to_string())
    }

    #[test]
    fn built_in_arena_is_loaded_by_its_name() {
        assert_eq!(built_in::<TestSimulation>(), ["square", "small"]);
        assert_eq!(load::<TestSimulation>("small").ok(), Some(Square(1024.0)));
        let unknown = load::<TestSimulation>("nowhere").expect_err("there is none").to_string();
        assert!(unknown.contains("'nowhere'") && unknown.contains("square, small"), "{unknown}");
    }

    #[test]
    fn file_of_another_game_is_refused_by_name() {
        assert_eq!(read("\u{feff}(game: \"test\", side: 512)"), Ok(Square(512.0)));
        assert_eq!(read("(side: 512)"), Ok(Square(512.0)), "it need not say");
        let other = read("// A map.\n(\n  name: \"Hall\",\n  game: \"tag\",\n  rules: (speed: 3))")
            .expect_err("not ours");
        assert_eq!(
            other,
            "arena 'my.ron', line 4: this arena is of the game \"tag\", and this server runs test"
        );
    }

    #[test]
    fn arena_that_fits_no_welcome_is_refused_with_its_bytes() {
        let bits = |count| check_bytes(&vec![true; count]).map_err(|error| error.to_string());
        assert_eq!(bits(ARENA_BYTES_MAX - 5), Ok(()));
        let error = bits(ARENA_BYTES_MAX).expect_err("it is too large");
        assert!(
            error.starts_with(
                "it takes 983045 bytes in the binary encoding, and a client is sent at most 983040;"
            ),
            "{error}"
        );
        #[derive(Serialize)]
        struct Long {
            a_name_that_takes_more_bytes_than_its_value_does: bool,
        }
        let long = || Long { a_name_that_takes_more_bytes_than_its_value_does: true };
        let many: Vec<_> = (0..700_000).map(|_| long()).collect();
        let error = check_bytes(&many).expect_err("it is too large").to_string();
        assert!(error.contains("in the JSON encoding"), "{error}");
    }

    #[test]
    fn faults_name_their_line() {
        for (text, said) in [
            ("(game: \"test\",\n side: 99999)", "line 2: side is 99999, but must be 1 to 16384"),
            ("(\n game: \"test\",\n side 3,\n)", "line 3: "),
            ("(\n game: \"test\",\n\n side: 3 other: 4)", "line 4: expected a comma before `"),
            ("(\n side: 0.5)", "line 2: side is 0.5, but must be 1 to 16384"),
            ("(\n side: \"wide\")", "line 2: expected a number in `side: \"wide\")`"),
            ("(game: \"test\", size: 3)", "unknown key 'size'; expected one of side"),
            ("(side: 3,\n", "the file ends too early"),
        ] {
            let error = read(text).expect_err(said);
            assert!(error.starts_with("arena 'my.ron', line ") && error.contains(said), "{error}");
        }
    }
}
