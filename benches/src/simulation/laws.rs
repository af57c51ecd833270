//! The laws of a run. On the server, after every tick: embers are conserved, what viewers are sent is the world, queues are within
//! their bounds, nothing is held for a client that is gone, and no player leaves the world without a reason. At a client, with every
//! frame that it applies: its replica, its own ship and the names it knows are those of the frame's tick.

use std::collections::{BTreeMap, BTreeSet};

use client_web::game::Session;
use server::{
    engine::sessions::SessionId,
    game::{ArenaLoop, sim::World},
};
use shared::{
    engine::{
        ids::{CellIndex, PlayerId, Tick},
        protocol::dequantize,
        roster::PlayerKind,
    },
    game::protocol::{OwnShip, PilotState},
};

use super::{
    journal::Journal,
    record::{Known, Moment, Record},
};

/// How far a ship's place on the wire may be from its true one, in units: rounding, and the tolerance of dead reckoning.
const OFF_UNITS_MAX: f32 = 0.04 + 0.125;

/// At the reduced rate a client sees a ship for a while after its pilot has left.
const IDS_ARE_KEPT: &str = "no id is used again while it is seen";

/// What the laws remember from tick to tick. It is kept across restarts, as the sessions are.
#[derive(Clone, Debug)]
pub(super) struct Laws {
    journal: Journal,
    tick_rate: u32,
    grace_ticks: u32,
    player_seats: usize,
    /// Players whose client is not connected, and for how many ticks.
    away: BTreeMap<SessionId, u32>,
    /// Sessions whose client has left for good.
    left_for_good: BTreeSet<SessionId>,
    /// Clients that have left for good before they knew their session, or even had one.
    left_early: u32,
    /// Ticks since the last one, more than one after a short gap.
    ticks: u32,
    last: Vec<Known>,
    /// Shots in flight by id: the id of each one's owner, and when that joined.
    shots: BTreeMap<u16, (PlayerId, Tick)>,
}

/// The ids of the ships that a client sees, and when the pilot of each joined.
pub(super) type Seen = BTreeMap<PlayerId, Tick>;

impl Laws {
    pub(super) fn new(journal: Journal, tick_rate: u16, grace_ticks: u32, player_seats: usize) -> Self {
        Self {
            journal,
            tick_rate: tick_rate.into(),
            grace_ticks,
            player_seats,
            away: BTreeMap::new(),
            left_for_good: BTreeSet::new(),
            left_early: 0,
            ticks: 1,
            last: Vec::new(),
            shots: BTreeMap::new(),
        }
    }

    /// Whether players have every seat.
    pub(super) fn is_full(&self, arena: &ArenaLoop) -> bool {
        arena.held().sessions.seats >= self.player_seats
    }

    /// A client is about to leave for good, perhaps before it knows its session.
    pub(super) fn on_leave_for_good(&mut self, session: Option<SessionId>) {
        match session {
            Some(session) => _ = self.left_for_good.insert(session),
            None => self.left_early += 1,
        }
    }

    /// Ticks were skipped. A second or more is a pause, which costs no player its grace period.
    pub(super) fn on_skip(&mut self, ticks: u32) {
        if ticks < self.tick_rate {
            self.ticks += ticks;
        }
    }

    /// Checks the server after a tick.
    pub(super) fn check_tick(&mut self, arena: &ArenaLoop, record: &Record, dropped: u64) {
        let sim = arena.simulation().sim();
        let world = sim.world();
        self.check_embers(world, sim.terrain().arena().rules.embers.supply);
        self.check_sent(arena);
        self.check_held(arena, dropped);
        if let Some(moment) = record.last() {
            self.check_shots(arena, moment);
            self.check_players(arena, moment);
        }
        self.ticks = 1;
    }

    fn check_embers(&self, world: &World, supply: u32) {
        let aboard: u32 = world.in_order().map(|pilot| pilot.embers()).sum();
        let all = i64::from(aboard) + i64::from(world.embers.lying()) + world.embers.reserve();
        if all != i64::from(supply) {
            self.journal.broken(
                "embers are conserved",
                format_args!("there are {all} and not {supply} in tick {}", world.tick.0),
            );
        }
    }

