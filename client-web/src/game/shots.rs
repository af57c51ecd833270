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
        mode::Team,
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

    /// Moves all shots on and lists those in flight. `team` is that of a player, and `struck` is called with the place of each that hit a rock or a wall.
    pub(super) fn draw(
        &mut self,
        render_ms: f64,
        terrain: &Terrain,
        team: impl Fn(PlayerId) -> Option<Team>,
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
                    team: team(shot.owner),
                });
            }
            true
        });
    }
}

#[cfg(test)]
mod tests;
