//! Blocks as ships and shots meet them, with numbers anywhere within their bounds.

use glam::Vec2;
use proptest::prelude::*;
use shared::{
    engine::{
        body::Motion,
        input::{Angle, Buttons, PlayerInput},
        limits::{TICK_RATE_MAX, TICK_RATE_MIN},
        protocol::Samples,
    },
    game::{
        Emberdrift,
        arena::{Arena, BLOCK_HALF_MIN, Block, Rock},
        collision,
        mode::Mode,
        movement,
        rules::Rules,
        shot::{self, ShotStep},
        terrain::Terrain,
    },
};

const SIDE: f32 = 1024.0;
/// What movement takes for rounding, in units.
const TOUCH: f32 = 1.0 / 16.0;

fn rules() -> Rules {
    Emberdrift::arena().rules
}

fn terrain(rocks: Vec<Rock>, blocks: Vec<Block>, rules: Rules) -> Terrain {
    Terrain::new(Arena {
        name: "Test".into(),
        size: Vec2::splat(SIDE),
        mode: Mode::Free,
        rocks,
        blocks,
        rules,
    })
}

fn place() -> impl Strategy<Value = Vec2> {
    (0.0..SIDE, 0.0..SIDE).prop_map(Vec2::from)
}

/// One to twelve blocks, across one another or with slits between as chance has it.
fn blocks() -> impl Strategy<Value = Vec<Block>> {
    let sizes = (BLOCK_HALF_MIN..160.0_f32, BLOCK_HALF_MIN..160.0_f32);
    let block = (place(), sizes).prop_map(|(centre, half)| {
        let half = Vec2::from(half);
        Block { centre: centre.clamp(half, Vec2::splat(SIDE) - half), half }
    });
    proptest::collection::vec(block, 1..12)
}

/// Rules with a hull of any size and as fast as may be, drag from none to the most.
fn wild_rules() -> impl Strategy<Value = Rules> {
    (4.0..64.0_f32, 1.0..5000.0_f32, 1.0..1000.0_f32, 1.0..4.0_f32, 0.0..1.0_f32, 0.0..8.0_f32).prop_map(
        |(radius, thrust, top_speed, boost, bounce, drag)| {
            let mut rules = rules();
            rules.hulls.iter_mut().for_each(|hull| {
                (hull.radius, hull.thrust, hull.top_speed) = (radius, thrust, top_speed);
            });
            (rules.boost.thrust, rules.boost.top_speed) = (boost, boost);
            (rules.bounce, rules.drag) = (bounce, drag);
            rules
        },
    )
}

/// The fastest that rules allow is 4000 units/s.
fn motion(position: Vec2) -> impl Strategy<Value = Motion> {
    (any::<u16>(), 0.0..4000.0_f32)
        .prop_map(move |(way, speed)| Motion { position, velocity: Angle(way).unit() * speed })
}

fn inputs() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(any::<u8>(), 1..80)
}

fn fly(motion: &mut Motion, buttons: u8, terrain: &Terrain, tick_rate: u16) {
    let input = PlayerInput { buttons: Buttons(buttons & 15), aim: Angle(0) };
    let hull = &terrain.arena().rules.hulls[0];
    movement::step(motion, input, hull, buttons & 16 != 0, terrain, 1.0 / f32::from(tick_rate));
}

/// How deep a circle is in a block.
fn depth(place: Vec2, radius: f32, blocks: &[Block]) -> f32 {
    let depths = blocks.iter().filter_map(|b| collision::overlap_box(place, radius, b.centre, b.half));
    depths.map(|(_, depth)| depth).fold(0.0, f32::max)
}

