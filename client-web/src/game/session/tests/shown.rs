//! What a session shows of what it was told.

use shared::{
    engine::{
        angle::Angle,
        input::Buttons,
        protocol::{Role, quantize},
    },
    game::{
        ember::{Ember, EmberTaken},
        pilot::{Kill, PilotKind},
        protocol::{CellChange, Death, Notice, ShotRecord, decode_server, encode_server},
        shot::{Hit, ShotId},
    },
};

use super::*;
use crate::game::scene::{Life, SceneEvent};

#[test]
fn others_are_shown_where_they_were_and_go_when_they_went() {
    let mut pair = Pair::new(1);
    let mut other = pair.server.actors[0].clone();
    other.id = PlayerId(5);
    other.flight.motion.velocity = Vec2::new(0.0, 120.0);
    pair.server.actors.push(other);
    (0..30).for_each(|_| pair.tick(PlayerInput::default()));
    let scene = pair.scene();
    let shown = scene.ships.iter().find(|ship| ship.id == PlayerId(5)).expect("it is in view");
    let (place, speed) = {
        let actor = pair.server.actor(PlayerId(5));
        (actor.flight.motion.position, actor.flight.motion.velocity.length())
    };
    // A tick and a quarter of delay, less what has passed since the frame came.
    let behind = shown.position.distance(place) / speed;
    assert!((0.025..0.09).contains(&behind), "{behind} s behind");
    pair.server.actors.pop();
    pair.tick(PlayerInput::default());
    assert_eq!(pair.session.visible_ships().count(), 0);
    (0..3).for_each(|_| pair.tick(PlayerInput::default()));
    assert_eq!(pair.scene().ships.len(), 1);
}

#[test]
fn what_happens_is_told_once() {
    let mut pair = Pair::new(2);
    let place = pair.server.actor(ME).flight.motion.position;
    pair.server.actor(PlayerId(1)).flight.motion.position = place + Vec2::new(60.0, 0.0);
    let ember = Ember { x: 3, y: 4, value: 2 };
    let cell = pair.cell_of(ME);
    pair.server.extra.push((cell, CellChange::EmbersAdded(vec![ember].into())));
    pair.tick(PlayerInput::default());
    let scene = pair.scene();
    assert!(matches!(scene.events[..], [SceneEvent::Spawned { .. }]), "{:?}", scene.events);
    assert_eq!(scene.embers.len(), 1);

    let at = quantize(pair.server.actor(PlayerId(1)).flight.motion.position, pair.server.terrain.grid());
    let shot = |id, owner| ShotRecord {
        id: ShotId(id),
        owner,
        x: at.x,
        y: at.y,
        direction: Angle(0),
        ticks_left: 25,
    };
    let changes = [
        CellChange::Shots(vec![shot(1, ME), shot(2, PlayerId(1))].into()),
        CellChange::EmbersTaken(vec![EmberTaken { x: 3, y: 4, by: ME }].into()),
    ];
    pair.server.extra.extend(changes.map(|change| (cell, change)));
    pair.tick(PlayerInput::default());
    let hits = vec![Hit { shot: ShotId(1), ship: PlayerId(1) }, Hit { shot: ShotId(2), ship: ME }];
    let deaths =
        vec![Death { ship: PlayerId(1), x: at.x, y: at.y, by: Some(Kill { by: ME, streak: 1, ended: 0 }) }];
    pair.server.extra.push((cell, CellChange::Hits(hits.into())));
    pair.server.extra.push((cell, CellChange::Deaths(deaths.into())));
    pair.tick(PlayerInput::default());

    let scene = pair.scene();
    assert_eq!(
        scene.hud.kills.iter().map(|kill| kill.own).collect::<Vec<_>>(),
        [true],
        "who is seen to fall is told"
    );
    let mut events = scene.events;
    for _ in 0..12 {
        events.extend(pair.scene().events);
        pair.tick(PlayerInput::default());
    }
    let count = |wanted: fn(&SceneEvent) -> bool| events.iter().filter(|event| wanted(event)).count();
    assert_eq!(count(|e| matches!(e, SceneEvent::ShotFired { .. })), 2);
    assert_eq!(count(|e| matches!(e, SceneEvent::ShipHit { own: false, by_own: true, .. })), 1);
    assert_eq!(count(|e| matches!(e, SceneEvent::ShipHit { own: true, by_own: false, .. })), 1);
    assert_eq!(count(|e| matches!(e, SceneEvent::Explosion { own: false, .. })), 1);
    assert_eq!(count(|e| matches!(e, SceneEvent::EmberGathered { own: true, .. })), 1);
    assert_eq!(events.len(), 6, "{events:?}");
    assert!(pair.scene().embers.is_empty() && pair.scene().shots.is_empty());
}

