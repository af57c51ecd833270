//! The byte stream below a WebSocket: counts bytes, tells whether a read is worth a system call, and sends a message in one
//! system call past tungstenite. The counts are what the kernel took or gave, not what our buffers hold.

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

use crate::engine::net::tls::TlsStream;

/// A stream that can carry a connection: TCP, TLS, or a pipe in memory. "The kernel" is whatever takes its bytes.
pub trait Transport: AsyncRead + AsyncWrite + Unpin + Send {
    /// Pending, with a wake-up to come, if a read would certainly return nothing.
    fn poll_readable(&self, cx: &mut Context<'_>) -> Poll<()>;

    /// Writes several slices in one system call.
    fn poll_send(&mut self, cx: &mut Context<'_>, slices: &[IoSlice<'_>]) -> Poll<io::Result<usize>>;

    /// Ready when the kernel has taken everything that was written. A stream that keeps something back itself says so here.
    fn poll_drain(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    /// Bytes that the kernel has taken, if they are not those that were written.
    fn drained(&self) -> Option<u64> {
        None
    }
}

impl Transport for TcpStream {
    fn poll_readable(&self, cx: &mut Context<'_>) -> Poll<()> {
        // The read itself will find an error again.
        self.poll_read_ready(cx).map(|_| ())
    }

    /// By `sendmsg` and not `writev`, which looks for watchers in inodes: three cold cache lines a frame.
    fn poll_send(&mut self, cx: &mut Context<'_>, slices: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        loop {
            ready!(self.poll_write_ready(cx))?;
            let sent = self.try_io(Interest::WRITABLE, || SockRef::from(&*self).send_vectored(slices));
            match sent {
                // `try_io` has cleared the readiness, so the next round waits.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                sent => return Poll::Ready(sent),
            }
        }
    }
}

/// A message becomes one record and one system call. rustls encrypts it before the kernel takes it, so what it still holds is
/// sent before anything else, and progress is what the kernel has taken.
impl Transport for Box<TlsStream> {
    /// It is asked only after a read that has found nothing, when rustls holds nothing either.
    fn poll_readable(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.get_ref().0.stream().poll_read_ready(cx).map(|_| ())
    }

    fn poll_send(&mut self, cx: &mut Context<'_>, slices: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        Pin::new(&mut **self).poll_write_vectored(cx, slices)
    }

    fn poll_drain(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut **self).poll_flush(cx)
    }

    fn drained(&self) -> Option<u64> {
        Some(self.get_ref().0.written())
    }
}

#[cfg(test)]
impl Transport for tokio::io::DuplexStream {
    fn poll_readable(&self, _: &mut Context<'_>) -> Poll<()> {
        Poll::Ready(())
    }

    fn poll_send(&mut self, cx: &mut Context<'_>, slices: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        Pin::new(self).poll_write_vectored(cx, slices)
    }
}

/// A transport that counts bytes in both directions.
#[derive(Debug)]
pub(super) struct CountingStream<S> {
    pub(super) stream: S,
    /// Bytes received.
    pub(super) read: u64,
    /// Bytes accepted for sending; see [`Self::taken`].
    pub(super) written: u64,
    /// What the kernel has not taken yet of the current message. Nothing else may be written before it.
    unsent: Bytes,
    /// The kernel took only a part of the last write through [`SyncStream`]. No message may be sent before the rest.
    is_mid_frame: bool,
    /// The stream holds back something of what was written.
    is_draining: bool,
}

impl<S: Transport> CountingStream<S> {
    pub(super) fn new(stream: S) -> Self {
        Self { stream, read: 0, written: 0, unsent: Bytes::new(), is_mid_frame: false, is_draining: false }
    }

    /// Whether everything written so far ends with a whole frame, so that a message may be sent.
    pub(super) fn is_between_frames(&self) -> bool {
        self.unsent.is_empty() && !self.is_mid_frame && !self.is_draining
    }

    /// Whether a part of a message still waits to be sent.
    pub(super) fn is_sending(&self) -> bool {
        !self.unsent.is_empty() || self.is_draining
    }

    /// Bytes that the kernel has taken.
    pub(super) fn taken(&self) -> u64 {
        self.stream.drained().unwrap_or(self.written)
    }

