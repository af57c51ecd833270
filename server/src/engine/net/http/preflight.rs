//! Reads the head of the first request on a socket before hyper does, and answers one that is late, too long or not HTTP
//! with what is wrong: hyper would close the connection without an answer.

use std::{io, time::Duration};

use axum::http::{HeaderMap, StatusCode};
use httparse::{EMPTY_HEADER, Request, Status};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::{access::Access, response::last_answer};
use crate::engine::net::{
    proxy::protocol::{Opening, Source, opening},
    running_time,
};

/// Most headers of a request; browsers send about twenty.
pub(super) const HEADERS_MAX: usize = 64;
/// Most bytes of a request's head; the smallest limit that hyper accepts.
pub(super) const HEAD_BYTES_MAX: usize = 8 * 1024;
/// Initial size of the buffer; most heads fit.
const BUFFER_BYTES: usize = 1024;
/// The first byte of a TLS record with a handshake (RFC 8446, section 5.1).
const TLS_HANDSHAKE: u8 = 22;
/// For a refused peer to read the answer, while it may still be sending.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

/// What is wrong with the head of a request.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum PreflightError {
    #[error("the request head did not arrive within {0:?}; send it at once")]
    TooSlow(Duration),
    #[error("the request head is longer than {HEAD_BYTES_MAX} bytes; send fewer or shorter headers")]
    TooLong,
    #[error("the request has more than {HEADERS_MAX} headers; send fewer")]
    TooMany,
    #[error("this port speaks HTTP and not HTTPS: use an address with http:// or ws://")]
    Tls,
    #[error("only proxies that are trusted may send a PROXY header: start the server with --trusted-proxy")]
    UntrustedProxy,
    #[error("the PROXY header is faulty; send one of version 1 or 2 for TCP")]
    ProxyHeader,
    #[error("not an HTTP/1.1 request: {0}")]
    NotHttp(httparse::Error),
}

impl PreflightError {
    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::TooSlow(_) => StatusCode::REQUEST_TIMEOUT,
            Self::TooLong | Self::TooMany => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::Tls | Self::ProxyHeader | Self::NotHttp(_) => StatusCode::BAD_REQUEST,
            Self::UntrustedProxy => StatusCode::FORBIDDEN,
        }
    }

    /// A short name for metrics.
    pub(super) fn label(&self) -> &'static str {
        match self {
            Self::TooSlow(_) => "head_timeout",
            Self::TooLong => "head_too_long",
            Self::TooMany => "too_many_headers",
            Self::Tls => "tls_on_plain_port",
            Self::UntrustedProxy => "untrusted_proxy",
            Self::ProxyHeader => "proxy_header",
            Self::NotHttp(_) => "not_http",
        }
    }

    /// One of each kind.
    #[cfg(test)]
    pub(super) fn all() -> [Self; 7] {
        [
            Self::TooSlow(Duration::from_secs(10)),
            Self::TooLong,
            Self::TooMany,
            Self::Tls,
            Self::UntrustedProxy,
            Self::ProxyHeader,
            Self::NotHttp(httparse::Error::Token),
        ]
    }

    /// Whether the operator can do something about it, so that it is worth a line of the log.
    pub(super) fn is_for_operator(&self) -> bool {
        matches!(self, Self::UntrustedProxy | Self::ProxyHeader)
    }
}

/// What a socket has sent up to the end of its first head.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Head {
    /// The head, and what has arrived behind it.
    pub(super) bytes: Vec<u8>,
    /// What a PROXY header before the head says, if there is one.
    pub(super) source: Option<Source>,
    /// Not a head, but the beginning of a TLS handshake.
    pub(super) is_tls: bool,
}

/// What may come before a head.
#[derive(Clone, Copy, Debug)]
pub(super) struct Expected {
    /// A PROXY header: the peer is trusted to send one.
    pub(super) proxy_header: bool,
    /// TLS: the server has a certificate.
    pub(super) tls: bool,
}

/// Reads a whole head within `most`, with what is expected before it. `None` if the peer left, or sent nothing, as browsers do
/// when they connect in advance.
pub(super) async fn read_head(
    stream: &mut (impl AsyncRead + Unpin),
    most: Duration,
    expected: Expected,
) -> Result<Option<Head>, PreflightError> {
    let mut head = Head { bytes: Vec::with_capacity(BUFFER_BYTES), ..Head::default() };
    match running_time::timeout(most, fill(stream, &mut head, expected)).await {
        Ok(Ok(Ok(()))) if head.is_tls => Ok(Some(head)),
        Ok(Ok(filled)) => filled.and_then(|()| check(&head.bytes)).map(|()| Some(head)),
        Ok(Err(_)) => Ok(None),
        Err(_) if head.bytes.is_empty() => Ok(None),
        Err(_) => Err(PreflightError::TooSlow(most)),
    }
}

