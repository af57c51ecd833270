//! `cargo xtask play`: builds all and runs the server, with a bad link in front of it if one is wanted.

use std::env;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use rustix::process::{Pid, Signal, kill_process};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;

use crate::build;
use crate::workspace::{Workspace, shown};

/// The arenas that play differently, the default one first, as `--arena` takes them.
const ARENAS: [&str; 3] = ["drift", "ruins", "duel"];

/// How often the server and the link are looked at.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Builds all and runs the server on `port`. `--link` may be given to this command or stand among the server's flags.
pub(crate) fn play(
    workspace: &Workspace,
    port: u16,
    link: Option<String>,
    mut flags: Vec<String>,
) -> Result<()> {
    let among_flags = take_link(&mut flags)?;
    let link = link.or(among_flags).map(|spec| link_before(workspace, port, &spec)).transpose()?;
    build::all(workspace)?;
    let mut server = Command::new(workspace.target("release/emberdrift"));
    server.arg("--listen").arg(format!("127.0.0.1:{port}")).args(flags).current_dir(workspace.root());
    // Not by a flag, so that a flag of yours takes its place.
    if env::var_os("EMBERDRIFT_ARENA").is_none() {
        server.env("EMBERDRIFT_ARENA", arenas(workspace));
    }
    match link {
        // Becomes the server, so that signals reach it.
        None => {
            println!("open http://127.0.0.1:{port}");
            Err(anyhow!(server.exec()).context(format!("cannot start `{}`", shown(&server))))
        }
        Some(mut link) => run_both(&mut server, &mut link, signals()?.as_ref()),
    }
}

/// Those of the arenas whose files there are, as one flag.
fn arenas(workspace: &Workspace) -> String {
    let is_there = |arena: &&str| {
        let name = arena.split(':').next().unwrap_or(arena);
        workspace.root().join(format!("assets/arenas/{name}.ron")).is_file()
    };
    ARENAS.into_iter().filter(is_there).collect::<Vec<_>>().join(",")
}

/// Takes `--link LINK` out of the server's flags: the server knows of no link.
fn take_link(flags: &mut Vec<String>) -> Result<Option<String>> {
    let is_link = |flag: &String| flag == "--link" || flag.starts_with("--link=");
    let Some(at) = flags.iter().position(is_link) else {
        return Ok(None);
    };
    let flag = flags.remove(at);
    if let Some((_, spec)) = flag.split_once('=') {
        return Ok(Some(spec.to_owned()));
    }
    if at == flags.len() {
        bail!("--link wants to know what the link does, as in --link \"delay=150ms jitter=20ms\"");
    }
    Ok(Some(flags.remove(at)))
}

/// The link to the server on `port`, on the port behind it: the same each time, because browsers keep a player's
/// settings by address.
fn link_before(workspace: &Workspace, port: u16, spec: &str) -> Result<Command> {
    let Some(own_port) = port.checked_add(1).filter(|_| port > 0) else {
        bail!("a link needs a port of its own, one above the server's: --port must be 1 to 65534");
    };
    let mut link = Command::new(workspace.target("release/emberdrift-link"));
    link.args(["--listen", &format!("127.0.0.1:{own_port}"), "--to", &format!("127.0.0.1:{port}")]);
    link.args(["--link", spec]);
    Ok(link)
}

/// Turns true when this process is to end: by Ctrl-C, by SIGTERM, or because its terminal is gone.
fn signals() -> Result<Arc<AtomicBool>> {
    let is_signalled = Arc::new(AtomicBool::new(false));
    for signal in [SIGHUP, SIGINT, SIGTERM] {
        flag::register(signal, Arc::clone(&is_signalled)).context("cannot await signals")?;
    }
    Ok(is_signalled)
}

