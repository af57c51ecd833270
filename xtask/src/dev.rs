//! `cargo xtask dev`: plays while the code changes. Watches, builds what a change needs, and puts it in the place of what runs.
//!
//! A server with debug assertions reads the site's files at each request, so a changed client needs no new server.

mod plan;
mod round;
mod server;
mod watch;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, bail};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use wasm_bindgen_cli_support::Bindgen;

use self::plan::{Plan, UNWATCHED, WATCHED};
use self::round::{Ended, Round};
use self::server::{Change, Server};
use self::watch::Watch;
use crate::game::Game;
use crate::site;
use crate::wasm_std::WasmStd;
use crate::workspace::{Workspace, shown};
use crate::{build, play};

/// The profile of the server.
const PROFILE: &str = "develop";

/// How often builds and servers are looked after.
const POLL_EVERY: Duration = Duration::from_millis(50);
/// Files are looked at in every fourth of them.
const POLLS_BETWEEN_LOOKS: u32 = 4;

/// Paths in one line.
const SHOWN_MAX: usize = 3;
/// The server's exit code after a wrong flag, which no change of a file mends.
const EXIT_USAGE: i32 = 2;

/// What the page loads besides its own files.
const RELOAD: (&str, &str) = ("reload.js", include_str!("dev/reload.js"));

/// Builds, serves, and applies what changes, until Ctrl-C.
pub(crate) fn develop(workspace: &Workspace, game: Game, serving: play::Serving) -> Result<()> {
    if serving.is_help() {
        return play::help(workspace, &game);
    }
    let serving = serving.checked()?;
    let stop = Stop::new()?;
    let mut development = Development::new(workspace, game, serving)?;
    let mut polls = 0_u32;
    let mut outcome = Ok(());
    while outcome.is_ok() && !stop.is_asked_for() {
        if polls.is_multiple_of(POLLS_BETWEEN_LOOKS) {
            development.look();
        }
        outcome = development.poll();
        polls = polls.wrapping_add(1);
        sleep(POLL_EVERY);
    }
    outcome.and(development.end(&stop))
}

/// What a change of a file needs.
type Needs = fn(&Path) -> Plan;

/// What runs, and what is to be done.
struct Development<'a> {
    workspace: &'a Workspace,
    game: Game,
    std: WasmStd,
    /// What is watched, and what a change in it needs: the engine, and the game's own folder.
    watched: Vec<(Watch, Needs)>,
    /// What is not yet in the place of what runs.
    due: Plan,
    round: Option<Round>,
    server: Server,
    /// When the newest change was saved.
    saved_at: Option<SystemTime>,
}

impl<'a> Development<'a> {
    fn new(workspace: &'a Workspace, game: Game, serving: play::Serving) -> Result<Self> {
        let std = WasmStd::find(workspace)?;
        let engine = Watch::of_places(workspace.engine(), WATCHED.iter().map(|(place, _)| place.into()));
        let own = game.folder().map(|folder| Watch::of_folder(folder, &UNWATCHED));
        let mut watched: Vec<(_, Needs)> = vec![(engine, Plan::of)];
        watched.extend(own.map(|own| (own, Plan::of_own as _)));
        let program = workspace.target(PROFILE).join(game.server().1);
        let settings = settings(workspace, &game)?;
        let starting = program.clone();
        let server = Server::new(&program, move || serving.server(&starting, &settings));
        let mut development =
            Self { workspace, game, std, watched, due: Plan::ALL, round: None, server, saved_at: None };
        development.begin();
        Ok(development)
    }

    /// Looks for changes, and begins a round for them.
    fn look(&mut self) {
        let (mut changes, mut plan, mut saved_at) = (Vec::new(), Plan::default(), None);
        for (watch, needed) in &mut self.watched {
            let changed = watch.changes();
            plan = changed.iter().fold(plan, |plan, path| plan | needed(path));
            saved_at = saved_at.max(watch.saved_at(&changed));
            changes.extend(changed);
        }
        if changes.is_empty() || plan.is_empty() && self.server.is_newest() {
            return;
        }
        say(&format!("changed: {}", listed(&changes)));
        self.saved_at = saved_at;
        self.due |= plan;
        self.begin();
    }

    /// Begins a round for all that is due, instead of the one that runs.
    fn begin(&mut self) {
        self.round = None;
        let mut builds = Vec::new();
        if self.due.server {
            let (package, program) = self.game.server();
            let args = ["build", "-p", package, "--bin", &program, "--profile", PROFILE];
            builds.push(self.workspace.cargo(args));
        }
        if self.due.client {
            builds.push(build::client(self.workspace, &self.std, &self.game, "dev"));
        }
        for build in &builds {
            say(&format!("$ {}", shown(build)));
        }
        self.round = Some(Round::new(builds));
    }

    /// Looks after what runs.
    fn poll(&mut self) -> Result<()> {
        match self.server.poll()? {
            Some(Change::TakenOver) => self.say_done("the server has taken over"),
            Some(Change::NotTakenOver(status)) => {
                say(&format!("the new server did not start ({status}); the one before it goes on"));
            }
            Some(Change::Ended(status)) if status.code() == Some(EXIT_USAGE) => {
                bail!("the server does not accept its flags: see above");
            }
            Some(Change::Ended(status)) => {
                say(&format!("the server has ended ({status}); it starts again after the next change"));
            }
            None => {}
        }
        if self.server.is_in_transition() {
            return Ok(());
        }
        let Some(round) = &mut self.round else { return Ok(()) };
        match round.poll()? {
            None => return Ok(()),
            Some(Ended::Failed) => say("not built; what ran before goes on"),
            Some(Ended::Built) => match self.replace() {
                Ok(()) => self.due = Plan::default(),
                Err(error) => say(&format!("error: {error:#}")),
            },
        }
        self.round = None;
        Ok(())
    }

