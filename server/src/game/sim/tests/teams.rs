//! Teams: who is on which, who is hurt, and where ships begin.

use super::*;
use crate::game::sim::teams::is_home;

impl Simulation {
    /// The team of the player of a client.
    fn team(&self, client: u64) -> u8 {
        let id = self.pilot_of(SessionId(client)).expect("it has joined");
        self.world.pilot(id).expect("it is there").colour
    }

    /// How many pilots each team has.
    fn sizes(&self) -> [usize; 4] {
        [0, 1, 2, 3].map(|team| self.world.in_order().filter(|pilot| pilot.colour == team).count())
    }
}

#[test]
fn newcomer_joins_the_smallest_team_whatever_colour_it_asks_for() {
    let mut sim = bare_with_teams(3);
    let join = |client| Command::Join { session: SessionId(client), name: None, colour: Some(0) };
    sim.step(&[join(1), join(2), join(3), join(4)]);
    assert_eq!([1, 2, 3, 4].map(|client| sim.team(client)), [0, 1, 2, 0]);
    sim.step(&[Command::Leave { session: SessionId(2) }]);
    sim.step(&[join(5)]);
    assert_eq!(sim.team(5), 1, "where one has left");
}

#[test]
fn newcomer_joins_the_team_with_the_lower_score_of_equal_ones() {
    let mut sim = bare_with_teams(2);
    sim.step(&[join(1), join(2)]);
    sim.ship(1).flight.embers = 50;
    sim.step(&[join(3)]);
    assert_eq!(sim.team(3), 1);
    assert_eq!(sim.world.team_scores().0[..2], [50, sim.world.team_scores().0[1]]);
}

#[test]
fn disconnected_player_keeps_its_team() {
    let mut sim = bare_with_teams(2);
    sim.step(&[join(1), join(2)]);
    sim.step(&[Command::Idle { session: SessionId(2) }]);
    (0..RATE * 10).for_each(|_| sim.step(&[]));
    sim.step(&[join(3), join(4), Command::Active { session: SessionId(2) }]);
    assert_eq!((sim.team(2), sim.sizes()), (1, [2, 2, 0, 0]));
}

/// How many hits the second ship takes of a first that fires at it for two seconds.
fn hits(sim: &mut Simulation, mates: bool) -> usize {
    sim.face_to_face(200.0);
    if mates {
        let id = sim.pilot_of(SessionId(2)).expect("it has joined");
        sim.world.pilots.get_mut(id).expect("it is there").colour = sim.team(1);
    }
    let mut hits = 0;
    for _ in 0..RATE * 2 {
        sim.step(&[input(1, Buttons::FIRE, Angle(0))]);
        hits += sim.events().hits.len();
    }
    hits
}

#[test]
fn shots_pass_team_mates_and_hit_others() {
    assert_eq!(hits(&mut bare_with_teams(2), true), 0);
    assert!(hits(&mut bare_with_teams(2), false) > 0);
    assert!(hits(&mut bare(), true) > 0, "a colour is no team without teams");
}

#[test]
fn shots_behind_a_mate_hit_the_foe_behind_it() {
    let mut sim = bare_with_teams(2);
    sim.step(&[join(1), join(2), join(3)]);
    assert_eq!([1, 2, 3].map(|client| sim.team(client)), [0, 1, 0]);
    for (client, x) in [(1, 1000.0), (3, 1100.0), (2, 1200.0)] {
        let ship = sim.ship(client);
        ship.flight.motion.position = Vec2::new(x, 1000.0);
        ship.shielded_until = Tick(0);
    }
    let foe = sim.pilot_of(SessionId(2));
    let mut hit = Vec::new();
    for _ in 0..RATE {
        sim.step(&[input(1, Buttons::FIRE, Angle(0))]);
        hit.extend(sim.events().hits.iter().map(|(_, hit)| Some(hit.ship)));
    }
    assert!(!hit.is_empty() && hit.iter().all(|ship| *ship == foe), "{hit:?}");
}

#[test]
fn shots_of_a_player_that_has_left_hit_no_ship_of_a_team() {
    for (count, is_hit) in [(2, false), (0, true)] {
        let mut sim = if count > 0 { bare_with_teams(count) } else { bare() };
        sim.face_to_face(300.0);
        sim.step(&[input(1, Buttons::FIRE, Angle(0))]);
        assert!(!sim.world.shots.is_empty());
        sim.step(&[Command::Leave { session: SessionId(1) }]);
        let mut hits = 0;
        for _ in 0..RATE {
            sim.step(&[]);
            hits += sim.events().hits.len();
        }
        assert_eq!(hits > 0, is_hit, "{count} teams");
    }
}

