//! Ruins by a seed: a grid of rooms whose broken walls have doors. It must not know of files, nor of the ships that fly
//! there but how wide the largest is.

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use serde::Deserialize;
use shared::{
    Vec2,
    engine::game_trait::{RuleError, within},
    game::{
        arena::{Arena, BLOCK_HALF_MIN, Block},
        collision,
    },
};

/// A door is wider than the largest hull by this much, in units.
pub(super) const SLACK: f32 = 24.0;
/// Width of a crack through a wall: light and shots pass, no ship does.
const CRACK: f32 = 20.0;
/// The shortest piece of wall.
const PIECE_MIN: f32 = 2.0 * BLOCK_HALF_MIN;
/// The thickness of a tower, relative to the walls that meet in it.
const TOWER: f32 = 1.5;
/// Tries to place each piece of rubble.
const TRIES: u32 = 100;

/// How ruins are laid out: see `assets/arenas/README.md`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ruins {
    /// Of all chance in it.
    pub(super) seed: u64,
    /// Along x and along y.
    pub(super) rooms: (u16, u16),
    /// Thickness of walls.
    pub(super) wall: f32,
    /// Width of the narrowest door.
    pub(super) door: f32,
    /// Share of the walls that still stand.
    pub(super) keep: f32,
    /// Share of the standing walls without a door, where another way leads around.
    pub(super) shut: f32,
    /// Places where four rooms are one, with a monument in the middle.
    pub(super) courts: u16,
    /// Fallen blocks on the floors.
    pub(super) rubble: u16,
}

/// A wall between two neighbouring rooms.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wall {
    /// Fallen but for its stumps.
    Fallen,
    /// With a door.
    Door,
    /// From end to end.
    Shut,
    /// Nothing left: inside a court.
    Gone,
}

impl Ruins {
    /// Checks every number against its range, in an arena of this size whose largest hull is so wide.
    pub(super) fn validate(&self, arena: &Arena) -> Result<(), RuleError> {
        let (columns, rows) = self.rooms;
        within("ruins.rooms.0", columns.into(), 2.0, 16.0, "2 to 16")?;
        within("ruins.rooms.1", rows.into(), 2.0, 16.0, "2 to 16")?;
        within("ruins.wall", self.wall, PIECE_MIN, 160.0, "48 to 160")?;
        within("ruins.keep", self.keep, 0.0, 1.0, "0 to 1")?;
        within("ruins.shut", self.shut, 0.0, 1.0, "0 to 1")?;
        within("ruins.courts", self.courts.into(), 0.0, 64.0, "0 to 64")?;
        within("ruins.rubble", self.rubble.into(), 0.0, 256.0, "0 to 256")?;
        let widest = arena.rules.hulls.iter().map(|hull| hull.radius * 2.0).fold(0.0, f32::max);
        // Two pieces of wall and two halves of towers beside it.
        let longest = self.room(arena.size).min_element() - self.wall * TOWER - 2.0 * PIECE_MIN;
        let (least, most) = (widest + SLACK, longest / 1.25);
        if !(self.door >= least && self.door <= most) {
            let range = format!(
                "{least:.0} (the largest hull is {widest:.0} wide) to {most:.0} (what walls between {columns} by \
                 {rows} rooms have room for)"
            );
            return Err(RuleError::new("ruins.door", &self.door, range));
        }
        Ok(())
    }

    fn room(&self, size: Vec2) -> Vec2 {
        size / Vec2::new(self.rooms.0.into(), self.rooms.1.into())
    }

    /// Builds them in an arena that [`Self::validate`] was content with, beside the blocks that it has.
    pub(super) fn build(&self, arena: &mut Arena) {
        let mut site = Site {
            ruins: self,
            room: self.room(arena.size),
            size: arena.size,
            rng: Pcg64Mcg::seed_from_u64(self.seed),
            blocks: Vec::new(),
        };
        site.build();
        for Block { centre, half } in site.blocks {
            // Sums of lengths are not exact to the last digit.
            let half = half.max(Vec2::splat(BLOCK_HALF_MIN));
            arena.blocks.push(Block { centre: centre.clamp(half, arena.size - half), half });
        }
    }
}