proptest! {
    // Many a start is inside a block.
    #![proptest_config(ProptestConfig { max_global_rejects: 1 << 20, ..ProptestConfig::default() })]

    #[test]
    fn a_ship_never_ends_inside_a_block(
        blocks in blocks(),
        rocks in proptest::collection::vec((place(), 8.0..120.0_f32), 0..4),
        rules in wild_rules(),
        start in place().prop_flat_map(motion),
        inputs in inputs(),
        tick_rate in TICK_RATE_MIN..=TICK_RATE_MAX,
    ) {
        let rocks = rocks.into_iter().map(|(centre, radius)| Rock { centre, radius }).collect();
        let radius = rules.hulls[0].radius;
        let terrain = terrain(rocks, blocks, rules);
        prop_assume!(terrain.is_free(start.position, radius));
        let mut motion = start;
        for buttons in inputs {
            fly(&mut motion, buttons, &terrain, tick_rate);
            prop_assert!(motion.position.is_finite() && motion.velocity.is_finite());
            let deep = depth(motion.position, radius, &terrain.arena().blocks);
            prop_assert!(deep <= TOUCH, "{deep} deep at {}", motion.position);
            let inside = motion.position.clamp(Vec2::splat(radius), Vec2::splat(SIDE - radius));
            prop_assert_eq!(motion.position, inside);
        }
    }

    #[test]
    fn a_ship_never_leaves_a_closed_court(
        rules in wild_rules(),
        start in motion(Vec2::splat(512.0)),
        inputs in inputs(),
        tick_rate in TICK_RATE_MIN..=TICK_RATE_MAX,
    ) {
        // The thinnest walls there may be.
        let court = 200.0;
        let [long, thin] = [court + 2.0 * BLOCK_HALF_MIN, BLOCK_HALF_MIN];
        let wall = |x: f32, y: f32, half_x, half_y| Block {
            centre: Vec2::splat(512.0) + Vec2::new(x, y) * (court + thin),
            half: Vec2::new(half_x, half_y),
        };
        let blocks = vec![
            wall(1.0, 0.0, thin, long),
            wall(-1.0, 0.0, thin, long),
            wall(0.0, 1.0, long, thin),
            wall(0.0, -1.0, long, thin),
        ];
        let terrain = terrain(Vec::new(), blocks, rules);
        let mut motion = start;
        for buttons in inputs {
            fly(&mut motion, buttons, &terrain, tick_rate);
            let beyond = (motion.position - Vec2::splat(512.0)).abs().max_element();
            prop_assert!(beyond <= court, "left at {}", motion.position);
        }
    }

    #[test]
    fn who_meets_no_block_flies_as_if_there_were_none(
        block in blocks(),
        rules in wild_rules(),
        start in place().prop_flat_map(motion),
        inputs in inputs(),
    ) {
        let radius = rules.hulls[0].radius;
        let rock = Rock { centre: Vec2::splat(512.0), radius: 90.0 };
        let open = terrain(vec![rock], Vec::new(), rules.clone());
        let built = terrain(vec![rock], block, rules);
        prop_assume!(open.is_free(start.position, radius));
        let (mut there, mut here) = (start, start);
        for buttons in inputs {
            // Of the way in a tick the ends are known: as long as nothing is as near as that, nothing was met.
            let near = here.velocity.length() / 30.0 + 5000.0 * 4.0 / 900.0;
            if depth(here.position, radius + near, &built.arena().blocks) > 0.0 {
                break;
            }
            fly(&mut there, buttons, &open, 30);
            fly(&mut here, buttons, &built, 30);
            prop_assert_eq!(there, here);
        }
    }

    #[test]
    fn the_seam_of_two_blocks_is_not_felt(
        mut rules in wild_rules(),
        start in motion(Vec2::new(512.0, 400.0)),
        inputs in inputs(),
    ) {
        // No ship so small and so fast that its very centre comes to be inside.
        rules.hulls.iter_mut().for_each(|hull| hull.radius = hull.radius.max(28.0));
        // Whole numbers, so that the halves end just where the whole does.
        let wall = |x: f32, half: f32| Block { centre: Vec2::new(x, 600.0), half: Vec2::new(half, 32.0) };
        let whole = terrain(Vec::new(), vec![wall(512.0, 512.0)], rules.clone());
        let parts = terrain(Vec::new(), vec![wall(256.0, 256.0), wall(768.0, 256.0)], rules);
        let (mut one, mut two) = (start, start);
        for buttons in inputs {
            // Up, against the wall, more often than not.
            let buttons = if buttons & 64 == 0 { buttons | Buttons::UP.0 & !Buttons::DOWN.0 } else { buttons };
            fly(&mut one, buttons, &whole, 30);
            fly(&mut two, buttons, &parts, 30);
            prop_assert_eq!(one, two);
        }
    }

    #[test]
    fn shots_never_pass_through_blocks(
        blocks in blocks(),
        start in place(),
        direction: u16,
        speed in 10.0..1200.0_f32,
        tick_rate in TICK_RATE_MIN..=TICK_RATE_MAX,
    ) {
        let mut rules = rules();
        rules.shot.speed = speed;
        let terrain = terrain(Vec::new(), blocks, rules);
        let way = shot::way(Angle(direction), &terrain.arena().rules.shot, 1.0 / f32::from(tick_rate));
        prop_assume!(terrain.is_free(start, 0.01));
        let mut from = start;
        for _ in 0..200 {
            let flown = shot::fly(from, way, &terrain);
            let (ShotStep::Flying(to) | ShotStep::Struck(to)) = flown;
            let on_wall = to.min_element() <= 0.0 || to.max_element() >= SIDE;
            // At a wall it ends on the nearest place inside, which is not on its way.
            for share in 1..=if on_wall { 0 } else { 32_u8 } {
                let point = from + (to - from) * (f32::from(share) / 33.0);
                let deep = depth(point, 0.01, &terrain.arena().blocks);
                prop_assert!(deep <= 0.02, "{deep} deep at {point}");
            }
            if flown == ShotStep::Struck(to) {
                let on_block = depth(to, 0.01, &terrain.arena().blocks) > 0.0;
                prop_assert!(on_block || on_wall, "it ended at {to}, on nothing");
                return Ok(());
            }
            from = to;
        }
    }
}

#[test]
fn a_ship_glances_off_a_block_as_off_a_rock() {
    let mut rules = rules();
    (rules.bounce, rules.drag) = (0.5, 0.0);
    rules.hulls[0].radius = 20.0;
    rules.hulls[0].top_speed = 400.0;
    let block = Block { centre: Vec2::new(600.0, 500.0), half: Vec2::new(50.0, 100.0) };
    let terrain = terrain(Vec::new(), vec![block], rules);
    let mut motion = Motion { position: Vec2::new(525.0, 480.0), velocity: Vec2::new(300.0, 60.0) };
    fly(&mut motion, 0, &terrain, 30);
    // Half of the speed into the wall comes back; what goes along it stays.
    assert_eq!(motion.velocity, Vec2::new(-150.0, 60.0));
    assert!(motion.position.x <= 530.0 && motion.position.y > 480.0, "{}", motion.position);
}
