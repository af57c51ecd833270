//! Who a request's client is and what it asked for, by the headers that proxies add. Only headers that a trusted proxy has
//! added count; a client may have sent any of them itself.

use std::net::{IpAddr, SocketAddr};

use axum::http::HeaderMap;

use super::trusted::TrustedProxies;

/// One header line after the other; each proxy adds the address that its own client has.
const FOR: &str = "x-forwarded-for";
/// The host that the client asked for.
const HOST: &str = "x-forwarded-host";
/// `https` if the client's connection has TLS.
const PROTO: &str = "x-forwarded-proto";

/// The address of a request's client: that of the socket's `peer`, or, if this is a trusted proxy, the rightmost address in
/// `X-Forwarded-For` that is not one.
pub(super) fn client_address(peer: IpAddr, headers: &HeaderMap, trusted: &TrustedProxies) -> IpAddr {
    let mut client = peer.to_canonical();
    // From the nearest to the farthest: each address is true if the one that has added it is trusted.
    for entry in entries(headers, FOR) {
        if !trusted.contains(client) {
            break;
        }
        let Some(address) = address(entry) else { break };
        client = address;
    }
    client
}

/// Whether a client is named, truthfully or not.
pub(super) fn names_a_client(headers: &HeaderMap) -> bool {
    headers.contains_key(FOR)
}

/// The host that the client asked for, if a proxy that is trusted says it. The last, which this proxy has added itself.
pub(crate) fn host(headers: &HeaderMap) -> Option<&str> {
    entries(headers, HOST).next()
}

/// Whether the client's connection has TLS, if a proxy that is trusted says it.
pub(crate) fn has_tls(headers: &HeaderMap) -> Option<bool> {
    entries(headers, PROTO).next().map(|scheme| scheme.eq_ignore_ascii_case("https"))
}

/// The entries of a header, a comma-separated list that may span several lines, from the last to the first.
fn entries<'a>(headers: &'a HeaderMap, name: &str) -> impl Iterator<Item = &'a str> {
    // Each proxy adds a line or continues the last one. Split as bytes: what a client has sent need not be text.
    let lines = headers.get_all(name).iter().rev();
    let entries = lines.flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b','));
    entries.map(|entry| std::str::from_utf8(entry).unwrap_or_default().trim())
}

/// An address as proxies write it: some add the port.
fn address(entry: &str) -> Option<IpAddr> {
    let bare = entry.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(entry);
    let address = bare.parse().or_else(|_| entry.parse().map(|socket: SocketAddr| socket.ip()));
    address.ok().map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};
    use proptest::prelude::*;

    use super::*;

    fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
        lines
            .iter()
            .map(|(name, value)| {
                (HeaderName::from_static(name), HeaderValue::from_bytes(value.as_bytes()).expect("a value"))
            })
            .collect()
    }

    fn trusted() -> TrustedProxies {
        TrustedProxies::new(["10.0.0.0/8", "::1"].map(|network| network.parse().expect("a network")))
    }

    fn client(peer: &str, forwarded_for: &[&str]) -> String {
        let lines: Vec<_> = forwarded_for.iter().map(|line| (FOR, *line)).collect();
        client_address(peer.parse().expect("an address"), &headers(&lines), &trusted()).to_string()
    }

    #[test]
    fn client_is_the_rightmost_address_that_no_trusted_proxy_has() {
        for (peer, forwarded_for, expected) in [
            ("10.0.0.1", &["203.0.113.9"][..], "203.0.113.9"),
            // What the client sent itself stands left of what the proxy has added.
            ("10.0.0.1", &["198.51.100.1, 203.0.113.9"], "203.0.113.9"),
            ("10.0.0.1", &["198.51.100.1", "203.0.113.9"], "203.0.113.9"),
            ("10.0.0.1", &["203.0.113.9, 10.0.0.2,10.0.0.3"], "203.0.113.9"),
            ("10.0.0.1", &["203.0.113.9", "10.0.0.2"], "203.0.113.9"),
            ("10.0.0.1", &["2001:db8::7"], "2001:db8::7"),
            ("::1", &["[2001:db8::7]:4711"], "2001:db8::7"),
            ("::1", &["[2001:db8::7]"], "2001:db8::7"),
            ("::ffff:10.0.0.1", &["203.0.113.9:4711"], "203.0.113.9"),
            ("10.0.0.1", &["::ffff:203.0.113.9"], "203.0.113.9"),
            // All are proxies: the farthest is the client.
            ("10.0.0.1", &["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
            ("10.0.0.1", &[], "10.0.0.1"),
        ] {
            assert_eq!(client(peer, forwarded_for), expected, "{peer} {forwarded_for:?}");
        }
    }

    #[test]
    fn what_others_than_trusted_proxies_say_is_ignored() {
        assert_eq!(client("192.0.2.1", &["203.0.113.9"]), "192.0.2.1");
        assert_eq!(client("::ffff:192.0.2.1", &["203.0.113.9"]), "192.0.2.1");
    }

    #[test]
    fn nothing_behind_an_entry_that_is_no_address_counts() {
        for entry in ["unknown", "", "_hidden", "203.0.113.9 198.51.100.1", "\u{e9}", "999.1.1.1"] {
            assert_eq!(client("10.0.0.1", &[&format!("203.0.113.9, {entry}")]), "10.0.0.1", "{entry}");
            assert_eq!(client("10.0.0.1", &[&format!("203.0.113.9, {entry}, 10.0.0.2")]), "10.0.0.2");
        }
    }

    #[test]
    fn host_and_scheme_are_what_the_last_proxy_has_added() {
        let headers =
            headers(&[(HOST, "evil.example, play.example:8443"), (PROTO, "http"), (PROTO, "HTTPS")]);
        assert_eq!(host(&headers), Some("play.example:8443"));
        assert_eq!(has_tls(&headers), Some(true));
        assert!(host(&HeaderMap::new()).is_none() && has_tls(&HeaderMap::new()).is_none());
    }

    proptest! {
        #[test]
        fn client_behind_an_honest_proxy_cannot_be_forged(sent in "[ -~]{0,60}", last: [u8; 4]) {
            let real = IpAddr::from(last);
            prop_assume!(!trusted().contains(real));
            let line = format!("{sent}, {real}");
            prop_assert_eq!(client("10.0.0.1", &[&line]), real.to_string());
        }
    }
}
