//! The state machine of one connection: a `Hello` joins the arena, every later message goes to its inbox. Checks the order of
//! messages, cleans names and chat, and counts reported lag, so that only valid input reaches the simulation.
//!
//! No sockets and no bytes in here: tests drive it without a network.

use std::{
    fmt::Display,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use shared::engine::protocol::{ClientMessage, CloseReason, Hello, RawInput, Role};

use super::{
    chat,
    client_network::ClientNetwork,
    delivery::deliver,
    delivery_rates::DeliveryRates,
    inbox::{Inbound, Inbox, Join, NotDelivered},
    join_ticket::{JoinKey, Ticket, TicketError},
    known_players::KnownPlayers,
    names,
    network_buckets::NetworkRates,
    outbox::{OutboxReceiver, OutboxSender},
    party::PartyId,
    resume::ResumeKey,
    room_access::{Arrival, RoomAccess},
    telemetry::{TOO_MANY_JOINS, Telemetry},
    token_bucket::Rate,
};
use crate::engine::sessions::ConnectionId;

/// Minimum time between two lag reports of one client; what comes sooner is ignored.
const LAG_REPORT_INTERVAL: Duration = Duration::from_secs(1);

/// Why the server closes a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Close {
    /// Decides the close code.
    pub reason: CloseReason,
    /// What the client did wrong, for its author. Without it the text is the reason's.
    pub detail: Option<Box<str>>,
    /// What it is counted as. A reason with several causes has a counter for each.
    pub label: &'static str,
}

impl Close {
    /// For a client that broke the protocol.
    pub fn with_detail(reason: CloseReason, detail: impl Display) -> Self {
        // It may quote the client, whose line breaks must not forge lines of our log.
        let detail = detail.to_string().replace(char::is_control, "\u{fffd}");
        Self { reason, detail: Some(detail.into()), label: reason.label() }
    }

    /// Counted as this and not as the reason.
    #[must_use]
    pub fn counted_as(self, label: &'static str) -> Self {
        Self { label, ..self }
    }
}

impl From<CloseReason> for Close {
    fn from(reason: CloseReason) -> Self {
        Self { reason, detail: None, label: reason.label() }
    }
}

/// Lets connections into one arena.
#[derive(Debug)]
pub struct Admission {
    /// To the simulation.
    pub inbox: Inbox,
    /// The arena's.
    pub telemetry: Arc<Telemetry>,
    key: ResumeKey,
    tickets: Option<Tickets>,
    room: Option<Arc<RoomAccess>>,
    joins: Option<Joins>,
    known: Option<KnownPlayers>,
    next_id: AtomicU64,
}

/// What join tickets are checked with.
#[derive(Clone, Debug)]
struct Tickets {
    key: JoinKey,
    /// The slug.
    arena: String,
}

/// How often each network may join.
#[derive(Debug)]
struct Joins {
    rate: Rate,
    networks: NetworkRates,
    /// The same rate for players that come back: others of the network that try in vain to join do not keep them out.
    resumes: NetworkRates,
}

impl Admission {
    /// `key` opens the resume tokens of this arena.
    pub fn new(inbox: Inbox, telemetry: Arc<Telemetry>, key: ResumeKey) -> Self {
        Self {
            inbox,
            telemetry,
            key,
            tickets: None,
            room: None,
            joins: None,
            known: None,
            next_id: AtomicU64::new(1),
        }
    }

    /// Limits how often each network may join.
    #[must_use]
    pub fn with_join_rate(self, rate: Rate) -> Self {
        let joins = Joins { rate, networks: NetworkRates::new(rate), resumes: NetworkRates::new(rate) };
        Self { joins: Some(joins), ..self }
    }

    /// The same, admitting only players with a ticket for the arena with this slug, if there is a key.
    #[must_use]
    pub fn with_tickets(self, key: Option<JoinKey>, arena: &str) -> Self {
        Self { tickets: key.map(|key| Tickets { key, arena: arena.to_owned() }), ..self }
    }

    /// The same for a room, into which its creator may let no others.
    #[must_use]
    pub fn with_room_access(self, room: Option<Arc<RoomAccess>>) -> Self {
        Self { room, ..self }
    }

    /// Knows players again, at a server that keeps records of them.
    #[must_use]
    pub fn with_known_players(self, known: Option<KnownPlayers>) -> Self {
        Self { known, ..self }
    }

    /// The player's ticket, or an empty one where none is needed.
    fn ticket(&self, hello: &Hello) -> Result<Ticket, TicketError> {
        match &self.tickets {
            Some(Tickets { key, arena }) if hello.role == Role::Player => {
                key.admit(hello.ticket.as_deref(), arena)
            }
            _ => Ok(Ticket::default()),
        }
    }

