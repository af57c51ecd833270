//! Starts the simulation threads and the network side, watches them, and stops them in order. Must not know what either
//! does.

mod arena;
mod error;
pub mod stop;
mod storage;

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{
    net::TcpListener,
    sync::watch,
    task::JoinHandle,
    time::{Instant, sleep},
};

use self::{
    arena::{Common, Simulated},
    storage::Storage,
};
pub use self::{
    error::{PartEnded, StartError, StopError},
    storage::{StorageError, StorageOptions},
};
use crate::{
    config::{ArenaChoice, Config},
    engine::{
        join_ticket::JoinKey,
        names,
        net::{self, Access, Arenas, Limits, Phase, PhaseReceiver, ServerState, Site, Tls},
        network_delay::NetworkDelay,
        notifier::Notifier,
        process,
        telemetry::Telemetry,
    },
    game::{
        arena_file::{self, Loaded},
        arena_loop::ArenaSettings,
        json::message_to_json,
    },
};

/// How often the simulations are checked.
const WATCH_EVERY: Duration = Duration::from_millis(100);
/// A simulation without a tick for this time is not ready for players: ten ticks at the slowest rate.
const STALLED_AFTER: Duration = Duration::from_secs(1);

/// Drones fill an arena up to this many ships unless flags or its file say otherwise.
const DRONES: u16 = 24;

/// What a server is started with.
#[derive(Debug)]
pub struct Options {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The first arena: the default for clients that name none.
    pub game: ArenaSettings,
    /// Further arenas. Each is a world of its own, on a thread of its own.
    pub others: Vec<ArenaSettings>,
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
}

impl Options {
    /// Loads what `config` names. `random_seed` is the seed if it names none.
    pub fn new(config: &Config, random_seed: u64) -> Result<Self, StartError> {
        let seats = config.seats();
        let settings = |choice: &ArenaChoice| {
            let Loaded { arena, drones } = arena_file::read(&choice.name_or_path)?;
            let drones = config.drones_of(choice, drones.unwrap_or(DRONES))?;
            Ok::<_, StartError>(ArenaSettings {
                arena,
                tick_rate: config.tick_rate,
                drones,
                seats,
                seed: config.seed.unwrap_or(random_seed),
                reconnect_grace: Duration::from_secs(config.resume_seconds.into()),
                slow_tick: config.slow_tick,
                fail_after: config.fail_after.map(|seconds| Duration::from_secs(seconds.into())),
            })
        };
        let (first, others) = config.arena.split_first().ok_or(StartError::NoArena)?;
        // Each arena may have as many sockets as it could alone.
        let alone = Limits::for_seats(&seats);
        let arenas = config.arena.len();
        let limits = Limits {
            sockets: alone.sockets * arenas,
            sockets_per_network: alone.sockets_per_network * arenas,
            ..alone
        };
        Ok(Self {
            listen: config.listen,
            game: settings(first)?,
            others: others.iter().map(settings).collect::<Result<_, _>>()?,
            storage: StorageOptions::new(config),
            limits,
            site: Site::Embedded,
            access: config.access(),
            tls: config.tls()?.map(Tls::new).transpose()?.map(Arc::new),
            join_key: config.join_key.clone(),
            echo: config.echo,
            notifier: Notifier::default(),
        })
    }
}

/// A server that runs.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    tls: Option<Arc<Tls>>,
    phase: watch::Sender<Phase>,
    stop_simulations: Arc<AtomicBool>,
    simulations: Vec<Simulated>,
    storage: Storage,
    network: JoinHandle<()>,
}

