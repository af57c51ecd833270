//! Blocks of wall as slabs that look like one wall where they meet.

use shared::{Vec2, game::arena::Block};

use crate::engine::page::{gpu_data::put, noise::Random, view::View};

/// How far light and shadow reach around a block: as far as the shader draws them.
const REACH: f32 = 40.0;

/// A block, and how it is drawn.
#[derive(Clone, Copy, Debug)]
pub struct Slab {
    block: Block,
    /// 1 where another block goes on: left, right, below, above.
    joined: [f32; 4],
    /// Of the shader's noise.
    seed: f32,
}

/// The slabs of an arena, in the order in which they are drawn: thick ones are towers, and stand above the walls that
/// meet in them.
pub fn slabs(blocks: &[Block]) -> Vec<Slab> {
    let thickness = |slab: &Slab| slab.block.half.min_element();
    let mut slabs: Vec<Slab> = Vec::new();
    for (number, block) in (0_u32..).zip(blocks) {
        let seed = Random::new(number.wrapping_add(7)).unit() * 100.0;
        let slab = Slab { block: *block, joined: joined(*block, blocks), seed };
        let place = slabs.partition_point(|other| thickness(other) <= thickness(&slab));
        slabs.insert(place, slab);
    }
    slabs
}

impl Slab {
    /// Whether it, its light or its shadow is in view.
    pub fn is_in(&self, view: &View) -> bool {
        let apart = (self.block.centre - view.camera).abs() - self.block.half - view.half;
        apart.max_element() < REACH
    }

    /// Appends its instance: ten floats. `is_body`, or else its light and shadow.
    pub fn put(&self, bytes: &mut Vec<u8>, is_body: bool) {
        let Block { centre, half } = self.block;
        put(bytes, [centre.x, centre.y, half.x, half.y]);
        put(bytes, self.joined);
        put(bytes, [self.seed, f32::from(u8::from(is_body))]);
    }
}

/// On which sides another block covers the whole side.
fn joined(block: Block, blocks: &[Block]) -> [f32; 4] {
    let covers = |place: Vec2| {
        blocks.iter().any(|other| *other != block && (place - other.centre).abs().cmple(other.half).all())
    };
    [Vec2::NEG_X, Vec2::X, Vec2::NEG_Y, Vec2::Y].map(|side| {
        let middle = block.centre + side * (block.half + Vec2::ONE);
        let along = side.perp() * (block.half - Vec2::ONE);
        if covers(middle - along) && covers(middle + along) { 1.0 } else { 0.0 }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(x: f32, y: f32, half_x: f32, half_y: f32) -> Block {
        Block { centre: Vec2::new(x, y), half: Vec2::new(half_x, half_y) }
    }

    #[test]
    fn a_side_is_joined_where_another_block_covers_all_of_it() {
        let beam = block(0.0, 0.0, 100.0, 20.0);
        let right = block(130.0, 0.0, 30.0, 20.0);
        assert_eq!(joined(beam, &[beam, right]), [0.0, 1.0, 0.0, 0.0]);
        assert_eq!(joined(right, &[beam, right]), [1.0, 0.0, 0.0, 0.0]);
        let small = block(130.0, 0.0, 30.0, 10.0);
        assert_eq!(joined(beam, &[beam, small]), [0.0; 4], "it covers half of the side only");
        let apart = block(140.0, 0.0, 30.0, 20.0);
        assert_eq!(joined(beam, &[beam, apart]), [0.0; 4]);
    }

    #[test]
    fn a_block_is_not_joined_to_itself() {
        let alone = block(0.0, 0.0, 100.0, 20.0);
        assert_eq!(joined(alone, &[alone]), [0.0; 4]);
    }

    #[test]
    fn thick_slabs_are_drawn_last_and_equal_ones_in_their_order() {
        let blocks =
            [block(0.0, 0.0, 50.0, 50.0), block(1.0, 0.0, 100.0, 10.0), block(2.0, 0.0, 10.0, 300.0)];
        let order: Vec<f32> = slabs(&blocks).iter().map(|slab| slab.block.centre.x).collect();
        assert_eq!(order, [1.0, 2.0, 0.0]);
    }

    #[test]
    fn a_slab_is_in_view_as_long_as_its_shadow_is() {
        let view = View { half: Vec2::splat(100.0), ..View::default() };
        let at = |x| slabs(&[block(x, 0.0, 10.0, 10.0)])[0];
        assert!(at(0.0).is_in(&view) && at(110.0 + REACH - 1.0).is_in(&view));
        assert!(!at(110.0 + REACH + 1.0).is_in(&view));
    }

    #[test]
    fn light_and_body_are_instances_of_ten_floats() {
        let slab = slabs(&[block(3.0, 4.0, 5.0, 6.0)])[0];
        let mut bytes = Vec::new();
        slab.put(&mut bytes, false);
        slab.put(&mut bytes, true);
        let floats: Vec<f32> =
            bytes.chunks_exact(4).map(|four| f32::from_le_bytes(four.try_into().unwrap())).collect();
        assert_eq!((floats.len(), floats[9], floats[19]), (20, 0.0, 1.0));
        assert_eq!(floats[..4], [3.0, 4.0, 5.0, 6.0]);
    }
}
