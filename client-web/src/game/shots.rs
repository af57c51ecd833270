//! Shots in flight. The wire says where a shot starts and which ship it hits. In between it is moved here, by the same
//! [`shot::fly`] that the server uses, at render time. Own shots fly from the moment they are fired, before the server
//! knows of them; the server's word then confirms or removes them.

use shared::{
    Vec2,
    engine::{
        ids::{PlayerId, Tick},
        input::Angle,
    },
    game::{
        protocol::ShotRecord,
        shot::{self, ShotId, ShotStep},
        terrain::Terrain,
    },
};

use super::scene::SceneShot;

/// Shots known at a time. A full view has some hundreds.
const SHOTS_MAX: usize = 4096;
/// The server sends a shot where it is by then, which is ahead of the ship that fired it. It is shown to start at the ship
/// and joins its true path within this time.
const JOIN_MS: f64 = 150.0;
/// If the ship is shown farther from the shot than this, the shot does not start at the ship.
const JOIN_UNITS: f32 = 320.0;
/// An own shot that is confirmed this near to its prediction is exactly there: the wire rounds to 1/16 unit.
const SAME_UNITS: f32 = 0.2;

#[derive(Clone, Debug)]
struct TrackedShot {
    id: ShotId,
    owner: PlayerId,
    own: bool,
    direction: Angle,
    /// The tick in which it was fired, until the server has confirmed it.
    unconfirmed: Option<Tick>,
    /// How far it moves in a tick.
    step: Vec2,
    position: Vec2,
    /// The server time at which it is at `position`.
    at_ms: f64,
    ticks_left: u8,
    /// When it hits a ship; infinity until that is known.
    ends_ms: f64,
    /// From its true path to where it is shown, at `born_ms`.
    offset: Vec2,
    born_ms: f64,
}

/// What is known of a shot that hit a ship.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct EndedShot {
    pub(super) owner: PlayerId,
    /// A unit vector.
    pub(super) heading: Vec2,
}

#[derive(Debug)]
pub(super) struct Shots {
    me: PlayerId,
    tick_ms: f64,
    shots: Vec<TrackedShot>,
}

impl Shots {
    pub(super) fn new(me: PlayerId, tick_ms: f64) -> Self {
        Self { me, tick_ms, shots: Vec::new() }
    }

    /// The own ship fires a shot in its own `tick`, when `fired_ms` is the render time.
    pub(super) fn fire(
        &mut self,
        tick: Tick,
        muzzle: Vec2,
        direction: Angle,
        fired_ms: f64,
        ticks_left: u8,
        terrain: &Terrain,
    ) {
        if self.shots.len() < SHOTS_MAX {
            let record = ShotRecord { id: ShotId(0), owner: self.me, x: 0, y: 0, direction, ticks_left };
            let shot = self.track(&record, muzzle, fired_ms, terrain);
            self.shots.push(TrackedShot { unconfirmed: Some(tick), ..shot });
        }
    }

    fn track(&self, record: &ShotRecord, position: Vec2, at_ms: f64, terrain: &Terrain) -> TrackedShot {
        let dt = (self.tick_ms / 1000.0) as f32;
        TrackedShot {
            id: record.id,
            owner: record.owner,
            own: record.owner == self.me,
            direction: record.direction,
            unconfirmed: None,
            step: shot::way(record.direction, &terrain.arena().rules.shot, dt),
            position,
            at_ms,
            ticks_left: record.ticks_left,
            ends_ms: f64::INFINITY,
            offset: Vec2::ZERO,
            born_ms: at_ms,
        }
    }

    /// The server sent a shot, which is at `position` at `server_ms`. `muzzle` is where the ship that fired it is then.
    /// Returns whether the shot is new: a shot is sent again when it enters another cell, and an own one was predicted.
    pub(super) fn on_record(
        &mut self,
        record: &ShotRecord,
        position: Vec2,
        server_ms: f64,
        muzzle: Option<Vec2>,
        terrain: &Terrain,
    ) -> bool {
        let is_same = |shot: &TrackedShot| {
            shot.id == record.id && shot.owner == record.owner && shot.unconfirmed.is_none()
        };
        if self.shots.iter().any(is_same) || self.shots.len() >= SHOTS_MAX {
            return false;
        }
        let tick_ms = self.tick_ms;
        let mut shot = self.track(record, position, server_ms, terrain);
        if record.owner == self.me
            && let Some(predicted) = self.unconfirmed(record.direction, server_ms)
        {
            let steps = ((server_ms - predicted.at_ms) / tick_ms) as f32;
            let offset = predicted.position + predicted.step * steps - position;
            if offset.length_squared() <= SAME_UNITS * SAME_UNITS {
                (predicted.id, predicted.unconfirmed) = (record.id, None);
            } else {
                // It is shown to move from its predicted to its true path.
                (shot.offset, shot.born_ms) = (offset, predicted.born_ms);
                *predicted = shot;
            }
            return false;
        }
        let offset = muzzle.map_or(Vec2::ZERO, |muzzle| muzzle - position);
        if offset.length_squared() < JOIN_UNITS * JOIN_UNITS {
            shot.offset = offset;
        }
        self.shots.push(shot);
        true
    }

