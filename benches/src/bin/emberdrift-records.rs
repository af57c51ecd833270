//! `emberdrift-records`: measures the records of players in a database: how many rows a second are stored, what a tick notices of it,
//! and how long `GET /records` takes with a million rows, also while others are written.

#![warn(clippy::print_stdout, clippy::print_stderr)] // They panic if the output is closed.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    path::PathBuf,
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use benches::{cli, worlds::BusyWorld};
use clap::Parser;
use hdrhistogram::Histogram;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use server::{
    engine::{
        clock::Clock,
        records::{LastingId, Place, Record, RecordId, RecordKeeper, RecordQueue, Run, Store, Table},
        sessions::Seats,
    },
    game::{ArenaSettings, Options, arena_file},
    run,
};
use shared::engine::ids::PlayerName;
use tokio::runtime::Runtime;

const PROGRAM: &str = "emberdrift-records";
/// Records of one transaction while the database is filled: as many as a server writes at most.
const BATCH: u64 = 40_000;
/// Ships in the world whose ticks are measured, all of them watching.
const SHIPS: u32 = 300;
const TICK_RATE: u64 = 20;

/// Measures the records of players in a new database.
#[derive(Debug, Parser)]
#[command(name = PROGRAM, version, max_term_width = 100)]
struct Args {
    /// A new directory for SQLite
    #[arg(long, required_unless_present = "database", conflicts_with = "database")]
    data: Option<PathBuf>,

    /// A PostgreSQL database that is empty
    #[arg(long, value_name = "URL")]
    database: Option<String>,

    /// Players on the leaderboard
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    rows: u64,

    /// Players who play while it is measured, anywhere on the leaderboard
    #[arg(long, default_value_t = 20_000, value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    active: u64,

    /// Records offered in a second
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    rate: u64,

    /// How long each measurement takes, in seconds
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=3600))]
    seconds: u64,
}

/// The players who play: at even distances among all.
#[derive(Clone, Copy, Debug)]
struct Playing {
    count: u64,
    step: u64,
}

impl Args {
    fn playing(&self) -> Playing {
        let count = self.active.min(self.rows);
        Playing { count, step: self.rows / count }
    }
}

fn main() -> ExitCode {
    cli::exit(PROGRAM, || measure(&Args::parse()))
}

fn measure(args: &Args) -> Result<ExitCode, String> {
    let place = match (&args.data, &args.database) {
        (Some(data), _) => Place::Directory(data.clone()),
        (None, Some(url)) => Place::Database(url.clone()),
        (None, None) => unreachable!("clap asks for one"),
    };
    let runtime = Runtime::new().map_err(|error| error.to_string())?;
    let filled = runtime.block_on(fill(&place, args.rows))?;
    cli::print(format_args!("{} rows of new players stored: {filled:.0} a second\n", args.rows));

    // In one process, as in a server: the writer's task has a thread of its own.
    let time = Duration::from_secs(args.seconds);
    let before = ticks(time);
    let keeper = runtime.block_on(RecordKeeper::start(&place, None)).map_err(|error| error.to_string())?;
    let offering = Offering::start(keeper.queue().clone(), args.rate, args.playing());
    let during = ticks(time);
    let offered = offering.stop();
    let counters = Arc::clone(&keeper.records().counters);
    let (written, pending) = (counters.written_total.get(), counters.pending.get());
    let after = ticks(time);
    runtime.block_on(keeper.finish(Duration::from_secs(60)));
    let of = |times: &Histogram<u64>| times.value_at_quantile(0.99) as f64 / 1e6;
    let without = f64::midpoint(of(&before), of(&after));
    cli::print(format_args!(
        "{offered} records offered in {} s: {written} stored, {pending} waited at the end, {} dropped\n\
         tick p99 of {SHIPS} ships: {without:.3} ms without, {:.3} ms while records are written, ratio {:.3}\n",
        args.seconds,
        counters.dropped_total.get(),
        of(&during),
        of(&during) / without
    ));
    for (what, rate) in [("nothing else is written", 0), ("records are written", args.rate)] {
        let times = runtime.block_on(requests(&place, time, rate, args.playing()))?;
        let ms = |quantile: f64| times.value_at_quantile(quantile) as f64 / 1e6;
        cli::print(format_args!(
            "GET /records while {what}: p50 {:.2} ms, p99 {:.2} ms, max {:.2} ms of {} requests\n",
            ms(0.5),
            ms(0.99),
            ms(1.0),
            times.len()
        ));
    }
    Ok(ExitCode::SUCCESS)
}

/// Stores a run of each player. Returns how many a second.
async fn fill(place: &Place, rows: u64) -> Result<f64, String> {
    let store = Store::new(place).map_err(|error| error.to_string())?;
    store.prepare().await.map_err(|error| error.in_full())?;
    if store.count(Table::Runs).await.map_err(|error| error.in_full())? > 0 {
        return Err("the database has records: name a new one".to_owned());
    }
    let (mut rng, began) = (Pcg64Mcg::seed_from_u64(1), Instant::now());
    for first in (0..rows).step_by(BATCH as usize) {
        let batch: Vec<_> = (first..rows.min(first + BATCH)).map(|player| record(player, &mut rng)).collect();
        store.write(&batch).await.map_err(|error| error.in_full())?;
    }
    Ok(rows as f64 / began.elapsed().as_secs_f64())
}

