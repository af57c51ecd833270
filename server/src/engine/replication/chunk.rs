//! Chunks: the encoded changes of one cell, slices of one buffer that is refilled in each tick.

use shared::engine::{
    game_trait::Game,
    ids::CellIndex,
    protocol::{CellChange, Diff, put},
};

/// A slice of a [`ChunkBuffer`], encoded as a `CellChunk`; empty if nothing changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Chunk {
    start: u32,
    end: u32,
}

impl Chunk {
    #[inline]
    pub(super) fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    #[inline]
    pub(super) fn is_empty(self) -> bool {
        self.start == self.end
    }
}

/// The bytes of all chunks of a tick.
#[derive(Debug, Default)]
pub(super) struct ChunkBuffer(Vec<u8>);

impl ChunkBuffer {
    /// Invalidates all chunks and keeps the memory.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    #[inline]
    pub(super) fn bytes(&self, chunk: Chunk) -> &[u8] {
        &self.0[chunk.start as usize..chunk.end as usize]
    }

    /// Appends the changes of a cell's bodies, its events, and its checksum if that is due.
    pub(super) fn write_update<'a, G: Game>(
        &mut self,
        cell: CellIndex,
        bodies: &'a Diff<G>,
        events: impl Iterator<Item = CellChange<'a, G>>,
        checksum: Option<u32>,
    ) -> Chunk {
        let checksum = checksum.map(CellChange::Checksum);
        self.write(cell, bodies.changes().chain(events).chain(checksum))
    }

    /// Appends a `CellChunk` of these changes, or nothing if there are none.
    pub(super) fn write<'a, G: Game>(
        &mut self,
        cell: CellIndex,
        changes: impl Iterator<Item = CellChange<'a, G>>,
    ) -> Chunk {
        let bytes = &mut self.0;
        let start = bytes.len();
        put(bytes, &cell);
        // The number of changes comes first and is written last. There are a dozen kinds of change, so it is one byte.
        let count_at = bytes.len();
        put(bytes, &0_usize);
        let mut count = 0;
        for change in changes {
            put(bytes, &change);
            count += 1;
        }
        bytes[count_at] = count;
        if count == 0 {
            bytes.truncate(start);
        }
        // All chunks of a tick together are far below 4 GiB.
        Chunk { start: start as u32, end: bytes.len() as u32 }
    }
}

#[cfg(test)]
mod tests {
    use shared::engine::{protocol::CellChunk, testing::TestGame};

    use super::*;

    #[test]
    fn chunk_is_the_encoding_of_a_cell_chunk() {
        let mut buffer = ChunkBuffer::default();
        for cell in [3, 700] {
            let cell = CellIndex(cell);
            let changes = || [CellChange::<TestGame>::Reset, CellChange::Checksum(7)];
            let chunk = buffer.write(cell, changes().into_iter());
            let mut expected = Vec::new();
            put(&mut expected, &CellChunk { cell, changes: changes().into() });
            assert_eq!(buffer.bytes(chunk), expected);
        }
    }

    #[test]
    fn chunk_without_changes_is_empty() {
        let mut buffer = ChunkBuffer::default();
        let full = buffer.write(CellIndex(1), [CellChange::<TestGame>::Reset].into_iter());
        assert!(!full.is_empty());
        let empty =
            buffer.write_update(CellIndex(2), &Diff::<TestGame>::default(), core::iter::empty(), None);
        assert!(empty.is_empty() && buffer.bytes(empty).is_empty());
        assert_eq!(buffer.0.len(), full.len());
    }
}
