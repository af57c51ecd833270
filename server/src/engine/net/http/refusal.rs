//! Why a socket or a request is refused. The status, the headers and the text tell the client's author what to do, the counter and
//! the log the operator.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Response, StatusCode, header},
};
use shared::engine::{
    protocol::{SUBPROTOCOL_BINCODE, SUBPROTOCOL_JSON},
    rooms::ROOM_FILE_BYTES_MAX,
};
use tokio::time::Instant;

use super::response::{RETRY_AFTER_SECONDS, last_answer, text};
use crate::engine::net::{
    arenas::ArenaHandle,
    feed::{SUBSCRIBERS_MAX, SUBSCRIBERS_PER_NETWORK},
    limits::NETWORK_ADVICE,
    proxy::peer::Peer,
    state::ServerState,
};

/// What to do about a handshake that has lost its upgrade on the way.
const LOST_UPGRADE: &str = "a proxy on the way must forward the upgrade, in nginx with `proxy_http_version 1.1; \
     proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection \"upgrade\";`";

/// Why a socket or a request is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(test, derive(strum::EnumIter))]
pub(crate) enum Refusal {
    #[error("too many connections; retry later")]
    Sockets,
    #[error("a WebSocket handshake is a GET request")]
    Method,
    #[error("a WebSocket handshake needs HTTP/1.1; {LOST_UPGRADE}")]
    HttpVersion,
    #[error("this address is a WebSocket: send the header `Upgrade: websocket`; {LOST_UPGRADE}")]
    NoUpgrade,
    #[error("send the header `Connection: Upgrade`; {LOST_UPGRADE}")]
    NoConnectionUpgrade,
    #[error("this server supports WebSocket version 13: send `Sec-WebSocket-Version: 13`")]
    WebSocketVersion,
    #[error("a WebSocket handshake has no body")]
    Body,
    #[error("send `Sec-WebSocket-Key` once: 16 random bytes in base64")]
    Key,
    #[error(
        "unknown subprotocols {0:?}: send `Sec-WebSocket-Protocol: {SUBPROTOCOL_BINCODE}` (binary frames; also the \
         default without the header) or `{SUBPROTOCOL_JSON}` (text frames)"
    )]
    Subprotocol(String),
    #[error("unknown topic {unknown:?}: the topics are {known}, as in ?topics={known}")]
    Topic { unknown: String, known: String },
    #[error(
        "the feed has no room: it takes {SUBSCRIBERS_MAX} subscribers, {SUBSCRIBERS_PER_NETWORK} of one network; close one \
         or retry later"
    )]
    Subscribers,
    #[error("too many connections from your network; close some of them")]
    TooManyFromNetwork,
    #[error("too many requests from your network; retry in {RETRY_AFTER_SECONDS} s")]
    TooManyRequests,
    #[error("this server speaks TLS: connect to wss:// and not to ws://")]
    NoTls,
    #[error("send the header `Host` once")]
    Host,
    #[error(
        "the page's origin {origin:?} is not this server's ({own}): if players reach the server there, start it with \
         --public-url {origin} {or}; if it is another site's page, with --allow-origin {origin}"
    )]
    Origin { origin: String, own: String, or: &'static str },
    #[error("there is no arena {unknown:?}; the arenas are {known}, and the first is the default")]
    Arena { unknown: String, known: String },
    #[error("there is no such room; it may have been empty for too long, or the link is not complete")]
    Room,
    #[error("the room moves to another node of the cluster; retry in {RETRY_AFTER_SECONDS} s")]
    RoomMoving,
    #[error("no rooms can be made at the moment; retry in {RETRY_AFTER_SECONDS} s")]
    RoomNotNow,
    #[error("the seat ticket is refused: {0}")]
    Seat(String),
    #[error("this server has no rooms; play in one of its arenas")]
    NoRooms,
    #[error("all rooms of this server are taken; retry later, or play in one of its arenas")]
    Rooms,
    #[error("your network has {0} rooms, which is the most; use one of them, or retry in an hour")]
    RoomsOfNetwork(usize),
    #[error("a room cannot be made from this request: {0}")]
    RoomRequest(String),
    #[error("a room cannot be made from this file: {0}")]
    RoomFile(String),
    #[error("a request for a room has at most {ROOM_FILE_BYTES_MAX} bytes of an arena file")]
    RoomTooBig,
    #[error(
        "only the room's creator changes it: send the key that came with the room as `Authorization: Bearer KEY`"
    )]
    RoomKey,
    #[error("the room cannot be changed like this: {0}")]
    RoomChange(String),
    #[error("the last change of the room is not in force yet; retry in a second")]
    RoomBusy,
    #[error("send the link to this room as `?link=`, at most 300 bytes")]
    RoomLink,
    #[error("the room could not be made; the server's log says why")]
    RoomFailed,
    #[error("this server keeps no records")]
    NoRecords,
    #[error("records cannot be searched like this: {0}")]
    RecordsQuery(String),
    #[error("the database of records does not answer; retry in {RETRY_AFTER_SECONDS} s")]
    RecordsDelayed,
    #[error("send a proof of identity in the header `Authorization: Identity PROOF`")]
    NoIdentity,
    #[error("the proof of identity is refused: {0}")]
    Identity(String),
    #[error("this connection cannot be upgraded")]
    NotUpgradable,
    #[error("the server is shutting down")]
    ShuttingDown,
    #[error("the server is overloaded; retry in {RETRY_AFTER_SECONDS} s")]
    Overloaded,
}

