//! The directory with the state of a server: a snapshot for each arena, and a lock, so that two servers never share it.
//!
//! A snapshot is written to a temporary file, which then takes the old one's name. So there is always a whole snapshot, whenever
//! the process or the machine ends. The files hold the keys of resume tokens, so only the owner may read them.

use std::{
    fs::{self, File, TryLockError},
    io::{self, Read},
    path::{Path, PathBuf},
};

use super::format::Refusal;
use crate::engine::files;

/// Largest snapshot that is read: several times that of a full arena.
pub const SNAPSHOT_BYTES_MAX: usize = 32 << 20;

/// Why the state cannot be kept.
#[derive(Debug, thiserror::Error)]
pub enum StateDirError {
    /// The directory cannot be made or written to.
    #[error(
        "cannot use the state directory '{path}': {error}; make it writable, or choose another one with --state"
    )]
    Unusable {
        /// Which.
        path: String,
        /// Why.
        error: io::Error,
    },
    /// Another server uses it.
    #[error(
        "another server uses the state directory '{0}'; stop it, or choose another directory with --state"
    )]
    InUse(String),
    /// A snapshot is there, but cannot be read.
    #[error("cannot read the snapshot '{path}': {error}; make it readable, or remove it to start without it")]
    Unreadable {
        /// Which.
        path: String,
        /// Why.
        error: io::Error,
    },
}

/// The directory, locked for as long as this lives.
#[derive(Debug)]
pub struct StateDir {
    path: PathBuf,
    _lock: File,
}

impl StateDir {
    /// Opens the directory; makes it if it does not exist.
    pub fn open(path: &Path) -> Result<Self, StateDirError> {
        let shown = || path.display().to_string();
        let unusable = |error| StateDirError::Unusable { path: shown(), error };
        files::create_private(path).map_err(unusable)?;
        let lock = files::private().create(true).truncate(false).open(path.join("lock")).map_err(unusable)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(StateDirError::InUse(shown())),
            Err(TryLockError::Error(error)) => return Err(unusable(error)),
        }
        #[cfg(unix)]
        super::permissions::check(path).map_err(unusable)?;
        Ok(Self { path: path.to_owned(), _lock: lock })
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where the snapshot of an arena is, by the arena's name in addresses.
    pub fn snapshot_path(&self, arena: &str) -> PathBuf {
        self.path.join(format!("{arena}.snapshot"))
    }

    /// The bytes of an arena's snapshot, if there is one. `Err(Refusal)` inside if it is too big to be one.
    pub fn read(&self, arena: &str) -> Result<Option<Result<Vec<u8>, Refusal>>, StateDirError> {
        let path = self.snapshot_path(arena);
        match read_bounded(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(StateDirError::Unreadable { path: path.display().to_string(), error }),
        }
    }

    /// Moves an arena's snapshot out of the way, because it cannot be used. Returns where it is now.
    pub fn set_aside(&self, arena: &str) -> Result<PathBuf, StateDirError> {
        let unusable = |error| StateDirError::Unusable { path: self.path.display().to_string(), error };
        files::set_aside(&self.snapshot_path(arena)).map_err(unusable)
    }
}

fn read_bounded(path: &Path) -> io::Result<Result<Vec<u8>, Refusal>> {
    let file = File::open(path)?;
    let mut bytes = Vec::new();
    // One more than is read, to tell whether there is more.
    file.take(SNAPSHOT_BYTES_MAX as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > SNAPSHOT_BYTES_MAX {
        let found = fs::metadata(path)?.len();
        return Ok(Err(Refusal::TooBig { found, most: SNAPSHOT_BYTES_MAX as u64 }));
    }
    Ok(Ok(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directory() -> tempfile::TempDir {
        tempfile::tempdir().expect("a temporary directory")
    }

    #[test]
    fn directory_is_made_and_locked_until_the_server_ends() {
        let dir = directory();
        let inner = dir.path().join("a/b");
        let state = StateDir::open(&inner).expect("it can be made");
        assert!(matches!(StateDir::open(&inner), Err(StateDirError::InUse(_))));
        drop(state);
        assert!(StateDir::open(&inner).is_ok());
        fs::write(dir.path().join("file"), "").expect("a file");
        let error = StateDir::open(&dir.path().join("file")).expect_err("it is no directory");
        assert!(error.to_string().contains("--state"), "{error}");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(&inner, fs::Permissions::from_mode(0o777)).expect("it is ours");
            let error = StateDir::open(&inner).expect_err("others could write a state of theirs");
            assert!(error.to_string().contains("everyone may write to it"), "{error}");
        }
    }

    #[test]
    fn snapshot_is_replaced_read_and_set_aside() {
        let dir = directory();
        let state = StateDir::open(dir.path()).expect("it can be used");
        assert!(matches!(state.read("drift"), Ok(None)));
        for content in ["one", "two"] {
            files::replace(&state.snapshot_path("drift"), content.as_bytes()).expect("it can be written");
            assert!(matches!(state.read("drift"), Ok(Some(Ok(bytes))) if bytes == content.as_bytes()));
        }
        let aside = state.set_aside("drift").expect("it can be moved");
        assert!(aside.ends_with("drift.snapshot.refused-1"), "{aside:?}");
        assert!(matches!(state.read("drift"), Ok(None)));
    }

    #[test]
    fn snapshot_that_is_too_big_is_not_read() {
        let dir = directory();
        let state = StateDir::open(dir.path()).expect("it can be used");
        let file = File::create(state.snapshot_path("drift")).expect("a file");
        file.set_len(1 << 40).expect("a sparse file");
        assert!(
            matches!(state.read("drift"), Ok(Some(Err(Refusal::TooBig { found, .. }))) if found == 1 << 40)
        );
    }
}
