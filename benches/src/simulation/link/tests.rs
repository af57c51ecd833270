//! Links on a paused clock: when bytes arrive, how many fit, and what a fault does.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::timeout,
};

use super::*;

const PLAIN: Conditions = Conditions {
    delay: Duration::from_millis(100),
    jitter: Duration::ZERO,
    buffer_bytes: 1000,
    bytes_per_second: None,
};

fn plain(conditions: Conditions) -> (End, End, Faults) {
    link(conditions, 1, (Journal::new(), 1))
}

/// What arrives, and after how many milliseconds.
async fn read(end: &mut End, bytes: usize) -> (Vec<u8>, u128) {
    let (start, mut buffer) = (Instant::now(), vec![0; bytes]);
    end.read_exact(&mut buffer).await.unwrap();
    (buffer, start.elapsed().as_millis())
}

#[tokio::test(start_paused = true)]
async fn bytes_take_their_delay_in_both_directions_and_stay_in_order() {
    let (mut client, mut server, _faults) = plain(PLAIN);
    client.write_all(b"up").await.unwrap();
    client.write_all(b"per").await.unwrap();
    assert_eq!(read(&mut server, 5).await, (b"upper".to_vec(), 100));
    server.write_all(b"down").await.unwrap();
    assert_eq!(read(&mut client, 4).await, (b"down".to_vec(), 100));
}

#[tokio::test(start_paused = true)]
async fn server_can_write_no_more_than_the_buffer_until_the_client_reads() {
    let (mut client, mut server, _faults) = plain(PLAIN);
    assert_eq!(server.write(&[7; 3000]).await.unwrap(), 1000);
    let most = Duration::from_secs(60);
    assert!(timeout(most, server.write(&[7; 10])).await.is_err());
    read(&mut client, 400).await;
    assert_eq!(server.write(&[7; 3000]).await.unwrap(), 400);
}

#[tokio::test(start_paused = true)]
async fn stall_holds_everything_back_and_then_lets_it_through_at_once() {
    let (mut client, mut server, faults) = plain(PLAIN);
    server.write_all(b"one").await.unwrap();
    faults.stall(Duration::from_secs(3));
    assert_eq!(faults.stalled(), Duration::from_secs(3));
    assert_eq!(read(&mut client, 3).await.1, 3000);
    server.write_all(b"two").await.unwrap();
    assert_eq!(read(&mut client, 3).await.1, 100);
}

#[tokio::test(start_paused = true)]
async fn slow_link_takes_time_for_each_byte() {
    let (mut client, mut server, _faults) = plain(Conditions { bytes_per_second: Some(1000), ..PLAIN });
    server.write_all(&[7; 500]).await.unwrap();
    assert_eq!(read(&mut client, 500).await.1, 600);
}

#[tokio::test(start_paused = true)]
async fn cut_link_fails_at_both_ends_and_a_vanished_one_at_neither() {
    let (mut client, mut server, faults) = plain(PLAIN);
    faults.cut();
    assert!(client.read_u8().await.is_err() && server.write_u8(1).await.is_err());
    assert!(faults.is_lost());

    let (mut client, mut server, faults) = plain(PLAIN);
    faults.vanish();
    server.write_all(b"lost").await.unwrap();
    drop(server);
    assert!(timeout(Duration::from_secs(600), client.read_u8()).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn dropped_end_is_read_to_its_end_and_takes_nothing_more() {
    let (client, mut server, _faults) = plain(PLAIN);
    let mut client = client;
    client.write_all(b"last").await.unwrap();
    drop(client);
    let mut rest = Vec::new();
    server.read_to_end(&mut rest).await.unwrap();
    assert_eq!(rest, b"last");
    assert!(server.write_u8(1).await.is_err());
}
