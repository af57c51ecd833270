//! A room as bytes: what is kept, and what is refused.

use proptest::prelude::*;

use super::super::{
    files::KeptRoom,
    moved::{pack, snapshot_of, unpack},
};
use crate::{
    engine::{room_code::RoomKeyHash, simulation::ArenaOf},
    game::{arena_file, replicated::ReplicatedSim},
};

fn kept() -> KeptRoom<ArenaOf<ReplicatedSim>> {
    KeptRoom {
        arena: arena_file::load("drift").expect("an arena"),
        bots: 3,
        players: 7,
        key: RoomKeyHash::new_key().expect("randomness").1,
        next_key: None,
        is_public: true,
        is_locked: true,
        has_chat: false,
    }
}

#[test]
fn room_is_what_it_was_and_one_of_another_tick_rate_begins_again() {
    let packed = pack::<ReplicatedSim>(&kept(), &snapshot_of::<ReplicatedSim>(&kept(), 30, b"world"));
    let moved = unpack::<ReplicatedSim>(&packed, 30).expect("a room");
    assert_eq!(moved.payload.as_deref(), Some(&b"world"[..]));
    assert_eq!((moved.kept.players, moved.kept.is_public, moved.kept.is_locked), (7, true, true));
    assert_eq!(unpack::<ReplicatedSim>(&packed, 60).expect("a room").payload, None);
    let new = pack::<ReplicatedSim>(&kept(), &[]);
    assert_eq!(unpack::<ReplicatedSim>(&new, 30).expect("a room").payload, None);
}

proptest! {
    #[test]
    fn torn_room_is_refused(share in 0.0..1.0_f64) {
        let packed = pack::<ReplicatedSim>(&kept(), &[]);
        let end = (packed.len() as f64 * share) as usize;
        prop_assert!(unpack::<ReplicatedSim>(&packed[..end], 30).is_err());
    }

    #[test]
    fn any_bytes_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(unpack::<ReplicatedSim>(&bytes, 30).is_err());
    }
}
