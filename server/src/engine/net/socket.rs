//! One WebSocket whose two directions never wait for each other. Knows queues and frames; must not know phases,
//! players or what a message says.
//!
//! What the simulation sends goes from the queue to the kernel, behind a header, without being copied; everything else,
//! all that is read and every control frame, is tungstenite's. It is polled here without the adapter that makes it
//! asynchronous, whose proxies of wakers are several lines of cold memory for each frame.

use std::{
    io,
    task::{Context, Poll, ready},
};

use shared::engine::protocol::CloseReason;
use tokio_tungstenite::tungstenite::{
    Bytes, Error as WsError, Message,
    protocol::{
        Role, WebSocketConfig, WebSocketContext,
        frame::{
            FrameHeader,
            coding::{Data, OpCode},
        },
    },
};

use super::{
    encoding::Encoding,
    liveness::Sample,
    meter::{Metered, Polled, Wire},
};
use crate::engine::outbox::{Outbound, OutboxReceiver};

/// Read at once from the kernel: some fifteen inputs. As much is zeroed at each look, whether anything came or not.
const READ_BUFFER_BYTES: usize = 256;
/// Control frames that may wait behind a message: pongs and a close.
const CONTROL_FRAMES_BYTES: usize = 1024;
/// Longest header of a frame that a server sends.
const HEADER_BYTES_MAX: usize = 10;

fn config(message_bytes_max: usize) -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(0)
        .max_write_buffer_size(CONTROL_FRAMES_BYTES)
        .max_message_size(Some(message_bytes_max))
        .max_frame_size(Some(message_bytes_max))
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
    pub(super) stream: Metered<S>,
    /// Whether something handed to `ws` may not have reached the kernel yet.
    unflushed: bool,
    /// Whether a message that was read from the stream already may wait in `ws`.
    has_unread: bool,
    /// Whether there is nothing more to read.
    has_ended: bool,
    /// Whether reading ended with an error, after which frames cannot be told apart any more.
    pub(super) failed: bool,
    /// How what the simulation sends is said.
    encoding: Encoding,
    ws: WebSocketContext,
}

impl<S: Wire> Socket<S> {
    /// The handshake is done; from here on messages of the game are spoken. `early` has been read already.
    pub(super) fn new(stream: S, early: Vec<u8>, encoding: Encoding) -> Self {
        Self { encoding, ..Self::plain(stream, early, encoding.client_bytes_max()) }
    }

    /// For other messages, of which the peer's are at most so long.
    pub(super) fn plain(stream: S, early: Vec<u8>, message_bytes_max: usize) -> Self {
        let config = config(message_bytes_max);
        let ws = WebSocketContext::from_partially_read(early, Role::Server, Some(config));
        Self {
            stream: Metered::new(stream),
            unflushed: false,
            has_unread: true,
            has_ended: false,
            failed: false,
            encoding: Encoding::default(),
            ws,
        }
    }

    /// Counts, for those who watch over time.
    pub(super) fn sample(&self) -> Sample {
        let Metered { read, written, .. } = self.stream;
        Sample { read, written, blocked: self.unflushed || self.stream.is_sending() }
    }

    /// Writes what `queue` holds, as far as the kernel takes it, until there is something to tell. May be dropped
    /// and called again at any time: nothing is lost.
    pub(super) fn poll_event(
        &mut self,
        cx: &mut Context<'_>,
        queue: Option<&mut OutboxReceiver>,
    ) -> Poll<Event> {
        let fed = match queue {
            Some(queue) => self.poll_feed(cx, queue),
            None => self.poll_flush(cx).map_ok(|()| None),
        };
        match fed {
            Poll::Ready(Ok(Some(event))) => return Poll::Ready(event),
            Poll::Ready(Err(error)) => return Poll::Ready(Event::Ended(Some(error))),
            Poll::Ready(Ok(None)) | Poll::Pending => {}
        }
        self.poll_receive(cx).map(|next| match next {
            Some(Ok(message)) => Event::Received(message),
            Some(Err(error)) => Event::Ended(Some(error)),
            None => Event::Ended(None),
        })
    }

