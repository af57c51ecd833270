//! What happened in one run: a hash of everything that can be observed, a timeline for people, and the laws that were broken.

use std::{
    collections::BTreeMap,
    fmt,
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::time::Instant;

/// Lines of the timeline that are kept. A run has some hundred.
const LINES_MAX: usize = 5000;
/// Broken laws that are kept: the first is the cause of most others.
const BROKEN_MAX: usize = 5;

/// The journal of one run. Clones are the same.
#[derive(Clone, Debug)]
pub(super) struct Journal(Arc<Mutex<Entries>>);

#[derive(Debug)]
struct Entries {
    start: Instant,
    /// Of ticks.
    hash: DefaultHasher,
    /// Of the timeline: a sum, because its lines have no order within a moment.
    notes: u64,
    /// Of what each connection sent. Each has its own, because no client can see which of two connections is first in one moment:
    /// tokio wakes those that wait for the server's end in a random order.
    sent: BTreeMap<u64, DefaultHasher>,
    lines: Vec<String>,
    broken: Vec<String>,
}

/// What is left of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Entry {
    /// Of everything.
    pub(super) hash: u64,
    /// Of what each connection sent.
    pub(super) sent: Vec<(u64, u64)>,
    pub(super) lines: Vec<String>,
    pub(super) broken: Vec<String>,
}

impl Journal {
    /// Begins now.
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new(Entries {
            start: Instant::now(),
            hash: DefaultHasher::new(),
            notes: 0,
            sent: BTreeMap::new(),
            lines: Vec::new(),
            broken: Vec::new(),
        })))
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Milliseconds since the beginning.
    pub(super) fn now_ms(&self) -> f64 {
        self.entries().start.elapsed().as_secs_f64() * 1000.0
    }

    /// A connection sends these bytes to its client.
    pub(super) fn sent(&self, connection: u64, bytes: &[u8]) {
        let mut entries = self.entries();
        let at = entries.now_us();
        let hash = entries.sent.entry(connection).or_default();
        at.hash(hash);
        hash.write(bytes);
    }

    /// The world after a tick.
    pub(super) fn ticked(&self, tick: u32, checksum: u64) {
        let mut entries = self.entries();
        let at = entries.now_us();
        (at, tick, checksum).hash(&mut entries.hash);
    }

    /// Something that belongs on the timeline.
    pub(super) fn note(&self, what: fmt::Arguments<'_>) {
        let mut entries = self.entries();
        let at = entries.now_us();
        let line = format!("{:>7}.{:03} s  {what}", at / 1_000_000, at / 1000 % 1000);
        let mut hash = DefaultHasher::new();
        line.hash(&mut hash);
        entries.notes = entries.notes.wrapping_add(hash.finish());
        if entries.lines.len() < LINES_MAX {
            entries.lines.push(line);
        }
    }

    /// A law is broken.
    pub(super) fn broken(&self, law: &str, how: fmt::Arguments<'_>) {
        self.note(format_args!("BROKEN {law}: {how}"));
        let mut entries = self.entries();
        if entries.broken.len() < BROKEN_MAX {
            entries.broken.push(format!("{law}: {how}"));
        }
    }

    /// Whether a law was broken: the run can end.
    pub(super) fn is_broken(&self) -> bool {
        !self.entries().broken.is_empty()
    }

    /// What there is by now.
    pub(super) fn entry(&self) -> Entry {
        let entries = self.entries();
        let sent: Vec<_> = entries.sent.iter().map(|(number, hash)| (*number, hash.finish())).collect();
        let mut hash = entries.hash.clone();
        (&sent, entries.notes).hash(&mut hash);
        Entry { hash: hash.finish(), sent, lines: entries.lines.clone(), broken: entries.broken.clone() }
    }
}

impl Entries {
    /// Microseconds since the beginning.
    fn now_us(&self) -> u64 {
        self.start.elapsed().as_micros() as u64
    }
}
