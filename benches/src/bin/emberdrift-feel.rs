//! Prints how the game feels on a bad link: see [`benches::feel`]. Ends with 1 if a figure misses its bar.

use std::process::ExitCode;

use benches::feel::{self, Figure};
use clap::Parser;

/// Measures how Emberdrift feels on a bad link: real sessions and the real game, joined by a simulated link.
#[derive(Debug, Parser)]
#[command(name = "emberdrift-feel", version, max_term_width = 100)]
struct Options {
    /// Rehearsals for each figure, each with its own seed (1 to 10000)
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    seeds: u64,

    /// Play over real sockets and real proxies instead, once, in real time: a little over a minute
    #[arg(long)]
    real: bool,
}

fn main() -> ExitCode {
    let Options { seeds, real } = Options::parse();
    let heading = if real { "real sockets, once".to_owned() } else { format!("over {seeds} seeds") };
    println!("| figure | bar | {heading} | |\n|---|---|---|---|");
    let figures = if real {
        let runtime = tokio::runtime::Runtime::new().map_err(|error| error.to_string());
        match runtime.and_then(|it| it.block_on(feel::measure_real()).map_err(|error| error.to_string())) {
            Ok(figures) => {
                figures.0.iter().for_each(tell);
                figures
            }
            Err(error) => {
                eprintln!("emberdrift-feel: {error}");
                return ExitCode::FAILURE;
            }
        }
    } else {
        feel::measure(seeds, tell)
    };
    if figures.hold() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn tell(figure: &Figure) {
    let verdict = if figure.holds { "✓" } else { "MISS" };
    println!("| {} | {} | {} | {verdict} |", figure.name, figure.bar, figure.measured);
    if let Some(seed) = figure.worst_seed.filter(|_| !figure.holds) {
        eprintln!("{}: the worst seed is {seed}", figure.name);
    }
}
