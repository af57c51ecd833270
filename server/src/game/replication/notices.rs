//! Notices that are encoded already, one behind the other.

use shared::{engine::protocol::put, game::protocol::Notice};

/// A list of encoded notices.
#[derive(Debug, Default)]
pub(super) struct Notices {
    count: usize,
    bytes: Vec<u8>,
}

impl Notices {
    pub(super) fn with_capacity(bytes: usize) -> Self {
        Self { count: 0, bytes: Vec::with_capacity(bytes) }
    }

    pub(super) fn push(&mut self, notice: &Notice) {
        put(&mut self.bytes, notice);
        self.count += 1;
    }

    /// Removes all and keeps the memory.
    pub(super) fn clear(&mut self) {
        self.count = 0;
        self.bytes.clear();
    }

    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// How many there are, and their bytes.
    pub(super) fn encoded(&self) -> (usize, &[u8]) {
        (self.count, &self.bytes)
    }
}
