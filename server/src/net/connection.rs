//! The life of one WebSocket: hello, play, farewell. One task owns it and everything about it.
//!
//! Decodes and bounds what the peer says, so that nothing but valid messages reaches the simulation. Must not know
//! what they do there.

use std::{
    future::poll_fn,
    net::SocketAddr,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use shared::protocol::{ClientMessage, CloseReason, Hello, PROTOCOL_VERSION};
use tokio::{
    runtime::Handle,
    time::{Instant, sleep, sleep_until},
};
use tokio_tungstenite::tungstenite::Message;

use super::{
    Shared,
    alarm::Alarm,
    encoding::Encoding,
    error::Ending,
    liveness::{Liveness, Verdict},
    meter::Wire,
    rate_limit::TokenBucket,
    socket::{Event, Socket},
};
use crate::{
    bridge::{ConnectionId, Inbound, Inbox, Link, NotDelivered, Queue},
    chat,
    metrics::Metrics,
};

/// Serves one peer, whose handshake is done, until the end. `early` is what it sent without waiting for the answer.
pub(super) async fn serve<S: Wire>(
    stream: S,
    early: Vec<u8>,
    encoding: Encoding,
    peer: SocketAddr,
    shared: &Arc<Shared>,
) {
    let mut socket = Socket::new(stream, early, encoding);
    // Dropping the connection tells the simulation, before the farewell, which may take a while.
    let ending = Connection::new(shared, encoding).run(&mut socket).await;
    see_off(&mut socket, &ending, peer, shared).await;
}

/// The end of any WebSocket: counts it, logs what no client of ours does, and says why.
pub(super) async fn see_off<S: Wire>(
    socket: &mut Socket<S>,
    ending: &Ending,
    peer: SocketAddr,
    shared: &Shared,
) {
    shared.metrics.closed.with_label_values(&[ending.label()]).inc();
    if ending.is_misbehaviour() {
        shared.log.peer(Instant::now(), peer, ending);
    } else {
        tracing::debug!(%peer, "{ending}");
    }
    let within = match ending {
        Ending::Broken(_) => return,
        Ending::Ours(CloseReason::TooSlow) => shared.limits.farewell_slow,
        Ending::Ours(_) | Ending::Fault { .. } | Ending::Peer => shared.limits.farewell,
    };
    socket.farewell(ending, within).await;
}

/// Where a connection is in its life.
#[derive(Debug)]
enum Phase {
    /// No hello yet.
    Greeting,
    /// In the arena.
    Playing { queue: Queue, member: Member },
}

#[derive(Debug)]
struct Connection<'a> {
    shared: &'a Shared,
    encoding: Encoding,
    phase: Phase,
    alarm: Alarm,
    liveness: Liveness,
    messages: TokenBucket,
    bytes: TokenBucket,
    bytes_counted: u64,
}

