//! What a node says about itself, once a second. Another node's entry is read with limits: whatever is in NATS can do no more than be
//! refused.

use serde::{Deserialize, Serialize};
use shared::engine::feed::ArenaEntry;

use super::identity::{Incarnation, NodeName};

/// Most bytes of an entry.
pub(super) const NODE_BYTES_MAX: usize = 128 * 1024;
/// Most arenas and public rooms that a node lists.
pub(super) const LISTED_MAX: usize = 256;
/// Most bytes of a public URL: a close frame carries it with the address of a room and a ticket.
pub(super) const URL_BYTES_MAX: usize = 60;
/// Most bytes of a text of an arena: names are cut at far fewer.
const TEXT_BYTES_MAX: usize = 128;

/// A node of the cluster.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct NodeEntry {
    pub(super) name: NodeName,
    pub(super) incarnation: Incarnation,
    pub(super) region: Option<NodeName>,
    pub(super) url: String,
    /// It stops, and takes no rooms.
    pub(super) is_draining: bool,
    /// It has no place for another room.
    pub(super) is_full: bool,
    /// Players in all of its arenas and rooms.
    pub(super) players: u32,
    /// Its arenas, and its public rooms.
    pub(super) arenas: Vec<ArenaEntry>,
    /// Counts, so that no two entries in a row are the same.
    pub(super) beat: u64,
}

impl NodeEntry {
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        // Cannot fail: no map, and no key that is no text.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Reads the entry at this key, or says what is wrong with it.
    pub(super) fn read(key: &str, bytes: &[u8]) -> Result<Self, String> {
        if bytes.len() > NODE_BYTES_MAX {
            return Err(format!("it has {} bytes, and at most {NODE_BYTES_MAX} are read", bytes.len()));
        }
        let entry: Self = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        if entry.name.as_str() != key {
            return Err("its name is not its key".to_owned());
        }
        let url = &entry.url;
        if url.len() > URL_BYTES_MAX || url.parse::<crate::engine::net::PublicUrl>().is_err() {
            return Err("its URL is none, or too long".to_owned());
        }
        let is_sane = |arena: &ArenaEntry| {
            let texts = [&arena.slug, &arena.name, &arena.mode];
            texts.iter().all(|text| text.len() <= TEXT_BYTES_MAX && !text.contains(char::is_control))
                && arena.size.is_finite()
        };
        if entry.arenas.len() > LISTED_MAX || !entry.arenas.iter().all(is_sane) {
            return Err("its list of arenas is too long, or an arena has a text that is none".to_owned());
        }
        Ok(entry)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    pub(in crate::engine::cluster) fn entry(name: &str) -> NodeEntry {
        NodeEntry {
            name: name.parse().expect("a name"),
            incarnation: Incarnation::random(),
            region: None,
            url: format!("http://{name}.example"),
            is_draining: false,
            is_full: false,
            players: 0,
            arenas: Vec::new(),
            beat: 1,
        }
    }

    #[test]
    fn entry_is_read_back_and_hostile_ones_are_refused() {
        let good = entry("a");
        assert_eq!(NodeEntry::read("a", &good.to_bytes()), Ok(good.clone()));
        assert!(NodeEntry::read("b", &good.to_bytes()).is_err(), "under another's key");
        for url in ["", "javascript:alert(1)", "http://x/?a", &format!("http://{}", "x".repeat(99))] {
            let bad = NodeEntry { url: url.to_owned(), ..good.clone() };
            assert!(NodeEntry::read("a", &bad.to_bytes()).is_err(), "{url}");
        }
        assert!(NodeEntry::read("a", &vec![b' '; NODE_BYTES_MAX + 1]).is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(NodeEntry::read("a", &bytes).is_err());
        }
    }
}