impl Refusal {
    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::HttpVersion | Self::NoUpgrade | Self::NoConnectionUpgrade | Self::WebSocketVersion => {
                StatusCode::UPGRADE_REQUIRED
            }
            Self::Body
            | Self::Key
            | Self::Subprotocol(_)
            | Self::Topic { .. }
            | Self::Host
            | Self::RoomRequest(_)
            | Self::RoomChange(_)
            | Self::RecordsQuery(_)
            | Self::RoomLink => StatusCode::BAD_REQUEST,
            Self::RoomFile(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::RoomTooBig => StatusCode::PAYLOAD_TOO_LARGE,
            Self::NoIdentity | Self::Identity(_) => StatusCode::UNAUTHORIZED,
            Self::NoTls | Self::Origin { .. } | Self::RoomKey | Self::Seat(_) => StatusCode::FORBIDDEN,
            Self::RoomBusy => StatusCode::CONFLICT,
            Self::Arena { .. } | Self::Room | Self::NoRooms | Self::NoRecords => StatusCode::NOT_FOUND,
            Self::TooManyFromNetwork | Self::TooManyRequests | Self::RoomsOfNetwork(_) => {
                StatusCode::TOO_MANY_REQUESTS
            }
            Self::NotUpgradable | Self::RoomFailed => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Sockets
            | Self::ShuttingDown
            | Self::Overloaded
            | Self::Subscribers
            | Self::Rooms
            | Self::RoomMoving
            | Self::RoomNotNow
            | Self::RecordsDelayed => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// What a client can use to do better.
    pub(super) fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        match self.status() {
            StatusCode::UPGRADE_REQUIRED => {
                headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
                headers.insert(header::SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
            }
            StatusCode::METHOD_NOT_ALLOWED => {
                headers.insert(header::ALLOW, HeaderValue::from_static("GET"));
            }
            StatusCode::UNAUTHORIZED => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Identity"));
            }
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => {
                headers.insert(header::RETRY_AFTER, RETRY_AFTER_SECONDS.into());
            }
            _ => {}
        }
        headers
    }

    /// A short name for metrics.
    pub(super) fn label(&self) -> &'static str {
        match self {
            Self::Sockets => "sockets",
            Self::Method => "method",
            Self::HttpVersion => "http_version",
            Self::NoUpgrade => "no_upgrade",
            Self::NoConnectionUpgrade => "no_connection_upgrade",
            Self::WebSocketVersion => "websocket_version",
            Self::Body => "body",
            Self::Key => "key",
            Self::Subprotocol(_) => "subprotocol",
            Self::Topic { .. } => "topic",
            Self::Subscribers => "subscribers",
            Self::TooManyFromNetwork => "network",
            Self::TooManyRequests => "requests",
            Self::NoTls => "no_tls",
            Self::Host => "host",
            Self::Origin { .. } => "origin",
            Self::Arena { .. } => "arena",
            Self::Room => "room",
            Self::NoRooms => "no_rooms",
            Self::RoomMoving => "room_moving",
            Self::RoomNotNow => "room_not_now",
            Self::Seat(_) => "seat",
            Self::Rooms => "rooms",
            Self::RoomsOfNetwork(_) => "rooms_of_network",
            Self::RoomRequest(_) => "room_request",
            Self::RoomFile(_) => "room_file",
            Self::RoomTooBig => "room_too_big",
            Self::RoomLink => "room_link",
            Self::RoomKey => "room_key",
            Self::RoomChange(_) => "room_change",
            Self::RoomBusy => "room_busy",
            Self::RoomFailed => "room_failed",
            Self::NoRecords => "no_records",
            Self::RecordsQuery(_) => "records_query",
            Self::RecordsDelayed => "records_delayed",
            Self::NoIdentity => "no_identity",
            Self::Identity(_) => "identity",
            Self::NotUpgradable => "not_upgradable",
            Self::ShuttingDown => "shutting_down",
            Self::Overloaded => "overloaded",
        }
    }

    /// What the log says, if the operator can do something about it.
    fn notice(&self) -> Option<String> {
        match self {
            // A page is not admitted, or a proxy loses the upgrade.
            Self::Origin { .. } | Self::HttpVersion | Self::NoUpgrade | Self::NoConnectionUpgrade => {
                Some(self.to_string())
            }
            Self::TooManyFromNetwork => {
                Some(format!("too many connections from its network; {NETWORK_ADVICE}"))
            }
            Self::TooManyRequests => Some(format!("too many requests from its network; {NETWORK_ADVICE}")),
            _ => None,
        }
    }
}

