//! The program as a process, with an arena file and a state directory of its own.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    thread::{self, JoinHandle},
    time::Duration,
};

use tempfile::TempDir;

use super::program::{self, Watchdog};

/// Far longer than any step takes. It turns a hanging test into a failure.
const TIMEOUT: Duration = Duration::from_secs(20);

/// A directory with an arena file, in which the state is kept too.
#[derive(Clone)]
pub(crate) struct Arena(Arc<TempDir>);

impl Arena {
    /// An open field where nothing but the players' fights changes what they carry, and one hit is enough.
    pub(crate) fn new() -> Self {
        let duel = include_str!("../../../assets/arenas/duel.ron");
        let (head, rest) = duel.split_once("rocks: [").unwrap();
        let (_, rest) = rest.split_once("rules: (").unwrap();
        let arena = Self(Arc::new(tempfile::tempdir().unwrap()));
        fs::write(arena.file(), format!("{head}rules: ({rest}")).unwrap();
        arena.change("drones: 4", "drones: 0");
        arena.change("max: 2", "max: 0");
        arena.change(
            "supply: 70, per_pilot: 40, emit_per_second: 5",
            "supply: 200, per_pilot: 0, emit_per_second: 0",
        );
        arena.change("speed: 920, life: 0.8, damage: 10", "speed: 1200, life: 1.9, damage: 1000");
        arena.change("shield_seconds: 1.5", "shield_seconds: 0.1");
        arena
    }

    /// Where its file is.
    pub(crate) fn file(&self) -> PathBuf {
        self.0.path().join("duel.ron")
    }

    /// Where its state is kept.
    pub(crate) fn state(&self) -> PathBuf {
        self.0.path().join("state")
    }

    /// Where its snapshot is.
    pub(crate) fn snapshot(&self) -> PathBuf {
        self.state().join("duel.snapshot")
    }

    /// Changes its file.
    pub(crate) fn change(&self, from: &str, to: &str) {
        fs::write(self.file(), self.changed(from, to)).unwrap();
    }

    /// The text of its file with a change.
    pub(crate) fn changed(&self, from: &str, to: &str) -> String {
        let text = fs::read_to_string(self.file()).unwrap();
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1)
    }
}

/// The program with its state in the arena's directory.
pub(crate) fn emberdrift(arena: &Arena, listen: &str, more: &[&str]) -> Command {
    let mut command = program::emberdrift();
    command.args(["--listen", listen, "--seed", "7", "--arena"]).arg(arena.file());
    command.arg("--state").arg(arena.state()).args(more);
    command
}

pub(crate) struct Server {
    process: Child,
    pub(crate) address: String,
    /// What it logged until it was ready.
    pub(crate) log_before_start: Vec<String>,
    log_after_start: Arc<Mutex<Vec<String>>>,
    reader: Option<JoinHandle<()>>,
    _watchdog: Watchdog,
}

impl Server {
    /// Starts it on a free port.
    pub(crate) fn start(arena: &Arena, more: &[&str]) -> Self {
        Self::start_at("127.0.0.1:0", arena, more)
    }

    /// Starts it at this address.
    pub(crate) fn start_at(address: &str, arena: &Arena, more: &[&str]) -> Self {
        Self::run(&mut emberdrift(arena, address, more))
    }

    /// Starts it on a free port, on a disk that is full: no file can grow.
    pub(crate) fn start_on_full_disk(arena: &Arena, more: &[&str]) -> Self {
        let program = emberdrift(arena, "127.0.0.1:0", more);
        let mut shell = Command::new("sh");
        // Without the trap the first write would end the process.
        shell.args(["-c", "trap '' XFSZ; ulimit -f 0; exec \"$0\" \"$@\""]);
        Self::run(shell.arg(program.get_program()).args(program.get_args()))
    }

    /// Starts it by this command.
    pub(crate) fn run(command: &mut Command) -> Self {
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let watchdog = Watchdog::of(&process);
        let mut log = BufReader::new(process.stdout.take().unwrap()).lines().map_while(Result::ok);
        let mut log_before_start = Vec::new();
        let address = log.by_ref().find_map(|line| {
            let address = line.split("open http").nth(1).and_then(|rest| rest.split(' ').next());
            let address = address.and_then(|rest| Some(rest.split_once("://")?.1.to_owned()));
            log_before_start.push(line);
            address
        });
        let address = address.unwrap_or_else(|| panic!("no address in {log_before_start:?}"));
        let log_after_start = Arc::<Mutex<Vec<_>>>::default();
        let lines = Arc::clone(&log_after_start);
        let reader = Some(thread::spawn(move || log.for_each(|line| lines.lock().unwrap().push(line))));
        Self { process, address, log_before_start, log_after_start, reader, _watchdog: watchdog }
    }

    pub(crate) fn signal(&self, signal: &str) {
        let id = self.process.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
    }

    /// Ends it without a chance to do anything.
    pub(crate) fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// What it logged since its start.
    pub(crate) fn log(&self) -> Vec<String> {
        self.log_after_start.lock().unwrap().clone()
    }

    /// Waits for the end: the exit code.
    pub(crate) fn wait(mut self) -> Option<i32> {
        self.process.wait().unwrap().code()
    }

    /// The same, and what it logged after its start.
    pub(crate) fn wait_with_log(mut self) -> (Option<i32>, Vec<String>) {
        let code = self.process.wait().unwrap().code();
        self.reader.take().unwrap().join().unwrap();
        (code, self.log())
    }

    /// The value of a metric.
    pub(crate) fn metric(&self, name: &str) -> u64 {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(TIMEOUT)).unwrap();
        let request = format!("GET /metrics HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address);
        stream.write_all(request.as_bytes()).unwrap();
        let mut page = String::new();
        stream.read_to_string(&mut page).unwrap();
        let value = page.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok());
        value.unwrap_or_else(|| panic!("no {name} in {page}"))
    }
}

impl Drop for Server {
    /// A test that fails must leave no process behind.
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