/// Reads until the end of a head, or until this cannot become one.
async fn fill(
    stream: &mut (impl AsyncRead + Unpin),
    Head { bytes, source, is_tls }: &mut Head,
    expected: Expected,
) -> io::Result<Result<(), PreflightError>> {
    let (mut may_be_proxy, mut skipped) = (true, 0);
    loop {
        let mut before = bytes.len();
        if stream.read_buf(bytes).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if may_be_proxy {
            match opening(bytes) {
                Opening::Incomplete | Opening::Header { .. } if !expected.proxy_header => {
                    return Ok(Err(PreflightError::UntrustedProxy));
                }
                Opening::Unknown | Opening::Incomplete if bytes.len() < HEAD_BYTES_MAX => continue,
                Opening::Unknown | Opening::Incomplete => return Ok(Err(PreflightError::TooLong)),
                Opening::Invalid => return Ok(Err(PreflightError::ProxyHeader)),
                Opening::Header { source: client, length } => {
                    *source = Some(client);
                    bytes.drain(..length);
                }
                Opening::Other => {}
            }
            (may_be_proxy, before) = (false, 0);
        }
        // Empty lines may come before a request (RFC 9112, section 2.2). Left there, two of them would end a head.
        let empty = empty_lines(bytes);
        bytes.drain(..empty);
        (before, skipped) = (before.saturating_sub(empty), skipped + empty);
        if skipped >= HEAD_BYTES_MAX {
            return Ok(Err(PreflightError::TooLong));
        }
        // A peer that speaks another protocol waits for an answer, so it gets one at the first byte.
        match bytes.first() {
            None => continue,
            Some(&TLS_HANDSHAKE) if expected.tls => {
                *is_tls = true;
                return Ok(Ok(()));
            }
            Some(&TLS_HANDSHAKE) => return Ok(Err(PreflightError::Tls)),
            Some(b'\r') => {}
            Some(byte) if byte.is_ascii_graphic() => {}
            Some(_) => return Ok(Err(PreflightError::NotHttp(httparse::Error::Token))),
        }
        // The end of the head may be split between two reads.
        let tail = &bytes[before.saturating_sub(3)..];
        if tail.windows(2).any(|end| end == b"\n\n") || tail.windows(3).any(|end| end == b"\n\r\n") {
            return Ok(Ok(()));
        }
        if bytes.len() >= HEAD_BYTES_MAX {
            return Ok(Err(PreflightError::TooLong));
        }
    }
}

/// The length of the empty lines that `bytes` begin with.
fn empty_lines(bytes: &[u8]) -> usize {
    let mut length = 0;
    loop {
        match &bytes[length..] {
            [b'\n', ..] => length += 1,
            [b'\r', b'\n', ..] => length += 2,
            _ => return length,
        }
    }
}

fn check(bytes: &[u8]) -> Result<(), PreflightError> {
    let mut headers = [EMPTY_HEADER; HEADERS_MAX];
    match Request::new(&mut headers).parse(bytes) {
        Ok(Status::Complete(length)) if length <= HEAD_BYTES_MAX => Ok(()),
        Ok(_) => Err(PreflightError::TooLong),
        Err(httparse::Error::TooManyHeaders) => Err(PreflightError::TooMany),
        Err(error) => Err(PreflightError::NotHttp(error)),
    }
}

/// Answers with the error, and closes.
pub(super) async fn refuse(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    error: &PreflightError,
    access: &Access,
    is_for_tls_only: bool,
) {
    let message = format!("{error}\n");
    let answer = last_answer(error.status(), HeaderMap::new(), &message, access, is_for_tls_only);
    let answered = async {
        stream.write_all(&answer).await?;
        stream.shutdown().await?;
        // A socket that is dropped with unread bytes resets the connection, which can destroy the answer in flight.
        let mut rest = [0; 2048];
        while stream.read(&mut rest).await? > 0 {}
        io::Result::Ok(())
    };
    // A time-out changes nothing: the socket is dropped either way.
    let _ = running_time::timeout(CLOSE_TIMEOUT, answered).await;
}

#[cfg(test)]
mod tests {
    use tokio::{io::duplex, time::advance};

    use super::*;
    use crate::engine::telemetry::Telemetry;

    const HEAD: &[u8] = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n";

    /// What becomes of `bytes` that arrive `at_once` at a time from a trusted proxy.
    async fn read(bytes: &[u8], at_once: usize) -> Result<Option<Head>, PreflightError> {
        read_with(bytes, at_once, Expected { proxy_header: true, tls: false }).await
    }

    async fn read_with(
        bytes: &[u8],
        at_once: usize,
        expected: Expected,
    ) -> Result<Option<Head>, PreflightError> {
        let (mut near, mut far) = duplex(at_once);
        let reading = read_head(&mut near, Duration::from_secs(10), expected);
        tokio::select! {
            head = reading => head,
            // It fails once the reader is done, and then waits to be dropped.
            () = async { let _ = far.write_all(bytes).await; std::future::pending().await } => unreachable!(),
        }
    }

