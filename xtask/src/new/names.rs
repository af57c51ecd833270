//! The name of a new game, in the forms that its files have it in, and how tag's files are given it. Only whole words are changed.

use std::collections::BTreeSet;

use anyhow::{Result, bail, ensure};

/// Most letters of a name: the engine's `GAME_NAME_BYTES_MAX`.
const NAME_MAX: usize = 24;

/// Words that no crate can have as its name, or that cargo refuses.
const RESERVED: [&str; 53] = [
    "abstract",
    "alloc",
    "as",
    "async",
    "await",
    "become",
    "box",
    "break",
    "const",
    "continue",
    "core",
    "crate",
    "do",
    "dyn",
    "else",
    "enum",
    "extern",
    "false",
    "final",
    "fn",
    "for",
    "gen",
    "if",
    "impl",
    "in",
    "let",
    "loop",
    "macro",
    "match",
    "mod",
    "move",
    "mut",
    "override",
    "priv",
    "proc-macro",
    "pub",
    "ref",
    "return",
    "self",
    "static",
    "std",
    "struct",
    "super",
    "test",
    "trait",
    "true",
    "try",
    "type",
    "typeof",
    "unsafe",
    "unsized",
    "use",
    "where",
];

/// A name that a game can have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Names {
    /// `my-game`: the package, and what a server says that it runs.
    pub(super) package: String,
    /// `my_game`: the library, in paths.
    library: String,
    /// `MyGame`: the type.
    kind: String,
    /// `My Game`: what players read.
    title: String,
}

impl Names {
    /// The forms of `name`. `packages` are those that the game's workspace has besides it, and `taken` the words of its code.
    pub(super) fn of(name: &str, packages: &BTreeSet<&str>, taken: &BTreeSet<&str>) -> Result<Self> {
        let is_plain = |char: char| char.is_ascii_lowercase() || char.is_ascii_digit() || char == '-';
        let parts: Vec<_> = name.split('-').collect();
        let is_valid = (1..=NAME_MAX).contains(&name.len())
            && name.chars().all(is_plain)
            && name.starts_with(|char: char| char.is_ascii_lowercase())
            && parts.iter().all(|part| !part.is_empty());
        ensure!(
            is_valid,
            "{name:?} is no name for a game: write 1 to {NAME_MAX} lower-case letters, digits and single hyphens, and begin with a \
             letter, such as {:?}",
            mended(name)
        );
        let capital = |part: &&str| {
            let (first, rest) = part.split_at(1);
            first.to_ascii_uppercase() + rest
        };
        let capitals: Vec<_> = parts.iter().map(capital).collect();
        let names = Self {
            package: name.to_owned(),
            library: parts.join("_"),
            kind: capitals.concat(),
            title: capitals.join(" "),
        };
        let is_taken = RESERVED.contains(&name) || packages.contains(name) || name.starts_with("emberdrift");
        if is_taken || taken.contains(&*names.library) || taken.contains(&*names.kind) {
            bail!(
                "a game cannot be named {name:?}: a package or a word of its code has that name. Choose another, such as \"my-{name}\""
            );
        }
        Ok(names)
    }

    /// A text of tag's, as this game has it.
    pub(super) fn rewrite(&self, text: &str) -> String {
        let (mut out, mut before) = (String::with_capacity(text.len()), "");
        for (word, after) in words(text) {
            match word.strip_prefix("Tag") {
                // In a text, and as a headline.
                Some("") if before.ends_with('"') || before == "# " => out += &self.title,
                Some(rest) if rest.chars().next().is_none_or(char::is_uppercase) => {
                    out += &self.kind;
                    out += rest;
                }
                _ => match word.strip_prefix("tag") {
                    Some("") if !after.starts_with("::") => out += &self.package,
                    Some(rest) if rest.is_empty() || rest.starts_with('_') => {
                        out += &self.library;
                        out += rest;
                    }
                    // What cargo calls a program, for tests.
                    _ => {
                        out += &word.replace("CARGO_BIN_EXE_tag", &format!("CARGO_BIN_EXE_{}", self.package));
                    }
                },
            }
            out += after;
            before = after;
        }
        out
    }
}

/// The words of a text, each with what stands between it and the next one. The first may be empty.
pub(super) fn words(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let is_word = |char: char| char.is_alphanumeric() || char == '_';
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = rest.find(|char| !is_word(char)).unwrap_or(rest.len());
        let (word, behind) = rest.split_at(end);
        let (after, next) = behind.split_at(behind.find(is_word).unwrap_or(behind.len()));
        rest = next;
        Some((word, after))
    })
}

/// A valid name that is like this one.
fn mended(name: &str) -> String {
    let lower = name.to_ascii_lowercase();
    let parts = lower.split(|char: char| !char.is_ascii_alphanumeric()).filter(|part| !part.is_empty());
    let joined = parts.collect::<Vec<_>>().join("-");
    let joined = joined.trim_start_matches(|char: char| !char.is_ascii_lowercase());
    let short = joined.get(..NAME_MAX).unwrap_or(joined).trim_end_matches('-');
    if short.is_empty() { "my-game".to_owned() } else { short.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(name: &str) -> Result<Names> {
        Names::of(name, &["serde", "tag"].into(), &["Arena", "server"].into())
    }

    #[test]
    fn name_has_a_form_for_each_use() -> Result<()> {
        let Names { package, library, kind, title } = names("my-game2")?;
        assert_eq!([&*package, &library, &kind, &title], ["my-game2", "my_game2", "MyGame2", "My Game2"]);
        Ok(())
    }

    #[test]
    fn wrong_and_taken_names_are_refused_with_a_better_one() {
        for (name, better) in [
            ("My Game", "\"my-game\""),
            ("2048", "\"my-game\""),
            ("my_game", "\"my-game\""),
            ("a--b", "\"a-b\""),
            ("", "\"my-game\""),
            ("a-game-whose-name-does-not-end", "\"a-game-whose-name-does-n\""),
            ("fn", "\"my-fn\""),
            ("arena", "\"my-arena\""),
            ("server", "\"my-server\""),
            ("serde", "\"my-serde\""),
            ("emberdrift-two", "\"my-emberdrift-two\""),
        ] {
            let error = names(name).map(drop).unwrap_err().to_string();
            assert!(error.ends_with(better), "{name}: {error}");
        }
    }

    #[test]
    fn only_whole_words_are_changed() -> Result<()> {
        let names = names("my-game")?;
        for (of_tag, own) in [
            ("use tag::{Arena, Tag, Tagged};", "use my_game::{Arena, MyGame, Tagged};"),
            ("game: \"tag\", // The arena of tag.", "game: \"my-game\", // The arena of my-game."),
            ("TITLE: &str = \"Tag\"; TagView", "TITLE: &str = \"My Game\"; MyGameView"),
            ("# Tag\n\nA game.", "# My Game\n\nA game."),
            ("description = \"Tag, a game.\"", "description = \"My Game, a game.\""),
            ("env!(\"CARGO_BIN_EXE_tag-server\")", "env!(\"CARGO_BIN_EXE_my-game-server\")"),
            ("fn tag_is_played() // staged stage tags", "fn my_game_is_played() // staged stage tags"),
            ("name = \"tag-server\"", "name = \"my-game-server\""),
            ("«tag» ", "«my-game» "),
        ] {
            assert_eq!(names.rewrite(of_tag), own);
        }
        Ok(())
    }
}
