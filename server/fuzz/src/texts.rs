//! Texts: names and chat, which strangers type, resume tokens, join tickets, arena files, and requests about rooms.

use std::{sync::LazyLock, time::Instant};

use client_web::engine::page::{room_change, room_link, storage::address_value};
use data_encoding::BASE64URL_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use server::{
    engine::{
        arena_file,
        chat::{self, ChatRoom},
        join_ticket::JoinKey,
        names::{self, Names},
        resume::{Claim, ResumeKey},
        room_code::RoomCode,
        sessions::SessionId,
        text::{self, Joiners},
    },
    game::replicated::ReplicatedSim,
};
use sha2::Sha256;
use shared::engine::{
    game_trait::Arena as _,
    ids::PlayerId,
    protocol::{ResumeToken, from_json},
    rooms::{ROOM_FILE_BYTES_MAX, RoomChange, RoomRequest},
};

/// Lines of a text as names that join, and as chat. Cleaning twice changes nothing, and no two players' names look alike.
pub(crate) fn names(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (mut taken, mut players) = (Names::new(["Pilot"]), Vec::new());
    for (number, line) in (0..).zip(text.lines()) {
        for joiners in [Joiners::Keep, Joiners::Drop] {
            if let Ok(clean) = text::clean(line, joiners) {
                assert_eq!(text::clean(&clean, joiners).as_deref(), Ok(&*clean));
            }
        }
        if let Some(name) = names::requested(line).and_then(|name| taken.take(SessionId(number), name)) {
            assert!(text::clean(name.as_str(), Joiners::Drop).is_ok_and(|clean| clean == name.as_str()));
            let key = names::key(name.as_str());
            assert!(players.iter().all(|(_, other, _)| *other != key), "{name:?} looks like another");
            players.push((PlayerId(number as u16), key, name));
        }
    }
    let (mut room, now) = (ChatRoom::default(), Instant::now());
    for line in text.lines() {
        let pilots = players.iter().map(|(id, _, name)| (*id, name));
        if let Some((id, _, name)) = players.first() {
            let _ = room.say((&mut None, None), (*id, name), chat::heard(line), pilots, now, 0);
        }
    }
}

/// A resume token in either encoding: only one that the server made claims anything.
pub(crate) fn resume_token(bytes: &[u8]) {
    static KEY: LazyLock<ResumeKey> =
        LazyLock::new(|| ResumeKey::new().expect("the system has random numbers"));
    let text = std::str::from_utf8(bytes).ok().and_then(|text| text.parse::<ResumeToken>().ok());
    if let Some(token) = text {
        assert_eq!(token.to_string().parse(), Ok(token));
    }
    if let Some(token) = text.or_else(|| bytes.try_into().ok().map(ResumeToken)) {
        assert_eq!(KEY.open(&token), None, "the key is of this process, so this is a forgery");
        let claim = Claim { session: SessionId(token.0[0].into()), nonce: token.0[1].into() };
        assert_eq!(KEY.open(&KEY.seal(claim)), Some(claim));
    }
}

/// A join ticket as it arrives; and a header and claims, separated by a line feed, with a good signature, so that the fuzzer gets
/// past it.
pub(crate) fn ticket(bytes: &[u8]) {
    const KEY: &[u8; 32] = b"a key that no one else may learn";
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let key = JoinKey::new(KEY).expect("it is long enough");
    assert!(key.open(text).is_err(), "it is a forgery");
    let Some((header, claims)) = text.split_once('\n') else { return };
    let [header, claims] = [header, claims].map(|part| BASE64URL_NOPAD.encode(part.as_bytes()));
    let signed = format!("{header}.{claims}");
    let mac: Hmac<Sha256> = KeyInit::new_from_slice(KEY).expect("any length is a key");
    let signature = BASE64URL_NOPAD.encode(&mac.chain_update(&signed).finalize().into_bytes());
    let whole = format!("{signed}.{signature}");
    if let Ok(ticket) = key.open(&whole) {
        assert!(text.contains("HS256"), "no other algorithm is accepted");
        if let Ok(admitted) = key.admit(Some(&whole), "drift") {
            assert!(admitted == ticket && ticket.arena.is_none_or(|arena| arena == "drift"));
        }
    }
}

/// An arena file. One that loads can be played in, and an error tells where it is.
pub(crate) fn arena_file(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match arena_file::parse::<ReplicatedSim>(text, "fuzzed.ron") {
        Ok(loaded) => assert!(loaded.arena.validate().is_ok()),
        Err(error) => {
            let said = error.to_string();
            assert!(said.contains("fuzzed.ron") && said.len() < 1000, "{said}");
        }
    }
}

/// A room's code as it is typed, or an address's fragment, and behind a line feed the JSON of a request for a room or of a change of one.
pub(crate) fn room(bytes: &[u8]) {
    const CODE: &str = "ABC234";
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (typed, json) = text.split_once('\n').unwrap_or((text, ""));
    if let Ok(code) = typed.parse::<RoomCode>() {
        assert_eq!(code.to_string().parse(), Ok(code));
        assert_eq!(room_link::code_in(typed), Some(code.to_string()), "the page takes what the server takes");
    }
    let fragment = room_link::fragment_with(typed, Some(CODE));
    assert_eq!(address_value(&format!("#{fragment}"), "room"), Some(CODE), "{fragment}");
    assert_eq!(address_value(&format!("#{}", room_link::fragment_with(&fragment, None)), "room"), None);
    assert!(room_link::link(typed, CODE).ends_with("#room=ABC234"));
    let kept = room_change::with_key(typed, CODE, Some("key"));
    assert_eq!(room_change::key_of(&kept, CODE), Some("key"));
    assert_eq!(room_change::key_of(&room_change::with_key(&kept, CODE, None), CODE), None);
    let most = 2 * ROOM_FILE_BYTES_MAX;
    let request = from_json::<RoomRequest>(json, most).ok().and_then(|request| request.file);
    let change = from_json::<RoomChange>(json, most).ok().and_then(|change| change.file);
    request.into_iter().chain(change).for_each(|file| arena_file(file.as_bytes()));
}
