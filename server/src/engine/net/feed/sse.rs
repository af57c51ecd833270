//! The feed as Server-Sent Events (HTML standard, section 9.2): for `curl` and `EventSource`. A document is made only when
//! HTTP has room for it, so that a slow reader skips some; what the kernels on the way have taken in, it still gets.

use std::sync::Arc;

use axum::{
    body::Body,
    http::{HeaderValue, Response, header},
};
use bytes::Bytes;
use futures_util::stream::unfold;
use tokio::time::timeout;

use super::Subscription;
use crate::engine::net::{Shared, http::Lease};

/// An answer that goes on until the server or the reader ends it.
pub(in crate::engine::net) fn answer(
    subscription: Subscription,
    lease: Lease,
    shared: Arc<Shared>,
) -> Response<Body> {
    let events = unfold(subscription, move |mut subscription| {
        let (lease, shared) = (lease.clone(), Arc::clone(&shared));
        async move {
            // It is asked for more only when what came before has left.
            lease.renew(shared.limits.stall);
            let event = tokio::select! {
                () = shared.stopping() => return None,
                next = timeout(shared.limits.ping_after, subscription.next()) => match next {
                    Ok(document) => event(&document?),
                    // A line that means nothing, so that nobody on the way thinks the connection dead.
                    Err(_) => Bytes::from_static(b":\n\n"),
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

fn event(document: &[u8]) -> Bytes {
    // JSON written in one piece has no line breaks.
    [b"data: ", document, b"\n\n"].concat().into()
}
