//! Bots against a real server, over real sockets.

use std::{sync::Arc, time::Duration};

use benches::bot::{self, Plan, Progress};
use server::{
    arena_file,
    game_loop::GameSettings,
    net::{Limits, Site},
    run::{self, Options, Running},
};

const PLAYERS: u32 = 24;

async fn server(max_players: usize) -> Running {
    let options = Options {
        listen: ([127, 0, 0, 1], 0).into(),
        game: GameSettings {
            arena: arena_file::load("drift").expect("a built-in arena"),
            tick_rate: 30,
            drones: 6,
            max_players,
            seed: 5,
        },
        limits: Limits::for_players(max_players),
        site: Site::Embedded,
    };
    run::start(options).await.expect("the server starts")
}

fn plan(address: &str, players: u32) -> Plan {
    Plan {
        address: format!("ws://{address}").parse().expect("an address"),
        players,
        seconds: 2.0,
        seed: 9,
        ramp: "200/s".parse().expect("a ramp"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bots_play_and_every_checksum_agrees() {
    let server = server(64).await;
    let report = bot::run(&plan(&server.address().to_string(), PLAYERS), Arc::new(Progress::default())).await;
    server.stop().await;
    assert_eq!(report.failures(), Vec::<String>::new(), "{report}");
    assert_eq!((report.players_joined, report.players_at_end), (PLAYERS, PLAYERS));
    // Thirty a second; half of them will do on a machine that has other things to do.
    assert!(report.frames_per_player_second.p50 > 15.0, "{report}");
    assert!(report.input_to_ack_ms.p50 > 0.0 && report.bytes_per_player_second.mean > 0.0, "{report}");
    assert!(report.disconnects.is_empty(), "{report}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_finds_the_server_full_is_told_and_counted() {
    let server = server(4).await;
    let report = bot::run(&plan(&server.address().to_string(), 6), Arc::new(Progress::default())).await;
    server.stop().await;
    assert_eq!(report.players_joined, 4, "{report}");
    assert_eq!(report.disconnects.get("full"), Some(&2), "{report}");
    assert_eq!(report.failures(), ["2 of 6 players did not get in"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_server_bots_say_how_to_start_one() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let plan = plan(&address.to_string(), 2);
    let run = bot::run(&plan, Arc::new(Progress::default()));
    let report = tokio::time::timeout(Duration::from_secs(5), run).await.expect("nothing to wait for");
    let reasons: Vec<_> = report.disconnects.keys().collect();
    assert!(matches!(reasons[..], [reason] if reason.contains("cargo xtask play")), "{reasons:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_goes_is_a_disconnect_with_a_reason() {
    let server = server(64).await;
    let mut plan = plan(&server.address().to_string(), 3);
    plan.seconds = 20.0;
    let progress = Arc::new(Progress::default());
    let bots = tokio::spawn({
        let progress = Arc::clone(&progress);
        async move { bot::run(&plan, progress).await }
    });
    while !progress.measuring.load(std::sync::atomic::Ordering::Relaxed) {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    server.stop().await;
    let report = bots.await.expect("the bots end");
    assert_eq!(report.disconnects.get("shutting_down"), Some(&3), "{report}");
    assert_eq!(report.players_at_end, 0);
}
