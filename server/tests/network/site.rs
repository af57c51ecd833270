//! The client's files over HTTP.

use std::time::Duration;

use server::{engine::net::Site, run::Running};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpSocket,
};

use crate::rig::{eventually, get, request, server, server_with, soon};

const JS: &str = "/client.0123abcd.js";

async fn with_files() -> Running {
    server_with(|options| {
        options.site = Site::Files(
            [
                ("index.html", "<!doctype html>"),
                ("index.html.gz", "packed page"),
                ("client.0123abcd.js", "let plain;"),
                ("client.0123abcd.js.br", "br"),
                ("client.0123abcd.js.gz", "gz"),
                ("client.0123abcd.wasm", "\0asm"),
                ("icon.svg", "<svg/>"),
            ]
            .into_iter()
            .map(|(name, content)| (name.to_owned(), content.into()))
            .collect(),
        );
    })
    .await
}

#[tokio::test]
async fn page_is_revalidated_and_hashed_files_are_immutable() {
    let server = with_files().await;
    let page = get(&server, "/").await;
    assert_eq!((page.status, page.text().as_str()), (200, "<!doctype html>"));
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert_eq!(page.header("cache-control"), "no-cache");
    assert_eq!(page.header("content-length"), "15");

    let script = get(&server, JS).await;
    assert_eq!(script.header("cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(script.header("content-type"), "text/javascript; charset=utf-8");
    let wasm = get(&server, "/client.0123abcd.wasm").await;
    assert_eq!(wasm.header("content-type"), "application/wasm");
    assert_eq!(get(&server, "/icon.svg").await.header("cache-control"), "no-cache");
    server.stop().await;
}

#[tokio::test]
async fn smallest_accepted_encoding_is_sent() {
    let server = with_files().await;
    for (accept, encoding, body) in [
        ("gzip, deflate, br", "br", "br"),
        ("gzip", "gzip", "gz"),
        ("br;q=0, gzip;q=0.5", "gzip", "gz"),
        ("deflate", "", "let plain;"),
    ] {
        let answer = request(&server, "GET", JS, &[("accept-encoding", accept)]).await;
        assert_eq!(answer.header("content-encoding"), encoding, "{accept}");
        assert_eq!(answer.text(), body, "{accept}");
        assert_eq!(answer.header("vary"), "accept-encoding");
        assert_eq!(answer.header("content-type"), "text/javascript; charset=utf-8");
    }
    // There is no brotli variant of the page, so the next best is sent.
    let page = request(&server, "GET", "/", &[("accept-encoding", "br, gzip")]).await;
    assert_eq!(page.header("content-encoding"), "gzip");
    server.stop().await;
}

#[tokio::test]
async fn current_copy_is_not_sent_again() {
    let server = with_files().await;
    let plain = get(&server, "/").await;
    let packed = request(&server, "GET", "/", &[("accept-encoding", "gzip")]).await;
    let etag = plain.header("etag");
    assert!(etag.starts_with('"') && etag.ends_with('"'));
    assert_ne!(etag, packed.header("etag"), "each encoding has its own tag");

    let again = request(&server, "GET", "/", &[("if-none-match", etag)]).await;
    assert_eq!((again.status, again.body.len()), (304, 0));
    assert_eq!(again.header("etag"), etag);
    let changed = request(&server, "GET", "/", &[("if-none-match", "\"other\"")]).await;
    assert_eq!(changed.status, 200);
    server.stop().await;
}

#[tokio::test]
async fn head_is_get_without_body() {
    let server = with_files().await;
    let head = request(&server, "HEAD", JS, &[]).await;
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(head.header("content-length"), "10");
    server.stop().await;
}

#[tokio::test]
async fn missing_file_is_404_and_other_method_is_405() {
    let server = with_files().await;
    for path in ["/nothing", "/client.0123abcd.js.br", "/../Cargo.toml", "/%2e%2e/Cargo.toml", "//etc/passwd"]
    {
        let answer = get(&server, path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(answer.header("content-type").starts_with("text/plain"));
    }
    assert_eq!(request(&server, "POST", "/", &[]).await.status, 405);
    server.stop().await;
}

#[tokio::test]
async fn page_may_run_and_load_only_what_the_server_serves() {
    let server = with_files().await;
    let page = get(&server, "/").await;
    let policy = page.header("content-security-policy");
    for part in [
        "default-src 'none'",
        "script-src 'self' 'wasm-unsafe-eval'",
        "connect-src 'self'",
        "frame-ancestors 'none'",
    ] {
        assert!(policy.contains(part), "{policy}");
    }
    server.stop().await;
}

#[tokio::test]
async fn server_without_client_says_how_to_build_it() {
    let server = server().await;
    let page = get(&server, "/").await;
    assert_eq!(page.status, 503);
    assert!(page.text().contains("cargo xtask build"));
    server.stop().await;
}

/// A reader that is slower than the limit of a connection gets the whole file, and one that never reads is closed.
#[tokio::test]
async fn response_is_not_cut_when_the_time_of_its_connection_is_over() {
    const BYTES: usize = 4 * 1024 * 1024;
    for (grace, reads) in [(Duration::from_secs(3600), true), (Duration::from_millis(50), false)] {
        let server = server_with(|options| {
            options.site = Site::Files([("large.bin".to_owned(), vec![7; BYTES])].into_iter().collect());
            options.limits.http_lifetime = Duration::from_millis(50);
            options.limits.http_grace = grace;
        })
        .await;
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        let mut stream = socket.connect(server.address()).await.unwrap();
        // Kept alive, so that only the server ends it.
        let ask = format!("GET /large.bin HTTP/1.1\r\nhost: {}\r\n\r\n", server.address());
        stream.write_all(ask.as_bytes()).await.unwrap();
        let mut start = [0; 12];
        soon("an answer", stream.read_exact(&mut start)).await.unwrap();
        assert_eq!(&start, b"HTTP/1.1 200");
        // Longer than the limit; nothing depends on how much.
        tokio::time::sleep(Duration::from_millis(300)).await;
        if reads {
            let mut rest = Vec::new();
            soon("the end", stream.read_to_end(&mut rest)).await.unwrap();
            let body = rest.windows(4).position(|end| end == b"\r\n\r\n").unwrap() + 4;
            assert_eq!(rest.len() - body, BYTES);
        }
        eventually("no connection is left", || server.telemetry().connections.get() == 0).await;
        server.stop().await;
    }
}
