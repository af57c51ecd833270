//! Which node holds a room, and what another one goes on from: the entry of a room. It is valid for as long as its node announces itself.

use serde::{Deserialize, Serialize};

use super::identity::{Incarnation, NodeName};

/// Most bytes of an entry.
const LEASE_BYTES_MAX: usize = 1024;
/// Most bytes of the name of an object.
const OBJECT_BYTES_MAX: usize = 64;

/// The entry of a room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct RoomLease {
    pub(super) node: NodeName,
    pub(super) incarnation: Incarnation,
    /// The object with the newest snapshot; `None` before the first.
    pub(super) world: Option<String>,
}

impl RoomLease {
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        // Cannot fail: no map, and no key that is no text.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Reads an entry, or says what is wrong with it.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, String> {
        if bytes.len() > LEASE_BYTES_MAX {
            return Err(format!("it has {} bytes, and at most {LEASE_BYTES_MAX} are read", bytes.len()));
        }
        let lease: Self = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        let is_name = |name: &String| {
            name.len() <= OBJECT_BYTES_MAX
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        if lease.world.as_ref().is_some_and(|name| !is_name(name)) {
            return Err("the name of its world is none".to_owned());
        }
        Ok(lease)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entry_is_read_back_and_hostile_ones_are_refused() {
        let node: NodeName = "a".parse().expect("a name");
        let lease =
            RoomLease { node, incarnation: Incarnation::random(), world: Some("K7Q2MX-1f".to_owned()) };
        assert_eq!(RoomLease::read(&lease.to_bytes()), Ok(lease.clone()));
        for world in ["../x", "a b", &"x".repeat(65)] {
            let bad = RoomLease { world: Some(world.to_owned()), ..lease.clone() };
            assert!(RoomLease::read(&bad.to_bytes()).is_err(), "{world}");
        }
        for bytes in [&b""[..], b"{}", b"[1]", &[b' '; LEASE_BYTES_MAX + 1]] {
            assert!(RoomLease::read(bytes).is_err());
        }
    }
}
