//! Bots against a real server, over real sockets.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use benches::{
    brains::Pilot,
    client::{self, Brain, Encoding, LoadReport, Phase, Plan, Role, RunError, Scenario, Sight, document},
    report::markdown,
    worlds,
};
use client_web::engine::view::NoView;
use futures_util::StreamExt;
use server::{
    engine::net::{Limits, Tls, TlsSource},
    game::Options,
    game::arena_file,
    run::{self, Running},
};
use shared::{
    Vec2,
    engine::{
        input::{Angle, PlayerInput},
        protocol::CloseReason,
        testing::TestGame,
    },
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::mpsc,
    task::spawn_blocking,
};
use tokio_tungstenite::{
    accept_hdr_async,
    tungstenite::{
        handshake::server::{Request, Response},
        http::header::SEC_WEBSOCKET_PROTOCOL,
        protocol::CloseFrame,
    },
};

const PLAYERS: u32 = 24;

async fn server(max_players: usize) -> Running {
    server_with(max_players, 6, Limits::for_players(max_players)).await
}

async fn server_with(max_players: usize, drones: u16, limits: Limits) -> Running {
    let arena = arena_file::load("drift").expect("a built-in arena");
    let options = worlds::server_options(arena, 30, drones, max_players);
    run::start(Options { limits, ..options }).await.expect("the server starts")
}

fn plan(address: &str, players: u32) -> Plan {
    Plan {
        bots: players,
        seconds: 2.0,
        seed: 9,
        ..Plan::new(format!("ws://{address}").parse().expect("an address"))
    }
}

/// Runs a plan, on threads that may block.
async fn run_plan(plan: Plan) -> Result<LoadReport, RunError> {
    let run = move || client::run::<Pilot>(&plan, |_| ());
    spawn_blocking(run).await.expect("no panic")
}

async fn report_of(plan: Plan) -> LoadReport {
    run_plan(plan).await.expect("a report")
}

/// Runs a plan against a server of its own, with ships up to `drones`.
async fn ran(drones: u16, limits: Limits, change: impl FnOnce(&mut Plan)) -> LoadReport {
    let server = server_with(128, drones, limits).await;
    let mut plan = plan(&server.address().to_string(), PLAYERS);
    change(&mut plan);
    let report = report_of(plan).await;
    server.stop().await;
    report
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bots_play_and_every_checksum_agrees() {
    let server = server(64).await;
    let report = report_of(plan(&server.address().to_string(), PLAYERS)).await;
    server.stop().await;
    assert_eq!(report.failures(), Vec::<String>::new(), "{report}");
    assert_eq!((report.players_joined, report.players_at_end), (PLAYERS, PLAYERS));
    assert_eq!((report.bots.full, report.bots.lite), (PLAYERS, 0));
    // Thirty a second; half of them will do on a machine that has other things to do.
    assert!(report.frames_per_player_second.p50 > Some(15.0), "{report}");
    assert!(
        report.input_to_ack_ms.p50 > Some(0.0) && report.bytes_per_player_second.mean > Some(0.0),
        "{report}"
    );
    assert!(report.disconnects.is_empty(), "{report}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lite_bots_play_beside_full_ones() {
    let report = ran(6, Limits::for_players(128), |plan| {
        (plan.bots, plan.full) = (44, Some(4));
    })
    .await;
    assert_eq!(report.failures(), Vec::<String>::new(), "{report}");
    assert_eq!((report.players_joined, report.players_at_end), (44, 44));
    assert_eq!((report.bots.full, report.bots.lite, report.tick_rate), (4, 40, 30));
    assert!(report.disconnects.is_empty() && report.checksum_mismatches == 0, "{report}");
    // Many more than four full bots could have received: thirty a second for two seconds.
    assert!(report.frames_received > 44 * 20, "{report}");
    // Lite bots see no other bodies and full ones do; all have their inputs acknowledged.
    assert!(report.visible_bodies.mean > Some(0.0) && report.input_to_ack_ms.p50 > Some(0.0), "{report}");
    assert!(report.bots.cpu_seconds > 0.0, "{report}");
    let ticks = report.server.as_ref().and_then(|server| server.ticks);
    assert!(ticks.is_some_and(|ticks| ticks > 20.0), "{report}");
    let page = markdown(&document(&report));
    assert!(page.contains("# 44 players, spread"), "{page}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bots_of_both_kinds_play_behind_a_conditioner() {
    let report = ran(6, Limits::for_players(128), |plan| {
        plan.full = Some(12);
        plan.conditions = Some("delay=80ms jitter=10ms stall=100ms/1s seed=3".parse().expect("conditions"));
    })
    .await;
    assert_eq!(report.failures(), Vec::<String>::new(), "{report}");
    assert_eq!((report.bots.full, report.bots.lite, report.players_at_end), (12, 12, PLAYERS));
    assert!(report.disconnects.is_empty(), "{report}");
    // Thirty milliseconds there and thirty back at the least.
    assert!(report.input_to_ack_ms.p50 >= Some(60.0), "{report}");
    let conditions = "delay=80ms jitter=10ms stall=100ms/1s seed=3";
    assert_eq!(report.link.as_deref(), Some(conditions));
    assert!(report.to_string().contains(conditions), "{report}");
    // The server's own figures do not pass the conditioner.
    assert!(report.server.is_some(), "{report}");
}

/// A node of a cluster that sends every client on to the server at `address`. Returns where it listens.
async fn node_that_sends_on(address: SocketAddr) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let at = listener.local_addr().expect("it is bound");
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(send_on(stream, address));
        }
    });
    at
}

