//! `/metrics`: the telemetry of every arena and the figures of the process, in Prometheus' text format 0.0.4. Only reads.

use std::{
    fmt::{Display, Write},
    sync::Arc,
};

use super::{
    log, process,
    telemetry::{ByLabel, Counter, Gauge, Histogram, Telemetry},
};

/// In front of the names of all metrics but the process's.
const PREFIX: &str = "emberdrift";

/// How the value of a metric is read.
enum Read {
    Counter(fn(&Telemetry) -> &Counter),
    /// Of several arenas the sum says something.
    Gauge(fn(&Telemetry) -> &Gauge),
    /// Of one arena only.
    Level(fn(&Telemetry) -> &Gauge),
    Histogram(fn(&Telemetry) -> &Histogram),
    /// By reason.
    Counters(fn(&Telemetry) -> &ByLabel<Counter>),
    /// By part.
    Histograms(fn(&Telemetry) -> &ByLabel<Histogram>),
}

/// Every metric of an arena but the game's own: name, help, and how it is read.
const METRICS: [(&str, &str, Read); 39] = [
    ("tick_seconds", "Work of one tick.", Read::Histogram(|t| &t.tick_seconds)),
    ("tick_lateness_seconds", "How late a tick began.", Read::Histogram(|t| &t.tick_lateness_seconds)),
    ("tick_rate", "Ticks a second.", Read::Level(|t| &t.tick_rate)),
    ("ticks_total", "Simulated ticks.", Read::Counter(|t| &t.ticks_total)),
    ("ticks_skipped_total", "Ticks skipped to catch up.", Read::Counter(|t| &t.ticks_skipped_total)),
    ("players", "Connected players.", Read::Gauge(|t| &t.players)),
    (
        "player_seats_taken",
        "Seats of players: connected, hidden and disconnected ones.",
        Read::Gauge(|t| &t.player_seats_taken),
    ),
    (
        "players_reconnecting",
        "Disconnected players that may reconnect.",
        Read::Gauge(|t| &t.players_reconnecting),
    ),
    ("spectators", "Connected spectators.", Read::Gauge(|t| &t.spectators)),
    ("bots", "Bots in the arena.", Read::Gauge(|t| &t.bots)),
    ("bodies", "Bodies in the arena, those of bots among them.", Read::Gauge(|t| &t.bodies)),
    ("feed_subscribers", "Subscribers of the live feed.", Read::Gauge(|t| &t.feed_subscribers)),
    (
        "reconnects_total",
        "Players that reconnected to their session.",
        Read::Counter(|t| &t.reconnects_total),
    ),
    ("frames_total", "Frames handed to connections.", Read::Counter(|t| &t.frames_total)),
    ("frame_bytes_total", "Bytes of those frames.", Read::Counter(|t| &t.frame_bytes_total)),
    ("frames_skipped_total", "Frames not made for slow readers.", Read::Counter(|t| &t.frames_skipped_total)),
    (
        "frames_contended_total",
        "Frames given up because a connection's thread was preempted while it held its queue.",
        Read::Counter(|t| &t.frames_contended_total),
    ),
    ("resyncs_total", "Slow readers brought up to date.", Read::Counter(|t| &t.resyncs_total)),
    ("cell_resyncs_total", "Cells sent again on request.", Read::Counter(|t| &t.cell_resyncs_total)),
    (
        "stalled_viewers_total",
        "Viewers disconnected for acknowledging nothing.",
        Read::Counter(|t| &t.stalled_viewers_total),
    ),
    (
        "overload_level",
        "0 normal, 1 outer cells less often, 2 smaller views, 3 reduced game, 4 no new players.",
        Read::Level(|t| &t.overload_level),
    ),
    (
        "overload_changes_total",
        "Changes of the overload level.",
        Read::Counter(|t| &t.overload_changes_total),
    ),
    ("connections", "Open sockets.", Read::Gauge(|t| &t.connections)),
    ("messages_in_total", "Messages received from clients.", Read::Counter(|t| &t.messages_in_total)),
    (
        "inputs_missed_total",
        "Ticks of players without a fresh input.",
        Read::Counter(|t| &t.inputs_missed_total),
    ),
    ("tick", "The last tick of the simulation.", Read::Level(|t| &t.tick)),
    ("inputs_dropped_total", "Messages that met a full inbox.", Read::Counter(|t| &t.inputs_dropped_total)),
    (
        "messages_over_rate_total",
        "Messages dropped because one client sent too many at once.",
        Read::Counter(|t| &t.messages_over_rate_total),
    ),
    ("snapshots_total", "Snapshots written to the disk.", Read::Counter(|t| &t.snapshots_total)),
    (
        "snapshots_skipped_total",
        "Snapshots not taken because the one before was still being written.",
        Read::Counter(|t| &t.snapshots_skipped_total),
    ),
    (
        "snapshots_failed_total",
        "Snapshots that could not be written.",
        Read::Counter(|t| &t.snapshots_failed_total),
    ),
    (
        "snapshot_is_failing",
        "1 while the last snapshot could not be written.",
        Read::Level(|t| &t.snapshot_is_failing),
    ),
    (
        "snapshot_time_seconds",
        "When the newest snapshot was written, in Unix time; 0 for never.",
        Read::Level(|t| &t.snapshot_time_seconds),
    ),
    ("snapshot_bytes", "Size of the newest snapshot.", Read::Level(|t| &t.snapshot_bytes)),
    (
        "snapshot_tick_seconds",
        "What a snapshot takes of its tick.",
        Read::Histogram(|t| &t.snapshot_tick_seconds),
    ),
    ("refused_total", "Sockets and requests turned away.", Read::Counters(|t| &t.refused)),
    ("closed_total", "WebSockets that ended.", Read::Counters(|t| &t.closed)),
    (
        "lag_seconds",
        "Parts of the delay from a key press to its effect on the screen.",
        Read::Histograms(|t| &t.lag),
    ),
    ("start_time_seconds", "When the arena started, in Unix time.", Read::Level(|t| &t.start_time_seconds)),
];

