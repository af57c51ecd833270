//! One round of builds, one after the other: they would wait for the same lock of `target/` anyway. It runs beside the game, and is
//! cancelled when it is dropped, because a file has changed meanwhile or the command ends.

use std::collections::VecDeque;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command};

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process_group};

use crate::workspace::shown;

/// Builds that run or wait.
pub(super) struct Round {
    waiting: VecDeque<Command>,
    running: Option<Child>,
}

/// How a round ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// Every build was made.
    Built,
    /// One failed, and has said why; those after it were not tried.
    Failed,
}

impl Round {
    pub(super) fn new(builds: impl IntoIterator<Item = Command>) -> Self {
        Self { waiting: builds.into_iter().map(|build| after_the_game(&build)).collect(), running: None }
    }

    /// Goes on, without waiting. `Some` when it has ended.
    pub(super) fn poll(&mut self) -> Result<Option<Ended>> {
        loop {
            if let Some(build) = &mut self.running {
                let Some(status) = build.try_wait().context("cannot wait for a build")? else {
                    return Ok(None);
                };
                self.running = None;
                if !status.success() {
                    return Ok(Some(Ended::Failed));
                }
            }
            let Some(mut next) = self.waiting.pop_front() else { return Ok(Some(Ended::Built)) };
            // A group of its own, so that the compilers that it starts end with it.
            let started = next.process_group(0).spawn();
            self.running = Some(started.with_context(|| format!("cannot start `{}`", shown(&next)))?);
        }
    }
}

/// The same command at a lower priority. Compilers take every core, and a server that gets too little of one turns players away.
fn after_the_game(command: &Command) -> Command {
    let mut nice = Command::new("nice");
    nice.args(["-n", "10"]).arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => nice.env(name, value),
            None => nice.env_remove(name),
        };
    }
    if let Some(folder) = command.get_current_dir() {
        nice.current_dir(folder);
    }
    nice
}

impl Drop for Round {
    fn drop(&mut self) {
        if let Some(mut build) = self.running.take() {
            // It may have ended by itself just now.
            let _ = kill_process_group(Pid::from_child(&build), Signal::TERM);
            let _ = build.wait();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::thread::sleep;
    use std::time::Duration;

    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    fn end(mut round: Round) -> Result<Ended> {
        loop {
            if let Some(ended) = round.poll()? {
                return Ok(ended);
            }
            sleep(Duration::from_millis(5));
        }
    }

    #[test]
    fn builds_run_in_order_and_end_with_the_first_that_fails() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let log = folder.path().join("log");
        let say = |word: &str, code: u8| shell(&format!("echo {word} >> {}; exit {code}", log.display()));
        assert_eq!(end(Round::new([]))?, Ended::Built);
        assert_eq!(end(Round::new([say("a", 0), say("b", 0)]))?, Ended::Built);
        assert_eq!(end(Round::new([say("c", 0), say("d", 1), say("e", 0)]))?, Ended::Failed);
        assert_eq!(fs::read_to_string(log)?, "a\nb\nc\nd\n");
        Ok(())
    }

    #[test]
    fn builds_run_as_they_were_asked_for_but_at_a_lower_priority() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let mut build = shell("echo $WORD $(pwd) $(nice) > log");
        build.env("WORD", "so").current_dir(folder.path());
        assert_eq!(end(Round::new([build]))?, Ended::Built);
        let log = fs::read_to_string(folder.path().join("log"))?;
        let words: Vec<_> = log.split_whitespace().collect();
        let here = folder.path().canonicalize()?;
        assert_eq!(words[..2], ["so", here.to_str().context("a path in UTF-8")?]);
        assert!(words[2].parse::<i32>()? >= 10, "{log}");
        Ok(())
    }

    #[test]
    fn dropped_round_ends_what_its_build_has_started() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let pid = folder.path().join("pid");
        let mut round = Round::new([shell(&format!("sleep 600 & echo $! > {}; wait", pid.display()))]);
        let started = loop {
            assert_eq!(round.poll()?, None);
            match fs::read_to_string(&pid) {
                Ok(text) if text.ends_with('\n') => break text,
                _ => sleep(Duration::from_millis(5)),
            }
        };
        drop(round);
        let started = started.trim().parse().ok().and_then(Pid::from_raw).context("a process id")?;
        // It is gone at once, but a parent of orphans may take a moment to collect it.
        for _ in 0..2000 {
            let state = fs::read_to_string(format!("/proc/{}/stat", started.as_raw_nonzero()));
            if !state.is_ok_and(|state| !state.contains(") Z")) {
                return Ok(());
            }
            sleep(Duration::from_millis(5));
        }
        anyhow::bail!("it still runs")
    }
}
