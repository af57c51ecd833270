//! The simulation as the engine sees it, and what viewers are sent of each step. The simulation itself knows nothing of that.

mod shots;

use rust_embed::RustEmbed;
use serde::Serialize;
use shared::{
    Vec2,
    engine::{
        ids::{CellIndex, PlayerId, Tick},
        protocol::quantize,
        records::AchievementInfo,
    },
    game::{
        Emberdrift, Map,
        arena::Arena,
        ember::PlacedEmber,
        mode::Mode,
        protocol::{self, Announcement, Event, FeedKill, OwnShip, PilotState, ShipLook, Status},
        rules::Rules,
    },
};

use super::{
    achievements::{self, Lead},
    arena_file,
    sim::{self, Command, Death, Life, Pilot, Pilots, Ship, Simulation, UncheckedState, World},
};
use crate::engine::{
    arena_loop,
    checked::Broken,
    game_server::{ArenaFault, BuiltIn, GameServer, Loaded},
    net::Site,
    replication, saved_arena,
    sessions::SessionId,
    simulation::{self, Audience, BodyNow, Changes, EndedRun, Setup},
    telemetry::GameGauge,
};
use crate::run;

/// What a server of this game is started with.
pub type Options = run::Options<ReplicatedSim>;
/// One arena of this game.
pub type ArenaLoop = arena_loop::ArenaLoop<ReplicatedSim>;
/// What one is made of.
pub type ArenaSettings = arena_loop::ArenaSettings<Arena>;
/// What one shares with the network side.
pub type NetworkSide = arena_loop::NetworkSide<Emberdrift>;
/// What is kept of one.
pub type Persistence = arena_loop::Persistence<ReplicatedSim>;
/// A saved one that can go on.
pub type SavedArena = saved_arena::SavedArena<ReplicatedSim>;
/// The viewers of one.
pub type Publisher = replication::Publisher<Emberdrift>;

/// The simulation of an arena, with what is sent of its last step.
#[derive(Clone, Debug)]
pub struct ReplicatedSim {
    sim: Simulation,
    changes: Changes<Emberdrift>,
    lead: Lead,
}

impl ReplicatedSim {
    /// Nothing of its last step is sent.
    pub fn of(sim: Simulation) -> Self {
        Self { sim, changes: Changes::default(), lead: Lead::default() }
    }

    /// The simulation.
    pub fn sim(&self) -> &Simulation {
        &self.sim
    }

    /// Lists what is sent of the last step.
    fn list_changes(&mut self) {
        let Self { sim, changes, lead } = self;
        let (events, grid) = (sim.events(), sim.terrain().grid());
        changes.clear();
        changes.joined.extend_from_slice(&events.joined);
        changes.left.extend_from_slice(&events.left);
        changes.items_added.extend_from_slice(&events.embers_added);
        changes.items_taken.extend_from_slice(&events.embers_taken);
        changes.starved = events.starved;
        for (_, shot) in &events.shots {
            let (cell, record) = shots::shot_record(shot, grid);
            changes.events.push((cell, Event::Shot(record)));
        }
        for (cell, hit) in &events.hits {
            changes.events.push((*cell, Event::Hit(*hit)));
        }
        for death in &events.deaths {
            changes.events.push(death_event(death, sim));
            let Some(kill) = death.by else { continue };
            // Among thousands of players hundreds die every second, so only viewers of the cell and the killer are told.
            let audience = if death.is_announced() {
                Audience::Everyone
            } else {
                Audience::PlayerOutOfSight(kill.by, grid.cell_at(death.position))
            };
            changes.notices.push((audience, Announcement::Killed { victim: death.ship, kill }));
        }
        // With the ranking.
        let is_due = sim.world().tick.0.is_multiple_of(sim.timing().tick_rate.into());
        if is_due {
            lead.note(sim.world().ranking.first().copied(), sim.world().tick);
        }
        let announced = match sim.terrain().arena().mode {
            Mode::Teams { .. } if is_due => Some(Announcement::Teams(sim.world().team_scores())),
            Mode::Duel { .. } => {
                (is_due || events.duel_changed).then(|| Announcement::Duel(sim.world().duel()))
            }
            Mode::Free | Mode::Teams { .. } => None,
        };
        changes.notices.extend(announced.map(|announced| (Audience::Everyone, announced)));
    }
}

