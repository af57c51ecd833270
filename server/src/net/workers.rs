//! The threads of the network side: how many, and how they rest between two bursts of work. Must not know what the
//! work is.

use std::{io, num::NonZeroUsize, thread, time::Duration};

use tokio::runtime::{Builder, Runtime};

/// How long a worker that has nothing to do sleeps before it asks the kernel for news.
///
/// Inputs come one by one, and to wake up for each costs more than to take it in. After a nap there are some of them,
/// and all are taken in at once; and a worker that naps need not be woken when the simulation publishes. Both inputs and
/// frames are late by half of this on average. A thousand players spread at 20 Hz cost 21.3 µs a player and tick
/// without a nap, 19.6 with 0.5 ms, 17.1 with 1 ms, 16.9 with 2 ms; each one run, in which such figures vary by 1.5.
const NAP: Duration = Duration::from_millis(1);

/// How many threads there are unless somebody says otherwise: one core is the simulation's. A second worker on two
/// cores only takes the core from the simulation: 22.8 µs a player and tick with two, 21.3 with one; and at three
/// thousand players the frame gap's p99 is twice as long with two.
pub fn default_workers() -> usize {
    thread::available_parallelism().map_or(1, NonZeroUsize::get).saturating_sub(1).max(1)
}

/// A runtime for [`super::serve`].
pub fn runtime(workers: usize) -> io::Result<Runtime> {
    Builder::new_multi_thread()
        .worker_threads(workers)
        .thread_name("network")
        .on_thread_park(|| thread::sleep(NAP))
        .enable_all()
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_to_a_resting_worker_is_done() {
        let runtime = runtime(1).expect("a runtime");
        for round in 0..20 {
            // At all moments of its rest.
            thread::sleep(Duration::from_micros(137 * round));
            let task = runtime.spawn(async move { round });
            assert_eq!(runtime.block_on(task).ok(), Some(round));
        }
    }
}