struct Site<'a> {
    ruins: &'a Ruins,
    room: Vec2,
    size: Vec2,
    rng: Pcg64Mcg,
    blocks: Vec<Block>,
}

impl Site<'_> {
    fn build(&mut self) {
        let (columns, rows) = (usize::from(self.ruins.rooms.0), usize::from(self.ruins.rooms.1));
        let courts = self.choose_courts(columns, rows);
        // Every wall by the room before it: first those on its right, then those above it.
        let mut walls = vec![[Wall::Door; 2]; columns * rows];
        self.choose_walls(&mut walls, columns, rows);
        for &(column, row) in &courts {
            // The four walls that meet in the court's middle.
            walls[row * columns + column] = [Wall::Gone; 2];
            walls[(row + 1) * columns + column][0] = Wall::Gone;
            walls[row * columns + column + 1][1] = Wall::Gone;
        }
        for row in 0..rows {
            for column in 0..columns {
                let [right, above] = walls[row * columns + column];
                let corner = Vec2::new((column + 1) as f32, (row + 1) as f32) * self.room;
                if column + 1 < columns {
                    let ends = (row == 0, row + 1 == rows);
                    self.raise(right, corner - Vec2::new(0.0, self.room.y), Vec2::Y, ends);
                }
                if row + 1 < rows {
                    let ends = (column == 0, column + 1 == columns);
                    self.raise(above, corner - Vec2::new(self.room.x, 0.0), Vec2::X, ends);
                }
                if column + 1 < columns && row + 1 < rows {
                    if courts.contains(&(column, row)) {
                        self.monument(corner);
                    } else {
                        let half = Vec2::splat(self.ruins.wall * TOWER / 2.0);
                        self.blocks.push(Block { centre: corner, half });
                    }
                }
            }
        }
        self.scatter_rubble();
    }

    /// Rooms that are the lower left of a court; no two courts share a room.
    fn choose_courts(&mut self, columns: usize, rows: usize) -> Vec<(usize, usize)> {
        let mut places: Vec<_> =
            (0..rows - 1).flat_map(|row| (0..columns - 1).map(move |column| (column, row))).collect();
        self.shuffle(&mut places);
        let mut courts: Vec<(usize, usize)> = Vec::new();
        for place in places {
            let apart =
                |court: &(usize, usize)| court.0.abs_diff(place.0) > 1 || court.1.abs_diff(place.1) > 1;
            if courts.len() < usize::from(self.ruins.courts) && courts.iter().all(apart) {
                courts.push(place);
            }
        }
        courts
    }

    /// Which walls stand, and which of them have no door: never one that would cut rooms off from one another.
    fn choose_walls(&mut self, walls: &mut [[Wall; 2]], columns: usize, rows: usize) {
        let mut edges = Vec::new();
        for room in 0..columns * rows {
            if room % columns + 1 < columns {
                edges.push((room, room + 1, 0));
            }
            if room / columns + 1 < rows {
                edges.push((room, room + columns, 1));
            }
        }
        self.shuffle(&mut edges);
        // Rooms with the same number are joined by ways that are open whatever becomes of other walls.
        let mut group: Vec<usize> = (0..columns * rows).collect();
        for (room, next, side) in edges {
            let (old, new) = (group[room], group[next]);
            let joins = old != new;
            if joins {
                group.iter_mut().filter(|number| **number == old).for_each(|number| *number = new);
            }
            let stands = self.rng.random_bool(self.ruins.keep.into());
            let shut = self.rng.random_bool(self.ruins.shut.into());
            walls[room][side] = match (stands, shut && !joins) {
                (false, _) => Wall::Fallen,
                (true, false) => Wall::Door,
                (true, true) => Wall::Shut,
            };
        }
    }

    /// Raises a wall of one room's length from `from` along `way`; where it ends at the arena's wall there is no tower.
    fn raise(&mut self, wall: Wall, from: Vec2, way: Vec2, ends: (bool, bool)) {
        let tower = self.ruins.wall * TOWER / 2.0;
        let begin = if ends.0 { 0.0 } else { tower };
        let end = self.room.dot(way) - if ends.1 { 0.0 } else { tower };
        match wall {
            Wall::Gone => {}
            Wall::Shut => self.cracked(from, way, begin, end),
            Wall::Door => {
                let door = self.ruins.door * self.rng.random_range(1.0..1.25);
                let at =
                    begin + PIECE_MIN + (end - begin - 2.0 * PIECE_MIN - door) * self.rng.random::<f32>();
                self.cracked(from, way, begin, at);
                self.cracked(from, way, at + door, end);
            }
            Wall::Fallen => {
                let most = ((end - begin - self.ruins.door) / 2.0).min(3.0 * PIECE_MIN);
                for at_end in [false, true] {
                    let length = self.rng.random_range(PIECE_MIN..=most.max(PIECE_MIN));
                    if self.rng.random_bool(0.6) {
                        let (low, high) = if at_end { (end - length, end) } else { (begin, begin + length) };
                        self.piece(from, way, low, high);
                    }
                }
            }
        }
    }

    /// A length of wall, cracked here and there.
    fn cracked(&mut self, from: Vec2, way: Vec2, mut begin: f32, end: f32) {
        while end - begin > 4.0 * PIECE_MIN {
            let length = self.rng.random_range(1.5 * PIECE_MIN..5.0 * PIECE_MIN);
            if begin + length + CRACK + PIECE_MIN > end {
                break;
            }
            self.piece(from, way, begin, begin + length);
            // Some pieces only lean on the next.
            begin += length + if self.rng.random_bool(0.5) { CRACK } else { 0.0 };
        }
        self.piece(from, way, begin, end);
    }

    fn piece(&mut self, from: Vec2, way: Vec2, begin: f32, end: f32) {
        let worn = self.rng.random_range(0.8..1.0_f32);
        let thick = (self.ruins.wall * worn / 2.0).max(BLOCK_HALF_MIN);
        let half = way * ((end - begin) / 2.0) + way.perp().abs() * thick;
        self.blocks.push(Block { centre: from + way * ((begin + end) / 2.0), half });
    }

    /// Four pillars around the middle of a court.
    fn monument(&mut self, middle: Vec2) {
        let half = Vec2::splat((self.ruins.wall * 0.6).max(BLOCK_HALF_MIN));
        let apart = self.ruins.door / 2.0 + half.x;
        for (x, y) in [(1.0, 1.0), (-1.0, 1.0), (-1.0, -1.0), (1.0, -1.0)] {
            self.blocks.push(Block { centre: middle + Vec2::new(x, y) * apart, half });
        }
    }

    /// Blocks that lie about, each a door's width from all others and from the arena's walls.
    fn scatter_rubble(&mut self) {
        for _ in 0..self.ruins.rubble {
            for _ in 0..TRIES {
                let mut side = || self.rng.random_range(BLOCK_HALF_MIN..=self.ruins.wall.max(BLOCK_HALF_MIN));
                let half = Vec2::new(side(), side());
                let margin = half + Vec2::splat(self.ruins.door);
                let place = Vec2::new(self.rng.random(), self.rng.random());
                let centre = margin + place * (self.size - margin * 2.0);
                let free = |block: &Block| {
                    let apart = block.half + half;
                    collision::overlap_box(centre, self.ruins.door, block.centre, apart).is_none()
                };
                if self.blocks.iter().all(free) {
                    self.blocks.push(Block { centre, half });
                    break;
                }
            }
        }
    }

    fn shuffle<T>(&mut self, list: &mut [T]) {
        for last in (1..list.len()).rev() {
            let other = self.rng.random_range(0..=last);
            list.swap(last, other);
        }
    }
}
