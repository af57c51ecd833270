//! The thread that writes the recordings of whole games, and the simulation threads' way to it. A disk that is too slow costs
//! segments, and never a tick; the last ones always have room.

use std::{
    collections::BTreeMap,
    io, mem,
    path::{Path, PathBuf},
    sync::Arc,
    thread::{self, JoinHandle},
    time::Duration,
};

use crossbeam_channel::{Receiver, Sender, bounded};

use super::{file::Definition, game_files::GameFiles, log::Segment};
use crate::engine::{files, wait::join_within};

/// Segments of an arena that may wait for the disk. When there are more, one is left out.
const WAITING_MAX: usize = 4;
/// Segments at the end of an arena, which have room of their own.
const LAST: usize = 2;
/// Senders of an arena that have such room at once.
const SENDERS: usize = 4;
/// The disk keeps up again when this number of segments in a row have found room.
const CALM_SEGMENTS: u32 = 12;

/// The game that a file is of.
#[derive(Debug)]
struct Game {
    name: String,
    content: u32,
    arena: Vec<u8>,
}

#[derive(Debug)]
struct Job {
    game: Arc<Game>,
    segment: Arc<Segment>,
    /// Segments before it were left out.
    is_after_gap: bool,
    back: Sender<Arc<Segment>>,
}

/// One arena's way to the thread that writes.
#[derive(Debug)]
pub struct RecordSender {
    game: Arc<Game>,
    jobs: Sender<Job>,
    back: (Sender<Arc<Segment>>, Receiver<Arc<Segment>>),
    /// Segments that were sent and whose memory is not here again.
    waiting: usize,
    /// Segments were left out since the last that was sent.
    has_gap: bool,
    /// Segments until the disk is no longer too slow; 0 if it is not.
    slow_for: u32,
}

/// The thread that writes.
#[derive(Debug)]
pub struct RecordWriter {
    jobs: Sender<Job>,
    thread: JoinHandle<()>,
}

impl RecordWriter {
    /// Starts the thread, for this many arenas, whose recordings go into `dir`. Makes it if it does not exist.
    pub fn start(dir: &Path, arenas: usize) -> io::Result<Self> {
        files::create_private(dir)?;
        // Several times, because an arena whose content has changed has a sender for each until all of it is written.
        let (jobs, waiting) = bounded::<Job>(SENDERS * (WAITING_MAX + LAST) * arenas);
        let mut writing = Writing { dir: dir.to_owned(), games: BTreeMap::new() };
        let run = move || waiting.iter().for_each(|job| writing.run(job));
        let thread = thread::Builder::new().name("recordings".to_owned()).spawn(run)?;
        Ok(Self { jobs, thread })
    }

    /// The end of an arena, by its name in addresses.
    pub fn sender(&self, arena: &str, definition: Definition<'_>) -> RecordSender {
        RecordSender::new(arena, definition, self.jobs.clone())
    }

    /// Whether the thread has ended. It must not before [`Self::finish`].
    pub fn has_ended(&self) -> bool {
        self.thread.is_finished()
    }

    /// Waits until everything is written, for at most this time. All senders must be gone.
    pub fn finish(self, most: Duration) {
        let Self { jobs, thread } = self;
        drop(jobs);
        if join_within(most, thread).is_none() {
            tracing::error!("the ends of recordings are missing: the disk is too slow for them");
        }
    }
}

impl RecordSender {
    fn new(arena: &str, definition: Definition<'_>, jobs: Sender<Job>) -> Self {
        let Definition { content, arena: encoded } = definition;
        let game = Game { name: arena.to_owned(), content, arena: encoded.to_vec() };
        Self {
            game: Arc::new(game),
            jobs,
            back: bounded(WAITING_MAX + LAST),
            waiting: 0,
            has_gap: false,
            slow_for: 0,
        }
    }

    /// A sender for the same arena after its content changed; the new content goes into another file.
    pub fn of(&self, definition: Definition<'_>) -> Self {
        Self { has_gap: true, ..Self::new(&self.game.name, definition, self.jobs.clone()) }
    }

    /// Hands a segment over, and returns memory for another, if there is any. Never waits: if the disk is too slow, the segment is
    /// left out.
    pub fn send(&mut self, segment: Arc<Segment>) -> Option<Arc<Segment>> {
        let memory = match self.back.1.try_recv() {
            Ok(memory) => Some(memory),
            Err(_) if self.waiting < WAITING_MAX => {
                self.waiting += 1;
                None
            }
            Err(_) => {
                self.has_gap = true;
                if mem::replace(&mut self.slow_for, CALM_SEGMENTS) == 0 {
                    tracing::warn!("the recording of {:?} has gaps: the disk is too slow", self.game.name);
                }
                return Some(segment);
            }
        };
        if self.slow_for > 0 {
            self.slow_for -= 1;
            if self.slow_for == 0 {
                tracing::info!("the recording of {:?} has no gaps any more", self.game.name);
            }
        }
        self.put(segment);
        memory
    }

    /// Hands the last segments over, which have room however slow the disk is.
    pub fn finish(mut self, last: impl IntoIterator<Item = Arc<Segment>>) {
        last.into_iter().take(LAST).for_each(|segment| self.put(segment));
    }

