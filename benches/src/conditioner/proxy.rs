//! The conditioner between real sockets: each client that connects to it is connected to the server through a relay.

use std::{convert::Infallible, io, net::SocketAddr, time::Duration};

use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::{sleep, sleep_until},
};

use super::{
    Conditions, ConditionsError, DelayLine, Direction,
    relay::{Clock, relay},
};

/// How long it waits when the system gives no more sockets.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

#[derive(Debug, thiserror::Error)]
pub enum ProxyError {
    #[error(transparent)]
    Conditions(#[from] ConditionsError),
    #[error("cannot listen on {listen}: {error}; port 0 takes a free one")]
    Listen { listen: SocketAddr, error: io::Error },
    #[error("the conditioner cannot listen on the server's own address {0}: give it another")]
    Itself(SocketAddr),
    #[error("cannot accept a connection: {0}; if too many files are open, raise the limit with `ulimit -n`")]
    Accept(io::Error),
    #[error("no server at {to} ({error}): start one there with `cargo xtask play`")]
    Server { to: String, error: io::Error },
    #[error(
        "the relay of a connection panicked, and only that connection ended: please report the line about it"
    )]
    Panicked,
}

/// Its own time begins when it is bound. Stalls and cuts are common to all connections; the jitter of connection `n`,
/// from 0, is that of the seed plus `n`.
///
/// Timers are no finer than a millisecond, so each direction takes up to two more than the model says, and never less.
#[derive(Debug)]
pub struct Proxy {
    listener: TcpListener,
    address: SocketAddr,
    to: String,
    conditions: Conditions,
    clock: Clock,
}

impl Proxy {
    /// Listens on `listen`, where port 0 takes a free one. `to` is the server's host and port. To be called in a tokio
    /// runtime.
    ///
    /// # Errors
    /// If it cannot listen there, or the conditions are out of range.
    pub async fn bind(listen: SocketAddr, to: &str, conditions: Conditions) -> Result<Self, ProxyError> {
        conditions.check()?;
        let cannot = |error| ProxyError::Listen { listen, error };
        let listener = TcpListener::bind(listen).await.map_err(cannot)?;
        let address = listener.local_addr().map_err(cannot)?;
        if to.parse() == Ok(address) {
            return Err(ProxyError::Itself(address));
        }
        Ok(Self { listener, address, to: to.to_owned(), conditions, clock: Clock::start() })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until it is dropped, which breaks all connections. `on_error` is told why a client could not be connected.
    pub async fn run(self, mut on_error: impl FnMut(ProxyError)) -> Infallible {
        let mut connections = JoinSet::new();
        let mut number = 0;
        loop {
            tokio::select! {
                accepted = self.listener.accept() => match accepted {
                    // A listener that closes during a cut might not get its address back, so it accepts and resets.
                    Ok((client, _)) if self.conditions.is_cut(self.clock.now_ms()) => reset(&client),
                    Ok((client, _)) => {
                        let seed = self.conditions.seed.wrapping_add(number);
                        let conditions = Conditions { seed, ..self.conditions };
                        number += 1;
                        connections.spawn(connection(client, self.to.clone(), conditions, self.clock));
                    }
                    Err(error) => {
                        on_error(ProxyError::Accept(error));
                        sleep(ACCEPT_PAUSE).await;
                    }
                },
                Some(ended) = connections.join_next() => {
                    match ended {
                        Ok(outcome) => outcome.unwrap_or_else(&mut on_error),
                        Err(_) => on_error(ProxyError::Panicked),
                    }
                }
            }
        }
    }
}

/// One connection, from its beginning to its end. If it broke, both ends are reset instead of closed.
async fn connection(
    mut client: TcpStream,
    to: String,
    conditions: Conditions,
    clock: Clock,
) -> Result<(), ProxyError> {
    let mut server = None;
    let cut = conditions.next_cut_ms(clock.now_ms());
    let is_broken = tokio::select! {
        is_broken = relay_both(&mut client, &mut server, &to, &conditions, clock) => is_broken,
        () = sleep_until(clock.instant(cut.unwrap_or(0.0))), if cut.is_some() => Ok(true),
    };
    if !matches!(is_broken, Ok(false)) {
        reset(&client);
        server.as_ref().inspect(|server| reset(server));
    }
    is_broken.map(drop)
}

/// Connects to the server and relays both directions until both have ended, or one end broke: true. The server's socket
/// is left in `server`.
async fn relay_both(
    client: &mut TcpStream,
    server: &mut Option<TcpStream>,
    to: &str,
    conditions: &Conditions,
    clock: Clock,
) -> Result<bool, ProxyError> {
    let (mut up, mut down) =
        (DelayLine::new(conditions, Direction::Up), DelayLine::new(conditions, Direction::Down));
    // The kernel has accepted the client already, but connecting takes a message in each direction.
    let asked_ms = up.arrival_ms(clock.now_ms());
    sleep_until(clock.instant(asked_ms)).await;
    let connected = TcpStream::connect(to).await;
    sleep_until(clock.instant(down.arrival_ms(clock.now_ms()))).await;
    let server = server.insert(connected.map_err(|error| ProxyError::Server { to: to.to_owned(), error })?);
    // The delay lines hold messages up, and nothing else.
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let ((from_client, to_client), (from_server, to_server)) = (client.split(), server.split());
    let relayed = tokio::try_join!(
        relay(from_client, to_server, up, clock),
        relay(from_server, to_client, down, clock)
    );
    Ok(relayed.is_err())
}

/// Makes the socket reset its connection when it is dropped, instead of closing it.
fn reset(socket: &TcpStream) {
    // If that fails it is closed, which is an end too.
    let _ = socket.set_zero_linger();
}
