//! What the recorder holds in memory: two segments, each a state and a log of the ticks that followed it. When it is time for a
//! new one, the older is dropped, so the last failure is always behind at least one whole segment, and memory is bounded.
//!
//! A segment that is over does not change, so other threads may share it. A steady tick allocates nothing: memory that no other
//! thread shares is used again.

use std::{mem, sync::Arc};

/// A segment's log does not grow far beyond this: a new segment begins. A thousand players fill it in a quarter of a minute.
const LOG_BYTES_MAX: usize = 8 << 20;
/// What a new log has room for at least.
const LOG_BYTES_MIN: usize = 64 << 10;

/// A tick begins: the length of its commands, and the commands.
pub(super) const STEP: u8 = 1;
/// It is done: a checksum of the state.
pub(super) const DONE: u8 = 2;
/// Ticks were skipped: how many.
pub(super) const SKIP: u8 = 3;

/// A state, and what entered each tick after it.
#[derive(Clone, Debug, Default)]
pub struct Segment {
    /// The tick of the state.
    pub tick: u32,
    /// The encoded state. Empty for a segment that has not begun.
    pub base: Vec<u8>,
    /// Entries, one behind the other: see [`super::entries`].
    pub log: Vec<u8>,
}

/// The recorder of one arena.
#[derive(Debug)]
pub struct Recorder {
    previous: Option<Arc<Segment>>,
    current: Segment,
    /// In ticks.
    interval: u32,
}

impl Recorder {
    /// Begins with the state after `tick`, which `fill` appends. A new segment is due every `interval` ticks.
    pub fn new(interval: u32, tick: u32, fill: impl FnOnce(&mut Vec<u8>)) -> Self {
        let mut current = Segment { tick, base: Vec::new(), log: Vec::with_capacity(LOG_BYTES_MIN) };
        fill(&mut current.base);
        Self { previous: None, current, interval }
    }

    /// Whether a new segment is to begin after `tick`.
    pub fn is_due(&self, tick: u32) -> bool {
        tick.saturating_sub(self.current.tick) >= self.interval || self.current.log.len() > LOG_BYTES_MAX
    }

    /// Begins a segment with the state after `tick`, which `fill` appends. `exchange` gets the segment that is dropped, and gives
    /// one whose memory is used for the new one, unless it has another owner.
    pub fn begin_segment(
        &mut self,
        tick: u32,
        exchange: impl FnOnce(Arc<Segment>) -> Option<Arc<Segment>>,
        fill: impl FnOnce(&mut Vec<u8>),
    ) {
        let free = self.previous.take().and_then(exchange).filter(|free| Arc::strong_count(free) == 1);
        let mut over = free.unwrap_or_default();
        let Segment { mut base, mut log, .. } =
            mem::replace(Arc::make_mut(&mut over), mem::take(&mut self.current));
        base.clear();
        log.clear();
        fill(&mut base);
        // As much as before, and half as much again.
        log.reserve(LOG_BYTES_MIN.max(over.log.len() * 3 / 2));
        self.previous = Some(over);
        self.current = Segment { tick, base, log };
    }

    /// Notes the commands of a tick that is about to be stepped, which `fill` appends.
    pub fn begin_step(&mut self, fill: impl FnOnce(&mut Vec<u8>)) {
        let log = &mut self.current.log;
        log.push(STEP);
        let at = log.len();
        log.extend_from_slice(&[0; 4]);
        fill(log);
        let length = u32::try_from(log.len() - at - 4).unwrap_or(u32::MAX);
        log[at..at + 4].copy_from_slice(&length.to_le_bytes());
    }

    /// Notes that the tick is done, with a checksum of the state.
    pub fn end_step(&mut self, checksum: u64) {
        self.current.log.push(DONE);
        self.current.log.extend_from_slice(&checksum.to_le_bytes());
    }

    /// Notes that ticks were skipped.
    pub fn skip(&mut self, ticks: u32) {
        self.current.log.push(SKIP);
        self.current.log.extend_from_slice(&ticks.to_le_bytes());
    }

    /// The state that the current segment began with, and its tick.
    pub fn base(&self) -> (u32, &[u8]) {
        (self.current.tick, &self.current.base)
    }

    /// The segments, the older one first.
    pub fn segments(&self) -> impl Iterator<Item = &Segment> {
        self.previous.as_deref().into_iter().chain([&self.current])
    }

    /// The segment before the current one.
    pub fn previous(&self) -> Option<Arc<Segment>> {
        self.previous.clone()
    }

    /// The segments at the end, the older one first.
    pub fn finish(self) -> Vec<Arc<Segment>> {
        self.previous.into_iter().chain([Arc::new(self.current)]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Begins a segment whose state is its tick, and reuses memory.
    fn begin(recorder: &mut Recorder, tick: u32) {
        recorder.begin_segment(tick, Some, |out| out.extend_from_slice(&tick.to_le_bytes()));
    }

    #[test]
    fn two_segments_are_held_and_their_memory_is_used_again() {
        let mut recorder = Recorder::new(10, 0, |_| {});
        let mut places = std::collections::BTreeSet::new();
        for tick in 1..=100 {
            recorder.begin_step(|out| out.extend_from_slice(b"commands"));
            recorder.end_step(tick.into());
            if recorder.is_due(tick) {
                begin(&mut recorder, tick);
            }
            places.extend(recorder.segments().map(|segment| segment.log.as_ptr() as usize));
        }
        let held: Vec<_> = recorder.segments().map(|segment| (segment.tick, segment.log.len())).collect();
        assert_eq!(held, [(90, 10 * (5 + 8 + 9)), (100, 0)]);
        assert_eq!(recorder.base(), (100, &100_u32.to_le_bytes()[..]));
        assert!(places.len() <= 3, "{} logs were allocated", places.len());
    }

    #[test]
    fn flood_begins_a_new_segment_and_memory_stays_bounded() {
        let mut recorder = Recorder::new(1_000_000, 0, |_| {});
        for tick in 1..1000 {
            recorder.begin_step(|out| out.resize(out.len() + 100_000, 7));
            recorder.end_step(0);
            if recorder.is_due(tick) {
                begin(&mut recorder, tick);
            }
            assert!(recorder.segments().all(|segment| segment.log.len() < LOG_BYTES_MAX + 200_000));
        }
        assert_eq!(recorder.segments().count(), 2);
    }

    #[test]
    fn segment_with_another_owner_is_not_used_again() {
        let mut recorder = Recorder::new(10, 0, |out| out.push(1));
        assert!(recorder.previous().is_none());
        begin(&mut recorder, 10);
        let shared = recorder.previous().expect("there is one");
        (20..60).step_by(10).for_each(|tick| begin(&mut recorder, tick));
        assert_eq!((shared.tick, &*shared.base), (0, &[1][..]));
        let ticks: Vec<_> = recorder.finish().iter().map(|segment| segment.tick).collect();
        assert_eq!(ticks, [40, 50]);
    }
}
