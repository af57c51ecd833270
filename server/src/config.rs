//! Flags and environment variables to a valid [`Config`]. Knows their names and ranges; starts nothing.

use std::net::SocketAddr;

use clap::{
    CommandFactory, Parser,
    error::{ContextKind, ErrorKind},
};
use shared::engine::limits::{PILOTS_MAX, TICK_RATE_MAX, TICK_RATE_MIN};
use tracing_subscriber::EnvFilter;

use crate::{engine::overload_drill::SlowTick, game::arena_file};

/// The Emberdrift game server: arenas for as many players as your machine carries, played in the browser.
///
/// Every option can also be set by the environment variable named with it; what is given on the command line wins.
#[derive(Clone, Debug, Parser)]
#[command(name = "emberdrift", version, max_term_width = 100)]
pub struct Config {
    /// Address and port to listen on; 0.0.0.0 lets in other machines, port 0 takes a free one
    #[arg(long, env = "EMBERDRIFT_LISTEN", value_name = "IP:PORT", default_value = "127.0.0.1:8080", value_parser = address)]
    pub listen: SocketAddr,

    /// Simulation steps, and frames to each player, a second (10 to 128)
    #[arg(long, env = "EMBERDRIFT_TICK_RATE", value_name = "HZ", default_value_t = 30,
          value_parser = clap::value_parser!(u16).range(i64::from(TICK_RATE_MIN)..=i64::from(TICK_RATE_MAX)))]
    pub tick_rate: u16,

    /// Fill each arena with drones up to this many ships; they give way as players join [default: 24, or what
    /// the arena says]
    #[arg(long, env = "EMBERDRIFT_DRONES", value_name = "COUNT",
          value_parser = clap::value_parser!(u16).range(0..=PILOTS_MAX as i64))]
    pub drones: Option<u16>,

    /// Players to let into each arena; with its drones at most 8192
    #[arg(long, env = "EMBERDRIFT_MAX_PLAYERS", value_name = "COUNT", default_value_t = 2000,
          value_parser = clap::value_parser!(u16).range(1..=PILOTS_MAX as i64))]
    pub max_players: u16,

    /// Arenas to choose from, the first for who does not choose.
    #[arg(help = arena_help(), long, env = "EMBERDRIFT_ARENA", value_name = "NAME|FILE[:DRONES],…",
          default_value = "drift", value_delimiter = ',', value_parser = arena_choice)]
    pub arena: Vec<ArenaChoice>,

    /// Threads for the sockets, besides the simulation's [default: one less than there are cores]
    #[arg(long, env = "EMBERDRIFT_NETWORK_THREADS", value_name = "COUNT",
          value_parser = clap::value_parser!(u16).range(1..=256))]
    pub network_threads: Option<u16>,

    /// Seed of all chance; the same seed and the same inputs give the same game [default: random, and logged]
    #[arg(long, env = "EMBERDRIFT_SEED", value_name = "NUMBER")]
    pub seed: Option<u64>,

    /// How long a player whose connection was cut is waited for, in seconds; its ship and embers are kept (0 to 3600)
    #[arg(long, env = "EMBERDRIFT_RESUME_SECONDS", value_name = "SECONDS", default_value_t = 60,
          value_parser = clap::value_parser!(u16).range(0..=3600))]
    pub resume_seconds: u16,

    /// Say back at /echo whatever a WebSocket says: for conformance tests; nothing bounds its rate or its time
    #[arg(long, env = "EMBERDRIFT_ECHO")]
    pub echo: bool,

    /// Rehearse overload: make each tick take longer by so much, for so long from the start
    #[arg(long, value_name = "EXTRA/LASTS@AFTER", hide = true)]
    pub slow_tick: Option<SlowTick>,

    /// What to log: error, warn, info, debug or trace, also per module, as in `info,server::engine::net=debug`
    #[arg(long, env = "EMBERDRIFT_LOG", value_name = "FILTER", default_value = "info")]
    pub log: String,
}

/// One arena of those that a server is to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArenaChoice {
    /// The name of a built-in one, or a file.
    pub name_or_path: String,
    /// Drones fill it up to this many ships, if not to as many as all others.
    pub drones: Option<u16>,
}

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A flag or variable is unknown or out of range.
    #[error("{0}; see --help")]
    Flag(String),
    /// Together they are too many.
    #[error("--max-players {players} and {drones} are together more than {PILOTS_MAX}; lower one of them")]
    TooManyPilots {
        /// As given.
        players: u16,
        /// The flag as given.
        drones: String,
    },
    /// The log filter cannot be read.
    #[error(
        "--log {filter:?} cannot be read: {why}; write a level such as `info`, or `info,server::engine::net=debug`"
    )]
    LogFilter {
        /// As given.
        filter: String,
        /// What is wrong with it.
        why: String,
    },
}

/// What the command line asks for.
#[derive(Debug)]
pub enum Asked {
    /// To run.
    Run(Config),
    /// To print this and end.
    Print(String),
}

impl Config {
    /// Reads flags, the program's name first, and environment variables.
    pub fn parse_from_args(args: impl IntoIterator<Item = std::ffi::OsString>) -> Result<Asked, ConfigError> {
        match Self::try_parse_from(args) {
            Ok(config) => {
                config.validate()?;
                Ok(Asked::Run(config))
            }
            Err(error) if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => {
                Ok(Asked::Print(error.to_string()))
            }
            Err(error) => Err(ConfigError::Flag(one_line(&error))),
        }
    }

