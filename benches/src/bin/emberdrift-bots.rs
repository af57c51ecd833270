//! `emberdrift-bots`: fills a server with players that play, and says what they saw of it. The command line and
//! the line of progress; everything else is in the library.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use benches::{
    bot::{self, Address, Encoding, Plan, Progress, Ramp, Report, Scenario, report_page},
    link::LinkSpec,
};
use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};

/// Files that are open besides the sockets.
const FILES_SPARE: u64 = 64;
/// How often the line of progress changes.
const SHOW_EVERY: Duration = Duration::from_millis(500);
/// From so many whole clients on, they have two threads.
const FULL_ON_ONE_THREAD: u32 = 150;
/// What the program ends with if nothing failed, but the figures cannot be relied upon.
const EXIT_INVALID: u8 = 2;

/// Load bots for Emberdrift: players that gather and shoot, over real WebSockets.
///
/// Some are whole clients, which run what the browser runs and check every checksum; the others are light, and
/// decode of each frame no more than their own part, so that thousands fit on a machine. Ends with 0 if all went
/// well, with 1 if anybody failed to join, was thrown out or found a checksum that differed, and with 2 if nothing
/// failed but the bots themselves were too late to measure anything.
#[derive(Debug, Parser)]
#[command(name = "emberdrift-bots", version, max_term_width = 100)]
struct Args {
    /// Where the server is; without a path, /ws
    #[arg(long, default_value = "ws://127.0.0.1:8080")]
    url: Address,

    /// Bots
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=20_000))]
    players: u32,

    /// What they do
    #[arg(long, value_enum, default_value_t)]
    scenario: Scenario,

    /// How many are whole clients [default: all of up to 100 players, else 16]
    #[arg(long, value_name = "COUNT")]
    full: Option<u32>,

    /// Measured time, from when all have joined (or, in a crowd, gathered)
    #[arg(long, default_value_t = 20.0, value_parser = seconds)]
    seconds: f64,

    /// How fast they come, in bots a second
    #[arg(long, default_value = "200/s")]
    ramp: Ramp,

    /// How many leave in a second, each followed by another [default: as the scenario says]
    #[arg(long, value_name = "RATE")]
    churn: Option<Ramp>,

    /// The share that, once it has joined, does not read as it should: a third pauses for five seconds now and
    /// then, a third stops for good, a third reads a trickle; 0 to 1 [default: as the scenario says]
    #[arg(long, value_name = "SHARE", value_parser = share)]
    stalled: Option<f64>,

    /// Nobody fires or boosts
    #[arg(long)]
    peaceful: bool,

    /// Light bots read each frame when it comes, instead of all that came in a millisecond together. On one machine
    /// their server pays for waking them each time
    #[arg(long)]
    eager: bool,

    /// How their messages are written: in binary or text frames
    #[arg(long, value_enum, default_value_t)]
    encoding: Encoding,

    /// They chat: four lines a second, all together
    #[arg(long)]
    chat: bool,

    /// They reach the server by a bad link, such as "delay=100ms jitter=20ms stall=300ms/10s": each part of it or
    /// not, and cut=5s/60s, after which whoever was cut off does not come back. It runs in the bots' own process,
    /// whose CPU is the more
    #[arg(long)]
    link: Option<LinkSpec>,

    /// Of what the bots do
    #[arg(long, default_value_t = 1)]
    seed: u64,

    /// Threads for the light bots
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=64))]
    threads: u16,

    /// Where to write the report as JSON, besides the table
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,

    /// Where to write the report as a page with charts
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

fn seconds(text: &str) -> Result<f64, String> {
    let seconds: f64 = text.parse().map_err(|_| "a number of seconds, such as 20".to_owned())?;
    if (0.1..=86_400.0).contains(&seconds) { Ok(seconds) } else { Err("0.1 to 86400 seconds".to_owned()) }
}

fn share(text: &str) -> Result<f64, String> {
    let share: f64 = text.parse().map_err(|_| "a share, such as 0.2".to_owned())?;
    if (0.0..=1.0).contains(&share) { Ok(share) } else { Err("0 to 1".to_owned()) }
}

fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            let _ = error.print();
            // Not clap's own 2, which means something else here.
            return if error.use_stderr() { ExitCode::FAILURE } else { ExitCode::SUCCESS };
        }
    };
    match run(&args) {
        Ok(report) => verdict(&report),
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

fn verdict(report: &Report) -> ExitCode {
    let failures = report.failures();
    failures.iter().for_each(|failure| eprintln!("failed: {failure}"));
    match (failures.is_empty(), report.valid) {
        (false, _) => ExitCode::FAILURE,
        (true, false) => ExitCode::from(EXIT_INVALID),
        (true, true) => ExitCode::SUCCESS,
    }
}

fn run(args: &Args) -> Result<Report, String> {
    allow_open_files(args.players, args.link.is_some())?;
    let plan = Plan {
        address: args.url.clone(),
        players: args.players,
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
        link: args.link,
    };
    let has_many_whole = args.full.unwrap_or(0).min(args.players) >= FULL_ON_ONE_THREAD;
    let whole_threads = 1 + usize::from(has_many_whole) + usize::from(args.link.is_some());
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(whole_threads)
        .enable_all()
        .build()
        .map_err(|error| format!("cannot start threads: {error}"))?;
    let report = runtime.block_on(async {
        let progress = Arc::new(Progress::default());
        let line = tokio::spawn(show(Arc::clone(&progress), args.players));
        let report = bot::run(&plan, progress).await;
        line.abort();
        report
    });
    eprintln!();
    print!("{report}");
    if let Some(file) = &args.json {
        let json = serde_json::to_string_pretty(&report).map_err(|error| error.to_string())?;
        write(file, &(json + "\n"))?;
    }
    if let Some(file) = &args.html {
        write(file, &report_page(&report))?;
    }
    Ok(report)
}

fn write(file: &Path, text: &str) -> Result<(), String> {
    std::fs::write(file, text).map_err(|error| format!("cannot write {}: {error}", file.display()))
}

/// Keeps one line up to date. Where standard error is no terminal, nothing is shown.
async fn show(progress: Arc<Progress>, players: u32) {
    let bar = ProgressBar::new_spinner().with_style(ProgressStyle::default_spinner());
    let (mut frames, mut bytes) = (0, 0);
    loop {
        tokio::time::sleep(SHOW_EVERY).await;
        let load = |counter: &std::sync::atomic::AtomicU64| counter.load(Ordering::Relaxed);
        let (frames_now, bytes_now) = (load(&progress.frames), load(&progress.bytes));
        let per_second = |now: u64, before: u64| (now - before) as f64 / SHOW_EVERY.as_secs_f64();
        let playing = progress.playing.load(Ordering::Relaxed);
        let joined = progress.joined.load(Ordering::Relaxed) + progress.refused.load(Ordering::Relaxed);
        let phase = match (progress.measuring.load(Ordering::Relaxed), joined < players) {
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
    }
}

/// Each bot is an open file, and by a link three: its own and the link's two ends.
fn allow_open_files(players: u32, by_link: bool) -> Result<(), String> {
    let wanted = u64::from(players) * if by_link { 3 } else { 1 } + FILES_SPARE;
    let limit =
        rlimit::increase_nofile_limit(wanted).map_err(|error| format!("cannot raise open files: {error}"))?;
    if limit < wanted {
        return Err(format!(
            "only {limit} files may be open, too few for {players} players: raise the limit with `ulimit -n {wanted}`"
        ));
    }
    Ok(())
}
