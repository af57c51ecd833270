//! What a process, or this one, has used of the machine so far, and how busy the machine is in all. It must not know what the process does.

use std::{fs, thread};

use rustix::time::{ClockId, clock_gettime};
use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System};

/// CPU and memory of one process, all its threads together.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Usage {
    /// Since it began, in user and kernel mode together; to a hundredth of a second on Linux.
    pub cpu_seconds: f64,
    /// Memory it has in use now.
    pub rss_bytes: u64,
}

/// CPU time of this process so far, in seconds: all threads, in the program and in the kernel for it; to the nanosecond.
pub fn own_cpu_seconds() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
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

/// Time of all cores together since the machine began, in ticks of its clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Busy {
    /// In which something ran, on this machine or, if it is a virtual one, beside it.
    busy: u64,
    /// All there was.
    total: u64,
}

impl Busy {
    /// Until now; none where the system does not tell.
    pub fn now() -> Option<Self> {
        Self::of_stat(&fs::read_to_string("/proc/stat").ok()?)
    }

    /// How many cores were busy since `before`, on average; none if no time has passed.
    pub fn cores_since(self, before: Self) -> Option<f64> {
        let cores = thread::available_parallelism().ok()?.get() as f64;
        let total = self.total.checked_sub(before.total).filter(|&total| total > 0)?;
        Some(cores * self.busy.saturating_sub(before.busy) as f64 / total as f64)
    }

    /// From Linux's `/proc/stat`, whose first line is `cpu user nice system idle iowait irq softirq steal guest …`.
    fn of_stat(text: &str) -> Option<Self> {
        let mut words = text.lines().next()?.split_ascii_whitespace();
        if words.next() != Some("cpu") {
            return None;
        }
        // What guests took is in user and nice already.
        let times: Vec<u64> = words.take(8).map(str::parse).collect::<Result<_, _>>().ok()?;
        let idle = times.get(3)? + times.get(4)?;
        let total = times.iter().sum();
        Some(Self { busy: total - idle, total })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_shows_as_cpu_time_and_never_less() {
        let mut meter = Meter::of(std::process::id());
        let own_before = own_cpu_seconds();
        let before = meter.read().expect("this process lives");
        let mut sum = 0_u64;
        // Bounded by work, not by time: some tenths of a second of any machine.
        for number in 0..60_000_000_u64 {
            sum = std::hint::black_box(sum.wrapping_mul(31).wrapping_add(number));
        }
        let after = meter.read().expect("this process lives");
        assert!(after.cpu_seconds > before.cpu_seconds, "{before:?} {after:?} {sum}");
        assert!(own_cpu_seconds() > own_before);
        assert!(after.rss_bytes > 100_000, "{after:?}");
    }

    #[test]
    fn a_process_that_is_not_there_has_no_usage() {
        assert_eq!(Meter::of(u32::MAX / 2).read(), None);
    }

    #[test]
    fn all_but_idle_and_waiting_is_busy() {
        let stat = |line: &str| Busy::of_stat(&format!("{line}\ncpu0 1 1 1 1 1 1 1 1 1 1\nintr 5\n"));
        let before = stat("cpu  100 0 50 800 50 0 0 0 7 7").unwrap();
        assert_eq!(before, Busy { busy: 150, total: 1000 });
        let after = stat("cpu  150 0 50 850 50 0 0 0 9 9").unwrap();
        let cores = thread::available_parallelism().unwrap().get() as f64;
        assert_eq!(after.cores_since(before), Some(cores / 2.0));
        assert_eq!(after.cores_since(after), None);
        for bad in ["", "cpu", "cpu 1 2 x 4 5 6 7 8", "cpu0 1 2 3 4 5 6 7 8"] {
            assert_eq!(stat(bad), None, "{bad}");
        }
    }
}
