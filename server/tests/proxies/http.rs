//! A small HTTP client with an address of its own on this machine, so that a proxy and its client differ.

use std::net::{Ipv4Addr, SocketAddr};

use axum::body::{Body, BodyDataStream, Bytes};
use futures_util::StreamExt;
use hyper::{HeaderMap, Request, StatusCode, client::conn::http1::handshake};
use hyper_util::rt::TokioIo;
use tokio::{
    net::{TcpSocket, TcpStream},
    time::timeout,
};

use crate::programs::TIMEOUT;

/// The clients' address: every address of 127.0.0.0/8 is this machine's.
pub(crate) const CLIENT: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);

/// A connection from [`CLIENT`].
pub(crate) async fn connect(address: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((CLIENT, 0).into()).unwrap();
    soon("a connection", socket.connect(address)).await.unwrap()
}

/// Waits for at most [`TIMEOUT`].
pub(crate) async fn soon<F: Future>(what: &str, future: F) -> F::Output {
    match timeout(TIMEOUT, future).await {
        Ok(output) => output,
        Err(_) => panic!("{what} did not happen within {TIMEOUT:?}"),
    }
}

/// An answer whose body may still be coming.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    body: BodyDataStream,
}

impl Answer {
    /// The next part of the body, as the network delivers it.
    pub(crate) async fn chunk(&mut self) -> Option<Bytes> {
        soon("a part of the body", self.body.next()).await.map(|chunk| chunk.unwrap())
    }

    /// All of the body.
    pub(crate) async fn text(mut self) -> String {
        let mut all = Vec::new();
        while let Some(chunk) = self.chunk().await {
            all.extend_from_slice(&chunk);
        }
        String::from_utf8_lossy(&all).into_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// The answer to a GET with these additional headers, of which one may be another host than the proxy's address.
pub(crate) async fn get(address: SocketAddr, path: &str, headers: &[(&str, &str)]) -> Answer {
    let (mut sender, connection) = handshake(TokioIo::new(connect(address).await)).await.unwrap();
    tokio::spawn(connection.with_upgrades());
    let mut request = Request::get(path);
    if !headers.iter().any(|(name, _)| *name == "host") {
        request = request.header("host", address.to_string());
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = soon("an answer", sender.send_request(request.body(Body::empty()).unwrap())).await.unwrap();
    let (parts, body) = answer.into_parts();
    Answer { status: parts.status, headers: parts.headers, body: Body::new(body).into_data_stream() }
}
