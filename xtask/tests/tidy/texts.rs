//! How files are laid out and worded, and that documents point to what exists.

use std::fs;

use crate::{Source, assert_none, root, sources};

/// Fewer lines are usually half an idea, more are usually two.
const LINES: std::ops::RangeInclusive<usize> = 60..=400;
/// Shorter ones, with a reason.
const SHORT: [&str; 12] = [
    // Programs that only read their flags and start.
    "benches/src/bin/emberdrift-baseline.rs",
    "benches/src/bin/emberdrift-bots.rs",
    "client-web/cost/main.rs",
    "server/fuzz/src/main.rs",
    "server/examples/tag/determinism.rs",
    "server/src/main.rs",
    "xtask/src/main.rs",
    // A module root with one function of its own.
    "benches/src/report.rs",
    // Shuttle's types in place of std's, and the test that makes this switch.
    "server/src/engine/sync.rs",
    "server/tests/concurrency.rs",
    // An error that several files return, and a step of the tick.
    "client-web/src/engine/session/error.rs",
    "server/src/game/sim/flight.rs",
];

/// Words of our own for what has a standard name; `joinCrew` and `crew_of` have them too.
const BANNED: [&str; 31] = [
    "crew", "venue", "bell", "outlet", "dialogue", "farewell", "haul", "boon", "deeds", "earshot", "lessons",
    "coach", "helm", "marksman", "swarm", "melt", "strew", "strewn", "bury", "unseat", "wish", "anew",
    "whoever", "whom", "nobody", "somebody", "the deep", "let be", "told of", "so many", "so much",
];

/// Where a banned word has another meaning: a folder or file, and the word.
const ALLOWED: [(&str, &str); 3] = [
    // A wave form.
    ("client-web/src/game/sound/", "bell"),
    // A JSON Schema validator of that name.
    ("shared/Cargo.toml", "boon"),
    ("shared/tests/vectors.rs", "boon"),
];

/// What the engine must not speak of, in code or comments.
const GAME: [&str; 4] = ["ship", "ember", "shot", "drone"];
const ENGINE: [&str; 4] =
    ["shared/src/engine", "server/src/engine", "client-web/src/engine", "client-web/src/web/shell"];

/// Folders of the workspace: a path in backticks that starts with one must exist.
const FOLDERS: [&str; 7] = ["assets/", "benches/", "client-web/", "server/", "shared/", "xtask/", ".github/"];

