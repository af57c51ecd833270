//! The simulation thread: on each tick it drains the inbox once, steps, and publishes. It owns the world; nothing
//! that a client does or fails to do makes it wait.

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
    arena::Arena,
    chat::ChatRefusal,
    protocol::{CloseReason, Notice, PilotKind, Role},
    terrain::Terrain,
};
use tracing::{info, warn};

use crate::{
    bridge::{Bell, ConnectionId, Door, Inbound, Link, Outlet},
    chat::{ChatRoom, Heard, Said},
    feed::Recorder,
    metrics::Metrics,
    overload::{Ladder, Stage},
    replication::Publisher,
    sim::{ClientId, Command, Setup, Simulation},
    ticker::{Due, Ticker},
};

/// Longest sleep, so that a stop is noticed soon even at a slow tick.
const NAP_MAX: Duration = Duration::from_millis(100);

/// How long before a tick the network is told to take in what has come for it.
const INPUTS_LEAD: Duration = Duration::from_millis(2);

/// What a game is made of.
#[derive(Clone, Debug)]
pub struct GameSettings {
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
    /// Makes ticks slow for a while, to see what the server does then.
    pub slow_tick: Option<SlowTick>,
}

/// A rehearsal of overload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlowTick {
    /// What each tick takes longer.
    pub extra: Duration,
    /// For so long from the start.
    pub lasts: Duration,
}

/// Starts the simulation thread. It runs until `stop` is set; then every queue to a connection closes.
pub fn spawn(game: Game, stop: Arc<AtomicBool>) -> io::Result<JoinHandle<()>> {
    let name = "simulation".to_owned();
    thread::Builder::new().name(name).spawn(move || game.run(&stop))
}

/// The game of one thread: what happens in a tick, without the clock that says when.
#[derive(Debug)]
pub struct Game {
    sim: Simulation,
    publisher: Publisher,
    inbox: Receiver<Inbound>,
    metrics: Arc<Metrics>,
    max_players: usize,
    commands: Vec<Command>,
    joining: Vec<(ConnectionId, Role, Link)>,
    chat: ChatRoom,
    recorder: Recorder,
    outlet: Option<Outlet>,
    ladder: Ladder,
    door: Door,
    bell: Bell,
    /// Drones fill the arena up to this many ships while nothing is amiss.
    drones: u16,
    slow_tick: Option<SlowTick>,
    has_warned_of_skips: bool,
}

impl Game {
    /// A game whose first tick is yet to come. A player that sees nothing of what it is sent for `stall` is given up.
    pub fn new(
        settings: GameSettings,
        stall: Duration,
        inbox: Receiver<Inbound>,
        door: Door,
        bell: Bell,
        metrics: Arc<Metrics>,
    ) -> Self {
        let GameSettings { arena, tick_rate, drones, max_players, seed, slow_tick } = settings;
        let terrain = Terrain::new(arena);
        let publisher = Publisher::new(&terrain, tick_rate, stall.as_secs_f32()).with_bell(bell.clone());
        let sim = Simulation::new(Setup { terrain, tick_rate, drones, seed });
        Self {
            sim,
            publisher,
            inbox,
            metrics,
            max_players,
            commands: Vec::new(),
            joining: Vec::new(),
            chat: ChatRoom::default(),
            recorder: Recorder::default(),
            outlet: None,
            ladder: Ladder::new(tick_rate),
            door,
            bell,
            drones,
            slow_tick,
            has_warned_of_skips: false,
        }
    }

    /// With an outlet for those who watch from outside.
    #[must_use]
    pub fn with_outlet(self, outlet: Outlet) -> Self {
        Self { outlet: Some(outlet), ..self }
    }

    /// Whether anybody watches from outside.
    fn is_heard(&self) -> bool {
        self.outlet.as_ref().is_some_and(|outlet| outlet.audience().count() > 0)
    }

