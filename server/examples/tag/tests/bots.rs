//! Load bots play tag on its real server, over real sockets.

use std::{
    path::Path,
    process::Command,
    sync::atomic::AtomicBool,
    time::{Duration, Instant},
};

use benches::{
    brains::{Pilot, TagBrain},
    client::{self, Address, Encoding, LoadReport, Phase, Plan, Scenario},
    process::{Process, command},
};

const BOTS: u32 = 12;
const STARTS_WITHIN: Duration = Duration::from_secs(60);

/// A server of tag, which ends with this, and a plan for bots that join it.
fn server(name: &str) -> (Process, Plan) {
    let mut program: Command = command(env!("CARGO_BIN_EXE_tag-server"));
    program.args(["--listen", "127.0.0.1:0", "--bots", "4"]);
    let log = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.txt"));
    let mut process = Process::start("tag-server", &mut program, &log).expect("it starts");
    let listens = process.address(STARTS_WITHIN, &AtomicBool::new(false)).expect("it listens");
    let address = Address { is_secure: false, authority: listens.to_string(), path: "/ws".to_owned() };
    (process, Plan { bots: BOTS, seconds: 2.0, ..Plan::new(address) })
}

fn assert_played(report: &LoadReport) {
    assert_eq!(report.failures(), Vec::<String>::new(), "{report}");
    assert_eq!((report.players_joined, report.players_at_end), (BOTS, BOTS), "{report}");
    assert!(report.input_to_ack_ms.p50 > Some(0.0) && report.disconnects.is_empty(), "{report}");
}

#[test]
fn full_and_lite_bots_play_and_every_checksum_agrees() {
    let (_server, plan) = server("bots");
    for encoding in [Encoding::Bincode, Encoding::Json] {
        let plan = Plan { full: Some(BOTS / 2), encoding, ..plan.clone() };
        let report = client::run::<TagBrain>(&plan, |_| ()).expect("a report");
        assert_played(&report);
        assert_eq!((report.bots.full, report.bots.lite), (BOTS / 2, BOTS / 2));
        assert!(report.visible_bodies.mean > Some(0.0), "{report}");
        assert!(report.server.as_ref().is_some_and(|server| server.ticks > Some(20.0)), "{report}");
    }
}

#[test]
fn bots_leave_and_are_replaced() {
    let (_server, plan) = server("churn");
    let report = client::run::<TagBrain>(&Plan { churn: Some(20.0), ..plan }, |_| ()).expect("a report");
    assert_eq!(report.failures(), Vec::<String>::new(), "{report}");
    assert!(report.leaves > 0 && report.players_joined == BOTS, "{report}");
}

#[test]
fn crowd_of_bots_without_roles_is_measured_at_once() {
    let (_server, plan) = server("crowd");
    let (mut phases, began) = (Vec::new(), Instant::now());
    let plan = Plan { scenario: Scenario::Crowd, ..plan };
    assert_played(&client::run::<TagBrain>(&plan, |phase| phases.push(phase)).expect("a report"));
    assert_eq!(phases, [Phase::Joining, Phase::Gathering, Phase::Measuring, Phase::Measured]);
    // Gathering may take a minute.
    assert!(began.elapsed() < Duration::from_secs(40));
}

#[test]
fn bots_of_another_game_end_with_one_error() {
    let (_server, plan) = server("other");
    let error = client::run::<Pilot>(&plan, |_| ()).expect_err("they play another game").to_string();
    assert!(error.contains("another game") && error.contains("which play emberdrift"), "{error}");
    // The server goes on.
    assert_played(&client::run::<TagBrain>(&plan, |_| ()).expect("a report"));
}
