//! When snapshots of an arena are taken, and what it begins with. What is in a snapshot is in [`crate::engine::saved_arena`], and
//! how it gets to the disk in [`crate::engine::snapshot`].

use std::{path::PathBuf, sync::Arc};

use shared::engine::{game_trait::Arena as _, ids::Tick};
use tracing::{info, warn};

use super::{
    clients::Clients,
    flight_recorder::{Destination, FlightRecorder},
};
use crate::engine::{
    recorder::RecordWriter,
    saved_arena::{self, SavedArena},
    sessions::draw_numbers,
    simulation::{ArenaOf, Simulation},
    snapshot::{Refusal, SnapshotQueue, SnapshotSender, StateDirError},
    telemetry::Telemetry,
};

/// A saved arena that has counted more ticks than this, half of those that there are numbers for, starts clean: so every process has as
/// many ahead of it, more than half a year at the fastest rate.
pub(super) const SAVED_TICKS_MAX: Tick = Tick(1 << 31);

/// A failure within this time of going on from a snapshot is taken for its fault.
const SUSPECT_SECONDS: u32 = 60;

/// What is kept of an arena: by default the recording of a failure, in the directory for temporary files.
#[derive(Debug)]
pub struct Persistence<S> {
    pub(super) saved: Option<SavedArena<S>>,
    /// Where the numbers of new sessions begin if there is a saved arena: a random number.
    pub(super) numbers: u64,
    pub(super) snapshots: Option<Snapshots>,
    pub(super) recordings: Destination,
}

/// Takes snapshots of one arena.
#[derive(Debug)]
pub(super) struct Snapshots {
    sender: SnapshotSender,
    /// In ticks; `None`: only the last.
    interval: Option<u32>,
    /// The tick of the last one, or of the first tick.
    taken_at: Tick,
    /// One is to be taken before its time.
    is_due: bool,
    /// Where the arena went on from a snapshot, if it did: a failure before this tick may come from it.
    suspect_until: Option<Tick>,
    /// Whether the state has broken a rule.
    is_broken: bool,
}

impl<S> Default for Persistence<S> {
    fn default() -> Self {
        Self { saved: None, numbers: 0, snapshots: None, recordings: Destination::default() }
    }
}

impl<S: Simulation> Persistence<S> {
    /// Loads the snapshot of an arena, if there is a usable one, and takes others at the queue's interval. `name` is the arena's
    /// in addresses. A snapshot that cannot be used is moved aside.
    pub fn open(
        arena: &ArenaOf<S>,
        tick_rate: u16,
        name: &str,
        queue: &SnapshotQueue,
        telemetry: &Arc<Telemetry>,
    ) -> Result<Self, StateDirError> {
        let Some(dir) = queue.dir() else {
            return Ok(Self::keeping(None, arena, tick_rate, name, queue, telemetry));
        };
        let path = dir.snapshot_path(name);
        let saved = match dir.read(name)? {
            None => None,
            Some(bytes) => match bytes.and_then(|bytes| read::<S>(&bytes, arena, tick_rate)) {
                Ok(saved) => {
                    let (tick, players) = (saved.sim.tick().0, saved.sessions.len());
                    info!(tick, players, "arena {:?} goes on from '{}'", arena.name(), path.display());
                    Some(saved)
                }
                Err(refusal) => {
                    let aside = dir.set_aside(name)?;
                    warn!(
                        "cannot use the snapshot '{}': {refusal}; it is now '{}', and arena {:?} starts clean",
                        path.display(),
                        aside.display(),
                        arena.name()
                    );
                    None
                }
            },
        };
        Ok(Self::keeping(saved, arena, tick_rate, name, queue, telemetry))
    }

    /// Goes on from a saved arena, if there is one, and takes snapshots at the queue's interval. `name` is the arena's in addresses.
    pub fn keeping(
        saved: Option<SavedArena<S>>,
        arena: &ArenaOf<S>,
        tick_rate: u16,
        name: &str,
        queue: &SnapshotQueue,
        telemetry: &Arc<Telemetry>,
    ) -> Self {
        let header = saved_arena::header::<S>(arena, tick_rate);
        let check = check::<S>(arena.clone(), tick_rate);
        let sender = queue.sender(name, header, Arc::clone(telemetry), check);
        let ticks = (queue.interval().as_secs_f32() * f32::from(tick_rate)) as u32;
        let taken_at = saved.as_ref().map_or(Tick(0), |saved| saved.sim.tick());
        let interval = (ticks > 0).then_some(ticks);
        let suspect_until = saved.as_ref().map(|_| taken_at.after(SUSPECT_SECONDS * u32::from(tick_rate)));
        let snapshots =
            Some(Snapshots { sender, interval, taken_at, is_due: false, suspect_until, is_broken: false });
        Self { saved, numbers: draw_numbers(), snapshots, recordings: Destination::default() }
    }

