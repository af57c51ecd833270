//! The simulation thread: on each tick it drains the inbox once, steps, and publishes. It owns the world; nothing
//! that a client does or fails to do makes it wait.

mod admission;

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use crossbeam_channel::Receiver;
use shared::{
    engine::{chat::ChatRejection, protocol::Role},
    game::{arena::Arena, feed::FeedDocument, pilot::PilotKind, protocol::Notice, terrain::Terrain},
};
use tracing::{info, info_span, warn};

use crate::{
    engine::{
        chat::{ChatRoom, Heard, Said},
        feed_channel::FeedSender,
        ids::{ConnectionId, ViewerId},
        inbox::{AdmissionGate, Inbound},
        load_shedder::{Level, LoadShedder},
        metrics::Metrics,
        notifier::Notifier,
        outbox::ReadyAt,
        resume::ResumeKey,
        sessions::Sessions,
        ticker::{Due, Ticker},
    },
    game::{
        feed::Recorder,
        replication::Publisher,
        sim::{Command, Setup, Simulation, TimedInput, WAITING_MAX},
    },
};

/// Longest sleep, so that a stop is noticed soon even at a slow tick.
const NAP_MAX: Duration = Duration::from_millis(100);

/// How long before a tick the network is told to take in what has come for it.
const INPUTS_LEAD: Duration = Duration::from_millis(2);

/// What a game is made of.
#[derive(Clone, Debug)]
pub struct ArenaSettings {
    /// Where it takes place; valid.
    pub arena: Arena,
    /// Ticks a second, 10 to 128.
    pub tick_rate: u16,
    /// Drones fill the arena up to this many ships.
    pub drones: u16,
    /// Players above this many are turned away.
    pub max_players: usize,
    /// Of all randomness.
    pub seed: u64,
    /// How long a player whose connection was cut is waited for.
    pub resume: Duration,
    /// Makes ticks slow for a while, to see what the server does then.
    pub slow_tick: Option<SlowTick>,
}

/// A rehearsal of overload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlowTick {
    /// What each tick takes longer.
    pub extra: Duration,
    /// For so long.
    pub lasts: Duration,
    /// From so long after the start.
    pub after: Duration,
}

/// Starts the simulation thread. It runs until `stop` is set; then every queue to a connection closes.
pub fn spawn(game: ArenaLoop, stop: Arc<AtomicBool>) -> io::Result<JoinHandle<()>> {
    let name = "simulation".to_owned();
    thread::Builder::new().name(name).spawn(move || {
        // Log lines of this thread name the arena.
        let span = info_span!("arena", name = game.sim.terrain().arena().name);
        span.in_scope(|| game.run(&stop));
    })
}

/// The game of one thread: what happens in a tick, without the clock that says when.
#[derive(Debug)]
pub struct ArenaLoop {
    sim: Simulation,
    publisher: Publisher,
    inbox: Receiver<Inbound>,
    metrics: Arc<Metrics>,
    max_players: usize,
    commands: Vec<Command>,
    sessions: Sessions,
    key: ResumeKey,
    chat: ChatRoom,
    recorder: Recorder,
    feed: Option<FeedSender<FeedDocument>>,
    load_shedder: LoadShedder,
    gate: AdmissionGate,
    notifier: Notifier,
    /// Drones fill the arena up to this many ships while nothing is amiss.
    drones: u16,
    slow_tick: Option<SlowTick>,
    /// What this tick is to take longer.
    extra: Option<Duration>,
    has_warned_of_skips: bool,
}

impl ArenaLoop {
    /// A game whose first tick is yet to come. A player that sees nothing of what it is sent for `stall` is given up.
    pub fn new(
        settings: ArenaSettings,
        stall: Duration,
        inbox: Receiver<Inbound>,
        gate: AdmissionGate,
        notifier: Notifier,
        metrics: Arc<Metrics>,
        key: ResumeKey,
    ) -> Self {
        let ArenaSettings { arena, tick_rate, drones, max_players, seed, resume, slow_tick } = settings;
        let reconnect_grace = (resume.as_secs_f32() * f32::from(tick_rate)) as u32;
        let terrain = Terrain::new(arena);
        let publisher =
            Publisher::new(&terrain, tick_rate, stall.as_secs_f32()).with_notifier(notifier.clone());
        let sim = Simulation::new(Setup { terrain, tick_rate, drones, seed });
        Self {
            sim,
            publisher,
            inbox,
            metrics,
            max_players,
            commands: Vec::new(),
            sessions: Sessions::new(reconnect_grace),
            key,
            chat: ChatRoom::default(),
            recorder: Recorder::default(),
            feed: None,
            load_shedder: LoadShedder::new(tick_rate),
            gate,
            notifier,
            drones,
            slow_tick,
            extra: None,
            has_warned_of_skips: false,
        }
    }

