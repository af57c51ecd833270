//! What scenes show of the frames that arrived.

use shared::{
    engine::{
        body::Motion,
        game_trait::Arena as _,
        ids::PlayerName,
        input::Angle,
        items::ItemTaken,
        protocol::{Role, quantize},
        roster::{Player, PlayerKind},
    },
    game::{
        ember::{Ember, PlacedEmber},
        protocol::{
            Announcement, CellChange, ClientMessage, Death, Event, Notice, PilotState, ShotRecord,
            ViewerState,
        },
        shot::{Hit, Kill, KilledBy, Lived, ShotId},
    },
};

use super::*;
use crate::game::scene::{Life, SceneEvent};

const OTHER: PlayerId = PlayerId(5);
const KILL: Kill = Kill { by: OTHER, streak: 1, ended: 0 };

/// A session that has another ship in view, at this distance from the own one.
fn pair_with_other(offset: Vec2, velocity: Vec2) -> Pair {
    let mut pair = pair();
    let position = pair.frames.position(ME) + offset;
    pair.frames.bodies.push((OTHER, Motion { position, velocity }));
    pair
}

fn dead(pair: &Pair, by: PlayerId) -> ViewerState {
    let by = Some(KilledBy { player: by, embers: 80 });
    player(PilotState::Dead { until: pair.frames.tick.after(60), life: Lived::default(), by })
}

#[test]
fn other_ship_is_shown_where_it_was_and_vanishes_when_it_left() {
    let mut pair = pair_with_other(Vec2::splat(60.0), Vec2::new(0.0, 120.0));
    (0..30).for_each(|_| pair.tick());
    let scene = pair.scene();
    let shown = scene.ships.iter().find(|ship| ship.id == OTHER).expect("it is in view");
    // The delay is a tick and a quarter.
    let behind_ms = shown.position.distance(pair.frames.position(OTHER)) / 120.0 * 1000.0;
    assert!((behind_ms - 41.7).abs() < 2.0, "{behind_ms} ms behind");
    pair.frames.bodies.pop();
    pair.tick();
    assert_eq!(pair.session.visible_ships().count(), 0);
    assert_eq!(pair.scene().ships.len(), 2, "render time is before it left");
    (0..3).for_each(|_| pair.tick());
    assert_eq!(pair.scene().ships.len(), 1);
}

#[test]
fn each_event_is_shown_once() {
    let mut pair = pair_with_other(Vec2::new(60.0, 0.0), Vec2::ZERO);
    let ember = PlacedEmber { x: 3, y: 4, item: Ember(2) };
    pair.frames.items.push((pair.frames.cell(), ember));
    pair.tick();
    let scene = pair.scene();
    assert!(matches!(scene.events[..], [SceneEvent::Spawned { .. }]), "{:?}", scene.events);
    assert_eq!(scene.embers.len(), 1);

    let at = quantize(pair.frames.position(OTHER), pair.frames.arena.grid());
    let (x, y) = (at.x, at.y);
    let shot = |id, owner| {
        Event::Shot(ShotRecord { id: ShotId(id), owner, x, y, direction: Angle(0), ticks_left: 25 })
    };
    pair.frames.changes = vec![
        CellChange::Events(vec![shot(1, ME), shot(2, OTHER)].into()),
        CellChange::ItemsTaken(vec![ItemTaken { x: 3, y: 4, by: ME }].into()),
    ];
    pair.tick();
    pair.frames.items.clear();
    let by_me = Some(Kill { by: ME, streak: 1, ended: 0 });
    pair.frames.changes = vec![CellChange::Events(
        vec![
            Event::Hit(Hit { shot: ShotId(1), ship: OTHER }),
            Event::Hit(Hit { shot: ShotId(2), ship: ME }),
            Event::Death(Death { ship: OTHER, x, y, by: by_me }),
        ]
        .into(),
    )];
    pair.tick();

    let scene = pair.scene();
    assert_eq!(scene.hud.kills.iter().map(|kill| kill.own).collect::<Vec<_>>(), [true]);
    let mut events = scene.events;
    for _ in 0..12 {
        events.extend(pair.scene().events);
        pair.tick();
    }
    let count = |wanted: fn(&SceneEvent) -> bool| events.iter().filter(|event| wanted(event)).count();
    assert_eq!(count(|e| matches!(e, SceneEvent::ShotFired { .. })), 2);
    assert_eq!(count(|e| matches!(e, SceneEvent::ShipHit { own: false, by_own: true, .. })), 1);
    assert_eq!(count(|e| matches!(e, SceneEvent::ShipHit { own: true, by_own: false, .. })), 1);
    assert_eq!(count(|e| matches!(e, SceneEvent::Explosion { own: false, .. })), 1);
    assert_eq!(count(|e| matches!(e, SceneEvent::EmberCollected { own: true, .. })), 1);
    assert_eq!(events.len(), 6, "{events:?}");
    assert!(pair.scene().embers.is_empty() && pair.scene().shots.is_empty());
}

