//! The measurement of capacity with real programs: the floor's, which are small. Only counts and shapes: how fast a
//! machine is, no test may ask.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::AtomicBool,
};

use benches::capacity::{
    self, Attempt, Ladder, Outcome, Part, PeerAt, Plan, Programs, Report, RunError, Wish,
};

const PLAYERS: u32 = 20;
const FRAME_BYTES: u32 = 400;

fn programs_folder() -> PathBuf {
    let floor = Path::new(env!("CARGO_BIN_EXE_emberdrift-floor"));
    floor.parent().expect("a program is in a folder").to_owned()
}

/// A folder of this test's own, empty.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder for what is written");
    folder
}

fn wish(json: PathBuf) -> Wish {
    Wish { players: PLAYERS, seconds: 1.0, ramp: 400, tick_rate: 20, json }
}

#[test]
fn the_floors_pair_is_measured_and_reported() {
    let (programs, stop) = (Programs::in_folder(&programs_folder()), AtomicBool::new(false));
    let wish = wish(folder("pair").join("floor.json"));
    let figures = capacity::measure(
        &mut programs.floor_server(FRAME_BYTES, wish.tick_rate),
        |address| programs.floor_load(address, FRAME_BYTES, &wish),
        &wish,
        &stop,
    )
    .expect("figures");
    assert_eq!((figures.joined, figures.at_end), (PLAYERS, PLAYERS), "{figures:?}");
    assert!(figures.frame_gap_ms.p99.is_some_and(|gap_ms| gap_ms > 0.0), "{figures:?}");
    assert!(
        figures.bytes_per_player_second.is_some_and(|bytes| bytes > f64::from(FRAME_BYTES)),
        "{figures:?}"
    );
    // So few players may take no measurable time, but what was taken is known.
    assert!(figures.cpu_us_per_client_tick.is_some() && figures.load_cpu_cores.is_some(), "{figures:?}");
    assert!(figures.rss_bytes.is_some_and(|bytes| bytes > 100_000.0), "{figures:?}");

    let attempts = vec![Attempt { players: PLAYERS, figures: Some(figures), failure: None }];
    let mut report = Report { floor: Ladder { attempts, held: None }, ..Report::default() };
    report.verdict = capacity::judge(&report);
    assert!(report.verdict.iter().all(|judged| judged.outcome == Outcome::NotMeasured));
    assert!(capacity::markdown(&report).contains("**The floor**"));
    assert!(capacity::page(&report).contains("floor: "));
}

#[test]
fn a_server_that_does_not_start_and_a_load_that_fails_are_told() {
    let (programs, stop) = (Programs::in_folder(&programs_folder()), AtomicBool::new(false));
    let wish = wish(folder("fails").join("floor.json"));
    let load = |address| programs.floor_load(address, FRAME_BYTES, &wish);
    let mut server = programs.floor_server(FRAME_BYTES, 20);
    server.arg("--no-such-flag");
    let error = capacity::measure(&mut server, load, &wish, &stop).expect_err("it cannot start");
    assert!(error.to_string().contains("no-such-flag"), "{error}");

    let load = |address| {
        let mut load = programs.floor_load(address, FRAME_BYTES, &wish);
        load.arg("--no-such-flag");
        load
    };
    let mut server = programs.floor_server(FRAME_BYTES, 20);
    let error = capacity::measure(&mut server, load, &wish, &stop).expect_err("it cannot measure");
    assert!(error.to_string().contains("no-such-flag"), "{error}");
}

#[test]
fn without_programs_there_is_nothing_to_run() {
    let out = folder("nothing");
    let plan = Plan {
        programs: out.clone(),
        out,
        peer: PeerAt::Missing("a test".to_owned()),
        only: vec![Part::Peer],
        quick: true,
        seconds: Some(1.0),
    };
    let error =
        capacity::run(&plan, &AtomicBool::new(false), &mut |_| {}).expect_err("nothing is built there");
    assert!(matches!(&error, RunError::Missing(which) if which.contains("emberdrift-bots")), "{error}");
    assert!(error.to_string().contains("cargo xtask capacity"), "{error}");
}
