//! `cargo xtask play`: builds the client and the server, then becomes the server. Its flags are also those of `cargo xtask dev`.

use std::env;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, anyhow, bail, ensure};

use crate::build;
use crate::game::Game;
use crate::workspace::{Workspace, run, shown};

/// The arenas to choose from on the start card; `EMBERDRIFT_ARENA` and the server's `--arena` take precedence.
pub(crate) const ARENAS: &str = "drift,ruins,duel";

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Another game than Emberdrift: a package of the workspace, such as tag
    #[arg(long, value_name = "PACKAGE")]
    game: Option<String>,
    #[command(flatten)]
    pub(crate) serving: Serving,
}

/// How a game is served.
#[derive(clap::Args)]
pub(crate) struct Serving {
    /// The port to listen on, on this machine only.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Flags for the server itself, after `--`. `--port` may stand among them.
    #[arg(last = true, value_name = "SERVER FLAGS")]
    server: Vec<String>,
}

impl Args {
    /// The game to play.
    pub(crate) fn game(&self, workspace: &Workspace) -> Result<Game> {
        Game::find(workspace, self.game.as_deref())
    }
}

impl Serving {
    /// Whether the server's own help is asked for.
    pub(crate) fn is_help(&self) -> bool {
        self.server.iter().any(|flag| flag == "--help" || flag == "-h")
    }

    /// Moves our own flag out of the server's, and checks what can be checked before a build.
    pub(crate) fn checked(mut self) -> Result<Self> {
        if let Some(port) = take(&mut self.server, "--port")? {
            self.port = port.parse().with_context(|| format!("--port must be 1 to 65535, not '{port}'"))?;
        }
        // The page keeps a player's settings by address, so the port is not left to chance.
        ensure!(self.port > 0, "--port must be 1 to 65535, not 0");
        ensure!(
            take(&mut self.server, "--listen")?.is_none(),
            "this command sets --listen itself: choose a port with --port. To listen on another address, run \
             `cargo xtask build`, and start the server that it builds with `--listen IP:PORT`"
        );
        TcpListener::bind(local(self.port)).with_context(|| {
            format!("cannot listen on port {}: end its program, or choose another --port", self.port)
        })?;
        Ok(self)
    }

    /// The server, in the caller's folder, so that `--arena ./mine.ron` is found there. `settings` are variables for what the user
    /// has not chosen: not flags, so that the user's own flags win.
    pub(crate) fn server(&self, program: &Path, settings: &[(&str, String)]) -> Command {
        let mut server = Command::new(program);
        server.arg("--listen").arg(local(self.port).to_string()).args(&self.server);
        // Nothing but this machine reaches the server, so it is safe: the author of an arena file is its player.
        let watch = ("EMBERDRIFT_WATCH_ARENAS", "1".to_owned());
        let settings = settings.iter().chain([&watch]);
        server.envs(settings.filter(|(name, _)| env::var_os(name).is_none()).cloned());
        server
    }
}

/// Builds what is needed and serves the game until it is stopped.
pub(crate) fn play(workspace: &Workspace, game: &Game, serving: Serving) -> Result<()> {
    if serving.is_help() {
        return help(workspace, game);
    }
    let serving = serving.checked()?;
    let settings = [("EMBERDRIFT_ARENA", ARENAS.to_owned())];
    let settings = if *game == Game::Emberdrift { &settings[..] } else { &[] };
    // Becomes the server, so that signals reach it. It prints its address once it listens.
    let mut server = serving.server(&build::game(workspace, game)?, settings);
    Err(anyhow!(server.exec()).context(format!("cannot start `{}`", shown(&server))))
}

/// The server's own help, without building anything.
pub(crate) fn help(workspace: &Workspace, game: &Game) -> Result<()> {
    let server = workspace.target("release").join(game.server().1);
    ensure!(
        server.is_file(),
        "the server is not built yet: play once without --help, or read the engine's flags in server/README.md"
    );
    run(Command::new(server).arg("--help"))
}

fn local(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}

/// Removes `NAME VALUE` or `NAME=VALUE` from `flags` and returns the value.
fn take(flags: &mut Vec<String>, name: &str) -> Result<Option<String>> {
    let value_of = |flag: &str| flag.strip_prefix(name)?.strip_prefix('=').map(str::to_owned);
    let Some(at) = flags.iter().position(|flag| flag == name || value_of(flag).is_some()) else {
        return Ok(None);
    };
    let flag = flags.remove(at);
    match value_of(&flag) {
        Some(value) => Ok(Some(value)),
        None if at < flags.len() => Ok(Some(flags.remove(at))),
        None => bail!("{name} needs a value behind it; see --help"),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        serving: Serving,
    }

    fn parse(line: &[&str]) -> Result<Serving> {
        Line::try_parse_from([&["play"], line].concat())?.serving.checked()
    }

    #[test]
    fn port_is_accepted_on_both_sides_of_the_dashes() -> Result<()> {
        let port = TcpListener::bind(local(0))?.local_addr()?.port().to_string();
        let with_equals = format!("--port={port}");
        for line in [
            &["--port", &port, "--", "--arena", "./mine.ron"][..],
            &["--", "--port", &port, "--arena", "./mine.ron"],
            &["--", "--arena", "./mine.ron", &with_equals],
        ] {
            let server = parse(line)?.server(Path::new("target/emberdrift"), &[]);
            let expected = format!("emberdrift --listen 127.0.0.1:{port} --arena ./mine.ron");
            assert_eq!((shown(&server), server.get_current_dir()), (expected, None));
        }
        Ok(())
    }

    #[test]
    fn wrong_flags_are_refused_before_a_build() -> Result<()> {
        let taken = TcpListener::bind(local(0))?;
        let taken = taken.local_addr()?.port().to_string();
        for (line, why) in [
            (&["--port", "0"][..], "must be 1 to 65535, not 0"),
            (&["--", "--port", "80a"], "must be 1 to 65535, not '80a'"),
            (&["--", "--port"], "--port needs a value"),
            (&["--", "--listen", "0.0.0.0:80"], "choose a port with --port"),
            (&["--port", &taken], "choose another --port"),
        ] {
            let error = parse(line).err().map(|error| error.to_string()).unwrap_or_default();
            assert!(error.contains(why), "{line:?}: {error}");
        }
        Ok(())
    }
}
