//! What an operator relies on: probes, metrics, a clean shutdown.

use std::time::{Duration, Instant};

use shared::engine::protocol::CloseReason;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::rig::{Client, TIMEOUT, eventually, get, request, server, server_with, soon};

#[tokio::test]
async fn metrics_are_prometheus_text_with_every_name() {
    let server = server().await;
    let (mut client, _) = Client::join(&server, "Ada").await;
    client.frame().await;

    let answer = get(&server, "/metrics").await;
    assert_eq!(answer.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    let text = answer.text();
    let mut names = std::collections::BTreeSet::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (series, value) = line.rsplit_once(' ').expect(line);
        value.parse::<f64>().expect(line);
        let (name, labels) = series.split_once('{').unwrap_or((series, ""));
        if name.starts_with("process_") {
            assert_eq!(labels, "", "{line}");
        } else if name == "emberdrift_log_lines_dropped_total" {
            assert_eq!(labels, "");
        } else if name == "emberdrift_build_info" {
            assert_eq!(labels, concat!("version=\"", env!("CARGO_PKG_VERSION"), "\"}"));
        } else {
            assert!(labels.contains("arena=\"drift\"") && labels.ends_with('}'), "{line}");
        }
        names.insert(name);
    }
    for name in [
        "build_info",
        "log_lines_dropped_total",
        "tick_rate",
        "tick_seconds_bucket",
        "tick_lateness_seconds_sum",
        "ticks_total",
        "ticks_skipped_total",
        "players",
        "players_reconnecting",
        "reconnects_total",
        "bots",
        "bodies",
        "shots",
        "embers",
        "frames_total",
        "frame_bytes_total",
        "frames_skipped_total",
        "frames_contended_total",
        "resyncs_total",
        "cell_resyncs_total",
        "stalled_viewers_total",
        "overload_level",
        "overload_changes_total",
        "connections",
        "messages_in_total",
        "inputs_missed_total",
        "inputs_dropped_total",
        "lag_seconds_bucket",
        "refused_total",
        "closed_total",
        "start_time_seconds",
    ] {
        assert!(names.contains(format!("emberdrift_{name}").as_str()), "{name}");
    }
    for name in ["cpu_seconds_total", "start_time_seconds", "resident_memory_bytes", "open_fds", "max_fds"] {
        assert!(names.contains(format!("process_{name}").as_str()), "{name}");
    }
    assert!(text.contains("emberdrift_tick_rate{arena=\"drift\"} 60\n"), "{text}");
    // Reasons that have not occurred are there too, so that the first occurrence is a rise from 0.
    for series in
        ["closed_total{arena=\"drift\",reason=\"peer\"} 0", "refused_total{arena=\"drift\",reason=\"key\"} 0"]
    {
        assert!(text.contains(series), "{series}");
    }
    server.stop().await;
}

#[tokio::test]
async fn server_is_alive_before_it_is_ready() {
    let server = server().await;
    assert_eq!(get(&server, "/healthz").await.status, 200);
    // Readiness is updated by `watch`, which does not run yet.
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
async fn shutdown_closes_every_connection_with_its_reason() {
    let server = server_with(|options| options.limits.shutdown_timeout = TIMEOUT).await;
    let mut players = Vec::new();
    for number in 0..10 {
        players.push(Client::join(&server, &format!("P{number}")).await.0);
    }
    // One without a hello yet, and one that only loads the page.
    players.push(Client::connect(&server).await);
    let address = server.address();
    let _visitor = tokio::net::TcpStream::connect(address).await.unwrap();
    eventually("all are connected", || server.telemetry().connections.get() == 12).await;

    let telemetry = std::sync::Arc::clone(server.telemetry());
    let stop = tokio::spawn(server.stop());
    for player in &mut players {
        player.expect_close(CloseReason::ShuttingDown).await;
    }
    soon("the shutdown", stop).await.unwrap();
    assert_eq!(telemetry.closed.get("shutting_down").get(), 11);
    assert_eq!(telemetry.connections.get(), 0);
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn clients_that_do_not_read_do_not_delay_the_shutdown() {
    let server = server_with(|options| options.limits.shutdown_timeout = Duration::from_millis(500)).await;
    let mut unresponsive = Vec::new();
    for number in 0..3 {
        unresponsive.push(Client::join(&server, &format!("P{number}")).await.0);
    }
    let started = Instant::now();
    server.stop().await;
    // Half a second for closing handshakes, and some for a busy machine.
    assert!(started.elapsed() < Duration::from_secs(8), "{:?}", started.elapsed());
}

#[tokio::test]
async fn options_are_answered_everywhere_and_public_data_may_be_read_by_any_page() {
    let server = server().await;
    let public = ["/arenas", "/feed", "/feed/sse", "/feed/drift", "/feed/drift/sse"];
    for path in ["/", "/healthz", "/metrics", "/ws", "/feeder", "/nowhere"].into_iter().chain(public) {
        // As a load balancer checks, and as a browser asks before it reads.
        let asked = [("origin", "https://elsewhere.example"), ("access-control-request-method", "GET")];
        let answer = request(&server, "OPTIONS", path, &asked).await;
        assert_eq!((answer.status, answer.header("allow")), (204, "GET, HEAD, OPTIONS"), "{path}");
        let only_public = |value| if public.contains(&path) { value } else { "" };
        for (header, value) in [
            ("allow-origin", "*"),
            ("allow-methods", "GET, HEAD, OPTIONS"),
            ("allow-headers", "*"),
            ("max-age", "86400"),
        ] {
            let header = format!("access-control-{header}");
            assert_eq!(answer.header(&header), only_public(value), "{path}: {header}");
        }
        assert_eq!(answer.header("access-control-allow-credentials"), "", "{path}");
    }
    assert_eq!(get(&server, "/arenas").await.header("access-control-allow-origin"), "*");
    // A page may also read why it got nothing: this request names two hosts.
    let refused = request(&server, "GET", "/arenas", &[("host", "elsewhere.example")]).await;
    assert_eq!((refused.status, refused.header("access-control-allow-origin")), (400, "*"));
    server.stop().await;
}

#[tokio::test]
async fn tls_on_the_plain_port_is_answered_at_the_first_byte() {
    let server = server().await;
    let mut stream = tokio::net::TcpStream::connect(server.address()).await.unwrap();
    // A record with a handshake, TLS 1.0 in its head as every client sends it, and no more.
    stream.write_all(&[22, 3, 1]).await.unwrap();
    let mut answer = String::new();
    soon("an answer", stream.read_to_string(&mut answer)).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("not HTTPS"), "{answer}");
    server.stop().await;
}
