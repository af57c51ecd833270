//! What may be named where, and what a crate may depend on.

use std::fs;

use crate::{Source, assert_none, root, sources};

/// Words that code names nowhere `within` these places, except in some of them.
struct Wall {
    words: &'static [&'static str],
    within: &'static [&'static str],
    except: &'static [&'static str],
    rule: &'static str,
}

const WALLS: [Wall; 10] = [
    Wall {
        words: &["tokio"],
        within: &["server/src/"],
        except: &[
            "server/src/program",
            "server/src/run",
            "server/src/shutdown",
            "server/src/engine/chat_relay",
            "server/src/engine/cluster",
            "server/src/engine/delivery.rs",
            "server/src/engine/feed_channel",
            "server/src/engine/known_players",
            "server/src/engine/net",
            "server/src/engine/records",
        ],
        rule: "tokio stays on the network side",
    },
    Wall {
        words: &[
            "engine::net",
            "engine::replication",
            "engine::inbox",
            "engine::outbox",
            "engine::metrics",
            "engine::telemetry",
            "protocol::",
            "std::time",
            "Instant",
        ],
        within: &["server/src/game/sim"],
        except: &[],
        rule: "the simulation knows neither network nor replication nor the time of day",
    },
    Wall {
        words: &["engine::net", "&mut World", "Instant", "SystemTime"],
        within: &["server/src/engine/replication"],
        except: &[],
        rule: "replication reads the world, and nothing else",
    },
    Wall {
        words: &["game::"],
        within: &[
            "shared/src/engine",
            "server/src/engine",
            "server/src/program",
            "server/src/replay",
            "server/src/run",
            "server/src/config",
            "client-web/src/engine",
        ],
        except: &["server/src/run/tests", "server/src/run/rooms/tests", "server/src/config/tests"],
        rule: "engine never names game",
    },
    Wall {
        words: &["game::", "tag::"],
        within: &["benches/src/client/"],
        except: &[],
        rule: "the load generator plays any game",
    },
    Wall {
        words: &["bincode::"],
        within: &[""],
        except: &["shared/src/engine/protocol/codec.rs", "xtask/tests/"],
        rule: "bincode is named in one file",
    },
    Wall {
        words: &["web_sys", "wasm_bindgen", "js_sys"],
        within: &["client-web/src", "shared"],
        except: &["client-web/src/web"],
        rule: "the browser is named in client-web/src/web only",
    },
    Wall {
        words: &["std::time", "SystemTime", "Instant", "std::net", "std::thread"],
        within: &["client-web/src/engine", "client-web/src/game", "shared/src"],
        except: &[],
        rule: "pure code takes its time as an argument",
    },
    Wall {
        // Clippy bans std's functions (`clippy.toml`), and an allowance would undo that.
        words: &["disallowed_methods"],
        within: &["client-web/src", "shared", "server/src"],
        except: &["client-web/src/lib.rs"],
        rule: "both ends compute with libm",
    },
    Wall {
        words: &["unbounded"],
        within: &["server/src", "benches/src", "client-web/src"],
        except: &[],
        rule: "every queue has a bound",
    },
];

impl Wall {
    fn report(&self, sources: &[Source]) -> Vec<String> {
        let code = |line: &str| line.split("//").next().unwrap_or_default().trim().to_owned();
        let named = |line: &str| self.words.iter().any(|word| code(line).contains(word)).then(|| code(line));
        let inside = sources.iter().filter(|source| source.is_in(self.within) && !source.is_in(self.except));
        inside.flat_map(|source| source.report(named)).collect()
    }
}

#[test]
fn walls_stand() {
    let sources = sources(&["rs"]);
    for wall in WALLS {
        assert_none(&wall.report(&sources), wall.rule);
        let reported = |path: &str, text: &str| wall.report(&[Source::new(path, text)]).len();
        for named in wall.words.iter().map(|word| format!("use {word};\n// {word}\n")) {
            for place in wall.within {
                assert_eq!(reported(&format!("{place}/sample.rs"), &named), 1, "{named}");
            }
            for place in wall.except {
                assert_eq!(reported(place, &named), 0, "{place}: {named}");
            }
        }
        let strict = Wall { except: &[], ..wall }.report(&sources);
        for place in wall.except {
            let is_needed = strict.iter().any(|line| line.starts_with(place));
            assert!(is_needed, "{place} needs no exception any more: {}", wall.rule);
        }
    }
}

/// The first dependency that a manifest must not have.
fn dependency<'a>(manifest: &'a str, banned: &[&str]) -> Option<&'a str> {
    // Its tests may use any.
    let manifest = manifest.split("[dev-dependencies]").next().unwrap_or_default();
    manifest.lines().filter_map(|line| line.split(['=', '.', ' ']).next()).find(|name| banned.contains(name))
}

#[test]
fn crates_depend_on_one_another_one_way() {
    for (member, banned) in [
        ("shared", ["server", "client-web", "emberdrift-benches"].as_slice()),
        ("server", &["client-web", "emberdrift-benches"]),
        ("client-web", &["server", "tokio", "emberdrift-benches"]),
    ] {
        let path = root().join(member).join("Cargo.toml");
        let manifest = fs::read_to_string(path).expect("a member's manifest");
        assert_eq!(dependency(&manifest, banned), None, "{member} must not depend on it");
    }
    assert_eq!(dependency("[dependencies]\nserver.workspace = true\n", &["server"]), Some("server"));
    assert_eq!(dependency("[dev-dependencies]\nserver = { path = \"x\" }\n", &["server"]), None);
}

#[test]
fn glam_computes_with_libm() {
    let text = fs::read_to_string(root().join("Cargo.toml")).expect("the workspace has a manifest");
    let glam = text.lines().find(|line| line.starts_with("glam =")).expect("glam is chosen for all at once");
    assert!(glam.contains("\"libm\""), "glam's own functions are std's without its feature `libm`");
}

/// Lines that set a variable of the server's options for another purpose, so that a server started with it would take it
/// as an option.
fn taken_variables(options: &str, xtask: &[Source]) -> Vec<String> {
    let quoted = |line: &str| line.split('"').find(|part| part.starts_with("EMBERDRIFT_")).map(str::to_owned);
    let of_options: Vec<String> = options.lines().filter_map(quoted).collect();
    let taken = |line: &str| quoted(line).filter(|name| of_options.contains(name));
    xtask.iter().flat_map(|source| source.report(taken)).collect()
}

#[test]
fn variables_of_programs_are_none_of_the_servers_options() {
    let options = fs::read_to_string(root().join("server/src/config.rs")).expect("the server's options");
    let mut sources = sources(&["rs"]);
    // These start a server with the options that they set.
    let sets_options = ["xtask/src/dev.rs", "xtask/src/play.rs"];
    sources.retain(|source| source.is_in(&["xtask/src"]) && !source.is_in(&sets_options));
    assert_none(&taken_variables(&options, &sources), "a variable that names a program is no option");
    let sample = [Source::new("xtask/src/sample.rs", "(\"EMBERDRIFT_LISTEN\", one_of())\n")];
    assert_eq!(taken_variables(&options, &sample).len(), 1);
}
