//! Shots in flight. The wire says where one starts and whom it met; the way between is flown here by the same
//! [`shot::fly`] that the server uses, at the time at which others are shown. Own shots fly from the moment they are
//! fired, before the server has heard of them; its word then settles whether they were.

use shared::{
    Vec2,
    engine::{
        angle::Angle,
        ids::{PlayerId, Tick},
    },
    game::{
        protocol::ShotRecord,
        shot::{self, ShotId, ShotStep},
        terrain::Terrain,
    },
};

use super::scene::SceneShot;

/// Shots known at a time. A full view has some hundreds; more than this is not a game any more.
const SHOTS_MAX: usize = 4096;
/// Shots are first told of where they are by then, which is ahead of the ship that fired: they are shown to start there
/// and join their true way within this time.
const JOIN_MS: f64 = 150.0;
/// A ship shown further from its shot's start than this is somewhere else altogether.
const JOIN_UNITS: f32 = 320.0;
/// An own shot that is told of this near to where it was thought to be is exactly there: the wire's step is 1/16.
const SAME_UNITS: f32 = 0.2;

#[derive(Clone, Debug)]
struct Flight {
    id: ShotId,
    owner: PlayerId,
    own: bool,
    direction: Angle,
    /// The tick in which it was fired, if only this client says so yet.
    unsettled: Option<Tick>,
    /// Of one tick.
    way: Vec2,
    position: Vec2,
    /// The server time at which it is at `position`.
    at_ms: f64,
    ticks_left: u8,
    /// When it met a ship; infinity while it has not.
    ends_ms: f64,
    /// From its true way to where it is shown, at `born_ms`.
    aside: Vec2,
    born_ms: f64,
}

/// What is known of a shot that met a ship.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Met {
    pub(super) owner: PlayerId,
    /// Where it flew, a unit vector.
    pub(super) heading: Vec2,
}

#[derive(Debug)]
pub(super) struct Shots {
    me: PlayerId,
    tick_ms: f64,
    flights: Vec<Flight>,
}

impl Shots {
    pub(super) fn new(me: PlayerId, tick_ms: f64) -> Self {
        Self { me, tick_ms, flights: Vec::new() }
    }

    /// This player's ship fires a shot in its own `tick`. Where others are shown it is then `fired_ms`.
    pub(super) fn fire(
        &mut self,
        tick: Tick,
        muzzle: Vec2,
        direction: Angle,
        fired_ms: f64,
        ticks_left: u8,
        terrain: &Terrain,
    ) {
        if self.flights.len() < SHOTS_MAX {
            let record = ShotRecord { id: ShotId(0), owner: self.me, x: 0, y: 0, direction, ticks_left };
            let flight = self.flight(&record, muzzle, fired_ms, terrain);
            self.flights.push(Flight { unsettled: Some(tick), ..flight });
        }
    }

    fn flight(&self, record: &ShotRecord, position: Vec2, at_ms: f64, terrain: &Terrain) -> Flight {
        let dt = (self.tick_ms / 1000.0) as f32;
        Flight {
            id: record.id,
            owner: record.owner,
            own: record.owner == self.me,
            direction: record.direction,
            unsettled: None,
            way: shot::way(record.direction, &terrain.arena().rules.shot, dt),
            position,
            at_ms,
            ticks_left: record.ticks_left,
            ends_ms: f64::INFINITY,
            aside: Vec2::ZERO,
            born_ms: at_ms,
        }
    }

    /// A shot is at `position` at `server_ms`; `muzzle` is where the ship that fired is then.
    /// Says whether it is new: one that flew into another cell is told once more, and an own one was known before.
    pub(super) fn launch(
        &mut self,
        record: &ShotRecord,
        position: Vec2,
        server_ms: f64,
        muzzle: Option<Vec2>,
        terrain: &Terrain,
    ) -> bool {
        let is_known = |flight: &Flight| {
            flight.id == record.id && flight.owner == record.owner && flight.unsettled.is_none()
        };
        if self.flights.iter().any(is_known) || self.flights.len() >= SHOTS_MAX {
            return false;
        }
        let tick_ms = self.tick_ms;
        let mut flight = self.flight(record, position, server_ms, terrain);
        if record.owner == self.me
            && let Some(known) = self.unsettled(record.direction, server_ms)
        {
            let expected = known.position + known.way * ((server_ms - known.at_ms) / tick_ms) as f32;
            let aside = expected - position;
            if aside.length_squared() <= SAME_UNITS * SAME_UNITS {
                (known.id, known.unsettled) = (record.id, None);
            } else {
                // Where it was shown until now, and from there to where it is.
                (flight.aside, flight.born_ms) = (aside, known.born_ms);
                *known = flight;
            }
            return false;
        }
        let aside = muzzle.map_or(Vec2::ZERO, |muzzle| muzzle - position);
        if aside.length_squared() < JOIN_UNITS * JOIN_UNITS {
            flight.aside = aside;
        }
        self.flights.push(flight);
        true
    }

