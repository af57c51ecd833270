//! From what a session knows to a scene: all that a player looks at and a load bot does not need. Nothing in here finds
//! its way into what is sent, but for how far in the past other ships are shown.

use shared::{
    Vec2,
    engine::{
        body::Motion,
        ids::{CellIndex, PlayerId, Tick},
        input::Angle,
        limits::POSITION_STEPS_PER_UNIT,
        roster::PlayerKind,
    },
    game::{
        ember::PlacedEmber,
        flight::Flight,
        protocol::{CellChange, CellState, OwnShip, PilotState, ShipLook, ViewerState},
        terrain::Terrain,
        timing::Timing,
    },
};

use super::{
    camera::{Camera, Target},
    hud::{self, Scoreboard},
    life_stats::LifeStats,
    replica::Replica,
    roster::Roster,
    scene::{Killer, Life, Scene, SceneEmber, ScenePickup, SceneShip},
    world_events::{Moment, WorldEvents, phase},
};
use crate::engine::{
    clock::ServerClock,
    interpolation::{Interpolator, Sample},
};

/// Ships out of view are kept for this long: until render time has passed what they did last.
const MEMORY_MS: f64 = 1000.0;

/// The own ship as it is shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct OwnView {
    /// `None` while it is not alive.
    pub(super) motion: Option<Motion>,
    /// The ship after the last own tick.
    pub(super) predicted: Option<Flight>,
    pub(super) aim: Angle,
}

/// What a session knows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known<'a> {
    /// `None` before the first frame.
    pub(super) viewer: Option<&'a ViewerState>,
    pub(super) replica: &'a Replica,
    /// Embers that the own ship has collected by prediction.
    pub(super) collected: &'a [(CellIndex, PlacedEmber)],
    pub(super) roster: &'a Roster,
    pub(super) terrain: &'a Terrain,
}

#[derive(Debug)]
pub(super) struct ViewModel {
    me: PlayerId,
    tick_rate: f64,
    clock: ServerClock,
    others: Interpolator<ShipLook>,
    events: WorldEvents,
    scoreboard: Scoreboard,
    camera: Camera,
    life: LifeStats,
    is_alive: bool,
    /// Of the last frame.
    tick: Tick,
    server_ms: f64,
    /// The own ship as it was shown when that frame arrived.
    own: Option<Motion>,
}

impl ViewModel {
    pub(super) fn new(me: PlayerId, tick_rate: u16) -> Self {
        Self {
            me,
            tick_rate: f64::from(tick_rate),
            clock: ServerClock::new(1000.0 / f64::from(tick_rate)),
            others: Interpolator::default(),
            events: WorldEvents::new(me, tick_rate),
            scoreboard: Scoreboard::new(me),
            camera: Camera::default(),
            life: LifeStats::default(),
            is_alive: false,
            tick: Tick(0),
            server_ms: 0.0,
            own: None,
        }
    }

    pub(super) fn scoreboard(&mut self) -> &mut Scoreboard {
        &mut self.scoreboard
    }

    /// Frame jitter and interpolation delay, in milliseconds.
    pub(super) fn delays_ms(&self) -> (f32, f32) {
        (self.clock.jitter_ms() as f32, self.clock.delay_ms() as f32)
    }

    /// Render time in ticks.
    pub(super) fn render_ticks(&self, now_ms: f64) -> f64 {
        self.clock.render_ms(now_ms) * self.tick_rate / 1000.0
    }

    /// Whether other ships are shown beyond their last samples.
    pub(super) fn is_extrapolating(&self, now_ms: f64) -> bool {
        self.clock.render_ms(now_ms) > self.server_ms
    }

    /// Frames were skipped.
    pub(super) fn restart_clock(&mut self) {
        self.clock.restart();
    }

    pub(super) fn begin_frame(&mut self, tick: Tick, now_ms: f64, own: Option<Motion>) {
        self.server_ms = f64::from(tick.0) * 1000.0 / self.tick_rate;
        self.tick = tick;
        self.own = own;
        self.clock.on_frame(self.server_ms, now_ms);
        self.others.begin_frame(self.server_ms);
    }

