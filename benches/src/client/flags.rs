//! Values of flags: a server's address and a rate, as a person writes them.

use std::{
    fmt, io,
    net::{SocketAddr, TcpStream, ToSocketAddrs},
    str::FromStr,
    time::Duration,
};

use tokio_tungstenite::tungstenite::http::uri::Authority;

use crate::cli;

/// How long each of a host's addresses may take to answer.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// A `ws://` or `wss://` address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// Whether it is `wss`.
    pub is_secure: bool,
    /// Host and port.
    pub authority: String,
    /// From its slash on.
    pub path: String,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    #[error("write an address such as ws://127.0.0.1:8080 or wss://play.example")]
    Scheme,
    #[error("the address has no host: write one such as ws://127.0.0.1:8080")]
    Host,
}

impl Address {
    /// Without the port.
    pub(super) fn host(&self) -> &str {
        self.authority.rsplit_once(':').map_or(&self.authority, |(host, _)| host)
    }

    /// Connects once to each of the host's addresses: the first that answers.
    ///
    /// # Errors
    /// If the host is unknown or none of its addresses answers.
    pub(super) fn find(&self) -> io::Result<SocketAddr> {
        let mut last = io::Error::new(io::ErrorKind::NotFound, "the host has no address");
        for address in self.authority.to_socket_addrs()? {
            match TcpStream::connect_timeout(&address, CONNECT_TIMEOUT) {
                Ok(_) => return Ok(address),
                Err(error) => last = error,
            }
        }
        Err(last)
    }
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let (scheme, rest) = text.split_once("://").ok_or(AddressError::Scheme)?;
        let is_secure = match scheme {
            "ws" | "http" => false,
            "wss" | "https" => true,
            _ => return Err(AddressError::Scheme),
        };
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let parsed: Authority = authority.parse().map_err(|_| AddressError::Host)?;
        let port = parsed.port_u16().unwrap_or(if is_secure { 443 } else { 80 });
        Ok(Self {
            is_secure,
            authority: format!("{}:{port}", parsed.host()),
            path: format!("/{}", if path.is_empty() { "ws" } else { path }),
        })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.is_secure { "wss" } else { "ws" };
        write!(f, "{scheme}://{}{}", self.authority, self.path)
    }
}

/// Reads a number of bots a second, such as `200/s`.
pub(super) fn ramp(text: &str) -> Result<f64, String> {
    cli::number(text.strip_suffix("/s").unwrap_or(text), 0.01..=1e6)
}

/// When bot `number`, from 0, starts or leaves, in microseconds: evenly, so that a run measures the game and not a
/// stampede at its door.
pub(super) fn due_us(number: u32, per_second: f64) -> u64 {
    (1e6 * f64::from(number) / per_second) as u64
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn omitted_parts_get_defaults() {
        let full = |text: &str| text.parse::<Address>().map(|address| address.to_string());
        assert_eq!(full("ws://localhost:8080"), Ok("ws://localhost:8080/ws".into()));
        assert_eq!(full("http://localhost:8080/"), Ok("ws://localhost:8080/ws".into()));
        assert_eq!(full("ws://localhost:8080/ws/ruins"), Ok("ws://localhost:8080/ws/ruins".into()));
        assert_eq!(full("ws://[::1]:9/x?y"), Ok("ws://[::1]:9/x?y".into()));
        assert_eq!(full("ws://[::1]"), Ok("ws://[::1]:80/ws".into()));
        assert_eq!(full("wss://a"), Ok("wss://a:443/ws".into()));
        assert_eq!(full("https://a:1/x"), Ok("wss://a:1/x".into()));
        assert_eq!(full("ftp://a:1"), Err(AddressError::Scheme));
        assert_eq!(full("a:1"), Err(AddressError::Scheme));
        assert_eq!(full("ws:///ws"), Err(AddressError::Host));
    }

    #[test]
    fn host_is_found_at_the_address_that_listens() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address: Address =
            format!("ws://localhost:{}", listener.local_addr().unwrap().port()).parse().unwrap();
        assert_eq!(address.find().unwrap(), listener.local_addr().unwrap());
        drop(listener);
        assert_eq!(address.find().unwrap_err().kind(), io::ErrorKind::ConnectionRefused);
    }

    #[test]
    fn ramp_is_even() {
        assert_eq!((ramp("200/s"), ramp("0.5")), (Ok(200.0), Ok(0.5)));
        assert_eq!((due_us(0, 200.0), due_us(500, 200.0)), (0, 2_500_000));
        for bad in ["", "0", "-1/s", "NaN", "200/m"] {
            assert!(ramp(bad).is_err(), "{bad}");
        }
    }
}
