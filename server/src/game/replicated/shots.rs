//! Shots as they are sent: as records of a cell, which viewers at the reduced rate get some ticks later.

use shared::{
    engine::{
        grid::Grid,
        ids::CellIndex,
        protocol::{dequantize, quantize},
    },
    game::{
        protocol::{Event, ShotRecord},
        shot::{self, ShotStep},
        terrain::Terrain,
    },
};

use crate::game::sim::Shot;

/// The cell that a shot is in, and its record.
pub(super) fn shot_record(shot: &Shot, grid: Grid) -> (CellIndex, ShotRecord) {
    let place = quantize(shot.position, grid);
    let record = ShotRecord {
        id: shot.id,
        owner: shot.owner,
        x: place.x,
        y: place.y,
        direction: shot.direction,
        ticks_left: shot.ticks_left,
    };
    (place.cell, record)
}

/// Moves a recorded shot by one tick. `false` when it has ended, or has left the cell: then the next cell lists it.
fn advance(record: &mut ShotRecord, cell: CellIndex, terrain: &Terrain, dt: f32) -> bool {
    let from = dequantize(cell, i32::from(record.x), i32::from(record.y), terrain.grid());
    let way = shot::way(record.direction, &terrain.arena().rules.shot, dt);
    let ShotStep::Flying(to) = shot::fly(from, way, terrain) else { return false };
    let place = quantize(to, terrain.grid());
    (record.x, record.y) = (place.x, place.y);
    record.ticks_left = record.ticks_left.saturating_sub(1);
    record.ticks_left > 0 && place.cell == cell
}

/// Adds a tick's events to those of the ticks before it. The shots listed so far have flown on by a tick.
pub(super) fn merge(events: &mut Vec<Event>, tick: &[Event], cell: CellIndex, terrain: &Terrain, dt: f32) {
    // Viewers of this cell need not see a shot that has already ended, but viewers of another may have it.
    let has_ended = |id| tick.iter().any(|event| matches!(event, Event::Hit(hit) if hit.shot == id));
    events.retain_mut(|event| match event {
        Event::Shot(shot) => advance(shot, cell, terrain, dt) && !has_ended(shot.id),
        Event::Hit(_) | Event::Death(_) => true,
    });
    // Of this tick's own, too.
    events.extend(
        tick.iter().copied().filter(|event| !matches!(event, Event::Shot(shot) if has_ended(shot.id))),
    );
}

#[cfg(test)]
mod tests {
    use shared::{
        Vec2,
        engine::{ids::PlayerId, input::Angle},
        game::shot::{Hit, ShotId},
    };

    use super::*;
    use crate::game::arena_file;

    fn terrain() -> Terrain {
        let mut arena = arena_file::load("drift").expect("the arena is embedded");
        arena.rocks.clear();
        Terrain::new(arena)
    }

    fn shot(id: u16, position: Vec2, ticks_left: u8) -> Shot {
        let (owner, direction, cell) = (PlayerId(1), Angle(0), CellIndex(0));
        Shot { id: ShotId(id), owner, position, direction, ticks_left, cell }
    }

    #[test]
    fn recorded_shot_flies_on_until_it_ends_or_leaves_its_cell() {
        let terrain = terrain();
        let dt = 0.05;
        let way = terrain.arena().rules.shot.speed * dt;
        let (cell, mut record) = shot_record(&shot(1, Vec2::new(300.0, 100.0), 9), terrain.grid());
        assert!(advance(&mut record, cell, &terrain, dt));
        let place = dequantize(cell, record.x.into(), record.y.into(), terrain.grid());
        assert!(place.distance(Vec2::new(300.0 + way, 100.0)) < 0.1, "{place}");
        assert_eq!(record.ticks_left, 8);
        let (cell, mut last) = shot_record(&shot(2, Vec2::new(300.0, 100.0), 1), terrain.grid());
        assert!(!advance(&mut last, cell, &terrain, dt), "its time is over");
        let (cell, mut leaves) = shot_record(&shot(3, Vec2::new(500.0, 100.0), 9), terrain.grid());
        assert!(!advance(&mut leaves, cell, &terrain, dt), "it is in the next cell");
    }
    #[test]
    fn merged_ticks_list_what_a_viewer_has_missed() {
        let terrain = terrain();
        let cell = CellIndex(0);
        let record = |id| Event::Shot(shot_record(&shot(id, Vec2::new(100.0, 100.0), 9), terrain.grid()).1);
        let hit = Event::Hit(Hit { shot: ShotId(1), ship: PlayerId(4) });
        let mut pending = Vec::new();
        merge(&mut pending, &[record(1), record(2)], cell, &terrain, 0.05);
        merge(&mut pending, &[hit], cell, &terrain, 0.05);
        let [Event::Shot(left), found] = pending[..] else { panic!("the first shot has hit: {pending:?}") };
        assert_eq!((left.id, found), (ShotId(2), hit));
        assert!(left.x > 1600 && left.ticks_left == 8, "the second has flown on by a tick");
    }
}
