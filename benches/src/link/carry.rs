//! Carries the bytes of one direction, each chunk for as long as its way takes. It must not know where they come from.

use std::{collections::VecDeque, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    time::{Instant, sleep_until},
};

use super::Way;

/// Read at once; what is read at once travels together.
const READ_BYTES: usize = 16 * 1024;
/// When so much is under way nothing is read, so that whoever sends feels it as on any full link.
const UNDER_WAY_BYTES_MAX: usize = 1024 * 1024;

/// The link's own time, from when it was made.
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

    /// The moment that is `at_ms`, or the beginning if that was before.
    pub(super) fn instant(self, at_ms: f64) -> Instant {
        self.began + Duration::from_secs_f64(at_ms.max(0.0) / 1000.0)
    }
}

/// The sender's end broke, and that has arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Broken;

#[derive(Debug)]
enum Chunk {
    Bytes(Vec<u8>),
    /// The sender will say no more.
    End,
    /// The sender is gone.
    Break,
}

/// Carries all that is sent until its end, which is passed on as everything else is. A receiver that is gone ends it
/// too: it is told to the sender by the other direction, which reads from there.
pub(super) async fn carry(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut way: Way,
    clock: Clock,
) -> Result<(), Broken> {
    let mut under_way: VecDeque<(Instant, Chunk)> = VecDeque::new();
    let mut under_way_bytes = 0;
    let mut has_ended = false;
    let mut room = vec![0; READ_BYTES];
    loop {
        while let Some((_, chunk)) = under_way.pop_front_if(|(arrives, _)| *arrives <= Instant::now()) {
            match chunk {
                Chunk::Bytes(bytes) => {
                    under_way_bytes -= bytes.len();
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
        let next = under_way.front().map(|(arrives, _)| *arrives);
        tokio::select! {
            read = from.read(&mut room), if !has_ended && under_way_bytes < UNDER_WAY_BYTES_MAX => {
                let chunk = match read {
                    Ok(0) => Chunk::End,
                    Ok(count) => Chunk::Bytes(room[..count].to_vec()),
                    Err(_) => Chunk::Break,
                };
                match &chunk {
                    Chunk::Bytes(bytes) => under_way_bytes += bytes.len(),
                    Chunk::End | Chunk::Break => has_ended = true,
                }
                under_way.push_back((clock.instant(way.arrival_ms(clock.now_ms())), chunk));
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

    /// Larger than all that is sent, so that only the link holds anything up.
    const ROOMY_BYTES: usize = 16 * 1024 * 1024;

    struct Through {
        sender: DuplexStream,
        receiver: DuplexStream,
        clock: Clock,
        carrying: JoinHandle<Result<(), Broken>>,
    }

    fn through(link: &str, receiver_bytes: usize) -> Through {
        let way = Way::new(&link.parse().unwrap(), Direction::Up);
        let clock = Clock::start();
        let (sender, from) = duplex(ROOMY_BYTES);
        let (to, receiver) = duplex(receiver_bytes);
        Through { sender, receiver, clock, carrying: tokio::spawn(carry(from, to, way, clock)) }
    }

    impl Through {
        async fn hear(&mut self, count: usize) -> (Vec<u8>, f64) {
            let mut heard = vec![0; count];
            self.receiver.read_exact(&mut heard).await.unwrap();
            (heard, self.clock.now_ms())
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_sent_takes_its_time_and_so_does_the_end() {
        let mut through = through("delay=100ms", ROOMY_BYTES);
        through.sender.write_all(b"abc").await.unwrap();
        sleep(Duration::from_millis(20)).await;
        through.sender.write_all(b"de").await.unwrap();
        through.sender.shutdown().await.unwrap();
        let (heard, at_ms) = through.hear(3).await;
        assert_eq!(heard, b"abc");
        assert!((50.0..52.0).contains(&at_ms), "{at_ms}");
        let mut rest = Vec::new();
        through.receiver.read_to_end(&mut rest).await.unwrap();
        assert_eq!(rest, b"de");
        assert!((70.0..72.0).contains(&through.clock.now_ms()));
        assert_eq!(through.carrying.await.unwrap(), Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn what_a_stall_held_up_comes_at_once() {
        let Through { mut sender, mut receiver, clock, .. } = through("stall=250ms/1s", ROOMY_BYTES);
        tokio::spawn(async move {
            for _ in 0..13 {
                sleep(Duration::from_millis(100)).await;
                sender.write_all(b"x").await.unwrap();
            }
        });
        let mut came_ms = Vec::new();
        while receiver.read_u8().await.is_ok() {
            came_ms.push(clock.now_ms().floor());
        }
        assert_eq!(came_ms[..9], [100.0, 200.0, 300.0, 400.0, 500.0, 600.0, 700.0, 800.0, 900.0]);
        assert_eq!(came_ms[9..], [1250.0, 1250.0, 1250.0, 1300.0]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_clean_link_waits_for_nothing() {
        let mut through = through("", ROOMY_BYTES);
        for number in 0..100 {
            through.sender.write_all(&[number]).await.unwrap();
            assert_eq!(through.hear(1).await, (vec![number], 0.0));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_does_not_read_is_felt_by_who_sends() {
        let mut through = through("delay=1s", 1024);
        let mut sent = 0;
        let chunk = vec![7; 64 * 1024];
        // A minute is long enough for anything to arrive that may.
        while tokio::time::timeout(Duration::from_secs(60), through.sender.write_all(&chunk)).await.is_ok() {
            sent += chunk.len();
            assert!(sent <= ROOMY_BYTES + 2 * UNDER_WAY_BYTES_MAX, "nothing is felt");
        }
        let (heard, _) = through.hear(sent).await;
        assert!(heard.iter().all(|byte| *byte == 7));
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
    async fn a_break_takes_its_time_too_and_who_is_gone_ends_it() {
        let way = Way::new(&"delay=100ms".parse().unwrap(), Direction::Down);
        let clock = Clock::start();
        assert_eq!(carry(Gone, tokio::io::sink(), way, clock).await, Err(Broken));
        assert!((50.0..52.0).contains(&clock.now_ms()));
        let mut through = through("delay=100ms", ROOMY_BYTES);
        drop(through.receiver);
        through.sender.write_all(b"abc").await.unwrap();
        assert_eq!(through.carrying.await.unwrap(), Ok(()));
    }
}
