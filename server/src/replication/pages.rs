//! Memory for frames: they are written one behind another into pages and handed out as slices of them. A page
//! whose slices have all been sent is written again, so that a steady tick allocates nothing.

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};

/// Some tens of usual frames. A reader that has stopped keeps the pages of what waits for it, so they are not
/// large.
const PAGE_BYTES: usize = 32 * 1024;
/// Pages kept although the last tick did not need them, besides four times what it did.
const SPARE_PAGES: usize = 8;

/// The pages of one publisher.
#[derive(Debug)]
pub(super) struct Pages {
    current: BytesMut,
    /// Written full; the one that has waited longest comes first.
    full: VecDeque<BytesMut>,
    turned: usize,
}

impl Pages {
    pub(super) fn new() -> Self {
        Self { current: BytesMut::with_capacity(PAGE_BYTES), full: VecDeque::new(), turned: 0 }
    }

    /// A tick begins.
    pub(super) fn begin(&mut self) {
        // One a tick: what a rush took is given back within seconds, and a page is not given back to be taken
        // again at once.
        if self.full.len() > 4 * self.turned + SPARE_PAGES
            && let Some(mut page) = self.full.pop_front()
            && !page.try_reclaim(PAGE_BYTES)
        {
            self.full.push_back(page);
        }
        self.turned = 0;
    }

    /// A slice with what `write` writes, which is no more than `most` bytes.
    pub(super) fn write(&mut self, most: usize, write: impl FnOnce(&mut BytesMut)) -> Bytes {
        if self.current.capacity() < most {
            self.turn(most);
        }
        write(&mut self.current);
        self.current.split().freeze()
    }

    fn turn(&mut self, most: usize) {
        self.turned += 1;
        let wanted = most.max(PAGE_BYTES);
        // Those before the first free one are held by slow readers; they go to the back, not to be looked at
        // again soon.
        let free = self.full.iter_mut().position(|page| page.try_reclaim(wanted));
        let page = match free {
            Some(index) => {
                self.full.rotate_left(index);
                self.full.pop_front()
            }
            None => None,
        };
        let page = page.unwrap_or_else(|| BytesMut::with_capacity(wanted));
        self.full.push_back(core::mem::replace(&mut self.current, page));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(pages: &mut Pages, frames: usize, size: usize) -> Vec<Bytes> {
        pages.begin();
        (0..frames).map(|frame| pages.write(size, |page| page.resize(size, frame as u8))).collect()
    }

    #[test]
    fn slices_keep_what_was_written() {
        let mut pages = Pages::new();
        let slices = fill(&mut pages, 200, 1000);
        let big = fill(&mut pages, 2, 3 * PAGE_BYTES);
        for (frame, slice) in slices.iter().enumerate() {
            assert!(slice.len() == 1000 && slice.iter().all(|byte| *byte == frame as u8));
        }
        assert!(big[1].iter().all(|byte| *byte == 1));
    }

    #[test]
    fn pages_that_were_sent_are_written_again() {
        let mut pages = Pages::new();
        let mut sent: VecDeque<_> = (0..3).map(|_| fill(&mut pages, 100, 900)).collect();
        for _ in 0..100 {
            sent.pop_front();
            sent.push_back(fill(&mut pages, 100, 900));
        }
        let pages_a_tick = 100_usize.div_ceil(PAGE_BYTES / 900);
        assert!(pages.full.len() <= 4 * pages_a_tick, "{} pages", pages.full.len());
    }

    #[test]
    fn a_slow_reader_keeps_its_page_and_no_other() {
        let mut pages = Pages::new();
        let kept = fill(&mut pages, 1, 900);
        for _ in 0..50 {
            fill(&mut pages, 100, 900);
        }
        assert!(kept[0].iter().all(|byte| *byte == 0));
        assert!(pages.full.len() <= 8, "{} pages", pages.full.len());
    }

    #[test]
    fn what_a_rush_took_is_given_back() {
        let mut pages = Pages::new();
        drop(fill(&mut pages, 10_000, 900));
        let rush = pages.full.len();
        for _ in 0..2 * rush {
            fill(&mut pages, 10, 900);
        }
        assert!(pages.full.len() <= SPARE_PAGES + 4, "{} of {rush} pages", pages.full.len());
    }
}
