//! `cargo xtask play`: builds the client and the server, then serves the game, behind a slow network if one is wanted.

use std::env;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail, ensure};
use rustix::process::{Pid, Signal, kill_process};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;

use crate::build;
use crate::workspace::{Running, Workspace, run, shown};

/// The arenas to choose from on the start card; `EMBERDRIFT_ARENA` and the server's `--arena` take precedence.
const ARENAS: &str = "drift,ruins,duel";
const POLL_INTERVAL: Duration = Duration::from_millis(50);

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The port to listen on, on this machine only.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Play through a bad network, such as "delay=150ms jitter=20ms stall=300ms/10s", on the next port.
    #[arg(long, value_name = "NETWORK")]
    link: Option<String>,
    /// Flags for the server itself, after `--`. `--port` and `--link` may stand among them.
    #[arg(last = true, value_name = "SERVER FLAGS")]
    server: Vec<String>,
}

impl Args {
    /// Moves our own flags out of the server's, and checks what can be checked before a build.
    fn checked(mut self) -> Result<Self> {
        if let Some(port) = take(&mut self.server, "--port")? {
            self.port = port.parse().with_context(|| format!("--port must be 1 to 65534, not '{port}'"))?;
        }
        self.link = take(&mut self.server, "--link")?.or(self.link);
        // The page keeps a player's settings by address, so the port is not left to chance.
        ensure!((1..u16::MAX).contains(&self.port), "--port must be 1 to 65534, not {}", self.port);
        ensure!(
            take(&mut self.server, "--listen")?.is_none(),
            "this command sets --listen itself: choose a port with --port. To listen on another address, run \
             `cargo xtask build`, then `target/release/emberdrift --listen IP:PORT`"
        );
        for port in self.port..=self.port + u16::from(self.link.is_some()) {
            TcpListener::bind(local(port)).with_context(|| {
                format!(
                    "cannot listen on port {port}: end the program that uses it, or choose another --port"
                )
            })?;
        }
        Ok(self)
    }

    fn server(&self, workspace: &Workspace) -> Command {
        let mut server = Command::new(workspace.target("release/emberdrift"));
        server.arg("--listen").arg(local(self.port).to_string()).args(&self.server);
        if env::var_os("EMBERDRIFT_ARENA").is_none() {
            // Not a flag, so that the user's own `--arena` wins.
            server.env("EMBERDRIFT_ARENA", ARENAS);
        }
        server
    }

    /// The network conditioner in front of the server.
    fn conditioner(&self, workspace: &Workspace, network: &str) -> Command {
        let mut conditioner = Command::new(workspace.target("release/emberdrift-conditioner"));
        let [listen, to] = [self.port + 1, self.port].map(|port| local(port).to_string());
        conditioner.args(["--listen", &listen, "--to", &to, "--link", network]);
        conditioner
    }
}

/// Builds what is needed and serves the game until it is stopped.
pub(crate) fn play(workspace: &Workspace, args: Args) -> Result<()> {
    if args.server.iter().any(|flag| flag == "--help" || flag == "-h") {
        return help(workspace);
    }
    let args = args.checked()?;
    build::playable(workspace, args.link.is_some())?;
    // In the caller's folder, so that `--arena ./mine.ron` is found there.
    let mut server = args.server(workspace);
    match &args.link {
        // Becomes the server, so that signals reach it. It prints its address once it listens.
        None => Err(anyhow!(server.exec()).context(format!("cannot start `{}`", shown(&server)))),
        Some(network) => {
            // Turns true by Ctrl-C, by SIGTERM, or when the terminal is closed.
            let stop = Arc::new(AtomicBool::new(false));
            for signal in [SIGHUP, SIGINT, SIGTERM] {
                flag::register(signal, Arc::clone(&stop)).context("cannot listen for signals")?;
            }
            serve_both(&mut server, &mut args.conditioner(workspace, network), local(args.port), &stop)
        }
    }
}

/// The server's own help, without building anything.
fn help(workspace: &Workspace) -> Result<()> {
    let server = workspace.target("release/emberdrift");
    if server.is_file() {
        return run(Command::new(server).arg("--help"));
    }
    println!(
        "The server is not built yet. Its flags are listed in README.md under \"The server\"; \
         after `cargo xtask build`, `{} --help` prints them.",
        server.display()
    );
    Ok(())
}

fn local(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}

/// Removes `NAME VALUE` or `NAME=VALUE` from `flags` and returns the value.
fn take(flags: &mut Vec<String>, name: &str) -> Result<Option<String>> {
    let value_of = |flag: &str| flag.strip_prefix(name)?.strip_prefix('=').map(str::to_owned);
    let Some(at) = flags.iter().position(|flag| flag == name || value_of(flag).is_some()) else {
        return Ok(None);
    };
    let flag = flags.remove(at);
    match value_of(&flag) {
        Some(value) => Ok(Some(value)),
        None if at < flags.len() => Ok(Some(flags.remove(at))),
        None => bail!("{name} needs a value behind it; see `cargo xtask play --help`"),
    }
}

