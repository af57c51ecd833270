//! The law of prediction: what is predicted is what the server computes, to the bit.

use proptest::prelude::*;
use shared::{ids::PlayerId, ids::Tick, protocol::OwnShip};

use super::*;
use crate::game::testing::{self, Random};

const DT: f32 = 1.0 / 30.0;

fn alive(motion: Motion, embers: u32) -> PilotState {
    PilotState::Alive(OwnShip { motion, embers, health: 60.0, rank: 1, boosting: false, shielded: false })
}

fn at(x: f32, y: f32) -> Motion {
    Motion { position: Vec2::new(x, y), velocity: Vec2::ZERO }
}

fn bits(motion: Motion) -> [u32; 4] {
    [motion.position.x, motion.position.y, motion.velocity.x, motion.velocity.y].map(f32::to_bits)
}

proptest! {
    #[test]
    fn what_is_predicted_is_what_the_server_computes(
        seed: u64,
        embers in 0..200_u32,
        delays in proptest::collection::vec(0..12_usize, 300),
    ) {
        let terrain = testing::rocky();
        let mut random = Random(seed);
        let start = at(1500.0, 1500.0);
        let mut prediction = Prediction::default();
        prediction.reconcile(InputSeq(0), &alive(start, embers), 0.0, &terrain, DT);
        // The server's state after each input.
        let mut server = vec![Predicted { motion: start, embers }];
        let mut acked = 0;
        for (index, delay) in delays.iter().enumerate() {
            let (seq, input) = (InputSeq(index as u32 + 1), random.input());
            let mut next = server[index];
            next.step(input, &terrain, DT);
            server.push(next);
            prediction.tick(seq, input, 0.0, &terrain, DT);
            // Answers come late by anything, but in order.
            acked = acked.max((index + 1).saturating_sub(*delay));
            let answer =
                prediction.reconcile(InputSeq(acked as u32), &alive(server[acked].motion, embers), 0.0, &terrain, DT);
            prop_assert_eq!(answer.error.to_bits(), 0);
            let predicted = prediction.motion().expect("it flies");
            prop_assert_eq!(bits(predicted), bits(next.motion));
            prop_assert_eq!(prediction.blend, Vec2::ZERO);
        }
    }
}

#[test]
fn an_error_melts_away_without_a_jump() {
    let terrain = testing::terrain(Vec::new());
    let mut prediction = Prediction::default();
    prediction.reconcile(InputSeq(0), &alive(at(1000.0, 1000.0), 0), 0.0, &terrain, DT);
    let answer = prediction.reconcile(InputSeq(0), &alive(at(1060.0, 1000.0), 0), 50.0, &terrain, DT);
    assert_eq!(answer.error, 60.0);
    let shown =
        |ms| prediction.shown(ms, PlayerInput::default(), 0.0, &terrain).map_or(0.0, |m| m.position.x);
    assert_eq!(shown(50.0), 1000.0);
    assert!((shown(150.0) - 1060.0).abs() < 60.0 * 0.02);
    assert!((50..150).all(|ms| shown(f64::from(ms)) < shown(f64::from(ms + 1))));
    assert_eq!(shown(1000.0), 1060.0);
}

#[test]
fn another_place_is_jumped_to() {
    let terrain = testing::terrain(Vec::new());
    let mut prediction = Prediction::default();
    prediction.reconcile(InputSeq(0), &alive(at(1000.0, 1000.0), 0), 0.0, &terrain, DT);
    prediction.reconcile(InputSeq(0), &alive(at(1300.0, 1000.0), 0), 1.0, &terrain, DT);
    let shown = prediction.shown(1.0, PlayerInput::default(), 0.0, &terrain);
    assert_eq!(shown.map(|motion| motion.position.x), Some(1300.0));
}

#[test]
fn unanswered_inputs_are_bounded_and_the_dead_do_not_fly() {
    let terrain = testing::terrain(Vec::new());
    let mut prediction = Prediction::default();
    for seq in 1..=10 * UNACKED_MAX as u32 {
        prediction.tick(InputSeq(seq), PlayerInput::default(), f64::from(seq), &terrain, DT);
    }
    assert_eq!(prediction.unacked.len(), UNACKED_MAX);
    let dead = PilotState::Dead { until: Tick(9), by: Some(PlayerId(1)) };
    let newest = InputSeq(10 * UNACKED_MAX as u32);
    let answer = prediction.reconcile(newest, &dead, f64::from(newest.0) + 40.0, &terrain, DT);
    assert_eq!(answer.input_to_ack_ms, Some(40.0));
    assert!(prediction.unacked.is_empty() && prediction.motion().is_none());
}
