//! A program of load bots: flags in, reports and an exit code out. A game's own program is one call of [`main`]; one that plays
//! several games, by `--game`, calls [`main_of`].

use std::{path::PathBuf, process::ExitCode};

use clap::{Arg, ArgMatches, CommandFactory, FromArgMatches, Parser, builder::PossibleValuesParser};
use shared::engine::game_trait::Game;

use super::{Brain, LoadReport, Plan, RunError, document, run};
use crate::{cli, report};

const GAME: &str = "game";

/// Load bots: players over real WebSockets.
///
/// Full bots run what the browser runs and check every checksum; lite bots decode only their own part of each frame, so
/// that thousands fit on a machine. Exit codes: 0 if all went well; 1 if there is no server, or a bot failed to join,
/// was disconnected or found a wrong checksum; 2 for a wrong command line; 3 if nothing failed but the bots themselves
/// were too late to measure anything.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100)]
struct Args {
    #[command(flatten)]
    plan: Plan,

    /// Also write the report as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,

    /// Also write the report as Markdown
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,
}

/// A game that a program's bots can play.
#[derive(Clone, Copy, Debug)]
pub struct Playable {
    name: &'static str,
    play: fn(&Plan) -> Result<LoadReport, RunError>,
}

impl Playable {
    /// The game of these brains.
    pub fn by<B: Brain>() -> Self {
        Self { name: B::Game::NAME, play: |plan| run::<B>(plan, cli::note) }
    }
}

/// The program `NAME-bots` of the game `NAME`.
pub fn main<B: Brain>() -> ExitCode {
    main_of(&[Playable::by::<B>()])
}

/// The program `NAME-bots` of these games; `NAME` is the first of them, which is the one played by default. There must be one.
pub fn main_of(games: &[Playable]) -> ExitCode {
    let program = format!("{}-bots", games[0].name);
    cli::exit(&program, || {
        let flags = flags(&program, games).get_matches();
        let args = Args::from_arg_matches(&flags).unwrap_or_else(|error| error.exit());
        finish(&program, &args, chosen(games, &flags))
    })
}

/// The flags of a program, with `--game` if there is a choice.
fn flags(program: &str, games: &[Playable]) -> clap::Command {
    let names = games.iter().map(|game| game.name);
    let game = Arg::new(GAME)
        .long(GAME)
        .value_name("GAME")
        .help("The game that they play: the server's")
        .default_value(games[0].name)
        .value_parser(PossibleValuesParser::new(names))
        .hide(games.len() == 1);
    Args::command().name(program.to_owned()).arg(game)
}

fn chosen(games: &[Playable], flags: &ArgMatches) -> Playable {
    let name = flags.get_one::<String>(GAME);
    games.iter().find(|game| name.is_some_and(|name| name == game.name)).copied().unwrap_or(games[0])
}

fn finish(program: &str, args: &Args, game: Playable) -> Result<ExitCode, String> {
    let plan = &args.plan;
    // Behind a conditioner each bot is three sockets: its own and the conditioner's two.
    cli::allow_sockets(u64::from(plan.bots) * if plan.conditions.is_some() { 3 } else { 1 })?;
    let report = (game.play)(plan).map_err(|error| error.to_string())?;
    cli::print(&report);
    if let Some(file) = &args.json {
        cli::write(file, &report::json(&report)?)?;
    }
    if let Some(file) = &args.markdown {
        cli::write(file, &report::markdown(&document(&report)))?;
    }
    report.failures().iter().for_each(|failure| cli::note(format_args!("{program}: {failure}")));
    Ok(report.exit_code().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn playable(name: &'static str) -> Playable {
        Playable { name, play: |_| Err(RunError::Panicked) }
    }

    #[test]
    fn game_is_chosen_by_name_and_the_first_by_default() {
        let games = [playable("emberdrift"), playable("tag")];
        let game = |args: &[&str]| {
            let flags = flags("bots", &games).try_get_matches_from([&["bots"], args].concat());
            flags.map(|flags| chosen(&games, &flags).name).map_err(|error| error.to_string())
        };
        assert_eq!(
            (game(&[]).as_deref(), game(&["--game", "tag"]).as_deref()),
            (Ok("emberdrift"), Ok("tag"))
        );
        let error = game(&["--game", "chess"]).unwrap_err();
        assert!(error.contains("chess") && error.contains("[possible values: emberdrift, tag]"), "{error}");
    }

    #[test]
    fn program_of_one_game_shows_no_choice() {
        let help = |games: &[Playable]| flags("bots", games).render_help().to_string();
        assert!(!help(&[playable("tag")]).contains("--game"));
        assert!(help(&[playable("tag"), playable("chess")]).contains("--game"));
    }
}