/// Rooms, which come and go, and so have no series of their own.
#[derive(Debug, Default)]
pub struct RoomTelemetry {
    /// Rooms that tick.
    pub awake: usize,
    /// Rooms that do not.
    pub asleep: usize,
    /// Of the rooms that tick, and of all those that no longer do.
    pub parts: Vec<Arc<Telemetry>>,
}

/// Adds what `ended` has counted to `all`.
pub fn retire(all: &Telemetry, ended: &Telemetry) {
    for (.., read) in &METRICS {
        match read {
            Read::Counter(read) => read(all).add(read(ended).get()),
            Read::Histogram(read) => read(all).absorb(read(ended)),
            Read::Counters(read) => {
                let pairs = read(all).iter().zip(read(ended).iter());
                pairs.for_each(|((_, all), (_, ended))| all.add(ended.get()));
            }
            Read::Histograms(read) => {
                let pairs = read(all).iter().zip(read(ended).iter());
                pairs.for_each(|((_, all), (_, ended))| all.absorb(ended));
            }
            Read::Gauge(_) | Read::Level(_) => {}
        }
    }
}

/// The telemetry behind one series: that of an arena, or of all rooms together.
struct Series<'a> {
    labels: String,
    parts: Vec<&'a Telemetry>,
    is_one_arena: bool,
}

/// A figure of the whole server: its name, its kind, its help and its value.
pub type Figure = (&'static str, &'static str, &'static str, u64);

/// The page. Each arena comes with its label, which needs no escaping; all rooms together have the label `rooms`.
pub fn page<'a>(
    arenas: impl Iterator<Item = (&'a str, &'a Telemetry)>,
    rooms: Option<&'a RoomTelemetry>,
    figures: &[Figure],
) -> String {
    let labels = |arena| format!("arena=\"{arena}\"");
    let of_arena =
        |(arena, telemetry)| Series { labels: labels(arena), parts: vec![telemetry], is_one_arena: true };
    let of_rooms = |rooms: &'a RoomTelemetry| Series {
        labels: labels("rooms"),
        parts: rooms.parts.iter().map(|part| &**part).collect(),
        is_one_arena: false,
    };
    let series: Vec<_> = arenas.map(of_arena).chain(rooms.map(of_rooms)).collect();
    let mut page = Page::default();
    page.family(&format!("{PREFIX}_build_info"), "gauge", "What is running.");
    page.sample(&format!("{PREFIX}_build_info"), concat!("version=\"", env!("CARGO_PKG_VERSION"), "\""), 1);
    for (name, help, read) in &METRICS {
        page.metric(&format!("{PREFIX}_{name}"), help, read, &series);
    }
    // All arenas are of one game.
    let of_game = series.first().and_then(|first| first.parts.first()).map(|part| part.game.as_slice());
    for (at, (info, _)) in of_game.unwrap_or_default().iter().enumerate() {
        let name = format!("{PREFIX}_{}", info.name);
        page.family(&name, "gauge", info.help);
        for Series { labels, parts, .. } in &series {
            page.sample(&name, labels, parts.iter().map(|part| part.game[at].1.get()).sum::<u64>());
        }
    }
    if let Some(rooms) = rooms {
        let name = format!("{PREFIX}_rooms");
        page.family(&name, "gauge", "Rooms that players have made.");
        for (state, count) in [("awake", rooms.awake), ("asleep", rooms.asleep)] {
            page.sample(&name, &format!("state=\"{state}\""), count);
        }
    }
    for (name, kind, help, value) in figures {
        let name = format!("{PREFIX}_{name}");
        page.family(&name, kind, help);
        page.sample(&name, "", value);
    }
    let name = format!("{PREFIX}_log_lines_dropped_total");
    page.family(
        &name,
        "counter",
        "Log lines that were not written because the log's reader was too slow or gone.",
    );
    page.sample(&name, "", log::dropped_lines());
    for figure in process::figures() {
        page.family(figure.name, figure.kind, figure.help);
        page.sample(figure.name, "", figure.value);
    }
    page.0
}

