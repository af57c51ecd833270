//! Which event makes how much light, and what a calm page leaves out.

use shared::game::{ember::Pickup, protocol::Status};

use super::*;
use crate::engine::page::{gpu_data::Sprite, quality::Quality, view::View};

const VIEW: View =
    View { camera: Vec2::ZERO, half: Vec2::splat(5000.0), pixels_per_unit: 1.0, device_ratio: 1.0 };

fn ship(id: u16, own: bool) -> SceneShip {
    SceneShip {
        id: PlayerId(id),
        position: Vec2::ZERO,
        velocity: Vec2::X * 200.0,
        aim_radians: 0.0,
        radius: 17.0,
        health: 1.0,
        status: Status::new(0, false, false),
        own,
        drone: false,
        leader: false,
        nemesis: false,
        colour: 2,
        team: None,
    }
}

fn effects() -> Effects {
    let mut effects = Effects::new(false);
    effects.set_detail(RenderDetail::of(Quality::High));
    effects
}

fn after(effects: &mut Effects, event: SceneEvent) -> usize {
    effects.advance(&Scene { events: vec![event], ..Scene::default() }, 0.0);
    sprites(effects.sparks()).len()
}

fn sprites(particles: &Particles) -> Vec<Sprite> {
    let mut sprites = Vec::new();
    particles.draw(&VIEW, |sprite| sprites.push(sprite));
    sprites
}

fn explosion(tier: u8, own: bool) -> SceneEvent {
    SceneEvent::Explosion { position: Vec2::ZERO, tier, own }
}

fn hit(ship: u16, own: bool) -> SceneEvent {
    SceneEvent::ShipHit { position: Vec2::ZERO, ship: PlayerId(ship), own, by_own: false }
}

#[test]
fn larger_ships_explode_with_more_light() {
    let light = [0, 1, 2, 3].map(|tier| after(&mut effects(), explosion(tier, false)));
    assert!(light.is_sorted() && light[3] > 2 * light[0], "{light:?}");
}

#[test]
fn explosions_in_a_crowd_are_smaller_but_never_the_own() {
    let mut crowded = effects();
    while crowded.sparks().fullness() < 0.3 {
        after(&mut crowded, explosion(0, false));
    }
    let added = |effects: &mut Effects, own| {
        let before = sprites(effects.sparks()).len();
        after(effects, explosion(2, own)) - before
    };
    let alone = added(&mut effects(), false);
    let (other, own) = (added(&mut crowded, false), added(&mut crowded, true));
    assert!(other < own && other * 3 < alone * 2, "{other} of others, {own} of the own, {alone} alone");
}

#[test]
fn every_pickup_shows_its_sign() {
    for kind in [Pickup::Shield, Pickup::Rapid, Pickup::Magnet] {
        let mut effects = effects();
        after(&mut effects, SceneEvent::PickupCollected { position: Vec2::ZERO, kind, own: true });
        let sign = crate::game::page::shapes::pickup_sign(kind) as u8;
        let signs = sprites(effects.sparks()).into_iter().filter(|sprite| sprite.shape == sign);
        assert_eq!(signs.map(|sprite| sprite.tint).collect::<Vec<_>>(), [palette::pickup_tint(kind)]);
    }
}

#[test]
fn only_the_own_ships_hits_and_death_shake_the_camera_and_the_shake_ends() {
    let mut effects = effects();
    after(&mut effects, hit(3, false));
    after(&mut effects, explosion(3, false));
    assert_eq!(effects.shake_offset(), Vec2::ZERO);
    after(&mut effects, hit(1, true));
    let small = effects.shake;
    after(&mut effects, explosion(0, true));
    assert!(effects.shake > small && effects.shake_offset() != Vec2::ZERO);
    assert!(effects.shake_offset().abs().max_element() <= 1.6 * 7.0, "it has a limit");
    (0..120).for_each(|_| effects.advance(&Scene::default(), 1.0 / 60.0));
    assert_eq!(effects.shake_offset(), Vec2::ZERO);
}