    /// The first own shot in this direction that the server has not confirmed.
    fn unconfirmed(&mut self, direction: Angle, server_ms: f64) -> Option<&mut TrackedShot> {
        let tick_ms = self.tick_ms;
        self.shots.iter_mut().find(|shot| {
            let fired_ms = shot.unconfirmed.map(|tick| f64::from(tick.0) * tick_ms);
            shot.direction == direction
                && fired_ms.is_some_and(|fired_ms| fired_ms <= server_ms + tick_ms / 2.0)
        })
    }

    /// The server has sent every shot that was fired up to `tick`. Own shots that it did not send were not fired.
    pub(super) fn drop_unconfirmed(&mut self, tick: Tick) {
        self.shots.retain(|shot| shot.unconfirmed.is_none_or(|fired| fired > tick));
    }

    /// A shot hit a ship at `server_ms`.
    pub(super) fn on_hit(&mut self, id: ShotId, server_ms: f64) -> Option<EndedShot> {
        let shot = self.shots.iter_mut().rev().find(|shot| shot.id == id && shot.unconfirmed.is_none())?;
        shot.ends_ms = server_ms;
        Some(EndedShot { owner: shot.owner, heading: shot.step.normalize_or_zero() })
    }

    /// Moves all shots on and lists those in flight. `struck` is called with the place of each that hit a rock or a wall.
    pub(super) fn draw(
        &mut self,
        render_ms: f64,
        terrain: &Terrain,
        out: &mut Vec<SceneShot>,
        mut struck: impl FnMut(Vec2),
    ) {
        let tick_ms = self.tick_ms;
        self.shots.retain_mut(|shot| {
            if render_ms >= shot.ends_ms {
                return false;
            }
            while render_ms - shot.at_ms >= tick_ms {
                match shot::fly(shot.position, shot.step, terrain) {
                    ShotStep::Flying(to) => shot.position = to,
                    ShotStep::Struck(at) => {
                        struck(at);
                        return false;
                    }
                }
                shot.at_ms += tick_ms;
                shot.ticks_left = shot.ticks_left.saturating_sub(1);
                if shot.ticks_left == 0 {
                    return false;
                }
            }
            // A frame is ahead of render time, so a shot in it may not have been fired yet.
            if render_ms >= shot.born_ms {
                let fraction = ((render_ms - shot.at_ms) / tick_ms).min(1.0) as f32;
                let offset = (1.0 - (render_ms - shot.born_ms) / JOIN_MS).max(0.0) as f32;
                out.push(SceneShot {
                    position: shot.position + shot.step * fraction + shot.offset * offset,
                    direction_radians: shot.direction.radians(),
                    own: shot.own,
                });
            }
            true
        });
    }
}

#[cfg(test)]
mod tests {
    use super::{super::fixture, *};

    const TICK_MS: f64 = 50.0;

    fn record(id: u16, owner: u16, ticks_left: u8) -> ShotRecord {
        ShotRecord { id: ShotId(id), owner: PlayerId(owner), x: 0, y: 0, direction: Angle(0), ticks_left }
    }

    /// The shots in flight, and how many struck a rock or a wall.
    fn drawn(shots: &mut Shots, ms: f64, terrain: &Terrain) -> (Vec<SceneShot>, u32) {
        let (mut out, mut strikes) = (Vec::new(), 0);
        shots.draw(ms, terrain, &mut out, |_| strikes += 1);
        (out, strikes)
    }

    #[test]
    fn shot_flies_straight_until_its_life_ends() {
        let terrain = fixture::terrain(Vec::new());
        let speed = terrain.arena().rules.shot.speed;
        let mut shots = Shots::new(PlayerId(1), TICK_MS);
        let start = Vec2::new(500.0, 500.0);
        assert!(shots.on_record(&record(1, 2, 4), start, 1000.0, None, &terrain));
        assert!(!shots.on_record(&record(1, 2, 3), start, 1050.0, None, &terrain));
        assert_eq!(drawn(&mut shots, 990.0, &terrain).0.len(), 0);
        let (out, _) = drawn(&mut shots, 1125.0, &terrain);
        assert!((out[0].position.x - (500.0 + speed * 0.125)).abs() < 0.01);
        assert_eq!(drawn(&mut shots, 1200.0, &terrain).0.len(), 0);
    }

