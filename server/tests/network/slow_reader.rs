//! A client that does not read is skipped, does not affect others, and resynchronises once it reads.

use std::time::Duration;

use server::{engine::net::Limits, game::Options};
use shared::engine::limits::FRAMES_UNACKED_MAX;

use crate::rig::{Client, eventually, server_with, soon};

/// However slow this machine is, no connection is closed for it.
fn never_time_out(options: &mut Options) {
    options.limits.stall_timeout = Duration::from_secs(3600);
    options.limits.idle_timeout = Duration::from_secs(3600);
}

#[tokio::test]
async fn slow_reader_is_skipped_and_resynchronised() {
    let server = server_with(|options| {
        options.game.tick_rate = 128;
        options.game.bots = 400;
        options.limits.send_buffer_bytes = 4096;
        never_time_out(options);
    })
    .await;
    let mut slow = Client::connect_small(&server).await;
    slow.send(&crate::rig::hello("Slow")).await;
    slow.welcome().await;
    let telemetry = server.telemetry();
    eventually("frames are skipped", || telemetry.frames_skipped_total.get() > 20).await;

    let (mut other, _) = Client::join(&server, "Quick").await;
    // Another client is not affected.
    let mut tick = other.frame().await.head.tick;
    for _ in 0..50 {
        let frame = other.frame().await;
        assert!(frame.head.tick > tick);
        tick = frame.head.tick;
    }

    let mut tick = None;
    soon("a reset frame", async {
        loop {
            let frame = slow.frame().await;
            let gap = tick.map_or(0, |tick| frame.head.tick.since(tick));
            let reset = frame.head.view.is_some_and(|view| view.reset);
            if tick.is_some() && reset {
                break;
            }
            // A busy machine may skip ticks for all clients; then a gap proves nothing.
            if telemetry.ticks_skipped_total.get() == 0 {
                assert!(gap <= 1, "a frame is missing, and this one is not a reset");
            }
            tick = Some(frame.head.tick);
        }
    })
    .await;
    // Counted just after it is sent.
    eventually("it is counted", || telemetry.resyncs_total.get() >= 1).await;
    // It stays synchronised.
    for _ in 0..20 {
        slow.frame().await;
    }
    server.stop().await;
}

#[tokio::test]
async fn client_that_never_reads_leaves_the_arena_before_its_close_ends() {
    let server = server_with(|options| {
        options.game.tick_rate = 128;
        options.game.bots = 400;
        options.limits = Limits {
            send_buffer_bytes: 4096,
            // Longer than the second after which a player is counted.
            stall_timeout: Duration::from_secs(3),
            check_interval: Duration::from_millis(20),
            ..options.limits
        };
    })
    .await;
    let telemetry = server.telemetry();
    let mut slow = Client::connect_small(&server).await;
    slow.send(&crate::rig::hello("Slow")).await;
    eventually("it has joined", || telemetry.players.get() == 1).await;
    eventually("it is closed", || telemetry.closed.get("slow_reader").get() == 1).await;
    eventually("it has left", || telemetry.players.get() == 0).await;
    assert_eq!(telemetry.connections.get(), 1, "the closing handshake goes on");
    slow.expect_close(shared::engine::protocol::CloseReason::SlowReader).await;
    eventually("the socket is closed", || telemetry.connections.get() == 0).await;
    server.stop().await;
}

#[tokio::test]
async fn client_that_pauses_gets_no_backlog_even_with_large_kernel_buffers() {
    let server = server_with(|options| {
        options.game.tick_rate = 128;
        options.game.bots = 10;
        // The kernel has room for thousands of frames.
        options.limits.send_buffer_bytes = 4 << 20;
        never_time_out(options);
    })
    .await;
    let telemetry = server.telemetry();
    let (mut client, _) = Client::join(&server, "Ada").await;
    let last_read = client.frame().await.head.tick;
    let stopped_at = telemetry.ticks_total.get();
    eventually("four times as many ticks have passed as may be unacknowledged", || {
        telemetry.ticks_total.get() > stopped_at + 4 * u64::from(FRAMES_UNACKED_MAX)
    })
    .await;
    assert!(telemetry.frames_skipped_total.get() > u64::from(FRAMES_UNACKED_MAX));

    let mut waited = 0;
    let present = soon("a reset frame", async {
        loop {
            let frame = client.frame().await;
            if frame.head.view.is_some_and(|view| view.reset) {
                return frame.head.tick;
            }
            waited += 1;
        }
    })
    .await;
    assert!(waited <= FRAMES_UNACKED_MAX, "{waited} old frames waited");
    assert!(present.since(last_read) > 4 * FRAMES_UNACKED_MAX, "the reset is of the present");
    eventually("it is counted, once", || telemetry.resyncs_total.get() == 1).await;
    server.stop().await;
}

#[tokio::test]
async fn stalled_clients_cost_the_others_no_frame() {
    let server = server_with(|options| {
        // So slow that a queue lasts for most of a second: a busy machine must not look like a slow reader.
        options.game.tick_rate = 10;
        options.game.bots = 60;
        options.limits.send_buffer_bytes = 4096;
        never_time_out(options);
    })
    .await;
    let telemetry = server.telemetry();
    let mut stalled = Vec::new();
    for _ in 0..2 {
        let mut client = Client::connect_small(&server).await;
        client.send(&crate::rig::hello("Stalled")).await;
        stalled.push(client);
    }
    eventually("they are skipped", || telemetry.frames_skipped_total.get() > 20).await;
    let mut healthy = Vec::new();
    for _ in 0..8 {
        healthy.push(Client::join(&server, "Healthy").await.0);
    }
    let mut last = vec![None; healthy.len()];
    for _ in 0..40 {
        for (client, last) in healthy.iter_mut().zip(&mut last) {
            let head = client.frame().await.head;
            let before = last.replace(head.tick);
            let is_reset = head.view.is_some_and(|view| view.reset);
            assert_eq!(is_reset, before.is_none(), "only stalled clients are skipped");
            // A busy machine may skip ticks for all clients; then a gap proves nothing.
            if let Some(before) = before
                && telemetry.ticks_skipped_total.get() == 0
            {
                assert_eq!(head.tick.since(before), 1);
            }
        }
    }
    assert_eq!(telemetry.closed.get("slow_reader").get(), 0);
    assert_eq!(telemetry.connections.get(), 10, "all are still connected");
    server.stop().await;
}
