//! The proxies whose word counts: networks that the operator names.

use std::{net::IpAddr, str::FromStr};

use ipnet::IpNet;

/// Bits before the IPv4 address in an IPv6 address that stands for one (RFC 4291, section 2.5.5.2).
const MAPPED_BITS: u8 = 96;

/// Networks of proxies that say truthfully who their clients are. None by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<IpNet>);

impl TrustedProxies {
    /// Trusts all of these.
    pub fn new(networks: impl IntoIterator<Item = Self>) -> Self {
        Self(networks.into_iter().flat_map(|each| each.0).collect())
    }

    /// Whether a proxy has this address. An IPv4 address is the same in its IPv6 form, as a socket that listens to both
    /// reports it.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }
}

impl FromStr for TrustedProxies {
    type Err = String;

    /// One network such as `10.0.0.0/8` or `fd00::/8`, or one address. A network of IPv4 addresses may have its IPv6 form.
    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let network = text.parse().or_else(|_| text.parse().map(|address: IpAddr| IpNet::from(address)));
        match network {
            Ok(network) => Ok(Self(vec![canonical(network)])),
            Err(_) => Err("expected an address or a network such as 10.0.0.0/8 or fd00::/8".to_owned()),
        }
    }
}

/// The same network in the form in which addresses are compared: `10.0.0.0/8` for `::ffff:10.0.0.0/104`.
fn canonical(network: IpNet) -> IpNet {
    let bits = network.prefix_len().checked_sub(MAPPED_BITS).filter(|_| network.addr().is_ipv6());
    match (network.addr().to_canonical(), bits) {
        (address @ IpAddr::V4(_), Some(bits)) => IpNet::new(address, bits).unwrap_or(network),
        _ => network,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trusted(networks: &[&str]) -> TrustedProxies {
        TrustedProxies::new(networks.iter().map(|network| network.parse().expect("a network")))
    }

    #[test]
    fn only_addresses_in_a_named_network_are_trusted() {
        let trusted = trusted(&["10.0.0.0/8", "192.0.2.7", "fd00::/8", " ::1 "]);
        for (address, is_trusted) in [
            ("10.255.0.1", true),
            ("::ffff:10.1.2.3", true),
            ("11.0.0.1", false),
            ("192.0.2.7", true),
            ("192.0.2.8", false),
            ("fd12::1", true),
            ("fe80::1", false),
            ("::1", true),
        ] {
            assert_eq!(trusted.contains(address.parse().expect("an address")), is_trusted, "{address}");
        }
        assert!(!TrustedProxies::default().contains(IpAddr::from([127, 0, 0, 1])));
    }

    #[test]
    fn network_of_ipv4_addresses_may_have_its_ipv6_form() {
        for (network, address, is_trusted) in [
            ("::ffff:10.0.0.0/104", "10.255.0.1", true),
            ("::ffff:10.0.0.0/104", "::ffff:10.255.0.1", true),
            ("::ffff:10.0.0.0/104", "11.0.0.1", false),
            ("::ffff:192.0.2.7", "192.0.2.7", true),
            ("::ffff:192.0.2.7", "192.0.2.8", false),
            ("::ffff:0:0/96", "198.51.100.1", true),
            // All of IPv6, and no IPv4.
            ("::/0", "198.51.100.1", false),
            ("::/0", "2001:db8::1", true),
        ] {
            let is = trusted(&[network]).contains(address.parse().expect("an address"));
            assert_eq!(is, is_trusted, "{address} in {network}");
        }
    }

    #[test]
    fn faulty_network_is_an_error_that_shows_one() {
        for text in ["", "10.0.0.0/33", "localhost", "10.0.0", "fd00::/129", "10.0.0.0/8,::1"] {
            let error = text.parse::<TrustedProxies>().expect_err(text);
            assert!(error.contains("10.0.0.0/8"), "{error}");
        }
    }
}