    /// What viewers at the full rate are sent is the world.
    fn check_sent(&self, arena: &ArenaLoop) {
        let sim = arena.simulation().sim();
        let (world, grid) = (sim.world(), sim.terrain().grid());
        let mut sent = 0;
        for cell in (0..grid.len() as u16).map(CellIndex) {
            for (id, known) in arena.publisher().known_bodies(cell) {
                sent += 1;
                let place = dequantize(cell, i32::from(known.x), i32::from(known.y), grid);
                let ship = world.pilot(*id).and_then(|pilot| pilot.ship());
                let off = ship.map(|ship| (ship.flight.motion.position - place).abs().max_element());
                if !off.is_some_and(|off| off <= OFF_UNITS_MAX) {
                    self.journal.broken(
                        "viewers are sent the world",
                        format_args!("ship {} is off by {off:?} in tick {}", id.0, world.tick.0),
                    );
                }
            }
        }
        if sent != world.flying().count() {
            let ships = world.flying().count();
            self.journal.broken(
                "viewers are sent the world",
                format_args!("{sent} of {ships} ships in tick {}", world.tick.0),
            );
        }
    }

    /// `dropped` counts the messages that met a full inbox. Other queues are bounded by their types.
    fn check_held(&self, arena: &ArenaLoop, dropped: u64) {
        let held = arena.held();
        let sessions = held.sessions;
        let is_within = held.viewers <= sessions.connected
            && sessions.connected <= sessions.rows
            && sessions.rows == sessions.seats
            && sessions.newcomers == 0
            && held.names <= sessions.rows;
        if !is_within {
            self.journal.broken("the server holds no more than its clients need", format_args!("{held:?}"));
        }
        if dropped > 0 {
            self.journal.broken("no client fills the inbox", format_args!("{dropped} messages were dropped"));
        }
    }

    /// No two shots in flight have one id, and each keeps its owner: no other player gets that one's id, and with it the kill.
    fn check_shots(&mut self, arena: &ArenaLoop, moment: &Moment) {
        let in_flight = &arena.world().shots;
        let mut shots = BTreeMap::new();
        for shot in in_flight {
            let before = self.shots.get(&shot.id.0).filter(|(owner, _)| *owner == shot.owner);
            let before = before.map(|(_, joined)| *joined);
            let now = moment.pilot(shot.owner).map(|pilot| pilot.since);
            if let Some(joined) = self.same_pilot("a shot in flight keeps its owner", shot.owner, before, now)
            {
                shots.insert(shot.id.0, (shot.owner, joined));
            }
        }
        let distinct: BTreeSet<_> = in_flight.iter().map(|shot| shot.id.0).collect();
        if distinct.len() != in_flight.len() {
            self.journal.broken("no two shots in flight have one id", format_args!("{}", in_flight.len()));
        }
        self.shots = shots;
    }

    /// When the pilot joined that an id stands for: the one `before`, unless there is none. `now` is the one that has it in the
    /// world, if there is one.
    fn same_pilot(&self, law: &str, id: PlayerId, before: Option<Tick>, now: Option<Tick>) -> Option<Tick> {
        if let (Some(before), Some(now)) = (before, now)
            && before != now
        {
            let (before, now) = (before.0, now.0);
            let how = format_args!("id {} of a pilot of tick {before} is one's of tick {now}", id.0);
            self.journal.broken(law, how);
        }
        before.or(now)
    }

    /// A player leaves the world only for good, or when its grace period is over, and until then it keeps what it had.
    fn check_players(&mut self, arena: &ArenaLoop, moment: &Moment) {
        let players = |pilots: &[Known]| -> BTreeMap<SessionId, Known> {
            let of_session = |pilot: &Known| Some((pilot.session?, pilot.clone()));
            pilots.iter().filter_map(of_session).collect()
        };
        let (before, now) = (players(&self.last), players(moment.pilots()));
        for (session, pilot) in &before {
            let away = self.away.get(session).map_or(0, |ticks| ticks + self.ticks);
            let Some(after) = now.get(session) else {
                let is_explained = self.left_for_good.contains(session) || away >= self.grace_ticks;
                if !is_explained && self.left_early > 0 {
                    self.left_early -= 1;
                } else if !is_explained {
                    self.journal.broken(
                        "no player is lost without a reason",
                        format_args!(
                            "player {} left the world in tick {} after {away} of {} ticks without a client",
                            pilot.id.0, moment.tick.0, self.grace_ticks
                        ),
                    );
                }
                self.away.remove(session);
                continue;
            };
            self.check_kept(pilot, after, moment.tick);
        }
        for (session, pilot) in &now {
            if arena.publisher().has_viewer(pilot.id) {
                self.away.remove(session);
            } else if let Some(away) = self.away.get_mut(session) {
                *away += self.ticks;
            } else {
                self.away.insert(*session, 0);
            }
        }
        self.last = moment.pilots().to_vec();
    }

