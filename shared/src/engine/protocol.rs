//! The messages of client and server, and their encodings, for any [`Game`](super::game_trait::Game).

mod cell;
mod cell_diff;
mod cell_state;
mod client_message;
mod close;
mod codec;
pub mod fixed;
mod frame;
#[cfg(feature = "json")]
mod json;
mod lag;
mod moves;
mod quantize;
mod raw_input;
mod resume;
mod samples;
mod schema;
#[cfg(feature = "json")]
mod server_json;
mod server_message;

pub use super::body::{Body, BodyState};
pub use cell::{BodyCatchUp, BodyRecord, CellChange, CellChunk, LookChange, non_empty};
pub use cell_diff::{ApplyError, Diff};
pub use cell_state::CellState;
pub use client_message::{ClientMessage, Hello, ProtocolVersion, Role};
pub use close::{CLOSE_MAY_RETURN, CLOSE_TEXT_BYTES_MAX, CloseReason};
pub(in crate::engine) use codec::write;
pub use codec::{
    DecodeError, SUBPROTOCOL_BINCODE, SUBPROTOCOL_JSON, decode, decode_client, decode_prefix, encode,
    encode_client, hello_start, put,
};
pub use frame::{Frame, FrameHead, Notice, ViewChange, ViewerState, write_frame};
#[cfg(feature = "json")]
pub use json::{decode_client_json, encode_client_json, from_json, hello_start_json, to_json};
pub use lag::{ClientLag, ServerLag, TenthMs};
pub use moves::{BodyMove, Moves};
pub use quantize::{CellPlace, dequantize, quantize};
pub use raw_input::RawInput;
pub use resume::{NotAToken, RESUME_TOKEN_BYTES, ResumeToken};
pub use samples::{Samples, client_samples, server_samples};
pub use schema::schema_hash;
#[cfg(feature = "json")]
pub use server_json::{decode_frame_head_json, decode_server_json, encode_server_json};
pub use server_message::{ServerMessage, Welcome, decode_frame_head, decode_server, encode_server};
