//! `cargo xtask cost`: what the product's work costs, in counts instead of time, so that the same code has the same
//! figures on any x86-64 machine, busy or not. The work itself is the program `emberdrift-cost` (`benches/src/bin`).

mod baseline;

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
use crate::workspace::{SCHEMA, Workspace, output};

/// Ticks before the ones whose instructions and system calls are counted; allocations take the program's default.
const WARM_UP_TICKS: &str = "40";
/// The functions whose instructions are counted, with all that they call.
const COUNTED: &str = "*emberdrift_cost*count_*";
/// glibc picks its `memcpy` and the like by the processor. Without these features it takes those of SSE2, which every
/// x86-64 processor has (seen in callgrind's list of functions, on glibc 2.36).
const GLIBC_TUNABLES: &str = "glibc.cpu.hwcaps=-AVX2,-AVX,-AVX_Fast_Unaligned_Load,-SSSE3,-SSE4_1,-SSE4_2,-ERMS,\
     -FSRM,-BMI2:glibc.cpu.x86_non_temporal_threshold=0xc0000:glibc.cpu.x86_rep_movsb_threshold=0x800";

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

/// Instructions for each unit of the work in functions named `count_NAME`.
fn instructions(program: &Path, log: &Path) -> Result<Figures> {
    let mut valgrind = Command::new("valgrind");
    valgrind
        .args(["--tool=callgrind", "--demangle=no", "--quiet"])
        .arg(format!("--toggle-collect={COUNTED}"));
    valgrind.arg(format!("--callgrind-out-file={}", log.display())).env("GLIBC_TUNABLES", GLIBC_TUNABLES);
    let units = printed("units", &output(valgrind.arg(program).args(["--warm-up", WARM_UP_TICKS]))?);
    let costs =
        output(Command::new("callgrind_annotate").args(["--inclusive=yes", "--threshold=100"]).arg(log))?;
    let figure = |(name, count)| {
        let units = units.get(name).with_context(|| format!("emberdrift-cost prints no units of {name}"))?;
        Ok((format!("{name}_instructions"), count / units))
    };
    costs.lines().filter_map(cost_of_counted).map(figure).collect()
}

/// `NAME` and the cost in a line of `callgrind_annotate`, such as `3,186 (3.63%)  ???:SYMBOL [FILE]`, if the symbol is that of
/// a function `count_NAME`.
fn cost_of_counted(line: &str) -> Option<(&str, f64)> {
    let (cost, symbol) = line.split_once('(')?;
    let (_, name) = symbol.split_once("count_").filter(|(before, _)| before.contains("emberdrift_cost"))?;
    // Old mangling goes on with the length of the next part, new mangling ends or goes on with a capital.
    let end = name.find(|letter: char| !letter.is_ascii_lowercase() && letter != '_').unwrap_or(name.len());
    Some((&name[..end], cost.replace(',', "").trim().parse().ok()?))
}

/// System calls of the server for each client and tick: those between the two that nothing else in the program makes.
fn system_calls(program: &Path, log: &Path) -> Result<f64> {
    let mut strace = Command::new("strace");
    strace.arg("-o").arg(log).arg(program).args(["--warm-up", WARM_UP_TICKS]);
    let units = printed("units", &output(&mut strace)?);
    let text = fs::read_to_string(log).with_context(|| format!("strace left no {}", log.display()))?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn costs_are_read_from_either_mangling() {
        let line = "34,396,528 (39.16%)  ???:_ZN15emberdrift_cost5world18count_viewer_frame17hce3E [/emberdrift-cost]";
        assert_eq!(cost_of_counted(line), Some(("viewer_frame", 34_396_528.0)));
        let line = " 3,186,894 ( 3.63%)  ???:_RNvNtCs4fq_15emberdrift_cost5world15count_ship_step [/emberdrift-cost]";
        assert_eq!(cost_of_counted(line), Some(("ship_step", 3_186_894.0)));
        assert_eq!(cost_of_counted("7 (0.1%)  ???:_dl_count_modids [/lib/ld.so]"), None);
    }
}
