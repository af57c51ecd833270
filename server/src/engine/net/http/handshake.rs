//! The WebSocket handshake of RFC 6455 as pure functions of request headers. By hand, because axum's `ws` and tungstenite's
//! `accept` answer a faulty request without saying which header is at fault.

use axum::http::{HeaderMap, HeaderValue, Method, Uri, Version, header, request::Parts};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::{
    access::{Access, Reached, TransportSecurity},
    refusal::Refusal,
};
use crate::engine::{
    log::peer_text,
    net::{
        proxy::{forwarded, peer::Peer},
        websocket::subprotocol::Subprotocol,
    },
};

/// The first requested subprotocol that is supported, and the response header for it; the default if none is requested.
pub(super) fn negotiate(headers: &HeaderMap) -> Result<(Subprotocol, HeaderMap), Refusal> {
    let lines = headers.get_all(header::SEC_WEBSOCKET_PROTOCOL).iter();
    let requested: Vec<&str> = lines
        .flat_map(|value| value.to_str().unwrap_or_default().split(','))
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .collect();
    let mut response = HeaderMap::new();
    if !headers.contains_key(header::SEC_WEBSOCKET_PROTOCOL) {
        return Ok((Subprotocol::default(), response));
    }
    let Some(subprotocol) = requested.iter().find_map(|name| Subprotocol::from_name(name)) else {
        return Err(Refusal::Subprotocol(requested.join(", ")));
    };
    response.insert(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(subprotocol.name()));
    Ok((subprotocol, response))
}

/// Checks a request. Returns the headers of the response `101 Switching Protocols`.
pub(super) fn accept(request: &Parts) -> Result<HeaderMap, Refusal> {
    let headers = &request.headers;
    if request.method != Method::GET {
        return Err(Refusal::Method);
    }
    check_version(request.version)?;
    if !has_token(headers, &header::UPGRADE, "websocket") {
        return Err(Refusal::NoUpgrade);
    }
    if !has_token(headers, &header::CONNECTION, "upgrade") {
        return Err(Refusal::NoConnectionUpgrade);
    }
    if single(headers, &header::SEC_WEBSOCKET_VERSION) != Some("13") {
        return Err(Refusal::WebSocketVersion);
    }
    // What a proxy on the way takes for a body would be frames to us.
    let length = headers.get(header::CONTENT_LENGTH);
    if headers.contains_key(header::TRANSFER_ENCODING) || length.is_some_and(|length| length != "0") {
        return Err(Refusal::Body);
    }
    let key = single(headers, &header::SEC_WEBSOCKET_KEY).filter(|key| is_key(key)).ok_or(Refusal::Key)?;
    let accept = HeaderValue::from_str(&derive_accept_key(key.as_bytes())).map_err(|_| Refusal::Key)?;
    Ok([
        (header::UPGRADE, HeaderValue::from_static("websocket")),
        (header::CONNECTION, HeaderValue::from_static("Upgrade")),
        (header::SEC_WEBSOCKET_ACCEPT, accept),
    ]
    .into_iter()
    .collect())
}

/// Only HTTP/1.1 has upgrades.
pub(super) fn check_version(version: Version) -> Result<(), Refusal> {
    if version == Version::HTTP_11 { Ok(()) } else { Err(Refusal::HttpVersion) }
}

/// Refuses pages of other sites. Browsers let any page open a WebSocket to any server, and send the page's origin; without
/// this check any site could make its visitors play here without their knowledge. Other clients send no origin.
pub(super) fn check_origin(request: &Parts, access: &Access, peer: &Peer) -> Result<(), Refusal> {
    if !request.headers.contains_key(header::ORIGIN) {
        return Ok(());
    }
    let origin = single(&request.headers, &header::ORIGIN).unwrap_or_default();
    check_page(origin, request, access, peer)
}

/// The same for a page that tells its origin in its request's query, because browsers send it with few other requests.
pub(super) fn check_page(origin: &str, request: &Parts, access: &Access, peer: &Peer) -> Result<(), Refusal> {
    let reached = reached(request, peer).ok_or(Refusal::Host)?;
    if access.admits(origin, reached) {
        return Ok(());
    }
    let (own, or) = match access.public_urls() {
        urls if urls.is_empty() => {
            (peer_text(reached.host), "or let the proxy pass the Host header and X-Forwarded-Proto through")
        }
        urls => (urls, "too"),
    };
    // Both may be as long as a head, and the origin in a query has any characters.
    Err(Refusal::Origin { origin: peer_text(origin), own, or })
}

/// How the browser has reached the server, by what this socket and a trusted proxy say.
fn reached<'a>(request: &'a Parts, peer: &Peer) -> Option<Reached<'a>> {
    let headers = &request.headers;
    let (host, has_tls) = if peer.is_trusted() {
        (forwarded::host(headers), forwarded::has_tls(headers))
    } else {
        (None, None)
    };
    let is_tls = request.extensions.get().is_some_and(|security: &TransportSecurity| security.is_tls);
    let has_tls = has_tls.or(is_tls.then_some(true));
    Some(Reached { host: host.or_else(|| single(headers, &header::HOST))?, has_tls })
}

