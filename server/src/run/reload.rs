//! Reads again what may change while the server runs: the certificate and the arenas' files, on SIGHUP, and the arenas' files also
//! when they change, if they are watched. What cannot be used is logged and changes nothing. Files are read and checked on threads
//! of their own, not on those of the network or the simulations.

use std::{
    fmt,
    future::pending,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use crossbeam_channel::Sender;
use shared::engine::game_trait::Arena as _;
use tokio::{task::spawn_blocking, time::sleep};

use super::{arena::Simulated, options::ArenaSource, watched::Watched};
use crate::engine::{
    arena_loop::AnotherArena,
    game_server::GameServer,
    json::Listing,
    net::{self, Tls},
    simulation::ArenaOf,
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
struct Reloadable {
    name: String,
    file: Watched<Text>,
    /// Its file was refused, and holds nothing better since.
    is_refused: bool,
    game: Arc<dyn ReloadedGame>,
}

/// What is the game's own of a file that is read again. Both block.
trait ReloadedGame: Send + Sync {
    /// The text of the arena's file.
    fn text(&self) -> Text;
    /// Lets the game go on in the arena that a text describes.
    fn take(&self, text: &Text) -> Outcome;
}

/// An arena of a game, as it was read last, and what knows of it.
struct ReloadedArena<S: GameServer> {
    source: ArenaSource,
    read: Mutex<(ArenaOf<S>, u16)>,
    another: Sender<AnotherArena<S::Game>>,
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
    pub(super) fn add<S: GameServer>(
        &mut self,
        source: ArenaSource,
        read: (ArenaOf<S>, u16),
        simulated: &Simulated,
        another: Sender<AnotherArena<S::Game>>,
    ) {
        let name = read.0.name().to_owned();
        let (read, listing) = (Mutex::new(read), Arc::clone(&simulated.listing));
        let game = Arc::new(ReloadedArena::<S> { source, read, another, listing });
        self.arenas.push(Reloadable { name, file: Watched::default(), is_refused: false, game });
    }

    /// Reads everything again.
    pub async fn reload(&mut self) {
        if let Some(tls) = &self.tls {
            net::reload_certificate(tls).await;
        }
        let texts = self.texts().await;
        for (arena, text) in self.arenas.iter_mut().zip(texts) {
            let name = arena.name.clone();
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
                    tracing::info!("the file of arena {:?} is the same as before again", arena.name);
                }
                Outcome::Same | Outcome::Replaced | Outcome::Refused => {}
            }
            arena.file.decide(text);
        }
    }

    /// What the arenas' files hold now, in their order.
    async fn texts(&self) -> Vec<Text> {
        let games: Vec<_> = self.arenas.iter().map(|arena| Arc::clone(&arena.game)).collect();
        let read = move || games.iter().map(|game| game.text()).collect::<Vec<_>>();
        spawn_blocking(read).await.unwrap_or_else(|error| {
            tracing::error!(%error, "the arenas' files were not read");
            Vec::new()
        })
    }
}

impl Reloadable {
    /// Lets the game go on in the arena that the text describes.
    async fn take(&mut self, text: &Text) -> Outcome {
        let (game, text) = (Arc::clone(&self.game), text.clone());
        let outcome = spawn_blocking(move || game.take(&text)).await.unwrap_or_else(|error| {
            tracing::error!(%error, "the file of arena {:?} was not read", self.name);
            Outcome::Refused
        });
        self.is_refused = outcome == Outcome::Refused;
        outcome
    }
}

impl fmt::Debug for Reloadable {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, file, is_refused, game: _ } = self;
        out.debug_struct("Reloadable")
            .field("name", name)
            .field("file", file)
            .field("is_refused", is_refused)
            .finish_non_exhaustive()
    }
}

impl<S: GameServer> ReloadedGame for ReloadedArena<S> {
    fn text(&self) -> Text {
        self.source.text::<S>().map_err(|error| error.to_string())
    }

    fn take(&self, text: &Text) -> Outcome {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let name = read.0.name().to_owned();
        let parsed =
            text.clone().and_then(|text| self.source.parse::<S>(&text).map_err(|error| error.to_string()));
        let (arena, bots) = match parsed {
            Ok(parsed) => parsed,
            Err(error) => {
                tracing::warn!("arena {name:?} stays as it was: {error}");
                return Outcome::Refused;
            }
        };
        if arena.name() != name {
            tracing::warn!(
                "arena {name:?} stays as it was: in its file it is called {:?}, which would change its address; start the server \
                 again for that",
                arena.name()
            );
            return Outcome::Refused;
        }
        if (&arena, bots) == (&read.0, read.1) {
            return Outcome::Same;
        }
        let another = AnotherArena::new(arena.clone(), self.source.tick_rate(), bots);
        if self.another.try_send(another).is_err() {
            return Outcome::Busy;
        }
        tracing::info!("arena {name:?} has changed: its players are back in a moment, with what they have");
        self.listing.move_to(&arena);
        *read = (arena, bots);
        Outcome::Replaced
    }
}
