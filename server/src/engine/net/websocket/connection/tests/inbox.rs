//! What a connection delivers to the simulation's inbox, also to a full one.

use super::*;

#[tokio::test(start_paused = true)]
async fn inputs_of_one_client_leave_room_in_the_inbox() {
    let server = Server::new(64);
    let (mut client, _task) = server.connect().await;
    client.send(hello()).await.unwrap();
    let telemetry = &server.arena.admission.telemetry;
    // With the end of its outbox the connection would end.
    let mut received = Vec::new();
    for over_rate in [500 - 32, 1000 - 64] {
        for _ in 0..500 {
            client.feed(input()).await.unwrap();
        }
        client.flush().await.unwrap();
        sleep(Duration::from_millis(1)).await;
        assert_eq!(telemetry.inputs_over_rate_total.get(), over_rate);
        assert_eq!(telemetry.inputs_dropped_total.get(), 0);
        received.extend(server.inbox.try_iter());
        sleep(Duration::from_secs(1)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn left_is_delivered_to_a_full_inbox() {
    let server = Server::new(1);
    let (mut client, task, _outbox) = server.join().await;
    client.send(input()).await.unwrap();
    client.send(input()).await.unwrap();
    client.close(None).await.unwrap();
    assert_eq!(close_reason(&mut client).await, None);
    task.await.unwrap();
    assert_eq!(server.arena.admission.telemetry.inputs_dropped_total.get(), 1);
    assert!(matches!(server.next().await, Inbound::Input { .. }));
    assert!(matches!(server.next().await, Inbound::Left { .. }));
}

#[tokio::test(start_paused = true)]
async fn full_inbox_refuses_new_clients() {
    let server = Server::new(1);
    let (_client, _task) = {
        let (mut client, task) = server.connect().await;
        client.send(hello()).await.unwrap();
        sleep(Duration::from_millis(10)).await;
        (client, task)
    };
    let (mut client, _task) = server.connect().await;
    client.send(hello()).await.unwrap();
    assert_eq!(close_reason(&mut client).await, Some(CloseReason::Full));
}

#[tokio::test(start_paused = true)]
async fn ended_simulation_refuses_new_clients() {
    let mut server = Server::new(9);
    server.inbox = crossbeam_channel::never();
    let (mut client, _task) = server.connect().await;
    client.send(hello()).await.unwrap();
    server.close(CloseReason::ShuttingDown);
    assert_eq!(close_reason(&mut client).await, Some(CloseReason::ShuttingDown));
}

#[tokio::test(start_paused = true)]
async fn dropped_connection_leaves_at_once() {
    let server = Server::new(9);
    let (client, task, _outbox) = server.join().await;
    drop(client);
    task.await.unwrap();
    assert!(matches!(server.next().await, Inbound::Left { .. }));
    assert_eq!(server.closed("error"), 1);
}