    /// A player keeps its id and its name, and while it is away what its ship carries.
    fn check_kept(&self, before: &Known, after: &Known, tick: Tick) {
        let is_same = (before.id, &before.name) == (after.id, &after.name);
        let cargo = |known: &Known| known.ship.as_ref().map(|ship| (ship.flight.embers, ship.streak));
        let keeps_ship = match (before.is_idle, cargo(before), cargo(after)) {
            (true, Some(before), Some(after)) => before.0 <= after.0 && before.1 <= after.1,
            (true, _, None) => false,
            _ => true,
        };
        if !is_same || !keeps_ship {
            self.journal.broken(
                "a player who is away keeps its ship",
                format_args!("in tick {}: {before:?} became {after:?}", tick.0),
            );
        }
    }

    /// After a restart: no player has a client.
    pub(super) fn on_restart(&mut self, moment: &Moment) {
        self.last = moment.pilots().to_vec();
        self.ticks = 1;
        self.shots.clear();
        for session in self.last.iter().filter_map(|pilot| pilot.session) {
            self.away.entry(session).or_insert(0);
        }
    }

    /// Checks what a client has after a frame, in which all its cells are up to date. `seen` is what it saw with the frame before.
    pub(super) fn check_frame(&self, who: &str, session: &Session, moment: &Moment, seen: &mut Seen) {
        let law = "a client's view is the world of its frame";
        let before = std::mem::take(seen);
        let (tick, cells) = (moment.tick.0, session.terrain().map_or(0, |terrain| terrain.grid().len()));
        for cell in (0..cells as u16).map(CellIndex) {
            let Some(state) = session.cell(cell) else { continue };
            if !moment.has(cell, state.checksum()) {
                self.journal.broken(law, format_args!("{who}, tick {tick}: cell {} differs", cell.0));
            }
            for (id, _) in &state.bodies {
                self.check_name(who, *id, session, moment);
                let (before, now) = (before.get(id).copied(), moment.pilot(*id).map(|pilot| pilot.since));
                if let Some(joined) = self.same_pilot(IDS_ARE_KEPT, *id, before, now) {
                    seen.insert(*id, joined);
                }
            }
        }
        let stats = session.stats();
        if stats.checksum_mismatches + stats.stray_chunks > 0 {
            self.journal.broken(law, format_args!("{who}, tick {tick}: {stats:?}"));
        }
    }

    /// An id that a client holds means the pilot that had it in the frame's tick. At the reduced rate a ship may be there a little
    /// longer than its pilot, whose name the client keeps.
    fn check_name(&self, who: &str, id: PlayerId, session: &Session, moment: &Moment) {
        let meant = session.known_pilot(id).map(|pilot| (&pilot.name, pilot.kind));
        let had = moment.pilot(id).map(|pilot| (&pilot.name, pilot.kind));
        if had.is_some() && meant != had {
            self.journal.broken(
                IDS_ARE_KEPT,
                format_args!("{who}, tick {}: id {} means {meant:?} and not {had:?}", moment.tick.0, id.0),
            );
        }
    }

    /// The own ship of a frame is the one in the world.
    pub(super) fn check_own(&self, who: &str, player: PlayerId, state: Option<&PilotState>, moment: &Moment) {
        let Some(known) = moment.pilot(player) else {
            let law = "a player who is sent frames is in the world";
            return self.journal.broken(law, format_args!("{who}, tick {}", moment.tick.0));
        };
        let is_same = match (state, &known.ship) {
            (Some(PilotState::Alive(own)), Some(ship)) if !known.is_idle => {
                let OwnShip { health, streak, .. } = *own;
                own.flight() == ship.flight && (health, streak) == (ship.health, ship.streak)
            }
            (Some(PilotState::Idle { embers }), Some(ship)) => known.is_idle && *embers == ship.flight.embers,
            (Some(PilotState::Dead { .. } | PilotState::Watching { .. }), None) => {
                known.kind == PlayerKind::Human
            }
            _ => false,
        };
        if !is_same {
            self.journal.broken(
                "a client's own ship is the one in the world",
                format_args!("{who}, tick {}: {state:?} and not {known:?}", moment.tick.0),
            );
        }
    }
}
