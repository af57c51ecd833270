//! Rooms over HTTP: `POST /rooms` makes one, `GET /rooms/CODE` describes one, and `PATCH /rooms/CODE` changes one for its creator. The game in a room is at `/ws/room/CODE`.

use std::sync::Arc;

use axum::{
    Extension,
    body::{Body, to_bytes},
    extract::{Path, Request, State},
    http::{HeaderValue, Response, StatusCode, Uri, header},
};
use fast_qr::{
    convert::{Builder as _, svg::SvgBuilder},
    qr::QRBuilder,
};
use serde::{Serialize, de::DeserializeOwned};
use shared::engine::{
    protocol::to_json,
    rooms::{ROOM_FILE_BYTES_MAX, RoomChange, RoomEntry, RoomRequest},
};
use tokio::time::Instant;

use super::{
    handshake,
    refusal::{Refusal, refuse},
    response::text,
};
use crate::engine::{
    client_network::ClientNetwork,
    net::{
        peers::Place,
        proxy::peer::Peer,
        rooms::{Entered, RoomHost, RoomRefusal},
        running_time,
        state::ServerState,
    },
    room_code::RoomCode,
};

/// Most bytes of a request for a room: a file whose every second character is escaped, and the other keys.
const REQUEST_BYTES_MAX: usize = 2 * ROOM_FILE_BYTES_MAX + 1024;

/// Longest link that is drawn, in bytes. A QR code of it is still read from a screen.
const LINK_BYTES_MAX: usize = 300;

/// Makes a room.
pub(super) async fn create(
    State(server): State<Arc<ServerState>>,
    Extension(peer): Extension<Peer>,
    request: Request,
) -> Response<Body> {
    let first = server.arenas.first();
    match try_create(&server, &peer, request).await {
        Ok(response) => response,
        Err(refusal) => refuse(&server, first, &peer, &refusal),
    }
}

async fn try_create(server: &ServerState, peer: &Peer, request: Request) -> Result<Response<Body>, Refusal> {
    let Some(rooms) = &server.rooms else { return Err(Refusal::NoRooms) };
    if server.is_stopping() {
        return Err(Refusal::ShuttingDown);
    }
    if !server.arenas.is_any_open() {
        return Err(Refusal::Overloaded);
    }
    let wanted: RoomRequest = read(server, peer, request).await?;
    check_file(wanted.file.as_ref())?;
    let network = ClientNetwork::of(peer.client());
    let created = rooms.create(wanted, network).await;
    let created = created.map_err(|refusal| refusal_of(refusal, Refusal::RoomRequest))?;
    Ok(json(StatusCode::CREATED, &created))
}

/// Changes a room for its creator.
pub(super) async fn change(
    State(server): State<Arc<ServerState>>,
    Extension(peer): Extension<Peer>,
    Path(code): Path<String>,
    request: Request,
) -> Response<Body> {
    if let Some(elsewhere) = elsewhere(&server, &code, request.uri()).await {
        return elsewhere;
    }
    match try_change(&server, &peer, &code, request).await {
        Ok(entry) => json(StatusCode::OK, &entry),
        Err(refusal) => refuse(&server, server.arenas.first(), &peer, &refusal),
    }
}

async fn try_change(
    server: &ServerState,
    peer: &Peer,
    code: &str,
    request: Request,
) -> Result<RoomEntry, Refusal> {
    let (rooms, code) = look_up(server, peer, code)?;
    let authorization = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let key = authorization.and_then(|value| value.strip_prefix("Bearer ")).ok_or(Refusal::RoomKey)?;
    let key = key.trim().to_owned();
    let change: RoomChange = read(server, peer, request).await?;
    check_file(change.file.as_ref())?;
    let changed = rooms.change(code, key, change, ClientNetwork::of(peer.client())).await;
    changed.map_err(|refusal| refusal_of(refusal, Refusal::RoomChange))
}

/// Why a room is not made, or not changed, to the client.
fn refusal_of(refusal: RoomRefusal, invalid: fn(String) -> Refusal) -> Refusal {
    match refusal {
        RoomRefusal::Full => Refusal::Rooms,
        RoomRefusal::TooManyFromNetwork(most) => Refusal::RoomsOfNetwork(most),
        RoomRefusal::Invalid(why) => invalid(why),
        RoomRefusal::File(why) => Refusal::RoomFile(why),
        RoomRefusal::Gone => Refusal::Room,
        RoomRefusal::NotCreator => Refusal::RoomKey,
        RoomRefusal::Busy => Refusal::RoomBusy,
        RoomRefusal::NotNow => Refusal::RoomNotNow,
        RoomRefusal::Failed => Refusal::RoomFailed,
    }
}

fn check_file(file: Option<&String>) -> Result<(), Refusal> {
    if file.is_some_and(|file| file.len() > ROOM_FILE_BYTES_MAX) { Err(Refusal::RoomTooBig) } else { Ok(()) }
}