    fn validate(&self) -> Result<(), ConfigError> {
        let players = self.max_players;
        for arena in &self.arena {
            let drones = match arena.drones {
                Some(drones) => format!("--arena {}:{drones}", arena.name_or_path),
                None => format!("--drones {}", self.drones.unwrap_or_default()),
            };
            if usize::from(players) + usize::from(self.drones_of(arena).unwrap_or_default()) > PILOTS_MAX {
                return Err(ConfigError::TooManyPilots { players, drones });
            }
        }
        self.log_filter().map(|_| ())
    }

    /// Up to how many ships drones are to fill this arena, if that was said.
    pub fn drones_of(&self, arena: &ArenaChoice) -> Option<u16> {
        arena.drones.or(self.drones)
    }

    /// The filter for log lines.
    pub fn log_filter(&self) -> Result<EnvFilter, ConfigError> {
        EnvFilter::builder()
            .parse(&self.log)
            .map_err(|error| ConfigError::LogFilter { filter: self.log.clone(), why: error.to_string() })
    }
}

/// Names the built-in arenas.
fn arena_help() -> String {
    let names = arena_file::built_in().join(", ");
    format!(
        "Arenas to choose from, the first for who does not: built-in ones ({names}) or files; duel:3 is filled to 3 ships"
    )
}

fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse()
        .map_err(|_| "write an IP address and a port, such as 127.0.0.1:8080 or [::1]:8080".to_owned())
}

/// A name or a path, and perhaps a number behind a colon. What else may stand behind one belongs to a path.
fn arena_choice(text: &str) -> Result<ArenaChoice, String> {
    let split = text.rsplit_once(':').filter(|(_, count)| count.bytes().all(|byte| byte.is_ascii_digit()));
    let Some((name, count)) = split else {
        return Ok(ArenaChoice { name_or_path: text.to_owned(), drones: None });
    };
    let drones = count.parse().ok().filter(|drones| usize::from(*drones) <= PILOTS_MAX);
    if drones.is_none() {
        return Err(format!("write a number of ships, 0 to {PILOTS_MAX}, behind the colon, as in duel:3"));
    }
    Ok(ArenaChoice { name_or_path: name.to_owned(), drones })
}

/// clap's messages span lines; the first paragraph says what is wrong. Its hint at a similar flag is worth keeping.
fn one_line(error: &clap::Error) -> String {
    let whole = error.to_string();
    let first = whole.split("\n\n").next().unwrap_or(&whole);
    let line = first.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = line.strip_prefix("error: ").unwrap_or(&line).to_owned();
    match error.get(ContextKind::SuggestedArg) {
        Some(flag) => format!("{line}, did you mean {flag}?"),
        None => line,
    }
}

/// The command, for those who document it.
pub fn command() -> clap::Command {
    Config::command()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(args: &[&str]) -> Result<Asked, ConfigError> {
        let args = std::iter::once("emberdrift").chain(args.iter().copied());
        Config::parse_from_args(args.map(Into::into))
    }

    #[test]
    fn the_definition_holds_and_defaults_are_valid() {
        command().debug_assert();
        let Ok(Asked::Run(config)) = parse(&[]) else {
            panic!("no configuration");
        };
        assert_eq!(config.tick_rate, 30);
        assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
    }

    #[test]
    fn what_is_wrong_is_said_in_one_line() {
        for (args, part) in [
            (&["--tick-rate", "9"][..], "10..=128"),
            (&["--tick-rate", "fast"], "fast"),
            (&["--drones", "-1"], "-1"),
            (&["--network-threads", "0"], "1..=256"),
            (&["--max-players", "0"], "1..=8192"),
            (&["--max-players", "8192", "--drones", "1"], "lower one"),
            (&["--max-players", "8000", "--arena", "drift,duel:193"], "--arena duel:193"),
            (&["--arena", "drift,duel:9000"], "0 to 8192"),
            (&["--arena", "duel:"], "duel:3"),
            (&["--listen", "localhost"], "127.0.0.1:8080"),
            (&["--log", "info,=x=y"], "cannot be read"),
            (&["--tickrate", "30"], "--tick-rate"),
            (&["--seed", "x"], "--seed"),
            (&["--slow-tick", "45"], "45ms/20s"),
            (&["more"], "more"),
        ] {
            let error = parse(args).expect_err("should be refused").to_string();
            assert!(error.contains(part) && !error.contains('\n'), "{args:?} gave: {error}");
        }
    }

    #[test]
    fn arenas_come_one_by_one_each_with_its_own_drones_or_without() {
        let Ok(Asked::Run(config)) = parse(&["--arena", "drift,./my:map.ron,duel:3", "--drones", "9"]) else {
            panic!("no configuration");
        };
        let arenas = config.arena.iter().map(|arena| (arena.name_or_path.as_str(), config.drones_of(arena)));
        assert_eq!(
            arenas.collect::<Vec<_>>(),
            [("drift", Some(9)), ("./my:map.ron", Some(9)), ("duel", Some(3))]
        );
    }

    #[test]
    fn help_names_every_variable() {
        let Ok(Asked::Print(help)) = parse(&["--help"]) else {
            panic!("no help");
        };
        for name in
            ["LISTEN", "TICK_RATE", "DRONES", "MAX_PLAYERS", "ARENA", "NETWORK_THREADS", "SEED", "LOG"]
        {
            assert!(help.contains(&format!("EMBERDRIFT_{name}")), "{name}");
        }
        for name in arena_file::built_in() {
            assert!(help.contains(&name), "{name}");
        }
    }
}
