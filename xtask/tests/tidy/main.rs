//! The house rules, checked by reading the sources: every room opens by saying what it is for, no room is two, and
//! the walls stand. A failure names the file and the rule.

mod docs;
mod imports;
mod sources;
mod terms;

use std::fs;

use self::{
    imports::Imports,
    sources::{Source, root, rust, with_extensions},
};

/// Lines above which a file holds more than one idea.
const LINES_MAX: usize = 400;

impl Source {
    /// Lines without what stands behind `//`, numbered from 1.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        (1..).zip(self.text.lines()).map(|(number, line)| (number, line.split("//").next().unwrap_or(line)))
    }

    /// The lines that contain one of `words`, as `path:line`.
    fn naming(&self, words: &[&str]) -> Vec<String> {
        let found = self.code().filter(|(_, line)| words.iter().any(|word| line.contains(word)));
        found.map(|(number, line)| format!("{}:{number}: {}", self.path, line.trim())).collect()
    }
}

/// Fails with every line outside `allowed` (and inside `within`) that contains one of `words`.
fn only_in(words: &[&str], within: &[&str], allowed: &[&str], why: &str) {
    let sources = rust();
    let inside = sources.iter().filter(|source| source.is_in(within) && !source.is_in(allowed));
    let broken: Vec<_> = inside.flat_map(|source| source.naming(words)).collect();
    assert!(broken.is_empty(), "{why}:\n{}", broken.join("\n"));
}

#[test]
fn every_module_opens_by_saying_what_it_is_for() {
    let silent: Vec<_> = rust().into_iter().filter(|source| !source.text.starts_with("//! ")).collect();
    let paths: Vec<_> = silent.iter().map(|source| source.path.as_str()).collect();
    assert!(paths.is_empty(), "these files do not open with `//! `: {paths:?}");
}

#[test]
fn no_room_is_two() {
    let long = rust().into_iter().filter(|source| source.text.lines().count() > LINES_MAX);
    let paths: Vec<_> = long.map(|source| source.path).collect();
    assert!(paths.is_empty(), "more than {LINES_MAX} lines, so these are two rooms: {paths:?}");
}

#[test]
fn crates_depend_on_one_another_one_way() {
    let manifest = |member: &str| {
        let text =
            fs::read_to_string(root().join(member).join("Cargo.toml")).expect("a member has a manifest");
        // Tests may use anything.
        text.split("[dev-dependencies]").next().unwrap_or_default().to_owned()
    };
    for (member, banned) in [
        ("shared", ["server", "client-web"].as_slice()),
        ("server", &["client-web", "emberdrift-benches"]),
        ("client-web", &["server", "tokio", "emberdrift-benches"]),
    ] {
        for line in manifest(member).lines() {
            let name = line.split(['=', '.', ' ']).next().unwrap_or_default();
            assert!(!banned.contains(&name), "{member}/Cargo.toml must not depend on {name}");
        }
    }
}

#[test]
fn tokio_stays_on_the_network_side() {
    let allowed = [
        "main",
        "run",
        "shutdown",
        "engine/connection_state",
        "engine/feed_channel",
        "engine/net",
        "engine/notifier",
        "engine/outbox",
    ]
    .map(|room| format!("server/src/{room}"));
    let allowed: Vec<_> = allowed.iter().map(String::as_str).collect();
    only_in(&["tokio"], &["server/src/"], &allowed, "tokio is named outside the network side");
}

#[test]
fn the_simulation_knows_neither_network_nor_replication() {
    let words = [
        "engine::net",
        "game::replication",
        "engine::inbox",
        "engine::outbox",
        "engine::metrics",
        "engine::telemetry",
        "protocol::",
        "std::time",
        "Instant",
    ];
    only_in(&words, &["server/src/game/sim"], &[], "the simulation looks outside");
    let words = ["engine::net", "&mut World", "Instant", "SystemTime"];
    only_in(&words, &["server/src/game/replication"], &[], "replication reads the world, and nothing else");
}

#[test]
fn engine_never_names_game() {
    let engines =
        ["shared/src/engine", "server/src/engine", "client-web/src/engine", "client-web/src/web/shell"];
    only_in(&["game::"], &engines, &[], "engine must not know the game");
}

#[test]
fn engine_speaks_of_nothing_in_the_game() {
    let engines = ["shared/src/engine", "server/src/engine", "client-web/src/engine"];
    let sources: Vec<_> = rust().into_iter().filter(|source| source.is_in(&engines)).collect();
    let found = terms::game_words(&sources);
    assert!(
        found.is_empty(),
        "the engine must work for any game, so it has no word of this one:\n{}",
        found.join("\n")
    );
}

#[test]
fn terms_are_the_standard_ones() {
    let sources = with_extensions(&["rs", "md", "html", "css", "js", "py", "ron", "toml"]);
    let found = terms::banned(&sources);
    assert!(
        found.is_empty(),
        "{} places use a word of our own for a thing that has a name:\n{}",
        found.len(),
        found.join("\n")
    );
}

#[test]
fn documents_point_to_what_exists() {
    let found = docs::broken(&with_extensions(&["md"]));
    assert!(found.is_empty(), "these paths and links lead nowhere:\n{}", found.join("\n"));
}

#[test]
fn no_files_import_each_other() {
    let cycles = Imports::read(&rust()).cycles();
    let text: Vec<_> = cycles.iter().map(|cycle| cycle.join("\n")).collect();
    assert!(
        text.is_empty(),
        "these files import one another, so none can be read alone:\n\n{}",
        text.join("\n\n")
    );
}

#[test]
fn bincode_is_named_in_one_file() {
    only_in(
        &["bincode::"],
        &[""],
        &["shared/src/engine/protocol/codec.rs", "xtask/tests/"],
        "bincode has one home",
    );
}

#[test]
fn the_browser_stays_in_its_half() {
    let words = ["web_sys", "wasm_bindgen", "js_sys"];
    only_in(
        &words,
        &["client-web/src", "shared"],
        &["client-web/src/web"],
        "the pure half names the browser",
    );
    let words = ["std::time", "SystemTime", "Instant", "std::net", "std::thread"];
    only_in(
        &words,
        &["client-web/src/engine", "client-web/src/game", "shared/src"],
        &[],
        "pure code takes its time as an argument",
    );
}

#[test]
fn both_ends_compute_the_same_functions() {
    // Clippy bans std's (`clippy.toml`), and an allowance would undo that.
    only_in(
        &["disallowed_methods"],
        &["client-web/src", "shared", "server/src"],
        &["client-web/src/lib.rs"],
        "use libm, so that native and WASM agree",
    );
    let text = fs::read_to_string(root().join("Cargo.toml")).expect("the workspace has a manifest");
    let glam = text.lines().find(|line| line.starts_with("glam =")).expect("glam is chosen for all at once");
    assert!(glam.contains("\"libm\""), "glam's own functions are std's without its feature `libm`");
}

#[test]
fn nothing_is_unbounded() {
    only_in(&["unbounded"], &["server/src", "benches/src", "client-web/src"], &[], "a queue without a bound");
}
