//! Bots against a real server, over real sockets.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use benches::bot::{self, Plan, Progress, Report, Scenario, report_page};
use server::{
    engine::{
        net::{Limits, Site},
        notifier::Notifier,
    },
    game::{arena_file, arena_loop::ArenaSettings},
    run::{self, Options, Running},
};

const PLAYERS: u32 = 24;

async fn server(max_players: usize) -> Running {
    server_with(max_players, 6, Limits::for_players(max_players)).await
}

async fn server_with(max_players: usize, drones: u16, limits: Limits) -> Running {
    let options = Options {
        listen: ([127, 0, 0, 1], 0).into(),
        game: ArenaSettings {
            arena: arena_file::load("drift").expect("a built-in arena"),
            tick_rate: 30,
            drones,
            max_players,
            seed: 5,
            reconnect_grace: Duration::from_secs(60),
            slow_tick: None,
        },
        others: Vec::new(),
        limits,
        site: Site::Embedded,
        echo: false,
        notifier: Notifier::default(),
    };
    run::start(options).await.expect("the server starts")
}

fn plan(address: &str, players: u32) -> Plan {
    Plan {
        players,
        seconds: 2.0,
        seed: 9,
        ..Plan::new(format!("ws://{address}").parse().expect("an address"))
    }
}

