//! Builds the programs that measure, and runs them: `cargo xtask bench`, `netcode`, `restart`, `soak` and `capacity`.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::game::Game;
use crate::steps::{Counts, Outcome, tests};
use crate::workspace::{Workspace, run};
use crate::{build, cost, figures, programs};

/// The folder with the scripts of the server that ours is compared with.
const PEER: &str = "benches/peers/colyseus";
const NETCODE: &str = "emberdrift-netcode";
const RESTART: &str = "emberdrift-restart";
const SOAK: &str = "emberdrift-soak";
/// How long the soak test takes as a step of the tests, in minutes: in fewer the server's memory may still be growing to its
/// size.
const SOAK_MINUTES: &str = "5";

#[derive(clap::Args)]
pub(crate) struct BenchArgs {
    /// Stop each benchmark as soon as its estimate is good enough: rough numbers, quickly.
    #[arg(long)]
    quick: bool,
    /// Flags and filters for the benchmarks themselves, after `--`.
    #[arg(last = true, value_name = "CRITERION FLAGS")]
    criterion: Vec<String>,
}

#[derive(clap::Args)]
pub(crate) struct NetcodeArgs {
    /// Play over real sockets and a real network conditioner instead, in real time: a little over a minute.
    #[arg(long)]
    real: bool,
    /// Simulated games for each figure.
    #[arg(long, default_value_t = 200)]
    seeds: u64,
    /// Put the figures into benches/README.md.
    #[arg(long, conflicts_with_all = ["real", "seeds"])]
    update: bool,
}

#[derive(clap::Args)]
pub(crate) struct SoakArgs {
    /// How long players come and go, in minutes.
    #[arg(long, default_value_t = 60.0)]
    minutes: f64,
}

#[derive(clap::Args)]
pub(crate) struct CapacityArgs {
    /// Fewer and shorter steps: rough numbers, quickly.
    #[arg(long)]
    quick: bool,
    /// Put the figures into benches/README.md.
    #[arg(long, conflicts_with_all = ["quick", "game"])]
    update: bool,
    /// Measure another game of the workspace, which emberdrift-bots must play: how many players its first arena carries.
    #[arg(long, value_name = "NAME")]
    game: Option<String>,
    /// The folder for the reports [default: target/capacity].
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
}

/// `cargo xtask bench`.
pub(crate) fn bench(workspace: &Workspace, args: &BenchArgs) -> Result<()> {
    let mut command = workspace.cargo(["bench", "-p", "emberdrift-benches", "--bench", "*", "--"]);
    if args.quick {
        command.arg("--quick");
    }
    run(command.arg("--noplot").args(&args.criterion))
}

/// `cargo xtask netcode`: prints each figure and its threshold.
pub(crate) fn netcode(workspace: &Workspace, args: &NetcodeArgs) -> Result<()> {
    let mut command = netcode_harness(workspace)?;
    if args.real {
        command.arg("--real");
    } else {
        command.arg("--seeds").arg(args.seeds.to_string());
    }
    if args.update { figures::update(workspace, "netcode", &mut command) } else { run(&mut command) }
}

/// The same as a step of the test command: each figure counts as a test, and the document must show them all.
pub(crate) fn netcode_test(workspace: &Workspace) -> Result<Outcome> {
    let file = workspace.target("netcode.md");
    let outcome = tests(netcode_harness(workspace)?.arg("--markdown").arg(&file))?;
    // A missed threshold is the fault to report, and `--update` writes no figures then.
    if !matches!(&outcome, Outcome::Done(counts) if counts.failed > 0) {
        figures::compare(workspace, "netcode", &file)?;
    }
    Ok(outcome)
}

fn netcode_harness(workspace: &Workspace) -> Result<Command> {
    build::release(workspace, &["--bin", NETCODE])?;
    Ok(workspace.command(workspace.target("release").join(NETCODE)))
}

/// `cargo xtask restart`.
pub(crate) fn restart(workspace: &Workspace) -> Result<()> {
    build::game(workspace, &Game::Emberdrift)?;
    build::release(workspace, &["--bin", RESTART])?;
    let mut command = workspace.command(workspace.target("release").join(RESTART));
    run(command.arg("--out").arg(workspace.target("restart")))
}

/// `cargo xtask soak`.
pub(crate) fn soak(workspace: &Workspace, args: &SoakArgs) -> Result<()> {
    build::game(workspace, &Game::Emberdrift)?;
    run(soak_test(workspace)?.args(["--minutes", &args.minutes.to_string()]))
}

/// A soak test that runs beside other steps: it needs a fifth of a core. It ends by itself.
pub(crate) struct Soak(Child);

impl Soak {
    /// Builds what it and the steps after it need, all at once, because a single large program keeps only one core busy; and starts it.
    pub(crate) fn start(workspace: &Workspace) -> Result<Self> {
        let programs = build::TESTED.into_iter().chain([SOAK, NETCODE, cost::PROGRAM]);
        build::release(workspace, &programs.flat_map(|program| ["--bin", program]).collect::<Vec<_>>())?;
        let mut command = soak_test(workspace)?;
        let child = command.args(["--minutes", SOAK_MINUTES]).stdout(Stdio::piped()).spawn();
        child.map(Self).with_context(|| format!("cannot start {SOAK}"))
    }

    /// Waits for its end and shows its report.
    pub(crate) fn finish(self) -> Result<Outcome> {
        let output = self.0.wait_with_output().with_context(|| format!("cannot wait for {SOAK}"))?;
        println!("{}", String::from_utf8_lossy(&output.stdout));
        ensure!(output.status.success(), "{SOAK} failed ({}): see its report above", output.status);
        Ok(Outcome::Done(Counts::passed(1)))
    }
}

fn soak_test(workspace: &Workspace) -> Result<Command> {
    build::release(workspace, &["--bin", SOAK])?;
    let mut command = workspace.command(workspace.target("release").join(SOAK));
    command.arg("--out").arg(workspace.target("soak"));
    Ok(command)
}

/// `cargo xtask capacity`: builds everything and measures.
pub(crate) fn capacity(workspace: &Workspace, args: &CapacityArgs) -> Result<()> {
    // The program runs in the workspace, whose commit it reports, so a folder of the caller's is made absolute.
    let out = args.out.as_ref().map_or_else(|| Ok(workspace.target("capacity")), std::path::absolute)?;
    build::all(workspace)?;
    let mut command = workspace.command(workspace.target("release/emberdrift-capacity"));
    command.arg("--out").arg(out);
    if let Some(name) = &args.game {
        build::game(workspace, &Game::find(workspace, Some(name))?)?;
        command.args(["--game", name]);
    } else {
        match peer(&workspace.root().join(PEER)) {
            Ok(folder) => command.arg("--peer").arg(folder),
            Err(why) => command.arg("--no-peer").arg(format!("{why:#}")),
        };
    }
    if args.quick {
        command.arg("--quick");
    }
    if args.update { figures::update(workspace, "capacity", &mut command) } else { run(&mut command) }
}

/// The peer's folder, with the modules it needs; or why it cannot be measured.
fn peer(folder: &Path) -> Result<&Path> {
    ensure!(folder.join("package-lock.json").is_file(), "{PEER} is not there");
    programs::node(folder).with_context(|| format!("{PEER} cannot run"))?;
    Ok(folder)
}
