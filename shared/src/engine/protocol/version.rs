//! The protocol's version: a hash of the encoding of one sample of every message, computed by
//! [`crate::game::protocol`]. A type that changes on the wire changes the hash, and a test then asks for the new number
//! here, so two builds with the same number understand each other.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// The version of this build; server and client must have the same.
pub const PROTOCOL_VERSION: u64 = 0x9ac3_40e6_472f_8c4e;

/// A version on the wire. In JSON it is sixteen hexadecimal digits, because many languages read a JSON number as a float and
/// lose its last digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(with = "String"))]
pub struct ProtocolVersion(pub u64);

impl Default for ProtocolVersion {
    fn default() -> Self {
        Self(PROTOCOL_VERSION)
    }
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
