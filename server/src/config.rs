//! Flags and environment variables to a valid [`Config`]. Every error names the flag, the value and what was expected.

mod derived;
mod log_modules;
mod values;
mod variables;

use std::{ffi::OsString, net::SocketAddr, path::PathBuf};

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand, builder::Str, error::ErrorKind};
use shared::engine::limits::{PLAYERS_MAX, TICK_RATE_MAX, TICK_RATE_MIN};
use tracing_subscriber::filter::Targets;

pub use self::values::ArenaChoice;
use self::{
    values::{address, arena_choice, join_key, log_filter, number},
    variables::one_line,
};
use crate::engine::{
    arena_file,
    cluster::{NatsUrl, NodeName},
    drill::SlowTick,
    game_server::GameServer,
    join_ticket::JoinKey,
    net::{Origin, PublicUrl, TrustedProxies},
};

/// Every flag can also be set by the environment variable in brackets; a flag on the command line takes precedence. An empty
/// variable is not set.
#[derive(Clone, Debug, Parser)]
#[command(version, max_term_width = 100, args_conflicts_with_subcommands = true)]
#[allow(rustdoc::bare_urls, reason = "the comments are the text of --help")]
pub struct Config {
    /// What to do instead of running the server.
    #[command(subcommand)]
    pub task: Option<Task>,

    /// Listening address; 0.0.0.0 admits other machines, port 0 takes a free port
    #[arg(long, env = "EMBERDRIFT_LISTEN", value_name = "IP:PORT", default_value = "127.0.0.1:8080", value_parser = address)]
    pub listen: SocketAddr,

