//! Light bots: players that cost next to nothing, so that a machine can hold thousands of them. Each has a real
//! WebSocket and sends real inputs; of what it is sent it decodes only what is its own. A few threads wait for
//! all their sockets at once.
//!
//! They play the same scenarios as whole bots and are counted in the same way; but checksums, what is in view, and
//! whether prediction holds, only whole bots can tell.

mod crew;
mod handshake;
mod light;
mod link;
mod pace;
mod pilot;
mod ring;
mod stall;
mod websocket;

use std::{
    sync::Arc,
    thread::{self, JoinHandle},
};

use crate::bot::{Outcome, Part, Shared};

/// Starts bots on so many threads, at least one. They end when the run is over. Where the system gives no thread,
/// its bots never come, which the report says.
pub(crate) fn start(parts: Vec<Part>, threads: usize, shared: &Arc<Shared>) -> Vec<JoinHandle<Outcome>> {
    let mut crews = vec![Vec::new(); threads.clamp(1, parts.len().max(1))];
    let count = crews.len();
    for (index, part) in parts.into_iter().enumerate() {
        crews[index % count].push(part);
    }
    crews
        .into_iter()
        .filter(|crew| !crew.is_empty())
        .filter_map(|crew| {
            let shared = Arc::clone(shared);
            thread::Builder::new().name("swarm".to_owned()).spawn(move || crew::run(&crew, &shared)).ok()
        })
        .collect()
}
