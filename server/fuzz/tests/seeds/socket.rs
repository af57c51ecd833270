//! Seeds from a real game: a server with a socket, the client's own session in bincode, and a client that knows nothing but JSON.

use std::{
    collections::HashMap,
    io::{self, Read, Write},
    net::{SocketAddr, TcpStream},
    time::{Duration, Instant},
};

use client_web::game::session::Session;
use server::{
    engine::{
        net::{Limits, Site},
        sessions::Seats,
    },
    game::{ArenaSettings, Options, arena_file},
    run,
};
use shared::engine::{
    input::{Angle, Buttons, PlayerInput},
    protocol::{SUBPROTOCOL_BINCODE, SUBPROTOCOL_JSON},
};
use tokio_tungstenite::tungstenite::{
    Message, WebSocket, client, client::IntoClientRequest, http::header::SEC_WEBSOCKET_PROTOCOL,
};

use crate::record::{Seed, script};

/// Messages from the server that a client plays for.
const MESSAGES: usize = 45;
/// Far longer than the server takes for a message.
const TIMEOUT: Duration = Duration::from_secs(20);
/// Messages of a kind that are kept.
const OF_A_KIND: usize = 3;

/// What both sides of a connection have sent.
#[derive(Debug, Default)]
struct Traffic {
    /// The client's request, up to the empty line.
    head: Vec<u8>,
    sent: Vec<Vec<u8>>,
    received: Vec<Vec<u8>>,
}

/// Plays with both clients, one after the other.
pub(crate) fn all() -> Vec<Seed> {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let server = runtime.block_on(run::start(options())).expect("a server");
    let binary = play_binary(server.address());
    let json = play_json(server.address());
    runtime.block_on(server.stop());

    let mut seeds = Vec::new();
    for (name, traffic) in [("binary", &binary), ("json", &json)] {
        // All in one part, from a peer that is no trusted proxy.
        seeds.push((format!("http/socket-{name}"), [&[255], &traffic.head[..]].concat()));
        let mut kinds = HashMap::new();
        for message in &traffic.sent {
            // The number of the variant, or the beginning of its name.
            let kind = if name == "json" { &message[..message.len().min(5)] } else { &message[..1] };
            let count: &mut usize = kinds.entry(kind.to_owned()).or_default();
            *count += 1;
            if *count <= OF_A_KIND {
                let number = kinds.values().map(|count| (*count).min(OF_A_KIND)).sum::<usize>();
                seeds.push((format!("client_{name}/socket-{number:02}"), message.clone()));
            }
        }
        assert!(kinds.len() > 2, "{kinds:?}");
    }
    // The welcome is the first message, and a player's session starts without one.
    seeds.push(("frames/socket".to_owned(), script(1, &binary.received)));
    seeds
}

fn options() -> Options {
    let game = ArenaSettings {
        arena: arena_file::load("duel").expect("it is embedded"),
        tick_rate: 60,
        bots: 3,
        seats: Seats::new(8),
        seed: 5,
        reconnect_grace: Duration::from_secs(10),
        slow_tick: None,
        fail_after: None,
    };
    Options {
        limits: Limits { shutdown_timeout: Duration::from_millis(100), ..Limits::for_players(8) },
        site: Site::Files(HashMap::new()),
        ..Options::of_one_arena(game)
    }
}

/// Keeps the beginning of what is written.
#[derive(Debug)]
struct Tap {
    stream: TcpStream,
    written: Vec<u8>,
}

impl Read for Tap {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.stream.read(buffer)
    }
}

impl Write for Tap {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let length = self.stream.write(bytes)?;
        self.written.extend(&bytes[..length]);
        Ok(length)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

fn connect(server: SocketAddr, subprotocol: &'static str) -> (WebSocket<Tap>, Traffic) {
    let stream = TcpStream::connect(server).expect("it listens");
    stream.set_read_timeout(Some(TIMEOUT)).expect("a socket");
    let mut request = format!("ws://{server}/ws").into_client_request().expect("an address");
    request.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, subprotocol.parse().expect("a name"));
    let tap = Tap { stream, written: Vec::new() };
    let (socket, _) = client(request, tap).expect("a WebSocket");
    let head = socket.get_ref().written.clone();
    (socket, Traffic { head, ..Traffic::default() })
}

/// The next message of the game.
fn next(socket: &mut WebSocket<Tap>) -> Vec<u8> {
    loop {
        match socket.read().expect("the server sends") {
            message @ (Message::Binary(_) | Message::Text(_)) => return message.into_data().to_vec(),
            Message::Close(frame) => panic!("closed: {frame:?}"),
            _ => {}
        }
    }
}

fn play_binary(server: SocketAddr) -> Traffic {
    let (mut socket, mut traffic) = connect(server, SUBPROTOCOL_BINCODE);
    let (mut session, start) = (Session::new("Ada"), Instant::now());
    while traffic.received.len() < MESSAGES {
        let turn = traffic.received.len();
        let now_ms = 1000.0 + start.elapsed().as_secs_f64() * 1000.0;
        let buttons = Buttons([1, 9, 24, 16, 50][turn / 7 % 5]);
        session.advance(now_ms, PlayerInput { buttons, aim: Angle((turn * 1400) as u16) });
        if turn == 20 {
            session.send_chat("gg 🔥");
        }
        session.set_hidden((30..32).contains(&turn));
        while let Some(message) = session.poll_transmit() {
            traffic.sent.push(message.clone());
            socket.send(Message::binary(message)).expect("the server reads");
        }
        let message = next(&mut socket);
        session.handle_message(&message, now_ms).expect("a server's message");
        traffic.received.push(message);
    }
    let _ = socket.close(None);
    traffic
}

/// As the examples in other languages do it.
fn play_json(server: SocketAddr) -> Traffic {
    let (mut socket, mut traffic) = connect(server, SUBPROTOCOL_JSON);
    let send = |socket: &mut WebSocket<Tap>, sent: &mut Vec<Vec<u8>>, text: String| {
        sent.push(text.clone().into_bytes());
        socket.send(Message::text(text)).expect("the server reads");
    };
    send(&mut socket, &mut traffic.sent, r#"{"Hello":{"name":"Bo"}}"#.to_owned());
    while traffic.received.len() < MESSAGES {
        let message = next(&mut socket);
        let value: serde_json::Value = serde_json::from_slice(&message).expect("JSON");
        traffic.received.push(message);
        let Some(tick) = value["Frame"]["head"]["tick"].as_u64() else { continue };
        let turn = traffic.received.len();
        let (ack, aim) = (tick as u8, turn * 1000);
        let input = format!(r#"{{"Input":{{"input":{{"buttons":{},"aim":{aim}}},"ack":{ack}}}}}"#, turn % 32);
        send(&mut socket, &mut traffic.sent, input);
        match turn {
            10 => send(&mut socket, &mut traffic.sent, r#"{"Chat":"hi \"all\""}"#.to_owned()),
            20 => send(&mut socket, &mut traffic.sent, r#"{"Hidden":true}"#.to_owned()),
            21 => send(&mut socket, &mut traffic.sent, r#"{"Hidden":false}"#.to_owned()),
            _ => {}
        }
    }
    let _ = socket.close(None);
    traffic
}
