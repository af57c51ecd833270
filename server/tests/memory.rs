//! The memory that the server itself uses for an idle WebSocket.

use std::{
    collections::HashMap,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use server::{
    engine::{
        net::{Access, Limits, Site},
        notifier::Notifier,
        sessions::Seats,
    },
    game::{arena_file, arena_loop::ArenaSettings},
    run::{self, Options},
};
use tokio::runtime::Builder;

/// Connections before the measurement, so that tables that grow by doubling have grown.
const WARM_UP: usize = 100;
const MEASURED: usize = 400;
const BYTES_MAX: i64 = 12 * 1024;

/// Connects a WebSocket that sends no hello.
fn connect(address: SocketAddr) -> TcpStream {
    let mut stream = TcpStream::connect(address).expect("the server listens");
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

#[test]
fn idle_connection_takes_little_memory() {
    // Allocations are counted by thread: the network runs on this one, the clients on another.
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    let options = Options {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        game: ArenaSettings {
            arena: arena_file::load("drift").expect("the arena is embedded"),
            tick_rate: 10,
            drones: 0,
            seats: Seats::new(1000),
            seed: 1,
            reconnect_grace: Duration::from_secs(60),
            slow_tick: None,
            fail_after: None,
        },
        others: Vec::new(),
        storage: run::StorageOptions::default(),
        limits: Limits {
            hello_timeout: Duration::from_secs(3600),
            idle_timeout: Duration::from_secs(3600),
            ..Limits::for_players(1000)
        },
        site: Site::Files(HashMap::new()),
        access: Access::default(),
        echo: false,
        notifier: Notifier::default(),
    };
    let server = runtime.block_on(run::start(options)).expect("the server starts");
    let address = server.address();
    let mut open = Vec::new();
    let mut grow = |count: usize| {
        let (done, connected) = tokio::sync::oneshot::channel();
        let clients = std::thread::spawn(move || {
            let clients: Vec<_> = (0..count).map(|_| connect(address)).collect();
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
    println!("an idle connection takes {bytes} bytes");
    assert!(bytes > 0, "nothing was counted");
    assert!(bytes <= BYTES_MAX, "an idle connection takes {bytes} bytes");
    drop(open);
    runtime.block_on(server.stop());
}
