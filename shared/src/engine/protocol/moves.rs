//! Changes of course and heading within one frame. Nearly every body of a crowd has one in each frame, so they are packed: bits say
//! which bodies have one, and which of these turn, and lengths follow from the bits.

use std::borrow::Cow;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error, SeqAccess, Visitor},
    ser::{SerializeStruct, SerializeTuple},
};

use crate::engine::limits::PLAYERS_MAX;

/// Bodies of a cell that did not continue straight, or that turned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Moves<'a> {
    /// A bit for each body of the cell, least significant first; trailing zero bytes are left out.
    pub which: Cow<'a, [u8]>,
    /// One for each set bit.
    pub moves: Cow<'a, [BodyMove]>,
}

/// How a body moves on from where it was expected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BodyMove {
    /// Change of velocity along x, in steps per frame; the position changes by the same amount.
    pub dx: i8,
    /// The same along y.
    pub dy: i8,
    /// Where it points, in 1/256 turn. `None` if that has not changed: four of five keep their heading.
    pub heading: Option<u8>,
}

impl Moves<'_> {
    /// Index and change of each body that has one.
    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, &BodyMove)> {
        set_bits(&self.which).zip(self.moves.iter())
    }

    /// The same with lists of its own.
    pub fn into_owned(self) -> Moves<'static> {
        Moves { which: self.which.into_owned().into(), moves: self.moves.into_owned().into() }
    }
}

/// The indices of the bits that are set.
fn set_bits(bytes: &[u8]) -> impl Iterator<Item = usize> {
    bytes.iter().enumerate().flat_map(|(byte, bits)| {
        (0..8).filter(move |bit| bits >> bit & 1 == 1).map(move |bit| byte * 8 + bit)
    })
}

fn count_bits(bytes: &[u8]) -> usize {
    bytes.iter().map(|bits| bits.count_ones() as usize).sum()
}

/// Moves that are being collected, by rising index. Reused, so that its lists are allocated once.
#[derive(Clone, Debug, Default)]
pub(super) struct CollectedMoves {
    which: Vec<u8>,
    moves: Vec<BodyMove>,
}

impl CollectedMoves {
    pub(super) fn clear(&mut self) {
        self.which.clear();
        self.moves.clear();
    }

    /// Adds the change of the body at this index, which is higher than all before.
    pub(super) fn push(&mut self, index: usize, change: BodyMove) {
        self.which.resize(index / 8 + 1, 0);
        self.which[index / 8] |= 1 << (index % 8);
        self.moves.push(change);
    }

    /// What was collected; `None` if that is nothing.
    pub(super) fn moves(&self) -> Option<Moves<'_>> {
        let Self { which, moves } = self;
        (!moves.is_empty()).then(|| Moves { which: which.into(), moves: moves.into() })
    }
}

impl Serialize for Moves<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { which, moves } = self;
        if serializer.is_human_readable() {
            let mut object = serializer.serialize_struct("Moves", 2)?;
            object.serialize_field("which", which)?;
            object.serialize_field("moves", moves)?;
            return object.end();
        }
        debug_assert_eq!(count_bits(which), moves.len(), "a move for each bit");
        let turned = moves.iter().filter(|change| change.heading.is_some()).count();
        let mut tuple = serializer.serialize_tuple(1 + moves.len().div_ceil(8) + 2 * moves.len() + turned)?;
        tuple.serialize_element(which)?;
        for eight in moves.chunks(8) {
            let bits =
                eight.iter().rev().fold(0, |bits: u8, change| bits << 1 | u8::from(change.heading.is_some()));
            tuple.serialize_element(&bits)?;
        }
        for BodyMove { dx, dy, heading } in moves.iter() {
            tuple.serialize_element(dx)?;
            tuple.serialize_element(dy)?;
            if let Some(heading) = heading {
                tuple.serialize_element(heading)?;
            }
        }
        tuple.end()
    }
}

impl<'de> Deserialize<'de> for Moves<'_> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if !deserializer.is_human_readable() {
            // How many elements there are is known only when the first has been read.
            return deserializer.deserialize_tuple(usize::MAX, Packed);
        }
        #[derive(Deserialize)]
        struct Object {
            which: Vec<u8>,
            moves: Vec<BodyMove>,
        }
        let Object { which, moves } = Object::deserialize(deserializer)?;
        if count_bits(&which) != moves.len() {
            return Err(D::Error::custom("as many bits of `which` must be set as there are `moves`"));
        }
        Ok(Self { which: which.into(), moves: moves.into() })
    }
}

