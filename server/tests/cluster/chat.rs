//! What the operator and players say to all players of a cluster.

use futures_util::{SinkExt, StreamExt};
use serde_json::json;
use shared::{
    engine::{
        chat::ChatLine,
        protocol::{Hello, ServerMessage, decode_server, encode_client},
    },
    game::{
        Emberdrift,
        protocol::{ClientMessage, Notice},
    },
};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite::Message};

use crate::{
    nats::Nats,
    node::{Node, TIMEOUT},
    program,
};

/// A player in an arena or a room.
struct Talker(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Talker {
    async fn join(node: &Node, path: &str, name: &str) -> Self {
        let (socket, _) = connect_async(format!("ws://{}{path}", node.address)).await.expect("a WebSocket");
        let mut talker = Self(socket);
        let hello = Hello { name: name.into(), ..Hello::of::<Emberdrift>() };
        talker.send(ClientMessage::Hello(hello)).await;
        // The welcome.
        assert!(matches!(talker.0.next().await, Some(Ok(Message::Binary(_)))));
        talker
    }

    async fn send(&mut self, message: ClientMessage) {
        self.0.send(Message::Binary(encode_client(&message).into())).await.expect("it is sent");
    }

    async fn say(&mut self, line: &str) {
        self.send(ClientMessage::Chat(line.into())).await;
    }

    /// The next line that it hears.
    async fn line(&mut self) -> ChatLine {
        let heard = async {
            loop {
                let Some(Ok(Message::Binary(bytes))) = self.0.next().await else { continue };
                let ServerMessage::Frame(frame) = decode_server::<Emberdrift>(&bytes).expect("a message")
                else {
                    continue;
                };
                for notice in frame.notices {
                    if let Notice::Chat(line) = notice {
                        return line;
                    }
                }
            }
        };
        timeout(TIMEOUT, heard).await.expect("a line is heard")
    }
}

#[tokio::test]
async fn announcement_reaches_players_of_every_node() {
    let nats = Nats::start().await;
    let [a, b] = ["a", "b"].map(|name| Node::start(&nats.url(), name));
    let mut talkers = [Talker::join(&a, "/ws/drift", "Ada").await, Talker::join(&b, "/ws/drift", "Bo").await];
    let announced =
        program::output(program::emberdrift().args(["announce", "--cluster", &nats.url(), "Back soon"]));
    assert!(announced.status.success(), "{announced:?}");
    for talker in &mut talkers {
        let line = talker.line().await;
        assert_eq!((line.name.as_str(), line.text.as_str()), ("Server", "Back soon"));
    }
    let empty = program::output(program::emberdrift().args(["announce", "--cluster", &nats.url(), " "]));
    assert!(!empty.status.success());
}

#[tokio::test]
async fn what_is_said_to_all_reaches_players_of_every_node_once() {
    let nats = Nats::start().await;
    let [a, b] = ["a", "b"].map(|name| Node::start(&nats.url(), name));
    let room = b.make_room(&json!({ "bots": 0 })).await;
    let mut ada = Talker::join(&a, "/ws/drift", "Ada").await;
    let mut others = [
        Talker::join(&a, "/ws/drift", "Bo").await,
        Talker::join(&b, "/ws/drift", "Cy").await,
        Talker::join(&b, &format!("/ws/room/{}", room.code), "Di").await,
    ];
    // No line, from another process: what is in NATS can do no more than be ignored.
    let client = async_nats::connect(nats.url()).await.expect("it answers");
    for bad in ["", "{}", r#"{"at":"0000000000000001","name":"a\u202eb","text":"hi"}"#, &"x".repeat(2000)] {
        client.publish("emberdrift.chat", bad.to_owned().into()).await.expect("it is sent");
    }
    ada.say("/all who is about?").await;
    let own = ada.line().await;
    for talker in &mut others {
        let line = talker.line().await;
        assert_eq!((line.name.as_str(), line.text.as_str(), line.to_all), ("Ada", "who is about?", true));
    }
    assert_eq!((own.text.as_str(), own.to_all), ("who is about?", true));
    let [bo, cy, _] = &mut others;
    bo.say("me").await;
    assert_eq!((ada.line().await.text.as_str(), bo.line().await.text.as_str()), ("me", "me"), "once");
    cy.say("me too").await;
    assert_eq!(cy.line().await.text.as_str(), "me too", "once");
}
