//! Whether a request asks for a WebSocket as RFC 6455 wants it, and the answer. Knows HTTP heads; no sockets.

use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Version, header, request::Parts};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::{
    encoding::Encoding,
    error::{HandshakeError, RETRY_AFTER_SECONDS},
};

/// The first subprotocol asked for that is spoken here, and the header that says so. Who asks for none gets the default.
pub(super) fn negotiate(headers: &HeaderMap) -> Result<(Encoding, HeaderMap), HandshakeError> {
    let lines = headers.get_all(header::SEC_WEBSOCKET_PROTOCOL).iter();
    let asked: Vec<&str> = lines
        .flat_map(|value| value.to_str().unwrap_or_default().split(','))
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .collect();
    let mut answer = HeaderMap::new();
    if !headers.contains_key(header::SEC_WEBSOCKET_PROTOCOL) {
        return Ok((Encoding::default(), answer));
    }
    let Some(encoding) = asked.iter().find_map(|name| Encoding::of_subprotocol(name)) else {
        return Err(HandshakeError::Subprotocol(asked.join(", ")));
    };
    answer.insert(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(encoding.subprotocol()));
    Ok((encoding, answer))
}

/// Checks a request, and gives the headers of the answer `101 Switching Protocols`.
pub(super) fn accept(request: &Parts) -> Result<HeaderMap, HandshakeError> {
    let headers = &request.headers;
    if request.method != Method::GET {
        return Err(HandshakeError::Method);
    }
    if request.version != Version::HTTP_11 {
        return Err(HandshakeError::HttpVersion);
    }
    if !has_token(headers, &header::UPGRADE, "websocket") {
        return Err(HandshakeError::NoUpgrade);
    }
    if !has_token(headers, &header::CONNECTION, "upgrade") {
        return Err(HandshakeError::NoConnectionUpgrade);
    }
    if only(headers, &header::SEC_WEBSOCKET_VERSION) != Some("13") {
        return Err(HandshakeError::WebSocketVersion);
    }
    let key =
        only(headers, &header::SEC_WEBSOCKET_KEY).filter(|key| is_key(key)).ok_or(HandshakeError::Key)?;
    let accept =
        HeaderValue::from_str(&derive_accept_key(key.as_bytes())).map_err(|_| HandshakeError::Key)?;
    Ok([
        (header::UPGRADE, HeaderValue::from_static("websocket")),
        (header::CONNECTION, HeaderValue::from_static("Upgrade")),
        (header::SEC_WEBSOCKET_ACCEPT, accept),
    ]
    .into_iter()
    .collect())
}

/// What the refusal says in its headers, so that a client can do better.
pub(super) fn refusal_headers(error: &HandshakeError) -> HeaderMap {
    let mut headers = HeaderMap::new();
    match error.status() {
        StatusCode::UPGRADE_REQUIRED => {
            headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
            headers.insert(header::SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
        }
        StatusCode::METHOD_NOT_ALLOWED => {
            headers.insert(header::ALLOW, HeaderValue::from_static("GET"));
        }
        StatusCode::SERVICE_UNAVAILABLE => {
            headers.insert(header::RETRY_AFTER, RETRY_AFTER_SECONDS.into());
        }
        _ => {}
    }
    headers
}

/// Browsers let any page open a WebSocket to any server, and put the page's origin into the request. So without
/// this check every page on the web could let its visitors play here, from their address and unasked. Whatever is
/// not a browser sends no origin and is welcome.
pub(super) fn check_origin(headers: &HeaderMap) -> Result<(), HandshakeError> {
    if !headers.contains_key(header::ORIGIN) {
        return Ok(());
    }
    let host = only(headers, &header::HOST).ok_or(HandshakeError::Host)?;
    let origin = only(headers, &header::ORIGIN).unwrap_or_default();
    let same = origin.split_once("://").is_some_and(|(scheme, authority)| {
        let port = match scheme {
            "http" => ":80",
            "https" => ":443",
            _ => return false,
        };
        // A default port may be written or not.
        let bare = |host: &str| host.strip_suffix(port).unwrap_or(host).to_ascii_lowercase();
        bare(authority) == bare(host)
    });
    if same {
        Ok(())
    } else {
        Err(HandshakeError::Origin { origin: origin.to_owned(), host: host.to_owned() })
    }
}

/// The value of a header that must be there once, as text.
fn only<'a>(headers: &'a HeaderMap, name: &header::HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value.trim())
}

