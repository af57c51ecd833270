//! Other programs, run under a leash: their words are heard, their time is bounded, and none outlives its owner
//! here. It must not know what they are for.

use std::{
    collections::VecDeque,
    io::{self, BufRead, BufReader, Read},
    net::SocketAddr,
    process::{self, Command, ExitStatus, Stdio},
    sync::{
        atomic::{AtomicBool, Ordering},
        mpsc::{self, Receiver, SyncSender},
    },
    thread,
    time::{Duration, Instant},
};

/// Lines that wait to be looked at; more are dropped.
const LINES_WAITING: usize = 1024;
/// Lines kept to say how a program ended.
const LAST_WORDS: usize = 8;
/// The longest line that is heard to its end.
const LINE_BYTES: u64 = 4096;
/// How often a program is looked at.
pub(super) const LOOK_EVERY: Duration = Duration::from_millis(20);

/// What went wrong with a program.
#[derive(Debug, thiserror::Error)]
pub enum ChildError {
    /// It is not there, or may not run.
    #[error("cannot start {name}: {error}")]
    Start {
        /// Which.
        name: String,
        /// Why.
        error: io::Error,
    },
    /// It ended when it should not have.
    #[error("{name} ended early ({status}): {last_words}")]
    Ended {
        /// Which.
        name: String,
        /// How.
        status: ExitStatus,
        /// The last that it said.
        last_words: String,
    },
    /// It took too long.
    #[error("{name} took more than {seconds} s {doing}")]
    Slow {
        /// Which.
        name: String,
        /// How long it was given.
        seconds: u64,
        /// For what.
        doing: &'static str,
    },
    /// It cannot be asked how it stands.
    #[error("cannot look after {name}: {error}")]
    Lost {
        /// Which.
        name: String,
        /// Why.
        error: io::Error,
    },
    /// The whole measurement is to end.
    #[error("stopped")]
    Stopped,
}

/// What a program said.
#[derive(Clone, Debug)]
pub struct Line {
    /// When it was heard.
    pub at: Instant,
    /// Without its end.
    pub text: String,
}

/// A running program. It is killed, by its own id, when this is dropped.
#[derive(Debug)]
pub struct Child {
    name: String,
    process: process::Child,
    lines: Receiver<Line>,
    last_words: VecDeque<String>,
}

impl Child {
    /// Starts it. What it writes to either output is heard line by line.
    pub fn start(name: &str, command: &mut Command) -> Result<Self, ChildError> {
        let mut process = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| ChildError::Start { name: name.to_owned(), error })?;
        let (sender, lines) = mpsc::sync_channel(LINES_WAITING);
        if let Some(stdout) = process.stdout.take() {
            listen(stdout, sender.clone());
        }
        if let Some(stderr) = process.stderr.take() {
            listen(stderr, sender);
        }
        Ok(Self { name: name.to_owned(), process, lines, last_words: VecDeque::new() })
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// What it has said since last asked.
    pub fn heard(&mut self) -> Vec<Line> {
        let lines: Vec<_> = self.lines.try_iter().collect();
        for line in lines.iter().filter(|line| !line.text.is_empty()) {
            if self.last_words.len() == LAST_WORDS {
                self.last_words.pop_front();
            }
            self.last_words.push_back(line.text.clone());
        }
        lines
    }

