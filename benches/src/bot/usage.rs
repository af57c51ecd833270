//! What the bots' own process costs. On a machine that they share with the server, that is what they take from it.

use rustix::time::{ClockId, clock_gettime};

/// CPU time of this process so far, in seconds: all threads, in the program and in the kernel for it.
pub(super) fn cpu_seconds() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_takes_time() {
        let before = cpu_seconds();
        let sum = (0..2_000_000_u64).fold(0, |sum: u64, n| std::hint::black_box(sum.wrapping_add(n * n)));
        assert!(sum > 0 && cpu_seconds() > before);
    }
}
