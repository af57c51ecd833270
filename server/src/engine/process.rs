//! The process: its limit of open files, and what it uses, under the names that Prometheus clients have agreed on. A figure that
//! the system does not provide is left out: all but processor time and the start need `/proc` as Linux has it.

use std::{
    fs, io,
    sync::OnceLock,
    thread,
    time::{SystemTime, UNIX_EPOCH},
};

use rustix::{
    param::page_size,
    process::{Resource, Rlimit, getrlimit, setrlimit},
    time::{ClockId, clock_gettime},
};

/// Files that are open besides the sockets: the log, timers, the listener.
const FILES_SPARE: u64 = 64;

/// One figure, and how `/metrics` shows it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figure {
    /// Its whole name.
    pub name: &'static str,
    /// `counter` or `gauge`.
    pub kind: &'static str,
    /// One sentence.
    pub help: &'static str,
    /// Now.
    pub value: f64,
}

/// All figures that this system tells.
pub fn figures() -> impl Iterator<Item = Figure> {
    let gauge = |name, help, value| Some(Figure { name, kind: "gauge", help, value });
    [
        Some(Figure {
            name: "process_cpu_seconds_total",
            kind: "counter",
            help: "Processor time of all threads, in and out of the kernel.",
            value: cpu_seconds(),
        }),
        gauge("process_start_time_seconds", "When the process started, in Unix time.", start_seconds()),
        resident_bytes().ok().and_then(|bytes| {
            gauge("process_resident_memory_bytes", "Memory that is resident.", bytes as f64)
        }),
        open_files().ok().and_then(|count| gauge("process_open_fds", "Open files.", count as f64)),
        getrlimit(Resource::Nofile)
            .current
            .and_then(|most| gauge("process_max_fds", "Most files that may be open.", most as f64)),
    ]
    .into_iter()
    .flatten()
}

fn cpu_seconds() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

/// The first call is taken for the start of the process, which is milliseconds before it.
pub fn start_seconds() -> f64 {
    static START: OnceLock<f64> = OnceLock::new();
    *START.get_or_init(|| SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64())
}

fn resident_bytes() -> io::Result<u64> {
    let pages = fs::read_to_string("/proc/self/statm")?;
    let resident = pages.split_ascii_whitespace().nth(1).and_then(|pages| pages.parse::<u64>().ok());
    resident.map(|pages| pages * page_size() as u64).ok_or_else(|| io::ErrorKind::InvalidData.into())
}

fn open_files() -> io::Result<usize> {
    // The folder that is being read is open too.
    Ok(fs::read_dir("/proc/self/fd")?.count().saturating_sub(1))
}

/// Raises the limit of open files: each socket is one, and the usual limit is 1024.
pub fn allow_open_files(sockets: usize) {
    let wanted = sockets as u64 + FILES_SPARE;
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let is_raised = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }).is_ok();
    // `None` is no limit.
    let limit = if is_raised { maximum } else { current };
    if let Some(limit) = limit.filter(|limit| *limit < wanted) {
        tracing::warn!(
            "only {limit} files may be open, too few for {sockets} sockets: \
             raise the limit with `ulimit -n {wanted}`, or lower --max-players"
        );
    }
}

/// Tries whether this process may have `count` more threads, by starting them. Libraries that need one later can only panic.
///
/// # Errors
/// If the system starts fewer.
pub fn try_threads(count: usize) -> io::Result<()> {
    let (stop, stopped) = crossbeam_channel::bounded::<()>(0);
    let started: io::Result<Vec<_>> = (0..count)
        .map(|_| {
            let stopped = stopped.clone();
            // An error means that the other end is gone.
            thread::Builder::new().spawn(move || _ = stopped.recv())
        })
        .collect();
    drop(stop);
    started.map(|threads| threads.into_iter().for_each(|thread| _ = thread.join()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_shows_in_processor_time() {
        let before = cpu_seconds();
        let sum = (0..3_000_000_u64).fold(0, |sum: u64, i| sum.wrapping_add(i * i));
        assert!(cpu_seconds() > before, "{sum}");
    }

    #[test]
    fn figures_have_the_conventional_names() {
        let figures: Vec<_> = figures().collect();
        let value = |name| figures.iter().find(|figure| figure.name == name).map(|figure| figure.value);
        assert!(value("process_start_time_seconds").is_some_and(|seconds| seconds > 1_577_836_800.0));
        if cfg!(target_os = "linux") {
            assert!(value("process_resident_memory_bytes").is_some_and(|bytes| bytes > f64::from(1 << 20)));
            let open = value("process_open_fds").expect("Linux tells it");
            assert!(open >= 3.0 && value("process_max_fds").is_none_or(|most| most >= open));
        }
    }
}
