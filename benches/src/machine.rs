//! The machine that a measurement was made on, and what a process on it has used.

use std::{
    fmt, fs,
    process::Command,
    thread,
    time::{Instant, SystemTime},
};

use rustix::time::{ClockId, clock_gettime};
use serde::Serialize;
use sysinfo::{
    CpuRefreshKind, MemoryRefreshKind, Pid, ProcessRefreshKind, ProcessesToUpdate, RefreshKind, System,
};

/// Where and when a measurement was made: without that, figures of two measurements cannot be compared.
///
/// What cannot be found out is empty or 0.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Machine {
    /// Cores that this process may use.
    pub cores: usize,
    pub cpu: String,
    pub kernel: String,
    pub memory_bytes: u64,
    /// In UTC.
    pub date: String,
    /// Of the sources in the current folder, followed by `+` if they have changed since.
    pub commit: String,
}

impl Machine {
    pub fn here() -> Self {
        let what = RefreshKind::nothing()
            .with_cpu(CpuRefreshKind::nothing())
            .with_memory(MemoryRefreshKind::nothing().with_ram());
        let system = System::new_with_specifics(what).ok();
        let cpu =
            system.as_ref().and_then(|system| system.cpus().first()).map(|cpu| cpu.brand().trim().to_owned());
        let date = humantime::format_rfc3339_seconds(SystemTime::now()).to_string();
        Self {
            cores: thread::available_parallelism().map_or(0, usize::from),
            cpu: cpu.unwrap_or_default(),
            kernel: System::kernel_version().unwrap_or_default(),
            memory_bytes: system.map_or(0, |system| system.total_memory()),
            date: date.split('T').next().unwrap_or_default().to_owned(),
            commit: commit().unwrap_or_default(),
        }
    }
}

fn commit() -> Option<String> {
    let git = |args: &[&str]| {
        let output = Command::new("git").args(args).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let hash = git(&["rev-parse", "--short=10", "HEAD"])?;
    let changed =
        git(&["status", "--porcelain", "--untracked-files=no"]).is_some_and(|files| !files.is_empty());
    Some(if changed { hash + "+" } else { hash })
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = |text: &str| if text.is_empty() { "unknown".to_owned() } else { text.to_owned() };
        write!(
            f,
            "{} cores of {}, kernel {}, {:.0} GB memory, {}, commit {}",
            self.cores,
            known(&self.cpu),
            known(&self.kernel),
            self.memory_bytes as f64 / 1e9,
            self.date,
            known(&self.commit)
        )
    }
}

/// CPU time of this process so far, of all threads in user and kernel mode; to the nanosecond.
pub fn own_cpu_seconds() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

/// What a process, all its threads together, and the machine have used up to a moment.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    at: Instant,
    /// In user and kernel mode; to a hundredth of a second on Linux.
    cpu_seconds: f64,
    pub rss_bytes: u64,
    busy: Option<Busy>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Used {
    pub cpu_seconds: f64,
    pub seconds: f64,
    pub rss_bytes_before: u64,
    pub rss_bytes_after: u64,
    /// Cores of the machine that were busy with any process. None where the system does not report it.
    pub machine_cores: Option<f64>,
}

impl Sample {
    /// None if the process has ended or cannot be seen.
    pub fn of(pid: u32) -> Option<Self> {
        let (pid, what) = (Pid::from_u32(pid), ProcessRefreshKind::nothing().with_cpu().with_memory());
        let mut system = System::new().ok()?;
        system.refresh_processes_specifics(ProcessesToUpdate::Some(&[pid]), true, what);
        let process = system.process(pid)?;
        Some(Self {
            at: Instant::now(),
            cpu_seconds: process.accumulated_cpu_time() as f64 / 1000.0,
            rss_bytes: process.memory(),
            busy: Busy::now(),
        })
    }

