//! What a connection delivers to the simulation's inbox, also to a full one.

use super::*;

/// Also not one that says hello, floods and leaves again and again.
#[tokio::test(start_paused = true)]
async fn inputs_of_one_client_leave_room_in_the_inbox() {
    let server = Server::new(64);
    let flood = async |client: &mut WebSocketStream<DuplexStream>| {
        for _ in 0..500 {
            client.feed(input()).await.unwrap();
        }
        client.flush().await.unwrap();
        sleep(Duration::from_millis(1)).await;
    };
    for _ in 0..5 {
        let (mut client, task) = server.connect().await;
        client.send(hello()).await.unwrap();
        flood(&mut client).await;
        client.close(None).await.unwrap();
        assert_eq!(close_reason(&mut client).await, None);
        task.await.unwrap();
    }
    let telemetry = &server.arena.admission.telemetry;
    assert_eq!(telemetry.inputs_over_rate_total.get(), 2500);
    let (mut client, _task) = server.connect().await;
    client.send(hello()).await.unwrap();
    sleep(Duration::from_secs(1)).await;
    flood(&mut client).await;
    assert_eq!(telemetry.inputs_over_rate_total.get(), 2500 + 500 - 32);
    assert_eq!(telemetry.inputs_dropped_total.get(), 0);
}

#[tokio::test(start_paused = true)]
async fn left_is_delivered_to_a_full_inbox() {
    let server = Server::new(1);
    let (mut client, task, _outbox) = server.join().await;
    sleep(Duration::from_secs(1)).await;
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
