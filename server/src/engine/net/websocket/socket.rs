//! One WebSocket whose two directions never wait for each other. Knows frames and the outbox; not what messages mean.
//!
//! Game messages go from the outbox to the kernel behind a header, without a copy. Everything else is tungstenite's: all
//! that is read, and all control frames. It is polled here directly, without tokio-tungstenite's async adapter, whose waker
//! proxies cost several cold cache lines a frame.

use std::{
    io,
    task::{Context, Poll, ready},
    time::Instant,
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
    liveness::Sample,
    subprotocol::to_text,
    transport::{CountingStream, SyncStream, Transport},
};
use crate::engine::{
    game_codec::GameCodec,
    outbox::{Outbound, OutboxReceiver},
};

/// Bytes of one read: some fifteen inputs. tungstenite zeroes as many before each read, so more would cost more.
const READ_BUFFER_BYTES: usize = 256;
/// Control frames that may wait behind a message: pongs and a close.
const CONTROL_FRAMES_BYTES: usize = 1024;
/// Longest header of a frame from a server.
const HEADER_BYTES_MAX: usize = 10;

fn config(message_bytes_max: usize) -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(0)
        .max_write_buffer_size(CONTROL_FRAMES_BYTES)
        .max_message_size(Some(message_bytes_max))
        .max_frame_size(Some(message_bytes_max))
}

/// What [`Socket::poll_event`] waits for.
#[derive(Debug)]
pub(super) enum Event {
    /// The peer sent a frame.
    Received(Message),
    /// The simulation asks to close.
    CloseRequested(CloseReason),
    /// The simulation has ended or has removed this connection.
    OutboxEnded,
    /// The WebSocket is over, by an error if there is one.
    Ended(Option<WsError>),
}

/// A WebSocket on any transport.
#[derive(Debug)]
pub(super) struct Socket<S> {
    pub(super) stream: CountingStream<S>,
    /// Whether `ws` may hold frames that the kernel has not taken.
    needs_flush: bool,
    /// Whether `ws` may hold a message that was read from the stream already.
    may_have_unread: bool,
    has_ended: bool,
    /// Whether reading ended with an error, after which frame boundaries are unknown.
    pub(super) has_failed: bool,
    /// Turns messages from the simulation, which are binary, into JSON for a connection that asked for it.
    json: Option<GameCodec>,
    ws: WebSocketContext,
}

impl<S: Transport> Socket<S> {
    /// The handshake is done. `early` is what the peer sent right behind its request. The peer's messages have at most
    /// `message_bytes_max` bytes.
    pub(super) fn new(stream: S, early: Vec<u8>, message_bytes_max: usize) -> Self {
        let config = config(message_bytes_max);
        let ws = WebSocketContext::from_partially_read(early, Role::Server, Some(config));
        Self {
            stream: CountingStream::new(stream),
            needs_flush: false,
            may_have_unread: true,
            has_ended: false,
            has_failed: false,
            json: None,
            ws,
        }
    }

    /// Sends the simulation's messages as JSON in text frames.
    pub(super) fn with_json(self, json: Option<GameCodec>) -> Self {
        Self { json, ..self }
    }

    /// Byte counts for the checks of liveness and rates.
    pub(super) fn sample(&self) -> Sample {
        let (read, written) = (self.stream.read, self.stream.taken());
        Sample { read, written, is_blocked: self.needs_flush || self.stream.is_sending() }
    }

