//! What a process has used of the machine so far, asked of the system from outside. It must not know what the
//! process does.

use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System};

/// CPU and memory of one process, all its threads together.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Usage {
    /// Since it began, in user and kernel mode together; to a hundredth of a second on Linux.
    pub cpu_seconds: f64,
    /// Memory it has in use now.
    pub rss_bytes: u64,
}

/// Reads one process's usage again and again.
#[derive(Debug)]
pub struct Meter {
    /// None on a system that cannot be asked.
    system: Option<System>,
    pid: Pid,
}

impl Meter {
    /// Of the process with this id.
    pub fn of(pid: u32) -> Self {
        Self { system: System::new().ok(), pid: Pid::from_u32(pid) }
    }

    /// Of this process.
    pub fn own() -> Self {
        Self::of(std::process::id())
    }

    /// What it has used until now; none if it has ended, or cannot be seen.
    pub fn read(&mut self) -> Option<Usage> {
        let what = ProcessRefreshKind::nothing().with_cpu().with_memory();
        let system = self.system.as_mut()?;
        system.refresh_processes_specifics(ProcessesToUpdate::Some(&[self.pid]), true, what);
        let process = system.process(self.pid)?;
        Some(Usage {
            cpu_seconds: process.accumulated_cpu_time() as f64 / 1000.0,
            rss_bytes: process.memory(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_shows_as_cpu_time_and_never_less() {
        let mut meter = Meter::own();
        let before = meter.read().expect("this process lives");
        let mut sum = 0_u64;
        // Bounded by work, not by time: some tenths of a second of any machine.
        for number in 0..60_000_000_u64 {
            sum = std::hint::black_box(sum.wrapping_mul(31).wrapping_add(number));
        }
        let after = meter.read().expect("this process lives");
        assert!(after.cpu_seconds > before.cpu_seconds, "{before:?} {after:?} {sum}");
        assert!(after.rss_bytes > 100_000, "{after:?}");
    }

    #[test]
    fn a_process_that_is_not_there_has_no_usage() {
        assert_eq!(Meter::of(u32::MAX / 2).read(), None);
    }
}
