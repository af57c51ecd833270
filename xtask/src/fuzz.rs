//! `cargo xtask fuzz`: runs the targets of `server/fuzz` with libFuzzer, one after the other. They need no nightly compiler,
//! because they have no sanitizer: the workspace has no unsafe code, so a panic is what there is to find.

use std::collections::VecDeque;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

use crate::programs;
use crate::steps::{Outcome, Steps};
use crate::workspace::{Workspace, output, run as run_shown};

/// The package of the targets, and what each starts from.
const PACKAGE: &str = "server/fuzz";
const SEEDS: &str = "server/fuzz/seeds";
/// An execution that takes longer counts as a crash, in seconds.
const TIMEOUT: u32 = 10;
/// Lines of libFuzzer's output that are shown for a crash.
const SHOWN: usize = 40;

/// Which targets, and how long.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// A folder of server/fuzz/seeds; may be repeated. All if left out.
    #[arg(long = "target", value_name = "NAME")]
    targets: Vec<String>,
    /// For each target.
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    seconds: u32,
    /// Stops a target before its time is over, after this many executions.
    #[arg(long, value_name = "COUNT")]
    executions: Option<u64>,
}

/// Runs the targets; an error at the end if one crashed.
pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<()> {
    let known = targets(workspace)?;
    for wanted in &args.targets {
        ensure!(known.contains(wanted), "there is no target {wanted}; use one of {}", known.join(", "));
    }
    let program = build(workspace)?;
    let mut steps = Steps::default();
    for target in known.iter().filter(|name| args.targets.is_empty() || args.targets.contains(name)) {
        steps.run(target, || fuzz(workspace, &program, target, args));
    }
    steps.finish()
}

/// The names of the targets: each has a folder of seeds.
fn targets(workspace: &Workspace) -> Result<Vec<String>> {
    let folders =
        fs::read_dir(workspace.root().join(SEEDS)).with_context(|| format!("cannot read {SEEDS}"))?;
    let mut names: Vec<_> =
        folders.flatten().filter_map(|folder| folder.file_name().into_string().ok()).collect();
    names.sort();
    Ok(names)
}

/// Builds the program of all targets, with debug assertions and checks of overflow.
fn build(workspace: &Workspace) -> Result<PathBuf> {
    let cargo_fuzz = programs::cargo_fuzz(workspace)?;
    let folder = workspace.target("fuzz");
    let mut build = workspace.command(cargo_fuzz);
    build.args(["fuzz", "build", "--sanitizer", "none", "--features", "fuzzing", "--codegen-units", "16"]);
    build.args(["--fuzz-dir", PACKAGE, "--target-dir"]).arg(&folder).arg("targets");
    // Linked in seconds instead of a minute.
    run_shown(build.env("CARGO_PROFILE_RELEASE_LTO", "off"))?;
    let version = output(Command::new("rustc").arg("-vV"))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc has no host")?;
    Ok(folder.join(host).join("release/targets"))
}

/// Runs one target. What it finds is kept for the next time.
fn fuzz(workspace: &Workspace, program: &Path, target: &str, args: &Args) -> Result<Outcome> {
    let corpus = workspace.target("fuzz/corpus").join(target);
    let crashes = workspace.target("fuzz/crashes");
    for folder in [&corpus, &crashes] {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    let mut command = workspace.command(program);
    command.env("EMBERDRIFT_FUZZ_TARGET", target).arg(&corpus).arg(workspace.root().join(SEEDS).join(target));
    command.arg(format!("-max_total_time={}", args.seconds)).arg(format!("-timeout={TIMEOUT}"));
    command.arg(format!("-artifact_prefix={}/{target}-", crashes.display())).arg("-print_final_stats=1");
    if let Some(executions) = args.executions {
        command.arg(format!("-runs={executions}"));
    }
    let mut child =
        command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().context("cannot start libFuzzer")?;
    let stderr = BufReader::new(child.stderr.take().context("the output is not piped")?);
    let (mut figures, mut last) = (Figures::default(), VecDeque::new());
    for line in stderr.split(b'\n') {
        let line = String::from_utf8_lossy(&line?).into_owned();
        figures.read(&line);
        last.push_back(line);
        if last.len() > SHOWN {
            last.pop_front();
        }
    }
    if child.wait()?.success() {
        ensure!(figures.executions > 0, "it ran no input:\n{}", Vec::from(last).join("\n"));
        let Figures { executions, per_second, coverage } = figures;
        return Ok(Outcome::Noted(format!(
            "{executions} executions, {per_second}/s, {coverage} edges, 0 crashes"
        )));
    }
    let is_interrupted = last.iter().any(|line| line.contains("libFuzzer: run interrupted"));
    ensure!(!is_interrupted, "interrupted after {} executions, 0 crashes", figures.executions);
    println!("{}", Vec::from(last).join("\n"));
    bail!(
        "crashed after {} executions; the input is in {}: mend what it breaks, and put it into {SEEDS}/{target}",
        figures.executions,
        crashes.display()
    )
}

/// What libFuzzer prints of a run.
#[derive(Debug, Default, PartialEq, Eq)]
struct Figures {
    executions: u64,
    per_second: u64,
    /// Places in the code between which it jumped.
    coverage: u64,
}

impl Figures {
    /// A line such as `#4194304 pulse cov: 512 ft: 900 corp: 80/2Kb exec/s: 199728 rss: 47Mb`, or `stat::… : 12` at the end.
    fn read(&mut self, line: &str) {
        let words: Vec<_> = line.split_whitespace().collect();
        let behind =
            |name: &str| words.windows(2).find(|pair| pair[0] == name).and_then(|pair| pair[1].parse().ok());
        let executed = line.strip_prefix('#').and_then(|line| line.split_whitespace().next()?.parse().ok());
        let executed = executed.or_else(|| behind("stat::number_of_executed_units:"));
        self.executions = executed.unwrap_or(self.executions);
        self.per_second = behind("stat::average_exec_per_sec:").unwrap_or(self.per_second);
        self.coverage = behind("cov:").unwrap_or(self.coverage);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_read_from_what_libfuzzer_prints() {
        let mut figures = Figures::default();
        for line in [
            "INFO: Seed: 4127",
            "#2\tINITED cov: 7 ft: 9 corp: 1/1b exec/s: 0 rss: 30Mb",
            "#4194304\tpulse  cov: 512 ft: 900 corp: 80/2Kb lim: 4096 exec/s: 199728 rss: 47Mb",
            "Done 5000000 runs in 21 second(s)",
            "stat::number_of_executed_units: 5000000",
            "stat::average_exec_per_sec:     238095",
        ] {
            figures.read(line);
        }
        assert_eq!(figures, Figures { executions: 5_000_000, per_second: 238_095, coverage: 512 });
    }

    #[test]
    fn every_target_has_a_folder_of_seeds() -> Result<()> {
        let targets = targets(&Workspace::find()?)?;
        assert!(targets.contains(&"frames".to_owned()), "{targets:?}");
        Ok(())
    }
}
