//! The modules that write to the log, so that a log filter that can match none of them is an error and not silence.

/// The modules that write to the log: what a filter can name.
const MODULES: [&str; 43] = [
    "server::engine::arena_loop",
    "server::engine::arena_loop::another_arena",
    "server::engine::arena_loop::flight_recorder",
    "server::engine::arena_loop::overload",
    "server::engine::arena_loop::persistence",
    "server::engine::cluster::beat",
    "server::engine::cluster::drain",
    "server::engine::cluster::follow",
    "server::engine::cluster::inherit",
    "server::engine::cluster::link",
    "server::engine::cluster::member",
    "server::engine::cluster::said",
    "server::engine::cluster::start",
    "server::engine::cluster::worlds",
    "server::engine::known_players",
    "server::engine::net::http::connection",
    "server::engine::net::http::records",
    "server::engine::net::listener",
    "server::engine::net::state",
    "server::engine::net::takeover::hand_over",
    "server::engine::net::takeover::offer",
    "server::engine::net::tls",
    "server::engine::net::websocket::close",
    "server::engine::net::websocket::subprotocol",
    "server::engine::panics",
    "server::engine::process",
    "server::engine::recorder::numbered",
    "server::engine::recorder::writer",
    "server::engine::records::keeper",
    "server::engine::records::todays_best",
    "server::engine::simulation_threads",
    "server::engine::snapshot::permissions",
    "server::engine::snapshot::writer",
    "server::run",
    "server::run::everyone",
    "server::run::reload",
    "server::run::rooms",
    "server::run::rooms::files",
    "server::run::rooms::moved",
    "server::run::rooms::room",
    "server::run::rooms::room::change",
    "server::run::stop",
    "server::shutdown",
];

/// Whether a filter with this path lets a module through. It matches from the left.
pub(super) fn is_module(path: &str) -> bool {
    MODULES.iter().any(|module| module.starts_with(path))
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    /// The macros that log.
    const LOGS: [&str; 5] = ["error", "warn", "info", "debug", "trace"];

    #[test]
    fn every_module_that_logs_is_listed() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let (mut folders, mut found) = (vec![root.clone()], Vec::new());
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let name = path.strip_prefix(&root).unwrap().with_extension("").display().to_string();
                if path.is_dir() {
                    folders.push(path);
                } else if !name.contains("tests") {
                    let text = fs::read_to_string(&path).unwrap_or_default();
                    if LOGS.iter().any(|log| text.contains(&format!("{log}!("))) {
                        found.push(format!("server::{}", name.replace('/', "::")));
                    }
                }
            }
        }
        found.sort();
        assert_eq!(found, MODULES);
    }
}
