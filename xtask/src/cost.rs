//! `cargo xtask cost`: what the product's work costs, in counts instead of time, so that the same code has the same
//! figures on any x86-64 machine, busy or not. The work itself is the program `emberdrift-cost` (`benches/src/bin`).

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

use crate::build;
use crate::programs::{find_or_install, one_of};
use crate::steps::{Counts, Outcome};
use crate::wasm_std::WasmStd;
use crate::workspace::{FEATURES, Workspace, output};

/// Ticks before the ones whose instructions and system calls are counted; allocations take the program's default.
const WARM_UP_TICKS: &str = "40";
/// The functions whose instructions are counted, with all that they call.
const COUNTED: &str = "*emberdrift_cost*count_*";
/// glibc picks its `memcpy` and the like by the processor. Without these features it takes those of SSE2, which every
/// x86-64 processor has (seen in callgrind's list of functions, on glibc 2.36).
const GLIBC_TUNABLES: &str = "glibc.cpu.hwcaps=-AVX2,-AVX,-AVX_Fast_Unaligned_Load,-SSSE3,-SSE4_1,-SSE4_2,-ERMS,\
     -FSRM,-BMI2:glibc.cpu.x86_non_temporal_threshold=0xc0000:glibc.cpu.x86_rep_movsb_threshold=0x800";

/// What does the work.
pub(crate) const PROGRAM: &str = "emberdrift-cost";
/// Where the committed figures are.
const BASELINE: &str = "benches/cost.json";
/// How far a figure may rise, in per cent; and one in bytes.
const TOLERANCE: f64 = 3.0;
const BYTES_TOLERANCE: f64 = 1.0;

/// Values by the names of figures. A name ends in what is counted.
type Figures = BTreeMap<String, f64>;

/// Figures, and what they were made with.
#[derive(Debug, Default, Deserialize, Serialize)]
struct Baseline {
    /// With another compiler no figure can be compared.
    compiler: String,
    figures: Figures,
    /// With another C library, whose code is counted too, instructions cannot be compared.
    libc: String,
}

/// `cargo xtask cost`: prints the figures beside their baseline, or makes them the baseline.
pub(crate) fn run(workspace: &Workspace, update: bool) -> Result<()> {
    let std = WasmStd::find(workspace)?;
    if update {
        let before = read(workspace).unwrap_or_default();
        let now = count(workspace, &std)?;
        compare(&before, &now);
        fs::write(workspace.root().join(BASELINE), serde_json::to_string_pretty(&now)? + "\n")
            .with_context(|| format!("cannot write {BASELINE}"))?;
        println!("{BASELINE} is new: commit it, and say in the message why it changed");
    } else if let Outcome::Skipped(why) = check(&read(workspace)?, &count(workspace, &std)?)? {
        println!("{why}");
    }
    Ok(())
}

/// The same as a step of `cargo xtask test`. `must` makes it a failure that a tool is missing.
pub(crate) fn test(workspace: &Workspace, std: &WasmStd, must: bool) -> Result<Outcome> {
    match tools() {
        Err(error) => Outcome::skipped(error, must),
        Ok(()) => check(&read(workspace)?, &count(workspace, std)?),
    }
}

/// The committed figures.
fn read(workspace: &Workspace) -> Result<Baseline> {
    let text = fs::read_to_string(workspace.root().join(BASELINE));
    let text = text.with_context(|| format!("no {BASELINE}: `cargo xtask cost --update` makes one"))?;
    serde_json::from_str(&text)
        .with_context(|| format!("{BASELINE} is broken: `cargo xtask cost --update` replaces it"))
}

/// Prints the figures beside their baseline: an error if one is worse, and a passed test for each otherwise.
fn check(before: &Baseline, now: &Baseline) -> Result<Outcome> {
    let verdicts = compare(before, now);
    if before.compiler != now.compiler {
        return Ok(Outcome::Skipped(format!(
            "the baseline is of {}, this is {}: counts of different compilers cannot be compared",
            before.compiler, now.compiler
        )));
    }
    let faults = verdicts.iter().filter(|(_, verdict)| ["WORSE", "NEW", "MISSING"].contains(verdict));
    let faults: Vec<_> = faults.map(|(name, verdict)| format!("{verdict} {name}")).collect();
    ensure!(
        faults.is_empty(),
        "{}: make it cheaper, or run `cargo xtask cost --update` in the same commit and say why in its message",
        faults.join(", ")
    );
    if verdicts.iter().any(|(_, verdict)| *verdict == "better") {
        println!("to keep what is better, run `cargo xtask cost --update` in the same commit");
    }
    Ok(Outcome::Done(Counts::passed(verdicts.len() as u32)))
}

