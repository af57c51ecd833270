//! The other end of a socket, and the client behind it if the other end is a proxy.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
};

use axum::http::HeaderMap;

use super::{forwarded, protocol::Source, trusted::TrustedProxies};
use crate::engine::client_network::ClientNetwork;

/// Who is at the other end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Peer {
    socket: SocketAddr,
    client: IpAddr,
    is_trusted: bool,
    /// The address whose network the socket counts for.
    counted: IpAddr,
}

impl Peer {
    /// The other end of this socket, which is a proxy if it is trusted.
    pub(crate) fn new(socket: SocketAddr, trusted: &TrustedProxies) -> Self {
        let client = socket.ip().to_canonical();
        Self { socket, client, is_trusted: trusted.contains(client), counted: client }
    }

    /// The same after a PROXY header, whose client may be another proxy.
    pub(crate) fn with_source(self, source: Source, trusted: &TrustedProxies) -> Self {
        match source {
            Source::Client(client) => {
                let client = client.to_canonical();
                Self { client, is_trusted: trusted.contains(client), counted: client, ..self }
            }
            Source::Proxy => self,
            // What it sends is a stranger's word. All such clients of a proxy are one, by the proxy's address.
            Source::Unknown => Self { is_trusted: false, ..self },
        }
    }

    /// The same for a request with these headers.
    pub(crate) fn for_request(self, headers: &HeaderMap, trusted: &TrustedProxies) -> Self {
        if self.is_trusted {
            Self { client: forwarded::client_address(self.client, headers, trusted), ..self }
        } else {
            self
        }
    }

    /// The client's address; what limits count by.
    pub(crate) fn client(&self) -> IpAddr {
        self.client
    }

    /// Whether a proxy is at the other end, and the client behind it.
    pub(crate) fn is_forwarded(&self) -> bool {
        self.socket.ip().to_canonical() != self.client
    }

    /// Whether this looks like a proxy that the operator has forgotten to name: it is near, and says who its client is.
    pub(crate) fn is_unnamed_proxy(&self, headers: &HeaderMap) -> bool {
        let is_near = match self.client {
            IpAddr::V4(address) => address.is_loopback() || address.is_private(),
            IpAddr::V6(address) => address.is_loopback() || address.is_unique_local(),
        };
        !self.is_trusted && is_near && forwarded::names_a_client(headers)
    }

    /// The network that the socket counts for. `None` for a trusted proxy, whose sockets are those of many clients.
    pub(crate) fn network(&self) -> Option<ClientNetwork> {
        ClientNetwork::of(self.counted).filter(|_| !self.is_trusted)
    }

    /// The network that a request is to count for, if that is not the socket's own.
    pub(crate) fn network_to_count(&self) -> Option<ClientNetwork> {
        ClientNetwork::of(self.client).filter(|_| self.client != self.counted)
    }

    /// The network that made a request: the socket's own, or that of the client that a trusted proxy names.
    pub(crate) fn network_of_request(&self) -> Option<ClientNetwork> {
        self.network_to_count().or_else(|| self.network())
    }

    /// Whether what its headers say of their client counts.
    pub(crate) fn is_trusted(&self) -> bool {
        self.is_trusted
    }
}

/// As it stands in the log.
impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_forwarded() {
            write!(f, "{} via {}", self.client(), self.socket)
        } else {
            write!(f, "{}", self.socket)
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn client_is_named_by_a_proxy_header_and_then_by_the_request() {
        let trusted: TrustedProxies = "10.0.0.0/8".parse().expect("a network");
        let headers: HeaderMap =
            [("x-forwarded-for".parse().expect("a name"), HeaderValue::from_static("203.0.113.9"))]
                .into_iter()
                .collect();
        let proxy = Peer::new(SocketAddr::from(([10, 0, 0, 1], 4711)), &trusted);
        assert!(!proxy.is_unnamed_proxy(&headers));
        assert!(proxy.is_trusted());
        assert_eq!(proxy.to_string(), "10.0.0.1:4711");
        assert_eq!(proxy.for_request(&headers, &trusted).to_string(), "203.0.113.9 via 10.0.0.1:4711");
        // The headers of a client behind a proxy of TCP are the client's own.
        let client = proxy.with_source(Source::Client([192, 0, 2, 1].into()), &trusted);
        assert!(!client.is_trusted());
        assert_eq!(client.for_request(&headers, &trusted).client(), IpAddr::from([192, 0, 2, 1]));
        // Those of a second proxy behind the first are not.
        let second = proxy.with_source(Source::Client([10, 0, 0, 2].into()), &trusted);
        assert_eq!(second.for_request(&headers, &trusted).client(), IpAddr::from([203, 0, 113, 9]));
        // The proxy's own connection is what it would be without the header.
        assert_eq!(proxy.with_source(Source::Proxy, &trusted), proxy);
        // The headers of a client without an address are its own, and it counts as the proxy.
        let unknown = proxy.with_source(Source::Unknown, &trusted);
        assert!(!unknown.is_trusted());
        assert_eq!(unknown.for_request(&headers, &trusted).client(), IpAddr::from([10, 0, 0, 1]));
    }

    #[test]
    fn proxy_that_the_operator_has_not_named_is_recognised_by_what_it_says() {
        let none = TrustedProxies::default();
        let forwarded: HeaderMap =
            [("x-forwarded-for".parse().expect("a name"), HeaderValue::from_static("203.0.113.9"))]
                .into_iter()
                .collect();
        for (address, is_near) in [
            ("127.0.0.1", true),
            ("172.18.0.1", true),
            ("::ffff:10.0.0.1", true),
            ("fd00::1", true),
            // A stranger may send any header.
            ("203.0.113.7", false),
            ("2001:db8::1", false),
        ] {
            let peer = Peer::new(SocketAddr::new(address.parse().expect("an address"), 4711), &none);
            assert_eq!(peer.is_unnamed_proxy(&forwarded), is_near, "{address}");
            assert!(!peer.is_unnamed_proxy(&HeaderMap::new()), "{address}");
        }
    }
}
