//! Duels: rounds, matches, and who comes next.

use shared::game::duel::DuelPhase;

use super::*;

const FIRST_TO: u8 = 2;

fn duel() -> Simulation {
    let mut arena = bare().terrain().arena().clone();
    arena.mode = Mode::Duel { first_to: FIRST_TO };
    Simulation::new(Setup { terrain: Terrain::new(arena), tick_rate: RATE, drones: 9, seed: 1 })
}

impl Simulation {
    fn phase(&self) -> DuelPhase {
        self.world.duel().phase
    }

    fn id(&self, client: u64) -> PlayerId {
        self.pilot_of(SessionId(client)).expect("it has joined")
    }

    /// Steps until `holds`, for at most a minute and a half; the players of these clients give the same input all the while.
    fn play(&mut self, commands: &[Command], what: &str, holds: impl Fn(&Self) -> bool) {
        for _ in 0..u32::from(RATE) * 90 {
            if holds(self) {
                return;
            }
            self.step(commands);
        }
        panic!("{what} does not come: {:?}", self.world.duel());
    }

    fn fight(&mut self) {
        self.play(&[], "a fight", |sim| sim.phase() == DuelPhase::Fight);
    }

    /// Destroys the ships of these clients at once.
    fn destroy(&mut self, clients: &[u64]) {
        for client in clients {
            self.ship(*client).health = -1.0;
        }
        self.step(&[]);
        self.step(&[]);
    }

    /// The winner of the match that ends when the first client has destroyed the second often enough.
    fn win(&mut self, winner: u64, loser: u64) {
        for _ in 0..FIRST_TO {
            self.fight();
            self.destroy(&[loser]);
        }
        let winner = self.id(winner);
        self.play(
            &[],
            "the end of the match",
            |sim| matches!(sim.phase(), DuelPhase::Over { winner: by, .. } if by == winner),
        );
    }

    fn is_consistent(&self) -> bool {
        self.world.duel.check(self.terrain.arena().mode, &self.world.pilots).is_ok()
    }
}

#[test]
fn first_player_flies_alone_until_there_is_another() {
    let mut sim = duel();
    (0..30).for_each(|_| sim.step(&[]));
    assert_eq!(sim.world.in_order().count(), 0, "there are no drones");
    sim.step(&[join(1)]);
    sim.step(&[input(1, Buttons::RIGHT, Angle(0))]);
    assert_eq!((sim.phase(), sim.ship(1).flight.held), (DuelPhase::Lobby, 0));
    assert!(sim.ship(1).flight.motion.velocity.x > 0.0);
    sim.step(&[join(2)]);
    assert!(matches!(sim.phase(), DuelPhase::Countdown { .. }));
}

#[test]
fn both_are_held_for_three_seconds_and_begin_alike() {
    let mut sim = duel();
    sim.step(&[join(1), join(2)]);
    let both = [1, 2].map(|client| sim.ship(client).clone());
    let middle = sim.terrain().arena().size / 2.0;
    let [one, other] = both.each_ref().map(|ship| ship.flight.motion.position - middle);
    assert!(one.distance(-other) < 0.01, "{one} is opposite of {other}");
    assert_eq!((both[0].health, both[0].flight.embers), (both[1].health, both[1].flight.embers));
    let all = Buttons::RIGHT.with(Buttons::FIRE, true);
    for tick in 1..u32::from(RATE) * 3 {
        sim.step(&[input(1, all, Angle(0)), input(2, all, Angle(0))]);
        assert!(matches!(sim.phase(), DuelPhase::Countdown { .. }), "after {tick} ticks");
        assert_eq!(sim.ship(1).flight.motion.position - middle, one);
        assert!(sim.world.shots.is_empty());
    }
    sim.step(&[input(1, all, Angle(0))]);
    assert_eq!(sim.phase(), DuelPhase::Fight);
    assert!(sim.ship(1).flight.motion.velocity.x > 0.0 && !sim.world.shots.is_empty());
}

