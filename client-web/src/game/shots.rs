//! Shots in flight. The wire says where one starts and whom it met; the way between is flown here by the same
//! [`shot::fly`] that the server uses, each at the time at which it is shown.

use shared::{
    Vec2,
    ids::{PlayerId, ShotId},
    protocol::ShotRecord,
    shot::{self, Flown},
    terrain::Terrain,
};

use super::scene::SceneShot;

/// Shots known at a time. A full view has some hundreds; more than this is not a game any more.
const SHOTS_MAX: usize = 4096;
/// Own shots start at the ship as it is shown and join their true way within this time.
const JOIN_MS: f64 = 200.0;
/// A ship shown further from its shot's start than this is somewhere else altogether.
const JOIN_UNITS: f32 = 160.0;

#[derive(Clone, Debug)]
struct Flight {
    id: ShotId,
    owner: PlayerId,
    own: bool,
    direction_radians: f32,
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

/// The two times at which things are shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct Times {
    /// Of this player's own.
    pub(super) present_ms: f64,
    /// Of all others.
    pub(super) shown_ms: f64,
}

impl Times {
    pub(super) fn of(self, own: bool) -> f64 {
        if own { self.present_ms } else { self.shown_ms }
    }
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

    /// A shot is at `position` at `server_ms`; `muzzle` is where its ship is shown, if that is the own one.
    /// Says whether it is new: one that flew into another cell is told once more.
    pub(super) fn launch(
        &mut self,
        record: &ShotRecord,
        position: Vec2,
        server_ms: f64,
        muzzle: Option<Vec2>,
        terrain: &Terrain,
    ) -> bool {
        let known = |flight: &Flight| flight.id == record.id && flight.owner == record.owner;
        if self.flights.iter().any(known) || self.flights.len() >= SHOTS_MAX {
            return false;
        }
        let aside = muzzle.map_or(Vec2::ZERO, |muzzle| muzzle - position);
        let dt = (self.tick_ms / 1000.0) as f32;
        self.flights.push(Flight {
            id: record.id,
            owner: record.owner,
            own: record.owner == self.me,
            direction_radians: record.direction.radians(),
            way: shot::way(record.direction, &terrain.arena().rules.shot, dt),
            position,
            at_ms: server_ms,
            ticks_left: record.ticks_left,
            ends_ms: f64::INFINITY,
            aside: if aside.length_squared() < JOIN_UNITS * JOIN_UNITS { aside } else { Vec2::ZERO },
            born_ms: server_ms,
        });
        true
    }

    /// A shot met a ship at `server_ms`.
    pub(super) fn end(&mut self, id: ShotId, server_ms: f64) -> Option<Met> {
        let flight = self.flights.iter_mut().rev().find(|flight| flight.id == id)?;
        flight.ends_ms = server_ms;
        Some(Met { owner: flight.owner, heading: flight.way.normalize_or_zero() })
    }

    /// Flies all shots on and lists those in flight; `struck` is told of those that met rock or wall.
    pub(super) fn draw(
        &mut self,
        times: Times,
        terrain: &Terrain,
        out: &mut Vec<SceneShot>,
        mut struck: impl FnMut(Vec2),
    ) {
        let tick_ms = self.tick_ms;
        self.flights.retain_mut(|flight| {
            let now_ms = times.of(flight.own);
            if now_ms >= flight.ends_ms {
                return false;
            }
            while now_ms - flight.at_ms >= tick_ms {
                match shot::fly(flight.position, flight.way, terrain) {
                    Flown::On(to) => flight.position = to,
                    Flown::Struck(at) => {
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
                let part = ((now_ms - flight.at_ms) / tick_ms).clamp(0.0, 1.0) as f32;
                let aside = (1.0 - (now_ms - flight.born_ms) / JOIN_MS).max(0.0) as f32;
                out.push(SceneShot {
                    position: flight.position + flight.way * part + flight.aside * aside,
                    direction_radians: flight.direction_radians,
                    own: flight.own,
                });
            }
            true
        });
    }
}

#[cfg(test)]
mod tests {
    use shared::angle::Angle;

    use super::{super::testing, *};

    const TICK_MS: f64 = 50.0;

    fn record(id: u16, owner: u16, ticks_left: u8) -> ShotRecord {
        ShotRecord { id: ShotId(id), owner: PlayerId(owner), x: 0, y: 0, direction: Angle(0), ticks_left }
    }

    fn drawn(shots: &mut Shots, ms: f64, terrain: &Terrain) -> (Vec<SceneShot>, u32) {
        let (mut out, mut strikes) = (Vec::new(), 0);
        shots.draw(Times { present_ms: ms, shown_ms: ms }, terrain, &mut out, |_| strikes += 1);
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
        let rock = shared::arena::Rock { centre: Vec2::new(600.0, 500.0), radius: 30.0 };
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
    fn an_own_shot_leaves_the_ship_as_shown_and_joins_its_way() {
        let terrain = testing::terrain(Vec::new());
        let mut shots = Shots::new(PlayerId(1), TICK_MS);
        let (start, muzzle) = (Vec2::new(500.0, 500.0), Vec2::new(530.0, 510.0));
        shots.launch(&record(1, 1, 40), start, 0.0, Some(muzzle), &terrain);
        assert_eq!(drawn(&mut shots, 0.0, &terrain).0[0].position, muzzle);
        assert_eq!(drawn(&mut shots, 250.0, &terrain).0[0].position.y, start.y);
    }
}
