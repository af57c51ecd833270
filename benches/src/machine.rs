//! Where and when a measurement was made: without that, figures of two measurements cannot be compared.

use std::{fmt, process::Command, thread, time::SystemTime};

use serde::Serialize;
use sysinfo::{CpuRefreshKind, MemoryRefreshKind, RefreshKind, System};

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
}
