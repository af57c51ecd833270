//! One game connection from the end of its handshake to its close. One task owns it and everything about it.

use std::{
    future::poll_fn,
    net::SocketAddr,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use shared::engine::protocol::{ClientMessage, CloseReason, Hello};
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::{Message, protocol::frame::coding::CloseCode};

use super::{
    check_interval::CheckInterval,
    close::close_connection,
    disconnect::Disconnect,
    liveness::{Liveness, Verdict},
    message_rates::{Kind, MessageRates},
    socket::{Event, Socket},
    subprotocol::Subprotocol,
    transport::Transport,
};
use crate::engine::{
    client_network::ClientNetwork,
    connection_state::{Close, ConnectionState},
    net::{arenas::ArenaHandle, proxy::peer::Peer, running_time, state::ServerState},
    outbox::OutboxReceiver,
    room_access::Arrival,
    telemetry::{NO_HELLO, TOO_MANY_BYTES},
    token_bucket::TokenBucket,
};

/// Serves one client of an arena. `early` is what it sent right behind its request.
pub(crate) async fn serve<S: Transport>(
    stream: S,
    early: Vec<u8>,
    subprotocol: Subprotocol,
    peer: Peer,
    (arena, arrival): (&ArenaHandle, Arrival),
    server: &Arc<ServerState>,
) {
    let json = (subprotocol == Subprotocol::Json).then_some(server.codec);
    let mut socket = Socket::new(stream, early, subprotocol.client_bytes_max()).with_json(json);
    // `run` drops the connection, which tells the simulation, before the closing handshake, which may take seconds.
    let network = ClientNetwork::of(peer.client());
    let connection = Connection::new((arena, arrival), server, subprotocol, network);
    let disconnect = match connection.run(&mut socket).await {
        // The simulation has ended. Whether its players are kept is known only when its last snapshot is written.
        Disconnect::ByServer(close) if close.reason == CloseReason::ShuttingDown => {
            tokio::select! {
                close = arena.ended() => close.into(),
                reason = server.closing() => reason.into(),
            }
        }
        other => other,
    };
    close_connection(&mut socket, &disconnect, peer, arena, server).await;
}

/// Serves one client of `arena` on a stream whose handshake is done, and whose other end is `peer`: without listener, TLS and
/// HTTP. For a simulation of a whole server.
pub async fn serve_upgraded<S: Transport>(
    stream: S,
    subprotocol: Subprotocol,
    peer: SocketAddr,
    arena: &ArenaHandle,
    server: &Arc<ServerState>,
) {
    let peer = Peer::new(peer, &server.access.proxies);
    serve(stream, Vec::new(), subprotocol, peer, (arena, Arrival::default()), server).await;
}

#[derive(Debug)]
struct Connection<'a> {
    arena: &'a ArenaHandle,
    server: &'a ServerState,
    subprotocol: Subprotocol,
    network: Option<ClientNetwork>,
    state: ConnectionState,
    /// Present once joined.
    outbox: Option<OutboxReceiver>,
    interval: CheckInterval,
    liveness: Liveness,
    messages: TokenBucket,
    rates: MessageRates,
    bytes: TokenBucket,
    bytes_counted: u64,
}

