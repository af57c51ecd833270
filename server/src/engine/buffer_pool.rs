//! Memory for frames: they are written one behind another into buffers and handed out as slices of them. A page
//! whose slices have all been sent is written again, so that a steady tick allocates nothing.

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};

/// Some tens of usual frames. A reader that has stopped keeps the buffers of what waits for it, so they are not
/// large.
const PAGE_BYTES: usize = 32 * 1024;
/// BufferPool kept although lately no tick has needed them.
const SPARE_PAGES: usize = 4;
/// In so many ticks half of what a rush needed is forgotten, and given back: some seconds.
const HALF_LIFE_TICKS: usize = 64;

/// The buffers of one publisher.
///
/// There are no more of them than a busy tick needs: each is written every tick or two, and so is still in the
/// processor's cache.
#[derive(Debug)]
pub(crate) struct BufferPool {
    current: BytesMut,
    /// Written full, and in which tick; the one that has waited longest comes first.
    full: VecDeque<(u64, BytesMut)>,
    tick: u64,
    /// Filled in this tick.
    turned: usize,
    /// Whether none was free when one was wanted in this tick.
    lacked: bool,
    /// What a busy tick takes, in parts of [`HALF_LIFE_TICKS`] of a page, so that it can decay slowly.
    need: usize,
}

impl BufferPool {
    pub(crate) fn new() -> Self {
        Self {
            current: BytesMut::with_capacity(PAGE_BYTES),
            full: VecDeque::new(),
            tick: 0,
            turned: 0,
            lacked: false,
            need: 0,
        }
    }

    /// A tick begins.
    pub(crate) fn begin(&mut self) {
        // While the frames of the last tick are on their way when the next are made, those buffers are needed too.
        let buffers = if self.lacked { self.full.len() } else { self.turned };
        let decayed = self.need - self.need / HALF_LIFE_TICKS;
        self.need = decayed.max(buffers * HALF_LIFE_TICKS);
        self.tick += 1;
        (self.turned, self.lacked) = (0, false);
        let kept = self.need / HALF_LIFE_TICKS + SPARE_PAGES;
        // What is still being sent is freed with its last slice.
        self.full.drain(..self.full.len().saturating_sub(kept));
    }

    /// A slice with what `write` writes, which is no more than `most` bytes.
    pub(crate) fn write(&mut self, most: usize, write: impl FnOnce(&mut BytesMut)) -> Bytes {
        if self.current.capacity() < most {
            self.turn(most);
        }
        write(&mut self.current);
        self.current.split().freeze()
    }

    fn turn(&mut self, most: usize) {
        self.turned += 1;
        let wanted = most.max(PAGE_BYTES);
        let page = self.free(wanted).unwrap_or_else(|| {
            self.lacked = true;
            BytesMut::with_capacity(wanted)
        });
        self.full.push_back((self.tick, core::mem::replace(&mut self.current, page)));
    }

    /// A page whose slices have all been sent.
    fn free(&mut self, wanted: usize) -> Option<BytesMut> {
        while let Some((tick, mut page)) = self.full.pop_front() {
            if page.try_reclaim(wanted) {
                return Some(page);
            }
            // Of the last tick: those behind it are on their way too.
            if tick + 1 >= self.tick {
                self.full.push_front((tick, page));
                return None;
            }
            // A slow reader has it, and keeps it alive for as long as it needs it.
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(buffers: &mut BufferPool, frames: usize, size: usize) -> Vec<Bytes> {
        buffers.begin();
        (0..frames).map(|frame| buffers.write(size, |page| page.resize(size, frame as u8))).collect()
    }

    #[test]
    fn slices_keep_what_was_written() {
        let mut buffers = BufferPool::new();
        let slices = fill(&mut buffers, 200, 1000);
        let big = fill(&mut buffers, 2, 3 * PAGE_BYTES);
        for (frame, slice) in slices.iter().enumerate() {
            assert!(slice.len() == 1000 && slice.iter().all(|byte| *byte == frame as u8));
        }
        assert!(big[1].iter().all(|byte| *byte == 1));
    }

    #[test]
    fn pages_that_were_sent_are_written_again() {
        let mut buffers = BufferPool::new();
        (0..10).for_each(|_| drop(fill(&mut buffers, 100, 900)));
        for _ in 0..100 {
            let allocated = allocation_counter::measure(|| drop(fill(&mut buffers, 100, 900)));
            assert!(allocated.bytes_total < PAGE_BYTES as u64, "{} bytes", allocated.bytes_total);
        }
        let pages_a_tick = 100_usize.div_ceil(PAGE_BYTES / 900);
        assert!(buffers.full.len() <= pages_a_tick + SPARE_PAGES, "{} buffers", buffers.full.len());
    }

    #[test]
    fn what_is_under_way_for_a_tick_or_two_is_waited_for() {
        let mut buffers = BufferPool::new();
        let mut sent: VecDeque<_> = (0..2).map(|_| fill(&mut buffers, 100, 900)).collect();
        for _ in 0..100 {
            sent.pop_front();
            sent.push_back(fill(&mut buffers, 100, 900));
        }
        let pages_a_tick = 100_usize.div_ceil(PAGE_BYTES / 900);
        assert!(buffers.full.len() <= 3 * pages_a_tick + SPARE_PAGES, "{} buffers", buffers.full.len());
        let frames = sent.iter().flatten();
        assert!(
            frames.enumerate().all(|(frame, bytes)| bytes.iter().all(|byte| *byte == (frame % 100) as u8))
        );
    }

    #[test]
    fn a_slow_reader_keeps_its_page_and_no_other() {
        let mut buffers = BufferPool::new();
        let kept = fill(&mut buffers, 1, 900);
        for _ in 0..50 {
            fill(&mut buffers, 100, 900);
        }
        assert!(kept[0].iter().all(|byte| *byte == 0));
        assert!(buffers.full.len() <= 3 + SPARE_PAGES, "{} buffers", buffers.full.len());
    }

    #[test]
    fn what_a_rush_took_is_given_back() {
        let mut buffers = BufferPool::new();
        drop(fill(&mut buffers, 10_000, 900));
        let rush = buffers.full.len();
        for _ in 0..10 * HALF_LIFE_TICKS {
            fill(&mut buffers, 10, 900);
        }
        assert!(buffers.full.len() <= SPARE_PAGES + 1, "{} of {rush} buffers", buffers.full.len());
    }
}