    fn put(&mut self, segment: Arc<Segment>) {
        let is_after_gap = mem::take(&mut self.has_gap);
        let job = Job { game: Arc::clone(&self.game), segment, is_after_gap, back: self.back.0.clone() };
        // It fails if the thread has ended, which `run` notices, or if the disk hangs over many changes of the arena's content.
        if self.jobs.try_send(job).is_err() {
            self.has_gap = true;
            self.waiting = self.waiting.saturating_sub(1);
        }
    }
}

/// What the thread works on.
struct Writing {
    dir: PathBuf,
    games: BTreeMap<String, Written>,
}

/// A game that is being written.
struct Written {
    files: GameFiles,
    /// The last segment could not be written.
    is_failing: bool,
    /// Old files could not be removed.
    is_keeping_all: bool,
}

impl Writing {
    fn run(&mut self, job: Job) {
        let Job { game, segment, is_after_gap, back } = job;
        let Game { name, content, arena } = &*game;
        let dir = &self.dir;
        let written = self.games.entry(name.clone()).or_insert_with(|| Written {
            files: GameFiles::new(dir, name),
            is_failing: false,
            is_keeping_all: false,
        });
        let definition = Definition { content: *content, arena };
        let appended = written.files.append(definition, &segment, is_after_gap);
        // Each is said once, and not every few seconds while the disk is full.
        let (was_failing, dir) = (written.is_failing, dir.display());
        written.is_failing = appended.is_err();
        match &appended {
            Ok(_) if was_failing => tracing::warn!("{name:?} is recorded in '{dir}' again"),
            Err(error) if !was_failing => tracing::error!(
                "cannot record {name:?} in '{dir}': {error}; tried again with each part, and older recordings stay"
            ),
            _ => {}
        }
        if let Ok(Some(begun)) = &appended {
            let pruned = written.files.prune(begun);
            let was_keeping_all = mem::replace(&mut written.is_keeping_all, pruned.is_err());
            if let (Err(error), false) = (pruned, was_keeping_all) {
                tracing::error!(
                    "cannot remove old recordings of {name:?} from '{dir}': {error}; remove them"
                );
            }
        }
        let _ = back.try_send(segment);
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{super::decode, *};
    use crate::engine::wait::TEST_LIMIT;

    const DEFINITION: Definition<'static> = Definition { content: 1, arena: b"arena" };

    fn segment(tick: u32) -> Arc<Segment> {
        Arc::new(Segment { tick, base: vec![7; 10], log: vec![3, 1, 0, 0, 0] })
    }

    /// The ticks and the bytes of the states of a recording's segments.
    fn segments(path: &Path) -> Vec<(u32, usize)> {
        let bytes = fs::read(path).expect("it is there");
        let recording = decode(&bytes, 1).expect("a recording");
        recording.segments.iter().map(|segment| (segment.tick, segment.base.len())).collect()
    }

    #[test]
    fn segments_of_a_game_are_one_recording_and_only_the_first_has_its_state() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let writer = RecordWriter::start(dir.path(), 1).expect("a thread");
        let mut sender = writer.sender("drift", DEFINITION);
        for tick in [10, 20] {
            let _ = sender.send(segment(tick));
        }
        sender.finish([segment(30), segment(40)]);
        writer.finish(TEST_LIMIT);
        let expected = vec![(10, 10), (20, 0), (30, 0), (40, 0)];
        assert_eq!(segments(&dir.path().join("drift-1.recording")), expected);
        assert_eq!(fs::read_dir(dir.path()).expect("readable").count(), 1);
    }

    /// A sender whose thread does nothing yet.
    fn stuck() -> (RecordSender, Receiver<Job>) {
        let (jobs, waiting) = bounded(WAITING_MAX + LAST);
        let writer = RecordWriter { jobs, thread: thread::spawn(|| {}) };
        (writer.sender("drift", DEFINITION), waiting)
    }

    #[test]
    fn slow_disk_costs_segments_but_never_the_last() {
        let (mut sender, waiting) = stuck();
        for tick in 0..20 {
            let memory = sender.send(segment(tick));
            assert_eq!(memory.is_none(), tick < WAITING_MAX as u32, "what is left out comes back");
        }
        sender.finish([segment(20), segment(21)]);
        let sent: Vec<_> = waiting.try_iter().map(|job| (job.segment.tick, job.is_after_gap)).collect();
        assert_eq!(sent, [(0, false), (1, false), (2, false), (3, false), (20, true), (21, false)]);
    }

    #[test]
    fn disk_that_keeps_up_again_is_used_again() {
        let (mut sender, waiting) = stuck();
        (0..10).for_each(|tick| drop(sender.send(segment(tick))));
        assert_eq!(sender.slow_for, CALM_SEGMENTS);
        for tick in 10..10 + CALM_SEGMENTS {
            for job in waiting.try_iter() {
                job.back.try_send(job.segment).expect("there is room");
            }
            let memory = sender.send(segment(tick));
            assert!(memory.is_some_and(|memory| memory.tick < tick), "it is used again");
        }
        assert_eq!((sender.slow_for, sender.waiting), (0, WAITING_MAX));
    }
}
