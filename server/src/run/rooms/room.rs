//! One room: it ticks while a client is in it, sleeps when it was empty for a while, and is woken by the next client, as it was.

mod change;
mod leaving;

use std::{
    fmt::Display,
    mem,
    sync::{
        Arc, Mutex as StdMutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use crossbeam_channel::Sender;
use shared::engine::{feed::ArenaEntry, game_trait::Arena as _, rooms::RoomEntry};
use tokio::{sync::Mutex, task::spawn_blocking, time::Instant};

use super::{
    files::{KeptRoom, RoomFiles},
    wanted::{RoomDefaults, RoomLimits},
};
use crate::{
    engine::{
        arena_loop::AnotherArena,
        arena_status::ArenaStatus,
        client_network::Share,
        game_server::GameServer,
        inbox::Inbound,
        json::Listing,
        metrics::retire,
        net::{ArenaHandle, Entered, Presence, RoomRefusal},
        resume::NoRandomness,
        room_access::RoomAccess,
        room_code::RoomCode,
        saved_arena::SavedArena,
        simulation::ArenaOf,
        telemetry::Telemetry,
        tick_loop::Hosted as _,
    },
    run::arena::{Opened, Opener, Simulated},
};

/// What all rooms of a server have in common.
pub(super) struct Parts<S: GameServer> {
    pub(super) opener: Arc<Opener<S>>,
    /// What rooms have counted that no longer tick.
    pub(super) retired: Arc<Telemetry>,
    pub(super) files: Arc<RoomFiles>,
    pub(super) defaults: Arc<RoomDefaults<S>>,
}

impl<S: GameServer> Clone for Parts<S> {
    fn clone(&self) -> Self {
        let Self { opener, retired, files, defaults } = self;
        Self {
            opener: Arc::clone(opener),
            retired: Arc::clone(retired),
            files: Arc::clone(files),
            defaults: Arc::clone(defaults),
        }
    }
}

/// A room.
pub(super) struct Room<S: GameServer> {
    parts: Parts<S>,
    code: RoomCode,
    /// Its part of what its creator's network may have.
    _share: Share,
    /// What it is made of. Its creator may change that.
    kept: StdMutex<KeptRoom<ArenaOf<S>>>,
    access: Arc<RoomAccess>,
    /// Clients in it, players and spectators.
    present: Arc<AtomicUsize>,
    state: Mutex<State<S>>,
    /// How the room is described; of the time before while it sleeps.
    shown: StdMutex<Shown>,
}

enum State<S: GameServer> {
    Awake {
        simulated: Simulated,
        /// Where another arena to go on in is put.
        another: Sender<AnotherArena<S::Game>>,
        empty_since: Option<Instant>,
    },
    Asleep {
        /// What it goes on from; `None` if that is only on the disk.
        payload: Option<Vec<u8>>,
        since: Instant,
    },
    /// It is on its way to another node, and lets no client in.
    Leaving {
        payload: Vec<u8>,
        /// Where its clients wait, if it ticked.
        arena: Option<Arc<ArenaHandle>>,
    },
    /// It has failed, or was forgotten.
    Over,
}

struct Shown {
    listing: Arc<Listing>,
    /// `None` while it sleeps.
    arena: Option<Arc<ArenaHandle>>,
    telemetry: Arc<Telemetry>,
    is_asleep: bool,
    /// It is on its way to another node.
    is_leaving: bool,
}

/// What a look at a room has led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Looked {
    Stays,
    /// It is to be forgotten.
    Over,
}

impl Shown {
    fn awake(simulated: &Simulated) -> Self {
        let telemetry = Arc::clone(&simulated.arena.admission.telemetry);
        let arena = Some(Arc::clone(&simulated.arena));
        Self {
            listing: Arc::clone(&simulated.listing),
            arena,
            telemetry,
            is_asleep: false,
            is_leaving: false,
        }
    }
}

impl<S: GameServer> Room<S> {
    /// A new room, which ticks. Blocks: it may wait for a tick of the thread that gets it.
    pub(super) fn open(
        parts: Parts<S>,
        code: RoomCode,
        kept: KeptRoom<ArenaOf<S>>,
        share: Share,
    ) -> Result<Self, NoRandomness> {
        let access = Arc::<RoomAccess>::default();
        let (simulated, another) = start(&parts, code, &kept, &access, None)?;
        let shown = Shown::awake(&simulated);
        let state = State::Awake { simulated, another, empty_since: None };
        Ok(Self::new(parts, code, share, (kept, access), state, shown))
    }

    /// A room that sleeps, and goes on from `payload`, or else from the disk.
    pub(super) fn asleep(
        parts: Parts<S>,
        code: RoomCode,
        kept: KeptRoom<ArenaOf<S>>,
        share: Share,
        payload: Option<Vec<u8>>,
    ) -> Self {
        let access = Arc::<RoomAccess>::default();
        access.set_locked(kept.is_locked);
        let telemetry = Arc::new(Telemetry::new(S::GAUGES));
        let listing = Listing::new(&kept.arena, kept.players.into(), Arc::clone(&telemetry));
        let listing = listing.with_slug(format!("room/{code}"));
        let shown =
            Shown { listing: Arc::new(listing), arena: None, telemetry, is_asleep: true, is_leaving: false };
        let state = State::Asleep { payload, since: Instant::now() };
        Self::new(parts, code, share, (kept, access), state, shown)
    }

    fn new(
        parts: Parts<S>,
        code: RoomCode,
        share: Share,
        (kept, access): (KeptRoom<ArenaOf<S>>, Arc<RoomAccess>),
        state: State<S>,
        shown: Shown,
    ) -> Self {
        let (kept, state, shown) = (StdMutex::new(kept), Mutex::new(state), StdMutex::new(shown));
        Self { parts, code, _share: share, kept, access, present: Arc::default(), state, shown }
    }

    pub(super) fn code(&self) -> RoomCode {
        self.code
    }

    /// What it is made of now.
    fn made_of(&self) -> MutexGuard<'_, KeptRoom<ArenaOf<S>>> {
        // Valid after a panic elsewhere too: each change is one step.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn is_public(&self) -> bool {
        self.made_of().is_public
    }

    /// Writes what it is made of to the disk, if rooms are kept.
    pub(super) async fn write(&self) {
        let (files, code, kept) = (Arc::clone(&self.parts.files), self.code, self.made_of().clone());
        let written = spawn_blocking(move || files.write::<S>(code, &kept)).await;
        let _ = written.map_err(failed);
    }

    /// What it counts while it ticks.
    pub(super) fn telemetry(&self) -> Option<Arc<Telemetry>> {
        let shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        (!shown.is_asleep).then(|| Arc::clone(&shown.telemetry))
    }

    fn show(&self, change: impl FnOnce(&mut Shown)) {
        change(&mut self.shown.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// The room, to those who know its code.
    pub(super) fn entry(&self) -> RoomEntry {
        let KeptRoom { is_public, has_chat, .. } = *self.made_of();
        let shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = shown.listing.entry();
        let (players, free) =
            if shown.is_asleep { (0, entry.max_players) } else { (entry.players, entry.free) };
        RoomEntry {
            code: self.code.to_string(),
            name: entry.name,
            mode: entry.mode,
            players,
            max_players: entry.max_players,
            free,
            size: entry.size,
            is_public,
            is_asleep: shown.is_asleep,
            is_locked: self.access.is_locked(),
            has_chat,
        }
    }

    /// Its entry at `/arenas` while it is awake.
    pub(super) fn arena_entry(&self) -> Option<ArenaEntry> {
        let shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        (!shown.is_asleep).then(|| shown.listing.entry())
    }

    /// Lets a client in, and wakes the room if it sleeps. `None` if it is over.
    pub(super) async fn enter(&self) -> Option<Entered> {
        let mut state = self.state.lock().await;
        if let State::Asleep { payload, .. } = &mut *state {
            let (simulated, another) = self.wake(mem::take(payload)).await?;
            self.show(|shown| *shown = Shown::awake(&simulated));
            *state = State::Awake { simulated, another, empty_since: None };
        }
        match &*state {
            State::Awake { simulated, .. } => {
                Some(Entered { arena: Arc::clone(&simulated.arena), presence: Presence::new(&self.present) })
            }
            State::Asleep { .. } | State::Leaving { .. } | State::Over => None,
        }
    }

    async fn wake(&self, payload: Option<Vec<u8>>) -> Option<Opened<S::Game>> {
        let (parts, code, kept) = (self.parts.clone(), self.code, self.made_of().clone());
        let access = Arc::clone(&self.access);
        let started = spawn_blocking(move || {
            let decode = |payload: Vec<u8>| {
                let saved = SavedArena::<S>::decode(&payload, &kept.arena, parts.defaults.tick_rate());
                saved
                    .inspect_err(|error| tracing::error!(%error, "a room cannot go on, and begins again"))
                    .ok()
            };
            start(&parts, code, &kept, &access, payload.and_then(decode))
        });
        started.await.map_err(failed).ok()?.map_err(failed).ok()
    }

    /// Puts the room to sleep if it was empty for a while, and ends it if it has slept for too long or has failed.
    pub(super) async fn look(&self, limits: &RoomLimits) -> Looked {
        let mut state = self.state.lock().await;
        let now = Instant::now();
        match &mut *state {
            State::Over => Looked::Over,
            State::Asleep { since, .. } if now.duration_since(*since) >= limits.asleep => {
                *state = State::Over;
                Looked::Over
            }
            State::Asleep { .. } | State::Leaving { .. } => Looked::Stays,
            // One that has ended without a failure has done so because the server stops.
            State::Awake { simulated, .. } if simulated.status.has_failed() => {
                tracing::error!(code = %self.code, "a room has failed and is closed; the others go on");
                simulated.arena.end();
                self.rest();
                *state = State::Over;
                Looked::Over
            }
            State::Awake { simulated, empty_since, .. } => {
                simulated.arena.ready.store(true, Ordering::Relaxed);
                if self.present.load(Ordering::Acquire) > 0 {
                    *empty_since = None;
                } else if now.duration_since(*empty_since.get_or_insert(now)) >= limits.awake
                    && let Some(payload) = self.take_off(Arc::clone(&simulated.status)).await
                {
                    self.rest();
                    *state = State::Asleep { payload: Some(payload), since: now };
                }
                Looked::Stays
            }
        }
    }

    /// It no longer ticks: what it has counted is kept with that of the others.
    fn rest(&self) {
        self.show(|shown| {
            (shown.is_asleep, shown.arena) = (true, None);
            retire(&self.parts.retired, &shown.telemetry);
        });
    }

    /// Takes the simulation off its thread. Returns what it can go on from.
    async fn take_off(&self, status: Arc<ArenaStatus>) -> Option<Vec<u8>> {
        let threads = Arc::clone(&self.parts.opener.threads);
        let taken = spawn_blocking(move || {
            let arena = threads.remove(&status)?;
            let mut payload = arena.inner().payload();
            payload.shrink_to_fit();
            // Takes the last snapshot, if rooms are kept.
            arena.finish();
            Some(payload)
        });
        taken.await.map_err(failed).ok().flatten()
    }

    /// Ends a room that no client has entered.
    pub(super) async fn end(&self) {
        let mut state = self.state.lock().await;
        if let State::Awake { simulated, .. } = &*state {
            self.take_off(Arc::clone(&simulated.status)).await;
        }
        *state = State::Over;
    }
}

/// Starts the simulation of a room, which goes on from `saved`, or from what the disk has, or begins. Blocks.
fn start<S: GameServer>(
    parts: &Parts<S>,
    code: RoomCode,
    kept: &KeptRoom<ArenaOf<S>>,
    access: &Arc<RoomAccess>,
    saved: Option<SavedArena<S>>,
) -> Result<Opened<S::Game>, NoRandomness> {
    let settings = parts.defaults.settings_of(kept);
    let telemetry = Arc::new(Telemetry::new(S::GAUGES));
    let persistence = parts.files.persistence(code, &settings, saved, &telemetry);
    let slug = format!("room/{code}");
    tracing::debug!(name = settings.arena.name(), "a room ticks");
    let opened = parts.opener.start(settings, &slug, persistence, telemetry, Some(Arc::clone(access)))?;
    if !kept.has_chat {
        // Nothing else is in its inbox yet.
        let _ = opened.0.arena.admission.inbox.offer(Inbound::Chat { is_on: false });
    }
    Ok(opened)
}

/// Logs a fault of the server.
pub(super) fn failed(error: impl Display) -> RoomRefusal {
    tracing::error!(%error, "a room could not be made");
    RoomRefusal::Failed
}

#[cfg(test)]
impl<S: GameServer> Room<S> {
    pub(super) fn settings(&self) -> crate::engine::arena_loop::ArenaSettings<ArenaOf<S>> {
        self.parts.defaults.settings_of(&self.made_of())
    }

    /// What is kept of it while it sleeps.
    pub(super) async fn kept_bytes(&self) -> Option<usize> {
        match &*self.state.lock().await {
            State::Asleep { payload, .. } => payload.as_ref().map(Vec::capacity),
            State::Awake { .. } | State::Leaving { .. } | State::Over => None,
        }
    }

    /// Whether its simulation has.
    pub(super) fn has_ended(&self) -> bool {
        let state = self.state.try_lock().expect("it is looked at by the test only");
        matches!(&*state, State::Awake { simulated, .. } if simulated.status.has_ended())
    }

    /// As if its simulation had panicked.
    pub(super) async fn fail(&self) {
        if let State::Awake { simulated, .. } = &*self.state.lock().await {
            simulated.status.fail();
            simulated.status.end();
        }
    }
}
