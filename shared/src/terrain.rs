//! An arena made ready for questions: which rocks are near a place.

use glam::Vec2;

use crate::{
    arena::{Arena, Rock},
    grid::Grid,
    limits::CELL_SIZE,
};

/// How far beyond its cell a mover may reach in one step: the largest hull plus a shot's longest way.
const REACH: f32 = 192.0;

/// An [`Arena`] with its rocks sorted into cells.
#[derive(Clone, Debug)]
pub struct Terrain {
    arena: Arena,
    grid: Grid,
    /// For each cell, the rocks within [`REACH`] of it, in the arena's order.
    near: Vec<Vec<Rock>>,
}

impl Terrain {
    /// Sorts the rocks of a valid arena.
    pub fn new(arena: Arena) -> Self {
        let grid = arena.grid();
        let mut near = vec![Vec::new(); grid.len()];
        for rock in &arena.rocks {
            let reach = Vec2::splat(rock.radius + REACH);
            for cell in grid.cells(grid.window(rock.centre, reach)) {
                near[usize::from(cell.0)].push(*rock);
            }
        }
        Self { arena, grid, near }
    }

    /// The arena.
    pub fn arena(&self) -> &Arena {
        &self.arena
    }

    /// Its grid.
    pub fn grid(&self) -> Grid {
        self.grid
    }

    /// Rocks that something no larger and no faster than 192 units at `place` could touch in one step.
    pub fn rocks_near(&self, place: Vec2) -> &[Rock] {
        &self.near[usize::from(self.grid.cell_at(place).0)]
    }

    /// Whether a circle lies free of rocks and walls.
    pub fn is_free(&self, centre: Vec2, radius: f32) -> bool {
        let radius = radius.min(CELL_SIZE);
        let inside = centre.x >= radius
            && centre.y >= radius
            && centre.x <= self.arena.size.x - radius
            && centre.y <= self.arena.size.y - radius;
        inside
            && self.rocks_near(centre).iter().all(|rock| {
                let apart = rock.radius + radius;
                rock.centre.distance_squared(centre) > apart * apart
            })
    }
}
