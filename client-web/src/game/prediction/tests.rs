//! The law of prediction: what is predicted is what the server computes, to the bit.

use proptest::prelude::*;
use shared::{
    engine::ids::PlayerId,
    game::protocol::{CellChange, CellChunk, OwnShip, ViewChange},
};

use super::*;
use crate::game::testing::{self, Random};

const RATE: u16 = 30;

/// A place to fly in, with or without embers.
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
        replica.begin(Some(ViewChange { window, reset: true }));
        let mut random = Random(embers.into());
        for i in 0..embers {
            let cell = CellIndex((random.next() % grid.len() as u32) as u16);
            let ember = Ember { x: i as u8, y: random.next() as u8, value: 1 + (random.next() % 9) as u8 };
            let changes = vec![CellChange::EmbersAdded(vec![ember].into())];
            replica.apply(&CellChunk { cell, changes }, |_, _| ());
        }
        let timing = Timing::new(RATE, &terrain.arena().rules);
        Self { terrain, timing, replica }
    }

    fn field(&self) -> Field<'_> {
        Field { terrain: &self.terrain, timing: &self.timing, replica: &self.replica }
    }
}

fn alive(flight: Flight) -> PilotState {
    let Flight { motion, embers, burnt, reload, power_ups } = flight;
    let (health, rank, streak, boosting, shielded) = (60.0, 1, 0, false, false);
    PilotState::Alive(OwnShip {
        motion,
        embers,
        burnt,
        reload,
        power_ups,
        health,
        rank,
        streak,
        boosting,
        shielded,
    })
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
    fn what_is_predicted_is_what_the_server_computes(
        seed: u64,
        embers in 0..200_u32,
        delays in proptest::collection::vec(0..12_u32, 300),
    ) {
        let place = Place::new(testing::rocky(), 0);
        let mut random = Random(seed);
        let start = Flight { embers, ..at(1500.0, 1500.0) };
        let mut prediction = Prediction::default();
        prediction.reconcile(Tick(100), &alive(start), 0.0, place.field());
        // The server's state after each tick.
        let mut server = vec![start];
        let mut answered = 0;
        for (tick, delay) in (1..).zip(&delays) {
            let input = random.input();
            let mut next = server[tick as usize - 1];
            let outcome = next.step(input, &place.terrain, &place.timing);
            server.push(next);
            prop_assert_eq!(prediction.tick(Tick(100 + tick), input, 0.0, place.field()).0, outcome);
            // Answers come late by anything, but in order.
            answered = answered.max(tick.saturating_sub(*delay));
            let state = alive(server[answered as usize]);
            let answer = prediction.reconcile(Tick(100 + answered), &state, 0.0, place.field());
            prop_assert_eq!(answer.error.map(f32::to_bits), Some(0));
            let predicted = prediction.ship().expect("it flies");
            prop_assert_eq!(bits(predicted), bits(&next));
            prop_assert_eq!(prediction.blend, Vec2::ZERO);
        }
    }
}

#[test]
fn embers_are_gathered_once_and_given_back_if_the_server_says_nothing() {
    let place = Place::new(testing::terrain(Vec::new()), 1500);
    let mut prediction = Prediction::default();
    let start = at(1500.0, 1500.0);
    prediction.reconcile(Tick(100), &alive(start), 0.0, place.field());
    let mut gathered = 0;
    for tick in 101..=130 {
        let input = PlayerInput { buttons: shared::engine::input::Buttons::RIGHT, ..PlayerInput::default() };
        gathered += prediction.tick(Tick(tick), input, 0.0, place.field()).1;
    }
    let held = prediction.ship().expect("it flies").embers;
    assert!(gathered > 5 && held >= gathered as u32, "{gathered} worth {held}");
    assert_eq!(prediction.gathered().len(), gathered);
    // The same again from the start of it: nothing is counted twice.
    prediction.reconcile(Tick(100), &alive(start), 0.0, place.field());
    assert_eq!(prediction.ship().expect("it flies").embers, held);
    let far = at(200.0, 200.0);
    prediction.reconcile(Tick(130), &alive(far), 0.0, place.field());
    assert!(prediction.gathered().is_empty());
}

