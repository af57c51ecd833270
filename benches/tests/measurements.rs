//! What is measured, measured briefly: the baseline server and its load, and the capacity measurement with these two as
//! real programs. Only counts are checked: the speed of a machine is no test.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use benches::{
    baseline::{Server, ServerPlan},
    brains::Pilot,
    capacity::{
        self, CapacityReport, EMBERDRIFT, Load, LoadRequest, PeerAt, Plan, Programs, RunError, Sweep, Trial,
    },
    client::{self, Address, INPUT_BYTES, Phase},
    report::{Outcome, markdown},
};

const PLAYERS: u32 = 20;
const FRAME_BYTES: u32 = 400;

fn baseline(frame_bytes: u32) {
    let plan = ServerPlan { listen: ([127, 0, 0, 1], 0).into(), frame_bytes: frame_bytes as usize };
    let server = Server::bind(&plan).expect("a free port");
    let address = server.address().expect("it listens");
    let stop = Arc::new(AtomicBool::new(false));
    let serving = thread::spawn({
        let stop = Arc::clone(&stop);
        move || server.run(&stop, Some(Instant::now() + Duration::from_secs(60)))
    });
    let plan = client::Plan {
        baseline: Some(frame_bytes),
        bots: PLAYERS,
        seconds: 1.0,
        ..client::Plan::new(Address {
            is_secure: false,
            authority: address.to_string(),
            path: "/".to_owned(),
        })
    };
    let mut phases = Vec::new();
    let report = client::run::<Pilot>(&plan, |phase| phases.push(phase));
    let report = report.expect("the load runs");
    stop.store(true, Ordering::Relaxed);
    let served = serving.join().expect("no panic").expect("the server runs");

    assert_eq!(phases, [Phase::Joining, Phase::Measuring, Phase::Measured]);
    assert_eq!(report.failures(), Vec::<String>::new(), "{report}");
    assert_eq!((report.players_joined, report.players_at_end), (PLAYERS, PLAYERS));
    // One more connection checked that there is a server.
    assert_eq!(served.accepted, u64::from(PLAYERS) + 1);
    assert!(served.frames >= report.frames_received, "{served:?}\n{report}");
    assert!(report.frames_received > u64::from(PLAYERS), "{report}");
    assert!(served.bytes_in > 0 && served.bytes_in.is_multiple_of(INPUT_BYTES as u64), "{served:?}");
    assert!(
        report.frame_gap_ms.p50 > Some(0.0) && report.bytes_per_player_second.mean > Some(0.0),
        "{report}"
    );
}

#[test]
fn every_player_gets_frames_and_is_read() {
    baseline(500);
}

#[test]
fn frames_larger_than_a_read_count_once() {
    baseline(100_000);
}

fn programs_folder() -> PathBuf {
    let baseline = Path::new(env!("CARGO_BIN_EXE_emberdrift-baseline"));
    baseline.parent().expect("a program is in a folder").to_owned()
}

/// A folder of this test's own, empty.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder for what is written");
    folder
}

/// A pair of the baseline and its load, for a report in this folder.
fn pair(out: &Path) -> (Command, Command, LoadRequest) {
    let programs = Programs {
        folder: programs_folder(),
        peer: PathBuf::new(),
        arenas: out.to_owned(),
        game: EMBERDRIFT.to_owned(),
    };
    let (server, bots) = programs.pair(Load::Baseline, PLAYERS, FRAME_BYTES).expect("no arena is written");
    (
        server,
        bots,
        LoadRequest {
            players: PLAYERS,
            seconds: 1.0,
            ramp: 400,
            is_secure: false,
            json: out.join("baseline.json"),
        },
    )
}

#[test]
fn baseline_is_measured_and_reported() {
    let (mut server, mut bots, request) = pair(&folder("pair"));
    let figures = capacity::measure(&mut server, &mut bots, &request, &AtomicBool::new(false));
    let figures = figures.expect("figures");
    assert_eq!((figures.load.players_joined, figures.load.players_at_end), (PLAYERS, PLAYERS), "{figures:?}");
    assert!(figures.load.frame_gap_ms.p99.is_some_and(|gap_ms| gap_ms > 0.0), "{figures:?}");
    let bytes = figures.load.bytes_per_player_second.mean;
    assert!(bytes.is_some_and(|bytes| bytes > f64::from(FRAME_BYTES)), "{figures:?}");
    // So few players may take no measurable CPU, but it is known.
    assert!(figures.cpu_us_per_client_tick.is_some() && figures.load_cpu_cores.is_some(), "{figures:?}");
    assert!(figures.rss_bytes.is_some_and(|bytes| bytes > 100_000.0), "{figures:?}");

    let trials = vec![Trial { players: PLAYERS, figures: Some(figures), failure: None }];
    let mut report = CapacityReport::default();
    report.sweeps.insert(Load::Baseline, Sweep { trials, held: None });
    report.verdict = capacity::verdict(&report);
    assert!(report.verdict.iter().all(|check| check.outcome == Outcome::NotMeasured));
    let text = markdown(&capacity::document(&report));
    assert!(text.contains("**Baseline**"), "{text}");
}

#[test]
fn failing_server_and_failing_load_are_quoted() {
    for is_server in [true, false] {
        let (mut server, mut bots, request) = pair(&folder("fails"));
        let failing = if is_server { &mut server } else { &mut bots };
        failing.arg("--no-such-flag");
        let error = capacity::measure(&mut server, &mut bots, &request, &AtomicBool::new(false));
        let error = error.expect_err("one of them fails").to_string();
        assert!(error.contains("no-such-flag"), "{error}");
    }
}

#[test]
fn missing_programs_are_named() {
    let out = folder("nothing");
    let peer = PeerAt::Missing("a test".to_owned());
    let plan = Plan { programs: out.clone(), game: EMBERDRIFT.to_owned(), out, peer, quick: true };
    let error =
        capacity::run(&plan, &AtomicBool::new(false), &mut |_| {}).expect_err("nothing is built there");
    assert!(matches!(&error, RunError::Missing(which) if which.contains("emberdrift-bots")), "{error}");
    assert!(error.to_string().contains("cargo xtask capacity"), "{error}");
}
