//! How browsers reach the server: the addresses that players use, and whose pages may connect and embed the game.

use std::{fmt, net::SocketAddr, str::FromStr};

use axum::http::{HeaderValue, Uri};

use crate::engine::net::proxy::TrustedProxies;

/// Browsers may load and run only what this server serves. In `connect-src`, `'self'` covers the WebSocket of the same host.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; \
     style-src 'self'; connect-src 'self'; img-src 'self' data:; media-src 'self'; manifest-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors ";

/// A page's origin as browsers compare it: scheme, host and port, in lower case, without the scheme's default port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(String);

impl Origin {
    /// That of a server with this `Host` header, in which the default port may be written or left out.
    fn is_of_host(&self, host: &str) -> bool {
        let scheme = self.0.split("://").next().unwrap_or_default();
        format!("{scheme}://{host}").parse().is_ok_and(|origin: Self| origin == *self)
    }
}

impl FromStr for Origin {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (origin, path) = split(text)?;
        if path.is_empty() {
            Ok(origin)
        } else {
            Err(format!("expected nothing behind the host, as in {origin}"))
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where players reach the server, such as `https://play.example/game`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl {
    origin: Origin,
    /// Without a slash at its end.
    path: String,
}

impl FromStr for PublicUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (origin, path) = split(text)?;
        Ok(Self { origin, path: path.trim_end_matches('/').to_owned() })
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.origin, self.path)
    }
}

/// An absolute address as its origin and path.
fn split(text: &str) -> Result<(Origin, String), String> {
    let text = text.trim();
    let expected = || "expected an address such as https://play.example".to_owned();
    let uri: Uri = text.parse().map_err(|_| expected())?;
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else { return Err(expected()) };
    let default_port = match scheme {
        "http" => 80,
        "https" => 443,
        _ => return Err("expected an address that begins with http:// or https://".to_owned()),
    };
    let host = authority.host().to_ascii_lowercase();
    // Nothing else is in the name of a host, and a security policy may not hold it.
    if host.is_empty() || !host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_[]:".contains(&byte))
    {
        return Err(expected());
    }
    if authority.as_str().contains('@') || text.contains(['?', '#']) {
        return Err("expected an address without a user, a query or a fragment".to_owned());
    }
    let port = match authority.as_str()[authority.host().len()..].strip_prefix(':') {
        Some(port) => Some(port.parse().map_err(|_| expected())?),
        None => None,
    };
    let origin = match port.filter(|port: &u16| *port != default_port) {
        Some(port) => format!("{scheme}://{host}:{port}"),
        None => format!("{scheme}://{host}"),
    };
    // `Uri` has a path even if there is none.
    let path = text.split_once("://").and_then(|(_, rest)| rest.strip_prefix(authority.as_str()));
    Ok((Origin(origin), path.unwrap_or_default().to_owned()))
}

/// How browsers reach the server.
#[derive(Clone, Debug)]
pub struct Access {
    urls: Vec<PublicUrl>,
    /// Whose pages may connect, besides the server's own.
    origins: Vec<Origin>,
    /// Whose word counts about clients.
    pub(crate) proxies: TrustedProxies,
    /// The security policy of the pages.
    pub(super) policy: HeaderValue,
}

impl Default for Access {
    fn default() -> Self {
        Self::new(Vec::new(), &[], TrustedProxies::default())
    }
}

impl Access {
    /// Players reach the server at `urls`; pages of other `origins` may connect and embed the game.
    pub fn new(urls: Vec<PublicUrl>, origins: &[Origin], proxies: TrustedProxies) -> Self {
        let ancestors: Vec<_> = origins.iter().map(|origin| origin.0.as_str()).collect();
        let ancestors = if ancestors.is_empty() {
            "'none'".to_owned()
        } else {
            format!("'self' {}", ancestors.join(" "))
        };
        // An origin has only characters that a header may hold.
        let policy = HeaderValue::from_str(&format!("{CONTENT_SECURITY_POLICY}{ancestors}"))
            .unwrap_or(HeaderValue::from_static("default-src 'none'"));
        let origins = urls.iter().map(|url| &url.origin).chain(origins).cloned().collect();
        Self { urls, origins, proxies, policy }
    }

    /// Where players open the game: at the public addresses, or, if the operator names none, at the server's own.
    pub fn entrances(&self, own: SocketAddr, has_tls: bool) -> Vec<String> {
        if self.urls.is_empty() {
            vec![format!("{}://{own}", if has_tls { "https" } else { "http" })]
        } else {
            self.urls.iter().map(ToString::to_string).collect()
        }
    }

    /// Whether a page of this origin may connect to a server that it reaches as `host`.
    pub(super) fn admits(&self, origin: &str, host: &str) -> bool {
        origin.parse().is_ok_and(|origin: Origin| self.origins.contains(&origin) || origin.is_of_host(host))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(text: &str) -> Origin {
        text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    #[test]
    fn origin_has_one_form() {
        for (text, expected) in [
            ("https://Play.Example", "https://play.example"),
            ("https://play.example:443", "https://play.example"),
            ("http://play.example:80", "http://play.example"),
            ("http://play.example:443", "http://play.example:443"),
            ("http://[::1]:8080", "http://[::1]:8080"),
            (" https://play.example ", "https://play.example"),
        ] {
            assert_eq!(origin(text).to_string(), expected);
        }
        for text in [
            "",
            "null",
            "file://",
            "play.example",
            "ftp://play.example",
            "https://",
            "https://a@play.example",
            "https://play.example/",
            "https://play.example?x",
            "https://play.example#x",
            "https://play.example:99999",
            "*",
        ] {
            assert!(text.parse::<Origin>().is_err(), "{text}");
        }
    }

    #[test]
    fn public_url_may_have_a_path() {
        for (text, expected) in [
            ("https://play.example", "https://play.example"),
            ("https://play.example/", "https://play.example"),
            ("http://play.example:8080/game/", "http://play.example:8080/game"),
        ] {
            let url: PublicUrl = text.parse().expect(text);
            assert_eq!(url.to_string(), expected);
        }
        let error = "play.example".parse::<PublicUrl>().expect_err("no scheme");
        assert!(error.contains("https://play.example"), "{error}");
    }

    #[test]
    fn pages_of_the_host_of_public_urls_and_of_allowed_origins_are_admitted() {
        let urls = vec!["https://play.example/game/".parse().expect("a URL")];
        let access = Access::new(urls, &[origin("https://portal.example")], TrustedProxies::default());
        for (page, host, is_admitted) in [
            ("https://play.example", "10.0.0.1:8080", true),
            ("https://PORTAL.example:443", "10.0.0.1:8080", true),
            ("http://10.0.0.1:8080", "10.0.0.1:8080", true),
            ("http://play.example", "10.0.0.1:8080", false),
            ("https://play.example.evil.example", "10.0.0.1:8080", false),
            ("https://evil.example", "play.example", false),
            ("null", "play.example", false),
        ] {
            assert_eq!(access.admits(page, host), is_admitted, "{page} at {host}");
        }
    }

    #[test]
    fn only_allowed_origins_may_embed_the_page() {
        let policy = |access: &Access| access.policy.to_str().expect("text").to_owned();
        assert!(policy(&Access::default()).ends_with("frame-ancestors 'none'"));
        let access = Access::new(Vec::new(), &[origin("https://portal.example")], TrustedProxies::default());
        assert!(policy(&access).ends_with("frame-ancestors 'self' https://portal.example"));
    }
}
