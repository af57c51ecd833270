//! Starts both sides, the simulation's thread and the sockets' tasks, and ends them in order. Knows that there are
//! two sides; must not know what either does.

use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use tokio::{
    net::TcpListener,
    sync::watch,
    task::JoinHandle,
    time::{Instant, sleep},
};

use crate::{
    config::{ArenaChoice, Config, ConfigError},
    engine::{
        connection_state::Admission,
        feed_channel::FeedSender,
        inbox::Inbox,
        net::{self, ArenaHandle, Arenas, Feed, Limits, ListenError, ServerState, Site},
        notifier::Notifier,
        process,
        resume::{NoRandomness, ResumeKey},
        telemetry::Telemetry,
    },
    game::{
        arena_file::{self, ArenaError, Loaded},
        arena_loop::{self, ArenaSettings, NetworkSide},
        gauges::GAUGES,
        json::{FEED_TOPICS, Listing, message_to_json},
    },
};

/// Messages that may wait for the simulation: at 128 inputs a second and a tick of 100 ms a player has 13 of them.
const INBOX_PER_PLAYER: usize = 16;
/// For joining and leaving crowds.
const INBOX_SPARE: usize = 1024;

/// How often the simulation is looked at.
const WATCH_EVERY: Duration = Duration::from_millis(100);
/// A simulation that has not ticked for so long is not ready for players: ten ticks of the slowest rate.
const STALLED_AFTER: Duration = Duration::from_secs(1);

/// Ships that drones fill an arena up to where neither flags nor its file say otherwise.
const DRONES: u16 = 24;

/// Files that are open besides the sockets: the log, timers, the listener.
const FILES_SPARE: u64 = 64;

/// Why the server did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Flags that do not fit together.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// No arena.
    #[error(transparent)]
    Arena(#[from] ArenaError),
    /// None was named.
    #[error("there is no arena to play in: name one with --arena")]
    NoArena,
    /// Two arenas could not be told apart.
    #[error(
        "two arenas are called {name:?}: name each once with --arena, or change the `name` in one of the files"
    )]
    SameName {
        /// The second one's.
        name: String,
    },
    /// No socket to listen on.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// No key for resume tokens.
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
    /// No thread for the simulation.
    #[error("cannot start the simulation's thread: {0}; raise the limit of threads or free some memory")]
    Thread(#[source] io::Error),
    /// The listening socket does not know where it listens.
    #[error("cannot tell the listening address: {0}")]
    Address(#[source] io::Error),
}

/// All that a server is started from.
#[derive(Debug)]
pub struct Options {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The game, for who names no arena.
    pub game: ArenaSettings,
    /// The games in further arenas: each a world of its own, with its own thread.
    pub others: Vec<ArenaSettings>,
    /// Bounds of each socket.
    pub limits: Limits,
    /// The client's files.
    pub site: Site,
    /// Whether `/echo` is there, for conformance tests.
    pub echo: bool,
    /// Rung when the runtime's threads have something to do; nobody has to listen.
    pub notifier: Notifier,
}

impl Options {
    /// Loads what `config` names. `chance` is the seed if it names none.
    pub fn new(config: &Config, chance: u64) -> Result<Self, StartError> {
        let max_players = usize::from(config.max_players);
        let settings = |choice: &ArenaChoice| {
            let Loaded { arena, drones } = arena_file::read(&choice.name_or_path)?;
            let drones = config.drones_of(choice, drones.unwrap_or(DRONES))?;
            Ok::<_, StartError>(ArenaSettings {
                arena,
                tick_rate: config.tick_rate,
                drones,
                max_players,
                seed: config.seed.unwrap_or(chance),
                reconnect_grace: Duration::from_secs(config.resume_seconds.into()),
                slow_tick: config.slow_tick,
            })
        };
        let (first, others) = config.arena.split_first().ok_or(StartError::NoArena)?;
        // Each arena brings the sockets that it would have alone.
        let alone = Limits::for_players(max_players);
        let limits = Limits { sockets: alone.sockets * config.arena.len(), ..alone };
        Ok(Self {
            listen: config.listen,
            game: settings(first)?,
            others: others.iter().map(settings).collect::<Result<_, _>>()?,
            limits,
            site: Site::Embedded,
            echo: config.echo,
            notifier: Notifier::default(),
        })
    }
}

/// A server that runs.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    stop_network: watch::Sender<bool>,
    stop_simulations: Arc<AtomicBool>,
    simulations: Vec<Simulated>,
    network: JoinHandle<()>,
}

