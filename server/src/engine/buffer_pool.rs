//! Memory for frames: they are written one behind another into buffers, and handed out as slices of them. A buffer whose slices
//! have all been sent is reused, so that a steady tick allocates nothing.

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};

/// Size of a buffer: some tens of usual frames. Not larger, because a client that has stopped reading keeps alive the buffers of the
/// frames that wait for it.
const BUFFER_BYTES: usize = 32 * 1024;
/// Buffers kept although no recent tick has needed them.
const SPARE_BUFFERS: usize = 4;
/// After this many ticks, some seconds, half of the buffers that a burst needed are freed.
const HALF_LIFE_TICKS: usize = 64;

/// The buffers of one publisher.
///
/// It keeps no more than a busy tick needs: each buffer is written every tick or two, so it is still in the processor's cache.
#[derive(Debug)]
pub(crate) struct BufferPool {
    current: BytesMut,
    /// Full buffers and the tick in which each was filled, oldest first.
    full: VecDeque<(u64, BytesMut)>,
    tick: u64,
    /// Buffers filled in this tick.
    filled: usize,
    /// Whether a buffer had to be allocated in this tick.
    has_allocated: bool,
    /// Buffers that a busy tick needs, in 1/[`HALF_LIFE_TICKS`] of a buffer, so that it can decay slowly.
    need: usize,
}

impl BufferPool {
    pub(crate) fn new() -> Self {
        Self {
            current: BytesMut::with_capacity(BUFFER_BYTES),
            full: VecDeque::new(),
            tick: 0,
            filled: 0,
            has_allocated: false,
            need: 0,
        }
    }

    /// Begins a tick: frees buffers that are no longer needed.
    pub(crate) fn begin(&mut self) {
        // If the frames of the last tick are still being sent while the next are made, their buffers are needed too.
        let buffers = if self.has_allocated { self.full.len() } else { self.filled };
        let decayed = self.need - self.need / HALF_LIFE_TICKS;
        self.need = decayed.max(buffers * HALF_LIFE_TICKS);
        self.tick += 1;
        (self.filled, self.has_allocated) = (0, false);
        let kept = self.need / HALF_LIFE_TICKS + SPARE_BUFFERS;
        // A buffer that is still being sent is freed with its last slice.
        self.full.drain(..self.full.len().saturating_sub(kept));
    }

    /// Returns what `write` writes, at most `most` bytes, as a slice of a buffer.
    pub(crate) fn write(&mut self, most: usize, write: impl FnOnce(&mut BytesMut)) -> Bytes {
        if self.current.capacity() < most {
            self.next_buffer(most);
        }
        write(&mut self.current);
        self.current.split().freeze()
    }

    /// Continues in a buffer with at least this much room.
    fn next_buffer(&mut self, most: usize) {
        self.filled += 1;
        let wanted = most.max(BUFFER_BYTES);
        let buffer = self.free(wanted).unwrap_or_else(|| {
            self.has_allocated = true;
            BytesMut::with_capacity(wanted)
        });
        self.full.push_back((self.tick, core::mem::replace(&mut self.current, buffer)));
    }

    /// A buffer whose slices have all been sent.
    fn free(&mut self, wanted: usize) -> Option<BytesMut> {
        while let Some((tick, mut buffer)) = self.full.pop_front() {
            if buffer.try_reclaim(wanted) {
                return Some(buffer);
            }
            // It is of the last tick, so those behind it are still being sent too.
            if tick + 1 >= self.tick {
                self.full.push_front((tick, buffer));
                return None;
            }
            // A slow client still needs it, and keeps it alive until it has read it.
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(pool: &mut BufferPool, frames: usize, size: usize) -> Vec<Bytes> {
        pool.begin();
        (0..frames).map(|frame| pool.write(size, |buffer| buffer.resize(size, frame as u8))).collect()
    }

    #[test]
    fn slices_keep_what_was_written() {
        let mut pool = BufferPool::new();
        let slices = fill(&mut pool, 200, 1000);
        let big = fill(&mut pool, 2, 3 * BUFFER_BYTES);
        for (frame, slice) in slices.iter().enumerate() {
            assert!(slice.len() == 1000 && slice.iter().all(|byte| *byte == frame as u8));
        }
        assert!(big[1].iter().all(|byte| *byte == 1));
    }

    #[test]
    fn sent_buffers_are_reused() {
        let mut pool = BufferPool::new();
        (0..10).for_each(|_| drop(fill(&mut pool, 100, 900)));
        for _ in 0..100 {
            let allocated = allocation_counter::measure(|| drop(fill(&mut pool, 100, 900)));
            assert!(allocated.bytes_total < BUFFER_BYTES as u64, "{} bytes", allocated.bytes_total);
        }
        let buffers_per_tick = 100_usize.div_ceil(BUFFER_BYTES / 900);
        assert!(pool.full.len() <= buffers_per_tick + SPARE_BUFFERS, "{} buffers", pool.full.len());
    }

    #[test]
    fn frames_in_flight_for_two_ticks_do_not_grow_the_pool() {
        let mut pool = BufferPool::new();
        let mut sent: VecDeque<_> = (0..2).map(|_| fill(&mut pool, 100, 900)).collect();
        for _ in 0..100 {
            sent.pop_front();
            sent.push_back(fill(&mut pool, 100, 900));
        }
        let buffers_per_tick = 100_usize.div_ceil(BUFFER_BYTES / 900);
        assert!(pool.full.len() <= 3 * buffers_per_tick + SPARE_BUFFERS, "{} buffers", pool.full.len());
        let frames = sent.iter().flatten();
        assert!(
            frames.enumerate().all(|(frame, bytes)| bytes.iter().all(|byte| *byte == (frame % 100) as u8))
        );
    }

    #[test]
    fn slow_reader_keeps_only_its_own_buffer() {
        let mut pool = BufferPool::new();
        let kept = fill(&mut pool, 1, 900);
        for _ in 0..50 {
            fill(&mut pool, 100, 900);
        }
        assert!(kept[0].iter().all(|byte| *byte == 0));
        assert!(pool.full.len() <= 3 + SPARE_BUFFERS, "{} buffers", pool.full.len());
    }

    #[test]
    fn buffers_of_a_burst_are_freed() {
        let mut pool = BufferPool::new();
        drop(fill(&mut pool, 10_000, 900));
        let burst = pool.full.len();
        for _ in 0..10 * HALF_LIFE_TICKS {
            fill(&mut pool, 10, 900);
        }
        assert!(pool.full.len() <= SPARE_BUFFERS + 1, "{} of {burst} buffers", pool.full.len());
    }
}
