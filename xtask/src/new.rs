//! `cargo xtask new`: a game in a workspace of its own. It is made of the files of tag, which the engine's own tests compile and play, so
//! that no template can be out of date.

mod manifest;
mod names;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use walkdir::WalkDir;

use self::manifest::Engine;
use self::names::{Names, words};
use crate::workspace::{Workspace, run};

/// The game that is copied, from the engine's root.
const TAG: &str = "server/examples/tag";
/// The folder of it and of other games.
const EXAMPLES: &str = "server/examples";
/// Files of tag that a new game does not have: one plays it with the engine's load bots.
const LEFT_OUT: [&str; 1] = ["tests/bots.rs"];
/// Files of the engine that a game has as they are: the versions that it is tested with, and how its code is laid out and checked.
const SHARED: [&str; 3] = ["Cargo.lock", "clippy.toml", "rustfmt.toml"];

const README: &str = include_str!("new/README.txt");
const MAIN: &str = "\
//! The game's own commands: `cargo xtask --help` lists them.

fn main() -> std::process::ExitCode {
    xtask::game_main()
}
";

/// The files of a game by their paths in its folder.
type Files = Vec<(PathBuf, String)>;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The game's name: lower-case letters, digits and hyphens
    name: String,
    /// The new folder; by default the name, beside the engine's folder
    dir: Option<PathBuf>,
    /// Have the engine from this git repository, and not by the path of its folder
    #[arg(long, value_name = "URL")]
    git: Option<String>,
}

impl Args {
    /// A game with the engine by its path.
    pub(crate) fn of(name: &str, dir: &Path) -> Self {
        Self { name: name.to_owned(), dir: Some(dir.to_owned()), git: None }
    }
}

