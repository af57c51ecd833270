//! Asks another node, at its own address and not through NATS, whether its process lives: a node that has only lost NATS keeps its rooms.
//! Certificates are not checked: the question is whether something lives there, and nothing secret is said.

use std::time::Duration;

use axum::http::Uri;
use rustls::pki_types::ServerName;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::TlsConnector;

use super::identity::Incarnation;
use crate::engine::net::unchecked_client;

/// The header with which a node says which process it is.
pub(crate) const HEADER: &str = "cluster-process";
/// How long a node has to answer.
const ANSWER: Duration = Duration::from_millis(1500);
/// A head is far shorter.
const ANSWER_BYTES_MAX: u64 = 8 * 1024;

/// Whether this process answers at `url`.
pub(super) async fn is_alive(url: &str, process: &Incarnation) -> bool {
    let answer = timeout(ANSWER, ask(url)).await;
    answer.ok().flatten().is_some_and(|answer| is_of(&answer, process))
}

fn is_of(answer: &str, process: &Incarnation) -> bool {
    let mut lines = answer.split("\r\n").take_while(|line| !line.is_empty());
    let is_ok = lines.next().is_some_and(|status| status.split(' ').nth(1) == Some("200"));
    let process = process.to_string();
    is_ok
        && lines
            .filter_map(|line| line.split_once(':'))
            .any(|(name, value)| name.eq_ignore_ascii_case(HEADER) && value.trim() == process)
}

/// The answer to `GET /healthz` below `url`.
async fn ask(url: &str) -> Option<String> {
    let uri: Uri = url.parse().ok()?;
    let host = uri.host()?;
    let is_secure = uri.scheme_str() == Some("https");
    let port = uri.port_u16().unwrap_or(if is_secure { 443 } else { 80 });
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let stream = TcpStream::connect((bare, port)).await.ok()?;
    let path = uri.path().trim_end_matches('/');
    let authority = uri.authority()?;
    let request = format!("GET {path}/healthz HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n\r\n");
    if is_secure {
        let name = ServerName::try_from(bare.to_owned()).ok()?;
        let stream = TlsConnector::from(unchecked_client().ok()?).connect(name, stream).await.ok()?;
        exchange(stream, &request).await
    } else {
        exchange(stream, &request).await
    }
}

async fn exchange(mut stream: impl AsyncRead + AsyncWrite + Unpin, request: &str) -> Option<String> {
    stream.write_all(request.as_bytes()).await.ok()?;
    let mut answer = Vec::new();
    // TLS streams that end without a closing message are an error after the answer.
    let _ = stream.take(ANSWER_BYTES_MAX).read_to_end(&mut answer).await;
    Some(String::from_utf8_lossy(&answer).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_process_is_alive() {
        let (one, other) = (Incarnation::random(), Incarnation::random());
        let answer = |status: &str, process: &Incarnation| {
            format!("HTTP/1.1 {status}\r\nCluster-Process: {process}\r\n\r\nalive\n")
        };
        assert!(is_of(&answer("200 OK", &one), &one));
        assert!(!is_of(&answer("200 OK", &other), &one), "another process at the same address");
        assert!(!is_of(&answer("502 Bad Gateway", &one), &one), "the proxy before it");
        assert!(!is_of(&format!("HTTP/1.1 200 OK\r\n\r\n{HEADER}: {one}"), &one), "in the body");
        assert!(!is_of("", &one));
    }
}