struct Packed;

impl<'de> Visitor<'de> for Packed {
    type Value = Moves<'static>;

    fn expecting(&self, out: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        out.write_str("bits, and a move for each that is set")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Self::Value, A::Error> {
        fn next<'de, T: Deserialize<'de>, A: SeqAccess<'de>>(sequence: &mut A) -> Result<T, A::Error> {
            sequence.next_element()?.ok_or_else(|| A::Error::invalid_length(0, &Packed))
        }
        let which: Vec<u8> = next(&mut sequence)?;
        if which.len() > PLAYERS_MAX.div_ceil(8) {
            return Err(A::Error::custom("more bits than there can be bodies"));
        }
        let count = count_bits(&which);
        let mut moves = Vec::with_capacity(count);
        while moves.len() < count {
            let bits: u8 = next(&mut sequence)?;
            let eight = (0..8)
                .map(|bit| BodyMove { heading: (bits >> bit & 1 == 1).then_some(0), ..BodyMove::default() });
            moves.extend(eight.take(count - moves.len()));
        }
        for change in &mut moves {
            (change.dx, change.dy) = (next(&mut sequence)?, next(&mut sequence)?);
            if let Some(heading) = &mut change.heading {
                *heading = next(&mut sequence)?;
            }
        }
        Ok(Moves { which: which.into(), moves: moves.into() })
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;
    use crate::engine::protocol::{decode, encode};

    fn change() -> impl Strategy<Value = BodyMove> {
        (any::<i8>(), any::<i8>(), any::<Option<u8>>()).prop_map(|(dx, dy, heading)| BodyMove {
            dx,
            dy,
            heading,
        })
    }

    proptest! {
        #[test]
        fn decoded_moves_equal_the_encoded_ones(changes in proptest::collection::btree_map(0..200_usize, change(), 1..40)) {
            let mut collected = CollectedMoves::default();
            changes.iter().for_each(|(index, change)| collected.push(*index, *change));
            let moves = collected.moves().expect("there are some");
            prop_assert!(moves.iter().map(|(index, change)| (index, *change)).eq(changes));
            let bytes = encode(&moves);
            let turned = moves.moves.iter().filter(|change| change.heading.is_some()).count();
            let count = moves.moves.len();
            prop_assert_eq!(bytes.len(), 1 + moves.which.len() + count.div_ceil(8) + 2 * count + turned);
            prop_assert_eq!(decode::<Moves<'static>, 1000>(&bytes), Ok(moves.clone().into_owned()));
            prop_assert!(decode::<Moves<'static>, 1000>(&bytes[..bytes.len() - 1]).is_err());
            #[cfg(feature = "json")]
            {
                let text = crate::engine::protocol::to_json(&moves);
                prop_assert_eq!(crate::engine::protocol::from_json(&text, 10_000), Ok(moves.into_owned()));
            }
        }

        #[test]
        fn any_bytes_decode_or_fail(bytes in vec(any::<u8>(), 0..100)) {
            let _ = decode::<Moves<'static>, 1000>(&bytes);
        }
    }

    #[test]
    fn bits_without_moves_and_more_bits_than_bodies_are_refused() {
        let bits = |bytes: usize| encode(&vec![0xff_u8; bytes]);
        assert!(decode::<Moves<'static>, 10_000>(&bits(2)).is_err());
        let many = [bits(PLAYERS_MAX / 8 + 1), vec![0; 100_000]].concat();
        let error = decode::<Moves<'static>, 200_000>(&many).expect_err("too many");
        assert!(error.to_string().contains("more bits"), "{error}");
    }

    #[cfg(feature = "json")]
    #[test]
    fn json_with_another_number_of_moves_than_bits_is_refused() {
        for text in
            [r#"{"which":[3],"moves":[{"dx":1,"dy":2,"heading":null}]}"#, r#"{"which":[3],"moves":[]}"#]
        {
            let decoded = crate::engine::protocol::from_json::<Moves<'static>>(text, 1000);
            assert!(decoded.expect_err("one is missing").to_string().contains("as many bits"), "{text}");
        }
    }
}
