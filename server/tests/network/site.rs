//! The client's files over HTTP.

use server::{engine::net::Site, run::Running};

use crate::rig::{get, request, server, server_with};

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
async fn every_response_has_the_security_headers() {
    let server = with_files().await;
    for path in ["/", JS, "/nothing", "/metrics", "/ws"] {
        let answer = get(&server, path).await;
        let policy = answer.header("content-security-policy");
        for part in [
            "default-src 'none'",
            "script-src 'self' 'wasm-unsafe-eval'",
            "connect-src 'self'",
            "frame-ancestors 'none'",
        ] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin");
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
