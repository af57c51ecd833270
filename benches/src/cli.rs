//! What the programs of this package have in common: values of flags, open files, signals, what they print and write, and
//! exit codes. A closed or full output neither ends nor delays them. A wrong command line ends with 2 (clap's own), a failure at run time with 1.

use std::{
    fmt,
    io::{self, Write},
    ops::RangeInclusive,
    panic,
    path::Path,
    process::ExitCode,
    sync::{Arc, OnceLock, atomic::AtomicBool},
    time::Duration,
};

use server::engine::log::LogQueue;

use signal_hook::{
    consts::{SIGINT, SIGTERM},
    flag,
};

/// Files that are open besides the sockets.
const OTHER_FILES: u64 = 64;

/// For the last lines on standard error.
const LAST_LINES: Duration = Duration::from_millis(500);

/// Runs the program, and prints its error as one line behind its name. Panics are printed without waiting for a reader that does
/// not read.
pub fn exit<E: fmt::Display>(program: &str, run: impl FnOnce() -> Result<ExitCode, E>) -> ExitCode {
    panic::set_hook(Box::new(|panic| {
        note(panic);
        // It may end the process.
        flush_notes();
    }));
    let code = run().unwrap_or_else(|error| {
        note(format_args!("{program}: {error}"));
        ExitCode::FAILURE
    });
    flush_notes();
    code
}

fn flush_notes() {
    if let Some(queue) = notes() {
        queue.flush(LAST_LINES);
    }
}

/// Prints a result to standard output, and waits until it is taken. A closed output is no error.
pub fn print(text: impl fmt::Display) {
    let mut output = io::stdout();
    let _ = write!(output, "{text}").and_then(|()| output.flush());
}

/// Prints a line to standard error without waiting until it is taken.
pub fn note(line: impl fmt::Display) {
    if let Some(mut queue) = notes().cloned() {
        let _ = queue.write_all(format!("{line}\n").as_bytes());
    }
}

fn notes() -> Option<&'static LogQueue> {
    static NOTES: OnceLock<Option<LogQueue>> = OnceLock::new();
    NOTES.get_or_init(|| LogQueue::start(io::stderr()).ok()).as_ref()
}

/// Reads a number for a flag.
///
/// # Errors
/// If the text is no number in the range.
pub fn number(text: &str, range: RangeInclusive<f64>) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number| range.contains(number));
    number.ok_or_else(|| format!("write a number from {} to {}", range.start(), range.end()))
}

/// Raises the limit of open files to what this number of sockets needs, or to the system's maximum.
///
/// # Errors
/// If the limit stays too low for this number of sockets.
pub fn allow_sockets(sockets: u64) -> Result<(), String> {
    let wanted = sockets + OTHER_FILES;
    let limit = rlimit::increase_nofile_limit(wanted)
        .map_err(|error| format!("cannot raise the limit of open files: {error}"))?;
    if limit < wanted {
        return Err(format!(
            "only {limit} files may be open, and {sockets} sockets are needed: raise the limit with \
             `ulimit -n {wanted}`"
        ));
    }
    Ok(())
}

/// A flag that turns true with SIGTERM or ctrl-c.
///
/// # Errors
/// If the system allows no handler.
pub fn stop_signal() -> Result<Arc<AtomicBool>, String> {
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [SIGTERM, SIGINT] {
        flag::register(signal, Arc::clone(&stop))
            .map_err(|error| format!("cannot wait for signals: {error}"))?;
    }
    Ok(stop)
}

/// # Errors
/// If the file cannot be written; the text names it.
pub fn write(file: &Path, text: &str) -> Result<(), String> {
    std::fs::write(file, text).map_err(|error| format!("cannot write {}: {error}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn number_outside_its_range_is_refused_with_the_range() {
        assert_eq!(number("2.5", 0.5..=120.0), Ok(2.5));
        for text in ["", "x", "NaN", "0.4", "121"] {
            assert_eq!(number(text, 0.5..=120.0), Err("write a number from 0.5 to 120".to_owned()));
        }
    }

    #[test]
    fn more_sockets_than_the_system_allows_is_an_error() {
        assert_eq!(allow_sockets(1), Ok(()));
        assert!(allow_sockets(1 << 40).unwrap_err().contains("ulimit -n"));
    }
}