    /// How it ended; none while it runs.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>, ChildError> {
        self.process.try_wait().map_err(|error| ChildError::Lost { name: self.name.clone(), error })
    }

    /// That it should still run.
    pub fn should_run(&mut self) -> Result<(), ChildError> {
        match self.ended()? {
            None => Ok(()),
            Some(status) => Err(self.ended_early(status)),
        }
    }

    fn ended_early(&mut self, status: ExitStatus) -> ChildError {
        ChildError::Ended { name: self.name.clone(), status, last_words: self.last_words() }
    }

    /// The last that it said, in one line.
    pub fn last_words(&mut self) -> String {
        // They may be on their way still.
        thread::sleep(LOOK_EVERY);
        self.heard();
        let said = self.last_words.make_contiguous().join(" / ");
        if said.is_empty() { "it said nothing".to_owned() } else { said }
    }

    /// That it took too long, as an error.
    pub(super) fn slow(&self, within: Duration, doing: &'static str) -> ChildError {
        ChildError::Slow { name: self.name.clone(), seconds: within.as_secs(), doing }
    }

    /// Waits until it tells where it listens: the first address with a port in what it says.
    pub fn address(&mut self, within: Duration, stop: &AtomicBool) -> Result<SocketAddr, ChildError> {
        let until = Instant::now() + within;
        while Instant::now() < until {
            if stop.load(Ordering::Relaxed) {
                return Err(ChildError::Stopped);
            }
            if let Some(address) = self.heard().iter().find_map(|line| address_in(&line.text)) {
                return Ok(address);
            }
            self.should_run()?;
            thread::sleep(LOOK_EVERY);
        }
        Err(self.slow(within, "to listen"))
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // Whether it has ended already makes no difference.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Hears `output` to its end, on a thread of its own: a program that nobody hears stops at a full pipe.
fn listen(output: impl Read + Send + 'static, lines: SyncSender<Line>) {
    thread::spawn(move || {
        let mut output = BufReader::new(output);
        let mut line = Vec::new();
        while (&mut output).take(LINE_BYTES).read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
            let text = String::from_utf8_lossy(&line).trim_end().to_owned();
            // Nobody may be listening any more, or too slowly.
            let _ = lines.try_send(Line { at: Instant::now(), text });
            line.clear();
        }
    });
}

/// The first IP address with a port in a line.
fn address_in(line: &str) -> Option<SocketAddr> {
    line.split(|c: char| c.is_whitespace() || matches!(c, '/' | ',' | '=')).find_map(|word| word.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sh(script: &str) -> Child {
        Child::start("sh", Command::new("sh").args(["-c", script])).expect("there is a shell")
    }

    #[test]
    fn an_address_is_found_in_what_servers_say() {
        let found = |line: &str| address_in(line).map(|address| address.to_string());
        assert_eq!(found("listening 127.0.0.1:4711").as_deref(), Some("127.0.0.1:4711"));
        let log =
            "2026-11-22T10:41:49Z  INFO server::run: open http://127.0.0.1:8080 to play arena=Drift seed=25";
        assert_eq!(found(log).as_deref(), Some("127.0.0.1:8080"));
        assert_eq!(found("open http://[::1]:80/x").as_deref(), Some("[::1]:80"));
        assert_eq!(found("INFO 12:30 nothing here"), None);
    }

    #[test]
    fn a_program_is_heard_and_killed() {
        let stop = AtomicBool::new(false);
        let mut child = sh("echo hello; echo listening 127.0.0.1:9 >&2; exec sleep 60");
        let address = child.address(Duration::from_secs(30), &stop).unwrap();
        assert_eq!(address.port(), 9);
        child.should_run().unwrap();
        let began = Instant::now();
        drop(child);
        assert!(began.elapsed() < Duration::from_secs(50));
    }

    #[test]
    fn who_ends_early_is_quoted() {
        let stop = AtomicBool::new(false);
        let error = sh("echo no such arena >&2; exit 3").address(Duration::from_secs(30), &stop).unwrap_err();
        let text = error.to_string();
        assert!(text.contains("no such arena") && text.contains("3"), "{text}");
        let missing = Child::start("nothing", &mut Command::new("/no/such/program")).unwrap_err();
        assert!(missing.to_string().starts_with("cannot start nothing"), "{missing}");
    }

    #[test]
    fn who_says_nothing_is_not_waited_for_for_ever() {
        let stop = AtomicBool::new(false);
        let error = sh("exec sleep 60").address(Duration::from_millis(50), &stop).unwrap_err();
        assert!(matches!(error, ChildError::Slow { .. }), "{error}");
        stop.store(true, Ordering::Relaxed);
        let error = sh("exec sleep 60").address(Duration::from_secs(30), &stop).unwrap_err();
        assert!(matches!(error, ChildError::Stopped), "{error}");
    }
}
