//! The end of a WebSocket: counts and logs it, sends the close frame, and waits for the peer's answer, so that the reason
//! reaches the peer.

use std::{future::poll_fn, task::Poll, time::Duration};

use shared::engine::protocol::CloseReason;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::Instant,
};
use tokio_tungstenite::tungstenite::{Message, protocol::CloseFrame};

use super::{disconnect::Disconnect, socket::Socket, transport::Transport};
use crate::engine::net::{arenas::ArenaHandle, proxy::peer::Peer, running_time, state::ServerState};

/// Bytes that the peer may still send after the close frame. A client has a few inputs in flight; more is a flood.
const DISCARDED_BYTES_MAX: u64 = 256 * 1024;

/// Ends a WebSocket of `arena`.
pub(super) async fn close_connection<S: Transport>(
    socket: &mut Socket<S>,
    disconnect: &Disconnect,
    peer: Peer,
    arena: &ArenaHandle,
    server: &ServerState,
) {
    arena.admission.telemetry.closed.get(disconnect.label()).inc();
    if disconnect.is_misbehaviour() {
        let advice = disconnect.advice().map(|advice| format!("; {advice}")).unwrap_or_default();
        let what = format_args!("{disconnect}{advice}");
        server.log.peer(Instant::now(), disconnect.label(), &peer, arena.name(), &what);
    } else {
        tracing::debug!(%peer, arena = arena.name(), "{disconnect}");
    }
    let most = match disconnect {
        Disconnect::Lost(_) => return,
        Disconnect::ByServer(close) if close.reason == CloseReason::SlowReader => {
            server.limits.slow_close_timeout
        }
        Disconnect::ByServer(_) | Disconnect::ByPeer => server.limits.close_timeout,
    };
    close(socket, disconnect, most).await;
}

/// Flushes, sends the close frame if there is one, and waits for the end of the stream, until the server has run for `most`.
pub(super) async fn close<S: Transport>(socket: &mut Socket<S>, disconnect: &Disconnect, most: Duration) {
    // A time-out changes nothing: the socket is dropped either way.
    let _ = running_time::timeout(most, async {
        if !closing_handshake(socket, disconnect).await {
            drain(socket).await;
        }
    })
    .await;
}

/// Writes and reads at once: a peer that reads only after its own writes are taken would deadlock otherwise. Returns
/// whether the WebSocket ended properly.
async fn closing_handshake<S: Transport>(socket: &mut Socket<S>, disconnect: &Disconnect) -> bool {
    let read_before = socket.stream.read;
    let mut close_frame = disconnect
        .close_frame()
        .map(|(code, text)| Message::Close(Some(CloseFrame { code: code.into(), reason: text.into() })));
    let mut is_reading = true;
    poll_fn(|cx| {
        if let Some(frame) = close_frame.take()
            && socket.queue_pong(cx).and_then(|()| socket.queue_control(cx, frame)).is_err()
        {
            return Poll::Ready(false);
        }
        let is_writing = match socket.poll_flush(cx) {
            Poll::Ready(Ok(())) => false,
            Poll::Ready(Err(_)) => return Poll::Ready(false),
            Poll::Pending => true,
        };
        while is_reading {
            match socket.poll_receive(cx) {
                Poll::Ready(Some(Ok(_))) => {}
                Poll::Ready(Some(Err(_)) | None) => is_reading = false,
                Poll::Pending => break,
            }
            if socket.stream.read - read_before > DISCARDED_BYTES_MAX {
                return Poll::Ready(false);
            }
        }
        if is_writing || is_reading { Poll::Pending } else { Poll::Ready(!socket.has_failed) }
    })
    .await
}

/// After an error the peer's answer cannot be read as frames. A socket that is dropped with unread bytes resets the
/// connection, which can destroy the close frame in flight. So this ends our half, and reads until the peer ends its own.
async fn drain<S: Transport>(socket: &mut Socket<S>) {
    let stream = &mut socket.stream.stream;
    let _ = stream.shutdown().await;
    let mut buffer = [0; 2048];
    let mut budget = DISCARDED_BYTES_MAX;
    while let Ok(count) = stream.read(&mut buffer).await {
        budget = budget.saturating_sub(count as u64);
        if count == 0 || budget == 0 {
            return;
        }
    }
}
