//! Embers are conserved, and what pickups give.

use proptest::prelude::*;
use shared::game::{
    ember::{Pickup, PlacedEmber},
    flight::PowerUps,
};

use super::*;

impl World {
    /// All embers: on the field, aboard ships and in the reserve.
    fn all_embers(&self) -> i64 {
        let aboard: i64 = self.in_order().map(|pilot| i64::from(pilot.embers())).sum();
        i64::from(self.embers.lying()) + aboard + self.embers.reserve()
    }

    /// What lies on the field, counted one by one.
    fn counted(&self, terrain: &Terrain) -> (u32, u32) {
        let grid = terrain.grid();
        let lying =
            (0..grid.len()).flat_map(|cell| self.embers.in_cell(shared::engine::ids::CellIndex(cell as u16)));
        lying.fold((0, 0), |(worth, pickups), ember| {
            (worth + ember.item.worth(), pickups + u32::from(ember.item.pickup().is_some()))
        })
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn embers_are_conserved(
        seed: u64,
        drones in 0..30_u16,
        smoulders: bool,
        actions in proptest::collection::vec((0..6_u64, 0..6_u8, 0..64_u8, any::<u16>(), 1..40_u32), 0..60),
    ) {
        let mut arena = arena_file::load("drift").expect("the arena is embedded");
        if smoulders {
            arena.rules.embers.smoulder_above = 3;
            arena.rules.embers.smoulder = 0.2;
        }
        let mut sim = Simulation::new(Setup { terrain: Terrain::new(arena), tick_rate: RATE, drones, seed });
        let all = i64::from(sim.terrain().arena().rules.embers.supply);
        for (client, kind, buttons, aim, ticks) in actions {
            let id = SessionId(client);
            let command = match kind {
                0 => Command::Leave { session: id },
                1 => Command::Idle { session: id },
                2 => Command::Active { session: id },
                3 => Command::FillWithBots { bodies: drones.saturating_sub(u16::from(buttons)) },
                4 => {
                    // A ship dies.
                    if sim.pilot_of(id).is_some_and(|id| sim.world.ship_mut(id).is_some()) {
                        sim.ship(client).health = -1.0;
                    }
                    join(client)
                }
                _ => join(client),
            };
            sim.step(&[command]);
            for _ in 0..ticks {
                sim.step(&[input(client, Buttons(buttons), Angle(aim))]);
                prop_assert_eq!(sim.world().all_embers(), all);
            }
            let (worth, pickups) = sim.world().counted(sim.terrain());
            prop_assert_eq!((worth, pickups), (sim.world().embers.lying(), sim.world().embers.pickups()));
        }
    }
}

#[test]
fn hoard_smoulders_and_leaves_embers_behind() {
    let mut sim = bare();
    sim.face_to_face(3000.0);
    let above = sim.terrain().arena().rules.embers.smoulder_above;
    sim.ship(1).flight.embers = above + 400;
    let rate = sim.terrain().arena().rules.embers.smoulder;
    for _ in 0..30 * 5 {
        sim.step(&[input(1, Buttons::RIGHT, Angle(0))]);
    }
    let left = sim.ship(1).flight.embers;
    let expected = above as f32 + 400.0 * (1.0 - rate * 5.0);
    assert!((left as f32 - expected).abs() < 6.0, "{left} instead of {expected}");
    assert_eq!(sim.world().embers.lying(), above + 400 - left);
}

#[test]
fn pickup_is_collected_by_touch_and_gives_its_power_up() {
    for (kind, power_ups) in [
        (Pickup::Shield, PowerUps { shield: 180, ..PowerUps::default() }),
        (Pickup::Rapid, PowerUps { rapid: 240, ..PowerUps::default() }),
        (Pickup::Magnet, PowerUps { magnet: 360, ..PowerUps::default() }),
    ] {
        let mut sim = bare();
        sim.face_to_face(100.0);
        let terrain = sim.terrain.clone();
        let lay = |sim: &mut Simulation, x| {
            let embers = &mut sim.world.embers;
            embers.drop_pickup(Vec2::new(x, 1000.0), kind, &terrain, &mut Events::default());
        };
        lay(&mut sim, 950.0);
        sim.step(&[]);
        assert_eq!(sim.ship(1).flight.power_ups, PowerUps::default(), "fifty units are not a touch");
        lay(&mut sim, 970.0);
        sim.step(&[]);
        assert_eq!(sim.ship(1).flight.power_ups, power_ups);
        assert_eq!(sim.world().embers.pickups(), 1);
        let taken: Vec<_> = sim.events().embers_taken.iter().map(|(_, taken)| taken.by).collect();
        assert_eq!(taken, [sim.pilot_of(SessionId(1)).expect("it has joined")]);
        if kind == Pickup::Shield {
            // Unlike the shield of a new ship it lasts while one fires.
            let full = sim.ship(1).health;
            for _ in 0..60 {
                sim.step(&[input(1, Buttons::FIRE, Angle(0)), input(2, Buttons::FIRE, Angle::of(-Vec2::X))]);
            }
            assert_eq!(sim.ship(1).health, full);
        }
    }
}

#[test]
fn pickups_appear_at_their_interval_up_to_the_maximum() {
    let mut sim = simulation(0, 4);
    let rules = sim.terrain().arena().rules.pickups.clone();
    let every = (rules.every_seconds * f32::from(RATE)) as u32;
    assert_eq!(sim.world().embers.pickups(), 0);
    (0..every).for_each(|_| sim.step(&[]));
    assert_eq!(sim.world().embers.pickups(), 1);
    let told = sim
        .events()
        .embers_added
        .iter()
        .filter(|(_, ember): &&(_, PlacedEmber)| ember.item.pickup().is_some());
    assert_eq!(told.count(), 1);
    (0..every * 3 * rules.max).for_each(|_| sim.step(&[]));
    assert_eq!(sim.world().embers.pickups(), rules.max);
}

#[test]
fn streak_counts_kills_until_the_ship_dies() {
    let mut sim = bare();
    sim.face_to_face(200.0);
    let mut kills = Vec::new();
    for _ in 0..3 {
        sim.ship(2).shielded_until = Default::default();
        sim.ship(2).health = 1.0;
        sim.ship(2).flight.motion.position = sim.ship(1).flight.motion.position + Vec2::X * 120.0;
        for _ in 0..200 {
            sim.step(&[input(1, Buttons::FIRE, Angle(0)), ask(2)]);
            kills.extend(sim.events().deaths.iter().filter_map(|death| death.by));
        }
    }
    let streaks: Vec<_> = kills.iter().map(|kill| (kill.streak, kill.ended)).collect();
    assert!(streaks.len() >= 2 && streaks.iter().zip(1..).all(|(told, n)| *told == (n, 0)), "{streaks:?}");
    let (killer, streak) = (sim.pilot_of(SessionId(2)).expect("it has joined"), sim.ship(1).streak);
    sim.ship(1).hit_by = Some(killer);
    sim.ship(1).health = -1.0;
    sim.step(&[]);
    let ended = sim.events().deaths[0].by.expect("a player did it").ended;
    assert_eq!(u16::from(ended), streak);
}
