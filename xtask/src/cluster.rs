//! `cargo xtask cluster`: three nodes and three NATS servers on this machine, the tests of clusters, and their measurement.
//!
//! Invariant: what it has started ends with it, the nodes before NATS, so that the nodes can leave in order.

use std::fs;
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use rustix::process::{Pid, Signal, kill_process};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use crate::build;
use crate::game::Game;
use crate::play::ARENAS;
use crate::programs;
use crate::steps::{Outcome, tests};
use crate::workspace::{FEATURES, Workspace, run};

const MEASUREMENT: &str = "emberdrift-cluster";
/// Nodes, and NATS servers.
const COUNT: u16 = 3;
/// How long the nodes have to end: they hand their rooms on. And NATS after them.
const END_MAX: Duration = Duration::from_secs(30);
/// Between two looks at the processes.
const LOOK_EVERY: Duration = Duration::from_millis(50);

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The port of the first node; the others have the next two.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Run the tests of clusters instead, as `cargo xtask test` does.
    #[arg(long, conflicts_with = "measure")]
    pub(crate) test: bool,
    /// Measure instead: stop, kill and cut off a node with 300 players in 20 rooms. Three minutes; files are in target/cluster.
    #[arg(long)]
    measure: bool,
    /// Flags for every node, after `--`.
    #[arg(last = true, value_name = "SERVER FLAGS")]
    server: Vec<String>,
}

/// Does what the command line asks for, but for the tests.
pub(crate) fn start(workspace: &Workspace, args: &Args) -> Result<()> {
    if args.measure { measure(workspace) } else { serve(workspace, args) }
}

/// The tests with real NATS servers. Without nats-server they are skipped, or fail if they `must` run.
pub(crate) fn test(workspace: &Workspace, must: bool) -> Result<Outcome> {
    let nats = match programs::nats(workspace) {
        Ok(nats) => nats,
        Err(error) => return Outcome::skipped(error, must),
    };
    println!("with {}", nats.display());
    // With the features that all tests have, so that nothing is built again.
    let mut test = workspace.cargo(["test", "--workspace", "--features", FEATURES, "--test", "cluster"]);
    tests(test.env("EMBERDRIFT_NATS", nats).env("RUST_TEST_THREADS", "2"))
}

fn measure(workspace: &Workspace) -> Result<()> {
    let nats = programs::nats(workspace)?;
    build::game(workspace, &Game::Emberdrift)?;
    build::release(workspace, &["--bin", MEASUREMENT])?;
    let mut command = workspace.command(workspace.target("release").join(MEASUREMENT));
    run(command.arg("--nats").arg(nats).arg("--out").arg(workspace.target("cluster")))
}

fn serve(workspace: &Workspace, args: &Args) -> Result<()> {
    let nats = programs::nats(workspace)?;
    let server = build::game(workspace, &Game::Emberdrift)?;
    let asked = Arc::<AtomicBool>::default();
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        signal_hook::flag::register(signal, Arc::clone(&asked)).context("cannot wait for Ctrl-C")?;
    }
    let folder = workspace.target("cluster/nats");
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("cannot empty {}", folder.display()))?;
    }
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;

    let (clients, routes) = (free_ports()?, free_ports()?);
    let mut running = Processes::default();
    for at in 0..clients.len() {
        running.nats.push(start_nats(&nats, &folder, at, &clients, &routes)?);
    }
    let servers = urls("nats", &clients);
    for at in 0..COUNT {
        let listen = format!("127.0.0.1:{}", args.port + at);
        let mut node = Command::new(&server);
        node.args(["--listen", &listen, "--cluster", &servers, "--node", &format!("node-{}", at + 1)]);
        node.args(["--arena", ARENAS]).args(&args.server);
        running.nodes.push(spawn(&mut node)?);
    }
    println!("\nthree nodes: open any of");
    (0..COUNT).for_each(|at| println!("  http://127.0.0.1:{}", args.port + at));
    println!("NATS is at {servers}; Ctrl-C ends all\n");
    while !asked.load(Ordering::Relaxed) {
        ensure!(running.are_running()?, "a node or a NATS server has ended; its lines above say why");
        sleep(LOOK_EVERY);
    }
    running.end();
    println!("all have ended");
    Ok(())
}

