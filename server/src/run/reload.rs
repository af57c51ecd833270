//! Reads again what may change while the server runs: the certificate and the arenas' files. What cannot be used is logged and
//! changes nothing.

use std::sync::Arc;

use crossbeam_channel::Sender;
use shared::game::arena::Arena;
use tokio::task::spawn_blocking;

use super::{arena::Simulated, error::StartError, options::ArenaSource};
use crate::{
    engine::net::{self, Tls},
    game::{arena_loop::AnotherArena, json::Listing},
};

/// Reads everything again, each time that it is asked to.
#[derive(Debug, Default)]
pub struct Reloader {
    tls: Option<Arc<Tls>>,
    arenas: Vec<Reloadable>,
}

/// An arena whose source is known.
#[derive(Debug)]
struct Reloadable {
    source: ArenaSource,
    /// As it was read last.
    arena: Arena,
    drones: u16,
    another: Sender<AnotherArena>,
    listing: Arc<Listing>,
}

impl Reloader {
    pub(super) fn new(tls: Option<Arc<Tls>>) -> Self {
        Self { tls, arenas: Vec::new() }
    }

    /// Adds an arena, as it was read for the start.
    pub(super) fn add(&mut self, source: ArenaSource, read: (Arena, u16), simulated: &Simulated) {
        let (arena, drones) = read;
        let (another, listing) = (simulated.thread.another.clone(), Arc::clone(&simulated.listing));
        self.arenas.push(Reloadable { source, arena, drones, another, listing });
    }

    /// Reads everything again.
    pub async fn reload(&mut self) {
        if let Some(tls) = &self.tls {
            net::reload_certificate(tls).await;
        }
        for arena in &mut self.arenas {
            arena.reload().await;
        }
    }
}

impl Reloadable {
    async fn reload(&mut self) {
        let (source, name) = (self.source.clone(), self.arena.name.clone());
        let read = spawn_blocking(move || {
            let (arena, drones) = source.read()?;
            Ok::<_, StartError>((AnotherArena::new(arena.clone(), drones), arena, drones))
        });
        let (another, arena, drones) = match read.await {
            Ok(Ok(read)) => read,
            Ok(Err(error)) => return tracing::warn!("arena {name:?} stays as it was: {error}"),
            Err(error) => return tracing::error!(%error, "the file of arena {name:?} was not read"),
        };
        if (&arena, drones) == (&self.arena, self.drones) {
            return tracing::info!("arena {name:?} is the same as before");
        }
        if arena.name != name {
            return tracing::warn!(
                "arena {name:?} stays as it was: in its file it is called {:?}, which would change its address; start the server \
                 again for that",
                arena.name
            );
        }
        if self.another.try_send(another).is_err() {
            return tracing::warn!("arena {name:?} stays as it was: its simulation does not tick; try again");
        }
        tracing::info!("arena {name:?} has changed: its players are back in a moment, with their ships");
        self.listing.move_to(&arena);
        (self.arena, self.drones) = (arena, drones);
    }
}
