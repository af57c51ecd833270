//! Frames that keep to RFC 6455 and carry what is no message of the game, or a message at the wrong moment, or too many.

use std::sync::Arc;

use serde_json::{Value, json};
use shared::{
    engine::{
        game_trait::Game as _,
        protocol::{Hello, ProtocolVersion, encode_client},
    },
    game::{Emberdrift, protocol::ClientMessage},
};

use crate::{
    battery::{Case, case},
    server::Server,
    ws::{BINARY, TEXT, Ws, binary_end, frame, json_end, text},
};

/// Messages that one client may send at once and some more, but fewer than cost it the connection.
const MANY: usize = 900;

/// This as the first message of a binary connection.
fn bytes(name: &'static str, expected: &'static str, message: impl Into<Vec<u8>>) -> Case {
    let message = message.into();
    case(name, expected, move |server| {
        let message = message.clone();
        async move { binary_end(&server, frame(BINARY, message)).await }
    })
}

/// This text as the first message of a JSON connection.
fn says(name: &'static str, expected: &'static str, message: impl Into<String>) -> Case {
    let message = message.into();
    case(name, expected, move |server| {
        let message = message.clone();
        async move { json_end(&server, frame(TEXT, message)).await }
    })
}

/// What a player gets that sends all of these at once, and whether it still plays.
async fn after(server: &Server, messages: impl IntoIterator<Item = Value>) -> String {
    let (mut ws, _) = match Ws::join(server, json!({"name": "Eve"})).await {
        Ok(joined) => joined,
        Err(end) => return end,
    };
    ws.wire.send(messages.into_iter().map(|message| text(&message)).collect::<Vec<_>>().concat()).await;
    // The frame after the next one was made after all of them had arrived.
    for _ in 0..3 {
        if let Err(end) = ws.game_frame().await {
            return end;
        }
    }
    let state = ws.probe().await;
    ws.leave().await;
    state
}

/// A player that sends all of these.
fn plays(
    name: &'static str,
    expected: &'static str,
    messages: impl Fn() -> Vec<Value> + Send + Sync + 'static,
) -> Case {
    case(name, expected, move |server: Arc<Server>| {
        let messages = messages();
        async move { after(&server, messages).await }
    })
}

fn input(tick: u64, rewind: u64, ack: u64) -> Value {
    json!({"Input": {"tick": tick, "input": {"buttons": 255, "aim": 65535}, "rewind": rewind, "ack": ack}})
}

fn hello() -> Vec<u8> {
    let (protocol, game) = (ProtocolVersion(Emberdrift::PROTOCOL_VERSION), Emberdrift::NAME.to_owned());
    encode_client(&ClientMessage::Hello(Hello {
        protocol,
        game,
        name: "Eve".into(),
        ..Hello::of::<Emberdrift>()
    }))
}

pub(crate) fn in_bincode() -> Vec<Case> {
    // The variant, the version and the game. The name follows.
    let whole = hello();
    let head = &whole[..10 + 1 + Emberdrift::NAME.len()];
    vec![
        bytes(
            "input before the hello",
            "close 1002 the first message must be a Hello",
            [1, 2, 3, 0xfb, 0xa0, 0x0f, 100, 5],
        ),
        bytes("chat before the hello", "close 1002 the first message must be a Hello", b"\x04\x02gg"),
        bytes("nothing at all", "close 1007…", []),
        bytes("unknown variant", "close 1007…", [200]),
        bytes("unused first byte of a varint", "close 1007…", [255; 9]),
        bytes(
            "hello of another version",
            "close 4001…",
            *b"\0\xfd\x08\x07\x06\x05\x04\x03\x02\x01\0\x03Ada\0\x01\x03\0",
        ),
        bytes(
            "hello of another game",
            "close 4007 this server runs emberdrift; open the server's own page",
            *b"\0\0\x03tag\x03Ada\0\0\0\0",
        ),
        bytes("hello that ends early", "close 1007…", &whole[..whole.len() - 3]),
        bytes("hello with a byte behind its end", "close 1007…", [hello(), vec![0]].concat()),
        bytes(
            "name of 2^63 bytes",
            "close 1007…",
            [head, &[0xfd, 0, 0, 0, 0, 0, 0, 0, 0x80], b"Eve"].concat(),
        ),
        bytes("name of 4 GB", "close 1007…", [head, &[0xfc, 0xff, 0xff, 0xff, 0xff], b"Eve"].concat()),
        bytes("name that is not UTF-8", "close 1007…", [head, b"\x03\xff\xfe\xfd\0\0\0"].concat()),
        bytes("role that does not exist", "close 1007…", [head, b"\x03Eve\x07\0\0"].concat()),
        bytes("cell in more bytes than a field of 16 bits has", "close 1007…", [2, 0xfc, 1, 0, 0, 0]),
        bytes(
            "640 bytes of noise",
            "close 1007…",
            (0..640).map(|at| (at * 31 % 251) as u8 | 0x80).collect::<Vec<_>>(),
        ),
        case("second hello", "close 1002 a second Hello", |server| async move {
            binary_end(&server, frame(BINARY, hello()).repeat(2)).await
        }),
    ]
}

