//! What is predicted is what the server computes, to the bit.

use proptest::prelude::*;
use shared::{
    engine::protocol::ViewChange,
    game::{
        ember::{Ember, PlacedEmber},
        protocol::{CellChange, CellChunk, OwnShip},
    },
};

use super::*;
use crate::game::fixture::{self, Random};

const RATE: u16 = 30;

/// An arena whose cells are all in view, with or without embers.
struct Place {
    terrain: Terrain,
    timing: Timing,
    replica: Replica,
}

impl Place {
    fn new(terrain: Terrain, embers: u32) -> Self {
        let grid = terrain.grid();
        let mut replica = Replica::new(grid);
        let window = grid.window(terrain.arena().size / 2.0, terrain.arena().size);
        replica.begin_frame(Some(ViewChange { window, reset: true }));
        let mut random = Random(embers.into());
        for i in 0..embers {
            let cell = CellIndex((random.next() % grid.len() as u32) as u16);
            let (y, item) = (random.next() as u8, Ember(1 + (random.next() % 9) as u8));
            let ember = PlacedEmber { x: i as u8, y, item };
            let changes = vec![CellChange::ItemsAdded(vec![ember].into())];
            replica.apply(&CellChunk { cell, changes }, |_, _| ());
        }
        let timing = Timing::new(RATE, &terrain.arena().rules);
        Self { terrain, timing, replica }
    }

    fn around(&self) -> Surroundings<'_> {
        Surroundings { terrain: &self.terrain, timing: &self.timing, replica: &self.replica }
    }
}

fn alive(flight: Flight) -> OwnShip {
    fixture::own_ship(flight)
}

fn at(x: f32, y: f32) -> Flight {
    let motion = Motion { position: Vec2::new(x, y), velocity: Vec2::ZERO };
    Flight { motion, ..Flight::default() }
}

fn bits(flight: &Flight) -> [u32; 8] {
    let Flight { motion: Motion { position, velocity }, embers, burnt, reload, power_ups } = *flight;
    let floats = [position.x, position.y, velocity.x, velocity.y].map(f32::to_bits);
    [floats[0], floats[1], floats[2], floats[3], embers, burnt.into(), reload.into(), power_ups.rapid.into()]
}

proptest! {
    #[test]
    fn prediction_equals_the_server_to_the_bit(
        seed: u64,
        embers in 0..200_u32,
        delays in proptest::collection::vec(0..12_u32, 300),
    ) {
        let place = Place::new(fixture::rocky(), 0);
        let mut random = Random(seed);
        let start = Flight { embers, ..at(1500.0, 1500.0) };
        let mut prediction = Prediction::default();
        prediction.reconcile(Tick(100), Some(&alive(start)), 0.0, place.around());
        // The server's state after each tick.
        let mut server = vec![start];
        let mut acked = 0;
        for (tick, delay) in (1..).zip(&delays) {
            let input = random.input();
            let mut next = server[tick as usize - 1];
            let outcome = next.step(input, &place.terrain, &place.timing);
            server.push(next);
            prop_assert_eq!(prediction.predict(Tick(100 + tick), input, 0.0, place.around()).0, outcome);
            // Frames arrive with any delay, but in order.
            acked = acked.max(tick.saturating_sub(*delay));
            let state = alive(server[acked as usize]);
            let reconciled = prediction.reconcile(Tick(100 + acked), Some(&state), 0.0, place.around());
            prop_assert_eq!(reconciled.error.map(f32::to_bits), Some(0));
            let predicted = prediction.ship().expect("it is alive");
            prop_assert_eq!(bits(predicted), bits(&next));
            prop_assert_eq!(prediction.offset, Vec2::ZERO);
        }
    }
}

#[test]
fn predicted_ember_counts_once_and_is_given_back_if_the_server_does_not_confirm_it() {
    let place = Place::new(fixture::terrain(Vec::new()), 1500);
    let mut prediction = Prediction::default();
    let start = at(1500.0, 1500.0);
    prediction.reconcile(Tick(100), Some(&alive(start)), 0.0, place.around());
    let mut collected = 0;
    for tick in 101..=130 {
        let input = PlayerInput { buttons: shared::engine::input::Buttons::RIGHT, ..PlayerInput::default() };
        collected += prediction.predict(Tick(tick), input, 0.0, place.around()).1;
    }
    let held = prediction.ship().expect("it is alive").embers;
    assert!(collected > 5 && held >= collected as u32, "{collected} embers worth {held}");
    assert_eq!(prediction.collected().len(), collected);
    // The same ticks predicted again: nothing is counted twice.
    prediction.reconcile(Tick(100), Some(&alive(start)), 0.0, place.around());
    assert_eq!(prediction.ship().expect("it is alive").embers, held);
    let far = at(200.0, 200.0);
    prediction.reconcile(Tick(130), Some(&alive(far)), 0.0, place.around());
    assert!(prediction.collected().is_empty());
}

