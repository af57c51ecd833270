//! Restarts of the server under load: how many players are back in their own ships, how long each was without frames, whether a
//! connect was refused, and how much of the game is lost. The server is a process, and the players reconnect as the page does.

mod plan;
mod probe;
mod report;
mod server;

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

pub use self::{
    plan::{Kind, Plan, RestartError},
    report::{Passage, document, failures},
};
use self::{
    plan::{PATIENCE, PLAY},
    probe::Probe,
    server::Server,
};
use crate::returning_player::Player;

/// Between two checks.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Restarts a server in each way.
pub fn run(plan: &Plan, stop: &AtomicBool) -> Result<Vec<Passage>, RestartError> {
    // Players and server share the machine, so the players have one thread.
    let runtime =
        runtime::Builder::new_current_thread().enable_all().build().map_err(RestartError::Threads)?;
    Kind::ALL.into_iter().map(|kind| runtime.block_on(restart(kind, plan, stop))).collect()
}

async fn restart(kind: Kind, plan: &Plan, stop: &AtomicBool) -> Result<Passage, RestartError> {
    let server = Server::start(plan, stop).await?;
    let address = server.address;
    let route = || Route::new(&format!("ws://{address}/ws"), "ws");
    let players: Vec<_> = (0..plan.players).map(|number| Player::new(number, route())).collect();
    let mut tasks = JoinSet::new();
    for player in &players {
        tasks.spawn(Arc::clone(player).play());
    }
    let joined = || players.iter().filter(|player| player.is_in_game()).count();
    until(PATIENCE, stop, || joined() == plan.players).await?;
    if joined() < plan.players {
        return Err(RestartError::NotJoined { joined: joined(), players: plan.players });
    }
    until(PLAY, stop, || false).await?;

    let probe = Probe::start(address);
    // Some connects before it, too.
    sleep(Duration::from_millis(200)).await;
    let began = Instant::now();
    let next = server.restart(kind, plan, stop).await?;
    let started = began.elapsed();
    until(PATIENCE, stop, || players.iter().all(|player| player.has_returned())).await?;
    let connects = probe.end().await;
    tasks.shutdown().await;
    drop(next);
    let returns = players.iter().map(|player| player.way());
    Ok(Passage::new(kind, returns, connects, started))
}

/// Waits until `is_done`, for at most this time.
async fn until(most: Duration, stop: &AtomicBool, is_done: impl Fn() -> bool) -> Result<(), RestartError> {
    let look = async {
        while !is_done() {
            if stop.load(Ordering::Relaxed) {
                return Err(RestartError::Stopped);
            }
            sleep(LOOK_EVERY).await;
        }
        Ok(())
    };
    timeout(most, look).await.unwrap_or(Ok(()))
}