    /// Puts what was built in the place of what runs.
    fn replace(&mut self) -> Result<()> {
        let bindings = self.workspace.target("dev/bindings");
        if self.due.client {
            let wasm = self.game.wasm(self.workspace, "debug");
            let mut bindgen = Bindgen::new();
            build::bind(bindgen.web(true)?.omit_default_module_path(false), "client", &wasm, &bindings)?;
        }
        // First, so that a page that is told to load again by another server finds it.
        if self.due.site
            && site::develop(&self.game.site_of_profile(self.workspace, PROFILE), &bindings, RELOAD)?
        {
            self.say_done("the site has changed");
        }
        self.server.update().map(drop)
    }

    fn say_done(&self, what: &str) {
        let since = self.saved_at.and_then(|at| at.elapsed().ok());
        match since {
            Some(since) => say(&format!("{what}, {:.1} s after the file was saved", since.as_secs_f32())),
            None => say(what),
        }
    }

    fn end(self, stop: &Stop) -> Result<()> {
        let Self { workspace, game, server, round, .. } = self;
        drop(round);
        // A second Ctrl-C does not wait.
        server.end(|| stop.is_asked_for());
        site::remove(&game.site_of_profile(workspace, PROFILE))
    }
}

/// The server's settings that the user has not chosen.
fn settings(workspace: &Workspace, game: &Game) -> Result<Vec<(&'static str, String)>> {
    let shown = |path: PathBuf| path.display().to_string();
    let kept = workspace.target("dev").join(game.client());
    fs::create_dir_all(&kept).with_context(|| format!("cannot make {}", kept.display()))?;
    let mut settings = vec![
        ("EMBERDRIFT_STATE", shown(kept.join("state"))),
        ("EMBERDRIFT_TAKEOVER", shown(kept.join("takeover"))),
    ];
    // By their files, so that the log names them.
    let file =
        |name| shown(workspace.engine().join("assets/arenas").join(Path::new(name).with_extension("ron")));
    let arenas = match game {
        Game::Emberdrift => play::ARENAS.split(',').map(file).collect(),
        Game::Other(_, folder) => arenas_in(folder),
    };
    if !arenas.is_empty() {
        settings.push(("EMBERDRIFT_ARENA", arenas.join(",")));
    }
    Ok(settings)
}

/// The arena files in the folder of a game, by name.
fn arenas_in(folder: &Path) -> Vec<String> {
    let entries = folder.read_dir().into_iter().flatten().flatten().map(|entry| entry.path());
    let files = entries.filter(|path| path.extension().is_some_and(|extension| extension == "ron"));
    let mut files: Vec<_> = files.map(|path| path.display().to_string()).collect();
    files.sort();
    files
}

/// Some of the paths, and how many there are besides: a change of the branch changes hundreds.
fn listed(paths: &[PathBuf]) -> String {
    let shown: Vec<_> = paths.iter().take(SHOWN_MAX).map(|path| path.display().to_string()).collect();
    let more = paths.len() - shown.len();
    let shown = shown.join(", ");
    if more == 0 { shown } else { format!("{shown} and {more} more") }
}

/// Between the lines of cargo and of the server.
fn say(line: &str) {
    eprintln!("  dev: {line}");
}

/// Ctrl-C, SIGTERM, and the end of the terminal.
struct Stop(Arc<AtomicBool>);

impl Stop {
    fn new() -> Result<Self> {
        let asked = Arc::<AtomicBool>::default();
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            signal_hook::flag::register(signal, Arc::clone(&asked)).context("cannot wait for Ctrl-C")?;
        }
        Ok(Self(asked))
    }

    /// Whether it was asked for since the last call.
    fn is_asked_for(&self) -> bool {
        self.0.swap(false, Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lists_of_changes_are_cut() {
        let paths = ["a", "b", "c", "d", "e"].map(PathBuf::from);
        assert_eq!(listed(&paths[..1]), "a");
        assert_eq!(listed(&paths[..3]), "a, b, c");
        assert_eq!(listed(&paths), "a, b, c and 2 more");
    }

    #[test]
    fn folder_that_the_server_listens_in_for_its_successor_is_made() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let game = Game::Other("first".to_owned(), folder.path().to_owned());
        let settings = settings(&Workspace::at(folder.path())?, &game)?;
        let takeover = settings.iter().find(|(name, _)| *name == "EMBERDRIFT_TAKEOVER");
        let (_, path) = takeover.context("it listens for its successor")?;
        assert!(Path::new(path).parent().is_some_and(Path::is_dir), "{path}");
        Ok(())
    }

    #[test]
    fn server_gets_arenas_by_their_files() -> Result<()> {
        let workspace = Workspace::find()?;
        let settings = settings(&workspace, &Game::Emberdrift)?;
        let (_, arenas) = settings.last().context("there are settings")?;
        for arena in arenas.split(',') {
            assert!(Path::new(arena).is_file(), "{arena}");
        }
        assert_eq!(arenas.split(',').count(), play::ARENAS.split(',').count());
        Ok(())
    }
}
