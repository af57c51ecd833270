//! A cluster under load: a node that is stopped, one that is killed, and one that loses NATS. How many players go on in their own ships,
//! how long each was without frames, and whether a room ever had two worlds. Nodes and NATS are processes, and the players reconnect as
//! the page does.

mod nodes;
mod plan;
mod report;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use client_web::engine::route::Route;
use tokio::{
    runtime,
    task::JoinSet,
    time::{sleep, timeout},
};

use self::nodes::Nodes;
pub use self::{
    plan::{ClusterError, Kind, Plan},
    report::{Passage, document, failures},
};
use crate::returning_player::Player;

/// How long all play before it: more than the interval of snapshots.
const PLAY: Duration = Duration::from_secs(8);
/// Time limit for the first frame of all players, and for their return. A slower player counts as lost.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long a node is without NATS.
const CUT: Duration = Duration::from_secs(30);
/// Between two checks.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// Between two looks at which node has which room.
const WORLDS_EVERY: Duration = Duration::from_millis(500);

/// Measures each kind, with a cluster of its own.
pub fn run(plan: &Plan, stop: &AtomicBool) -> Result<Vec<Passage>, ClusterError> {
    let runtime =
        runtime::Builder::new_current_thread().enable_all().build().map_err(ClusterError::Threads)?;
    Kind::ALL.into_iter().map(|kind| runtime.block_on(measure(kind, plan, stop))).collect()
}

async fn measure(kind: Kind, plan: &Plan, stop: &AtomicBool) -> Result<Passage, ClusterError> {
    let nodes = Nodes::start(plan, stop).await?;
    let codes = nodes.make_rooms(plan.rooms).await?;
    let urls = nodes.urls();
    let players: Vec<_> = (0..plan.players)
        .map(|number| {
            let path = format!("/ws/room/{}", codes[number % codes.len()]);
            let mut route = Route::new(&format!("ws://{}{path}", nodes.first()), &path);
            route.set_nodes(urls.iter().map(String::as_str));
            Player::new(number, route)
        })
        .collect();
    let mut tasks = JoinSet::new();
    for player in &players {
        tasks.spawn(Arc::clone(player).play());
    }
    let joined = || players.iter().filter(|player| player.is_in_game()).count();
    until(PATIENCE, stop, || joined() == plan.players).await?;
    if joined() < plan.players {
        return Err(ClusterError::NotJoined { joined: joined(), players: plan.players });
    }
    until(PLAY, stop, || false).await?;
    players.iter().for_each(|player| player.forget_gap());

    let began = Instant::now();
    match kind {
        Kind::Drain => nodes.stop_first(),
        Kind::Kill => nodes.kill_first(),
        Kind::Partition => nodes.cut_first(),
    }
    let end = async {
        if kind == Kind::Partition {
            until(CUT, stop, || false).await?;
            nodes.mend_first();
            until(PLAY, stop, || false).await
        } else {
            until(PATIENCE, stop, || players.iter().all(|player| player.has_returned())).await
        }
    };
    let (ended, most_worlds) = tokio::select! {
        ended = end => (ended, nodes.most_worlds(&codes).await),
        () = nodes.watch(&codes, WORLDS_EVERY) => (Err(ClusterError::Stopped), 0),
    };
    ended?;
    let took = began.elapsed();
    tasks.shutdown().await;
    Ok(Passage::new(kind, &players, most_worlds, took))
}

/// Waits until `is_done`, for at most this time.
async fn until(most: Duration, stop: &AtomicBool, is_done: impl Fn() -> bool) -> Result<(), ClusterError> {
    let look = async {
        while !is_done() {
            if stop.load(Ordering::Relaxed) {
                return Err(ClusterError::Stopped);
            }
            sleep(LOOK_EVERY).await;
        }
        Ok(())
    };
    timeout(most, look).await.unwrap_or(Ok(()))
}