/// Runs a plan against a server of its own, with ships up to `drones`.
async fn ran(drones: u16, limits: Limits, change: impl FnOnce(&mut Plan)) -> Report {
    let server = server_with(128, drones, limits).await;
    let mut plan = plan(&server.address().to_string(), PLAYERS);
    change(&mut plan);
    let report = bot::run(&plan, Arc::new(Progress::default())).await;
    server.stop().await;
    report
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bots_play_and_every_checksum_agrees() {
    let server = server(64).await;
    let report = bot::run(&plan(&server.address().to_string(), PLAYERS), Arc::new(Progress::default())).await;
    server.stop().await;
    assert_eq!(report.failures(), Vec::<String>::new(), "{report}");
    assert_eq!((report.players_joined, report.players_at_end), (PLAYERS, PLAYERS));
    assert_eq!((report.bots.full, report.bots.light), (PLAYERS, 0));
    // Thirty a second; half of them will do on a machine that has other things to do.
    assert!(report.frames_per_player_second.p50 > 15.0, "{report}");
    assert!(report.input_to_ack_ms.p50 > 0.0 && report.bytes_per_player_second.mean > 0.0, "{report}");
    assert!(report.disconnects.is_empty(), "{report}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn light_bots_play_beside_whole_ones() {
    let report = ran(6, Limits::for_players(128), |plan| {
        (plan.players, plan.full, plan.threads) = (44, Some(4), 2);
    })
    .await;
    assert_eq!(report.failures(), Vec::<String>::new(), "{report}");
    assert_eq!((report.players_joined, report.players_at_end), (44, 44));
    assert_eq!((report.bots.full, report.bots.light, report.tick_rate), (4, 40, 30));
    assert!(report.disconnects.is_empty() && report.checksum_mismatches == 0, "{report}");
    // Many more than four whole bots could have had: thirty a second for two seconds.
    assert!(report.frames_received > 44 * 20, "{report}");
    // Light ones see no other ships, whole ones do; and all have their inputs answered.
    assert!(report.visible_ships.mean > 0.0 && report.input_to_ack_ms.p50 > 0.0, "{report}");
    assert!(report.bots.cpu_seconds > 0.0 && !report.frame_gap_curve_ms.is_empty(), "{report}");
    let ticks = report.server.as_ref().and_then(|server| server.ticks);
    assert!(ticks.is_some_and(|ticks| ticks > 20.0), "{report}");
    let page = report_page(&report);
    assert!(page.contains("44 players, spread") && page.contains("<svg"), "{page}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bots_of_both_kinds_play_by_a_bad_link() {
    let report = ran(6, Limits::for_players(128), |plan| {
        plan.full = Some(12);
        plan.link = Some("delay=80ms jitter=10ms stall=100ms/1s seed=3".parse().expect("a link"));
    })
    .await;
    assert_eq!(report.failures(), Vec::<String>::new(), "{report}");
    assert_eq!((report.bots.full, report.bots.light, report.players_at_end), (12, 12, PLAYERS));
    assert!(report.disconnects.is_empty(), "{report}");
    // Thirty milliseconds there and thirty back at the least.
    assert!(report.input_to_ack_ms.p50 >= 60.0, "{report}");
    let link = "delay=80ms jitter=10ms stall=100ms/1s seed=3";
    assert_eq!(report.link.as_deref(), Some(link));
    assert!(report.to_string().contains(link) && report_page(&report).contains(link), "{report}");
    // The server's own figures come straight from it.
    assert!(report.server.is_some(), "{report}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crowd_gathers_before_it_is_measured() {
    let server = server(64).await;
    let plan = Plan {
        scenario: Scenario::Crowd,
        full: Some(4),
        seconds: 0.5,
        ..plan(&server.address().to_string(), PLAYERS)
    };
    let progress = Arc::new(Progress::default());
    let report = bot::run(&plan, Arc::clone(&progress)).await;
    server.stop().await;
    assert_eq!(report.failures(), Vec::<String>::new(), "{report}");
    // All are where the whole ones see them, but for those who were held up or shot down on the way.
    assert!(report.visible_ships.mean > f64::from(PLAYERS) / 2.0, "{report}");
    assert!(report.bytes_per_moving_ship.is_some_and(|bytes| bytes > 0.5), "{report}");
    assert_eq!(progress.gathered.load(Ordering::Relaxed), 0, "whoever leaves is no longer there");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bots_that_leave_are_followed_by_others() {
    let report = ran(6, Limits::for_players(128), |plan| {
        (plan.scenario, plan.full, plan.churn) = (Scenario::Churn, Some(8), "20/s".parse().ok());
    })
    .await;
    assert_eq!(report.failures(), Vec::<String>::new(), "{report}");
    assert_eq!(report.players_joined, PLAYERS, "{report}");
    // Forty in two seconds, less what a slow machine leaves out.
    assert!((10..=41).contains(&report.leaves), "{report}");
    assert!(report.joins <= report.leaves && report.joins + 8 >= report.leaves, "{report}");
    assert_eq!(report.joins_failed, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bots_that_do_not_read_are_counted_apart() {
    // So little is kept for a slow reader, and so much is there to see, that it is found out soon.
    let limits = Limits {
        stall_timeout: Duration::from_millis(500),
        check_interval: Duration::from_millis(50),
        send_buffer_bytes: 4 * 1024,
        ..Limits::for_players(128)
    };
    let report = ran(250, limits, |plan| {
        (plan.scenario, plan.stalled, plan.full) = (Scenario::Stalled, Some(0.25), Some(6));
        plan.seconds = 6.0;
    })
    .await;
    assert_eq!(report.failures(), Vec::<String>::new(), "{report}");
    assert_eq!((report.stalled.count, report.bots.full, report.bots.light), (6, 6, 18));
    // The two that stopped for good have been thrown out; those who paused or sipped perhaps.
    let closed: u32 = report.stalled.closed.values().sum();
    assert!((2..=6).contains(&closed), "{report}");
    assert!(report.stalled.closed.contains_key("slow_reader"), "{report}");
    assert!(report.disconnects.is_empty(), "{report}");
    assert!(report.players_at_end >= PLAYERS - 6, "{report}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_finds_the_server_full_is_told_and_counted() {
    for full in [6, 3, 0] {
        let server = server(4).await;
        let plan = Plan { full: Some(full), ..plan(&server.address().to_string(), 6) };
        let report = bot::run(&plan, Arc::new(Progress::default())).await;
        server.stop().await;
        assert_eq!(report.players_joined, 4, "{report}");
        assert_eq!(report.disconnects.get("full"), Some(&2), "{report}");
        assert_eq!(report.failures(), ["2 of 6 players did not get in"]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_server_bots_say_how_to_start_one() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    for link in [None, "delay=10ms".parse().ok()] {
        let plan = Plan { full: Some(1), link, ..plan(&address.to_string(), 2) };
        let run = bot::run(&plan, Arc::new(Progress::default()));
        let report = tokio::time::timeout(Duration::from_secs(5), run).await.expect("nothing to wait for");
        let reasons: Vec<_> = report.disconnects.iter().collect();
        assert!(matches!(reasons[..], [(reason, 2)] if reason.contains("cargo xtask play")), "{reasons:?}");
        assert_eq!(report.failures(), ["2 of 2 players did not get in"]);
        assert_eq!(report.server, None);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_goes_is_a_disconnect_with_a_reason() {
    let server = server(64).await;
    let mut plan = plan(&server.address().to_string(), 4);
    (plan.seconds, plan.full) = (20.0, Some(2));
    let progress = Arc::new(Progress::default());
    let bots = tokio::spawn({
        let progress = Arc::clone(&progress);
        async move { bot::run(&plan, progress).await }
    });
    while !progress.measuring.load(Ordering::Relaxed) {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    server.stop().await;
    let report = bots.await.expect("the bots end");
    assert_eq!(report.disconnects.get("shutting_down"), Some(&4), "{report}");
    assert_eq!(report.players_at_end, 0);
}