async fn send_on(stream: TcpStream, address: SocketAddr) {
    #[expect(clippy::result_large_err, reason = "tungstenite's own")]
    let choose = |request: &Request, mut response: Response| {
        let wanted = request.headers().get(SEC_WEBSOCKET_PROTOCOL).cloned();
        response.headers_mut().extend(wanted.map(|wanted| (SEC_WEBSOCKET_PROTOCOL, wanted)));
        Ok(response)
    };
    // The check whether a server listens is no client.
    let Ok(mut socket) = accept_hdr_async(stream, choose).await else { return };
    let _hello = socket.next().await;
    let code = CloseReason::Moved.code().into();
    let _ = socket.close(Some(CloseFrame { code, reason: format!("ws://{address}/ws").into() })).await;
    while socket.next().await.is_some_and(|message| message.is_ok()) {}
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bots_follow_to_another_node() {
    let server = server(64).await;
    let node = node_that_sends_on(server.address()).await;
    let report = report_of(plan(&node.to_string(), PLAYERS)).await;
    server.stop().await;
    assert_eq!(report.failures(), Vec::<String>::new(), "{report}");
    assert_eq!((report.players_joined, report.players_at_end), (PLAYERS, PLAYERS));
    assert_eq!((report.moves, report.joins), (u64::from(PLAYERS), 0), "none of them replaces another");
    assert!(report.disconnects.is_empty(), "{report}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn crowd_gathers_before_it_is_measured() {
    let server = server(64).await;
    let plan = Plan {
        scenario: Scenario::Crowd,
        full: Some(4),
        seconds: 0.5,
        ..plan(&server.address().to_string(), PLAYERS)
    };
    let report = report_of(plan).await;
    server.stop().await;
    assert_eq!(report.failures(), Vec::<String>::new(), "{report}");
    // Full bots see nearly all: some were stuck or shot down on the way.
    assert!(report.visible_bodies.mean > Some(f64::from(PLAYERS) / 2.0), "{report}");
    assert!(report.bytes_per_moving_body.is_some_and(|bytes| bytes > 0.5), "{report}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bots_that_leave_are_replaced() {
    let report = ran(6, Limits::for_players(128), |plan| {
        (plan.scenario, plan.full) = (Scenario::Churn, Some(8));
    })
    .await;
    assert_eq!(report.failures(), Vec::<String>::new(), "{report}");
    assert_eq!(report.players_joined, PLAYERS, "{report}");
    // A hundred in two seconds, fewer on a slow machine.
    assert!((20..=101).contains(&report.leaves), "{report}");
    assert!(report.joins <= report.leaves && report.joins + u64::from(PLAYERS) >= report.leaves, "{report}");
    assert_eq!(report.joins_failed, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_readers_are_counted_apart() {
    // The buffers are small and the frames large, so that slow readers are noticed soon.
    let limits = Limits {
        stall_timeout: Duration::from_millis(500),
        check_interval: Duration::from_millis(50),
        send_buffer_bytes: 4 * 1024,
        ..Limits::for_players(128)
    };
    let report = ran(250, limits, |plan| {
        (plan.scenario, plan.full) = (Scenario::Stalled, Some(6));
        plan.seconds = 6.0;
    })
    .await;
    assert_eq!(report.failures(), Vec::<String>::new(), "{report}");
    assert_eq!((report.stalled.count, report.bots.full, report.bots.lite), (5, 6, 18));
    // The two that stopped reading have been disconnected, and perhaps some of the others.
    let closed: u32 = report.stalled.closed.values().sum();
    assert!((2..=5).contains(&closed), "{report}");
    assert!(report.stalled.closed.contains_key("slow_reader"), "{report}");
    assert!(report.disconnects.is_empty(), "{report}");
    assert!(report.players_at_end >= PLAYERS - 5, "{report}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bots_play_over_tls_and_read_the_metrics() {
    let arena = arena_file::load("drift").expect("a built-in arena");
    let options = worlds::server_options(arena, 30, 6, 64);
    let source = TlsSource::SelfSigned { names: vec!["127.0.0.1".to_owned()], kept_in: None };
    let tls = Some(Arc::new(Tls::new(source).expect("a certificate")));
    let server = run::start(Options { tls, ..options }).await.expect("the server starts");
    for full in [4, 0] {
        let address = format!("wss://{}", server.address()).parse().expect("an address");
        let plan = Plan { bots: 8, seconds: 2.0, full: Some(full), ..Plan::new(address) };
        let report = report_of(plan).await;
        assert!(report.failures().is_empty() && report.frames_received > 0, "{report}");
        assert!(report.server.is_some(), "{report}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bots_that_find_the_server_full_are_counted() {
    for full in [6, 3, 0] {
        let server = server(4).await;
        let plan = Plan { full: Some(full), ..plan(&server.address().to_string(), 6) };
        let report = report_of(plan).await;
        server.stop().await;
        assert_eq!(report.players_joined, 4, "{report}");
        assert_eq!(report.disconnects.get("full"), Some(&2), "{report}");
        assert_eq!(report.failures(), ["2 of 6 players did not get in"]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn missing_server_is_one_error() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    for conditions in [None, "delay=10ms".parse().ok()] {
        let plan = Plan { full: Some(1), conditions, ..plan(&address.to_string(), 2) };
        let error = run_plan(plan).await.expect_err("there is no server").to_string();
        assert!(error.contains(&address.to_string()) && error.contains("cargo xtask play"), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn server_that_accepts_no_bot_is_one_error() {
    let server = server(64).await;
    let plan = plan(&format!("{}/nowhere", server.address()), 3);
    let error = run_plan(plan).await.expect_err("no bot can join").to_string();
    server.stop().await;
    assert!(error.contains("none of 3 bots could join") && error.contains("HTTP 404"), "{error}");
}

/// The whole brain of a bot of another game.
struct Pusher;

impl Brain for Pusher {
    type Game = TestGame;
    type View = NoView<TestGame>;

    fn new(_: u64, _: u32, _: Role) -> Self {
        Self
    }

    fn think(&mut self, sight: &Sight<'_, Self>) -> PlayerInput {
        let inward = sight.position().map_or(Vec2::ZERO, |position| sight.arena_size / 2.0 - position);
        PlayerInput { buttons: TestGame::PUSH, aim: Angle::of(inward) }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bots_of_another_game_end_with_one_error() {
    let server = server(64).await;
    let address = server.address().to_string();
    for (full, encoding) in [(3, Encoding::Bincode), (0, Encoding::Bincode), (1, Encoding::Json)] {
        let plan = Plan { full: Some(full), encoding, ..plan(&address, 3) };
        let run = spawn_blocking(move || client::run::<Pusher>(&plan, |_| ()));
        let error = run.await.expect("no panic").expect_err("the server refuses them").to_string();
        assert!(error.contains(&address) && error.contains("another game"), "{error}");
        assert!(error.contains("which play test") && !error.contains('\n'), "{error}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn server_that_shuts_down_is_a_disconnect_with_a_reason() {
    let server = server(64).await;
    let mut plan = plan(&server.address().to_string(), 4);
    (plan.seconds, plan.full) = (20.0, Some(2));
    let (phases, mut on_phase) = mpsc::unbounded_channel();
    let bots = spawn_blocking(move || client::run::<Pilot>(&plan, |phase| _ = phases.send(phase)));
    while on_phase.recv().await.expect("the bots run") != Phase::Measuring {}
    server.stop().await;
    let report = bots.await.expect("no panic").expect("a report");
    assert_eq!(report.disconnects.get("shutting_down"), Some(&4), "{report}");
    assert_eq!(report.players_at_end, 0);
}
