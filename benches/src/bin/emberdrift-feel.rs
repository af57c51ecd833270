//! Prints how the game feels on a bad link: see [`benches::feel`]. Ends with 1 if a figure misses its bar.

use std::process::ExitCode;

use benches::feel;
use clap::Parser;

/// Measures how Emberdrift feels on a bad link: real sessions and the real game, joined by a simulated link.
#[derive(Debug, Parser)]
#[command(name = "emberdrift-feel", version, max_term_width = 100)]
struct Options {
    /// Rehearsals for each figure, each with its own seed (1 to 10000)
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    seeds: u64,
}

fn main() -> ExitCode {
    let Options { seeds } = Options::parse();
    println!("| figure | bar | over {seeds} seeds | |\n|---|---|---|---|");
    let figures = feel::measure(seeds, |figure| {
        let verdict = if figure.holds { "✓" } else { "MISS" };
        println!("| {} | {} | {} | {verdict} |", figure.name, figure.bar, figure.measured);
        if let Some(seed) = figure.worst_seed.filter(|_| !figure.holds) {
            eprintln!("{}: the worst seed is {seed}", figure.name);
        }
    });
    if figures.hold() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