/// Starts the server: when this returns, players can connect.
pub async fn start(options: Options) -> Result<Running, StartError> {
    let Options { listen, game, others, storage, limits, site, access, tls, join_key, echo, notifier } =
        options;
    let games: Vec<_> = std::iter::once(game).chain(others).collect();
    let slugs: Vec<_> = games.iter().map(|game| names::key(&net::slug(&game.arena.name))).collect();
    if let Some(at) = (1..slugs.len()).find(|at| slugs[..*at].contains(&slugs[*at])) {
        return Err(StartError::SameName { name: games[at].arena.name.clone() });
    }
    // Noted now, for `/metrics`.
    process::start_seconds();
    let listener: TcpListener = net::bind(listen)?;
    let address = listener.local_addr().map_err(StartError::Address)?;
    process::allow_open_files(limits.sockets);

    let stop_simulations = Arc::new(AtomicBool::new(false));
    let origins: Vec<_> = games.iter().map(|game| (game.seed, game.tick_rate)).collect();
    let storage = Storage::open(storage, games.len())?;
    let common = Common {
        stall_timeout: limits.stall_timeout,
        notifier: &notifier,
        delay: NetworkDelay::default(),
        join_key: join_key.as_ref(),
        storage: &storage,
        stop: &stop_simulations,
    };
    let opened = games.into_iter().map(|game| common.open(game));
    // If one cannot be opened, none goes on.
    let simulations = opened
        .collect::<Result<Vec<_>, _>>()
        .inspect_err(|_| stop_simulations.store(true, Ordering::Relaxed))?;

    let (phase, phases) = PhaseReceiver::new();
    let arenas = Arenas::new(simulations.iter().map(|simulated| Arc::clone(&simulated.arena)).collect());
    let entrances = access.entrances(address, tls.is_some());
    if let Some(tls) = &tls {
        tokio::spawn(net::watch_certificate(Arc::clone(tls), phases.clone()));
    }
    let state = ServerState::new(arenas, limits, site, message_to_json, phases);
    let state = Arc::new(state.with_echo(echo).with_access(access).with_tls(tls.clone()));
    let delay = common.delay.clone();
    let network = tokio::spawn(async move {
        tokio::select! {
            () = net::serve(listener, state) => {}
            () = delay.probe() => {}
        }
    });
    for (at, (simulated, (seed, tick_rate))) in simulations.iter().zip(origins).enumerate() {
        let (arena, slug) = (simulated.arena.name(), simulated.arena.slug());
        let fragment = if at == 0 { String::new() } else { format!("/#arena={slug}") };
        let places =
            entrances.iter().map(|entrance| format!("{entrance}{fragment}")).collect::<Vec<_>>().join(" or ");
        tracing::info!(%arena, seed, tick_rate, %address, "open {places} to play");
    }
    Ok(Running { address, tls, phase, stop_simulations, simulations, storage, network })
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

    /// Keeps [`ArenaHandle::ready`] up to date. Returns when a simulation, a feed or the network has ended without being
    /// asked to.
    pub async fn watch(&self) -> PartEnded {
        let mut progress = vec![Progress::default(); self.simulations.len()];
        loop {
            if self.network.is_finished() {
                return PartEnded::new("the network");
            }
            if let Some(part) = self.storage.ended() {
                return PartEnded::new(part);
            }
            for (Simulated { arena, thread, feed }, progress) in self.simulations.iter().zip(&mut progress) {
                let has_ended = thread.handle.is_finished();
                let is_ticking =
                    progress.is_ticking(arena.admission.telemetry.ticks_total.get(), Instant::now());
                arena.ready.store(is_ticking && !has_ended, Ordering::Relaxed);
                if has_ended {
                    return PartEnded::of_arena(arena, thread);
                }
                if feed.is_finished() {
                    // It ends with the simulation, whose thread may take a moment longer.
                    sleep(WATCH_EVERY).await;
                    return PartEnded::of_arena(arena, thread);
                }
            }
            sleep(WATCH_EVERY).await;
        }
    }

    /// Reads again what may change while the server runs: the certificate. What cannot be used is logged and changes nothing.
    pub async fn reload(&self) {
        match &self.tls {
            Some(tls) => net::reload_certificate(tls).await,
            None => tracing::info!("there is nothing to reload: the server has no certificate"),
        }
    }
}

/// Whether a simulation ticks, by comparing its count of ticks from check to check.
#[derive(Clone, Copy, Debug, Default)]
struct Progress {
    ticks: u64,
    moved_at: Option<Instant>,
}

impl Progress {
    fn is_ticking(&mut self, ticks: u64, now: Instant) -> bool {
        if self.ticks != ticks {
            (self.ticks, self.moved_at) = (ticks, Some(now));
        }
        self.moved_at.is_some_and(|at| now.duration_since(at) < STALLED_AFTER)
    }
}

#[cfg(test)]
mod tests;