/// Whether it only names modules and hands on names, so that it may be short.
fn is_root_module(Source { path, text }: &Source) -> bool {
    let is_listing = |line: &str| {
        line.is_empty()
            || line.starts_with(['/', '#', ' ', '}'])
            || line.starts_with("mod ")
            || (line.starts_with("pub") && [" mod ", " use "].iter().any(|word| line.contains(word)))
    };
    path.ends_with("/lib.rs") || path.ends_with("/build.rs") || text.lines().all(is_listing)
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
    let is_broken = |text: &str| layout(&Source::new("server/src/a.rs", text)).is_some();
    for text in ["// a comment\nmod a;\n", "//! Half.\nfn f() {}\n", "//! Half.\nuse a::b;\n"] {
        assert!(is_broken(text), "{text}");
    }
    assert!(is_broken(&format!("//! Two.\n{}", "mod a;\n".repeat(400))));
    assert!(!is_broken("//! Root.\n#[cfg(test)]\nmod a;\npub use a::b;\n"));
    assert!(!is_broken(&format!("//! One.\n{}", "fn f() {}\n".repeat(60))));
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

/// Lines with one of the banned words or phrases, in the singular or plural.
fn named(source: &Source, banned: &[&str]) -> Vec<String> {
    let is_allowed =
        |banned: &str| ALLOWED.iter().any(|(place, word)| source.path.starts_with(place) && *word == banned);
    let banned: Vec<Vec<_>> =
        banned.iter().filter(|word| !is_allowed(word)).map(|word| word.split(' ').collect()).collect();
    let is = |word: &String, banned: &str| {
        word.strip_prefix(banned).is_some_and(|ending| matches!(ending, "" | "s" | "es"))
    };
    source.report(|line| {
        let words = words(line);
        let stands_at = |at: usize, phrase: &[&str]| {
            let words = words.get(at..at + phrase.len());
            words.is_some_and(|words| words.iter().zip(phrase).all(|(word, banned)| is(word, banned)))
        };
        let found = (0..words.len()).find_map(|at| banned.iter().find(|phrase| stands_at(at, phrase)))?;
        Some(format!("`{}`: {}", found.join(" "), line.trim()))
    })
}

#[test]
fn terms_are_the_standard_ones() {
    let sources = sources(&["rs", "md", "html", "css", "js", "py", "ron", "toml"]);
    let ours = sources.iter().filter(|source| !source.is_in(&["xtask/tests/tidy/"]));
    let found: Vec<_> = ours.flat_map(|source| named(source, &BANNED)).collect();
    assert_none(&found, "write the word that the field has for it");
    let found = |line| named(&Source::new("server/src/a.rs", line), &BANNED).len();
    for line in ["let crew_of = 1;", "struct TheCrew;", "//! The crews.", "they let be it", "joinCrew()"] {
        assert_eq!(found(line), 1, "{line}");
    }
    assert_eq!(found("screw, crewless, fareWellness"), 0);
}

#[test]
fn engine_speaks_of_nothing_in_the_game() {
    let sources = sources(&["rs"]);
    let engine = sources.iter().filter(|source| source.is_in(&ENGINE));
    let found: Vec<_> = engine.flat_map(|source| named(source, &GAME)).collect();
    assert_none(&found, "the engine works for any game");
    assert_eq!(named(&Source::new("a.rs", "snapshot emberdrift\nEmberField\nships"), &GAME).len(), 2);
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
    let text = "`server/src/lib.rs` `server/src/nothing.rs`\n[this](nowhere.md)\n[that](README.md#two), [web](https://x.y)";
    let found = lost(&Source::new("ARCHITECTURE.md", text));
    assert_eq!(found, ["ARCHITECTURE.md:1: server/src/nothing.rs", "ARCHITECTURE.md:2: nowhere.md"]);
}

/// The tests that the threat model names in its column of proofs, and the code does not have: a file, and then its tests.
fn missing_proofs(model: &str, has: impl Fn(&str, &str) -> bool) -> Vec<String> {
    let rows = model.lines().filter(|line| line.starts_with("| ") && line.matches(" | ").count() == 3);
    let proofs = rows.filter_map(|row| row.trim_end_matches(" |").rsplit(" | ").next());
    let (mut file, mut missing) = ("", Vec::new());
    for quoted in proofs.flat_map(|proof| proof.split('`').skip(1).step_by(2)) {
        if quoted.contains('/') {
            file = quoted;
        } else if quoted.contains('_') && !has(file, quoted) {
            missing.push(format!("{file}: {quoted}"));
        }
    }
    missing
}

#[test]
fn threat_model_names_tests_that_there_are() {
    let sources = sources(&["rs"]);
    let has = |path: &str, test: &str| {
        let file = sources.iter().find(|source| source.path == path);
        file.is_some_and(|file| file.text.contains(&format!("fn {test}(")))
    };
    let model = std::fs::read_to_string(root().join(".github/SECURITY.md")).expect("the threat model");
    assert_none(&missing_proofs(&model, has), "the threat model names a test that is gone");
    assert!(missing_proofs(&model, |_, _| false).len() > 30, "the table was not read");
    let row = "| a | b | `x/y.rs` | `server/a.rs` `is_there` `is_gone`, and `cargo xtask z` |";
    assert_eq!(missing_proofs(row, |_, test| test == "is_there"), ["server/a.rs: is_gone"]);
}

/// The guide, and the example that it makes.
const GUIDE: &str = "server/docs/MAKING_GAMES.md";
const EXAMPLE: &str = "server/examples/power-tag";
const FILES: [&str; 3] = ["rules.rs", "server.rs", "client.rs"];

/// The blocks of Rust in a document, each with the line that it begins in.
fn blocks(document: &str) -> Vec<(usize, String)> {
    let mut blocks = Vec::new();
    let mut open: Option<(usize, String)> = None;
    for (number, line) in (1..).zip(document.lines()) {
        match (&mut open, line) {
            (None, "```rust") => open = Some((number, String::new())),
            (Some(_), "```") => blocks.extend(open.take()),
            (Some((_, block)), line) => *block += &format!("{line}\n"),
            (None, _) => {}
        }
    }
    blocks
}

/// Those that stand in none of the files.
fn invented(document: &str, files: &[String]) -> Vec<String> {
    let blocks = blocks(document).into_iter();
    let invented = blocks.filter(|(_, block)| !files.iter().any(|file| file.contains(block.as_str())));
    invented
        .map(|(line, block)| format!("{GUIDE}:{line}: {}", block.lines().next().unwrap_or_default()))
        .collect()
}

#[test]
fn code_of_the_guide_is_that_of_its_example() {
    let read =
        |path: &str| fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    let guide = read(GUIDE);
    let files = FILES.map(|file| read(&format!("{EXAMPLE}/{file}")));
    assert!(blocks(&guide).len() > 10, "the guide has no code");
    assert_none(&invented(&guide, &files), "this code stands in no file of the example");
    let text = "Text\n```rust\nfn a() {}\n```\n```console\n$ b\n```\n```rust\nfn c() {}\n```\n";
    assert_eq!(invented(text, &["fn a() {}\n".to_owned()]), [format!("{GUIDE}:8: fn c() {{}}")]);
}
