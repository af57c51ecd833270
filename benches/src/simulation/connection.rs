//! A client's end of a WebSocket, in either subprotocol: a session's messages go out, the server's come in, and its close has a
//! reason.

use std::rc::Rc;

use futures_util::{SinkExt, StreamExt};
use server::engine::net::Subprotocol;
use shared::{
    engine::{
        input::PlayerInput,
        protocol::{
            CloseReason, decode_client, decode_server, decode_server_json, encode_client_json, encode_server,
        },
    },
    game::protocol::ServerMessage,
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Error, Message,
        protocol::{CloseFrame, Role, frame::coding::CloseCode},
    },
};

use super::{
    link::{End, Faults},
    process::Process,
};

/// An open connection.
#[derive(Debug)]
pub(super) struct Connection {
    ws: WebSocketStream<End>,
    subprotocol: Subprotocol,
    pub(super) faults: Faults,
    /// At the other end.
    pub(super) process: Rc<Process>,
    close: Option<u16>,
}

/// What comes in.
#[derive(Debug)]
pub(super) enum Incoming {
    /// A message, and its bytes for a session.
    Message(Box<ServerMessage>, Vec<u8>),
    /// What is no message of the protocol, and why.
    Malformed(String),
    /// The connection is over, by the server's close frame if there was one.
    Over(Option<u16>),
}

impl Connection {
    pub(super) async fn new(
        end: End,
        subprotocol: Subprotocol,
        faults: Faults,
        process: Rc<Process>,
    ) -> Self {
        let ws = WebSocketStream::from_raw_socket(end, Role::Client, None).await;
        Self { ws, subprotocol, faults, process, close: None }
    }

    /// Sends a session's message.
    pub(super) async fn send(&mut self, message: &[u8]) -> Result<(), Error> {
        let frame = match self.subprotocol {
            Subprotocol::Bincode => Message::binary(message.to_vec()),
            Subprotocol::Json => match decode_client::<PlayerInput>(message) {
                Ok(message) => Message::text(encode_client_json(&message)),
                // What a session makes is a message.
                Err(_) => return Err(Error::AttackAttempt),
            },
        };
        self.ws.send(frame).await
    }

    /// Sends any frame.
    pub(super) async fn send_frame(&mut self, frame: Message) -> Result<(), Error> {
        self.ws.send(frame).await
    }

    /// The next thing that comes in. Cancel-safe.
    pub(super) async fn next(&mut self) -> Incoming {
        loop {
            match self.ws.next().await {
                Some(Ok(Message::Binary(bytes))) if self.subprotocol == Subprotocol::Bincode => {
                    return match decode_server(&bytes) {
                        Ok(message) => Incoming::Message(Box::new(message), bytes.to_vec()),
                        Err(error) => Incoming::Malformed(error.to_string()),
                    };
                }
                Some(Ok(Message::Text(text))) if self.subprotocol == Subprotocol::Json => {
                    return match decode_server_json(&text) {
                        Ok(message) => {
                            let bytes = encode_server(&message);
                            Incoming::Message(Box::new(message), bytes)
                        }
                        Err(error) => Incoming::Malformed(error.to_string()),
                    };
                }
                Some(Ok(Message::Close(frame))) => self.close = frame.map(|frame| frame.code.into()),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(other)) => return Incoming::Malformed(format!("a frame of another type: {other:?}")),
                Some(Err(_)) | None => return Incoming::Over(self.close),
            }
        }
    }

    /// Closes with this code, as a page does that goes: it does not wait for the answer.
    pub(super) async fn close(mut self, code: u16) {
        let frame = CloseFrame { code: CloseCode::from(code), reason: "".into() };
        // The link may be broken already.
        let _ = self.ws.send(Message::Close(Some(frame))).await;
    }
}

/// The reason that a close code stands for, if it is one of the protocol.
pub(super) fn reason(code: Option<u16>) -> Option<CloseReason> {
    CloseReason::from_code(code?)
}