    /// The recording of a failure goes to `dir`, under the arena's name in addresses.
    #[must_use]
    pub fn with_failures_in(self, dir: PathBuf, name: &str) -> Self {
        let recordings = Destination { failures: dir, name: name.to_owned(), ..self.recordings };
        Self { recordings, ..self }
    }

    /// The whole game is recorded.
    #[must_use]
    pub fn with_recording(self, arena: &ArenaOf<S>, tick_rate: u16, writer: &RecordWriter) -> Self {
        Self { recordings: self.recordings.with_recording::<S>(arena, tick_rate, writer), ..self }
    }

    /// Goes on from a saved arena, and takes no snapshots. `numbers`: where the numbers of new sessions begin, see
    /// [`Sessions::with_numbers_drawn`](crate::engine::sessions::Sessions::with_numbers_drawn).
    pub fn of(saved: SavedArena<S>, numbers: u64) -> Self {
        Self { saved: Some(saved), numbers, ..Self::default() }
    }

    /// The arena that goes on, if there is one.
    pub fn saved(&self) -> Option<&SavedArena<S>> {
        self.saved.as_ref()
    }
}

/// Whether an arena could go on from a snapshot.
fn check<S: Simulation>(
    arena: ArenaOf<S>,
    tick_rate: u16,
) -> impl Fn(&[u8]) -> Result<(), String> + Send + Sync + 'static {
    move |bytes| match SavedArena::<S>::read(bytes, &arena, tick_rate) {
        Ok(_) => Ok(()),
        Err(refusal) => Err(refusal.to_string()),
    }
}

impl Snapshots {
    /// The game goes on in another arena, which the last snapshot does not fit: one is taken with the next tick.
    pub(super) fn move_to<S: Simulation>(&mut self, sim: &S) {
        let (arena, tick_rate) = (sim.arena(), sim.tick_rate());
        let header = saved_arena::header::<S>(arena, tick_rate);
        self.sender = self.sender.of(header, check::<S>(arena.clone(), tick_rate));
        self.is_due = true;
    }

    /// Takes a snapshot if it is time for one.
    pub(super) fn on_tick<S: Simulation>(
        &mut self,
        sim: &S,
        clients: &Clients,
        recorder: &mut FlightRecorder,
    ) {
        // Once: while the state is broken, each snapshot is.
        if !self.is_broken && self.sender.take_broken() {
            self.is_broken = true;
            recorder.save_broken(sim);
        }
        let now = sim.tick();
        if self.is_due || self.interval.is_some_and(|interval| now.since(self.taken_at) >= interval) {
            (self.taken_at, self.is_due) = (now, false);
            let (key, sessions) = clients.kept();
            self.sender.offer(now.0, |out| match recorder.state_after(now.0) {
                Some(state) => saved_arena::put_payload_of(out, key, sessions, state),
                None => saved_arena::put_payload(out, key, sessions, sim),
            });
        }
    }

    /// Takes the last snapshot. `save_broken` is called on another thread if its state is the first that breaks a rule.
    pub(super) fn finish<S: Simulation>(
        self,
        sim: &S,
        clients: &Clients,
        save_broken: impl FnOnce() + Send + 'static,
    ) {
        let (key, sessions) = clients.kept();
        let on_broken = (!self.is_broken).then(|| Box::new(save_broken) as _);
        let fill = |out: &mut Vec<u8>| saved_arena::put_payload(out, key, sessions, sim);
        self.sender.finish(sim.tick().0, fill, on_broken);
    }

    /// The simulation has failed at `tick`. If that is soon after it went on from a snapshot, and none was written since, the next
    /// process would go on from the same, and perhaps fail again, without end. Later the snapshot is not to blame, and the best
    /// that there is.
    pub(super) fn on_failure(&self, tick: Tick) {
        if self.suspect_until.is_some_and(|until| tick < until) {
            self.sender.set_aside_unless_replaced();
        }
    }
}

/// Reads a snapshot that is to go on.
fn read<S: Simulation>(
    snapshot: &[u8],
    arena: &ArenaOf<S>,
    tick_rate: u16,
) -> Result<SavedArena<S>, Refusal> {
    let saved = SavedArena::<S>::read(snapshot, arena, tick_rate)?;
    let tick = saved.sim.tick();
    if tick > SAVED_TICKS_MAX {
        return Err(Refusal::Unusable(format!(
            "it has counted {} ticks, and at most {} are gone on from",
            tick.0, SAVED_TICKS_MAX.0
        )));
    }
    Ok(saved)
}

/// Appends the payload of a snapshot.
pub(super) fn put<S: Simulation>(out: &mut Vec<u8>, sim: &S, clients: &Clients) {
    let (key, sessions) = clients.kept();
    saved_arena::put_payload(out, key, sessions, sim);
}