#[test]
fn hud_shows_life_kills_and_the_killers_name() {
    let mut pair = pair();
    assert_eq!(pair.scene().hud.life, Life::Waiting);
    let name = PlayerName::new("Mallory").unwrap();
    let mallory = Player { id: OTHER, name, kind: PlayerKind::Human, colour: 0 };
    pair.frames.notices =
        vec![Notice::Joined(mallory), Notice::Game(Announcement::Killed { victim: ME, kill: KILL })];
    pair.tick();
    let hud = pair.scene().hud;
    assert_eq!((hud.life, hud.embers, hud.next_tier_at, hud.rank), (Life::Alive, 0, Some(25), 1));
    assert_eq!(hud.kills[0].by, "Mallory");
    pair.frames.viewer = dead(&pair, OTHER);
    pair.tick();
    let scene = pair.scene();
    let Life::Dead { respawn_seconds, by, .. } = scene.hud.life else { panic!("{:?}", scene.hud.life) };
    assert!((1.9..=2.1).contains(&respawn_seconds) && by.is_some_and(|by| by.name == "Mallory"));
    assert!(scene.ships.iter().all(|ship| !ship.own) && pair.session.own_position().is_none());
}

#[test]
fn killer_is_marked_from_the_death_on_until_it_is_shot_down() {
    let mut pair = pair_with_other(Vec2::new(60.0, 0.0), Vec2::ZERO);
    let is_marked = |pair: &mut Pair| pair.scene().ships.iter().any(|ship| ship.nemesis);
    pair.tick();
    assert!(!is_marked(&mut pair));
    let killed = dead(&pair, OTHER);
    let alive = core::mem::replace(&mut pair.frames.viewer, killed);
    (0..3).for_each(|_| pair.tick());
    assert!(is_marked(&mut pair));
    let kill = Kill { by: ME, streak: 0, ended: 0 };
    pair.frames.notices = vec![Notice::Game(Announcement::Killed { victim: OTHER, kill })];
    pair.tick();
    assert!(pair.scene().hud.kills[0].revenge && !is_marked(&mut pair));
    pair.tick();
    assert!(!is_marked(&mut pair), "the same death marks no one again");
    pair.frames.viewer = alive;
    pair.tick();
    pair.frames.viewer = dead(&pair, OTHER);
    pair.tick();
    assert!(is_marked(&mut pair), "another death does");
}

#[test]
fn camera_drifts_from_the_wreck_to_below_the_killer() {
    let mut pair = pair_with_other(Vec2::new(200.0, 0.0), Vec2::ZERO);
    pair.tick();
    let wreck = pair.scene().camera;
    pair.frames.viewer = dead(&pair, OTHER);
    for _ in 0..120 {
        pair.tick();
        pair.scene();
    }
    let drifted = pair.scene().camera - wreck;
    // The view of the fixture is 300 units high to each side.
    assert!((125.0..=142.0).contains(&drifted.x), "{drifted}");
    assert!((-64.0..=-56.0).contains(&drifted.y), "{drifted}");
}

#[test]
fn spectator_follows_a_ship_and_sends_acks_only() {
    let mut pair = Pair::welcomed(frames(), Session::spectator(), None);
    pair.frames.viewer = ViewerState::Spectator { target: Some(OTHER) };
    let position = pair.frames.position(ME);
    pair.frames.bodies = vec![(OTHER, Motion { position, velocity: Vec2::new(120.0, 0.0) })];
    for _ in 0..60 {
        pair.session.advance(pair.now_ms, FIRE);
        pair.tick();
        pair.scene();
    }
    let scene = pair.scene();
    let watched = scene.ships.iter().find(|ship| ship.id == OTHER).expect("it is in view");
    // As far behind as it flies in the time of the camera's lag.
    let behind = scene.camera.distance(watched.position);
    assert!(behind > 1.0 && behind < 60.0, "{behind}");
    assert!(scene.ships.iter().all(|ship| !ship.own));
    assert_eq!(pair.session.player_id(), None);
    let sent = pair.sent();
    assert!(matches!(&sent[0], ClientMessage::Hello(hello) if hello.role == Role::Spectator));
    assert!(matches!(sent[1..], [ClientMessage::Ack(_)]), "{sent:?}");
}
