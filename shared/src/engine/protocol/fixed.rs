//! `#[serde(with = "fixed")]`: two bytes instead of a varint, for 16-bit numbers that are mostly large and would take three.
//! JSON keeps plain numbers.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::engine::input::Angle;

/// A type of sixteen bits.
pub trait Bits16: Copy {
    /// Its bits.
    fn bits(self) -> u16;
    /// The value of these bits.
    fn from_bits(bits: u16) -> Self;
}

impl Bits16 for u16 {
    fn bits(self) -> u16 {
        self
    }

    fn from_bits(bits: u16) -> Self {
        bits
    }
}

impl Bits16 for i16 {
    fn bits(self) -> u16 {
        self as u16
    }

    fn from_bits(bits: u16) -> Self {
        bits as i16
    }
}

impl Bits16 for Angle {
    fn bits(self) -> u16 {
        self.0
    }

    fn from_bits(bits: u16) -> Self {
        Self(bits)
    }
}

/// Two bytes, or a number in JSON.
///
/// # Errors
/// Those of the serializer.
pub fn serialize<T, S>(value: &T, serializer: S) -> Result<S::Ok, S::Error>
where
    T: Bits16 + Serialize,
    S: Serializer,
{
    if serializer.is_human_readable() {
        value.serialize(serializer)
    } else {
        value.bits().to_le_bytes().serialize(serializer)
    }
}

/// The same back.
///
/// # Errors
/// Those of the deserializer.
pub fn deserialize<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: Bits16 + Deserialize<'de>,
    D: Deserializer<'de>,
{
    if deserializer.is_human_readable() {
        T::deserialize(deserializer)
    } else {
        <[u8; 2]>::deserialize(deserializer).map(|bytes| T::from_bits(u16::from_le_bytes(bytes)))
    }
}