/// Whether a header that is a list, perhaps over several lines, has `token` in it.
fn has_token(headers: &HeaderMap, name: &header::HeaderName, token: &str) -> bool {
    let lines = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    lines.flat_map(|line| line.split(',')).any(|part| part.trim().eq_ignore_ascii_case(token))
}

/// Whether this is 16 bytes in base64: 22 digits, the last of which has 4 unused bits, and two signs of padding.
fn is_key(key: &str) -> bool {
    let digit = |b: u8| b.is_ascii_alphanumeric() || b == b'+' || b == b'/';
    key.strip_suffix("==").is_some_and(|digits| digits.len() == 22 && digits.bytes().all(digit))
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

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

    fn with(name: &str, value: &str) -> Parts {
        let mut headers: Vec<_> = GOOD.into_iter().filter(|(other, _)| *other != name).collect();
        if !value.is_empty() {
            headers.push((name, value));
        }
        request(&headers)
    }

    #[test]
    fn the_sample_of_the_rfc_is_accepted() {
        let headers = accept(&request(&GOOD)).unwrap();
        assert_eq!(headers["sec-websocket-accept"], "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }

    #[test]
    fn each_fault_has_its_own_answer() {
        for (name, value, error) in [
            ("upgrade", "", HandshakeError::NoUpgrade),
            ("upgrade", "h2c", HandshakeError::NoUpgrade),
            ("connection", "keep-alive", HandshakeError::NoConnectionUpgrade),
            ("sec-websocket-version", "", HandshakeError::WebSocketVersion),
            ("sec-websocket-version", "8", HandshakeError::WebSocketVersion),
            ("sec-websocket-key", "", HandshakeError::Key),
            ("sec-websocket-key", "c2hvcnQ=", HandshakeError::Key),
            ("sec-websocket-key", "dGhlIHNhbXBsZSBub25j Q==", HandshakeError::Key),
        ] {
            assert_eq!(accept(&with(name, value)), Err(error), "{name}: {value}");
        }
        let mut post = request(&GOOD);
        post.method = Method::POST;
        assert_eq!(accept(&post), Err(HandshakeError::Method));
        let mut old = request(&GOOD);
        old.version = Version::HTTP_10;
        assert_eq!(accept(&old), Err(HandshakeError::HttpVersion));
        let twice = request(&[&GOOD[..], &[GOOD[4]]].concat());
        assert_eq!(accept(&twice), Err(HandshakeError::Key));
    }

    #[test]
    fn the_first_subprotocol_that_is_spoken_is_taken() {
        let asked = |lines: &[&str]| {
            let lines: Vec<_> = lines.iter().map(|line| ("sec-websocket-protocol", *line)).collect();
            negotiate(&request(&lines).headers)
        };
        assert_eq!(asked(&[]), Ok((Encoding::Bincode, HeaderMap::new())));
        for (lines, encoding) in [
            (&["emberdrift.bincode"][..], Encoding::Bincode),
            (&["emberdrift.json"], Encoding::Json),
            (&["chat, emberdrift.json,emberdrift.bincode"], Encoding::Json),
            (&["chat", "emberdrift.bincode"], Encoding::Bincode),
        ] {
            let (found, answer) = asked(lines).unwrap();
            assert_eq!(
                (found, &answer["sec-websocket-protocol"]),
                (encoding, &HeaderValue::from_static(encoding.subprotocol()))
            );
        }
        for lines in [&["chat"][..], &["Emberdrift.JSON"], &[""], &["a", "b"]] {
            let error = asked(lines).expect_err("unknown").to_string();
            assert!(error.contains("emberdrift.bincode") && error.contains("emberdrift.json"), "{error}");
        }
    }

    #[test]
    fn only_our_own_pages_may_connect() {
        for (host, origin, welcome) in [
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
            assert_eq!(check_origin(&parts.headers).is_ok(), welcome, "{origin} at {host}");
        }
    }
}
