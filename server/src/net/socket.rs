//! One WebSocket whose two directions never wait for each other. Knows queues and frames; must not know phases,
//! players or what a message says.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use futures_util::{Sink, Stream};
use shared::{
    limits::{CLIENT_MESSAGE_BYTES_MAX, SERVER_MESSAGE_BYTES_MAX},
    protocol::CloseReason,
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Bytes, Error as WsError, Message,
        protocol::{Role, WebSocketConfig},
    },
};

use super::{
    liveness::Sample,
    meter::{Metered, Wire},
};
use crate::bridge::{Outbound, Queue};

/// Read at once from the kernel: some fifteen inputs. As much is zeroed at each look, whether anything came or not.
const READ_BUFFER_BYTES: usize = 256;
/// Small messages are gathered up to here before they are written.
const WRITE_BUFFER_BYTES: usize = 16 * 1024;
/// Pongs and a close frame must find room behind a message of the largest size.
const CONTROL_FRAMES_BYTES: usize = 1024;

fn config() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(WRITE_BUFFER_BYTES)
        .max_write_buffer_size(WRITE_BUFFER_BYTES + SERVER_MESSAGE_BYTES_MAX + CONTROL_FRAMES_BYTES)
        .max_message_size(Some(CLIENT_MESSAGE_BYTES_MAX))
        .max_frame_size(Some(CLIENT_MESSAGE_BYTES_MAX))
}

/// What comes out of a socket and of the queue to it.
#[derive(Debug)]
pub(super) enum Event {
    /// The peer sent a frame.
    Received(Message),
    /// The simulation asks for the end.
    CloseAsked(CloseReason),
    /// The simulation is gone, or has forgotten this connection.
    QueueEnded,
    /// The WebSocket is over.
    Ended(Option<WsError>),
}

/// A WebSocket on any byte stream.
#[derive(Debug)]
pub(super) struct Socket<S> {
    pub(super) ws: WebSocketStream<Metered<S>>,
    /// Whether something handed to `ws` may not have reached the kernel yet.
    unflushed: bool,
    /// Whether a message that was read from the stream already may wait in `ws`.
    has_unread: bool,
    /// Whether reading ended with an error, after which frames cannot be told apart any more.
    pub(super) failed: bool,
}

impl<S: Wire> Socket<S> {
    /// The handshake is done; from here on frames are spoken. `early` has been read already.
    pub(super) async fn new(stream: S, early: Vec<u8>) -> Self {
        let stream = Metered::new(stream);
        let ws = WebSocketStream::from_partially_read(stream, early, Role::Server, Some(config())).await;
        Self { ws, unflushed: false, has_unread: true, failed: false }
    }

    /// Counts, for those who watch over time.
    pub(super) fn sample(&self) -> Sample {
        let meter = self.ws.get_ref();
        Sample { read: meter.read, written: meter.written, blocked: self.unflushed }
    }

    /// Writes what `queue` holds, as far as the kernel takes it, until there is something to tell. May be dropped
    /// and called again at any time: nothing is lost.
    pub(super) fn poll_event(&mut self, cx: &mut Context<'_>, queue: Option<&mut Queue>) -> Poll<Event> {
        if let Some(queue) = queue
            && let Poll::Ready(event) = self.poll_feed(cx, queue)
        {
            return Poll::Ready(event);
        }
        if let Poll::Ready(Err(error)) = self.poll_flush(cx) {
            return Poll::Ready(Event::Ended(Some(error)));
        }
        self.poll_receive(cx).map(|next| match next {
            Some(Ok(message)) => Event::Received(message),
            Some(Err(error)) => Event::Ended(Some(error)),
            None => Event::Ended(None),
        })
    }

    /// Moves messages from the queue into the WebSocket until one of them is empty or full.
    fn poll_feed(&mut self, cx: &mut Context<'_>, queue: &mut Queue) -> Poll<Event> {
        loop {
            match Pin::new(&mut self.ws).poll_ready(cx) {
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(error)) => return Poll::Ready(Event::Ended(Some(error))),
                Poll::Pending => return Poll::Pending,
            }
            match queue.poll_next(cx) {
                Poll::Ready(Some(Outbound::Message(bytes))) => {
                    if let Err(error) = self.start(Message::Binary(bytes)) {
                        return Poll::Ready(Event::Ended(Some(error)));
                    }
                }
                Poll::Ready(Some(Outbound::Close(reason))) => return Poll::Ready(Event::CloseAsked(reason)),
                Poll::Ready(None) => return Poll::Ready(Event::QueueEnded),
                Poll::Pending => return Poll::Pending,
            }
        }
    }

    pub(super) fn poll_receive(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Message, WsError>>> {
        // Every other time this is asked there is nothing, and that is cheaper to learn from the stream.
        if !self.has_unread && self.ws.get_ref().poll_readable(cx).is_pending() {
            return Poll::Pending;
        }
        let next = Pin::new(&mut self.ws).poll_next(cx);
        self.has_unread = next.is_ready();
        let next = std::task::ready!(next);
        self.failed |= matches!(next, Some(Err(_)));
        Poll::Ready(next)
    }

    /// Hands one frame to the WebSocket, which must be ready for it.
    pub(super) fn start(&mut self, message: Message) -> Result<(), WsError> {
        self.unflushed = true;
        Pin::new(&mut self.ws).start_send(message)
    }

    /// Asks the peer for a sign of life. To be called only when nothing waits to be sent.
    pub(super) fn ping(&mut self) -> Result<(), WsError> {
        self.start(Message::Ping(Bytes::new()))
    }

    pub(super) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), WsError>> {
        if self.unflushed {
            std::task::ready!(Pin::new(&mut self.ws).poll_flush(cx))?;
            self.unflushed = false;
        }
        Poll::Ready(Ok(()))
    }
}
