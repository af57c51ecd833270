//! The proxies whose word counts: networks that the operator names.

use std::{net::IpAddr, str::FromStr};

use ipnet::IpNet;

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

    /// One network such as `10.0.0.0/8` or `fd00::/8`, or one address.
    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let network = text.parse().or_else(|_| text.parse().map(|address: IpAddr| IpNet::from(address)));
        match network {
            Ok(network) => Ok(Self(vec![network])),
            Err(_) => Err("expected an address or a network such as 10.0.0.0/8 or fd00::/8".to_owned()),
        }
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
    fn faulty_network_is_an_error_that_shows_one() {
        for text in ["", "10.0.0.0/33", "localhost", "10.0.0", "fd00::/129", "10.0.0.0/8,::1"] {
            let error = text.parse::<TrustedProxies>().expect_err(text);
            assert!(error.contains("10.0.0.0/8"), "{error}");
        }
    }
}
