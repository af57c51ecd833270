//! Other programs as processes, without the user's settings for the server: what they print goes to a file and is read from
//! there, waiting for them is bounded, and none outlives its [`Process`]. Also the folders that they write to.

use std::{
    env,
    ffi::OsStr,
    fs::{self, File},
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

/// Lines that explain how a program ended.
const LAST_LINES: usize = 8;
/// How often a program is checked.
pub(crate) const CHECK_EVERY: Duration = Duration::from_millis(20);

#[derive(Debug, thiserror::Error)]
pub enum ProcessError {
    #[error("cannot run {name}: {error}")]
    Run { name: &'static str, error: io::Error },
    #[error("{name} ended early ({status}): {last_lines}")]
    Ended { name: &'static str, status: ExitStatus, last_lines: String },
    #[error("{name} took more than {seconds} s {doing}")]
    Slow { name: &'static str, seconds: u64, doing: &'static str },
    /// The whole measurement is to end.
    #[error("stopped")]
    Stopped,
}

/// A command without the variables that set the server's flags: a user's own must not change what is measured.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    for (variable, _) in env::vars_os() {
        if variable.to_string_lossy().starts_with("EMBERDRIFT_") {
            command.env_remove(variable);
        }
    }
    command
}

/// Removes a folder with all that is in it, if it is there.
pub fn remove_folder(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Makes an empty folder in the place of an earlier run's.
pub fn own_folder(folder: &Path) -> io::Result<()> {
    remove_folder(folder).and_then(|()| fs::create_dir_all(folder))
}

/// A running program. It is killed, by its own id, when this is dropped.
#[derive(Debug)]
pub struct Process {
    name: &'static str,
    child: Child,
    file: PathBuf,
}

impl Process {
    /// Starts the program with both of its outputs in `file`.
    pub fn start(name: &'static str, command: &mut Command, file: &Path) -> Result<Self, ProcessError> {
        let mut start = || {
            let output = File::create(file)?;
            command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output).spawn()
        };
        let child = start().map_err(|error| ProcessError::Run { name, error })?;
        Ok(Self { name, child, file: file.to_owned() })
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal. One to a process that has ended, as its status tells, does nothing.
    pub fn signal(&self, signal: Signal) {
        if let Some(id) = Pid::from_raw(self.id().cast_signed()) {
            let _ = kill_process(id, signal);
        }
    }

    /// The whole lines that it has printed so far.
    pub fn printed(&self) -> String {
        // What cannot be read now can be read later, or says nothing.
        let text = fs::read(&self.file).unwrap_or_default();
        let end = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        String::from_utf8_lossy(&text[..end]).into_owned()
    }

    /// How it ended; none while it runs.
    pub fn status(&mut self) -> Result<Option<ExitStatus>, ProcessError> {
        self.child.try_wait().map_err(|error| ProcessError::Run { name: self.name, error })
    }

    /// An error if it has ended.
    pub fn check_running(&mut self) -> Result<(), ProcessError> {
        let Some(status) = self.status()? else { return Ok(()) };
        Err(ProcessError::Ended { name: self.name, status, last_lines: self.last_lines() })
    }

    /// The last lines as one.
    pub fn last_lines(&self) -> String {
        let printed = self.printed();
        let lines: Vec<_> = printed.lines().filter(|line| !line.is_empty()).collect();
        let last = lines[lines.len().saturating_sub(LAST_LINES)..].join(" / ");
        if last.is_empty() { "it printed nothing".to_owned() } else { last }
    }

    pub(crate) fn slow(&self, within: Duration, doing: &'static str) -> ProcessError {
        ProcessError::Slow { name: self.name, seconds: within.as_secs(), doing }
    }

    /// Waits until it prints where it listens: the first address with a port in its output.
    pub fn address(&mut self, within: Duration, stop: &AtomicBool) -> Result<SocketAddr, ProcessError> {
        let until = Instant::now() + within;
        while Instant::now() < until {
            if stop.load(Ordering::Relaxed) {
                return Err(ProcessError::Stopped);
            }
            if let Some(address) = address_in(&self.printed()) {
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

/// The first IP address with a port in a text.
fn address_in(text: &str) -> Option<SocketAddr> {
    text.split(|c: char| c.is_whitespace() || matches!(c, '/' | ',' | '=')).find_map(|word| word.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOON: Duration = Duration::from_secs(30);

    /// The address that a script prints, within a time.
    fn address(name: &str, script: &str, within: Duration) -> Result<SocketAddr, ProcessError> {
        let file = std::env::temp_dir().join(format!("emberdrift-{name}-{}.txt", std::process::id()));
        let mut process = Process::start("sh", Command::new("sh").args(["-c", script]), &file)?;
        let address = process.address(within, &AtomicBool::new(false));
        fs::remove_file(&file).expect("the program prints there");
        address
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
        let began = Instant::now();
        let script = "echo hello; echo listening 127.0.0.1:9 >&2; exec sleep 60";
        assert_eq!(address("killed", script, SOON).unwrap().port(), 9);
        assert!(began.elapsed() < Duration::from_secs(50));
    }

    #[test]
    fn program_that_ends_early_is_quoted() {
        let text = address("early", "echo no such arena >&2; exit 3", SOON).unwrap_err().to_string();
        assert!(text.contains("no such arena") && text.contains("3"), "{text}");
        let missing = Path::new("/no/such/folder/printed");
        let missing = Process::start("nothing", &mut Command::new("true"), missing).unwrap_err();
        assert!(missing.to_string().starts_with("cannot run nothing"), "{missing}");
    }

    #[test]
    fn signal_ends_a_program_and_is_nothing_to_one_that_has_ended() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let mut sleep = command("sleep");
        let mut process = Process::start("sleep", sleep.arg("60"), file.path()).expect("it runs");
        process.signal(Signal::TERM);
        let until = Instant::now() + SOON;
        while process.status().expect("its status").is_none() {
            assert!(Instant::now() < until, "the signal did not arrive");
            thread::sleep(CHECK_EVERY);
        }
        process.signal(Signal::TERM);
        assert!(process.check_running().is_err());
    }

    #[test]
    fn command_has_no_settings_of_the_user() {
        // Of this process, which `cargo` gives some variables.
        let removed: Vec<_> =
            command("true").get_envs().map(|(name, value)| (name.to_owned(), value.is_none())).collect();
        let settings = env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("EMBERDRIFT_"));
        assert!(removed.iter().all(|(_, is_removed)| *is_removed));
        assert_eq!(removed.len(), settings.count());
    }

    #[test]
    fn folder_is_empty_again_and_may_be_missing() {
        let outer = tempfile::tempdir().expect("a folder");
        let folder = outer.path().join("a/b");
        for _ in 0..2 {
            own_folder(&folder).expect("it can be made");
            assert_eq!(fs::read_dir(&folder).expect("readable").count(), 0);
            fs::write(folder.join("file"), "").expect("writable");
        }
        remove_folder(&folder).expect("it can be removed");
        remove_folder(&folder).expect("it is gone already");
        fs::write(&folder, "").expect("writable");
        assert!(own_folder(&folder).is_err(), "a file is in the way");
    }

    #[test]
    fn waiting_for_a_silent_program_ends() {
        let error = address("silent", "exec sleep 60", Duration::from_millis(50)).unwrap_err();
        assert!(matches!(error, ProcessError::Slow { .. }), "{error}");
    }
}
