//! Starts the simulation threads and the network side, watches them, and stops them in order. Must not know what either
//! does.

mod arena;
mod error;
mod everyone;
mod listening;
mod options;
mod reload;
mod rooms;
pub mod stop;
mod storage;
mod watched;

use std::{
    mem,
    net::SocketAddr,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use shared::engine::game_trait::Arena as _;
use tokio::{
    task::{JoinHandle, spawn_blocking},
    time::{Instant, sleep},
};

use self::{
    arena::{Opener, Simulated},
    everyone::Everyone,
    rooms::{
        RoomDefaults, Rooms,
        hosting::{Fixed, Worlds},
    },
    stop::{Stop, Threads},
    storage::Storage,
};
pub use self::{
    error::{PartEnded, StartError, StopError},
    listening::ListenOptions,
    options::{ArenaSource, Options},
    reload::Reloader,
    rooms::RoomLimits,
    storage::{StorageError, StorageOptions},
};
use crate::engine::{
    chat_relay::ChatRelay,
    cluster::{Cluster, Uploads},
    game_codec::GameCodec,
    game_server::GameServer,
    known_players::KnownPlayers,
    names,
    net::{self, Arenas, HandOver, Peers, PhaseReceiver, RoomHost, ServerState, Successor},
    network_delay::NetworkDelay,
    process,
    simulation_threads::{SimulationThreads, ThreadControl},
    snapshot::SnapshotSink,
    telemetry::Telemetry,
};

/// How often the simulations are checked.
const WATCH_EVERY: Duration = Duration::from_millis(100);
/// A simulation without a tick for this time is not ready for players: ten ticks at the slowest rate.
const STALLED_AFTER: Duration = Duration::from_secs(1);
/// A simulation without a tick in this number of checks, ten seconds or more, hangs. Checks are counted and not time, because time also
/// passes while the whole process is stopped.
const HANGS_AFTER_CHECKS: u32 = 100;

/// How often it is checked whether a simulation thread has too much to do.
const REBALANCE_EVERY: Duration = Duration::from_secs(1);

/// A server that runs.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    parts: Stop,
    hand_over: Option<HandOver>,
    reloader: Reloader,
}