    /// The first own shot in this direction that the server has yet to speak of.
    fn unsettled(&mut self, direction: Angle, server_ms: f64) -> Option<&mut Flight> {
        let tick_ms = self.tick_ms;
        let is_meant = |flight: &&mut Flight| {
            let fired = flight.unsettled.map(|tick| f64::from(tick.0) * tick_ms);
            flight.direction == direction
                && fired.is_some_and(|fired_ms| fired_ms <= server_ms + tick_ms / 2.0)
        };
        self.flights.iter_mut().find(is_meant)
    }

    /// The server has told of all that was fired until `tick`: what it did not speak of was not.
    pub(super) fn settle(&mut self, tick: Tick) {
        self.flights.retain(|flight| flight.unsettled.is_none_or(|fired| fired > tick));
    }

    /// A shot met a ship at `server_ms`.
    pub(super) fn end(&mut self, id: ShotId, server_ms: f64) -> Option<Met> {
        let flight =
            self.flights.iter_mut().rev().find(|flight| flight.id == id && flight.unsettled.is_none())?;
        flight.ends_ms = server_ms;
        Some(Met { owner: flight.owner, heading: flight.way.normalize_or_zero() })
    }

    /// Flies all shots on and lists those in flight; `struck` is told of those that met rock or wall.
    pub(super) fn draw(
        &mut self,
        now_ms: f64,
        terrain: &Terrain,
        out: &mut Vec<SceneShot>,
        mut struck: impl FnMut(Vec2),
    ) {
        let tick_ms = self.tick_ms;
        self.flights.retain_mut(|flight| {
            if now_ms >= flight.ends_ms {
                return false;
            }
            while now_ms - flight.at_ms >= tick_ms {
                match shot::fly(flight.position, flight.way, terrain) {
                    ShotStep::Flying(to) => flight.position = to,
                    ShotStep::Struck(at) => {
                        struck(at);
                        return false;
                    }
                }
                flight.at_ms += tick_ms;
                flight.ticks_left = flight.ticks_left.saturating_sub(1);
                if flight.ticks_left == 0 {
                    return false;
                }
            }
            // A shot of the time to come is shown when that has come.
            if now_ms >= flight.born_ms {
                let part = ((now_ms - flight.at_ms) / tick_ms).min(1.0) as f32;
                let aside = (1.0 - (now_ms - flight.born_ms) / JOIN_MS).max(0.0) as f32;
                out.push(SceneShot {
                    position: flight.position + flight.way * part + flight.aside * aside,
                    direction_radians: flight.direction.radians(),
                    own: flight.own,
                });
            }
            true
        });
    }
}

#[cfg(test)]
mod tests {
    use super::{super::testing, *};

    const TICK_MS: f64 = 50.0;

    fn record(id: u16, owner: u16, ticks_left: u8) -> ShotRecord {
        ShotRecord { id: ShotId(id), owner: PlayerId(owner), x: 0, y: 0, direction: Angle(0), ticks_left }
    }

    fn drawn(shots: &mut Shots, ms: f64, terrain: &Terrain) -> (Vec<SceneShot>, u32) {
        let (mut out, mut strikes) = (Vec::new(), 0);
        shots.draw(ms, terrain, &mut out, |_| strikes += 1);
        (out, strikes)
    }

    #[test]
    fn a_shot_flies_straight_and_fades() {
        let terrain = testing::terrain(Vec::new());
        let speed = terrain.arena().rules.shot.speed;
        let mut shots = Shots::new(PlayerId(1), TICK_MS);
        let start = Vec2::new(500.0, 500.0);
        assert!(shots.launch(&record(1, 2, 4), start, 1000.0, None, &terrain));
        assert!(!shots.launch(&record(1, 2, 3), start, 1050.0, None, &terrain));
        assert_eq!(drawn(&mut shots, 990.0, &terrain).0.len(), 0);
        let (out, _) = drawn(&mut shots, 1125.0, &terrain);
        assert!((out[0].position.x - (500.0 + speed * 0.125)).abs() < 0.01);
        assert_eq!(drawn(&mut shots, 1200.0, &terrain).0.len(), 0);
    }