/// Makes the game, and says how it is played and tested.
pub(crate) fn create(workspace: &Workspace, args: &Args) -> Result<()> {
    let root = workspace.engine();
    let template = template(&root.join(TAG))?;
    let names = names(root, &args.name, &template)?;
    let beside = || root.parent().unwrap_or(root).join(&args.name);
    let folder = empty(&args.dir.clone().unwrap_or_else(beside), &args.name)?;
    let engine = match &args.git {
        Some(url) => Engine::Git(url.clone()),
        None => Engine::at(&root.canonicalize()?, &folder),
    };
    for (path, text) in files(root, &names, &engine, template)? {
        let path = folder.join(path);
        let inside = path.parent().unwrap_or(&folder);
        fs::create_dir_all(inside).with_context(|| format!("cannot make {}", inside.display()))?;
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    // Imports have another order with the new name. The game is complete without it too: rustfmt may not be installed.
    if let Err(error) = run(&mut Workspace::at(&folder)?.cargo(["fmt"])) {
        eprintln!("the game is not formatted: {error:#}");
    }
    let folder = folder.display();
    println!("{} is in {folder}. To play it, and to test it:\n", args.name);
    println!("  cd {folder} && cargo xtask play\n  cd {folder} && cargo test");
    println!("\nIts README.md says what is where, and how to go on.");
    Ok(())
}

/// The files of tag.
fn template(folder: &Path) -> Result<Files> {
    let entries = WalkDir::new(folder).sort_by_file_name().into_iter();
    let mut files = Files::new();
    for entry in entries {
        let entry = entry.with_context(|| format!("cannot read {}", folder.display()))?;
        let path = entry.path().strip_prefix(folder)?.to_owned();
        if entry.file_type().is_file() && !LEFT_OUT.iter().any(|left_out| path == Path::new(left_out)) {
            let text = fs::read_to_string(entry.path());
            files.push((path, text.with_context(|| format!("cannot read {}", entry.path().display()))?));
        }
    }
    Ok(files)
}

/// The forms of the name, which must be no other package's, and no word of the code that the game begins with.
fn names(root: &Path, name: &str, template: &Files) -> Result<Names> {
    let lock = read(root, "Cargo.lock")?;
    let packages = lock.lines().filter_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"'));
    // Other games of the engine's workspace are in no other workspace.
    let packages = packages.filter(|package| !root.join(EXAMPLES).join(package).is_dir());
    let code =
        template.iter().filter(|(path, _)| path.extension().is_some_and(|extension| extension == "rs"));
    let taken: BTreeSet<_> = code.flat_map(|(_, text)| words(text).map(|(word, _)| word)).collect();
    Names::of(name, &packages.collect(), &taken)
}

/// The folder, which is made if it is not there, as an absolute path.
fn empty(folder: &Path, name: &str) -> Result<PathBuf> {
    let is_empty = !folder.exists() || folder.read_dir().is_ok_and(|mut entries| entries.next().is_none());
    let shown = folder.display();
    ensure!(
        is_empty,
        "{shown} is there already and not empty: name a new folder, as in `cargo xtask new {name} {shown}-2`"
    );
    fs::create_dir_all(folder).with_context(|| format!("cannot make {shown}"))?;
    folder.canonicalize().with_context(|| format!("cannot find {shown}"))
}

/// All that the game's folder gets.
fn files(root: &Path, names: &Names, engine: &Engine, template: Files) -> Result<Files> {
    let workspace = read(root, "Cargo.toml")?;
    let readme =
        README.replace("(MAKING_GAMES)", &format!("({})", engine.link("server/docs/MAKING_GAMES.md")));
    let alias = format!("[alias]\nxtask = \"run --package {}-xtask --\"\n", names.package);
    let mut files = vec![
        (".cargo/config.toml".into(), alias),
        (".gitignore".into(), "/target\n".to_owned()),
        ("README.md".into(), names.rewrite(&readme)),
        ("xtask/Cargo.toml".into(), manifest::of_xtask(names)),
        ("xtask/src/main.rs".into(), MAIN.to_owned()),
    ];
    for file in SHARED {
        files.push((file.into(), read(root, file)?));
    }
    for (path, text) in template {
        let is_manifest = path == Path::new("Cargo.toml");
        let text = match is_manifest {
            true => manifest::of_game(names, engine, &text, &workspace)?,
            false => names.rewrite(&text),
        };
        files.push((path, text));
    }
    Ok(files)
}

fn read(root: &Path, file: &str) -> Result<String> {
    let path = root.join(file);
    fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::game::Game;

    fn new(name: &str, dir: &Path) -> Result<()> {
        create(&Workspace::find()?, &Args::of(name, dir))
    }

    #[test]
    fn new_game_has_all_of_tag_and_nothing_of_its_name() -> Result<()> {
        let outside = tempfile::tempdir()?;
        let folder = outside.path().join("games/my-game");
        new("my-game", &folder)?;
        for file in ["Cargo.toml", "rules.rs", "server.rs", "client.rs", "yard.ron"] {
            let text = fs::read_to_string(folder.join(file))?;
            let of_tag = words(&text).find(|(word, _)| ["tag", "Tag", "TagView"].contains(word));
            assert!(of_tag.is_none() && text.contains("ame"), "{file}: {of_tag:?}");
        }
        let rules = fs::read_to_string(folder.join("rules.rs"))?;
        assert!(
            rules.contains("const NAME: &'static str = \"my-game\";") && rules.contains("pub struct MyGame;")
        );
        assert!(rules.contains("const PROTOCOL_VERSION: u64 = 3;"));
        assert!(Workspace::at(&folder)?.cargo(["fmt", "--check"]).status()?.success());
        // Cargo reads it, finds the engine, and the game.
        let game = Game::only(&Workspace::at(&folder)?)?;
        assert_eq!((game.client(), game.server().1), ("my-game", "my-game-server".to_owned()));
        Ok(())
    }

    #[test]
    fn folder_that_is_not_empty_is_refused() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("mine.txt");
        fs::write(&file, "mine")?;
        for taken in [folder.path(), &file] {
            let error = new("my-game", taken).map(drop).unwrap_err().to_string();
            assert!(error.contains("name a new folder") && !error.contains('\n'), "{error}");
        }
        assert_eq!(folder.path().read_dir()?.count(), 1);
        Ok(())
    }

    #[test]
    fn game_of_the_guide_can_be_made() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let guide = read(Workspace::find()?.engine(), "server/docs/MAKING_GAMES.md")?;
        let named = guide.lines().find_map(|line| line.strip_prefix("$ cargo xtask new ")?.split(' ').next());
        new(named.context("the guide makes a game")?, &folder.path().join("game"))
    }

    #[test]
    fn words_of_the_code_are_no_names() -> Result<()> {
        let folder = tempfile::tempdir()?;
        for name in ["tag", "runner", "client", "serde", "xtask"] {
            assert!(new(name, folder.path()).is_err(), "{name}");
        }
        Ok(())
    }
}
