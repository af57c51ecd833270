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
    arena_file::{self, ArenaError},
    bridge::{Bell, Inbox, Outlet},
    config::Config,
    game_loop::{self, Game, GameSettings},
    metrics::{Metrics, MetricsError},
    net::{self, Entrance, Feed, Limits, ListenError, Shared, Site},
    resume::{NoRandomness, ResumeKey},
};

/// Messages that may wait for the simulation: at 128 inputs a second and a tick of 100 ms a player has 13 of them.
const INBOX_PER_PLAYER: usize = 16;
/// For joining and leaving crowds.
const INBOX_SPARE: usize = 1024;

/// How often the simulation is looked at.
const WATCH_EVERY: Duration = Duration::from_millis(100);
/// A simulation that has not ticked for so long is not ready for players: ten ticks of the slowest rate.
const STALLED_AFTER: Duration = Duration::from_secs(1);

/// Files that are open besides the sockets: the log, timers, the listener.
const FILES_SPARE: u64 = 64;

/// Why the server did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// No arena.
    #[error(transparent)]
    Arena(#[from] ArenaError),
    /// No socket to listen on.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// No metrics.
    #[error(transparent)]
    Metrics(#[from] MetricsError),
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
    /// The game.
    pub game: GameSettings,
    /// Bounds of each socket.
    pub limits: Limits,
    /// The client's files.
    pub site: Site,
    /// Whether `/echo` is there, for conformance tests.
    pub echo: bool,
    /// Rung when the runtime's threads have something to do; nobody has to listen.
    pub bell: Bell,
}

impl Options {
    /// Loads what `config` names. `chance` is the seed if it names none.
    pub fn new(config: &Config, chance: u64) -> Result<Self, StartError> {
        let max_players = usize::from(config.max_players);
        let limits = Limits::for_players(max_players);
        Ok(Self {
            listen: config.listen,
            game: GameSettings {
                arena: arena_file::load(&config.arena)?,
                tick_rate: config.tick_rate,
                drones: config.drones,
                max_players,
                seed: config.seed.unwrap_or(chance),
                resume: Duration::from_secs(config.resume_seconds.into()),
                slow_tick: config.slow_tick,
            },
            limits,
            site: Site::Embedded,
            echo: config.echo,
            bell: Bell::default(),
        })
    }
}

/// A server that runs.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    metrics: Arc<Metrics>,
    stop_network: watch::Sender<bool>,
    stop_simulation: Arc<AtomicBool>,
    simulation: thread::JoinHandle<()>,
    shared: Arc<Shared>,
    network: JoinHandle<()>,
}

/// Why a running server ended by itself.
#[derive(Debug, thiserror::Error)]
#[error("the simulation has stopped by itself; the lines above say why, please report them")]
pub struct SimulationEnded;

/// Starts the server: when this returns, players can connect.
pub async fn start(options: Options) -> Result<Running, StartError> {
    let Options { listen, game, limits, site, echo, bell } = options;
    let listener: TcpListener = net::bind(listen)?;
    let address = listener.local_addr().map_err(StartError::Address)?;
    allow_open_files(limits.sockets);

    let metrics = Arc::new(Metrics::new(&game.arena.name)?);
    let key = ResumeKey::new()?;
    let (inbox, receiver) = Inbox::new(INBOX_SPARE + INBOX_PER_PLAYER * game.max_players);
    let stop_simulation = Arc::new(AtomicBool::new(false));
    let (arena, seed, tick_rate) = (game.arena.name.clone(), game.seed, game.tick_rate);
    let (outlet, documents) = Outlet::new();
    let feed = Feed::new(outlet.audience());
    let game = Game::new(game, limits.stall, receiver, inbox.door(), bell, Arc::clone(&metrics), key.clone());
    let simulation = game_loop::spawn(game.with_outlet(outlet), Arc::clone(&stop_simulation))
        .map_err(StartError::Thread)?;

    let entrance = Entrance::new(inbox, Arc::clone(&metrics), key);
    let (stop_network, stop) = watch::channel(false);
    let shared = Arc::new(Shared::new(entrance, limits, site, feed, stop).with_echo(echo));
    let publisher = Arc::clone(&shared);
    // Ends with the simulation, whose end of the outlet goes with it.
    tokio::spawn(async move { publisher.feed.publish(documents).await });
    let network = tokio::spawn(net::serve(listener, Arc::clone(&shared)));
    tracing::info!(%arena, seed, tick_rate, "open http://{address} to play");
    Ok(Running { address, metrics, stop_network, stop_simulation, simulation, shared, network })
}

impl Running {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it counts.
    pub fn metrics(&self) -> &Arc<Metrics> {
        &self.metrics
    }

    /// Watches the simulation, and returns when it has ended without being asked to.
    pub async fn watch(&self) -> SimulationEnded {
        let mut ticks = 0;
        let mut moved_at: Option<Instant> = None;
        while !self.simulation.is_finished() {
            let now = Instant::now();
            let ticks_now = self.metrics.ticks_total.get();
            if ticks_now != ticks {
                ticks = ticks_now;
                moved_at = Some(now);
            }
            let ready = moved_at.is_some_and(|at| now.duration_since(at) < STALLED_AFTER);
            self.shared.ready.store(ready, Ordering::Relaxed);
            sleep(WATCH_EVERY).await;
        }
        self.shared.ready.store(false, Ordering::Relaxed);
        SimulationEnded
    }

    /// Ends the server: nobody is let in any more, every player is told, and those who do not take it in time are
    /// dropped. Takes little longer than [`Limits::shutdown`] at the most.
    pub async fn stop(self) {
        self.stop_network.send_replace(true);
        // The end of the simulation ends the queues to the players, which is how their tasks hear of it.
        self.stop_simulation.store(true, Ordering::Relaxed);
        let simulation = self.simulation;
        let joined = tokio::task::spawn_blocking(move || simulation.join());
        if let Err(error) = self.network.await {
            tracing::error!(%error, "the listener broke");
        }
        // The network has waited long enough for the simulation too.
        match tokio::time::timeout(WATCH_EVERY, joined).await {
            Ok(Ok(Ok(()))) => tracing::info!("goodbye"),
            Ok(_) => tracing::error!("the simulation broke"),
            Err(_) => tracing::error!("the simulation does not end and is left behind"),
        }
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
