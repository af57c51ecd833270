//! JSON clients beside binary ones.

#![allow(clippy::disallowed_methods, reason = "a distance for a bound with room to spare")]

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use server::run::Running;
use shared::engine::protocol::CloseReason;
use tokio::net::TcpStream;
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Message, client::IntoClientRequest},
};

use crate::rig::{Client, Deadline, request, server, soon};

/// A client without our types: it sends and receives plain JSON.
pub(crate) struct TextClient {
    socket: WebSocketStream<TcpStream>,
    deadline: Deadline,
}

impl TextClient {
    pub(crate) async fn connect(server: &Running) -> Self {
        let stream = TcpStream::connect(server.address()).await.unwrap();
        let mut request = format!("ws://{}/ws", server.address()).into_client_request().unwrap();
        request.headers_mut().insert("sec-websocket-protocol", "emberdrift.json".parse().unwrap());
        let (socket, answer) = soon("the handshake", client_async(request, stream)).await.unwrap();
        assert_eq!(answer.headers()["sec-websocket-protocol"], "emberdrift.json");
        Self { socket, deadline: Deadline::new() }
    }

    /// Joins; returns the welcome.
    pub(crate) async fn join(server: &Running, hello: &Value) -> (Self, Value) {
        let mut client = Self::connect(server).await;
        client.send(&json!({ "Hello": hello })).await;
        let mut first = client.receive().await;
        (client, first["Welcome"].take())
    }

    pub(crate) async fn send(&mut self, message: &Value) {
        self.send_text(&message.to_string()).await;
    }

    async fn send_text(&mut self, text: &str) {
        soon("sending", self.socket.send(Message::text(text))).await.unwrap();
    }

    pub(crate) async fn receive(&mut self) -> Value {
        loop {
            self.deadline.check();
            match soon("a message", self.socket.next()).await {
                Some(Ok(Message::Text(text))) => return serde_json::from_str(&text).unwrap(),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                other => panic!("expected text, got {other:?}"),
            }
        }
    }

    /// The next frame, which it acknowledges.
    pub(crate) async fn frame(&mut self) -> Value {
        let frame = self.receive().await["Frame"].take();
        let seen = frame["head"]["tick"].as_u64().expect("a frame") % 256;
        self.send(&json!({ "Ack": seen })).await;
        frame
    }

    /// Waits for a notice of this kind.
    pub(crate) async fn notice(&mut self, kind: &str) -> Value {
        loop {
            let frame = self.frame().await;
            let notices = frame["notices"].as_array().expect("notices");
            if let Some(found) = notices.iter().find_map(|notice| notice.get(kind)) {
                return found.clone();
            }
        }
    }

    async fn closed(&mut self) -> (u16, String) {
        loop {
            match soon("the end", self.socket.next()).await {
                Some(Ok(Message::Close(Some(frame)))) => {
                    return (frame.code.into(), frame.reason.to_string());
                }
                Some(Ok(_)) => {}
                other => panic!("no close frame but {other:?}"),
            }
        }
    }
}

