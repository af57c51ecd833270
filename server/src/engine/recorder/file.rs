//! The bytes of a recording. All numbers are little-endian.
//!
//! | bytes | content |
//! |---|---|
//! | 8 | `EMBREC` and two line feeds |
//! | 4, 4 | versions: of this layout ([`RECORDING_FORMAT`]), and of what the game puts into it |
//! | 4, … | the arena: its length, and the game's encoding of it |
//! | … | segments |
//!
//! A segment is its tick (4), the length of its state (4), the length of its log (4), the first 8 bytes of the SHA-256 of its
//! state, the first 8 bytes of the SHA-256 of all else in it, its state, and its log. A state may be left out: then its length is
//! 0, and it is the one that the segment before ends with. A recording that was cut is good up to its last whole segment.
//!
//! An entry of a log is 1, a length and the commands of a tick; 2 and a checksum of the state when that tick is done; or 3 and a
//! number of skipped ticks.

use sha2::{Digest, Sha256};

use super::log::{DONE, SKIP, STEP, Segment};

/// Version of the layout.
pub const RECORDING_FORMAT: u32 = 1;

/// Largest recording that is read.
pub const RECORDING_BYTES_MAX: usize = 1 << 30;

const MAGIC: [u8; 8] = *b"EMBREC\n\n";

/// What a recording is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Definition<'a> {
    /// Version of what the game puts into recordings.
    pub content: u32,
    /// The game's encoding of the arena.
    pub arena: &'a [u8],
}

/// A recording that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recording<'a> {
    /// What it is of.
    pub definition: Definition<'a>,
    /// In order.
    pub segments: Vec<RecordedSegment<'a>>,
    /// Bytes at the end that are no whole segment.
    pub cut: usize,
}

/// A segment that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordedSegment<'a> {
    /// The tick of its state.
    pub tick: u32,
    /// The state; empty if it is left out.
    pub base: &'a [u8],
    /// A hash of the state, see [`base_hash`].
    pub base_hash: u64,
    /// Its entries.
    pub log: &'a [u8],
}

/// An entry of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry<'a> {
    /// A tick.
    Step {
        /// What entered it.
        commands: &'a [u8],
        /// The checksum of the state after it. `None`: it was not finished.
        checksum: Option<u64>,
    },
    /// Ticks that were skipped.
    Skip(u32),
}

/// Why bytes are no recording.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BrokenRecording {
    /// Not written by this program.
    #[error("it is no recording of this program")]
    Foreign,
    /// Written by another version.
    #[error(
        "it has format {found}.{found_content}, and this program reads {RECORDING_FORMAT}.{known_content}; use the version that wrote it"
    )]
    Version {
        /// The layout's, in the file.
        found: u32,
        /// The game's, in the file.
        found_content: u32,
        /// The game's that is read.
        known_content: u32,
    },
    /// It ends before the first segment does.
    #[error("it is cut before the end of its first segment")]
    Empty,
    /// An entry makes no sense.
    #[error("it has an entry that makes no sense")]
    Entry,
}

/// The hash of a state in a segment.
pub fn base_hash(base: &[u8]) -> u64 {
    short(Sha256::digest(base).into())
}

fn short(hash: [u8; 32]) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = hash;
    u64::from_le_bytes([a, b, c, d, e, f, g, h])
}

fn segment_hash(head: &[u8], log: &[u8]) -> u64 {
    short(Sha256::new().chain_update(head).chain_update(log).finalize().into())
}

fn put_number(out: &mut Vec<u8>, number: usize) {
    out.extend_from_slice(&u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes());
}

/// Begins a recording.
pub fn put_header(out: &mut Vec<u8>, definition: Definition<'_>) {
    out.extend_from_slice(&MAGIC);
    out.extend_from_slice(&RECORDING_FORMAT.to_le_bytes());
    out.extend_from_slice(&definition.content.to_le_bytes());
    put_number(out, definition.arena.len());
    out.extend_from_slice(definition.arena);
}

/// Appends a segment, with its state or without.
pub fn put_segment(out: &mut Vec<u8>, segment: &Segment, has_base: bool) {
    let at = out.len();
    let base = if has_base { &segment.base[..] } else { &[] };
    out.extend_from_slice(&segment.tick.to_le_bytes());
    put_number(out, base.len());
    put_number(out, segment.log.len());
    out.extend_from_slice(&base_hash(&segment.base).to_le_bytes());
    let hash = segment_hash(&out[at..], &segment.log);
    out.extend_from_slice(&hash.to_le_bytes());
    out.extend_from_slice(base);
    out.extend_from_slice(&segment.log);
}

/// Reads bytes from the front of a slice.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<u32> {
        self.take(4)?.try_into().map(u32::from_le_bytes).ok()
    }

    fn hash(&mut self) -> Option<u64> {
        self.take(8)?.try_into().map(u64::from_le_bytes).ok()
    }

    fn part(&mut self) -> Option<&'a [u8]> {
        let length = self.number()?;
        self.take(length as usize)
    }

    /// A whole and unchanged segment.
    fn segment(&mut self) -> Option<RecordedSegment<'a>> {
        let head = self.0.get(..20)?;
        let (tick, base, log) = (self.number()?, self.number()?, self.number()?);
        let (base_hash, hash) = (self.hash()?, self.hash()?);
        let (base, log) = (self.take(base as usize)?, self.take(log as usize)?);
        let is_whole =
            hash == segment_hash(head, log) && (base.is_empty() || base_hash == self::base_hash(base));
        is_whole.then_some(RecordedSegment { tick, base, base_hash, log })
    }
}

