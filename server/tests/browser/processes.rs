//! Programs that run for a test, and where they are. It must not know what a browser is.

use std::{
    env,
    io::{BufRead, BufReader, Read},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

/// Far more than the slowest machine needs: what takes longer has failed.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(60);

/// A process that ends with the test, and with it those that it started: a browser would outlive its driver.
pub(crate) struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let group = format!("-{}", self.0.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status();
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Process {
    /// Starts a program and waits for the line with `sign` in it; returns what stands behind the sign.
    pub(crate) fn start(program: &Path, args: &[&str], sign: &str) -> (Self, String) {
        Self::start_and_await(Command::new(program).args(args), sign)
    }

    /// As [`Process::start`], for a command that is more than a program and its arguments.
    pub(crate) fn start_and_await(command: &mut Command, sign: &str) -> (Self, String) {
        let started = Self::try_start(command, sign);
        started.unwrap_or_else(|| {
            panic!("{} ended without a line with `{sign}`", command.get_program().display())
        })
    }

    /// The same; `None` if it ended without that line.
    pub(crate) fn try_start(command: &mut Command, sign: &str) -> Option<(Self, String)> {
        let mut process = Self::spawn(command.stdout(Stdio::piped()));
        let mut output = BufReader::new(process.0.stdout.take().expect("it is piped"));
        let mut line = String::new();
        while output.read_line(&mut line).is_ok_and(|bytes| bytes > 0) {
            if let Some(at) = line.find(sign) {
                let rest = line[at + sign.len()..].trim().to_owned();
                drain(output);
                return Some((process, rest));
            }
            line.clear();
        }
        None
    }

    /// Starts a program whose output does not matter.
    pub(crate) fn spawn(command: &mut Command) -> Self {
        let child = command.process_group(0).spawn();
        Self(
            child.unwrap_or_else(|error| panic!("cannot start {}: {error}", command.get_program().display())),
        )
    }

    /// Asks it to end (SIGTERM).
    pub(crate) fn terminate(&self) {
        let _ = Command::new("kill").args(["-TERM", &self.0.id().to_string()]).status();
    }

    /// Whether it has ended by itself.
    pub(crate) fn has_ended(&mut self) -> bool {
        matches!(self.0.try_wait(), Ok(Some(_)))
    }
}

/// Reads on, or the program would block at a full pipe.
fn drain(mut output: BufReader<ChildStdout>) {
    std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        while output.read(&mut buffer).is_ok_and(|bytes| bytes > 0) {}
    });
}

/// The real server with these flags, and its address: a free port.
pub(crate) fn serve(flags: &[&str]) -> (Process, String) {
    serve_at("127.0.0.1:0", flags)
}

/// The same at an address.
pub(crate) fn serve_at(address: &str, flags: &[&str]) -> (Process, String) {
    serve_program(&path_from("EMBERDRIFT_BIN"), address, flags)
}

/// The server of the game tag, at a free port.
pub(crate) fn serve_tag(flags: &[&str]) -> (Process, String) {
    serve_program(&path_from("EMBERDRIFT_TAG"), "127.0.0.1:0", flags)
}

fn serve_program(program: &Path, address: &str, flags: &[&str]) -> (Process, String) {
    let mut command = Command::new(program);
    command.args(["--listen", address]).args(flags);
    let (server, rest) = Process::start_and_await(&mut command, "open http");
    let address = rest.split_once("://").and_then(|(_, rest)| rest.split_whitespace().next());
    let address = address.expect("an address follows").to_owned();
    (server, address)
}

/// An empty folder that is removed with this value.
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    pub(crate) fn new(name: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder =
            Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}-{count}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a scratch folder");
        Self(folder)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The folder for screenshots and for the output of browsers.
pub(crate) fn kept() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/browser");
    std::fs::create_dir_all(&folder).expect("a folder under target");
    folder
}

/// One of the Python examples.
pub(crate) fn example(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/python").join(file)
}

pub(crate) fn path_from(variable: &str) -> PathBuf {
    env::var_os(variable).unwrap_or_else(|| panic!("{variable} is not set: run `cargo xtask test`")).into()
}