#[tokio::test]
async fn json_and_binary_clients_share_an_arena() {
    let server = server().await;
    let (mut binary, _) = Client::join(&server, "Bo").await;
    let (mut text, welcome) = TextClient::join(&server, &json!({ "name": "Ada" })).await;
    assert_eq!(welcome["tick_rate"], 60);
    assert!(welcome["arena"]["rules"]["view"][0].as_f64().is_some());
    let roster = text.notice("Roster").await;
    let names: Vec<_> = roster.as_array().unwrap().iter().map(|pilot| &pilot["name"]).collect();
    assert!(names.contains(&&json!("Ada")) && names.contains(&&json!("Bo")), "{names:?}");
    loop {
        use shared::game::protocol::Notice;
        let frame = binary.frame().await;
        let is_ada =
            |notice: &Notice| matches!(notice, Notice::Joined(pilot) if pilot.name.as_str() == "Ada");
        if frame.notices.iter().any(is_ada) {
            break;
        }
    }
    // The ship moves by inputs in JSON.
    let mut from = None;
    loop {
        let frame = text.frame().await;
        text.send(&json!({ "Input": { "input": { "buttons": 8, "aim": 0 }, "ack": 0 } })).await;
        let motion = &frame["head"]["viewer"]["Player"]["own"]["Alive"]["motion"];
        let Some(x) = motion["position"][0].as_f64() else { continue };
        let y = motion["position"][1].as_f64().unwrap();
        let (from_x, from_y) = *from.get_or_insert((x, y));
        if (x - from_x).hypot(y - from_y) > 30.0 {
            assert!(frame["head"]["lead"].as_i64() > Some(-128), "an input came");
            break;
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn fault_in_json_is_named_and_does_not_affect_others() {
    let server = server().await;
    let (mut bystander, _) = TextClient::join(&server, &json!({ "name": "Ada" })).await;
    for (text, reason, part) in [
        ("hello", CloseReason::InvalidPayload, "line 1 column 1"),
        (r#"{"Hello":{"name":7}}"#, CloseReason::InvalidPayload, "Hello.name: invalid type"),
        (r#"{"Hello":{"nme":"x"}}"#, CloseReason::InvalidPayload, "unknown field `nme`"),
        (r#"{"Ack":300}"#, CloseReason::InvalidPayload, "Ack: invalid value"),
        (r#"{"Ack":3}"#, CloseReason::ProtocolError, "the first message must be a Hello"),
        (r#"{"Hello":{"protocol":"1"}}"#, CloseReason::VersionMismatch, "reload"),
        (&"x".repeat(3000), CloseReason::MessageTooBig, "3000"),
    ] {
        let mut client = TextClient::connect(&server).await;
        client.send_text(text).await;
        let (code, why) = client.closed().await;
        assert_eq!(CloseReason::from_code(code), Some(reason), "{text}: {why}");
        assert!(why.contains(part), "{text}: {why}");
    }
    let mut client = TextClient::connect(&server).await;
    client.socket.send(Message::Binary(vec![1, 2].into())).await.unwrap();
    assert_eq!(client.closed().await.0, CloseReason::UnsupportedData.code());
    bystander.frame().await;
    server.stop().await;
}

#[tokio::test]
async fn text_that_is_not_utf8_closes_with_1007() {
    let server = server().await;
    let client = TextClient::connect(&server).await;
    let mut stream = client.socket.into_inner();
    // A masked text frame of the one byte 0xff.
    tokio::io::AsyncWriteExt::write_all(&mut stream, &[0x81, 0x81, 0, 0, 0, 0, 0xff]).await.unwrap();
    let mut answer = [0; 4];
    soon("a close frame", tokio::io::AsyncReadExt::read_exact(&mut stream, &mut answer)).await.unwrap();
    assert_eq!((answer[0], u16::from_be_bytes([answer[2], answer[3]])), (0x88, 1007));
    server.stop().await;
}

#[tokio::test]
async fn unknown_subprotocol_is_refused_with_the_supported_ones() {
    let server = server().await;
    let answer = request(
        &server,
        "GET",
        "/ws",
        &[
            // Without `close` the connection would stay open after the refusal.
            ("connection", "Upgrade, close"),
            ("upgrade", "websocket"),
            ("sec-websocket-version", "13"),
            ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
            ("sec-websocket-protocol", "chat, superchat"),
        ],
    )
    .await;
    assert_eq!(answer.status, 400);
    let text = answer.text();
    assert!(text.contains("emberdrift.bincode") && text.contains("emberdrift.json"), "{text}");
    server.stop().await;
}

#[tokio::test]
async fn spectator_follows_the_leader_and_has_no_ship() {
    let server = server().await;
    let hello = json!({ "role": "Spectator" });
    let (mut spectator, welcome) = TextClient::join(&server, &hello).await;
    assert!(welcome["player"].is_null());
    loop {
        let frame = spectator.frame().await;
        let watching = &frame["head"]["viewer"]["Spectator"];
        assert!(watching.is_object(), "{frame}");
        // One of the four drones leads.
        if watching["target"].is_u64() && frame["cells"].as_array().is_some_and(|cells| !cells.is_empty()) {
            break;
        }
    }
    spectator.send(&json!({ "Chat": "hello?" })).await;
    assert_eq!(server.telemetry().players.get(), 0);
    spectator.frame().await;
    server.stop().await;
}
