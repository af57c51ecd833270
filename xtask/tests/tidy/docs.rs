//! What documents point to is there: files and folders in backticks, and the targets of relative links.

use crate::sources::{Source, root};

/// Folders of the workspace: a path in backticks that starts with one is checked.
const FOLDERS: [&str; 7] = ["assets/", "benches/", "client-web/", "server/", "shared/", "xtask/", ".github/"];

/// Paths in `documents` that lead nowhere, as `path:line: …`.
pub(crate) fn broken(documents: &[Source]) -> Vec<String> {
    let mut found = Vec::new();
    for document in documents {
        let folder = document.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        for (number, line) in (1..).zip(document.text.lines()) {
            let quoted = line.split('`').skip(1).step_by(2);
            let quoted = quoted.filter(|text| FOLDERS.iter().any(|folder| text.starts_with(folder)));
            // A path relative to the document is fine too.
            let missing_path = quoted.filter(|path| {
                let is_pattern = path.contains(['*', '{', '<', '…', ' ']);
                !is_pattern && !root().join(path).exists() && !root().join(folder).join(path).exists()
            });
            let links = line.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next());
            let missing_link = links.filter(|link| {
                !link.is_empty() && !link.contains("://") && !root().join(folder).join(link).exists()
            });
            found.extend(
                missing_path.chain(missing_link).map(|path| format!("{}:{number}: {path}", document.path)),
            );
        }
    }
    found
}

#[test]
fn paths_and_links_that_lead_nowhere_are_found() {
    let text = "See `server/src/lib.rs`, `server/src/nothing.rs` and [this](nowhere.md), [that](README.md#two), [web](https://x.y).";
    let found = broken(&[Source::new("ARCHITECTURE.md", text)]);
    assert_eq!(found, ["ARCHITECTURE.md:1: server/src/nothing.rs", "ARCHITECTURE.md:1: nowhere.md"]);
}
