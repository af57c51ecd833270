//! What the server believes of proxies before it, how it is reached through them, and what it says if one is in the way.

use client_web::engine::page::handshake_fault::reason;
use server::{
    engine::net::{Access, TrustedProxies},
    run::Running,
};

use crate::rig::{Answer, get, raw, request, server, server_with};

const HANDSHAKE: [(&str, &str); 4] = [
    ("upgrade", "websocket"),
    ("connection", "upgrade, close"),
    ("sec-websocket-version", "13"),
    ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
];

/// A server that trusts these networks.
async fn trusting(networks: &[&str]) -> Running {
    let proxies = TrustedProxies::new(networks.iter().map(|network| network.parse().unwrap()));
    server_with(|options| options.access = Access::new(Vec::new(), &[], proxies)).await
}

/// The answer to a page of `https://play.example` that asks why its handshake failed.
async fn check(server: &Running, headers: &[(&str, &str)]) -> Answer {
    request(server, "GET", "/ws?check=https://play.example", headers).await
}

#[tokio::test]
async fn pages_of_public_urls_and_allowed_origins_may_connect() {
    let server = server_with(|options| {
        let urls = vec!["https://play.example/game/".parse().unwrap()];
        options.access = Access::new(urls, &["https://portal.example".parse().unwrap()], Default::default());
    })
    .await;
    for (origin, status) in [
        ("https://play.example", 204),
        ("https://portal.example", 204),
        ("http://play.example", 403),
        ("https://evil.example", 403),
        // The address that was reached, which any name may point to.
        (&*format!("http://{}", server.address()), 403),
    ] {
        let answer = get(&server, &format!("/ws?check={origin}")).await;
        assert_eq!(answer.status, status, "{origin}: {}", answer.text());
        // The check says what the handshake does: it is refused, or goes on to the subprotocols.
        let headers = [&HANDSHAKE[..], &[("origin", origin), ("sec-websocket-protocol", "none")]].concat();
        let status = if status == 204 { 400 } else { status };
        assert_eq!(request(&server, "GET", "/ws", &headers).await.status, status, "{origin}");
    }
    let page = get(&server, "/").await;
    assert!(
        page.header("content-security-policy").ends_with("frame-ancestors 'self' https://portal.example")
    );
    server.stop().await;
}

#[tokio::test]
async fn refused_page_learns_what_the_operator_can_do() {
    let server = server().await;
    let answer = get(&server, "/ws?check=https://play.example").await;
    assert_eq!(answer.status, 403);
    for part in ["https://play.example", "--public-url", "--allow-origin"] {
        assert!(answer.text().contains(part), "{}", answer.text());
    }
    let own = format!("/ws?check=http://{}", server.address());
    assert_eq!(get(&server, &own).await.status, 204);
    assert_eq!(get(&server, "/ws/nowhere?check=x").await.status, 404);
    // A proxy that speaks HTTP/1.0 to the server passes no upgrade on.
    let answer =
        raw(&server, &format!("GET {own} HTTP/1.0\r\nHost: {}\r\n\r\n", server.address())).await.unwrap();
    assert_eq!((answer.status, answer.text().contains("proxy_http_version 1.1")), (426, true));
    server.stop().await;
}

/// The log has it too, where a line break would forge a line.
#[tokio::test]
async fn refusal_of_any_origin_is_one_line_that_the_page_shows() {
    let server = server().await;
    let long = format!("https://{}.example:65535", "a".repeat(2000));
    for origin in ["https://play.example%0Aforged", "https://%E2%80%AEevil.example", &long] {
        let answer = get(&server, &format!("/ws?check={origin}")).await;
        let text = answer.text();
        assert_eq!((answer.status, text.lines().count()), (403, 1), "{text:?}");
        assert!(reason(&text).contains("--public-url") && !text.contains('\u{202e}'), "{text:?}");
    }
    server.stop().await;
}

#[tokio::test]
async fn forwarded_host_counts_from_trusted_proxies_only() {
    for (networks, status) in [(&["127.0.0.0/8"][..], 204), (&["10.0.0.0/8"], 403), (&[], 403)] {
        let server = trusting(networks).await;
        let answer = check(&server, &[("x-forwarded-host", "play.example")]).await;
        assert_eq!(answer.status, status, "{networks:?}");
        server.stop().await;
    }
}

#[tokio::test]
async fn proxy_header_is_for_trusted_proxies() {
    let request = "PROXY TCP4 203.0.113.9 10.0.0.1 1 2\r\nGET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    let server = trusting(&["127.0.0.1"]).await;
    assert_eq!(raw(&server, request).await.unwrap().status, 200);
    // The client behind a proxy of TCP is not trusted itself.
    let forged = format!("{}x-forwarded-host: play.example\r\n\r\n", &request[..request.len() - 2]);
    let forged = forged.replace("/healthz", "/ws?check=https://play.example");
    assert_eq!(raw(&server, &forged).await.unwrap().status, 403);
    // Neither is one whose address the proxy does not know. The proxy's own connection is.
    let header = request.lines().next().unwrap();
    let local = "\r\n\r\n\0\r\nQUIT\n\u{20}\0\0\0";
    for (other, status) in [("PROXY UNKNOWN\r\n", 403), (local, 204)] {
        let forged = forged.replace(&format!("{header}\r\n"), other);
        assert_eq!(raw(&server, &forged).await.unwrap().status, status, "{other:?}");
    }
    server.stop().await;
    let server = trusting(&[]).await;
    let answer = raw(&server, request).await.unwrap();
    assert_eq!((answer.status, answer.text().contains("--trusted-proxy")), (403, true));
    assert_eq!(server.telemetry().refused.get("untrusted_proxy").get(), 1);
    server.stop().await;
}

#[tokio::test]
async fn pages_are_served_to_http_1_0() {
    let server = server().await;
    let answer = raw(&server, "GET /healthz HTTP/1.0\r\n\r\n").await.unwrap();
    assert_eq!((answer.status, answer.text().as_str()), (200, "alive\n"));
    server.stop().await;
}