#[test]
fn round_ends_with_a_death_and_both_begin_the_next_with_full_health() {
    let mut sim = duel();
    sim.step(&[join(1), join(2)]);
    sim.fight();
    sim.ship(1).health = 5.0;
    sim.ship(1).flight.embers = 0;
    sim.destroy(&[2]);
    let winner = Some(sim.id(1));
    assert!(matches!(sim.phase(), DuelPhase::Pause { winner: by, .. } if by == winner), "{:?}", sim.phase());
    assert_eq!(sim.world.duel().wins, [1, 0]);
    let now = sim.world.tick;
    assert!(sim.ship(1).shielded(now), "the loser's last shots come too late");
    sim.fight();
    let full = sim.terrain().arena().rules.hulls[0].health;
    assert_eq!([1, 2].map(|client| sim.ship(client).health), [full; 2]);
    assert_eq!(sim.world.duel().wins, [1, 0]);
}

#[test]
fn no_one_wins_a_round_in_which_both_are_destroyed_at_once() {
    let mut sim = duel();
    sim.step(&[join(1), join(2)]);
    sim.fight();
    sim.destroy(&[1, 2]);
    assert!(matches!(sim.phase(), DuelPhase::Pause { winner: None, .. }));
    assert_eq!(sim.world.duel().wins, [0, 0]);
    sim.fight();
}

#[test]
fn match_ends_after_enough_rounds_and_both_must_want_another() {
    let mut sim = duel();
    sim.step(&[join(1), join(2)]);
    sim.win(1, 2);
    assert_eq!(sim.world.flying().count(), 0);
    // Too early: it meant the last round.
    sim.step(&[ask(1)]);
    assert_eq!(sim.world.duel().ready, [false; 2]);
    let second = u32::from(RATE) * 2;
    (0..second).for_each(|_| sim.step(&[]));
    (0..second).for_each(|_| sim.step(&[ask(1)]));
    assert_eq!(sim.world.duel().ready, [true, false]);
    assert!(matches!(sim.phase(), DuelPhase::Over { next: None, .. }));
    sim.play(&[ask(2)], "another match", |sim| matches!(sim.phase(), DuelPhase::Countdown { .. }));
    assert_eq!(sim.world.duel().wins, [0, 0]);
}

#[test]
fn third_player_watches_and_takes_the_losers_place() {
    let mut sim = duel();
    sim.step(&[join(1), join(2), join(3)]);
    sim.fight();
    let third = sim.id(3);
    assert!(
        sim.world.is_on_bench(third) && sim.world.pilot(third).is_some_and(|pilot| pilot.ship().is_none())
    );
    assert!(sim.world.watched_duellist().is_some());
    (0..60).for_each(|_| sim.step(&[ask(3)]));
    assert_eq!(sim.world.flying().count(), 2, "it gets no ship");
    sim.win(1, 2);
    sim.play(&[], "the next", |sim| matches!(sim.phase(), DuelPhase::Countdown { .. }));
    let (one, three) = (sim.id(1), sim.id(3));
    assert_eq!(sim.world.duel().players, [Some(one), Some(three)]);
    assert!(sim.world.is_on_bench(sim.id(2)));
}

#[test]
fn who_leaves_has_lost_the_match() {
    let mut sim = duel();
    sim.step(&[join(1), join(2)]);
    sim.fight();
    sim.step(&[Command::Leave { session: SessionId(1) }]);
    let winner = sim.id(2);
    assert!(matches!(sim.phase(), DuelPhase::Over { winner: by, .. } if by == winner));
    sim.play(&[], "the lobby", |sim| sim.phase() == DuelPhase::Lobby);
    assert!(sim.world.pilot(winner).is_some_and(|pilot| pilot.ship().is_some()), "it flies on");
}

