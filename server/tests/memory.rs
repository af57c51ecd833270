//! The memory that the server itself uses for an idle WebSocket, plain and with TLS.

use std::{
    collections::HashMap,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    sync::Arc,
    time::Duration,
};

use server::{
    engine::{
        net::{Limits, Site, Tls, TlsSource},
        sessions::Seats,
    },
    game::{ArenaSettings, Options, arena_file},
    run,
};
use tokio::runtime::Builder;
use tokio_rustls::rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned, crypto::ring, pki_types::CertificateDer,
};

/// Connections before the measurement, so that tables that grow by doubling have grown.
const WARM_UP: usize = 100;
const MEASURED: usize = 400;
const BYTES_MAX: i64 = 12 * 1024;
const TLS_BYTES_MAX: i64 = 16 * 1024;

/// A socket that stays open.
trait Socket: Read + Write + Send {}

impl<S: Read + Write + Send> Socket for S {}

/// Connects a WebSocket that sends no hello.
fn connect(address: SocketAddr, tls: Option<Arc<ClientConfig>>) -> Box<dyn Socket> {
    let stream = TcpStream::connect(address).expect("the server listens");
    let mut stream: Box<dyn Socket> = match tls {
        None => Box::new(stream),
        Some(config) => {
            let name = "localhost".try_into().expect("a name");
            let session = ClientConnection::new(config, name).expect("a session");
            Box::new(StreamOwned::new(session, stream))
        }
    };
    let request = format!(
        "GET /ws HTTP/1.1\r\nHost: {address}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).expect("the server reads");
    let mut answer = [0; 4];
    while answer != *b"\r\n\r\n" {
        answer.rotate_left(1);
        stream.read_exact(&mut answer[3..]).expect("the server answers");
    }
    stream
}

/// A certificate for the server, and a client that trusts it.
fn certificate() -> (Arc<Tls>, Arc<ClientConfig>) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let folder = std::env::temp_dir().join(format!("emberdrift-memory-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let source = TlsSource::Files { certificate: folder.join("cert.pem"), key: folder.join("key.pem") };
    std::fs::write(folder.join("cert.pem"), made.cert.pem()).expect("it is written");
    std::fs::write(folder.join("key.pem"), made.signing_key.serialize_pem()).expect("it is written");
    let tls = Tls::new(source).expect("a good pair");
    std::fs::remove_dir_all(&folder).expect("it is there");
    let mut roots = RootCertStore::empty();
    let der: CertificateDer<'static> = made.cert.der().clone();
    roots.add(der).expect("a certificate");
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let config = config.with_safe_default_protocol_versions().expect("versions");
    (Arc::new(tls), Arc::new(config.with_root_certificates(roots).with_no_client_auth()))
}

/// Bytes that an idle WebSocket takes.
fn idle_bytes(tls: Option<(Arc<Tls>, Arc<ClientConfig>)>) -> i64 {
    let (tls, client) = tls.unzip();
    // Allocations are counted by thread: the network runs on this one, the clients on another.
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    let game = ArenaSettings {
        arena: arena_file::load("drift").expect("the arena is embedded"),
        tick_rate: 10,
        bots: 0,
        seats: Seats::new(1000),
        seed: 1,
        reconnect_grace: Duration::from_secs(60),
        slow_tick: None,
        fail_after: None,
    };
    let options = Options {
        limits: Limits {
            hello_timeout: Duration::from_secs(3600),
            idle_timeout: Duration::from_secs(3600),
            ..Limits::for_players(1000)
        },
        site: Site::Files(HashMap::new()),
        tls,
        ..Options::of_one_arena(game)
    };
    let server = runtime.block_on(run::start(options)).expect("the server starts");
    let address = server.address();
    let mut open = Vec::new();
    let mut grow = |count: usize| {
        let (done, connected) = tokio::sync::oneshot::channel();
        let client = client.clone();
        let clients = std::thread::spawn(move || {
            let clients: Vec<_> = (0..count).map(|_| connect(address, client.clone())).collect();
            let _ = done.send(());
            clients
        });
        let counted = allocation_counter::measure(|| {
            let _ = runtime.block_on(connected);
        });
        open.extend(clients.join().expect("all connect"));
        counted.bytes_current
    };
    grow(WARM_UP);
    let bytes = grow(MEASURED) / MEASURED as i64;
    drop(open);
    runtime.block_on(server.stop());
    assert!(bytes > 0, "nothing was counted");
    bytes
}

#[test]
fn idle_connection_takes_little_memory() {
    let bytes = idle_bytes(None);
    println!("an idle connection takes {bytes} bytes");
    assert!(bytes <= BYTES_MAX, "an idle connection takes {bytes} bytes");
}

#[test]
fn idle_connection_with_tls_takes_little_memory() {
    let bytes = idle_bytes(Some(certificate()));
    println!("an idle connection with TLS takes {bytes} bytes");
    assert!(bytes <= TLS_BYTES_MAX, "an idle connection with TLS takes {bytes} bytes");
}
