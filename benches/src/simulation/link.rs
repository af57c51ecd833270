//! A connection in memory that behaves like TCP: bytes are delayed, wait in a bounded buffer, and arrive in order. It can stall,
//! be reset, or go silent without telling either end.

use std::{
    collections::VecDeque,
    future::Future,
    io::{self, IoSlice},
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
    time::Duration,
};

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use server::engine::net::Transport;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep, sleep_until},
};

use super::journal::Journal;

/// What a link is like.
#[derive(Clone, Copy, Debug)]
pub(super) struct Conditions {
    /// One way, at least.
    pub(super) delay: Duration,
    /// Added to it, up to this.
    pub(super) jitter: Duration,
    /// What both kernels buffer on the way to the client.
    pub(super) buffer_bytes: usize,
    /// To the client; `None` if it does not matter.
    pub(super) bytes_per_second: Option<u32>,
}

/// One direction.
#[derive(Debug)]
struct Pipe {
    /// When each arrives, and what is left of it.
    chunks: VecDeque<(Instant, Vec<u8>)>,
    /// Bytes in `chunks`.
    queued: usize,
    most: usize,
    /// When the last chunk arrives.
    last: Instant,
    /// When the writer's end arrives, once it has ended.
    end: Option<Instant>,
    has_reader: bool,
    conditions: Conditions,
    rng: Pcg64Mcg,
    reader: Option<Waker>,
    writer: Option<Waker>,
}

/// Both directions.
#[derive(Debug)]
struct Link {
    up: Pipe,
    down: Pipe,
    /// Start of the current stall, or of the last one.
    held_since: Instant,
    held_until: Instant,
    is_broken: bool,
    is_gone: bool,
    /// The longest stall.
    stalled: Duration,
}

/// A side of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Client,
    Server,
}

/// One end of a link.
#[derive(Debug)]
pub(super) struct End {
    link: Arc<Mutex<Link>>,
    side: Side,
    timer: Pin<Box<Sleep>>,
    /// Where the server's end notes what it sends, and as which connection.
    tap: Option<(Journal, u64)>,
}

/// What happens to a link.
#[derive(Clone, Debug)]
pub(super) struct Faults(Arc<Mutex<Link>>);

/// A new link: the client's end, the server's, whose bytes are noted, and its faults.
pub(super) fn link(conditions: Conditions, seed: u64, tap: (Journal, u64)) -> (End, End, Faults) {
    let now = Instant::now();
    // A page's `send` never waits, so nothing bounds the way up but what clients send.
    let pipe = |most, stream, conditions| Pipe {
        chunks: VecDeque::new(),
        queued: 0,
        most,
        last: now,
        end: None,
        has_reader: true,
        conditions,
        rng: Pcg64Mcg::seed_from_u64(seed ^ stream),
        reader: None,
        writer: None,
    };
    let up = Conditions { bytes_per_second: None, ..conditions };
    let link = Link {
        up: pipe(usize::MAX, 0x7570, up),
        down: pipe(conditions.buffer_bytes, 0x646f, conditions),
        held_since: now,
        held_until: now,
        is_broken: false,
        is_gone: false,
        stalled: Duration::ZERO,
    };
    let link = Arc::new(Mutex::new(link));
    let end = |side, tap| End { link: Arc::clone(&link), side, timer: Box::pin(sleep_until(now)), tap };
    (end(Side::Client, None), end(Side::Server, Some(tap)), Faults(Arc::clone(&link)))
}

fn lock(link: &Mutex<Link>) -> MutexGuard<'_, Link> {
    link.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Faults {
    /// Nothing arrives for this time, in either direction; then everything at once.
    pub(super) fn stall(&self, time: Duration) {
        let mut link = lock(&self.0);
        let now = Instant::now();
        if link.held_until < now {
            link.held_since = now;
        }
        link.held_until = link.held_until.max(now + time);
        link.stalled = link.stalled.max(link.held_until - link.held_since);
    }

    /// The connection is reset.
    pub(super) fn cut(&self) {
        let mut link = lock(&self.0);
        link.is_broken = true;
        link.wake_all();
    }

    /// Nothing arrives any more, and neither end is told.
    pub(super) fn vanish(&self) {
        lock(&self.0).is_gone = true;
    }

    /// Whether it was cut or has vanished.
    pub(super) fn is_lost(&self) -> bool {
        let link = lock(&self.0);
        link.is_broken || link.is_gone
    }

    /// The longest stall; two that overlap are one.
    pub(super) fn stalled(&self) -> Duration {
        lock(&self.0).stalled
    }
}

impl Link {
    fn wake_all(&mut self) {
        for pipe in [&mut self.up, &mut self.down] {
            [pipe.reader.take(), pipe.writer.take()].into_iter().flatten().for_each(Waker::wake);
        }
    }