#[test]
fn the_hud_knows_life_death_and_names() {
    let mut pair = Pair::new(1);
    assert_eq!(pair.scene().hud.life, Life::Waiting);
    let pilot = shared::game::protocol::Pilot {
        id: PlayerId(3),
        name: shared::engine::name::PlayerName::new("Mallory").unwrap(),
        kind: PilotKind::Player,
        colour: 0,
    };
    pair.server.notices.push(Notice::Joined(pilot));
    pair.server
        .notices
        .push(Notice::Killed { victim: ME, kill: Kill { by: PlayerId(3), streak: 1, ended: 0 } });
    pair.tick(PlayerInput::default());
    let hud = pair.scene().hud;
    assert_eq!((hud.life, hud.embers, hud.next_tier_at, hud.rank), (Life::Alive, 5, Some(25), 1));
    assert_eq!(hud.kills[0].by, "Mallory");
    pair.server.step();
    let mut frame = pair.server.frame(ME, &mut pair.viewer);
    frame.head.pilot = PilotState::Dead { until: frame.head.tick.after(60), by: Some(PlayerId(3)) };
    pair.session.handle_message(&bytes(frame), pair.now_ms).expect("a frame is put on");
    let scene = pair.scene();
    let Life::Dead { respawn_seconds, by, .. } = scene.hud.life else { panic!("{:?}", scene.hud.life) };
    assert!((1.9..=2.1).contains(&respawn_seconds) && by.is_some_and(|by| by.name == "Mallory"));
    assert!(scene.ships.iter().all(|ship| !ship.own) && pair.session.own_position().is_none());
}

#[test]
fn after_a_death_the_camera_drifts_towards_whoever_did_it() {
    let mut pair = Pair::new(2);
    pair.tick(PlayerInput::default());
    let fell = pair.scene().camera;
    let killer = pair.server.actor(PlayerId(1));
    killer.flight.motion.position = fell + Vec2::new(200.0, 0.0);
    killer.flight.motion.velocity = Vec2::ZERO;
    let mut drifted = Vec::new();
    for _ in 0..120 {
        pair.server.step();
        let mut frame = pair.server.frame(ME, &mut pair.viewer);
        frame.head.pilot = PilotState::Dead { until: Tick(9999), by: Some(PlayerId(1)) };
        pair.now_ms += pair.server.tick_ms();
        pair.session.handle_message(&bytes(frame), pair.now_ms).expect("a frame is put on");
        drifted.push(pair.scene().camera - fell);
    }
    let steps = drifted.windows(2).map(|two| two[1].x - two[0].x);
    assert!(steps.clone().all(|step| (-0.01..10.0).contains(&step)), "{:?}", steps.collect::<Vec<_>>());
    let there = drifted[119];
    assert!((60.0..=72.0).contains(&there.x) && there.y.abs() < 1.0, "a third of the way: {there}");
}

#[test]
fn who_watches_glides_along_with_the_leader_and_sends_no_inputs() {
    let mut pair = Pair::new(2);
    pair.session = Session::watching();
    let message = pair.server.welcome(ME);
    let refused = Session::watching().handle_message(&message, 0.0);
    assert!(matches!(refused, Err(SessionError::Unexpected)), "a pilot's welcome is not for it");
    let Ok(ServerMessage::Welcome(mut welcome)) = decode_server(&message) else { panic!("it is a welcome") };
    welcome.player = None;
    let welcome = encode_server(&ServerMessage::Welcome(welcome));
    assert!(Session::new("Ada").handle_message(&welcome, 0.0).is_err());
    pair.session.handle_message(&welcome, 0.0).expect("a welcome is welcome");
    let whom = PlayerId(1);
    for _ in 0..90 {
        pair.server.actor(whom).input = PlayerInput { buttons: Buttons::RIGHT, ..PlayerInput::default() };
        pair.session.advance(pair.now_ms, PlayerInput { buttons: Buttons::FIRE, ..PlayerInput::default() });
        while let Some(bytes) = pair.session.poll_transmit() {
            pair.sent.push(decode_client(&bytes).expect("a session sends messages"));
        }
        pair.server.step();
        pair.now_ms += pair.server.tick_ms();
        let mut frame = pair.server.frame(whom, &mut pair.viewer);
        frame.head.pilot = PilotState::Spectating { target: Some(whom) };
        pair.session.handle_message(&bytes(frame), pair.now_ms).expect("a frame is put on");
        pair.scene();
    }
    let scene = pair.scene();
    let leader = scene.ships.iter().find(|ship| ship.id == whom).expect("it is in view");
    let far = scene.camera.distance(leader.position);
    // As far behind as it flies in the time of a glide.
    assert!(far > 1.0 && far < leader.velocity.length() * 0.5, "{far}");
    assert!(scene.ships.iter().all(|ship| !ship.own));
    assert_eq!(pair.session.me(), None);
    assert!(matches!(&pair.sent[0], ClientMessage::Hello(hello) if hello.role == Role::Spectator));
    let rest = &pair.sent[1..];
    assert!(
        !rest.is_empty() && rest.iter().all(|message| matches!(message, ClientMessage::Ack(_))),
        "{rest:?}"
    );
}
