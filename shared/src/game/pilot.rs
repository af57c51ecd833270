//! What controls a ship.

use serde::{Deserialize, Serialize};

/// What flies a ship.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum PilotKind {
    /// A client.
    Player,
    /// The server.
    Drone,
}
