//! Content negotiation: which encodings a browser accepts (`Accept-Encoding`), and whether its copy is current
//! (`If-None-Match`). Pure functions of headers.
//!
//! By hand, because no maintained crate fits: tower-http serves from disk only, memory-serve compresses files its own way,
//! axum-embed ignores weights and is unmaintained, and `headers` has no `Accept-Encoding`.

use axum::http::{HeaderMap, header};

/// How a file is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ContentEncoding {
    Identity,
    Brotli,
    Gzip,
}

impl ContentEncoding {
    /// Smallest first.
    pub(super) const PREFERRED: [Self; 3] = [Self::Brotli, Self::Gzip, Self::Identity];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Brotli => "br",
            Self::Gzip => "gzip",
        }
    }

    /// What the build appends to the name of a compressed file.
    pub(super) fn suffix(self) -> &'static str {
        match self {
            Self::Identity => "",
            Self::Brotli => ".br",
            Self::Gzip => ".gz",
        }
    }
}

/// The encodings that a request accepts, best first (RFC 9110, section 12.5.3). `Identity` is always among them, even if
/// the request excludes it: a readable response is better than a refusal.
pub(super) fn accepted(headers: &HeaderMap) -> Vec<ContentEncoding> {
    let listed: Vec<(String, f32)> = headers
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(','))
        .filter_map(quality)
        .collect();
    let find = |name: &str| listed.iter().find(|(other, _)| other == name).map(|(_, q)| *q);
    let mut ranked: Vec<(ContentEncoding, f32)> = ContentEncoding::PREFERRED
        .into_iter()
        .filter_map(|encoding| {
            let q = match (find(encoding.name()), encoding) {
                (Some(q), _) => q,
                // It is acceptable although not listed, but everything that is listed comes first.
                (None, ContentEncoding::Identity) => return Some((encoding, f32::MIN_POSITIVE)),
                (None, _) => find("*").unwrap_or(0.0),
            };
            (q > 0.0 || encoding == ContentEncoding::Identity).then_some((encoding, q))
        })
        .collect();
    // The sort is stable, so our own preference decides between equals.
    ranked.sort_by(|(_, a), (_, b)| b.total_cmp(a));
    ranked.into_iter().map(|(encoding, _)| encoding).collect()
}

/// One element of the list: a name and its weight, 0 to 1.
fn quality(element: &str) -> Option<(String, f32)> {
    let mut parts = element.split(';').map(str::trim);
    let name = parts.next().filter(|name| !name.is_empty())?.to_ascii_lowercase();
    let q = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
    let q = match q {
        None => 1.0,
        Some(q) => q.parse::<f32>().ok().filter(|q| (0.0..=1.0).contains(q))?,
    };
    let name = if name == "x-gzip" { "gzip".to_owned() } else { name };
    Some((name, q))
}

/// Whether `If-None-Match` contains this tag.
pub(super) fn is_current(headers: &HeaderMap, etag: &str) -> bool {
    headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(','))
        .map(str::trim)
        // A proxy that recompresses a file makes its tag weak, and If-None-Match compares weakly.
        .any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepts(value: &str) -> Vec<ContentEncoding> {
        let mut headers = HeaderMap::new();
        if !value.is_empty() {
            headers.insert(header::ACCEPT_ENCODING, value.parse().unwrap());
        }
        accepted(&headers)
    }

    #[test]
    fn encodings_are_ranked_by_weight_then_by_size() {
        use ContentEncoding::{Brotli, Gzip, Identity};
        for (value, expected) in [
            ("", &[Identity][..]),
            ("gzip, deflate, br, zstd", &[Brotli, Gzip, Identity]),
            ("gzip", &[Gzip, Identity]),
            ("GZIP;Q=0.5", &[Gzip, Identity]),
            ("br;q=0.1, gzip;q=0.9", &[Gzip, Brotli, Identity]),
            ("br;q=0, gzip", &[Gzip, Identity]),
            ("*", &[Brotli, Gzip, Identity]),
            ("*;q=0", &[Identity]),
            ("identity, br;q=0.5", &[Identity, Brotli]),
            ("gzip;q=2, br;q=x", &[Identity]),
            (", ;q=1", &[Identity]),
        ] {
            assert_eq!(accepts(value), expected, "{value}");
        }
    }

    #[test]
    fn etag_matches_in_lists_weak_or_strong() {
        let has = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::IF_NONE_MATCH, value.parse().unwrap());
            is_current(&headers, "\"abc\"")
        };
        assert!(has("\"abc\"") && has("\"x\", W/\"abc\"") && has("*"));
        assert!(!has("\"abcd\"") && !has("abc"));
        assert!(!is_current(&HeaderMap::new(), "\"abc\""));
    }
}
