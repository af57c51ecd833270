//! The threads of the network side: how many, and how they rest between two bursts of work. Must not know what the
//! work is.

use std::{io, num::NonZeroUsize, thread, time::Duration};

use tokio::runtime::{Builder, Runtime};

use crate::engine::notifier::Notifier;

/// How long a worker that has nothing to do rests before it asks the kernel for announcements, unless the notifier rings.
///
/// Inputs come one by one, and to wake up for each costs more than to take it in. After a rest there are many of them,
/// and all are taken in at once. Nobody waits longer for that: the notifier rings shortly before each tick, so that what
/// came in time is taken in in time, and again when there are frames to send. Only what is no game, the site, is later
/// by half of this on average.
const REST: Duration = Duration::from_millis(4);

/// How many threads there are unless somebody says otherwise: one core is the simulation's. A second worker on two
/// cores only takes the core from the simulation: 22.8 µs a player and tick with two, 21.3 with one; and at three
/// thousand players the frame gap's p99 is twice as long with two.
pub fn default_workers() -> usize {
    thread::available_parallelism().map_or(1, NonZeroUsize::get).saturating_sub(1).max(1)
}

/// A runtime for [`super::serve`]. Its threads rest until `notifier` rings, or a little while.
pub fn runtime(workers: usize, notifier: Notifier) -> io::Result<Runtime> {
    Builder::new_multi_thread()
        .worker_threads(workers)
        .thread_name("network")
        .on_thread_park(move || notifier.park(REST))
        .enable_all()
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_to_a_resting_worker_is_done() {
        let runtime = runtime(1, Notifier::default()).expect("a runtime");
        for round in 0..20 {
            // At all moments of its rest.
            thread::sleep(Duration::from_micros(137 * round));
            let task = runtime.spawn(async move { round });
            assert_eq!(runtime.block_on(task).ok(), Some(round));
        }
    }
}
