//! The table of error responses in `shared/PROTOCOL.md` is that of the code: each refusal of a handshake has its row with its status
//! and headers, and each row has its refusal. A new refusal does not compile until its row is added here.

use std::collections::BTreeSet;

use axum::http::HeaderMap;
use strum::IntoEnumIterator;

use super::{
    preflight::{HEAD_BYTES_MAX, HEADERS_MAX, PreflightError},
    refusal::Refusal,
};
use crate::engine::net::limits::Limits;

const DOCUMENT: &str = include_str!("../../../../../shared/PROTOCOL.md");

/// What a handshake can get instead of 101.
struct Documented {
    /// The row's second cell.
    why: String,
    /// What the text tells the client's author or the operator.
    tells: &'static str,
    status: u16,
    headers: HeaderMap,
    text: String,
}

/// Whether only requests about rooms are refused like this. They have a table of their own.
fn is_about_rooms(refusal: &Refusal) -> bool {
    refusal.label().contains("room") || matches!(refusal, Refusal::Seat(_))
}

/// The row of a refusal, and what its text tells; `None` for what only the feed, a room or records refuse, which have sections of their
/// own.
fn row(refusal: &Refusal) -> Option<(&'static str, &'static str)> {
    Some(match refusal {
        Refusal::Topic { .. } | Refusal::Subscribers => return None,
        Refusal::Room
        | Refusal::NoRooms
        | Refusal::Rooms
        | Refusal::RoomsOfNetwork(_)
        | Refusal::RoomRequest(_)
        | Refusal::RoomFile(_)
        | Refusal::RoomTooBig
        | Refusal::RoomLink
        | Refusal::RoomKey
        | Refusal::RoomChange(_)
        | Refusal::RoomBusy
        | Refusal::RoomMoving
        | Refusal::RoomNotNow
        | Refusal::Seat(_)
        | Refusal::RoomFailed => return None,
        Refusal::NoRecords
        | Refusal::RecordsQuery(_)
        | Refusal::RecordsDelayed
        | Refusal::NoIdentity
        | Refusal::Identity(_) => return None,
        Refusal::Sockets => ("too many open connections", "retry later"),
        Refusal::TooManyRequests => {
            ("too many requests from your network; the connection is closed", "retry in 10 s")
        }
        Refusal::Method => ("not GET", "GET"),
        Refusal::HttpVersion => ("not HTTP/1.1", "proxy_http_version 1.1"),
        Refusal::NoUpgrade => ("no `Upgrade: websocket`", "Upgrade: websocket"),
        Refusal::NoConnectionUpgrade => ("no `Connection: Upgrade`", "Connection: Upgrade"),
        Refusal::WebSocketVersion => ("`Sec-WebSocket-Version` is not 13", "Sec-WebSocket-Version: 13"),
        Refusal::Body => ("a body", "no body"),
        Refusal::Key => ("`Sec-WebSocket-Key` is missing, invalid or repeated", "16 random bytes in base64"),
        Refusal::Subprotocol(_) => ("none of the requested subprotocols is known", "emberdrift.json"),
        Refusal::TooManyFromNetwork => {
            ("behind a trusted proxy: too many open connections from your network", "close some")
        }
        Refusal::NoTls => ("`ws://` at a port with TLS; without `Upgrade` it is 308", "wss://"),
        Refusal::Host => ("no `Host`, or more than one", "Host"),
        Refusal::Origin { .. } => {
            ("the origin is not accepted (see the origin rule); the text names the flag", "--public-url")
        }
        Refusal::Arena { .. } => ("no arena of that name; the text lists the arenas", "the arenas are"),
        Refusal::NotUpgradable => ("the connection cannot be upgraded", "upgraded"),
        Refusal::ShuttingDown => ("the server is shutting down", "shutting down"),
        Refusal::Overloaded => ("the server is overloaded and admits no new clients", "retry in 10 s"),
    })
}

