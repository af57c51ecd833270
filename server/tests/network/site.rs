//! The client's files over HTTP.

use std::{path::Path, time::Duration};

use server::{
    engine::net::{Access, Site},
    run::Running,
};
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

/// A server with the files of the page as they are before the build.
async fn with_assets(access: Access) -> Running {
    let assets = Path::new(env!("CARGO_MANIFEST_DIR")).join("../assets/web");
    server_with(|options| {
        options.site = Site::of_folder(&assets);
        options.access = access;
    })
    .await
}

/// Width and height of a PNG.
fn size_of_png(bytes: &[u8]) -> (u32, u32) {
    assert!(bytes.starts_with(b"\x89PNG\r\n\x1a\n"));
    let number = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap());
    (number(16), number(20))
}

#[tokio::test]
async fn manifest_and_every_icon_that_it_names_are_served() {
    let server = with_assets(Access::default()).await;
    let page = get(&server, "/").await.text();
    assert!(page.contains(r#"<link rel="manifest" href="manifest.webmanifest">"#));
    let manifest = get(&server, "/manifest.webmanifest").await;
    assert_eq!((manifest.status, manifest.header("content-type")), (200, "application/manifest+json"));
    assert!(manifest.header("content-security-policy").contains("manifest-src 'self'"));
    let manifest: serde_json::Value = serde_json::from_slice(&manifest.body).unwrap();
    assert_eq!(manifest["start_url"], ".");
    assert_eq!(manifest["display"], "fullscreen");
    let icons = manifest["icons"].as_array().unwrap();
    for icon in icons {
        let answer = get(&server, &format!("/{}", icon["src"].as_str().unwrap())).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, "image/png"), "{icon}");
        let (width, height) = size_of_png(&answer.body);
        assert_eq!(icon["sizes"], format!("{width}x{height}"), "{icon}");
    }
    // What browsers ask of a page that can be installed.
    for (size, purpose) in [("192x192", None), ("512x512", None), ("512x512", Some("maskable"))] {
        assert!(icons.iter().any(|icon| icon["sizes"] == size && icon["purpose"].as_str() == purpose));
    }
    let touch = get(&server, "/icon-180.png").await;
    assert_eq!(size_of_png(&touch.body), (180, 180));
    server.stop().await;
}

#[tokio::test]
async fn picture_of_previews_has_the_public_address() {
    let urls = vec!["https://play.example/game/".parse().unwrap()];
    for (access, address) in [
        (Access::default(), "preview.png"),
        (Access::new(urls, &[], Default::default()), "https://play.example/game/preview.png"),
    ] {
        let server = with_assets(access).await;
        let page = get(&server, "/").await.text();
        for name in [r#"property="og:image""#, r#"name="twitter:image""#] {
            assert!(page.contains(&format!(r#"<meta {name} content="{address}">"#)), "{address}");
        }
        assert_eq!(size_of_png(&get(&server, "/preview.png").await.body), (1200, 630));
        server.stop().await;
    }
}

#[tokio::test]
async fn only_named_origins_may_embed_the_page_which_knows_them() {
    let portal = "https://portal.example".parse().unwrap();
    for (access, ancestors, listed) in [
        (Access::default(), "frame-ancestors 'none'", ""),
        (
            Access::default().embedded_by(&[portal]),
            "frame-ancestors 'self' https://portal.example",
            "https://portal.example",
        ),
    ] {
        let server = with_assets(access).await;
        let page = get(&server, "/").await;
        assert!(page.header("content-security-policy").ends_with(ancestors));
        // It knows no list of origins, and would contradict the policy.
        assert_eq!(page.header("x-frame-options"), "");
        let meta = format!(r#"<meta name="embed-origins" content="{listed}">"#);
        assert!(page.text().contains(&meta), "{meta}");
        server.stop().await;
    }
}

/// The page that is made at the start is compressed too, and no variant of the one without the facts is left.
#[tokio::test]
async fn page_with_facts_is_sent_compressed() {
    let server = server_with(|options| {
        let page = r#"<meta name="embed-origins" content="">"#.repeat(20);
        let files =
            [("index.html", &*page), ("index.html.br", "old"), ("index.html.gz", "old"), ("a.js.br", "br")];
        options.site = Site::Files(files.map(|(name, text)| (name.to_owned(), text.into())).into());
        options.access = Access::default().embedded_by(&["https://portal.example".parse().unwrap()]);
    })
    .await;
    let page = request(&server, "GET", "/", &[("accept-encoding", "br, gzip")]).await;
    assert_eq!(page.header("content-encoding"), "gzip");
    assert!(page.body.starts_with(&[0x1f, 0x8b]) && page.body.len() < 200);
    let plain = get(&server, "/").await;
    assert!(plain.text().contains(r#"content="https://portal.example""#));
    assert_ne!(plain.header("etag"), page.header("etag"));
    let script = request(&server, "GET", "/a.js", &[("accept-encoding", "br")]).await;
    assert_eq!(script.text(), "br", "other files are as they were");
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
