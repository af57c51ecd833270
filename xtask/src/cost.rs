//! `cargo xtask cost`: what the product's work costs, in counts instead of time, so that the same code has the same
//! figures on any x86-64 machine, busy or not. The work itself is the program `emberdrift-cost` (`benches/src/bin`).

mod baseline;
mod callgrind;

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use self::baseline::{Baseline, Figures, rounded};
use crate::build;
use crate::programs::{find_or_install, one_of};
use crate::steps::Outcome;
use crate::wasm_std::WasmStd;
use crate::workspace::SCHEMA;
use crate::workspace::{Workspace, output};

/// Ticks before the ones whose instructions and system calls are counted; allocations take the program's default.
const WARM_UP_TICKS: &str = "40";

/// `cargo xtask cost`: prints the figures beside their baseline, or makes them the baseline.
pub(crate) fn run(workspace: &Workspace, update: bool) -> Result<()> {
    let std = WasmStd::find(workspace)?;
    if update {
        let path = baseline_path(workspace);
        let before = Baseline::read(&path).unwrap_or_default();
        let now = count(workspace, &std)?;
        print!("{}", before.table(&now));
        return now.write(&path);
    }
    if let Outcome::Skipped(why) = compare(workspace, &std)? {
        println!("{why}");
    }
    Ok(())
}

/// The same as a step of `cargo xtask test`. `must` makes it a failure that a tool is missing.
pub(crate) fn test(workspace: &Workspace, std: &WasmStd, must: bool) -> Result<Outcome> {
    match tools() {
        Err(error) => Outcome::skipped(error, must),
        Ok(()) => compare(workspace, std),
    }
}

fn compare(workspace: &Workspace, std: &WasmStd) -> Result<Outcome> {
    let baseline = Baseline::read(&baseline_path(workspace))?;
    let now = count(workspace, std)?;
    print!("{}", baseline.table(&now));
    baseline.check(&now)
}

fn baseline_path(workspace: &Workspace) -> PathBuf {
    workspace.root().join("benches/cost.json")
}

/// The figures of the present code, with what else decides on them.
fn count(workspace: &Workspace, std: &WasmStd) -> Result<Baseline> {
    let compiler = output(Command::new("rustc").arg("-V"))?.trim().to_owned();
    let libc = output(Command::new("getconf").arg("GNU_LIBC_VERSION"))?.trim().to_owned();
    let figures = measure(workspace, std)?.into_iter().map(|(name, value)| (name, rounded(value)));
    Ok(Baseline { compiler, libc, figures: figures.collect() })
}

fn tools() -> Result<()> {
    ensure!(
        cfg!(all(target_arch = "x86_64", target_os = "linux")),
        "cost is counted on x86-64 Linux only, where the baseline is from"
    );
    let find = || ["valgrind", "strace"].iter().try_for_each(|tool| one_of(&[tool]).map(drop));
    find_or_install(find, &["valgrind", "strace"])
}

fn measure(workspace: &Workspace, std: &WasmStd) -> Result<Figures> {
    tools()?;
    let mut figures = page(workspace, std)?;
    build::release(workspace, &["--bin", "emberdrift-cost"])?;
    let program = workspace.target("release/emberdrift-cost");
    let folder = workspace.target("cost");
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;

    figures.extend(printed("value", &output(&mut Command::new(&program))?));
    figures.extend(instructions(&program, &folder.join("callgrind.out"))?);
    figures.insert("connection_syscalls".to_owned(), system_calls(&program, &folder.join("strace.txt"))?);
    figures.extend(fuel(workspace, std, &program, &folder.join("frames.bin"))?);
    Ok(figures)
}

/// The lines `KIND NAME NUMBER` in what `emberdrift-cost` prints: each `value` it counted itself, or the `units` of work by
/// which others' counts are divided.
fn printed(kind: &str, text: &str) -> Figures {
    let line = |line: &str| {
        let (name, number) = line.strip_prefix(kind)?.strip_prefix(' ')?.split_once(' ')?;
        Some((name.to_owned(), number.parse().ok()?))
    };
    text.lines().filter_map(line).collect()
}

/// Runs a command that ends in the program; returns its units of work and what the command wrote into `log`.
fn counted(command: &mut Command, log: &Path) -> Result<(Figures, String)> {
    let units = printed("units", &output(command.args(["--warm-up", WARM_UP_TICKS]))?);
    Ok((units, fs::read_to_string(log).with_context(|| format!("there is no {}", log.display()))?))
}

/// Instructions for each unit of the work in functions named `count_NAME`.
fn instructions(program: &Path, log: &Path) -> Result<Figures> {
    let (units, text) = counted(&mut callgrind::command(program, log), log)?;
    let figure = |(name, count): (String, u64)| {
        let units = units.get(&name).with_context(|| format!("emberdrift-cost prints no units of {name}"))?;
        Ok((format!("{name}_instructions"), count as f64 / units))
    };
    callgrind::counts(&text).into_iter().map(figure).collect()
}

/// System calls of the server for each client and tick: those between the two that nothing else in the program makes.
fn system_calls(program: &Path, log: &Path) -> Result<f64> {
    let (units, text) = counted(Command::new("strace").arg("-o").arg(log).arg(program), log)?;
    let (mut is_inside, mut count) = (false, 0);
    for line in text.lines() {
        match line.split('(').next() {
            Some("getppid") => is_inside = true,
            Some("getpgrp") => is_inside = false,
            _ => count += u32::from(is_inside),
        }
    }
    let units = units.get("connection").context("emberdrift-cost prints no units of connection")?;
    Ok(f64::from(count) / units)
}

/// What a WASM interpreter executes for a frame in the client.
fn fuel(workspace: &Workspace, std: &WasmStd, program: &Path, frames: &Path) -> Result<Figures> {
    output(Command::new(program).arg("--record").arg(frames))?;
    let wasm = build::client_program(workspace, std, "cost")?;
    let mut test = workspace.cargo(["test", "--workspace", "--features", SCHEMA, "--test", "fuel"]);
    test.args(["--", "--nocapture"]).env("EMBERDRIFT_COST_WASM", wasm).env("EMBERDRIFT_COST_FRAMES", frames);
    let figures = printed("value", &output(&mut test)?);
    ensure!(!figures.is_empty(), "the test `fuel` printed no figure");
    Ok(figures)
}

/// Bytes of what a visitor downloads.
fn page(workspace: &Workspace, std: &WasmStd) -> Result<Figures> {
    let gzip = build::web(workspace, std)?;
    let web = workspace.target("web");
    let mut figures = Figures::from([("page_first_visit_gzip_bytes".to_owned(), gzip as f64)]);
    for file in fs::read_dir(&web).with_context(|| format!("cannot read {}", web.display()))? {
        let file = file?;
        if let Some(kind @ ("js" | "wasm")) = file.path().extension().and_then(OsStr::to_str) {
            *figures.entry(format!("page_{kind}_bytes")).or_default() += file.metadata()?.len() as f64;
        }
    }
    Ok(figures)
}
