//! Names that deceive, and tokens that are not the client's own.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::{
    battery::{Case, Group, case},
    messages,
    server::{Server, Setup},
    ws::{JSON, Ws, text},
};

pub(crate) fn group() -> Group {
    let messages = messages::in_bincode().into_iter().chain(messages::in_json());
    let stages = vec![messages.collect(), messages::in_play(), names(), tokens(), vec![reconnects()]];
    let setup = Setup::with(&["--arena", "drift,duel", "--resume-seconds", "3"]);
    Group { name: "game", setup, rounds: 2, stages }
}

/// A player by JSON that asks for this name, and gets the one in the roster.
fn asks(name: &'static str, expected: &'static str, asked: &'static str) -> Case {
    case(name, expected, move |server| async move {
        let (mut ws, welcome) = match Ws::join(&server, json!({ "name": asked })).await {
            Ok(joined) => joined,
            Err(end) => return end,
        };
        let roster = ws.notice("Roster").await.expect("a roster");
        let own = roster.as_array().into_iter().flatten().find(|pilot| pilot["id"] == welcome["player"]);
        let got = own.and_then(|pilot| pilot["name"].as_str()).unwrap_or("no name").to_owned();
        ws.leave().await;
        got.escape_debug().to_string()
    })
}

fn names() -> Vec<Case> {
    vec![
        asks("name of another player", "Healthy …", "Healthy"),
        // Cyrillic letters at its beginning and end.
        asks("name that looks like another player's", "\u{41d}ealth\u{443} …", "\u{41d}ealth\u{443}"),
        asks("name that is read backwards", "nimda", "\u{202e}nimda"),
        asks("name of hidden characters", "Pilot…", "\u{3164}\u{115f}\u{ffa0}\u{2800}"),
        asks("name with a line break, for the log", "Pilot…", "x\n2026-11-29T00:00:00Z ERROR stop"),
        asks("name with an escape sequence", "Pilot…", "\u{1b}[2Jroot"),
        asks("name of 1,500 letters", "Pilot…", LONG),
        asks(
            "name with 20 marks on a letter",
            "Z\u{30d}\u{30e}\u{304}",
            concat!(
                "Z\u{30d}\u{30e}\u{304}\u{305}",
                "\u{33f}\u{311}\u{306}\u{310}\u{352}\u{357}\u{351}\u{307}"
            ),
        ),
        asks("name that is HTML", "<img src=x>", "<img src=x>"),
        asks("name that the server itself gives", "Pilot…", "Pilot 1"),
    ]
}

const LONG: &str = {
    const BYTES: [u8; 1500] = [b'a'; 1500];
    match std::str::from_utf8(&BYTES) {
        Ok(text) => text,
        Err(_) => "",
    }
};

/// Joins the arena at `path` with this token: whether it resumes, and which player it is.
async fn resume(server: &Server, path: &str, role: &str, token: &Value) -> (Ws, Value) {
    let ws = Ws::open(server, path, JSON).await.expect("a handshake");
    let hello = json!({"name": "Mallory", "role": role, "resume": token});
    ws.joined(hello).await.expect("a seat")
}

/// What becomes of a token that is used at `path`.
async fn try_token(server: &Server, path: &str, role: &str, token: &Value) -> String {
    let (ws, welcome) = resume(server, path, role, token).await;
    ws.leave().await;
    if welcome["is_resumed"] == true { "resumed" } else { "a new player" }.to_owned()
}

