//! From what is known to what is shown: everything a player looks at and a load bot does not need. It must not
//! know the wire beyond the cells' changes, and nothing here finds its way back into what is sent.

mod cell_changes;

use shared::{
    Vec2,
    engine::{
        angle::Angle,
        ids::{CellIndex, PlayerId, Tick},
        limits::POSITION_STEPS_PER_UNIT,
    },
    game::{
        ember::{Ember, ember_hash},
        flight::Flight,
        movement::Motion,
        pilot::PilotKind,
        protocol::{OwnShip, PilotState, Status},
        terrain::Terrain,
    },
};

use super::{
    effects::Effects,
    hud::{self, Board},
    replica::Replica,
    roster::Roster,
    scene::{Killer, Life, Scene, SceneEmber, SceneEvent, ScenePickup, SceneShip},
    shots::Shots,
};
use crate::{
    engine::{
        clock::ServerClock,
        interpolation::{Interpolator, Sample},
    },
    game::life_stats::LifeStats,
};

/// Ships out of sight are remembered for so long, for what is still to be shown of them.
const MEMORY_MS: f64 = 1000.0;

/// A camera that watches is this far behind in time,
const GLIDE_MS: f64 = 300.0;
/// and cuts to whom it watches from farther than this.
const GLIDE_UNITS: f32 = 900.0;

/// After a death the camera drifts this share of the way from there to the killer,
const TOWARDS_KILLER: f32 = 0.35;
/// and is this far behind in time.
const DRIFT_MS: f64 = 600.0;

/// What is shown of another ship beyond its motion.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Look {
    status: Status,
    health: u8,
}

/// The own ship as it is shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct OwnView {
    /// `None` while it does not fly.
    pub(super) motion: Option<Motion>,
    /// The same ship after its last own tick.
    pub(super) flight: Option<Flight>,
    pub(super) aim: Angle,
}

#[derive(Debug)]
pub(super) struct ViewModel {
    me: PlayerId,
    tick_rate: f64,
    clock: ServerClock,
    others: Interpolator<Look>,
    shots: Shots,
    effects: Effects,
    board: Board,
    camera: Option<Vec2>,
    /// Where the own ship was last.
    fell: Vec2,
    /// When it was last pointed.
    pointed_ms: f64,
    flies: bool,
    run: LifeStats,
    // Of the frame at hand.
    tick: Tick,
    server_ms: f64,
    own: Option<Motion>,
}

impl ViewModel {
    pub(super) fn new(me: PlayerId, tick_rate: u16) -> Self {
        let tick_ms = 1000.0 / f64::from(tick_rate);
        Self {
            me,
            tick_rate: f64::from(tick_rate),
            clock: ServerClock::new(tick_ms),
            others: Interpolator::default(),
            shots: Shots::new(me, tick_ms),
            effects: Effects::default(),
            board: Board::new(me),
            camera: None,
            fell: Vec2::ZERO,
            pointed_ms: 0.0,
            flies: false,
            run: LifeStats::default(),
            tick: Tick(0),
            server_ms: 0.0,
            own: None,
        }
    }

    pub(super) fn board(&mut self) -> &mut Board {
        &mut self.board
    }

    /// Frame jitter and interpolation delay, in milliseconds.
    pub(super) fn delays_ms(&self) -> (f32, f32) {
        (self.clock.jitter_ms() as f32, self.clock.delay_ms() as f32)
    }

    /// The time at which others are shown, in ticks.
    pub(super) fn shown_ticks(&self, now_ms: f64) -> f64 {
        self.clock.shown_ms(now_ms) * self.tick_rate / 1000.0
    }

    /// Whether others are shown beyond what is known of them.
    pub(super) fn is_extrapolating(&self, now_ms: f64) -> bool {
        self.clock.shown_ms(now_ms) > self.server_ms
    }

    /// Frames were left out: when they came says nothing about those to come.
    pub(super) fn forget_beat(&mut self) {
        self.clock.forget();
    }

    /// A frame begins.
    pub(super) fn begin(&mut self, tick: Tick, now_ms: f64, own: Option<Motion>) {
        self.server_ms = f64::from(tick.0) * 1000.0 / self.tick_rate;
        self.tick = tick;
        self.own = own;
        self.clock.observe(self.server_ms, now_ms);
        self.others.begin_frame(self.server_ms);
    }

    /// A frame is put on.
    pub(super) fn end(&mut self, replica: &Replica, pilot: &PilotState) {
        let per_second = self.tick_rate as f32 / POSITION_STEPS_PER_UNIT;
        for (id, position, ship) in replica.ships() {
            let sample = Sample {
                server_ms: self.server_ms,
                position,
                velocity: Vec2::new(f32::from(ship.vx), f32::from(ship.vy)) * per_second,
                aim: Angle::from_coarse(ship.aim),
                look: Look { status: ship.status, health: ship.health },
            };
            self.others.record(id, sample, ship.is_settled());
        }
        self.others.forget_before(self.server_ms - MEMORY_MS);
        self.shots.settle(self.tick);
        if let PilotState::Alive(own) = pilot {
            if !self.flies {
                self.run = LifeStats::begin(self.server_ms);
                self.effects.now(SceneEvent::Spawned { position: own.motion.position });
            }
            self.run.note(own, self.server_ms);
            self.flies = true;
        } else {
            self.flies = false;
        }
    }