/// The origin in the query of a page that asks, by a plain request, what a handshake of it would get: `?check=ORIGIN`.
pub(super) fn checked_page(uri: &Uri) -> Option<String> {
    let mut pairs = form_urlencoded::parse(uri.query()?.as_bytes());
    pairs.find(|(name, _)| name == "check").map(|(_, origin)| origin.into_owned())
}

/// The ticket of a client that another node has sent here: `?seat=TICKET`.
pub(super) fn seat_ticket(uri: &Uri) -> Option<String> {
    let mut pairs = form_urlencoded::parse(uri.query()?.as_bytes());
    pairs.find(|(name, _)| name == "seat").map(|(_, ticket)| ticket.into_owned())
}

/// The value of a header that must be present exactly once.
pub(super) fn single<'a>(headers: &'a HeaderMap, name: &header::HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value.trim())
}

/// Whether a header, a comma-separated list that may span several lines, contains `token`.
fn has_token(headers: &HeaderMap, name: &header::HeaderName, token: &str) -> bool {
    let lines = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    lines.flat_map(|line| line.split(',')).any(|part| part.trim().eq_ignore_ascii_case(token))
}

/// Whether this is 16 bytes in base64: 22 digits and two padding characters.
fn is_key(key: &str) -> bool {
    let digit = |b: u8| b.is_ascii_alphanumeric() || b == b'+' || b == b'/';
    key.strip_suffix("==").is_some_and(|digits| digits.len() == 22 && digits.bytes().all(digit))
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;
    use crate::engine::net::proxy::TrustedProxies;

    const GOOD: [(&str, &str); 5] = [
        ("host", "play.example:8080"),
        ("upgrade", "WebSocket"),
        ("connection", "keep-alive, Upgrade"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ];

    fn request(headers: &[(&str, &str)]) -> Parts {
        let mut builder = Request::builder().uri("/ws");
        for (name, value) in headers {
            builder = builder.header(*name, *value);
        }
        builder.body(()).unwrap().into_parts().0
    }

    fn peer(address: [u8; 4], trusted: &TrustedProxies) -> Peer {
        Peer::new((address, 4711).into(), trusted)
    }

    fn with(name: &str, value: &str) -> Parts {
        let mut headers: Vec<_> = GOOD.into_iter().filter(|(other, _)| *other != name).collect();
        if !value.is_empty() {
            headers.push((name, value));
        }
        request(&headers)
    }

    #[test]
    fn rfc_sample_is_accepted() {
        let headers = accept(&request(&GOOD)).unwrap();
        assert_eq!(headers["sec-websocket-accept"], "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }

    #[test]
    fn each_fault_has_its_own_refusal() {
        for (name, value, error) in [
            ("upgrade", "", Refusal::NoUpgrade),
            ("upgrade", "h2c", Refusal::NoUpgrade),
            ("connection", "keep-alive", Refusal::NoConnectionUpgrade),
            ("content-length", "10", Refusal::Body),
            ("transfer-encoding", "chunked", Refusal::Body),
            ("sec-websocket-version", "", Refusal::WebSocketVersion),
            ("sec-websocket-version", "8", Refusal::WebSocketVersion),
            ("sec-websocket-key", "", Refusal::Key),
            ("sec-websocket-key", "c2hvcnQ=", Refusal::Key),
            ("sec-websocket-key", "dGhlIHNhbXBsZSBub25j Q==", Refusal::Key),
        ] {
            assert_eq!(accept(&with(name, value)), Err(error), "{name}: {value}");
        }
        let mut post = request(&GOOD);
        post.method = Method::POST;
        assert_eq!(accept(&post), Err(Refusal::Method));
        let mut old = request(&GOOD);
        old.version = Version::HTTP_10;
        assert_eq!(accept(&old), Err(Refusal::HttpVersion));
        let twice = request(&[&GOOD[..], &[GOOD[4]]].concat());
        assert_eq!(accept(&twice), Err(Refusal::Key));
    }

    #[test]
    fn first_supported_subprotocol_is_chosen() {
        let negotiated = |lines: &[&str]| {
            let lines: Vec<_> = lines.iter().map(|line| ("sec-websocket-protocol", *line)).collect();
            negotiate(&request(&lines).headers)
        };
        assert_eq!(negotiated(&[]), Ok((Subprotocol::Bincode, HeaderMap::new())));
        for (lines, subprotocol) in [
            (&["emberdrift.bincode"][..], Subprotocol::Bincode),
            (&["emberdrift.json"], Subprotocol::Json),
            (&["chat, emberdrift.json,emberdrift.bincode"], Subprotocol::Json),
            (&["chat", "emberdrift.bincode"], Subprotocol::Bincode),
        ] {
            let (found, response) = negotiated(lines).unwrap();
            assert_eq!(
                (found, &response["sec-websocket-protocol"]),
                (subprotocol, &HeaderValue::from_static(subprotocol.name()))
            );
        }
        // Names are case-sensitive.
        let in_capitals = Subprotocol::Json.name().to_uppercase();
        for lines in [&["chat"][..], &[&in_capitals], &[""], &["a", "b"]] {
            let error = negotiated(lines).expect_err("unknown").to_string();
            assert!(error.contains("emberdrift.bincode") && error.contains("emberdrift.json"), "{error}");
        }
    }

    #[test]
    fn pages_of_other_origins_are_refused() {
        for (host, origin, is_accepted) in [
            ("play.example:8080", "http://play.example:8080", true),
            ("play.example:8080", "http://Play.Example:8080", true),
            ("play.example", "https://play.example", true),
            ("play.example:443", "https://play.example", true),
            ("[::1]:8080", "http://[::1]:8080", true),
            ("play.example:8080", "http://play.example", false),
            ("play.example", "https://evil.example", false),
            ("play.example", "https://play.example.evil.example", false),
            ("play.example", "null", false),
            ("play.example", "file://", false),
            ("play.example", "", false),
        ] {
            let mut headers = GOOD;
            headers[0].1 = host;
            let parts = request(&[&headers[..], &[("origin", origin)]].concat());
            let peer = peer([192, 0, 2, 1], &TrustedProxies::default());
            let checked = check_origin(&parts, &Access::default(), &peer);
            assert_eq!(checked.is_ok(), is_accepted, "{origin} at {host}");
        }
    }

    #[test]
    fn host_is_what_a_trusted_proxy_says() {
        let trusted: TrustedProxies = "10.0.0.0/8".parse().expect("a network");
        let access = Access::new(Vec::new(), &[], trusted.clone());
        let mut parts = request(&GOOD);
        for (name, value) in [("origin", "https://game.example"), ("x-forwarded-host", "game.example")] {
            parts.headers.insert(name, HeaderValue::from_static(value));
        }
        assert_eq!(check_origin(&parts, &access, &peer([10, 0, 0, 1], &trusted)), Ok(()));
        // From others it is ignored.
        let refused = check_origin(&parts, &access, &peer([192, 0, 2, 1], &trusted));
        assert!(matches!(refused, Err(Refusal::Origin { own, .. }) if own == "play.example:8080"));
    }

    #[test]
    fn scheme_of_the_page_is_that_of_its_connection() {
        let trusted: TrustedProxies = "10.0.0.0/8".parse().expect("a network");
        let access = Access::new(Vec::new(), &[], trusted.clone());
        let is_admitted = |origin: &'static str, is_tls: bool, proto: Option<&'static str>, peer: Peer| {
            let mut parts = request(&GOOD);
            parts.headers.insert("origin", HeaderValue::from_static(origin));
            if let Some(proto) = proto {
                parts.headers.insert("x-forwarded-proto", HeaderValue::from_static(proto));
            }
            parts.extensions.insert(TransportSecurity { is_tls, ..TransportSecurity::default() });
            check_origin(&parts, &access, &peer).is_ok()
        };
        let (proxy, other) = (peer([10, 0, 0, 1], &trusted), peer([192, 0, 2, 1], &trusted));
        let (plain, secure) = ("http://play.example:8080", "https://play.example:8080");
        assert!(is_admitted(secure, true, None, other) && !is_admitted(plain, true, None, other));
        // A proxy that is not trusted may have ended TLS, and what it says does not count.
        assert!(is_admitted(secure, false, None, other) && is_admitted(plain, false, Some("https"), other));
        // One that is trusted says what it has ended, also if it speaks TLS itself.
        assert!(is_admitted(secure, false, Some("https"), proxy));
        assert!(!is_admitted(plain, false, Some("https"), proxy));
        assert!(
            is_admitted(plain, true, Some("http"), proxy) && !is_admitted(secure, true, Some("http"), proxy)
        );
    }

    #[test]
    fn refusal_says_what_the_operator_has_set_and_can_set() {
        let text = |urls: &[&str]| {
            let urls = urls.iter().map(|url| url.parse().expect("a URL")).collect();
            let access = Access::new(urls, &[], TrustedProxies::default());
            let parts = request(&[&GOOD[..], &[("origin", "http://evil.example")]].concat());
            let checked = check_origin(&parts, &access, &peer([192, 0, 2, 1], &TrustedProxies::default()));
            checked.expect_err("refused").to_string()
        };
        let without = text(&[]);
        assert!(
            without.contains("(play.example:8080)") && without.contains("pass the Host header"),
            "{without}"
        );
        let with = text(&["https://play.example/game"]);
        assert!(with.contains("(https://play.example/game)") && !with.contains("Host header"), "{with}");
        for text in [without, with] {
            assert!(text.contains("--public-url http://evil.example"), "{text}");
            assert!(text.contains("--allow-origin http://evil.example"), "{text}");
        }
    }

    #[test]
    fn page_may_tell_its_origin_in_the_query() {
        let asked = |uri: &'static str| checked_page(&Uri::from_static(uri));
        assert_eq!(
            asked("/ws?check=https://play.example:8080").as_deref(),
            Some("https://play.example:8080")
        );
        assert_eq!(asked("/ws?x&check=https%3A%2F%2Fa").as_deref(), Some("https://a"));
        assert_eq!(asked("/ws?checked").or(asked("/ws")), None);
    }
}
