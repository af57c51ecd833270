//! What is predicted is what the server computes, to the bit.

use proptest::prelude::*;
use shared::engine::{
    game_trait::Arena as _,
    ids::CellIndex,
    input::{Angle, Buttons, PlayerInput},
    items::PlacedItem,
    protocol::{CellChange, CellChunk, ViewChange},
    testing::{Square, TestBody, TestGame, TestMap},
};

use super::*;
use crate::engine::testing::{TICK_RATE, TestView};

const RIGHT: PlayerInput = PlayerInput { buttons: TestGame::PUSH, aim: Angle(0) };

/// An arena whose cells are all in view.
struct Place {
    map: TestMap,
    replica: Replica<TestGame>,
}

impl Place {
    fn new() -> Self {
        let map = TestGame::map(Square(3072.0), TICK_RATE);
        let grid = map.arena.grid();
        let mut replica = Replica::new(grid);
        let window = grid.window(map.arena.size() / 2.0, map.arena.size());
        replica.begin_frame(Some(ViewChange { window, reset: true }));
        Self { map, replica }
    }

    /// With an item on every eighth point along a line through the arena.
    fn with_items() -> Self {
        let mut place = Self::new();
        for cell in (0..place.map.arena.grid().columns).map(CellIndex) {
            let items: Vec<_> = (0..32).map(|i| PlacedItem { x: i * 8, y: 100, item: i }).collect();
            let changes = vec![CellChange::ItemsAdded(items.into())];
            place.replica.apply(&CellChunk { cell, changes }, |_, _| ());
        }
        place
    }

    fn around(&self) -> Surroundings<'_, TestGame> {
        Surroundings { map: &self.map, replica: &self.replica }
    }

    fn predict(
        &self,
        prediction: &mut Prediction<TestGame>,
        tick: u32,
        input: PlayerInput,
        now_ms: f64,
    ) -> (bool, usize) {
        prediction.predict::<TestView>(Tick(tick), input, now_ms, &self.around())
    }

    fn reconcile(
        &self,
        prediction: &mut Prediction<TestGame>,
        tick: u32,
        own: Option<TestBody>,
        now_ms: f64,
    ) -> Reconciled {
        prediction.reconcile::<TestView>(Tick(tick), own, now_ms, &self.around())
    }

    /// A prediction after a frame that has the body here, at rest.
    fn begun(&self, tick: u32, x: f32) -> Prediction<TestGame> {
        let mut prediction = Prediction::default();
        self.reconcile(&mut prediction, tick, Some(at(x)), 0.0);
        prediction
    }
}

fn at(x: f32) -> TestBody {
    let motion = Motion { position: Vec2::new(x, 200.0), velocity: Vec2::ZERO };
    TestBody { motion, items: 0 }
}

fn bits(body: &TestBody) -> [u32; 4] {
    let Motion { position, velocity } = body.motion;
    [position.x, position.y, velocity.x, velocity.y].map(f32::to_bits)
}

proptest! {
    #[test]
    fn prediction_equals_the_server_to_the_bit(
        inputs in proptest::collection::vec((any::<u16>(), any::<bool>(), 0..12_u32), 300),
    ) {
        let place = Place::new();
        let start = at(1500.0);
        let mut prediction = place.begun(100, 1500.0);
        // The server's state after each tick.
        let mut server = vec![start];
        let mut acked = 0;
        for (tick, (aim, pushes, delay)) in (1..).zip(inputs) {
            let input = PlayerInput { buttons: Buttons::default().with(TestGame::PUSH, pushes), aim: Angle(aim) };
            let mut next = server[tick as usize - 1];
            let outcome = TestGame::step_avatar(&mut next, input, &place.map);
            server.push(next);
            prop_assert_eq!(place.predict(&mut prediction, 100 + tick, input, 0.0).0, outcome);
            // Frames arrive with any delay, but in order.
            acked = acked.max(tick.saturating_sub(delay));
            let reconciled =
                place.reconcile(&mut prediction, 100 + acked, Some(server[acked as usize]), 0.0);
            prop_assert_eq!(reconciled.error.map(f32::to_bits), Some(0));
            prop_assert_eq!(prediction.avatar().map(bits), Some(bits(&next)));
            prop_assert_eq!(prediction.offset, Vec2::ZERO);
        }
    }
}

#[test]
fn predicted_item_counts_once_and_is_given_back_if_the_server_does_not_confirm_it() {
    let place = Place::with_items();
    let mut prediction = place.begun(100, 600.0);
    let mut taken = 0;
    for tick in 101..=130 {
        taken += place.predict(&mut prediction, tick, RIGHT, 0.0).1;
    }
    let held = prediction.avatar().expect("it has a body").items;
    assert!(taken > 5 && held == taken as u32, "{taken} items counted as {held}");
    assert_eq!(prediction.taken().len(), taken);
    // The same ticks predicted again: nothing is counted twice.
    place.reconcile(&mut prediction, 100, Some(at(600.0)), 0.0);
    assert_eq!(prediction.avatar().expect("it has a body").items, held);
    let mut far = at(200.0);
    far.motion.position.y = 2000.0;
    place.reconcile(&mut prediction, 130, Some(far), 0.0);
    assert!(prediction.taken().is_empty());
}

