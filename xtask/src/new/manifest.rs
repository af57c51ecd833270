//! The manifest of a new game: tag's own, and what the engine's workspace gives to it. No version of a crate is written here.

use std::path::Path;

use anyhow::{Context, Result};

use super::names::Names;

/// In the engine's workspace its own packages are built so. In a game's they would be built like any other that is not the game's.
const ENGINE_PROFILES: &str = "\
# The engine is optimised as the game is.
[profile.dev.package]
emberdrift-shared.opt-level = 1
emberdrift-client-web.opt-level = 1
emberdrift-server.opt-level = 1";

/// The package of the engine's load bots, which measure the engine with tag.
const BOTS: &str = "emberdrift-benches";

/// Where a new game has the engine from.
#[derive(Clone, Debug)]
pub(super) enum Engine {
    /// From its folder, as the game's manifest names it.
    Path(String),
    /// From a git repository.
    Git(String),
}

impl Engine {
    /// From its folder `root`, for a game in `folder`; both are absolute. By a relative path if both have a folder in common, so that they
    /// can be moved together.
    pub(super) fn at(root: &Path, folder: &Path) -> Self {
        let common = root.components().zip(folder.components()).take_while(|(a, b)| a == b).count();
        // The first is the root of the file system.
        if common < 2 {
            return Self::Path(root.display().to_string());
        }
        let up = folder.components().skip(common).map(|_| "..".to_owned());
        let down = root.components().skip(common).map(|part| part.as_os_str().to_string_lossy().into_owned());
        Self::Path(up.chain(down).collect::<Vec<_>>().join("/"))
    }

    /// What a manifest says of the package in this folder of the engine.
    fn source(&self, folder: &str) -> String {
        match self {
            Self::Path(root) => format!("path = {:?}", format!("{root}/{folder}")),
            Self::Git(url) => format!("git = {url:?}"),
        }
    }

    /// Where a reader finds a file of the engine.
    pub(super) fn link(&self, file: &str) -> String {
        match self {
            Self::Path(root) => format!("{root}/{file}"),
            Self::Git(url) => format!("{}/blob/HEAD/{file}", url.trim_end_matches(".git")),
        }
    }
}

/// The manifest of the game, from tag's and that of the engine's workspace.
pub(super) fn of_game(names: &Names, engine: &Engine, tag: &str, workspace: &str) -> Result<String> {
    let is_own = |paragraph: &&str| !paragraph.starts_with("[lints]") && !paragraph.contains(BOTS);
    let own = paragraphs(tag).filter(is_own);
    let own: Vec<_> = own.map(|paragraph| in_game(paragraph, engine)).collect();
    let own = names.rewrite(&(own.join("\n\n") + "\n"));
    let used = own.lines().filter_map(|line| {
        let (name, rest) = line.split_once([' ', '.'])?;
        rest.contains("workspace = true").then_some(name)
    });
    let used: Vec<_> = used.chain(["xtask"]).collect();
    let dependencies = section(workspace, "[workspace.dependencies]")?;
    let mut lines = dependencies.lines().filter(|line| used.iter().any(|name| is_of(line, name)));
    let mut dependencies: Vec<_> = lines.by_ref().map(|line| with_source(line, engine)).collect();
    dependencies.push(format!("xtask = {{ {} }}", engine.source("xtask")));
    let package = section(workspace, "[workspace.package]")?;
    let package: Vec<_> = package.lines().filter(|line| !is_of(line, "license")).collect();
    let mut profiles: Vec<_> = paragraphs(workspace).filter(|paragraph| is_profile(paragraph)).collect();
    profiles.push(ENGINE_PROFILES);
    Ok(format!(
        "[workspace]\nresolver = \"3\"\nmembers = [\"xtask\"]\n\n{}\n\n# In the versions that the engine has.\n\
         [workspace.dependencies]\n{}\n\n{own}\n{}",
        package.join("\n"),
        dependencies.join("\n"),
        profiles.join("\n\n") + "\n",
    ))
}

/// The manifest of the game's own commands.
pub(super) fn of_xtask(names: &Names) -> String {
    format!(
        "[package]\nname = \"{}-xtask\"\ndescription = \"The game's own commands: `cargo xtask --help` lists them.\"\n\
         version.workspace = true\nedition.workspace = true\nrust-version.workspace = true\npublish.workspace = true\n\n\
         [dependencies]\nxtask = {{ workspace = true }}\n",
        names.package
    )
}

fn paragraphs(text: &str) -> impl Iterator<Item = &str> {
    text.split("\n\n").map(str::trim).filter(|paragraph| !paragraph.is_empty())
}

