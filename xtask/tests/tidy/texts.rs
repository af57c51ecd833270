//! How files are laid out and worded, and that documents point to what exists.

use syn::{Item, Visibility};

use crate::{Source, assert_none, root, sources};

/// Fewer lines are usually half an idea, more are usually two.
const LINES: std::ops::RangeInclusive<usize> = 60..=400;
/// Shorter ones, with a reason.
const SHORT: [&str; 8] = [
    // Programs that only read their flags and start.
    "benches/src/bin/emberdrift-baseline.rs",
    "benches/src/bin/emberdrift-bots.rs",
    "client-web/cost/main.rs",
    // A module root with one function of its own.
    "benches/src/report.rs",
    // Loom's types instead of std's, and the test that makes this switch.
    "server/src/engine/sync.rs",
    "server/tests/concurrency.rs",
    // An error that several files return, and a step of the tick.
    "client-web/src/game/session/error.rs",
    "server/src/game/sim/flight.rs",
];
const SHORT_MAX: usize = 9;

/// Words of our own for what has a standard name; `joinCrew` and `crew_of` have them too.
const BANNED: [&str; 29] = [
    "crew", "venue", "bell", "outlet", "dialogue", "farewell", "haul", "boon", "deeds", "earshot", "lessons",
    "coach", "helm", "marksman", "swarm", "melt", "strew", "strewn", "bury", "unseat", "wish", "anew",
    "whoever", "whom", "nobody", "somebody", "the deep", "let be", "told of",
];

/// Where a banned word has another meaning: a folder or file, and the word.
const ALLOWED: [(&str, &str); 4] = [
    // A wave form.
    ("client-web/src/game/sound/", "bell"),
    // A JSON Schema validator of that name.
    ("shared/Cargo.toml", "boon"),
    ("shared/tests/vectors.rs", "boon"),
    // A player's name in a test.
    ("server/tests/network/chat.rs", "nobody"),
];

/// What the engine must not speak of, in code or comments.
const GAME: [&str; 4] = ["ship", "ember", "shot", "drone"];

/// Folders of the workspace: a path in backticks that starts with one must exist.
const FOLDERS: [&str; 7] = ["assets/", "benches/", "client-web/", "server/", "shared/", "xtask/", ".github/"];

fn is_root_module(source: &Source) -> bool {
    let is_entry = ["/lib.rs", "/build.rs"].iter().any(|end| source.path.ends_with(end))
        || (source.is_test() && source.path.ends_with("/main.rs"));
    let file = syn::parse_file(&source.text).expect("the workspace compiles");
    is_entry
        || file.items.iter().all(|item| match item {
            Item::Mod(module) => module.content.is_none(),
            Item::Use(handed_on) => !matches!(handed_on.vis, Visibility::Inherited),
            _ => false,
        })
}

fn layout(source: &Source) -> Option<String> {
    let Source { path, text } = source;
    let lines = text.lines().count();
    if !text.starts_with("//! ") {
        Some(format!("{path} does not open with `//! `"))
    } else if lines > *LINES.end() {
        Some(format!("{path} has {lines} lines, so it holds two ideas"))
    } else if lines < *LINES.start() && !SHORT.contains(&&**path) && !is_root_module(source) {
        Some(format!("{path} has {lines} lines, so it holds half an idea"))
    } else {
        None
    }
}

#[test]
fn files_open_with_their_purpose_and_hold_one_idea() {
    assert_none(&sources(&["rs"]).iter().filter_map(layout).collect::<Vec<_>>(), "files to join or to split");
    assert!(SHORT.len() <= SHORT_MAX, "too many exceptions");
}

#[test]
fn bad_layouts_are_reported() {
    let broken = |text: &str| layout(&Source::new("server/src/a.rs", text)).is_some();
    assert!(
        broken("// a comment\nmod a;\n")
            && broken("//! Half.\nfn f() {}\n")
            && broken("//! Half.\nuse a::b;\n")
    );
    assert!(broken(&format!("//! Two.\n{}", "mod a;\n".repeat(400))));
    assert!(!broken("//! Root.\n#[cfg(test)]\nmod a;\npub use a::b;\n"));
    assert!(!broken(&format!("//! One.\n{}", "fn f() {}\n".repeat(60))));
}