impl ArenaLoop {
    /// The world after the last tick.
    pub fn world(&self) -> &World {
        self.simulation().sim().world()
    }
}

/// A death as viewers of its cell are told.
fn death_event(death: &Death, sim: &Simulation) -> (CellIndex, Event) {
    let place = quantize(death.position, sim.terrain().grid());
    // The killer in an announced death is sent to everyone, by a notice.
    let by = death.by.filter(|_| !death.is_announced());
    (place.cell, Event::Death(protocol::Death { ship: death.ship, x: place.x, y: place.y, by }))
}

/// What others see of a ship.
fn look(ship: &Ship, now: Tick, rules: &Rules) -> ShipLook {
    let tier = rules.tier(ship.flight.embers);
    let share = ship.health / rules.hulls[tier].health;
    ShipLook {
        status: Status::new(tier, ship.boosting, ship.shielded(now)).with_power_ups(ship.flight.power_ups),
        // In sixteenths: regeneration is slow, and no player sees a smaller change of another ship's health.
        health: ((share * 16.0).ceil().clamp(0.0, 16.0) * 16.0) as u8,
    }
}

impl simulation::Simulation for ReplicatedSim {
    type Game = Emberdrift;
    type PlayerState = Life;
    type Unchecked = UncheckedState;

    const STATE_VERSION: u32 = 5;
    const GAUGES: &'static [GameGauge] = &[
        GameGauge { name: "shots", help: "Shots in flight." },
        GameGauge { name: "embers", help: "Embers lying about." },
    ];

    fn name_words() -> impl Iterator<Item = &'static str> {
        sim::name_words()
    }

    fn new(setup: Setup<Emberdrift>) -> Self {
        let Setup { map, tick_rate, bots, seed } = setup;
        Self::of(Simulation::new(sim::Setup { terrain: map.terrain, tick_rate, drones: bots, seed }))
    }

    fn restore(state: UncheckedState, map: Map, tick_rate: u16) -> Result<Self, Broken> {
        Simulation::restore(state, map.terrain, tick_rate).map(Self::of)
    }

    fn state(&self) -> impl Serialize + '_ {
        self.sim.state()
    }

    fn move_to(&mut self, map: Map, bots: u16) {
        self.sim.move_to(map.terrain, bots);
        self.changes.clear();
    }

    fn quick_checksum(&self) -> u64 {
        self.sim.quick_checksum()
    }

    #[inline]
    fn tick(&self) -> Tick {
        self.sim.world().tick
    }

    #[inline]
    fn tick_rate(&self) -> u16 {
        self.sim.timing().tick_rate
    }

    #[inline]
    fn arena(&self) -> &Arena {
        self.sim.terrain().arena()
    }

    #[inline]
    fn players(&self) -> &Pilots {
        &self.sim.world().pilots
    }

    fn player_of(&self, session: SessionId) -> Option<PlayerId> {
        self.sim.pilot_of(session)
    }

    fn ranking(&self) -> &[PlayerId] {
        &self.sim.world().ranking
    }

    fn score(&self, pilot: &Pilot) -> Option<u32> {
        pilot.ship().map(|ship| ship.flight.embers)
    }

    #[inline]
    fn body(&self, pilot: &Pilot) -> Option<BodyNow<ShipLook>> {
        let ship = pilot.ship()?;
        let look = look(ship, self.tick(), &self.arena().rules);
        Some(BodyNow { position: ship.flight.motion.position, heading: ship.aim, look })
    }

    #[inline]
    fn view_centre(&self, pilot: &Pilot) -> Option<Vec2> {
        let motion = match &pilot.state {
            Life::Flying(ship) | Life::Idle(ship) => Some(ship.flight.motion),
            Life::Waiting { last_motion, .. } => {
                let world = self.sim.world();
                let watched = Some(pilot.id).filter(|id| world.is_on_bench(*id));
                let watched = watched.and_then(|_| world.pilot(world.watched_duellist()?)?.ship());
                watched.map(|ship| ship.flight.motion).or(*last_motion)
            }
        };
        motion.map(|motion| motion.position)
    }

    #[inline]
    fn own(&self, pilot: &Pilot) -> PilotState {
        match &pilot.state {
            Life::Flying(ship) => PilotState::Alive(OwnShip {
                motion: ship.flight.motion,
                embers: ship.flight.embers,
                burnt: ship.flight.burnt,
                reload: ship.flight.reload,
                held: ship.flight.held,
                power_ups: ship.flight.power_ups,
                health: ship.health,
                streak: ship.streak,
                boosting: ship.boosting,
                shielded: ship.shielded(self.tick()),
            }),
            Life::Waiting { .. } if self.sim.world().is_on_bench(pilot.id) => {
                PilotState::Watching { target: self.sim.world().watched_duellist() }
            }
            Life::Waiting { until, killed_by, lived, .. } => {
                PilotState::Dead { until: *until, life: *lived, by: *killed_by }
            }
            Life::Idle(ship) => PilotState::Idle { embers: ship.flight.embers },
        }
    }

    #[inline]
    fn items(&self, cell: CellIndex) -> &[PlacedEmber] {
        self.sim.world().embers.in_cell(cell)
    }

    #[inline]
    fn changes(&self) -> &Changes<Emberdrift> {
        &self.changes
    }

    fn ongoing(&self, mut put: impl FnMut(CellIndex, Event)) {
        for shot in &self.sim.world().shots {
            let (cell, record) = shots::shot_record(shot, self.sim.terrain().grid());
            put(cell, Event::Shot(record));
        }
        for death in &self.sim.events().deaths {
            let (cell, event) = death_event(death, &self.sim);
            put(cell, event);
        }
    }

    fn merge_events(&self, pending: &mut Vec<Event>, tick: &[Event], cell: CellIndex) {
        shots::merge(pending, tick, cell, self.sim.terrain(), self.sim.timing().dt);
    }

    fn feed_events(&self) -> u64 {
        self.sim.events().deaths.iter().filter(|death| death.by.is_some()).count() as u64
    }

    fn list_feed_events(&self, mut put: impl FnMut(FeedKill)) {
        let name = |id: PlayerId| self.sim.world().pilot(id).map(|pilot| pilot.name.clone());
        for death in &self.sim.events().deaths {
            if let Some(kill) = death.by
                && let (Some(by), Some(victim)) = (name(kill.by), name(death.ship))
            {
                put(FeedKill { tick: self.tick(), by, victim, led: death.was_leader });
            }
        }
    }

    fn list_ended_runs(&self, mut put: impl FnMut(EndedRun)) {
        for life in &self.sim.events().lives {
            let details = [("kills", u32::from(life.kills))].into_iter().collect();
            put(EndedRun { session: life.session, score: life.embers, ticks: life.ticks, details });
        }
    }

    fn achievements() -> &'static [AchievementInfo] {
        achievements::list()
    }

    fn list_achieved(&self, put: impl FnMut(SessionId, usize)) {
        achievements::list_achieved(&self.sim, self.lead, put);
    }

    fn gauges(&self) -> impl Iterator<Item = u64> {
        let world = self.sim.world();
        [world.shots.len() as u64, u64::from(world.embers.lying())].into_iter()
    }

    fn step(&mut self, commands: &[Command]) {
        self.sim.step(commands);
        self.list_changes();
    }

    fn skip(&mut self, ticks: u32) {
        self.sim.skip(ticks);
    }
}

/// The output of `cargo xtask build`. A debug build reads the files at request time.
#[derive(RustEmbed)]
#[folder = "../target/web"]
struct Page;

impl GameServer for ReplicatedSim {
    const ABOUT: &'static str = "The Emberdrift game server, with the browser game inside.";
    const BOTS: u16 = 24;

    fn arenas() -> Vec<BuiltIn> {
        arena_file::built_in()
    }

    fn read_arena(text: &str) -> Result<Loaded<Arena>, ArenaFault> {
        arena_file::read(text)
    }

    fn site() -> Site {
        Site::Embedded(Page::get)
    }
}

#[cfg(test)]
mod tests;