pub(crate) fn in_json() -> Vec<Case> {
    vec![
        says("JSON 900 levels deep", "close 1007…", "[".repeat(900)),
        says("objects 200 levels deep", "close 1007…", "{\"Hello\":".repeat(200)),
        says("number beyond every number", "close 1007…", r#"{"ResyncCell":1e99999}"#),
        says("number of 1,500 digits", "close 1007…", format!("{{\"ResyncCell\":{}}}", "9".repeat(1500))),
        says("negative cell", "close 1007…", r#"{"ResyncCell":-1}"#),
        says("half a cell", "close 1007…", r#"{"ResyncCell":0.5}"#),
        says("NaN", "close 1007…", r#"{"ResyncCell":NaN}"#),
        says("key twice", "close 1007…", r#"{"Hello":{"name":"a","name":"b"}}"#),
        says("two messages in one", "close 1007…", r#"{"Ack":1}{"Ack":2}"#),
        says("unknown key", "close 1007…", r#"{"Hello":{"is_admin":true}}"#),
        says(
            "key with line breaks, for the log",
            "close 1007…",
            "{\"Hello\":{\"\\r\\n2026-11-29T00:00:00Z ERROR stop\\u001b[2J\":1}}",
        ),
        says("half of a surrogate pair", "close 1007…", r#"{"Chat":"\ud83d"}"#),
        says("control character in a string", "close 1007…", "{\"Chat\":\"a\u{1}\"}"),
        says("byte order mark", "close 1007…", "\u{feff}{\"Ack\":1}"),
        says("null", "close 1007…", "null"),
        says("token that is too short", "close 1007…", r#"{"Hello":{"resume":"00"}}"#),
        says("version as a number", "close 1007…", r#"{"Hello":{"protocol":123}}"#),
        says("version 1", "close 4001…", r#"{"Hello":{"protocol":"1"}}"#),
    ]
}

pub(crate) fn in_play() -> Vec<Case> {
    vec![
        plays("inputs of the distant past and future", "open", || {
            [0, 1, u64::from(u32::MAX), u64::from(u32::MAX) - 1, 1 << 31]
                .map(|tick| input(tick, 0, 0))
                .to_vec()
        }),
        plays("rewind by 4,096 ticks, with all buttons held", "open", || vec![input(0, 65535, 0); 60]),
        plays("acknowledgement of every frame there is not", "open", || {
            (0..256).map(|ack| json!({ "Ack": ack })).collect()
        }),
        plays("every cell again and again", "open", || {
            (0..MANY).map(|cell| json!({ "ResyncCell": cell })).collect()
        }),
        plays("cell 65535", "open", || vec![json!({"ResyncCell": 65535}); 100]),
        plays("hidden and shown 20 times", "open", || {
            (0..40).map(|at| json!({ "Hidden": at % 2 == 0 })).collect()
        }),
        plays(
            "hidden and shown 450 times",
            "close 1008 too many Hidden messages: at most 40 at once and 4 a second",
            || (0..MANY).map(|at| json!({ "Hidden": at % 2 == 0 })).collect(),
        ),
        plays(
            "lag reports of 6 s, 900 times",
            "close 1008 too many lag reports: at most 20 at once and 2 a second",
            || {
                vec![
                    json!({"Lag": {"network": 65535, "rendering": 65535, "send_ahead": 65535, "jitter_buffer": 65535}});
                    MANY
                ]
            },
        ),
        plays("3,000 inputs at once", "close 1008…", || vec![input(0, 0, 0); 3000]),
        plays("whispers to players that do not exist", "open", || {
            (0..60).map(|at| json!({ "Chat": format!("/w {at} hello") })).collect()
        }),
        plays("commands that do not exist", "open", || {
            ["/", "//", "/w", "/w ", "/kick Healthy", "/w Healthy", "/op me", "/\u{202e}"]
                .map(|line| json!({ "Chat": line }))
                .to_vec()
        }),
        plays(
            "3,000 lines of chat at once",
            "close 1008 too many chat lines: at most 70 at once and 7 a second",
            || vec![json!({"Chat": "buy embers"}); 3000],
        ),
        case("60 lines of chat at once", "at most 4 are heard, open", |server| async move {
            let (mut ws, welcome) = Ws::join(&server, json!({"name": "Eve"})).await.expect("a seat");
            let lines = (0..60).map(|at| text(&json!({ "Chat": format!("buy embers {at}") })));
            ws.wire.send(lines.collect::<Vec<_>>().concat()).await;
            let mut heard = 0;
            for _ in 0..5 {
                let frame = ws.game_frame().await.expect("it plays on");
                let notices = frame["notices"].as_array().cloned().unwrap_or_default();
                heard += notices.iter().filter(|notice| notice["Chat"]["from"] == welcome["player"]).count();
            }
            let state = ws.probe().await;
            ws.leave().await;
            if heard <= 4 { format!("at most 4 are heard, {state}") } else { format!("{heard} are heard") }
        }),
        case("chat with control characters", "InvalidCharacters", |server| async move {
            let (mut ws, _) = Ws::join(&server, json!({"name": "Eve"})).await.expect("a seat");
            ws.wire.send(text(&json!({"Chat": "a\u{1b}[2J\u{7}"}))).await;
            let rejection = ws.notice("ChatRejected").await.expect("it plays on");
            ws.leave().await;
            rejection.as_str().unwrap_or_default().to_owned()
        }),
        case("chat of hidden characters only", "Empty", |server| async move {
            let (mut ws, _) = Ws::join(&server, json!({"name": "Eve"})).await.expect("a seat");
            ws.wire.send(text(&json!({"Chat": "\u{202e}\u{200b}\u{3164}\u{2800}\u{fe0f}"}))).await;
            let rejection = ws.notice("ChatRejected").await.expect("it plays on");
            ws.leave().await;
            rejection.as_str().unwrap_or_default().to_owned()
        }),
    ]
}
