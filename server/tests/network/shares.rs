//! What one network can take of what all share. Clients come through a proxy that the server trusts, which names their addresses.

use futures_util::StreamExt;
use server::{engine::sessions::Seats, run::Running};
use shared::{
    engine::{
        chat::ChatRejection,
        protocol::{CloseReason, Hello, Role},
    },
    game::{
        Emberdrift,
        protocol::{ClientMessage, Notice},
    },
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::rig::{Client, hello, request, server_behind_a_proxy, soon};

const HERE: &str = "203.0.113.1";
/// Two addresses of one household.
const HOUSEHOLD: [&str; 2] = ["2001:db8:1:2::1", "2001:db8:1:2:ffff::2"];
const ELSEWHERE: &str = "198.51.100.7";

/// Joins, or is turned away.
async fn join(server: &Running, address: &str, role: Role) -> Result<Client, CloseReason> {
    let mut client = Client::connect_from(server, address).await.expect("a handshake");
    client.send(&ClientMessage::Hello(Hello { role, ..Hello::of::<Emberdrift>() })).await;
    let first = soon("an answer", client.socket.next()).await.expect("an answer").expect("no error");
    match first {
        tokio_tungstenite::tungstenite::Message::Close(frame) => {
            Err(CloseReason::from_code(frame.expect("a reason").code.into()).expect("a known reason"))
        }
        _ => Ok(client),
    }
}

#[tokio::test]
async fn network_fills_its_part_of_the_seats_and_no_more() {
    let seats = Seats { players: 9, spectators: 9, per_network: 2 };
    let server = server_behind_a_proxy(|options| options.game.seats = seats).await;
    for (first, second) in [(HERE, HERE), (HOUSEHOLD[0], HOUSEHOLD[1])] {
        for role in [Role::Player, Role::Spectator] {
            let _one = join(&server, first, role).await.unwrap();
            let two = join(&server, second, role).await.unwrap();
            assert_eq!(join(&server, first, role).await.err(), Some(CloseReason::TooManyFromNetwork));
            let _other = join(&server, ELSEWHERE, role).await.unwrap();
            if role == Role::Player {
                continue;
            }
            drop(two);
            // The seat is free once the server knows.
            soon("a free seat", async { while join(&server, first, role).await.is_err() {} }).await;
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn network_has_only_its_part_of_the_sockets() {
    let server = server_behind_a_proxy(|options| options.limits.sockets_per_network = 3).await;
    let mut open = Vec::new();
    for _ in 0..3 {
        open.push(Client::connect_from(&server, HERE).await.unwrap());
    }
    assert_eq!(Client::connect_from(&server, HERE).await.err(), Some(429));
    assert!(Client::connect_from(&server, ELSEWHERE).await.is_ok());
    drop(open.pop());
    soon("a free socket", async { while Client::connect_from(&server, HERE).await.is_err() {} }).await;
    server.stop().await;
}

#[tokio::test]
async fn network_behind_a_proxy_header_has_its_part_of_all_sockets() {
    let server = server_behind_a_proxy(|options| options.limits.sockets_per_network = 3).await;
    // Sockets that ask for nothing yet.
    let open = async |address: &str| {
        let mut stream = TcpStream::connect(server.address()).await.unwrap();
        let header =
            format!("PROXY TCP4 {address} 127.0.0.1 1 2\r\nGET /healthz HTTP/1.1\r\nhost: a\r\n\r\n");
        stream.write_all(header.as_bytes()).await.unwrap();
        let mut status = [0; 12];
        soon("an answer", stream.read_exact(&mut status)).await.unwrap();
        match &status[9..] {
            b"200" => Ok(stream),
            other => Err(String::from_utf8_lossy(other).into_owned()),
        }
    };
    let mut held = Vec::new();
    for _ in 0..3 {
        held.push(open(HERE).await.unwrap());
    }
    assert_eq!(open(HERE).await.err().as_deref(), Some("429"));
    assert!(open(ELSEWHERE).await.is_ok());
    drop(held.pop());
    soon("a free socket", async { while open(HERE).await.is_err() {} }).await;
    server.stop().await;
}

#[tokio::test]
async fn page_that_asks_about_its_handshake_learns_of_the_limit() {
    let server = server_behind_a_proxy(|options| options.limits.sockets_per_network = 1).await;
    let check = async || {
        let own = format!("/ws?check=http://{}", server.address());
        request(&server, "GET", &own, &[("x-forwarded-for", HERE)]).await.status
    };
    assert_eq!(check().await, 204);
    // The socket of the question counts until it is closed.
    let open = soon("a free socket", async {
        loop {
            if let Ok(open) = Client::connect_from(&server, HERE).await {
                return open;
            }
        }
    })
    .await;
    assert_eq!(check().await, 429);
    drop(open);
    soon("a free socket", async { while check().await == 429 {} }).await;
    server.stop().await;
}

/// A proxy's socket, on which requests of several clients follow one another.
struct Upstream(TcpStream);

impl Upstream {
    async fn open(server: &Running) -> Self {
        Self(TcpStream::connect(server.address()).await.unwrap())
    }

    /// The status of the answer to a client's request.
    async fn ask(&mut self, address: &str) -> u16 {
        let head = format!("HEAD /healthz HTTP/1.1\r\nhost: a\r\nx-forwarded-for: {address}\r\n\r\n");
        self.0.write_all(head.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            answer.push(soon("an answer", self.0.read_u8()).await.unwrap());
        }
        String::from_utf8_lossy(&answer[9..12]).parse().unwrap()
    }
}

#[tokio::test]
async fn network_has_only_its_part_of_a_proxys_requests() {
    let server = server_behind_a_proxy(|options| options.limits.sockets_per_network = 2).await;
    let mut upstreams = Vec::new();
    for status in [200, 200, 429] {
        let mut upstream = Upstream::open(&server).await;
        assert_eq!(upstream.ask(HERE).await, status);
        upstreams.push(upstream);
    }
    assert_eq!(server.telemetry().refused.get("network").get(), 1);
    // The same sockets serve others, and the network's own requests on them go on.
    assert_eq!(upstreams[0].ask(HERE).await, 200);
    assert_eq!(upstreams[2].ask(ELSEWHERE).await, 200);
    assert_eq!(upstreams[2].ask(HERE).await, 429);
    // A socket counts for the client of its newest request only.
    assert_eq!(upstreams[1].ask(ELSEWHERE).await, 200);
    assert_eq!(upstreams[2].ask(HERE).await, 200);
    // A WebSocket needs one of the same shares.
    assert_eq!(Client::connect_from(&server, HERE).await.err(), Some(429));
    // The proxy's own checks count for no network.
    assert_eq!(request(&server, "GET", "/healthz", &[]).await.status, 200);
    server.stop().await;
}

#[tokio::test]
async fn customer_with_many_ipv6_networks_has_the_part_of_four() {
    let server = server_behind_a_proxy(|options| options.limits.sockets_per_network = 1).await;
    let (mut upstreams, mut statuses) = (Vec::new(), Vec::new());
    for number in 0..6 {
        let mut upstream = Upstream::open(&server).await;
        statuses.push(upstream.ask(&format!("2001:db8:1:{number}::1")).await);
        upstreams.push(upstream);
    }
    assert_eq!(statuses, [200, 200, 200, 200, 429, 429]);
    assert_eq!(Upstream::open(&server).await.ask("2001:db8:2::1").await, 200);
    server.stop().await;
}

/// The status of the answer to a subscriber of the feed, and its socket.
async fn subscribe(server: &Running, address: &str) -> (String, TcpStream) {
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    let head =
        format!("GET /feed/sse HTTP/1.1\r\nhost: {}\r\nx-forwarded-for: {address}\r\n\r\n", server.address());
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut status = [0; 12];
    soon("an answer", stream.read_exact(&mut status)).await.unwrap();
    (String::from_utf8_lossy(&status[9..]).into_owned(), stream)
}

#[tokio::test]
async fn network_has_only_its_part_of_the_feed() {
    let server = server_behind_a_proxy(|_| {}).await;
    let mut open = Vec::new();
    for _ in 0..16 {
        let (status, stream) = subscribe(&server, HERE).await;
        assert_eq!(status, "200");
        open.push(stream);
    }
    assert_eq!(subscribe(&server, HERE).await.0, "503");
    let (status, _stream) = subscribe(&server, ELSEWHERE).await;
    assert_eq!(status, "200");
    server.stop().await;
}

#[tokio::test]
async fn network_that_joins_and_leaves_to_chat_keeps_no_honest_line_out() {
    // However often it joins.
    let server = server_behind_a_proxy(|options| {
        (options.limits.joins_per_second, options.limits.requests_per_second) = (10_000, 10_000);
    })
    .await;
    let mut honest = join(&server, ELSEWHERE, Role::Player).await.unwrap();
    let flood = async {
        loop {
            // A busy machine may refuse it for a while.
            let Ok(mut client) = Client::connect_from(&server, HERE).await else { continue };
            client.send(&hello("Eve")).await;
            for _ in 0..4 {
                client.send(&ClientMessage::Chat("buy embers".into())).await;
            }
            // A normal close, so that its seat is free at once.
            let _ = client.socket.close(None).await;
        }
    };
    let talk = async {
        for number in 0..3 {
            let line = format!("line {number}");
            honest.send(&ClientMessage::Chat(line.as_str().into())).await;
            'answered: loop {
                for notice in honest.frame().await.notices {
                    match notice {
                        Notice::Chat(heard) if heard.text.as_str() == line => break 'answered,
                        Notice::ChatRejected(ChatRejection::RateLimited) => {
                            panic!("the test itself says too much")
                        }
                        Notice::ChatRejected(rejection) => panic!("line {number} is rejected: {rejection:?}"),
                        _ => {}
                    }
                }
            }
            // Its own rate is one line in 1.5 s.
            tokio::time::sleep(std::time::Duration::from_millis(1600)).await;
        }
    };
    tokio::select! {
        () = flood => unreachable!("it goes on"),
        () = talk => {}
    }
    server.stop().await;
}