    /// Simulation steps, and frames to each client, per second (10 to 128)
    #[arg(long, env = "EMBERDRIFT_TICK_RATE", value_name = "HZ", default_value_t = 30,
          value_parser = number(TICK_RATE_MIN..=TICK_RATE_MAX))]
    pub tick_rate: u16,

    /// Bots fill each arena up to this many bodies, and leave as players join [default: the game's number, or the arena file's]
    #[arg(long, visible_alias = "drones", env = "EMBERDRIFT_BOTS", value_name = "COUNT",
          value_parser = number(0..=PLAYERS_MAX as u16))]
    pub bots: Option<u16>,

    /// Players admitted to each arena, disconnected ones included; with its bots at most 8192
    #[arg(long, env = "EMBERDRIFT_MAX_PLAYERS", value_name = "COUNT", default_value_t = 2000,
          value_parser = number(1..=PLAYERS_MAX as u16))]
    pub max_players: u16,

    /// Spectators admitted to each arena (0 to 60000) [default: as many as players]
    #[arg(long, env = "EMBERDRIFT_MAX_SPECTATORS", value_name = "COUNT", value_parser = number(0..=60_000_u16))]
    pub max_spectators: Option<u16>,

    /// Players, and as many spectators, that an arena admits from one network: an IPv4 address or an IPv6 /64, four times
    /// that from a /48; its sockets, joins and requests at once follow from this; clients on this machine do not count
    /// [default: a quarter of --max-players, 4 to 32]
    #[arg(long, env = "EMBERDRIFT_MAX_PER_NETWORK", value_name = "COUNT", value_parser = number(1..=60_000_u16))]
    pub max_per_network: Option<u16>,

    /// Arenas to choose from, the first by default
    #[arg(long, env = "EMBERDRIFT_ARENA", value_name = "NAME|FILE[:BOTS],…", value_delimiter = ',', value_parser = arena_choice)]
    pub arena: Vec<ArenaChoice>,

    /// Apply a changed arena file within a second, without a SIGHUP, while the server runs; a file that cannot be used is logged
    /// and changes nothing
    #[arg(long, env = "EMBERDRIFT_WATCH_ARENAS")]
    pub watch_arenas: bool,

    /// Rooms that players may make at a time, to play with friends by a link, 8 of one network (0 to 10000); 0 for none
    #[arg(long, env = "EMBERDRIFT_ROOMS", value_name = "COUNT", default_value_t = 100, value_parser = number(0..=10_000_u16))]
    pub rooms: u16,

    /// Threads that tick the arenas (1 to 256); an arena on a thread of its own waits for no other [default: cores - 1, at least 1]
    #[arg(long, env = "EMBERDRIFT_SIMULATION_THREADS", value_name = "COUNT", value_parser = number(1..=256_u16))]
    pub simulation_threads: Option<u16>,

    /// Threads for sockets (1 to 256) [default: cores - 1, at least 1]
    #[arg(long, env = "EMBERDRIFT_NETWORK_THREADS", value_name = "COUNT", value_parser = number(1..=256_u16))]
    pub network_threads: Option<u16>,

    /// Seed of all randomness; the same seed and inputs give the same game [default: random, and logged]
    #[arg(long, env = "EMBERDRIFT_SEED", value_name = "NUMBER", value_parser = number(0..=u64::MAX))]
    pub seed: Option<u64>,

    /// How long a disconnected player keeps what it has, in seconds (0 to 3600)
    #[arg(long, env = "EMBERDRIFT_RESUME_SECONDS", value_name = "SECONDS", default_value_t = 60,
          value_parser = number(0..=3600_u16))]
    pub resume_seconds: u16,

    /// Admit only players with a join ticket signed with this key of 32 bytes or more, or @FILE that holds it; the variable is
    /// safer than the flag, which other users of the machine can see
    #[arg(long, env = "EMBERDRIFT_JOIN_KEY", hide_env_values = true, value_name = "KEY|@FILE", value_parser = join_key)]
    pub join_key: Option<JoinKey>,

    /// Where players reach the server, such as https://play.example/game; only its pages may connect
    #[arg(long, env = "EMBERDRIFT_PUBLIC_URL", value_name = "URL,…", value_delimiter = ',')]
    pub public_url: Vec<PublicUrl>,

    /// Servers of NATS, such as nats://10.0.0.1:4222: the server is a node of the cluster that meets there; needs --public-url
    /// unless it listens on this machine only; set the variable if the URL has a password [default: none]
    #[arg(
        long,
        env = "EMBERDRIFT_CLUSTER",
        hide_env_values = true,
        value_name = "URL,…",
        value_delimiter = ','
    )]
    pub cluster: Vec<NatsUrl>,

    /// With --cluster: the name of this node, which no other has [default: the host's name and a random suffix]
    #[arg(long, env = "EMBERDRIFT_NODE", value_name = "NAME")]
    pub node: Option<NodeName>,

    /// With --cluster: where this node is, for players who choose, such as eu-west [default: none]
    #[arg(long, env = "EMBERDRIFT_REGION", value_name = "NAME")]
    pub region: Option<NodeName>,

    /// Other sites whose pages may connect and embed the game, such as https://portal.example
    #[arg(long, env = "EMBERDRIFT_ALLOW_ORIGIN", value_name = "ORIGIN,…", value_delimiter = ',')]
    pub allow_origin: Vec<Origin>,

    /// Sites whose pages may show the game in a frame and tell it a name, or to be silent, such as https://portal.example; they may
    /// not connect
    #[arg(long, env = "EMBERDRIFT_EMBED_ORIGIN", value_name = "ORIGIN,…", value_delimiter = ',')]
    pub embed_origin: Vec<Origin>,

    /// Proxies that say who their clients are, by X-Forwarded-For or the PROXY protocol, such as 10.0.0.0/8
    #[arg(long, env = "EMBERDRIFT_TRUSTED_PROXY", value_name = "CIDR,…", value_delimiter = ',')]
    pub trusted_proxy: Vec<TrustedProxies>,

    /// Directory that the game is kept in: after a restart it goes on, and players come back to what they had [default: none]
    #[arg(long, env = "EMBERDRIFT_STATE", value_name = "DIRECTORY")]
    pub state: Option<PathBuf>,

    /// With --state: seconds between two snapshots of each arena (0 to 3600), 0 for one at the shutdown only
    #[arg(long, env = "EMBERDRIFT_SNAPSHOT_SECONDS", value_name = "SECONDS", default_value_t = 5,
          value_parser = number(0..=3600_u16))]
    pub snapshot_seconds: u16,

    /// Directory that records of players are kept in, as SQLite: their runs and leaderboards [default: none]
    #[arg(long, env = "EMBERDRIFT_DATA", value_name = "DIRECTORY")]
    pub data: Option<PathBuf>,

    /// PostgreSQL database that records of players are kept in, such as postgres://user@host/name; the variable is safer than the
    /// flag if the URL has a password
    #[arg(long, env = "EMBERDRIFT_DATABASE", hide_env_values = true, value_name = "URL")]
    pub database: Option<String>,

    /// With --data or --database: delete runs, and players that have not been seen, after this many days (1 to 36500) [default: never]
    #[arg(long, env = "EMBERDRIFT_RETENTION", value_name = "DAYS", value_parser = number(1..=36_500_u32))]
    pub retention: Option<u32>,

    /// Unix socket at which a server that starts takes the listening socket over from the one that runs, which then stops: no
    /// connect is refused between them; with --state players keep what they have [default: none]
    #[arg(long, env = "EMBERDRIFT_TAKEOVER", value_name = "PATH")]
    pub takeover: Option<PathBuf>,

    /// Directory that whole games are recorded in, in files for the subcommand `replay` [default: none]
    #[arg(long, env = "EMBERDRIFT_RECORD", value_name = "DIRECTORY")]
    pub record: Option<PathBuf>,

    /// Certificate in PEM, with those of the authorities between: the server speaks TLS; read again on SIGHUP and on change
    #[arg(long, env = "EMBERDRIFT_TLS_CERT", value_name = "FILE")]
    pub tls_cert: Option<PathBuf>,

    /// Its private key in PEM
    #[arg(long, env = "EMBERDRIFT_TLS_KEY", value_name = "FILE")]
    pub tls_key: Option<PathBuf>,

    /// Speak TLS with a certificate that the server makes, for a LAN: browsers ask whether to trust it, with --state only once
    #[arg(long, env = "EMBERDRIFT_TLS_SELF_SIGNED")]
    pub tls_self_signed: bool,

    /// Serve /echo, which returns every WebSocket message, for conformance tests; it has no rate limit
    #[arg(long, env = "EMBERDRIFT_ECHO")]
    pub echo: bool,

    /// Rehearse an overload: 45ms/20s@5s makes each tick 45 ms longer for 20 s, starting after 5 s (@5s may be left out)
    #[arg(long, env = "EMBERDRIFT_SLOW_TICK", value_name = "MS/S[@S]")]
    pub slow_tick: Option<SlowTick>,

    /// Rehearse a failure: each simulation panics after this time, in seconds (1 to 86400)
    #[arg(long, env = "EMBERDRIFT_FAIL_AFTER", value_name = "SECONDS", value_parser = number(1..=86_400_u32))]
    pub fail_after: Option<u32>,

    /// Log level (error, warn, info, debug or trace), also by module, such as `info,server::engine::net=debug`
    #[arg(long, env = "EMBERDRIFT_LOG", value_name = "FILTER", default_value = "info", value_parser = log_filter)]
    pub log: Targets,
}

