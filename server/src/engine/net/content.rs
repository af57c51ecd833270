//! Content negotiation: which encoding a browser takes, and whether it has the content already. Pure text work.

use axum::http::{HeaderMap, header};

/// How a file may be packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    /// As it is.
    Identity,
    /// Brotli, the smallest.
    Brotli,
    /// Gzip, for those who lack brotli.
    Gzip,
}

impl Encoding {
    /// Smallest first.
    pub(super) const PREFERRED: [Self; 3] = [Self::Brotli, Self::Gzip, Self::Identity];

    /// The name in HTTP.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Brotli => "br",
            Self::Gzip => "gzip",
        }
    }

    /// What the build puts behind the name of a packed file.
    pub(super) fn suffix(self) -> &'static str {
        match self {
            Self::Identity => "",
            Self::Brotli => ".br",
            Self::Gzip => ".gz",
        }
    }
}

/// The encodings a request accepts, best first (RFC 9110, section 12.5.3). `Identity` is always among them, even
/// where it is refused: an answer that can be read beats a refusal.
pub(super) fn accepted(headers: &HeaderMap) -> Vec<Encoding> {
    let listed: Vec<(String, f32)> = headers
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(','))
        .filter_map(quality)
        .collect();
    let find = |name: &str| listed.iter().find(|(other, _)| other == name).map(|(_, q)| *q);
    let mut ranked: Vec<(Encoding, f32)> = Encoding::PREFERRED
        .into_iter()
        .filter_map(|encoding| {
            let q = match (find(encoding.name()), encoding) {
                (Some(q), _) => q,
                // Not mentioned, it is accepted, but anything that is mentioned was meant to come before it.
                (None, Encoding::Identity) => return Some((encoding, f32::MIN_POSITIVE)),
                (None, _) => find("*").unwrap_or(0.0),
            };
            (q > 0.0 || encoding == Encoding::Identity).then_some((encoding, q))
        })
        .collect();
    // Stable: among equals our own preference stays.
    ranked.sort_by(|(_, a), (_, b)| b.total_cmp(a));
    ranked.into_iter().map(|(encoding, _)| encoding).collect()
}

/// One element of the list: a name and how much it is wanted, 0 to 1.
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

/// Whether the request says that it has the content with this tag.
pub(super) fn has_already(headers: &HeaderMap, etag: &str) -> bool {
    headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(','))
        .map(str::trim)
        // A proxy that repacks content weakens the tag; for this question weak is enough.
        .any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepts(value: &str) -> Vec<Encoding> {
        let mut headers = HeaderMap::new();
        if !value.is_empty() {
            headers.insert(header::ACCEPT_ENCODING, value.parse().unwrap());
        }
        accepted(&headers)
    }

    #[test]
    fn encodings_are_ranked_by_wish_then_by_size() {
        use Encoding::{Brotli, Gzip, Identity};
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
    fn tags_match_in_lists_weak_or_strong() {
        let has = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::IF_NONE_MATCH, value.parse().unwrap());
            has_already(&headers, "\"abc\"")
        };
        assert!(has("\"abc\"") && has("\"x\", W/\"abc\"") && has("*"));
        assert!(!has("\"abcd\"") && !has("abc"));
        assert!(!has_already(&HeaderMap::new(), "\"abc\""));
    }
}
