//! How often one network may join and ask. Clients come through a proxy that the server trusts, which names their addresses.

use futures_util::{StreamExt, future::join_all};
use server::{
    engine::{net::Limits, sessions::Seats},
    run::Running,
};
use shared::engine::protocol::CloseReason;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::rig::{Client, hello, request, server_behind_a_proxy, soon};

const HERE: &str = "203.0.113.1";
const ELSEWHERE: &str = "198.51.100.7";

/// Joins from this address. The error is the reason of the close.
async fn join(server: &Running, address: &str) -> Result<Client, CloseReason> {
    let mut client = Client::connect_from(server, address).await.expect("a handshake");
    client.send(&hello("Ada")).await;
    match soon("an answer", client.socket.next()).await.expect("an answer").expect("no error") {
        tokio_tungstenite::tungstenite::Message::Close(frame) => {
            Err(CloseReason::from_code(frame.expect("a reason").code.into()).expect("a known reason"))
        }
        _ => Ok(client),
    }
}

/// Joins, and leaves for good.
async fn join_and_leave(server: &Running, address: &str) -> Result<(), CloseReason> {
    let mut client = join(server, address).await?;
    // An error means that it is closed, too.
    let _ = client.socket.close(None).await;
    while soon("the end", client.socket.next()).await.is_some_and(|message| message.is_ok()) {}
    Ok(())
}

#[tokio::test]
async fn network_that_joins_and_leaves_in_a_loop_is_refused_and_others_are_not() {
    let server = server_behind_a_proxy(|options| {
        options.game.seats.per_network = 20;
        (options.limits.sockets_per_network, options.limits.joins_per_second) = (8, 0);
    })
    .await;
    let mut ends = Vec::new();
    for _ in 0..10 {
        ends.push(join_and_leave(&server, HERE).await.err());
    }
    let refused = Some(CloseReason::TooManyFromNetwork);
    assert_eq!(ends, [[None; 8].as_slice(), &[refused; 2]].concat());
    assert_eq!(server.telemetry().closed.get("too_many_joins_from_network").get(), 2);
    assert_eq!(join_and_leave(&server, ELSEWHERE).await, Ok(()));
    // The server's own machine has no limit.
    for _ in 0..12 {
        assert_eq!(join_and_leave(&server, "127.0.0.1").await, Ok(()));
    }
    server.stop().await;
}

#[tokio::test]
async fn school_behind_one_address_may_reload_at_once() {
    const PUPILS: usize = 60;
    let seats = Seats { players: 200, spectators: 200, per_network: PUPILS };
    let server = server_behind_a_proxy(|options| {
        // Seats of players that have just left are no matter here.
        options.game.seats = Seats { per_network: 2 * PUPILS, ..seats };
        let shutdown_timeout = options.limits.shutdown_timeout;
        options.limits = Limits { shutdown_timeout, joins_per_second: 0, ..Limits::for_seats(&seats) };
    })
    .await;
    for _ in 0..2 {
        let joined = join_all((0..PUPILS).map(|_| join(&server, HERE))).await;
        let clients: Vec<_> = joined.into_iter().map(|client| client.expect("a seat")).collect();
        join_all(clients.into_iter().map(async |mut client| client.socket.close(None).await)).await;
    }
    server.stop().await;
}

/// The next answer: its head, in lower case. A body is read and left out.
async fn next_answer(stream: &mut TcpStream) -> String {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        head.push(soon("an answer", stream.read_u8()).await.unwrap().into());
    }
    let head = head.to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    soon("a body", stream.read_exact(&mut body)).await.unwrap();
    head
}

const ASK: &str = "GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n";

#[tokio::test]
async fn network_that_floods_a_kept_alive_connection_with_requests_is_closed_and_others_are_served() {
    const AT_ONCE: usize = 32;
    let server = server_behind_a_proxy(|options| {
        (options.limits.sockets_per_network, options.limits.requests_per_second) = (1, 0);
    })
    .await;
    let open = async |address: &str| {
        let mut stream = TcpStream::connect(server.address()).await.unwrap();
        let header = format!("PROXY TCP4 {address} 127.0.0.1 1 2\r\n");
        stream.write_all(header.as_bytes()).await.unwrap();
        stream
    };
    let mut flood = open(HERE).await;
    for _ in 0..AT_ONCE {
        flood.write_all(ASK.as_bytes()).await.unwrap();
        assert!(next_answer(&mut flood).await.starts_with("http/1.1 200 "));
    }
    flood.write_all(ASK.as_bytes()).await.unwrap();
    let refused = next_answer(&mut flood).await;
    for part in ["http/1.1 429 ", "retry-after: 10\r\n", "connection: close\r\n"] {
        assert!(refused.contains(part), "no {part:?} in {refused}");
    }
    assert_eq!(soon("the end", flood.read(&mut [0])).await.unwrap(), 0);
    assert_eq!(server.telemetry().refused.get("requests").get(), 1);
    let mut other = open(ELSEWHERE).await;
    other.write_all(ASK.as_bytes()).await.unwrap();
    assert!(next_answer(&mut other).await.starts_with("http/1.1 200 "));

    // A proxy's connection is refused by the request, and goes on for others.
    let mut upstream = TcpStream::connect(server.address()).await.unwrap();
    for (address, status) in [(HERE, 429), ("198.51.100.8", 200), (HERE, 429), ("198.51.100.8", 200)] {
        let head = ASK.replace("\r\n\r\n", &format!("\r\nx-forwarded-for: {address}\r\n\r\n"));
        upstream.write_all(head.as_bytes()).await.unwrap();
        let answer = next_answer(&mut upstream).await;
        assert!(answer.starts_with(&format!("http/1.1 {status} ")), "{address}: {answer}");
    }
    // The server's own machine has no limit.
    for _ in 0..2 * AT_ONCE {
        assert_eq!(request(&server, "GET", "/healthz", &[]).await.status, 200);
    }
    server.stop().await;
}
