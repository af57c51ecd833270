//! The messages on the wire, their encoding and their bounds. Everything that travels is defined here.

mod cell;
mod cell_state;
mod client_message;
mod close;
mod codec;
mod fixed;
mod frame;
#[cfg(feature = "json")]
mod json;
mod lag;
mod quantize;
mod resume;
mod samples;
mod server_message;
mod version;

/// The subprotocol of the binary encoding, as it is asked for in the handshake (RFC 6455, section 1.9).
pub const SUBPROTOCOL_BINCODE: &str = "emberdrift.bincode";
/// The subprotocol of the text encoding.
pub const SUBPROTOCOL_JSON: &str = "emberdrift.json";

pub use cell::{
    CellChange, CellChunk, Death, EMBER_WORTH_MAX, Ember, EmberTaken, Feat, Hit, Moves, ShipDrift, ShipMove,
    ShipRecord, ShipStatus, ShotRecord,
};
pub use cell_state::{ApplyError, CellState, Diff, ShipState, Status, ember_hash};
pub use client_message::{ClientMessage, Hello, Role};
pub use close::{CLOSE_MAY_RETURN, CLOSE_TEXT_BYTES_MAX, CloseReason};
pub use codec::{
    DecodeError, decode_client, decode_frame_head, decode_server, encode_client, encode_server, put,
};
pub use frame::{
    Frame, FrameHead, LEAD_NONE, Notice, OwnShip, Pilot, PilotKind, PilotState, Standing, Standings,
    ViewChange, write_frame,
};
#[cfg(feature = "json")]
pub use json::{
    decode_client_json, decode_frame_head_json, decode_server_json, encode_client_json, encode_server_json,
    from_json, to_json,
};
pub use lag::{ClientLag, ServerLag, TenthMs};
pub use quantize::{CellPlace, dequantize, quantize};
pub use resume::{NotAToken, RESUME_TOKEN_BYTES, ResumeToken};
pub use samples::{client_samples, server_samples};
pub use server_message::{ServerMessage, Welcome};
pub use version::{PROTOCOL_VERSION, ProtocolVersion, schema_hash};