/// The same for a head that is refused before it is a request.
fn row_of_head(error: &PreflightError) -> (String, &'static str) {
    match error {
        PreflightError::TooSlow(_) => {
            let most = Limits::for_players(1).http_head_timeout.as_secs();
            (format!("the request head did not arrive within {most} s"), "at once")
        }
        PreflightError::TooLong | PreflightError::TooMany => {
            (format!("a head of more than {HEAD_BYTES_MAX} bytes or {HEADERS_MAX} headers"), "fewer")
        }
        PreflightError::Tls => ("not HTTP, or TLS at a port without it".to_owned(), "ws://"),
        PreflightError::NotHttp(_) => ("not HTTP, or TLS at a port without it".to_owned(), "HTTP/1.1"),
        PreflightError::UntrustedProxy => (
            "a faulty PROXY header, or one from a peer that is no trusted proxy".to_owned(),
            "--trusted-proxy",
        ),
        PreflightError::ProxyHeader => (
            "a faulty PROXY header, or one from a peer that is no trusted proxy".to_owned(),
            "version 1 or 2",
        ),
    }
}

fn all() -> Vec<Documented> {
    let documented = |refusal: &Refusal, (why, tells): (&str, &'static str)| Documented {
        why: why.to_owned(),
        tells,
        status: refusal.status().as_u16(),
        headers: refusal.headers(),
        text: refusal.to_string(),
    };
    let refusals = Refusal::iter().filter_map(|refusal| Some(documented(&refusal, row(&refusal)?)));
    let heads = PreflightError::all().into_iter().map(|error| {
        let (why, tells) = row_of_head(&error);
        let status = error.status().as_u16();
        Documented { why, tells, status, headers: HeaderMap::new(), text: error.to_string() }
    });
    let mut all: Vec<_> = refusals.chain(heads).collect();
    // The same before the request is read.
    let of_network = ("too many open connections from your [network](#10-limits)", "close some");
    all.push(documented(&Refusal::TooManyFromNetwork, of_network));
    all
}

/// Status, reason and headers of each row.
fn rows() -> Vec<(String, String, String)> {
    let (_, section) = DOCUMENT.split_once("\n| Status | Why | Extra headers |\n").expect("the table");
    let rows = section.lines().skip(1).take_while(|line| line.starts_with('|'));
    let mut above = String::new();
    rows.map(|row| {
        let cells: Vec<_> =
            row.trim_matches('|').split(" | ").map(|cell| cell.trim_matches([' ', '|'])).collect();
        let [status, why, headers] = cells[..] else { panic!("{row}") };
        if headers != "as above" {
            above = headers.to_owned();
        }
        (status.to_owned(), why.to_owned(), above.clone())
    })
    .collect()
}

/// As the table writes them.
fn shown(headers: &HeaderMap) -> Vec<String> {
    let mut shown: Vec<_> = headers
        .iter()
        .map(|(name, value)| format!("`{name}: {}`", value.to_str().expect("text")).to_lowercase())
        .collect();
    shown.sort();
    shown
}

#[test]
fn every_refusal_has_its_row_and_every_row_its_refusal() {
    let (rows, all) = (rows(), all());
    for Documented { why, status, headers, .. } in &all {
        let (statuses, _, extra) =
            rows.iter().find(|(_, row, _)| row == why).unwrap_or_else(|| panic!("no row says {why:?}"));
        assert!(
            statuses.split(", ").any(|text| text == status.to_string()),
            "{why}: {status}, not {statuses}"
        );
        // A redirect is no refusal.
        let extra = extra.to_lowercase();
        let mut extra: Vec<_> =
            extra.split(", ").filter(|part| part.contains(':')).map(str::to_owned).collect();
        extra.sort();
        assert_eq!(extra, shown(headers), "{why}");
    }
    for (statuses, why, _) in &rows {
        for status in statuses.split(", ") {
            let has_status =
                |refusal: &Documented| refusal.why == *why && refusal.status.to_string() == status;
            assert!(all.iter().any(has_status), "nothing is refused by {status} because of: {why}");
        }
    }
}

#[test]
fn every_status_about_rooms_is_in_their_table() {
    let (_, section) = DOCUMENT.split_once("### 2.2 Rooms").expect("the section");
    let (_, table) = section.split_once("| Status | Why |\n| --- | --- |\n").expect("the table");
    let rows = table.lines().take_while(|line| line.starts_with("| "));
    let documented: BTreeSet<_> = rows.map(|row| row[2..5].to_owned()).collect();
    let of_code = Refusal::iter().filter(is_about_rooms).map(|refusal| refusal.status().as_str().to_owned());
    // Also for another origin.
    assert_eq!(documented, of_code.chain(["403".to_owned()]).collect());
}

#[test]
fn every_refusal_is_one_line_that_says_what_to_do() {
    for Documented { why, tells, text, .. } in all() {
        assert!(text.contains(tells) && text.lines().count() == 1, "{why}: {text:?}");
    }
}
