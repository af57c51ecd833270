//! One word for one thing, and the field's word: words that are not to be used, in code, comments and documents.

use crate::sources::Source;

/// A word or phrase, and what to write instead. Words match inside identifiers too: `joinCrew`, `crew_of`.
pub(crate) const BANNED: [(&str, &str); 34] = [
    ("crew", "sessions"),
    ("venue", "arena handle"),
    ("bell", "notifier"),
    ("outlet", "feed channel"),
    ("dialogue", "connection state"),
    ("farewell", "close"),
    ("haul", "collected"),
    ("boon", "power-up"),
    ("boons", "power-ups"),
    ("deeds", "outcome"),
    ("earshot", "chat inbox"),
    ("lessons", "tutorial"),
    ("coach", "hints"),
    ("helm", "controller"),
    ("marksman", "controller"),
    ("swarm", "lite bots"),
    ("melt", "smooth"),
    ("melts", "is smoothed"),
    ("strew", "scatter"),
    ("strewn", "scattered"),
    ("bury", "remove the dead"),
    ("unseat", "remove"),
    ("wish", "input or intent"),
    ("wishes", "inputs or intents"),
    ("anew", "again"),
    ("whoever", "the noun: client, player, viewer"),
    ("whom", "the noun: client, player, viewer"),
    ("nobody", "no player, no client"),
    ("somebody", "a player, a client"),
    ("the deep", "ember reserve"),
    ("well up", "appear"),
    ("wells up", "appears"),
    ("let be", "skipped"),
    ("told of", "sent"),
];

/// Where a banned word has another meaning: a folder or file, and the word.
const ALLOWED: [(&str, &str); 5] = [
    // The rules themselves.
    ("xtask/tests/tidy/", ""),
    // A wave form.
    ("client-web/src/game/sound/", "bell"),
    // A JSON Schema validator of that name.
    ("shared/Cargo.toml", "boon"),
    ("shared/tests/vectors.rs", "boon"),
    // A player's name in a test.
    ("server/tests/network/chat.rs", "nobody"),
];

/// What the engine must not speak of.
const GAME_WORDS: [&str; 8] = ["ship", "ships", "ember", "embers", "shot", "shots", "drone", "drones"];

/// Lines of `sources` with a banned word, as `path:line: …`.
pub(crate) fn banned(sources: &[Source]) -> Vec<String> {
    let mut found = Vec::new();
    for source in sources {
        for (number, line) in (1..).zip(source.text.lines()) {
            let words = words(line);
            for (banned, instead) in BANNED {
                let is_allowed = |(place, word): &(&str, &str)| {
                    source.path.starts_with(place) && (word.is_empty() || *word == banned)
                };
                if contains(&words, banned) && !ALLOWED.iter().any(is_allowed) {
                    let line = line.trim();
                    found.push(format!("{}:{number}: `{banned}` (write: {instead}): {line}", source.path));
                }
            }
        }
    }
    found
}

/// Lines of the engine's `sources` that speak of what only the game knows.
pub(crate) fn game_words(sources: &[Source]) -> Vec<String> {
    let mut found = Vec::new();
    for source in sources {
        for (number, line) in (1..).zip(source.text.lines()) {
            let words = words(line);
            if let Some(word) = GAME_WORDS.iter().find(|word| contains(&words, word)) {
                found.push(format!("{}:{number}: `{word}`: {}", source.path, line.trim()));
            }
        }
    }
    found
}

fn contains(words: &[String], phrase: &str) -> bool {
    let phrase: Vec<_> = phrase.split(' ').collect();
    words.windows(phrase.len()).any(|window| window == phrase)
}

/// The words of a line in lower case; `snake_case` and `camelCase` are several.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut was_lower = false;
    for c in line.chars() {
        let starts_word = !c.is_alphabetic() || (c.is_uppercase() && was_lower);
        if starts_word && !word.is_empty() {
            words.push(core::mem::take(&mut word));
        }
        if c.is_alphabetic() {
            word.extend(c.to_lowercase());
        }
        was_lower = c.is_lowercase();
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

#[test]
fn a_banned_word_is_found_in_any_spelling() {
    for line in ["let crew_of = 1;", "struct TheCrew;", "//! The crew.", "The embers well up again"] {
        assert_eq!(banned(&[Source::new("server/src/a.rs", line)]).len(), 1, "{line}");
    }
    assert!(banned(&[Source::new("server/src/a.rs", "screw, crewless, fareWellness")]).is_empty());
    assert_eq!(
        game_words(&[Source::new("server/src/engine/a.rs", "snapshot emberdrift EmberField")]).len(),
        1
    );
}
