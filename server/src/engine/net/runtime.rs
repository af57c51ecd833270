//! The threads of the network side: how many there are, and how they park between two bursts of work.

use std::{io, num::NonZeroUsize, thread, time::Duration};

use tokio::runtime::{Builder, Runtime};

use crate::engine::notifier::Notifier;

/// How long an idle worker parks before it asks the kernel for events, unless the notifier wakes it.
///
/// Inputs arrive one by one, and a wake-up for each costs more than handling it; after a park a worker handles many at
/// once. This delays no player: the notifier wakes workers shortly before each tick, so inputs that arrived in time are
/// handled in time, and again when there are frames to send. Only plain HTTP waits, half of this on average.
const PARK: Duration = Duration::from_millis(4);

/// The default number of workers: one core is left to the simulation. On two cores a second worker only takes the core
/// from the simulation: 22.8 µs a player and tick with two workers, 21.3 with one; and at 3,000 players the frame gap's
/// p99 doubles.
pub fn default_workers() -> usize {
    thread::available_parallelism().map_or(1, NonZeroUsize::get).saturating_sub(1).max(1)
}

/// A runtime for [`super::serve`]. Idle workers park until `notifier` wakes them, or for 4 ms.
pub fn runtime(workers: usize, notifier: Notifier) -> io::Result<Runtime> {
    Builder::new_multi_thread()
        .worker_threads(workers)
        .thread_name("network")
        .on_thread_park(move || notifier.park(PARK))
        .enable_all()
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parked_worker_runs_a_task_that_is_spawned_at_any_moment() {
        let runtime = runtime(1, Notifier::default()).expect("a runtime");
        for round in 0..20 {
            // Not a wait: it moves the spawn through the phases of a park.
            thread::sleep(Duration::from_micros(137 * round));
            let task = runtime.spawn(async move { round });
            assert_eq!(runtime.block_on(task).ok(), Some(round));
        }
    }
}