/// A run of a player. Scores are distributed as in a game: many low ones.
fn record(player: u64, rng: &mut Pcg64Mcg) -> Record {
    let ended_ms = Clock::default().unix_ms();
    // A multiplication by an odd number spreads the ids as a hash does, and gives each player its own.
    let id = u128::from(player + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    let share: f64 = rng.random();
    Record::Run(Run {
        id: RecordId::draw(ended_ms),
        player: LastingId(id.to_be_bytes()),
        name: PlayerName::new(&format!("Player {player}")).expect("a valid name"),
        arena: "drift".into(),
        mode: "free",
        score: 1 + (share * share * share * share * 1e6) as i64,
        duration_ms: 60_000,
        ended_ms,
        details: r#"{"kills":3}"#.into(),
    })
}

/// A thread that offers records, as simulations do.
struct Offering {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<u64>,
}

impl Offering {
    fn start(queue: RecordQueue, rate: u64, playing: Playing) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = thread::spawn(move || {
            let (mut rng, began, mut offered) = (Pcg64Mcg::seed_from_u64(2), Instant::now(), 0);
            while !stopped.load(Ordering::Relaxed) {
                let due = began.elapsed().as_millis() as u64 * rate / 1000;
                for _ in offered..due {
                    let player = rng.random_range(0..playing.count) * playing.step;
                    queue.offer(record(player, &mut rng));
                }
                offered = due.max(offered);
                thread::sleep(Duration::from_millis(10));
            }
            offered
        });
        Self { stop, thread }
    }

    fn stop(self) -> u64 {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().unwrap_or(0)
    }
}

fn histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, 60_000_000_000, 3).expect("valid bounds")
}

/// How long ticks take, in nanoseconds.
fn ticks(time: Duration) -> Histogram<u64> {
    let (mut world, mut times) = (BusyWorld::new(SHIPS, SHIPS, 1), histogram());
    let began = Instant::now();
    while began.elapsed() < time {
        world.steer();
        let tick = Instant::now();
        world.step();
        world.publish();
        times.saturating_record(tick.elapsed().as_nanos() as u64);
        world.drain(|_, _| {});
        thread::sleep(Duration::from_millis(1000 / TICK_RATE).saturating_sub(tick.elapsed()));
    }
    times
}

/// How long requests to a whole server take, in nanoseconds, one after another.
async fn requests(
    place: &Place,
    time: Duration,
    rate: u64,
    playing: Playing,
) -> Result<Histogram<u64>, String> {
    let mut options = Options::of_one_arena(ArenaSettings {
        arena: arena_file::load("drift").map_err(|error| error.to_string())?,
        tick_rate: TICK_RATE as u16,
        bots: 24,
        seats: Seats::new(20),
        seed: 1,
        reconnect_grace: Duration::from_secs(60),
        slow_tick: None,
        fail_after: None,
    });
    options.storage.records = Some(place.clone());
    let server = run::start(options).await.map_err(|error| error.to_string())?;
    let address = server.address();
    let keeper = RecordKeeper::start(place, None).await.map_err(|error| error.to_string())?;
    let offering = Offering::start(keeper.queue().clone(), rate, playing);
    let asked = tokio::task::spawn_blocking(move || ask(address, time)).await;
    offering.stop();
    keeper.finish(Duration::from_secs(60)).await;
    server.stop().await;
    asked.map_err(|error| error.to_string())?.map_err(|error| error.to_string())
}

fn ask(address: SocketAddr, time: Duration) -> std::io::Result<Histogram<u64>> {
    let (mut times, mut rng) = (histogram(), Pcg64Mcg::seed_from_u64(3));
    let mut socket = TcpStream::connect(address)?;
    socket.set_nodelay(true)?;
    let (began, mut answer) = (Instant::now(), vec![0; 1 << 20]);
    while began.elapsed() < time {
        let period = ["today", "week", "season", "all"][rng.random_range(0..4)];
        // Most visitors look at the top, and some far down.
        let offset = if rng.random_ratio(1, 4) { rng.random_range(0..10_000) } else { 0 };
        let asked = Instant::now();
        write!(
            socket,
            "GET /records?arena=drift&period={period}&offset={offset}&limit=50 HTTP/1.1\r\nhost: {address}\r\n\r\n"
        )?;
        let mut read = 0;
        while !is_whole(&answer[..read]) {
            read += socket.read(&mut answer[read..])?;
        }
        if !answer.starts_with(b"HTTP/1.1 200") {
            return Err(std::io::Error::other(String::from_utf8_lossy(&answer[..read]).into_owned()));
        }
        times.saturating_record(asked.elapsed().as_nanos() as u64);
        thread::sleep(Duration::from_millis(2));
    }
    Ok(times)
}

/// Whether all that an answer's head announces has been read.
fn is_whole(answer: &[u8]) -> bool {
    let text = String::from_utf8_lossy(answer);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
    length.is_some_and(|length| body.len() >= length)
}
