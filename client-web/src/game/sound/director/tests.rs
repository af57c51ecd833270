//! Which sound effects scenes make.

use shared::{
    engine::ids::PlayerId,
    game::{ember::Pickup, protocol::Status},
};

use super::*;
use crate::game::{
    scene::{HudKill, LifeSummary},
    sound::VOICES_MAX,
};

const HALF: Vec2 = Vec2::new(800.0, 450.0);

fn ship(own: bool, position: Vec2, tier: u8) -> SceneShip {
    SceneShip {
        id: PlayerId(u16::from(own)),
        position,
        velocity: Vec2::ZERO,
        aim_radians: 0.0,
        radius: 20.0,
        health: 1.0,
        status: Status::new(tier.into(), false, false),
        own,
        drone: false,
        leader: false,
        nemesis: false,
        colour: 0,
        team: None,
    }
}

fn scene(events: &[SceneEvent]) -> Scene {
    let mut scene = Scene { events: events.to_vec(), ..Scene::default() };
    scene.ships = vec![ship(true, Vec2::ZERO, 1), ship(false, Vec2::new(300.0, 0.0), 3)];
    scene.hud.life = Life::Alive;
    scene.hud.health = 1.0;
    scene
}

fn effects(director: &mut SoundDirector, scene: &Scene, now_ms: f64) -> Vec<Sfx> {
    director.direct(scene, HALF, now_ms).iter().map(|cue| cue.sfx).collect()
}

fn dead(seconds: f32) -> Scene {
    let mut scene = scene(&[]);
    scene.hud.life = Life::Dead { respawn_seconds: seconds, by: None, summary: LifeSummary::default() };
    scene
}

#[test]
fn shot_sounds_by_the_tier_and_the_place_of_its_ship() {
    let mut director = SoundDirector::default();
    let scene = scene(&[
        SceneEvent::ShotFired { position: Vec2::new(320.0, 0.0), own: false },
        SceneEvent::ShotFired { position: Vec2::new(20.0, 0.0), own: true },
    ]);
    let cues = director.direct(&scene, HALF, 0.0).to_vec();
    assert_eq!(cues.iter().map(|cue| cue.sfx).collect::<Vec<_>>(), [Sfx::Shot(1), Sfx::Shot(3)]);
    assert!(cues[0].own && cues[0].pan == 0.0 && cues[0].gain > cues[1].gain);
    assert!(!cues[1].own && cues[1].pan > 0.2);
}

#[test]
fn each_event_has_its_sound_effect() {
    let place = Vec2::new(10.0, 0.0);
    for (event, expected) in [
        (
            SceneEvent::ShipHit { position: place, ship: PlayerId(1), own: true, by_own: false },
            vec![Sfx::Hurt],
        ),
        (
            SceneEvent::ShipHit { position: place, ship: PlayerId(1), own: false, by_own: true },
            vec![Sfx::Hit],
        ),
        (SceneEvent::ShotStruck { position: place }, vec![Sfx::Impact]),
        (SceneEvent::EmberCollected { position: place, own: true }, vec![Sfx::Collect]),
        (SceneEvent::EmberCollected { position: place, own: false }, vec![]),
        (SceneEvent::Spawned { position: place }, vec![Sfx::Spawn]),
        (
            SceneEvent::PickupCollected { position: place, kind: Pickup::Rapid, own: true },
            vec![Sfx::Pickup(Pickup::Rapid)],
        ),
        (SceneEvent::Explosion { position: place, tier: 2, own: true }, vec![Sfx::Explosion(2), Sfx::Death]),
        (SceneEvent::Explosion { position: place, tier: 2, own: false }, vec![Sfx::Explosion(2)]),
    ] {
        assert_eq!(effects(&mut SoundDirector::default(), &scene(&[event]), 0.0), expected, "{event:?}");
    }
}

#[test]
fn far_events_are_silent() {
    let far = Vec2::new(4000.0, 0.0);
    let events = [
        SceneEvent::Explosion { position: far, tier: 3, own: false },
        SceneEvent::ShotFired { position: far, own: false },
        SceneEvent::ShotStruck { position: far },
    ];
    assert_eq!(effects(&mut SoundDirector::default(), &scene(&events), 0.0), []);
}

