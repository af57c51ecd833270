//! An arena, a ship and random numbers, for tests.

use shared::{
    Vec2,
    engine::{
        game_trait::Arena as _,
        input::{Angle, Buttons, PlayerInput},
    },
    game::{
        arena::{Arena, Rock},
        flight::Flight,
        mode::Mode,
        protocol::OwnShip,
        rules::{BoostRules, DroneRules, EmberRules, Hull, PickupRules, Rules, ShotRules},
        terrain::Terrain,
    },
};

pub(crate) fn rules() -> Rules {
    let hull = |embers, radius, thrust, top_speed| Hull {
        embers,
        radius,
        health: 60.0,
        thrust,
        top_speed,
        shots: 1,
        reach: 80.0,
    };
    Rules {
        view: Vec2::new(500.0, 300.0),
        drag: 1.1,
        bounce: 0.45,
        hulls: [
            hull(0, 18.0, 980.0, 400.0),
            hull(25, 23.0, 900.0, 380.0),
            hull(70, 29.0, 820.0, 358.0),
            hull(150, 36.0, 740.0, 335.0),
            hull(300, 41.0, 680.0, 318.0),
            hull(600, 46.0, 620.0, 301.0),
            hull(1000, 51.0, 560.0, 284.0),
        ],
        boost: BoostRules { thrust: 1.9, top_speed: 1.65, embers_per_second: 4.0 },
        shot: ShotRules { speed: 880.0, life: 0.85, damage: 12.0, reload: 0.24, spread: 5.0 },
        embers: EmberRules {
            supply: 100,
            per_pilot: 20,
            emit_per_second: 10.0,
            at_spawn: 5,
            smoulder_above: 250,
            smoulder: 0.01,
        },
        pickups: PickupRules {
            max: 4,
            every_seconds: 5.0,
            shield_seconds: 6.0,
            rapid_seconds: 8.0,
            rapid_reload: 0.5,
            magnet_seconds: 12.0,
            magnet_reach: 2.0,
        },
        drones: DroneRules {
            sight: 640.0,
            range: 480.0,
            reaction_seconds: 0.4,
            aim_error: 9.0,
            turn: 400.0,
            grace_seconds: 4.0,
            newcomer_seconds: 10.0,
        },
        respawn_seconds: 2.0,
        shield_seconds: 2.5,
        regeneration_per_second: 2.5,
    }
}

pub(crate) fn terrain(rocks: Vec<Rock>) -> Terrain {
    let (name, size, blocks) = ("Test".into(), Vec2::splat(3072.0), Vec::new());
    let arena = Arena { name, size, mode: Mode::Free, rocks, blocks, rules: rules() };
    arena.validate().unwrap();
    Terrain::new(arena)
}

/// An arena with rocks to bounce off.
pub(crate) fn rocky() -> Terrain {
    let rocks = (0..24).map(|i| Rock {
        centre: Vec2::new((i * 719 % 2900 + 80) as f32, (i * 433 % 2900 + 80) as f32),
        radius: 40.0 + (i * 17 % 90) as f32,
    });
    terrain(rocks.collect())
}

/// Numbers that are the same in every run and on every target.
#[derive(Clone, Debug)]
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as u32
    }

    pub(crate) fn input(&mut self) -> PlayerInput {
        PlayerInput { buttons: Buttons(self.next() as u8 & 63), aim: Angle(self.next() as u16) }
    }
}

/// What a frame says of an own ship of this state.
pub(crate) fn own_ship(flight: Flight) -> OwnShip {
    let Flight { motion, embers, burnt, reload, held, power_ups } = flight;
    OwnShip {
        motion,
        embers,
        burnt,
        reload,
        held,
        power_ups,
        health: 60.0,
        streak: 0,
        boosting: false,
        shielded: false,
    }
}