    /// Takes a change of a cell before it is applied.
    pub(super) fn on_change(
        &mut self,
        cell: CellIndex,
        change: &CellChange<'_>,
        state: &CellState,
        collected: &[(CellIndex, PlacedEmber)],
        terrain: &Terrain,
    ) {
        let render_ms = self.server_ms - self.clock.delay_ms();
        let Self { events, others, server_ms, own, .. } = self;
        let moment = Moment { server_ms: *server_ms, render_ms, own: *own, others, terrain };
        events.on_change(cell, change, state, collected, moment);
    }

    /// The cells of the frame are applied.
    pub(super) fn end_frame(&mut self, replica: &Replica, viewer: &ViewerState) {
        let per_second = self.tick_rate as f32 / POSITION_STEPS_PER_UNIT;
        for (id, position, ship) in replica.ships() {
            let sample = Sample {
                server_ms: self.server_ms,
                position,
                velocity: Vec2::new(f32::from(ship.vx), f32::from(ship.vy)) * per_second,
                aim: Angle::from_coarse(ship.heading),
                look: ship.look,
            };
            self.others.record(id, sample, ship.is_settled());
        }
        self.others.forget_before(self.server_ms - MEMORY_MS);
        self.events.end_frame(self.tick);
        if let ViewerState::Player { rank, own: PilotState::Alive(own) } = viewer {
            if !self.is_alive {
                self.life = LifeStats::begin(self.server_ms);
                self.events.spawn(own.motion.position);
            }
            self.life.update(own, *rank, self.server_ms);
            self.is_alive = true;
        } else {
            self.is_alive = false;
        }
    }

    /// The own ship fires in its own `tick`, while other ships are shown `rewind` parts of a tick before it.
    pub(super) fn fire(
        &mut self,
        tick: Tick,
        ship: &Flight,
        aim: Angle,
        rewind: u16,
        terrain: &Terrain,
        timing: &Timing,
    ) {
        self.events.fire(tick, ship, aim, rewind, terrain, timing);
    }

    /// The own ship collects embers.
    pub(super) fn collect(&mut self, embers: &[(CellIndex, PlacedEmber)], now_ms: f64, terrain: &Terrain) {
        self.events.collect(embers, self.clock.present_ms(now_ms), terrain.grid());
    }

    /// Fills a scene.
    pub(super) fn draw(&mut self, now_ms: f64, own: OwnView, known: Known<'_>, out: &mut Scene) {
        let Known { viewer, replica, collected, roster, terrain } = known;
        let (present_ms, render_ms) = (self.clock.present_ms(now_ms), self.clock.render_ms(now_ms));
        let arena = terrain.arena();
        self.camera.update(self.camera_target(own, viewer, render_ms), now_ms);
        out.camera = self.camera.position().unwrap_or(arena.size / 2.0);

        let pilot = viewer.and_then(ViewerState::own);
        let own_ship = pilot.and_then(PilotState::ship);
        self.draw_ships(own, own_ship, render_ms, roster, terrain, &mut out.ships);
        out.roster.clone_from(roster);

        let Self { events, others, server_ms, .. } = self;
        let moment = Moment { server_ms: *server_ms, render_ms, own: own.motion, others, terrain };
        events.draw_shots(moment, out);
        draw_embers_at_rest(replica, collected, terrain, out);
        events.draw_embers(present_ms, moment, out);
        events.drain_into(moment, &mut out.events);

        self.scoreboard.fill(&mut out.hud, arena.size, terrain.grid());
        hud::fill_own(&mut out.hud, own_ship, own.predicted.as_ref(), &arena.rules, self.tick_rate);
        out.hud.rank = match viewer {
            Some(ViewerState::Player { rank, own: PilotState::Alive(_) }) => *rank,
            _ => 0,
        };
        out.hud.minimap.own = own.motion.map(|motion| motion.position / arena.size);
        out.hud.life = match pilot {
            None | Some(PilotState::Idle { .. }) => Life::Waiting,
            Some(PilotState::Alive(_)) => Life::Alive,
            Some(PilotState::Dead { until, by }) => {
                let until_ms = f64::from(until.0) * 1000.0 / self.tick_rate;
                Life::Dead {
                    respawn_seconds: ((until_ms - present_ms) / 1000.0).max(0.0) as f32,
                    by: by.map(|by| self.killer(by, roster)),
                    summary: self.life.summary(),
                }
            }
        };
    }

