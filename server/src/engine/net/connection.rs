//! The life of one WebSocket: hello, play, farewell. One task owns it and everything about it.
//!
//! Decodes and bounds what the peer says, so that nothing but valid messages reaches the simulation. Must not know
//! what they do there.

use std::{
    future::poll_fn,
    net::SocketAddr,
    sync::Arc,
    task::{Context, Poll, ready},
};

use shared::engine::protocol::{ClientMessage, CloseReason};
use tokio::time::{Instant, sleep_until};
use tokio_tungstenite::tungstenite::{Message, protocol::frame::coding::CloseCode};

use super::{
    ArenaHandle, Shared,
    alarm::Alarm,
    dialogue::Dialogue,
    encoding::Encoding,
    error::Ending,
    liveness::{Liveness, Verdict},
    meter::Wire,
    socket::{Event, Socket},
};
use crate::engine::{outbox::OutboxReceiver, token_bucket::TokenBucket};

/// Serves one peer, whose handshake is done, until the end. `early` is what it sent without waiting for the answer.
pub(super) async fn serve<S: Wire>(
    stream: S,
    early: Vec<u8>,
    encoding: Encoding,
    peer: SocketAddr,
    arena: &ArenaHandle,
    shared: &Arc<Shared>,
) {
    let mut socket = Socket::new(stream, early, encoding);
    // Dropping the connection tells the simulation, before the farewell, which may take a while.
    let ending = Connection::new(arena, shared, encoding).run(&mut socket).await;
    see_off(&mut socket, &ending, peer, arena, shared).await;
}

/// The end of any WebSocket: counts it, logs what no client of ours does, and says why.
pub(super) async fn see_off<S: Wire>(
    socket: &mut Socket<S>,
    ending: &Ending,
    peer: SocketAddr,
    arena: &ArenaHandle,
    shared: &Shared,
) {
    arena.admission.metrics.closed.with_label_values(&[ending.label()]).inc();
    if ending.is_misbehaviour() {
        shared.log.peer(Instant::now(), peer, arena.name(), ending);
    } else {
        tracing::debug!(%peer, arena = arena.name(), "{ending}");
    }
    let within = match ending {
        Ending::Broken(_) => return,
        Ending::Ours(CloseReason::SlowReader) => shared.limits.farewell_slow,
        Ending::Ours(_) | Ending::Fault { .. } | Ending::Peer => shared.limits.farewell,
    };
    socket.farewell(ending, within).await;
}

#[derive(Debug)]
struct Connection<'a> {
    arena: &'a ArenaHandle,
    shared: &'a Shared,
    encoding: Encoding,
    dialogue: Dialogue,
    /// From the hello on.
    queue: Option<OutboxReceiver>,
    alarm: Alarm,
    liveness: Liveness,
    messages: TokenBucket,
    bytes: TokenBucket,
    bytes_counted: u64,
}

impl<'a> Connection<'a> {
    fn new(arena: &'a ArenaHandle, shared: &'a Shared, encoding: Encoding) -> Self {
        let now = Instant::now();
        let limits = &shared.limits;
        Self {
            arena,
            shared,
            encoding,
            dialogue: Dialogue::default(),
            queue: None,
            alarm: Alarm::new(limits.check, now),
            liveness: Liveness::new(limits, now),
            messages: TokenBucket::new(limits.messages, now.into_std()),
            bytes: TokenBucket::new(limits.bytes, now.into_std()),
            bytes_counted: 0,
        }
    }

    /// Runs until there is a reason to end.
    async fn run<S: Wire>(mut self, socket: &mut Socket<S>) -> Ending {
        match self.greet(socket).await {
            Ok(()) => poll_fn(|cx| self.poll_play(cx, socket)).await,
            Err(ending) => ending,
        }
    }

