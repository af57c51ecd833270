//! A server whose ticks take too long sheds load level by level, refuses new clients, and admits them again.

use std::time::Duration;

use server::engine::{drill::SlowTick, net::Access};

use crate::rig::{Client, eventually, get, server_with};

#[tokio::test]
async fn overloaded_server_refuses_new_clients_and_keeps_the_others() {
    let server = server_with(|options| {
        options.game.tick_rate = 20;
        options.game.bots = 16;
        let portal = ["https://portal.example".parse().unwrap()];
        options.access = Access::new(Vec::new(), &portal, Default::default());
        options.site =
            server::engine::net::Site::Files([("index.html".to_owned(), b"the game".to_vec())].into());
        // Nine tenths of a tick, so that none is skipped and the level changes once a second.
        options.game.slow_tick = Some(SlowTick {
            extra: Duration::from_millis(45),
            lasts: Duration::from_secs(6),
            after: Duration::ZERO,
        });
    })
    .await;
    let telemetry = server.telemetry();
    assert_eq!(get(&server, "/").await.status, 200);
    let (mut early, _) = Client::join(&server, "Early").await;
    let mut levels = vec![0];
    eventually("level 4", || {
        let level = telemetry.overload_level.get();
        if levels.last() != Some(&level) {
            levels.push(level);
        }
        level == 4
    })
    .await;
    assert_eq!(levels, [0, 1, 2, 3, 4]);

    for (path, kind) in [("/", "text/html; charset=utf-8"), ("/ws", "text/plain; charset=utf-8")] {
        let answer = crate::rig::request(
            &server,
            "GET",
            path,
            &[
                ("upgrade", "websocket"),
                // Without `close` the connection would stay open after the refusal.
                ("connection", "Upgrade, close"),
                ("sec-websocket-version", "13"),
                ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
            ],
        )
        .await;
        assert_eq!((answer.status, answer.header("retry-after")), (503, "10"), "{path}");
        assert_eq!(answer.header("content-type"), kind);
        // A site that may embed the game may embed this page too.
        let policy = answer.header("content-security-policy");
        assert!(policy.ends_with("frame-ancestors 'self' https://portal.example"), "{path}: {policy}");
    }
    assert_eq!(get(&server, "/readyz").await.status, 503);
    assert_eq!(get(&server, "/healthz").await.status, 200);
    let text = get(&server, "/metrics").await.text();
    assert!(text.contains("emberdrift_overload_level{arena=\"drift\"} 4"), "{text}");
    let tick = early.frame().await.head.tick;
    assert!(early.frame().await.head.tick > tick, "a client that had joined gets no more frames");
    eventually("most drones have left", || telemetry.bots.get() <= 4).await;

    eventually("level 3", || telemetry.overload_level.get() == 3).await;
    assert_eq!(get(&server, "/").await.text(), "the game");
    let (mut late, _) = Client::join(&server, "Late").await;
    late.frame().await;
    server.stop().await;
}
