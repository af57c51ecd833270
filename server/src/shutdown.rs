//! Signals: those that ask the server to stop, and SIGHUP, which asks it to read its files again.

use std::{io, process};

/// The conventional exit code after Ctrl-C.
const EXIT_INTERRUPTED: i32 = 130;

/// Ctrl-C and, on Unix, SIGTERM. Caught as soon as this exists, so that a signal during the start stops the server in good
/// order too.
pub struct Signals(System);

impl Signals {
    /// Starts to catch signals. Needs a tokio runtime.
    pub fn new() -> io::Result<Self> {
        System::new().map(Self)
    }

    /// Waits for the first signal. A second one ends the process at once.
    pub async fn requested(mut self) {
        let name = self.0.next().await;
        tracing::info!("{name}: closing all connections; send it again to stop at once");
        tokio::spawn(async move {
            let _ = self.0.next().await;
            process::exit(EXIT_INTERRUPTED);
        });
    }
}

/// SIGHUP, on Unix. Caught as soon as this exists; it would end the process.
pub struct Hangups(#[cfg(unix)] tokio::signal::unix::Signal);

impl Hangups {
    /// Starts to catch it. Needs a tokio runtime.
    pub fn new() -> io::Result<Self> {
        #[cfg(unix)]
        return tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup()).map(Self);
        #[cfg(not(unix))]
        Ok(Self())
    }

    /// Waits for the next one. Several that arrive at once are one.
    pub async fn next(&mut self) {
        #[cfg(unix)]
        if self.0.recv().await.is_some() {
            return;
        }
        std::future::pending::<()>().await;
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
        // Without Ctrl-C there is nothing to wait for.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        "Ctrl-C"
    }
}
