//! `emberdrift-capacity`: the command line of the capacity measurement, and the files it writes.

#![warn(clippy::print_stdout, clippy::print_stderr)] // They panic if the output is closed.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use benches::{
    capacity::{self, PeerAt, Plan},
    cli,
    report::{self, Outcome},
};
use clap::Parser;

const PROGRAM: &str = "emberdrift-capacity";
/// Sockets that each of the started programs may need: one a player.
const SOCKETS: u64 = 20_000;

/// Measures how many players this machine carries and at what cost. `cargo xtask capacity` builds all it needs.
#[derive(Debug, Parser)]
#[command(name = PROGRAM, version, max_term_width = 100)]
struct Args {
    /// The folder for capacity.json and capacity.md
    #[arg(long, default_value = "target/capacity")]
    out: PathBuf,

    /// The game to measure: one that emberdrift-bots plays, with its NAME-server beside this program
    #[arg(long, value_name = "NAME", default_value = capacity::EMBERDRIFT)]
    game: String,

    /// Also write the figures to this file, as Markdown that can stand in another document
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,

    /// Fewer and shorter steps: under three minutes, and rough
    #[arg(long)]
    quick: bool,

    /// The folder of the peer's server.mjs and load.mjs, with their modules installed
    #[arg(long, value_name = "FOLDER", conflicts_with = "no_peer")]
    peer: Option<PathBuf>,

    /// Why there is no peer, for the report
    #[arg(long, value_name = "WHY")]
    no_peer: Option<String>,
}

fn main() -> ExitCode {
    cli::exit(PROGRAM, || run(Args::parse()))
}

fn run(args: Args) -> Result<ExitCode, String> {
    // Children inherit the limit. Where it is too low, the loads say so.
    let _ = cli::allow_sockets(SOCKETS);
    let stop = cli::stop_signal()?;
    let own = std::env::current_exe().map_err(|error| format!("cannot find the other programs: {error}"))?;
    let programs = own.parent().unwrap_or(Path::new(".")).to_owned();
    let peer = match (args.peer, args.no_peer) {
        (Some(folder), _) => PeerAt::Folder(folder),
        (None, why) => PeerAt::Missing(why.unwrap_or_else(|| "--peer was not given".to_owned())),
    };
    let plan = Plan { programs, game: args.game, out: args.out, peer, quick: args.quick };
    let report =
        capacity::run(&plan, &stop, &mut |line| cli::note(line)).map_err(|error| error.to_string())?;

    let mut document = capacity::document(&report);
    let file = |kind: &str| plan.out.join("capacity").with_extension(kind);
    cli::write(&file("json"), &report::json(&report)?)?;
    cli::write(&file("md"), &report::markdown(&document))?;
    if let Some(file) = &args.markdown {
        cli::write(file, &report::figures(&document))?;
    }
    // The other tables are wider than a terminal.
    document.sections.truncate(1);
    cli::print(report::markdown(&document));
    cli::print(format_args!(
        "\nTables are in {}, all data in {}.\n",
        file("md").display(),
        file("json").display()
    ));
    let has_any = report.verdict.iter().any(|check| check.outcome != Outcome::NotMeasured);
    Ok(if has_any { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
