//! Recordings on the disk. A failure's is written at once, by the thread that failed. If whole games are recorded, one thread
//! appends their segments to files, which are bounded in size and number.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Arc,
    thread::{self, JoinHandle},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use crossbeam_channel::{Receiver, Sender, bounded};

use super::{
    file::{Definition, put_header, put_segment},
    log::Segment,
};
use crate::engine::files;

/// Recordings of failures that are kept of an arena. When there are more, the oldest is replaced.
const FAILURES_MAX: u32 = 8;
/// A file of a recorded game is ended when it has more bytes than this, or is older.
const FILE_BYTES_MAX: u64 = 256 << 20;
const FILE_TIME_MAX: Duration = Duration::from_secs(3600);
/// Files of recorded games that are kept of an arena. When there are more, the oldest is removed.
const FILES_MAX: usize = 24;
/// Segments of an arena that may wait for the disk. When there are more, one is left out.
const WAITING_MAX: usize = 4;
/// How long the end of the server waits for the last segments.
const LAST_WAIT: Duration = Duration::from_secs(10);
const LAST_CHECK: Duration = Duration::from_millis(2);

/// Writes the recording of a failure into `dir`. Returns its name.
pub fn save_failure<'a>(
    dir: &Path,
    arena: &str,
    definition: Definition<'_>,
    segments: impl Iterator<Item = &'a Segment>,
) -> io::Result<PathBuf> {
    let mut bytes = Vec::new();
    put_header(&mut bytes, definition);
    segments.for_each(|segment| put_segment(&mut bytes, segment, true));
    let names = (1..=FAILURES_MAX).map(|number| dir.join(format!("{arena}.failure-{number}.recording")));
    let age = |path: &PathBuf| fs::metadata(path).and_then(|metadata| metadata.modified()).ok();
    // One that is not there is older than all.
    let path = names.min_by_key(age).unwrap_or_default();
    files::replace(&path, &bytes)?;
    Ok(path)
}

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
    segment: Segment,
    /// Segments before it were left out.
    is_after_gap: bool,
    back: Sender<Segment>,
}

/// One arena's way to the thread that writes.
#[derive(Debug)]
pub struct RecordSender {
    game: Arc<Game>,
    jobs: Sender<Job>,
    back: (Sender<Segment>, Receiver<Segment>),
    has_gap: bool,
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
        let (jobs, waiting) = bounded::<Job>(WAITING_MAX * arenas);
        let mut writing = Writing { dir: dir.to_owned(), files: BTreeMap::new() };
        let run = move || waiting.iter().for_each(|job| writing.run(job));
        let thread = thread::Builder::new().name("recordings".to_owned()).spawn(run)?;
        Ok(Self { jobs, thread })
    }

    /// The end of an arena, by its name in addresses.
    pub fn sender(&self, arena: &str, definition: Definition<'_>) -> RecordSender {
        let Definition { content, arena: encoded } = definition;
        let game = Game { name: arena.to_owned(), content, arena: encoded.to_vec() };
        RecordSender {
            game: Arc::new(game),
            jobs: self.jobs.clone(),
            back: bounded(WAITING_MAX),
            has_gap: false,
        }
    }

    /// Whether the thread has ended. It must not before [`Self::finish`].
    pub fn has_ended(&self) -> bool {
        self.thread.is_finished()
    }

    /// Waits until everything is written. All senders must be gone.
    pub fn finish(self) {
        let Self { jobs, thread } = self;
        drop(jobs);
        let deadline = Instant::now() + LAST_WAIT;
        while !thread.is_finished() && Instant::now() < deadline {
            thread::sleep(LAST_CHECK);
        }
    }
}

impl RecordSender {
    /// Hands a segment over, and returns memory for another. Never waits: if the disk is too slow, the segment is left out.
    pub fn send(&mut self, segment: Segment) -> Segment {
        if segment.base.is_empty() {
            return segment;
        }
        let (game, back) = (Arc::clone(&self.game), self.back.0.clone());
        let job = Job { game, segment, is_after_gap: self.has_gap, back };
        match self.jobs.try_send(job) {
            Ok(()) => {
                self.has_gap = false;
                self.back.1.try_recv().unwrap_or_default()
            }
            Err(error) => {
                if !std::mem::replace(&mut self.has_gap, true) {
                    tracing::warn!(
                        "the recording of {:?} has a gap: the disk is too slow for it",
                        self.game.name
                    );
                }
                error.into_inner().segment
            }
        }
    }
}

/// What the thread works on.
struct Writing {
    dir: PathBuf,
    files: BTreeMap<String, Open>,
}

/// A file that segments are appended to.
struct Open {
    file: File,
    bytes: u64,
    began: Instant,
}

impl Writing {
    fn run(&mut self, job: Job) {
        let Job { game, segment, is_after_gap, back } = job;
        if let Err(error) = self.write(&game, &segment, is_after_gap) {
            let dir = self.dir.display();
            tracing::error!(
                "cannot record {:?} in '{dir}': {error}; tried again with the next part",
                game.name
            );
            self.files.remove(&game.name);
        }
        let _ = back.try_send(segment);
    }