impl<'a> Connection<'a> {
    fn new(
        (arena, arrival): (&'a ArenaHandle, Arrival),
        server: &'a ServerState,
        subprotocol: Subprotocol,
        network: Option<ClientNetwork>,
    ) -> Self {
        let now = Instant::now();
        let limits = &server.limits;
        Self {
            arena,
            server,
            subprotocol,
            network,
            state: ConnectionState::Handshaking(arrival),
            outbox: None,
            interval: CheckInterval::new(limits.check_interval, now),
            liveness: Liveness::new(limits, now),
            messages: TokenBucket::new(limits.message_rate, now.into_std()),
            rates: MessageRates::new(now.into_std()),
            bytes: TokenBucket::new(limits.byte_rate, now.into_std()),
            bytes_counted: 0,
        }
    }

    /// Runs until there is a reason to end.
    async fn run<S: Transport>(mut self, socket: &mut Socket<S>) -> Disconnect {
        match self.wait_for_hello(socket).await {
            Ok(()) => poll_fn(|cx| self.poll_joined(cx, socket)).await,
            Err(disconnect) => disconnect,
        }
    }

    /// A joined connection learns of the shutdown through its outbox; before that it has none.
    async fn wait_for_hello<S: Transport>(&mut self, socket: &mut Socket<S>) -> Result<(), Disconnect> {
        let server = self.server;
        let joined = poll_fn(|cx| {
            while !self.state.is_joined() {
                ready!(self.poll_step(cx, socket))?;
            }
            Poll::Ready(Ok(()))
        });
        tokio::select! {
            biased;
            () = running_time::sleep(server.limits.hello_timeout) => Err(no_hello(server.limits.hello_timeout).into()),
            () = server.stopping() => Err(CloseReason::ShuttingDown.into()),
            joined = joined => joined,
        }
    }

    /// Polled by hand, twice a tick for each player: nested futures would keep their states in several places, and each
    /// poll would touch all of them.
    fn poll_joined<S: Transport>(
        &mut self,
        cx: &mut Context<'_>,
        socket: &mut Socket<S>,
    ) -> Poll<Disconnect> {
        loop {
            if let Err(disconnect) = ready!(self.poll_step(cx, socket)) {
                return Poll::Ready(disconnect);
            }
        }
    }

    /// Runs the check if it is due, or handles one event.
    fn poll_step<S: Transport>(
        &mut self,
        cx: &mut Context<'_>,
        socket: &mut Socket<S>,
    ) -> Poll<Result<(), Disconnect>> {
        // The check comes first, or a peer that never stops sending would keep it from running.
        let now = Instant::now();
        if self.interval.poll_tick(cx, now).is_ready() {
            return Poll::Ready(self.check(cx, socket, now));
        }
        let outbox = self.outbox.as_mut().map(|outbox| (outbox, now.into_std()));
        let event = ready!(socket.poll_event(cx, outbox));
        Poll::Ready(self.on_event(event, now))
    }

    /// Checks everything that depends on time. After a pause of the server it runs before anything is read, so that what waited is
    /// judged with what the client may have sent meanwhile.
    fn check<S: Transport>(
        &mut self,
        cx: &mut Context<'_>,
        socket: &mut Socket<S>,
        now: Instant,
    ) -> Result<(), Disconnect> {
        // A simulation that hangs never ends its outboxes.
        if self.server.is_closing() {
            return Err(CloseReason::ShuttingDown.into());
        }
        let pause = self.liveness.pause(now);
        if pause.is_zero() {
            self.messages.end_pause();
            self.rates.end_pause();
            self.bytes.end_pause();
        } else {
            self.messages.on_pause(pause);
            self.rates.on_pause(pause);
            self.bytes.on_pause(pause);
        }
        let sample = socket.sample();
        let bytes = sample.read - self.bytes_counted;
        self.bytes_counted = sample.read;
        if !self.bytes.take(now.into_std(), bytes) {
            return Err(Close::from(CloseReason::RateLimited).counted_as(TOO_MANY_BYTES).into());
        }
        match self.liveness.check(now, sample) {
            Verdict::Alive => Ok(()),
            Verdict::Ping => socket.ping(cx).map_err(Disconnect::Lost),
            Verdict::Close(reason) => Err(reason.into()),
        }
    }

    fn on_event(&mut self, event: Event, now: Instant) -> Result<(), Disconnect> {
        match event {
            Event::Received(frame) => self.on_frame(&frame, now),
            Event::CloseRequested(reason) => Err(reason.into()),
            Event::OutboxEnded => Err(CloseReason::ShuttingDown.into()),
            Event::Ended(Some(error)) => Err(Disconnect::from_error(error)),
            Event::Ended(None) => Err(Disconnect::ByPeer),
        }
    }

    fn on_frame(&mut self, frame: &Message, now: Instant) -> Result<(), Disconnect> {
        self.arena.admission.telemetry.messages_in_total.inc();
        // Pings count too: answering them is work.
        if !self.messages.take(now.into_std(), 1) {
            return Err(CloseReason::RateLimited.into());
        }
        match frame {
            Message::Binary(_) | Message::Text(_) => {
                let codec = &self.server.codec;
                let message = self.subprotocol.decode(frame, codec)?;
                if let ClientMessage::Hello(Hello { protocol, game, .. }) = &message
                    && !self.state.is_joined()
                {
                    codec.check(*protocol, game, self.subprotocol == Subprotocol::Json)?;
                }
                if let Some(kind) = Kind::of(&message) {
                    self.count(kind, now)?;
                }
                let (network, admission) = (self.network, &self.arena.admission);
                if let Some(outbox) = self.state.on_message(message, network, admission, now.into_std())? {
                    self.outbox = Some(outbox);
                }
                Ok(())
            }
            Message::Close(close) => {
                // A page that is closed or reloaded sends 1001, and may come back.
                if close.as_ref().is_none_or(|close| close.code == CloseCode::Normal) {
                    self.state.on_normal_close();
                }
                Err(Disconnect::ByPeer)
            }
            Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => self.count(Kind::Control, now),
        }
    }

    fn count(&mut self, kind: Kind, now: Instant) -> Result<(), Disconnect> {
        let counted = self.rates.count(kind, now.into_std());
        Ok(counted.map_err(|too_many| {
            Close::with_detail(CloseReason::RateLimited, too_many).counted_as(kind.label())
        })?)
    }
}

fn no_hello(within: Duration) -> Close {
    let detail = format!("no Hello within {} s of the handshake", within.as_secs());
    Close::with_detail(CloseReason::IdleTimeout, detail).counted_as(NO_HELLO)
}

#[cfg(test)]
mod tests;
