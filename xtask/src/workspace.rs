//! Where the workspace is, and how commands are run in it.

use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context, Result, bail};

/// The workspace on disk, and the cargo that was asked to run `xtask`.
pub(crate) struct Workspace {
    root: PathBuf,
    cargo: OsString,
}

impl Workspace {
    /// Finds the workspace that `cargo xtask` was run in.
    pub(crate) fn find() -> Result<Self> {
        let xtask = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        let root = Path::new(&xtask).parent().with_context(|| {
            format!("no workspace around {}: run `cargo xtask` inside it", xtask.display())
        })?;
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        Ok(Self { root: root.to_owned(), cargo })
    }

    /// The workspace's folder.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The path of `name` in `target/`, always the workspace's own: the server embeds `target/web` from there.
    pub(crate) fn target(&self, name: impl AsRef<Path>) -> PathBuf {
        self.root.join("target").join(name)
    }

    /// `cargo ARGS` in the workspace.
    pub(crate) fn cargo<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Command {
        self.cargo_by(&self.cargo, args)
    }

    /// As [`Workspace::cargo`], with another cargo.
    pub(crate) fn cargo_by<A: AsRef<OsStr>>(
        &self,
        cargo: impl AsRef<OsStr>,
        args: impl IntoIterator<Item = A>,
    ) -> Command {
        let mut command = Command::new(cargo);
        command.args(args).current_dir(&self.root).env("CARGO_TARGET_DIR", self.root.join("target"));
        command
    }

    /// The cargo that was asked to run `xtask`.
    pub(crate) fn cargo_path(&self) -> &OsStr {
        &self.cargo
    }
}

/// Runs `command`, showing it and all that it prints; an error unless it succeeds.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    eprintln!("  $ {}", shown(command));
    let status = command.status().with_context(|| format!("cannot start `{}`", shown(command)))?;
    if !status.success() {
        bail!("`{}` failed ({status})", shown(command));
    }
    Ok(())
}

/// Runs `command` in silence and returns what it wrote to its output; the error holds its last words.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let name = shown(command);
    output_of(command, &name)
}

/// As [`output`], for a command that is better told by another `name`.
pub(crate) fn output_of(command: &mut Command, name: &str) -> Result<String> {
    let Output { status, stdout, stderr } =
        command.output().with_context(|| format!("cannot start `{name}`"))?;
    if !status.success() {
        let said = String::from_utf8_lossy(&stderr);
        bail!("`{name}` failed ({status}): {}", last_words(&said));
    }
    String::from_utf8(stdout).with_context(|| format!("`{name}` printed what is not text"))
}

/// The line of `text` that tells most: the last error it names, or else its last line.
fn last_words(text: &str) -> &str {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty()).rev();
    let last = lines.clone().next().unwrap_or("it said nothing");
    lines.find(|line| line.starts_with("error") || line.starts_with("E: ")).unwrap_or(last)
}

/// `command` as a person would type it, with its program's bare name.
pub(crate) fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let mut line = program.file_name().unwrap_or(command.get_program()).to_string_lossy().into_owned();
    for arg in command.get_args() {
        line.push(' ');
        line.push_str(&arg.to_string_lossy());
    }
    line
}

/// The full path of `program` if it is on the `PATH`.
pub(crate) fn which(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

/// Whether this is a Debian machine; its release's codename if it is.
pub(crate) fn debian_codename() -> Option<String> {
    let release = std::fs::read_to_string("/etc/os-release").ok()?;
    let field = |name: &str| {
        release
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix('='))
            .map(|value| value.trim_matches('"').to_owned())
    };
    (field("ID")? == "debian").then(|| field("VERSION_CODENAME").unwrap_or_else(|| "sid".to_owned()))
}

/// Whether this process may install packages on the machine.
pub(crate) fn is_root() -> bool {
    output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_without_its_folder() {
        let mut command = Command::new("/opt/rust/bin/cargo");
        command.args(["build", "-p", "x"]);
        assert_eq!(shown(&command), "cargo build -p x");
    }

    #[test]
    fn the_last_error_tells_most() {
        assert_eq!(last_words("a\nE: no such version\nW: careful\n\n"), "E: no such version");
        assert_eq!(last_words("a\nb\n"), "b");
        assert_eq!(last_words(""), "it said nothing");
    }
}
