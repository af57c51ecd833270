//! The hostile battery: named attacks on the real program, each with what the attacker gets, and the proof that a healthy player
//! beside it missed no frame and that the server gave back what the attackers held.
//!
//! It prints a line for each case: its name, what the attacker got, how long that took, and the frames of the healthy player
//! meanwhile. Parts of names as arguments select groups.

mod battery;
mod frames;
mod handshake;
mod healthy;
mod http;
mod messages;
mod patience;
#[path = "../common/program.rs"]
mod program;
mod rates;
mod runner;
mod server;
mod sessions;
mod shares;
#[cfg(target_os = "linux")]
mod vanished;
mod wire;
mod ws;

use std::{env, process::ExitCode, time::Instant};

use battery::Group;
use futures_util::future::join_all;
use runner::Totals;

/// Fewer would be no battery.
const CASES_MIN: usize = 80;

fn groups() -> Vec<Group> {
    vec![
        #[cfg(target_os = "linux")]
        vanished::group(),
        patience::group(),
        shares::unread_log(),
        http::group(),
        handshake::group(),
        frames::group(),
        sessions::group(),
        shares::group(),
    ]
}

fn main() -> ExitCode {
    if env::args().any(|argument| argument == "--list") {
        return ExitCode::SUCCESS;
    }
    // Other flags are for the usual test harness.
    let filters: Vec<_> = env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let groups = groups().into_iter().filter(|group| filters.is_empty() || group.is_like(&filters));
    let groups: Vec<_> = groups.collect();
    let count: usize = groups.iter().map(Group::count).sum();
    assert!(!filters.is_empty() || count >= CASES_MIN, "only {count} cases");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let started = Instant::now();
    let mut totals = Totals::default();
    let running: Vec<_> = groups.into_iter().map(|group| runtime.spawn(runner::run(group))).collect();
    for part in runtime.block_on(join_all(running)) {
        totals.add(part.expect("no attack panics"));
    }
    for (name, fault) in &totals.failures {
        println!("FAILED {name}: {fault}");
    }
    let Totals { cases, skipped, failures, frames, missed, excused, longest_gap_ms } = totals;
    println!(
        "\nhealthy players: {frames} frames, {missed} missed, {excused} excused by a slow machine, \
         longest time between two frames {longest_gap_ms} ms"
    );
    let verdict = if failures.is_empty() { "ok" } else { "FAILED" };
    println!(
        "test result: {verdict}. {} passed; {} failed; {skipped} ignored; finished in {:.2}s\n",
        cases.saturating_sub(failures.len() + skipped),
        failures.len(),
        started.elapsed().as_secs_f32()
    );
    ExitCode::from(u8::from(!failures.is_empty()))
}
