//! Seeds from real traffic: the protocol's vectors, a simulated game, and what browsers, tools and people send.

use std::{
    fs,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use client_web::game::session::Session;
use server::{
    engine::{
        connection_state::{Admission, ConnectionState},
        outbox::{Outbound, OutboxReceiver},
        sessions::Seats,
        tick_loop::Ticking,
    },
    game::{ArenaLoop, ArenaSettings, NetworkSide, arena_file},
};
use shared::engine::{
    input::{Angle, Buttons, PlayerInput},
    protocol::{decode_client, encode_client_json},
};

use crate::SEED_BYTES_MAX;

/// A seed's path in the folder of seeds, and its bytes.
pub(crate) type Seed = (String, Vec<u8>);

pub(crate) fn all() -> Vec<Seed> {
    let mut seeds = client_messages();
    seeds.extend(frames());
    seeds.extend(arenas());
    seeds.extend(texts());
    seeds.push(("recording/game".to_owned(), fuzz::recorded()));
    seeds.push(("snapshot/payload".to_owned(), fuzz::payload()));
    seeds
}

/// The vectors of a client's messages, in both encodings.
fn client_messages() -> Vec<Seed> {
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/vectors/client.json");
    let vectors: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(vectors).expect("the vectors")).expect("they are JSON");
    let mut seeds = Vec::new();
    for (at, vector) in vectors.as_array().expect("a list").iter().enumerate() {
        let hex = vector["bincode"].as_str().expect("hexadecimal digits");
        let bytes: Vec<u8> = (0..hex.len() / 2)
            .map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).expect("two digits"))
            .collect();
        let json = encode_client_json(&decode_client::<PlayerInput>(&bytes).expect("a vector is a message"));
        seeds.push((format!("client_binary/{at:02}"), bytes));
        seeds.push((format!("client_json/{at:02}"), json.into_bytes()));
    }
    seeds
}

/// Ticks of a recorded game, at 20 Hz.
const TICKS: u32 = 60;

/// What a player and a spectator got in a game with drones, as scripts of the target `frames`.
fn frames() -> Vec<Seed> {
    let settings = ArenaSettings {
        arena: arena_file::load("duel").expect("it is embedded"),
        tick_rate: 20,
        bots: 3,
        seats: Seats::new(8),
        seed: 5,
        reconnect_grace: Duration::from_secs(10),
        slow_tick: None,
        fail_after: None,
    };
    let (network, inbox) = NetworkSide::detached(100).expect("the system has random numbers");
    let admission = Admission::new(inbox, Arc::clone(&network.telemetry), network.resume_key.clone());
    let mut arena = ArenaLoop::new(settings, network);
    let mut viewers = [Viewer::new(Session::new("Ada")), Viewer::new(Session::spectator())];
    let start = Instant::now();
    for tick in 0..TICKS {
        let now_ms = 1000.0 + 50.0 * f64::from(tick);
        for viewer in &mut viewers {
            viewer.play(tick, now_ms, &admission);
        }
        arena.tick(start + Duration::from_millis(50) * tick);
        for viewer in &mut viewers {
            viewer.read(now_ms);
        }
    }
    let [player, spectator] = viewers.map(|viewer| viewer.messages);
    assert!(player.len() > 40 && spectator.len() > 40);
    let mut seeds = Vec::new();
    // A player's welcome is the target's own; a spectator's is not.
    for (name, start, messages) in [("player", 0, &player[1..]), ("spectator", 3, &spectator[..])] {
        for (part, messages) in messages.chunks(20).enumerate() {
            seeds.push((format!("frames/{name}-{part}"), script(start, messages)));
        }
    }
    seeds
}

/// A client's end of the recorded game.
struct Viewer {
    session: Session,
    connection: ConnectionState,
    outbox: Option<OutboxReceiver>,
    messages: Vec<Vec<u8>>,
}

impl Viewer {
    fn new(session: Session) -> Self {
        Self { session, connection: ConnectionState::default(), outbox: None, messages: Vec::new() }
    }

    fn play(&mut self, tick: u32, now_ms: f64, admission: &Admission) {
        let buttons = Buttons([1, 9, 24, 16, 50][tick as usize / 7 % 5]);
        self.session.advance(now_ms, PlayerInput { buttons, aim: Angle((tick * 2000) as u16) });
        if tick == 20 {
            self.session.send_chat("gg 🔥");
            self.session.send_chat("/w ada psst");
        }
        while let Some(message) = self.session.poll_transmit() {
            let message = decode_client::<PlayerInput>(&message).expect("a client's message");
            let message = message.into_raw().expect("its input is short");
            let joined = self
                .connection
                .on_message(message, None, admission, std::time::Instant::now())
                .expect("a client keeps the protocol");
            self.outbox = joined.or(self.outbox.take());
        }
    }

    fn read(&mut self, now_ms: f64) {
        while let Some(outbound) = self.outbox.as_mut().and_then(OutboxReceiver::try_recv) {
            let Outbound::Message(message) = outbound else { panic!("no one is closed") };
            self.session.handle_message(&message, now_ms).expect("a server's message");
            self.messages.push(message.to_vec());
        }
    }
}

/// A script of the target `frames`: each message arrives 48 ms after the one before, and is drawn.
pub(crate) fn script(start: u8, messages: &[Vec<u8>]) -> Vec<u8> {
    let mut script = vec![start];
    for message in messages {
        let step = 12 << 2;
        if script.len() + message.len() + 8 > SEED_BYTES_MAX {
            break;
        }
        script.push(step);
        script.extend((message.len() as u16).to_le_bytes());
        script.extend(message);
        script.extend([2, 9, 0, 64, 3]);
    }
    script
}