/// The paragraph with this head, and those behind it up to the next head.
fn section<'a>(manifest: &'a str, head: &str) -> Result<&'a str> {
    let from = manifest.find(head).with_context(|| format!("the engine's Cargo.toml has no {head}"))?;
    let text = &manifest[from..];
    let end = text.find("\n[").unwrap_or(text.len());
    Ok(text[..end].trim())
}

/// Whether a line of a manifest sets `name`.
fn is_of(line: &str, name: &str) -> bool {
    line.strip_prefix(name).is_some_and(|rest| rest.trim_start().starts_with(['=', '.']))
}

/// Whether it is the setting of a profile, but for single packages, which a game need not have.
fn is_profile(paragraph: &str) -> bool {
    let heads: Vec<_> = paragraph.lines().filter(|line| line.starts_with('[')).collect();
    !heads.is_empty()
        && heads.iter().all(|head| {
            head.starts_with("[profile.") && (!head.contains(".package.") || head.contains("package.\"*\""))
        })
}

/// A paragraph of tag's manifest, as that of a game outside the engine's workspace has it.
fn in_game(paragraph: &str, engine: &Engine) -> String {
    let lines = paragraph.lines().filter(|line| !is_of(line, "license"));
    let lines = lines.map(|line| match is_of(line, "description") {
        true => {
            "description = \"Tag, a game on Emberdrift's engine: rules for both ends, a server, and a page.\""
                .to_owned()
        }
        false => with_source(line, engine),
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// A line with a path into the engine's workspace, from tag or from the root, with what stands for it in a game.
fn with_source(line: &str, engine: &Engine) -> String {
    const PATH: &str = "path = \"";
    let Some((before, rest)) = line.split_once(PATH) else { return line.to_owned() };
    let Some((path, after)) = rest.split_once('"').filter(|_| line.contains('{')) else {
        return line.to_owned();
    };
    format!("{before}{}{after}", engine.source(path.trim_start_matches("../")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TAG: &str = "[package]\nname = \"tag\"\ndescription = \"x\"\nlicense.workspace = true\n\n[lib]\npath = \"rules.rs\"\n\n\
                       [lints]\nworkspace = true\n\n[dependencies]\nclient-web = { package = \"a\", path = \"../../../client-web\" }\n\
                       serde = { workspace = true }\nshared.workspace = true\n";
    const WORKSPACE: &str = "[workspace]\nmembers = [\"shared\"]\n\n[workspace.package]\nversion = \"0.1.0\"\nlicense = \"MIT\"\n\n\
                             [workspace.dependencies]\nshared = { path = \"shared\" }\n\nserde = \"1\"\nserde_json = \"2\"\n\n\
                             [workspace.lints.rust]\n\n# Small.\n[profile.client]\nlto = true\n\n[profile.dev.package.wasmi]\n";

    #[test]
    fn manifest_has_what_the_game_uses_and_no_more() -> Result<()> {
        let names = Names::of("my-game", &[].into(), &[].into())?;
        let made = of_game(&names, &Engine::Path("../engine".to_owned()), TAG, WORKSPACE)?;
        assert_eq!(
            made,
            "[workspace]\nresolver = \"3\"\nmembers = [\"xtask\"]\n\n[workspace.package]\nversion = \"0.1.0\"\n\n\
             # In the versions that the engine has.\n[workspace.dependencies]\nshared = { path = \"../engine/shared\" }\nserde = \"1\"\n\
             xtask = { path = \"../engine/xtask\" }\n\n[package]\nname = \"my-game\"\n\
             description = \"My Game, a game on Emberdrift's engine: rules for both ends, a server, and a page.\"\n\n\
             [lib]\npath = \"rules.rs\"\n\n[dependencies]\nclient-web = { package = \"a\", path = \"../engine/client-web\" }\n\
             serde = { workspace = true }\nshared.workspace = true\n\n# Small.\n[profile.client]\nlto = true\n\n"
                .to_owned()
                + ENGINE_PROFILES
                + "\n"
        );
        let by_git = of_game(&names, &Engine::Git("https://x.y/engine".to_owned()), TAG, WORKSPACE)?;
        assert!(
            by_git.contains("client-web = { package = \"a\", git = \"https://x.y/engine\" }")
                && !by_git.contains("../")
        );
        Ok(())
    }

    #[test]
    fn engine_is_named_from_the_game_if_both_can_move_together() {
        let path = |root: &str, folder: &str| Engine::at(Path::new(root), Path::new(folder)).link("a.md");
        assert_eq!(path("/home/ada/engine", "/home/ada/games/my-game"), "../../engine/a.md");
        assert_eq!(path("/home/ada/engine", "/home/ada/engine/target/new"), "../../a.md");
        assert_eq!(path("/work/engine", "/tmp/my-game"), "/work/engine/a.md");
    }
}