#[test]
fn tick_without_an_input_repeats_the_last_one_as_the_server_does() {
    let place = Place::new();
    let mut server = at(1000.0);
    let mut prediction = Prediction::default();
    place.predict(&mut prediction, 99, RIGHT, 0.0);
    place.reconcile(&mut prediction, 99, Some(server), 0.0);
    // Two own ticks were skipped.
    place.predict(&mut prediction, 102, PlayerInput::default(), 0.0);
    place.reconcile(&mut prediction, 99, Some(server), 0.0);
    for input in [RIGHT, RIGHT, PlayerInput::default()] {
        TestGame::step_avatar(&mut server, input, &place.map);
    }
    assert_eq!(prediction.avatar().map(bits), Some(bits(&server)));
}

#[test]
fn error_is_smoothed_out_without_a_jump() {
    let place = Place::new();
    let mut prediction = place.begun(1, 1000.0);
    let reconciled = place.reconcile(&mut prediction, 2, Some(at(1060.0)), 50.0);
    assert_eq!(reconciled.error, Some(60.0));
    let shown = |ms| {
        prediction.shown(ms, PlayerInput::default(), 0.0, &place.map).map_or(0.0, |motion| motion.position.x)
    };
    assert_eq!(shown(50.0), 1000.0);
    assert!((shown(150.0) - 1060.0).abs() < 60.0 * 0.02);
    assert!((50..150).all(|ms| shown(f64::from(ms)) < shown(f64::from(ms + 1))));
    assert_eq!(shown(1000.0), 1060.0);
}

#[test]
fn body_jumps_to_a_distant_place() {
    let place = Place::new();
    let mut prediction = place.begun(1, 1000.0);
    place.reconcile(&mut prediction, 2, Some(at(1000.0 + SNAP_UNITS + 1.0)), 1.0);
    let shown = prediction.shown(1.0, PlayerInput::default(), 0.0, &place.map);
    assert_eq!(shown.map(|motion| motion.position.x), Some(1001.0 + SNAP_UNITS));
}

#[test]
fn unacked_inputs_are_bounded() {
    let place = Place::new();
    let mut prediction = Prediction::default();
    for tick in 1..=10 * UNACKED_MAX as u32 {
        place.predict(&mut prediction, tick, PlayerInput::default(), f64::from(tick));
    }
    assert_eq!(prediction.unacked.len(), UNACKED_MAX);
}

#[test]
fn player_without_a_body_has_no_avatar_but_its_inputs_are_acknowledged() {
    let place = Place::new();
    let mut prediction = place.begun(1, 1000.0);
    place.predict(&mut prediction, 2, PlayerInput::default(), 10.0);
    let reconciled = place.reconcile(&mut prediction, 2, None, 50.0);
    assert_eq!(reconciled, Reconciled { input_to_ack_ms: Some(40.0), error: None });
    assert!(prediction.unacked.is_empty() && prediction.avatar().is_none());
}

#[test]
fn paused_body_coasts_without_its_last_buttons() {
    let place = Place::new();
    let mut prediction = Prediction::default();
    place.predict(&mut prediction, 1, RIGHT, 0.0);
    place.reconcile(&mut prediction, 1, Some(at(1000.0)), 0.0);
    place.predict(&mut prediction, 2, RIGHT, 0.0);
    prediction.pause();
    // The tick between the frame and this input repeats the last input, which has no buttons now.
    place.predict(&mut prediction, 3, PlayerInput::default(), 0.0);
    place.reconcile(&mut prediction, 1, Some(at(1000.0)), 0.0);
    assert_eq!(prediction.avatar().map(|body| body.motion.velocity), Some(Vec2::ZERO));
}

#[test]
fn jump_of_the_schedule_does_not_move_the_shown_body() {
    let place = Place::new();
    let mut body = at(1000.0);
    body.motion.velocity = Vec2::new(600.0, 0.0);
    let mut prediction = Prediction::default();
    place.reconcile(&mut prediction, 1, Some(body), 0.0);
    let still = PlayerInput::default();
    let shown = |prediction: &Prediction<TestGame>, ms| {
        prediction.shown(ms, still, 0.0, &place.map).map_or(0.0, |motion| motion.position.x)
    };
    let before = shown(&prediction, 10.0);
    for tick in 2..8 {
        place.predict(&mut prediction, tick, still, 10.0);
    }
    prediction.smooth_from(Vec2::new(1000.0, 200.0), 10.0);
    assert_eq!(shown(&prediction, 10.0), before);
    assert!(shown(&prediction, 110.0) > before + 50.0);
}

#[test]
fn body_is_shown_moved_on_since_its_last_tick() {
    let place = Place::new();
    let mut body = at(1000.0);
    body.motion.velocity = Vec2::new(300.0, 0.0);
    let mut prediction = Prediction::default();
    place.reconcile(&mut prediction, 1, Some(body), 0.0);
    let shown = prediction.shown(0.0, PlayerInput::default(), 0.01, &place.map);
    assert_eq!(shown.map(|motion| motion.position.x), Some(1003.0));
}
