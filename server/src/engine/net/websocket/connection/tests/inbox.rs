//! What a connection delivers to the simulation's inbox, also to a full one.

use shared::engine::ids::CellIndex;

use super::*;

#[tokio::test(start_paused = true)]
async fn messages_of_one_client_leave_room_in_the_inbox() {
    let server = Server::new(320);
    let (mut client, _task) = server.connect().await;
    client.send(hello()).await.unwrap();
    let telemetry = &server.arena.admission.telemetry;
    telemetry.tick.set(100);
    sleep(Duration::from_secs(1)).await;
    for message in [
        ClientMessage::Input { tick: Tick(101), input: PlayerInput::default(), rewind: 0, ack: 0 },
        ClientMessage::Ack(7),
        ClientMessage::ResyncCell(CellIndex(0)),
    ] {
        for _ in 0..300 {
            client.feed(encoded(&message)).await.unwrap();
        }
        client.flush().await.unwrap();
        sleep(Duration::from_millis(1)).await;
    }
    assert_eq!(telemetry.inputs_dropped_total.get(), 0);
    assert_eq!(server.inbox.len(), 1 + 32 + 120 + 128);
    assert_eq!(telemetry.messages_over_rate_total.get(), 900 - 32 - 120 - 128);
}

#[tokio::test(start_paused = true)]
async fn inputs_in_time_get_through_behind_those_that_the_network_held_back() {
    let server = Server::new(64);
    let (mut client, _task, _outbox) = server.join().await;
    server.arena.admission.telemetry.tick.set(1200);
    for tick in 1100..1210 {
        let input =
            ClientMessage::Input { tick: Tick(tick), input: PlayerInput::default(), rewind: 0, ack: 0 };
        client.feed(encoded(&input)).await.unwrap();
    }
    client.flush().await.unwrap();
    sleep(Duration::from_millis(1)).await;
    let ticks: Vec<u32> = server
        .inbox
        .try_iter()
        .filter_map(|inbound| match inbound {
            Inbound::Input { tick, .. } => Some(tick.0),
            _ => None,
        })
        .collect();
    assert_eq!(ticks[16..], (1201..1210).collect::<Vec<_>>(), "{ticks:?}");
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
