//! The project's own commands, run as `cargo xtask COMMAND`: build the WASM client and the server, play, test, bench,
//! capacity.

mod browser;
mod build;
mod capacity;
mod client;
mod conformance;
mod cost;
mod debian;
mod feel;
mod foreign;
mod golden;
mod identity;
mod play;
mod site;
mod steps;
mod test;
mod vectors;
mod wasm_std;
mod workspace;

use std::{path::PathBuf, process::ExitCode};

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::steps::Steps;
use crate::wasm_std::WasmStd;
use crate::workspace::Workspace;

#[cfg(not(unix))]
compile_error!("`cargo xtask` runs on Linux and macOS; on Windows, use it inside WSL");

/// Emberdrift's own commands.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build everything: the WASM client, its site in target/web, the server, the bots and the link.
    ///
    /// Leaves target/release/emberdrift (the server, with the site inside), emberdrift-bots and emberdrift-link.
    Build,
    /// Build the client and the server, and play: open the address that the server prints, in one or more tabs.
    Play(play::Args),
    /// Run every check and test, to the end even if one fails, and close with a summary.
    ///
    /// Formatting, lints, documentation, the client's build, all Rust tests, every benchmark once, the comparisons of
    /// native code with WASM, the figures of how the game feels on a bad link, Chromium, Firefox and WebKit playing a
    /// real server, clients of every kind in one arena, and the conformance cases for WebSocket servers. On Debian, as
    /// root, missing browsers are installed; geckodriver and what Python and node need goes into target/ and next to
    /// the clients. What cannot be had is skipped, unless CI=true.
    Test,
    /// Play in Chromium, Firefox and WebKit, as `cargo xtask test` does.
    Browsers,
    /// Take the pictures of the documents anew: assets/screenshots, with Chromium.
    ///
    /// The start card, a fight, a crowd of bots, a death, a phone held upright, and the page in Chinese.
    Screenshots,
    /// Run Autobahn's conformance cases for WebSocket servers against the real server.
    ///
    /// Over three hundred cases, by a Python program that is installed under target/python; reports go to
    /// target/conformance. `cargo xtask test` runs them too.
    Conformance,
    /// Prove that native code and WASM compute the same, to the bit.
    ///
    /// Ten thousand ticks of ships, collisions and shots, run natively and by node; a failure names the first tick at which
    /// they part. `cargo xtask test` runs it too.
    Identity,
    /// Count what the work costs: instructions, system calls, allocations, bytes, WASM fuel.
    ///
    /// Prints each figure beside its baseline, benches/cost.json; the exit code is 1 if one is worse than is allowed. The
    /// same code has the same figures on any x86-64 Linux machine, busy or not. `cargo xtask test` runs it too.
    Cost {
        /// Makes the figures the baseline: in the commit that changes them, with the reason in its message.
        #[arg(long)]
        update: bool,
    },
    /// Measure how the game feels on a bad link.
    ///
    /// Real sessions and the real game, joined by a simulated link, over many seeds; or over real sockets, once. Prints
    /// each figure beside its bar. `cargo xtask test` runs the first too.
    Feel {
        /// Play over real sockets and real proxies instead, in real time: a little over a minute.
        #[arg(long)]
        real: bool,
        /// Rehearsals for each figure.
        #[arg(long, default_value_t = 200)]
        seeds: u64,
    },
    /// Write down the test vectors and JSON Schemas that clients in other languages are written against.
    ///
    /// They are made from the messages' own types: shared/vectors and shared/schema. The tests fail while they are stale.
    Vectors,
    /// Run the benchmarks.
    Bench {
        /// Stop each benchmark as soon as its estimate is good enough: rough numbers, quickly.
        #[arg(long)]
        quick: bool,
        /// Flags and filters for the benchmarks themselves, after `--`; `--quick` is understood there too.
        #[arg(last = true, value_name = "CRITERION FLAGS")]
        criterion: Vec<String>,
    },
    /// Measure how many players this machine carries and at what cost, against a bare server and a peer.
    ///
    /// Builds everything, installs the peer's modules where node and npm are found (without them the peer is left
    /// out, and the report says so), and runs servers and loads on this machine, one pair after another, for under
    /// fifteen minutes; --quick takes under three, and is rough. Leaves capacity.html, capacity.md and capacity.json,
    /// and prints each figure beside its bar. A missed bar is a result and no failure; the exit code is 1 only if
    /// nothing could be measured. Close other programs first: they are measured with it.
    Capacity {
        /// Fewer and shorter steps: rough numbers, quickly.
        #[arg(long)]
        quick: bool,
        /// Where the reports go [default: target/capacity].
        #[arg(long, value_name = "FOLDER")]
        out: Option<PathBuf>,
        /// Measured time of each step, in seconds.
        #[arg(long)]
        seconds: Option<f64>,
        /// More flags for the program that measures, after `--`, such as `--only crowd`.
        #[arg(last = true, value_name = "CAPACITY FLAGS")]
        more: Vec<String>,
    },
}

fn main() -> ExitCode {
    match run(Args::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<()> {
    let workspace = Workspace::find()?;
    match command {
        Command::Build => build::all(&workspace),
        Command::Play(args) => play::play(&workspace, args),
        Command::Test => test::all(&workspace),
        Command::Browsers => {
            let std = WasmStd::find(&workspace)?;
            build::web(&workspace, &std)?;
            let mut steps = Steps::default();
            steps.run("browser", || browser::test(&workspace, true));
            steps.run("engines", || browser::engines(&workspace, true));
            steps.finish()
        }
        Command::Screenshots => browser::screenshots(&workspace),
        Command::Conformance => {
            let mut steps = Steps::default();
            steps.run("conformance", || conformance::test(&workspace));
            steps.finish()
        }
        Command::Identity => {
            let std = WasmStd::find(&workspace)?;
            let mut steps = Steps::default();
            steps.run("identity", || identity::compare(&workspace, &std, true));
            steps.finish()
        }
        Command::Cost { update } => cost::run(&workspace, update),
        Command::Feel { real, seeds } => feel::measure(&workspace, real, seeds),
        Command::Vectors => vectors::write(&workspace),
        Command::Bench { quick, criterion } => build::bench(&workspace, quick, &criterion),
        Command::Capacity { quick, out, seconds, more } => {
            capacity::measure(&workspace, quick, out, seconds, &more)
        }
    }
}
