//! A link between real sockets: a client, the link, and a server that says everything back. Times are only ever
//! bounded from below, by what the model says.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use benches::link::{Direction, LinkSpec, Proxy, ProxyError, Way};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy},
    net::{TcpListener, TcpStream},
    time::sleep,
};

/// More than may be under way at once.
const LARGE_BYTES: usize = 8 * 1024 * 1024;

/// A server that says everything back, closing when the client does.
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

struct Link {
    spec: LinkSpec,
    address: SocketAddr,
    /// The link's time began after this and before the other.
    before: Instant,
    after: Instant,
    told: Arc<Mutex<Vec<ProxyError>>>,
}

async fn link_to(server: SocketAddr, link: &str) -> Link {
    let spec: LinkSpec = link.parse().expect("a link");
    let before = Instant::now();
    let proxy =
        Proxy::bind(([127, 0, 0, 1], 0).into(), &server.to_string(), spec).await.expect("a free port");
    let after = Instant::now();
    let (address, told) = (proxy.address(), Arc::new(Mutex::new(Vec::new())));
    let tells = Arc::clone(&told);
    tokio::spawn(proxy.run(move |error| tells.lock().expect("nobody panics").push(error)));
    Link { spec, address, before, after, told }
}

impl Link {
    /// The link's time is no less.
    fn at_least_ms(&self) -> f64 {
        self.after.elapsed().as_secs_f64() * 1000.0
    }

    /// The link's time is no more.
    fn at_most_ms(&self) -> f64 {
        self.before.elapsed().as_secs_f64() * 1000.0
    }

    /// Connects and hears one byte back; leaves the connection as it is.
    async fn try_echo(&self) -> std::io::Result<TcpStream> {
        let mut socket = TcpStream::connect(self.address).await?;
        socket.write_all(b"?").await?;
        socket.read_u8().await?;
        Ok(socket)
    }
}

/// Bytes of which each stretch is unlike all others.
fn pattern(seed: u32) -> Vec<u8> {
    (0..LARGE_BYTES as u32 / 4).flat_map(|number| (number ^ seed).to_le_bytes()).collect()
}

/// Sends everything while it reads everything, and closes as soon as all is sent.
async fn all_back(address: SocketAddr, sent: Vec<u8>) {
    let socket = TcpStream::connect(address).await.expect("the link listens");
    let (mut from, mut to) = socket.into_split();
    let expected = sent.clone();
    let sending = tokio::spawn(async move {
        to.write_all(&sent).await.expect("all is taken");
        to.shutdown().await.expect("half of it is closed");
    });
    let mut heard = Vec::new();
    from.read_to_end(&mut heard).await.expect("a proper end");
    sending.await.expect("all is sent");
    assert!(heard == expected, "{} of {} bytes, or not the same", heard.len(), expected.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bytes_come_back_whole_and_in_order() {
    let link = link_to(echo().await, "delay=4ms jitter=2ms stall=20ms/100ms seed=7").await;
    let (one, other) = (pattern(1), pattern(2));
    tokio::join!(all_back(link.address, one), all_back(link.address, other));
    assert!(link.told.lock().expect("nobody panics").is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_comes_earlier_than_the_model_says() {
    let link = link_to(echo().await, "delay=20ms stall=200ms/300ms").await;
    // Without jitter, what is sent later arrives later: so the least a send can be late bounds the answer.
    let mut ways = [Direction::Up, Direction::Down].map(|direction| Way::new(&link.spec, direction));
    let mut there_and_back_ms = |sent_ms| ways.iter_mut().fold(sent_ms, |at, way| way.arrival_ms(at));
    let connected_ms = there_and_back_ms(link.at_least_ms());
    let mut socket = TcpStream::connect(link.address).await.expect("the link listens");
    socket.set_nodelay(true).expect("a socket");
    for number in 0..20 {
        let due_ms = there_and_back_ms(link.at_least_ms().max(connected_ms));
        socket.write_u8(number).await.expect("it is taken");
        assert_eq!(socket.read_u8().await.expect("it comes back"), number);
        assert!(link.at_most_ms() >= due_ms, "{number} came at {} ms, due {due_ms}", link.at_most_ms());
    }
    // Each answer waited for a ping, and so twenty of them met a stall.
    assert!(link.at_most_ms() >= 500.0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cut_ends_what_is_connected_and_lets_nobody_in() {
    // From the first cut on the link stands for a millisecond at a time, less than it takes to connect.
    let link = link_to(echo().await, "delay=100ms cut=999ms/1s").await;
    let mut socket = TcpStream::connect(link.address).await.expect("the link listens");
    let mut heard = Vec::new();
    let ended = socket.read_to_end(&mut heard).await;
    assert!(link.at_most_ms() >= 1000.0, "it was broken before the cut");
    assert!(ended.is_err() && heard.is_empty(), "it was closed, and not broken: {ended:?}");
    for _ in 0..3 {
        assert!(link.try_echo().await.is_err(), "somebody got in during a cut");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_cut_one_can_connect_again() {
    let link = link_to(echo().await, "cut=50ms/500ms").await;
    let mut broken = 0;
    // A machine that is very slow may meet a cut in the midst of connecting, more than once.
    while broken < 3 {
        let Ok(mut socket) = link.try_echo().await else {
            sleep(Duration::from_millis(10)).await;
            continue;
        };
        assert!(socket.read_u8().await.is_err(), "nothing was said");
        broken += 1;
        assert!(link.at_most_ms() >= 500.0 * f64::from(broken), "each was broken by a cut of its own");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_server_whoever_connects_is_sent_away_and_it_is_told() {
    let gone = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let server = gone.local_addr().expect("it listens");
    drop(gone);
    let link = link_to(server, "delay=10ms").await;
    assert!(link.try_echo().await.is_err());
    // It is told once the connection is gone, which may be a moment later.
    while link.told.lock().expect("nobody panics").is_empty() {
        sleep(Duration::from_millis(1)).await;
    }
    let told = link.told.lock().expect("nobody panics");
    assert!(told[0].to_string().contains("start one there with `cargo xtask play`"), "{told:?}");
}

#[tokio::test]
async fn a_link_that_cannot_be_says_why() {
    let taken = echo().await;
    let error = Proxy::bind(taken, "127.0.0.1:1", LinkSpec::default()).await.unwrap_err().to_string();
    assert!(error.contains("cannot listen on 127.0.0.1") && error.contains("port 0"), "{error}");
    let free = TcpListener::bind("127.0.0.1:0").await.expect("a free port").local_addr().expect("it listens");
    let itself = Proxy::bind(free, &free.to_string(), LinkSpec::default()).await.unwrap_err();
    assert!(matches!(itself, ProxyError::Itself(at) if at == free), "{itself}");
    let backwards = LinkSpec { delay_ms: -1.0, ..LinkSpec::default() };
    let error = Proxy::bind(free, "127.0.0.1:1", backwards).await.unwrap_err();
    assert!(matches!(error, ProxyError::Spec(_)), "{error}");
}
