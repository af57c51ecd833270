//! What whoever runs the server relies on: probes, metrics, a clean end.

use std::time::{Duration, Instant};

use shared::engine::protocol::CloseReason;

use crate::rig::{Client, PATIENCE, eventually, get, server, server_with, soon};

#[tokio::test]
async fn metrics_are_prometheus_text_with_all_the_names() {
    let server = server().await;
    let (mut client, _) = Client::join(&server, "Ada").await;
    client.frame().await;
    // Each number is labelled by a reason, and there is none without one.
    server.metrics().refused.with_label_values(&["key"]).inc();
    server.metrics().closed.with_label_values(&["peer"]).inc();

    let answer = get(&server, "/metrics").await;
    assert_eq!(answer.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    let text = answer.text();
    let mut names = std::collections::BTreeSet::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (series, value) = line.rsplit_once(' ').expect(line);
        value.parse::<f64>().expect(line);
        if series.starts_with("process_") {
            // Of the whole process, whatever arenas are in it.
            names.insert(series);
            continue;
        }
        let (name, labels) = series.split_once('{').expect(line);
        assert!(labels.contains("arena=\"") && labels.ends_with('}'), "{line}");
        names.insert(name);
    }
    for name in [
        "tick_seconds_bucket",
        "tick_lateness_seconds_sum",
        "ticks_total",
        "ticks_skipped_total",
        "players",
        "drones",
        "ships",
        "shots",
        "embers",
        "frames_total",
        "frame_bytes_total",
        "frames_skipped_total",
        "resyncs_total",
        "cell_resyncs_total",
        "given_up_total",
        "overload_stage",
        "overload_changes_total",
        "connections",
        "messages_in_total",
        "inputs_dropped_total",
        "refused_total",
        "closed_total",
        "start_time_seconds",
    ] {
        assert!(names.contains(format!("emberdrift_{name}").as_str()), "{name}");
    }
    assert!(names.contains("process_cpu_seconds_total") && names.contains("process_resident_memory_bytes"));
    server.stop().await;
}

#[tokio::test]
async fn probes_tell_alive_from_ready() {
    let server = server().await;
    assert_eq!(get(&server, "/healthz").await.status, 200);
    // Nobody watches the simulation yet, so nobody can vouch for it.
    assert_eq!(get(&server, "/readyz").await.status, 503);
    soon("readiness", async {
        tokio::select! {
            ended = server.watch() => panic!("{ended}"),
            () = async { while get(&server, "/readyz").await.status != 200 {} } => {}
        }
    })
    .await;
    server.stop().await;
}

#[tokio::test]
async fn at_the_end_every_player_is_told() {
    let server = server_with(|options| options.limits.shutdown_timeout = PATIENCE).await;
    let mut players = Vec::new();
    for number in 0..10 {
        players.push(Client::join(&server, &format!("P{number}")).await.0);
    }
    // One who has not said hello yet, and one who only looks at the page.
    players.push(Client::connect(&server).await);
    let address = server.address();
    let _visitor = tokio::net::TcpStream::connect(address).await.unwrap();
    eventually("everyone is in", || server.metrics().connections.get() == 12).await;

    let metrics = std::sync::Arc::clone(server.metrics());
    let stop = tokio::spawn(server.stop());
    for player in &mut players {
        player.expect_close(CloseReason::ShuttingDown).await;
    }
    soon("the end", stop).await.unwrap();
    assert_eq!(metrics.closed.with_label_values(&["shutting_down"]).get(), 11);
    assert_eq!(metrics.connections.get(), 0);
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn players_who_do_not_listen_do_not_hold_up_the_end() {
    let server = server_with(|options| options.limits.shutdown_timeout = Duration::from_millis(500)).await;
    let mut deaf = Vec::new();
    for number in 0..3 {
        deaf.push(Client::join(&server, &format!("P{number}")).await.0);
    }
    let started = Instant::now();
    server.stop().await;
    // Half a second for goodbyes, and some for a busy machine.
    assert!(started.elapsed() < Duration::from_secs(8), "{:?}", started.elapsed());
}
