//! The command line of the engine's own workspace: `cargo xtask COMMAND`.

use anyhow::Result;
use clap::Parser;

use crate::game::Game;
use crate::steps::Steps;
use crate::wasm_std::WasmStd;
use crate::workspace::Workspace;
use crate::{
    browser, build, cluster, conformance, cost, determinism, dev, fuzz, measure, new, play, simulate, test,
};

/// Emberdrift's own commands.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
enum Command {
    /// Build everything: the browser client, the server with the client inside, the bots, and the programs that measure.
    ///
    /// The programs are in target/release: emberdrift is the server, emberdrift-bots the load generator.
    Build {
        /// Build only the page of this game, a package of the workspace that has a page of the engine, into target/web-PACKAGE.
        #[arg(long, value_name = "PACKAGE")]
        game: Option<String>,
    },
    /// Play on three nodes and three NATS servers on this machine, until Ctrl-C.
    ///
    /// NATS is installed into target/python. With --test it runs the tests of clusters, with --measure it measures what players notice
    /// when a node is stopped, killed or cut off.
    Cluster(cluster::Args),
    /// Build the client and the server, and play: open the address that the server prints, in one or more tabs.
    Play(play::Args),
    /// Play while you change the code: build what a change needs, and apply it to the game that runs.
    ///
    /// Watches the sources, the page and the arenas. A changed rule restarts the server, which keeps its world, and players are
    /// back by themselves; a changed client or page is loaded again by the open pages; a changed arena file is applied by the
    /// server. While something does not compile, the game goes on as it was. Ctrl-C ends all of it. Builds are quick and not small:
    /// `cargo xtask play` and `cargo xtask build` make what is for others.
    Dev(play::Args),
    /// Begin a game of your own, in a folder and a workspace of its own.
    ///
    /// The folder gets a small game that is complete: rules, a server with bots, a page, tests, and the commands play, dev and build. It
    /// needs the engine: by the path of this folder, or with --git from a repository.
    New(new::Args),
    /// Run every check and test, to the end even if one fails, and print a summary.
    ///
    /// Formatting, dependencies, lints, documentation, the files for deployment, the client's build and size, all Rust tests, every benchmark once, the comparison of
    /// native code with WASM, a soak test of five minutes, the netcode over a bad network, the cost in counts, four proxies before a real server, a cluster with a real NATS server, Chromium, Firefox and WebKit playing a real
    /// server, clients in several languages in one arena, and the conformance cases for WebSocket servers. On Debian, as root,
    /// missing browsers, proxies, valgrind and strace are installed; geckodriver, cargo-deny, hadolint and modules for Python and node go into target/ and
    /// beside the clients. A step whose programs are missing is skipped, or fails with CI=true.
    Test,
    /// Play in Chromium, Firefox and WebKit, as `cargo xtask test` does.
    Browsers,
    /// Make a game with `new`, build it, run its tests, and play its page in Chromium.
    TestNew,
    /// Run the server behind nginx, HAProxy, Caddy and Apache, each with its file of server/deploy, as `cargo xtask test` does.
    Proxies,
    /// Take the screenshots of the documents again, with Chromium: assets/screenshots.
    Screenshots,
    /// Run Autobahn's conformance cases for WebSocket servers against the real server.
    ///
    /// A Python program, installed into target/python, runs over three hundred cases; its reports go to target/conformance.
    Conformance,
    /// Prove that native code and WASM compute the same, to the bit.
    ///
    /// Ten thousand ticks of ships, collisions, shots and a client's predictions, and as many of tag's runners, run natively and by node.
    /// A failure names the first tick at which they differ.
    Determinism,
    /// Count what the work costs: instructions, system calls, allocations, bytes, WASM fuel.
    ///
    /// Prints each figure beside its baseline, benches/cost.json; the exit code is 1 if one is worse than is allowed. The
    /// same code has the same figures on any x86-64 Linux machine, busy or not. `cargo xtask test` runs it too.
    Cost {
        /// Makes the figures the baseline: in the commit that changes them, with the reason in its message.
        #[arg(long)]
        update: bool,
    },
    /// Measure the netcode over a bad network: prediction, hits, corrections, delays.
    ///
    /// The real game and real client sessions, joined by a simulated network. Prints each figure beside its threshold.
    Netcode(measure::NetcodeArgs),
    /// Simulate whole servers on simulated time: faults of links, floods, pauses, restarts, each seed twice.
    ///
    /// The real arena loop, connections and client sessions. A seed that breaks a law, or whose two runs differ, is printed; --seed
    /// shows what happens in it. `cargo xtask test` plays the first two hundred.
    Simulate(simulate::Args),
    /// Search for bytes that break a decoder or a state machine: from a client, a server, a browser, or a file.
    ///
    /// Runs each target of server/fuzz with libFuzzer, and prints its executions, speed, coverage and crashes; the exit code is 1 if
    /// one crashed. cargo-fuzz is built into target/tools unless it is on the PATH. What was found stays in target/fuzz, and the
    /// next run goes on from there.
    Fuzz(fuzz::Args),
    /// Restart the server under 300 players, in three ways, and measure what they notice.
    ///
    /// By --takeover, by SIGTERM and by SIGKILL: how many are back in their own ships, how long they were without frames, and
    /// whether a connect was refused; files are in target/restart. Half a minute.
    Restart,
    /// Run the server under players that come and go for an hour, and look for what is left behind.
    ///
    /// Two hundred players, twenty of them leave and are replaced in each second, and other clients misbehave meanwhile. The
    /// report compares the server's memory early and late; files are in target/soak. `cargo xtask test` runs five minutes of it.
    Soak(measure::SoakArgs),
    /// Write the test vectors and JSON Schemas for clients in other languages: shared/vectors and shared/schema.
    ///
    /// They come from the messages' own types. The tests fail while they are out of date.
    Vectors,
    /// Run the benchmarks.
    Bench(measure::BenchArgs),
    /// Measure how many players this machine carries and at what cost, against a bare server and a peer.
    ///
    /// Builds everything, installs the peer's modules if node is there (otherwise the report says that the peer is missing),
    /// and runs servers and loads on this machine: under fifteen minutes, or with --quick under three. Writes capacity.md and
    /// capacity.json, and prints each figure beside its threshold. A missed threshold is a result, not a failure: the exit code is
    /// 1 only if nothing could be measured. Close other programs first.
    Capacity(measure::CapacityArgs),
}