#[test]
fn tick_without_an_input_repeats_the_last_one_as_the_server_does() {
    let place = Place::new(fixture::terrain(Vec::new()), 0);
    let right = PlayerInput { buttons: shared::engine::input::Buttons::RIGHT, ..PlayerInput::default() };
    let mut server = at(1000.0, 1000.0);
    let mut prediction = Prediction::default();
    prediction.predict(Tick(99), right, 0.0, place.around());
    prediction.reconcile(Tick(99), Some(&alive(server)), 0.0, place.around());
    // Two own ticks were skipped.
    prediction.predict(Tick(102), PlayerInput::default(), 0.0, place.around());
    prediction.reconcile(Tick(99).after(0), Some(&alive(server)), 0.0, place.around());
    for input in [right, right, PlayerInput::default()] {
        server.step(input, &place.terrain, &place.timing);
    }
    assert_eq!(prediction.ship().map(bits), Some(bits(&server)));
}

#[test]
fn error_is_smoothed_out_without_a_jump() {
    let place = Place::new(fixture::terrain(Vec::new()), 0);
    let mut prediction = Prediction::default();
    prediction.reconcile(Tick(1), Some(&alive(at(1000.0, 1000.0))), 0.0, place.around());
    let reconciled = prediction.reconcile(Tick(2), Some(&alive(at(1060.0, 1000.0))), 50.0, place.around());
    assert_eq!(reconciled.error, Some(60.0));
    let shown =
        |ms| prediction.shown(ms, PlayerInput::default(), 0.0, &place.terrain).map_or(0.0, |m| m.position.x);
    assert_eq!(shown(50.0), 1000.0);
    assert!((shown(150.0) - 1060.0).abs() < 60.0 * 0.02);
    assert!((50..150).all(|ms| shown(f64::from(ms)) < shown(f64::from(ms + 1))));
    assert_eq!(shown(1000.0), 1060.0);
}

#[test]
fn ship_jumps_to_a_distant_place() {
    let place = Place::new(fixture::terrain(Vec::new()), 0);
    let mut prediction = Prediction::default();
    prediction.reconcile(Tick(1), Some(&alive(at(1000.0, 1000.0))), 0.0, place.around());
    prediction.reconcile(Tick(2), Some(&alive(at(1300.0, 1000.0))), 1.0, place.around());
    let shown = prediction.shown(1.0, PlayerInput::default(), 0.0, &place.terrain);
    assert_eq!(shown.map(|motion| motion.position.x), Some(1300.0));
}

#[test]
fn unacked_inputs_are_bounded() {
    let place = Place::new(fixture::terrain(Vec::new()), 0);
    let mut prediction = Prediction::default();
    for tick in 1..=10 * UNACKED_MAX as u32 {
        prediction.predict(Tick(tick), PlayerInput::default(), f64::from(tick), place.around());
    }
    assert_eq!(prediction.unacked.len(), UNACKED_MAX);
}

#[test]
fn dead_pilot_has_no_predicted_ship_but_its_inputs_are_acknowledged() {
    let place = Place::new(fixture::terrain(Vec::new()), 0);
    let mut prediction = Prediction::default();
    prediction.reconcile(Tick(1), Some(&alive(at(1000.0, 1000.0))), 0.0, place.around());
    prediction.predict(Tick(2), PlayerInput::default(), 10.0, place.around());
    let reconciled = prediction.reconcile(Tick(2), None, 50.0, place.around());
    assert_eq!(reconciled, Reconciled { input_to_ack_ms: Some(40.0), error: None });
    assert!(prediction.unacked.is_empty() && prediction.ship().is_none());
}

#[test]
fn paused_ship_coasts_without_its_last_buttons() {
    let place = Place::new(fixture::terrain(Vec::new()), 0);
    let right = PlayerInput { buttons: shared::engine::input::Buttons::RIGHT, ..PlayerInput::default() };
    let mut prediction = Prediction::default();
    prediction.predict(Tick(1), right, 0.0, place.around());
    prediction.reconcile(Tick(1), Some(&alive(at(1000.0, 1000.0))), 0.0, place.around());
    prediction.predict(Tick(2), right, 0.0, place.around());
    prediction.pause();
    // The tick between the frame and this input repeats the last input, which has no buttons now.
    prediction.predict(Tick(3), PlayerInput::default(), 0.0, place.around());
    prediction.reconcile(Tick(1), Some(&alive(at(1000.0, 1000.0))), 0.0, place.around());
    assert_eq!(prediction.ship().map(|ship| ship.motion.velocity), Some(Vec2::ZERO));
}

#[test]
fn jump_of_the_schedule_does_not_move_the_shown_ship() {
    let place = Place::new(fixture::terrain(Vec::new()), 0);
    let mut flight = at(1000.0, 1000.0);
    flight.motion.velocity = Vec2::new(380.0, 0.0);
    let mut prediction = Prediction::default();
    prediction.reconcile(Tick(1), Some(&alive(flight)), 0.0, place.around());
    let still = PlayerInput::default();
    let shown = |prediction: &Prediction, ms| {
        prediction.shown(ms, still, 0.0, &place.terrain).map_or(0.0, |motion| motion.position.x)
    };
    let before = shown(&prediction, 10.0);
    for tick in 2..8 {
        prediction.predict(Tick(tick), still, 10.0, place.around());
    }
    prediction.smooth_from(Vec2::new(1000.0, 1000.0), 10.0);
    assert_eq!(shown(&prediction, 10.0), before);
    assert!(shown(&prediction, 110.0) > before + 50.0);
}