    /// Notes whether the stream holds something back.
    fn check_drain(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        self.is_draining = self.stream.poll_drain(cx)?.is_pending();
        Ok(())
    }

    /// See [`Transport::poll_readable`].
    pub(super) fn poll_readable(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.stream.poll_readable(cx)
    }

    /// Sends a header and a payload; only between frames. What the kernel does not take is kept for
    /// [`Self::poll_unsent`].
    pub(super) fn send(&mut self, cx: &mut Context<'_>, header: &[u8], payload: Bytes) -> io::Result<()> {
        debug_assert!(self.is_between_frames());
        let slices = [IoSlice::new(header), IoSlice::new(&payload)];
        let sent = match self.stream.poll_send(cx, &slices)? {
            Poll::Ready(0) => return Err(io::ErrorKind::WriteZero.into()),
            Poll::Ready(count) => count,
            Poll::Pending => 0,
        };
        self.written += sent as u64;
        if sent < header.len() {
            self.unsent = [&header[sent..], &payload].concat().into();
        } else if sent < header.len() + payload.len() {
            self.unsent = payload;
            self.unsent = self.unsent.split_off(sent - header.len());
        }
        self.check_drain(cx)
    }

    /// Continues the current message; ready when all of it is sent.
    pub(super) fn poll_unsent(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.unsent.is_empty() {
            let count = ready!(Pin::new(&mut self.stream).poll_write(cx, &self.unsent))?;
            if count == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.written += count as u64;
            self.unsent = self.unsent.split_off(count);
        }
        self.check_drain(cx)?;
        if self.is_draining { Poll::Pending } else { Poll::Ready(Ok(())) }
    }
}

/// The stream as `Read` and `Write`, for tungstenite: what is not ready is `WouldBlock`, and the task will be woken.
pub(super) struct SyncStream<'a, 'b, S> {
    pub(super) stream: &'a mut CountingStream<S>,
    pub(super) cx: &'a mut Context<'b>,
}

impl<S: Transport> Read for SyncStream<'_, '_, S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut buffer = ReadBuf::new(buffer);
        match Pin::new(&mut self.stream.stream).poll_read(self.cx, &mut buffer) {
            Poll::Ready(done) => done?,
            Poll::Pending => return Err(io::ErrorKind::WouldBlock.into()),
        }
        let count = buffer.filled().len();
        self.stream.read += count as u64;
        Ok(count)
    }
}

impl<S: Transport> Write for SyncStream<'_, '_, S> {
    /// `bytes` must end with a whole frame, so that a write that is taken in full leaves the stream between frames.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Self { stream, cx } = self;
        let polled = match stream.poll_unsent(cx)? {
            Poll::Ready(()) => Pin::new(&mut stream.stream).poll_write(cx, bytes)?,
            Poll::Pending => Poll::Pending,
        };
        let Poll::Ready(count) = polled else {
            return Err(io::ErrorKind::WouldBlock.into());
        };
        stream.written += count as u64;
        stream.is_mid_frame = count < bytes.len();
        stream.check_drain(cx)?;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        match self.stream.poll_unsent(self.cx)? {
            Poll::Ready(()) => Ok(()),
            Poll::Pending => Err(io::ErrorKind::WouldBlock.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use tokio::io::{AsyncReadExt, DuplexStream, duplex};

    use super::*;

    /// Takes bytes before the pipe does, as TLS does with whole records.
    struct Holding {
        pipe: DuplexStream,
        held: Vec<u8>,
        drained: u64,
    }

    impl Holding {
        fn poll_push(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            while !self.held.is_empty() {
                let count = ready!(Pin::new(&mut self.pipe).poll_write(cx, &self.held))?;
                self.held.drain(..count);
                self.drained += count as u64;
            }
            Poll::Ready(Ok(()))
        }
    }

    impl AsyncRead for Holding {
        fn poll_read(
            mut self: Pin<&mut Self>,
            cx: &mut Context<'_>,
            buffer: &mut ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            Pin::new(&mut self.pipe).poll_read(cx, buffer)
        }
    }

    impl AsyncWrite for Holding {
        fn poll_write(
            mut self: Pin<&mut Self>,
            cx: &mut Context<'_>,
            bytes: &[u8],
        ) -> Poll<io::Result<usize>> {
            ready!(self.poll_push(cx))?;
            self.held.extend_from_slice(bytes);
            let _ = self.poll_push(cx)?;
            Poll::Ready(Ok(bytes.len()))
        }

        fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            self.poll_push(cx)
        }

        fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            Pin::new(&mut self.pipe).poll_shutdown(cx)
        }
    }

