//! The baseline: the least that a server can do which sends every player a frame each tick and reads what players send.
//! One thread, bare readiness polling, one write and one read a player and tick; no handshake, no framing, no game. The
//! cost of the real server is given as a multiple of it.

use std::{
    io::{self, ErrorKind, Read, Write},
    net::SocketAddr,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use mio::{
    Events, Interest, Poll, Token,
    net::{TcpListener, TcpStream},
};
use slab::Slab;
use socket2::{Domain, Socket, Type};

/// Frames to each player, and inputs of each, a second.
pub const TICK_RATE: u16 = 20;
pub(crate) const TICK_US: u64 = 1_000_000 / TICK_RATE as u64;
const TICK: Duration = Duration::from_micros(TICK_US);
/// Sockets that one poll reports.
const EVENTS_MAX: usize = 1024;
/// Room for many inputs, so that one read is enough.
const READ_BYTES: usize = 4096;
/// Connections that wait to be accepted. None is while frames are written, and one that finds no room retries only after
/// a second.
const BACKLOG: i32 = 4096;
/// The listener's; a player's is one above its key.
const LISTENER: Token = Token(0);

#[derive(Clone, Copy, Debug)]
pub struct ServerPlan {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Bytes of a frame, at least 1.
    pub frame_bytes: usize,
}

/// What a server did from its beginning to its end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Served {
    pub accepted: u64,
    /// Ticks on which frames were sent.
    pub ticks: u64,
    /// Ticks skipped because the one before took too long.
    pub ticks_skipped: u64,
    /// Frames that the kernel took whole.
    pub frames: u64,
    /// Frames that it did not take whole, because the socket's buffer was full.
    pub frames_skipped: u64,
    pub bytes_in: u64,
}

#[derive(Debug)]
pub struct Server {
    poll: Poll,
    listener: TcpListener,
    players: Slab<Player>,
    /// The same for all players.
    frame: Vec<u8>,
    served: Served,
}

#[derive(Debug)]
struct Player {
    stream: TcpStream,
    /// Bytes still to be written of a frame that the kernel took in part.
    left: usize,
}

impl Player {
    /// Writes once: a frame, or what is left of the one before. True if the kernel took a whole new frame.
    fn send(&mut self, frame: &[u8]) -> io::Result<bool> {
        let is_new = self.left == 0;
        let rest = if is_new { frame } else { &frame[frame.len() - self.left..] };
        let taken = match self.stream.write(rest) {
            Ok(taken) => taken,
            Err(error) if is_temporary(&error) => 0,
            Err(error) => return Err(error),
        };
        // A new frame of which nothing was taken has not begun.
        self.left = if is_new && taken == 0 { 0 } else { rest.len() - taken };
        Ok(is_new && taken == frame.len())
    }

    /// Reads what has arrived. None when the connection has ended.
    fn receive(&mut self, buffer: &mut [u8]) -> Option<usize> {
        let mut sum = 0;
        loop {
            match self.stream.read(buffer) {
                Ok(0) => return None,
                Ok(read) if read < buffer.len() => return Some(sum + read),
                // There may be more, which the poll would not report again.
                Ok(read) => sum += read,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Some(sum),
                Err(_) => return None,
            }
        }
    }
}

fn is_temporary(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
}

/// As the library's `bind`, but with a longer backlog.
fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    socket.set_nonblocking(true)?;
    Ok(TcpListener::from_std(socket.into()))
}

impl Server {
    /// From here on the kernel accepts connections.
    pub fn bind(plan: &ServerPlan) -> io::Result<Self> {
        let poll = Poll::new()?;
        let mut listener = listen(plan.listen)?;
        poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
        Ok(Self {
            poll,
            listener,
            players: Slab::new(),
            frame: vec![0; plan.frame_bytes.max(1)],
            served: Served::default(),
        })
    }

    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until `stop`, which is checked on every tick, or until the time is up.
    pub fn run(mut self, stop: &AtomicBool, until: Option<Instant>) -> io::Result<Served> {
        let mut events = Events::with_capacity(EVENTS_MAX);
        let began = Instant::now();
        // Deadlines are absolute, so that a late tick does not delay the next.
        let mut tick = 1;
        loop {
            let due = began + TICK * tick;
            match self.poll.poll(&mut events, Some(due.saturating_duration_since(Instant::now()))) {
                Err(error) if error.kind() != ErrorKind::Interrupted => return Err(error),
                _ => self.handle(&events)?,
            }
            let now = Instant::now();
            if now < due {
                continue;
            }
            self.send_frames();
            let past = ((now - began).as_nanos() / TICK.as_nanos()) as u32;
            self.served.ticks_skipped += u64::from(past.saturating_sub(tick));
            tick = past.max(tick) + 1;
            if stop.load(Ordering::Relaxed) || until.is_some_and(|until| now >= until) {
                return Ok(self.served);
            }
        }
    }

    fn handle(&mut self, events: &Events) -> io::Result<()> {
        let mut buffer = [0; READ_BYTES];
        for event in events {
            if event.token() == LISTENER {
                self.accept()?;
                continue;
            }
            let place = event.token().0 - 1;
            match self.players.get_mut(place).map(|player| player.receive(&mut buffer)) {
                Some(Some(read)) => self.served.bytes_in += read as u64,
                Some(None) => drop(self.players.try_remove(place)),
                None => {}
            }
        }
        Ok(())
    }

    fn accept(&mut self) -> io::Result<()> {
        loop {
            let mut stream = match self.listener.accept() {
                Ok((stream, _)) => stream,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error)
                    if matches!(error.kind(), ErrorKind::Interrupted | ErrorKind::ConnectionAborted) =>
                {
                    continue;
                }
                Err(error) => return Err(error),
            };
            stream.set_nodelay(true)?;
            let entry = self.players.vacant_entry();
            self.poll.registry().register(&mut stream, Token(entry.key() + 1), Interest::READABLE)?;
            entry.insert(Player { stream, left: 0 });
            self.served.accepted += 1;
        }
    }

    fn send_frames(&mut self) {
        let (frame, served) = (&self.frame, &mut self.served);
        served.ticks += 1;
        self.players.retain(|_, player| {
            let sent = player.send(frame);
            match sent {
                Ok(true) => served.frames += 1,
                Ok(false) => served.frames_skipped += 1,
                Err(_) => {}
            }
            sent.is_ok()
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partial_frame_is_finished_before_the_next() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let mut reader = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (stream, _) = listener.accept().unwrap();
        stream.set_nonblocking(true).unwrap();
        let mut player = Player { stream: TcpStream::from_std(stream), left: 0 };
        // Larger than any kernel's buffers.
        let frame: Vec<u8> = (0..64 << 20).map(|i: usize| (i % 251) as u8).collect();
        assert!(!player.send(&frame).unwrap());
        assert!(player.left > 0 && player.left < frame.len());
        let bytes = frame.len();
        let read = std::thread::spawn(move || {
            let mut got = vec![0; bytes];
            reader.read_exact(&mut got).unwrap();
            got
        });
        while player.left > 0 {
            assert!(!player.send(&frame).unwrap(), "the rest of a frame is no new frame");
        }
        assert_eq!(read.join().unwrap(), frame);
    }
}
