//! Where the server is, from what was typed.

use std::{
    fmt,
    io::{Error, ErrorKind},
    str::FromStr,
};

/// A `ws://` address, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// Host and port.
    pub authority: String,
    /// Path, from its slash on.
    pub path: String,
}

/// Why a text is no address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Another scheme, or none.
    #[error("an address looks like ws://127.0.0.1:8080 (ws, not wss: neither bots nor links speak TLS)")]
    Scheme,
    /// Nothing between the slashes.
    #[error("the address names no host: write ws://127.0.0.1:8080")]
    Host,
}

impl Address {
    /// Why nobody answers there, in words that help.
    pub(crate) fn refusal(&self, error: &Error) -> String {
        match error.kind() {
            ErrorKind::ConnectionRefused => {
                format!("refused: no server at {self}: start one with `cargo xtask play`")
            }
            ErrorKind::QuotaExceeded => format!("refused: {error}: raise the limit with `ulimit -n`"),
            _ => format!("refused: {error}"),
        }
    }
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let rest = text
            .strip_prefix("ws://")
            .or_else(|| text.strip_prefix("http://"))
            .ok_or(AddressError::Scheme)?;
        let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
        if authority.is_empty() {
            return Err(AddressError::Host);
        }
        // A colon inside brackets belongs to an IPv6 address.
        let has_port = authority
            .rsplit_once(':')
            .is_some_and(|(_, port)| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()));
        let port = if has_port { "" } else { ":80" };
        Ok(Self {
            authority: format!("{authority}{port}"),
            path: if path.len() > 1 { path } else { "/ws" }.to_owned(),
        })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ws://{}{}", self.authority, self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_left_out_is_filled_in() {
        let full = |text: &str| text.parse::<Address>().map(|address| address.to_string());
        assert_eq!(full("ws://localhost:8080"), Ok("ws://localhost:8080/ws".into()));
        assert_eq!(full("http://localhost:8080/"), Ok("ws://localhost:8080/ws".into()));
        assert_eq!(full("ws://localhost:8080/ws/ruins"), Ok("ws://localhost:8080/ws/ruins".into()));
        assert_eq!(full("ws://[::1]:9/x?y"), Ok("ws://[::1]:9/x?y".into()));
        assert_eq!(full("ws://[::1]"), Ok("ws://[::1]:80/ws".into()));
        assert_eq!(full("wss://a:1"), Err(AddressError::Scheme));
        assert_eq!(full("ws:///ws"), Err(AddressError::Host));
    }
}
