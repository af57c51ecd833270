//! What stands on the page of metrics.

use std::{collections::BTreeSet, time::Duration};

use super::*;
use crate::engine::{records::RecordCounters, telemetry::GameGauge};

const GAME: GameGauge = GameGauge { name: "balls", help: "Balls in the air." };

fn lines_of(page: &str, name: &str) -> Vec<String> {
    page.lines().filter(|line| line.contains(name)).map(str::to_owned).collect()
}

#[test]
fn families_are_written_once_with_every_arena() {
    let (a, b) = (Telemetry::new(&[GAME]), Telemetry::new(&[GAME]));
    a.players.set(5);
    b.game[0].1.set(3);
    let page = page([("a", &a), ("b-c", &b)].into_iter(), None, &[]);
    assert_eq!(
        lines_of(&page, "emberdrift_players{"),
        ["emberdrift_players{arena=\"a\"} 5", "emberdrift_players{arena=\"b-c\"} 0"]
    );
    assert_eq!(
        lines_of(&page, "emberdrift_balls"),
        [
            "# HELP emberdrift_balls Balls in the air.",
            "# TYPE emberdrift_balls gauge",
            "emberdrift_balls{arena=\"a\"} 0",
            "emberdrift_balls{arena=\"b-c\"} 3"
        ]
    );
    let types: Vec<_> = page.lines().filter(|line| line.starts_with("# TYPE")).collect();
    assert_eq!(types.len(), types.iter().collect::<BTreeSet<_>>().len());
}

#[test]
fn rooms_are_one_series_that_keeps_what_ended_rooms_counted() {
    let (arena, retired, ended) = (Telemetry::new(&[GAME]), Telemetry::new(&[GAME]), Telemetry::new(&[GAME]));
    for telemetry in [&arena, &ended] {
        telemetry.ticks_total.add(7);
        telemetry.players.set(2);
        telemetry.tick_rate.set(30);
        telemetry.tick_seconds.observe(Duration::from_millis(3));
        telemetry.closed.get("peer").add(4);
    }
    retire(&retired, &ended);
    let parts = vec![Arc::new(retired), Arc::new(ended)];
    let rooms = RoomTelemetry { awake: 1, asleep: 3, parts };
    let page = page([("a", &arena)].into_iter(), Some(&rooms), &[]);
    for line in [
        "emberdrift_ticks_total{arena=\"a\"} 7",
        "emberdrift_ticks_total{arena=\"rooms\"} 14",
        "emberdrift_players{arena=\"rooms\"} 2",
        "emberdrift_balls{arena=\"rooms\"} 0",
        "emberdrift_tick_seconds_count{arena=\"rooms\"} 2",
        "emberdrift_closed_total{arena=\"rooms\",reason=\"peer\"} 8",
        "emberdrift_rooms{state=\"awake\"} 1",
        "emberdrift_rooms{state=\"asleep\"} 3",
    ] {
        assert!(page.lines().any(|own| own == line), "no {line} in:\n{page}");
    }
    assert!(!page.contains("emberdrift_tick_rate{arena=\"rooms\"}"), "rooms have no rate together");
}

#[test]
fn histograms_have_buckets_a_sum_and_a_count() {
    let telemetry = Telemetry::new(&[]);
    telemetry.tick_seconds.observe(Duration::from_micros(200));
    telemetry.tick_seconds.observe(Duration::from_secs(3));
    let page = page([("a", &telemetry)].into_iter(), None, &[]);
    for line in [
        "# TYPE emberdrift_tick_seconds histogram",
        "emberdrift_tick_seconds_bucket{arena=\"a\",le=\"0.0001\"} 0",
        "emberdrift_tick_seconds_bucket{arena=\"a\",le=\"0.0002\"} 1",
        "emberdrift_tick_seconds_bucket{arena=\"a\",le=\"0.5\"} 1",
        "emberdrift_tick_seconds_bucket{arena=\"a\",le=\"+Inf\"} 2",
        "emberdrift_tick_seconds_sum{arena=\"a\"} 3.0002",
        "emberdrift_tick_seconds_count{arena=\"a\"} 2",
        "emberdrift_lag_seconds_count{arena=\"a\",part=\"network\"} 0",
        "emberdrift_closed_total{arena=\"a\",reason=\"peer\"} 0",
        "emberdrift_refused_total{arena=\"a\",reason=\"origin\"} 0",
    ] {
        assert!(page.lines().any(|own| own == line), "no {line} in:\n{page}");
    }
}

#[test]
fn build_and_process_stand_on_the_page() {
    let telemetry = Telemetry::new(&[]);
    let page = page([("a", &telemetry)].into_iter(), None, &[]);
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(
        lines_of(&page, "emberdrift_build_info{"),
        [format!("emberdrift_build_info{{version=\"{version}\"}} 1")]
    );
    for name in ["process_cpu_seconds_total", "process_start_time_seconds"] {
        let lines = lines_of(&page, &format!("\n{name} ").replace('\n', ""));
        assert!(lines.iter().any(|line| line.starts_with(name)), "{name}");
    }
}

#[test]
fn records_stand_on_the_page_of_a_server_that_keeps_them() {
    let (telemetry, records) = (Telemetry::new(&[]), RecordCounters::default());
    records.written_total.add(7);
    records.pending.set(3);
    let arenas = || [("a", &telemetry)].into_iter();
    let page = |figures: &[Figure]| page(arenas(), None, figures);
    for line in [
        "# TYPE emberdrift_records_written_total counter",
        "emberdrift_records_written_total 7",
        "emberdrift_records_dropped_total 0",
        "emberdrift_records_pending 3",
        "emberdrift_records_delayed 0",
    ] {
        let page = page(&records.figures());
        assert!(page.lines().any(|own| own == line), "no {line} in:\n{page}");
    }
    assert!(!page(&[]).contains("emberdrift_records"));
}
