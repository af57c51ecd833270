//! One arena on its simulation thread. Each tick drains the inbox, steps the world and replicates it. The thread owns the world;
//! nothing that a client does or fails to do makes it wait.

mod another_arena;
mod clients;
mod flight_recorder;
mod overload;
mod persistence;
mod runs;
mod state;
mod unlocking;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use crossbeam_channel::{Receiver, Sender, bounded, never};
use shared::engine::{
    feed::FeedDocument,
    game_trait::{Arena as _, Game},
    roster::PlayerKind,
};
use tracing::{info, warn};

pub use self::another_arena::AnotherArena;
pub use self::clients::Held;
pub use self::persistence::Persistence;
pub use self::runs::Runs;
use self::{
    another_arena::Affected, clients::Clients, flight_recorder::FlightRecorder, overload::Overload,
    persistence::Snapshots, state::ArenaState,
};
use super::{
    chat_relay::ChatRelay,
    clock::Clock,
    drill::{Drill, SlowTick},
    feed::Recorder,
    feed_channel::FeedSender,
    inbox::{AdmissionGate, Inbound, Inbox},
    network_delay::NetworkDelay,
    notifier::Notifier,
    replication::Publisher,
    resume::{NoRandomness, ResumeKey},
    saved_arena::SavedArena,
    sessions::{Seats, Sessions},
    simulation::{ArenaOf, Command, Setup, Simulation},
    telemetry::Telemetry,
    tick_loop::{Hosted, Ticking},
};

/// What an arena is made of.
#[derive(Clone, Debug)]
pub struct ArenaSettings<A> {
    /// Its map and rules; valid.
    pub arena: A,
    /// Ticks a second, 10 to 128.
    pub tick_rate: u16,
    /// Bots fill the arena up to this many bodies.
    pub bots: u16,
    /// Clients without a seat are turned away.
    pub seats: Seats,
    /// Of all randomness.
    pub seed: u64,
    /// How long the session of a disconnected player is kept.
    pub reconnect_grace: Duration,
    /// An overload drill.
    pub slow_tick: Option<SlowTick>,
    /// A failure drill: the simulation panics after this time.
    pub fail_after: Option<Duration>,
}

/// What an arena shares with the network side.
#[derive(Debug)]
pub struct NetworkSide<G: Game> {
    /// Where messages of clients come from.
    pub inbox: Receiver<Inbound>,
    /// Closed while the server is overloaded.
    pub gate: AdmissionGate,
    /// Where documents for feed subscribers go.
    pub feed: FeedSender<FeedDocument<G>>,
    /// Wakes the network's threads.
    pub notifier: Notifier,
    /// Where everything is counted.
    pub telemetry: Arc<Telemetry>,
    /// Seals resume tokens, which the network side opens.
    pub resume_key: ResumeKey,
    /// How long the network's tasks wait.
    pub delay: NetworkDelay,
    /// A viewer whose acknowledgement does not advance for this time is disconnected.
    pub stall_timeout: Duration,
    /// Where the runs of players go.
    pub runs: Runs,
    /// Where the loop reads the time. What runs the loop says when its ticks begin.
    pub clock: Clock,
    /// Takes what players say to all arenas.
    pub relay: ChatRelay,
}

impl<G: Game> NetworkSide<G> {
    /// Without a network at the other end, for tests and benchmarks: messages are put into the [`Inbox`] by hand.
    pub fn detached(inbox_capacity: usize) -> Result<(Self, Inbox), NoRandomness> {
        let (inbox, receiver) = Inbox::new(inbox_capacity);
        let network = Self {
            inbox: receiver,
            gate: inbox.gate(),
            feed: FeedSender::new().0,
            notifier: Notifier::default(),
            telemetry: Arc::new(Telemetry::new(&[])),
            resume_key: ResumeKey::new()?,
            delay: NetworkDelay::default(),
            stall_timeout: Duration::from_secs(15),
            runs: Runs::default(),
            clock: Clock::default(),
            relay: ChatRelay::default(),
        };
        Ok((network, inbox))
    }
}

/// An arena for a simulation thread, with its drills.
pub type HostedArena<S> = Drill<ArenaLoop<S>>;

