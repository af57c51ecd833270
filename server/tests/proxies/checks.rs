//! What works through every proxy.

use std::collections::BTreeSet;

use client_web::engine::page::handshake_fault::{HandshakeFault, reason};
use futures_util::{SinkExt, StreamExt};
use shared::{
    engine::protocol::{Hello, decode_server, encode_client},
    game::{
        Emberdrift,
        protocol::{ClientMessage, ServerMessage},
    },
};
use tokio_tungstenite::{
    client_async,
    tungstenite::{Message, client::IntoClientRequest},
};

use crate::{
    http::{CLIENT, connect, get, soon},
    programs::Proxied,
};

const HANDSHAKE: [(&str, &str); 4] = [
    ("connection", "upgrade"),
    ("upgrade", "websocket"),
    ("sec-websocket-version", "13"),
    ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
];

/// Frames after which a game runs.
const FRAMES: usize = 30;
/// Documents of the feed of which most arrive alone.
const DOCUMENTS: usize = 4;

/// All that the files of `server/deploy/` promise.
pub(crate) async fn all(proxied: &Proxied) {
    page_and_its_resources(proxied).await;
    pages_of_other_sites_are_refused(proxied).await;
    let host = proxied.address.to_string();
    tokio::join!(game(proxied, &host), feed_arrives_document_by_document(proxied));
    client_is_seen_behind_the_proxy(proxied).await;
}

/// The page is below `/game/`, with all that it loads, and so are the addresses that it asks.
pub(crate) async fn page_and_its_resources(proxied: &Proxied) {
    let answer = get(proxied.address, "/game", &[]).await;
    assert_eq!(answer.status, 301);
    assert!(answer.header("location").ends_with("/game/"), "{}", answer.header("location"));
    let (mut found, mut waiting) = (BTreeSet::new(), vec![String::new()]);
    while let Some(name) = waiting.pop() {
        let answer = get(proxied.address, &format!("/game/{name}"), &[]).await;
        assert_eq!(answer.status, 200, "{name:?}");
        if name.ends_with(".wasm") {
            continue;
        }
        for other in names_in(&answer.text().await) {
            if found.insert(other.clone()) {
                waiting.push(other);
            }
        }
    }
    for kind in [".css", ".js", ".svg", ".wasm"] {
        assert!(found.iter().any(|name| name.ends_with(kind)), "no {kind} in {found:?}");
    }
    for path in ["/game/arenas", "/game/healthz", "/game/readyz"] {
        assert_eq!(get(proxied.address, path, &[]).await.status, 200, "{path}");
    }
}

/// What a text names between quotes that has a hash in its name, which all files of the page have.
fn names_in(text: &str) -> Vec<String> {
    let is_file = |part: &&str| {
        let mut parts = part.split('.').skip(1);
        part.len() < 80 && parts.any(|hash| hash.len() == 16 && hash.bytes().all(|b| b.is_ascii_hexdigit()))
    };
    let parts = text.split(['"', '\'', '(', ')']).map(|part| part.trim_start_matches("./"));
    parts.filter(is_file).map(str::to_owned).collect()
}

/// A player joins from the page of that host, and gets frames.
pub(crate) async fn game(proxied: &Proxied, host: &str) {
    let mut request = format!("ws://{host}/game/ws").into_client_request().unwrap();
    let origin = format!("http://{host}").parse().unwrap();
    request.headers_mut().insert("origin", origin);
    let stream = connect(proxied.address).await;
    let (mut socket, _) = soon("the handshake", client_async(request, stream)).await.unwrap();
    let hello = ClientMessage::Hello(Hello { name: "Ada".into(), ..Hello::of::<Emberdrift>() });
    socket.send(Message::Binary(encode_client(&hello).into())).await.unwrap();
    let (mut is_welcome, mut frames) = (false, 0);
    while frames < FRAMES {
        let Some(Ok(message)) = soon("a message", socket.next()).await else { panic!("it was cut") };
        let Message::Binary(bytes) = message else { continue };
        match decode_server(&bytes).unwrap() {
            ServerMessage::Welcome(_) => is_welcome = true,
            ServerMessage::Frame(frame) => {
                frames += 1;
                let seen = encode_client(&ClientMessage::Ack(frame.head.tick.0 as u8));
                socket.send(Message::Binary(seen.into())).await.unwrap();
            }
        }
    }
    assert!(is_welcome);
    soon("the closing handshake", socket.close(None)).await.unwrap();
}

