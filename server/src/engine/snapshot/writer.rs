//! The thread that writes snapshots, and the simulation threads' way to it. Each arena has one buffer: while the writer has
//! it, the arena's next snapshot is skipped and counted, so a slow disk costs snapshots and never a tick.

use std::{
    fmt, io,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use crossbeam_channel::{Receiver, Sender, bounded};

use super::{
    format::{Header, begin, seal},
    state_dir::StateDir,
};
use crate::engine::{files, telemetry::Telemetry, wait::join_within};

/// Whether the next process could go on from a snapshot, and why not.
type Check = dyn Fn(&[u8]) -> Result<(), String> + Send + Sync;

/// Takes snapshots that are not written to files.
pub trait SnapshotSink: fmt::Debug + Send + Sync {
    /// Takes the snapshot of the arena with this name, which could be loaded. It must not wait.
    fn take(&self, name: &str, snapshot: &[u8]);
}

/// Where snapshots go.
#[derive(Clone, Debug)]
enum Keeping {
    Dir(Arc<StateDir>),
    Sink(Arc<dyn SnapshotSink>),
}

/// Where the snapshots of one arena go.
#[derive(Clone, Debug)]
enum Place {
    File(PathBuf),
    Sink(String, Arc<dyn SnapshotSink>),
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(out),
            Self::Sink(name, _) => out.write_str(name),
        }
    }
}

/// Where the snapshots of one arena go, and what is said of them.
struct Target {
    place: Place,
    check: Box<Check>,
    telemetry: Arc<Telemetry>,
    /// A snapshot did not pass the check.
    is_broken: AtomicBool,
}

impl fmt::Debug for Target {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_tuple("Target").field(&self.place).finish()
    }
}

/// What is to be done if a snapshot does not pass the check.
type OnBroken = Box<dyn FnOnce() + Send>;

/// A snapshot on its way to the disk.
struct Job {
    target: Arc<Target>,
    /// Begun, but not sealed.
    bytes: Vec<u8>,
    /// Where the buffer is given back.
    back: Sender<Vec<u8>>,
    on_broken: Option<OnBroken>,
}

/// One arena's end.
#[derive(Debug)]
pub struct SnapshotSender {
    target: Arc<Target>,
    header: Header,
    jobs: Sender<Job>,
    back: (Sender<Vec<u8>>, Receiver<Vec<u8>>),
}

/// Places in the queue for each arena: one for each of its recent contents, and one for the last snapshot.
const WAITING_PER_ARENA: usize = 16;

/// The way to the writer's thread. Clones are the same way.
#[derive(Clone, Debug)]
pub struct SnapshotQueue {
    keeping: Keeping,
    interval: Duration,
    jobs: Sender<Job>,
}

/// The writer's thread, and the directory that it writes to.
#[derive(Debug)]
pub struct SnapshotWriter {
    queue: SnapshotQueue,
    thread: JoinHandle<()>,
}

impl SnapshotWriter {
    /// Starts the thread, for this many arenas. Snapshots are to be taken at this interval; only the last if it is zero.
    pub fn start(dir: StateDir, interval: Duration, arenas: usize) -> io::Result<Self> {
        Self::run(Keeping::Dir(Arc::new(dir)), interval, arenas)
    }

    /// The same for snapshots that go to `sink`.
    pub fn start_to(sink: Arc<dyn SnapshotSink>, interval: Duration, arenas: usize) -> io::Result<Self> {
        Self::run(Keeping::Sink(sink), interval, arenas)
    }

    fn run(keeping: Keeping, interval: Duration, arenas: usize) -> io::Result<Self> {
        let (jobs, waiting) = bounded::<Job>(WAITING_PER_ARENA * arenas);
        let run = move || waiting.iter().for_each(Job::run);
        let thread = thread::Builder::new().name("snapshots".to_owned()).spawn(run)?;
        Ok(Self { queue: SnapshotQueue { keeping, interval, jobs }, thread })
    }

    /// Where snapshots are handed over.
    pub fn queue(&self) -> &SnapshotQueue {
        &self.queue
    }

    /// Whether the thread has ended. It must not before [`Self::finish`].
    pub fn has_ended(&self) -> bool {
        self.thread.is_finished()
    }

    /// Waits until everything is written, for at most this time. All queues and senders must be gone. Returns whether it was;
    /// whether a snapshot failed is in its arena's telemetry.
    pub fn finish(self, most: Duration) -> bool {
        let Self { queue: SnapshotQueue { keeping: _locked, jobs, .. }, thread } = self;
        drop(jobs);
        join_within(most, thread).is_some_and(|ended| ended.is_ok())
    }
}

impl SnapshotQueue {
    /// Where the snapshots are, if they are files.
    pub fn dir(&self) -> Option<&StateDir> {
        match &self.keeping {
            Keeping::Dir(dir) => Some(dir),
            Keeping::Sink(_) => None,
        }
    }

