//! TLS on the server's own port, from a real TLS client.

use std::{
    env, fs,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use futures_util::{SinkExt, StreamExt};
use server::{
    engine::net::{Access, Tls, TlsSource, TrustedProxies},
    game::Options,
    run::Running,
};
use shared::{
    engine::protocol::{decode_server, encode_client},
    game::protocol::{ClientMessage, ServerMessage},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
};
use tokio_rustls::{
    TlsConnector,
    client::TlsStream,
    rustls::{ClientConfig, RootCertStore, crypto::ring, pki_types::CertificateDer},
};
use tokio_tungstenite::{WebSocketStream, client_async, tungstenite::Message};

use crate::rig::{eventually, get, hello, raw, request, server_with, soon};

/// A certificate for `localhost`, as an authority of its own, in files.
struct Files {
    folder: PathBuf,
    der: CertificateDer<'static>,
}

impl Files {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("emberdrift-net-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let folder = env::temp_dir().join(name);
        fs::create_dir_all(&folder).unwrap();
        let mut files = Self { folder, der: Vec::new().into() };
        files.replace();
        files
    }

    /// Writes another pair.
    fn replace(&mut self) {
        let made =
            rcgen::generate_simple_self_signed(["localhost", "play.example"].map(str::to_owned)).unwrap();
        fs::write(self.folder.join("cert.pem"), made.cert.pem()).unwrap();
        fs::write(self.folder.join("key.pem"), made.signing_key.serialize_pem()).unwrap();
        self.der = made.cert.der().clone();
    }

    fn source(&self) -> TlsSource {
        TlsSource::Files { certificate: self.folder.join("cert.pem"), key: self.folder.join("key.pem") }
    }

    /// A client that trusts this certificate and no other.
    fn connector(&self) -> TlsConnector {
        let mut roots = RootCertStore::empty();
        roots.add(self.der.clone()).unwrap();
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
        let config = config.with_safe_default_protocol_versions().unwrap();
        let mut config = config.with_root_certificates(roots).with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Arc::new(config).into()
    }

    async fn server(&self) -> Running {
        self.server_with(|_| {}).await
    }

    async fn server_with(&self, change: impl FnOnce(&mut Options)) -> Running {
        server_with(|options| {
            options.tls = Some(Arc::new(Tls::new(self.source()).unwrap()));
            change(options);
        })
        .await
    }

    async fn secure(&self, stream: TcpStream) -> std::io::Result<TlsStream<TcpStream>> {
        self.secure_as("localhost", stream).await
    }

    /// For a server that the client knows by this name.
    async fn secure_as(
        &self,
        name: &'static str,
        stream: TcpStream,
    ) -> std::io::Result<TlsStream<TcpStream>> {
        soon("the TLS handshake", self.connector().connect(name.try_into().unwrap(), stream)).await
    }

    async fn connect(&self, server: &Running) -> std::io::Result<TlsStream<TcpStream>> {
        self.secure(TcpStream::connect(server.address()).await.unwrap()).await
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// The answer to these bytes, as text, read until the server closes.
async fn answer(stream: &mut TlsStream<TcpStream>, request: &str) -> String {
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut text = String::new();
    soon("an answer", stream.read_to_string(&mut text)).await.unwrap();
    text
}

type Socket = WebSocketStream<TlsStream<TcpStream>>;

/// Joins over TLS.
async fn join(stream: TlsStream<TcpStream>) -> Socket {
    let (mut socket, _) = soon("the handshake", client_async("wss://localhost/ws", stream)).await.unwrap();
    socket.send(Message::Binary(encode_client(&hello("Ada")).into())).await.unwrap();
    socket
}

/// Reads this many frames, and acknowledges them.
async fn frames(socket: &mut Socket, count: usize) {
    let mut left = count;
    while left > 0 {
        let Some(Ok(message)) = soon("a frame", socket.next()).await else { panic!("the connection ended") };
        let Message::Binary(bytes) = message else { continue };
        if let ServerMessage::Frame(frame) = decode_server(&bytes).unwrap() {
            left -= 1;
            let seen = encode_client(&ClientMessage::Ack(frame.head.tick.0 as u8));
            socket.send(Message::Binary(seen.into())).await.unwrap();
        }
    }
}

const HEALTH: &str = "GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";

#[tokio::test]
async fn page_and_game_are_served_with_tls() {
    let files = Files::new();
    let server = files.server().await;
    let mut stream = files.connect(&server).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
    let text = answer(&mut stream, HEALTH).await;
    assert!(text.starts_with("HTTP/1.1 200 ") && text.ends_with("alive\n"), "{text}");
    assert!(text.contains("x-content-type-options: nosniff\r\n"), "{text}");
    let mut socket = join(files.connect(&server).await.unwrap()).await;
    frames(&mut socket, 60).await;
    soon("the closing handshake", socket.close(None)).await.unwrap();
    eventually("the connection is gone", || server.telemetry().connections.get() == 0).await;
    server.stop().await;
}

#[tokio::test]
async fn browsers_stay_with_tls_for_the_domain_of_a_public_url_only() {
    let files = Files::new();
    let urls = vec!["https://play.example/game".parse().unwrap()];
    let access = Access::new(urls, &[], TrustedProxies::default());
    let server = files.server_with(|options| options.access = access).await;
    for (host, is_told) in [
        ("play.example", true),
        ("play.example:8443", false),
        ("localhost", false),
        ("192.168.1.5", false),
        ("box.lan", false),
    ] {
        let mut stream = files.connect(&server).await.unwrap();
        let text = answer(&mut stream, &HEALTH.replace("localhost", host)).await;
        let has_header = text.contains("strict-transport-security: max-age=31536000\r\n");
        assert_eq!(has_header, is_told, "{host}: {text}");
    }
    server.stop().await;
}

#[tokio::test]
async fn refusals_tell_browsers_to_stay_with_tls_too() {
    let files = Files::new();
    let urls = vec!["https://play.example".parse().unwrap()];
    let access = Access::new(urls, &[], "127.0.0.1".parse().unwrap());
    let server = files
        .server_with(|options| {
            options.access = access;
            (options.limits.sockets_per_network, options.limits.requests_per_second) = (1, 0);
        })
        .await;
    let client = ("x-forwarded-for", "203.0.113.9");
    soon("too many requests", async { while request(&server, "GET", "/", &[client]).await.status != 429 {} })
        .await;
    let ask = HEALTH.replace("localhost", "play.example");
    let with = |header: &str| ask.replace("connection", &format!("{header}\r\nconnection"));
    for (request, status, names_host) in [
        (ask.clone(), 200, true),
        (ask.replace("/healthz", "/ws/nowhere"), 404, true),
        (with("x-forwarded-for: 203.0.113.9"), 429, true),
        // If the request names no host, the one of the TLS handshake counts.
        (ask.replace("host: play.example\r\n", ""), 400, false),
        (with("host: play.example"), 400, false),
        (with(&format!("x: {}", "y".repeat(9000))), 431, false),
        ("NONSENSE\r\n\r\n".to_owned(), 400, false),
    ] {
        for (name, is_told) in [("play.example", true), ("localhost", names_host)] {
            let stream = TcpStream::connect(server.address()).await.unwrap();
            let mut stream = files.secure_as(name, stream).await.unwrap();
            let text = answer(&mut stream, &request).await;
            assert!(text.starts_with(&format!("HTTP/1.1 {status} ")), "{text}");
            let has_header = text.contains("strict-transport-security: max-age=31536000\r\n");
            assert_eq!(has_header, is_told, "{name}: {text}");
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn certificate_made_for_a_lan_is_not_pinned_by_browsers() {
    let files = Files::new();
    let server = server_with(|options| {
        let names = vec!["localhost".to_owned()];
        options.tls = Some(Arc::new(Tls::new(TlsSource::SelfSigned { names, kept_in: None }).unwrap()));
    })
    .await;
    assert!(files.connect(&server).await.is_err(), "another certificate is not trusted");
    assert_eq!(get(&server, "/").await.status, 308);
    assert_eq!(get(&server, "/").await.header("strict-transport-security"), "");
    eventually("it is counted", || server.telemetry().refused.get("tls").get() == 1).await;
    server.stop().await;
}

#[tokio::test]
async fn plain_requests_are_redirected_and_plain_websockets_learn_the_scheme() {
    let files = Files::new();
    let server = files.server().await;
    let page = request(&server, "GET", "/a?b=c", &[]).await;
    assert_eq!(
        (page.status, page.header("location")),
        (308, &*format!("https://{}/a?b=c", server.address()))
    );
    let socket = request(&server, "GET", "/ws", &[("upgrade", "websocket")]).await;
    assert_eq!((socket.status, socket.text().contains("wss://")), (403, true));
    // Load balancers may ask without.
    assert_eq!(get(&server, "/healthz").await.status, 200);
    let garbage = raw(&server, "\u{1}\r\n\r\n").await.unwrap();
    assert_eq!(garbage.status, 400);
    server.stop().await;
}

#[tokio::test]
async fn proxy_that_ends_tls_itself_is_not_redirected() {
    let files = Files::new();
    let proxies: TrustedProxies = "127.0.0.1".parse().unwrap();
    let server = files.server_with(|options| options.access = Access::new(Vec::new(), &[], proxies)).await;
    let https = [("x-forwarded-proto", "https")];
    assert_eq!(request(&server, "GET", "/arenas", &https).await.status, 200);
    assert_eq!(request(&server, "GET", "/arenas", &[("x-forwarded-proto", "http")]).await.status, 308);
    // One that forwards TCP sends its header before the handshake.
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    stream.write_all(b"PROXY TCP4 203.0.113.9 10.0.0.1 1 2\r\n").await.unwrap();
    let text = answer(&mut files.secure(stream).await.unwrap(), HEALTH).await;
    assert!(text.starts_with("HTTP/1.1 200 "), "{text}");
    server.stop().await;
}

#[tokio::test]
async fn new_certificate_is_for_new_connections_and_drops_no_old_one() {
    let mut files = Files::new();
    let mut server = files.server().await;
    let mut reloader = server.take_reloader();
    let mut socket = join(files.connect(&server).await.unwrap()).await;
    frames(&mut socket, 5).await;
    let before = files.connector();
    files.replace();
    reloader.reload().await;
    let stream = TcpStream::connect(server.address()).await.unwrap();
    assert!(before.connect("localhost".try_into().unwrap(), stream).await.is_err());
    files.connect(&server).await.expect("the new one is trusted");
    frames(&mut socket, 5).await;

    // One that cannot be used changes nothing.
    fs::write(files.folder.join("cert.pem"), "nonsense").unwrap();
    reloader.reload().await;
    files.connect(&server).await.expect("the last good one");
    frames(&mut socket, 5).await;
    server.stop().await;
}

#[tokio::test]
async fn handshake_that_does_not_go_on_is_closed() {
    let files = Files::new();
    let server =
        files.server_with(|options| options.limits.http_head_timeout = Duration::from_millis(50)).await;
    for bytes in [&b"\x16"[..], b"\x16\x03\x01\x00\xff", b"\x16\x03\x01\x00\x01\x00"] {
        let mut stream = TcpStream::connect(server.address()).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        let mut rest = Vec::new();
        let _ = soon("the end", stream.read_to_end(&mut rest)).await;
    }
    // After the handshake the time of a head begins.
    let mut stream = files.connect(&server).await.unwrap();
    assert!(answer(&mut stream, "GET / HTTP/1.1\r\n").await.starts_with("HTTP/1.1 408 "));
    eventually("all are counted", || server.telemetry().refused.get("tls").get() == 3).await;
    eventually("no connection is left", || server.telemetry().connections.get() == 0).await;
    server.stop().await;
}

#[tokio::test]
async fn network_has_only_its_part_of_the_handshakes() {
    let files = Files::new();
    let proxies: TrustedProxies = "127.0.0.1".parse().unwrap();
    let server = files
        .server_with(|options| {
            options.access = Access::new(Vec::new(), &[], proxies);
            (options.limits.sockets_per_network, options.limits.tls_handshakes_per_second) = (3, 0);
        })
        .await;
    let handshake = async |header: &str| {
        // Those before are closed, so that only their number counts.
        eventually("no connection is left", || server.telemetry().connections.get() == 0).await;
        let mut stream = TcpStream::connect(server.address()).await.unwrap();
        stream.write_all(header.as_bytes()).await.unwrap();
        files.secure(stream).await.is_ok()
    };
    let of = |address: &str| format!("PROXY TCP4 {address} 127.0.0.1 1 2\r\n");
    let mut done = Vec::new();
    for address in ["203.0.113.9", "203.0.113.9", "203.0.113.9", "203.0.113.9", "198.51.100.7"] {
        done.push(handshake(&of(address)).await);
    }
    assert_eq!(done, [true, true, true, false, true]);
    assert_eq!(server.telemetry().refused.get("tls_handshakes").get(), 1);
    // The proxy itself speaks for many clients.
    for _ in 0..5 {
        assert!(handshake("").await);
    }
    server.stop().await;
}

/// A crowded server, and a socket to it with small buffers, so that records are cut anywhere.
async fn crowded(files: &Files, change: impl FnOnce(&mut Options)) -> (Running, Socket) {
    let server = files
        .server_with(|options| {
            options.game.tick_rate = 128;
            options.game.bots = 400;
            options.limits.send_buffer_bytes = 4096;
            change(options);
        })
        .await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let stream = socket.connect(server.address()).await.unwrap();
    let socket = join(files.secure(stream).await.unwrap()).await;
    (server, socket)
}

#[tokio::test]
async fn records_stay_whole_when_the_reader_pauses() {
    let files = Files::new();
    let never = Duration::from_secs(3600);
    let change = |options: &mut Options| {
        (options.limits.stall_timeout, options.limits.idle_timeout) = (never, never);
    };
    let (server, mut socket) = crowded(&files, change).await;
    for _ in 0..3 {
        frames(&mut socket, 30).await;
        let skipped = &server.telemetry().frames_skipped_total;
        let before = skipped.get();
        eventually("frames are skipped", || skipped.get() > before + 20).await;
    }
    frames(&mut socket, 30).await;
    server.stop().await;
}

#[tokio::test]
async fn reader_that_never_resumes_is_closed() {
    let files = Files::new();
    let change = |options: &mut Options| {
        options.limits.stall_timeout = Duration::from_secs(1);
        options.limits.check_interval = Duration::from_millis(20);
        options.limits.slow_close_timeout = Duration::from_millis(100);
    };
    let (server, _socket) = crowded(&files, change).await;
    eventually("it is closed", || server.telemetry().closed.get("slow_reader").get() == 1).await;
    eventually("its socket too", || server.telemetry().connections.get() == 0).await;
    server.stop().await;
}
