//! Runs a group beside a healthy player. Proves for each case what the attacker gets and that the player missed no frame, and for
//! the group that the server gave everything back.

use std::{fmt::Write, sync::Arc, time::Duration};

use futures_util::future::join_all;
use tokio::time::{Instant, sleep, timeout};

use crate::{
    battery::{Case, Group, SKIPPED, SOON},
    healthy::Healthy,
    server::{Holdings, Server},
};

/// For the server to give back what attackers held: the longest of its deadlines, and some for a busy machine.
const GIVEN_BACK: Duration = Duration::from_secs(45);
/// Longest time between two looks at what it holds: tokio ends a thread for blocking work after ten seconds without any.
const PAUSE_MAX: Duration = Duration::from_secs(12);
/// Frames of the healthy player after each attack.
const FRAMES_AFTER: u64 = 2;
/// At most one in this number of the healthy player's frames may meet a queue that its connection's thread holds just then.
const CONTENDED_SHARE: u64 = 50;
/// What the attacks of the second half of the rounds may add to the resident memory.
const GROWTH_KIB_MAX: u64 = 2 * 1024;
/// What they may add in the first half, in which buffers, tables and the allocator's pages get their size: after two rounds of the
/// requests by HTTP ten more add 0.1 MiB.
const FIRST_GROWTH_KIB_MAX: u64 = 8 * 1024;

/// What became of a group, or of all.
#[derive(Debug, Default)]
pub(crate) struct Totals {
    pub(crate) cases: usize,
    pub(crate) skipped: usize,
    /// Cases or groups, and what is wrong with each.
    pub(crate) failures: Vec<(String, String)>,
    /// Of healthy players.
    pub(crate) frames: u64,
    pub(crate) missed: u64,
    /// Ticks without a frame because the machine was too slow: the server skipped them, or the system interrupted the thread
    /// that was about to take the frame.
    pub(crate) excused: u64,
    pub(crate) longest_gap_ms: u64,
}

impl Totals {
    pub(crate) fn add(&mut self, other: Self) {
        self.cases += other.cases;
        self.skipped += other.skipped;
        self.failures.extend(other.failures);
        self.frames += other.frames;
        self.missed += other.missed;
        self.excused += other.excused;
        self.longest_gap_ms = self.longest_gap_ms.max(other.longest_gap_ms);
    }

    /// Notes the first thing that is wrong with a case or a group.
    fn fail(&mut self, name: &str, fault: String) {
        if self.failures.iter().all(|(other, _)| other != name) {
            self.failures.push((name.to_owned(), fault));
        }
    }
}

/// How one attack went.
struct Ran {
    got: String,
    took: Duration,
    /// The healthy player's frames meanwhile, and those that it missed.
    frames: u64,
    missed: u64,
    fault: Option<String>,
}

/// Runs a group's cases, and prints its part of the report at its end.
pub(crate) async fn run(group: Group) -> Totals {
    let started = Instant::now();
    let mut totals = Totals { cases: group.count(), ..Totals::default() };
    let mut report = format!("\n{}\n", group.name);
    let server = Arc::new(Server::start(&group.setup));
    let healthy = Healthy::join(server.address);
    let Some(before) = held_beside_one_player(&server).await else {
        totals.fail(group.name, "the healthy player is not counted".to_owned());
        return totals;
    };
    let mut resident = vec![server.resident_kib()];
    for round in 0..group.rounds {
        for stage in &group.stages {
            let all = join_all(stage.iter().map(|case| run_case(case, &server, &healthy))).await;
            for (case, ran) in stage.iter().zip(all) {
                if round == 0 || ran.fault.is_some() {
                    let _ = writeln!(report, "{}", line(case, &ran));
                }
                totals.skipped += usize::from(round == 0 && ran.got.starts_with(SKIPPED));
                if let Some(fault) = ran.fault {
                    totals.fail(case.name, fault);
                }
            }
        }
        if let Err(fault) = given_back(&server, &before).await {
            totals.fail(group.name, fault);
        }
        resident.push(server.resident_kib());
    }
    totals.frames = healthy.frames();
    totals.missed = healthy.missed();
    // Of all clients, so it must be rare: an attack that holds up frames would show in it.
    let contended = server.metric("emberdrift_frames_contended_total").await;
    if contended * CONTENDED_SHARE > totals.frames {
        totals.fail(group.name, format!("{contended} frames met a locked queue"));
    }
    totals.excused = server.metric("emberdrift_ticks_skipped_total").await + contended;
    totals.longest_gap_ms = healthy.longest_gap_ms();
    // A tick that the server skips has no frame for any client.
    if totals.missed > totals.excused {
        totals.fail(group.name, format!("the healthy player missed {} frames", totals.missed));
    }
    if let Some(fault) = growth(&resident) {
        totals.fail(group.name, fault);
    }
    for line in server.log().iter().filter(|line| !is_own_line(line)) {
        totals.fail(group.name, format!("forged log line, or a panic: {line:?}"));
    }
    let memory: Vec<_> = resident.iter().map(|kib| format!("{:.1}", *kib as f64 / 1024.0)).collect();
    let _ = writeln!(
        report,
        "  {} cases × {} in {:.0} s; given back: {before}; resident {} MiB; log lines {}; frames missed {}",
        group.count(),
        group.rounds,
        started.elapsed().as_secs_f32(),
        memory.join(" → "),
        server.log().len(),
        totals.missed,
    );
    print!("{report}");
    totals
}