#[test]
fn a_calm_page_does_not_shake_and_flashes_less() {
    let mut effects = effects();
    after(&mut effects, hit(1, true));
    let full = effects.flash(PlayerId(1));
    effects.set_calm(true);
    assert_eq!(effects.shake_offset(), Vec2::ZERO);
    assert!(effects.flash(PlayerId(1)) < 0.5 * full);
}

#[test]
fn a_ship_is_white_from_a_hit_for_a_moment() {
    let mut effects = effects();
    after(&mut effects, hit(3, false));
    assert_eq!([effects.flash(PlayerId(3)), effects.flash(PlayerId(4))], [1.0, 0.0]);
    effects.advance(&Scene::default(), FLASH_SECONDS / 2.0);
    assert_eq!(effects.flash(PlayerId(3)), 0.5);
    after(&mut effects, hit(3, false));
    assert_eq!(effects.flash(PlayerId(3)), 1.0, "a second hit begins it again");
    effects.advance(&Scene::default(), FLASH_SECONDS * 1.1);
    assert_eq!(effects.flash(PlayerId(3)), 0.0);
}

#[test]
fn growth_bursts_once_and_a_first_frame_is_no_growth() {
    let mut effects = effects();
    let mut scene = Scene {
        ships: vec![SceneShip { status: Status::new(2, false, false), ..ship(1, true) }],
        ..Scene::default()
    };
    let grown = |effects: &mut Effects, scene: &Scene| {
        let before = sprites(effects.sparks()).len();
        effects.advance(scene, 0.0);
        sprites(effects.sparks()).len() - before
    };
    assert_eq!(grown(&mut effects, &scene), 0, "the ship may be of any size when it is first seen");
    scene.ships[0].status = Status::new(3, false, false);
    assert!(grown(&mut effects, &scene) > 20);
    assert_eq!(grown(&mut effects, &scene), 0);
    scene.ships[0].status = Status::new(1, false, false);
    assert_eq!(grown(&mut effects, &scene), 0, "a smaller ship is a new one");
}

#[test]
fn ships_that_fly_leave_trails_and_those_at_rest_do_not() {
    let mut effects = effects();
    let resting = SceneShip { velocity: Vec2::ZERO, ..ship(2, false) };
    effects.advance(&Scene { ships: vec![resting], ..Scene::default() }, 0.1);
    assert!(sprites(effects.trails()).is_empty());
    effects.advance(&Scene { ships: vec![ship(1, true)], ..Scene::default() }, 0.1);
    assert!(!sprites(effects.trails()).is_empty());
    let place = sprites(effects.trails())[0].place;
    assert!(place.x < 0.0, "a trail is behind its ship, not at {place}");
}

#[test]
fn in_a_crowd_only_the_own_and_boosting_ships_leave_trails() {
    let mut crowd: Vec<SceneShip> = (0..100).map(|id| ship(id, id == 0)).collect();
    let trails = |ships: &[SceneShip]| {
        let mut effects = effects();
        effects.advance(&Scene { ships: ships.to_vec(), ..Scene::default() }, 1.0 / TRAIL_RATE + 0.001);
        sprites(effects.trails()).len()
    };
    assert_eq!(trails(&crowd), 1);
    crowd[50].status = Status::new(0, true, false);
    // A wake, and a fleck of what it burns.
    assert_eq!(trails(&crowd), 3);
    assert_eq!(trails(&crowd[..TRAILS_MAX]), TRAILS_MAX + 1);
}

#[test]
fn another_place_begins_without_effects() {
    let mut effects = effects();
    after(&mut effects, explosion(3, true));
    after(&mut effects, hit(1, true));
    effects.clear();
    assert!(sprites(effects.sparks()).is_empty() && sprites(effects.trails()).is_empty());
    assert_eq!((effects.flash(PlayerId(1)), effects.shake_offset()), (0.0, Vec2::ZERO));
}