/// Starts the server: when this returns, players can connect.
pub async fn start<S: GameServer>(options: Options<S>) -> Result<Running, StartError> {
    let Options {
        listen,
        game,
        others,
        sources,
        watch_arenas,
        storage,
        limits,
        site,
        access,
        tls,
        join_key,
        echo,
        notifier,
        simulation_threads,
        rooms,
        cluster,
    } = options;
    let games: Vec<_> = std::iter::once(game).chain(others).collect();
    let slugs: Vec<_> = games.iter().map(|game| names::key(&net::slug(game.arena.name()))).collect();
    if let Some(at) = (1..slugs.len()).find(|at| slugs[..*at].contains(&slugs[*at])) {
        return Err(StartError::SameName { name: games[at].arena.name().to_owned() });
    }
    // Noted now, for `/metrics`.
    process::start_seconds();
    let (listener, hand_over) = listening::open(listen, storage.state.is_some()).await?;
    let address = listener.local_addr().map_err(StartError::Address)?;
    process::allow_open_files(limits.sockets);

    let read: Vec<_> = games.iter().map(|game| (game.arena.clone(), game.bots)).collect();
    let origins: Vec<_> = games.iter().map(|game| (game.seed, game.tick_rate)).collect();
    let uploads = cluster.is_some().then(Arc::<Uploads>::default);
    let cluster = match (cluster, &uploads) {
        (Some(node), Some(uploads)) => {
            Some(Cluster::join(node, (address, tls.is_some()), Arc::clone(uploads)).await?)
        }
        _ => None,
    };
    let uploads = uploads.map(|uploads| uploads as Arc<dyn SnapshotSink>);
    let storage = Storage::open(storage, games.len(), rooms.most, uploads).await?;
    let (threads, handles) =
        SimulationThreads::start(simulation_threads, &notifier).map_err(StartError::Thread)?;
    let threads = Arc::new(threads);
    let delay = NetworkDelay::default();
    let (relay, lines_to_all) = ChatRelay::new();
    let opener = Arc::new(Opener {
        stall_timeout: limits.stall_timeout,
        notifier,
        delay: delay.clone(),
        join_key,
        known: storage.records().map(|records| KnownPlayers::new(records, S::achievements())),
        join_rate: limits.join_rate(),
        relay,
        threads: Arc::clone(&threads),
    });
    let defaults = RoomDefaults::<S>::new(games.clone());
    let settings = games.clone();
    let opened = games.into_iter().map(|game| opener.open(game, &storage));
    // If one cannot be opened, none goes on.
    let (simulations, others): (Vec<_>, Vec<_>) =
        opened.collect::<Result<Vec<_>, _>>().inspect_err(|_| threads.stop())?.into_iter().unzip();

    let mut reloader = Reloader::new(tls.clone(), watch_arenas);
    for (((source, read), simulated), another) in sources.into_iter().zip(read).zip(&simulations).zip(others)
    {
        reloader.add::<S>(source, read, simulated, another);
    }

    let (phase, phases) = PhaseReceiver::new();
    let arenas = Arenas::new(simulations.iter().map(|simulated| Arc::clone(&simulated.arena)).collect());
    let entrances = access.entrances(address, tls.is_some());
    let certificate = tls.as_ref().map(|tls| tokio::spawn(net::watch_certificate(Arc::clone(tls))));
    let state = ServerState::new(arenas, limits, site, GameCodec::of::<S::Game>(), phases);
    let room_files = Arc::new(storage.of_rooms());
    let rooms = (rooms.most > 0 || cluster.is_some())
        .then(|| Arc::new(Rooms::new(opener, Arc::clone(&room_files), rooms, defaults, cluster.clone())));
    let fixed = simulations.iter().map(|simulated| Arc::clone(&simulated.arena)).collect();
    let everyone = Arc::new(Everyone::new(fixed, rooms.clone()));
    let relay = {
        let (everyone, cluster) = (Arc::clone(&everyone), cluster.clone());
        tokio::spawn(async move { everyone.relay(lines_to_all, cluster).await })
    };
    let cluster = cluster.zip(rooms.clone()).map(|(cluster, rooms)| {
        let fixed = simulations.iter().zip(settings).map(|(simulated, settings)| Fixed {
            arena: Arc::clone(&simulated.arena),
            status: Arc::clone(&simulated.status),
            settings,
        });
        let (worlds, nodes) = (Worlds::new(rooms, fixed.collect(), everyone), access.clone());
        let tasks = cluster.start(Arc::new(worlds), move |urls| nodes.set_nodes(&urls));
        (cluster, tasks)
    });
    let peers = cluster.as_ref().map(|(cluster, _)| Arc::clone(cluster) as Arc<dyn Peers>);
    let watched = rooms.clone().map(|rooms| tokio::spawn(async move { rooms.watch().await }));
    let host = rooms.map(|rooms| rooms as Arc<dyn RoomHost>);
    let state = state.with_echo(echo).with_access(access).with_tls(tls.clone()).with_rooms(host);
    let state = state.with_records(storage.records().cloned(), S::achievements()).with_peers(peers);
    let state = Arc::new(state);
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
    let control: Arc<dyn ThreadControl> = threads;
    let rebalance = tokio::spawn(rebalance(Arc::clone(&control)));
    let threads =
        Threads { control, handles, tasks: watched.into_iter().chain([rebalance, relay]).collect() };
    let parts = Stop { phase, threads, simulations, storage, room_files, network, certificate, cluster };
    Ok(Running { address, parts, hand_over, reloader })
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
        &self.parts.simulations[arena].arena.admission.telemetry
    }

    /// Keeps the readiness of each arena up to date. Returns when a simulation, a feed, a thread that writes files, the network
    /// or the watch on the certificate has ended without being asked to.
    pub async fn watch(&self) -> PartEnded {
        let Stop { threads, simulations, storage, network, certificate, .. } = &self.parts;
        let mut progress = vec![Progress::default(); simulations.len()];
        loop {
            if network.is_finished() {
                return PartEnded::new("the network");
            }
            if certificate.as_ref().is_some_and(JoinHandle::is_finished) {
                return PartEnded::new("the watch on the certificate");
            }
            if let Some(part) = storage.ended() {
                return PartEnded::new(part);
            }
            // Looked at before the arenas: those of a thread that has ended have ended before it.
            let has_thread_ended = threads.has_ended();
            let mut hung = Vec::new();
            for (Simulated { arena, status, feed, .. }, progress) in simulations.iter().zip(&mut progress) {
                let has_ended = status.has_ended();
                let is_ticking =
                    progress.is_ticking(arena.admission.telemetry.ticks_total.get(), Instant::now());
                arena.ready.store(is_ticking && !has_ended, Ordering::Relaxed);
                if has_ended {
                    return PartEnded::of_arena(arena, status);
                }
                if progress.checks_without_tick >= HANGS_AFTER_CHECKS {
                    hung.push((arena, status));
                }
                if feed.is_finished() {
                    // It ends with the simulation, which may take a moment longer.
                    sleep(WATCH_EVERY).await;
                    return PartEnded::of_arena(arena, status);
                }
            }
            // One that hangs in its tick also holds up the others of its thread.
            if let Some((arena, _)) = hung.iter().find(|(_, status)| status.is_in_tick()).or(hung.first()) {
                return PartEnded::of_hung(arena);
            }
            if has_thread_ended {
                return PartEnded::new("a simulation thread");
            }
            sleep(WATCH_EVERY).await;
        }
    }

    /// Takes what reads files again while the server runs.
    pub fn take_reloader(&mut self) -> Reloader {
        mem::take(&mut self.reloader)
    }

    /// Takes the way to hand the listening socket on: wait there for a successor, and then [stop for it](Self::stop_for). It is
    /// closed when this is dropped.
    pub fn take_hand_over(&mut self) -> Option<HandOver> {
        self.hand_over.take()
    }

    /// Stops the server. Waits for the simulations, for open connections
    /// ([`Limits::shutdown_timeout`](net::Limits::shutdown_timeout)) and for the disk: at most about [`stop::STOP_MAX`]. Returns an
    /// error if a simulation has failed meanwhile, or if the state was to be kept and is not.
    pub async fn stop(self) -> Option<StopError> {
        self.stop_for(None).await
    }

    /// The same for a successor, which has the listening socket already and waits until the last snapshots are written.
    pub async fn stop_for(self, successor: Option<Successor>) -> Option<StopError> {
        self.parts.run(successor).await
    }
}

/// Moves arenas off simulation threads that have too much to do. Never returns.
async fn rebalance(threads: Arc<dyn ThreadControl>) {
    loop {
        sleep(REBALANCE_EVERY).await;
        if !threads.is_unbalanced() {
            continue;
        }
        let threads = Arc::clone(&threads);
        if let Err(error) = spawn_blocking(move || threads.rebalance()).await {
            tracing::error!(%error, "simulation threads were not balanced");
        }
    }
}

/// Whether a simulation ticks, by comparing its count of ticks from check to check.
#[derive(Clone, Copy, Debug, Default)]
struct Progress {
    ticks: u64,
    moved_at: Option<Instant>,
    checks_without_tick: u32,
}

impl Progress {
    fn is_ticking(&mut self, ticks: u64, now: Instant) -> bool {
        if self.ticks != ticks {
            *self = Self { ticks, moved_at: Some(now), checks_without_tick: 0 };
        } else {
            self.checks_without_tick += 1;
        }
        self.moved_at.is_some_and(|at| now.duration_since(at) < STALLED_AFTER)
    }
}

#[cfg(test)]
mod tests;
