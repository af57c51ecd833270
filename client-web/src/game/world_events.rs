//! What happens in the world, and when it is shown: shots, hits, deaths and collected embers, as the server sends them of
//! others and as the own ship is predicted to do them. It must not know how anything is drawn.

use shared::{
    Vec2,
    engine::{
        grid::Grid,
        ids::{CellIndex, PlayerId, Tick},
        input::Angle,
        items::{ItemTaken, item_hash},
        limits::REWIND_PARTS,
        protocol::dequantize,
    },
    game::{
        Emberdrift, Map,
        ember::PlacedEmber,
        flight::Flight,
        protocol::{CellChange, CellState, Death, Event, ShotRecord},
        shot::Hit,
        timing::CARRY_SECONDS,
    },
};

use super::{
    scene::{Scene, SceneEvent},
    scene_events::{EventQueue, FlyingEmber, PendingEvent},
    shots::Shots,
};
use crate::engine::view;

/// What the world looks like when something happens.
type Moment<'a> = view::Moment<'a, Emberdrift>;

#[derive(Debug)]
pub(super) struct WorldEvents {
    me: PlayerId,
    tick_rate: f64,
    shots: Shots,
    queue: EventQueue,
}

impl WorldEvents {
    pub(super) fn new(me: PlayerId, tick_rate: u16) -> Self {
        let tick_rate = f64::from(tick_rate);
        Self { me, tick_rate, shots: Shots::new(me, 1000.0 / tick_rate), queue: EventQueue::default() }
    }

    /// The own ship fires in its own `tick`, while other ships are shown `rewind` parts of a tick before it.
    pub(super) fn fire(
        &mut self,
        tick: Tick,
        ship: &Flight,
        aim: Angle,
        rewind: u16,
        Map { terrain, timing }: &Map,
    ) {
        // The server does not carry a shot forward by more than this.
        let ago = f64::from(rewind.min(timing.carry)) / f64::from(REWIND_PARTS);
        let fired_ms = (f64::from(tick.0) - ago) * 1000.0 / self.tick_rate;
        for (muzzle, direction) in ship.salvo(aim, &terrain.arena().rules) {
            self.shots.fire(tick, muzzle, direction, fired_ms, timing.shot_life, terrain);
            self.queue.push(SceneEvent::ShotFired { position: muzzle, own: true });
        }
    }

    /// The own ship collects embers, at this server time.
    pub(super) fn collect(&mut self, embers: &[(CellIndex, PlacedEmber)], present_ms: f64, grid: Grid) {
        for (cell, ember) in embers {
            let position = ember.place(*cell, grid);
            if let Some(kind) = ember.item.pickup() {
                self.queue.push(SceneEvent::PickupCollected { position, kind, own: true });
            } else {
                self.fly(*cell, *ember, position, self.me, present_ms);
            }
        }
    }

    fn fly(&mut self, cell: CellIndex, ember: PlacedEmber, from: Vec2, by: PlayerId, began_ms: f64) {
        let phase = phase(cell, ember);
        self.queue.fly(FlyingEmber { from, value: ember.item.0, phase, by, began_ms });
    }

    /// The own ship appeared.
    pub(super) fn spawn(&mut self, position: Vec2) {
        self.queue.push(SceneEvent::Spawned { position });
    }

    /// All shots fired up to `tick` have arrived.
    pub(super) fn end_frame(&mut self, tick: Tick) {
        self.shots.drop_unconfirmed(tick);
    }

    /// Takes a change of a cell before it is applied to `state`.
    pub(super) fn on_change(
        &mut self,
        cell: CellIndex,
        change: &CellChange<'_>,
        state: &CellState,
        moment: &Moment<'_>,
    ) {
        match change {
            CellChange::ItemsTaken(list) => {
                for taken in list.iter() {
                    self.on_ember_taken(cell, taken, state, moment);
                }
            }
            CellChange::Events(list) => {
                for event in list.iter() {
                    match event {
                        Event::Shot(shot) => self.on_shot(cell, shot, moment),
                        Event::Hit(hit) => self.on_hit(hit, moment),
                        Event::Death(death) => self.on_death(cell, death, moment),
                    }
                }
            }
            CellChange::Reset
            | CellChange::Left(_)
            | CellChange::Entered(_)
            | CellChange::Moved(_)
            | CellChange::CatchUp(_)
            | CellChange::Looks(_)
            | CellChange::ItemsAdded(_)
            | CellChange::Checksum(_) => {}
        }
    }

    /// What concerns this player is shown at once, the rest when render time reaches this frame.
    fn show(&mut self, own: bool, event: SceneEvent, server_ms: f64) {
        if own {
            self.queue.push(event);
        } else {
            self.queue.schedule(server_ms, PendingEvent::Known(event));
        }
    }

    fn on_ember_taken(
        &mut self,
        cell: CellIndex,
        taken: &ItemTaken,
        state: &CellState,
        &Moment { server_ms, map, taken: predicted, .. }: &Moment<'_>,
    ) {
        let is_taken = |ember: &&PlacedEmber| ember.matches(taken);
        let Some(ember) = state.items.iter().find(is_taken) else {
            return;
        };
        let own = taken.by == self.me;
        // It was shown when it was predicted.
        if own && predicted.contains(&(cell, *ember)) {
            return;
        }
        let position = ember.place(cell, map.terrain.grid());
        if let Some(kind) = ember.item.pickup() {
            self.show(own, SceneEvent::PickupCollected { position, kind, own }, server_ms);
        } else {
            self.fly(cell, *ember, position, taken.by, server_ms);
        }
    }

