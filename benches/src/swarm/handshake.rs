//! The opening of a WebSocket (RFC 6455, section 4) from the client's side: a request, and whether the answer to it
//! is one. It must not know sockets.

use httparse::{EMPTY_HEADER, Response, Status};
use tokio_tungstenite::tungstenite::handshake::{client::generate_key, derive_accept_key};

use crate::bot::Address;

/// Headers of an answer: ours sends three.
const HEADERS_MAX: usize = 32;
/// A longer head is none.
const HEAD_BYTES_MAX: usize = 8 * 1024;

/// A request that waits for its answer.
#[derive(Debug)]
pub(super) struct Handshake {
    /// What the answer must prove to have read.
    accept: String,
}

impl Handshake {
    /// Appends a request to `out`.
    pub(super) fn request(address: &Address, subprotocol: &str, out: &mut Vec<u8>) -> Self {
        let key = generate_key();
        let Address { authority, path } = address;
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {authority}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\
             Sec-WebSocket-Protocol: {subprotocol}\r\n\r\n"
        );
        out.extend_from_slice(request.as_bytes());
        Self { accept: derive_accept_key(key.as_bytes()) }
    }

    /// Looks at the answer so far: how long it is, once it is whole and right. An error says why not.
    pub(super) fn answer(&self, bytes: &[u8]) -> Result<Option<usize>, String> {
        let mut headers = [EMPTY_HEADER; HEADERS_MAX];
        let mut answer = Response::new(&mut headers);
        let length = match answer.parse(bytes) {
            Ok(Status::Complete(length)) => length,
            Ok(Status::Partial) if bytes.len() <= HEAD_BYTES_MAX => return Ok(None),
            Ok(Status::Partial) => return Err("refused: the answer's head has no end".to_owned()),
            Err(error) => return Err(format!("refused: the answer is no HTTP: {error}")),
        };
        let code = answer.code.unwrap_or_default();
        if code != 101 {
            let reason = answer.reason.unwrap_or_default();
            return Err(format!("refused: HTTP {code} {reason}").trim_end().to_owned());
        }
        let has = |name: &str, value: &str, exactly: bool| {
            answer.headers.iter().filter(|header| header.name.eq_ignore_ascii_case(name)).any(|header| {
                let given = header.value.trim_ascii();
                given == value.as_bytes() || !exactly && given.eq_ignore_ascii_case(value.as_bytes())
            })
        };
        if !has("upgrade", "websocket", false) || !has("connection", "upgrade", false) {
            return Err("refused: the answer is no upgrade to a WebSocket".to_owned());
        }
        if !has("sec-websocket-accept", &self.accept, true) {
            return Err("refused: the answer's Sec-WebSocket-Accept is not that of the request".to_owned());
        }
        Ok(Some(length))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A handshake, and the right answer to it.
    fn handshake() -> (Handshake, String) {
        let mut request = Vec::new();
        let handshake =
            Handshake::request(&"ws://localhost:9/ws".parse().unwrap(), "emberdrift.json", &mut request);
        let request = String::from_utf8(request).unwrap();
        assert!(request.starts_with("GET /ws HTTP/1.1\r\nHost: localhost:9\r\n"), "{request}");
        let key = request.split("Sec-WebSocket-Key: ").nth(1).unwrap().lines().next().unwrap();
        let accept = derive_accept_key(key.as_bytes());
        let answer = format!(
            "HTTP/1.1 101 Switching Protocols\r\nupgrade: WebSocket\r\nconnection: upgrade\r\n\
             sec-websocket-accept: {accept}\r\n\r\n"
        );
        (handshake, answer)
    }

    #[test]
    fn an_answer_is_taken_once_it_is_whole() {
        let (handshake, answer) = handshake();
        for end in 0..answer.len() {
            assert_eq!(handshake.answer(&answer.as_bytes()[..end]), Ok(None));
        }
        let with_more = answer.clone() + "\u{2}more";
        assert_eq!(handshake.answer(with_more.as_bytes()), Ok(Some(answer.len())));
    }

    #[test]
    fn a_wrong_answer_is_refused_with_a_reason() {
        let (handshake, answer) = handshake();
        let why = |answer: &str| handshake.answer(answer.as_bytes()).unwrap_err();
        assert!(why(&answer.replace("accept: ", "accept: x")).contains("Sec-WebSocket-Accept"));
        assert!(why(&answer.replace("WebSocket", "h2c")).contains("no upgrade"));
        assert_eq!(why("HTTP/1.1 503 Service Unavailable\r\n\r\n"), "refused: HTTP 503 Service Unavailable");
        assert!(why("SSH-2.0-x\r\n\r\n").contains("no HTTP"));
        assert!(why(&("HTTP/1.1 101 x\r\n".to_owned() + &"a: b\r\n".repeat(2000))).starts_with("refused"));
    }
}