    fn incoming(&mut self, side: Side) -> &mut Pipe {
        if side == Side::Client { &mut self.down } else { &mut self.up }
    }

    fn outgoing(&mut self, side: Side) -> &mut Pipe {
        if side == Side::Client { &mut self.up } else { &mut self.down }
    }
}

impl Pipe {
    /// When bytes sent at `now` arrive.
    fn arrival(&mut self, now: Instant, bytes: usize) -> Instant {
        let Conditions { delay, jitter, bytes_per_second, .. } = self.conditions;
        let jitter = jitter.mul_f64(self.rng.random_range(0.0..=1.0));
        let free = (now + delay + jitter).max(self.last);
        let takes = bytes_per_second.map_or(Duration::ZERO, |rate| {
            Duration::from_micros(bytes as u64 * 1_000_000 / u64::from(rate.max(1)))
        });
        self.last = free + takes;
        self.last
    }

    /// Takes bytes, of which there are no more than are free.
    fn push(&mut self, bytes: Vec<u8>, now: Instant) {
        if !bytes.is_empty() {
            let at = self.arrival(now, bytes.len());
            self.queued += bytes.len();
            self.chunks.push_back((at, bytes));
            self.reader.take().into_iter().for_each(Waker::wake);
        }
    }

    fn read(&mut self, buffer: &mut ReadBuf<'_>) {
        let Some((_, chunk)) = self.chunks.front_mut() else { return };
        let count = chunk.len().min(buffer.remaining());
        buffer.put_slice(&chunk[..count]);
        chunk.drain(..count);
        if chunk.is_empty() {
            self.chunks.pop_front();
        }
        self.queued -= count;
        self.writer.take().into_iter().for_each(Waker::wake);
    }
}

impl End {
    fn poll_send_slices(&mut self, cx: &mut Context<'_>, slices: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        let mut link = lock(&self.link);
        let is_broken = link.is_broken;
        let pipe = link.outgoing(self.side);
        if is_broken || !pipe.has_reader {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        if pipe.queued >= pipe.most {
            pipe.writer = Some(cx.waker().clone());
            return Poll::Pending;
        }
        let mut bytes = Vec::with_capacity(slices.iter().map(|slice| slice.len()).sum());
        slices.iter().for_each(|slice| bytes.extend_from_slice(slice));
        bytes.truncate(pipe.most - pipe.queued);
        if let Some((journal, connection)) = &self.tap {
            journal.sent(*connection, &bytes);
        }
        let sent = bytes.len();
        pipe.push(bytes, Instant::now());
        Poll::Ready(Ok(sent))
    }
}

impl AsyncRead for End {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            let due = {
                let mut link = lock(&self.link);
                if link.is_broken {
                    return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
                }
                let (held_until, is_gone, now) = (link.held_until, link.is_gone, Instant::now());
                let pipe = link.incoming(self.side);
                let next = pipe.chunks.front().map(|(at, _)| *at).or(pipe.end);
                let due = next.filter(|_| !is_gone).map(|at| at.max(held_until));
                if due.is_some_and(|due| due <= now) {
                    // Nothing is read at the end.
                    pipe.read(buffer);
                    return Poll::Ready(Ok(()));
                }
                pipe.reader = Some(cx.waker().clone());
                due
            };
            let Some(due) = due else { return Poll::Pending };
            self.timer.as_mut().reset(due);
            if self.timer.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
        }
    }
}

impl AsyncWrite for End {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_send_slices(cx, &[IoSlice::new(bytes)])
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.close();
        Poll::Ready(Ok(()))
    }
}

impl Transport for End {
    fn poll_readable(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut link = lock(&self.link);
        let is_broken = link.is_broken;
        let pipe = link.incoming(self.side);
        if is_broken || pipe.end.is_some() || !pipe.chunks.is_empty() {
            return Poll::Ready(());
        }
        pipe.reader = Some(cx.waker().clone());
        Poll::Pending
    }

    fn poll_send(&mut self, cx: &mut Context<'_>, slices: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        self.poll_send_slices(cx, slices)
    }
}

impl End {
    /// Ends the way out: the peer reads what was sent, and then the end.
    fn close(&self) {
        let mut link = lock(&self.link);
        let pipe = link.outgoing(self.side);
        if pipe.end.is_none() {
            let at = pipe.arrival(Instant::now(), 0);
            pipe.end = Some(at);
            pipe.reader.take().into_iter().for_each(Waker::wake);
        }
    }
}

impl Drop for End {
    fn drop(&mut self) {
        self.close();
        let mut link = lock(&self.link);
        let pipe = link.incoming(self.side);
        pipe.has_reader = false;
        pipe.chunks.clear();
        pipe.queued = 0;
        pipe.writer.take().into_iter().for_each(Waker::wake);
    }
}

#[cfg(test)]
mod tests;
