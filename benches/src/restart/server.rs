//! The server as a process, and the three ways to restart it.

use std::{
    net::SocketAddr,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use rustix::process::Signal;
use tokio::time::sleep;

use super::plan::{Kind, Plan, RestartError};
use crate::process::{Process, ProcessError, command, own_folder};

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
        own_folder(&plan.out)
            .map_err(|error| RestartError::Folder { folder: plan.out.display().to_string(), error })?;
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
        match kind {
            Kind::Takeover => {}
            Kind::Stop => process.signal(Signal::TERM),
            Kind::Kill => process.signal(Signal::KILL),
        }
        if kind != Kind::Takeover {
            ended(&mut process, TIMEOUT, stop).await?;
        }
        let mut next = spawn(plan, &address.to_string(), "second.log")?;
        listens(&mut next, TIMEOUT, stop).await?;
        ended(&mut process, TIMEOUT, stop).await?;
        Ok(Self { process: next, address })
    }
}

fn spawn(plan: &Plan, listen: &str, log: &str) -> Result<Process, ProcessError> {
    let mut command = command(plan.programs.join("emberdrift"));
    let out: &Path = &plan.out;
    // An arena without drones, in which ships only gain: what is less after a restart was lost by it.
    command.args(["--listen", listen, "--arena", "expanse", "--drones", "0", "--seed", "1"]);
    command.arg("--state").arg(out.join("state")).arg("--takeover").arg(out.join("takeover"));
    Process::start("emberdrift", &mut command, &out.join(log))
}

/// Waits until the process accepts.
async fn listens(process: &mut Process, most: Duration, stop: &AtomicBool) -> Result<(), ProcessError> {
    wait(process, most, "to listen", stop, |process| {
        let does = process.printed().contains("open http://");
        if does { Ok(true) } else { process.check_running().map(|()| false) }
    })
    .await
}

/// Waits until the process is gone.
async fn ended(process: &mut Process, most: Duration, stop: &AtomicBool) -> Result<(), ProcessError> {
    wait(process, most, "to end", stop, |process| Ok(process.status()?.is_some())).await
}

/// Waits without blocking the players, who share the thread.
async fn wait(
    process: &mut Process,
    most: Duration,
    doing: &'static str,
    stop: &AtomicBool,
    mut is_done: impl FnMut(&mut Process) -> Result<bool, ProcessError>,
) -> Result<(), ProcessError> {
    let until = Instant::now() + most;
    while !is_done(process)? {
        if stop.load(Ordering::Relaxed) {
            return Err(ProcessError::Stopped);
        }
        if Instant::now() > until {
            return Err(process.slow(most, doing));
        }
        sleep(LOOK_EVERY).await;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOON: Duration = Duration::from_secs(30);

    /// What becomes of waiting for a script to listen, and to end.
    async fn waited(script: &str, most: Duration, is_stopped: bool) -> [Result<(), ProcessError>; 2] {
        let (file, stop) = (tempfile::NamedTempFile::new().expect("a file"), AtomicBool::new(is_stopped));
        let mut sh = command("sh");
        let mut process = Process::start("sh", sh.args(["-c", script]), file.path()).expect("it runs");
        [listens(&mut process, most, &stop).await, ended(&mut process, most, &stop).await]
    }

    #[tokio::test]
    async fn server_that_listens_and_ends_is_waited_for() {
        let [listens, ended] = waited("echo open http://127.0.0.1:9; sleep 0.05", SOON, false).await;
        assert!(listens.is_ok() && ended.is_ok());
        let [listens, ended] = waited("echo in use; exit 1", SOON, false).await;
        assert!(listens.expect_err("it never listens").to_string().contains("in use"));
        assert!(ended.is_ok());
    }

    #[tokio::test]
    async fn time_that_is_over_and_a_stop_are_told_apart() {
        let most = Duration::from_millis(20);
        let [listens, ended] = waited("exec sleep 60", most, false).await;
        assert!(listens.expect_err("it never listens").to_string().contains("to listen"));
        assert!(ended.expect_err("it never ends").to_string().contains("to end"));
        for result in waited("exec sleep 60", SOON, true).await {
            assert!(matches!(result, Err(ProcessError::Stopped)), "{result:?}");
        }
    }
}