/// The words of a line in lower case and singular; `snake_case` and `camelCase` are several.
fn words(line: &str) -> Vec<String> {
    let mut spaced = String::new();
    let mut was_lower = false;
    for c in line.chars() {
        if c.is_uppercase() && was_lower {
            spaced.push(' ');
        }
        was_lower = c.is_lowercase();
        spaced.extend(c.to_lowercase());
    }
    let words = spaced.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty());
    words.map(str::to_owned).collect()
}

/// Whether the words contain this word or phrase, in the plural too.
fn contains(words: &[String], phrase: &str) -> bool {
    let phrase: Vec<_> = phrase.split(' ').collect();
    words.windows(phrase.len()).any(|window| {
        window.iter().zip(&phrase).all(|(word, wanted)| {
            word.strip_prefix(wanted).is_some_and(|ending| matches!(ending, "" | "s" | "es"))
        })
    })
}

/// Lines with a banned word.
fn banned(source: &Source) -> Vec<String> {
    let is_banned = |word: &str| {
        !ALLOWED.iter().any(|(place, allowed)| source.path.starts_with(place) && *allowed == word)
    };
    let banned: Vec<_> = BANNED.into_iter().filter(|word| is_banned(word)).collect();
    source.report(|line| {
        let words = words(line);
        let word = banned.iter().find(|word| contains(&words, word))?;
        Some(format!("`{word}`: {}", line.trim()))
    })
}

/// Lines of the engine that speak of what only the game knows.
fn game_words(source: &Source) -> Vec<String> {
    source.report(|line| {
        let words = words(line);
        GAME.iter().any(|word| contains(&words, word)).then(|| line.trim().to_owned())
    })
}

#[test]
fn terms_are_the_standard_ones() {
    let sources = sources(&["rs", "md", "html", "css", "js", "py", "ron", "toml"]);
    let ours = sources.iter().filter(|source| !source.is_in(&["xtask/tests/tidy/"]));
    assert_none(&ours.flat_map(banned).collect::<Vec<_>>(), "write the word that the field has for it");
}

#[test]
fn engine_speaks_of_nothing_in_the_game() {
    let sources = sources(&["rs"]);
    let engines =
        ["shared/src/engine", "server/src/engine", "client-web/src/engine", "client-web/src/web/shell"];
    let engine = sources.iter().filter(|source| source.is_in(&engines));
    assert_none(&engine.flat_map(game_words).collect::<Vec<_>>(), "the engine works for any game");
}

#[test]
fn words_are_reported_in_any_spelling() {
    let banned = |line| banned(&Source::new("server/src/a.rs", line)).len();
    for line in ["let crew_of = 1;", "struct TheCrew;", "//! The crews.", "they let be it", "joinCrew()"] {
        assert_eq!(banned(line), 1, "{line}");
    }
    assert_eq!(banned("screw, crewless, fareWellness"), 0);
    assert_eq!(game_words(&Source::new("a.rs", "snapshot emberdrift\nEmberField\nships")).len(), 2);
}

/// Paths and links of a document that lead nowhere.
fn lost(document: &Source) -> Vec<String> {
    let folder = document.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let exists = |path: &str| root().join(folder).join(path).exists();
    document.report(|line| {
        let mut paths = line.split('`').skip(1).step_by(2);
        let path = paths.find(|path| {
            let is_pattern = path.contains(['*', '{', '<', '…', ' ']);
            let is_ours = FOLDERS.iter().any(|folder| path.starts_with(folder));
            is_ours && !is_pattern && !root().join(path).exists() && !exists(path)
        });
        let mut links = line.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next());
        let link = links.find(|link| !link.is_empty() && !link.contains("://") && !exists(link));
        path.or(link).map(str::to_owned)
    })
}

#[test]
fn documents_point_to_what_exists() {
    let found: Vec<_> = sources(&["md"]).iter().flat_map(lost).collect();
    assert_none(&found, "these paths and links lead nowhere");
}

#[test]
fn lost_paths_and_links_are_reported() {
    let text = "`server/src/lib.rs` `server/src/nothing.rs`\n[this](nowhere.md)\n[that](README.md#two), [web](https://x.y)";
    let found = lost(&Source::new("ARCHITECTURE.md", text));
    assert_eq!(found, ["ARCHITECTURE.md:1: server/src/nothing.rs", "ARCHITECTURE.md:2: nowhere.md"]);
}
