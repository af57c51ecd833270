//! Origins of pages, and the addresses at which players reach the server: one form for each, so that they can be compared.

use std::{fmt, net::Ipv4Addr, str::FromStr};

use axum::http::Uri;

/// A page's origin as browsers compare it: scheme, host and port, in lower case, without the scheme's default port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(String);

impl Origin {
    /// Whether pages of this origin come by TLS.
    pub(super) fn is_https(&self) -> bool {
        self.0.starts_with("https://")
    }

    /// Whether this is a domain of the internet whose usual port speaks TLS.
    pub(super) fn is_secure_domain(&self) -> bool {
        let name = self.0.strip_prefix("https://").unwrap_or_default();
        // An address in brackets and a port have a colon, and a name in a LAN has often no dot.
        name.contains('.') && !name.contains(':') && name.parse::<Ipv4Addr>().is_err()
    }

    /// That of a server with this `Host` header, in which the default port may be written or left out.
    pub(super) fn is_of_host(&self, host: &str) -> bool {
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

impl PublicUrl {
    /// The origin of its pages.
    pub(super) fn origin(&self) -> &Origin {
        &self.origin
    }
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
}