/// Prints each figure beside its baseline, and returns the verdicts on them.
fn compare<'a>(before: &'a Baseline, now: &'a Baseline) -> Vec<(&'a str, &'static str)> {
    println!("| {:<28} | {:>11} | {:>11} | {:>8} | verdict", "figure", "baseline", "now", "change");
    let shown = |value: Option<f64>| value.map_or("-".to_owned(), |value| value.to_string());
    let mut verdicts = Vec::new();
    for name in before.figures.keys().chain(now.figures.keys()).collect::<BTreeSet<_>>() {
        let [old, new] = [before, now].map(|all| all.figures.get(name).copied());
        // In per cent; infinite if something was nothing before.
        let change =
            old.zip(new).map_or(0.0, |(old, new)| if old == new { 0.0 } else { (new - old) / old * 100.0 });
        let tolerance = if name.ends_with("_bytes") { BYTES_TOLERANCE } else { TOLERANCE };
        let verdict = match (old, new) {
            (None, _) => "NEW",
            (_, None) => "MISSING",
            _ if before.libc != now.libc && name.ends_with("_instructions") => "other libc",
            _ if change > tolerance => "WORSE",
            _ if change < -tolerance => "better",
            _ => "ok",
        };
        println!("| {name:<28} | {:>11} | {:>11} | {change:>+6.2} % | {verdict}", shown(old), shown(new));
        verdicts.push((name.as_str(), verdict));
    }
    verdicts
}

/// The figures of the present code to three places, with what else decides on them.
fn count(workspace: &Workspace, std: &WasmStd) -> Result<Baseline> {
    tools()?;
    let compiler = output(Command::new("rustc").arg("-V"))?.trim().to_owned();
    let libc = output(Command::new("getconf").arg("GNU_LIBC_VERSION"))?.trim().to_owned();
    let figures = measure(workspace, std)?.into_iter();
    let figures = figures.map(|(name, value)| (name, (value * 1000.0).round() / 1000.0)).collect();
    Ok(Baseline { compiler, libc, figures })
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
    let mut figures = page(workspace, std)?;
    build::release(workspace, &["--bin", PROGRAM])?;
    let program = workspace.target("release").join(PROGRAM);
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
    let mut test = workspace.cargo(["test", "--workspace", "--features", FEATURES, "--test", "fuel"]);
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

    fn of(figures: &[(&str, f64)]) -> Baseline {
        let figures = figures.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect();
        Baseline { figures, ..Baseline::default() }
    }

    #[test]
    fn figure_may_rise_by_its_tolerance() {
        for (name, old, new, verdict) in [
            ("a_instructions", 1000.0, 1031.0, "WORSE"),
            ("a_instructions", 1000.0, 1029.0, "ok"),
            ("a_instructions", 1000.0, 900.0, "better"),
            ("a_bytes", 1000.0, 1011.0, "WORSE"),
            ("a_bytes", 1000.0, 1009.0, "ok"),
            ("a_allocations", 0.0, 0.017, "WORSE"),
            ("a_allocations", 0.0, 0.0, "ok"),
        ] {
            assert_eq!(compare(&of(&[(name, old)]), &of(&[(name, new)])), [(name, verdict)], "{new}");
        }
    }

    #[test]
    fn worse_new_and_missing_figures_fail_and_the_error_says_what_to_do() {
        let error = |before: &[_], after: &[_]| {
            check(&of(before), &of(after)).err().map(|error| error.to_string()).unwrap_or_default()
        };
        let (one, two) = ([("a", 1.0)], [("a", 1.0), ("b", 1.0)]);
        assert!(error(&one, &two).starts_with("NEW b: "));
        assert!(error(&two, &one).starts_with("MISSING b: "));
        assert!(error(&one, &[("a", 2.0)]).contains("cargo xtask cost --update"));
        assert_eq!(error(&two, &two), "");
    }

    #[test]
    fn other_compiler_skips_all_and_other_libc_instructions() {
        let before = of(&[("a_instructions", 1.0), ("b_bytes", 1.0)]);
        let other = Baseline { compiler: "rustc 2".to_owned(), ..of(&[("b_bytes", 9.0)]) };
        assert!(matches!(check(&before, &other), Ok(Outcome::Skipped(_))));
        let other = Baseline { libc: "2".to_owned(), ..of(&[("a_instructions", 9.0), ("b_bytes", 9.0)]) };
        assert_eq!(compare(&before, &other), [("a_instructions", "other libc"), ("b_bytes", "WORSE")]);
    }

    #[test]
    fn committed_baseline_can_be_read() -> Result<()> {
        ensure!(read(&Workspace::find()?)?.figures.len() >= 16);
        Ok(())
    }
}
