//! What every game of this kind has in common, with rules that a test can follow: bots walk, and coins lie about.

use shared::engine::{
    body::Motion,
    game_trait::ArenaMap as _,
    input::PlayerInput,
    protocol::{decode, encode},
    testing::{Square, TestBody, TestGame, TestLook, TestMap},
};

use super::*;

/// How near a body must be to a coin.
const REACH: f32 = 40.0;

/// Coins taken so far.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Coins(u32);

impl Rules for Coins {
    type Game = TestGame;
    type State = u32;

    const ABOUT: &'static str = "Rules for tests.";

    fn arenas() -> Vec<BuiltIn> {
        vec![("square".into(), "(2048)".into())]
    }

    fn join(&mut self, id: PlayerId, map: &TestMap) -> Member<Self> {
        let place = Vec2::new(f32::from(id.0) * 100.0 + 50.0, map.arena.0 / 2.0);
        let motion = Motion { position: place, velocity: Vec2::ZERO };
        Member { avatar: TestBody { motion, items: 0 }, state: 0 }
    }

    /// To and fro, farther and farther.
    fn bot(_: &PlayerIn<Self>, bodies: &[(PlayerId, TestBody)], now: Tick) -> PlayerInput {
        assert!(!bodies.is_empty());
        let aim = Angle((now.0 / 20 * 20_000) as u16);
        PlayerInput { buttons: TestGame::PUSH, aim }
    }

    fn step(&mut self, step: &mut Step<'_, Self>) {
        if step.now.0.is_multiple_of(10) {
            let place = step.random_place(100.0);
            step.put_item(place, 5);
        }
        let Self(taken) = self;
        step.take_items(
            |_| Some(REACH),
            |player, coins| {
                player.state.state += u32::from(coins);
                *taken += 1;
            },
        );
    }

    fn look(&self, _: &PlayerIn<Self>, _: Tick) -> Option<TestLook> {
        Some(TestLook::default())
    }

    fn own(&self, player: &PlayerIn<Self>) -> Option<TestBody> {
        Some(player.state.avatar)
    }

    fn score(player: &PlayerIn<Self>, _: u16) -> Option<u32> {
        Some(player.state.state)
    }
}

fn world(bots: u16) -> World<Coins> {
    World::new(Setup { map: TestMap::new(Square(1024.0), 20), tick_rate: 20, bots, seed: 3 })
}

fn run(world: &mut World<Coins>, ticks: u32) {
    (0..ticks).for_each(|_| world.step(&[]));
}

#[test]
fn bots_move_by_their_inputs_and_players_by_theirs() {
    let mut world = world(2);
    let session = SessionId(1);
    world.step(&[Command::Join { session, name: None, colour: None }]);
    let aim = Angle::of(Vec2::X);
    for _ in 0..20 {
        let input = PlayerInput { buttons: TestGame::PUSH, aim };
        let input = TimedInput { tick: Tick(0), input, rewind: 0 };
        world.step(&[Command::Input { session, input }]);
    }
    let human = world.player_of(session).expect("there is room");
    for player in world.players().iter() {
        let velocity = player.state.avatar.motion.velocity;
        let speed = if player.id == human { velocity.x } else { velocity.length() };
        assert!(speed > 50.0, "{player:?}");
    }
    assert_eq!(world.changes().starved, 0);
    world.step(&[]);
    assert_eq!(world.changes().starved, 1, "its input is repeated");
}

#[test]
fn items_are_put_and_taken_and_the_ranking_follows() {
    let mut world = world(6);
    let (mut added, mut taken) = (0, 0);
    for _ in 0..2000 {
        world.step(&[]);
        added += world.changes().items_added.len();
        taken += world.changes().items_taken.len();
    }
    let grid = world.arena().grid();
    let lying: usize = (0..grid.len() as u16).map(|cell| world.items(CellIndex(cell)).len()).sum();
    assert_eq!(added - taken, lying);
    assert!(taken > 10, "{taken}");
    let scores: Vec<_> =
        world.ranking().iter().map(|id| world.players().get(*id).map(|it| it.state.state)).collect();
    assert!(scores.len() == 6 && scores.is_sorted_by(|a, b| a >= b) && scores[0] > Some(0), "{scores:?}");
}

#[test]
fn world_goes_on_from_its_state_to_the_same_ticks() {
    let mut world = world(3);
    run(&mut world, 333);
    let kept: Kept<Coins> = decode::<_, { 1 << 20 }>(&encode(&world.state())).expect("it was encoded here");
    let mut again = World::restore(kept, TestMap::new(Square(1024.0), 20), 20).expect("it is a state");
    for _ in 0..100 {
        run(&mut world, 1);
        run(&mut again, 1);
        assert_eq!(encode(&world.state()), encode(&again.state()));
    }
    assert_eq!(world.quick_checksum(), again.quick_checksum());
}

#[test]
fn state_that_breaks_a_rule_of_every_game_is_refused() {
    let broken = |spoil: fn(&mut Kept<Coins>)| {
        let mut world = world(3);
        run(&mut world, 40);
        spoil(&mut world.kept);
        World::restore(world.kept, TestMap::new(Square(1024.0), 20), 20).err().map(|Broken(what)| what)
    };
    assert_eq!(broken(|_| ()), None);
    for (what, spoil) in [
        ("never was", (|kept| kept.ranking = vec![PlayerId(70)]) as fn(&mut Kept<Coins>)),
        ("cells", |kept| kept.items = ItemField::new(shared::engine::grid::Grid { columns: 9, rows: 1 })),
        ("player 0", |kept| {
            kept.crowd.players_mut().iter_mut().for_each(|player| {
                player.state.avatar.motion.position.x = f32::NAN;
            });
        }),
    ] {
        let said = broken(spoil).expect(what);
        assert!(said.contains(what), "{said}");
    }
}

#[test]
fn game_goes_on_in_another_arena_with_its_scores() {
    let mut world = world(3);
    run(&mut world, 1000);
    let scores =
        |world: &World<Coins>| -> Vec<_> { world.players().iter().map(|it| it.state.state).collect() };
    let before = scores(&world);
    world.move_to(TestMap::new(Square(2048.0), 20), 3);
    assert_eq!((scores(&world), world.arena().0), (before, 2048.0));
    run(&mut world, 100);
    assert_eq!(world.players().len(), 3);
}
