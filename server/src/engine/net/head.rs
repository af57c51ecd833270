//! The head of the first request on a socket: whether it comes in time, in size and as HTTP, and if not, an answer that says
//! what was wrong. The HTTP library behind it would hang up without a word. Must not know what is asked for.

use std::{io, pin::Pin, task::Context, task::Poll, time::Duration};

use axum::http::StatusCode;
use httparse::{EMPTY_HEADER, Request, Status};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf},
    net::TcpStream,
    time::timeout,
};

/// Most headers of a request; browsers send some twenty.
pub(super) const HEADERS_MAX: usize = 64;
/// Most bytes of a request's head; the least that the HTTP library allows.
pub(super) const HEAD_BYTES_MAX: usize = 8 * 1024;
/// Read at first; most heads fit.
const FIRST_BYTES: usize = 1024;
/// For a peer to take in why it is turned away, while it may still be sending.
const FAREWELL: Duration = Duration::from_secs(1);

/// What is wrong with a head.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum HeadError {
    #[error("the request's head did not come within {0:?}: send it at once")]
    TooSlow(Duration),
    #[error("the request's head is longer than {HEAD_BYTES_MAX} bytes: send fewer or shorter headers")]
    TooLong,
    #[error("the request has more than {HEADERS_MAX} headers: send fewer")]
    TooMany,
    #[error("this is no HTTP/1.1 request: {0}")]
    NotHttp(httparse::Error),
}

impl HeadError {
    fn status(&self) -> StatusCode {
        match self {
            Self::TooSlow(_) => StatusCode::REQUEST_TIMEOUT,
            Self::TooLong | Self::TooMany => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::NotHttp(_) => StatusCode::BAD_REQUEST,
        }
    }
}

/// Reads until there is a whole head, within `most`: what was read, which may be more. Nothing if the peer went, or said
/// nothing at all, as browsers do that connect in advance.
pub(super) async fn read(stream: &mut TcpStream, most: Duration) -> Result<Option<Vec<u8>>, HeadError> {
    let mut bytes = Vec::with_capacity(FIRST_BYTES);
    match timeout(most, fill(stream, &mut bytes)).await {
        Ok(Ok(true)) => check(&bytes).map(|()| Some(bytes)),
        Ok(Ok(false)) => Err(HeadError::TooLong),
        Ok(Err(_)) => Ok(None),
        Err(_) if bytes.is_empty() => Ok(None),
        Err(_) => Err(HeadError::TooSlow(most)),
    }
}

/// Whether a whole head came before there was too much of it.
async fn fill(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> io::Result<bool> {
    loop {
        let before = bytes.len();
        if stream.read_buf(bytes).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        // An end may have come in parts.
        let tail = &bytes[before.saturating_sub(3)..];
        if tail.windows(2).any(|end| end == b"\n\n") || tail.windows(3).any(|end| end == b"\n\r\n") {
            return Ok(true);
        }
        if bytes.len() >= HEAD_BYTES_MAX {
            return Ok(false);
        }
    }
}

fn check(bytes: &[u8]) -> Result<(), HeadError> {
    let mut headers = [EMPTY_HEADER; HEADERS_MAX];
    match Request::new(&mut headers).parse(bytes) {
        Ok(Status::Complete(length)) if length <= HEAD_BYTES_MAX => Ok(()),
        Ok(_) => Err(HeadError::TooLong),
        Err(httparse::Error::TooManyHeaders) => Err(HeadError::TooMany),
        Err(error) => Err(HeadError::NotHttp(error)),
    }
}

/// Says what is wrong, and hangs up.
pub(super) async fn refuse(mut stream: TcpStream, error: &HeadError) {
    let (status, text) = (error.status(), format!("{error}\n"));
    let answer = format!(
        "HTTP/1.1 {} {}\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{text}",
        status.as_u16(),
        status.canonical_reason().unwrap_or_default(),
        text.len(),
    );
    let said = async {
        stream.write_all(answer.as_bytes()).await?;
        stream.shutdown().await?;
        // A socket that is dropped with unread bytes in it resets, which can destroy the answer on its way.
        let mut rest = [0; 2048];
        while stream.read(&mut rest).await? > 0 {}
        io::Result::Ok(())
    };
    // Whoever does not take it in time is not waited for.
    let _ = timeout(FAREWELL, said).await;
}

/// A stream of which something has been read already.
#[derive(Debug)]
pub(super) struct Rewound {
    read: Vec<u8>,
    stream: TcpStream,
}

impl Rewound {
    /// Gives `read` out again before what `stream` has.
    pub(super) fn new(read: Vec<u8>, stream: TcpStream) -> Self {
        Self { read, stream }
    }

    /// What has not been given out again yet, and the stream.
    pub(super) fn into_parts(self) -> (Vec<u8>, TcpStream) {
        (self.read, self.stream)
    }
}

impl AsyncRead for Rewound {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.read.is_empty() {
            return Pin::new(&mut self.stream).poll_read(cx, buffer);
        }
        let count = self.read.len().min(buffer.remaining());
        buffer.put_slice(&self.read[..count]);
        self.read.drain(..count);
        if self.read.is_empty() {
            // The connection may live for hours.
            self.read = Vec::new();
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Rewound {
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
