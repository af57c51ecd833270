//! The files of one recorded game. Segments are appended to a file until it is too large or too old. Old files are removed only
//! after a new file has its first segment, so a full disk deletes no recording.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use super::{
    file::{Definition, put_header, put_segment},
    log::Segment,
    numbered::{Kept, Numbered},
};
use crate::engine::files;

/// A file is ended when it has more bytes than this, or is older.
const FILE_BYTES_MAX: u64 = 256 << 20;
const FILE_TIME_MAX: Duration = Duration::from_secs(3600);
/// Files that are kept of an arena, with the one that is written. Many, so that a server which is restarted again and again does
/// not replace hours by minutes.
const KEPT: Kept = Kept { files: 500, bytes: 6 << 30 };

/// The files of one game.
#[derive(Debug)]
pub(super) struct GameFiles {
    files: Numbered,
    open: Option<Open>,
}

/// A file that segments are appended to.
#[derive(Debug)]
struct Open {
    file: File,
    bytes: u64,
    began: Instant,
}

impl GameFiles {
    /// Of an arena by its name in addresses.
    pub(super) fn new(dir: &Path, arena: &str) -> Self {
        Self { files: Numbered::new(dir, format!("{arena}-")), open: None }
    }

    /// Appends a segment, to a new file if the one before it is not in this one. Returns the path of a file that was begun. After
    /// an error the next segment begins a new file: the last one may be cut, and is good up to there.
    pub(super) fn append(
        &mut self,
        definition: Definition<'_>,
        segment: &Segment,
        is_after_gap: bool,
    ) -> io::Result<Option<PathBuf>> {
        let goes_on = |open: &Open| {
            !is_after_gap && open.bytes <= FILE_BYTES_MAX && open.began.elapsed() <= FILE_TIME_MAX
        };
        let mut bytes = Vec::new();
        // It is put back when all of the segment is in it.
        if let Some(open) = self.open.take().filter(goes_on) {
            put_segment(&mut bytes, segment, false);
            self.open = Some(open.append(&bytes)?);
            return Ok(None);
        }
        put_header(&mut bytes, definition);
        put_segment(&mut bytes, segment, true);
        let path = self.files.next()?;
        self.open = Some(Open::begin(&path, &bytes)?);
        Ok(Some(path))
    }

    /// Removes the oldest files; not `newest`.
    pub(super) fn prune(&self, newest: &Path) -> io::Result<()> {
        self.files.prune(newest, KEPT)
    }
}

impl Open {
    /// A new file with these bytes; none if they cannot be written.
    fn begin(path: &Path, bytes: &[u8]) -> io::Result<Self> {
        let mut file = files::private().create_new(true).open(path)?;
        if let Err(error) = file.write_all(bytes) {
            // Best effort: an empty file does no harm.
            let _ = fs::remove_file(path);
            return Err(error);
        }
        Ok(Self { file, bytes: bytes.len() as u64, began: Instant::now() })
    }

    fn append(mut self, bytes: &[u8]) -> io::Result<Self> {
        self.file.write_all(bytes)?;
        self.bytes += bytes.len() as u64;
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::{super::decode, *};

    const DEFINITION: Definition<'static> = Definition { content: 1, arena: b"arena" };

    fn segment(tick: u32) -> Segment {
        Segment { tick, base: vec![7; 10], log: vec![3, 1, 0, 0, 0] }
    }

    fn append(files: &mut GameFiles, tick: u32, is_after_gap: bool) -> io::Result<Option<PathBuf>> {
        files.append(DEFINITION, &segment(tick), is_after_gap)
    }

    /// The ticks of the segments in a file.
    fn ticks(path: &Path) -> Vec<u32> {
        let bytes = fs::read(path).expect("it is there");
        let recording = decode(&bytes, 1).expect("a recording");
        assert_eq!(recording.cut, 0);
        recording.segments.iter().map(|segment| segment.tick).collect()
    }

    #[test]
    fn file_goes_on_until_a_gap_or_its_limit() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let mut files = GameFiles::new(dir.path(), "drift");
        let first = append(&mut files, 10, false).expect("writable").expect("a new file");
        assert_eq!(append(&mut files, 20, false).expect("writable"), None);
        let second = append(&mut files, 40, true).expect("writable").expect("a new file");
        files.open.as_mut().expect("open").bytes = FILE_BYTES_MAX + 1;
        let third = append(&mut files, 50, false).expect("writable").expect("a new file");
        assert_eq!([&first, &second, &third].map(|path| ticks(path)), [vec![10, 20], vec![40], vec![50]]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn after_a_failed_write_the_next_recording_is_complete() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let mut files = GameFiles::new(dir.path(), "drift");
        let first = append(&mut files, 10, false).expect("writable").expect("a new file");
        let full = File::options().write(true).open("/dev/full").expect("a device that is always full");
        files.open.as_mut().expect("open").file = full;
        assert!(append(&mut files, 20, false).is_err());
        let second =
            append(&mut files, 30, false).expect("writable").expect("it does not go on in the old one");
        assert_eq!([ticks(&first), ticks(&second)], [vec![10], vec![30]]);
    }
}
