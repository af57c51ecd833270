//! The house rules, checked by reading the sources. A failure names the file, the line and the rule. Each rule about
//! sources also has a sample that breaks it, which it must report.

mod imports;
mod texts;
mod walls;

use std::fs;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

/// Folders that hold no text of ours.
const SKIPPED: [&str; 4] = ["target", "node_modules", ".git", "screenshots"];

/// A file of the workspace.
struct Source {
    /// From the workspace's root, with `/`.
    path: String,
    text: String,
}

impl Source {
    fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned() }
    }

    fn is_in(&self, places: &[&str]) -> bool {
        places.iter().any(|place| self.path.starts_with(place))
    }

    /// Whether it is compiled for tests only.
    fn is_test(&self) -> bool {
        let is_test = |part: &str| matches!(part, "tests" | "tests.rs" | "benches" | "testing.rs");
        self.path.split('/').skip(1).any(is_test)
    }

    /// The lines that `broken` says something about, as `path:line: …`.
    fn report(&self, broken: impl Fn(&str) -> Option<String>) -> Vec<String> {
        let lines = (1..).zip(self.text.lines());
        lines.filter_map(|(at, line)| Some(format!("{}:{at}: {}", self.path, broken(line)?))).collect()
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every file of the workspace with one of these extensions.
fn sources(extensions: &[&str]) -> Vec<Source> {
    let is_ours = |name: &str| !SKIPPED.contains(&name);
    let files = WalkDir::new(root()).sort_by_file_name().into_iter();
    let files = files.filter_entry(|entry| entry.file_name().to_str().is_some_and(is_ours));
    let mut sources = Vec::new();
    for file in files.map(|file| file.expect("the workspace can be read").into_path()) {
        if file.is_file()
            && file.extension().is_some_and(|found| extensions.iter().any(|kind| found == *kind))
        {
            let path = file.strip_prefix(root()).expect("it is in the workspace").display().to_string();
            let text =
                fs::read_to_string(&file).unwrap_or_else(|error| panic!("cannot read {path}: {error}"));
            sources.push(Source { path, text });
        }
    }
    assert!(!sources.is_empty(), "found no {extensions:?}: the check looks in the wrong place");
    sources
}

/// Fails with what a rule reports.
#[track_caller]
fn assert_none(reported: &[String], rule: &str) {
    assert!(reported.is_empty(), "{rule}:\n{}", reported.join("\n"));
}
