//! Property tests: a diff applied to the state it was computed from gives the state it was computed for.

use proptest::{collection::vec, prelude::*};

use super::{
    super::{ShipMove, Status},
    *,
};

fn ship() -> impl Strategy<Value = ShipState> {
    (0..8192_i16, 0..8192_i16, -40..40_i16, -40..40_i16, any::<u8>(), 0..16_u8, any::<u8>()).prop_map(
        |(x, y, vx, vy, aim, status, health)| ShipState { x, y, vx, vy, aim, status: Status(status), health },
    )
}

fn ships() -> impl Strategy<Value = Vec<(PlayerId, ShipState)>> {
    proptest::collection::btree_map(0..40_u16, ship(), 0..20)
        .prop_map(|map| map.into_iter().map(|(id, ship)| (PlayerId(id), ship)).collect())
}

/// The ships one tick later, each with its velocity and aim changed: the case that moves are for.
fn bent(ships: &[(PlayerId, ShipState)], bends: &[(i16, i16, u8)]) -> Vec<(PlayerId, ShipState)> {
    let mut next = ships.to_vec();
    for ((_, ship), (dx, dy, aim)) in next.iter_mut().zip(bends) {
        (ship.vx, ship.vy, ship.aim) = (ship.vx + dx, ship.vy + dy, *aim);
        ship.advance(1);
    }
    next
}

fn apply_diff(state: &mut CellState, next: &[(PlayerId, ShipState)]) -> Diff {
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
    fn applied_diff_gives_the_new_state(old in ships(), new in ships()) {
        let mut state = CellState { ships: old, embers: Vec::new() };
        apply_diff(&mut state, &new);
        prop_assert_eq!(state.ships, new);
    }

    #[test]
    fn changes_of_course_are_moves_only(old in ships(), bends in vec((-127..=127_i16, -127..=127_i16, any::<u8>()), 20)) {
        let new = bent(&old, &bends);
        let mut state = CellState { ships: old, embers: Vec::new() };
        let diff = apply_diff(&mut state, &new);
        prop_assert_eq!(state.ships, new);
        prop_assert!(
            !diff.changes().any(|change| matches!(change, CellChange::Entered(_) | CellChange::Left(_)))
        );
    }

    #[test]
    fn catch_up_stands_for_any_number_of_frames(old in ships(), new in ships(), frames in 0..=255_u8) {
        let mut state = CellState { ships: old, embers: Vec::new() };
        let mut stepwise = state.clone();
        state.advance_by(frames);
        (0..frames).for_each(|_| stepwise.advance());
        prop_assert_eq!(&state, &stepwise, "the server advances at once what a client advances frame by frame");
        let mut diff = Diff::default();
        state.catch_up(&new, &mut diff);
        for change in diff.changes() {
            state.apply(&change).expect("a drift applies to its own state");
        }
        prop_assert_eq!(state.ships, new);
    }

    #[test]
    fn checksum_depends_on_every_field(old in ships(), at in any::<prop::sample::Index>(), field in 0..7) {
        prop_assume!(!old.is_empty());
        let state = CellState { ships: old, embers: Vec::new() };
        let mut other = state.clone();
        let ship = &mut at.get_mut(&mut other.ships).1;
        match field {
            0 => ship.x ^= 1,
            1 => ship.y ^= 1,
            2 => ship.vx ^= 1,
            3 => ship.vy ^= 1,
            4 => ship.aim ^= 1,
            5 => ship.status.0 ^= 1,
            _ => ship.health ^= 1,
        }
        prop_assert_ne!(state.checksum(), other.checksum());
    }
}

#[test]
fn ship_on_a_straight_course_costs_nothing() {
    let cruising = ShipState { x: 100, y: 100, vx: 30, vy: -3, ..ShipState::default() };
    let mut state = CellState { ships: vec![(PlayerId(7), cruising)], embers: Vec::new() };
    let next = bent(&state.ships, &[(0, 0, 0)]);
    assert_eq!(apply_diff(&mut state, &next).changes().count(), 0);
    assert_eq!(state.ships, next);
}

#[test]
fn embers_are_identified_by_point_in_any_order() {
    let (a, b) = (Ember { x: 1, y: 2, value: 1 }, Ember { x: 2, y: 1, value: 3 });
    let one = CellState { ships: Vec::new(), embers: vec![a, b] };
    let mut two = CellState { ships: Vec::new(), embers: vec![b, a] };
    assert_eq!(one.checksum(), two.checksum());
    let taken = [EmberTaken { x: 1, y: 2, by: PlayerId(0) }];
    assert_eq!(two.apply(&CellChange::EmbersTaken((&taken[..]).into())), Ok(()));
    assert_eq!(two.embers, [b]);
    assert_eq!(two.apply(&CellChange::EmbersTaken((&taken[..]).into())), Err(ApplyError::NoEmber));
    assert_ne!(one.checksum(), two.checksum());
}

#[test]
fn changes_for_another_state_are_rejected() {
    let mut state = CellState::default();
    let ghost = Moves { which: vec![8].into(), moves: vec![ShipMove { dx: 0, dy: 0, aim: 0 }].into() };
    assert_eq!(state.apply(&CellChange::Moved(ghost)), Err(ApplyError::NoShip));
    assert_eq!(state.apply(&CellChange::Left((&[u16::MAX, 1][..]).into())), Err(ApplyError::NoShip));
    assert_eq!(state.apply(&CellChange::Checksum(1)), Err(ApplyError::Checksum));
}