impl<'a> Connection<'a> {
    fn new(shared: &'a Shared, encoding: Encoding) -> Self {
        let now = Instant::now();
        let limits = &shared.limits;
        Self {
            shared,
            encoding,
            phase: Phase::Greeting,
            alarm: Alarm::new(limits.check, now),
            liveness: Liveness::new(limits, now),
            messages: TokenBucket::new(limits.messages_per_second, limits.message_burst, now),
            bytes: TokenBucket::new(limits.bytes_per_second, limits.byte_burst, now),
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
            while matches!(self.phase, Phase::Greeting) {
                ready!(self.poll_step(cx, socket))?;
            }
            Poll::Ready(Ok(()))
        });
        tokio::select! {
            biased;
            () = sleep_until(until) => Err(Ending::Ours(CloseReason::Silent)),
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
        let queue = match &mut self.phase {
            Phase::Greeting => None,
            Phase::Playing { queue, .. } => Some(queue),
        };
        let event = ready!(socket.poll_event(cx, queue));
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
        if !self.bytes.take(now, bytes) {
            return Err(Ending::Ours(CloseReason::TooMany));
        }
        match self.liveness.check(now, sample) {
            Verdict::Fine => Ok(()),
            Verdict::Ping => socket.ping(cx).map_err(Ending::Broken),
            Verdict::Silent => Err(Ending::Ours(CloseReason::Silent)),
            Verdict::TooSlow => Err(Ending::Ours(CloseReason::TooSlow)),
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
        self.shared.metrics.messages_in_total.inc();
        // Pings count too: answering them is work.
        if !self.messages.take(now, 1) {
            return Err(Ending::Ours(CloseReason::TooMany));
        }
        match message {
            Message::Binary(_) | Message::Text(_) => {
                let message = self.encoding.hear(message)?;
                self.act(message)
            }
            Message::Close(_) => Err(Ending::Peer),
            Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => Ok(()),
        }
    }

    fn act(&mut self, message: ClientMessage) -> Result<(), Ending> {
        match (&self.phase, message) {
            (Phase::Greeting, ClientMessage::Hello(hello)) => self.join(&hello),
            (Phase::Playing { member, .. }, ClientMessage::Input { seq, input, seen }) => {
                let connection = member.connection;
                member.offer(Inbound::Input { connection, seq, input, seen });
                Ok(())
            }
            (Phase::Playing { member, .. }, ClientMessage::ResyncCell(cell)) => {
                let connection = member.connection;
                member.offer(Inbound::ResyncCell { connection, cell });
                Ok(())
            }
            (Phase::Playing { member, .. }, ClientMessage::Seen(seen)) => {
                let connection = member.connection;
                member.offer(Inbound::Seen { connection, seen });
                Ok(())
            }
            (Phase::Playing { member, .. }, ClientMessage::Chat(line)) => {
                let connection = member.connection;
                member.offer(Inbound::Said { connection, said: chat::heard(&line) });
                Ok(())
            }
            (Phase::Greeting, _) => {
                Err(Ending::fault(CloseReason::BadMessage, "the first message must be a Hello"))
            }
            (Phase::Playing { .. }, ClientMessage::Hello(_)) => {
                Err(Ending::fault(CloseReason::BadMessage, "a second Hello"))
            }
        }
    }

    fn join(&mut self, hello: &Hello) -> Result<(), Ending> {
        if hello.protocol.0 != PROTOCOL_VERSION {
            return Err(Ending::Ours(CloseReason::VersionMismatch));
        }
        let connection = self.shared.name_connection();
        let (link, queue) = Link::new();
        let joined = Inbound::Joined { connection, name: chat::name(&hello.name), role: hello.role, link };
        match self.shared.inbox.offer(joined) {
            Ok(()) => {}
            Err(NotDelivered::Full(_)) => return Err(Ending::Ours(CloseReason::Full)),
            Err(NotDelivered::Ended) => return Err(Ending::Ours(CloseReason::ShuttingDown)),
        }
        let member = Member {
            connection,
            inbox: self.shared.inbox.clone(),
            metrics: Arc::clone(&self.shared.metrics),
        };
        self.phase = Phase::Playing { queue, member };
        Ok(())
    }
}

/// A connection that the simulation knows of. Dropping it says that it left, come what may.
#[derive(Debug)]
struct Member {
    connection: ConnectionId,
    inbox: Inbox,
    metrics: Arc<Metrics>,
}

/// Between two tries to say that a connection left: about a tick, after which the inbox has been drained.
const LEFT_RETRY: Duration = Duration::from_millis(10);

impl Member {
    /// Passes on what may be lost when the inbox is full: the next input is on its way already.
    fn offer(&self, inbound: Inbound) {
        if let Err(NotDelivered::Full(_)) = self.inbox.offer(inbound) {
            self.metrics.inputs_dropped_total.inc();
        }
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        let left = Inbound::Left { connection: self.connection };
        if let Err(NotDelivered::Full(left)) = self.inbox.offer(left)
            && let Ok(runtime) = Handle::try_current()
        {
            // Not this task: it may have ended by a panic, or be busy with a farewell.
            runtime.spawn(insist(self.inbox.clone(), left));
        }
    }
}

/// Offers until it is taken or the simulation has ended.
async fn insist(inbox: Inbox, mut inbound: Inbound) {
    while let Err(NotDelivered::Full(back)) = inbox.offer(inbound) {
        inbound = back;
        sleep(LEFT_RETRY).await;
    }
}

#[cfg(test)]
mod tests;
