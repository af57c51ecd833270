//! Relays the bytes of one direction, each chunk with the delay of its [`DelayLine`].

use std::{collections::VecDeque, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    time::{Instant, sleep_until},
};

use super::DelayLine;

/// Read at once; what is read at once stays together.
const READ_BYTES: usize = 16 * 1024;
/// Above this the relay stops reading, so that the sender meets backpressure as on any full network.
const IN_FLIGHT_BYTES_MAX: usize = 1024 * 1024;

/// The conditioner's own time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    began: Instant,
}

impl Clock {
    pub(super) fn start() -> Self {
        Self { began: Instant::now() }
    }

    pub(super) fn now_ms(self) -> f64 {
        self.began.elapsed().as_secs_f64() * 1000.0
    }

    /// The moment `at_ms`, or the beginning if that is negative.
    pub(super) fn instant(self, at_ms: f64) -> Instant {
        self.began + Duration::from_secs_f64(at_ms.max(0.0) / 1000.0)
    }
}

/// The sender's connection broke, and that has arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Broken;

#[derive(Debug)]
enum Chunk {
    Bytes(Vec<u8>),
    /// The sender has shut down its half.
    End,
    /// The sender's connection broke.
    Break,
}

/// Relays everything up to the end of the stream, which is delayed like everything else. A receiver that is gone ends
/// it too: the sender learns of that from the other direction, which reads from there.
pub(super) async fn relay(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut line: DelayLine,
    clock: Clock,
) -> Result<(), Broken> {
    let mut in_flight: VecDeque<(Instant, Chunk)> = VecDeque::new();
    let mut in_flight_bytes = 0;
    let mut has_ended = false;
    let mut room = vec![0; READ_BYTES];
    loop {
        while let Some((_, chunk)) = in_flight.pop_front_if(|(arrives, _)| *arrives <= Instant::now()) {
            match chunk {
                Chunk::Bytes(bytes) => {
                    in_flight_bytes -= bytes.len();
                    if to.write_all(&bytes).await.is_err() {
                        return Ok(());
                    }
                }
                Chunk::End => {
                    let _ = to.shutdown().await;
                    return Ok(());
                }
                Chunk::Break => return Err(Broken),
            }
        }
        let next = in_flight.front().map(|(arrives, _)| *arrives);
        tokio::select! {
            read = from.read(&mut room), if !has_ended && in_flight_bytes < IN_FLIGHT_BYTES_MAX => {
                let chunk = match read {
                    Ok(0) => Chunk::End,
                    Ok(count) => Chunk::Bytes(room[..count].to_vec()),
                    Err(_) => Chunk::Break,
                };
                match &chunk {
                    Chunk::Bytes(bytes) => in_flight_bytes += bytes.len(),
                    Chunk::End | Chunk::Break => has_ended = true,
                }
                in_flight.push_back((clock.instant(line.arrival_ms(clock.now_ms())), chunk));
            }
            () = sleep_until(next.unwrap_or_else(Instant::now)), if next.is_some() => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Error, ErrorKind},
        pin::Pin,
        task::{Context, Poll},
    };

    use tokio::{
        io::{DuplexStream, ReadBuf, duplex},
        task::JoinHandle,
        time::sleep,
    };

    use super::{super::Direction, *};

    /// Larger than all that is sent, so that only the relay holds anything up.
    const ROOMY_BYTES: usize = 16 * 1024 * 1024;

    struct Relay {
        sender: DuplexStream,
        receiver: DuplexStream,
        clock: Clock,
        relaying: JoinHandle<Result<(), Broken>>,
    }

    fn start(conditions: &str, receiver_bytes: usize) -> Relay {
        let line = DelayLine::new(&conditions.parse().unwrap(), Direction::Up);
        let clock = Clock::start();
        let (sender, from) = duplex(ROOMY_BYTES);
        let (to, receiver) = duplex(receiver_bytes);
        Relay { sender, receiver, clock, relaying: tokio::spawn(relay(from, to, line, clock)) }
    }

    impl Relay {
        async fn receive(&mut self, count: usize) -> (Vec<u8>, f64) {
            let mut received = vec![0; count];
            self.receiver.read_exact(&mut received).await.unwrap();
            (received, self.clock.now_ms())
        }
    }

    #[tokio::test(start_paused = true)]
    async fn bytes_and_the_end_of_the_stream_are_delayed() {
        let mut relay = start("delay=100ms", ROOMY_BYTES);
        relay.sender.write_all(b"abc").await.unwrap();
        sleep(Duration::from_millis(20)).await;
        relay.sender.write_all(b"de").await.unwrap();
        relay.sender.shutdown().await.unwrap();
        let (received, at_ms) = relay.receive(3).await;
        assert_eq!(received, b"abc");
        assert!((50.0..52.0).contains(&at_ms), "{at_ms}");
        let mut rest = Vec::new();
        relay.receiver.read_to_end(&mut rest).await.unwrap();
        assert_eq!(rest, b"de");
        assert!((70.0..72.0).contains(&relay.clock.now_ms()));
        assert_eq!(relay.relaying.await.unwrap(), Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn receiver_that_does_not_read_stops_the_sender() {
        let mut relay = start("delay=1s", 1024);
        let mut sent = 0;
        let chunk = vec![7; 64 * 1024];
        // A minute is long enough for anything to arrive that may.
        while tokio::time::timeout(Duration::from_secs(60), relay.sender.write_all(&chunk)).await.is_ok() {
            sent += chunk.len();
            assert!(sent <= ROOMY_BYTES + 2 * IN_FLIGHT_BYTES_MAX, "there is no backpressure");
        }
        let (received, _) = relay.receive(sent).await;
        assert!(received.iter().all(|byte| *byte == 7));
    }

    /// Fails at once.
    struct Gone;

    impl AsyncRead for Gone {
        fn poll_read(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
            _: &mut ReadBuf<'_>,
        ) -> Poll<std::io::Result<()>> {
            Poll::Ready(Err(Error::from(ErrorKind::ConnectionReset)))
        }
    }

    #[tokio::test(start_paused = true)]
    async fn break_is_delayed_and_a_lost_receiver_ends_the_relay() {
        let line = DelayLine::new(&"delay=100ms".parse().unwrap(), Direction::Down);
        let clock = Clock::start();
        assert_eq!(super::relay(Gone, tokio::io::sink(), line, clock).await, Err(Broken));
        assert!((50.0..52.0).contains(&clock.now_ms()));
        let mut relay = start("delay=100ms", ROOMY_BYTES);
        drop(relay.receiver);
        relay.sender.write_all(b"abc").await.unwrap();
        assert_eq!(relay.relaying.await.unwrap(), Ok(()));
    }
}