#[test]
fn ticks_without_an_input_are_flown_as_the_server_flies_them() {
    let place = Place::new(testing::terrain(Vec::new()), 0);
    let right = PlayerInput { buttons: shared::engine::input::Buttons::RIGHT, ..PlayerInput::default() };
    let mut server = at(1000.0, 1000.0);
    let mut prediction = Prediction::default();
    prediction.tick(Tick(99), right, 0.0, place.field());
    prediction.reconcile(Tick(99), &alive(server), 0.0, place.field());
    // The own beat leapt over two ticks.
    prediction.tick(Tick(102), PlayerInput::default(), 0.0, place.field());
    prediction.reconcile(Tick(99).after(0), &alive(server), 0.0, place.field());
    for input in [right, right, PlayerInput::default()] {
        server.step(input, &place.terrain, &place.timing);
    }
    assert_eq!(prediction.ship().map(bits), Some(bits(&server)));
}

#[test]
fn an_error_melts_away_without_a_jump() {
    let place = Place::new(testing::terrain(Vec::new()), 0);
    let mut prediction = Prediction::default();
    prediction.reconcile(Tick(1), &alive(at(1000.0, 1000.0)), 0.0, place.field());
    let answer = prediction.reconcile(Tick(2), &alive(at(1060.0, 1000.0)), 50.0, place.field());
    assert_eq!(answer.error, Some(60.0));
    let shown =
        |ms| prediction.shown(ms, PlayerInput::default(), 0.0, &place.terrain).map_or(0.0, |m| m.position.x);
    assert_eq!(shown(50.0), 1000.0);
    assert!((shown(150.0) - 1060.0).abs() < 60.0 * 0.02);
    assert!((50..150).all(|ms| shown(f64::from(ms)) < shown(f64::from(ms + 1))));
    assert_eq!(shown(1000.0), 1060.0);
}

#[test]
fn another_place_is_jumped_to() {
    let place = Place::new(testing::terrain(Vec::new()), 0);
    let mut prediction = Prediction::default();
    prediction.reconcile(Tick(1), &alive(at(1000.0, 1000.0)), 0.0, place.field());
    prediction.reconcile(Tick(2), &alive(at(1300.0, 1000.0)), 1.0, place.field());
    let shown = prediction.shown(1.0, PlayerInput::default(), 0.0, &place.terrain);
    assert_eq!(shown.map(|motion| motion.position.x), Some(1300.0));
}

#[test]
fn unanswered_inputs_are_bounded_and_the_dead_do_not_fly() {
    let place = Place::new(testing::terrain(Vec::new()), 0);
    let mut prediction = Prediction::default();
    let newest = Tick(10 * UNANSWERED_MAX as u32);
    for tick in 1..=newest.0 {
        prediction.tick(Tick(tick), PlayerInput::default(), f64::from(tick), place.field());
    }
    assert_eq!(prediction.unanswered.len(), UNANSWERED_MAX);
    let dead = PilotState::Dead { until: Tick(9), by: Some(PlayerId(1)) };
    let answer = prediction.reconcile(newest, &dead, f64::from(newest.0) + 40.0, place.field());
    assert_eq!(answer.input_to_ack_ms, Some(40.0));
    assert!(prediction.unanswered.is_empty() && prediction.ship().is_none());
}

#[test]
fn a_leap_of_the_beat_is_no_jump_of_the_ship() {
    let place = Place::new(testing::terrain(Vec::new()), 0);
    let mut flight = at(1000.0, 1000.0);
    flight.motion.velocity = Vec2::new(380.0, 0.0);
    let mut prediction = Prediction::default();
    prediction.reconcile(Tick(1), &alive(flight), 0.0, place.field());
    let still = PlayerInput::default();
    let shown = |prediction: &Prediction, ms| {
        prediction.shown(ms, still, 0.0, &place.terrain).map_or(0.0, |motion| motion.position.x)
    };
    let before = shown(&prediction, 10.0);
    for tick in 2..8 {
        prediction.tick(Tick(tick), still, 10.0, place.field());
    }
    prediction.melt_from(Vec2::new(1000.0, 1000.0), 10.0);
    assert_eq!(shown(&prediction, 10.0), before);
    assert!(shown(&prediction, 110.0) > before + 50.0);
}
