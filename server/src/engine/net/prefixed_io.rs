//! A stream whose first bytes have been read already: what has come behind a request's head, or a TLS handshake of which the
//! first byte was looked at.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A stream with bytes in front of it. Counts what the stream takes.
#[derive(Debug)]
pub(crate) struct PrefixedIo<S> {
    prefix: Vec<u8>,
    stream: S,
    written: u64,
}

impl<S> PrefixedIo<S> {
    /// Reads give `prefix` first.
    pub(crate) fn new(prefix: Vec<u8>, stream: S) -> Self {
        Self { prefix, stream, written: 0 }
    }

    /// What is left of the prefix, and the stream.
    pub(crate) fn into_parts(self) -> (Vec<u8>, S) {
        (self.prefix, self.stream)
    }

    /// The stream, whose bytes come behind the prefix.
    pub(crate) fn stream(&self) -> &S {
        &self.stream
    }

    /// Bytes that the stream has taken.
    pub(crate) fn written(&self) -> u64 {
        self.written
    }

    fn count(&mut self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if let Poll::Ready(Ok(count)) = written {
            self.written += count as u64;
        }
        written
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for PrefixedIo<S> {
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

impl<S: AsyncWrite + Unpin> AsyncWrite for PrefixedIo<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.count(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, parts);
        self.count(written)
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
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    #[tokio::test]
    async fn prefix_comes_first_and_writes_are_counted() {
        let (near, mut far) = duplex(64);
        let mut io = PrefixedIo::new(b"first ".to_vec(), near);
        far.write_all(b"second").await.expect("it fits");
        let mut all = [0; 12];
        io.read_exact(&mut all).await.expect("all is there");
        assert_eq!(&all, b"first second");
        io.write_all(b"answer").await.expect("it fits");
        assert_eq!(io.written(), 6);
        assert_eq!(PrefixedIo::new(b"rest".to_vec(), ()).into_parts().0, b"rest");
    }
}
