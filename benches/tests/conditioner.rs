//! The network conditioner between real sockets: a client, the proxy, and a server that echoes everything. Times are
//! bounded only from below, by the model.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use benches::conditioner::{Conditions, DelayLine, Direction, Proxy, ProxyError};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy},
    net::{TcpListener, TcpStream},
    time::sleep,
};

/// More than may be in flight at once.
const LARGE_BYTES: usize = 8 * 1024 * 1024;

/// A server that echoes everything and closes when the client does.
async fn echo() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it listens");
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (mut from, mut to) = client.split();
                let _ = copy(&mut from, &mut to).await;
                let _ = to.shutdown().await;
            });
        }
    });
    address
}

struct Conditioner {
    conditions: Conditions,
    address: SocketAddr,
    /// The proxy's own time began after this and before the other.
    before: Instant,
    after: Instant,
    errors: Arc<Mutex<Vec<ProxyError>>>,
}

async fn conditioner(server: SocketAddr, conditions: &str) -> Conditioner {
    let conditions: Conditions = conditions.parse().expect("conditions");
    let before = Instant::now();
    let proxy =
        Proxy::bind(([127, 0, 0, 1], 0).into(), &server.to_string(), conditions).await.expect("a free port");
    let after = Instant::now();
    let (address, errors) = (proxy.address(), Arc::new(Mutex::new(Vec::new())));
    let list = Arc::clone(&errors);
    tokio::spawn(proxy.run(move |error| list.lock().expect("no panic").push(error)));
    Conditioner { conditions, address, before, after, errors }
}

impl Conditioner {
    /// The proxy's own time is no less.
    fn at_least_ms(&self) -> f64 {
        self.after.elapsed().as_secs_f64() * 1000.0
    }

    /// The proxy's own time is no more.
    fn at_most_ms(&self) -> f64 {
        self.before.elapsed().as_secs_f64() * 1000.0
    }

    /// Connects and receives one byte; the connection stays open.
    async fn try_echo(&self) -> std::io::Result<TcpStream> {
        let mut socket = TcpStream::connect(self.address).await?;
        socket.write_all(b"?").await?;
        socket.read_u8().await?;
        Ok(socket)
    }
}

/// Bytes in which each stretch is unlike all others.
fn pattern(seed: u32) -> Vec<u8> {
    (0..LARGE_BYTES as u32 / 4).flat_map(|number| (number ^ seed).to_le_bytes()).collect()
}

/// Sends everything while it reads everything, and closes as soon as all is sent.
async fn echo_all(address: SocketAddr, sent: Vec<u8>) {
    let socket = TcpStream::connect(address).await.expect("it listens");
    let (mut from, mut to) = socket.into_split();
    let expected = sent.clone();
    let sending = tokio::spawn(async move {
        to.write_all(&sent).await.expect("all is taken");
        to.shutdown().await.expect("half of it is closed");
    });
    let mut received = Vec::new();
    from.read_to_end(&mut received).await.expect("a proper end");
    sending.await.expect("all is sent");
    assert!(received == expected, "{} of {} bytes, or not the same", received.len(), expected.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bytes_arrive_complete_and_in_order() {
    let proxy = conditioner(echo().await, "delay=4ms jitter=2ms stall=20ms/100ms seed=7").await;
    let (one, other) = (pattern(1), pattern(2));
    tokio::join!(echo_all(proxy.address, one), echo_all(proxy.address, other));
    assert!(proxy.errors.lock().expect("no panic").is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_arrives_earlier_than_in_the_model() {
    let proxy = conditioner(echo().await, "delay=20ms stall=200ms/300ms").await;
    // Without jitter, what is sent later arrives later, so the earliest time of a send bounds the answer.
    let mut lines =
        [Direction::Up, Direction::Down].map(|direction| DelayLine::new(&proxy.conditions, direction));
    let mut there_and_back_ms = |sent_ms| lines.iter_mut().fold(sent_ms, |at, line| line.arrival_ms(at));
    let connected_ms = there_and_back_ms(proxy.at_least_ms());
    let mut socket = TcpStream::connect(proxy.address).await.expect("it listens");
    socket.set_nodelay(true).expect("a socket");
    for number in 0..20 {
        let due_ms = there_and_back_ms(proxy.at_least_ms().max(connected_ms));
        socket.write_u8(number).await.expect("it is taken");
        assert_eq!(socket.read_u8().await.expect("it comes back"), number);
        assert!(proxy.at_most_ms() >= due_ms, "{number} arrived at {} ms, due {due_ms}", proxy.at_most_ms());
    }
    // Each answer waited for a ping, and so twenty of them met a stall.
    assert!(proxy.at_most_ms() >= 500.0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cut_breaks_connections_and_allows_none() {
    // From the first cut on there is a network for a millisecond at a time, less than connecting takes.
    let proxy = conditioner(echo().await, "delay=100ms cut=999ms/1s").await;
    let mut socket = TcpStream::connect(proxy.address).await.expect("it listens");
    let mut received = Vec::new();
    let ended = socket.read_to_end(&mut received).await;
    assert!(proxy.at_most_ms() >= 1000.0, "it was broken before the cut");
    assert!(ended.is_err() && received.is_empty(), "it was closed, and not broken: {ended:?}");
    for _ in 0..3 {
        assert!(proxy.try_echo().await.is_err(), "a client connected during a cut");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_can_connect_after_a_cut() {
    let proxy = conditioner(echo().await, "cut=50ms/500ms").await;
    let mut broken = 0;
    // On a very slow machine a cut may begin while the client connects, more than once.
    while broken < 3 {
        let Ok(mut socket) = proxy.try_echo().await else {
            assert!(proxy.at_most_ms() < 60_000.0, "no client could connect after a cut");
            sleep(Duration::from_millis(10)).await;
            continue;
        };
        assert!(socket.read_u8().await.is_err(), "nothing was sent");
        broken += 1;
        assert!(proxy.at_most_ms() >= 500.0 * f64::from(broken), "each was broken by a cut of its own");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_server_clients_are_reset_and_the_error_is_reported() {
    let gone = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let server = gone.local_addr().expect("it listens");
    drop(gone);
    let proxy = conditioner(server, "delay=10ms").await;
    assert!(proxy.try_echo().await.is_err());
    // It is reported once the connection has ended, which may be a moment later.
    while proxy.errors.lock().expect("no panic").is_empty() {
        assert!(proxy.at_most_ms() < 60_000.0, "the error was not reported");
        sleep(Duration::from_millis(1)).await;
    }
    let errors = proxy.errors.lock().expect("no panic");
    assert!(errors[0].to_string().contains("start one there with `cargo xtask play`"), "{errors:?}");
}

#[tokio::test]
async fn impossible_proxy_says_why() {
    let taken = echo().await;
    let error = Proxy::bind(taken, "127.0.0.1:1", Conditions::default()).await.unwrap_err().to_string();
    assert!(error.contains("cannot listen on 127.0.0.1") && error.contains("port 0"), "{error}");
    let free = TcpListener::bind("127.0.0.1:0").await.expect("a free port").local_addr().expect("it listens");
    let itself = Proxy::bind(free, &free.to_string(), Conditions::default()).await.unwrap_err();
    assert!(matches!(itself, ProxyError::Itself(at) if at == free), "{itself}");
    let backwards = Conditions { delay_ms: -1.0, ..Conditions::default() };
    let error = Proxy::bind(free, "127.0.0.1:1", backwards).await.unwrap_err();
    assert!(matches!(error, ProxyError::Conditions(_)), "{error}");
}