    /// Moves messages from the queue to the kernel until one of them is empty or full.
    fn poll_feed(
        &mut self,
        cx: &mut Context<'_>,
        queue: &mut OutboxReceiver,
    ) -> Poll<Result<Option<Event>, WsError>> {
        loop {
            ready!(self.poll_flush(cx))?;
            let event = match ready!(queue.poll_recv(cx)) {
                Some(Outbound::Message(bytes)) => {
                    let (kind, payload) = self.encoding.say(bytes);
                    self.send(cx, kind, payload)?;
                    continue;
                }
                Some(Outbound::Close(reason)) => Event::CloseAsked(reason),
                None => Event::QueueEnded,
            };
            return Poll::Ready(Ok(Some(event)));
        }
    }

    /// Sends a message in one frame; everything before it must be flushed.
    pub(super) fn send(&mut self, cx: &mut Context<'_>, kind: Data, payload: Bytes) -> Result<(), WsError> {
        let header = FrameHeader { opcode: OpCode::Data(kind), ..FrameHeader::default() };
        let mut head = [0; HEADER_BYTES_MAX];
        let mut room = &mut head[..];
        header.format(payload.len() as u64, &mut room)?;
        let length = HEADER_BYTES_MAX - room.len();
        Ok(self.stream.send(cx, &head[..length], payload)?)
    }

    pub(super) fn poll_receive(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Message, WsError>>> {
        if self.has_ended {
            return Poll::Ready(None);
        }
        // Every other time this is asked there is nothing, and that is cheaper to learn from the stream.
        if !self.has_unread && self.stream.poll_readable(cx).is_pending() {
            return Poll::Pending;
        }
        let read = self.ws.read(&mut Polled { metered: &mut self.stream, cx });
        self.has_unread = !would_block(&read);
        match read {
            Ok(message) => Poll::Ready(Some(Ok(message))),
            Err(_) if !self.has_unread => Poll::Pending,
            Err(error) => {
                self.has_ended = true;
                self.failed = !is_end(&error);
                Poll::Ready(self.failed.then_some(Err(error)))
            }
        }
    }

    /// Hands a control frame to the WebSocket; it leaves with the next flush.
    pub(super) fn start(&mut self, cx: &mut Context<'_>, message: Message) -> Result<(), WsError> {
        self.unflushed = true;
        let written = self.ws.write(&mut Polled { metered: &mut self.stream, cx }, message);
        // What the kernel does not take yet is kept.
        if would_block(&written) { Ok(()) } else { written }
    }

    /// Asks the peer for a sign of life.
    pub(super) fn ping(&mut self, cx: &mut Context<'_>) -> Result<(), WsError> {
        self.start(cx, Message::Ping(Bytes::new()))
    }

    /// Ready when the kernel has all that was sent.
    pub(super) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), WsError>> {
        // The WebSocket answers pings by itself, and such an answer may be taken in part.
        if self.unflushed || !self.stream.is_between_frames() {
            let flushed = self.ws.flush(&mut Polled { metered: &mut self.stream, cx });
            match flushed {
                Err(_) if would_block(&flushed) => return Poll::Pending,
                Err(error) if !is_end(&error) => return Poll::Ready(Err(error)),
                _ => self.unflushed = false,
            }
        }
        Poll::Ready(Ok(()))
    }
}

/// Whether an error says that the WebSocket has come to its proper end.
fn is_end(error: &WsError) -> bool {
    matches!(error, WsError::ConnectionClosed | WsError::AlreadyClosed)
}

fn would_block<T>(result: &Result<T, WsError>) -> bool {
    matches!(result, Err(WsError::Io(error)) if error.kind() == io::ErrorKind::WouldBlock)
}
