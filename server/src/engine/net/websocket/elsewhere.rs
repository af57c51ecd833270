//! A client that has come to the wrong node: it is told the address of its room, with a ticket for a seat there if it needs one. A player
//! that comes back has a seat already, which its `Hello` says, and a spectator takes no player's. Its proof of identity is checked here, where its challenge is from; the
//! other node is told who the player is.

use std::{
    future::poll_fn,
    sync::Arc,
    task::ready,
    time::{Duration, Instant},
};

use shared::engine::protocol::{ClientMessage, CloseReason, Hello, Role};
use tokio_tungstenite::tungstenite::Message;

use super::{
    close::close_connection,
    disconnect::Disconnect,
    socket::{Event, Socket},
    subprotocol::Subprotocol,
    transport::Transport,
};
use crate::engine::{
    connection_state::Close,
    net::{
        peers::{Seat, socket_of_room},
        proxy::peer::Peer,
        running_time,
        state::ServerState,
    },
    room_code::RoomCode,
};

/// Sends a client on to the room at the node with this public URL.
pub(crate) async fn serve<S: Transport>(
    stream: S,
    early: Vec<u8>,
    subprotocol: Subprotocol,
    peer: Peer,
    (code, url): (RoomCode, &str),
    server: &Arc<ServerState>,
) {
    let mut socket = Socket::new(stream, early, subprotocol.client_bytes_max());
    let most = server.limits.hello_timeout;
    let disconnect = match hello(&mut socket, subprotocol, most, server).await {
        Ok(hello) => sent_on(&hello, code, url, server).await.unwrap_or_else(|close| close).into(),
        Err(disconnect) => disconnect,
    };
    close_connection(&mut socket, &disconnect, peer, server.arenas.first(), server).await;
}

async fn hello<S: Transport>(
    socket: &mut Socket<S>,
    subprotocol: Subprotocol,
    most: Duration,
    server: &ServerState,
) -> Result<Hello, Disconnect> {
    let first = poll_fn(|cx| {
        loop {
            match ready!(socket.poll_event(cx, None)) {
                Event::Received(frame @ (Message::Binary(_) | Message::Text(_))) => return Ok(frame).into(),
                Event::Received(Message::Close(_)) | Event::Ended(None) => {
                    return Err(Disconnect::ByPeer).into();
                }
                Event::Received(_) => {}
                Event::CloseRequested(reason) => return Err(reason.into()).into(),
                Event::OutboxEnded => return Err(CloseReason::ShuttingDown.into()).into(),
                Event::Ended(Some(error)) => return Err(Disconnect::from_error(error)).into(),
            }
        }
    });
    let frame = tokio::select! {
        frame = first => frame?,
        () = running_time::sleep(most) => return Err(CloseReason::IdleTimeout.into()),
        () = server.stopping() => return Err(CloseReason::ShuttingDown.into()),
    };
    match subprotocol.decode(&frame, &server.codec)? {
        ClientMessage::Hello(hello) => Ok(hello),
        _ => Err(Close::with_detail(CloseReason::ProtocolError, "the first message must be a Hello").into()),
    }
}

async fn sent_on(hello: &Hello, code: RoomCode, url: &str, server: &ServerState) -> Result<Close, Close> {
    let identities = server.records.as_ref().map(|records| &records.identities);
    let lasting = identities.map(|identities| identities.of_hello(hello, None, Instant::now())).transpose();
    let lasting = lasting.map_err(|error| Close::with_detail(CloseReason::IdentityRejected, error))?;
    let seat = match &server.peers {
        Some(peers) if hello.role == Role::Player && hello.resume.is_none() => {
            peers.reserve(code, lasting.flatten()).await
        }
        _ => Seat::Unknown,
    };
    Ok(match seat {
        Seat::Full => CloseReason::Full.into(),
        Seat::Reserved(ticket) => moved(socket_of_room(url, code, Some(&ticket))),
        Seat::Unknown => moved(socket_of_room(url, code, None)),
    })
}

fn moved(address: String) -> Close {
    Close::with_detail(CloseReason::Moved, address)
}