    fn run(mut self, stop: &AtomicBool) {
        let start = Instant::now();
        let mut ticker = Ticker::new(start, self.sim.timing().tick_rate);
        let mut has_rung = false;
        while !stop.load(Ordering::Relaxed) {
            match ticker.due(Instant::now()) {
                Due::Wait(pause) if pause > INPUTS_LEAD => {
                    thread::sleep((pause - INPUTS_LEAD).min(NAP_MAX));
                }
                Due::Wait(pause) => {
                    if !has_rung {
                        has_rung = true;
                        self.bell.ring();
                    }
                    thread::sleep(pause);
                }
                Due::Skip(ticks) => self.skip(ticks),
                Due::Tick { lateness } => {
                    let started = Instant::now();
                    has_rung = false;
                    self.tick();
                    if let Some(slow) = self.slow_tick.filter(|slow| started - start < slow.lasts) {
                        thread::sleep(slow.extra);
                    }
                    let work = started.elapsed();
                    self.recorder.tick(work);
                    self.metrics.tick_seconds.observe(work.as_secs_f64());
                    self.metrics.tick_lateness_seconds.observe(lateness.as_secs_f64());
                    if let Some(stage) = self.ladder.tick(work) {
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
    fn enter(&mut self, stage: Stage) {
        warn!("overload stage {}: {}", stage.number(), stage.text());
        self.metrics.overload_stage.set(i64::from(stage.number()));
        self.metrics.overload_changes_total.inc();
        self.publisher.show(stage.detail());
        self.commands.push(Command::FillUp { ships: stage.drones(self.drones) });
        self.door.set_open(stage.admits());
    }

    /// Drains the inbox, steps, and publishes.
    pub fn tick(&mut self) {
        self.drain();
        self.sim.step(&self.commands);
        self.commands.clear();
        self.welcome();
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
        if self.sim.world().tick.0.is_multiple_of(u32::from(self.sim.timing().tick_rate)) {
            self.count();
            self.tell_outside();
        }
    }

    /// Once a second: what those hear who watch from outside.
    fn tell_outside(&mut self) {
        match &self.outlet {
            Some(outlet) if outlet.audience().count() > 0 => {
                let spectators = self.publisher.spectators();
                outlet.offer(self.recorder.second(&self.sim, spectators, &self.metrics, unix_ms()));
            }
            _ => self.recorder.forget_second(&self.metrics),
        }
    }

    /// Takes what is in the inbox now, and not what arrives meanwhile: a flood must not hold up the tick.
    fn drain(&mut self) {
        for _ in 0..self.inbox.len() {
            let Ok(inbound) = self.inbox.try_recv() else { break };
            match inbound {
                Inbound::Joined { connection, name, role, mut link } => {
                    if self.publisher.viewers() + self.joining.len() >= self.max_players {
                        turn_away(&mut link);
                    } else {
                        if role == Role::Pilot {
                            self.commands.push(Command::Join { client: ClientId(connection.0), name });
                        }
                        self.joining.push((connection, role, link));
                    }
                }
                Inbound::Input { connection, seq, input, seen } => {
                    self.publisher.saw(connection, seen, self.sim.world().tick);
                    self.commands.push(Command::Input { client: ClientId(connection.0), seq, input });
                }
                Inbound::Seen { connection, seen } => {
                    self.publisher.saw(connection, seen, self.sim.world().tick);
                }
                Inbound::ResyncCell { connection, cell } => self.publisher.resync_cell(connection, cell),
                Inbound::Said { connection, said } => self.hear(connection, said),
                Inbound::Left { connection } => {
                    self.chat.forget(connection);
                    self.joining.retain(|(joining, ..)| *joining != connection);
                    self.publisher.leave(connection);
                    let player = self.sim.pilot_of(ClientId(connection.0));
                    if let Some(pilot) = player.and_then(|id| self.sim.world().pilot(id)) {
                        self.recorder.leaves(&pilot.name, self.is_heard());
                    }
                    self.commands.push(Command::Leave { client: ClientId(connection.0) });
                }
            }
        }
    }

    fn welcome(&mut self) {
        for (connection, role, mut link) in self.joining.drain(..) {
            let player = self.sim.pilot_of(ClientId(connection.0));
            if player.is_some() || role == Role::Spectator {
                self.publisher.join(connection, player, link, &self.sim);
            } else {
                turn_away(&mut link);
            }
        }
    }

    /// Passes on what a pilot says, or tells it why not.
    fn hear(&mut self, connection: ConnectionId, said: Result<Said, ChatRefusal>) {
        let world = self.sim.world();
        let speaker = self.sim.pilot_of(ClientId(connection.0)).and_then(|id| world.pilot(id));
        // A spectator has no name to say it by.
        let Some(speaker) = speaker else { return };
        let pilots = world.in_order().map(|pilot| (pilot.id, &pilot.name));
        match self.chat.say(connection, (speaker.id, &speaker.name), said, pilots, unix_ms()) {
            Ok(Heard::Line(line)) => {
                self.recorder.said(&line, self.is_heard());
                self.publisher.say(line);
            }
            Ok(Heard::Whisper(whisper)) => {
                let (from, to) = (whisper.from, whisper.to);
                let notice = Notice::Whisper(whisper);
                self.publisher.tell(connection, &notice);
                if from != to {
                    self.publisher.tell_player(to, &notice);
                }
            }
            Err(refusal) => self.publisher.tell(connection, &Notice::ChatRefused(refusal)),
        }
    }

    fn count(&self) {
        let world = self.sim.world();
        let players = world.in_order().filter(|pilot| pilot.kind == PilotKind::Player).count();
        self.metrics.players.set(players as i64);
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

fn turn_away(link: &mut Link) {
    link.close(CloseReason::Full);
}
