//! An input in its binary encoding, between the connections and the simulation: what carries it need not know the game.

use super::{ClientMessage, DecodeError, decode, write};
use crate::engine::{
    game_trait::Input,
    limits::{INPUT_BYTES_MAX, INPUT_SIZE_MAX},
};

/// An encoded input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RawInput {
    bytes: [u8; INPUT_BYTES_MAX],
    length: u8,
}

impl RawInput {
    /// Encodes an input. `None` if it takes more than [`INPUT_BYTES_MAX`] bytes: a type of at most [`INPUT_SIZE_MAX`] bytes takes more
    /// only if it is little else than options.
    pub fn new<I: Input>(input: &I) -> Option<Self> {
        const {
            assert!(
                size_of::<I>() <= INPUT_SIZE_MAX,
                "an input has at most 8 bytes in memory: INPUT_SIZE_MAX"
            );
        }
        let (mut raw, mut fits) = (Self::default(), true);
        write(input, |piece| {
            let start = usize::from(raw.length);
            match raw.bytes.get_mut(start..start + piece.len()) {
                Some(place) => {
                    place.copy_from_slice(piece);
                    raw.length += piece.len() as u8;
                }
                None => fits = false,
            }
        });
        fits.then_some(raw)
    }

    /// The same of bytes, which may be anything. `None` if there are too many.
    pub fn from_bytes(encoded: &[u8]) -> Option<Self> {
        let mut raw = Self::default();
        raw.bytes.get_mut(..encoded.len())?.copy_from_slice(encoded);
        raw.length = encoded.len() as u8;
        Some(raw)
    }

    /// The encoding.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }

    /// The input, if this is the encoding of one.
    pub fn decode<I: Input>(&self) -> Result<I, DecodeError> {
        decode::<_, INPUT_BYTES_MAX>(self.bytes())
    }
}

impl<I: Input> ClientMessage<I> {
    /// The same message with its input encoded.
    pub fn into_raw(self) -> Result<ClientMessage<RawInput>, DecodeError> {
        Ok(match self {
            Self::Hello(hello) => ClientMessage::Hello(hello),
            Self::Input { tick, input, rewind, ack } => {
                let input = RawInput::new(&input);
                let input =
                    input.ok_or_else(|| DecodeError::Malformed("an input that is too long".into()))?;
                ClientMessage::Input { tick, input, rewind, ack }
            }
            Self::ResyncCell(cell) => ClientMessage::ResyncCell(cell),
            Self::Ack(ack) => ClientMessage::Ack(ack),
            Self::Chat(line) => ClientMessage::Chat(line),
            Self::Hidden(is_hidden) => ClientMessage::Hidden(is_hidden),
            Self::Lag(lag) => ClientMessage::Lag(lag),
            Self::Badge(number) => ClientMessage::Badge(number),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::engine::input::{Angle, Buttons, PlayerInput};

    /// Eight bytes in memory, and sixteen encoded.
    type Options = [Option<bool>; 8];

    impl Input for Options {
        fn released(self) -> Self {
            self
        }
    }

    #[test]
    fn input_whose_encoding_is_too_long_is_an_error() {
        assert_eq!(RawInput::new(&[Some(true); 8]), None);
        let message = ClientMessage::Input {
            tick: crate::engine::ids::Tick(0),
            input: [Some(true); 8],
            rewind: 0,
            ack: 0,
        };
        assert!(message.into_raw().is_err());
        assert!(RawInput::new::<Options>(&[None; 8]).is_some());
    }

    proptest! {
        #[test]
        fn decoded_input_equals_the_encoded_one(buttons: u8, aim: u16) {
            let input = PlayerInput { buttons: Buttons(buttons), aim: Angle(aim) };
            let raw = RawInput::new(&input).expect("it fits");
            prop_assert_eq!(raw.decode(), Ok(input));
            prop_assert_eq!(RawInput::from_bytes(raw.bytes()), Some(raw));
        }

        #[test]
        fn any_bytes_decode_or_fail(bytes in proptest::collection::vec(any::<u8>(), 0..20)) {
            let raw = RawInput::from_bytes(&bytes);
            prop_assert_eq!(raw.is_some(), bytes.len() <= INPUT_BYTES_MAX);
            if let Some(raw) = raw {
                let _ = raw.decode::<PlayerInput>();
            }
        }
    }
}
