//! The server's program in a test: without settings of the machine, and with a limit. When the limit is over, the program is killed, and so
//! its output and every wait for it end: a test that would hang fails.

use std::{
    env,
    process::{Child, Command, Output, Stdio},
    sync::mpsc::{self, RecvTimeoutError, Sender},
    thread,
    time::Duration,
};

/// Far longer than any program runs in a test.
const LIMIT: Duration = Duration::from_secs(600);

/// The program, without the variables of the machine that it would take for settings.
pub(crate) fn emberdrift() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_emberdrift"));
    for (name, _) in env::vars().filter(|(name, _)| name.starts_with("EMBERDRIFT_")) {
        command.env_remove(name);
    }
    command
}

/// Kills a program when its time is over, unless it is dropped before.
#[derive(Debug)]
pub(crate) struct Watchdog {
    _watched: Sender<()>,
}

impl Watchdog {
    pub(crate) fn of(process: &Child) -> Self {
        Self::with_limit(process, LIMIT)
    }

    fn with_limit(process: &Child, limit: Duration) -> Self {
        let (watched, end) = mpsc::channel();
        let id = process.id().to_string();
        thread::spawn(move || {
            if end.recv_timeout(limit) == Err(RecvTimeoutError::Timeout) {
                let killed = Command::new("kill").args(["-KILL", &id]).status();
                println!("process {id} has run for {limit:?}; killed: {killed:?}");
            }
        });
        Self { _watched: watched }
    }
}

/// Runs a program to its end: what it printed, and how it ended.
#[allow(dead_code, reason = "not every test runs a program to its end")]
pub(crate) fn output(command: &mut Command) -> Output {
    let process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let _watchdog = Watchdog::of(&process);
    process.wait_with_output().expect("it ends")
}

#[test]
fn program_is_killed_when_its_time_is_over() {
    let sleep = || Command::new("sleep").arg("3600").spawn().expect("there is a sleep");
    let mut killed = sleep();
    let _watchdog = Watchdog::with_limit(&killed, Duration::from_millis(50));
    assert_eq!(killed.wait().expect("it ends").code(), None);
    let mut spared = sleep();
    drop(Watchdog::with_limit(&spared, Duration::from_millis(50)));
    thread::sleep(Duration::from_millis(200));
    assert!(spared.try_wait().expect("it is known").is_none());
    spared.kill().and_then(|()| spared.wait()).expect("it ends");
}
