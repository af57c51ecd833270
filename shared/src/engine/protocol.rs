//! Messages that do not depend on the game, and the encoding of all messages. The game's own messages are in
//! [`crate::game::protocol`].

mod client_message;
mod close;
mod codec;
pub(crate) mod fixed;
#[cfg(feature = "json")]
mod json;
mod lag;
mod quantize;
mod resume;

pub use client_message::{ClientMessage, Hello, PROTOCOL_VERSION, ProtocolVersion, Role};
pub use close::{CLOSE_MAY_RETURN, CLOSE_TEXT_BYTES_MAX, CloseReason};
pub(in crate::engine) use codec::write;
pub use codec::{
    DecodeError, SUBPROTOCOL_BINCODE, SUBPROTOCOL_JSON, decode, decode_client, decode_prefix, encode,
    encode_client, hello_version, put,
};
#[cfg(feature = "json")]
pub use json::{decode_client_json, encode_client_json, from_json, hello_version_json, to_json};
pub use lag::{ClientLag, ServerLag, TenthMs};
pub use quantize::{CellPlace, dequantize, quantize};
pub use resume::{NotAToken, RESUME_TOKEN_BYTES, ResumeToken};
