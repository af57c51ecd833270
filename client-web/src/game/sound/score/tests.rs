//! What is heard of scenes.

use shared::{engine::ids::PlayerId, game::rules::Pickup};

use super::super::{
    super::scene::{HudKill, Run, SceneShip},
    VOICES_MAX,
};
use super::*;

const HALF: Vec2 = Vec2::new(800.0, 450.0);

fn ship(own: bool, position: Vec2, tier: u8) -> SceneShip {
    SceneShip {
        id: PlayerId(u16::from(own)),
        position,
        velocity: Vec2::ZERO,
        aim_radians: 0.0,
        radius: 20.0,
        tier,
        health: 1.0,
        boosting: false,
        shielded: false,
        own,
        drone: false,
        leader: false,
        colour: 0,
        rapid: false,
        magnet: false,
    }
}

fn scene(events: &[SceneEvent]) -> Scene {
    let mut scene = Scene { events: events.to_vec(), ..Scene::default() };
    scene.ships = vec![ship(true, Vec2::ZERO, 1), ship(false, Vec2::new(300.0, 0.0), 3)];
    scene.hud.life = Life::Alive;
    scene.hud.health = 1.0;
    scene
}

fn sounds(score: &mut Score, scene: &Scene, now_ms: f64) -> Vec<Sound> {
    score.read(scene, HALF, now_ms).iter().map(|cue| cue.sound).collect()
}

fn dead(seconds: f32) -> Scene {
    let mut scene = scene(&[]);
    scene.hud.life = Life::Dead { respawn_seconds: seconds, by: None, run: Run::default() };
    scene
}

#[test]
fn shots_sound_by_the_ship_that_fired_and_from_where_it_is() {
    let mut score = Score::default();
    let scene = scene(&[
        SceneEvent::ShotFired { position: Vec2::new(320.0, 0.0), own: false },
        SceneEvent::ShotFired { position: Vec2::new(20.0, 0.0), own: true },
    ]);
    let cues = score.read(&scene, HALF, 0.0).to_vec();
    assert_eq!(cues.iter().map(|cue| cue.sound).collect::<Vec<_>>(), [Sound::Shot(1), Sound::Shot(3)]);
    assert!(cues[0].own && cues[0].pan == 0.0 && cues[0].gain > cues[1].gain);
    assert!(!cues[1].own && cues[1].pan > 0.2);
}

#[test]
fn everything_that_happens_to_this_player_has_its_sound() {
    let place = Vec2::new(10.0, 0.0);
    for (event, expected) in [
        (
            SceneEvent::ShipHit { position: place, ship: PlayerId(1), own: true, by_own: false },
            vec![Sound::Hurt],
        ),
        (
            SceneEvent::ShipHit { position: place, ship: PlayerId(1), own: false, by_own: true },
            vec![Sound::Hit],
        ),
        (SceneEvent::ShotStruck { position: place }, vec![Sound::Struck]),
        (SceneEvent::EmberGathered { position: place, own: true }, vec![Sound::Ember]),
        (SceneEvent::EmberGathered { position: place, own: false }, vec![]),
        (SceneEvent::Spawned { position: place }, vec![Sound::Spawn]),
        (
            SceneEvent::PickupTaken { position: place, kind: Pickup::Rapid, own: true },
            vec![Sound::Pickup(Pickup::Rapid)],
        ),
        (SceneEvent::Explosion { position: place, tier: 2, own: true }, vec![Sound::Blast(2), Sound::Fall]),
        (SceneEvent::Explosion { position: place, tier: 2, own: false }, vec![Sound::Blast(2)]),
    ] {
        assert_eq!(sounds(&mut Score::default(), &scene(&[event]), 0.0), expected, "{event:?}");
    }
}

#[test]
fn what_is_far_away_is_not_heard() {
    let far = Vec2::new(4000.0, 0.0);
    let events = [
        SceneEvent::Explosion { position: far, tier: 3, own: false },
        SceneEvent::ShotFired { position: far, own: false },
        SceneEvent::ShotStruck { position: far },
    ];
    assert_eq!(sounds(&mut Score::default(), &scene(&events), 0.0), []);
}

#[test]
fn of_a_crowd_the_nearest_and_the_own_are_heard() {
    let mut events = Vec::new();
    for i in 0..500_u16 {
        let position = Vec2::new(f32::from(i) * 3.0, 0.0);
        events.push(SceneEvent::ShotFired { position, own: false });
        events.push(SceneEvent::Explosion { position, tier: (i % 4) as u8, own: false });
        events.push(SceneEvent::ShotStruck { position });
    }
    events.push(SceneEvent::ShipHit { position: Vec2::ZERO, ship: PlayerId(1), own: true, by_own: false });
    let mut score = Score::default();
    let mut most = 0;
    for picture in 0..100 {
        let cues = score.read(&scene(&events), HALF, f64::from(picture) * 16.0);
        most = most.max(cues.len());
        assert!(cues.len() <= VOICES_MAX);
        if picture == 0 {
            assert_eq!(cues[0].sound, Sound::Hurt);
            assert!(cues.iter().filter(|cue| !cue.own).all(|cue| cue.pan < 0.25), "{cues:?}");
        }
    }
    assert!(most >= 5);
}

#[test]
fn embers_in_a_streak_rise() {
    let mut score = Score::default();
    let scene = scene(&[SceneEvent::EmberGathered { position: Vec2::ZERO, own: true }; 3]);
    let cues = score.read(&scene, HALF, 0.0).to_vec();
    assert!(cues.len() == 3 && cues.windows(2).all(|two| two[1].rate > two[0].rate), "{cues:?}");
    assert!(cues[2].delay_seconds > cues[1].delay_seconds);
}

#[test]
fn growing_and_killing_are_cheered_and_dying_is_not() {
    let mut score = Score::default();
    assert_eq!(sounds(&mut score, &scene(&[]), 0.0), [], "a first ship has not grown");
    let mut grown = scene(&[]);
    grown.hud.tier = 1;
    assert_eq!(sounds(&mut score, &grown, 100.0), [Sound::Grown]);
    assert_eq!(sounds(&mut score, &grown, 200.0), []);
    let kill = HudKill { victim: "A".into(), by: "B".into(), own: true, streak: 1, ended: 0 };
    grown.hud.kills = vec![kill.clone()];
    assert_eq!(sounds(&mut score, &grown, 300.0), [Sound::Kill]);
    grown.hud.kills = vec![HudKill { own: false, ..kill.clone() }];
    assert_eq!(sounds(&mut score, &grown, 400.0), []);
    let mut lost = dead(1.9);
    lost.hud.kills = vec![kill];
    assert_eq!(sounds(&mut score, &lost, 500.0), []);
}

#[test]
fn a_failing_hull_beats_faster_and_waiting_ticks() {
    let beats = |health| {
        let mut score = Score::default();
        let mut low = scene(&[]);
        low.hud.health = health;
        (0..600).filter(|i| sounds(&mut score, &low, f64::from(*i) * 16.0) == [Sound::Pulse]).count()
    };
    let (fine, low, failing) = (beats(0.5), beats(0.34), beats(0.02));
    assert!(fine == 0 && low > 5 && failing > low + 4, "{fine}, {low}, {failing}");

    let mut score = Score::default();
    let seconds = (0..32).map(|i| 2.0 - f32::from(i as u8) / 16.0);
    let ticks = seconds
        .zip(0..)
        .filter(|(left, i)| sounds(&mut score, &dead(*left), f64::from(*i) * 62.5) == [Sound::Tick]);
    assert_eq!(ticks.count(), 1, "two seconds are a beginning, a tick and an end");
}
