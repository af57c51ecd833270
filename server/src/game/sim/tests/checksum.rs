//! The checksum covers every kind of state: changing any of it changes the hash.

use rand::RngExt;
use shared::game::shot::{KilledBy, ShotId};

use super::*;
use crate::game::sim::pilot::held_ticks;

/// A simulation in which every kind of state occurs: the player of client 1 flies, that of client 2 waits for a ship, that
/// of client 3 is idle and out of the arena, and drones fight.
fn busy() -> Simulation {
    let mut sim = simulation(12, 7);
    sim.step(&[join(1), join(2), join(3)]);
    sim.step(&[]);
    sim.step(&[Command::Idle { session: SessionId(3) }]);
    (0..RATE * 10).for_each(|_| sim.step(&[input(1, Buttons::FIRE, Angle(9000))]));
    sim.ship(2).health = -1.0;
    while sim.world.shots.is_empty() || sim.life(2).is_none() {
        sim.step(&[input(1, Buttons::FIRE, Angle(9000))]);
    }
    assert!(matches!(sim.pilot(3).state, Life::Idle(_)));
    assert!(sim.world.ranking.len() > 2);
    sim
}

impl Simulation {
    fn pilot(&mut self, client: u64) -> &mut Pilot {
        self.pilot_mut(SessionId(client)).expect("it has joined")
    }

    /// The life of a pilot that waits for a ship.
    fn life(&mut self, client: u64) -> Option<&mut Life> {
        Some(&mut self.pilot(client).state).filter(|life| matches!(life, Life::Waiting { .. }))
    }
}

/// Changes a field of the life of a pilot that waits.
fn wait(sim: &mut Simulation, change: impl FnOnce(&mut Tick, &mut bool, &mut Option<KilledBy>, &mut f32)) {
    let Some(Life::Waiting { until, wants_ship, killed_by, last_motion: Some(motion), .. }) = sim.life(2)
    else {
        panic!("it waits, after a death")
    };
    change(until, wants_ship, killed_by, &mut motion.position.x);
}

