//! The opening of a WebSocket (RFC 6455, section 4) from the client's side: a request, and whether the response
//! accepts it. tungstenite writes the one and parses the other; its own handshake would keep the socket to itself.

use tokio_tungstenite::tungstenite::{
    self,
    client::IntoClientRequest,
    handshake::{
        client::{Response, generate_request},
        derive_accept_key,
        machine::TryParse,
    },
    http::{HeaderValue, StatusCode, header::SEC_WEBSOCKET_PROTOCOL},
};

use super::Address;

/// A response with a longer head is refused.
const HEAD_BYTES_MAX: usize = 8 * 1024;

/// A request that waits for its response.
#[derive(Debug)]
pub(super) struct Handshake {
    /// What the response must prove to have read.
    accept: String,
}

impl Handshake {
    /// A request, and its bytes.
    pub(super) fn request(
        address: &Address,
        subprotocol: &'static str,
    ) -> tungstenite::Result<(Self, Vec<u8>)> {
        let mut request = address.to_string().into_client_request()?;
        request.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(subprotocol));
        let (bytes, key) = generate_request(request)?;
        Ok((Self { accept: derive_accept_key(key.as_bytes()) }, bytes))
    }

    /// The length of the response once it is complete; an error says why it does not accept.
    pub(super) fn response(&self, bytes: &[u8]) -> Result<Option<usize>, String> {
        let parsed = Response::try_parse(bytes).map_err(|error| format!("refused: {error}"))?;
        let Some((length, response)) = parsed else {
            let is_short = bytes.len() <= HEAD_BYTES_MAX;
            return if is_short { Ok(None) } else { Err("refused: the response's head is too long".into()) };
        };
        if response.status() != StatusCode::SWITCHING_PROTOCOLS {
            return Err(format!("refused: HTTP {}", response.status()));
        }
        let header = |name| response.headers().get(name).map_or(&b""[..], |value| value.as_bytes());
        let is_upgrade = header("upgrade").eq_ignore_ascii_case(b"websocket")
            && header("connection").eq_ignore_ascii_case(b"upgrade");
        if !is_upgrade {
            return Err("refused: the response is no upgrade to a WebSocket".to_owned());
        }
        if header("sec-websocket-accept") != self.accept.as_bytes() {
            return Err("refused: Sec-WebSocket-Accept does not belong to the request".to_owned());
        }
        Ok(Some(length))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A handshake, and the response that accepts it.
    fn handshake() -> (Handshake, String) {
        let address = "ws://localhost:9/ws".parse().unwrap();
        let (handshake, request) = Handshake::request(&address, "emberdrift.json").unwrap();
        let request = String::from_utf8(request).unwrap();
        assert!(request.starts_with("GET /ws HTTP/1.1\r\nHost: localhost:9\r\n"), "{request}");
        assert!(request.to_lowercase().contains("sec-websocket-protocol: emberdrift.json\r\n"), "{request}");
        let key = request.split("Sec-WebSocket-Key: ").nth(1).unwrap().lines().next().unwrap();
        let accept = derive_accept_key(key.as_bytes());
        let response = format!(
            "HTTP/1.1 101 Switching Protocols\r\nupgrade: WebSocket\r\nconnection: upgrade\r\n\
             sec-websocket-accept: {accept}\r\n\r\n"
        );
        (handshake, response)
    }

    #[test]
    fn response_is_accepted_once_it_is_complete() {
        let (handshake, response) = handshake();
        for end in 0..response.len() {
            assert_eq!(handshake.response(&response.as_bytes()[..end]), Ok(None));
        }
        let with_more = response.clone() + "\u{2}more";
        assert_eq!(handshake.response(with_more.as_bytes()), Ok(Some(response.len())));
    }

    #[test]
    fn wrong_response_is_refused_with_a_reason() {
        let (handshake, response) = handshake();
        let why = |response: &str| handshake.response(response.as_bytes()).unwrap_err();
        assert!(why(&response.replace("accept: ", "accept: x")).contains("Sec-WebSocket-Accept"));
        assert!(why(&response.replace("WebSocket", "h2c")).contains("no upgrade"));
        assert_eq!(why("HTTP/1.1 503 Service Unavailable\r\n\r\n"), "refused: HTTP 503 Service Unavailable");
        assert!(why("SSH-2.0-x\r\n\r\n").starts_with("refused"));
        assert!(why(&("HTTP/1.1 101 x\r\n".to_owned() + &"a: b\r\n".repeat(3000))).starts_with("refused"));
    }
}
