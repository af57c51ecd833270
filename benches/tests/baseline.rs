//! The baseline server and its load against each other. Only counts are checked: the speed of a machine is no test.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use benches::{
    baseline::{Server, ServerPlan},
    client::{self, Address, INPUT_BYTES, Phase, Plan, Target},
};

const PLAYERS: u32 = 20;

fn run(frame_bytes: usize) {
    let plan = ServerPlan { listen: ([127, 0, 0, 1], 0).into(), frame_bytes, tick_rate: 20 };
    let server = Server::bind(&plan).expect("a free port");
    let address = server.address().expect("it listens");
    let stop = Arc::new(AtomicBool::new(false));
    let serving = thread::spawn({
        let stop = Arc::clone(&stop);
        move || server.run(&stop, Some(Instant::now() + Duration::from_secs(60)))
    });
    let plan = Plan {
        target: Target::Baseline { frame_bytes, tick_rate: 20 },
        bots: PLAYERS,
        seconds: 1.0,
        ..Plan::new(Address { authority: address.to_string(), path: "/".to_owned() })
    };
    let mut phases = Vec::new();
    let report = client::run(&plan, |phase| phases.push(phase));
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
    run(500);
}

#[test]
fn frames_larger_than_a_read_count_once() {
    run(100_000);
}