    /// Time between two snapshots of an arena; zero if only the last is to be taken.
    pub fn interval(&self) -> Duration {
        self.interval
    }

    /// The end of an arena, by its name in addresses. What `check` finds unusable is not written.
    pub fn sender(
        &self,
        arena: &str,
        header: Header,
        telemetry: Arc<Telemetry>,
        check: impl Fn(&[u8]) -> Result<(), String> + Send + Sync + 'static,
    ) -> SnapshotSender {
        let place = match &self.keeping {
            Keeping::Dir(dir) => Place::File(dir.snapshot_path(arena)),
            Keeping::Sink(sink) => Place::Sink(arena.to_owned(), Arc::clone(sink)),
        };
        SnapshotSender::new(place, header, telemetry, Box::new(check), self.jobs.clone())
    }
}

impl SnapshotSender {
    /// A sender for the same arena after its content changed; `header` and `check` are of the new content.
    pub fn of(
        &self,
        header: Header,
        check: impl Fn(&[u8]) -> Result<(), String> + Send + Sync + 'static,
    ) -> Self {
        let Target { place, telemetry, .. } = &*self.target;
        Self::new(place.clone(), header, Arc::clone(telemetry), Box::new(check), self.jobs.clone())
    }

    fn new(
        place: Place,
        header: Header,
        telemetry: Arc<Telemetry>,
        check: Box<Check>,
        jobs: Sender<Job>,
    ) -> Self {
        let target = Arc::new(Target { place, check, telemetry, is_broken: AtomicBool::new(false) });
        let back = bounded(1);
        let _ = back.0.try_send(Vec::new());
        Self { target, header, jobs, back }
    }

    /// Takes a snapshot after `tick`, whose payload `fill` appends. Skipped if the last one is still being written.
    pub fn offer(&mut self, tick: u32, fill: impl FnOnce(&mut Vec<u8>)) {
        match self.back.1.try_recv() {
            Ok(buffer) => self.send(buffer, tick, fill, None),
            Err(_) => self.target.telemetry.snapshots_skipped_total.inc(),
        }
    }

    /// Whether a snapshot could not be loaded: the state of the arena breaks a rule. True once for each time.
    pub fn take_broken(&self) -> bool {
        // Read first, because it is asked in every tick.
        self.target.is_broken.load(Ordering::Relaxed) && self.target.is_broken.swap(false, Ordering::Relaxed)
    }

    /// Takes the last snapshot, even if the one before is still being written. The writer's thread calls `on_broken` if it could not
    /// be loaded: then it is too late for [`Self::take_broken`].
    pub fn finish(mut self, tick: u32, fill: impl FnOnce(&mut Vec<u8>), on_broken: Option<OnBroken>) {
        let buffer = self.back.1.try_recv().unwrap_or_default();
        self.send(buffer, tick, fill, on_broken);
    }

    /// Moves the snapshot that the arena went on from out of the way, unless another one was written since.
    pub fn set_aside_unless_replaced(&self) {
        if self.target.telemetry.snapshots_total.get() > 0 {
            return;
        }
        let Place::File(path) = &self.target.place else { return };
        match files::set_aside(path) {
            Ok(aside) => tracing::warn!(
                "the arena failed before its first snapshot: the one that it went on from is now '{}'",
                aside.display()
            ),
            Err(error) => {
                tracing::error!("cannot move the snapshot that may have caused the failure: {error}");
            }
        }
    }

    fn send(
        &mut self,
        mut bytes: Vec<u8>,
        tick: u32,
        fill: impl FnOnce(&mut Vec<u8>),
        on_broken: Option<OnBroken>,
    ) {
        let began = Instant::now();
        begin(self.header, tick, &mut bytes);
        fill(&mut bytes);
        let job = Job { target: Arc::clone(&self.target), bytes, back: self.back.0.clone(), on_broken };
        let telemetry = &self.target.telemetry;
        // It fails if the writer has ended, which `run` notices, or if the disk hangs over many changes of the arena's content.
        if let Err(error) = self.jobs.try_send(job) {
            if telemetry.snapshot_is_failing.get() == 0 {
                let place = &self.target.place;
                tracing::error!("a snapshot for '{place}' is left out: too many wait to be written");
            }
            telemetry.snapshots_failed_total.inc();
            telemetry.snapshot_is_failing.set(1);
            // The other end is this sender's own.
            let Job { bytes, back, .. } = error.into_inner();
            let _ = back.try_send(bytes);
        }
        telemetry.snapshot_tick_seconds.observe(began.elapsed());
    }
}

