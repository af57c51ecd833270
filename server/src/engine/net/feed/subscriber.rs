//! One subscriber of the feed by WebSocket: a text frame with each document, and a ping behind it. Until the ping is
//! answered nothing more is sent, so that a slow subscriber finds the newest document and never a backlog.

use std::{
    future::{Future, poll_fn},
    net::SocketAddr,
    pin::pin,
    sync::Arc,
    task::Poll,
};

use shared::engine::protocol::CloseReason;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::{Bytes, Message, protocol::frame::coding::Data};

use super::Subscription;
use crate::engine::net::{
    ArenaHandle, Shared,
    alarm::Alarm,
    connection::see_off,
    error::Ending,
    liveness::{Liveness, Verdict},
    meter::Wire,
    socket::{Event, Socket},
};
use crate::engine::token_bucket::TokenBucket;

/// A subscriber has nothing to say but control frames.
const MESSAGE_BYTES_MAX: usize = 256;

/// Serves one subscriber, whose handshake is done, until the end.
pub(in crate::engine::net) async fn serve<S: Wire>(
    stream: S,
    early: Vec<u8>,
    subscription: Subscription,
    peer: SocketAddr,
    arena: &ArenaHandle,
    shared: &Arc<Shared>,
) {
    let mut socket = Socket::plain(stream, early, MESSAGE_BYTES_MAX);
    let ending = run(&mut socket, subscription, shared).await;
    see_off(&mut socket, &ending, peer, arena, shared).await;
}

/// What there is to do.
enum Step {
    Check,
    Tell(Option<Bytes>),
    Heard(Event),
}

async fn run<S: Wire>(socket: &mut Socket<S>, mut subscription: Subscription, shared: &Shared) -> Ending {
    let now = Instant::now();
    let limits = &shared.limits;
    let mut alarm = Alarm::new(limits.check, now);
    let mut liveness = Liveness::new(limits, now);
    let mut messages = TokenBucket::new(limits.messages, now.into_std());
    let mut bytes = TokenBucket::new(limits.bytes, now.into_std());
    let mut bytes_counted = 0;
    let mut has_caught_up = true;
    let mut stopping = pin!(shared.stopping());
    loop {
        let step = {
            let mut next = pin!(subscription.next());
            poll_fn(|cx| {
                if stopping.as_mut().poll(cx).is_ready() {
                    return Poll::Ready(Step::Heard(Event::QueueEnded));
                }
                if alarm.poll(cx, Instant::now()).is_ready() {
                    return Poll::Ready(Step::Check);
                }
                if has_caught_up
                    && matches!(socket.poll_flush(cx), Poll::Ready(Ok(())))
                    && let Poll::Ready(text) = next.as_mut().poll(cx)
                {
                    return Poll::Ready(Step::Tell(text));
                }
                socket.poll_event(cx, None).map(Step::Heard)
            })
            .await
        };
        let is_check = matches!(step, Step::Check);
        let ended = match step {
            // Empty fragments are no messages, and yet work.
            Step::Check if !bytes.take(Instant::now().into_std(), socket.sample().read - bytes_counted) => {
                Some(Ending::Ours(CloseReason::RateLimited))
            }
            Step::Check => match liveness.check(Instant::now(), socket.sample()) {
                Verdict::Fine => None,
                Verdict::Ping => poll_fn(|cx| Poll::Ready(socket.ping(cx))).await.err().map(Ending::Broken),
                Verdict::Silent => Some(Ending::Ours(CloseReason::IdleTimeout)),
                Verdict::TooSlow => Some(Ending::Ours(CloseReason::SlowReader)),
            },
            Step::Tell(None) => Some(Ending::Ours(CloseReason::ShuttingDown)),
            Step::Tell(Some(text)) => {
                has_caught_up = false;
                let told = poll_fn(|cx| {
                    Poll::Ready(socket.send(cx, Data::Text, text.clone()).and_then(|()| socket.ping(cx)))
                });
                told.await.err().map(Ending::Broken)
            }
            Step::Heard(Event::Received(message)) => {
                has_caught_up |= matches!(message, Message::Pong(_));
                heard(&message, &mut messages)
            }
            Step::Heard(Event::CloseAsked(reason)) => Some(Ending::Ours(reason)),
            Step::Heard(Event::QueueEnded) => Some(Ending::Ours(CloseReason::ShuttingDown)),
            Step::Heard(Event::Ended(error)) => Some(error.map_or(Ending::Peer, Ending::from_error)),
        };
        bytes_counted = if is_check { socket.sample().read } else { bytes_counted };
        if let Some(ending) = ended {
            return ending;
        }
    }
}

fn heard(message: &Message, messages: &mut TokenBucket) -> Option<Ending> {
    if !messages.take(Instant::now().into_std(), 1) {
        return Some(Ending::Ours(CloseReason::RateLimited));
    }
    match message {
        Message::Text(_) | Message::Binary(_) => {
            Some(Ending::fault(CloseReason::ProtocolError, "the feed only tells; it takes no messages"))
        }
        Message::Close(_) => Some(Ending::Peer),
        Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => None,
    }
}