    impl Transport for Holding {
        fn poll_readable(&self, _: &mut Context<'_>) -> Poll<()> {
            Poll::Ready(())
        }

        fn poll_send(&mut self, cx: &mut Context<'_>, slices: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
            let bytes: Vec<u8> = slices.iter().flat_map(|slice| slice.iter().copied()).collect();
            Pin::new(self).poll_write(cx, &bytes)
        }

        fn poll_drain(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            self.poll_push(cx)
        }

        fn drained(&self) -> Option<u64> {
            Some(self.drained)
        }
    }

    #[tokio::test]
    async fn what_the_stream_holds_back_is_not_taken_and_blocks_the_next_message() {
        let (pipe, mut far) = duplex(10);
        let mut stream = CountingStream::new(Holding { pipe, held: Vec::new(), drained: 0 });
        poll_fn(|cx| Poll::Ready(stream.send(cx, b"head", vec![7; 99].into()))).await.unwrap();
        assert_eq!((stream.written, stream.taken()), (103, 10));
        assert!(stream.is_sending() && !stream.is_between_frames());
        let mut all = [0; 103];
        let read = tokio::spawn(async move { far.read_exact(&mut all).await.map(|_| (all, far)) });
        poll_fn(|cx| stream.poll_unsent(cx)).await.unwrap();
        assert_eq!((stream.taken(), stream.is_between_frames()), (103, true));
        assert_eq!(read.await.unwrap().unwrap().0[..5], *b"head\x07");
    }

    /// What comes out of a pipe of this size after sending through it in both ways by turns.
    async fn sent_through(pipe_bytes: usize) -> Vec<u8> {
        let (near, far) = duplex(pipe_bytes);
        sent_into(near, far).await
    }

    async fn sent_into(near: impl Transport, mut far: DuplexStream) -> Vec<u8> {
        let mut stream = CountingStream::new(near);
        let reader = tokio::spawn(async move {
            let mut all = Vec::new();
            far.read_to_end(&mut all).await.map(|_| all)
        });
        for round in 0..20_u8 {
            poll_fn(|cx| stream.poll_unsent(cx)).await.unwrap();
            poll_fn(|cx| Poll::Ready(stream.send(cx, b"head", vec![round; 99].into()))).await.unwrap();
            let mut small = vec![100 + round; 7];
            while !small.is_empty() {
                let written = poll_fn(|cx| {
                    let written = SyncStream { stream: &mut stream, cx }.write(&small);
                    match written {
                        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Poll::Pending,
                        written => Poll::Ready(written),
                    }
                });
                let count = written.await.unwrap();
                let holds_back = stream.is_draining;
                assert_eq!(stream.is_between_frames(), count == small.len() && !holds_back);
                small.drain(..count);
            }
        }
        assert_eq!(stream.written, 20 * 110);
        poll_fn(|cx| stream.poll_unsent(cx)).await.unwrap();
        drop(stream);
        reader.await.unwrap().unwrap()
    }

    #[tokio::test]
    async fn frames_stay_whole_and_in_order_for_every_size_of_partial_write() {
        let whole = sent_through(10_000).await;
        assert_eq!(&whole[110..118], b"head\x01\x01\x01\x01");
        for pipe_bytes in [1, 2, 3, 5, 50, 103, 104, 111] {
            assert_eq!(sent_through(pipe_bytes).await, whole, "{pipe_bytes} bytes");
            let (pipe, far) = duplex(pipe_bytes);
            let holding = Holding { pipe, held: Vec::new(), drained: 0 };
            assert_eq!(sent_into(holding, far).await, whole, "{pipe_bytes} bytes, held back");
        }
    }
}
