//! `emberdrift-capacity`: measures how many players this machine carries and at what cost, and says how that stands
//! to set bars. The command line and the files; everything else is in the library.

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::{Arc, atomic::AtomicBool},
};

use benches::capacity::{self, Outcome, Part, PeerAt, Plan, Report};
use clap::Parser;
use signal_hook::{
    consts::{SIGINT, SIGTERM},
    flag,
};

/// Open files that each of the programs started may need: a socket a player.
const OPEN_FILES: u64 = 20_000;

/// Measures how many players this machine carries and at what cost. `cargo xtask capacity` builds all it needs.
#[derive(Debug, Parser)]
#[command(name = "emberdrift-capacity", version, max_term_width = 100)]
struct Args {
    /// Where capacity.json, capacity.md and capacity.html go
    #[arg(long, default_value = "target/capacity")]
    out: PathBuf,

    /// Fewer and shorter steps: under three minutes, and rough
    #[arg(long)]
    quick: bool,

    /// Measured time of each step
    #[arg(long, value_parser = seconds)]
    seconds: Option<f64>,

    /// Only this work, several times for several
    #[arg(long, value_enum)]
    only: Vec<Part>,

    /// Where the built programs are [default: beside this one]
    #[arg(long, value_name = "FOLDER")]
    programs: Option<PathBuf>,

    /// Where the peer's server.mjs and load.mjs are, with their modules installed
    #[arg(long, value_name = "FOLDER", conflicts_with = "no_peer")]
    peer: Option<PathBuf>,

    /// Why there is no peer, for the report
    #[arg(long, value_name = "WHY")]
    no_peer: Option<String>,
}

fn seconds(text: &str) -> Result<f64, String> {
    let seconds: f64 = text.parse().map_err(|_| "a number of seconds, such as 10".to_owned())?;
    if (0.5..=120.0).contains(&seconds) { Ok(seconds) } else { Err("0.5 to 120 seconds".to_owned()) }
}

fn main() -> ExitCode {
    match run(Args::parse()) {
        Ok(code) => code,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: Args) -> Result<ExitCode, String> {
    // Children inherit it. Where it cannot be raised so far, the loads say at how many players that matters.
    let _ = rlimit::increase_nofile_limit(OPEN_FILES);
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [SIGTERM, SIGINT] {
        flag::register(signal, Arc::clone(&stop))
            .map_err(|error| format!("cannot await signals: {error}"))?;
    }
    let beside = || Some(std::env::current_exe().ok()?.parent()?.to_owned());
    let programs = args.programs.or_else(beside).ok_or("cannot find the programs: give --programs")?;
    let peer = match (args.peer, args.no_peer) {
        (Some(folder), _) => PeerAt::Folder(folder),
        (None, why) => PeerAt::Missing(why.unwrap_or_else(|| "--peer was not given".to_owned())),
    };
    let plan =
        Plan { programs, out: args.out, peer, only: args.only, quick: args.quick, seconds: args.seconds };
    let report =
        capacity::run(&plan, &stop, &mut |line| eprintln!("{line}")).map_err(|error| error.to_string())?;
    write(&report, &plan.out)?;
    print_verdict(&report, &plan.out);
    let has_any = report.verdict.iter().any(|judged| judged.outcome != Outcome::NotMeasured);
    Ok(if has_any { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn write(report: &Report, folder: &Path) -> Result<(), String> {
    let json = serde_json::to_string_pretty(report).map_err(|error| error.to_string())? + "\n";
    let files = [("json", json), ("md", capacity::markdown(report)), ("html", capacity::page(report))];
    for (kind, text) in files {
        let file = folder.join("capacity").with_extension(kind);
        fs::write(&file, text).map_err(|error| format!("cannot write {}: {error}", file.display()))?;
    }
    Ok(())
}

fn print_verdict(report: &Report, folder: &Path) {
    println!();
    for judged in &report.verdict {
        let (word, measured) = match (judged.outcome, judged.measured) {
            (Outcome::Pass, Some(value)) => ("pass", format!("{value:.2}")),
            (Outcome::Miss, Some(value)) => ("MISS", format!("{value:.2}")),
            _ => ("none", "–".to_owned()),
        };
        println!("{word}  {:<55} {measured:>8}  bar {:<7} {}", judged.figure, judged.bar, judged.note);
    }
    println!(
        "\n{} has the rest, {} everything",
        folder.join("capacity.html").display(),
        folder.join("capacity.json").display()
    );
}