    /// Fills a scene.
    #[allow(clippy::too_many_arguments, reason = "all of a session's parts meet here, and only here")]
    pub(super) fn draw(
        &mut self,
        now_ms: f64,
        own: OwnView,
        pilot: Option<&PilotState>,
        replica: &Replica,
        gathered: &[(CellIndex, Ember)],
        roster: &Roster,
        terrain: &Terrain,
        out: &mut Scene,
    ) {
        let (present_ms, shown_ms) = (self.clock.present_ms(now_ms), self.clock.shown_ms(now_ms));
        let arena = terrain.arena();
        self.point_camera(now_ms, own, pilot, shown_ms);
        out.camera = self.camera.unwrap_or(arena.size / 2.0);

        let own_ship = match pilot {
            Some(PilotState::Alive(own)) => Some(own),
            _ => None,
        };
        self.draw_ships(own, own_ship, shown_ms, roster, terrain, &mut out.ships);
        out.roster.clone_from(roster);

        let Self { effects, shots, .. } = self;
        out.shots.clear();
        shots.draw(shown_ms, terrain, &mut out.shots, |position| {
            effects.now(SceneEvent::ShotStruck { position });
        });

        out.embers.clear();
        out.pickups.clear();
        for (cell, state) in replica.cells() {
            for ember in state.embers.iter().filter(|ember| !gathered.contains(&(cell, **ember))) {
                let (position, phase) = (ember.place(cell, terrain.grid()), phase(cell, *ember));
                match ember.pickup() {
                    None => out.embers.push(SceneEmber { position, value: ember.value, phase }),
                    Some(kind) => out.pickups.push(ScenePickup { position, kind, phase }),
                }
            }
        }
        let (me, others) = (self.me, &self.others);
        let ship = |id: PlayerId| {
            if id == me {
                (present_ms, own.motion.map(|motion| motion.position))
            } else {
                (shown_ms, others.pose_at(id, shown_ms).map(|pose| pose.position))
            }
        };
        effects.draw_embers(me, ship, &mut out.embers);

        while let Some(happening) = self.effects.take_due(shown_ms) {
            self.tell(happening, shown_ms, own.motion, terrain);
        }
        out.events.clear();
        self.effects.tell(&mut out.events);

        self.board.write(&mut out.hud, arena.size, terrain.grid());
        hud::write_own(&mut out.hud, own_ship, own.flight.as_ref(), &arena.rules, self.tick_rate);
        out.hud.minimap.own = own.motion.map(|motion| motion.position / arena.size);
        out.hud.life = match pilot {
            None | Some(PilotState::Spectating { .. } | PilotState::Idle { .. }) => Life::Waiting,
            Some(PilotState::Alive(_)) => Life::Alive,
            Some(PilotState::Dead { until, by }) => {
                let until_ms = f64::from(until.0) * 1000.0 / self.tick_rate;
                Life::Dead {
                    respawn_seconds: ((until_ms - present_ms) / 1000.0).max(0.0) as f32,
                    by: by.map(|by| Killer {
                        name: roster.name(by),
                        kind: roster.kind(by),
                        tier: self.others.last(by).map_or(0, |sample| sample.look.status.tier() as u8),
                    }),
                    run: self.run.so_far(),
                }
            }
        };
    }

    /// On the own ship. Without one, it glides along with the ship that is watched, or shows whose shot it was.
    fn point_camera(&mut self, now_ms: f64, own: OwnView, pilot: Option<&PilotState>, shown_ms: f64) {
        let passed_ms = now_ms - core::mem::replace(&mut self.pointed_ms, now_ms);
        if let Some(motion) = own.motion {
            self.camera = Some(motion.position);
            self.fell = motion.position;
        }
        let place = |id: &PlayerId| self.others.pose_at(*id, shown_ms).map(|pose| pose.position);
        let (wanted, behind_ms) = match pilot {
            Some(PilotState::Spectating { target: Some(whom) }) => (place(whom), GLIDE_MS),
            Some(PilotState::Dead { by: Some(by), .. }) => {
                (place(by).map(|killer| self.fell.lerp(killer, TOWARDS_KILLER)), DRIFT_MS)
            }
            _ => return,
        };
        let Some(wanted) = wanted else { return };
        let left = libm::exp(-passed_ms.max(0.0) / behind_ms) as f32;
        let from = self.camera.filter(|camera| camera.distance(wanted) < GLIDE_UNITS);
        self.camera = Some(from.map_or(wanted, |from| wanted.lerp(from, left)));
    }

    fn draw_ships(
        &self,
        own: OwnView,
        own_ship: Option<&OwnShip>,
        shown_ms: f64,
        roster: &Roster,
        terrain: &Terrain,
        out: &mut Vec<SceneShip>,
    ) {
        let rules = &terrain.arena().rules;
        let leader = self.board.leader();
        out.clear();
        let others = self.others.poses_at(shown_ms).filter(|(id, _)| *id != self.me);
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
            drone: roster.kind(id) == PilotKind::Drone,
            leader: leader == Some(id),
            colour: roster.colour(id),
            rapid: pose.look.status.rapid(),
            magnet: pose.look.status.magnet(),
        }));
        let (Some(motion), Some(ship)) = (own.motion, own_ship) else {
            return;
        };
        let flight = own.flight.unwrap_or_else(|| ship.flight());
        let tier = rules.tier(flight.embers);
        let hull = &rules.hulls[tier];
        // Last, so that it lies above the others.
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

/// The same for the same ember at any time, and unlike its neighbours'.
fn phase(cell: CellIndex, ember: Ember) -> f32 {
    let hash = ember_hash(ember) ^ u32::from(cell.0).wrapping_mul(0x9e37_79b9);
    (hash >> 8) as f32 / (1 << 24) as f32
}
