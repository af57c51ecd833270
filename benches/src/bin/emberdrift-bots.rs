//! `emberdrift-bots`: the command line of the load generator, and its progress line.

use std::{
    path::PathBuf,
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread,
    time::Duration,
};

use benches::{
    cli,
    client::{self, Address, Encoding, Plan, Progress, Ramp, Scenario, Target},
    conditioner::Conditions,
    report,
};
use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};

const PROGRAM: &str = "emberdrift-bots";
const SHOW_EVERY: Duration = Duration::from_millis(500);

/// Load bots for Emberdrift: players that gather embers and shoot, over real WebSockets.
///
/// Full bots run what the browser runs and check every checksum; lite bots decode only their own part of each frame, so
/// that thousands fit on a machine. Exit codes: 0 if all went well; 1 if there is no server, or a bot failed to join,
/// was disconnected or found a wrong checksum; 2 for a wrong command line; 3 if nothing failed but the bots themselves
/// were too late to measure anything.
#[derive(Debug, Parser)]
#[command(name = PROGRAM, version, max_term_width = 100)]
struct Args {
    /// The server's address; the path defaults to /ws
    #[arg(long, default_value = "ws://127.0.0.1:8080")]
    url: Address,

    /// Number of bots
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=20_000))]
    players: u32,

    /// What the bots do
    #[arg(long, value_enum, default_value_t)]
    scenario: Scenario,

    /// How many are full bots [default: all of up to 100, else 16]
    #[arg(long, value_name = "COUNT")]
    full: Option<u32>,

    /// Measured time, from when all have joined (or, in a crowd, gathered)
    #[arg(long, default_value_t = 20.0, value_parser = |text: &str| cli::number(text, 0.1..=86_400.0))]
    seconds: f64,

    /// How many join in a second
    #[arg(long, default_value = "200/s")]
    ramp: Ramp,

    /// How many leave in a second and are replaced [default: as the scenario says]
    #[arg(long, value_name = "RATE")]
    churn: Option<Ramp>,

    /// The share, 0 to 1, that reads too slowly once it has joined: a third pauses for five seconds now and then, a
    /// third stops reading, a third reads a kilobyte a second [default: as the scenario says]
    #[arg(long, value_name = "SHARE", value_parser = |text: &str| cli::number(text, 0.0..=1.0))]
    stalled: Option<f64>,

    /// No bot fires or boosts
    #[arg(long)]
    peaceful: bool,

    /// Lite bots read each frame as soon as it arrives instead of once a millisecond. On one machine the server pays for
    /// waking their threads
    #[arg(long)]
    eager: bool,

    /// The encoding of their messages
    #[arg(long, value_enum, default_value_t)]
    encoding: Encoding,

    /// The bots chat: four lines a second, all together
    #[arg(long)]
    chat: bool,

    /// Bots reach the server through a network conditioner, such as "delay=100ms jitter=20ms stall=300ms/10s
    /// cut=5s/60s"; each part is optional. Bots that a cut disconnects do not come back. The conditioner runs in the
    /// bots' process and adds to its CPU
    #[arg(long, value_name = "CONDITIONS")]
    link: Option<Conditions>,

    /// Seed of what the bots do
    #[arg(long, default_value_t = 1)]
    seed: u64,

    /// Threads for the lite bots
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=64))]
    threads: u16,

    /// Also write the report as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,

    /// Also write the report as Markdown with charts
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,
}

fn main() -> ExitCode {
    cli::exit(PROGRAM, run(&Args::parse()))
}

fn run(args: &Args) -> Result<ExitCode, String> {
    // Behind a conditioner each bot is three sockets: its own and the conditioner's two.
    cli::allow_sockets(u64::from(args.players) * if args.link.is_some() { 3 } else { 1 })?;
    let plan = Plan {
        address: args.url.clone(),
        target: Target::Game,
        bots: args.players,
        full: args.full,
        threads: usize::from(args.threads),
        seconds: args.seconds,
        seed: args.seed,
        ramp: args.ramp,
        scenario: args.scenario,
        churn: args.churn,
        stalled: args.stalled,
        peaceful: args.peaceful,
        eager: args.eager,
        encoding: args.encoding,
        chat: args.chat,
        conditions: args.link,
    };
    let (progress, is_over) = (Arc::new(Progress::default()), AtomicBool::new(false));
    let report = thread::scope(|scope| {
        let line = scope.spawn(|| show(&progress, args.players, &is_over));
        let report = client::run(&plan, &progress, |_| ());
        is_over.store(true, Relaxed);
        line.thread().unpark();
        report
    })
    .map_err(|error| error.to_string())?;

    print!("{report}");
    if let Some(file) = &args.json {
        cli::write(file, &report::json(&report)?)?;
    }
    if let Some(file) = &args.markdown {
        cli::write(file, &report::markdown(&client::document(&report)))?;
    }
    report.failures().iter().for_each(|failure| eprintln!("{PROGRAM}: {failure}"));
    Ok(report.exit_code().into())
}

/// Keeps one line up to date, if standard error is a terminal.
fn show(progress: &Progress, players: u32, is_over: &AtomicBool) {
    let bar = ProgressBar::new_spinner().with_style(ProgressStyle::default_spinner());
    let (mut frames, mut bytes) = (0, 0);
    while !is_over.load(Relaxed) {
        let (frames_now, bytes_now) = (progress.frames.load(Relaxed), progress.bytes.load(Relaxed));
        let per_second = |now: u64, before: u64| (now - before) as f64 / SHOW_EVERY.as_secs_f64();
        let playing = progress.playing.load(Relaxed);
        let settled = progress.joined.load(Relaxed) + progress.refused.load(Relaxed);
        let phase = match (progress.measuring.load(Relaxed), settled < players) {
            (true, _) => "measuring",
            (false, true) => "joining",
            (false, false) => "gathering",
        };
        bar.tick();
        bar.set_message(format!(
            "{phase}: {playing} of {players} play, {:.1} frames/s each, {:.1} MB/s in all",
            per_second(frames_now, frames) / f64::from(playing.max(1)),
            per_second(bytes_now, bytes) / 1e6,
        ));
        (frames, bytes) = (frames_now, bytes_now);
        thread::park_timeout(SHOW_EVERY);
    }
    bar.finish_and_clear();
}
