//! What a server is started with, from its configuration.

use std::{net::Ipv4Addr, sync::Arc, time::Duration};

use super::{error::StartError, listening::ListenOptions, rooms::RoomLimits, storage::StorageOptions};
use crate::{
    config::{ArenaChoice, Config},
    engine::{
        arena_file,
        arena_loop::ArenaSettings,
        cluster::ClusterOptions,
        game_server::{GameServer, Loaded},
        join_ticket::JoinKey,
        net::{Access, Limits, Site, Tls},
        notifier::Notifier,
        simulation::ArenaOf,
    },
};

/// Sockets that each room adds to those of the server: more than a room of friends has, and fewer than one that is full.
const SOCKETS_PER_ROOM: usize = 8;

/// Where an arena comes from, and what the flags say about it.
#[derive(Clone, Debug)]
pub struct ArenaSource {
    choice: ArenaChoice,
    config: Arc<Config>,
}

impl ArenaSource {
    /// One of the arenas of `--arena`.
    pub(super) fn new(choice: &ArenaChoice, config: &Arc<Config>) -> Self {
        Self { choice: choice.clone(), config: Arc::clone(config) }
    }

    /// Ticks per second.
    pub(super) fn tick_rate(&self) -> u16 {
        self.config.tick_rate
    }

    /// Reads it: the arena, and the number of bodies that bots fill it up to. Blocks for file IO.
    pub(super) fn read<S: GameServer>(&self) -> Result<(ArenaOf<S>, u16), StartError> {
        self.parse::<S>(&self.text::<S>()?)
    }

    /// The text of its file. Blocks for file IO.
    pub(super) fn text<S: GameServer>(&self) -> Result<String, StartError> {
        Ok(arena_file::text::<S>(&self.choice.name_or_path)?)
    }

    /// The same as [`Self::read`] from a text that was read before. Takes milliseconds: it looks for ways through the arena.
    pub(super) fn parse<S: GameServer>(&self, text: &str) -> Result<(ArenaOf<S>, u16), StartError> {
        let Loaded { arena, bots } = arena_file::parse::<S>(text, &self.choice.name_or_path)?;
        let bots = self.config.bots_of(&self.choice, bots.unwrap_or(S::BOTS))?;
        Ok((arena, bots))
    }
}

/// What a server is started with.
#[derive(Debug)]
pub struct Options<S: GameServer> {
    /// What to listen on.
    pub listen: ListenOptions,
    /// The first arena: the default for clients that name none.
    pub game: ArenaSettings<ArenaOf<S>>,
    /// Further arenas. Each is a world of its own.
    pub others: Vec<ArenaSettings<ArenaOf<S>>>,
    /// Where the arenas come from, in their order, if they are to be read again; or none.
    pub sources: Vec<ArenaSource>,
    /// Whether their files are watched, and changes applied without being asked for.
    pub watch_arenas: bool,
    /// What is kept on disk.
    pub storage: StorageOptions,
    /// Bounds of each socket.
    pub limits: Limits,
    /// The client's files.
    pub site: Site,
    /// How browsers reach the server.
    pub access: Access,
    /// The certificate, if the server is to speak TLS.
    pub tls: Option<Arc<Tls>>,
    /// Signs join tickets; without it every player is admitted.
    pub join_key: Option<JoinKey>,
    /// Whether `/echo` exists, for conformance tests.
    pub echo: bool,
    /// Wakes the network's threads.
    pub notifier: Notifier,
    /// Threads that the arenas share, at least one.
    pub simulation_threads: usize,
    /// Rooms that players may make.
    pub rooms: RoomLimits,
    /// The cluster that the server is a node of, if it is.
    pub cluster: Option<ClusterOptions>,
}

impl<S: GameServer> Options<S> {
    /// One arena at a free port of this machine, with the client that was built in, and nothing kept on disk: for a server inside another
    /// program.
    pub fn of_one_arena(game: ArenaSettings<ArenaOf<S>>) -> Self {
        Self {
            listen: ListenOptions::at((Ipv4Addr::LOCALHOST, 0).into()),
            limits: Limits::for_seats(&game.seats),
            game,
            others: Vec::new(),
            sources: Vec::new(),
            watch_arenas: false,
            storage: StorageOptions::default(),
            site: S::site(),
            access: Access::default(),
            tls: None,
            join_key: None,
            echo: false,
            notifier: Notifier::default(),
            simulation_threads: 1,
            rooms: RoomLimits::new(0),
            cluster: None,
        }
    }

    /// Loads what `config` names. `random_seed` is the seed if it names none.
    pub fn new(config: &Config, random_seed: u64) -> Result<Self, StartError> {
        let seats = config.seats();
        let kept = Arc::new(config.clone());
        let sources: Vec<_> = config.arena.iter().map(|choice| ArenaSource::new(choice, &kept)).collect();
        let settings = |source: &ArenaSource| {
            let (arena, bots) = source.read::<S>()?;
            Ok::<_, StartError>(ArenaSettings {
                arena,
                tick_rate: config.tick_rate,
                bots,
                seats,
                seed: config.seed.unwrap_or(random_seed),
                reconnect_grace: Duration::from_secs(config.resume_seconds.into()),
                slow_tick: config.slow_tick,
                fail_after: config.fail_after.map(|seconds| Duration::from_secs(seconds.into())),
            })
        };
        let (first, others) = sources.split_first().ok_or(StartError::NoArena)?;
        // Each arena may have as many sockets as it could alone.
        let alone = Limits::for_seats(&seats);
        let arenas = config.arena.len();
        let limits = Limits {
            sockets: alone.sockets * arenas + usize::from(config.rooms) * SOCKETS_PER_ROOM,
            sockets_per_network: alone.sockets_per_network * arenas,
            ..alone
        };
        Ok(Self {
            listen: ListenOptions { takeover: config.takeover.clone(), ..ListenOptions::at(config.listen) }
                .with_inherited()?,
            game: settings(first)?,
            others: others.iter().map(settings).collect::<Result<_, _>>()?,
            sources,
            watch_arenas: config.watch_arenas,
            storage: StorageOptions::new(config)?,
            limits,
            site: S::site(),
            access: config.access(),
            tls: config.tls()?.map(Tls::new).transpose()?.map(Arc::new),
            join_key: config.join_key.clone(),
            echo: config.echo,
            notifier: Notifier::default(),
            simulation_threads: config.simulation_threads(),
            rooms: RoomLimits::new(config.rooms.into()),
            cluster: config.node()?,
        })
    }
}
