//! What the server can say. Why it hangs up is said in the close frame: see [`crate::engine::protocol::CloseReason`].

use serde::{Deserialize, Serialize};

use super::Frame;
use crate::engine::protocol::ResumeToken;
use crate::{
    engine::ids::{PlayerId, Tick},
    game::arena::Arena,
};

/// Everything the server can say.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum ServerMessage {
    /// The answer to a hello.
    Welcome(Box<Welcome>),
    /// One tick, as one player sees it.
    Frame(Frame),
}

/// What a client needs to know before its first frame.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Welcome {
    /// Who the client is; `None` for a spectator.
    pub player: Option<PlayerId>,
    /// To be shown in the next hello when this connection breaks; good for one use, and for a minute from then. `None` for a
    /// spectator.
    pub resume: Option<ResumeToken>,
    /// Whether it goes on with the ship it had.
    pub is_resumed: bool,
    /// The tick at which it joined.
    pub tick: Tick,
    /// Ticks a second, 10 to 128.
    pub tick_rate: u16,
    /// Where the game takes place, and its rules.
    pub arena: Arena,
}