    /// Sends what is in `outbox` at `now`, as far as the kernel takes it, until there is an event. Cancel-safe: nothing is lost.
    pub(super) fn poll_event(
        &mut self,
        cx: &mut Context<'_>,
        outbox: Option<(&mut OutboxReceiver, Instant)>,
    ) -> Poll<Event> {
        let sent = match outbox {
            Some((outbox, now)) => self.poll_send_outbox(cx, outbox, now),
            None => self.poll_flush(cx).map_ok(|()| None),
        };
        match sent {
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

    /// Moves messages from the outbox to the kernel until the one is empty or the other is full.
    fn poll_send_outbox(
        &mut self,
        cx: &mut Context<'_>,
        outbox: &mut OutboxReceiver,
        now: Instant,
    ) -> Poll<Result<Option<Event>, WsError>> {
        loop {
            ready!(self.poll_flush(cx))?;
            let event = match ready!(outbox.poll_recv(cx, now)) {
                Some(Outbound::Message(bytes)) => {
                    match self.json {
                        None => self.send(cx, Data::Binary, bytes)?,
                        Some(codec) => self.send(cx, Data::Text, to_text(&codec, &bytes))?,
                    }
                    continue;
                }
                Some(Outbound::Close(reason)) => Event::CloseRequested(reason),
                None => Event::OutboxEnded,
            };
            return Poll::Ready(Ok(Some(event)));
        }
    }

    /// Sends a message in one frame; everything before it must be flushed.
    pub(super) fn send(&mut self, cx: &mut Context<'_>, kind: Data, payload: Bytes) -> Result<(), WsError> {
        let header = FrameHeader { opcode: OpCode::Data(kind), ..FrameHeader::default() };
        let mut buffer = [0; HEADER_BYTES_MAX];
        let mut unused = &mut buffer[..];
        header.format(payload.len() as u64, &mut unused)?;
        let length = HEADER_BYTES_MAX - unused.len();
        Ok(self.stream.send(cx, &buffer[..length], payload)?)
    }

    /// The next frame from the peer; `None` after the closing handshake.
    pub(super) fn poll_receive(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Message, WsError>>> {
        if self.has_ended {
            return Poll::Ready(None);
        }
        // Half of all polls find nothing, and asking the stream is cheaper than a read.
        if !self.may_have_unread && self.stream.poll_readable(cx).is_pending() {
            return Poll::Pending;
        }
        let read = self.ws.read(&mut SyncStream { stream: &mut self.stream, cx });
        self.may_have_unread = !would_block(&read);
        match read {
            Ok(message) => Poll::Ready(Some(Ok(message))),
            Err(_) if !self.may_have_unread => Poll::Pending,
            Err(error) => {
                self.has_ended = true;
                self.has_failed = !is_close(&error);
                Poll::Ready(self.has_failed.then_some(Err(error)))
            }
        }
    }

    /// Queues a control frame; it leaves with the next flush.
    pub(super) fn queue_control(&mut self, cx: &mut Context<'_>, message: Message) -> Result<(), WsError> {
        self.needs_flush = true;
        let written = self.ws.write(&mut SyncStream { stream: &mut self.stream, cx }, message);
        // tungstenite keeps what the kernel does not take.
        if would_block(&written) { Ok(()) } else { written }
    }

    /// Queues the pong to the last ping. tungstenite writes it behind the next frame, where a close frame must be the last.
    pub(super) fn queue_pong(&mut self, cx: &mut Context<'_>) -> Result<(), WsError> {
        self.needs_flush = true;
        let flushed = self.ws.flush(&mut SyncStream { stream: &mut self.stream, cx });
        if would_block(&flushed) { Ok(()) } else { flushed }
    }

    pub(super) fn ping(&mut self, cx: &mut Context<'_>) -> Result<(), WsError> {
        self.queue_control(cx, Message::Ping(Bytes::new()))
    }

    /// Ready when the kernel has everything that was sent.
    pub(super) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), WsError>> {
        // tungstenite answers pings by itself, and the kernel may take a part of such an answer.
        if self.needs_flush || !self.stream.is_between_frames() {
            let flushed = self.ws.flush(&mut SyncStream { stream: &mut self.stream, cx });
            match flushed {
                Err(_) if would_block(&flushed) => return Poll::Pending,
                Err(error) if !is_close(&error) => return Poll::Ready(Err(error)),
                _ => self.needs_flush = false,
            }
        }
        Poll::Ready(Ok(()))
    }
}

/// Whether an error only says that the closing handshake is done.
fn is_close(error: &WsError) -> bool {
    matches!(error, WsError::ConnectionClosed | WsError::AlreadyClosed)
}

fn would_block<T>(result: &Result<T, WsError>) -> bool {
    matches!(result, Err(WsError::Io(error)) if error.kind() == io::ErrorKind::WouldBlock)
}