fn tokens() -> Vec<Case> {
    vec![
        case("forged token", "a new player", |server| async move {
            try_token(&server, "/ws", "Player", &json!("5e".repeat(32))).await
        }),
        case("token with one bit changed", "a new player", |server| async move {
            let (ws, welcome) = Ws::join(&server, json!({})).await.expect("a seat");
            let token = welcome["resume"].as_str().expect("a token");
            let last = u8::from_str_radix(&token[62..], 16).expect("hexadecimal") ^ 1;
            let outcome =
                try_token(&server, "/ws", "Player", &json!(format!("{}{last:02x}", &token[..62]))).await;
            ws.leave().await;
            outcome
        }),
        case("token of another arena", "a new player", |server| async move {
            let (ws, welcome) = Ws::join(&server, json!({})).await.expect("a seat");
            let outcome = try_token(&server, "/ws/duel", "Player", &welcome["resume"]).await;
            ws.leave().await;
            outcome
        }),
        case("token of another server", "a new player", |server| async move {
            let other = Server::start(&Setup::with(&[]));
            let (_ws, welcome) = Ws::join(&other, json!({})).await.expect("a seat");
            try_token(&server, "/ws", "Player", &welcome["resume"]).await
        }),
        case("player's token for a spectator", "a new player", |server| async move {
            let (ws, welcome) = Ws::join(&server, json!({})).await.expect("a seat");
            let outcome = try_token(&server, "/ws", "Spectator", &welcome["resume"]).await;
            ws.leave().await;
            outcome
        }),
        case("old token, after its successor is in use", "a new player", |server| async move {
            let (_first, welcome) = Ws::join(&server, json!({})).await.expect("a seat");
            let (mut second, again) = resume(&server, "/ws", "Player", &welcome["resume"]).await;
            assert_eq!(again["is_resumed"], true);
            second.wire.send(text(&json!({"Hidden": false}))).await;
            for _ in 0..3 {
                second.game_frame().await.expect("it plays");
            }
            let outcome = try_token(&server, "/ws", "Player", &welcome["resume"]).await;
            second.leave().await;
            outcome
        }),
        case("ten connections race for one token", "1 plays, 9 × close 4004", |server| async move {
            let (first, welcome) = Ws::join(&server, json!({})).await.expect("a seat");
            drop(first);
            let race = (0..10).map(|_| async {
                let hello = json!({"resume": welcome["resume"]});
                let mut ws = Ws::json(&server).await;
                ws.wire.send(text(&json!({ "Hello": hello }))).await;
                for _ in 0..20 {
                    if let Err(end) = ws.game_frame().await {
                        return end;
                    }
                }
                ws.leave().await;
                "plays".to_owned()
            });
            let ends = join_all(race).await;
            let plays = ends.iter().filter(|end| *end == "plays").count();
            let replaced = ends.iter().filter(|end| end.starts_with("close 4004")).count();
            format!("{plays} plays, {replaced} × close 4004")
        }),
        case("32 players join and leave at once", "32 came and went", |server| async move {
            let players = (0..32).map(|_| async {
                let (ws, _) = Ws::join(&server, json!({"name": "Eve"})).await?;
                ws.leave().await;
                Ok::<_, String>(())
            });
            let came = join_all(players).await.into_iter().filter(Result::is_ok).count();
            format!("{came} came and went")
        }),
        case("50 players vanish before their welcome", "50 are gone", |server| async move {
            for _ in 0..50 {
                let mut ws = Ws::json(&server).await;
                ws.wire.send(text(&json!({"Hello": {}}))).await;
                ws.wire.reset();
            }
            "50 are gone".to_owned()
        }),
        case("spectator that says and steers", "open", |server| async move {
            let (mut ws, _) = Ws::join(&server, json!({"role": "Spectator"})).await.expect("a seat");
            let input = json!({"Input": {"input": {"buttons": 63, "aim": 0}, "ack": 0}});
            ws.wire.send([text(&json!({"Chat": "hello"})), text(&input)].concat().repeat(60)).await;
            let state = ws.probe().await;
            ws.leave().await;
            state
        }),
    ]
}

/// Each reconnect takes the player over from the one before, which is cut off without a word.
fn reconnects() -> Case {
    case("1,000 reconnects in a row", "the same player after 1000", |server| async move {
        let (first, welcome) = Ws::join(&server, json!({})).await.expect("a seat");
        drop(first);
        let hello = json!({"resume": welcome["resume"]});
        for _ in 0..999 {
            let mut ws = Ws::json(&server).await;
            ws.wire.send(text(&json!({ "Hello": hello }))).await;
            ws.wire.reset();
        }
        let (ws, again) = resume(&server, "/ws", "Player", &welcome["resume"]).await;
        ws.leave().await;
        if again["player"] == welcome["player"] { "the same player after 1000" } else { "another player" }
            .to_owned()
    })
}
