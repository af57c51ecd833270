//! Whether an arena can be played in: ships find room in it, none is wedged between its blocks, and every place can be
//! reached from every other. It must not know where the arena comes from.

use shared::{
    Vec2,
    game::{
        arena::{Block, SPAWN_CLEARANCE},
        terrain::Terrain,
    },
};

/// Distance between two places that are looked at, in units.
const STEP: f32 = 24.0;
/// Least share of an arena in which a ship can come into the world.
const ROOM_MIN: f32 = 0.1;
/// A way for the largest hull is wider than it by at least this much, in units.
const SLACK: f32 = 8.0;
/// The widest slit that no ship gets into, in radii of the smallest hull.
const SLIT: f32 = 1.5;

/// Why an arena cannot be played in.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub(super) enum GroundError {
    /// Some hulls fit, others do not, and one that grows would be stuck.
    #[error(
        "{one} and {other} leave a gap of {gap:.0} units, which must be at most {slit:.0} (no hull gets in) or at \
         least {way:.0} (every hull gets through); move one of them"
    )]
    Narrow {
        /// Its key, or the arena's wall.
        one: String,
        /// Its key.
        other: String,
        /// Between the two.
        gap: f32,
        /// The widest that no hull gets into.
        slit: f32,
        /// The narrowest that all get through.
        way: f32,
    },
    /// Too much rock.
    #[error(
        "only {percent:.0} % of the arena is free for a new ship, which needs a circle of 60 units; it must be 10 % \
         at least; remove rocks or blocks, or raise size"
    )]
    Cramped {
        /// Of the arena's area.
        percent: f32,
    },
    /// A part without a way into it.
    #[error(
        "the place around ({x:.0}, {y:.0}) cannot be reached from around ({from_x:.0}, {from_y:.0}); open a way of \
         {way:.0} units between rocks or blocks"
    )]
    ClosedOff {
        /// In the part that is closed off.
        x: f32,
        /// In the part that is closed off.
        y: f32,
        /// In the largest part.
        from_x: f32,
        /// In the largest part.
        from_y: f32,
        /// Wide enough for all.
        way: f32,
    },
}

/// Checks an arena whose numbers are valid.
pub(super) fn check(terrain: &Terrain) -> Result<(), GroundError> {
    let radii = terrain.arena().rules.hulls.iter().map(|hull| hull.radius);
    let widest = radii.clone().fold(0.0, f32::max);
    let smallest = radii.fold(f32::INFINITY, f32::min);
    let way = 2.0 * widest + SLACK;
    no_narrow_gaps(terrain, smallest * SLIT, way)?;
    all_in_one_piece(terrain, smallest, way)
}

fn no_narrow_gaps(terrain: &Terrain, slit: f32, way: f32) -> Result<(), GroundError> {
    let arena = terrain.arena();
    // The arena's walls are like blocks around it.
    let (middle, half) = (arena.size / 2.0, arena.size);
    let mut all: Vec<_> = [Vec2::X, Vec2::NEG_X, Vec2::Y, Vec2::NEG_Y]
        .map(|side| Block { centre: middle + side * (middle + half), half })
        .into();
    let walls = all.len();
    all.extend_from_slice(&arena.blocks);
    let name = |i: usize| i.checked_sub(walls).map_or("the arena's wall".into(), |i| format!("blocks[{i}]"));
    for i in walls..all.len() {
        for j in 0..i {
            let gap = gap_between(&all[i], &all[j]).length();
            let is_narrow = gap > slit && gap < way;
            if is_narrow && !all.iter().any(|third| fills_gap(third, &all[i], &all[j], slit)) {
                return Err(GroundError::Narrow { one: name(j), other: name(i), gap, slit, way });
            }
        }
    }
    Ok(())
}

/// How far apart two blocks are along each axis; 0 where they are side by side.
fn gap_between(one: &Block, other: &Block) -> Vec2 {
    ((one.centre - other.centre).abs() - one.half - other.half).max(Vec2::ZERO)
}

/// Whether a third block stands between two, but for slits, so that no ship can be between them.
fn fills_gap(third: &Block, one: &Block, other: &Block, slit: f32) -> bool {
    let (one_low, one_high) = (one.centre - one.half, one.centre + one.half);
    let (other_low, other_high) = (other.centre - other.half, other.centre + other.half);
    // The rectangle between them: where they are side by side along an axis, that is what both span.
    let (a, b) = (one_low.max(other_low), one_high.min(other_high));
    let (low, high) = (a.min(b), a.max(b));
    let inside = third.half + Vec2::splat(slit);
    ((low - third.centre).abs().cmple(inside) & (high - third.centre).abs().cmple(inside)).all()
}

/// Whether one can get by ship from every place where ships come into the world to every other.
fn all_in_one_piece(terrain: &Terrain, radius: f32, way: f32) -> Result<(), GroundError> {
    let size = terrain.arena().size;
    let columns = (size.x / STEP) as usize;
    let rows = (size.y / STEP) as usize;
    let place = |i: usize| (Vec2::new((i % columns) as f32, (i / columns) as f32) + Vec2::splat(0.5)) * STEP;
    let free: Vec<bool> = (0..columns * rows).map(|i| terrain.is_free(place(i), radius)).collect();
    let spawns: Vec<usize> =
        (0..columns * rows).filter(|i| free[*i] && terrain.is_free(place(*i), SPAWN_CLEARANCE)).collect();
    let share = spawns.len() as f32 / (columns * rows) as f32;
    if share < ROOM_MIN {
        return Err(GroundError::Cramped { percent: share * 100.0 });
    }

    let mut part = vec![usize::MAX; columns * rows];
    let mut parts: Vec<(usize, usize)> = Vec::new();
    for &start in &spawns {
        if part[start] == usize::MAX {
            parts.push((flood(&mut part, parts.len(), start, columns, &free), start));
        }
    }
    let largest = parts.iter().max_by_key(|(size, _)| *size).map_or(0, |(_, start)| part[*start]);
    match parts.iter().find(|(_, start)| part[*start] != largest) {
        None => Ok(()),
        Some((_, start)) => {
            let (there, here) = (place(*start), place(parts[largest].1));
            let (x, y, from_x, from_y) = (there.x, there.y, here.x, here.y);
            Err(GroundError::ClosedOff { x, y, from_x, from_y, way })
        }
    }
}

/// Numbers all free places that can be reached from `start`, and counts them.
fn flood(part: &mut [usize], number: usize, start: usize, columns: usize, free: &[bool]) -> usize {
    let rows = free.len() / columns;
    let (mut open, mut count) = (vec![start], 1);
    part[start] = number;
    while let Some(here) = open.pop() {
        let (column, row) = (here % columns, here / columns);
        for y in row.saturating_sub(1)..(row + 2).min(rows) {
            for x in column.saturating_sub(1)..(column + 2).min(columns) {
                let next = y * columns + x;
                if free[next] && part[next] == usize::MAX {
                    part[next] = number;
                    count += 1;
                    open.push(next);
                }
            }
        }
    }
    count
}
