//! What happens, and when it is shown: shots, hits, deaths and embers, as the wire tells of others and as the own ship does
//! before the wire tells of it. Must not know how anything is drawn.

use shared::{
    Vec2,
    engine::{
        angle::Angle,
        grid::Grid,
        ids::{CellIndex, Tick},
        limits::REWIND_PARTS,
        protocol::dequantize,
    },
    game::{
        ember::{Ember, EmberTaken},
        flight::Flight,
        movement::Motion,
        protocol::{CellChange, CellState, Death, ShotRecord},
        shot::Hit,
        terrain::Terrain,
        timing::{CARRY_SECONDS, Timing},
    },
};

use super::super::{
    effects::{Gathered, Happening},
    scene::SceneEvent,
};
use super::{ViewModel, phase};

impl ViewModel {
    /// The own ship fires in its own `tick`, while others are shown `rewind` parts of a tick before it.
    pub(in super::super) fn fire(
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
    pub(in super::super) fn gather(&mut self, embers: &[(CellIndex, Ember)], now_ms: f64, grid: Grid) {
        for (cell, ember) in embers {
            let from = ember.place(*cell, grid);
            if let Some(kind) = ember.pickup() {
                self.effects.now(SceneEvent::PickupTaken { position: from, kind, own: true });
                continue;
            }
            self.effects.gather(Gathered {
                from,
                value: ember.value,
                phase: phase(*cell, *ember),
                by: self.me,
                began_ms: self.clock.present_ms(now_ms),
            });
        }
    }

    /// Looks at a change before it is put on its cell.
    pub(in super::super) fn look(
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
            | CellChange::CatchUp(_)
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
        let from = ember.place(cell, terrain.grid());
        if let Some(kind) = ember.pickup() {
            let own = taken.by == self.me;
            return self.happen(own, SceneEvent::PickupTaken { position: from, kind, own });
        }
        self.effects.gather(Gathered {
            from,
            value: ember.value,
            phase: phase(cell, *ember),
            by: taken.by,
            began_ms: self.server_ms,
        });
    }

    fn shot(&mut self, cell: CellIndex, record: &ShotRecord, terrain: &Terrain) {
        let rules = &terrain.arena().rules;
        let position = dequantize(cell, i32::from(record.x), i32::from(record.y), terrain.grid());
        let muzzle = self.others.last(record.owner).map(|sample| {
            let radius = rules.hulls[sample.look.status.tier()].radius;
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
        let tier = self.others.last(death.ship).map_or(0, |sample| sample.look.status.tier() as u8);
        let own = death.ship == self.me;
        self.happen(own, SceneEvent::Explosion { position, tier, own });
    }

    /// Tells of something, now that it is known where it is shown.
    pub(super) fn tell(
        &mut self,
        happening: Happening,
        shown_ms: f64,
        own: Option<Motion>,
        terrain: &Terrain,
    ) {
        match happening {
            Happening::Plain(event) => self.effects.now(event),
            Happening::Hit { ship, heading, by_own } => {
                let shown = self.others.pose_at(ship, shown_ms);
                let tier = shown.map_or(0, |shown| shown.look.status.tier());
                let centre = match own {
                    Some(motion) if ship == self.me => Some(motion.position),
                    _ => shown.map(|shown| shown.position),
                };
                if let Some(centre) = centre {
                    // On the side of the hull that the shot came from.
                    let position = centre - heading * terrain.arena().rules.hulls[tier].radius;
                    let own = ship == self.me;
                    self.effects.now(SceneEvent::ShipHit { position, ship, own, by_own });
                }
            }
        }
    }
}
