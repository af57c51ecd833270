//! From lives to figures.

use super::{super::record::Measured, *};

fn life(frames: u64, end: End) -> Life {
    Life {
        first: true,
        stalled: false,
        joined: frames > 0,
        end,
        played_seconds: 10.0,
        frames,
        bytes: frames * 100,
        checksum_mismatches: 0,
    }
}

fn report(requested: u32, at_end: u32, lives: Vec<Life>) -> Report {
    let frames: u64 = lives.iter().map(|life| life.frames).sum();
    let measured =
        Measured { full_frames: frames, ships_sum: frames * 7, ships_max: 9, ..Measured::default() };
    let facts = Facts { requested, at_end, full: requested, ..Facts::default() };
    Report::new(facts, vec![Outcome { lives, measured }])
}

fn lost(reason: &str) -> End {
    End::Lost(reason.to_owned())
}

#[test]
fn rates_are_each_bots_own() {
    let report = report(3, 2, vec![life(300, End::Left), life(200, End::Left), life(0, lost("full"))]);
    assert_eq!((report.players_joined, report.frames_received), (2, 500));
    assert_eq!(report.frames_per_player_second.p50, 20.0);
    assert_eq!(report.visible_ships.mean, 7.0);
    assert_eq!(report.disconnects, Disconnects::from([("full".to_owned(), 1)]));
    assert_eq!(report.failures(), ["1 of 3 players did not get in"]);
}

#[test]
fn who_did_not_read_is_counted_apart() {
    let stalled = |frames, end| Life { stalled: true, ..life(frames, end) };
    let lives = vec![
        life(200, End::Left),
        stalled(20, lost("slow_reader")),
        stalled(30, End::Left),
        stalled(0, lost("full")),
    ];
    let report = report(4, 2, lives);
    assert_eq!(report.frames_received, 200);
    assert_eq!(report.stalled.closed, Disconnects::from([("slow_reader".to_owned(), 1)]));
    // One that did not even get in is a failure like any other.
    assert_eq!(report.disconnects, Disconnects::from([("full".to_owned(), 1)]));
    assert_eq!(report.failures(), ["1 of 4 players did not get in"]);
}

#[test]
fn later_lives_are_no_further_players() {
    let later = |frames, end| Life { first: false, ..life(frames, end) };
    let lives = vec![life(100, End::Left), later(100, lost("idle_timeout")), later(0, lost("full"))];
    let report = report(1, 0, lives);
    assert_eq!((report.players_joined, report.players_lost, report.joins_failed), (1, 1, 1));
    assert_eq!(
        report.failures(),
        ["1 players who came later did not get in", "1 players were disconnected while they played"]
    );
}

#[test]
fn a_run_whose_bots_are_late_is_not_valid() {
    let with_lateness = |ms: f64| {
        let mut measured = Measured::default();
        (0..100).for_each(|_| measured.lateness.add_ms(ms));
        let facts = Facts { tick_rate: 20, ..Facts::default() };
        Report::new(facts, vec![Outcome { lives: Vec::new(), measured }])
    };
    assert!(with_lateness(20.0).valid);
    let late = with_lateness(30.0);
    assert!(!late.valid && late.failures().is_empty());
    assert!(late.invalid_because[0].contains("half a tick"), "{late}");
}

#[test]
fn the_json_has_the_measures_by_name() {
    let mut report = report(0, 0, Vec::new());
    report.server = Some(ServerFigures::default());
    report.timeline.push(Second::default());
    let json = serde_json::to_value(report).unwrap();
    for path in [
        "/players_requested",
        "/players_joined",
        "/players_at_end",
        "/frames_received",
        "/frames_per_player_second/p1",
        "/frames_per_player_second/p50",
        "/frame_gap_ms/p50",
        "/frame_gap_ms/p99",
        "/frame_gap_ms/max",
        "/bytes_per_player_second/mean",
        "/bytes_per_player_second/p99",
        "/visible_ships/mean",
        "/visible_ships/max",
        "/input_to_ack_ms/p50",
        "/input_to_ack_ms/p99",
        "/corrected_frames_percent",
        "/checksum_mismatches",
        "/disconnects",
        "/scenario",
        "/tick_rate",
        "/seconds",
        "/bots/full",
        "/bots/light",
        "/bots/lateness_ms/p50",
        "/bots/lateness_ms/p99",
        "/bots/lateness_ms/max",
        "/bots/cpu_seconds",
        "/bots/cpu_cores",
        "/bytes_per_moving_ship",
        "/joins",
        "/leaves",
        "/stalled/count",
        "/stalled/closed",
        "/valid",
        "/invalid_because",
        "/frame_gap_curve_ms",
        "/timeline/0/second",
        "/timeline/0/players",
        "/timeline/0/frames_per_second",
        "/timeline/0/bytes_per_second",
        "/timeline/0/gap_p99_ms",
        "/server/seconds",
        "/server/cpu_seconds",
        "/server/cpu_us_per_client_tick",
        "/server/rss_bytes_start",
        "/server/rss_bytes_end",
        "/server/rss_bytes_max",
        "/server/tick_ms",
        "/server/tick_lateness_p99_ms",
        "/server/ticks",
        "/server/frames_skipped",
        "/server/resyncs",
        "/server/overload_stage_max",
    ] {
        assert!(json.pointer(path).is_some(), "{path}");
    }
}
