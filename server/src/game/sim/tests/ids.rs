//! Which ids players get: the lowest free one, and none that others may still mean another player by.

use std::collections::BTreeMap;

use shared::engine::limits::PLAYERS_MAX;

use super::*;
use crate::game::sim::pilot::held_ticks;

fn leave(client: u64) -> Command {
    Command::Leave { session: SessionId(client) }
}

/// The id of a client's player.
fn id(sim: &Simulation, client: u64) -> Option<u16> {
    sim.pilot_of(SessionId(client)).map(|id| id.0)
}

#[test]
fn id_is_given_again_after_a_second_and_inputs_of_a_client_that_left_are_ignored() {
    let mut sim = bare();
    sim.step(&[join(1), join(2)]);
    assert_eq!((id(&sim, 1), id(&sim, 2)), (Some(0), Some(1)));
    sim.step(&[leave(1)]);
    assert_eq!(id(&sim, 1), None);
    sim.step(&[join(3), input(1, Buttons::FIRE, Angle(0))]);
    assert_eq!(id(&sim, 3), Some(2), "that of the first is held");
    assert!(sim.events().shots.is_empty());
    // They do not count, because no viewer gets a frame in them.
    sim.skip(500);
    for client in 4..RATE.into() {
        sim.step(&[join(client), leave(client)]);
    }
    sim.step(&[]);
    sim.step(&[join(100)]);
    assert!(id(&sim, 100) > Some(2), "a tick too soon");
    sim.step(&[join(101)]);
    assert_eq!(id(&sim, 101), Some(0));
}

#[test]
fn shots_of_a_player_that_left_are_never_those_of_another() {
    let mut sim = bare();
    let mut arena = sim.terrain().arena().clone();
    arena.rules.shot.life = 1.9;
    sim.move_to(Terrain::new(arena), 0);
    sim.face_to_face(500.0);
    // Away from the other, and along the arena.
    sim.step(&[input(1, Buttons::FIRE, Angle(1 << 14))]);
    sim.step(&[leave(1)]);
    let mut ticks = 0;
    while !sim.world().shots.is_empty() {
        sim.step(&[join(10 + ticks)]);
        let has_owner = sim.world().shots.iter().any(|shot| sim.world().pilot(shot.owner).is_some());
        assert!(!has_owner, "after {ticks} ticks");
        ticks += 1;
    }
    assert!(ticks > 3 * u64::from(RATE) / 2, "they were gone after {ticks} ticks");
}

#[test]
fn killer_of_a_ship_is_never_another_player() {
    let mut sim = bare();
    sim.face_to_face(600.0);
    let ship = sim.ship(2);
    (ship.health, ship.hit_by) = (-1.0, Some(PlayerId(0)));
    sim.step(&[]);
    let killer = |sim: &Simulation| match sim.world().pilot(PlayerId(1)).map(|pilot| &pilot.state) {
        Some(Life::Waiting { killed_by, .. }) => killed_by.map(|killer| killer.player),
        other => panic!("{other:?}"),
    };
    sim.step(&[leave(1)]);
    (0..RATE).for_each(|_| sim.step(&[]));
    assert_eq!(killer(&sim), Some(PlayerId(0)), "it is read on");
    sim.step(&[join(3)]);
    assert_eq!((id(&sim, 3), killer(&sim)), (Some(0), None));
}

#[test]
fn player_can_join_while_every_other_id_is_taken_or_held() {
    let mut sim = bare();
    let all = PLAYERS_MAX as u64;
    sim.step(&(0..all).map(join).collect::<Vec<_>>());
    assert_eq!(sim.world().pilots.len(), PLAYERS_MAX);
    sim.step(&[join(all)]);
    assert_eq!(id(&sim, all), None, "no id is left");
    sim.step(&[leave(70)]);
    sim.step(&[leave(50), leave(60)]);
    // No drone takes an id that is held.
    sim.step(&[Command::FillWithBots { bodies: PLAYERS_MAX as u16 }]);
    assert_eq!(sim.world().pilots.len(), PLAYERS_MAX - 3);
    sim.step(&[join(all + 1), join(all + 2)]);
    assert_eq!((id(&sim, all + 1), id(&sim, all + 2)), (Some(70), Some(50)), "those held longest");
    (0..RATE).for_each(|_| sim.step(&[]));
    assert_eq!(sim.world().pilot(PlayerId(60)).map(|pilot| pilot.kind), Some(PlayerKind::Bot));
}

/// What happens in a tick: clients that join or leave, the number of ships that drones fill up to, and ticks that are skipped.
fn churn() -> impl Strategy<Value = (Vec<(u64, bool)>, Option<u16>, Option<u32>)> {
    (
        proptest::collection::vec((0..8_u64, any::<bool>()), 0..3),
        proptest::option::weighted(0.1, 0..8_u16),
        proptest::option::weighted(0.05, 1..60_u32),
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_id_is_given_again_before_its_time(ticks in proptest::collection::vec(churn(), 1..150)) {
        let mut sim = bare();
        // Steps since each id was free.
        let mut free_for = BTreeMap::new();
        for (clients, ships, skip) in ticks {
            sim.skip(skip.unwrap_or(0));
            let clients = clients.into_iter().map(|(client, joins)| if joins { join(client) } else { leave(client) });
            let commands: Vec<_> =
                clients.chain(ships.map(|bodies| Command::FillWithBots { bodies })).collect();
            sim.step(&commands);
            free_for.values_mut().for_each(|steps| *steps += 1);
            for id in &sim.events().joined {
                let steps = free_for.remove(id).unwrap_or(u32::MAX);
                prop_assert!(steps >= held_ticks(sim.timing()), "{:?} after {} steps", id, steps);
            }
            for id in &sim.events().left {
                prop_assert!(sim.world().pilot(*id).is_none(), "{:?} in the same tick", id);
                free_for.insert(*id, 0);
            }
        }
    }
}
