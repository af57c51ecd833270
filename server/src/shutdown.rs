//! From a signal of the operating system to the wish to end. Knows signals only.

use std::{io, process};

/// By convention: ended by Ctrl-C.
const EXIT_INTERRUPTED: i32 = 130;

/// Ctrl-C and, on Unix, SIGTERM. Caught from the moment this exists, so that one that comes during the start ends
/// the server in good order too.
pub struct Signals(System);

impl Signals {
    /// Begins to catch them. Needs a tokio runtime.
    pub fn new() -> io::Result<Self> {
        System::new().map(Self)
    }

    /// Waits for the first. From then on a second one ends the process at once.
    pub async fn requested(mut self) {
        let name = self.0.next().await;
        tracing::info!("{name}: saying goodbye to every player; once more to end at once");
        tokio::spawn(async move {
            let _ = self.0.next().await;
            process::exit(EXIT_INTERRUPTED);
        });
    }
}

#[cfg(unix)]
struct System {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl System {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.interrupt.recv() => "Ctrl-C",
            _ = self.terminate.recv() => "SIGTERM",
        }
    }
}

#[cfg(not(unix))]
struct System;

#[cfg(not(unix))]
impl System {
    fn new() -> io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) -> &'static str {
        // Where there is no Ctrl-C to wait for, nobody can press it.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        "Ctrl-C"
    }
}
