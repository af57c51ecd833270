//! One process takes the listening socket over from another: no connect is refused, and every player is back in its own ship.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    os::unix::net::UnixListener,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use shared::engine::protocol::CloseReason;

use super::{
    duellist::duel,
    process::{Arena, Server, emberdrift},
    program,
};

fn path(arena: &Arena) -> PathBuf {
    arena.state().with_file_name("takeover")
}

/// Connects every few milliseconds, and asks for something.
pub(crate) struct Probe {
    is_over: Arc<AtomicBool>,
    thread: JoinHandle<(u32, Vec<String>)>,
}

impl Probe {
    pub(crate) fn start(address: &str) -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let (end, address) = (Arc::clone(&is_over), address.to_owned());
        let thread = thread::spawn(move || {
            let mut answered = 0;
            let mut failed = Vec::new();
            while !end.load(Ordering::Relaxed) {
                match ask(&address) {
                    Ok(answer) if answer.starts_with("HTTP/1.1 200") => answered += 1,
                    Ok(other) => failed.push(other),
                    Err(error) => failed.push(error.to_string()),
                }
                thread::sleep(Duration::from_millis(3));
            }
            (answered, failed)
        });
        Self { is_over, thread }
    }

    /// The answers, and what was none.
    pub(crate) fn end(self) -> (u32, Vec<String>) {
        self.is_over.store(true, Ordering::Relaxed);
        self.thread.join().unwrap()
    }
}

fn ask(address: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

#[tokio::test]
async fn server_is_taken_over_twice_and_no_connect_is_refused() {
    let arena = Arena::new();
    let path = path(&arena);
    let flags = ["--takeover", path.to_str().unwrap()];
    let mut server = Server::start(&arena, &flags);
    let address = server.address.clone();
    let (mut ada, mut bo) = duel(&server).await;
    let before = ada.ship().await;
    let probe = Probe::start(&address);
    for _ in 0..2 {
        let next = tokio::task::spawn_blocking({
            let (address, arena, flags) = (address.clone(), arena.clone(), flags.map(str::to_owned));
            move || Server::start_at(&address, &arena, &flags.each_ref().map(|flag| &**flag))
        });
        for player in [&mut ada, &mut bo] {
            assert_eq!(player.closed().await, Some(CloseReason::Restarting));
        }
        let next = next.await.unwrap();
        assert_eq!(std::mem::replace(&mut server, next).wait(), Some(0));
        for player in [&mut ada, &mut bo] {
            let welcome = player.reconnect(&server).await;
            assert_eq!((welcome.player, welcome.is_resumed), (player.player, true));
        }
    }
    let after = ada.ship().await;
    assert_eq!((after.embers, after.streak), (before.embers, before.streak));
    let (answered, failed) = probe.end();
    assert!(answered > 0 && failed.is_empty(), "{answered} answers, and {failed:?}");
    server.signal("-TERM");
    assert_eq!(server.wait(), Some(0));
    assert!(!path.exists(), "the last one removes its socket");
}

#[test]
fn socket_that_a_killed_server_left_is_replaced() {
    let arena = Arena::new();
    let path = path(&arena);
    let flags = ["--takeover", path.to_str().unwrap()];
    let server = Server::start(&arena, &flags);
    let address = server.address.clone();
    server.kill();
    assert!(path.exists());
    let server = Server::start_at(&address, &arena, &flags);
    server.signal("-TERM");
    assert_eq!(server.wait(), Some(0));
}

#[test]
fn takeover_that_cannot_be_is_one_line_and_stops_nothing() {
    let arena = Arena::new();
    let path = path(&arena);
    let flags = ["--takeover", path.to_str().unwrap()];
    let server = Server::start(&arena, &flags);
    let fails = |listen: &str, path: &str, why: &str| {
        let output = program::output(&mut emberdrift(&arena, listen, &["--takeover", path]));
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains(why) && said.lines().count() == 1, "{why}: {said}");
    };
    let path = path.to_str().unwrap();
    fails("127.0.0.1:1", path, &format!("listens on {} and not on 127.0.0.1:1", server.address));
    fails(&server.address, &format!("{path}/x"), "choose another path with --takeover");
    fails(&server.address, "/nowhere/at/all", "there is no such directory");
    let file = arena.state().with_file_name("file");
    fs::write(&file, "").unwrap();
    fails(&server.address, file.to_str().unwrap(), "it is there and no socket");
    let silent = arena.state().with_file_name("silent");
    let _listener = UnixListener::bind(&silent).unwrap();
    fails(&server.address, silent.to_str().unwrap(), "does not answer; stop it");
    // The server has lost nothing by all this.
    assert!(ask(&server.address).unwrap().starts_with("HTTP/1.1 200"));
    server.signal("-TERM");
    assert_eq!(server.wait(), Some(0));
}