#[test]
fn nearest_and_own_events_of_a_crowd_are_heard() {
    let mut events = Vec::new();
    for i in 0..500_u16 {
        let position = Vec2::new(f32::from(i) * 3.0, 0.0);
        events.push(SceneEvent::ShotFired { position, own: false });
        events.push(SceneEvent::Explosion { position, tier: (i % 4) as u8, own: false });
        events.push(SceneEvent::ShotStruck { position });
    }
    events.push(SceneEvent::ShipHit { position: Vec2::ZERO, ship: PlayerId(1), own: true, by_own: false });
    let mut director = SoundDirector::default();
    let mut most = 0;
    for frame in 0..100 {
        let cues = director.direct(&scene(&events), HALF, f64::from(frame) * 16.0);
        most = most.max(cues.len());
        assert!(cues.len() <= VOICES_MAX);
        if frame == 0 {
            assert_eq!(cues[0].sfx, Sfx::Hurt);
            assert!(cues.iter().filter(|cue| !cue.own).all(|cue| cue.pan < 0.25), "{cues:?}");
        }
    }
    assert!(most >= 5);
}

#[test]
fn embers_in_a_row_rise_in_pitch() {
    let mut director = SoundDirector::default();
    let scene = scene(&[SceneEvent::EmberCollected { position: Vec2::ZERO, own: true }; 3]);
    let cues = director.direct(&scene, HALF, 0.0).to_vec();
    assert!(cues.len() == 3 && cues.windows(2).all(|two| two[1].rate > two[0].rate), "{cues:?}");
    assert!(cues[2].delay_seconds > cues[1].delay_seconds);
}

#[test]
fn growth_and_kills_are_heard_while_alive_only() {
    let mut director = SoundDirector::default();
    assert_eq!(effects(&mut director, &scene(&[]), 0.0), [], "the first scene is no growth");
    let mut grown = scene(&[]);
    grown.hud.tier = 1;
    assert_eq!(effects(&mut director, &grown, 100.0), [Sfx::Grow]);
    assert_eq!(effects(&mut director, &grown, 200.0), []);
    let kill = HudKill { victim: "A".into(), by: "B".into(), own: true, streak: 1, ..HudKill::default() };
    grown.hud.kills = vec![kill.clone()];
    assert_eq!(effects(&mut director, &grown, 300.0), [Sfx::Kill]);
    grown.hud.kills = vec![HudKill { own: false, ..kill.clone() }];
    assert_eq!(effects(&mut director, &grown, 400.0), []);
    let mut lost = dead(1.9);
    lost.hud.kills = vec![kill];
    assert_eq!(effects(&mut director, &lost, 500.0), []);
}

#[test]
fn heartbeat_speeds_up_as_health_falls() {
    let beats = |health| {
        let mut director = SoundDirector::default();
        let mut low = scene(&[]);
        low.hud.health = health;
        (0..600).filter(|i| effects(&mut director, &low, f64::from(*i) * 16.0) == [Sfx::LowHealth]).count()
    };
    let (fine, low, failing) = (beats(0.5), beats(0.34), beats(0.02));
    assert!(fine == 0 && low > 5 && failing > low + 4, "{fine}, {low}, {failing}");
}

#[test]
fn each_second_before_the_respawn_is_heard() {
    let mut director = SoundDirector::default();
    let seconds = (0..32).map(|i| 2.0 - f32::from(i as u8) / 16.0);
    let ticks = seconds
        .zip(0..)
        .filter(|(left, i)| effects(&mut director, &dead(*left), f64::from(*i) * 62.5) == [Sfx::Countdown]);
    assert_eq!(ticks.count(), 1, "between the start and the end of two seconds there is one");
}

#[test]
fn triumph_is_heard_once() {
    let mut director = SoundDirector::default();
    director.triumph();
    assert_eq!(effects(&mut director, &scene(&[]), 0.0), [Sfx::Triumph]);
    assert!(effects(&mut director, &scene(&[]), 2000.0).is_empty());
}
