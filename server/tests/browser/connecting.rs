//! How the page connects where that is not simple: with TLS, and through proxies that spoil the handshake, which the page
//! explains.

use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
};

use crate::{
    driver::{Engine, Screen},
    page::Page,
    processes::serve,
};

/// A proxy before a server that changes the head of each request. Returns its address.
async fn proxy(server: &str, change: fn(&str) -> String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it listens").to_string();
    let server = server.to_owned();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let server = server.clone();
            // A connection that fails is the page's concern.
            tokio::spawn(async move { forward(client, &server, change).await.ok() });
        }
    });
    address
}

async fn forward(mut client: TcpStream, server: &str, change: fn(&str) -> String) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(client.read_u8().await?);
    }
    // Only the first head of a connection is changed.
    let head = String::from_utf8_lossy(&head).replace("Connection: keep-alive", "Connection: close");
    let mut server = TcpStream::connect(server).await?;
    server.write_all(change(&head).as_bytes()).await?;
    copy_bidirectional(&mut client, &mut server).await.map(drop)
}

/// What the banner says once it is shown and contains `part`.
async fn wait_for_banner(page: &Page, part: &str) -> String {
    let banner = "const banner = document.getElementById('banner')";
    let script = format!("{banner}; return !banner.hidden && banner.innerText.includes('{part}')");
    page.wait_until("the banner", &script).await;
    let text = page.run(&format!("{banner}; return banner.innerText")).await;
    text.as_str().expect("text").to_owned()
}

#[tokio::test]
async fn page_of_a_server_with_tls_plays() {
    let (_server, address) = serve(&["--tls-self-signed"]);
    // The redirect of a visitor who forgets the scheme.
    let page = Page::open(Engine::Chromium, Screen::Desktop, &format!("http://{address}/")).await;
    assert_eq!(page.run("return location.protocol").await, "https:");
    page.join("Visitor").await;
    page.wait_for_ship().await;
    page.watch(30, |_| {}).await;
    page.assert_no_errors().await;
    page.close().await;
}

#[tokio::test]
async fn refused_page_shows_the_servers_reason() {
    let (_server, address) = serve(&["--drones", "0"]);
    let proxied = proxy(&address, |head| {
        let lines =
            head.split("\r\n").map(|line| if line.starts_with("Host: ") { "Host: inside" } else { line });
        lines.collect::<Vec<_>>().join("\r\n")
    })
    .await;
    let page = Page::open(Engine::Chromium, Screen::Desktop, &format!("http://{proxied}/")).await;
    // On the start card already, where nothing else is said of connections.
    let text = wait_for_banner(&page, "--public-url").await;
    assert!(text.contains(&format!("http://{proxied}")) && text.contains("inside"), "{text}");
    page.screenshot("refused.png").await;
    page.close().await;
}

#[tokio::test]
async fn page_whose_upgrades_are_lost_says_so_in_its_language() {
    let (_server, address) = serve(&["--drones", "0"]);
    let proxied = proxy(&address, |head| head.replace("Upgrade: websocket", "X-Upgrade: websocket")).await;
    for (fragment, part) in [("", "must forward the Upgrade header"), ("#lang=zh", "必须转发 Upgrade")] {
        let page =
            Page::open(Engine::Chromium, Screen::Desktop, &format!("http://{proxied}/{fragment}")).await;
        wait_for_banner(&page, part).await;
        page.close().await;
    }
}

#[tokio::test]
async fn page_says_when_the_server_is_gone() {
    let (server, address) = serve(&["--drones", "0"]);
    let page = Page::open(Engine::Chromium, Screen::Desktop, &format!("http://{address}/")).await;
    page.join("Visitor").await;
    page.wait_for_ship().await;
    drop(server);
    wait_for_banner(&page, "cannot be reached").await;
    page.close().await;
}

#[tokio::test]
async fn page_is_loaded_again_once_for_a_node_that_its_policy_does_not_list() {
    /// No node listens there; the policy forbids it before that matters.
    const CONNECT: &str = "window.isBefore = true; new WebSocket('ws://127.0.0.1:9/')";
    let (_server, address) = serve(&["--drones", "0"]);
    let page = Page::open(Engine::Chromium, Screen::Desktop, &format!("http://{address}/")).await;
    page.join("Visitor").await;
    let before = page.wait_for_ship().await;
    page.run(CONNECT).await;
    page.wait_until("a new page", "return window.isBefore === undefined").await;
    let after = page.wait_for_ship().await;
    assert_eq!((&after["player"], &after["resumed"]), (&before["player"], &json!(true)), "{after}");
    page.run(CONNECT).await;
    page.watch(30, |_| {}).await;
    assert_eq!(page.run("return window.isBefore").await, true, "a second time would not help");
    page.close().await;

    let visitor = Page::open(Engine::Chromium, Screen::Desktop, &format!("http://{address}/")).await;
    visitor.wait_for("the start card", |status| status["phase"] == "start").await;
    visitor.run(CONNECT).await;
    visitor.wait_until("a new page", "return window.isBefore === undefined").await;
    visitor.watch(30, |status| assert_eq!(status["player"], json!(null), "it goes on watching")).await;
    visitor.close().await;
}
