//! This game as the engine sees it: its types, and the engine's messages with them.

use super::{
    arena::Arena,
    ember::Ember,
    protocol::{Announcement, Event, PilotState, ShipLook},
};
use crate::engine::{
    game_trait::{Game, RuleError},
    input::PlayerInput,
    protocol,
};

/// This game.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Emberdrift;

impl Game for Emberdrift {
    const NAME: &'static str = "emberdrift";
    /// A test says what it must be, when anything that is sent changes: see
    /// [`schema_hash`](crate::engine::protocol::schema_hash).
    const PROTOCOL_VERSION: u64 = 0x18db_e05b_1cb2_c486;

    type Arena = Arena;
    type Input = PlayerInput;
    type Own = PilotState;
    type Look = ShipLook;
    type Item = Ember;
    type Event = Event;
    type Notice = Announcement;

    fn validate_own(own: &PilotState, arena: &Arena) -> Result<(), RuleError> {
        own.ship().map_or(Ok(()), |ship| ship.validate(arena))
    }
}

/// A change of a cell.
pub type CellChange<'a> = protocol::CellChange<'a, Emberdrift>;
/// The update of a cell.
pub type CellChunk = protocol::CellChunk<Emberdrift>;
/// A cell as its viewers know it.
pub type CellState = protocol::CellState<Emberdrift>;
/// A message from a client.
pub type ClientMessage = protocol::ClientMessage<PlayerInput>;
/// The changes of a cell's ships.
pub type Diff = protocol::Diff<Emberdrift>;
/// One tick for one viewer.
pub type Frame = protocol::Frame<Emberdrift>;
/// The part of a frame for one viewer.
pub type FrameHead = protocol::FrameHead<Emberdrift>;
/// A message inside a frame.
pub type Notice = protocol::Notice<Emberdrift>;
/// A message from the server.
pub type ServerMessage = protocol::ServerMessage<Emberdrift>;
/// A ship as others know it.
pub type ShipState = protocol::Body<Emberdrift>;
/// A viewer's own state.
pub type ViewerState = protocol::ViewerState<Emberdrift>;
/// What a client needs before its first frame.
pub type Welcome = protocol::Welcome<Emberdrift>;
