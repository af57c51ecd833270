//! Other programs as processes: what they print goes to a file and is read line by line, waiting for them is bounded, and
//! none outlives its [`Process`].

use std::{
    fs::File,
    io::{self, Read},
    mem,
    net::SocketAddr,
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

/// Lines that explain how a program ended.
const LAST_LINES: usize = 8;
/// How often a program is checked.
pub(super) const CHECK_EVERY: Duration = Duration::from_millis(20);

#[derive(Debug, thiserror::Error)]
pub enum ProcessError {
    #[error("cannot start {name}: {error}")]
    Start { name: String, error: io::Error },
    #[error("{name} ended early ({status}): {last_lines}")]
    Ended { name: String, status: ExitStatus, last_lines: String },
    #[error("{name} took more than {seconds} s {doing}")]
    Slow { name: String, seconds: u64, doing: &'static str },
    #[error("cannot check {name}: {error}")]
    Lost { name: String, error: io::Error },
    /// The whole measurement is to end.
    #[error("stopped")]
    Stopped,
}

/// A running program. It is killed, by its own id, when this is dropped.
#[derive(Debug)]
pub struct Process {
    name: String,
    child: Child,
    printed: File,
    lines: Vec<String>,
    /// The beginning of a line that is not whole yet.
    part: Vec<u8>,
}

impl Process {
    /// Starts the program with both of its outputs in the file `printed`.
    pub fn start(name: &str, command: &mut Command, printed: &Path) -> Result<Self, ProcessError> {
        let mut start = || {
            let file = File::create(printed)?;
            let child = command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file).spawn()?;
            Ok((child, File::open(printed)?))
        };
        let (child, printed) =
            start().map_err(|error| ProcessError::Start { name: name.to_owned(), error })?;
        Ok(Self { name: name.to_owned(), child, printed, lines: Vec::new(), part: Vec::new() })
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The lines since the last call.
    pub fn lines(&mut self) -> &[String] {
        let before = self.lines.len();
        // What cannot be read now can be read later, or says nothing.
        let _ = self.printed.read_to_end(&mut self.part);
        if let Some(end) = self.part.iter().rposition(|byte| *byte == b'\n') {
            let rest = self.part.split_off(end + 1);
            let whole = mem::replace(&mut self.part, rest);
            self.lines.extend(String::from_utf8_lossy(&whole).lines().map(str::to_owned));
        }
        &self.lines[before..]
    }

    /// How it ended; none while it runs.
    pub fn status(&mut self) -> Result<Option<ExitStatus>, ProcessError> {
        self.child.try_wait().map_err(|error| ProcessError::Lost { name: self.name.clone(), error })
    }

    /// An error if it has ended.
    pub fn check_running(&mut self) -> Result<(), ProcessError> {
        let Some(status) = self.status()? else { return Ok(()) };
        Err(ProcessError::Ended { name: self.name.clone(), status, last_lines: self.last_lines() })
    }

    /// The last lines as one.
    pub fn last_lines(&mut self) -> String {
        self.lines();
        let last: Vec<_> = self.lines.iter().rev().filter(|line| !line.is_empty()).take(LAST_LINES).collect();
        let lines = last.into_iter().rev().cloned().collect::<Vec<_>>().join(" / ");
        if lines.is_empty() { "it printed nothing".to_owned() } else { lines }
    }

    pub(super) fn slow(&self, within: Duration, doing: &'static str) -> ProcessError {
        ProcessError::Slow { name: self.name.clone(), seconds: within.as_secs(), doing }
    }

    /// Waits until it prints where it listens: the first address with a port in its output.
    pub fn address(&mut self, within: Duration, stop: &AtomicBool) -> Result<SocketAddr, ProcessError> {
        let until = Instant::now() + within;
        while Instant::now() < until {
            if stop.load(Ordering::Relaxed) {
                return Err(ProcessError::Stopped);
            }
            if let Some(address) = self.lines().iter().find_map(|line| address_in(line)) {
                return Ok(address);
            }
            self.check_running()?;
            thread::sleep(CHECK_EVERY);
        }
        Err(self.slow(within, "to listen"))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Both fail if it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The first IP address with a port in a line.
fn address_in(line: &str) -> Option<SocketAddr> {
    line.split(|c: char| c.is_whitespace() || matches!(c, '/' | ',' | '=')).find_map(|word| word.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOON: Duration = Duration::from_secs(30);

    fn sh(name: &str, script: &str) -> Process {
        let printed = std::env::temp_dir().join(format!("emberdrift-{name}-{}.txt", std::process::id()));
        let process = Process::start("sh", Command::new("sh").args(["-c", script]), &printed);
        std::fs::remove_file(&printed).expect("the program prints there");
        process.expect("there is a shell")
    }

    #[test]
    fn address_is_found_in_log_lines() {
        let found = |line: &str| address_in(line).map(|address| address.to_string());
        assert_eq!(found("listening 127.0.0.1:4711").as_deref(), Some("127.0.0.1:4711"));
        let log =
            "2026-11-22T10:41:49Z  INFO server::run: open http://127.0.0.1:8080 to play arena=Drift seed=25";
        assert_eq!(found(log).as_deref(), Some("127.0.0.1:8080"));
        assert_eq!(found("open http://[::1]:80/x").as_deref(), Some("[::1]:80"));
        assert_eq!(found("INFO 12:30 nothing here"), None);
    }

    #[test]
    fn program_is_read_and_killed() {
        let stop = AtomicBool::new(false);
        let mut process = sh("killed", "echo hello; echo listening 127.0.0.1:9 >&2; exec sleep 60");
        assert_eq!(process.address(SOON, &stop).unwrap().port(), 9);
        process.check_running().unwrap();
        let began = Instant::now();
        drop(process);
        assert!(began.elapsed() < Duration::from_secs(50));
    }

    #[test]
    fn program_that_ends_early_is_quoted() {
        let stop = AtomicBool::new(false);
        let text =
            sh("early", "echo no such arena >&2; exit 3").address(SOON, &stop).unwrap_err().to_string();
        assert!(text.contains("no such arena") && text.contains("3"), "{text}");
        let missing = Path::new("/no/such/folder/printed");
        let missing = Process::start("nothing", &mut Command::new("true"), missing).unwrap_err();
        assert!(missing.to_string().starts_with("cannot start nothing"), "{missing}");
    }

    #[test]
    fn waiting_for_a_silent_program_ends() {
        let stop = AtomicBool::new(false);
        let error = sh("silent", "exec sleep 60").address(Duration::from_millis(50), &stop).unwrap_err();
        assert!(matches!(error, ProcessError::Slow { .. }), "{error}");
        stop.store(true, Ordering::Relaxed);
        let error = sh("stopped", "exec sleep 60").address(SOON, &stop).unwrap_err();
        assert!(matches!(error, ProcessError::Stopped), "{error}");
    }
}
