//! From what is known to what is shown: everything a player looks at and a load bot does not need. It must not
//! know the wire beyond the cells' changes, and nothing here finds its way back into what is sent.

use shared::{
    Vec2,
    angle::Angle,
    flight::Flight,
    grid::Grid,
    ids::{CellIndex, PlayerId, Tick},
    limits::POSITION_STEPS_PER_UNIT,
    movement::Motion,
    protocol::{
        CellChange, CellState, Death, Ember, EmberTaken, Hit, OwnShip, PilotState, ShotRecord, dequantize,
        ember_hash,
    },
    terrain::Terrain,
    timing::{CARRY_SECONDS, REWIND_PARTS, Timing},
};

use super::{
    clock::ServerClock,
    effects::{Effects, Gathered, Happening},
    hud::{self, Board},
    interpolation::{Sample, Tracks},
    replica::Replica,
    roster::Roster,
    scene::{Life, Scene, SceneEmber, SceneEvent, SceneShip},
    shots::Shots,
};

/// Ships out of sight are remembered for so long, for what is still to be shown of them.
const MEMORY_MS: f64 = 1000.0;

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
pub(super) struct Picture {
    me: PlayerId,
    tick_rate: f64,
    clock: ServerClock,
    tracks: Tracks,
    shots: Shots,
    effects: Effects,
    board: Board,
    camera: Option<Vec2>,
    flies: bool,
    // Of the frame at hand.
    tick: Tick,
    server_ms: f64,
    own: Option<Motion>,
}