/// What the program does instead of running the server.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum Task {
    /// Step through a recording, and print its last tick and the checksum of the state after it
    Replay {
        /// A recording: of a failure, or of a game by --record
        file: PathBuf,
        /// Compare every tick with the recording, and name the first that differs
        #[arg(long)]
        verify: bool,
    },
    /// Say a line to all players of a cluster
    Announce {
        /// The line
        text: String,
        /// Servers of NATS, as of the nodes
        #[arg(
            long,
            env = "EMBERDRIFT_CLUSTER",
            hide_env_values = true,
            value_name = "URL,…",
            value_delimiter = ',',
            required = true
        )]
        cluster: Vec<NatsUrl>,
    },
    /// Write a copy of the records, also while a server writes them
    Backup {
        /// A new file
        file: PathBuf,
        /// Directory of the records
        #[arg(long, value_name = "DIRECTORY")]
        data: Option<PathBuf>,
        /// PostgreSQL has a program of its own for this: pg_dump
        #[arg(long, value_name = "URL", conflicts_with = "data", hide = true)]
        database: Option<String>,
    },
}

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A flag or a variable is unknown, or its value is invalid.
    #[error("{0}; see --help")]
    Flag(String),
    /// Players and bots of an arena are too many together.
    #[error(
        "--max-players {players} and {bots} bots in arena {arena} are {} together, but an arena holds at most \
         {PLAYERS_MAX}; lower --max-players, or set fewer bots with --bots or --arena {arena}:COUNT",
        usize::from(*.players) + usize::from(*.bots)
    )]
    TooManyPlayers {
        /// Of `--max-players`.
        players: u16,
        /// Of the arena, from whatever sets them.
        bots: u16,
        /// As given in `--arena`.
        arena: String,
    },
    /// A certificate without its key, or the other way round.
    #[error("--tls-cert and --tls-key belong together: set both, or --tls-self-signed for a LAN")]
    HalfACertificate,
    /// Files and a certificate of our own.
    #[error(
        "--tls-self-signed makes a certificate: leave out --tls-cert and --tls-key, or leave out this flag"
    )]
    TwoCertificates,
    /// Two places for records.
    #[error("--data and --database each name a place for records: leave one of them out")]
    TwoPlaces,
    /// A name or a region of a node without a cluster.
    #[error("--node and --region are about a cluster: also name its servers of NATS with --cluster")]
    NoCluster,
    /// A cluster, and a hand-over.
    #[error(
        "--cluster and --takeover exclude each other: a node that stops hands its rooms on to other nodes; leave out --takeover"
    )]
    ClusterAndTakeover,
    /// A retention without records.
    #[error("--retention is about records: also name their place with --data or --database")]
    NothingToRetain,
}

