//! The browser client's files, carried inside the binary, as HTTP answers. Knows names and bytes; must not know what
//! is in them.

use std::collections::HashMap;

use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header},
};
use bytes::Bytes;
use rust_embed::RustEmbed;

use super::{
    content::{Encoding, accepted, has_already},
    error::RETRY_AFTER_SECONDS,
};

/// What `cargo xtask build` makes. A debug build reads the files when they are asked for.
#[derive(RustEmbed)]
#[folder = "../target/web"]
struct Embedded;

/// Where the files of the site come from.
#[derive(Debug, Default)]
pub enum Site {
    /// What was built into the binary.
    #[default]
    Embedded,
    /// These, by path without a leading slash.
    Files(HashMap<String, Vec<u8>>),
}

struct File {
    bytes: Bytes,
    etag: String,
}

const INDEX: &str = "index.html";

const NOT_BUILT: &str =
    "The browser client is not part of this server. Run `cargo xtask build` and start it again.\n";

/// Browsers may load from this server only, and run nothing but what it serves. `'self'` for connections covers the
/// WebSocket of the same host.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; \
     style-src 'self'; connect-src 'self'; img-src 'self' data:; media-src 'self'; manifest-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Headers of every answer, whatever it is.
pub(super) fn secure(mut response: Response<Body>) -> Response<Body> {
    const HEADERS: [(HeaderName, &str); 5] = [
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    for (name, value) in HEADERS {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// A short answer in words.
pub(super) fn text(status: StatusCode, text: impl Into<Body>) -> Response<Body> {
    let mut response = Response::new(text.into());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// What a visitor sees instead of the game while nobody new is let in; it asks again by itself.
pub(super) fn come_back() -> Response<Body> {
    const PAGE: &str = include_str!("come_back.html");
    let page = PAGE.replace("{seconds}", &RETRY_AFTER_SECONDS.to_string());
    let mut response = text(StatusCode::SERVICE_UNAVAILABLE, page);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::RETRY_AFTER, RETRY_AFTER_SECONDS.into());
    // The style is in the page, because the game's files may be what there is no time for.
    let policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'";
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    response
}

impl Site {
    fn file(&self, path: &str) -> Option<File> {
        match self {
            Self::Embedded => Embedded::get(path).map(|file| File {
                etag: etag(&file.metadata.sha256_hash()),
                bytes: match file.data {
                    std::borrow::Cow::Borrowed(bytes) => Bytes::from_static(bytes),
                    std::borrow::Cow::Owned(bytes) => Bytes::from(bytes),
                },
            }),
            Self::Files(files) => files
                .get(path)
                .map(|bytes| File { etag: etag(&checksum(bytes)), bytes: Bytes::copy_from_slice(bytes) }),
        }
    }

    /// Answers a GET or HEAD of `path`.
    pub(super) fn answer(&self, path: &str, request: &HeaderMap) -> Response<Body> {
        let path = path.trim_start_matches('/');
        let path = if path.is_empty() { INDEX } else { path };
        // Packed files are other forms of their originals, not files of their own.
        let packed = |encoding: Encoding| encoding != Encoding::Identity && path.ends_with(encoding.suffix());
        if Encoding::PREFERRED.into_iter().any(packed) {
            return not_found();
        }
        let found = accepted(request)
            .into_iter()
            .find_map(|encoding| Some((encoding, self.file(&format!("{path}{}", encoding.suffix()))?)));
        match found {
            Some((encoding, file)) => deliver(path, encoding, file, request),
            None if path == INDEX => text(StatusCode::SERVICE_UNAVAILABLE, NOT_BUILT),
            None => not_found(),
        }
    }
}

fn deliver(path: &str, encoding: Encoding, file: File, request: &HeaderMap) -> Response<Body> {
    let known = has_already(request, &file.etag);
    let mut response = Response::new(if known { Body::empty() } else { Body::from(file.bytes) });
    if known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    let headers = response.headers_mut();
    if let Ok(etag) = HeaderValue::from_str(&file.etag) {
        headers.insert(header::ETAG, etag);
    }
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching(path)));
    if !known {
        if let Ok(mime) = HeaderValue::from_str(&mime(path)) {
            headers.insert(header::CONTENT_TYPE, mime);
        }
        if encoding != Encoding::Identity {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding.name()));
        }
    }
    response
}

fn not_found() -> Response<Body> {
    text(StatusCode::NOT_FOUND, "There is nothing here. The game is at /.\n")
}

/// A file whose name has a hash of its content in it never changes; any other is asked about each time, which costs
/// one round trip and no content.
fn caching(path: &str) -> &'static str {
    if is_hashed(path) { "public, max-age=31536000, immutable" } else { "no-cache" }
}

/// Whether the name is like `client.0123abcd.js`: a part between dots that is eight or more hexadecimal digits.
fn is_hashed(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let hash = |part: &str| part.len() >= 8 && part.bytes().all(|b| b.is_ascii_hexdigit());
    name.split('.').skip(1).any(hash)
}

fn mime(path: &str) -> String {
    let mime = mime_guess::from_path(path).first_or_octet_stream();
    if mime.type_() == "text" { format!("{mime}; charset=utf-8") } else { mime.to_string() }
}

/// Half of a SHA-256 is more than enough to tell two versions of a file apart. Each packed form has its own, as a
/// strong tag must.
fn etag(hash: &[u8; 32]) -> String {
    let digits: String = hash[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("\"{digits}\"")
}

/// Files that are given rather than embedded have no SHA-256 at hand; this needs to tell versions apart, no more.
fn checksum(bytes: &[u8]) -> [u8; 32] {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    let mut out = [0; 32];
    out[..8].copy_from_slice(&hasher.finish().to_be_bytes());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_with_a_hash_are_kept_for_good() {
        assert!(is_hashed("client.0123abcdef.js"));
        assert!(is_hashed("sounds/shot.00c0ffee.ogg"));
        for name in ["index.html", "client.js", "deadbeef.js", "client.beta.js", "a.12/b"] {
            assert!(!is_hashed(name), "{name}");
        }
    }

    #[test]
    fn types_are_those_browsers_insist_on() {
        assert_eq!(mime("client.0123abcd.wasm"), "application/wasm");
        assert_eq!(mime("index.html"), "text/html; charset=utf-8");
        assert!(mime("client.js").starts_with("text/javascript"));
        assert_eq!(mime("mystery"), "application/octet-stream");
    }
}