    #[test]
    fn shot_ends_at_a_rock_or_a_ship() {
        let rock = shared::game::arena::Rock { centre: Vec2::new(600.0, 500.0), radius: 30.0 };
        let terrain = fixture::terrain(vec![rock]);
        let mut shots = Shots::new(PlayerId(1), TICK_MS);
        shots.on_record(&record(1, 2, 40), Vec2::new(500.0, 500.0), 0.0, None, &terrain);
        shots.on_record(&record(2, 2, 40), Vec2::new(500.0, 900.0), 0.0, None, &terrain);
        assert_eq!(shots.on_hit(ShotId(2), 100.0).map(|ended| ended.owner), Some(PlayerId(2)));
        assert_eq!(shots.on_hit(ShotId(9), 100.0), None);
        assert_eq!(drawn(&mut shots, 50.0, &terrain).0.len(), 2);
        assert_eq!(drawn(&mut shots, 200.0, &terrain), (Vec::new(), 1));
    }

    #[test]
    fn shot_of_another_starts_at_its_ship_and_joins_its_path() {
        let terrain = fixture::terrain(Vec::new());
        let mut shots = Shots::new(PlayerId(1), TICK_MS);
        let (start, muzzle) = (Vec2::new(500.0, 500.0), Vec2::new(400.0, 510.0));
        shots.on_record(&record(1, 2, 40), start, 0.0, Some(muzzle), &terrain);
        assert_eq!(drawn(&mut shots, 0.0, &terrain).0[0].position, muzzle);
        assert_eq!(drawn(&mut shots, 250.0, &terrain).0[0].position.y, start.y);
    }

    #[test]
    fn own_shot_flies_at_once_and_on_when_it_is_confirmed() {
        let terrain = fixture::terrain(Vec::new());
        let step = terrain.arena().rules.shot.speed / 20.0;
        let mut shots = Shots::new(PlayerId(1), TICK_MS);
        // Fired in tick 20, when remote ships are shown as they were three ticks earlier.
        let (muzzle, fired_ms) = (Vec2::new(500.0, 500.0), 850.0);
        shots.fire(Tick(20), muzzle, Angle(0), fired_ms, 17, &terrain);
        assert_eq!(drawn(&mut shots, 850.0, &terrain).0[0].position, muzzle);
        let before = drawn(&mut shots, 925.0, &terrain).0[0].position;
        assert!((before.x - (500.0 + step * 1.5)).abs() < 0.01);
        // The server moved it forward by those three ticks.
        let sent = Vec2::new(500.0 + step * 3.0, 500.0);
        assert!(!shots.on_record(&record(7, 1, 14), sent, 1000.0, None, &terrain));
        shots.drop_unconfirmed(Tick(20));
        assert_eq!(drawn(&mut shots, 925.0, &terrain).0[0].position, before);
        assert_eq!(shots.on_hit(ShotId(7), 1000.0).map(|ended| ended.owner), Some(PlayerId(1)));
        assert_eq!(drawn(&mut shots, 1000.0, &terrain).0.len(), 0);
    }

    #[test]
    fn own_shot_that_the_server_does_not_send_is_removed() {
        let terrain = fixture::terrain(Vec::new());
        let mut shots = Shots::new(PlayerId(1), TICK_MS);
        shots.fire(Tick(20), Vec2::splat(500.0), Angle(0), 850.0, 17, &terrain);
        shots.fire(Tick(25), Vec2::splat(500.0), Angle(0), 1100.0, 17, &terrain);
        shots.drop_unconfirmed(Tick(19));
        assert_eq!(shots.shots.len(), 2);
        shots.drop_unconfirmed(Tick(20));
        assert_eq!(shots.shots.len(), 1);
    }

    #[test]
    fn own_shot_that_is_confirmed_elsewhere_moves_there() {
        let terrain = fixture::terrain(Vec::new());
        let mut shots = Shots::new(PlayerId(1), TICK_MS);
        shots.fire(Tick(25), Vec2::splat(500.0), Angle(0), 1100.0, 17, &terrain);
        shots.on_record(&record(7, 1, 14), Vec2::new(500.0, 560.0), 1250.0, None, &terrain);
        let shown = drawn(&mut shots, 1100.0, &terrain).0[0].position;
        assert!(shown.distance(Vec2::splat(500.0)) < 0.01, "{shown}");
        assert_eq!(drawn(&mut shots, 1300.0, &terrain).0[0].position.y, 560.0);
    }
}
