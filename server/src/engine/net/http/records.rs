//! Records of players over HTTP: `GET /records` is a page of a leaderboard, for pages of any origin; `GET /me` is what is kept of the
//! player that proves its identity, and `DELETE /me` deletes it. A proof stands in the header `Authorization: Identity PROOF`, which
//! pages of other origins cannot send.

use std::{sync::Arc, time::Instant};

use axum::{
    Extension,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Response, StatusCode, header, request::Parts},
};
use data_encoding::HEXLOWER;
use serde::Serialize;
use sha2::{Digest, Sha256};
use shared::engine::{
    protocol::to_json,
    records::{
        IdentityChallenge, NextScore, OwnAchievement, OwnRecords, OwnStanding, RecordEntry, RecordsPage,
    },
};

use super::{
    accept_encoding::is_current,
    handshake,
    refusal::{Refusal, refuse},
    response::text,
};
use crate::engine::{
    clock::Clock,
    identity::CHALLENGE_LASTS,
    net::{proxy::peer::Peer, state::ServerState},
    records::{Board, LastingId, OFFSET_MAX, PAGE_ROWS_MAX, Period, Records, RecordsError},
};

/// Rows of a page for which no limit is asked.
const ROWS: u32 = 20;
/// Longest name of an arena or a mode, in bytes.
const NAME_BYTES_MAX: usize = 256;
/// What a request asks for.
struct Asked {
    arena: String,
    /// If none is asked for, that of the arena.
    mode: String,
    period: Period,
    offset: u32,
    limit: u32,
}

impl Asked {
    fn of(request: &Parts, server: &ServerState) -> Result<Self, Refusal> {
        let arena = server.arenas.first().slug().to_owned();
        let mut asked = Self { arena, mode: String::new(), period: Period::All, offset: 0, limit: ROWS };
        let query = request.uri.query().unwrap_or_default().as_bytes();
        for (key, value) in form_urlencoded::parse(query) {
            let number = |most: u32| {
                let number = value.parse().ok().filter(|number| *number <= most);
                number.ok_or_else(|| Refusal::RecordsQuery(format!("{key} is a number from 0 to {most}")))
            };
            match &*key {
                "arena" | "mode"
                    if value.is_empty() || value.len() > NAME_BYTES_MAX || value.contains('\0') =>
                {
                    return Err(Refusal::RecordsQuery(format!("{key} is a name, as at /arenas")));
                }
                "arena" => asked.arena = value.into_owned(),
                "mode" => asked.mode = value.into_owned(),
                "period" => {
                    let unknown = || Refusal::RecordsQuery("period is today, week, season or all".to_owned());
                    asked.period = Period::named(&value).ok_or_else(unknown)?;
                }
                "offset" => asked.offset = number(OFFSET_MAX)?,
                "limit" => asked.limit = number(PAGE_ROWS_MAX)?.max(1),
                // A later version may know it.
                _ => {}
            }
        }
        if asked.mode.is_empty() {
            // Of an arena that the server no longer has, as most are.
            asked.mode = server.arenas.mode(&asked.arena).unwrap_or("free").to_owned();
        }
        Ok(asked)
    }

    fn board(&self, period: Period) -> Board {
        let period = period.at(Clock::default().unix_ms()).key;
        Board { arena: self.arena.clone(), mode: self.mode.clone(), period }
    }
}

/// A page of a leaderboard.
pub(super) async fn page(
    State(server): State<Arc<ServerState>>,
    Extension(peer): Extension<Peer>,
    request: Request,
) -> Response<Body> {
    let (request, _) = request.into_parts();
    answer(&server, &peer, try_page(&server, &request).await)
}

async fn try_page(server: &ServerState, request: &Parts) -> Result<Response<Body>, Refusal> {
    let records = records(server)?;
    let asked = Asked::of(request, server)?;
    let board = asked.board(asked.period);
    let page =
        records.store.page(&board, asked.offset, asked.limit).await.map_err(|error| delayed(&error))?;
    let page = RecordsPage {
        arena: board.arena,
        mode: board.mode,
        period: asked.period.name().to_owned(),
        key: board.period,
        offset: asked.offset,
        more: page.has_more,
        entries: page.entries.into_iter().map(RecordEntry::from).collect(),
    };
    Ok(with_etag(&request.headers, to_json(&page)))
}

/// A JSON text that a client may keep, and ask whether it is still the newest; or that it is.
fn with_etag(request: &HeaderMap, body: String) -> Response<Body> {
    let etag = format!("\"{}\"", HEXLOWER.encode(&Sha256::digest(&body)[..16]));
    let is_current = is_current(request, &etag);
    let mut response =
        if is_current { text(StatusCode::NOT_MODIFIED, Body::empty()) } else { json_text(body) };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        headers.insert(header::ETAG, etag);
    }
    response
}

