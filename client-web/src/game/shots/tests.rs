//! Where shots are drawn: others' in the past, own ones at once.

use super::{super::fixture, *};

const TICK_MS: f64 = 50.0;

fn record(id: u16, owner: u16, ticks_left: u8) -> ShotRecord {
    ShotRecord { id: ShotId(id), owner: PlayerId(owner), x: 0, y: 0, direction: Angle(0), ticks_left }
}

/// The shots in flight, and how many struck a rock or a wall.
fn drawn(shots: &mut Shots, ms: f64, terrain: &Terrain) -> (Vec<SceneShot>, u32) {
    let (mut out, mut strikes) = (Vec::new(), 0);
    shots.draw(ms, terrain, |_| None, &mut out, |_| strikes += 1);
    (out, strikes)
}

#[test]
fn shot_flies_straight_until_its_life_ends() {
    let terrain = fixture::terrain(Vec::new());
    let speed = terrain.arena().rules.shot.speed;
    let mut shots = Shots::new(PlayerId(1), TICK_MS);
    let start = Vec2::new(500.0, 500.0);
    assert!(shots.on_record(&record(1, 2, 4), start, 1000.0, None, &terrain));
    assert!(!shots.on_record(&record(1, 2, 3), start, 1050.0, None, &terrain));
    assert_eq!(drawn(&mut shots, 990.0, &terrain).0.len(), 0);
    let (out, _) = drawn(&mut shots, 1125.0, &terrain);
    assert!((out[0].position.x - (500.0 + speed * 0.125)).abs() < 0.01);
    assert_eq!(drawn(&mut shots, 1200.0, &terrain).0.len(), 0);
}

#[test]
fn shot_ends_at_a_rock_or_a_ship() {
    let rock = shared::game::arena::Rock { centre: Vec2::new(600.0, 500.0), radius: 30.0 };
    let terrain = fixture::terrain(vec![rock]);
    let mut shots = Shots::new(PlayerId(1), TICK_MS);
    shots.on_record(&record(1, 2, 40), Vec2::new(500.0, 500.0), 0.0, None, &terrain);
    shots.on_record(&record(2, 2, 40), Vec2::new(500.0, 900.0), 0.0, None, &terrain);
    assert_eq!(shots.on_hit(ShotId(2), 100.0).map(|ended| ended.owner), Some(PlayerId(2)));
    assert_eq!(shots.on_hit(ShotId(9), 100.0), None);
    assert_eq!(drawn(&mut shots, 50.0, &terrain).0.len(), 2);
    assert_eq!(drawn(&mut shots, 200.0, &terrain), (Vec::new(), 1));
}

#[test]
fn shot_of_another_starts_at_its_ship_and_joins_its_path() {
    let terrain = fixture::terrain(Vec::new());
    let mut shots = Shots::new(PlayerId(1), TICK_MS);
    let (start, muzzle) = (Vec2::new(500.0, 500.0), Vec2::new(400.0, 510.0));
    shots.on_record(&record(1, 2, 40), start, 0.0, Some(muzzle), &terrain);
    assert_eq!(drawn(&mut shots, 0.0, &terrain).0[0].position, muzzle);
    assert_eq!(drawn(&mut shots, 250.0, &terrain).0[0].position.y, start.y);
}

#[test]
fn own_shot_flies_at_once_and_on_when_it_is_confirmed() {
    let terrain = fixture::terrain(Vec::new());
    let step = terrain.arena().rules.shot.speed / 20.0;
    let mut shots = Shots::new(PlayerId(1), TICK_MS);
    // Fired in tick 20, when remote ships are shown as they were three ticks earlier.
    let (muzzle, fired_ms) = (Vec2::new(500.0, 500.0), 850.0);
    shots.fire(Tick(20), muzzle, Angle(0), fired_ms, 17, &terrain);
    assert_eq!(drawn(&mut shots, 850.0, &terrain).0[0].position, muzzle);
    let before = drawn(&mut shots, 925.0, &terrain).0[0].position;
    assert!((before.x - (500.0 + step * 1.5)).abs() < 0.01);
    // The server moved it forward by those three ticks.
    let sent = Vec2::new(500.0 + step * 3.0, 500.0);
    assert!(!shots.on_record(&record(7, 1, 14), sent, 1000.0, None, &terrain));
    shots.drop_unconfirmed(Tick(20));
    assert_eq!(drawn(&mut shots, 925.0, &terrain).0[0].position, before);
    assert_eq!(shots.on_hit(ShotId(7), 1000.0).map(|ended| ended.owner), Some(PlayerId(1)));
    assert_eq!(drawn(&mut shots, 1000.0, &terrain).0.len(), 0);
}

#[test]
fn own_shot_that_the_server_does_not_send_is_removed() {
    let terrain = fixture::terrain(Vec::new());
    let mut shots = Shots::new(PlayerId(1), TICK_MS);
    shots.fire(Tick(20), Vec2::splat(500.0), Angle(0), 850.0, 17, &terrain);
    shots.fire(Tick(25), Vec2::splat(500.0), Angle(0), 1100.0, 17, &terrain);
    shots.drop_unconfirmed(Tick(19));
    assert_eq!(shots.shots.len(), 2);
    shots.drop_unconfirmed(Tick(20));
    assert_eq!(shots.shots.len(), 1);
}

#[test]
fn own_shot_that_is_confirmed_elsewhere_moves_there() {
    let terrain = fixture::terrain(Vec::new());
    let mut shots = Shots::new(PlayerId(1), TICK_MS);
    shots.fire(Tick(25), Vec2::splat(500.0), Angle(0), 1100.0, 17, &terrain);
    shots.on_record(&record(7, 1, 14), Vec2::new(500.0, 560.0), 1250.0, None, &terrain);
    let shown = drawn(&mut shots, 1100.0, &terrain).0[0].position;
    assert!(shown.distance(Vec2::splat(500.0)) < 0.01, "{shown}");
    assert_eq!(drawn(&mut shots, 1300.0, &terrain).0[0].position.y, 560.0);
}