impl Job {
    fn run(self) {
        let Self { target, mut bytes, back, on_broken } = self;
        seal(&mut bytes);
        let telemetry = &target.telemetry;
        match write(&target, &bytes, on_broken) {
            Ok(()) => {
                telemetry.snapshots_total.inc();
                telemetry.snapshot_bytes.set(bytes.len() as u64);
                let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                telemetry.snapshot_time_seconds.set(since_epoch.as_secs());
                if telemetry.snapshot_is_failing.get() > 0 {
                    telemetry.snapshot_is_failing.set(0);
                    tracing::warn!("snapshots are written to '{}' again", target.place);
                }
            }
            Err(why) => {
                telemetry.snapshots_failed_total.inc();
                // Once, and not every few seconds while the disk is full.
                if telemetry.snapshot_is_failing.get() == 0 {
                    telemetry.snapshot_is_failing.set(1);
                    tracing::error!("{why}; the last good snapshot is kept, and the next is tried as usual");
                }
            }
        }
        // Room for a larger one is made here, and not on the simulation thread.
        bytes.reserve(bytes.len() / 2);
        // Its arena may have ended.
        let _ = back.try_send(bytes);
    }
}

fn write(target: &Target, snapshot: &[u8], on_broken: Option<OnBroken>) -> Result<(), String> {
    let place = &target.place;
    (target.check)(snapshot).map_err(|why| {
        target.is_broken.store(true, Ordering::Relaxed);
        if let Some(on_broken) = on_broken {
            on_broken();
        }
        format!("a snapshot for '{place}' could not be loaded: {why}")
    })?;
    match place {
        Place::File(path) => files::replace(path, snapshot)
            .map_err(|error| format!("cannot write the snapshot '{place}': {error}")),
        Place::Sink(name, sink) => {
            sink.take(name, snapshot);
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::decode, *};
    use crate::engine::wait::{TEST_LIMIT, wait_until};

    const HEADER: Header = Header { content: 1, arena: [0; 32] };

    struct Rig {
        directory: tempfile::TempDir,
        writer: SnapshotWriter,
        sender: SnapshotSender,
        telemetry: Arc<Telemetry>,
    }

    fn rig(check: impl Fn(&[u8]) -> Result<(), String> + Send + Sync + 'static) -> Rig {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let dir = StateDir::open(directory.path()).expect("it can be used");
        let writer = SnapshotWriter::start(dir, Duration::ZERO, 1).expect("a thread");
        let telemetry = Arc::new(Telemetry::new(&[]));
        let sender = writer.queue().sender("drift", HEADER, Arc::clone(&telemetry), check);
        Rig { directory, writer, sender, telemetry }
    }

    fn payload_on_disk(directory: &tempfile::TempDir) -> Vec<u8> {
        let bytes = std::fs::read(directory.path().join("drift.snapshot")).expect("it was written");
        decode(&bytes, &HEADER).expect("a snapshot").payload.to_vec()
    }

    #[test]
    fn busy_writer_costs_a_snapshot_and_never_waits_and_the_last_one_is_always_written() {
        static IS_BUSY: AtomicBool = AtomicBool::new(true);
        let Rig { directory, writer, mut sender, telemetry } = rig(|_| {
            wait_until(TEST_LIMIT, || !IS_BUSY.load(Ordering::Relaxed));
            Ok(())
        });
        sender.offer(1, |out| out.push(1));
        sender.offer(2, |out| out.push(2));
        assert_eq!(telemetry.snapshots_skipped_total.get(), 1);
        sender.finish(3, |out| out.push(3), None);
        IS_BUSY.store(false, Ordering::Relaxed);
        assert!(writer.finish(TEST_LIMIT));
        assert_eq!(payload_on_disk(&directory), [3]);
        assert_eq!(telemetry.snapshots_total.get(), 2);
    }

    #[test]
    fn snapshot_that_could_not_be_loaded_replaces_no_good_one() {
        let is_good = |bytes: &[u8]| if bytes.ends_with(b"good") { Ok(()) } else { Err("bad".to_owned()) };
        let Rig { directory, writer, mut sender, telemetry } = rig(is_good);
        sender.offer(1, |out| out.extend(b"good"));
        assert!(wait_until(TEST_LIMIT, || telemetry.snapshots_total.get() > 0));
        assert!(!sender.take_broken());
        sender.offer(2, |out| out.extend(b"bad"));
        assert!(wait_until(TEST_LIMIT, || sender.take_broken()));
        assert!(!sender.take_broken(), "it is told once");
        let (told, heard) = bounded(1);
        sender.finish(3, |out| out.extend(b"bad"), Some(Box::new(move || told.send(3).expect("room"))));
        assert!(writer.finish(TEST_LIMIT));
        assert_eq!(heard.try_recv(), Ok(3), "its recording is wanted");
        assert_eq!(payload_on_disk(&directory), b"good");
        assert_eq!((telemetry.snapshots_failed_total.get(), telemetry.snapshot_is_failing.get()), (2, 1));
    }
}