/// An arena, and the thread that its world lives on.
#[derive(Debug)]
struct Simulated {
    arena: Arc<ArenaHandle>,
    thread: thread::JoinHandle<()>,
}

/// Why a running server ended by itself.
#[derive(Debug, thiserror::Error)]
#[error("the simulation of {0} has stopped by itself; the lines above say why, please report them")]
pub struct SimulationEnded(String);

/// Starts the server: when this returns, players can connect.
pub async fn start(options: Options) -> Result<Running, StartError> {
    let Options { listen, game, others, limits, site, echo, notifier } = options;
    let games: Vec<_> = std::iter::once(game).chain(others).collect();
    let slugs: Vec<_> = games.iter().map(|game| net::slug(&game.arena.name)).collect();
    if let Some(at) = (1..slugs.len()).find(|at| slugs[..*at].contains(&slugs[*at])) {
        return Err(StartError::SameName { name: games[at].arena.name.clone() });
    }
    // Noted now, for `/metrics`.
    process::start_seconds();
    let listener: TcpListener = net::bind(listen)?;
    let address = listener.local_addr().map_err(StartError::Address)?;
    allow_open_files(limits.sockets);

    let stop_simulations = Arc::new(AtomicBool::new(false));
    let origins: Vec<_> = games.iter().map(|game| (game.seed, game.tick_rate)).collect();
    let opened = games.into_iter().map(|game| open(game, &limits, &notifier, &stop_simulations));
    // If one cannot be opened, none goes on.
    let simulations = opened
        .collect::<Result<Vec<_>, _>>()
        .inspect_err(|_| stop_simulations.store(true, Ordering::Relaxed))?;

    let (stop_network, stop) = watch::channel(false);
    let arenas = Arenas::new(simulations.iter().map(|simulated| Arc::clone(&simulated.arena)).collect());
    let state = Arc::new(ServerState::new(arenas, limits, site, message_to_json, stop).with_echo(echo));
    let network = tokio::spawn(net::serve(listener, state));
    for (at, (simulated, (seed, tick_rate))) in simulations.iter().zip(origins).enumerate() {
        let (arena, slug) = (simulated.arena.name(), simulated.arena.slug());
        let fragment = if at == 0 { String::new() } else { format!("/#arena={slug}") };
        tracing::info!(%arena, seed, tick_rate, "open http://{address}{fragment} to play");
    }
    Ok(Running { address, stop_network, stop_simulations, simulations, network })
}

/// Starts one arena: its simulation, and what the network needs of it.
fn open(
    game: ArenaSettings,
    limits: &Limits,
    notifier: &Notifier,
    stop: &Arc<AtomicBool>,
) -> Result<Simulated, StartError> {
    let telemetry = Arc::new(Telemetry::new(&GAUGES));
    // Of its own, so that a token of one arena claims nothing in another.
    let key = ResumeKey::new()?;
    let (inbox, receiver) = Inbox::new(INBOX_SPARE + INBOX_PER_PLAYER * game.max_players);
    let gate = inbox.gate();
    let (feed_sender, documents) = FeedSender::new();
    let feed = Feed::new(feed_sender.subscribers(), &FEED_TOPICS);
    let listing = Listing::new(&game.arena, game.max_players, Arc::clone(&telemetry));
    let admission = Admission::new(inbox, Arc::clone(&telemetry), key.clone());
    let arena = Arc::new(ArenaHandle::new(&game.arena.name, admission, feed, listing));
    let network = NetworkSide {
        inbox: receiver,
        gate,
        feed: feed_sender,
        notifier: notifier.clone(),
        telemetry,
        resume_key: key,
        stall_timeout: limits.stall_timeout,
    };
    let thread = arena_loop::spawn(game, network, Arc::clone(stop)).map_err(StartError::Thread)?;
    let publisher = Arc::clone(&arena);
    // Ends with the simulation, whose end of the feed goes with it.
    tokio::spawn(async move { publisher.feed.publish(documents).await });
    Ok(Simulated { arena, thread })
}