/// Makes an arena for a simulation thread. Also returns where another arena to go on in is put; it has room for one.
pub fn hosted<S: Simulation>(
    settings: ArenaSettings<ArenaOf<S>>,
    network: NetworkSide<S::Game>,
    persistence: Persistence<S>,
) -> (HostedArena<S>, Sender<AnotherArena<S::Game>>) {
    let ArenaSettings { slow_tick, fail_after, .. } = settings;
    let mut arena = ArenaLoop::with_persistence(settings, network, persistence);
    let (another, waiting) = bounded(1);
    arena.another = waiting;
    (Drill::new(arena, slow_tick, fail_after, Instant::now()), another)
}

impl<S: Simulation> Hosted for HostedArena<S> {
    fn on_panic(&mut self) {
        self.inner().save_failure();
    }

    fn finish(self) {
        self.into_inner().finish();
    }
}

/// One arena, without the clock that says when it ticks.
#[derive(Debug)]
pub struct ArenaLoop<S: Simulation> {
    inbox: Receiver<Inbound>,
    /// Another arena to go on in.
    another: Receiver<AnotherArena<S::Game>>,
    clients: Clients,
    arena: ArenaState<S>,
    overload: Overload,
    flight_recorder: FlightRecorder,
    snapshots: Option<Snapshots>,
    has_warned_of_skips: bool,
}

impl<S: Simulation> ArenaLoop<S> {
    /// A new arena before its first tick, of which nothing is kept.
    pub fn new(settings: ArenaSettings<ArenaOf<S>>, network: NetworkSide<S::Game>) -> Self {
        Self::with_persistence(settings, network, Persistence::default())
    }

    /// An arena before its first tick: a new one, or one that goes on.
    pub fn with_persistence(
        settings: ArenaSettings<ArenaOf<S>>,
        network: NetworkSide<S::Game>,
        persistence: Persistence<S>,
    ) -> Self {
        let ArenaSettings { arena, tick_rate, bots, seats, seed, reconnect_grace, .. } = settings;
        let NetworkSide {
            inbox,
            gate,
            feed,
            notifier,
            telemetry,
            resume_key,
            delay,
            stall_timeout,
            runs,
            clock,
            relay,
        } = network;
        let grace_ticks = (reconnect_grace.as_secs_f32() * f32::from(tick_rate)) as u32;
        telemetry.tick_rate.set(tick_rate.into());
        let publisher =
            Publisher::new(arena.grid(), tick_rate, stall_timeout.as_secs_f32()).with_notifier(notifier);
        let Persistence { saved, numbers, snapshots, recordings } = persistence;
        let (sim, sessions) = match saved {
            Some(SavedArena { sim, sessions, .. }) => {
                (sim, sessions.with_limits(grace_ticks, seats).with_numbers_drawn(numbers))
            }
            None => (
                S::new(Setup { map: S::Game::map(arena, tick_rate), tick_rate, bots, seed }),
                Sessions::new(grace_ticks, seats),
            ),
        };
        let flight_recorder = FlightRecorder::new(&sim, recordings);
        // After a restart no player is at the controls, and another number of bots may be wanted.
        let idle = sessions.ids().map(|session| Command::Idle { session });
        let commands = idle.chain([Command::FillWithBots { bodies: bots }]).collect();
        Self {
            inbox,
            another: never(),
            clients: Clients::new(sessions, &sim, resume_key, runs),
            arena: ArenaState {
                sim,
                commands,
                publisher,
                feed: Recorder::new(feed),
                telemetry,
                clock,
                relay,
            },
            overload: Overload::new(tick_rate, bots, gate, delay),
            flight_recorder,
            snapshots,
            has_warned_of_skips: false,
        }
    }

    /// The simulation after the last tick, with the changes of that tick.
    pub fn simulation(&self) -> &S {
        &self.arena.sim
    }

    /// What the viewers have been sent.
    pub fn publisher(&self) -> &Publisher<S::Game> {
        &self.arena.publisher
    }

    /// How much is held of the clients after the last tick.
    pub fn held(&self) -> Held {
        self.clients.held(&self.arena.publisher)
    }

    /// The arena that is played in now.
    pub fn arena(&self) -> &ArenaOf<S> {
        self.arena.sim.arena()
    }

    /// The payload of a snapshot after the last tick.
    pub fn payload(&self) -> Vec<u8> {
        let mut payload = Vec::new();
        persistence::put(&mut payload, &self.arena.sim, &self.clients);
        payload
    }

    /// Takes the messages that are in the inbox now, not those that arrive meanwhile: a flood must not hold up the tick.
    fn drain(&mut self, now: Instant) {
        for _ in 0..self.inbox.len() {
            let Ok(inbound) = self.inbox.try_recv() else { break };
            self.clients.on_message(inbound, &mut self.arena, now);
        }
        self.clients.expire(&mut self.arena);
    }

