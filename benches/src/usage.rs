//! CPU and memory of a process, and how busy the whole machine is.

use std::{fs, thread};

use rustix::time::{ClockId, clock_gettime};
use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System};

/// Of one process, all its threads together.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Usage {
    /// Since it began, in user and kernel mode; to a hundredth of a second on Linux.
    pub cpu_seconds: f64,
    pub rss_bytes: u64,
}

/// CPU time of this process so far, of all threads in user and kernel mode; to the nanosecond.
pub fn own_cpu_seconds() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

#[derive(Debug)]
pub struct Meter {
    /// None on a system that does not report it.
    system: Option<System>,
    pid: Pid,
}

impl Meter {
    pub fn of(pid: u32) -> Self {
        Self { system: System::new().ok(), pid: Pid::from_u32(pid) }
    }

    /// None if the process has ended or cannot be seen.
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

/// Time of all cores since the machine began, in ticks of its clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Busy {
    /// In which something ran on this machine or, if it is a virtual one, on its host.
    busy: u64,
    total: u64,
}

impl Busy {
    /// None where the system does not report it.
    pub fn now() -> Option<Self> {
        Self::of_stat(&fs::read_to_string("/proc/stat").ok()?)
    }

    /// The average number of busy cores since `before`; none if no time has passed.
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
        // Time of guests is part of user and nice.
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
    fn work_takes_cpu_time() {
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
    fn missing_process_has_no_usage() {
        assert_eq!(Meter::of(u32::MAX / 2).read(), None);
    }

    #[test]
    fn everything_but_idle_and_iowait_is_busy() {
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
