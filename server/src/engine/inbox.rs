//! From the connection tasks to the simulation thread: one bounded crossbeam channel of a closed enum. A connection never
//! waits for it, and the simulation drains it without blocking. The way back is [`super::outbox`].

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use crossbeam_channel::{Receiver, Sender, TrySendError};
use shared::engine::{
    chat::{ChatRejection, ChatText},
    ids::{CellIndex, PlayerId, PlayerName, Tick},
    protocol::{CloseReason, RawInput, Role},
};

use super::{
    achievements::UnlockedSet, chat::Said, chat_relay::LineToAll, client_network::ClientNetwork,
    outbox::OutboxSender, party::PartyId, resume::Claim, room_access::Arrival,
};
use crate::engine::sessions::ConnectionId;

/// Everything that can reach the simulation thread.
#[derive(Debug)]
pub enum Inbound {
    /// A client said hello. In a box, because the queue copies each input in as many bytes as the largest message has.
    Joined(Box<Join>),
    /// A player's input for one tick.
    Input {
        /// Whose.
        connection: ConnectionId,
        /// The tick it is for; 0 for the next one.
        tick: Tick,
        /// What the player wants.
        input: RawInput,
        /// How far behind that tick the client saw other players, in 1/16 tick: for lag compensation.
        rewind: u16,
        /// The last byte of the newest frame's tick that the client has.
        ack: u8,
        /// When it arrived.
        arrived: Instant,
    },
    /// A client has applied frames.
    Ack {
        /// Whose.
        connection: ConnectionId,
        /// The last byte of the newest one's tick.
        ack: u8,
    },
    /// A client's page was hidden or shown.
    Hidden {
        /// Whose.
        connection: ConnectionId,
        /// Whether it is hidden now.
        is_hidden: bool,
    },
    /// A cell's checksum differs at a client.
    ResyncCell {
        /// Whose.
        connection: ConnectionId,
        /// Which.
        cell: CellIndex,
    },
    /// A chat line, or why it was rejected.
    Said {
        /// Whose.
        connection: ConnectionId,
        /// The line.
        said: Result<Said, ChatRejection>,
    },
    /// The creator of the room removes a player.
    Remove {
        /// Which.
        player: PlayerId,
        /// Told whether it was there; has room for that.
        removed: Sender<Option<RemovedPlayer>>,
    },
    /// The creator of the room makes a player its creator.
    HandOver {
        /// Which.
        player: PlayerId,
        /// What proves that from now on.
        key: String,
        /// Told whether the player is there; has room for that.
        told: Sender<bool>,
    },
    /// The creator of the room turns its chat on or off.
    Chat {
        /// Whether players may chat.
        is_on: bool,
    },
    /// A player of this arena or another, at this node or another, says something to all arenas.
    SaidToAll {
        /// What, and who.
        line: Arc<LineToAll>,
    },
    /// The operator says something to all players.
    Announced {
        /// What.
        text: ChatText,
    },
    /// The badge that a player wants to wear.
    Badge {
        /// Whose.
        connection: ConnectionId,
        /// The number of its achievement; 0 for none.
        number: u8,
    },
    /// The records know this player.
    Known {
        /// Whose.
        connection: ConnectionId,
        /// What it has unlocked.
        unlocked: UnlockedSet,
    },
    /// A connection ended.
    Left {
        /// Whose.
        connection: ConnectionId,
        /// Whether the client closed it for good, so that its player will not reconnect.
        is_final: bool,
    },
}

// It is copied for each input.
const _: () = assert!(size_of::<Inbound>() <= 64);

/// A player that was removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RemovedPlayer {
    /// Where it came from; `None` for this machine, or if it has not been back since a restart.
    pub network: Option<ClientNetwork>,
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
    /// Where it comes from; `None` for this machine.
    pub network: Option<ClientNetwork>,
    /// The session that it had, by a token of ours.
    pub claim: Option<Claim>,
    /// Whether it may enter, or why not, if there is no session to claim.
    pub entry: Result<(), CloseReason>,
    /// Who it is on every visit, if it has proved that and records are kept, and the seats that are not for it.
    pub arrival: Arrival,
    /// The party that it comes with.
    pub party: Option<PartyId>,
    /// Where its frames go.
    pub outbox: OutboxSender,
}

/// Whether new clients are admitted. The simulation sets it, the network side reads it.
#[derive(Clone, Debug)]
pub struct AdmissionGate(Arc<AtomicBool>);

impl AdmissionGate {
    /// Opens or closes it. Clients that have joined stay.
    pub fn set_open(&self, is_open: bool) {
        self.0.store(is_open, Ordering::Relaxed);
    }

    /// Whether new clients are admitted.
    pub fn is_open(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// The connections' end of the inbox.
#[derive(Clone, Debug)]
pub struct Inbox {
    sender: Sender<Inbound>,
    gate: AdmissionGate,
}

/// Why a message did not reach the simulation.
#[derive(Debug)]
pub enum NotDelivered {
    /// The inbox is full; the message is given back.
    Full(Inbound),
    /// The simulation has ended.
    Ended,
}

impl Inbox {
    /// A bounded inbox, with an open gate, and the simulation's end.
    pub fn new(capacity: usize) -> (Self, Receiver<Inbound>) {
        let (sender, receiver) = crossbeam_channel::bounded(capacity);
        (Self { sender, gate: AdmissionGate(Arc::new(AtomicBool::new(true))) }, receiver)
    }

    /// The admission gate. Clones are the same gate.
    pub fn gate(&self) -> AdmissionGate {
        self.gate.clone()
    }

    /// Puts a message in, or gives it back at once.
    #[allow(
        clippy::result_large_err,
        reason = "a message that is given back is rare, and a box for each would not be"
    )]
    pub fn offer(&self, inbound: Inbound) -> Result<(), NotDelivered> {
        self.sender.try_send(inbound).map_err(|error| match error {
            TrySendError::Full(inbound) => NotDelivered::Full(inbound),
            TrySendError::Disconnected(_) => NotDelivered::Ended,
        })
    }
}