#[test]
fn ships_begin_on_their_teams_side() {
    for count in 2..=4 {
        let mut sim = bare_with_teams(count);
        let joins: Vec<_> = (1..=16).map(join).collect();
        sim.step(&joins);
        let (size, mode) = (sim.terrain().arena().size, sim.terrain().arena().mode);
        for pilot in sim.world.in_order() {
            let share = pilot.ship().expect("it flies").flight.motion.position / size;
            let team = mode.team(pilot.colour).expect("it is on a team");
            assert!(is_home(team, count, share), "{team:?} of {count} at {share}");
        }
    }
}

#[test]
fn drones_fill_the_teams_and_leave_the_largest() {
    let mut arena = bare().terrain().arena().clone();
    arena.mode = Mode::Teams { count: 2 };
    let setup = Setup { terrain: Terrain::new(arena), tick_rate: RATE, drones: 8, seed: 3 };
    let mut sim = Simulation::new(setup);
    (0..20).for_each(|_| sim.step(&[]));
    assert_eq!(sim.sizes()[..2], [4, 4]);
    for client in 1..=6 {
        sim.step(&[join(client)]);
        (0..5).for_each(|_| sim.step(&[]));
        assert_eq!(sim.sizes()[..2], [4, 4], "with {client} players");
    }
    let of_first = (1..=6).filter(|client| sim.team(*client) == 0).count();
    assert_eq!(of_first, 3, "drones do not hide that a team has more players");
}

#[test]
fn drones_do_not_fire_at_mates() {
    let mut arena = bare().terrain().arena().clone();
    arena.size = Vec2::splat(1400.0);
    arena.mode = Mode::Teams { count: 2 };
    let mut sim =
        Simulation::new(Setup { terrain: Terrain::new(arena), tick_rate: RATE, drones: 4, seed: 3 });
    (0..20).for_each(|_| sim.step(&[]));
    let all_of_one_team = |sim: &mut Simulation, one: bool| {
        for pilot in sim.world.pilots.iter_mut() {
            pilot.colour = if one { 0 } else { (pilot.id.0 % 2) as u8 };
        }
        let mut fired = 0;
        for _ in 0..u32::from(RATE) * 40 {
            sim.step(&[]);
            fired += sim.events().shots.len();
        }
        fired
    };
    assert_eq!(all_of_one_team(&mut sim, true), 0);
    assert!(all_of_one_team(&mut sim, false) > 0, "they fire at foes");
}

#[test]
fn another_arena_deals_new_teams() {
    let (mut with, mut without) = (bare_with_teams(2), bare());
    let joins: Vec<_> = (1..=6).map(join).collect();
    with.step(&joins);
    without.step(&joins);
    let teams = with.terrain().arena().clone();
    let free = without.terrain().arena().clone();
    without.move_to(Terrain::new(teams), 0);
    assert_eq!(without.sizes()[..2], [3, 3]);
    with.move_to(Terrain::new(free), 0);
    let colours: Vec<_> = with.world.in_order().map(|pilot| pilot.colour).collect();
    assert_eq!(colours, [0, 1, 2, 3, 4, 5]);
}

/// A newcomer, or one that leaves, with what it carries.
fn changes() -> impl Strategy<Value = Vec<(u64, bool, u32)>> {
    proptest::collection::vec((1..12_u64, any::<bool>(), 0..300_u32), 1..60)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn who_joins_never_makes_a_team_larger_than_the_smallest_by_two(count in 2..=4_u8, changes in changes()) {
        let mut sim = bare_with_teams(count);
        for (client, joins, embers) in changes {
            let session = SessionId(client);
            let is_new = sim.pilot_of(session).is_none();
            let smallest = sim.sizes()[..count.into()].iter().copied().min();
            sim.step(&[if joins { join(client) } else { Command::Leave { session } }]);
            if joins && is_new {
                let team = usize::from(sim.team(client));
                prop_assert_eq!(Some(sim.sizes()[team] - 1), smallest);
                sim.ship(client).flight.embers = embers;
            }
            prop_assert_eq!(sim.sizes()[usize::from(count)..].iter().sum::<usize>(), 0);
        }
    }
}
