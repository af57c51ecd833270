//! The way from the connection tasks to the simulation thread: one bounded crossbeam channel of a closed enum. A
//! connection never waits for it, and the simulation drains it without blocking. The way back is [`super::outbox`].

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use crossbeam_channel::{Receiver, Sender, TrySendError};
use shared::engine::{
    chat::ChatRejection,
    ids::{CellIndex, Tick},
    input::PlayerInput,
    name::PlayerName,
    protocol::Role,
};

use super::{chat::Said, ids::ConnectionId, outbox::OutboxSender, resume::Claim};

/// Everything that can reach the simulation thread.
#[derive(Debug)]
pub enum Inbound {
    /// A client said hello.
    Joined(Join),
    /// What a pilot wants during one tick.
    Input {
        /// Whose.
        connection: ConnectionId,
        /// The tick it is for; 0 for the next.
        tick: Tick,
        /// The wishes.
        input: PlayerInput,
        /// How far behind that tick it saw the others.
        rewind: u16,
        /// The last byte of the tick it has seen.
        ack: u8,
        /// When it came.
        arrived: Instant,
    },
    /// A client has taken in frames.
    Ack {
        /// Whose.
        connection: ConnectionId,
        /// The last byte of the newest one's tick.
        ack: u8,
    },
    /// Nobody looks at what a client is sent, or somebody does again.
    Hidden {
        /// Whose.
        connection: ConnectionId,
        /// Whether nobody does.
        is_hidden: bool,
    },
    /// A client's cell differs from ours.
    ResyncCell {
        /// Whose.
        connection: ConnectionId,
        /// Which.
        cell: CellIndex,
    },
    /// A pilot says something; or could not be let say it, of which it is told.
    Said {
        /// Whose.
        connection: ConnectionId,
        /// What.
        said: Result<Said, ChatRejection>,
    },
    /// A connection ended.
    Left {
        /// Whose.
        connection: ConnectionId,
        /// Whether the client closed it for good, so that its player will not reconnect.
        is_final: bool,
    },
}

/// A client that wants to join, as a player or a spectator.
#[derive(Debug)]
pub struct Join {
    /// Its connection.
    pub connection: ConnectionId,
    /// The name it asks for; `None` to be given one.
    pub name: Option<PlayerName>,
    /// The colour it asks for; `None` to be given one.
    pub colour: Option<u8>,
    /// What it comes for.
    pub role: Role,
    /// The session that it had, by a token of ours.
    pub claim: Option<Claim>,
    /// Where its frames go.
    pub outbox: OutboxSender,
}

/// Whether newcomers are let in. The simulation shuts it, whoever answers requests looks at it.
#[derive(Clone, Debug)]
pub struct AdmissionGate(Arc<AtomicBool>);

impl AdmissionGate {
    /// Opens or shuts it. Nobody who is in has to go.
    pub fn set_open(&self, is_open: bool) {
        self.0.store(is_open, Ordering::Relaxed);
    }

    /// Whether newcomers are let in.
    pub fn is_open(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// The sockets' end of the inbox.
#[derive(Clone, Debug)]
pub struct Inbox {
    sender: Sender<Inbound>,
    gate: AdmissionGate,
}

/// Why something did not reach the simulation.
#[derive(Debug)]
pub enum NotDelivered {
    /// The inbox is full; here it is back.
    Full(Inbound),
    /// The simulation has ended.
    Ended,
}

impl Inbox {
    /// A bounded inbox, and the simulation's end of it.
    pub fn new(capacity: usize) -> (Self, Receiver<Inbound>) {
        let (sender, receiver) = crossbeam_channel::bounded(capacity);
        (Self { sender, gate: AdmissionGate(Arc::new(AtomicBool::new(true))) }, receiver)
    }

    /// The gate before it, which is open.
    pub fn gate(&self) -> AdmissionGate {
        self.gate.clone()
    }

    /// Puts something in, or gives it back at once.
    pub fn offer(&self, inbound: Inbound) -> Result<(), NotDelivered> {
        self.sender.try_send(inbound).map_err(|error| match error {
            TrySendError::Full(inbound) => NotDelivered::Full(inbound),
            TrySendError::Disconnected(_) => NotDelivered::Ended,
        })
    }
}
