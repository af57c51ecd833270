//! Checks that no other user can read or write the state. A snapshot has the key of resume tokens: with it a person can take over
//! players.
//!
//! A directory that everyone may write to is refused. Files of ours that others may read are made private. What the operator may have
//! wanted, such as a group that backs the directory up, is a warning.

use std::{
    fs::{self, DirEntry, Metadata, Permissions},
    io,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::Path,
};

/// Mode bits.
const NOT_OWNER: u32 = 0o077;
const GROUP_WRITE: u32 = 0o020;
const OTHERS_WRITE: u32 = 0o002;
const PRIVATE_FILE: u32 = 0o600;

/// Checks a state directory, and makes the files of its states private. An error if everyone may write to it.
pub(super) fn check(dir: &Path) -> io::Result<()> {
    let (metadata, shown) = (fs::metadata(dir)?, dir.display());
    if metadata.mode() & OTHERS_WRITE != 0 {
        let why = "everyone may write to it, and could take over players; run `chmod 700` on it";
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, why));
    }
    if metadata.mode() & GROUP_WRITE != 0 {
        tracing::warn!(
            "a group may write to the state directory '{shown}': its members can take over players"
        );
    }
    if is_foreign(&metadata) {
        let owner = metadata.uid();
        tracing::warn!("the state directory '{shown}' is owned by user {owner}, who can take over players");
    }
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        if is_state(&entry) {
            make_private(&entry)?;
        }
    }
    Ok(())
}

/// Whether it is a file with a state: a snapshot, also one that is being written or was refused, a recording, or the private key
/// of the server's own certificate.
fn is_state(entry: &DirEntry) -> bool {
    let name = entry.file_name();
    let name = name.to_string_lossy();
    [".snapshot", ".recording", "self-signed.pem"].iter().any(|kind| name.contains(kind))
}

fn make_private(entry: &DirEntry) -> io::Result<()> {
    // Of a link itself.
    let metadata = entry.metadata()?;
    let (path, mode) = (entry.path(), metadata.mode());
    let shown = path.display();
    if !metadata.is_file() {
        return Ok(());
    }
    if is_foreign(&metadata) {
        let owner = metadata.uid();
        tracing::warn!("'{shown}' is owned by user {owner}, who can read it and take over players");
    } else if mode & NOT_OWNER != 0 {
        fs::set_permissions(&path, Permissions::from_mode(PRIVATE_FILE))?;
        let was = mode & 0o777;
        tracing::warn!("'{shown}' had mode {was:o}, so others could read it; it has {PRIVATE_FILE:o} now");
    }
    Ok(())
}

/// Whether its owner is neither this process's user nor root, who may do all anyway.
fn is_foreign(metadata: &Metadata) -> bool {
    let own = rustix::process::geteuid().as_raw();
    ![0, own].contains(&metadata.uid())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).expect("it is there").mode() & 0o777
    }

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, Permissions::from_mode(mode)).expect("it is ours");
    }

    #[test]
    fn files_with_a_state_are_made_private_and_others_are_left_alone() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let names = [
            "drift.snapshot",
            "drift.snapshot.tmp",
            "drift.snapshot.refused-1",
            "drift.failure-1.recording",
            "drift.failure-1.recording.tmp",
            "self-signed.pem",
        ];
        let path = |name: &str| dir.path().join(name);
        for name in names.into_iter().chain(["notes.txt"]) {
            fs::write(path(name), "").expect("writable");
            set_mode(&path(name), 0o644);
        }
        let elsewhere = tempfile::NamedTempFile::new().expect("a temporary file");
        set_mode(elsewhere.path(), 0o644);
        std::os::unix::fs::symlink(elsewhere.path(), path("link.snapshot")).expect("a link");
        check(dir.path()).expect("it can be used");
        assert!(names.iter().all(|name| mode(&path(name)) == PRIVATE_FILE));
        assert_eq!((mode(&path("notes.txt")), mode(elsewhere.path())), (0o644, 0o644));
    }

    #[test]
    fn directory_that_everyone_may_write_to_is_refused() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        for (mode, is_usable) in
            [(0o700, true), (0o755, true), (0o770, true), (0o777, false), (0o1777, false)]
        {
            set_mode(dir.path(), mode);
            assert_eq!(check(dir.path()).is_ok(), is_usable, "{mode:o}");
        }
    }
}