    #[test]
    fn rocks_and_ships_end_it() {
        let rock = shared::game::arena::Rock { centre: Vec2::new(600.0, 500.0), radius: 30.0 };
        let terrain = testing::terrain(vec![rock]);
        let mut shots = Shots::new(PlayerId(1), TICK_MS);
        shots.launch(&record(1, 2, 40), Vec2::new(500.0, 500.0), 0.0, None, &terrain);
        shots.launch(&record(2, 2, 40), Vec2::new(500.0, 900.0), 0.0, None, &terrain);
        assert_eq!(shots.end(ShotId(2), 100.0).map(|met| met.owner), Some(PlayerId(2)));
        assert_eq!(shots.end(ShotId(9), 100.0), None);
        assert_eq!(drawn(&mut shots, 50.0, &terrain).0.len(), 2);
        assert_eq!(drawn(&mut shots, 200.0, &terrain), (Vec::new(), 1));
    }

    #[test]
    fn anothers_shot_leaves_its_ship_and_joins_its_way() {
        let terrain = testing::terrain(Vec::new());
        let mut shots = Shots::new(PlayerId(1), TICK_MS);
        let (start, muzzle) = (Vec2::new(500.0, 500.0), Vec2::new(400.0, 510.0));
        shots.launch(&record(1, 2, 40), start, 0.0, Some(muzzle), &terrain);
        assert_eq!(drawn(&mut shots, 0.0, &terrain).0[0].position, muzzle);
        assert_eq!(drawn(&mut shots, 250.0, &terrain).0[0].position.y, start.y);
    }

    #[test]
    fn an_own_shot_flies_at_once_and_goes_on_when_the_server_speaks_of_it() {
        let terrain = testing::terrain(Vec::new());
        let way = terrain.arena().rules.shot.speed / 20.0;
        let mut shots = Shots::new(PlayerId(1), TICK_MS);
        // Fired in tick 20, while others are shown as they were three ticks before.
        let (muzzle, fired_ms) = (Vec2::new(500.0, 500.0), 850.0);
        shots.fire(Tick(20), muzzle, Angle(0), fired_ms, 17, &terrain);
        assert_eq!(drawn(&mut shots, 850.0, &terrain).0[0].position, muzzle);
        let before = drawn(&mut shots, 925.0, &terrain).0[0].position;
        assert!((before.x - (500.0 + way * 1.5)).abs() < 0.01);
        // The server carried it forward by those three ticks.
        let told = Vec2::new(500.0 + way * 3.0, 500.0);
        assert!(!shots.launch(&record(7, 1, 14), told, 1000.0, None, &terrain));
        shots.settle(Tick(20));
        assert_eq!(drawn(&mut shots, 925.0, &terrain).0[0].position, before);
        assert_eq!(shots.end(ShotId(7), 1000.0).map(|met| met.owner), Some(PlayerId(1)));
        assert_eq!(drawn(&mut shots, 1000.0, &terrain).0.len(), 0);
    }

    #[test]
    fn what_the_server_says_nothing_of_was_not_fired() {
        let terrain = testing::terrain(Vec::new());
        let mut shots = Shots::new(PlayerId(1), TICK_MS);
        shots.fire(Tick(20), Vec2::splat(500.0), Angle(0), 850.0, 17, &terrain);
        shots.fire(Tick(25), Vec2::splat(500.0), Angle(0), 1100.0, 17, &terrain);
        shots.settle(Tick(19));
        assert_eq!(shots.flights.len(), 2);
        shots.settle(Tick(20));
        assert_eq!(shots.flights.len(), 1);
        // One that was told elsewhere than thought is shown to go there.
        shots.launch(&record(7, 1, 14), Vec2::new(500.0, 560.0), 1250.0, None, &terrain);
        let shown = drawn(&mut shots, 1100.0, &terrain).0[0].position;
        assert!(shown.distance(Vec2::splat(500.0)) < 0.01, "{shown}");
        assert_eq!(drawn(&mut shots, 1300.0, &terrain).0[0].position.y, 560.0);
    }
}
