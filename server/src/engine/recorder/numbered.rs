//! Recordings in a directory, with numbered names: `drift-1.recording`. A larger number is newer, whatever the clock says. An old one
//! is only removed when a newer one is written.

use std::{
    borrow::Borrow,
    fs, io,
    path::{Path, PathBuf},
};

use super::{
    file::{Definition, put_header, put_segment},
    log::Segment,
};
use crate::engine::files;

/// Recordings of failures that are kept of an arena.
const FAILURES_MAX: Kept = Kept { files: 8, bytes: u64::MAX };

/// How many files are kept.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kept {
    /// At most this many.
    pub(super) files: usize,
    /// They have at most these bytes together.
    pub(super) bytes: u64,
}

/// The recordings in a directory whose names begin alike.
#[derive(Debug)]
pub(super) struct Numbered {
    dir: PathBuf,
    /// Before the number.
    prefix: String,
}

impl Numbered {
    pub(super) fn new(dir: &Path, prefix: String) -> Self {
        Self { dir: dir.to_owned(), prefix }
    }

    /// The path after the newest one's.
    pub(super) fn next(&self) -> io::Result<PathBuf> {
        let last = self.newest_first()?.first().map_or(0, |(number, _)| *number);
        Ok(self.dir.join(format!("{}{}.recording", self.prefix, last + 1)))
    }

    /// Removes the oldest ones until `kept` holds for the rest, but never `newest`, which was just written. Goes on after one that
    /// cannot be removed.
    pub(super) fn prune(&self, newest: &Path, kept: Kept) -> io::Result<()> {
        let mut removed = Ok(());
        let (mut count, mut bytes) = (0, 0_u64);
        for (_, path) in self.newest_first()? {
            count += 1;
            bytes = bytes.saturating_add(fs::metadata(&path).map_or(0, |metadata| metadata.len()));
            if path != newest && (count > kept.files || bytes > kept.bytes) {
                removed = removed.and(fs::remove_file(path));
            }
        }
        removed
    }

    fn newest_first(&self) -> io::Result<Vec<(u32, PathBuf)>> {
        let mut all = Vec::new();
        for entry in fs::read_dir(&self.dir)? {
            let entry = entry?;
            all.extend(entry.file_name().to_str().and_then(|name| self.number(name)).zip(Some(entry.path())));
        }
        all.sort_unstable_by(|a, b| b.cmp(a));
        Ok(all)
    }

    /// The number in a name; `None` if it is none of these. `drift-2-1.recording` is one of the arena `drift-2`, not of `drift`.
    fn number(&self, name: &str) -> Option<u32> {
        let number = name.strip_prefix(&self.prefix)?.strip_suffix(".recording")?;
        // As it is written here, and with room for a larger one.
        let is_plain = number.len() <= 9 && number.bytes().all(|digit| digit.is_ascii_digit());
        if is_plain { number.parse().ok() } else { None }
    }
}

/// Writes the recording of a failure into `dir`, for an arena by its name in addresses. Returns the file's path.
pub fn save_failure(
    dir: &Path,
    arena: &str,
    definition: Definition<'_>,
    segments: impl IntoIterator<Item: Borrow<Segment>>,
) -> io::Result<PathBuf> {
    let mut bytes = Vec::new();
    put_header(&mut bytes, definition);
    segments.into_iter().for_each(|segment| put_segment(&mut bytes, segment.borrow(), true));
    let failures = Numbered::new(dir, format!("{arena}.failure-"));
    let path = failures.next()?;
    files::replace(&path, &bytes)?;
    // It is written, whether or not an old one can be removed.
    if let Err(error) = failures.prune(&path, FAILURES_MAX) {
        tracing::warn!("cannot remove old recordings of failures from '{}': {error}", dir.display());
    }
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::{super::decode, *};

    #[test]
    fn failures_are_kept_up_to_a_number() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let definition = Definition { content: 1, arena: b"arena" };
        for tick in 1..=11 {
            let segment = Segment { tick, base: vec![7; 10], log: vec![3, 1, 0, 0, 0] };
            let path = save_failure(dir.path(), "drift", definition, [&segment]).expect("it can be written");
            assert!(path.ends_with(format!("drift.failure-{tick}.recording")));
            let bytes = fs::read(path).expect("it is there");
            assert_eq!(decode(&bytes, 1).expect("a recording").segments[0].tick, tick);
        }
        let kept = Numbered::new(dir.path(), "drift.failure-".to_owned()).newest_first();
        let kept: Vec<_> = kept.expect("readable").into_iter().map(|(number, _)| number).collect();
        assert_eq!(kept, [11, 10, 9, 8, 7, 6, 5, 4]);
        assert_eq!(fs::read_dir(dir.path()).expect("readable").count(), 8);
    }

    #[test]
    fn files_are_told_by_their_number_and_the_newest_is_never_removed() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let file = |name: &str, bytes| {
            let path = dir.path().join(name);
            fs::File::create(&path).and_then(|file| file.set_len(bytes)).expect("it can be made");
            path
        };
        let numbered = Numbered::new(dir.path(), "drift-".to_owned());
        assert_eq!(numbered.next().expect("readable"), dir.path().join("drift-1.recording"));
        let others =
            ["drift-2-9.recording", "drift-notes.txt", "drift-9999999999.recording", "drift-+9.recording"];
        for name in others {
            file(name, 1);
        }
        // Later by the clock is not newer.
        let [_, _, newest, _] = [9, 8, 11, 10].map(|n| file(&format!("drift-{n}.recording"), 100));
        assert_eq!(numbered.next().expect("readable"), dir.path().join("drift-12.recording"));
        let left = |kept| {
            numbered.prune(&newest, kept).expect("they can be removed");
            numbered
                .newest_first()
                .expect("readable")
                .into_iter()
                .map(|(number, _)| number)
                .collect::<Vec<_>>()
        };
        assert_eq!(left(Kept { files: 3, bytes: u64::MAX }), [11, 10, 9]);
        assert_eq!(left(Kept { files: 3, bytes: 250 }), [11, 10]);
        assert_eq!(left(Kept { files: 0, bytes: 0 }), [11]);
        assert!(others.iter().all(|name| dir.path().join(name).exists()));
    }
}
