//! An arena indexed by cell: which rocks and blocks are near a position.

use glam::Vec2;

use crate::{
    engine::{game_trait::Arena as _, grid::Grid, limits::CELL_SIZE},
    game::{
        arena::{Arena, Block, Rock},
        collision,
    },
};

/// How far beyond its cell something may reach in one step: the largest hull plus a shot's longest step.
const REACH: f32 = 192.0;

/// An [`Arena`] with its rocks and blocks sorted into cells.
#[derive(Clone, Debug)]
pub struct Terrain {
    arena: Arena,
    grid: Grid,
    /// For each cell, the rocks within [`REACH`] of it, in the arena's order.
    rocks: Vec<Vec<Rock>>,
    /// The same for blocks; empty if the arena has none.
    blocks: Vec<Vec<Block>>,
}

impl Terrain {
    /// Indexes the rocks and blocks of a valid arena.
    pub fn new(arena: Arena) -> Self {
        let grid = arena.grid();
        let rocks = sorted(&arena.rocks, grid, |rock| (rock.centre, Vec2::splat(rock.radius)));
        let blocks = match &arena.blocks[..] {
            [] => Vec::new(),
            blocks => sorted(blocks, grid, |block| (block.centre, block.half)),
        };
        Self { arena, grid, rocks, blocks }
    }

    /// The arena.
    pub fn arena(&self) -> &Arena {
        &self.arena
    }

    /// Its grid.
    pub fn grid(&self) -> Grid {
        self.grid
    }

    /// Rocks within 192 units of the cell that contains `place`.
    pub fn rocks_near(&self, place: Vec2) -> &[Rock] {
        &self.rocks[usize::from(self.grid.cell_at(place).0)]
    }

    /// Blocks within 192 units of the cell that contains `place`.
    pub fn blocks_near(&self, place: Vec2) -> &[Block] {
        if self.blocks.is_empty() {
            return &[];
        }
        &self.blocks[usize::from(self.grid.cell_at(place).0)]
    }

    /// Whether a circle touches no rock, block or wall.
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
            && self
                .blocks_near(centre)
                .iter()
                .all(|block| collision::overlap_box(centre, radius, block.centre, block.half).is_none())
    }
}

/// For each cell, the items within [`REACH`] of it; `bounds` returns an item's centre and half size.
fn sorted<T: Copy>(all: &[T], grid: Grid, bounds: impl Fn(&T) -> (Vec2, Vec2)) -> Vec<Vec<T>> {
    let mut cells = vec![Vec::new(); grid.len()];
    for one in all {
        let (centre, half) = bounds(one);
        for cell in grid.cells(grid.window(centre, half + Vec2::splat(REACH))) {
            cells[usize::from(cell.0)].push(*one);
        }
    }
    cells
}
