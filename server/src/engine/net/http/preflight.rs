//! Reads the head of the first request on a socket before hyper does, and answers one that is late, too long or not HTTP
//! with what is wrong: hyper would close the connection without an answer.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum::http::StatusCode;
use httparse::{EMPTY_HEADER, Request, Status};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf},
    net::TcpStream,
    time::timeout,
};

use crate::engine::net::running_time;

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
    #[error("not an HTTP/1.1 request: {0}")]
    NotHttp(httparse::Error),
}

impl PreflightError {
    fn status(&self) -> StatusCode {
        match self {
            Self::TooSlow(_) => StatusCode::REQUEST_TIMEOUT,
            Self::TooLong | Self::TooMany => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::Tls | Self::NotHttp(_) => StatusCode::BAD_REQUEST,
        }
    }
}

/// Reads a whole head within `most`. Returns all bytes read, which may be more; `None` if the peer left, or sent nothing, as
/// browsers do when they connect in advance.
pub(super) async fn read_head(
    stream: &mut (impl AsyncRead + Unpin),
    most: Duration,
) -> Result<Option<Vec<u8>>, PreflightError> {
    let mut bytes = Vec::with_capacity(BUFFER_BYTES);
    match running_time::timeout(most, fill(stream, &mut bytes)).await {
        Ok(Ok(filled)) => filled.and_then(|()| check(&bytes)).map(|()| Some(bytes)),
        Ok(Err(_)) => Ok(None),
        Err(_) if bytes.is_empty() => Ok(None),
        Err(_) => Err(PreflightError::TooSlow(most)),
    }
}

/// Reads until the end of a head, or until this cannot become one.
async fn fill(
    stream: &mut (impl AsyncRead + Unpin),
    bytes: &mut Vec<u8>,
) -> io::Result<Result<(), PreflightError>> {
    loop {
        let before = bytes.len();
        if stream.read_buf(bytes).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        // Empty lines may come before a request. A peer that speaks another protocol waits for an answer, so one comes at
        // the first byte.
        match bytes[0] {
            TLS_HANDSHAKE => return Ok(Err(PreflightError::Tls)),
            b'\r' | b'\n' => {}
            byte if byte.is_ascii_graphic() => {}
            _ => return Ok(Err(PreflightError::NotHttp(httparse::Error::Token))),
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
pub(super) async fn refuse(mut stream: TcpStream, error: &PreflightError) {
    let (status, text) = (error.status(), format!("{error}\n"));
    let answer = format!(
        "HTTP/1.1 {} {}\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{text}",
        status.as_u16(),
        status.canonical_reason().unwrap_or_default(),
        text.len(),
    );
    let answered = async {
        stream.write_all(answer.as_bytes()).await?;
        stream.shutdown().await?;
        // A socket that is dropped with unread bytes resets the connection, which can destroy the answer in flight.
        let mut rest = [0; 2048];
        while stream.read(&mut rest).await? > 0 {}
        io::Result::Ok(())
    };
    // A time-out changes nothing: the socket is dropped either way.
    let _ = timeout(CLOSE_TIMEOUT, answered).await;
}

/// A stream with bytes that have been read already in front of it.
#[derive(Debug)]
pub(super) struct PrefixedIo {
    prefix: Vec<u8>,
    stream: TcpStream,
}

impl PrefixedIo {
    /// Reads give `prefix` first.
    pub(super) fn new(prefix: Vec<u8>, stream: TcpStream) -> Self {
        Self { prefix, stream }
    }

    /// What is left of the prefix, and the stream.
    pub(super) fn into_parts(self) -> (Vec<u8>, TcpStream) {
        (self.prefix, self.stream)
    }
}

impl AsyncRead for PrefixedIo {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.prefix.is_empty() {
            return Pin::new(&mut self.stream).poll_read(cx, buffer);
        }
        let count = self.prefix.len().min(buffer.remaining());
        buffer.put_slice(&self.prefix[..count]);
        self.prefix.drain(..count);
        if self.prefix.is_empty() {
            // Frees the memory: the connection may live for hours.
            self.prefix = Vec::new();
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for PrefixedIo {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::duplex;

    use super::*;

    const HEAD: &[u8] = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n";

    /// What becomes of `bytes` that arrive `at_once` at a time.
    async fn read(bytes: &[u8], at_once: usize) -> Result<Option<Vec<u8>>, PreflightError> {
        let (mut near, mut far) = duplex(at_once);
        let reading = read_head(&mut near, Duration::from_secs(10));
        tokio::select! {
            head = reading => head,
            // It fails once the reader is done, and then waits to be dropped.
            () = async { let _ = far.write_all(bytes).await; std::future::pending().await } => unreachable!(),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn head_may_arrive_in_parts_of_any_size() {
        for at_once in 1..=HEAD.len() {
            assert_eq!(read(HEAD, at_once).await, Ok(Some(HEAD.to_vec())), "{at_once} bytes at once");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn bytes_behind_the_head_are_kept() {
        let bytes = [HEAD, b"frames"].concat();
        assert_eq!(read(&bytes, bytes.len()).await, Ok(Some(bytes)));
    }

    #[tokio::test(start_paused = true)]
    async fn unfinished_head_times_out_and_silence_is_ignored() {
        let late = PreflightError::TooSlow(Duration::from_secs(10));
        assert_eq!(read(&HEAD[..HEAD.len() - 1], 99).await, Err(late));
        assert_eq!(read(b"", 99).await, Ok(None));
    }
}
