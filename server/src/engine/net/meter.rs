//! A byte stream that counts, that can be asked whether a read is worth while, and that sends one long message past
//! whoever else writes to it. Progress is what the kernel took or gave, not what a buffer of ours holds.

use std::{
    io::{self, IoSlice, Read, Write},
    pin::Pin,
    task::{Context, Poll, ready},
};

use socket2::SockRef;
use tokio::{
    io::{AsyncRead, AsyncWrite, Interest, ReadBuf},
    net::TcpStream,
};
use tokio_tungstenite::tungstenite::Bytes;

/// A stream that a connection can live on.
pub(super) trait Wire: AsyncRead + AsyncWrite + Unpin + Send {
    /// Pending, and to be woken, when a read would give nothing for sure.
    fn poll_readable(&self, cx: &mut Context<'_>) -> Poll<()>;

    /// Writes of several parts what is taken at once.
    fn poll_send(&mut self, cx: &mut Context<'_>, parts: &[IoSlice<'_>]) -> Poll<io::Result<usize>>;
}

impl Wire for TcpStream {
    fn poll_readable(&self, cx: &mut Context<'_>) -> Poll<()> {
        // An error is found again by the read.
        self.poll_read_ready(cx).map(|_| ())
    }

    /// As a socket and not as a file: `writev` looks into inodes for watchers, three lines of cold memory a frame.
    fn poll_send(&mut self, cx: &mut Context<'_>, parts: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        loop {
            ready!(self.poll_write_ready(cx))?;
            let sent = self.try_io(Interest::WRITABLE, || SockRef::from(&*self).send_vectored(parts));
            match sent {
                // It is not ready any more, which the next look finds.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                sent => return Poll::Ready(sent),
            }
        }
    }
}

#[cfg(test)]
impl Wire for tokio::io::DuplexStream {
    fn poll_readable(&self, _: &mut Context<'_>) -> Poll<()> {
        Poll::Ready(())
    }

    fn poll_send(&mut self, cx: &mut Context<'_>, parts: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        Pin::new(self).poll_write_vectored(cx, parts)
    }
}

/// A stream and how many bytes went each way.
#[derive(Debug)]
pub(super) struct Metered<S> {
    pub(super) stream: S,
    /// Bytes received.
    pub(super) read: u64,
    /// Bytes accepted for sending.
    pub(super) written: u64,
    /// The rest of a message, of which the kernel took only the first part. Nothing else may be written before it.
    rest: Bytes,
    /// Of what is written by way of [`Polled`] the kernel took only a part. No message may be sent before the rest of
    /// that is written.
    is_torn: bool,
}

impl<S: Wire> Metered<S> {
    pub(super) fn new(stream: S) -> Self {
        Self { stream, read: 0, written: 0, rest: Bytes::new(), is_torn: false }
    }

    /// Whether a message may be sent now: all that was written before ended with a whole frame.
    pub(super) fn is_between_frames(&self) -> bool {
        self.rest.is_empty() && !self.is_torn
    }

    /// Whether a part of a message still waits to be sent.
    pub(super) fn is_sending(&self) -> bool {
        !self.rest.is_empty()
    }

    /// See [`Wire::poll_readable`].
    pub(super) fn poll_readable(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.stream.poll_readable(cx)
    }

    /// Sends a message of two parts, between frames only. What the kernel does not take at once is kept, and waits for
    /// [`Self::poll_rest`].
    pub(super) fn send(&mut self, cx: &mut Context<'_>, head: &[u8], body: Bytes) -> io::Result<()> {
        debug_assert!(self.is_between_frames());
        let parts = [IoSlice::new(head), IoSlice::new(&body)];
        let sent = match self.stream.poll_send(cx, &parts)? {
            Poll::Ready(0) => return Err(io::ErrorKind::WriteZero.into()),
            Poll::Ready(count) => count,
            Poll::Pending => 0,
        };
        self.written += sent as u64;
        if sent < head.len() {
            self.rest = [&head[sent..], &body].concat().into();
        } else if sent < head.len() + body.len() {
            self.rest = body;
            self.rest = self.rest.split_off(sent - head.len());
        }
        Ok(())
    }

    /// Goes on with the message that is being sent; ready when there is none.
    pub(super) fn poll_rest(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.rest.is_empty() {
            let count = ready!(Pin::new(&mut self.stream).poll_write(cx, &self.rest))?;
            if count == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.written += count as u64;
            self.rest = self.rest.split_off(count);
        }
        Poll::Ready(Ok(()))
    }
}

/// The same stream for those who know no tasks: what is not ready would block, and the task is woken when it is.
pub(super) struct Polled<'a, 'b, S> {
    pub(super) metered: &'a mut Metered<S>,
    pub(super) cx: &'a mut Context<'b>,
}

impl<S: Wire> Read for Polled<'_, '_, S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut buffer = ReadBuf::new(buffer);
        match Pin::new(&mut self.metered.stream).poll_read(self.cx, &mut buffer) {
            Poll::Ready(done) => done?,
            Poll::Pending => return Err(io::ErrorKind::WouldBlock.into()),
        }
        let count = buffer.filled().len();
        self.metered.read += count as u64;
        Ok(count)
    }
}

impl<S: Wire> Write for Polled<'_, '_, S> {
    /// Each write is to hold all that there is to write, so that one that is taken whole ends with a whole frame.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Self { metered, cx } = self;
        let polled = match metered.poll_rest(cx)? {
            Poll::Ready(()) => Pin::new(&mut metered.stream).poll_write(cx, bytes)?,
            Poll::Pending => Poll::Pending,
        };
        let Poll::Ready(count) = polled else {
            return Err(io::ErrorKind::WouldBlock.into());
        };
        metered.written += count as u64;
        metered.is_torn = count < bytes.len();
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        match self.metered.poll_rest(self.cx)? {
            Poll::Ready(()) => Ok(()),
            Poll::Pending => Err(io::ErrorKind::WouldBlock.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use tokio::io::{AsyncReadExt, duplex};

    use super::*;

    /// A pipe of so many bytes, sent to in all ways by turns, and what comes out of it.
    async fn sent_through(pipe_bytes: usize) -> Vec<u8> {
        let (near, mut far) = duplex(pipe_bytes);
        let mut metered = Metered::new(near);
        let reading = tokio::spawn(async move {
            let mut all = Vec::new();
            far.read_to_end(&mut all).await.map(|_| all)
        });
        for round in 0..20_u8 {
            poll_fn(|cx| metered.poll_rest(cx)).await.unwrap();
            poll_fn(|cx| Poll::Ready(metered.send(cx, b"head", vec![round; 99].into()))).await.unwrap();
            let mut small = vec![100 + round; 7];
            while !small.is_empty() {
                let written = poll_fn(|cx| {
                    let written = Polled { metered: &mut metered, cx }.write(&small);
                    match written {
                        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Poll::Pending,
                        written => Poll::Ready(written),
                    }
                });
                let count = written.await.unwrap();
                assert_eq!(metered.is_between_frames(), count == small.len());
                small.drain(..count);
            }
        }
        assert_eq!(metered.written, 20 * 110);
        drop(metered);
        reading.await.unwrap().unwrap()
    }

    #[tokio::test]
    async fn messages_and_what_is_written_between_them_stay_whole_however_little_is_taken_at_once() {
        let whole = sent_through(10_000).await;
        assert_eq!(&whole[110..118], b"head\x01\x01\x01\x01");
        for pipe_bytes in [1, 2, 3, 5, 50, 103, 104, 111] {
            assert_eq!(sent_through(pipe_bytes).await, whole, "{pipe_bytes} bytes");
        }
    }
}
