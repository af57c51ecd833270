//! Property tests: a diff applied to the state it was computed from gives the state it was computed for. What they generate of a
//! game's types follows from their encoding, so it covers each field of a look.

use proptest::{collection::vec, prelude::*};

use super::{
    super::{BodyMove, BodyState, Moves, decode_prefix},
    *,
};
use crate::engine::testing::{TestGame, TestLook};

type State = CellState<TestGame>;
type Bodies = Vec<(PlayerId, Body<TestGame>)>;

/// Any look that can be decoded.
fn look() -> impl Strategy<Value = TestLook> {
    vec(0..3_u8, 16).prop_filter_map("no look", |bytes| Some(decode_prefix::<_, 16>(&bytes).ok()?.0))
}

fn body() -> impl Strategy<Value = Body<TestGame>> {
    (0..8192_i16, 0..8192_i16, -40..40_i16, -40..40_i16, any::<u8>(), look())
        .prop_map(|(x, y, vx, vy, heading, look)| BodyState { x, y, vx, vy, heading, look })
}

fn bodies() -> impl Strategy<Value = Bodies> {
    proptest::collection::btree_map(0..40_u16, body(), 0..20)
        .prop_map(|map| map.into_iter().map(|(id, body)| (PlayerId(id), body)).collect())
}

fn state(bodies: Bodies) -> State {
    CellState { bodies, items: Vec::new() }
}

/// The bodies one tick later, each with its velocity and heading changed: the case that moves are for.
fn bent(bodies: &Bodies, bends: &[(i16, i16, u8)]) -> Bodies {
    let mut next = bodies.clone();
    for ((_, body), (dx, dy, turn)) in next.iter_mut().zip(bends) {
        (body.vx, body.vy) = (body.vx + dx, body.vy + dy);
        body.heading = body.heading.wrapping_add(*turn);
        body.advance(1);
    }
    next
}

fn apply_diff(state: &mut State, next: &Bodies) -> Diff<TestGame> {
    let mut diff = Diff::default();
    state.advance();
    state.diff(next, &mut diff);
    for change in diff.changes() {
        state.apply(&change).expect("a diff applies to its own state");
    }
    diff
}

proptest! {
    #[test]
    fn applied_diff_gives_the_new_state(old in bodies(), new in bodies()) {
        let mut state = state(old);
        apply_diff(&mut state, &new);
        prop_assert_eq!(state.bodies, new);
    }

    #[test]
    fn changes_of_course_and_heading_are_moves_only(old in bodies(), bends in vec((-127..=127_i16, -127..=127_i16, 0..3_u8), 20)) {
        let new = bent(&old, &bends);
        let mut state = state(old);
        let diff = apply_diff(&mut state, &new);
        prop_assert_eq!(state.bodies, new);
        prop_assert!(diff.changes().all(|change| matches!(change, CellChange::Moved(_))));
    }

    #[test]
    fn catch_up_stands_for_any_number_of_frames(old in bodies(), new in bodies(), frames in 0..=255_u8) {
        let mut state = state(old);
        let mut stepwise = state.clone();
        state.advance_by(frames);
        (0..frames).for_each(|_| stepwise.advance());
        prop_assert_eq!(&state, &stepwise, "the server advances at once what a client advances frame by frame");
        let mut diff = Diff::default();
        state.catch_up(&new, &mut diff);
        for change in diff.changes() {
            state.apply(&change).expect("a catch-up applies to its own state");
        }
        prop_assert_eq!(state.bodies, new);
    }

    #[test]
    fn checksum_depends_on_every_field(old in bodies(), at in any::<prop::sample::Index>(), field in 0..7) {
        prop_assume!(!old.is_empty());
        let state = state(old);
        let mut other = state.clone();
        let body = &mut at.get_mut(&mut other.bodies).1;
        match field {
            0 => body.x ^= 1,
            1 => body.y ^= 1,
            2 => body.vx ^= 1,
            3 => body.vy ^= 1,
            4 => body.heading ^= 1,
            5 => body.look.size ^= 1,
            _ => body.look.glows ^= true,
        }
        prop_assert_ne!(state.checksum(), other.checksum());
    }
}

#[test]
fn body_on_a_straight_course_costs_nothing() {
    let cruising = BodyState { x: 100, y: 100, vx: 30, vy: -3, ..BodyState::default() };
    let mut state = state(vec![(PlayerId(7), cruising)]);
    let next = bent(&state.bodies, &[(0, 0, 0)]);
    assert_eq!(apply_diff(&mut state, &next).changes().count(), 0);
    assert_eq!(state.bodies, next);
}

#[test]
fn items_are_identified_by_point_in_any_order() {
    let (a, b) = (PlacedItem { x: 1, y: 2, item: 1 }, PlacedItem { x: 2, y: 1, item: 3 });
    let one = State { bodies: Vec::new(), items: vec![a, b] };
    let mut two = State { bodies: Vec::new(), items: vec![b, a] };
    assert_eq!(one.checksum(), two.checksum());
    let taken = [ItemTaken { x: 1, y: 2, by: PlayerId(0) }];
    assert_eq!(two.apply(&CellChange::ItemsTaken((&taken[..]).into())), Ok(()));
    assert_eq!(two.items, [b]);
    assert_eq!(two.apply(&CellChange::ItemsTaken((&taken[..]).into())), Err(ApplyError::NoItem));
    assert_ne!(one.checksum(), two.checksum());
}

#[test]
fn changes_for_another_state_are_rejected() {
    let mut state = State::default();
    let moved = Moves { which: vec![8].into(), moves: vec![BodyMove::default()].into() };
    assert_eq!(state.apply(&CellChange::Moved(moved)), Err(ApplyError::NoBody));
    assert_eq!(state.apply(&CellChange::Left((&[u16::MAX, 1][..]).into())), Err(ApplyError::NoBody));
    assert_eq!(state.apply(&CellChange::Checksum(1)), Err(ApplyError::Checksum));
}
