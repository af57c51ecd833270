//! What the page of a room's creator keeps and asks for: the keys of the rooms that were made here, and the bodies of
//! `PATCH /rooms/CODE`.

use core::fmt;

/// Keys that are kept. Older rooms are gone by then.
const KEYS_MAX: usize = 16;

/// A change of a room. As a text it is the body of the request, in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change<'a> {
    /// Changes nothing. It shows that the key has arrived.
    Nothing,
    /// Whether the room is locked.
    Locked(bool),
    /// Whether players may chat.
    Chat(bool),
    /// Whether everyone finds it in the list of arenas.
    Public(bool),
    /// The game goes on in the arena with this slug, which has letters, digits and hyphens only.
    Arena(&'a str),
    /// Removes the player with this number.
    Remove(u16),
    /// Makes the player with this number the creator.
    HandOver(u16),
}

impl fmt::Display for Change<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => out.write_str("{}"),
            Self::Locked(is_locked) => write!(out, "{{\"locked\":{is_locked}}}"),
            Self::Chat(is_on) => write!(out, "{{\"chat\":{is_on}}}"),
            Self::Public(is_public) => write!(out, "{{\"public\":{is_public}}}"),
            Self::Arena(slug) => write!(out, "{{\"arena\":\"{slug}\"}}"),
            Self::Remove(player) => write!(out, "{{\"remove\":{player}}}"),
            Self::HandOver(player) => write!(out, "{{\"hand_over\":{player}}}"),
        }
    }
}

/// The key of the room with this code in `kept`, as [`with_key`] wrote it.
pub fn key_of<'a>(kept: &'a str, code: &str) -> Option<&'a str> {
    kept.split(' ').find_map(|entry| entry.split_once('=').filter(|(of, _)| *of == code)).map(|(_, key)| key)
}

/// The same with another key of this room, or with none.
pub fn with_key(kept: &str, code: &str, key: Option<&str>) -> String {
    let newest = key.map(|key| format!("{code}={key}"));
    let others = kept
        .split(' ')
        .filter(|entry| entry.split('=').next().is_some_and(|of| !of.is_empty() && of != code));
    newest.as_deref().into_iter().chain(others).take(KEYS_MAX).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use shared::engine::{protocol::from_json, rooms::RoomChange};

    use super::*;

    #[test]
    fn change_is_what_the_server_reads() {
        let nothing = RoomChange::default;
        for (change, expected) in [
            (Change::Nothing, nothing()),
            (Change::Locked(true), RoomChange { locked: Some(true), ..nothing() }),
            (Change::Chat(false), RoomChange { chat: Some(false), ..nothing() }),
            (Change::Public(true), RoomChange { public: Some(true), ..nothing() }),
            (Change::Arena("the-old-ruins"), RoomChange { arena: Some("the-old-ruins".into()), ..nothing() }),
            (Change::Remove(12), RoomChange { remove: Some(12), ..nothing() }),
            (Change::HandOver(13), RoomChange { hand_over: Some(13), ..nothing() }),
        ] {
            let read: RoomChange = from_json(&change.to_string(), 100).unwrap();
            assert_eq!(read, expected, "{change}");
        }
    }

    #[test]
    fn keys_of_the_newest_rooms_are_kept() {
        let mut kept = String::new();
        for number in 0..KEYS_MAX + 3 {
            kept = with_key(&kept, &format!("ROOM{number}"), Some(&format!("key-{number}_=")));
        }
        assert_eq!(key_of(&kept, "ROOM18"), Some("key-18_="));
        assert_eq!(key_of(&kept, "ROOM3"), Some("key-3_="));
        assert_eq!((key_of(&kept, "ROOM2"), key_of(&kept, "")), (None, None));
        kept = with_key(&kept, "ROOM3", Some("another"));
        assert_eq!((key_of(&kept, "ROOM3"), kept.split(' ').count()), (Some("another"), KEYS_MAX));
        kept = with_key(&kept, "ROOM3", None);
        assert_eq!((key_of(&kept, "ROOM3"), kept.split(' ').count()), (None, KEYS_MAX - 1));
        assert_eq!(with_key("what is this", "ROOM1", None), "what is this");
    }
}
