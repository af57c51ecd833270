//! A byte stream that counts, and that can be asked whether a read is worth while. Progress is what the kernel took or
//! gave, not what a buffer of ours holds.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};

/// A stream that a connection can live on.
pub(super) trait Wire: AsyncRead + AsyncWrite + Unpin + Send {
    /// Pending, and to be woken, when a read would give nothing for sure.
    fn poll_readable(&self, cx: &mut Context<'_>) -> Poll<()>;
}

impl Wire for TcpStream {
    fn poll_readable(&self, cx: &mut Context<'_>) -> Poll<()> {
        // An error is found again by the read.
        self.poll_read_ready(cx).map(|_| ())
    }
}

#[cfg(test)]
impl Wire for tokio::io::DuplexStream {
    fn poll_readable(&self, _: &mut Context<'_>) -> Poll<()> {
        Poll::Ready(())
    }
}

/// A stream and how many bytes went each way.
#[derive(Debug)]
pub(super) struct Metered<S> {
    stream: S,
    /// Bytes received.
    pub(super) read: u64,
    /// Bytes accepted for sending.
    pub(super) written: u64,
}

impl<S> Metered<S> {
    pub(super) fn new(stream: S) -> Self {
        Self { stream, read: 0, written: 0 }
    }
}

impl<S: Wire> Metered<S> {
    /// See [`Wire::poll_readable`].
    pub(super) fn poll_readable(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.stream.poll_readable(cx)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Metered<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buffer))?;
        self.read += (buffer.filled().len() - before) as u64;
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Metered<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let count = ready!(Pin::new(&mut self.stream).poll_write(cx, bytes))?;
        self.written += count as u64;
        Poll::Ready(Ok(count))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
