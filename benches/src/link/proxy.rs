//! A link between real sockets: whoever connects to it is connected to the server, through the model. It must not know
//! what is said.

use std::{convert::Infallible, io, net::SocketAddr, time::Duration};

use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::{sleep, sleep_until},
};

use super::{
    Direction, LinkError, LinkSpec, Way,
    carry::{Broken, Clock, carry},
};

/// How long it rests when the system gives no more sockets.
const REST: Duration = Duration::from_millis(100);

/// Why a link cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ProxyError {
    /// There is no such link.
    #[error(transparent)]
    Spec(#[from] LinkError),
    /// The address to listen on is not to be had.
    #[error("cannot listen on {listen}: {error}; port 0 takes a free one")]
    Listen {
        /// The address.
        listen: SocketAddr,
        /// Why.
        error: io::Error,
    },
    /// It would be the server that it leads to.
    #[error("the link would lead to itself: {0} must be the server's address, and the link needs another")]
    Itself(SocketAddr),
    /// Somebody came, and cannot be let in.
    #[error("cannot take in who connects: {0}; if too many files are open, raise the limit with `ulimit -n`")]
    Accept(io::Error),
    /// Somebody came, and the server does not answer.
    #[error("no server at {to} ({error}): start one there with `cargo xtask play`")]
    Server {
        /// Where it should be.
        to: String,
        /// Why not.
        error: io::Error,
    },
}

/// A link that listens, and leads to a server. Its own time begins when it is bound; stalls and cuts are the same for
/// all its connections, and each has its own chance in all else: connection `n`, from 0, that of the seed plus `n`.
///
/// Timers are no finer than a millisecond, so each way takes up to two more than the model says, and never less.
#[derive(Debug)]
pub struct Proxy {
    listener: TcpListener,
    address: SocketAddr,
    to: String,
    spec: LinkSpec,
    clock: Clock,
}

impl Proxy {
    /// Listens on `listen`, where port 0 takes a free one, for who wants to reach the server at `to`, a host and a
    /// port. To be called in a tokio runtime.
    ///
    /// # Errors
    /// If the address cannot be had or is the one it leads to, or something of `spec` is out of range.
    pub async fn bind(listen: SocketAddr, to: &str, spec: LinkSpec) -> Result<Self, ProxyError> {
        spec.check()?;
        let cannot = |error| ProxyError::Listen { listen, error };
        let listener = TcpListener::bind(listen).await.map_err(cannot)?;
        let address = listener.local_addr().map_err(cannot)?;
        if to.parse() == Ok(address) {
            return Err(ProxyError::Itself(address));
        }
        Ok(Self { listener, address, to: to.to_owned(), spec, clock: Clock::start() })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Carries for all who connect, until it is dropped, and all its connections with it. `tell` hears why somebody
    /// could not be connected.
    pub async fn run(self, mut tell: impl FnMut(ProxyError)) -> Infallible {
        let mut connections = JoinSet::new();
        let mut number = 0;
        loop {
            tokio::select! {
                accepted = self.listener.accept() => match accepted {
                    // A listener cannot be away for a while and be sure to get its address back, so during a cut
                    // who connects is thrown out as soon as it is in.
                    Ok((client, _)) if self.spec.is_cut(self.clock.now_ms()) => reset(&client),
                    Ok((client, _)) => {
                        let spec = LinkSpec { seed: self.spec.seed.wrapping_add(number), ..self.spec };
                        number += 1;
                        connections.spawn(connection(client, self.to.clone(), spec, self.clock));
                    }
                    Err(error) => {
                        tell(ProxyError::Accept(error));
                        sleep(REST).await;
                    }
                },
                Some(ended) = connections.join_next() => {
                    if let Ok(Err(error)) = ended {
                        tell(error);
                    }
                }
            }
        }
    }
}

/// Why a connection is broken, and not closed.
enum Break {
    Cut,
    OneEnd,
    NoServer(io::Error),
}

impl From<Broken> for Break {
    fn from(Broken: Broken) -> Self {
        Self::OneEnd
    }
}

/// One connection, from its beginning to its end.
async fn connection(client: TcpStream, to: String, spec: LinkSpec, clock: Clock) -> Result<(), ProxyError> {
    let (mut client, mut server) = (client, None);
    let cut = spec.next_cut_ms(clock.now_ms());
    let ended = tokio::select! {
        ended = through(&mut client, &mut server, &to, &spec, clock) => ended,
        () = sleep_until(clock.instant(cut.unwrap_or(0.0))), if cut.is_some() => Err(Break::Cut),
    };
    let Err(why) = ended else {
        return Ok(());
    };
    reset(&client);
    server.as_ref().inspect(|server| reset(server));
    match why {
        Break::NoServer(error) => Err(ProxyError::Server { to, error }),
        Break::Cut | Break::OneEnd => Ok(()),
    }
}

/// Connects to the server and carries both ways until both have ended. The socket to the server is left in `server`.
async fn through(
    client: &mut TcpStream,
    server: &mut Option<TcpStream>,
    to: &str,
    spec: &LinkSpec,
    clock: Clock,
) -> Result<(), Break> {
    let (mut up, mut down) = (Way::new(spec, Direction::Up), Way::new(spec, Direction::Down));
    // The kernel has welcomed the client already, but to connect takes a message each way before the first byte.
    let asked_ms = up.arrival_ms(clock.now_ms());
    sleep_until(clock.instant(asked_ms)).await;
    let connected = TcpStream::connect(to).await;
    sleep_until(clock.instant(down.arrival_ms(clock.now_ms()))).await;
    let server = server.insert(connected.map_err(Break::NoServer)?);
    // Messages are held back for as long as the model says and no longer.
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let ((from_client, to_client), (from_server, to_server)) = (client.split(), server.split());
    tokio::try_join!(carry(from_client, to_server, up, clock), carry(from_server, to_client, down, clock),)?;
    Ok(())
}

/// Has the socket break its connection when it is dropped, instead of closing it.
fn reset(socket: &TcpStream) {
    // If that cannot be had, it is closed, and who reads from it still finds an end.
    let _ = socket.set_zero_linger();
}