/// A proxy that collects what it passes on delivers several documents at once, and the first after many seconds.
pub(crate) async fn feed_arrives_document_by_document(proxied: &Proxied) {
    let mut answer = get(proxied.address, "/game/feed/sse", &[]).await;
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "text/event-stream"));
    let (mut documents, mut alone) = (0, 0);
    while documents < DOCUMENTS {
        let chunk = answer.chunk().await.expect("it does not end");
        let count = chunk.windows(6).filter(|six| six == b"data: ").count();
        documents += count;
        alone += usize::from(count == 1);
    }
    // A test that waited for the processor may find two.
    assert!(2 * alone > DOCUMENTS, "{alone} of {documents} documents arrived alone");
}

/// The page of another site gets no WebSocket, and the page's question says the same.
async fn pages_of_other_sites_are_refused(proxied: &Proxied) {
    let foreign = [&HANDSHAKE[..], &[("origin", "https://evil.example")]].concat();
    let answer = get(proxied.address, "/game/ws", &foreign).await;
    assert_eq!(answer.status, 403);
    assert!(answer.text().await.contains("--public-url"));
    for (origin, status) in
        [(format!("http://{}", proxied.address), 204), ("https://evil.example".to_owned(), 403)]
    {
        let answer = get(proxied.address, &format!("/game/ws?check={origin}"), &[]).await;
        assert_eq!(answer.status, status, "{origin}");
    }
}

/// The server's log names the client, and not what the client says of itself.
async fn client_is_seen_behind_the_proxy(proxied: &Proxied) {
    let mut request = format!("ws://{}/game/ws", proxied.address).into_client_request().unwrap();
    request.headers_mut().insert("x-forwarded-for", "203.0.113.9".parse().unwrap());
    let stream = connect(proxied.address).await;
    let (mut socket, _) = soon("the handshake", client_async(request, stream)).await.unwrap();
    socket.send(Message::Binary(vec![0xff; 9].into())).await.unwrap();
    while let Some(Ok(_)) = soon("the end", socket.next()).await {}
    let line = proxied.logged("peer=");
    assert!(line.contains(&format!("peer={CLIENT} via 127.0.0.1:")), "{line}");
}

/// A proxy that does not forward the upgrade: the handshake's answer and the log say what it lacks. The page's question gets
/// `status`, from which the page concludes the same.
pub(crate) async fn lost_upgrade_is_explained(proxied: &Proxied, status: u16) {
    const LINE: &str = "proxy_set_header Upgrade $http_upgrade";
    let answer = get(proxied.address, "/game/ws", &HANDSHAKE).await;
    assert_eq!(answer.status, 426);
    assert!(answer.text().await.contains(LINE));
    proxied.logged(LINE);
    let answer = get(proxied.address, &format!("/game/ws?check=http://{}", proxied.address), &[]).await;
    assert_eq!(answer.status, status);
    let fault = HandshakeFault::of_status(status);
    let text = answer.text().await;
    assert!(fault == HandshakeFault::UpgradeLost || reason(&text).contains(LINE), "{fault:?}: {text}");
}

/// A proxy that does not pass the page's host through: the answer to the handshake, what the page shows, and the log say what to
/// set.
pub(crate) async fn lost_host_is_explained(proxied: &Proxied, host: &str) {
    let page = format!("http://{host}");
    let handshake = [&HANDSHAKE[..], &[("origin", &page), ("host", host)]].concat();
    let check = format!("/game/ws?check={page}");
    let flag = format!("--public-url {page}");
    for (path, headers) in [("/game/ws", &handshake[..]), (&check, &[("host", host)])] {
        let answer = get(proxied.address, path, headers).await;
        let fault = HandshakeFault::of_status(answer.status.as_u16());
        assert_eq!((answer.status.as_u16(), fault), (403, HandshakeFault::Refused), "{path}");
        let text = answer.text().await;
        assert!(reason(&text).contains(&flag), "{path}: {text}");
    }
    let line = proxied.logged(&flag);
    assert!(line.contains("WARN") && line.contains("peer="), "{line}");
}

/// HAProxy's own check has found the server in service.
pub(crate) async fn haproxy_finds_the_server_healthy(proxied: &Proxied) {
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::UnixStream,
    };
    let healthy = async {
        loop {
            let mut socket = UnixStream::connect(proxied.folder.join("stats")).await.unwrap();
            socket.write_all(b"show stat\n").await.unwrap();
            let mut table = String::new();
            socket.read_to_string(&mut table).await.unwrap();
            let line = table.lines().find(|line| line.starts_with("emberdrift,emberdrift,")).unwrap();
            if line.contains(",UP,") && line.contains(",L7OK,200,") {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    soon("a successful health check", healthy).await;
}