    /// With an feed for those who watch from outside.
    #[must_use]
    pub fn with_feed(self, feed: FeedSender<FeedDocument>) -> Self {
        Self { feed: Some(feed), ..self }
    }

    /// Whether anybody watches from outside.
    fn is_heard(&self) -> bool {
        self.feed.as_ref().is_some_and(|feed| feed.subscribers().count() > 0)
    }

    fn run(mut self, stop: &AtomicBool) {
        let start = Instant::now();
        let mut ticker = Ticker::new(start, self.sim.timing().tick_rate);
        let mut has_notified = false;
        while !stop.load(Ordering::Relaxed) {
            match ticker.due(Instant::now()) {
                Due::Wait(pause) if pause > INPUTS_LEAD => {
                    thread::sleep((pause - INPUTS_LEAD).min(NAP_MAX));
                }
                Due::Wait(pause) => {
                    if !has_notified {
                        has_notified = true;
                        self.notifier.notify();
                    }
                    thread::sleep(pause);
                }
                Due::Skip(ticks) => self.skip(ticks),
                Due::Tick { lateness } => {
                    let started = Instant::now();
                    has_notified = false;
                    let is_now =
                        |slow: &SlowTick| (slow.after..slow.after + slow.lasts).contains(&(started - start));
                    self.extra = self.slow_tick.filter(is_now).map(|slow| slow.extra);
                    self.tick();
                    let work = started.elapsed();
                    self.recorder.tick(work);
                    self.metrics.tick_seconds.observe(work.as_secs_f64());
                    self.metrics.tick_lateness_seconds.observe(lateness.as_secs_f64());
                    if let Some(stage) = self.load_shedder.tick(work) {
                        self.enter(stage);
                    }
                }
            }
        }
        info!("the simulation ended at tick {}", self.sim.world().tick.0);
    }

    fn skip(&mut self, ticks: u32) {
        self.sim.skip(ticks);
        self.metrics.ticks_skipped_total.inc_by(u64::from(ticks));
        if !self.has_warned_of_skips {
            self.has_warned_of_skips = true;
            warn!(
                "skipped {ticks} ticks: the machine was too slow or asleep; further skips are counted in /metrics"
            );
        }
    }

    /// Carries out a stage of overload, from the next tick on.
    fn enter(&mut self, stage: Level) {
        warn!("overload stage {}: {}", stage.number(), stage.text());
        self.metrics.overload_stage.set(i64::from(stage.number()));
        self.metrics.overload_changes_total.inc();
        self.publisher.show(stage.detail());
        self.commands.push(Command::FillWithDrones { ships: stage.drones(self.drones) });
        self.gate.set_open(stage.admits());
    }

    /// Drains the inbox, steps, and publishes.
    pub fn tick(&mut self) {
        let began = Instant::now();
        self.drain();
        self.sim.step(&self.commands);
        self.commands.clear();
        if let Some(extra) = self.extra {
            thread::sleep(extra);
        }
        self.welcome();
        self.publisher.note_tick(began.elapsed(), ReadyAt::now());
        self.recorder.step(&self.sim, self.is_heard());
        let published = self.publisher.publish(&self.sim);

        let metrics = &self.metrics;
        metrics.ticks_total.inc();
        metrics.frames_total.inc_by(published.frames);
        metrics.frame_bytes_total.inc_by(published.bytes);
        metrics.frames_skipped_total.inc_by(published.skipped);
        metrics.resyncs_total.inc_by(published.resynced);
        metrics.given_up_total.inc_by(published.given_up);
        metrics.cell_resyncs_total.inc_by(published.cell_resyncs);
        metrics.inputs_missed_total.inc_by(self.sim.events().starved);
        self.publisher.lags().iter().for_each(|lag| metrics.lag.observe_server(lag));
        if self.sim.world().tick.0.is_multiple_of(u32::from(self.sim.timing().tick_rate)) {
            self.count();
            self.tell_outside();
        }
    }