fn sum(parts: &[&Telemetry], read: impl Fn(&Telemetry) -> u64) -> u64 {
    parts.iter().map(|part| read(part)).sum()
}

#[derive(Default)]
struct Page(String);

impl Page {
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        self.line(format_args!("# HELP {name} {help}"));
        self.line(format_args!("# TYPE {name} {kind}"));
    }

    fn sample(&mut self, name: &str, labels: &str, value: impl Display) {
        match labels {
            "" => self.line(format_args!("{name} {value}")),
            labels => self.line(format_args!("{name}{{{labels}}} {value}")),
        }
    }

    fn line(&mut self, line: std::fmt::Arguments<'_>) {
        // Writing to a string does not fail.
        let _ = writeln!(self.0, "{line}");
    }

    fn metric(&mut self, name: &str, help: &str, read: &Read, series: &[Series<'_>]) {
        let kind = match read {
            Read::Counter(_) | Read::Counters(_) => "counter",
            Read::Gauge(_) | Read::Level(_) => "gauge",
            Read::Histogram(_) | Read::Histograms(_) => "histogram",
        };
        self.family(name, kind, help);
        for Series { labels, parts, is_one_arena } in series {
            match read {
                Read::Counter(read) => self.sample(name, labels, sum(parts, |part| read(part).get())),
                Read::Gauge(read) => self.sample(name, labels, sum(parts, |part| read(part).get())),
                Read::Level(_) if !is_one_arena => {}
                Read::Level(read) => self.sample(name, labels, sum(parts, |part| read(part).get())),
                Read::Histogram(read) => self.histogram(name, labels, parts.iter().map(|part| read(part))),
                Read::Counters(read) => {
                    let Some((first, others)) = parts.split_first() else { continue };
                    for (at, (reason, counter)) in read(first).iter().enumerate() {
                        let of_others =
                            sum(others, |part| read(part).iter().nth(at).map_or(0, |(_, it)| it.get()));
                        self.sample(
                            name,
                            &format!("{labels},reason=\"{reason}\""),
                            counter.get() + of_others,
                        );
                    }
                }
                Read::Histograms(read) => {
                    let Some(first) = parts.first() else { continue };
                    for (at, (name_of_part, _)) in read(first).iter().enumerate() {
                        let of_all = parts.iter().filter_map(|part| Some(read(part).iter().nth(at)?.1));
                        self.histogram(name, &format!("{labels},part=\"{name_of_part}\""), of_all);
                    }
                }
            }
        }
    }

    fn histogram<'a>(&mut self, name: &str, labels: &str, mut parts: impl Iterator<Item = &'a Histogram>) {
        let Some(first) = parts.next() else { return };
        let histogram = first.empty();
        std::iter::once(first).chain(parts).for_each(|part| histogram.absorb(part));
        for (bound, count) in histogram.cumulative() {
            self.sample(&format!("{name}_bucket"), &format!("{labels},le=\"{bound}\""), count);
        }
        let count = histogram.count();
        self.sample(&format!("{name}_bucket"), &format!("{labels},le=\"+Inf\""), count);
        self.sample(&format!("{name}_sum"), labels, histogram.sum_seconds());
        self.sample(&format!("{name}_count"), labels, count);
    }
}

#[cfg(test)]
mod tests;
