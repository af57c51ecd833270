//! Records of players: who a player is, what is kept of its runs, and how it is asked for and deleted.

use data_encoding::BASE64URL_NOPAD;
use ed25519_dalek::{Signer, SigningKey};
use futures_util::StreamExt;
use server::{
    engine::{
        join_ticket::JoinKey,
        records::{Achievement, LastingId, Place, Record, Store},
    },
    run::Running,
};
use sha2::{Digest, Sha256};
use shared::{
    engine::{
        ids::{PlayerId, PlayerName},
        protocol::{CloseReason, Hello, Notice},
        records::{AchievementInfo, IdentityChallenge, OwnRecords, RecordEntry, RecordsPage},
    },
    game::{
        Emberdrift,
        protocol::{ClientMessage, PilotState},
    },
};
use tempfile::TempDir;
use tokio_tungstenite::tungstenite::{
    Message, Utf8Bytes,
    protocol::{CloseFrame, frame::coding::CloseCode},
};

use crate::{
    feed::{document, subscribe},
    rig::{Answer, Client, get, request, server, server_with, soon},
};

/// Made by `server/examples/python/ticket.py` with the claims `{"name": "Bo", "sub": "7", "exp": 10000000000}`.
const TICKET_OF_BO: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJuYW1lIjogIkJvIiwgInN1YiI6ICI3IiwgImV4cCI6IDEwMDAwMDAwMDAwfQ.qvYFAKI8hWIpgjEL0J6cua-YjrcUGhz4knYbQ9601pI";

async fn server_with_records(directory: &TempDir) -> Running {
    let place = Place::Directory(directory.path().join("data"));
    server_with(|options| options.storage.records = Some(place)).await
}

fn directory() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn page(answer: &Answer) -> RecordsPage {
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (200, "application/json"),
        "{}",
        answer.text()
    );
    serde_json::from_slice(&answer.body).unwrap()
}

async fn challenge(server: &Running) -> String {
    let answer = get(server, "/me/challenge").await;
    let challenge: IdentityChallenge = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!((answer.status, challenge.expires_in, answer.header("cache-control")), (200, 60, "no-store"));
    challenge.challenge
}

/// The key of a client with this secret.
fn key(secret: [u8; 16]) -> SigningKey {
    SigningKey::from_bytes(
        &Sha256::new().chain_update("emberdrift identity v1").chain_update(secret).finalize().into(),
    )
}

/// What a client with this secret proves its identity with.
async fn proof(server: &Running, secret: u8) -> String {
    let (key, challenge) = (key([secret; 16]), challenge(server).await);
    let signature = key.sign(format!("emberdrift challenge v1{challenge}").as_bytes());
    let text = |bytes: &[u8]| BASE64URL_NOPAD.encode(bytes);
    format!("{}.{challenge}.{}", text(key.verifying_key().as_bytes()), text(&signature.to_bytes()))
}

fn hello(identity: Option<String>) -> ClientMessage {
    ClientMessage::Hello(Hello { name: "Ada <b>".into(), identity, ..Hello::of::<Emberdrift>() })
}

/// Plays until there is an ember aboard, and leaves for good.
async fn play(server: &Running, hello: ClientMessage) {
    let mut client = Client::connect(server).await;
    client.send(&hello).await;
    client.welcome().await;
    let has_embers = |own: &PilotState| own.ship().is_some_and(|own| own.embers > 0);
    while !client.frame().await.head.viewer.own().is_some_and(has_embers) {}
    let normal = CloseFrame { code: CloseCode::Normal, reason: Utf8Bytes::default() };
    client.send_raw(Message::Close(Some(normal))).await;
    while let Some(Ok(_)) = client.socket.next().await {}
}