/// Reads a recording of `content`. Pure; memory is a few words for each segment.
pub fn decode(bytes: &[u8], content: u32) -> Result<Recording<'_>, BrokenRecording> {
    let mut rest = Bytes(bytes.strip_prefix(&MAGIC).ok_or(BrokenRecording::Foreign)?);
    let (Some(found), Some(found_content)) = (rest.number(), rest.number()) else {
        return Err(BrokenRecording::Empty);
    };
    if (found, found_content) != (RECORDING_FORMAT, content) {
        return Err(BrokenRecording::Version { found, found_content, known_content: content });
    }
    let arena = rest.part().ok_or(BrokenRecording::Empty)?;
    let mut segments = Vec::new();
    let mut cut = rest.0.len();
    while let Some(segment) = rest.segment() {
        segments.push(segment);
        cut = rest.0.len();
    }
    if segments.first().is_none_or(|first| first.base.is_empty()) {
        return Err(BrokenRecording::Empty);
    }
    Ok(Recording { definition: Definition { content, arena }, segments, cut })
}

/// The entries of a log, up to the first that makes no sense.
pub fn entries(log: &[u8]) -> impl Iterator<Item = Result<Entry<'_>, BrokenRecording>> {
    let mut rest = Bytes(log);
    std::iter::from_fn(move || {
        let entry = entry(&mut rest)?;
        if entry.is_none() {
            rest.0 = &[];
        }
        Some(entry.ok_or(BrokenRecording::Entry))
    })
}

/// The next entry; `None` at the end, `Some(None)` if it makes no sense.
fn entry<'a>(rest: &mut Bytes<'a>) -> Option<Option<Entry<'a>>> {
    let kind = *rest.take(1)?.first()?;
    Some(match kind {
        STEP => rest.part().and_then(|commands| {
            let is_done = rest.0.first() == Some(&DONE);
            let checksum = if is_done { Some(Bytes(rest.take(9)?.get(1..)?).hash()?) } else { None };
            Some(Entry::Step { commands, checksum })
        }),
        SKIP => rest.number().map(Entry::Skip),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{super::Recorder, *};

    const DEFINITION: Definition<'static> = Definition { content: 3, arena: b"an arena" };

    /// A recording of two segments, the second without its state.
    fn recording() -> Vec<u8> {
        let mut recorder = Recorder::new(10, 5, |out| out.extend_from_slice(b"state"));
        recorder.begin_step(|out| out.extend_from_slice(b"go"));
        recorder.end_step(77);
        recorder.skip(3);
        recorder.begin_segment(9, Some, |out| out.extend_from_slice(b"later"));
        recorder.begin_step(|_| {});
        let mut out = Vec::new();
        put_header(&mut out, DEFINITION);
        for (at, segment) in recorder.segments().enumerate() {
            put_segment(&mut out, segment, at == 0);
        }
        out
    }

    fn read(log: &[u8]) -> Vec<Entry<'_>> {
        entries(log).map(|entry| entry.expect("it makes sense")).collect()
    }

    #[test]
    fn recording_is_read_as_it_was_written() {
        let bytes = recording();
        let recording = decode(&bytes, 3).expect("it is one");
        assert_eq!((recording.definition, recording.cut), (DEFINITION, 0));
        let [first, second] = recording.segments[..] else { panic!("{recording:?}") };
        assert_eq!((first.tick, first.base, first.base_hash), (5, &b"state"[..], base_hash(b"state")));
        assert_eq!((second.tick, second.base, second.base_hash), (9, &b""[..], base_hash(b"later")));
        assert_eq!(read(first.log), [Entry::Step { commands: b"go", checksum: Some(77) }, Entry::Skip(3)]);
        assert_eq!(read(second.log), [Entry::Step { commands: b"", checksum: None }], "not finished");
        let version =
            BrokenRecording::Version { found: RECORDING_FORMAT, found_content: 3, known_content: 4 };
        assert_eq!(decode(&bytes, 4), Err(version));
        assert_eq!(decode(b"EMBSNAP\n", 3), Err(BrokenRecording::Foreign));
    }

    proptest! {
        #[test]
        fn cut_recording_is_good_up_to_its_last_whole_segment(cut in any::<prop::sample::Index>()) {
            let whole = recording();
            let bytes = &whole[..cut.index(whole.len())];
            if let Ok(cut) = decode(bytes, 3) {
                prop_assert_eq!(&cut.segments[..], &decode(&whole, 3).unwrap().segments[..1]);
                prop_assert!(cut.cut < whole.len());
            }
        }

        #[test]
        fn changed_byte_of_a_segment_is_noticed(place in any::<prop::sample::Index>(), bit in 0..8_u8) {
            let mut bytes = recording();
            let start = MAGIC.len() + 12 + DEFINITION.arena.len();
            let place = start + place.index(bytes.len() - start);
            bytes[place] ^= 1 << bit;
            prop_assert!(decode(&bytes, 3).map_or(0, |recording| recording.segments.len()) < 2);
        }

        #[test]
        fn any_log_is_read_to_an_end(log in proptest::collection::vec(0..5_u8, 0..60)) {
            let count = entries(&log).count();
            prop_assert!(count <= log.len());
        }
    }
}
