//! The client's messages, and the protocol's version, which the first of them names.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

use super::{ClientLag, ResumeToken};
use crate::engine::{
    game_trait::Game,
    ids::{CellIndex, Tick},
};

/// A message from a client whose game has inputs `I`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "ClientMessage"))]
#[serde(deny_unknown_fields)]
pub enum ClientMessage<I> {
    /// The first message, sent once.
    Hello(Hello),
    /// The player's input for one tick.
    Input {
        /// The tick it is for. Input for a past tick is dropped, and the previous input is repeated instead. 0, the
        /// default in JSON, means the next tick.
        #[serde(default)]
        tick: Tick,
        /// What the player wants.
        input: I,
        /// How far behind that tick the player saw the others, in 1/[`REWIND_PARTS`](crate::engine::limits::REWIND_PARTS) of
        /// a tick. The server rewinds targets by this much, up to a limit.
        #[serde(default)]
        rewind: u16,
        /// The newest frame received: see [`Self::Ack`].
        ack: u8,
    },
    /// The cell's checksum differed: the client asks for the whole cell.
    ResyncCell(CellIndex),
    /// The last byte of the newest received frame's tick, for clients that send no input: at least twice a second while
    /// frames arrive. The server stops sending after [`FRAMES_UNACKED_MAX`](crate::engine::limits::FRAMES_UNACKED_MAX)
    /// unacknowledged frames, so a slow client never receives a backlog. A byte is enough, because the server knows which
    /// ticks it sent.
    Ack(u8),
    /// A line for everyone, or `/w NAME TEXT` for one player: see [`crate::engine::chat`].
    Chat(String),
    /// Whether the page is hidden. While it is, the client gets one frame per second without cells, and the player is taken
    /// out of the arena.
    Hidden(bool),
    /// The client's part of the lag, every few seconds, for the server's statistics.
    Lag(ClientLag),
    /// The badge that the player wants to wear: the number of an achievement, as `GET /achievements` lists them; 0 for none. The
    /// server shows it once it knows that the player has unlocked it.
    Badge(u8),
}

/// The client's first message. `protocol` and `game` are the first fields in every version, so that any two versions and any two games
/// detect a mismatch.
/// In JSON every field is optional.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Hello {
    /// The client's protocol version; by default that of the server.
    pub protocol: ProtocolVersion,
    /// The client's game; empty for that of the server.
    pub game: String,
    /// The requested name. The server replaces an invalid one.
    pub name: String,
    /// Whether the client plays or spectates.
    pub role: Role,
    /// The requested colour, below [`COLOURS`](crate::engine::limits::COLOURS); the server chooses if there is none.
    pub colour: Option<u8>,
    /// The token from the previous welcome, to resume that session.
    pub resume: Option<ResumeToken>,
    /// What admits the player, at a server that asks for it; at most [`TICKET_BYTES_MAX`](crate::engine::limits::TICKET_BYTES_MAX)
    /// bytes.
    pub ticket: Option<String>,
    /// Proves who the player is on every visit, at a server that keeps records; at most
    /// [`IDENTITY_BYTES_MAX`](crate::engine::limits::IDENTITY_BYTES_MAX) bytes.
    pub identity: Option<String>,
    /// What all members of a party have in common, which they have by a link: letters and digits, at most
    /// [`PARTY_BYTES_MAX`](crate::engine::limits::PARTY_BYTES_MAX). Case does not matter.
    pub party: Option<String>,
}

impl Hello {
    /// A hello of a client of this game and this version, who asks for nothing.
    pub fn of<G: Game>() -> Self {
        Self { protocol: ProtocolVersion(G::PROTOCOL_VERSION), game: G::NAME.to_owned(), ..Self::default() }
    }
}

/// What a client does in the arena.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Role {
    /// Plays.
    #[default]
    Player,
    /// Watches the leader; its inputs and chat are ignored.
    Spectator,
}

/// A version on the wire. In JSON it is sixteen hexadecimal digits, because many languages read a JSON number as a float and
/// lose its last digits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(with = "String"))]
pub struct ProtocolVersion(pub u64);

impl ProtocolVersion {
    /// That of the server, whatever it is: for a client that reads JSON by field names, and so understands several versions. The server
    /// refuses it in the binary encoding.
    pub const OF_SERVER: Self = Self(0);
}

impl Serialize for ProtocolVersion {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(&format_args!("{:016x}", self.0))
        } else {
            self.0.serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for ProtocolVersion {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            let text = String::deserialize(deserializer)?;
            let number = u64::from_str_radix(&text, 16);
            number.map(Self).map_err(|_| D::Error::custom("a version is up to 16 hexadecimal digits"))
        } else {
            u64::deserialize(deserializer).map(Self)
        }
    }
}