    fn on_shot(&mut self, cell: CellIndex, record: &ShotRecord, moment: &Moment<'_>) {
        let &Moment { server_ms, bodies, map: Map { terrain, .. }, .. } = moment;
        let rules = &terrain.arena().rules;
        let position = dequantize(cell, i32::from(record.x), i32::from(record.y), terrain.grid());
        let muzzle = bodies.last(record.owner).map(|sample| {
            let radius = rules.hulls[sample.look.status.tier()].radius;
            sample.position + record.direction.unit() * radius
        });
        let own = record.owner == self.me;
        let is_new = self.shots.on_record(record, position, server_ms, muzzle, terrain);
        // A shot in the middle of its life was fired elsewhere and only comes into view.
        let full_life = f64::from(rules.shot.life - CARRY_SECONDS) * self.tick_rate;
        if is_new && f64::from(record.ticks_left) > full_life - 2.0 {
            let position = muzzle.unwrap_or(position);
            self.show(own, SceneEvent::ShotFired { position, own }, server_ms);
        }
    }

    fn on_hit(&mut self, hit: &Hit, moment: &Moment<'_>) {
        let ended = self.shots.on_hit(hit.shot, moment.server_ms);
        let by_own = ended.is_some_and(|ended| ended.owner == self.me);
        let heading = ended.map_or(Vec2::ZERO, |ended| ended.heading);
        let event = PendingEvent::Hit { ship: hit.ship, heading, by_own };
        if by_own || hit.ship == self.me {
            self.place(event, moment);
        } else {
            self.queue.schedule(moment.server_ms, event);
        }
    }

    fn on_death(&mut self, cell: CellIndex, death: &Death, moment: &Moment<'_>) {
        let &Moment { server_ms, bodies, map: Map { terrain, .. }, .. } = moment;
        let position = dequantize(cell, i32::from(death.x), i32::from(death.y), terrain.grid());
        let tier = bodies.last(death.ship).map_or(0, |sample| sample.look.status.tier() as u8);
        let own = death.ship == self.me;
        self.show(own, SceneEvent::Explosion { position, tier, own }, server_ms);
    }

    /// Shows an event where its ship is at this moment.
    fn place(&mut self, event: PendingEvent, moment: &Moment<'_>) {
        let &Moment { render_ms, own, bodies, map: Map { terrain, .. }, .. } = moment;
        match event {
            PendingEvent::Known(event) => self.queue.push(event),
            PendingEvent::Hit { ship, heading, by_own } => {
                let pose = bodies.pose_at(ship, render_ms);
                let tier = pose.map_or(0, |pose| pose.look.status.tier());
                let centre = match own {
                    Some(motion) if ship == self.me => Some(motion.position),
                    _ => pose.map(|pose| pose.position),
                };
                if let Some(centre) = centre {
                    // On the side of the hull that the shot came from.
                    let position = centre - heading * terrain.arena().rules.hulls[tier].radius;
                    let own = ship == self.me;
                    self.queue.push(SceneEvent::ShipHit { position, ship, own, by_own });
                }
            }
        }
    }

    /// Lists the shots at this moment.
    pub(super) fn draw_shots(&mut self, moment: &Moment<'_>, out: &mut Scene) {
        let Self { queue, shots, .. } = self;
        out.shots.clear();
        let terrain = &moment.map.terrain;
        let team = |owner| terrain.arena().mode.team(moment.roster.colour(owner));
        shots.draw(moment.render_ms, terrain, team, &mut out.shots, |position| {
            queue.push(SceneEvent::ShotStruck { position });
        });
    }

    /// Adds the flying embers to the scene.
    pub(super) fn draw_embers(&mut self, moment: &Moment<'_>, out: &mut Scene) {
        let &Moment { present_ms, render_ms, own, bodies, .. } = moment;
        let me = self.me;
        let ship = |id: PlayerId| {
            if id == me {
                (present_ms, own.map(|motion| motion.position))
            } else {
                (render_ms, bodies.pose_at(id, render_ms).map(|pose| pose.position))
            }
        };
        self.queue.draw_embers(me, ship, &mut out.embers);
    }

    /// Moves the events that are due to the scene.
    pub(super) fn drain_into(&mut self, moment: &Moment<'_>, out: &mut Vec<SceneEvent>) {
        while let Some(event) = self.queue.take_due(moment.render_ms) {
            self.place(event, moment);
        }
        out.clear();
        self.queue.drain_into(out);
    }
}

/// Always the same for the same ember, and different from its neighbours'.
pub(super) fn phase(cell: CellIndex, ember: PlacedEmber) -> f32 {
    let hash = item_hash(&ember) ^ u32::from(cell.0).wrapping_mul(0x9e37_79b9);
    (hash >> 8) as f32 / (1 << 24) as f32
}
