//! A node as a process, and HTTP requests to it.

use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    process::{Child, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use serde_json::Value;
use shared::engine::rooms::RoomCreated;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{Instant, sleep, timeout},
};

use super::program::{self, Watchdog};

/// Far longer than any step takes. It turns a hanging test into a failure.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(60);

/// A node of a cluster.
pub(crate) struct Node {
    process: Child,
    _watchdog: Watchdog,
    pub(crate) address: SocketAddr,
}

/// The flags of a node with this name.
fn flags(nats: &str, name: &str) -> Vec<String> {
    let flags = ["--listen", "127.0.0.1:0", "--arena", "drift", "--bots", "0", "--tick-rate", "30"];
    let own = ["--cluster", nats, "--node", name, "--rooms", "40", "--log", "info"];
    flags.iter().chain(&own).map(ToString::to_string).collect()
}

impl Node {
    /// Starts a node.
    pub(crate) fn start(nats: &str, name: &str) -> Self {
        Self::start_with(nats, name, &[])
    }

    pub(crate) fn start_with(nats: &str, name: &str, more: &[&str]) -> Self {
        let mut command = program::emberdrift();
        let mut process =
            command.args(flags(nats, name)).args(more).stdout(Stdio::piped()).spawn().expect("it starts");
        let watchdog = Watchdog::of(&process);
        let output = BufReader::new(process.stdout.take().expect("it is piped"));
        let (found, address) = mpsc::channel();
        let name = name.to_owned();
        thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                println!("{name}: {line}");
                if let Some((_, rest)) = line.split_once("address=") {
                    let _ = found.send(rest.split_whitespace().next().map(str::to_owned));
                }
            }
        });
        let address = address.recv_timeout(TIMEOUT).expect("it listens").expect("an address");
        let address = address.parse().expect("an address");
        Self { process, _watchdog: watchdog, address }
    }

    /// What a node that cannot start says.
    pub(crate) fn refused(nats: &str, name: &str) -> String {
        let mut command = program::emberdrift();
        let output = program::output(command.args(flags(nats, name)));
        assert!(!output.status.success(), "it has started");
        String::from_utf8_lossy(&output.stderr).into_owned()
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    fn signal(&self, signal: &str) {
        let id = self.process.id().to_string();
        let sent = std::process::Command::new("kill").args([signal, &id]).status();
        assert!(sent.expect("there is a kill").success());
    }

    /// SIGTERM: it hands its rooms on.
    pub(crate) fn drain(&self) {
        self.signal("-TERM");
    }

    /// Waits until it has ended.
    pub(crate) async fn ended(&mut self) -> bool {
        let until = Instant::now() + TIMEOUT;
        loop {
            if let Some(status) = self.process.try_wait().expect("it is known") {
                return status.success();
            }
            assert!(Instant::now() < until, "the node has not ended");
            sleep(Duration::from_millis(20)).await;
        }
    }

    pub(crate) fn kill(&self) {
        self.signal("-KILL");
    }

    /// Makes a room.
    pub(crate) async fn make_room(&self, wanted: &Value) -> RoomCreated {
        let (status, _, body) =
            request(self.address, "POST", "/rooms", &wanted.to_string()).await.expect("it answers");
        assert_eq!(status, 201, "{body}");
        serde_json::from_str(&body).expect("a room")
    }

    /// `GET` this path: the status, the head and the body. `None` if it does not answer.
    pub(crate) async fn get(&self, path: &str) -> Option<(u16, String, String)> {
        request(self.address, "GET", path, "").await
    }

    /// Whether the room with this code is here, as a world and not as a redirect.
    pub(crate) async fn has_room(&self, code: &str) -> bool {
        matches!(self.get(&format!("/rooms/{code}")).await, Some((200, ..)))
    }

    /// The arenas that it lists, without the numbers that change: slug and URL.
    pub(crate) async fn arenas(&self) -> Vec<(String, String)> {
        let (_, _, body) = self.get("/arenas").await.expect("it answers");
        let entries: Vec<Value> = serde_json::from_str(&body).expect("a list");
        let text = |entry: &Value, key: &str| entry[key].as_str().unwrap_or_default().to_owned();
        entries.iter().map(|entry| (text(entry, "slug"), text(entry, "url"))).collect()
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

async fn request(address: SocketAddr, method: &str, path: &str, body: &str) -> Option<(u16, String, String)> {
    let exchange = async {
        let mut stream = TcpStream::connect(address).await.ok()?;
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
             Connection: close\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).await.ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.ok()?;
        let (head, body) = answer.split_once("\r\n\r\n")?;
        let status = head.split(' ').nth(1)?.parse().ok()?;
        Some((status, head.to_owned(), body.to_owned()))
    };
    timeout(Duration::from_secs(5), exchange).await.ok().flatten()
}

/// Waits until this is true.
pub(crate) async fn until<F: Future<Output = bool>>(what: &str, most: Duration, is_so: impl Fn() -> F) {
    let until = Instant::now() + most;
    while !is_so().await {
        assert!(Instant::now() < until, "{what} was not so within {most:?}");
        sleep(Duration::from_millis(50)).await;
    }
}