/// Scripts of the target `arena`.
fn arenas() -> Vec<Seed> {
    let hello = |client: u8, name: &str| [&[3 << 2 | client, name.len() as u8], name.as_bytes()].concat();
    let chat = |client: u8, line: &str| [&[8 << 2 | client, line.len() as u8], line.as_bytes()].concat();
    let (tick, read, leave, resume, hide) = (64_u8, 11 << 2, 13 << 2, 4 << 2, 9 << 2);
    let input = |client: u8, buttons: u8, aim: u8| vec![5 << 2 | client, buttons, aim];
    let play = [hello(0, "Ada"), hello(1, "\u{410}da"), vec![tick, read, read | 1], input(0, 25, 3)].concat();
    let play =
        [play, input(1, 16, 128), vec![tick, read], chat(0, "/w \u{410}da 2 hi"), vec![tick, read | 1]]
            .concat();
    let back =
        [hello(2, ""), vec![tick, read | 2, leave | 2, tick, resume | 2 | 128, tick, read | 2]].concat();
    let full =
        [hello(0, "a"), hello(1, "b"), hello(2, "c"), hello(3, "d"), vec![tick, read | 3, tick]].concat();
    let hidden =
        [hello(1, "Bo"), vec![tick, hide | 1 | 64, tick, hide | 1, tick, leave | 1 | 64, tick]].concat();
    let scripts = [("play", play), ("back", back), ("full", full), ("hidden", hidden)];
    scripts.map(|(name, script)| (format!("arena/{name}"), script)).into()
}

/// Heads as browsers and tools send them, names and lines, tokens, and arena files.
fn texts() -> Vec<Seed> {
    let mut seeds = Vec::new();
    let mut add = |name: &str, text: &str| {
        // All in one part, from a trusted proxy.
        let start = if name.starts_with("http/") { &[254][..] } else { &[] };
        seeds.push((name.to_owned(), [start, text.as_bytes()].concat()));
    };
    add(
        "http/page",
        "GET / HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip, deflate, br;q=0.5\r\nIf-None-Match: \"a\"\r\n\r\n",
    );
    add("http/file", "HEAD /client.0123abcd.js?v=1 HTTP/1.1\r\nHost: x\r\nAccept-Encoding: *;q=0\r\n\r\n");
    add("http/curl", "GET /arenas HTTP/1.0\r\nUser-Agent: curl/8\r\nAccept: */*\r\n\r\n");
    add(
        "http/feed",
        "GET /feed/duel/sse?topics=scores,events HTTP/1.1\r\nHost: x\r\nOrigin: http://y\r\n\r\n",
    );
    add("http/check", "OPTIONS / HTTP/1.0\r\n\r\n");
    add("http/metrics", "GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: keep-alive\r\n\r\n");
    add(
        "http/handshake",
        "GET /ws/duel HTTP/1.1\r\nHost: a:8080\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\nOrigin: http://a:8080\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: x, emberdrift.json\r\n\r\n",
    );
    add(
        "http/forwarded",
        "GET /ws HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 192.0.2.1, 10.0.0.1\r\nX-Forwarded-Host: b\r\nX-Forwarded-Proto: https\r\n\
         Forwarded: for=\"[2001:db8::1]:80\";proto=https\r\nOrigin: https://b\r\n\r\n",
    );
    add("http/proxy-1", "PROXY TCP4 192.0.2.1 10.0.0.2 56324 443\r\nGET /arenas HTTP/1.1\r\nHost: x\r\n\r\n");
    add(
        "http/proxy-2",
        "\r\n\r\n\0\r\nQUIT\n!\x11\0\x0c\x7f\0\0\x01\x7f\0\0\x02\x12\x34\0\x50GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    );
    add("names/alike", "Ada\n\u{410}da\nA\u{34F}da\nada\nPilot 7\n/w ada 2 hi");
    add("names/hidden", "\u{3164}\n\u{2800}\n\u{202E}abc\u{200B}\ne\u{301}\u{323}\u{335}\u{335}");
    add("names/scripts", "Nguyễn\nน้ำ\nשָּׁלוֹם\nمُحَمَّد\nक्\u{200D}ष\nလျှို့\n한국\n❤\u{FE0F}\u{200D}🔥 👍🏽 🇫🇷");
    let claims = r#"{"exp":99999999999,"nbf":1,"name":"Ada","arena":"drift","sub":7}"#;
    add("ticket/signed", &format!("{}\n{claims}", r#"{"alg":"HS256","typ":"JWT"}"#));
    add("ticket/unsigned", &format!("{}\n{claims}", r#"{"alg":"none"}"#));
    add(
        "ticket/foreign",
        "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjk5OTk5OTk5OTk5fQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
    );
    add("resume_token/text", &"0123456789abcdef".repeat(4));
    add("resume_token/bytes", "0123456789abcdefghijklmnopqrstuv");
    for name in ["duel", "drift", "ruins"] {
        let file =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/arenas").join(format!("{name}.ron"));
        let text = fs::read_to_string(file).expect("an arena file");
        // Without comments, which are no use here.
        let lines = text.lines().map(|line| line.split("//").next().unwrap_or_default().trim());
        let text: Vec<_> = lines.filter(|line| !line.is_empty()).collect();
        // Small, so that its ground is checked in no time.
        add(&format!("arena_file/{name}"), &text.join("\n").replace("4608", "1536").replace("6144", "1536"));
    }
    seeds
}