    pub fn since(self, before: Self) -> Used {
        Used {
            cpu_seconds: self.cpu_seconds - before.cpu_seconds,
            seconds: (self.at - before.at).as_secs_f64(),
            rss_bytes_before: before.rss_bytes,
            rss_bytes_after: self.rss_bytes,
            machine_cores: self.busy.zip(before.busy).and_then(|(after, before)| after.cores_since(before)),
        }
    }
}

/// Time of all cores since the machine began, in ticks of its clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Busy {
    /// In which something ran on this machine or, if it is a virtual one, on its host.
    busy: u64,
    total: u64,
    /// Of the machine: this process may be allowed fewer.
    cores: usize,
}

impl Busy {
    /// None where the system does not report it.
    fn now() -> Option<Self> {
        Self::of_stat(&fs::read_to_string("/proc/stat").ok()?)
    }

    /// The average number of busy cores since `before`; none if no time has passed.
    fn cores_since(self, before: Self) -> Option<f64> {
        let total = self.total.checked_sub(before.total).filter(|&total| total > 0)?;
        Some(self.cores as f64 * self.busy.saturating_sub(before.busy) as f64 / total as f64)
    }

    /// From Linux's `/proc/stat`: its first line is `cpu user nice system idle iowait irq softirq steal guest …`, and each core
    /// has a line `cpuN …`.
    fn of_stat(text: &str) -> Option<Self> {
        let mut words = text.lines().next()?.split_ascii_whitespace();
        if words.next() != Some("cpu") {
            return None;
        }
        // Time of guests is part of user and nice.
        let times: Vec<u64> = words.take(8).map(str::parse).collect::<Result<_, _>>().ok()?;
        let idle = times.get(3)? + times.get(4)?;
        let total = times.iter().sum();
        let is_core = |line: &&str| {
            line.strip_prefix("cpu").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
        };
        Some(Self { busy: total - idle, total, cores: text.lines().filter(is_core).count() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_is_described_in_one_line() {
        let machine = Machine::here();
        assert!(machine.cores > 0 && machine.memory_bytes > 0, "{machine:?}");
        assert_eq!(machine.date.len(), "2026-01-31".len());
        let line = machine.to_string();
        assert!(line.contains("cores") && !line.contains('\n'), "{line}");
    }

    #[test]
    fn work_takes_cpu_time() {
        let (own_before, before) = (own_cpu_seconds(), Sample::of(std::process::id()).expect("it lives"));
        let mut sum = 0_u64;
        // Bounded by work, not by time: some tenths of a second of any machine.
        for number in 0..60_000_000_u64 {
            sum = std::hint::black_box(sum.wrapping_mul(31).wrapping_add(number));
        }
        let used = Sample::of(std::process::id()).expect("it lives").since(before);
        assert!(
            used.cpu_seconds > 0.0 && used.seconds > 0.0 && own_cpu_seconds() > own_before,
            "{used:?} {sum}"
        );
        assert!(used.rss_bytes_before.min(used.rss_bytes_after) > 100_000, "{used:?}");
    }

    #[test]
    fn missing_process_has_no_usage() {
        assert!(Sample::of(u32::MAX / 2).is_none());
    }

    #[test]
    fn everything_but_idle_and_iowait_is_busy() {
        let stat = |line: &str| Busy::of_stat(&format!("{line}\ncpu0 1 1 1 1 1 1 1 1 1 1\nintr 5\n"));
        let before = stat("cpu  100 0 50 800 50 0 0 0 7 7").unwrap();
        assert_eq!(before, Busy { busy: 150, total: 1000, cores: 1 });
        let after = stat("cpu  150 0 50 850 50 0 0 0 9 9").unwrap();
        assert_eq!(after.cores_since(before), Some(0.5));
        assert_eq!(after.cores_since(after), None);
        for bad in ["", "cpu", "cpu 1 2 x 4 5 6 7 8", "cpu0 1 2 3 4 5 6 7 8"] {
            assert_eq!(stat(bad), None, "{bad}");
        }
    }
}
