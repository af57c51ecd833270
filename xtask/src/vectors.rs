//! `cargo xtask vectors`: writes the test vectors and JSON Schemas for clients in other languages. What is in them is
//! decided in `shared/tests/vectors.rs`, which writes them if it is asked to.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::workspace::SCHEMA;
use crate::workspace::{Workspace, run};

/// What is written. Of the document it is the line with the protocol's version.
const WRITTEN: [&str; 3] = ["shared/vectors", "shared/schema", "shared/PROTOCOL.md"];

type Files = BTreeMap<String, Vec<u8>>;

pub(crate) fn write(workspace: &Workspace) -> Result<()> {
    let before = read(workspace.root())?;
    let mut test = workspace.cargo(["test", "--workspace", "--features", SCHEMA, "--test", "vectors"]);
    run(test.args(["--", "--quiet"]).env("EMBERDRIFT_WRITE_VECTORS", "1"))?;
    print!("{}", report(&before, &read(workspace.root())?));
    Ok(())
}

fn read(root: &Path) -> Result<Files> {
    let mut files = Files::new();
    for place in WRITTEN {
        let path = root.join(place);
        let inside = if path.is_dir() {
            fs::read_dir(&path)?.flatten().map(|file| file.path()).collect()
        } else {
            vec![path]
        };
        for file in inside {
            let bytes = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
            files.insert(file.strip_prefix(root)?.display().to_string(), bytes);
        }
    }
    Ok(files)
}

fn report(before: &Files, after: &Files) -> String {
    let line = |(name, bytes)| {
        format!("{name}: {}\n", if before.get(name) == Some(bytes) { "up to date" } else { "written" })
    };
    after.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_reported() -> Result<()> {
        let before = read(Workspace::find()?.root())?;
        assert!(before.len() >= 6, "{:?}", before.keys());
        let mut after = before.clone();
        after.insert("shared/vectors/client.json".to_owned(), Vec::new());
        after.insert("shared/vectors/new.json".to_owned(), Vec::new());
        let report = report(&before, &after);
        for line in ["vectors/client.json: written", "vectors/new.json: written", "PROTOCOL.md: up to date"] {
            assert!(report.contains(line), "{report}");
        }
        Ok(())
    }
}