/// Starts the server, then the conditioner once the server listens on `address`. Stops both when one ends.
fn serve_both(
    server: &mut Command,
    conditioner: &mut Command,
    address: SocketAddr,
    stop: &AtomicBool,
) -> Result<()> {
    // In process groups of their own: the terminal's signals are passed on by us, and would reach them twice.
    let mut server = Running::start(server.process_group(0))?;
    let mut conditioned: Option<Running> = None;
    let mut conditioner_ended = false;
    let terminate = |server: &Running| {
        // One that has already ended needs no signal.
        let _ = kill_process(Pid::from_child(&server.0), Signal::TERM);
    };
    loop {
        // Every signal is passed on, because a second one makes the server end at once. The conditioner stays until
        // the server has told its players why it ends.
        if stop.swap(false, Ordering::Relaxed) {
            terminate(&server);
        }
        if let Some(status) = server.0.try_wait()? {
            ensure!(!conditioner_ended, "the network conditioner ended, so the server was stopped");
            ensure!(status.success(), "the server failed ({status})");
            return Ok(());
        }
        if let Some(conditioner) = &mut conditioned {
            if !conditioner_ended && conditioner.0.try_wait()?.is_some() {
                conditioner_ended = true;
                terminate(&server);
            }
        } else if TcpStream::connect(address).is_ok() {
            // It prints the address to open.
            conditioned = Some(Running::start(conditioner.stdin(Stdio::null()).process_group(0))?);
        }
        thread::sleep(POLL_INTERVAL);
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: Args,
    }

    /// Two ports in a row that were free a moment ago.
    fn free_port() -> u16 {
        let port = || TcpListener::bind(local(0)).and_then(|socket| socket.local_addr()).unwrap().port();
        (0..100).map(|_| port()).find(|port| TcpListener::bind(local(port + 1)).is_ok()).unwrap()
    }

    fn parse(line: &[&str]) -> Result<Args> {
        Line::try_parse_from([&["play"], line].concat()).unwrap().args.checked()
    }

    fn sh(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn own_flags_are_accepted_on_both_sides_of_the_dashes() {
        let port = free_port().to_string();
        for line in [
            &["--port", &port, "--link=delay=1s", "--", "--echo"][..],
            &["--link", "delay=1s", "--", "--port", &port, "--echo"],
            &["--", "--echo", "--link", "delay=1s", &format!("--port={port}")],
        ] {
            let args = parse(line).unwrap();
            assert_eq!((args.port.to_string(), args.link.as_deref()), (port.clone(), Some("delay=1s")));
            assert_eq!(args.server, ["--echo"]);
        }
    }

    #[test]
    fn wrong_flags_are_refused_before_a_build() {
        let taken = TcpListener::bind(local(0)).unwrap();
        let taken = taken.local_addr().unwrap().port().to_string();
        for (line, why) in [
            (&["--port", "0"][..], "must be 1 to 65534, not 0"),
            (&["--", "--port", "80a"], "must be 1 to 65534, not '80a'"),
            (&["--", "--link"], "--link needs a value"),
            (&["--", "--listen", "0.0.0.0:80"], "choose a port with --port"),
            (&["--port", &taken], "end the program that uses it"),
        ] {
            let error = parse(line).err().map(|error| error.to_string()).unwrap_or_default();
            assert!(error.contains(why), "{line:?}: {error}");
        }
    }

    #[test]
    fn commands_name_their_ports_and_keep_the_callers_folder() {
        let workspace = Workspace::find().unwrap();
        let args = Args { port: 8080, link: None, server: vec!["--arena".into(), "./mine.ron".into()] };
        let server = args.server(&workspace);
        assert_eq!(shown(&server), "emberdrift --listen 127.0.0.1:8080 --arena ./mine.ron");
        assert_eq!(server.get_current_dir(), None);
        let expected = "emberdrift-conditioner --listen 127.0.0.1:8081 --to 127.0.0.1:8080 --link delay=1s";
        assert_eq!(shown(&args.conditioner(&workspace, "delay=1s")), expected);
    }

    #[test]
    fn the_end_of_one_program_ends_the_other() {
        let listener = TcpListener::bind(local(0)).unwrap();
        let address = listener.local_addr().unwrap();
        let serve = |server: &str, conditioner: &str, stop: bool| {
            serve_both(&mut sh(server), &mut sh(conditioner), address, &AtomicBool::new(stop))
                .map_err(|error| error.to_string())
        };
        let forever = "exec sleep 600";
        assert_eq!(serve("exit 0", forever, false), Ok(()));
        assert_eq!(serve("exit 3", forever, false).unwrap_err(), "the server failed (exit status: 3)");
        assert_eq!(serve(forever, forever, true).unwrap_err(), "the server failed (signal: 15 (SIGTERM))");
        assert!(serve(forever, "exit 0", false).unwrap_err().contains("conditioner ended"));
    }

    #[test]
    fn the_conditioner_waits_until_the_server_listens() {
        let (address, stop) = (local(free_port()), AtomicBool::new(false));
        let never = &mut Command::new("/no/such/conditioner");
        serve_both(&mut sh("sleep 0.2"), never, address, &stop).unwrap();
    }
}
