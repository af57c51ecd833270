//! What the server says about the game: the welcome, frames, and the contents of cells.

mod cell;
mod cell_diff;
mod cell_state;
mod frame;
#[cfg(feature = "json")]
mod json;
mod samples;
mod schema;
mod server_message;
mod ship_state;

pub use cell::{
    CellChange, CellChunk, Death, Moves, ShipCatchUp, ShipMove, ShipRecord, ShipStatus, ShotRecord, non_empty,
};
pub use cell_diff::{ApplyError, Diff};
pub use cell_state::CellState;

pub use frame::{Frame, FrameHead, Notice, OwnShip, PilotState, ViewChange, write_frame};
#[cfg(feature = "json")]
pub use json::{decode_frame_head_json, decode_server_json, encode_server_json};
pub use samples::{client_samples, server_samples};
pub use schema::schema_hash;
pub use server_message::{ServerMessage, Welcome, decode_frame_head, decode_server, encode_server};
pub use ship_state::{ShipState, Status};
