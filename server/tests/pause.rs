//! A server that is stopped by signals. For longer than every deadline, as by a paused virtual machine or a closed laptop: it
//! must not throw out the clients that were there before. Most of the time, as by a limit of its processor time: it must notice
//! that it is overloaded, although its own work is small.
#![cfg(unix)]

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Command, Stdio},
    time::Duration,
};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};
use tokio_tungstenite::{
    connect_async,
    tungstenite::{Message, client::IntoClientRequest},
};

use self::program::Watchdog;

#[path = "common/program.rs"]
mod program;

/// Longer than the limit of a player that acknowledges nothing, 15 s, and the limits of a hello and a request's head.
const PAUSE: Duration = Duration::from_secs(17);
/// Frames before and after the pause.
const FRAMES: u32 = 40;
/// For what takes a moment on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

struct Server {
    process: Child,
    address: String,
    _watchdog: Watchdog,
}

impl Server {
    fn start() -> Self {
        let mut command = program::emberdrift();
        command.args(["--listen", "127.0.0.1:0", "--drones", "3"]).stdout(Stdio::piped());
        let mut process = command.spawn().expect("the server starts");
        let watchdog = Watchdog::of(&process);
        let mut log = BufReader::new(process.stdout.take().expect("it is piped")).lines();
        let address = log
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| Some(line.split_once("open http://")?.1.split(' ').next()?.to_owned()));
        std::thread::spawn(move || log.for_each(drop));
        Self { process, address: address.expect("the server logs its address"), _watchdog: watchdog }
    }

    fn signal(&self, signal: &str) {
        let id = self.process.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().expect("kill runs").success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A stopped process ends too.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

type Socket = tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>;

async fn connect(address: &str) -> Socket {
    let mut request = format!("ws://{address}/ws").into_client_request().expect("an address");
    let subprotocol = "emberdrift.json".parse().expect("a header");
    request.headers_mut().insert("sec-websocket-protocol", subprotocol);
    connect_async(request).await.expect("the handshake").0
}

async fn send(socket: &mut Socket, message: Value) {
    socket.send(Message::Text(message.to_string().into())).await.expect("the connection is open");
}

async fn hello(socket: &mut Socket, name: &str) {
    send(socket, json!({"Hello": {"name": name}})).await;
}

/// Plays until it has received `frames` frames.
async fn play(socket: &mut Socket, frames: u32) {
    let mut received = 0;
    while received < frames {
        let next = timeout(PATIENCE, socket.next()).await.expect("frames come");
        let Message::Text(text) = next.expect("no end").expect("no error") else { continue };
        let message: Value = serde_json::from_str(&text).expect("JSON");
        if let Some(tick) = message["Frame"]["head"]["tick"].as_u64() {
            received += 1;
            let input = json!({"input": {"buttons": 1, "aim": 0}, "ack": tick % 256});
            send(socket, json!({ "Input": input })).await;
        }
    }
}

#[tokio::test]
async fn deadlines_do_not_count_time_in_which_the_server_was_stopped() {
    let server = Server::start();
    let address = &server.address;
    let mut player = connect(address).await;
    hello(&mut player, "Ada").await;
    play(&mut player, FRAMES).await;
    let mut newcomer = connect(address).await;
    let mut feed = TcpStream::connect(address).expect("it listens");
    feed.set_read_timeout(Some(PATIENCE)).expect("a socket");
    write!(feed, "GET /feed/sse HTTP/1.1\r\nHost: {address}\r\n\r\n").expect("it is sent");
    let mut request = TcpStream::connect(address).expect("it listens");
    request.set_read_timeout(Some(PATIENCE)).expect("a socket");
    write!(request, "GET /healthz HTTP/1.1\r\n").expect("it is sent");
    // A connection that has been answered once, with half of its second request.
    let mut kept = TcpStream::connect(address).expect("it listens");
    kept.set_read_timeout(Some(PATIENCE)).expect("a socket");
    write!(kept, "GET /healthz HTTP/1.1\r\nHost: {address}\r\n\r\n").expect("it is sent");
    let mut first = [0; 12];
    kept.read_exact(&mut first).expect("it is answered");
    write!(kept, "GET /healthz HTTP/1.1\r\n").expect("it is sent");
    let mut documents = BufReader::new(feed).lines();
    let mut next_document =
        || documents.by_ref().map_while(Result::ok).find(|line| line.starts_with("data: "));
    assert!(next_document().is_some());

    server.signal("-STOP");
    // What arrives meanwhile waits in the kernel.
    hello(&mut newcomer, "Bea").await;
    write!(request, "Host: {address}\r\nConnection: close\r\n\r\n").expect("it is sent");
    sleep(PAUSE).await;
    server.signal("-CONT");

    play(&mut player, FRAMES).await;
    write!(kept, "Host: {address}\r\nConnection: close\r\n\r\n").expect("it is sent");
    play(&mut newcomer, FRAMES).await;
    for _ in 0..3 {
        assert!(next_document().is_some(), "the feed goes on");
    }
    let mut answer = String::new();
    request.read_to_string(&mut answer).expect("it is answered");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let mut second = String::new();
    kept.read_to_string(&mut second).expect("it is answered");
    assert!(second.contains("HTTP/1.1 200"), "{second}");
}

/// The status of the answer, and its text.
fn get(address: &str, path: &str) -> (String, String) {
    let mut stream = TcpStream::connect(address).expect("it listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a socket");
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")
        .expect("it is sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it is answered");
    let status = answer.split(' ').nth(1).unwrap_or_default().to_owned();
    (status, answer)
}

fn overload_level(address: &str) -> u32 {
    let (_, metrics) = get(address, "/metrics");
    let mut levels =
        metrics.lines().filter_map(|line| line.strip_prefix("emberdrift_overload_level")?.split(' ').nth(1));
    levels.next().and_then(|level| level.parse().ok()).expect("the level is among the metrics")
}

#[test]
fn server_with_an_eighth_of_its_time_sheds_load_and_is_not_ready() {
    let server = Server::start();
    assert_eq!(overload_level(&server.address), 0);
    let (stopped, runs) = (Duration::from_millis(88), Duration::from_millis(12));
    let deadline = std::time::Instant::now() + PATIENCE;
    // Asked while it has its time, so that the question does not wait: it takes 5 s of calm to leave a level.
    let mut rounds = 0;
    while rounds % 20 != 0 || overload_level(&server.address) < 4 {
        assert!(std::time::Instant::now() < deadline, "level {}", overload_level(&server.address));
        server.signal("-STOP");
        std::thread::sleep(stopped);
        server.signal("-CONT");
        std::thread::sleep(runs);
        rounds += 1;
    }
    assert_eq!(get(&server.address, "/readyz").0, "503");
}