impl Picture {
    pub(super) fn new(me: PlayerId, tick_rate: u16) -> Self {
        let tick_ms = 1000.0 / f64::from(tick_rate);
        Self {
            me,
            tick_rate: f64::from(tick_rate),
            clock: ServerClock::new(tick_ms),
            tracks: Tracks::default(),
            shots: Shots::new(me, tick_ms),
            effects: Effects::default(),
            board: Board::new(me),
            camera: None,
            flies: false,
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

    /// The own ship fires in its own `tick`, while others are shown `rewind` parts of a tick before it.
    pub(super) fn fire(
        &mut self,
        tick: Tick,
        ship: &Flight,
        aim: Angle,
        rewind: u16,
        terrain: &Terrain,
        timing: &Timing,
    ) {
        // From what was seen longer ago than that the server does not carry a shot.
        let ago = f64::from(rewind.min(timing.carry)) / f64::from(REWIND_PARTS);
        let fired_ms = (f64::from(tick.0) - ago) * 1000.0 / self.tick_rate;
        for (muzzle, direction) in ship.salvo(aim, &terrain.arena().rules) {
            self.shots.fire(tick, muzzle, direction, fired_ms, timing.shot_life, terrain);
            self.effects.now(SceneEvent::ShotFired { position: muzzle, own: true });
        }
    }

    /// The own ship gathers these.
    pub(super) fn gather(&mut self, embers: &[(CellIndex, Ember)], now_ms: f64, grid: Grid) {
        for (cell, ember) in embers {
            self.effects.gather(Gathered {
                from: ember.place(*cell, grid),
                value: ember.value,
                phase: phase(*cell, *ember),
                by: self.me,
                began_ms: self.clock.present_ms(now_ms),
            });
        }
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
        self.tracks.begin(self.server_ms);
    }

    /// Looks at a change before it is put on its cell.
    pub(super) fn look(
        &mut self,
        cell: CellIndex,
        change: &CellChange<'_>,
        state: &CellState,
        expected: &[(CellIndex, Ember)],
        terrain: &Terrain,
    ) {
        match change {
            CellChange::EmbersTaken(list) => {
                for taken in list.iter() {
                    self.taken(cell, taken, state, expected, terrain);
                }
            }
            CellChange::Shots(list) => list.iter().for_each(|shot| self.shot(cell, shot, terrain)),
            CellChange::Hits(list) => list.iter().for_each(|hit| self.hit(hit, terrain)),
            CellChange::Deaths(list) => list.iter().for_each(|death| self.death(cell, death, terrain)),
            CellChange::Reset
            | CellChange::Left(_)
            | CellChange::Entered(_)
            | CellChange::Moved(_)
            | CellChange::Drifted(_)
            | CellChange::Status(_)
            | CellChange::EmbersAdded(_)
            | CellChange::Checksum(_) => {}
        }
    }

    /// What concerns this player is told at once, the rest when others are shown at this frame's time.
    fn happen(&mut self, own: bool, event: SceneEvent) {
        if own {
            self.effects.now(event);
        } else {
            self.effects.at(self.server_ms, Happening::Plain(event));
        }
    }

    fn taken(
        &mut self,
        cell: CellIndex,
        taken: &EmberTaken,
        state: &CellState,
        expected: &[(CellIndex, Ember)],
        terrain: &Terrain,
    ) {
        let point = |ember: &&Ember| (ember.x, ember.y) == (taken.x, taken.y);
        let Some(ember) = state.embers.iter().find(point) else {
            return;
        };
        // It was shown to be gathered when it was.
        if taken.by == self.me && expected.contains(&(cell, *ember)) {
            return;
        }
        self.effects.gather(Gathered {
            from: ember.place(cell, terrain.grid()),
            value: ember.value,
            phase: phase(cell, *ember),
            by: taken.by,
            began_ms: self.server_ms,
        });
    }

    fn shot(&mut self, cell: CellIndex, record: &ShotRecord, terrain: &Terrain) {
        let rules = &terrain.arena().rules;
        let position = dequantize(cell, i32::from(record.x), i32::from(record.y), terrain.grid());
        let muzzle = self.tracks.last(record.owner).map(|sample| {
            let radius = rules.hulls[sample.status.tier()].radius;
            sample.position + record.direction.unit() * radius
        });
        let own = record.owner == self.me;
        let new = self.shots.launch(record, position, self.server_ms, muzzle, terrain);
        // One that is in the middle of its life was fired elsewhere and only comes into sight.
        let newest = f64::from(rules.shot.life - CARRY_SECONDS) * self.tick_rate;
        if new && f64::from(record.ticks_left) > newest - 2.0 {
            self.happen(own, SceneEvent::ShotFired { position: muzzle.unwrap_or(position), own });
        }
    }

    fn hit(&mut self, hit: &Hit, terrain: &Terrain) {
        let met = self.shots.end(hit.shot, self.server_ms);
        let by_own = met.is_some_and(|met| met.owner == self.me);
        let heading = met.map_or(Vec2::ZERO, |met| met.heading);
        let happening = Happening::Hit { ship: hit.ship, heading, by_own };
        if by_own || hit.ship == self.me {
            let shown_ms = self.server_ms - self.clock.delay_ms();
            self.tell(happening, shown_ms, self.own, terrain);
        } else {
            self.effects.at(self.server_ms, happening);
        }
    }

    fn death(&mut self, cell: CellIndex, death: &Death, terrain: &Terrain) {
        let position = dequantize(cell, i32::from(death.x), i32::from(death.y), terrain.grid());
        let tier = self.tracks.last(death.ship).map_or(0, |sample| sample.status.tier() as u8);
        let own = death.ship == self.me;
        self.happen(own, SceneEvent::Explosion { position, tier, own });
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
                status: ship.status,
                health: ship.health,
            };
            self.tracks.record(id, sample, ship.is_settled());
        }
        self.tracks.forget_before(self.server_ms - MEMORY_MS);
        self.shots.settle(self.tick);
        if let PilotState::Alive(own) = pilot {
            if !self.flies {
                self.effects.now(SceneEvent::Spawned { position: own.motion.position });
            }
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
        if let Some(motion) = own.motion {
            self.camera = Some(motion.position);
        }
        out.camera = self.camera.unwrap_or(arena.size / 2.0);

        let own_ship = match pilot {
            Some(PilotState::Alive(own)) => Some(own),
            _ => None,
        };
        self.draw_ships(own, own_ship, shown_ms, roster, terrain, &mut out.ships);

        let Self { effects, shots, .. } = self;
        out.shots.clear();
        shots.draw(shown_ms, terrain, &mut out.shots, |position| {
            effects.now(SceneEvent::ShotStruck { position });
        });

        out.embers.clear();
        out.embers.extend(replica.cells().flat_map(|(cell, state)| {
            let lying = state.embers.iter().filter(move |ember| !gathered.contains(&(cell, **ember)));
            lying.map(move |ember| SceneEmber {
                position: ember.place(cell, terrain.grid()),
                value: ember.value,
                phase: phase(cell, *ember),
            })
        }));
        let (me, tracks) = (self.me, &self.tracks);
        let ship = |id: PlayerId| {
            if id == me {
                (present_ms, own.motion.map(|motion| motion.position))
            } else {
                (shown_ms, tracks.at(id, shown_ms).map(|shown| shown.position))
            }
        };
        effects.draw_embers(me, ship, &mut out.embers);

        while let Some(happening) = self.effects.take_due(shown_ms) {
            self.tell(happening, shown_ms, own.motion, terrain);
        }
        out.events.clear();
        self.effects.tell(&mut out.events);

        self.board.write(&mut out.hud, arena.size, terrain.grid());
        let embers = own.flight.map(|flight| flight.embers);
        hud::write_own(&mut out.hud, own_ship, embers, &arena.rules);
        out.hud.minimap.own = own.motion.map(|motion| motion.position / arena.size);
        out.hud.life = match pilot {
            None | Some(PilotState::Watching { .. } | PilotState::Away { .. }) => Life::Waiting,
            Some(PilotState::Alive(_)) => Life::Alive,
            Some(PilotState::Dead { until, by }) => {
                let until_ms = f64::from(until.0) * 1000.0 / self.tick_rate;
                Life::Dead {
                    respawn_seconds: ((until_ms - present_ms) / 1000.0).max(0.0) as f32,
                    by: by.map(|by| roster.name(by)),
                }
            }
        };
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
        let others = self.tracks.all_at(shown_ms).filter(|(id, _)| *id != self.me);
        out.extend(others.map(|(id, shown)| SceneShip {
            id,
            position: shown.position,
            velocity: shown.velocity,
            aim_radians: shown.aim_radians,
            radius: rules.hulls[shown.status.tier()].radius,
            tier: shown.status.tier() as u8,
            health: f32::from(shown.health) / 255.0,
            boosting: shown.status.boosting(),
            shielded: shown.status.shielded(),
            own: false,
            drone: roster.is_drone(id),
            leader: leader == Some(id),
        }));
        let (Some(motion), Some(ship)) = (own.motion, own_ship) else {
            return;
        };
        let tier = rules.tier(own.flight.map_or(ship.embers, |flight| flight.embers));
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
            shielded: ship.shielded,
            own: true,
            drone: false,
            leader: leader == Some(self.me),
        });
    }

    /// Tells of something, now that it is known where it is shown.
    fn tell(&mut self, happening: Happening, shown_ms: f64, own: Option<Motion>, terrain: &Terrain) {
        match happening {
            Happening::Plain(event) => self.effects.now(event),
            Happening::Hit { ship, heading, by_own } => {
                let shown = self.tracks.at(ship, shown_ms);
                let tier = shown.map_or(0, |shown| shown.status.tier());
                let centre = match own {
                    Some(motion) if ship == self.me => Some(motion.position),
                    _ => shown.map(|shown| shown.position),
                };
                if let Some(centre) = centre {
                    // On the side of the hull that the shot came from.
                    let position = centre - heading * terrain.arena().rules.hulls[tier].radius;
                    self.effects.now(SceneEvent::ShipHit { position, own: ship == self.me, by_own });
                }
            }
        }
    }
}

/// The same for the same ember at any time, and unlike its neighbours'.
fn phase(cell: CellIndex, ember: Ember) -> f32 {
    let hash = ember_hash(ember) ^ u32::from(cell.0).wrapping_mul(0x9e37_79b9);
    (hash >> 8) as f32 / (1 << 24) as f32
}
