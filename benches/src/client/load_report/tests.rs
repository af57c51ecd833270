//! From the records of connections to the figures of a report.

use super::*;

fn record(frames: u64, end: End) -> ConnectionRecord {
    ConnectionRecord {
        first: true,
        slow: false,
        joined: frames > 0,
        end,
        played_seconds: 10.0,
        frames,
        bytes: frames * 100,
        checksum_mismatches: 0,
    }
}

fn plan(bots: u32) -> Plan {
    Plan { bots, ..Plan::new("ws://localhost:1".parse().unwrap()) }
}

fn report(requested: u32, connections: Vec<ConnectionRecord>) -> LoadReport {
    let frames: u64 = connections.iter().map(|record| record.frames).sum();
    let measured =
        Measured { full_frames: frames, bodies_sum: frames * 7, bodies_max: 9, ..Measured::default() };
    let mut report = LoadReport::new(&plan(requested));
    report.add_results(&Results { connections, measured });
    report
}

fn lost(reason: &str) -> End {
    End::Lost(reason.to_owned())
}

fn reasons(reason: &str) -> Disconnects {
    [(reason.to_owned(), 1)].into()
}

#[test]
fn rates_are_each_bots_own() {
    let report = report(3, vec![record(300, End::Left), record(200, End::Left), record(0, lost("full"))]);
    assert_eq!((report.players_joined, report.frames_received), (2, 500));
    assert_eq!(report.frames_per_player_second.p50, Some(20.0));
    assert_eq!((report.visible_bodies.mean, report.visible_bodies.max), (Some(7.0), Some(9.0)));
    assert_eq!(report.disconnects, reasons("full"));
    assert_eq!(report.failures(), ["1 of 3 players did not get in"]);
    assert_eq!(report.exit_code(), 1);
}

#[test]
fn slow_readers_are_counted_apart() {
    let slow = |frames, end| ConnectionRecord { slow: true, ..record(frames, end) };
    let connections = vec![
        record(200, End::Left),
        slow(20, lost("slow_reader")),
        slow(30, End::Left),
        slow(0, lost("full")),
    ];
    let report = report(4, connections);
    assert_eq!(report.frames_received, 200);
    assert_eq!(report.stalled.closed, reasons("slow_reader"));
    // A slow reader that did not even join is a failure like any other.
    assert_eq!(report.disconnects, reasons("full"));
    assert_eq!(report.failures(), ["1 of 4 players did not get in"]);
}

#[test]
fn replacements_are_no_further_players() {
    let later = |frames, end| ConnectionRecord { first: false, ..record(frames, end) };
    let connections = vec![record(100, End::Left), later(100, lost("idle_timeout")), later(0, lost("full"))];
    let report = report(1, connections);
    assert_eq!((report.players_joined, report.players_lost, report.joins_failed), (1, 1, 1));
    assert_eq!(
        report.failures(),
        ["1 replacements did not get in", "1 players were disconnected while they played"]
    );
}

#[test]
fn run_of_late_bots_is_not_valid() {
    let with_lateness = |ms: f64| {
        let mut measured = Measured::default();
        (0..100).for_each(|_| measured.lateness.add_ms(ms));
        let mut report = LoadReport { tick_rate: 20, ..LoadReport::new(&plan(0)) };
        report.add_results(&Results { connections: Vec::new(), measured });
        report
    };
    assert_eq!(with_lateness(20.0).exit_code(), 0);
    let late = with_lateness(30.0);
    assert_eq!((late.exit_code(), late.failures()), (3, Vec::new()));
    assert!(late.invalid_because[0].contains("half a tick"), "{late}");
}