    /// Until the hello. Players hear of the server's end through their queue; here there is none yet.
    async fn greet<S: Wire>(&mut self, socket: &mut Socket<S>) -> Result<(), Ending> {
        let shared = self.shared;
        let until = Instant::now() + shared.limits.hello;
        let greeting = poll_fn(|cx| {
            while !self.dialogue.has_begun() {
                ready!(self.poll_step(cx, socket))?;
            }
            Poll::Ready(Ok(()))
        });
        tokio::select! {
            biased;
            () = sleep_until(until) => Err(Ending::Ours(CloseReason::IdleTimeout)),
            () = shared.stopping() => Err(Ending::Ours(CloseReason::ShuttingDown)),
            greeted = greeting => greeted,
        }
    }

    /// From the hello on. Polled by hand, twice a tick for each player: each future inside another would keep its state in
    /// another place, and all of them are looked at each time.
    fn poll_play<S: Wire>(&mut self, cx: &mut Context<'_>, socket: &mut Socket<S>) -> Poll<Ending> {
        loop {
            if let Err(ending) = ready!(self.poll_step(cx, socket)) {
                return Poll::Ready(ending);
            }
        }
    }

    /// Does whatever is to be done first.
    fn poll_step<S: Wire>(
        &mut self,
        cx: &mut Context<'_>,
        socket: &mut Socket<S>,
    ) -> Poll<Result<(), Ending>> {
        // The alarm comes first, or a peer that always has something to say would outrun it.
        let now = Instant::now();
        if self.alarm.poll(cx, now).is_ready() {
            return Poll::Ready(self.check(cx, socket, now));
        }
        let event = ready!(socket.poll_event(cx, self.queue.as_mut()));
        Poll::Ready(self.handle(event, now))
    }

    /// Looks at everything that depends on time.
    fn check<S: Wire>(
        &mut self,
        cx: &mut Context<'_>,
        socket: &mut Socket<S>,
        now: Instant,
    ) -> Result<(), Ending> {
        let sample = socket.sample();
        let bytes = sample.read - self.bytes_counted;
        self.bytes_counted = sample.read;
        if !self.bytes.take(now.into_std(), bytes) {
            return Err(Ending::Ours(CloseReason::RateLimited));
        }
        match self.liveness.check(now, sample) {
            Verdict::Fine => Ok(()),
            Verdict::Ping => socket.ping(cx).map_err(Ending::Broken),
            Verdict::Silent => Err(Ending::Ours(CloseReason::IdleTimeout)),
            Verdict::TooSlow => Err(Ending::Ours(CloseReason::SlowReader)),
        }
    }

    fn handle(&mut self, event: Event, now: Instant) -> Result<(), Ending> {
        match event {
            Event::Received(message) => self.receive(&message, now),
            Event::CloseAsked(reason) => Err(Ending::Ours(reason)),
            Event::QueueEnded => Err(Ending::Ours(CloseReason::ShuttingDown)),
            Event::Ended(Some(error)) => Err(Ending::from_error(error)),
            Event::Ended(None) => Err(Ending::Peer),
        }
    }

    fn receive(&mut self, message: &Message, now: Instant) -> Result<(), Ending> {
        self.arena.admission.metrics.messages_in_total.inc();
        // Pings count too: answering them is work.
        if !self.messages.take(now.into_std(), 1) {
            return Err(Ending::Ours(CloseReason::RateLimited));
        }
        match message {
            Message::Binary(_) | Message::Text(_) => {
                let message = self.encoding.hear(message)?;
                self.act(message)
            }
            Message::Close(why) => {
                // A page that is left or loaded again says 1001, and may be back.
                if why.as_ref().is_none_or(|why| why.code == CloseCode::Normal) {
                    self.dialogue.farewell();
                }
                Err(Ending::Peer)
            }
            Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => Ok(()),
        }
    }

    fn act(&mut self, message: ClientMessage) -> Result<(), Ending> {
        if let Some(queue) = self.dialogue.hear(message, &self.arena.admission)? {
            self.queue = Some(queue);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
