//! Who a node is: a name that is unique in the cluster, and a number of the process that has the name now.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Longest name of a node or a region, in bytes.
pub(super) const NAME_BYTES_MAX: usize = 32;

/// The name of a node or of a region: what may be a key and a part of a subject of NATS.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct NodeName(String);

impl NodeName {
    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The host's name with a random suffix, so that no two nodes have the same by default.
    pub fn of_host(host: &str, random: u32) -> Self {
        let known: String =
            host.chars().filter(|letter| is_known(*letter)).take(NAME_BYTES_MAX - 9).collect();
        let host = if known.is_empty() { "node" } else { &known };
        Self(format!("{host}-{random:08x}"))
    }
}

fn is_known(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '-' || letter == '_'
}

impl FromStr for NodeName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if (1..=NAME_BYTES_MAX).contains(&text.len()) && text.chars().all(is_known) {
            Ok(Self(text.to_owned()))
        } else {
            Err(format!("expected 1 to {NAME_BYTES_MAX} letters, digits, hyphens and underscores"))
        }
    }
}

impl TryFrom<String> for NodeName {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<NodeName> for String {
    fn from(name: NodeName) -> Self {
        name.0
    }
}

impl fmt::Display for NodeName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// The process that has a name: a random number, as 16 digits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(super) struct Incarnation(u64);

impl Incarnation {
    pub(super) fn random() -> Self {
        Self(rand::random())
    }
}

impl TryFrom<String> for Incarnation {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let number = (text.len() == 16).then(|| u64::from_str_radix(&text, 16).ok()).flatten();
        number.map(Self).ok_or_else(|| "expected 16 hexadecimal digits".to_owned())
    }
}

impl From<Incarnation> for String {
    fn from(incarnation: Incarnation) -> Self {
        incarnation.to_string()
    }
}

impl fmt::Display for Incarnation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:016x}", self.0)
    }
}

/// The address of a NATS server, which may hold a password.
#[derive(Clone, PartialEq, Eq)]
pub struct NatsUrl(async_nats::ServerAddr);

impl NatsUrl {
    pub(super) fn address(&self) -> async_nats::ServerAddr {
        self.0.clone()
    }
}

impl FromStr for NatsUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let expected = || "expected an address such as nats://10.0.0.1:4222".to_owned();
        if !["nats://", "tls://"].iter().any(|scheme| text.starts_with(scheme)) {
            return Err(expected());
        }
        let address: async_nats::ServerAddr = text.parse().map_err(|_| expected())?;
        if address.host().is_empty() { Err(expected()) } else { Ok(Self(address)) }
    }
}

/// Without its user and password.
impl fmt::Display for NatsUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}://{}:{}", self.0.scheme(), self.0.host(), self.0.port())
    }
}

impl fmt::Debug for NatsUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "NatsUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_that_could_be_another_subject_is_refused() {
        for text in ["", "a.b", "*", "a>", "a b", "ä", &"x".repeat(33)] {
            assert!(text.parse::<NodeName>().is_err(), "{text}");
        }
        assert_eq!("eu_1-b".parse::<NodeName>().map(String::from), Ok("eu_1-b".to_owned()));
        assert_eq!(NodeName::of_host("games.example.org", 0xab).as_str(), "gamesexampleorg-000000ab");
        assert!(NodeName::of_host(&"x".repeat(90), 1).as_str().parse::<NodeName>().is_ok());
        assert_eq!(NodeName::of_host("火", 1).as_str(), "node-00000001");
    }

    #[test]
    fn password_of_nats_is_not_shown() {
        let url: NatsUrl = "nats://ada:secret@10.0.0.1".parse().expect("an address");
        assert_eq!(url.to_string(), "nats://10.0.0.1:4222");
        assert!(!format!("{url:?}").contains("secret"));
        for text in ["", "10.0.0.1", "http://10.0.0.1", "nats://"] {
            assert!(text.parse::<NatsUrl>().is_err(), "{text}");
        }
    }
}