/// Runs both until one ends or is asked to by a signal, and leaves neither.
fn run_both(server: &mut Command, link: &mut Command, is_signalled: &AtomicBool) -> Result<()> {
    let mut link = Leashed::start(link.stdin(Stdio::null()).stdout(Stdio::piped()))?;
    let mut address = String::new();
    if let Some(stdout) = link.0.stdout.take() {
        BufReader::new(stdout).read_line(&mut address)?;
    }
    if address.is_empty() {
        // It has said why.
        bail!("the link did not start");
    }
    print!("{address}");
    let mut server = Leashed::start(server)?;
    let mut is_link_gone = false;
    loop {
        // Each signal is passed on: the second has the server end at once. The link stays until the server has said
        // goodbye through it.
        if is_signalled.swap(false, Ordering::Relaxed) {
            server.ask_to_end();
        }
        if let Some(status) = server.0.try_wait()? {
            return match (is_link_gone, status.success()) {
                (true, _) => Err(anyhow!("the link ended, and the server with it")),
                (false, true) => Ok(()),
                (false, false) => Err(anyhow!("the server failed ({status})")),
            };
        }
        if !is_link_gone && link.0.try_wait()?.is_some() {
            is_link_gone = true;
            server.ask_to_end();
        }
        thread::sleep(LOOK_EVERY);
    }
}

/// A program that does not outlive its owner here.
struct Leashed(Child);

impl Leashed {
    /// Starts it apart from the terminal's signals, which would reach it a second time when they are passed on.
    fn start(command: &mut Command) -> Result<Self> {
        let child = command.process_group(0).spawn();
        child.map(Self).with_context(|| format!("cannot start `{}`", shown(command)))
    }

    /// As SIGTERM does.
    fn ask_to_end(&self) {
        // One that has ended already has done as it was asked.
        let _ = kill_process(Pid::from_child(&self.0), Signal::TERM);
    }
}

impl Drop for Leashed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sh(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    fn taken(flags: &[&str]) -> (Option<String>, Vec<String>) {
        let mut flags = flags.iter().map(|flag| (*flag).to_owned()).collect();
        let link = take_link(&mut flags).unwrap();
        (link, flags)
    }

    #[test]
    fn the_link_is_taken_out_of_the_servers_flags() {
        let delay = || Some("delay=150ms".to_owned());
        assert_eq!(taken(&["--drones", "9"]), (None, vec!["--drones".into(), "9".into()]));
        assert_eq!(taken(&["--echo", "--link", "delay=150ms"]), (delay(), vec!["--echo".into()]));
        assert_eq!(taken(&["--link=delay=150ms", "--echo"]), (delay(), vec!["--echo".into()]));
        let error = take_link(&mut vec!["--link".to_owned()]).unwrap_err().to_string();
        assert!(error.contains("delay=150ms jitter=20ms"), "{error}");
    }

    #[test]
    fn every_arena_that_there_is_can_be_chosen() {
        let arenas = arenas(&Workspace::find().unwrap());
        assert!(arenas.starts_with("drift"), "{arenas}");
    }

    #[test]
    fn the_link_is_on_the_port_behind_the_servers() {
        let workspace = Workspace::find().unwrap();
        let link = link_before(&workspace, 8080, "delay=1s").unwrap();
        let expected = "emberdrift-link --listen 127.0.0.1:8081 --to 127.0.0.1:8080 --link delay=1s";
        assert_eq!(shown(&link), expected);
        assert!(link_before(&workspace, u16::MAX, "").is_err() && link_before(&workspace, 0, "").is_err());
    }

    #[test]
    fn when_one_ends_so_does_the_other() {
        let run = |mut server: Command, mut link: Command, is_signalled: bool| {
            run_both(&mut server, &mut link, &AtomicBool::new(is_signalled))
                .map_err(|error| error.to_string())
        };
        let (server, link) = (|| sh("exec sleep 600"), || sh("echo open; exec sleep 600"));
        assert_eq!(run(sh("exit 0"), link(), false), Ok(()));
        assert_eq!(run(sh("exit 3"), link(), false).unwrap_err(), "the server failed (exit status: 3)");
        assert_eq!(run(server(), link(), true).unwrap_err(), "the server failed (signal: 15 (SIGTERM))");
        assert!(run(server(), sh("echo open; exit 0"), false).unwrap_err().contains("the link ended"));
        assert_eq!(run(server(), sh("exit 1"), false).unwrap_err(), "the link did not start");
    }
}