/// The achievements of the game.
pub(super) async fn achievements(
    State(server): State<Arc<ServerState>>,
    Extension(peer): Extension<Peer>,
    request: Request,
) -> Response<Body> {
    let (request, _) = request.into_parts();
    let listed = records(&server).map(|_| with_etag(&request.headers, to_json(&server.achievements)));
    answer(&server, &peer, listed)
}

/// Something to sign.
pub(super) async fn challenge(
    State(server): State<Arc<ServerState>>,
    Extension(peer): Extension<Peer>,
) -> Response<Body> {
    let challenge = records(&server).and_then(|records| {
        records.identities.challenge(Instant::now()).map_err(|_| Refusal::RecordsDelayed)
    });
    let answered = challenge
        .map(|challenge| json(&IdentityChallenge { challenge, expires_in: CHALLENGE_LASTS.as_secs() }));
    answer(&server, &peer, answered)
}

/// What is kept of a player.
pub(super) async fn me(
    State(server): State<Arc<ServerState>>,
    Extension(peer): Extension<Peer>,
    request: Request,
) -> Response<Body> {
    let (request, _) = request.into_parts();
    answer(&server, &peer, try_me(&server, &request, &peer).await)
}

async fn try_me(server: &ServerState, request: &Parts, peer: &Peer) -> Result<Response<Body>, Refusal> {
    let (records, player) = proven(server, request, peer)?;
    let asked = Asked::of(request, server)?;
    let mut standings = Vec::new();
    for period in Period::ALL {
        let standing =
            records.store.standing(player, &asked.board(period)).await.map_err(|error| delayed(&error))?;
        standings.extend(standing.map(|standing| OwnStanding {
            period: period.name().to_owned(),
            rank: standing.rank,
            exact: standing.is_exact,
            score: standing.score,
            next: standing.next.map(|next| NextScore { score: next.score, distance: next.distance }),
        }));
    }
    let unlocked = records.store.achievements(player).await.map_err(|error| delayed(&error))?;
    let achievements = unlocked
        .into_iter()
        .map(|unlocked| OwnAchievement { id: unlocked.achievement, unlocked_ms: unlocked.unlocked_ms });
    Ok(json(&OwnRecords {
        player: format!("{player:?}"),
        arena: asked.arena,
        mode: asked.mode,
        standings,
        achievements: achievements.collect(),
    }))
}

/// Deletes all that is kept of a player.
pub(super) async fn delete_me(
    State(server): State<Arc<ServerState>>,
    Extension(peer): Extension<Peer>,
    request: Request,
) -> Response<Body> {
    let (request, _) = request.into_parts();
    answer(&server, &peer, try_delete_me(&server, &request, &peer).await)
}

async fn try_delete_me(
    server: &ServerState,
    request: &Parts,
    peer: &Peer,
) -> Result<Response<Body>, Refusal> {
    let (records, player) = proven(server, request, peer)?;
    let erased = records.erase(player).await.map_err(|_| Refusal::RecordsDelayed)?;
    erased.map_err(|error| delayed(&error))?;
    Ok(text(StatusCode::NO_CONTENT, Body::empty()))
}

fn records(server: &ServerState) -> Result<&Records, Refusal> {
    server.records.as_ref().ok_or(Refusal::NoRecords)
}

/// The player that has sent a request.
fn proven<'a>(
    server: &'a ServerState,
    request: &Parts,
    peer: &Peer,
) -> Result<(&'a Records, LastingId), Refusal> {
    let records = records(server)?;
    handshake::check_origin(request, &server.access, peer)?;
    let proof = request.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let proof = proof.and_then(|value| value.strip_prefix("Identity ")).ok_or(Refusal::NoIdentity)?;
    let player = records.identities.prove(proof.trim(), Instant::now());
    Ok((records, player.map_err(|error| Refusal::Identity(error.to_string()))?))
}

fn delayed(error: &RecordsError) -> Refusal {
    tracing::debug!("a request for records failed: {}", error.in_full());
    Refusal::RecordsDelayed
}

fn answer(server: &ServerState, peer: &Peer, answered: Result<Response<Body>, Refusal>) -> Response<Body> {
    answered.unwrap_or_else(|refusal| refuse(server, server.arenas.first(), peer, &refusal))
}

fn json(value: &impl Serialize) -> Response<Body> {
    json_text(to_json(value))
}

fn json_text(body: String) -> Response<Body> {
    let mut response = text(StatusCode::OK, body);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