/// Does what the command line asks for.
pub(crate) fn run() -> Result<()> {
    let command = Command::parse();
    let workspace = &Workspace::find()?;
    match command {
        Command::Build { game: None } => build::all(workspace),
        Command::Build { game: Some(package) } => {
            let game = Game::find(workspace, Some(&package))?;
            build::page(workspace, &WasmStd::find(workspace)?, &game).map(drop)
        }
        Command::Cluster(args) if args.test => {
            let mut steps = Steps::default();
            steps.run("cluster", || cluster::test(workspace, true));
            steps.finish()
        }
        Command::Cluster(args) => cluster::start(workspace, &args),
        Command::Play(args) => play::play(workspace, &args.game(workspace)?, args.serving),
        Command::Dev(args) => dev::develop(workspace, args.game(workspace)?, args.serving),
        Command::New(args) => new::create(workspace, &args),
        Command::Test => test::all(workspace),
        Command::Browsers => {
            build::web(workspace, &WasmStd::find(workspace)?)?;
            let mut steps = Steps::default();
            steps.run("browser", || browser::test(workspace, true));
            steps.run("engines", || browser::engines(workspace, true));
            steps.finish()
        }
        Command::TestNew => {
            let mut steps = Steps::default();
            steps.run("new", || test::new_game(workspace, true));
            steps.finish()
        }
        Command::Proxies => {
            build::web(workspace, &WasmStd::find(workspace)?)?;
            let mut steps = Steps::default();
            steps.run("proxies", || test::proxies(workspace, true));
            steps.finish()
        }
        Command::Screenshots => browser::screenshots(workspace),
        Command::Conformance => {
            let mut steps = Steps::default();
            steps.run("conformance", || conformance::test(workspace));
            steps.finish()
        }
        Command::Determinism => determinism::compare(workspace, &WasmStd::find(workspace)?, true).map(drop),
        Command::Cost { update } => cost::run(workspace, update),
        Command::Netcode(args) => measure::netcode(workspace, &args),
        Command::Simulate(args) => simulate::play(workspace, &args),
        Command::Fuzz(args) => fuzz::run(workspace, &args),
        Command::Restart => measure::restart(workspace),
        Command::Soak(args) => measure::soak(workspace, &args),
        Command::Vectors => build::vectors(workspace),
        Command::Bench(args) => measure::bench(workspace, &args),
        Command::Capacity(args) => measure::capacity(workspace, &args),
    }
}