    fn join(
        &self,
        hello: &Hello,
        arrival: Arrival,
        network: Option<ClientNetwork>,
        now: Instant,
    ) -> Result<(Joined, OutboxReceiver), Close> {
        let party = hello.party.as_deref().filter(|_| hello.role == Role::Player).map(PartyId::of_code);
        let party =
            party.transpose().map_err(|error| Close::with_detail(CloseReason::ProtocolError, error))?;
        // A token that is not ours claims nothing: the client joins as a new player.
        let claim = hello.resume.and_then(|token| self.key.open(&token));
        let ticket = self.ticket(hello);
        let room = self.room.as_ref().map_or(Ok(()), |room| room.check(network));
        // A player who is back was admitted before: the ticket may have expired since, and the room may be locked.
        match (&ticket, room, claim) {
            (Err(error), _, None) => return Err(Close::with_detail(CloseReason::TicketRejected, error)),
            (_, Err(reason), None) => return Err(reason.into()),
            _ => {}
        }
        // Last: what reaches the simulation makes work there, and so does its end.
        if let Some(Joins { rate, networks, resumes }) = &self.joins
            && !(if claim.is_some() { resumes } else { networks }).take(network, now)
        {
            let Rate { per_second, burst } = rate;
            let detail =
                format!("too many joins of your network: at most {burst} at once and {per_second} a second");
            return Err(
                Close::with_detail(CloseReason::TooManyFromNetwork, detail).counted_as(TOO_MANY_JOINS)
            );
        }
        let entry = room.and(ticket.as_ref().map(drop).map_err(|_| CloseReason::TicketRejected));
        let ticket = ticket.unwrap_or_default();
        let identify = |known: &KnownPlayers| known.identify(hello, ticket.subject.as_deref(), now);
        let lasting = self.known.as_ref().map(identify).transpose().map(Option::flatten);
        let lasting = lasting.map_err(|error| Close::with_detail(CloseReason::IdentityRejected, error))?;
        let lasting = lasting.or(arrival.lasting.filter(|_| self.known.is_some()));
        let connection = ConnectionId(self.next_id.fetch_add(1, Ordering::Relaxed));
        let (sender, receiver) = OutboxSender::new();
        let join = Inbound::Joined(Box::new(Join {
            connection,
            name: names::requested(ticket.name.as_deref().unwrap_or(&hello.name)),
            colour: hello.colour,
            role: hello.role,
            network,
            claim,
            entry,
            arrival: Arrival { lasting, ..arrival },
            party,
            outbox: sender,
        }));
        match self.inbox.offer(join) {
            Ok(()) => {}
            Err(NotDelivered::Full(_)) => return Err(CloseReason::Full.into()),
            Err(NotDelivered::Ended) => return Err(CloseReason::ShuttingDown.into()),
        }
        if let (Some(known), Some(lasting)) = (&self.known, lasting) {
            known.look_up(lasting, connection, &self.inbox);
        }
        let joined = Joined {
            connection,
            inbox: self.inbox.clone(),
            telemetry: Arc::clone(&self.telemetry),
            is_final: false,
            rates: DeliveryRates::new(now),
            pending_hidden: None,
            lag_reported_at: None,
        };
        Ok((joined, receiver))
    }
}

/// Where a connection is in its life. Dropping it tells the simulation that the client left.
#[derive(Debug)]
pub enum ConnectionState {
    /// No `Hello` yet.
    Handshaking(Arrival),
    /// The simulation knows the connection.
    Joined(Joined),
}

impl Default for ConnectionState {
    fn default() -> Self {
        Self::Handshaking(Arrival::default())
    }
}

impl ConnectionState {
    /// Handles a message of a client in `network`, which has arrived `now`. Returns the connection's outbox if the message
    /// joined it.
    pub fn on_message(
        &mut self,
        message: ClientMessage<RawInput>,
        network: Option<ClientNetwork>,
        admission: &Admission,
        now: Instant,
    ) -> Result<Option<OutboxReceiver>, Close> {
        match self {
            Self::Handshaking(arrival) => {
                let ClientMessage::Hello(hello) = message else {
                    let detail = "the first message must be a Hello";
                    return Err(Close::with_detail(CloseReason::ProtocolError, detail));
                };
                let (joined, outbox) = admission.join(&hello, *arrival, network, now)?;
                *self = Self::Joined(joined);
                Ok(Some(outbox))
            }
            Self::Joined(joined) => joined.on_message(message, now).map(|()| None),
        }
    }

    /// Whether a `Hello` was accepted.
    pub fn is_joined(&self) -> bool {
        matches!(self, Self::Joined(_))
    }

