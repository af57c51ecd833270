//! Both sides, over a real Unix socket.

use std::{
    net::{SocketAddr, TcpListener},
    os::{
        fd::OwnedFd,
        unix::fs::{FileTypeExt, MetadataExt},
    },
    path::PathBuf,
    time::Duration,
};

use rustix::process::geteuid;
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{UnixListener, UnixStream},
    time::timeout,
};

use super::{
    wire::{KEPT, Peer},
    *,
};

/// Far longer than any step takes.
const LIMIT: Duration = Duration::from_secs(60);

fn place() -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("takeover");
    (dir, path)
}

fn listening() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// A server that waits for its successor at the path.
fn server(path: &std::path::Path, keeps_players: bool) -> (HandOver, SocketAddr) {
    let (listener, address) = listening();
    let hand_over =
        HandOverSocket::bind(path).unwrap().offer(OwnedFd::from(listener), keeps_players).unwrap();
    (hand_over, address)
}

#[tokio::test]
async fn successor_has_the_socket_once_the_state_is_written() {
    let (_dir, path) = place();
    let (hand_over, address) = server(&path, true);
    assert_eq!(path.metadata().unwrap().mode() & 0o777, 0o600);
    // It connects while nothing accepts.
    let early = std::net::TcpStream::connect(address).unwrap();
    let waiting = tokio::spawn(hand_over.successor());

    let next = HandOverSocket::bind(&path).unwrap();
    let offer = Offer::find(&path).await.unwrap().unwrap().check(address).unwrap();
    assert!(offer.keeps_players);
    let accepting = tokio::spawn(offer.accept(LIMIT));
    let successor = waiting.await.unwrap();
    assert!(!accepting.is_finished(), "the state is not written yet");
    drop(successor);
    let listener = accepting.await.unwrap().unwrap();
    assert_eq!(listener.accept().unwrap().1, early.local_addr().unwrap());
    // The old server is gone, and the new one is found.
    let hand_over = next.offer(OwnedFd::from(listener), false).unwrap();
    let waiting = tokio::spawn(hand_over.successor());
    assert!(!Offer::find(&path).await.unwrap().unwrap().keeps_players);
    waiting.abort();
    let _ = waiting.await;
    assert!(!path.exists(), "a server that ends leaves no socket");
}

#[tokio::test]
async fn what_is_no_successor_changes_nothing() {
    let (_dir, path) = place();
    let (hand_over, address) = server(&path, true);
    let waiting = tokio::spawn(hand_over.successor());
    let mut garbage = UnixStream::connect(&path).await.unwrap();
    garbage.write_all(b"GET / HTTP/1.1\r\n\r\n and more than is read").await.unwrap();
    drop(UnixStream::connect(&path).await.unwrap());
    // It finds what it does not want.
    let other = SocketAddr::from(([127, 0, 0, 1], 1));
    let refused = Offer::find(&path).await.unwrap().unwrap().check(other);
    assert!(
        matches!(refused, Err(TakeoverError::OtherAddress { there, wanted, .. }) if (there, wanted) == (address, other))
    );
    assert!(!waiting.is_finished());
    let any_port = SocketAddr::from(([127, 0, 0, 1], 0));
    let offer = Offer::find(&path).await.unwrap().unwrap().check(any_port).unwrap();
    let accepting = tokio::spawn(offer.accept(LIMIT));
    drop(waiting.await.unwrap());
    assert!(accepting.await.unwrap().is_ok());
}

#[tokio::test(start_paused = true)]
async fn process_that_never_speaks_is_given_up() {
    let (_dir, path) = place();
    let (hand_over, _) = server(&path, true);
    let waiting = tokio::spawn(hand_over.successor());
    let mut silent = UnixStream::connect(&path).await.unwrap();
    let mut end = [0];
    assert!(matches!(timeout(LIMIT, silent.read(&mut end)).await, Ok(Ok(0))));
    assert!(!waiting.is_finished());

    let (_dir, path) = place();
    let listener = UnixListener::bind(&path).unwrap();
    assert!(matches!(Offer::find(&path).await, Err(TakeoverError::NoAnswer { .. })));
    drop(listener);
}

#[tokio::test(start_paused = true)]
async fn predecessor_that_does_not_end_is_an_error() {
    let (_dir, path) = place();
    let (hand_over, _) = server(&path, true);
    let waiting = tokio::spawn(hand_over.successor());
    let offer = Offer::find(&path).await.unwrap().unwrap();
    assert!(matches!(offer.accept(LIMIT).await, Err(TakeoverError::NotGone { .. })));
    drop(waiting.await.unwrap());
}

#[tokio::test]
async fn other_program_at_the_path_is_told_apart_from_no_server() {
    let (_dir, path) = place();
    assert!(Offer::find(&path).await.unwrap().is_none(), "nothing is there");
    let listener = UnixListener::bind(&path).unwrap();
    let answers = tokio::spawn(async move {
        for answer in [&b"hello\n"[..], KEPT, b""] {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.write_all(answer).await.unwrap();
        }
    });
    for _ in 0..3 {
        // Also what a server says, without a socket.
        assert!(matches!(Offer::find(&path).await, Err(TakeoverError::NoOffer { .. })));
    }
    answers.await.unwrap();
    assert!(path.symlink_metadata().unwrap().file_type().is_socket());
    assert!(Offer::find(&path).await.unwrap().is_none(), "a socket without a listener");
}

#[test]
fn only_this_user_is_trusted() {
    let user = geteuid().as_raw();
    assert!(Peer { user, process: None }.is_trusted());
    assert!(!Peer { user: user + 1, process: Some(1) }.is_trusted());
}

#[tokio::test]
async fn path_that_cannot_be_used_is_an_error_and_nothing_is_removed() {
    let (dir, path) = place();
    let nowhere = dir.path().join("nowhere/takeover");
    assert!(matches!(HandOverSocket::bind(&nowhere), Err(TakeoverError::NoDirectory { .. })));
    std::fs::write(&path, "mine").unwrap();
    assert!(matches!(HandOverSocket::bind(&path), Err(TakeoverError::NotASocket { .. })));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "mine");
    let long = dir.path().join("x".repeat(120));
    assert!(matches!(HandOverSocket::bind(&long), Err(TakeoverError::Unusable { .. })));
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
}
