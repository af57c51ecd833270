//! A WebSocket that sends back every message, for conformance tests of this server's WebSocket. Off by default, because it
//! has no rate limit.

use std::{
    future::poll_fn,
    pin::pin,
    sync::Arc,
    task::{Poll, ready},
};

use shared::engine::protocol::CloseReason;
use tokio_tungstenite::tungstenite::{Message, protocol::frame::coding::Data};

use super::{
    close::close,
    disconnect::Disconnect,
    socket::{Event, Socket},
    transport::Transport,
};
use crate::engine::net::state::ServerState;

/// The Autobahn suite sends up to 16 MiB; this leaves room.
const MESSAGE_BYTES_MAX: usize = 64 << 20;

/// Echoes until the peer closes.
pub(crate) async fn serve<S: Transport>(stream: S, early: Vec<u8>, server: &Arc<ServerState>) {
    let mut socket = Socket::new(stream, early, MESSAGE_BYTES_MAX);
    let disconnect = tokio::select! {
        disconnect = run(&mut socket) => disconnect,
        () = pin!(server.stopping()) => CloseReason::ShuttingDown.into(),
    };
    if !matches!(disconnect, Disconnect::Lost(_)) {
        close(&mut socket, &disconnect, server.limits.close_timeout).await;
    }
}

async fn run<S: Transport>(socket: &mut Socket<S>) -> Disconnect {
    loop {
        // Flushes before it reads: from a peer that does not read nothing more is read.
        let event = poll_fn(|cx| match ready!(socket.poll_flush(cx)) {
            Ok(()) => socket.poll_event(cx, None),
            Err(error) => Poll::Ready(Event::Ended(Some(error))),
        });
        let (kind, payload) = match event.await {
            Event::Received(Message::Text(text)) => (Data::Text, text.into()),
            Event::Received(Message::Binary(bytes)) => (Data::Binary, bytes),
            Event::Received(Message::Close(_)) => return Disconnect::ByPeer,
            Event::Received(_) => continue,
            Event::Ended(error) => return error.map_or(Disconnect::ByPeer, Disconnect::from_error),
            Event::CloseRequested(_) | Event::OutboxEnded => return CloseReason::ShuttingDown.into(),
        };
        // A pong may be in flight, and a message may only be sent between frames.
        let sent = poll_fn(|cx| match ready!(socket.poll_flush(cx)) {
            Ok(()) => Poll::Ready(socket.send(cx, kind, payload.clone())),
            Err(error) => Poll::Ready(Err(error)),
        });
        if let Err(error) = sent.await {
            return Disconnect::from_error(error);
        }
    }
}
