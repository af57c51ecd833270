//! `cargo xtask cost`: what the product's work costs, in counts instead of time, so that the same code has the same
//! figures on any x86-64 machine, busy or not. The work itself is the program `emberdrift-cost` (`benches/src/bin`).

mod baseline;
mod callgrind;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use self::baseline::{Baseline, Figures, Verdict};
use crate::build;
use crate::debian::find_or_install;
use crate::steps::{Counts, Outcome};
use crate::wasm_std::WasmStd;
use crate::workspace::SCHEMA;
use crate::workspace::{Workspace, output, which};

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
    match baseline.judge(&now) {
        Verdict::OtherCompiler(why) => Ok(Outcome::Skipped(why)),
        Verdict::Holds(hints) => {
            hints.iter().for_each(|hint| println!("{hint}"));
            Ok(Outcome::Done(Counts::passed(now.figures.len() as u32)))
        }
        Verdict::Broken(faults) => bail!("{}", faults.join("\n")),
    }
}

fn baseline_path(workspace: &Workspace) -> PathBuf {
    workspace.root().join("benches/cost.json")
}

/// The figures of the present code, with what else decides on them.
fn count(workspace: &Workspace, std: &WasmStd) -> Result<Baseline> {
    let compiler = output(Command::new("rustc").arg("-V"))?.trim().to_owned();
    let libc = output(Command::new("getconf").arg("GNU_LIBC_VERSION"))?.trim().to_owned();
    Ok(Baseline { compiler, libc, figures: measure(workspace, std)? })
}

fn tools() -> Result<()> {
    ensure!(
        cfg!(all(target_arch = "x86_64", target_os = "linux")),
        "cost is counted on x86-64 Linux only, where the baseline is from"
    );
    let find = || {
        let missing = ["valgrind", "strace"].into_iter().find(|tool| which(tool).is_none());
        missing.map_or(Ok(()), |tool| bail!("no {tool} on the PATH"))
    };
    find_or_install(find, &["valgrind", "strace"])
}

fn measure(workspace: &Workspace, std: &WasmStd) -> Result<Figures> {
    tools()?;
    let mut figures = page(workspace, std)?;
    build::release(workspace, &["--bin", "emberdrift-cost"])?;
    let program = workspace.target("release/emberdrift-cost");
    let folder = workspace.target("cost");
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;

    let counted = Printed::of(&output(&mut Command::new(&program))?);
    figures.extend(counted.values);
    figures.extend(instructions(&program, &folder.join("callgrind.out"))?);
    figures.insert("connection_syscalls".to_owned(), system_calls(&program, &folder.join("strace.txt"))?);
    figures.extend(fuel(workspace, std, &program, &folder.join("frames.bin"))?);
    Ok(figures)
}

/// What `emberdrift-cost` prints: counts of work to divide by, and values that it counted itself.
#[derive(Default)]
struct Printed {
    units: BTreeMap<String, f64>,
    values: Figures,
}

impl Printed {
    fn of(text: &str) -> Self {
        let mut printed = Self::default();
        for line in text.lines() {
            let words: Vec<_> = line.split(' ').collect();
            let [kind, name, number] = words[..] else { continue };
            let into = match kind {
                "units" => &mut printed.units,
                "value" => &mut printed.values,
                _ => continue,
            };
            into.extend(number.parse().ok().map(|number: f64| (name.to_owned(), number)));
        }
        printed
    }

    fn units(&self, name: &str) -> Result<f64> {
        self.units.get(name).copied().with_context(|| format!("emberdrift-cost prints no units of {name}"))
    }
}

/// Instructions for each unit of the work in functions named `count_NAME`.
fn instructions(program: &Path, out: &Path) -> Result<Figures> {
    let printed = Printed::of(&output(&mut callgrind::command(program, WARM_UP_TICKS, out))?);
    let text = fs::read_to_string(out).with_context(|| format!("callgrind left no {}", out.display()))?;
    let mut figures = Figures::new();
    for (name, count) in callgrind::counts(&text) {
        figures.insert(format!("{name}_instructions"), count as f64 / printed.units(&name)?);
    }
    Ok(figures)
}

/// System calls of the server for each client and tick: those between the two that nothing else in the program makes.
fn system_calls(program: &Path, log: &Path) -> Result<f64> {
    let mut strace = Command::new("strace");
    strace.arg("-o").arg(log).arg(program).args(["--warm-up", WARM_UP_TICKS]);
    let printed = Printed::of(&output(&mut strace)?);
    let text = fs::read_to_string(log).with_context(|| format!("strace left no {}", log.display()))?;
    let (mut is_inside, mut count) = (false, 0);
    for line in text.lines() {
        match line.split('(').next() {
            Some("getppid") => is_inside = true,
            Some("getpgrp") => is_inside = false,
            _ => count += u32::from(is_inside),
        }
    }
    Ok(f64::from(count) / printed.units("connection")?)
}

/// What a WASM interpreter executes for a frame in the client.
fn fuel(workspace: &Workspace, std: &WasmStd, program: &Path, frames: &Path) -> Result<Figures> {
    output(Command::new(program).arg("--record").arg(frames))?;
    let wasm = build::client_program(workspace, std, "cost")?;
    let mut test = workspace.cargo(["test", "--workspace", "--features", SCHEMA, "--test", "fuel"]);
    test.args(["--", "--nocapture"]).env("EMBERDRIFT_COST_WASM", wasm).env("EMBERDRIFT_COST_FRAMES", frames);
    let figures = Printed::of(&output(&mut test)?).values;
    ensure!(!figures.is_empty(), "the test `fuel` printed no figure");
    Ok(figures)
}

/// Bytes of what a visitor downloads.
fn page(workspace: &Workspace, std: &WasmStd) -> Result<Figures> {
    let gzip = build::web(workspace, std)?;
    let mut figures = Figures::from([("page_first_visit_gzip_bytes".to_owned(), gzip as f64)]);
    for (name, extension) in [("page_wasm_bytes", "wasm"), ("page_js_bytes", "js")] {
        figures.insert(name.to_owned(), bytes_of(&workspace.target("web"), extension)? as f64);
    }
    Ok(figures)
}

/// Bytes of all files in `folder` with this extension.
fn bytes_of(folder: &Path, extension: &str) -> Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            bytes += bytes_of(&path, extension)?;
        } else if path.extension().is_some_and(|found| found == extension) {
            bytes += fs::metadata(&path)?.len();
        }
    }
    Ok(bytes)
}
