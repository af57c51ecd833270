//! Where the workspace is, and how commands run in it.

use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context, Result, bail};

/// The features that all checks and tests have, so that nothing is built twice: JSON Schemas, and the program of tag that
/// `determinism` runs.
pub(crate) const FEATURES: &str = "emberdrift-shared/schema,tag/determinism";

/// The workspace on disk, and the cargo that runs `xtask`. It is the engine's own, or that of a game.
pub(crate) struct Workspace {
    root: PathBuf,
    engine: PathBuf,
    cargo: OsString,
}

impl Workspace {
    pub(crate) fn find() -> Result<Self> {
        // Cargo sets it for the program that it runs, which is in the folder `xtask` of its workspace.
        let xtask = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        Self::at(&around(Path::new(&xtask))?)
    }

    /// The workspace with this root.
    pub(crate) fn at(root: &Path) -> Result<Self> {
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let engine = around(Path::new(env!("CARGO_MANIFEST_DIR")))?;
        Ok(Self { root: root.to_owned(), engine, cargo })
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The engine's root: the same, unless the workspace is that of a game.
    pub(crate) fn engine(&self) -> &Path {
        &self.engine
    }

    /// The path of `name` in `target/`, always the workspace's own: the server embeds `target/web` from there.
    pub(crate) fn target(&self, name: impl AsRef<Path>) -> PathBuf {
        self.root.join("target").join(name)
    }

    /// `cargo ARGS` in the workspace.
    pub(crate) fn cargo<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Command {
        let mut command = self.command(&self.cargo);
        command.args(args);
        command
    }

    /// A program in the workspace; if it is a cargo, it builds into the workspace's own `target/`.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root).env("CARGO_TARGET_DIR", self.root.join("target"));
        // What cargo says of `xtask` to this program. With other values of these, `ring` is built again, and with it the server: once after
        // each change between `cargo xtask` and cargo itself.
        for (name, _) in env::vars_os() {
            let name = name.to_string_lossy();
            if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
                command.env_remove(&*name);
            }
        }
        command
    }
}

/// The workspace whose folder `xtask` this is.
fn around(xtask: &Path) -> Result<PathBuf> {
    let root = xtask.parent();
    let missing = || format!("no workspace around {}: run `cargo xtask` inside it", xtask.display());
    Ok(root.with_context(missing)?.to_owned())
}

/// Runs `command` and shows it and its output; an error unless it succeeds.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    eprintln!("  $ {}", shown(command));
    let status = command.status().with_context(|| format!("cannot start `{}`", shown(command)))?;
    if !status.success() {
        bail!("`{}` failed ({status})", shown(command));
    }
    Ok(())
}

/// Runs `command` silently and returns its output; the error quotes its last error line.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let name = shown(command);
    let Output { status, stdout, stderr } =
        command.output().with_context(|| format!("cannot start `{name}`"))?;
    if !status.success() {
        bail!("`{name}` failed ({status}): {}", error_line(&String::from_utf8_lossy(&stderr)));
    }
    String::from_utf8(stdout).with_context(|| format!("the output of `{name}` is not UTF-8"))
}

/// The last line of `text` that names an error, or else its last line.
fn error_line(text: &str) -> &str {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty()).rev();
    let last = lines.clone().next().unwrap_or("it printed no error");
    lines.find(|line| line.starts_with("error") || line.starts_with("E: ")).unwrap_or(last)
}

/// `command` as a person would type it, with its program's bare name.
pub(crate) fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let name = program.file_name().unwrap_or(command.get_program());
    let words: Vec<_> = [name].into_iter().chain(command.get_args()).map(OsStr::to_string_lossy).collect();
    words.join(" ")
}

/// The full path of `program` if it is on the `PATH`.
pub(crate) fn which(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_do_not_inherit_what_cargo_says_of_xtask() -> Result<()> {
        assert!(env::var_os("CARGO_PKG_NAME").is_some(), "cargo sets it for its tests");
        let command = Workspace::find()?.cargo(["build"]);
        for name in ["CARGO_PKG_NAME", "CARGO_MANIFEST_DIR"] {
            assert!(command.get_envs().any(|(other, value)| other == name && value.is_none()), "{name}");
        }
        Ok(())
    }

    #[test]
    fn the_last_error_is_quoted() {
        assert_eq!(error_line("a\nE: no such version\nW: careful\n\n"), "E: no such version");
        assert_eq!(error_line("a\nb\n"), "b");
        assert_eq!(error_line(""), "it printed no error");
    }
}
