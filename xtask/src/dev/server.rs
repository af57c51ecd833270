//! The server that runs, and the one that takes its place: a new process takes the listening socket and the world over
//! (`--takeover`, `--state`), so that no connect is refused, and the old one goes on if the new one cannot start.

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus};
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process};

use crate::workspace::shown;

/// Longer than a server takes to end in order, with a disk that is not slow.
const END_MAX: Duration = Duration::from_secs(10);

/// The server's processes: at most one that serves, and one that comes or goes.
pub(super) struct Server {
    program: PathBuf,
    command: Box<dyn Fn() -> Command>,
    /// The newest.
    current: Option<Child>,
    /// The one before it, which ends once its successor has taken over.
    before: Option<Child>,
    /// When the program of the newest was built; `None` if it could not start.
    built: Option<SystemTime>,
}

/// What has become of the processes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// The newest serves, and the one before it has ended.
    TakenOver,
    /// The newest could not start, and the one before it goes on.
    NotTakenOver(ExitStatus),
    /// The only one has ended.
    Ended(ExitStatus),
}

impl Server {
    /// None runs yet. `command` starts `program`.
    pub(super) fn new(program: &Path, command: impl Fn() -> Command + 'static) -> Self {
        let (program, command) = (program.to_owned(), Box::new(command));
        Self { program, command, current: None, before: None, built: None }
    }

    /// Whether one serves or begins to.
    pub(super) fn is_running(&self) -> bool {
        self.current.is_some()
    }

    /// Whether the newest program serves, or begins to.
    pub(super) fn is_newest(&self) -> bool {
        self.is_running() && self.built.is_some()
    }

    /// Whether one takes over from another just now.
    pub(super) fn is_in_transition(&self) -> bool {
        self.before.is_some()
    }

    /// Starts the program, unless the server that runs is of the same build. Returns whether it did. Must not be called while one
    /// takes over from another.
    pub(super) fn update(&mut self) -> Result<bool> {
        let built = fs::metadata(&self.program).and_then(|data| data.modified());
        let built = built.with_context(|| format!("there is no {}", self.program.display()))?;
        if self.is_running() && self.built == Some(built) {
            return Ok(false);
        }
        let mut command = (self.command)();
        // A group of its own: Ctrl-C reaches it through this command alone, and so once.
        let started = command.process_group(0).spawn();
        let started = started.with_context(|| format!("cannot start `{}`", shown(&command)))?;
        self.before = self.current.replace(started);
        self.built = Some(built);
        Ok(true)
    }

    /// Looks after the processes, without waiting.
    pub(super) fn poll(&mut self) -> Result<Option<Change>> {
        let ended = |process: &mut Option<Child>| match process {
            Some(child) => {
                let status = child.try_wait().context("cannot wait for the server")?;
                status.inspect(|_| *process = None).map_or(Ok(None), |status| anyhow::Ok(Some(status)))
            }
            None => Ok(None),
        };
        if let Some(status) = ended(&mut self.current)? {
            self.current = self.before.take();
            self.built = None;
            let is_back = self.is_running();
            return Ok(Some(if is_back { Change::NotTakenOver(status) } else { Change::Ended(status) }));
        }
        Ok(ended(&mut self.before)?.map(|_| Change::TakenOver))
    }

    /// Ends all of them in order, and at once if that takes too long or `is_hurried` says so.
    pub(super) fn end(mut self, is_hurried: impl Fn() -> bool) {
        let deadline = Instant::now() + END_MAX;
        let processes = [self.before.take(), self.current.take()];
        let mut processes: Vec<_> = processes.into_iter().flatten().collect();
        for process in &processes {
            let _ = kill_process(Pid::from_child(process), Signal::TERM);
        }
        while !processes.is_empty() {
            processes.retain_mut(|process| matches!(process.try_wait(), Ok(None)));
            if Instant::now() > deadline || is_hurried() {
                for process in &mut processes {
                    let _ = process.kill();
                    let _ = process.wait();
                }
                return;
            }
            sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Server {
    /// Without this, an error would leave it behind.
    fn drop(&mut self) {
        for process in [&mut self.before, &mut self.current].into_iter().flatten() {
            let _ = kill_process(Pid::from_child(process), Signal::TERM);
            let _ = process.wait();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::fs::File;
    use std::rc::Rc;

    use super::*;

    /// A server whose processes run these scripts, one after the other, of a program that is built again for each.
    fn server(folder: &Path, scripts: &[&str]) -> Result<Server> {
        let program = folder.join("program");
        File::create(&program)?;
        let scripts: Vec<_> = scripts.iter().rev().map(|script| (*script).to_owned()).collect();
        let scripts = Rc::new(RefCell::new(scripts));
        Ok(Server::new(&program, move || {
            let mut command = Command::new("sh");
            command.arg("-c").arg(scripts.borrow_mut().pop().unwrap_or_default());
            command
        }))
    }

    fn build(server: &Server, at: u64) -> Result<()> {
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(at);
        Ok(File::options().write(true).open(&server.program)?.set_modified(time)?)
    }

    fn change(server: &mut Server) -> Result<Change> {
        loop {
            if let Some(change) = server.poll()? {
                return Ok(change);
            }
            sleep(Duration::from_millis(5));
        }
    }

    #[test]
    fn program_that_was_not_built_again_is_not_started_again() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let mut server = server(folder.path(), &["exec sleep 600", "exit 1"])?;
        build(&server, 1)?;
        assert!(server.update()?);
        assert!(!server.update()?);
        assert_eq!((server.poll()?, server.is_in_transition()), (None, false));
        Ok(())
    }

    #[test]
    fn old_process_goes_on_until_the_new_one_has_taken_over() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let end = folder.path().join("end");
        let first = format!("until test -e {}; do sleep 0.01; done", end.display());
        let mut server = server(folder.path(), &[&first, "exit 1", "exec sleep 600"])?;
        for at in 1..=2 {
            build(&server, at)?;
            assert!(server.update()?);
        }
        assert!(server.is_in_transition());
        assert!(matches!(change(&mut server)?, Change::NotTakenOver(status) if status.code() == Some(1)));
        assert!(server.is_running() && !server.is_in_transition());

        // Tried again without another build: what it could not start with may be an arena file.
        assert!(!server.is_newest());
        assert!(server.update()?);
        assert_eq!(server.poll()?, None);
        fs::write(end, "")?;
        assert_eq!(change(&mut server)?, Change::TakenOver);
        assert!(server.is_newest() && !server.is_in_transition());
        server.end(|| false);
        Ok(())
    }

    #[test]
    fn server_that_has_ended_is_started_again_also_without_a_build() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let mut server = server(folder.path(), &["exit 3", "exec sleep 600"])?;
        assert!(server.update()?);
        assert!(matches!(change(&mut server)?, Change::Ended(status) if status.code() == Some(3)));
        assert!(!server.is_running());
        assert!(server.update()?);
        assert!(server.is_running());
        Ok(())
    }

    #[test]
    fn server_that_does_not_end_is_killed_when_it_is_hurried() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let ready = folder.path().join("ready");
        let stubborn = format!("trap '' TERM; echo > {}; while true; do sleep 0.05; done", ready.display());
        let mut server = server(folder.path(), &[&stubborn])?;
        assert!(server.update()?);
        while !ready.exists() {
            sleep(Duration::from_millis(5));
        }
        let pid = server.current.as_ref().map(Pid::from_child).context("it runs")?;
        server.end(|| true);
        assert!(rustix::process::test_kill_process(pid).is_err());
        Ok(())
    }
}