type Change = (&'static str, fn(&mut Simulation));

const CHANGES: &[Change] = &[
    ("tick", |sim| sim.world.tick.0 += 1),
    ("pilot id", |sim| sim.pilot(1).id.0 += 100),
    ("name", |sim| sim.pilot(1).name = PlayerName::new("Another").expect("a valid name")),
    ("kind", |sim| sim.pilot(1).kind = PlayerKind::Bot),
    ("colour", |sim| sim.pilot(1).colour += 1),
    ("idle since", |sim| sim.pilot(3).idle_since = Some(Tick(77))),
    ("waiting input", |sim| {
        let now = sim.world.tick;
        sim.pilot(1).inputs.push(TimedInput { tick: now.after(3), ..Default::default() }, now);
    }),
    ("late input", |sim| {
        let now = sim.world.tick;
        let input = TimedInput { tick: now, input: PlayerInput::RESPAWN, rewind: 5 };
        // After it, the queue repeats another input, but holds as many.
        sim.pilot(2).inputs.push(input, now);
    }),
    ("starved ticks", |sim| {
        let now = sim.world.tick.after(1);
        sim.pilot(1).inputs.take(now, 1000);
    }),
    ("position", |sim| sim.ship(1).flight.motion.position.x += 0.001),
    ("velocity", |sim| sim.ship(1).flight.motion.velocity.y += 0.001),
    ("embers aboard", |sim| sim.ship(1).flight.embers += 1),
    ("burnt part of an ember", |sim| sim.ship(1).flight.burnt ^= 1),
    ("reload", |sim| sim.ship(1).flight.reload ^= 1),
    ("ticks for which it is held", |sim| sim.ship(1).flight.held += 1),
    ("shield power-up", |sim| sim.ship(1).flight.power_ups.shield += 1),
    ("rapid power-up", |sim| sim.ship(1).flight.power_ups.rapid += 1),
    ("magnet power-up", |sim| sim.ship(1).flight.power_ups.magnet += 1),
    ("aim", |sim| sim.ship(1).aim.0 ^= 1),
    ("health", |sim| sim.ship(1).health -= 0.001),
    ("last fight", |sim| sim.ship(1).last_fight.0 += 1),
    ("shield", |sim| sim.ship(1).shielded_until.0 += 1),
    ("boosting", |sim| sim.ship(1).boosting ^= true),
    ("hit by", |sim| sim.ship(1).hit_by = Some(PlayerId(900))),
    ("streak", |sim| sim.ship(1).streak += 1),
    ("spawned at", |sim| sim.ship(1).spawned_at.0 += 1),
    ("most embers", |sim| sim.ship(1).most_embers += 1),
    ("first ship", |sim| sim.ship(1).is_first ^= true),
    ("spared until", |sim| sim.ship(1).spared_until.0 += 1),
    ("respawn tick", |sim| wait(sim, |until, _, _, _| until.0 += 1)),
    ("asked for a ship", |sim| wait(sim, |_, wants_ship, _, _| *wants_ship ^= true)),
    ("killer", |sim| {
        wait(sim, |_, _, killed_by, _| *killed_by = Some(KilledBy { player: PlayerId(900), embers: 1 }));
    }),
    ("life that is over", |sim| {
        let Some(Life::Waiting { lived, .. }) = sim.life(2) else { panic!("it waits") };
        lived.ticks += 1;
    }),
    ("place of death", |sim| wait(sim, |_, _, _, x| *x += 0.001)),
    ("idle ship", |sim| {
        let Life::Idle(ship) = &mut sim.pilot(3).state else { panic!("it is idle") };
        ship.flight.embers += 1;
    }),
    ("session", |sim| sim.pilot(1).session = Some(SessionId(99))),
    ("place of a pilot that has left", |sim| {
        let id = sim.world.pilots.free_id(sim.world.tick).expect("there is room");
        sim.world.add_player(id, default_name(id), None, None, &mut Events::default());
        sim.world.remove_player(id, &sim.timing, &mut Events::default());
    }),
    ("id that is held", |sim| {
        // As above, but a tick later.
        let id = sim.world.pilots.free_id(sim.world.tick).expect("there is room");
        sim.world.add_player(id, default_name(id), None, None, &mut Events::default());
        sim.world.pilots.remove(id, sim.world.tick.after(held_ticks(&sim.timing) + 1));
    }),
    ("shot id", |sim| sim.world.shots[0].id = ShotId(60_000)),
    ("shot owner", |sim| sim.world.shots[0].owner = PlayerId(900)),
    ("shot position", |sim| sim.world.shots[0].position.y += 0.001),
    ("shot direction", |sim| sim.world.shots[0].direction.0 ^= 1),
    ("shot life", |sim| sim.world.shots[0].ticks_left += 1),
    ("shot cell", |sim| sim.world.shots[0].cell.0 ^= 1),
    ("shot gone", |sim| sim.world.shots.truncate(sim.world.shots.len() - 1)),
    ("next shot", |sim| sim.world.next_shot.0 ^= 1),
    ("ember", |sim| {
        let (place, terrain) = (sim.ship(1).flight.motion.position, sim.terrain.clone());
        sim.world.embers.drop(place, 1, &terrain, &mut Events::default());
    }),
    ("pickup", |sim| {
        let (place, terrain) = (sim.ship(1).flight.motion.position, sim.terrain.clone());
        let kind = shared::game::ember::Pickup::Rapid;
        sim.world.embers.drop_pickup(place, kind, &terrain, &mut Events::default());
    }),
    ("reserve", |sim| sim.world.embers.add_to_reserve(1)),
    ("embers due", |sim| sim.world.embers.due += 0.001),
    ("ranking", |sim| sim.world.ranking.swap(0, 1)),
    ("place in a duel", |sim| sim.world.duel.seats[1] = Some(PlayerId(3))),
    ("rounds won", |sim| sim.world.duel.wins[0] += 1),
    ("phase of a duel", |sim| sim.world.duel.phase = shared::game::duel::DuelPhase::Fight),
    ("bench", |sim| sim.world.duel.bench.push(PlayerId(3))),
    ("history", |sim| sim.world.history.forget(PlayerId(0))),
    ("generator", |sim| {
        sim.world.rng.random::<u64>();
    }),
    ("ships that drones fill up to", |sim| sim.drones.fill_up_to(13)),
    ("drone's decision", |sim| {
        let view = View { world: &sim.world, ships: &sim.ships, terrain: &sim.terrain, timing: &sim.timing };
        // As many looks as it takes for one drone at least to have another in mind.
        for _ in 0..RATE {
            sim.drones.decide(view, &mut sim.world.rng.clone());
        }
    }),
];

#[test]
fn change_of_any_state_changes_the_checksum() {
    let sim = busy();
    let original = sim.checksum();
    let copy = sim.clone();
    assert_eq!(copy.checksum(), original, "a copy is equal");
    let mut seen = vec![("nothing", original)];
    for (name, change) in CHANGES {
        let mut changed = sim.clone();
        change(&mut changed);
        let checksum = changed.checksum();
        for (other, other_checksum) in &seen {
            assert_ne!(checksum, *other_checksum, "{name} and {other}");
        }
        seen.push((name, checksum));
    }
}
