//! A room as bytes that another node goes on from: what it is made of, and a snapshot. Any bytes are such a room or refused.

use super::files::{KeptRoom, sealed, unsealed};
use crate::engine::{
    saved_arena,
    simulation::{ArenaOf, Simulation},
    snapshot,
};

/// Bytes of the length in front of the first part, which is what the room is made of. The second part is a snapshot, or nothing for a room
/// that has none yet.
const LENGTH_BYTES: usize = 4;

/// A room of another node.
pub(super) struct MovedRoom<A> {
    pub(super) kept: KeptRoom<A>,
    /// What it goes on from; `None` if it begins again.
    pub(super) payload: Option<Vec<u8>>,
}

/// Joins what a room is made of and a snapshot of it.
pub(super) fn pack<S: Simulation>(kept: &KeptRoom<ArenaOf<S>>, snapshot: &[u8]) -> Vec<u8> {
    let kept = sealed::<S>(kept);
    let length = u32::try_from(kept.len()).unwrap_or(u32::MAX).to_le_bytes();
    [&length[..], &kept, snapshot].concat()
}

/// A snapshot with this payload.
pub(super) fn snapshot_of<S: Simulation>(
    kept: &KeptRoom<ArenaOf<S>>,
    tick_rate: u16,
    payload: &[u8],
) -> Vec<u8> {
    let mut bytes = Vec::new();
    snapshot::begin(saved_arena::header::<S>(&kept.arena, tick_rate), 0, &mut bytes);
    bytes.extend_from_slice(payload);
    snapshot::seal(&mut bytes);
    bytes
}

/// Reads a room, for a node with this tick rate.
pub(super) fn unpack<S: Simulation>(bytes: &[u8], tick_rate: u16) -> Result<MovedRoom<ArenaOf<S>>, String> {
    let torn = || "it is torn".to_owned();
    let (length, rest) = bytes.split_at_checked(LENGTH_BYTES).ok_or_else(torn)?;
    let length = length.try_into().map(u32::from_le_bytes).map_err(|_| torn())?;
    let (kept, snapshot) = rest.split_at_checked(length as usize).ok_or_else(torn)?;
    let kept = unsealed::<S>(kept)?;
    let header = saved_arena::header::<S>(&kept.arena, tick_rate);
    if snapshot.is_empty() {
        return Ok(MovedRoom { kept, payload: None });
    }
    let payload = match snapshot::decode(snapshot, &header) {
        Ok(snapshot) => Some(snapshot.payload.to_vec()),
        Err(refusal) => {
            tracing::error!("the snapshot of a room cannot be used: {refusal}; the room begins again");
            None
        }
    };
    Ok(MovedRoom { kept, payload })
}