    fn write(&mut self, game: &Game, segment: &Segment, is_after_gap: bool) -> io::Result<()> {
        let is_over = |open: &Open| open.bytes > FILE_BYTES_MAX || open.began.elapsed() > FILE_TIME_MAX;
        if is_after_gap || self.files.get(&game.name).is_none_or(is_over) {
            let open = self.begin(game, segment.tick)?;
            self.files.insert(game.name.clone(), open);
        }
        let Some(open) = self.files.get_mut(&game.name) else { return Ok(()) };
        let mut bytes = Vec::new();
        let is_first = open.bytes == 0;
        if is_first {
            put_header(&mut bytes, Definition { content: game.content, arena: &game.arena });
        }
        put_segment(&mut bytes, segment, is_first);
        open.bytes += bytes.len() as u64;
        open.file.write_all(&bytes)
    }

    /// A new file; the oldest ones are removed.
    fn begin(&self, game: &Game, tick: u32) -> io::Result<Open> {
        let seconds = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let path = self.dir.join(format!("{}-{seconds:010}-{tick}.recording", game.name));
        let file = files::private().create_new(true).open(path)?;
        let mut all: Vec<_> = fs::read_dir(&self.dir)?
            .filter_map(|entry| {
                Some((
                    age(&entry.as_ref().ok()?.file_name().into_string().ok()?, &game.name)?,
                    entry.ok()?.path(),
                ))
            })
            .collect();
        all.sort_unstable();
        for (_, path) in all.iter().take(all.len().saturating_sub(FILES_MAX)) {
            fs::remove_file(path)?;
        }
        Ok(Open { file, bytes: 0, began: Instant::now() })
    }
}

/// The time and the tick in the name of a file of this game; `None` for any other file.
fn age(file: &str, game: &str) -> Option<(u64, u32)> {
    let rest = file.strip_prefix(game)?.strip_prefix('-')?.strip_suffix(".recording")?;
    let (seconds, tick) = rest.split_once('-')?;
    Some((seconds.parse().ok()?, tick.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::{super::decode, *};

    const DEFINITION: Definition<'static> = Definition { content: 1, arena: b"arena" };

    fn segment(tick: u32) -> Segment {
        Segment { tick, base: vec![7; 10], log: vec![3, 1, 0, 0, 0] }
    }

    fn names(dir: &Path) -> Vec<String> {
        let name = |entry: io::Result<fs::DirEntry>| entry.ok()?.file_name().into_string().ok();
        let mut names: Vec<_> = fs::read_dir(dir).expect("readable").filter_map(name).collect();
        names.sort();
        names
    }

    #[test]
    fn failures_are_kept_up_to_a_number() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        for tick in 0..FAILURES_MAX + 3 {
            let path = save_failure(dir.path(), "drift", DEFINITION, [&segment(tick)].into_iter());
            let bytes = fs::read(path.expect("it can be written")).expect("it is there");
            assert_eq!(decode(&bytes, 1).expect("a recording").segments[0].tick, tick);
        }
        assert_eq!(names(dir.path()).len(), FAILURES_MAX as usize);
    }

    #[test]
    fn segments_of_a_game_are_one_recording_and_only_the_first_has_its_state() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let writer = RecordWriter::start(dir.path(), 1).expect("a thread");
        let mut sender = writer.sender("drift", DEFINITION);
        for tick in [10, 20, 30] {
            let _ = sender.send(segment(tick));
        }
        drop(sender);
        writer.finish();
        let [name] = &names(dir.path())[..] else { panic!("{:?}", names(dir.path())) };
        let bytes = fs::read(dir.path().join(name)).expect("it is there");
        let recording = decode(&bytes, 1).expect("a recording");
        let ticks: Vec<_> =
            recording.segments.iter().map(|segment| (segment.tick, segment.base.len())).collect();
        assert_eq!((ticks, recording.cut), (vec![(10, 10), (20, 0), (30, 0)], 0));
    }

    #[test]
    fn only_the_newest_files_of_a_game_are_kept() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        for second in 0..FILES_MAX + 5 {
            fs::write(dir.path().join(format!("drift-{second:010}-1.recording")), "").expect("writable");
        }
        for other in ["drift-2-0000000001-1.recording", "drift-notes.txt", "drift.recording"] {
            fs::write(dir.path().join(other), "").expect("writable");
        }
        let writing = Writing { dir: dir.path().to_owned(), files: BTreeMap::new() };
        let game = Game { name: "drift".to_owned(), content: 1, arena: Vec::new() };
        assert!(writing.begin(&game, 5).is_ok());
        let names = names(dir.path());
        assert_eq!(names.len(), FILES_MAX + 3);
        assert_eq!(names.iter().filter(|name| age(name, "drift").is_some()).count(), FILES_MAX);
        assert_eq!(age("drift-2-0000000001-1.recording", "drift"), None);
    }
}
