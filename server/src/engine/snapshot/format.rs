//! The bytes of a snapshot: a header of fixed size, and the payload. All numbers are little-endian.
//!
//! | bytes | content |
//! |---|---|
//! | 0–7 | `EMBSNAP` and a line feed |
//! | 8–11 | version of this layout: [`FORMAT`] |
//! | 12–15 | version of the payload, which is the game's |
//! | 16–47 | SHA-256 of what the arena is defined by |
//! | 48–51 | tick |
//! | 52–59 | bytes of the payload |
//! | 60–91 | SHA-256 of bytes 0–59 and the payload |
//! | 92– | payload |
//!
//! The checksum is there for torn writes and failing disks. Files of the state directory are trusted as far as its
//! permissions go; nevertheless no bytes can do more than be refused.

use sha2::{Digest, Sha256};

/// Version of the layout.
pub const FORMAT: u32 = 1;
/// Bytes before the payload.
pub const HEADER_BYTES: usize = CHECKSUM_AT + HASH_BYTES;

const MAGIC: [u8; 8] = *b"EMBSNAP\n";
const HASH_BYTES: usize = 32;
const FORMAT_AT: usize = 8;
const CONTENT_AT: usize = 12;
const ARENA_AT: usize = 16;
const TICK_AT: usize = ARENA_AT + HASH_BYTES;
const LENGTH_AT: usize = TICK_AT + 4;
const CHECKSUM_AT: usize = LENGTH_AT + 8;

/// What a snapshot is of. A snapshot is only good for the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Version of the payload.
    pub content: u32,
    /// Hash of what the arena is defined by.
    pub arena: [u8; HASH_BYTES],
}

/// A snapshot whose bytes are whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Snapshot<'a> {
    /// What it is of.
    pub header: Header,
    /// The last tick before it was taken.
    pub tick: u32,
    /// The game's part.
    pub payload: &'a [u8],
}

/// Why bytes are no snapshot, or none that this program can use.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Not written by this program.
    #[error("it is no snapshot of this program")]
    Foreign,
    /// Written by another version.
    #[error(
        "it has format {found}, and this program reads format {known}; start the version that wrote it to use it"
    )]
    Format {
        /// Of the file.
        found: u32,
        /// The only one that is read.
        known: u32,
    },
    /// Its payload is of another version.
    #[error(
        "its content has version {found}, and this program reads version {known}; start the version that wrote it to use it"
    )]
    Content {
        /// Of the file.
        found: u32,
        /// The only one that is read.
        known: u32,
    },
    /// The arena is another one.
    #[error("it is of another arena: the map, the rules or the tick rate have changed since")]
    OtherArena,
    /// It ends too early or too late.
    #[error("it is torn: {found} bytes and not {expected}")]
    Torn {
        /// Bytes there are.
        found: u64,
        /// Bytes there should be.
        expected: u64,
    },
    /// Bytes have changed.
    #[error("its checksum is wrong: bytes have changed since it was written")]
    Corrupt,
    /// Too big to be read.
    #[error("it has {found} bytes; at most {most} are read")]
    TooBig {
        /// Bytes there are.
        found: u64,
        /// Bytes that are read.
        most: u64,
    },
    /// The game cannot use the payload.
    #[error("{0}")]
    Unusable(String),
}

/// Begins a snapshot in an empty buffer; the payload is to be appended. It is no snapshot before [`seal`] is called.
pub fn begin(header: Header, tick: u32, out: &mut Vec<u8>) {
    out.clear();
    out.extend_from_slice(&MAGIC);
    out.extend_from_slice(&FORMAT.to_le_bytes());
    out.extend_from_slice(&header.content.to_le_bytes());
    out.extend_from_slice(&header.arena);
    out.extend_from_slice(&tick.to_le_bytes());
    out.resize(HEADER_BYTES, 0);
}

/// Ends a snapshot that [`begin`] began: fills in the length and the checksum. Takes a few milliseconds a megabyte, so not on a
/// simulation thread. Does nothing to bytes that are too few to have been begun.
pub fn seal(snapshot: &mut [u8]) {
    let Some(payload) = snapshot.len().checked_sub(HEADER_BYTES) else { return };
    snapshot[LENGTH_AT..CHECKSUM_AT].copy_from_slice(&(payload as u64).to_le_bytes());
    let checksum = checksum(snapshot);
    snapshot[CHECKSUM_AT..HEADER_BYTES].copy_from_slice(&checksum);
}

