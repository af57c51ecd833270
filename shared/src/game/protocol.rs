//! What this game sends in the engine's messages. The names of messages here are the engine's types for it.

mod events;
mod look;
mod own;
mod samples;

pub use events::{Announcement, Death, Event, FeedKill, ShotRecord};
pub use look::{ShipLook, Status};
pub use own::{OwnShip, PilotState};

pub use super::emberdrift::{
    CellChange, CellChunk, CellState, ClientMessage, Diff, Frame, FrameHead, Notice, ServerMessage,
    ShipState, ViewerState, Welcome,
};