/// Reads the JSON of a request that only this server's own pages may send.
async fn read<T: DeserializeOwned>(
    server: &ServerState,
    peer: &Peer,
    request: Request,
) -> Result<T, Refusal> {
    let (parts, body) = request.into_parts();
    handshake::check_origin(&parts, &server.access, peer)?;
    // Pages of other sites can send other types without asking.
    let is_json = parts.headers.get(header::CONTENT_TYPE).is_some_and(|kind| {
        kind.as_bytes()
            .split(|byte| *byte == b';')
            .next()
            .is_some_and(|kind| kind.trim_ascii() == b"application/json")
    });
    if !is_json {
        return Err(Refusal::RoomRequest("send it as `Content-Type: application/json`".to_owned()));
    }
    let body = running_time::timeout(server.limits.http_head_timeout, to_bytes(body, REQUEST_BYTES_MAX));
    let body = body.await.map_err(|_| Refusal::RoomRequest("it took too long to arrive".to_owned()))?;
    let body = body.map_err(|_| Refusal::RoomTooBig)?;
    serde_json::from_slice(&body).map_err(|error| Refusal::RoomRequest(error.to_string()))
}

/// Describes a room.
pub(super) async fn entry(
    State(server): State<Arc<ServerState>>,
    Extension(peer): Extension<Peer>,
    Path(code): Path<String>,
    uri: Uri,
) -> Response<Body> {
    if let Some(elsewhere) = elsewhere(&server, &code, &uri).await {
        return elsewhere;
    }
    let entry =
        look_up(&server, &peer, &code).and_then(|(rooms, code)| rooms.entry(code).ok_or(Refusal::Room));
    match entry {
        Ok(entry) => json(StatusCode::OK, &entry),
        Err(refusal) => refuse(&server, server.arenas.first(), &peer, &refusal),
    }
}

/// Draws the link of a room, which the page tells, because only the browser knows how it has reached the server.
pub(super) async fn qr(
    State(server): State<Arc<ServerState>>,
    Extension(peer): Extension<Peer>,
    Path(code): Path<String>,
    uri: Uri,
) -> Response<Body> {
    if let Some(elsewhere) = elsewhere(&server, &code, &uri).await {
        return elsewhere;
    }
    let drawn = look_up(&server, &peer, &code).and_then(|(rooms, code)| {
        rooms.entry(code).ok_or(Refusal::Room)?;
        let query = uri.query().unwrap_or_default().as_bytes();
        let link = form_urlencoded::parse(query).find(|(name, _)| name == "link").map(|(_, link)| link);
        // A link to this room and to nothing else: this is no place to draw other links.
        let is_its_link =
            |link: &str| link.len() <= LINK_BYTES_MAX && link.ends_with(&format!("room={code}"));
        let link = link.filter(|link| is_its_link(link)).ok_or(Refusal::RoomLink)?;
        QRBuilder::new(link.as_bytes()).build().map_err(|_| Refusal::RoomLink)
    });
    match drawn {
        Ok(code) => {
            let mut response = text(StatusCode::OK, SvgBuilder::default().margin(1).to_str(&code));
            response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("image/svg+xml"));
            response
        }
        Err(refusal) => refuse(&server, server.arenas.first(), &peer, &refusal),
    }
}

/// Where a client that wants to enter a room gets.
pub(super) enum Way {
    In(Entered),
    /// The room is at the node with this public URL.
    Elsewhere(RoomCode, String),
}

/// Lets a client into a room.
pub(super) async fn enter(server: &ServerState, peer: &Peer, code: &str) -> Result<Way, Refusal> {
    let (rooms, code) = look_up(server, peer, code)?;
    if let Some(entered) = rooms.enter(code).await {
        return Ok(Way::In(entered));
    }
    match place(server, code).await {
        Place::At(url) => Ok(Way::Elsewhere(code, url)),
        Place::Moving => Err(Refusal::RoomMoving),
        Place::Unknown => Err(Refusal::Room),
    }
}

/// Where a room is that is not here.
async fn place(server: &ServerState, code: RoomCode) -> Place {
    match &server.peers {
        Some(peers) => peers.find(code).await,
        None => Place::Unknown,
    }
}

/// The answer for a room of another node: where the same request is answered. `None` if the room is here or nowhere.
async fn elsewhere(server: &ServerState, code: &str, uri: &Uri) -> Option<Response<Body>> {
    let room: RoomCode = code.parse().ok()?;
    server.peers.as_ref()?;
    if server.rooms.as_ref().is_some_and(|rooms| rooms.entry(room).is_some()) {
        return None;
    }
    let Place::At(url) = place(server, room).await else { return None };
    // The same path at the other node: it begins with `/rooms/`.
    let path = uri.path_and_query().map_or("", |path| path.as_str());
    Some(redirect_to(&format!("{}{path}", url.trim_end_matches('/'))))
}

/// Sends a request on, with its method and body.
pub(super) fn redirect_to(address: &str) -> Response<Body> {
    let mut response = text(StatusCode::TEMPORARY_REDIRECT, format!("{address}\n"));
    if let Ok(address) = HeaderValue::from_str(address) {
        response.headers_mut().insert(header::LOCATION, address);
    }
    response
}

/// The code in an address. Each look at a room costs its network a token, so that codes cannot be tried out.
fn look_up<'a>(
    server: &'a ServerState,
    peer: &Peer,
    code: &str,
) -> Result<(&'a dyn RoomHost, RoomCode), Refusal> {
    let rooms = server.rooms.as_deref().ok_or(Refusal::NoRooms)?;
    if !server.room_looks.take(peer.network_of_request(), Instant::now().into_std()) {
        return Err(Refusal::TooManyRequests);
    }
    Ok((rooms, code.parse().map_err(|_| Refusal::Room)?))
}

fn json(status: StatusCode, value: &impl Serialize) -> Response<Body> {
    let mut response = text(status, to_json(value));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
