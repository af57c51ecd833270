//! The feed as Server-Sent Events (HTML standard, section 9.2), for `curl` and `EventSource`. A document is written only when
//! HTTP has room for it, so a slow reader skips documents; what kernels on the way have buffered, it still receives.

use std::sync::Arc;

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Response, header},
};
use bytes::Bytes;
use futures_util::stream::unfold;
use tokio::time::timeout;

use super::upgrade::Deadline;
use crate::engine::net::{feed::Subscription, state::ServerState};

/// A comment, which readers ignore. It keeps proxies from closing an idle connection.
const KEEP_ALIVE: &[u8] = b":\n\n";

/// A response that streams until the server stops or the reader leaves.
pub(super) fn response(
    subscription: Subscription,
    deadline: Deadline,
    server: Arc<ServerState>,
) -> Response<Body> {
    let events = unfold(subscription, move |mut subscription| {
        let (deadline, server) = (deadline.clone(), Arc::clone(&server));
        async move {
            // Polled only when the previous event has been written.
            deadline.extend(server.limits.stall_timeout);
            let event = tokio::select! {
                () = server.stopping() => return None,
                next = timeout(server.limits.ping_after, subscription.next()) => match next {
                    Ok(document) => event(&document?),
                    Err(_) => Bytes::from_static(KEEP_ALIVE),
                },
            };
            Some((Ok::<_, std::convert::Infallible>(event), subscription))
        }
    });
    let mut response = Response::new(Body::from_stream(events));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// The feed is public, so pages of any origin may read it, and why it was refused.
pub(super) fn allow_any_origin(headers: &mut HeaderMap) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
}

fn event(document: &[u8]) -> Bytes {
    // A document is one line: serde_json writes no line breaks.
    [b"data: ", document, b"\n\n"].concat().into()
}
