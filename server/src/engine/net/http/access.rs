//! How browsers reach the server: the addresses that players use, and whose pages may connect and embed the game.

use std::{
    net::SocketAddr,
    sync::{Arc, PoisonError, RwLock},
};

use axum::http::HeaderValue;

use super::{
    origin::{Origin, PublicUrl},
    page_facts::PageFacts,
};
use crate::engine::net::proxy::TrustedProxies;

/// Browsers may load and run only what this server serves. In `connect-src`, `'self'` covers the WebSocket of the same host.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; \
     style-src 'self'; connect-src 'self'; img-src 'self' data:; media-src 'self'; manifest-src 'self'; \
     base-uri 'none'; form-action 'none'";
/// For the page of an overloaded server. Its style is inline, so that it costs the server one request.
const OVERLOADED_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'";

/// How browsers reach the server.
#[derive(Clone, Debug)]
pub struct Access {
    urls: Vec<PublicUrl>,
    /// Whose pages may connect, besides the server's own.
    origins: Vec<Origin>,
    /// Whose pages may show the game in a frame, besides the server's own.
    framers: Vec<Origin>,
    /// Those of them that the game listens to.
    embedders: Vec<Origin>,
    /// Whose word counts about clients.
    pub(crate) proxies: TrustedProxies,
    /// The other nodes of a cluster.
    nodes: Arc<Nodes>,
    /// The security policy of all responses but the following.
    policy: HeaderValue,
    /// That of the page of an overloaded server.
    pub(super) overloaded_policy: HeaderValue,
}

/// Nodes of a cluster: their pages may connect here, and a page of this one may connect there.
#[derive(Debug, Default)]
struct Nodes(RwLock<(Vec<Origin>, Option<HeaderValue>)>);

/// Whether a request's socket has TLS, as an extension of the request.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct TransportSecurity {
    pub(super) is_tls: bool,
    /// Whether the handshake was for a host that is [for TLS only](Access::is_for_tls_only).
    pub(super) is_for_tls_only: bool,
}

/// How a request says that it has reached the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reached<'a> {
    /// Host and port, as in the header `Host`.
    pub(super) host: &'a str,
    /// Whether the client's connection has TLS. `None` if a proxy may have ended it without saying so.
    pub(super) has_tls: Option<bool>,
}

impl Default for Access {
    fn default() -> Self {
        Self::new(Vec::new(), &[], TrustedProxies::default())
    }
}

impl Access {
    /// Players reach the server at `urls`; pages of other `origins` may connect and embed the game.
    pub fn new(urls: Vec<PublicUrl>, origins: &[Origin], proxies: TrustedProxies) -> Self {
        let framers = origins.to_vec();
        let (policy, overloaded_policy) = policies(&framers);
        let origins = urls.iter().map(PublicUrl::origin).chain(origins).cloned().collect();
        let (embedders, nodes) = (Vec::new(), Arc::default());
        Self { urls, origins, framers, embedders, proxies, nodes, policy, overloaded_policy }
    }

    /// Pages of `origins` may embed the game too, and tell it what a portal may. They may not connect: the page in the frame does,
    /// which is the server's own. To be called before there are [nodes](Self::set_nodes).
    #[must_use]
    pub fn embedded_by(mut self, origins: &[Origin]) -> Self {
        for origin in origins {
            for list in [&mut self.framers, &mut self.embedders] {
                if !list.contains(origin) {
                    list.push(origin.clone());
                }
            }
        }
        (self.policy, self.overloaded_policy) = policies(&self.framers);
        self
    }

    /// What the page says of this.
    pub(in crate::engine::net) fn page_facts(&self) -> PageFacts {
        PageFacts {
            address: self.urls.first().map_or_else(String::new, |url| format!("{url}/")),
            embed_origins: spaced(&self.embedders),
        }
    }