#[test]
fn disconnected_player_does_not_escape_and_has_lost_after_a_minute() {
    let mut sim = duel();
    sim.step(&[join(1), join(2)]);
    sim.fight();
    sim.step(&[Command::Idle { session: SessionId(1) }]);
    (0..RATE * 20).for_each(|_| sim.step(&[]));
    assert!(sim.ship(1).health > 0.0, "its ship is still there");
    sim.destroy(&[1]);
    (0..RATE * 10).for_each(|_| sim.step(&[]));
    assert!(matches!(sim.phase(), DuelPhase::Pause { .. }), "the next round waits for it");
    let mut back = sim.clone();
    back.step(&[Command::Active { session: SessionId(1) }]);
    back.fight();
    let winner = sim.id(2);
    sim.play(&[], "the end", |sim| matches!(sim.phase(), DuelPhase::Over { winner: by, .. } if by == winner));
    assert!(sim.world.is_on_bench(sim.id(1)));
}

#[test]
fn who_is_away_in_the_lobby_keeps_no_place() {
    let mut sim = duel();
    sim.step(&[join(1)]);
    sim.step(&[Command::Idle { session: SessionId(1) }]);
    sim.step(&[join(2), join(3)]);
    let (two, three) = (sim.id(2), sim.id(3));
    assert_eq!(sim.world.duel().players, [Some(two), Some(three)]);
}

#[test]
fn another_arena_begins_the_duel_again_or_ends_it() {
    let mut sim = duel();
    sim.step(&[join(1), join(2), join(3)]);
    sim.fight();
    sim.destroy(&[2]);
    let (one, two) = (sim.id(1), sim.id(2));
    let again = sim.terrain().arena().clone();
    sim.move_to(Terrain::new(again), 0);
    assert!(sim.is_consistent());
    sim.step(&[]);
    assert_eq!((sim.world.duel().players, sim.world.duel().wins), ([Some(one), Some(two)], [0, 0]));
    let free = bare().terrain().arena().clone();
    sim.move_to(Terrain::new(free), 0);
    assert!(sim.is_consistent());
    (0..5).for_each(|_| sim.step(&[]));
    assert_eq!(sim.world.flying().count(), 3);
    let mut arena = bare().terrain().arena().clone();
    arena.mode = Mode::Duel { first_to: 3 };
    sim.move_to(Terrain::new(arena), 9);
    assert!(sim.is_consistent());
    sim.step(&[]);
    assert!(matches!(sim.phase(), DuelPhase::Countdown { .. }));
    assert_eq!(sim.world.flying().count(), 2);
}

#[test]
fn changes_are_noted_in_their_tick() {
    let mut sim = duel();
    let mut before = sim.world.duel();
    let mut changes = 0;
    for tick in 0..u32::from(RATE) * 5 {
        sim.step(&match tick {
            3 => vec![join(1)],
            9 => vec![join(2)],
            _ => vec![],
        });
        assert_eq!(sim.events().duel_changed, sim.world.duel() != before, "in tick {tick}");
        before = sim.world.duel();
        changes += u32::from(sim.events().duel_changed);
    }
    assert_eq!(changes, 3, "one player, two, and the fight");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn everyone_is_in_a_duel_once_and_embers_are_conserved(ticks in proptest::collection::vec(commands(), 1..200)) {
        let mut arena = bare().terrain().arena().clone();
        arena.mode = Mode::Duel { first_to: 1 };
        arena.rules.embers.supply = 200;
        let mut sim = Simulation::new(Setup { terrain: Terrain::new(arena), tick_rate: 10, drones: 0, seed: 1 });
        for (index, commands) in ticks.iter().enumerate() {
            sim.step(commands);
            prop_assert!(sim.is_consistent(), "{:?}", sim.world.duel());
            let aboard: i64 = sim.world.in_order().map(|pilot| i64::from(pilot.embers())).sum();
            prop_assert_eq!(aboard + i64::from(sim.world.embers.lying()) + sim.world.embers.reserve(), 200);
            prop_assert!(sim.world.flying().count() <= 2);
            let flying = sim.world.flying().next().map(|(id, _)| id);
            if index % 50 == 49 && let Some(id) = flying {
                sim.world.ship_mut(id).expect("it flies").health = -1.0;
            }
        }
    }
}