/// The first page with a row.
async fn first_row(server: &Running, path: &str) -> RecordsPage {
    soon("a record", async {
        loop {
            let page = page(&get(server, path).await);
            if !page.entries.is_empty() {
                break page;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    })
    .await
}

#[tokio::test]
async fn feed_has_the_best_runs_of_the_day_and_the_players_of_all_arenas() {
    let directory = directory();
    let server = server_with_records(&directory).await;
    play(&server, hello(Some(proof(&server, 1).await))).await;
    let best = first_row(&server, "/records?arena=drift&period=today").await.entries.remove(0);
    let (_bo, _) = Client::join(&server, "Bo").await;
    let mut feed = subscribe(&server, "?topics=today,totals").await;
    loop {
        let document = document(&mut feed).await;
        assert!(document.get("scores").is_none(), "{document}");
        let totals = &document["totals"];
        assert_eq!((&totals["nodes"], &totals["arenas"]), (&1.into(), &1.into()), "{document}");
        // The first document is made before they were read.
        if let Some(today) = document.get("today")
            && totals["players"] == 1
        {
            let today: Vec<RecordEntry> = serde_json::from_value(today.clone()).unwrap();
            assert_eq!(today, [best]);
            break;
        }
    }
    server.stop().await;
}

async fn me(server: &Running, method: &str, proof: &str) -> Answer {
    request(server, method, "/me?arena=drift", &[("authorization", &format!("Identity {proof}"))]).await
}

#[tokio::test]
async fn run_of_a_player_that_proves_its_identity_is_kept_until_it_is_deleted() {
    let directory = directory();
    let server = server_with_records(&directory).await;
    // One that proves nothing has no records.
    play(&server, hello(None)).await;
    let proof_of_ada = proof(&server, 1).await;
    play(&server, hello(Some(proof_of_ada))).await;
    let page = first_row(&server, "/records?arena=drift&period=today&limit=5").await;
    assert_eq!((page.entries.len(), page.more, &*page.mode), (1, false, "free"));
    assert_eq!((page.entries[0].rank, &*page.entries[0].name), (1, "Ada <b>"));
    assert!(page.entries[0].score > 0);

    // The secret, from a browser that cannot sign, is the same player.
    let secret = BASE64URL_NOPAD.encode(&[1; 16]);
    for proof in [secret.clone(), proof(&server, 1).await] {
        let answer = me(&server, "GET", &proof).await;
        let own: OwnRecords = serde_json::from_slice(&answer.body).unwrap();
        let ranks: Vec<_> = own.standings.iter().map(|own| (&*own.period, own.rank, own.score)).collect();
        let score = page.entries[0].score;
        assert_eq!(ranks, ["today", "week", "season", "all"].map(|period| (period, 1, score)));
    }
    let other: OwnRecords =
        serde_json::from_slice(&me(&server, "GET", &proof(&server, 2).await).await.body).unwrap();
    assert!(other.standings.is_empty());
    server.stop().await;

    // It is on the disk.
    let server = server_with_records(&directory).await;
    let path = "/records?arena=drift";
    assert_eq!(page_rows(&server, path).await, 1);
    let headers = [("authorization", &*format!("Identity {secret}")), ("origin", "https://evil.example")];
    assert_eq!(request(&server, "DELETE", "/me", &headers).await.status, 403, "a page of another site");
    assert_eq!(
        me(&server, "DELETE", &proof(&server, 2).await).await.status,
        204,
        "of a player without records"
    );
    assert_eq!(page_rows(&server, path).await, 1);
    assert_eq!(me(&server, "DELETE", &secret).await.status, 204);
    assert_eq!(page_rows(&server, path).await, 0);
    server.stop().await;
}

async fn page_rows(server: &Running, path: &str) -> usize {
    page(&get(server, path).await).entries.len()
}

#[tokio::test]
async fn proof_that_is_forged_or_used_is_refused() {
    let directory = directory();
    let server = server_with_records(&directory).await;
    let good = proof(&server, 1).await;
    assert_eq!(me(&server, "GET", &good).await.status, 200);
    let (key, _) = good.split_once('.').unwrap();
    let of_another = proof(&server, 2).await.split_once('.').unwrap().1.to_owned();
    let foreign = format!("{key}.{of_another}");
    for (proof, why) in
        [(good, "used before"), (foreign, "not of this key"), ("Ada".to_owned(), "KEY.CHALLENGE")]
    {
        let answer = me(&server, "GET", &proof).await;
        assert_eq!((answer.status, answer.header("www-authenticate")), (401, "Identity"));
        assert!(answer.text().contains(why), "{}", answer.text());
        let mut client = Client::connect(&server).await;
        client.send(&hello(Some(proof))).await;
        let (code, text) = client.closed().await;
        assert_eq!(CloseReason::from_code(code), Some(CloseReason::IdentityRejected));
        assert!(text.contains(why), "{text}");
    }
    assert_eq!(get(&server, "/me").await.status, 401);
    server.stop().await;
}

#[tokio::test]
async fn login_of_the_operator_names_the_player_of_its_records() {
    let directory = directory();
    let place = Place::Directory(directory.path().join("data"));
    let key = b"the key that both servers have, 1";
    let server = server_with(|options| {
        options.storage.records = Some(place);
        options.join_key = JoinKey::new(key);
    })
    .await;
    let ticket = Some(TICKET_OF_BO.to_owned());
    play(&server, ClientMessage::Hello(Hello { ticket, ..Hello::of::<Emberdrift>() })).await;
    assert_eq!(first_row(&server, "/records").await.entries[0].name, "Bo");
    server.stop().await;
}

#[tokio::test]
async fn page_of_records_is_public_and_says_when_it_has_not_changed() {
    let directory = directory();
    let server = server_with_records(&directory).await;
    let first = get(&server, "/records").await;
    let page = page(&first);
    assert_eq!((&*page.arena, &*page.period, &*page.key), ("drift", "all", "all"));
    assert_eq!(first.header("access-control-allow-origin"), "*");
    let etag = first.header("etag");
    let again = request(&server, "GET", "/records", &[("if-none-match", etag)]).await;
    assert_eq!((again.status, again.body.len(), again.header("etag")), (304, 0, etag));
    for query in ["period=year", "offset=10001", "limit=101", "limit=x", "arena=", "mode=%00"] {
        let answer = get(&server, &format!("/records?{query}")).await;
        assert_eq!(answer.status, 400, "{query}: {}", answer.text());
    }
    let ready = soon("a tick", async {
        loop {
            let ready = get(&server, "/readyz").await;
            if ready.status == 200 {
                break ready.text();
            }
        }
    });
    // Which keeps the readiness up to date.
    tokio::select! {
        ended = server.watch() => panic!("{ended}"),
        ready = ready => assert_eq!(ready, "ready\n"),
    }
    let metrics = get(&server, "/metrics").await.text();
    assert!(metrics.contains("\nemberdrift_records_delayed 0\n"));
    let options = request(&server, "OPTIONS", "/me", &[]).await;
    assert_eq!(options.header("allow"), "GET, HEAD, DELETE, OPTIONS");
    assert_eq!(options.header("access-control-allow-methods"), "", "other sites' pages may not ask");
    server.stop().await;
}

#[tokio::test]
async fn server_without_records_plays_and_says_so() {
    let server = server().await;
    let mut client = Client::connect(&server).await;
    client.send(&hello(Some("no proof".to_owned()))).await;
    client.welcome().await;
    for path in ["/records", "/me", "/me/challenge"] {
        let answer = get(&server, path).await;
        assert_eq!((answer.status, &*answer.text()), (404, "this server keeps no records\n"), "{path}");
    }
    assert!(!get(&server, "/metrics").await.text().contains("emberdrift_records"));
    server.stop().await;
}

#[tokio::test]
async fn badge_of_an_achievement_is_worn_by_who_has_unlocked_it() {
    let directory = directory();
    let server = server_with_records(&directory).await;
    let listed = get(&server, "/achievements").await;
    assert_eq!((listed.status, listed.header("access-control-allow-origin")), (200, "*"));
    let achievements: Vec<AchievementInfo> = serde_json::from_slice(&listed.body).unwrap();
    server.stop().await;

    // What an earlier visit has unlocked.
    let mut player = LastingId([0; 16]);
    let id = Sha256::new()
        .chain_update("emberdrift player v1")
        .chain_update(key([1; 16]).verifying_key().as_bytes());
    player.0.copy_from_slice(&id.finalize()[..16]);
    let store = Store::new(&Place::Directory(directory.path().join("data"))).unwrap();
    store.prepare().await.unwrap();
    let unlocked = Achievement {
        player,
        name: PlayerName::new("Ada").unwrap(),
        achievement: achievements[1].id.as_str().into(),
        unlocked_ms: 1_700_000_000_000,
    };
    store.write(&[Record::Achievement(unlocked)]).await.unwrap();

    let server = server_with_records(&directory).await;
    let mut ada = Client::connect(&server).await;
    ada.send(&hello(Some(proof(&server, 1).await))).await;
    let me = ada.welcome().await.player.unwrap();
    // The first has not been unlocked, so the second is the only one that is shown.
    for number in [1, 200, 2] {
        ada.send(&ClientMessage::Badge(number)).await;
    }
    assert_eq!(badge_of(&mut ada, me).await, achievements[1].sign);
    let mut bo = Client::connect(&server).await;
    bo.send(&hello(None)).await;
    bo.welcome().await;
    assert_eq!(badge_of(&mut bo, me).await, achievements[1].sign, "one that joins later is told too");
    ada.send(&ClientMessage::Badge(0)).await;
    assert_eq!(badge_of(&mut bo, me).await, "");
    server.stop().await;
}

/// The next badge of this player.
async fn badge_of(client: &mut Client, player: PlayerId) -> String {
    soon("a badge", async {
        loop {
            let notices = client.frame().await.notices;
            let badges = notices.into_iter().filter_map(|notice| match notice {
                Notice::Badges(badges) => Some(badges),
                _ => None,
            });
            if let Some(badge) = badges.flatten().find(|badge| badge.player == player) {
                return badge.sign;
            }
        }
    })
    .await
}
