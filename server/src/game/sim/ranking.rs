//! Who is first, once a second.

use core::cmp::Reverse;

use shared::{engine::ids::PlayerId, game::timing::Timing};

use super::world::World;

/// Sorts the ships in flight by embers once a second; of two with as many, the lower number comes first.
pub(super) fn rank(world: &mut World, timing: &Timing) {
    if !world.tick.0.is_multiple_of(u32::from(timing.tick_rate)) {
        return;
    }
    let mut ranking = core::mem::take(&mut world.ranking);
    ranking.clear();
    ranking.extend(world.flying().map(|(id, _)| id));
    let embers =
        |id: &PlayerId| world.pilot(*id).and_then(|pilot| pilot.ship()).map_or(0, |ship| ship.flight.embers);
    ranking.sort_unstable_by_key(|id| (Reverse(embers(id)), *id));
    world.ranking = ranking;
}
