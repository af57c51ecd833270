//! A supervisor keeps the listening socket and passes it to each process, as systemd does: descriptor 3, `LISTEN_FDS`, `LISTEN_PID`.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream, UdpSocket},
    os::fd::OwnedFd,
    process::{Command, Stdio},
};

use shared::engine::protocol::CloseReason;

use super::{
    duellist::duel,
    process::{Arena, Server, emberdrift},
    program,
};

/// The server as a supervisor starts it, with this many descriptors, each of which is `socket`.
fn supervised(arena: &Arena, socket: impl Into<OwnedFd>, count: u32, more: &[&str]) -> Command {
    let server = emberdrift(arena, "127.0.0.1:8080", more);
    let mut command = Command::new("sh");
    // The shell becomes the server, so the number of its process is the server's.
    let script = "exec 3<&0 4<&0 </dev/null; export LISTEN_PID=$$; exec \"$0\" \"$@\"";
    command.args(["-c", script]).arg(server.get_program()).args(server.get_args());
    for (name, _) in server.get_envs() {
        command.env_remove(name);
    }
    command.env("LISTEN_FDS", count.to_string()).stdin(Stdio::from(socket.into()));
    command
}

#[tokio::test]
async fn socket_of_the_supervisor_outlives_the_process_and_no_connect_is_refused() {
    let arena = Arena::new();
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    let start = || Server::run(&mut supervised(&arena, socket.try_clone().unwrap(), 1, &[]));
    let server = start();
    assert_eq!(server.address, address.to_string(), "it is the socket's, and not that of --listen");
    let (mut ada, _bo) = duel(&server).await;
    let before = ada.ship().await;
    server.signal("-TERM");
    assert_eq!(ada.closed().await, Some(CloseReason::Restarting));
    assert_eq!(server.wait(), Some(0));

    // No process accepts now.
    let mut early = TcpStream::connect(address).unwrap();
    early.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
    let server = start();
    let mut answer = String::new();
    early.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(ada.reconnect(&server).await.is_resumed);
    let after = ada.ship().await;
    assert_eq!((after.embers, after.streak), (before.embers, before.streak));
    server.signal("-TERM");
    assert_eq!(server.wait(), Some(0));
}

#[test]
fn what_the_supervisor_passes_on_must_be_one_listening_socket() {
    let arena = Arena::new();
    let fails = |mut command: Command, why: &str| {
        let output = program::output(&mut command);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains(why) && said.lines().count() == 1, "{why}: {said}");
    };
    let tcp = || TcpListener::bind("127.0.0.1:0").unwrap();
    fails(supervised(&arena, tcp(), 2, &[]), "passed on 2 sockets");
    let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
    fails(supervised(&arena, udp, 1, &[]), "it must be a TCP socket that listens");
    fails(supervised(&arena, tcp(), 1, &["--takeover", "x"]), "leave out --takeover");
}
