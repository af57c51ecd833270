//! `emberdrift-bots`: fills a server with players that play, and says what they saw of it. The command line and
//! the line of progress; everything else is in the library.

use std::{path::PathBuf, process::ExitCode, sync::Arc, sync::atomic::Ordering, time::Duration};

use benches::bot::{self, Address, Plan, Progress, Ramp, Report};
use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};

/// Files that are open besides the sockets.
const FILES_SPARE: u64 = 64;
/// How often the line of progress changes.
const SHOW_EVERY: Duration = Duration::from_millis(500);

/// Load bots for Emberdrift: each is a whole client that gathers, shoots and checks what it is told.
#[derive(Debug, Parser)]
#[command(name = "emberdrift-bots", version, max_term_width = 100)]
struct Args {
    /// Where the server is; without a path, /ws
    #[arg(long, default_value = "ws://127.0.0.1:8080")]
    url: Address,

    /// Bots
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=20_000))]
    players: u32,

    /// Measured time, from when all have joined
    #[arg(long, default_value_t = 20.0, value_parser = seconds)]
    seconds: f64,

    /// Of what the bots do
    #[arg(long, default_value_t = 1)]
    seed: u64,

    /// How fast they come, in bots a second
    #[arg(long, default_value = "200/s")]
    ramp: Ramp,

    /// Threads for all of them together
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..=64))]
    threads: u16,

    /// Where to write the report as JSON, besides the table
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

fn seconds(text: &str) -> Result<f64, String> {
    let seconds: f64 = text.parse().map_err(|_| "a number of seconds, such as 20".to_owned())?;
    if (0.1..=86_400.0).contains(&seconds) { Ok(seconds) } else { Err("0.1 to 86400 seconds".to_owned()) }
}

fn main() -> ExitCode {
    let args = Args::parse();
    match run(&args) {
        Ok(failures) if failures.is_empty() => ExitCode::SUCCESS,
        Ok(failures) => {
            failures.iter().for_each(|failure| eprintln!("failed: {failure}"));
            ExitCode::FAILURE
        }
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> Result<Vec<String>, String> {
    allow_open_files(args.players)?;
    let plan = Plan {
        address: args.url.clone(),
        players: args.players,
        seconds: args.seconds,
        seed: args.seed,
        ramp: args.ramp,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(usize::from(args.threads))
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
        write_json(&report, file)?;
    }
    Ok(report.failures())
}

fn write_json(report: &Report, file: &PathBuf) -> Result<(), String> {
    let json = serde_json::to_string_pretty(report).map_err(|error| error.to_string())?;
    std::fs::write(file, json + "\n").map_err(|error| format!("cannot write {}: {error}", file.display()))
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
        let phase = if progress.measuring.load(Ordering::Relaxed) { "measuring" } else { "joining" };
        bar.tick();
        bar.set_message(format!(
            "{phase}: {playing} of {players} play, {:.1} frames/s each, {:.1} MB/s in all",
            per_second(frames_now, frames) / f64::from(playing.max(1)),
            per_second(bytes_now, bytes) / 1e6,
        ));
        (frames, bytes) = (frames_now, bytes_now);
    }
}

/// Each bot is an open file.
fn allow_open_files(players: u32) -> Result<(), String> {
    let wanted = u64::from(players) + FILES_SPARE;
    let limit =
        rlimit::increase_nofile_limit(wanted).map_err(|error| format!("cannot raise open files: {error}"))?;
    if limit < wanted {
        return Err(format!(
            "only {limit} files may be open, too few for {players} players: raise the limit with `ulimit -n {wanted}`"
        ));
    }
    Ok(())
}
