//! Data that was not made here, such as a file: lists of bounded length, and what is wrong with it.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{Error, SeqAccess, Visitor},
};

/// Data breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Broken(pub String);

/// Fails with what is wrong unless `holds`.
pub fn ensure(holds: bool, what: impl FnOnce() -> String) -> Result<(), Broken> {
    if holds { Ok(()) } else { Err(Broken(what())) }
}

/// Reads a list of at most `MOST` items; for `#[serde(deserialize_with)]`. An item can take more memory than bytes in the data, so
/// a list is read item by item, and ends with an error at the first that is one too many.
pub fn bounded<'de, D, T, const MOST: usize>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    deserializer.deserialize_seq(List::<T, MOST>(PhantomData))
}

struct List<T, const MOST: usize>(PhantomData<T>);

impl<'de, T: Deserialize<'de>, const MOST: usize> Visitor<'de> for List<T, MOST> {
    type Value = Vec<T>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "a list of at most {MOST}")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Vec<T>, A::Error> {
        // It grows as items are read: the length that the data states is only a claim.
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            if list.len() == MOST {
                return Err(A::Error::invalid_length(MOST + 1, &self));
            }
            list.push(item);
        }
        Ok(list)
    }
}

#[cfg(test)]
mod tests {
    use shared::engine::protocol::{decode, encode};

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Few(#[serde(deserialize_with = "bounded::<_, _, 3>")] Vec<u16>);

    #[test]
    fn list_is_read_up_to_its_limit() {
        let read = |list: Vec<u16>| decode::<Few, 100>(&encode(&list)).ok();
        assert_eq!(read(vec![]), Some(Few(vec![])));
        assert_eq!(read(vec![1, 2, 3]), Some(Few(vec![1, 2, 3])));
        assert_eq!(read(vec![1, 2, 3, 4]), None);
    }

    #[test]
    fn claimed_length_takes_no_memory() {
        // 2^62 items, of which none follows.
        let claim = [253, 0, 0, 0, 0, 0, 0, 0, 64];
        assert!(decode::<Few, 100>(&claim).is_err());
    }
}
