//! Responses that are not files: short texts, the page for an overloaded server, and the last answer to a socket whose request HTTP
//! does not read. Also the security headers of all responses.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header},
};

use super::access::Access;

/// How long browsers are to use nothing but TLS for a host (RFC 6797): a year. Not for its subdomains, which are not ours.
const STRICT_TRANSPORT_SECURITY: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// After how long a client that was refused for overload should retry: the load shedder takes some seconds a level.
pub(super) const RETRY_AFTER_SECONDS: u32 = 10;

/// Adds the security headers that every response has, and, on a host that is for TLS only, the one that says so.
pub(super) fn with_security_headers(
    mut response: Response<Body>,
    access: &Access,
    is_for_tls_only: bool,
) -> Response<Body> {
    const HEADERS: [(HeaderName, &str); 4] = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    let headers = response.headers_mut();
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert_with(|| access.policy());
    for (name, value) in HEADERS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if is_for_tls_only {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, STRICT_TRANSPORT_SECURITY);
    }
    response
}

/// The bytes of a short plain-text answer, after which the connection is closed: for a socket whose request is not read by HTTP.
pub(super) fn last_answer(
    status: StatusCode,
    more: HeaderMap,
    message: &str,
    access: &Access,
    is_for_tls_only: bool,
) -> Vec<u8> {
    let mut response = with_security_headers(text(status, Body::empty()), access, is_for_tls_only);
    let headers = response.headers_mut();
    headers.extend(more);
    headers.insert(header::CONTENT_LENGTH, message.len().into());
    headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    let mut bytes = format!("HTTP/1.1 {status}\r\n").into_bytes();
    for (name, value) in headers.iter() {
        bytes.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
    }
    bytes.extend([b"\r\n", message.as_bytes()].concat());
    bytes
}

/// A short plain-text response.
pub(super) fn text(status: StatusCode, text: impl Into<Body>) -> Response<Body> {
    let mut response = Response::new(text.into());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// The page that a visitor sees instead of the game while the server is overloaded. It reloads by itself.
pub(super) fn overloaded_page(access: &Access) -> Response<Body> {
    const PAGE: &str = include_str!("overloaded.html");
    let page = PAGE.replace("{seconds}", &RETRY_AFTER_SECONDS.to_string());
    let mut response = text(StatusCode::SERVICE_UNAVAILABLE, page);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::RETRY_AFTER, RETRY_AFTER_SECONDS.into());
    headers.insert(header::CONTENT_SECURITY_POLICY, access.overloaded_policy.clone());
    response
}