/// What runs.
#[derive(Default)]
struct Processes {
    nodes: Vec<Child>,
    nats: Vec<Child>,
}

impl Processes {
    fn are_running(&mut self) -> Result<bool> {
        for process in self.nodes.iter_mut().chain(&mut self.nats) {
            if process.try_wait().context("cannot wait for a process")?.is_some() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Ends all, the nodes first.
    fn end(&mut self) {
        end(&mut self.nodes);
        end(&mut self.nats);
    }
}

impl Drop for Processes {
    /// Without this, an error would leave them behind.
    fn drop(&mut self) {
        self.end();
    }
}

/// Asks processes to end, and makes them after a while.
fn end(processes: &mut Vec<Child>) {
    for process in &*processes {
        let _ = kill_process(Pid::from_child(process), Signal::TERM);
    }
    let until = Instant::now() + END_MAX;
    while !processes.is_empty() {
        processes.retain_mut(|process| matches!(process.try_wait(), Ok(None)));
        if Instant::now() > until {
            for process in &mut *processes {
                let _ = process.kill();
                let _ = process.wait();
            }
            return processes.clear();
        }
        sleep(LOOK_EVERY);
    }
}

fn start_nats(nats: &Path, folder: &Path, at: usize, clients: &[u16], routes: &[u16]) -> Result<Child> {
    let name = format!("nats-{}", at + 1);
    let log = folder.join(&name).with_extension("log");
    let mut command = Command::new(nats);
    command.args(["-n", &name, "-a", "127.0.0.1", "-p", &clients[at].to_string(), "-js", "-sd"]);
    command.arg(folder.join(&name)).args(["--cluster_name", "emberdrift", "--cluster"]);
    command.args([format!("nats://127.0.0.1:{}", routes[at]), "--routes".to_owned(), urls("nats", routes)]);
    command.arg("-l").arg(log).stdout(Stdio::null());
    spawn(&mut command)
}

/// A group of its own: Ctrl-C reaches it through this command alone, and so in order.
fn spawn(command: &mut Command) -> Result<Child> {
    let started = command.process_group(0).spawn();
    started.with_context(|| format!("cannot start {}", PathBuf::from(command.get_program()).display()))
}

fn urls(scheme: &str, ports: &[u16]) -> String {
    ports.iter().map(|port| format!("{scheme}://127.0.0.1:{port}")).collect::<Vec<_>>().join(",")
}

/// Ports that nothing listens on. nats-server tells no port that it has chosen itself.
fn free_ports() -> Result<Vec<u16>> {
    let listeners: Vec<_> = (0..COUNT).map(|_| TcpListener::bind("127.0.0.1:0")).collect::<Result<_, _>>()?;
    listeners.iter().map(|listener| Ok(listener.local_addr()?.port())).collect()
}

#[cfg(test)]
mod unit_tests {
    use super::*;

    #[test]
    fn ports_are_free_and_different() -> Result<()> {
        let mut ports = free_ports()?;
        ports.sort_unstable();
        ports.dedup();
        ensure!(ports.len() == usize::from(COUNT), "{ports:?}");
        assert_eq!(urls("nats", &[1, 2]), "nats://127.0.0.1:1,nats://127.0.0.1:2");
        Ok(())
    }

    #[test]
    fn processes_end_when_they_are_asked_to() -> Result<()> {
        let mut processes = vec![spawn(Command::new("sleep").arg("60"))?];
        let start = Instant::now();
        end(&mut processes);
        ensure!(processes.is_empty() && start.elapsed() < END_MAX, "it was asked to");
        Ok(())
    }
}