    /// The nodes of the cluster are at these URLs now.
    pub fn set_nodes(&self, urls: &[PublicUrl]) {
        let origins: Vec<_> = urls.iter().map(|url| url.origin().clone()).collect();
        // An origin has only characters that a header may hold.
        let sources: String = origins
            .iter()
            .map(|origin| origin.to_string())
            .map(|origin| format!(" {origin} {}", origin.replacen("http", "ws", 1)))
            .collect();
        let policy =
            self.policy.to_str().ok().map(|policy| {
                policy.replacen("connect-src 'self'", &format!("connect-src 'self'{sources}"), 1)
            });
        let policy = policy.and_then(|policy| HeaderValue::from_str(&policy).ok());
        *self.nodes.0.write().unwrap_or_else(PoisonError::into_inner) = (origins, policy);
    }

    /// The security policy of most responses.
    pub(super) fn policy(&self) -> HeaderValue {
        let nodes = self.nodes.0.read().unwrap_or_else(PoisonError::into_inner);
        nodes.1.clone().unwrap_or_else(|| self.policy.clone())
    }

    /// Whether this is a page of a node of the cluster.
    pub(super) fn is_of_node(&self, origin: &str) -> bool {
        let nodes = self.nodes.0.read().unwrap_or_else(PoisonError::into_inner);
        !nodes.0.is_empty() && origin.parse::<Origin>().is_ok_and(|origin| nodes.0.contains(&origin))
    }

    /// Where players open the game: at the public addresses, or, if the operator names none, at the server's own.
    pub fn entrances(&self, own: SocketAddr, has_tls: bool) -> Vec<String> {
        if self.urls.is_empty() {
            vec![format!("{}://{own}", if has_tls { "https" } else { "http" })]
        } else {
            self.urls.iter().map(ToString::to_string).collect()
        }
    }

    /// Whether a page of this origin may connect to a server that it has reached so.
    ///
    /// The origin that was reached counts only while the operator names no public URL: a page of any host name that its owner
    /// lets point to this server has that origin too (DNS rebinding).
    pub(super) fn admits(&self, origin: &str, reached: Reached<'_>) -> bool {
        let Ok(origin) = origin.parse::<Origin>() else { return false };
        let is_own = || {
            origin.is_of_host(reached.host)
                && reached.has_tls.is_none_or(|has_tls| has_tls == origin.is_https())
        };
        let is_of_node = || self.nodes.0.read().unwrap_or_else(PoisonError::into_inner).0.contains(&origin);
        self.origins.contains(&origin) || is_of_node() || self.urls.is_empty() && is_own()
    }

    /// The public URLs, for a page that may not connect; empty if there are none.
    pub(super) fn public_urls(&self) -> String {
        self.urls.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    }

    /// Whether browsers may be told to use nothing but TLS for this host, whatever its port and for a long time: if the operator
    /// says that it is a domain whose usual port speaks TLS. A name in a LAN, `localhost` or a host with other services on other
    /// ports would no longer be reached without.
    pub(crate) fn is_for_tls_only(&self, host: &str) -> bool {
        self.urls
            .iter()
            .map(PublicUrl::origin)
            .any(|origin| origin.is_secure_domain() && origin.is_of_host(host))
    }
}

/// The security policies of most responses and of an overloaded server's page, which pages of `framers` may show in a frame.
fn policies(framers: &[Origin]) -> (HeaderValue, HeaderValue) {
    let ancestors =
        if framers.is_empty() { "'none'".to_owned() } else { format!("'self' {}", spaced(framers)) };
    // An origin has only characters that a header may hold.
    let policy = |rules: &str| {
        HeaderValue::from_str(&format!("{rules}; frame-ancestors {ancestors}"))
            .unwrap_or(HeaderValue::from_static("default-src 'none'"))
    };
    (policy(PAGE_POLICY), policy(OVERLOADED_POLICY))
}