/// Counts a refusal for that arena, and logs it if the operator can do something about it.
fn note(server: &ServerState, arena: &ArenaHandle, peer: &Peer, refusal: &Refusal) {
    arena.admission.telemetry.refused.get(refusal.label()).inc();
    if let Some(notice) = refusal.notice() {
        server.log.peer(Instant::now(), refusal.label(), peer, arena.name(), &notice);
    }
}

/// The last answer to a socket that is refused before its request is read.
pub(crate) fn refuse_socket(server: &ServerState, peer: &Peer, refusal: &Refusal) -> Vec<u8> {
    note(server, server.arenas.first(), peer, refusal);
    last_answer(refusal.status(), refusal.headers(), &format!("{refusal}\n"), &server.access, false)
}

/// The response for a refusal, which is counted for that arena.
pub(super) fn refuse(
    server: &ServerState,
    arena: &ArenaHandle,
    peer: &Peer,
    refusal: &Refusal,
) -> Response<Body> {
    note(server, arena, peer, refusal);
    let mut response = text(refusal.status(), format!("{refusal}\n"));
    response.headers_mut().extend(refusal.headers());
    response
}

#[cfg(test)]
mod tests {
    use strum::IntoEnumIterator;

    use super::*;
    use crate::engine::telemetry::Telemetry;

    #[test]
    fn lost_upgrade_names_the_lines_that_a_proxy_needs() {
        for refusal in [Refusal::HttpVersion, Refusal::NoUpgrade, Refusal::NoConnectionUpgrade] {
            assert_eq!(refusal.status(), StatusCode::UPGRADE_REQUIRED);
            let text = refusal.to_string();
            for part in ["proxy_http_version 1.1", "Upgrade $http_upgrade", "Connection \"upgrade\""] {
                assert!(text.contains(part), "{refusal:?}: {text}");
            }
        }
    }

    #[test]
    fn every_refusal_has_its_own_counter() {
        let telemetry = Telemetry::new(&[]);
        // An unknown label is an assertion of its own.
        Refusal::iter().for_each(|refusal| telemetry.refused.get(refusal.label()).inc());
        for refusal in Refusal::iter() {
            assert_eq!(telemetry.refused.get(refusal.label()).get(), 1, "{refusal:?}");
        }
    }

    #[test]
    fn operator_learns_which_flag_to_set() {
        let (origin, own) = ("https://play.example".to_owned(), "10.0.0.1:8080".to_owned());
        for (refusal, flags) in [
            (Refusal::Origin { origin, own, or: "" }, ["--public-url", "--allow-origin"]),
            (Refusal::TooManyFromNetwork, ["--max-per-network", "--trusted-proxy"]),
            (Refusal::TooManyRequests, ["--max-per-network", "--trusted-proxy"]),
        ] {
            let notice = refusal.notice().expect("a notice");
            assert!(flags.iter().all(|flag| notice.contains(flag)), "{notice}");
        }
        assert_eq!(Refusal::Key.notice(), None);
    }

    #[test]
    fn every_refusal_has_an_error_status_and_a_text() {
        for refusal in Refusal::iter() {
            let status = refusal.status();
            assert!(status.is_client_error() || status.is_server_error(), "{refusal:?}");
            assert!(!refusal.to_string().is_empty(), "{refusal:?}");
        }
    }
}
