//! Reads again what may change while the server runs: the certificate and the arenas' files, on SIGHUP, and the arenas' files also
//! when they change, if they are watched. What cannot be used is logged and changes nothing. Files are read and checked on threads
//! of their own, not on those of the network or the simulations.

use std::{future::pending, sync::Arc, time::Duration};

use crossbeam_channel::Sender;
use shared::game::{Emberdrift, arena::Arena};
use tokio::{task::spawn_blocking, time::sleep};

use super::{arena::Simulated, options::ArenaSource, watched::Watched};
use crate::engine::{
    arena_loop::AnotherArena,
    json::Listing,
    net::{self, Tls},
};

/// How often watched files are looked at. A change is applied at the second look that sees it.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Reads everything again, each time that it is asked to.
#[derive(Debug, Default)]
pub struct Reloader {
    tls: Option<Arc<Tls>>,
    arenas: Vec<Reloadable>,
    is_watching: bool,
}

/// An arena whose source is known.
#[derive(Debug)]
struct Reloadable {
    source: ArenaSource,
    file: Watched<Text>,
    /// As it was read last.
    arena: Arena,
    drones: u16,
    /// Its file was refused, and holds nothing better since.
    is_refused: bool,
    another: Sender<AnotherArena<Emberdrift>>,
    listing: Arc<Listing>,
}

/// What a file holds, or why it cannot be read.
type Text = Result<String, String>;

/// What a file led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// The game goes on in another arena.
    Replaced,
    /// It is the arena of before.
    Same,
    /// It cannot be used; the log says why.
    Refused,
    /// The simulation has not taken the arena before yet.
    Busy,
}

impl Reloader {
    pub(super) fn new(tls: Option<Arc<Tls>>, is_watching: bool) -> Self {
        Self { tls, arenas: Vec::new(), is_watching }
    }

    /// Adds an arena, as it was read for the start.
    pub(super) fn add(&mut self, source: ArenaSource, read: (Arena, u16), simulated: &Simulated) {
        let (arena, drones) = read;
        let (another, listing) = (simulated.thread.another.clone(), Arc::clone(&simulated.listing));
        let file = Watched::default();
        self.arenas.push(Reloadable { source, file, arena, drones, is_refused: false, another, listing });
    }

    /// Reads everything again.
    pub async fn reload(&mut self) {
        if let Some(tls) = &self.tls {
            net::reload_certificate(tls).await;
        }
        let texts = self.texts().await;
        for (arena, text) in self.arenas.iter_mut().zip(texts) {
            let name = arena.arena.name.clone();
            match arena.take(&text).await {
                Outcome::Same => tracing::info!("arena {name:?} is the same as before"),
                Outcome::Busy => {
                    tracing::warn!("arena {name:?} stays as it was: its simulation does not tick; try again");
                    continue;
                }
                Outcome::Replaced | Outcome::Refused => {}
            }
            arena.file.decide(text);
        }
    }

    /// Waits until watched files are to be looked at again; for ever if none is watched.
    pub async fn next_check(&self) {
        if self.is_watching && !self.arenas.is_empty() {
            sleep(LOOK_EVERY).await;
        } else {
            pending::<()>().await;
        }
    }

    /// Applies what has changed in the arenas' files and is whole.
    pub async fn check(&mut self) {
        let texts = self.texts().await;
        for (arena, text) in self.arenas.iter_mut().zip(texts) {
            let Some(text) = arena.file.look(text).cloned() else { continue };
            let was_refused = arena.is_refused;
            match arena.take(&text).await {
                // The next look is another chance.
                Outcome::Busy => continue,
                Outcome::Same if was_refused => {
                    tracing::info!("the file of arena {:?} is the same as before again", arena.arena.name);
                }
                Outcome::Same | Outcome::Replaced | Outcome::Refused => {}
            }
            arena.file.decide(text);
        }
    }

    /// What the arenas' files hold now, in their order.
    async fn texts(&self) -> Vec<Text> {
        let sources: Vec<_> = self.arenas.iter().map(|arena| arena.source.clone()).collect();
        let read = move || {
            sources.iter().map(|source| source.text().map_err(|error| error.to_string())).collect::<Vec<_>>()
        };
        spawn_blocking(read).await.unwrap_or_else(|error| {
            tracing::error!(%error, "the arenas' files were not read");
            Vec::new()
        })
    }
}

impl Reloadable {
    /// Lets the game go on in the arena that the text describes.
    async fn take(&mut self, text: &Text) -> Outcome {
        let name = self.arena.name.clone();
        let (source, text, tick_rate) = (self.source.clone(), text.clone(), self.source.tick_rate());
        let read = spawn_blocking(move || {
            let (arena, drones) = source.parse(&text?).map_err(|error| error.to_string())?;
            Ok::<_, String>((AnotherArena::new(arena.clone(), tick_rate, drones), arena, drones))
        });
        self.is_refused = true;
        let (another, arena, drones) = match read.await {
            Ok(Ok(read)) => read,
            Ok(Err(error)) => {
                tracing::warn!("arena {name:?} stays as it was: {error}");
                return Outcome::Refused;
            }
            Err(error) => {
                tracing::error!(%error, "the file of arena {name:?} was not read");
                return Outcome::Refused;
            }
        };
        if arena.name != name {
            tracing::warn!(
                "arena {name:?} stays as it was: in its file it is called {:?}, which would change its address; start the server \
                 again for that",
                arena.name
            );
            return Outcome::Refused;
        }
        self.is_refused = false;
        if (&arena, drones) == (&self.arena, self.drones) {
            return Outcome::Same;
        }
        if self.another.try_send(another).is_err() {
            return Outcome::Busy;
        }
        tracing::info!("arena {name:?} has changed: its players are back in a moment, with their ships");
        self.listing.move_to(&arena);
        (self.arena, self.drones) = (arena, drones);
        Outcome::Replaced
    }
}
