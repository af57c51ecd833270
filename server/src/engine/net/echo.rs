//! A WebSocket that says back whatever it hears: for conformance tests of this server's WebSocket. Off unless the operator
//! asks for it, because nothing bounds its rate.

use std::{
    future::poll_fn,
    pin::pin,
    sync::Arc,
    task::{Poll, ready},
};

use shared::engine::protocol::CloseReason;
use tokio_tungstenite::tungstenite::{Message, protocol::frame::coding::Data};

use super::{
    Shared,
    error::Ending,
    meter::Wire,
    socket::{Event, Socket},
};

/// Conformance tests go up to 16 MiB.
const MESSAGE_BYTES_MAX: usize = 64 << 20;

/// Echoes until the peer has enough.
pub(super) async fn serve<S: Wire>(stream: S, early: Vec<u8>, shared: &Arc<Shared>) {
    let mut socket = Socket::plain(stream, early, MESSAGE_BYTES_MAX);
    let ending = tokio::select! {
        ending = run(&mut socket) => ending,
        () = pin!(shared.stopping()) => Ending::Ours(CloseReason::ShuttingDown),
    };
    if !matches!(ending, Ending::Broken(_)) {
        socket.farewell(&ending, shared.limits.farewell).await;
    }
}

async fn run<S: Wire>(socket: &mut Socket<S>) -> Ending {
    loop {
        // One message is said before the next is heard: a peer that does not read is not heard.
        let heard = poll_fn(|cx| match ready!(socket.poll_flush(cx)) {
            Ok(()) => socket.poll_event(cx, None),
            Err(error) => Poll::Ready(Event::Ended(Some(error))),
        });
        let (kind, payload) = match heard.await {
            Event::Received(Message::Text(text)) => (Data::Text, text.into()),
            Event::Received(Message::Binary(bytes)) => (Data::Binary, bytes),
            Event::Received(Message::Close(_)) => return Ending::Peer,
            Event::Received(_) => continue,
            Event::Ended(error) => return error.map_or(Ending::Peer, Ending::from_error),
            Event::CloseAsked(_) | Event::QueueEnded => return Ending::Ours(CloseReason::ShuttingDown),
        };
        // An answer to a ping may still be on its way.
        let said = poll_fn(|cx| match ready!(socket.poll_flush(cx)) {
            Ok(()) => Poll::Ready(socket.send(cx, kind, payload.clone())),
            Err(error) => Poll::Ready(Err(error)),
        });
        if let Err(error) = said.await {
            return Ending::from_error(error);
        }
    }
}