    /// Once a second: what those hear who watch from outside.
    fn tell_outside(&mut self) {
        match &self.feed {
            Some(feed) if feed.subscribers().count() > 0 => {
                let spectators = self.publisher.spectators();
                feed.offer(self.recorder.second(&self.sim, spectators, &self.metrics, unix_ms()));
            }
            _ => self.recorder.forget_second(&self.metrics),
        }
    }

    /// Takes what is in the inbox now, and not what arrives meanwhile: a flood must not hold up the tick.
    fn drain(&mut self) {
        let (now, began) = (self.sim.world().tick, Instant::now());
        for _ in 0..self.inbox.len() {
            let Ok(inbound) = self.inbox.try_recv() else { break };
            match inbound {
                Inbound::Joined(join) => self.join(join),
                Inbound::Input { connection, tick, input, rewind, ack, arrived } => {
                    let Some(session) = self.sessions.get_mut(connection) else { continue };
                    session.confirm_token();
                    if let Some(viewer) = session.viewer {
                        let waits = began.saturating_duration_since(arrived).as_secs_f32()
                            + tick.since(now.after(1)).min(WAITING_MAX as u32) as f32 * self.sim.timing().dt;
                        self.publisher.on_ack(viewer, ack, now);
                        self.publisher.input_waits(viewer, waits * 1000.0);
                    }
                    if session.role == Role::Player {
                        let input = TimedInput { tick, input, rewind };
                        self.commands.push(Command::Input { client: session.id, input });
                    }
                }
                Inbound::Hidden { connection, is_hidden } => self.hide(connection, is_hidden),
                Inbound::Ack { connection, ack } => {
                    if let Some(viewer) = self.viewer(connection) {
                        self.publisher.on_ack(viewer, ack, now);
                    }
                }
                Inbound::ResyncCell { connection, cell } => {
                    if let Some(viewer) = self.viewer(connection) {
                        self.publisher.resync_cell(viewer, cell);
                    }
                }
                Inbound::Said { connection, said } => self.hear(connection, said),
                Inbound::Left { connection, is_done } => self.part(connection, is_done, now),
            }
        }
        while let Some(session) = self.sessions.expire(now) {
            self.remove_player(&session);
        }
    }

    fn viewer(&mut self, connection: ConnectionId) -> Option<ViewerId> {
        self.sessions.get_mut(connection)?.viewer
    }

    /// Passes on what a pilot says, or tells it why not.
    fn hear(&mut self, connection: ConnectionId, said: Result<Said, ChatRejection>) {
        let world = self.sim.world();
        let Some(session) = self.sessions.get_mut(connection) else { return };
        // A spectator has no name to say it by.
        let Some(speaker) = session.player.and_then(|player| world.pilot(player)) else { return };
        let (speaker, viewer) = ((speaker.id, &speaker.name), session.viewer);
        let players = world.in_order().map(|pilot| (pilot.id, &pilot.name));
        match self.chat.say(&mut session.chat, speaker, said, players, Instant::now(), unix_ms()) {
            Ok(Heard::Line(line)) => {
                self.recorder.said(&line, self.is_heard());
                self.publisher.say(line);
            }
            Ok(Heard::Whisper(whisper)) => {
                let (from, to) = (whisper.from, whisper.to);
                let notice = Notice::Whisper(whisper);
                self.tell(viewer, &notice);
                if from != to {
                    self.publisher.tell_player(to, &notice);
                }
            }
            Err(rejection) => self.tell(viewer, &Notice::ChatRejected(rejection)),
        }
    }

    fn tell(&mut self, viewer: Option<ViewerId>, notice: &Notice) {
        if let Some(viewer) = viewer {
            self.publisher.tell(viewer, notice);
        }
    }

    fn count(&self) {
        let world = self.sim.world();
        let players = world.in_order().filter(|pilot| pilot.kind == PilotKind::Player);
        let here = players.clone().filter(|pilot| pilot.idle_since.is_none()).count();
        let players = players.count();
        self.metrics.players.set(here as i64);
        self.metrics.waited_for.set(self.sessions.reconnecting() as i64);
        self.metrics.drones.set((world.pilots.len() - players) as i64);
        self.metrics.ships.set(world.flying().count() as i64);
        self.metrics.shots.set(world.shots.len() as i64);
        self.metrics.embers.set(world.embers.lying() as i64);
    }
}

/// The time of day, for people: nothing in the game depends on it.
fn unix_ms() -> u64 {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX)
}
