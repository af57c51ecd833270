//! Files that only their owner may read, and that are whole whenever the process or the machine ends.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

/// Refused files of one name that are kept. When there are more, the last is replaced.
const REFUSED_MAX: u32 = 8;

/// Replaces a file so that after a crash at any moment it is whole: the old one or the new one.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".tmp");
    // What a process left here that died while it wrote. A new file has our owner and mode, and opening it follows no link.
    match fs::remove_file(&temporary) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = private().create_new(true).open(&temporary)?;
    file.write_all(bytes)?;
    // The content must be on the disk before the name is.
    file.sync_all()?;
    fs::rename(&temporary, path)?;
    sync_directory(path)
}

/// Moves a file out of the way, because it cannot be used. Returns where it is now.
pub fn set_aside(path: &Path) -> io::Result<PathBuf> {
    let name = |number| {
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".refused-{number}"));
        PathBuf::from(name)
    };
    let free = (1..REFUSED_MAX).map(name).find(|path| !path.exists());
    let aside = free.unwrap_or_else(|| name(REFUSED_MAX));
    fs::rename(path, &aside)?;
    Ok(aside)
}

/// Makes a name in a directory durable.
#[cfg(unix)]
fn sync_directory(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), |directory| File::open(directory)?.sync_all())
}

/// A directory cannot be opened here; the file system keeps the order of names by itself.
#[cfg(not(unix))]
fn sync_directory(_: &Path) -> io::Result<()> {
    Ok(())
}

/// To open a file for writing that only its owner may read.
pub fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Makes a directory that only its owner may read, unless it is there.
pub fn create_private(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_refused_files_of_a_name_are_kept() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let path = dir.path().join("file");
        for number in 1..=REFUSED_MAX + 1 {
            replace(&path, number.to_string().as_bytes()).expect("it can be written");
            let aside = set_aside(&path).expect("it can be moved");
            assert_eq!(fs::read_to_string(&aside).ok(), Some(number.to_string()));
            let number = number.min(REFUSED_MAX);
            assert!(aside.ends_with(format!("file.refused-{number}")), "{aside:?}");
            assert!(!path.exists());
        }
    }

    #[test]
    fn file_is_replaced_and_private() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let inner = dir.path().join("a/b");
        create_private(&inner).expect("it can be made");
        create_private(&inner).expect("it is there");
        let path = inner.join("file");
        for content in ["one", "two"] {
            replace(&path, content.as_bytes()).expect("it can be written");
            assert_eq!(fs::read_to_string(&path).ok().as_deref(), Some(content));
        }
        #[cfg(unix)]
        {
            let other = dir.path().join("other");
            fs::write(&other, "theirs").expect("it can be written");
            std::os::unix::fs::symlink(&other, inner.join("file.tmp")).expect("a link");
            replace(&path, b"three").expect("it can be written");
            assert_eq!(fs::read_to_string(&other).ok().as_deref(), Some("theirs"), "no link is followed");
        }
        assert_eq!(fs::read_dir(&inner).expect("readable").count(), 1, "no temporary file is left");
        #[cfg(unix)]
        for (path, mode) in [(&path, 0o600), (&inner, 0o700)] {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(path).expect("it is there").permissions().mode() & 0o777, mode);
        }
    }
}