    fn killer(&self, by: PlayerId, roster: &Roster) -> Killer {
        let tier = self.others.last(by).map_or(0, |sample| sample.look.status.tier() as u8);
        Killer { name: roster.name(by), kind: roster.kind(by), tier }
    }

    fn camera_target(&self, own: OwnView, viewer: Option<&ViewerState>, render_ms: f64) -> Target {
        let position = |id: PlayerId| self.others.pose_at(id, render_ms).map(|pose| pose.position);
        let target = match (own.motion, viewer) {
            (Some(motion), _) => Some(Target::Own(motion.position)),
            (None, Some(ViewerState::Spectator { target: Some(id) })) => position(*id).map(Target::Watched),
            (None, Some(ViewerState::Player { own: PilotState::Dead { by: Some(id), .. }, .. })) => {
                position(*id).map(Target::Killer)
            }
            _ => None,
        };
        target.unwrap_or(Target::Stay)
    }

    fn draw_ships(
        &self,
        own: OwnView,
        own_ship: Option<&OwnShip>,
        render_ms: f64,
        roster: &Roster,
        terrain: &Terrain,
        out: &mut Vec<SceneShip>,
    ) {
        let rules = &terrain.arena().rules;
        let leader = self.scoreboard.leader();
        out.clear();
        let others = self.others.poses_at(render_ms).filter(|(id, _)| *id != self.me);
        out.extend(others.map(|(id, pose)| SceneShip {
            id,
            position: pose.position,
            velocity: pose.velocity,
            aim_radians: pose.aim_radians,
            radius: rules.hulls[pose.look.status.tier()].radius,
            tier: pose.look.status.tier() as u8,
            health: f32::from(pose.look.health) / 255.0,
            boosting: pose.look.status.boosting(),
            shielded: pose.look.status.shielded(),
            own: false,
            drone: roster.kind(id) == PlayerKind::Bot,
            leader: leader == Some(id),
            colour: roster.colour(id),
            rapid: pose.look.status.rapid(),
            magnet: pose.look.status.magnet(),
        }));
        let (Some(motion), Some(ship)) = (own.motion, own_ship) else {
            return;
        };
        let flight = own.predicted.unwrap_or_else(|| ship.flight());
        let tier = rules.tier(flight.embers);
        let hull = &rules.hulls[tier];
        // Last, so that it is drawn above the others.
        out.push(SceneShip {
            id: self.me,
            position: motion.position,
            velocity: motion.velocity,
            aim_radians: own.aim.radians(),
            radius: hull.radius,
            tier: tier as u8,
            health: (ship.health / hull.health).clamp(0.0, 1.0),
            boosting: ship.boosting,
            shielded: ship.shielded || flight.power_ups.shield > 0,
            own: true,
            drone: false,
            leader: leader == Some(self.me),
            colour: roster.colour(self.me),
            rapid: flight.power_ups.rapid > 0,
            magnet: flight.power_ups.magnet > 0,
        });
    }
}

fn draw_embers_at_rest(
    replica: &Replica,
    collected: &[(CellIndex, PlacedEmber)],
    terrain: &Terrain,
    out: &mut Scene,
) {
    out.embers.clear();
    out.pickups.clear();
    for (cell, state) in replica.cells() {
        for ember in state.items.iter().filter(|ember| !collected.contains(&(cell, **ember))) {
            let (position, phase) = (ember.place(cell, terrain.grid()), phase(cell, *ember));
            match ember.item.pickup() {
                None => out.embers.push(SceneEmber { position, value: ember.item.0, phase }),
                Some(kind) => out.pickups.push(ScenePickup { position, kind, phase }),
            }
        }
    }
}
