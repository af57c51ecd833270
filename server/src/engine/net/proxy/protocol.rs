//! The PROXY protocol, versions 1 and 2: a header before a connection's first byte, in which a proxy that forwards TCP says
//! who its client is. Bytes arrive in parts of any size.

use std::net::IpAddr;

use proxy_header::{Error, ParseConfig, ProxyHeader};

/// How a header of version 1 begins.
const SIGNATURE_1: &[u8] = b"PROXY ";
/// How a header of version 2 begins. No request does.
const SIGNATURE_2: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";
/// What stands behind it for a connection of the proxy's own.
const LOCAL_2: u8 = 0x20;

/// What a connection's first bytes are.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Opening {
    /// No PROXY header.
    Other,
    /// Perhaps a PROXY header, if more bytes show it.
    Unknown,
    /// The beginning of a PROXY header.
    Incomplete,
    /// A PROXY header of this length.
    Header { source: Source, length: usize },
    /// A faulty PROXY header.
    Invalid,
}

/// Whose connection it is, by a PROXY header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// Of a client with this address.
    Client(IpAddr),
    /// The proxy's own, as for a health check (`LOCAL`).
    Proxy,
    /// Of a client whose address the proxy does not know or cannot say: `UNKNOWN`, or no address of the internet.
    Unknown,
}

/// Classifies the first bytes of a connection, all that have been received.
pub(crate) fn opening(bytes: &[u8]) -> Opening {
    let begins = |signature: &[u8]| {
        let common = bytes.len().min(signature.len());
        bytes[..common] == signature[..common]
    };
    if !begins(SIGNATURE_1) && !begins(SIGNATURE_2) {
        return Opening::Other;
    }
    if !bytes.starts_with(SIGNATURE_1) && !bytes.starts_with(SIGNATURE_2) {
        return Opening::Unknown;
    }
    let config = ParseConfig { include_tlvs: false, ..ParseConfig::default() };
    match ProxyHeader::parse(bytes, config) {
        Ok((header, length)) => {
            let is_local = bytes.strip_prefix(SIGNATURE_2).is_some_and(|rest| rest.first() == Some(&LOCAL_2));
            let source = match header.proxied_address() {
                Some(proxied) => Source::Client(proxied.source.ip()),
                None if is_local => Source::Proxy,
                None => Source::Unknown,
            };
            Opening::Header { source, length }
        }
        Err(Error::BufferTooShort) => Opening::Incomplete,
        Err(_) => Opening::Invalid,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const REQUEST: &[u8] = b"GET / HTTP/1.1\r\n\r\n";

    fn version_2(command: u8, family: u8, body: &[u8]) -> Vec<u8> {
        let length = u16::try_from(body.len()).expect("a short body").to_be_bytes();
        [SIGNATURE_2, &[0x20 | command, family], &length, body].concat()
    }

    fn headers() -> Vec<(Vec<u8>, Source)> {
        let client = Source::Client([203, 0, 113, 9].into());
        let ipv6 = IpAddr::from([0x2001, 0xdb8, 0, 0, 0, 0, 0, 7]);
        let ports = [0x12, 0x34, 0, 80];
        let ipv4_body = [&[203, 0, 113, 9, 10, 0, 0, 1][..], &ports].concat();
        let IpAddr::V6(octets) = ipv6 else { unreachable!() };
        let ipv6_body = [&octets.octets()[..], &[0; 16], &ports].concat();
        vec![
            (b"PROXY TCP4 203.0.113.9 10.0.0.1 4660 80\r\n".to_vec(), client),
            (b"PROXY TCP6 2001:db8::7 ::1 4660 80\r\n".to_vec(), Source::Client(ipv6)),
            (b"PROXY UNKNOWN\r\n".to_vec(), Source::Unknown),
            (version_2(1, 0x11, &ipv4_body), client),
            (version_2(1, 0x21, &ipv6_body), Source::Client(ipv6)),
            // With a further value, which HAProxy may add.
            (version_2(1, 0x11, &[&ipv4_body[..], &[4, 0, 1, 0]].concat()), client),
            // A health check of the proxy's own, which may also name addresses; a client on a Unix socket, and one of an
            // unknown kind.
            (version_2(0, 0, &[]), Source::Proxy),
            (version_2(0, 0x11, &ipv4_body), Source::Proxy),
            (version_2(1, 0x31, &[0; 216]), Source::Unknown),
            (version_2(1, 0, &[]), Source::Unknown),
        ]
    }

    #[test]
    fn header_is_found_whole_however_it_arrives() {
        for (header, source) in headers() {
            let all = [&header[..], REQUEST].concat();
            assert_eq!(opening(&all), Opening::Header { source, length: header.len() });
            for end in 1..header.len() {
                let found = opening(&header[..end]);
                assert!(matches!(found, Opening::Unknown | Opening::Incomplete), "{end}: {found:?}");
            }
        }
    }

    #[test]
    fn requests_are_no_headers() {
        for bytes in
            [REQUEST, b"POST / HTTP/1.1\r\n", b"PRI * HTTP/2.0\r\n", b"\r\nGET /", b"\r\n\r\nGET", b"\x16"]
        {
            assert_eq!(opening(bytes), Opening::Other, "{bytes:?}");
        }
        for bytes in [&b"P"[..], b"\r", b"\r\n\r\n", b""] {
            assert_eq!(opening(bytes), Opening::Unknown, "{bytes:?}");
        }
    }

    #[test]
    fn faulty_header_is_invalid() {
        for bytes in [
            &b"PROXY TCP4 203.0.113.999 10.0.0.1 1 2\r\n"[..],
            b"PROXY UDP4 203.0.113.9 10.0.0.1 1 2\r\n",
            &[b"PROXY UNKNOWN ", &[b'x'; 200][..]].concat(),
            &version_2(3, 0x11, &[0; 12]),
            &version_2(1, 0x44, &[0; 12]),
            // Shorter than its addresses; the request goes on where they should be.
            &[&version_2(1, 0x11, &[])[..], REQUEST].concat(),
        ] {
            assert_eq!(opening(bytes), Opening::Invalid, "{bytes:?}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_classified(rest: Vec<u8>, signature in 0..3_usize) {
            let bytes = [[SIGNATURE_1, SIGNATURE_2, &[]][signature], &rest].concat();
            if let Opening::Header { length, .. } = opening(&bytes) {
                prop_assert!(length <= bytes.len());
            }
        }
    }
}
