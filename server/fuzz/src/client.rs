//! What arrives from the other end of a game's socket: a client's messages at the server, and a server's at the client.

use std::sync::LazyLock;

use client_web::game::{scene::Scene, session::Session};
use server::{engine::game_codec::GameCodec, game::arena_file};
use shared::{
    engine::{
        ids::{PlayerId, Tick},
        input::{Angle, Buttons, PlayerInput},
        limits::CLIENT_MESSAGE_BYTES_MAX,
        protocol::{
            decode_client, decode_client_json, decode_frame_head, decode_server, encode_client,
            encode_client_json, encode_server,
        },
    },
    game::{
        Emberdrift,
        protocol::{ClientMessage, ServerMessage, Welcome},
    },
};

use crate::Script;

/// A client's message in the binary encoding. It is the same after it was encoded in either way.
pub(crate) fn binary(bytes: &[u8]) {
    if let Ok(message) = decode_client::<PlayerInput>(bytes) {
        survives(&message);
    }
}

/// A client's message as JSON. It is the same after it was encoded in either way.
pub(crate) fn json(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(message) = decode_client_json::<PlayerInput>(text) {
        survives(&message);
    }
}

fn survives(message: &ClientMessage) {
    // In the other encoding a text may be longer than a client may send.
    let bytes = encode_client(message);
    // The decoder counts each number as if it took all its bytes.
    if bytes.len() + 32 <= CLIENT_MESSAGE_BYTES_MAX {
        assert_eq!(decode_client(&bytes).as_ref(), Ok(message));
    }
    if let Ok(same) = decode_client_json(&encode_client_json(message)) {
        assert_eq!(&same, message);
    }
}

/// The welcome of a small arena at 20 Hz, for the player of id 0.
pub(crate) static WELCOME: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let welcome = Welcome {
        player: Some(PlayerId(0)),
        resume: None,
        is_resumed: false,
        tick: Tick(1),
        tick_rate: 20,
        arena: arena_file::load("duel").expect("it is embedded"),
    };
    encode_server(&ServerMessage::Welcome(Box::new(welcome)))
});

/// A session of the client that gets any messages, at any times, and draws. The script's first byte says whether it starts
/// with the welcome of a real arena.
pub(crate) fn frames(bytes: &[u8]) {
    let mut script = Script(bytes);
    let Some(start) = script.byte() else { return };
    let mut session = if start & 2 == 0 { Session::new("Ada") } else { Session::spectator() };
    let (mut now_ms, mut scene) = (1000.0, Scene::default());
    if start & 1 == 0 {
        // A spectator gets a welcome of its own, and none of a player.
        let welcomed = session.handle_message(&WELCOME, now_ms);
        assert_eq!(welcomed.is_ok(), start & 2 == 0);
    }
    while let Some(step) = script.byte() {
        match step & 3 {
            0 | 1 => {
                let Some(message) = script.long_piece() else { return };
                let _ = decode_frame_head::<Emberdrift>(message);
                if decode_server::<Emberdrift>(message).is_ok() {
                    // What JSON clients get.
                    let _ = GameCodec::of::<Emberdrift>().to_json(message);
                }
                if session.handle_message(message, now_ms).is_err() {
                    return;
                }
            }
            2 => {
                let Some((buttons, aim)) = script.byte().zip(script.number()) else { return };
                session.advance(now_ms, PlayerInput { buttons: Buttons(buttons), aim: Angle(aim) });
                session.set_hidden(step & 64 != 0);
            }
            _ => session.scene(now_ms, &mut scene),
        }
        // Up to a quarter of a second for each step.
        now_ms += f64::from(step >> 2) * 4.0;
        while let Some(message) = session.poll_transmit() {
            decode_client::<PlayerInput>(&message).expect("a client sends what a server understands");
        }
        session.take_chat();
    }
}
