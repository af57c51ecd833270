//! The server as a process, and the three ways to restart it.

use std::{
    fs, io,
    net::SocketAddr,
    path::Path,
    process::Command,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};
use tokio::time::sleep;

use super::plan::{Kind, Plan, RestartError};
use crate::capacity::{Process, ProcessError};

/// For the server to listen, and to end.
const TIMEOUT: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(2);

#[derive(Debug)]
pub(super) struct Server {
    process: Process,
    pub(super) address: SocketAddr,
}

impl Server {
    /// Starts it on a free port, with a new state.
    pub(super) async fn start(plan: &Plan, stop: &AtomicBool) -> Result<Self, RestartError> {
        let renew = || {
            match fs::remove_dir_all(&plan.out) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            fs::create_dir_all(&plan.out)
        };
        renew().map_err(|error| RestartError::Folder { folder: plan.out.display().to_string(), error })?;
        let mut process = spawn(plan, "127.0.0.1:0", "first.log")?;
        let address = process.address(TIMEOUT, stop)?;
        Ok(Self { process, address })
    }

    /// Replaces it. Returns when the next process accepts.
    pub(super) async fn restart(
        self,
        kind: Kind,
        plan: &Plan,
        stop: &AtomicBool,
    ) -> Result<Self, RestartError> {
        let Self { mut process, address } = self;
        let id = Pid::from_raw(process.id() as i32);
        let signal = |signal| id.map(|id| kill_process(id, signal));
        match kind {
            Kind::Takeover => {}
            Kind::Stop => drop(signal(Signal::TERM)),
            Kind::Kill => drop(signal(Signal::KILL)),
        }
        if kind != Kind::Takeover {
            ended(&mut process).await?;
        }
        let mut next = spawn(plan, &address.to_string(), "second.log")?;
        listens(&mut next, stop).await?;
        ended(&mut process).await?;
        Ok(Self { process: next, address })
    }
}

fn spawn(plan: &Plan, listen: &str, log: &str) -> Result<Process, ProcessError> {
    let mut command = Command::new(plan.programs.join("emberdrift"));
    let out: &Path = &plan.out;
    // An arena without drones, in which ships only gain: what is less after a restart was lost by it.
    command.args(["--listen", listen, "--arena", "expanse", "--drones", "0", "--seed", "1"]);
    command.arg("--state").arg(out.join("state")).arg("--takeover").arg(out.join("takeover"));
    Process::start("emberdrift", &mut command, &out.join(log))
}

/// Waits until the process accepts, without blocking the players, who share the thread.
async fn listens(process: &mut Process, stop: &AtomicBool) -> Result<(), RestartError> {
    let until = Instant::now() + TIMEOUT;
    while !process.printed().contains("open http://") {
        process.check_running()?;
        if stop.load(Ordering::Relaxed) || Instant::now() > until {
            return Err(RestartError::Stopped);
        }
        sleep(LOOK_EVERY).await;
    }
    Ok(())
}

async fn ended(process: &mut Process) -> Result<(), RestartError> {
    let until = Instant::now() + TIMEOUT;
    while process.status()?.is_none() && Instant::now() < until {
        sleep(LOOK_EVERY).await;
    }
    Ok(())
}
