//! Fuzz targets: each is a function of bytes that uses a decoder or state machine as a stranger or a file does, and panics if
//! one of its laws does not hold. `cargo xtask fuzz` searches for such bytes; `cargo test` runs each target on its seeds and
//! on random bytes, so that none of them rots.
//!
//! Seeds are in `server/fuzz/seeds`, one folder per target: real traffic, and bytes that once broke something.

mod arena;
mod client;
mod files;
mod http;
mod texts;

/// A function of bytes that must not panic, whatever they are.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Also the folder of its seeds.
    pub name: &'static str,
    /// Runs it once.
    pub run: fn(&[u8]),
}

/// A payload of a snapshot with one player, for a seed: its arena is the targets' own.
pub fn payload() -> Vec<u8> {
    arena::payload()
}

/// A recording, for a seed.
pub fn recorded() -> Vec<u8> {
    files::recorded()
}

/// All targets.
pub const TARGETS: [Target; 12] = [
    Target { name: "client_binary", run: client::binary },
    Target { name: "client_json", run: client::json },
    Target { name: "arena", run: arena::run },
    Target { name: "frames", run: client::frames },
    Target { name: "http", run: http::run },
    Target { name: "arena_file", run: texts::arena_file },
    Target { name: "snapshot", run: files::snapshot },
    Target { name: "recording", run: files::recording },
    Target { name: "names", run: texts::names },
    Target { name: "resume_token", run: texts::resume_token },
    Target { name: "ticket", run: texts::ticket },
    Target { name: "room", run: texts::room },
];

/// The target of this name.
pub fn target(name: &str) -> Option<Target> {
    TARGETS.into_iter().find(|target| target.name == name)
}

/// Bytes as a script: numbers and pieces, until none are left. Any bytes are a script, so that each change that the fuzzer makes
/// is one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Script<'a>(pub(crate) &'a [u8]);

impl<'a> Script<'a> {
    /// The next byte; `None` at the end.
    pub(crate) fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    /// The next two bytes, little-endian; `None` at the end.
    pub(crate) fn number(&mut self) -> Option<u16> {
        Some(u16::from_le_bytes([self.byte()?, self.byte()?]))
    }

    /// A piece that begins with its length in one byte; shorter if the script ends.
    pub(crate) fn piece(&mut self) -> Option<&'a [u8]> {
        let length = usize::from(self.byte()?);
        Some(self.take(length))
    }

    /// A piece that begins with its length in two bytes; shorter if the script ends.
    pub(crate) fn long_piece(&mut self) -> Option<&'a [u8]> {
        let length = usize::from(self.number()?);
        Some(self.take(length))
    }

    fn take(&mut self, length: usize) -> &'a [u8] {
        let (piece, rest) = self.0.split_at(length.min(self.0.len()));
        self.0 = rest;
        piece
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn script_is_read_in_pieces_until_it_ends() {
        let mut script = Script(&[7, 1, 2, 2, b'a', b'b', 3, 0, b'c', b'd', b'e', 9, b'f']);
        assert_eq!(script.byte(), Some(7));
        assert_eq!(script.number(), Some(0x0201));
        assert_eq!(script.piece(), Some(&b"ab"[..]));
        assert_eq!(script.long_piece(), Some(&b"cde"[..]));
        assert_eq!(script.piece(), Some(&b"f"[..]), "cut at the end");
        assert_eq!((script.byte(), script.piece()), (None, None));
    }
}
