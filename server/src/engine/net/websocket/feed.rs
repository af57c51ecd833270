//! One subscriber of the feed by WebSocket. Each document is a text frame with a ping behind it, and the next is sent only
//! after the pong. So a slow subscriber gets the newest document and never a backlog.

use std::{
    future::{Future, poll_fn},
    pin::pin,
    sync::Arc,
    task::Poll,
};

use shared::engine::protocol::CloseReason;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::{Bytes, Message, protocol::frame::coding::Data};

use super::{
    check_interval::CheckInterval,
    close::close_connection,
    disconnect::Disconnect,
    liveness::{Liveness, Verdict},
    socket::{Event, Socket},
    transport::Transport,
};
use crate::engine::{
    connection_state::Close,
    net::{arenas::ArenaHandle, feed::Subscription, proxy::peer::Peer, state::ServerState},
    telemetry::TOO_MANY_BYTES,
    token_bucket::TokenBucket,
};

/// A subscriber sends nothing but control frames.
const MESSAGE_BYTES_MAX: usize = 256;

/// Serves one subscriber. `early` is what it sent right behind its request.
pub(crate) async fn serve<S: Transport>(
    stream: S,
    early: Vec<u8>,
    subscription: Subscription,
    peer: Peer,
    arena: &ArenaHandle,
    server: &Arc<ServerState>,
) {
    let mut socket = Socket::new(stream, early, MESSAGE_BYTES_MAX);
    let disconnect = run(&mut socket, subscription, server).await;
    close_connection(&mut socket, &disconnect, peer, arena, server).await;
}

/// What there is to do next.
enum Step {
    Check,
    Send(Option<Bytes>),
    Event(Event),
}

async fn run<S: Transport>(
    socket: &mut Socket<S>,
    mut subscription: Subscription,
    server: &ServerState,
) -> Disconnect {
    let now = Instant::now();
    let limits = &server.limits;
    let mut interval = CheckInterval::new(limits.check_interval, now);
    let mut liveness = Liveness::new(limits, now);
    let mut messages = TokenBucket::new(limits.message_rate, now.into_std());
    let mut bytes = TokenBucket::new(limits.byte_rate, now.into_std());
    let mut bytes_counted = 0;
    let mut has_caught_up = true;
    let mut stopping = pin!(server.stopping());
    loop {
        let step = {
            let mut next = pin!(subscription.next());
            poll_fn(|cx| {
                if stopping.as_mut().poll(cx).is_ready() {
                    return Poll::Ready(Step::Event(Event::OutboxEnded));
                }
                if interval.poll_tick(cx, Instant::now()).is_ready() {
                    return Poll::Ready(Step::Check);
                }
                if has_caught_up
                    && matches!(socket.poll_flush(cx), Poll::Ready(Ok(())))
                    && let Poll::Ready(text) = next.as_mut().poll(cx)
                {
                    return Poll::Ready(Step::Send(text));
                }
                socket.poll_event(cx, None).map(Step::Event)
            })
            .await
        };
        let done: Result<(), Disconnect> = match step {
            Step::Check => {
                let (now, sample) = (Instant::now(), socket.sample());
                // Empty fragments are no messages, but they are work.
                let is_within_rate = bytes.take(now.into_std(), sample.read - bytes_counted);
                bytes_counted = sample.read;
                match liveness.check(now, sample) {
                    _ if !is_within_rate => {
                        Err(Close::from(CloseReason::RateLimited).counted_as(TOO_MANY_BYTES).into())
                    }
                    Verdict::Alive => Ok(()),
                    Verdict::Ping => {
                        poll_fn(|cx| Poll::Ready(socket.ping(cx))).await.map_err(Disconnect::Lost)
                    }
                    Verdict::Close(reason) => Err(reason.into()),
                }
            }
            Step::Send(None) => Err(CloseReason::ShuttingDown.into()),
            Step::Send(Some(text)) => {
                has_caught_up = false;
                let sent = poll_fn(|cx| {
                    Poll::Ready(socket.send(cx, Data::Text, text.clone()).and_then(|()| socket.ping(cx)))
                });
                sent.await.map_err(Disconnect::Lost)
            }
            Step::Event(Event::Received(frame)) => {
                has_caught_up |= matches!(frame, Message::Pong(_));
                on_frame(&frame, &mut messages)
            }
            Step::Event(Event::CloseRequested(reason)) => Err(reason.into()),
            Step::Event(Event::OutboxEnded) => Err(CloseReason::ShuttingDown.into()),
            Step::Event(Event::Ended(error)) => Err(error.map_or(Disconnect::ByPeer, Disconnect::from_error)),
        };
        if let Err(disconnect) = done {
            return disconnect;
        }
    }
}

fn on_frame(frame: &Message, messages: &mut TokenBucket) -> Result<(), Disconnect> {
    if !messages.take(Instant::now().into_std(), 1) {
        return Err(CloseReason::RateLimited.into());
    }
    match frame {
        Message::Text(_) | Message::Binary(_) => {
            let detail = "the feed takes no messages; it only sends";
            Err(Close::with_detail(CloseReason::ProtocolError, detail).into())
        }
        Message::Close(_) => Err(Disconnect::ByPeer),
        Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => Ok(()),
    }
}
