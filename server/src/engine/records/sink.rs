//! Where a simulation leaves records: a bounded queue that never makes it wait. What does not fit is counted.

use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender, bounded};

use super::record::{DETAILS_BYTES_MAX, Record};
use crate::engine::{
    metrics::Figure,
    telemetry::{Counter, Gauge},
};

/// Records that wait between the simulations and the task that writes, which looks ten times a second.
const QUEUE: usize = 8192;

/// What is counted of records, for `/metrics` and `/readyz`.
#[derive(Debug, Default)]
pub struct RecordCounters {
    /// Stored records.
    pub written_total: Counter,
    /// Records that were lost because too many waited, or because they were too long.
    pub dropped_total: Counter,
    /// Records that wait to be written.
    pub pending: Gauge,
    /// 1 while the database takes none.
    pub delayed: Gauge,
}

impl RecordCounters {
    /// What `/metrics` shows.
    pub(in crate::engine) fn figures(&self) -> [Figure; 4] {
        let Self { written_total, dropped_total, pending, delayed } = self;
        let dropped = "Records of players that were lost because too many waited.";
        [
            ("records_written_total", "counter", "Records of players that are stored.", written_total.get()),
            ("records_dropped_total", "counter", dropped, dropped_total.get()),
            ("records_pending", "gauge", "Records of players that wait to be stored.", pending.get()),
            ("records_delayed", "gauge", "1 while the database takes no records.", delayed.get()),
        ]
    }

    /// Whether the database takes no records.
    pub fn is_delayed(&self) -> bool {
        self.delayed.get() > 0
    }
}

/// The simulations' end of the queue. Clones are the same queue.
#[derive(Clone, Debug)]
pub struct RecordQueue {
    sender: Sender<Record>,
    counters: Arc<RecordCounters>,
}

impl RecordQueue {
    /// An empty queue, and the end of the task that writes.
    pub(in crate::engine) fn new(counters: Arc<RecordCounters>) -> (Self, Receiver<Record>) {
        let (sender, receiver) = bounded(QUEUE);
        (Self { sender, counters }, receiver)
    }

    /// Takes a record, or counts it as dropped. It is called in a tick, so it does not wait.
    pub fn offer(&self, record: Record) {
        let is_too_long = matches!(&record, Record::Run(run) if run.details.len() > DETAILS_BYTES_MAX);
        if is_too_long || self.sender.try_send(record).is_err() {
            self.counters.dropped_total.inc();
        }
    }
}