    /// The client closed normally (code 1000): its player will not reconnect.
    pub fn on_normal_close(&mut self) {
        if let Self::Joined(joined) = self {
            joined.is_final = true;
        }
    }
}

/// A connection that the simulation knows. Dropping it always delivers a `Left`.
#[derive(Debug)]
pub struct Joined {
    connection: ConnectionId,
    inbox: Inbox,
    telemetry: Arc<Telemetry>,
    is_final: bool,
    rates: DeliveryRates,
    /// A change of visibility that the inbox has not taken yet.
    pending_hidden: Option<bool>,
    lag_reported_at: Option<Instant>,
}

impl Joined {
    fn on_message(&mut self, message: ClientMessage<RawInput>, now: Instant) -> Result<(), Close> {
        let connection = self.connection;
        match message {
            ClientMessage::Hello(_) => {
                return Err(Close::with_detail(CloseReason::ProtocolError, "a second Hello"));
            }
            ClientMessage::Input { tick, input, rewind, ack } => {
                let is_late = tick.0 > 0 && u64::from(tick.0) <= self.telemetry.tick.get();
                let may = self.rates.input(now, is_late);
                self.offer(may, Inbound::Input { connection, tick, input, rewind, ack, arrived: now });
            }
            ClientMessage::ResyncCell(cell) => {
                let may = self.rates.request(now);
                self.offer(may, Inbound::ResyncCell { connection, cell });
            }
            ClientMessage::Ack(ack) => {
                let may = self.rates.ack(now);
                self.offer(may, Inbound::Ack { connection, ack });
            }
            ClientMessage::Hidden(is_hidden) => self.pending_hidden = Some(is_hidden),
            ClientMessage::Chat(line) => {
                let may = self.rates.request(now);
                self.offer(may, Inbound::Said { connection, said: chat::heard(&line) });
            }
            ClientMessage::Badge(number) => {
                let may = self.rates.request(now);
                self.offer(may, Inbound::Badge { connection, number });
            }
            ClientMessage::Lag(lag) => {
                let is_due = |at| now.saturating_duration_since(at) >= LAG_REPORT_INTERVAL;
                if self.lag_reported_at.is_none_or(is_due) {
                    self.lag_reported_at = Some(now);
                    self.telemetry.observe_client_lag(&lag);
                }
            }
        }
        self.offer_hidden();
        Ok(())
    }

    /// Offers a message that the client's rate allows. It may be lost when the inbox is full, because the next one follows.
    fn offer(&self, is_within_rate: bool, inbound: Inbound) {
        if !is_within_rate {
            self.telemetry.messages_over_rate_total.inc();
        } else if let Err(NotDelivered::Full(_)) = self.inbox.offer(inbound) {
            self.telemetry.inputs_dropped_total.inc();
        }
    }

    /// A change of visibility is sent only once, so after a full inbox it is offered again with the next message.
    fn offer_hidden(&mut self) {
        if let Some(is_hidden) = self.pending_hidden {
            let offered = self.inbox.offer(Inbound::Hidden { connection: self.connection, is_hidden });
            if offered.is_ok() {
                self.pending_hidden = None;
            }
        }
    }
}

impl Drop for Joined {
    fn drop(&mut self) {
        let left = Inbound::Left { connection: self.connection, is_final: self.is_final };
        // In a task of its own if the inbox is full: this one may be unwinding, or about to spend seconds on the closing handshake.
        deliver(&self.inbox, left);
    }
}

#[cfg(test)]
mod tests {
    use shared::engine::testing::TestGame;

    use std::net::Ipv4Addr;

    use super::*;
    use crate::engine::{resume::Claim, sessions::SessionId};

    #[test]
    fn players_that_come_back_are_not_kept_out_by_others_of_their_network_that_join() {
        let key = ResumeKey::new().unwrap();
        let resume = key.seal(Claim { session: SessionId(1), nonce: 7 });
        let (inbox, _received) = Inbox::new(99);
        let admission = Admission::new(inbox, Arc::new(Telemetry::new(&[])), key);
        let admission = admission.with_join_rate(Rate::new(0, 2));
        let (network, now) = (ClientNetwork::of(Ipv4Addr::new(203, 0, 113, 7).into()), Instant::now());
        let is_refused = |resume| {
            let hello = ClientMessage::Hello(Hello { resume, ..Hello::of::<TestGame>() });
            let joined = ConnectionState::default().on_message(hello, network, &admission, now);
            joined.err().map(|close| close.label)
        };
        for resume in [None, Some(resume)] {
            let refused: Vec<_> = (0..3).map(|_| is_refused(resume)).collect();
            assert_eq!(refused, [None, None, Some(TOO_MANY_JOINS)]);
        }
    }
}
