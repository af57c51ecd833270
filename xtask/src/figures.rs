//! The figures that a document shows. A command that measures writes them between two markers, with the commit and the
//! machine; `cargo xtask test` compares what is the same on every machine, and reports how old the rest is.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::steps::Outcome;
use crate::workspace::{Workspace, output, run};

const DOCUMENT: &str = "benches/README.md";
/// The code that the figures depend on.
const MEASURED: [&str; 6] =
    ["shared/src", "server/src", "client-web/src", "benches/src", "benches/peers", "assets/arenas"];

/// Runs `program`, which measures and writes its figures to the file of its flag `--markdown`, and puts them into the
/// document in place of the old ones.
pub(crate) fn update(workspace: &Workspace, name: &str, program: &mut Command) -> Result<()> {
    let path = workspace.root().join(DOCUMENT);
    let document = fs::read_to_string(&path).with_context(|| format!("cannot read {DOCUMENT}"))?;
    block(&document, name)?;
    let file = workspace.target(format!("figures-{name}.md"));
    run(program.arg("--markdown").arg(&file))?;
    let document = document.replacen(block(&document, name)?, &measured(&file)?, 1);
    fs::write(&path, document).with_context(|| format!("cannot write {DOCUMENT}"))?;
    println!("the figures are in {DOCUMENT}");
    Ok(())
}

/// An error if the document's tables are not those of `file`, which a program has just written.
pub(crate) fn compare(workspace: &Workspace, name: &str, file: &Path) -> Result<()> {
    let document = fs::read_to_string(workspace.root().join(DOCUMENT))?;
    let tables =
        |text: &str| text.lines().filter(|line| line.starts_with('|')).map(words).collect::<Vec<_>>();
    ensure!(
        tables(block(&document, name)?) == tables(&measured(file)?),
        "{DOCUMENT} shows other {name} figures than this code has: run `cargo xtask {name} --update`"
    );
    Ok(())
}

/// How many commits have changed the measured code since the figures `name` were made.
pub(crate) fn age(workspace: &Workspace, name: &str) -> Result<Outcome> {
    let document = fs::read_to_string(workspace.root().join(DOCUMENT))?;
    let commit = commit(block(&document, name)?)
        .with_context(|| format!("the {name} figures in {DOCUMENT} name no commit"))?;
    let git = |args: &[&str]| output(workspace.command("git").args(args));
    let since = format!("{commit}..HEAD");
    let commits = git(&[&["rev-list", "--count", &since, "--"][..], &MEASURED].concat());
    let commits = match commits {
        Ok(commits) => commits,
        Err(_) if git(&["rev-parse", "--is-shallow-repository"])?.trim() == "true" => {
            return Ok(Outcome::Skipped(format!("this clone is too shallow to know commit {commit}")));
        }
        Err(error) => return Err(error.context(format!("the {name} figures are of an unknown commit"))),
    };
    Ok(Outcome::Noted(match commits.trim() {
        "0" => format!("{name}: of this code"),
        number => format!("{name}: {number} commits have changed the code since {commit}"),
    }))
}

/// What stands between the markers of `name`.
fn block<'a>(document: &'a str, name: &str) -> Result<&'a str> {
    let begin = format!("<!-- figures: {name} -->\n");
    let block = document.split_once(&begin).and_then(|(_, rest)| rest.split_once("<!-- end -->"));
    Ok(block.with_context(|| format!("{DOCUMENT} has no `{}` with `<!-- end -->` below it", begin.trim()))?.0)
}

fn measured(file: &Path) -> Result<String> {
    fs::read_to_string(file).with_context(|| format!("no figures in {}", file.display()))
}

/// A table's line without the spaces that align its columns.
fn words(line: &str) -> String {
    line.split('|').map(|cell| cell.trim().trim_matches('-')).collect::<Vec<_>>().join("|")
}

/// The hash behind the word `commit`.
fn commit(block: &str) -> Option<&str> {
    let hash = block.split_once("commit ")?.1;
    hash.split(|char: char| !char.is_ascii_hexdigit()).next().filter(|hash| hash.len() >= 7)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_between_their_markers_and_name_their_commit() -> Result<()> {
        let document =
            "a\n<!-- figures: x -->\nMeasured at commit 0a1b2c3d4e+, 2 cores\n<!-- end -->\n<!-- end -->\n";
        let block = block(document, "x")?;
        assert_eq!(commit(block), Some("0a1b2c3d4e"));
        assert!(super::block(document, "y").is_err());
        assert_eq!(commit("measured at commit soon"), None);
        Ok(())
    }

    #[test]
    fn alignment_is_no_difference_between_tables() {
        assert_eq!(words("| a  | 1 |"), words("| a | 1   |"));
        assert_eq!(words("| --- | --- |"), words("| ------ | --- |"));
        assert_ne!(words("| a | 1 |"), words("| a | 2 |"));
    }
}