    /// Goes on in another arena from the next tick on.
    pub fn move_to(&mut self, another: AnotherArena<S::Game>) {
        let Self { arena, clients, overload, flight_recorder, snapshots, .. } = self;
        let snapshots = snapshots.as_mut();
        another.replace(Affected { arena, clients, overload, flight_recorder, snapshots });
    }

    /// Ends the recording, and takes the last snapshot.
    fn finish(self) {
        let Self { arena, clients, snapshots, flight_recorder, .. } = self;
        let save_broken = flight_recorder.finish(&arena.sim);
        if let Some(snapshots) = snapshots {
            snapshots.finish(&arena.sim, &clients, save_broken);
        }
        info!("the simulation stopped at tick {}", arena.sim.tick().0);
    }

    /// The simulation has panicked.
    fn save_failure(&self) {
        self.flight_recorder.save_failure(&self.arena.sim);
        if let Some(snapshots) = &self.snapshots {
            snapshots.on_failure(self.arena.sim.tick());
        }
    }

    /// Once a second: what is counted rather than added up, and the feed.
    fn report(&mut self) {
        let ArenaState { sim, publisher, feed, telemetry, clock, .. } = &mut self.arena;
        let players = sim.players().iter().filter(|player| player.kind == PlayerKind::Human);
        let connected = players.clone().filter(|player| player.idle_since.is_none()).count();
        let bots = sim.players().len() - players.count();
        let bodies = sim.players().iter().filter(|player| sim.body(player).is_some()).count();
        telemetry.players.set(connected as u64);
        telemetry.players_reconnecting.set(self.clients.reconnecting() as u64);
        telemetry.player_seats_taken.set(self.clients.player_seats_taken() as u64);
        telemetry.spectators.set(publisher.spectators() as u64);
        telemetry.feed_subscribers.set(feed.subscribers() as u64);
        telemetry.bots.set(bots as u64);
        telemetry.bodies.set(bodies as u64);
        for ((_, gauge), value) in telemetry.game.iter().zip(sim.gauges()) {
            gauge.set(value);
        }
        feed.end_second(sim, publisher.spectators(), telemetry, clock.unix_ms());
    }
}

impl<S: Simulation> Ticking for ArenaLoop<S> {
    fn tick(&mut self, began: Instant) {
        // Times would no longer pass. A year without a restart at the fastest rate; the next process starts clean.
        assert!(self.arena.sim.tick().0 < u32::MAX, "the arena has no numbers left for its ticks");
        if let Ok(another) = self.another.try_recv() {
            self.move_to(another);
        }
        self.drain(began);
        self.flight_recorder.before_step(&self.arena.commands);
        self.arena.step();
        self.flight_recorder.after_step(&self.arena.sim);
        self.clients.welcome(&mut self.arena);
        let published = self.arena.replicate(began);

        // After the frames, which do not wait for it.
        self.clients.record(&mut self.arena);
        self.arena.count(published);
        if self.arena.is_full_second() {
            self.report();
        }
        // After the frames, which do not wait for it.
        self.flight_recorder.on_tick(&self.arena.sim);
        if let Some(snapshots) = &mut self.snapshots {
            snapshots.on_tick(&self.arena.sim, &self.clients, &mut self.flight_recorder);
        }
    }

    fn ticked(&mut self, work: Duration, lateness: Duration) {
        let telemetry = &self.arena.telemetry;
        telemetry.tick_seconds.observe(work);
        telemetry.tick_lateness_seconds.observe(lateness);
        self.arena.feed.on_tick(work);
        self.overload.on_tick(work, lateness, &mut self.arena);
    }

    fn skip(&mut self, ticks: u32) {
        self.arena.sim.skip(ticks);
        self.flight_recorder.on_skip(ticks);
        // A second or more is a pause of the process. Less is an overload, in which clients could still receive and send.
        if ticks >= u32::from(self.arena.sim.tick_rate()) {
            self.arena.publisher.on_skip(self.arena.sim.tick());
            self.clients.on_skip(ticks);
        }
        self.overload.on_skip(ticks);
        self.arena.telemetry.ticks_skipped_total.add(u64::from(ticks));
        if !self.has_warned_of_skips {
            self.has_warned_of_skips = true;
            warn!(
                ticks,
                "skipped ticks: the machine was too slow or asleep; further skips are only counted in /metrics"
            );
        }
    }
}

#[cfg(test)]
mod tests;
