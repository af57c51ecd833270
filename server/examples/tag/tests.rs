//! What must stay true of the game's messages and of its rules. `tests/plays.rs` plays it.

use std::path::Path;

use shared::{
    engine::{game_trait::Arena as _, protocol::Samples, vectors},
    prelude::*,
};

use crate::{Arena, Look, Runner, Tag, Tagged};

/// A value of each type that is sent, and of each variant: the test vectors are made of them.
impl Samples for Tag {
    fn arena() -> Arena {
        let size = Vec2::new(2048.0, 1536.0);
        Arena {
            name: "Yard".to_owned(),
            size,
            radius: 22.0,
            speed: 260.0,
            it_speed: 1.15,
            grace_seconds: 1.0,
        }
    }

    fn inputs() -> Vec<Stick> {
        vec![Stick::default(), Stick { x: 100, y: -127 }]
    }

    fn owns() -> Vec<Option<Runner>> {
        let motion = Motion { position: Vec2::new(1.0, 2.0), velocity: Vec2::new(3.0, 4.0) };
        vec![None, Some(Runner { motion, is_it: true })]
    }

    fn looks() -> Vec<Look> {
        vec![Look { is_it: true, ..Look::default() }]
    }

    fn items() -> Vec<()> {
        vec![()]
    }

    fn events() -> Vec<u8> {
        vec![7]
    }

    fn notices() -> Vec<Tagged> {
        vec![Tagged { it: PlayerId(1), by: PlayerId(2) }]
    }
}

#[test]
fn vectors_and_schemas_are_up_to_date() {
    vectors::check::<Tag>(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn runner_comes_to_its_speed_and_stays_in_the_arena() {
    let arena = Tag::arena();
    arena.validate().expect("a valid arena");
    let map = Tag::map(arena.clone(), 30);
    for way in [Vec2::X, Vec2::Y, Vec2::NEG_X, Vec2::NEG_Y, Vec2::ONE] {
        let motion = Motion { position: arena.size / 2.0, velocity: Vec2::ZERO };
        let mut runner = Runner { motion, ..Runner::default() };
        let mut fastest = 0.0_f32;
        for _ in 0..300 {
            Tag::step_avatar(&mut runner, Stick::towards(way), &map);
            fastest = fastest.max(runner.motion.velocity.length());
            runner.motion.validate(arena.size).expect("it is in the arena");
        }
        assert!(fastest > arena.speed * 0.95 && fastest <= arena.speed * 1.01, "{fastest}");
        assert_eq!(runner.motion.velocity, Vec2::ZERO, "a wall stops it");
    }
}