fn checksum(snapshot: &[u8]) -> [u8; HASH_BYTES] {
    Sha256::new()
        .chain_update(&snapshot[..CHECKSUM_AT])
        .chain_update(&snapshot[HEADER_BYTES..])
        .finalize()
        .into()
}

/// Reads a snapshot of `known`. Pure, and takes no memory: any bytes are a snapshot or refused.
pub fn decode<'a>(bytes: &'a [u8], known: &Header) -> Result<Snapshot<'a>, Refusal> {
    let number = |at: usize| {
        let bytes = bytes.get(at..at + 4).and_then(|bytes| bytes.try_into().ok());
        bytes.map(u32::from_le_bytes)
    };
    if !bytes.starts_with(&MAGIC) {
        return Err(Refusal::Foreign);
    }
    let torn = |expected| Refusal::Torn { found: bytes.len() as u64, expected };
    let short = || torn(HEADER_BYTES as u64);
    let format = number(FORMAT_AT).ok_or_else(short)?;
    if format != FORMAT {
        return Err(Refusal::Format { found: format, known: FORMAT });
    }
    let (head, payload) = bytes.split_at_checked(HEADER_BYTES).ok_or_else(short)?;
    let length = head[LENGTH_AT..CHECKSUM_AT].try_into().map(u64::from_le_bytes).unwrap_or(u64::MAX);
    if payload.len() as u64 != length {
        return Err(torn(length.saturating_add(HEADER_BYTES as u64)));
    }
    if head[CHECKSUM_AT..] != checksum(bytes) {
        return Err(Refusal::Corrupt);
    }
    let mut header = Header { content: number(CONTENT_AT).ok_or_else(short)?, arena: [0; HASH_BYTES] };
    header.arena.copy_from_slice(&head[ARENA_AT..TICK_AT]);
    if header.content != known.content {
        return Err(Refusal::Content { found: header.content, known: known.content });
    }
    if header.arena != known.arena {
        return Err(Refusal::OtherArena);
    }
    Ok(Snapshot { header, tick: number(TICK_AT).ok_or_else(short)?, payload })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HEADER: Header = Header { content: 7, arena: [3; HASH_BYTES] };

    fn sealed(payload: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        begin(HEADER, 99, &mut bytes);
        bytes.extend_from_slice(payload);
        seal(&mut bytes);
        bytes
    }

    #[test]
    fn snapshot_of_another_kind_is_refused_by_name() {
        let bytes = sealed(b"payload");
        assert_eq!(decode(&bytes, &HEADER), Ok(Snapshot { header: HEADER, tick: 99, payload: b"payload" }));
        let other = Header { content: 8, ..HEADER };
        assert_eq!(decode(&bytes, &other), Err(Refusal::Content { found: 7, known: 8 }));
        let other = Header { arena: [4; HASH_BYTES], ..HEADER };
        assert_eq!(decode(&bytes, &other), Err(Refusal::OtherArena));
        let mut newer = bytes;
        newer[FORMAT_AT] += 1;
        assert_eq!(decode(&newer, &HEADER), Err(Refusal::Format { found: FORMAT + 1, known: FORMAT }));
        assert_eq!(decode(b"#!/bin/sh", &HEADER), Err(Refusal::Foreign));
        assert_eq!(decode(b"", &HEADER), Err(Refusal::Foreign));
    }

    proptest! {
        #[test]
        fn any_payload_survives_and_no_cut_or_changed_snapshot_does(
            payload in proptest::collection::vec(any::<u8>(), 0..200), place: prop::sample::Index, bit in 0..8_u8,
        ) {
            let bytes = sealed(&payload);
            prop_assert_eq!(decode(&bytes, &HEADER).map(|snapshot| snapshot.payload), Ok(&payload[..]));
            let place = place.index(bytes.len());
            prop_assert!(decode(&bytes[..place], &HEADER).is_err());
            let longer = [&bytes[..], &[0]].concat();
            let is_torn = matches!(decode(&longer, &HEADER), Err(Refusal::Torn { .. }));
            prop_assert!(is_torn);
            let mut changed = bytes;
            changed[place] ^= 1 << bit;
            prop_assert!(decode(&changed, &HEADER).is_err());
        }

        #[test]
        fn any_bytes_are_refused_or_read(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let bytes = [&MAGIC[..], &FORMAT.to_le_bytes(), &bytes].concat();
            let _ = decode(&bytes, &HEADER);
        }
    }
}