async fn run_case(case: &Case, server: &Arc<Server>, healthy: &Healthy) -> Ran {
    let before = healthy.moment_after(0).await;
    let started = Instant::now();
    let mut attack = tokio::spawn((case.attack)(Arc::clone(server)));
    let got = match timeout(case.most, &mut attack).await {
        Ok(got) => got.unwrap_or_else(|_| "a panic of the test".to_owned()),
        Err(_) => {
            attack.abort();
            "nothing in time".to_owned()
        }
    };
    let took = started.elapsed();
    let after = timeout(SOON, healthy.moment_after(FRAMES_AFTER)).await;
    let after = after.unwrap_or_else(|_| Err("the healthy player gets no frames".to_owned()));
    let (seen, fault) = match before.and_then(|before| Ok(after?.since(before))) {
        Ok(seen) => (seen, case.fault(&got)),
        Err(fault) => ((0, 0), Some(fault)),
    };
    Ran { got, took, frames: seen.0, missed: seen.1, fault }
}

fn line(case: &Case, ran: &Ran) -> String {
    let Ran { got, took, frames, missed, fault } = ran;
    let verdict = if fault.is_some() { " | FAILED" } else { "" };
    let took = took.as_secs_f32();
    format!("  {} | {got} | {took:.1} s | {frames} frames, missed {missed}{verdict}", case.name)
}

/// What the server holds once the healthy player is counted, which happens once a second.
async fn held_beside_one_player(server: &Server) -> Option<Holdings> {
    let counted = async {
        while server.metric("emberdrift_players").await != 1 {
            sleep(Duration::from_millis(50)).await;
        }
        server.holdings().await
    };
    timeout(SOON, counted).await.ok()
}

/// Waits until the server holds what it held before. Looks become rarer: each gives one of the threads that wait for blocking work
/// something to do, and such a thread ends after ten seconds without any.
async fn given_back(server: &Server, before: &Holdings) -> Result<(), String> {
    let (started, mut pause) = (Instant::now(), Duration::from_millis(100));
    loop {
        let now = server.holdings().await;
        if now == *before {
            return Ok(());
        }
        if started.elapsed() > GIVEN_BACK {
            return Err(format!("not given back: {now} instead of {before}"));
        }
        sleep(pause).await;
        pause = (2 * pause).min(PAUSE_MAX);
    }
}

/// What is wrong with the resident memory before the first round and after each.
fn growth(resident: &[u64]) -> Option<String> {
    let (start, last) = (*resident.first()?, *resident.last()?);
    let half = resident[resident.len() / 2];
    let is_too_much =
        half.saturating_sub(start) > FIRST_GROWTH_KIB_MAX || last.saturating_sub(half) > GROWTH_KIB_MAX;
    is_too_much.then(|| format!("memory grew: {resident:?} KiB"))
}

/// Whether the server itself can have written this line and nothing panicked: a time first, a bounded length, nothing hidden.
fn is_own_line(line: &str) -> bool {
    let time = line.split(' ').next().unwrap_or_default();
    let is_hidden = |c: char| c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c);
    // A contained panic harms one connection only, but it is a bug.
    let is_panic = line.contains("panicked");
    !is_panic
        && time.starts_with("20")
        && time.ends_with('Z')
        && line.chars().count() < 600
        && !line.contains(is_hidden)
}
