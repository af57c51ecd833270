//! The floor's two halves against one another. Only counts: how fast a machine is, no test may ask.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use benches::floor::{self, INPUT_BYTES, LoadPlan, Phase, Server, ServerPlan};

const PLAYERS: u32 = 20;

fn run(frame_bytes: usize, threads: u16) {
    let plan = ServerPlan { listen: ([127, 0, 0, 1], 0).into(), frame_bytes, tick_rate: 20 };
    let server = Server::bind(&plan).expect("a free port");
    let address = server.address().expect("it listens");
    let stop = Arc::new(AtomicBool::new(false));
    let serving = thread::spawn({
        let stop = Arc::clone(&stop);
        move || server.run(&stop, Some(Instant::now() + Duration::from_secs(60)))
    });
    let plan = LoadPlan {
        address,
        players: PLAYERS,
        frame_bytes,
        tick_rate: 20,
        seconds: 1.0,
        ramp: "500/s".parse().expect("a ramp"),
        threads,
    };
    let mut phases = Vec::new();
    let report = floor::load(&plan, |phase| phases.push(phase)).expect("the load runs");
    stop.store(true, Ordering::Relaxed);
    let served = serving.join().expect("no panic").expect("the server runs");

    assert_eq!(phases, [Phase::Measuring, Phase::Measured]);
    assert_eq!(report.failures(), Vec::<String>::new(), "{report}");
    assert_eq!((report.players_joined, report.players_at_end), (PLAYERS, PLAYERS));
    assert_eq!(served.accepted, u64::from(PLAYERS));
    assert!(served.frames >= report.frames_received, "{served:?}\n{report}");
    assert!(report.frames_received > u64::from(PLAYERS), "{report}");
    assert!(served.bytes_in > 0 && served.bytes_in.is_multiple_of(INPUT_BYTES as u64), "{served:?}");
    assert!(report.frame_gap_ms.p50 > 0.0 && report.bytes_per_player_second.mean > 0.0, "{report}");
}

#[test]
fn everybody_gets_frames_and_is_read() {
    run(500, 1);
}

#[test]
fn frames_larger_than_a_read_are_counted_as_one_each() {
    run(100_000, 2);
}
