//! The workspace's files, as the rules read them.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// A file of the workspace.
pub(crate) struct Source {
    /// From the workspace's root, with `/`.
    pub(crate) path: String,
    pub(crate) text: String,
}

/// Folders that hold no text of ours.
const SKIPPED: [&str; 4] = ["target", "node_modules", ".git", "screenshots"];

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every Rust file of the workspace.
pub(crate) fn rust() -> Vec<Source> {
    with_extensions(&["rs"])
}

/// Every file of the workspace with one of these extensions.
pub(crate) fn with_extensions(extensions: &[&str]) -> Vec<Source> {
    let mut sources = Vec::new();
    collect(&root(), "", extensions, &mut sources);
    assert!(!sources.is_empty(), "found no {extensions:?}: the check looks in the wrong place");
    sources
}

fn collect(dir: &Path, name: &str, extensions: &[&str], sources: &mut Vec<Source>) {
    let entries = fs::read_dir(dir).unwrap_or_else(|error| panic!("cannot list {}: {error}", dir.display()));
    for entry in entries {
        let path = entry.expect("an entry of a folder").path();
        let file = path.file_name().expect("entries have names").to_string_lossy().into_owned();
        let name = if name.is_empty() { file.clone() } else { format!("{name}/{file}") };
        if path.is_dir() {
            if !SKIPPED.contains(&file.as_str()) {
                collect(&path, &name, extensions, sources);
            }
        } else if path.extension().is_some_and(|found| extensions.iter().any(|wanted| found == *wanted)) {
            let text =
                fs::read_to_string(&path).unwrap_or_else(|error| panic!("cannot read {name}: {error}"));
            sources.push(Source { path: name, text });
        }
    }
}

impl Source {
    /// A source that a test makes up.
    pub(crate) fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned() }
    }

    pub(crate) fn is_in(&self, places: &[&str]) -> bool {
        places.iter().any(|place| self.path.starts_with(place))
    }

    /// Whether it is compiled for tests only.
    pub(crate) fn is_test(&self) -> bool {
        let is_test = |part: &str| matches!(part, "tests" | "tests.rs" | "benches" | "testing.rs");
        self.path.split('/').skip(1).any(is_test)
    }
}
