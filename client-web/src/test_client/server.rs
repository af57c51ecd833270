//! A server's program that runs for a test, on a free port of this machine, and ends with the value.

use std::{
    env,
    io::{BufRead, BufReader, Read},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    sync::mpsc::{self, Sender},
    thread,
    time::Duration,
};

/// Far longer than a start takes.
const START: Duration = Duration::from_secs(60);
/// Stands before the address in what a server prints once it listens.
const SIGN: &str = "http://";

/// A server that runs.
pub struct Server {
    process: Child,
    address: String,
}

impl Server {
    /// Starts the program with these flags, and waits until it listens. Variables of the machine that are settings of a server are not handed on.
    ///
    /// # Panics
    /// If it does not start, with what it printed.
    pub fn start(program: impl AsRef<Path>, flags: &[&str]) -> Self {
        let program = program.as_ref();
        let mut command = Command::new(program);
        command.args(["--listen", "127.0.0.1:0"]).args(flags).stdout(Stdio::piped());
        for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("EMBERDRIFT_"))
        {
            command.env_remove(name);
        }
        let process = command.spawn();
        let mut process =
            process.unwrap_or_else(|error| panic!("cannot start {}: {error}", program.display()));
        let output = process.stdout.take().expect("it is piped");
        let (found, address) = mpsc::channel();
        thread::spawn(move || read(output, &found));
        // In place at once, so that it ends the process also if there is no address.
        let mut server = Self { process, address: String::new() };
        server.address = match address.recv_timeout(START) {
            Ok(Ok(address)) => address,
            Ok(Err(printed)) => panic!("{} ended: {printed}", program.display()),
            Err(_) => panic!("{} does not listen after {START:?}", program.display()),
        };
        server
    }

    /// IP address and port.
    pub fn address(&self) -> &str {
        &self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Sends the address, or all that was printed if there is none. Reads on after it, or the program would block at a full pipe.
fn read(output: ChildStdout, found: &Sender<Result<String, String>>) {
    let (mut output, mut printed, mut line) = (BufReader::new(output), String::new(), String::new());
    while output.read_line(&mut line).is_ok_and(|bytes| bytes > 0) {
        let address = line.split_once(SIGN).and_then(|(_, rest)| rest.split(['/', ' ', '\n']).next());
        if let Some(address) = address {
            let _ = found.send(Ok(address.to_owned()));
            let mut rest = [0; 4096];
            while output.read(&mut rest).is_ok_and(|bytes| bytes > 0) {}
            return;
        }
        printed += &line;
        line.clear();
    }
    let _ = found.send(Err(printed));
}