/// What the command line asks for.
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "there is one, at the start")]
pub enum Asked {
    /// To run.
    Run(Config),
    /// To do this.
    Do(Task),
    /// To print this and end.
    Print(String),
}

impl Config {
    /// Reads flags, the program's name first, and the environment's variables.
    pub fn parse_from_args<S: GameServer>(
        args: impl IntoIterator<Item = OsString>,
    ) -> Result<Asked, ConfigError> {
        Self::parse::<S>(args, |name| std::env::var_os(name))
    }

    /// The same with the environment that `variable` reads.
    pub fn parse<S: GameServer>(
        args: impl IntoIterator<Item = OsString>,
        variable: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Asked, ConfigError> {
        let args: Vec<_> = args.into_iter().collect();
        // Help comes first: it must also answer when a variable is invalid.
        if let Err(error) = command::<S>().try_get_matches_from(&args)
            && matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion)
        {
            return Ok(Asked::Print(error.to_string()));
        }
        let command = variables::applied(&command::<S>(), variable).map_err(ConfigError::Flag)?;
        let matches = command.try_get_matches_from(args);
        let config = matches.and_then(|matches| Self::from_arg_matches(&matches));
        let config = config.map_err(|error| ConfigError::Flag(one_line(&error)))?;
        Ok(match config.task {
            Some(task) => Asked::Do(task),
            None => Asked::Run(config),
        })
    }
}

/// The command of a game's server.
pub fn command<S: GameServer>() -> clap::Command {
    let names = arena_file::built_in::<S>();
    let first = names.first().cloned().unwrap_or_default();
    let help = format!(
        "Arenas to choose from, the first by default: built-in ({}) or files; {first}:3 fills {first} with bots up to 3 bodies",
        names.join(", ")
    );
    Config::command()
        .name(S::PROGRAM)
        .about(S::ABOUT)
        .mut_arg("arena", |arg| arg.help(help).default_value(Str::from(first)))
}

#[cfg(test)]
mod tests;
