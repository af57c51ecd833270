//! Rooms and players survive their node: one that is stopped, one that is killed, and one that loses NATS.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;
use tokio::time::{Instant, sleep};

use crate::{
    nats::{Nats, Relay},
    node::{Node, TIMEOUT, until},
    player::Player,
};

/// Rooms with players in them.
struct Games {
    codes: Vec<String>,
    players: Vec<Player>,
}

impl Games {
    /// At `node`, which has no others.
    async fn begin(node: &Node, rooms: usize, players: usize, nodes: &[String]) -> Self {
        let mut games = Self { codes: Vec::new(), players: Vec::new() };
        // A network may have eight rooms, but this machine has no such limit.
        for _ in 0..rooms {
            games.codes.push(node.make_room(&json!({ "bots": 0 })).await.code);
        }
        for number in 0..players {
            games.players.push(Player::join(number, &node.url(), &games.codes[number % rooms], nodes));
        }
        games.wait("all play", |player| player.is_at(&node.url())).await;
        games
    }

    async fn wait(&self, what: &str, is_so: impl Fn(&Player) -> bool) {
        until(what, TIMEOUT, || async { self.players.iter().all(&is_so) }).await;
    }

    fn assert_own_ships(&self) {
        for player in &self.players {
            assert!(player.has_own_ship(), "{:?}", player.state());
        }
    }

    /// The nodes that have each room's world, at once.
    async fn worlds(&self, nodes: &[&Node]) -> Vec<usize> {
        join_all(self.codes.iter().map(|code| async move {
            let has = join_all(nodes.iter().map(|node| node.has_room(code))).await;
            has.into_iter().filter(|has| *has).count()
        }))
        .await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn drained_node_hands_every_player_on_in_its_own_ship() {
    let nats = Nats::start().await;
    let [mut a, b, c] = ["a", "b", "c"].map(|name| Node::start(&nats.url(), name));
    let urls = [a.url(), b.url(), c.url()];
    let games = Games::begin(&a, 4, 12, &urls).await;
    // A player of an arena of the node moves too.
    let of_arena = Player::join_at(99, &urls[0], "/ws/drift", &urls);
    until("it plays", TIMEOUT, || async { of_arena.is_at(&urls[0]) }).await;
    sleep(Duration::from_secs(2)).await;
    a.drain();
    let is_elsewhere = |player: &Player| player.is_at(&urls[1]) || player.is_at(&urls[2]);
    games.wait("all play elsewhere", is_elsewhere).await;
    until("that of the arena too", TIMEOUT, || async { is_elsewhere(&of_arena) }).await;
    games.assert_own_ships();
    assert!(of_arena.has_own_ship(), "{:?}", of_arena.state());
    assert!(a.ended().await, "it has ended well");
    assert!(games.worlds(&[&b, &c]).await.iter().all(|worlds| *worlds == 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_node_is_taken_over_and_clients_find_their_rooms_by_themselves() {
    let nats = Nats::start().await;
    let [a, b, c] = ["a", "b", "c"].map(|name| Node::start(&nats.url(), name));
    let urls = [a.url(), b.url(), c.url()];
    let games = Games::begin(&a, 4, 12, &urls).await;
    // A snapshot of each is to be in the store.
    sleep(Duration::from_secs(6)).await;
    a.kill();
    let start = Instant::now();
    games.wait("all play elsewhere", |player| player.is_at(&urls[1]) || player.is_at(&urls[2])).await;
    println!("all were back after {:?}", start.elapsed());
    games.assert_own_ships();
    assert!(games.worlds(&[&b, &c]).await.iter().all(|worlds| *worlds == 1));
    // The name is free again.
    drop(a);
    Node::start(&nats.url(), "a");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn node_that_loses_nats_keeps_its_games_and_makes_no_rooms_and_no_code_has_two_worlds() {
    let nats = Nats::start().await;
    let relay = Relay::to(nats.address()).await;
    let (a, b) = (Node::start(&relay.url(), "a"), Node::start(&nats.url(), "b"));
    let games = Games::begin(&a, 2, 4, &[a.url(), b.url()]).await;
    sleep(Duration::from_secs(5)).await;
    relay.cut();
    let start = Instant::now();
    games.players.iter().for_each(Player::reset_gap);
    let mut was_refused = false;
    while start.elapsed() < Duration::from_secs(15) {
        let worlds = games.worlds(&[&a, &b]).await;
        assert!(worlds.iter().all(|worlds| *worlds == 1), "{worlds:?} after {:?}", start.elapsed());
        assert!(games.players.iter().all(Player::is_in_game));
        if start.elapsed() > Duration::from_secs(5) {
            let (_, head, _) = a.get("/arenas").await.expect("it answers");
            was_refused |= head.contains("rooms: none");
        }
        sleep(Duration::from_millis(250)).await;
    }
    assert!(was_refused, "it makes no rooms");
    relay.mend();
    let offers = || async { a.get("/arenas").await.is_some_and(|(_, head, _)| head.contains("rooms: open")) };
    until("it makes rooms again", TIMEOUT, offers).await;
    sleep(Duration::from_secs(2)).await;
    assert!(games.worlds(&[&a, &b]).await.iter().all(|worlds| *worlds == 1));
    games.assert_own_ships();
    assert!(games.players.iter().all(|player| player.state().games == 1), "no player was interrupted");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nats_that_restarts_interrupts_no_player_and_moves_no_room() {
    let mut nats = Nats::start().await;
    let (a, b) = (Node::start(&nats.url(), "a"), Node::start(&nats.url(), "b"));
    let games = Games::begin(&a, 2, 4, &[a.url(), b.url()]).await;
    nats.restart().await;
    let is_mended = || async {
        let sent_on = b.get(&format!("/rooms/{}", games.codes[0])).await;
        let offers = a.get("/arenas").await.is_some_and(|(_, head, _)| head.contains("rooms: open"));
        offers && sent_on.is_some_and(|(status, ..)| status == 307)
    };
    sleep(Duration::from_secs(6)).await;
    until("both are in the cluster again", TIMEOUT, is_mended).await;
    a.make_room(&json!({ "bots": 0 })).await;
    assert!(games.worlds(&[&a, &b]).await.iter().all(|worlds| *worlds == 1));
    assert!(games.players.iter().all(|player| player.is_at(&a.url()) && player.state().games == 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn room_that_another_node_has_taken_over_is_given_up() {
    let nats = Nats::start().await;
    let relay = Relay::to(nats.address()).await;
    // It says that it is where nothing answers: the others take it for dead as soon as it loses NATS.
    let nowhere = ["--public-url", "http://127.0.0.1:9"];
    let (a, b) = (Node::start_with(&relay.url(), "a", &nowhere), Node::start(&nats.url(), "b"));
    let games = Games::begin(&a, 1, 2, &[a.url(), b.url()]).await;
    sleep(Duration::from_secs(5)).await;
    relay.cut();
    until("the room is taken over", TIMEOUT, || async { b.has_room(&games.codes[0]).await }).await;
    relay.mend();
    until("the room is given up", TIMEOUT, || async { !a.has_room(&games.codes[0]).await }).await;
    games.wait("all play there", |player| player.is_at(&b.url())).await;
    games.assert_own_ships();
}