fn spaced(origins: &[Origin]) -> String {
    origins.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(text: &str) -> Origin {
        text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    fn access(urls: &[&str], origins: &[&str]) -> Access {
        let urls = urls.iter().map(|url| url.parse().expect("a URL")).collect();
        let origins: Vec<_> = origins.iter().map(|text| origin(text)).collect();
        Access::new(urls, &origins, TrustedProxies::default())
    }

    #[test]
    fn pages_of_public_urls_and_of_allowed_origins_are_admitted_and_no_others() {
        let access =
            access(&["https://play.example/game/", "http://192.0.2.7:8080"], &["https://portal.example"]);
        for (page, host, is_admitted) in [
            ("https://play.example", "10.0.0.1:8080", true),
            ("https://PORTAL.example:443", "10.0.0.1:8080", true),
            ("http://192.0.2.7:8080", "192.0.2.7:8080", true),
            ("http://play.example", "10.0.0.1:8080", false),
            ("https://play.example.evil.example", "10.0.0.1:8080", false),
            ("https://evil.example", "play.example", false),
            ("null", "play.example", false),
            // A name of an attacker that points to this server.
            ("http://evil.example:8080", "evil.example:8080", false),
            ("http://10.0.0.1:8080", "10.0.0.1:8080", false),
        ] {
            let is = access.admits(page, Reached { host, has_tls: None });
            assert_eq!(is, is_admitted, "{page} at {host}");
        }
    }

    #[test]
    fn without_a_public_url_pages_of_the_host_that_was_reached_are_admitted() {
        for (page, host, has_tls, is_admitted) in [
            ("http://192.168.1.5:8080", "192.168.1.5:8080", Some(false), true),
            ("http://192.168.1.5:8080", "192.168.1.5:8080", None, true),
            ("https://192.168.1.5:8080", "192.168.1.5:8080", Some(true), true),
            ("https://play.example", "play.example", None, true),
            // Another scheme is another origin.
            ("http://play.example:8443", "play.example:8443", Some(true), false),
            ("https://play.example", "play.example", Some(false), false),
            ("http://play.example", "other.example", None, false),
        ] {
            let is = access(&[], &[]).admits(page, Reached { host, has_tls });
            assert_eq!(is, is_admitted, "{page} at {host}, {has_tls:?}");
        }
    }

    #[test]
    fn only_allowed_origins_may_embed_the_pages() {
        for (access, ancestors) in [
            (Access::default(), "frame-ancestors 'none'"),
            (access(&[], &["https://portal.example"]), "frame-ancestors 'self' https://portal.example"),
            (
                access(&[], &["https://portal.example"])
                    .embedded_by(&[origin("https://arcade.example"), origin("https://portal.example")]),
                "frame-ancestors 'self' https://portal.example https://arcade.example",
            ),
        ] {
            for policy in [&access.policy, &access.overloaded_policy] {
                let policy = policy.to_str().expect("text");
                assert!(policy.ends_with(&format!("; {ancestors}")), "{policy}");
            }
        }
    }

    #[test]
    fn pages_that_embed_the_game_may_not_connect_and_are_named_on_the_page() {
        let access = access(&["https://play.example/game"], &["https://friend.example"])
            .embedded_by(&[origin("https://arcade.example")]);
        let reached = Reached { host: "play.example", has_tls: Some(true) };
        assert!(!access.admits("https://arcade.example", reached));
        assert!(access.admits("https://friend.example", reached));
        let facts = access.page_facts();
        assert_eq!(facts.embed_origins, "https://arcade.example");
        assert_eq!(facts.address, "https://play.example/game/");
        assert_eq!(Access::default().page_facts(), PageFacts::default());
    }

    #[test]
    fn only_domains_of_public_urls_at_the_usual_port_are_for_tls_only() {
        let urls = [
            "https://play.example/game",
            "https://other.example:8443",
            "http://plain.example",
            "https://192.0.2.7",
            "https://[2001:db8::1]",
            "https://localhost",
            "https://box",
        ];
        let access = access(&urls, &["https://portal.example"]);
        for host in ["play.example", "PLAY.example:443"] {
            assert!(access.is_for_tls_only(host), "{host}");
        }
        for host in [
            "play.example:8080",
            "other.example:8443",
            "other.example",
            "plain.example",
            "192.0.2.7",
            "[2001:db8::1]",
            "localhost",
            "box",
            "portal.example",
            "unknown.example",
            "",
        ] {
            assert!(!access.is_for_tls_only(host), "{host}");
        }
    }
}
