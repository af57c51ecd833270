//! Shots as the server flies them: salvos, straight flight, the first ship on the way. What a hit does is simpler here
//! than in the game; that it changes both ships is what counts, because they then fly on differently.

use shared::{
    Vec2,
    engine::{checksum::Checksum, input::Angle},
    game::{
        collision,
        flight::Collected,
        shot::{self, ShotStep},
        terrain::Terrain,
        timing::Timing,
    },
};

use crate::{
    scripted::Actor,
    tally::{self, Tally},
};

/// Embers that a hit takes from one ship and gives to the other.
const LOOT: u32 = 9;

/// One shot in flight.
struct Shot {
    /// Place of the one who fired in the list of ships.
    owner: usize,
    direction: Angle,
    position: Vec2,
    ticks_left: u8,
}

/// All shots in flight.
#[derive(Default)]
pub(crate) struct Shots(Vec<Shot>);

impl Shots {
    /// Fires the salvos of ships that have just flown a tick, and flies every shot on by one.
    #[inline(never)]
    pub(crate) fn step(
        &mut self,
        ships: &mut [Actor],
        terrain: &Terrain,
        timing: &Timing,
        tally: &mut Tally,
    ) {
        let rules = &terrain.arena().rules;
        for (owner, ship) in ships.iter().enumerate() {
            // Only in the tick in which it fires is the whole time to reload before it.
            if !ship.input.fires() || ship.flight.reload != timing.reload {
                continue;
            }
            for (position, direction) in ship.flight.salvo(ship.input.aim, rules) {
                self.0.push(Shot { owner, direction, position, ticks_left: timing.shot_life });
                tally.shots += 1;
            }
        }
        self.0.retain_mut(|shot| {
            let from = shot.position;
            let flown = shot::fly(from, shot::way(shot.direction, &rules.shot, timing.dt), terrain);
            let (ShotStep::Flying(to) | ShotStep::Struck(to)) = flown;
            if let Some(met) = first_met(ships, shot.owner, from, to, terrain) {
                let loot = LOOT.min(ships[met].flight.embers);
                ships[met].flight.embers -= loot;
                ships[shot.owner].flight.collect(Collected { embers: loot, ..Collected::default() }, timing);
                tally.hits += 1;
                return false;
            }
            if flown == ShotStep::Struck(to) {
                let size = terrain.arena().size;
                let on_wall = to.x == 0.0 || to.y == 0.0 || to.x == size.x || to.y == size.y;
                *(if on_wall {
                    &mut tally.wall_strikes
                } else if tally::touches_block(to, 0.0, terrain) {
                    &mut tally.block_strikes
                } else {
                    &mut tally.rock_strikes
                }) += 1;
                return false;
            }
            shot.position = to;
            shot.ticks_left -= 1;
            tally.misses += u32::from(shot.ticks_left == 0);
            shot.ticks_left > 0
        });
    }

    /// Takes every shot in.
    pub(crate) fn sum(&self, sum: &mut Checksum) {
        for shot in &self.0 {
            sum.word(u32::from(shot.direction.0) | u32::from(shot.ticks_left) << 16);
            sum.float(shot.position.x);
            sum.float(shot.position.y);
        }
    }
}

/// The first ship between two places, but for the one who fired.
fn first_met(ships: &[Actor], owner: usize, from: Vec2, to: Vec2, terrain: &Terrain) -> Option<usize> {
    let others = ships.iter().enumerate().filter(|(place, _)| *place != owner);
    others
        .filter_map(|(place, ship)| {
            let radius = terrain.arena().rules.hull(ship.flight.embers).radius;
            let part = collision::enters_circle(from, to - from, ship.flight.motion.position, radius)?;
            Some((part, place))
        })
        .min_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, place)| place)
}