    fn head(bytes: &[u8], source: Option<[u8; 4]>) -> Result<Option<Head>, PreflightError> {
        Ok(Some(Head {
            bytes: bytes.to_vec(),
            source: source.map(|client| Source::Client(client.into())),
            is_tls: false,
        }))
    }

    #[tokio::test(start_paused = true)]
    async fn head_may_arrive_in_parts_of_any_size() {
        let proxied = [b"PROXY TCP4 203.0.113.9 10.0.0.1 1 2\r\n", HEAD].concat();
        for at_once in 1..=proxied.len() {
            assert_eq!(read(HEAD, at_once).await, head(HEAD, None), "{at_once} bytes at once");
            let source = Some([203, 0, 113, 9]);
            assert_eq!(read(&proxied, at_once).await, head(HEAD, source), "{at_once} bytes at once");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn empty_lines_before_a_head_are_skipped_however_they_arrive() {
        for empty in ["\r\n\r\n", "\n\n", "\r\n\n\r\n\r\n\r\n"] {
            let bytes = [empty.as_bytes(), HEAD].concat();
            for at_once in 1..=bytes.len() {
                assert_eq!(
                    read(&bytes, at_once).await,
                    head(HEAD, None),
                    "{empty:?}, {at_once} bytes at once"
                );
            }
        }
        for at_once in [1, 7, 1024] {
            assert_eq!(read(&b"\r\n".repeat(5000), at_once).await, Err(PreflightError::TooLong));
        }
        let lone = read(b"\rGET / HTTP/1.1\r\n\r\n", 99).await;
        assert!(matches!(lone, Err(PreflightError::NotHttp(_))), "{lone:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn bytes_behind_the_head_are_kept() {
        let bytes = [HEAD, b"frames"].concat();
        assert_eq!(read(&bytes, bytes.len()).await, head(&bytes, None));
    }

    #[tokio::test(start_paused = true)]
    async fn proxy_header_counts_from_trusted_peers_only() {
        let version_2 = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xcb\0\x71\x09\x0a\0\0\x01\0\x01\0\x02";
        let bytes = [version_2, HEAD].concat();
        assert_eq!(read(&bytes, 99).await, head(HEAD, Some([203, 0, 113, 9])));
        for bytes in [&bytes[..], b"PROXY UNKNOWN\r\n", b"PROXY "] {
            let expected = Expected { proxy_header: false, tls: true };
            assert_eq!(read_with(bytes, 99, expected).await, Err(PreflightError::UntrustedProxy));
        }
        assert_eq!(read(b"PROXY TCP4 x y 1 2\r\n", 99).await, Err(PreflightError::ProxyHeader));
        // The deadline is that of the head.
        let late = Err(PreflightError::TooSlow(Duration::from_secs(10)));
        assert_eq!(read(&version_2[..20], 99).await, late);
    }

    #[tokio::test(start_paused = true)]
    async fn tls_is_found_at_its_first_byte() {
        let expected = Expected { proxy_header: true, tls: true };
        for bytes in [&b"\x16"[..], b"PROXY TCP4 203.0.113.9 10.0.0.1 1 2\r\n\x16"] {
            let head = read_with(bytes, 99, expected).await.unwrap().expect("it has sent something");
            assert_eq!((head.is_tls, &head.bytes[..]), (true, &b"\x16"[..]));
            assert_eq!(head.source.is_some(), bytes.len() > 1);
        }
        assert_eq!(read(b"\x16", 99).await, Err(PreflightError::Tls));
        assert_eq!(read_with(HEAD, 99, expected).await, head(HEAD, None));
    }

    #[test]
    fn each_fault_has_its_own_counter() {
        let telemetry = Telemetry::new(&[]);
        let faults = PreflightError::all();
        // An unknown label is an assertion of its own.
        faults.iter().for_each(|fault| telemetry.refused.get(fault.label()).inc());
        for fault in &faults {
            assert_eq!(telemetry.refused.get(fault.label()).get(), 1, "{fault:?}");
            assert!(!fault.is_for_operator() || fault.to_string().contains("PROXY"), "{fault:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn peer_has_its_time_to_read_the_answer_also_if_the_server_pauses() {
        // Smaller than the answer.
        let (near, mut far) = duplex(16);
        let refusing = tokio::spawn(async move {
            refuse(near, &PreflightError::TooLong, &Access::default(), false).await;
        });
        tokio::task::yield_now().await;
        advance(Duration::from_secs(60)).await;
        let mut answer = String::new();
        far.read_to_string(&mut answer).await.expect("the whole answer");
        assert!(answer.ends_with("send fewer or shorter headers\n"), "{answer}");
        drop(far);
        refusing.await.expect("it ends");
    }

    #[tokio::test(start_paused = true)]
    async fn unfinished_head_times_out_and_silence_is_ignored() {
        let late = PreflightError::TooSlow(Duration::from_secs(10));
        assert_eq!(read(&HEAD[..HEAD.len() - 1], 99).await, Err(late));
        assert_eq!(read(b"", 99).await, Ok(None));
    }
}