impl Running {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The telemetry of the first arena.
    pub fn telemetry(&self) -> &Arc<Telemetry> {
        self.telemetry_of(0)
    }

    /// The telemetry of an arena, by its place in the order in which they were given.
    ///
    /// # Panics
    /// If there are fewer.
    pub fn telemetry_of(&self, arena: usize) -> &Arc<Telemetry> {
        &self.simulations[arena].arena.admission.telemetry
    }

    /// Watches the simulations, and returns when one has ended without being asked to.
    pub async fn watch(&self) -> SimulationEnded {
        let mut pulses = vec![Pulse::default(); self.simulations.len()];
        loop {
            for (Simulated { arena, thread }, pulse) in self.simulations.iter().zip(&mut pulses) {
                let has_ended = thread.is_finished();
                let beats = pulse.beats(arena.admission.telemetry.ticks_total.get(), Instant::now());
                arena.ready.store(beats && !has_ended, Ordering::Relaxed);
                if has_ended {
                    return SimulationEnded(arena.name().to_owned());
                }
            }
            sleep(WATCH_EVERY).await;
        }
    }

    /// Ends the server: nobody is let in any more, every player is told, and those who do not take it in time are
    /// dropped. Takes little longer than [`Limits::shutdown_timeout`] at the most.
    pub async fn stop(self) {
        self.stop_network.send_replace(true);
        // The end of a simulation ends the queues to its players, which is how their tasks hear of it.
        self.stop_simulations.store(true, Ordering::Relaxed);
        let mut simulations = self.simulations.into_iter();
        let joined = tokio::task::spawn_blocking(move || simulations.try_for_each(|each| each.thread.join()));
        if let Err(error) = self.network.await {
            tracing::error!(%error, "the listener broke");
        }
        // The network has waited long enough for the simulations too.
        match tokio::time::timeout(WATCH_EVERY, joined).await {
            Ok(Ok(Ok(()))) => tracing::info!("goodbye"),
            Ok(_) => tracing::error!("a simulation broke"),
            Err(_) => tracing::error!("a simulation does not end and is left behind"),
        }
    }
}

/// Whether a simulation goes on, from looks at its count of ticks.
#[derive(Clone, Copy, Debug, Default)]
struct Pulse {
    ticks: u64,
    moved_at: Option<Instant>,
}

impl Pulse {
    fn beats(&mut self, ticks: u64, now: Instant) -> bool {
        if self.ticks != ticks {
            (self.ticks, self.moved_at) = (ticks, Some(now));
        }
        self.moved_at.is_some_and(|at| now.duration_since(at) < STALLED_AFTER)
    }
}

/// Each socket is an open file, and systems start programs with a limit of 1024.
fn allow_open_files(sockets: usize) {
    let wanted = sockets as u64 + FILES_SPARE;
    // Elsewhere than on Unix there is no such limit, and this says so.
    let Ok((soft, hard)) = rlimit::Resource::NOFILE.get() else {
        return;
    };
    let limit = match rlimit::Resource::NOFILE.set(hard, hard) {
        Ok(()) => hard,
        Err(_) => soft,
    };
    if limit < wanted {
        tracing::warn!(
            "at most {limit} files may be open, which is too few for {sockets} sockets: \
             raise the limit with `ulimit -n {wanted}`, or lower --max-players"
        );
    }
}
