//! Answers requests without a socket: reads, checks and routes the bytes of a head as a connection's task does. For fuzzing,
//! which tries thousands in a second.

use std::{io, net::SocketAddr, sync::Arc};

use axum::{
    Router,
    body::Body,
    http::{Request, Response, Version},
};
use httparse::EMPTY_HEADER;
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;
use tokio::{
    io::AsyncReadExt,
    runtime::{Builder, Runtime},
};

use super::{
    preflight::{self, Expected, HEADERS_MAX, Head},
    router::router,
    streaming::SocketSlot,
};
use crate::engine::net::{proxy::peer::Peer, state::ServerState};

/// All addresses of a server, and a runtime for them.
#[derive(Debug)]
pub struct InMemory {
    server: Arc<ServerState>,
    router: TowerToHyperService<Router>,
    runtime: Runtime,
}

impl InMemory {
    /// The addresses of this server.
    pub fn new(server: Arc<ServerState>) -> io::Result<Self> {
        let router = TowerToHyperService::new(router(Arc::clone(&server)));
        Ok(Self { server, router, runtime: Builder::new_current_thread().enable_time().build()? })
    }

    /// The answer to the first request in these bytes, which arrive from `peer` in two parts; `None` if they are refused before
    /// they are routed. A handshake is never accepted, because no socket could be upgraded.
    pub fn answer(&self, peer: SocketAddr, parts: [&[u8]; 2]) -> Option<Response<Body>> {
        self.runtime.block_on(async {
            let proxies = &self.server.access.proxies;
            let mut peer = Peer::new(peer, proxies);
            let mut stream = parts[0].chain(parts[1]);
            let most = self.server.limits.http_head_timeout;
            let expected = Expected { proxy_header: peer.is_trusted(), tls: false };
            let head = preflight::read_head(&mut stream, most, expected).await.ok()??;
            let Head { bytes, source, .. } = head;
            peer = source.map_or(peer, |source| peer.with_source(source, proxies));
            let mut request = parse(&bytes)?;
            let client = peer.for_request(request.headers(), proxies);
            request.extensions_mut().insert(client);
            request.extensions_mut().insert(SocketSlot::default());
            let answer = self.router.call(request).await;
            Some(answer.unwrap_or_else(|never| match never {}))
        })
    }
}

/// The request, as hyper would pass it on.
fn parse(head: &[u8]) -> Option<Request<Body>> {
    let mut headers = [EMPTY_HEADER; HEADERS_MAX];
    let mut parsed = httparse::Request::new(&mut headers);
    parsed.parse(head).ok()?;
    let version = if parsed.version? == 0 { Version::HTTP_10 } else { Version::HTTP_11 };
    let mut request = Request::builder().method(parsed.method?).uri(parsed.path?).version(version);
    for header in parsed.headers {
        request = request.header(header.name, header.value);
    }
    request.body(Body::empty()).ok()
}

#[cfg(test)]
mod tests {
    use axum::http::{Method, header};

    use super::*;

    #[test]
    fn head_is_parsed_as_hyper_does() {
        let head = b"OPTIONS /feed?events HTTP/1.0\r\nHost: x\r\nX-A: 1\r\nx-a: 2\r\n\r\n";
        let request = parse(head).expect("a request");
        assert_eq!((request.method(), request.version()), (&Method::OPTIONS, Version::HTTP_10));
        assert_eq!((request.uri().path(), request.uri().query()), ("/feed", Some("events")));
        assert_eq!(request.headers()[header::HOST], "x");
        assert_eq!(request.headers().get_all("x-a").iter().count(), 2);
        for not in [&b"GET / HTTP/1.1\r\n"[..], b"GET a b HTTP/1.1\r\n\r\n", b"", b"\x16\x03\x01"] {
            assert!(parse(not).is_none(), "{}", not.escape_ascii());
        }
    }
}
