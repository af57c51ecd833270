//! The report as a table for a terminal.

use std::fmt;

use super::{Percentiles, Report};

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut line = |name: &str, text: String| writeln!(f, "{name:<26} {text}");
        line(
            "players",
            format!(
                "{} requested  {} joined  {} at the end",
                self.players_requested, self.players_joined, self.players_at_end
            ),
        )?;
        let bots = &self.bots;
        line(
            "bots",
            format!(
                "{} whole  {} light  {} at {} Hz",
                bots.full,
                bots.light,
                self.scenario.name(),
                self.tick_rate
            ),
        )?;
        if let Some(link) = &self.link {
            line("link", link.clone())?;
        }
        if self.joins + self.leaves + u64::from(self.joins_failed) > 0 {
            let failed = self.joins_failed;
            line(
                "came and went",
                format!("{} left  {} joined  {failed} failed to", self.leaves, self.joins),
            )?;
        }
        line("frames received", self.frames_received.to_string())?;
        line("frames per player-second", all(self.frames_per_player_second))?;
        line("frame gap, ms", all(self.frame_gap_ms))?;
        let bytes = self.bytes_per_player_second;
        line(
            "kB per player-second",
            format!("mean {:.1}  p99 {:.1}", bytes.mean / 1000.0, bytes.p99.unwrap_or(0.0) / 1000.0),
        )?;
        if bots.full > 0 {
            let ships = self.visible_ships;
            line("ships in view", format!("mean {:.1}  max {}", ships.mean, ships.max.unwrap_or(0.0)))?;
        }
        if let Some(bytes) = self.bytes_per_moving_ship {
            line("bytes per moving ship", format!("{bytes:.1}"))?;
        }
        line("input to answer, ms", all(self.input_to_ack_ms))?;
        if bots.full > 0 {
            line("corrected frames", format!("{:.2} %", self.corrected_frames_percent))?;
            line("checksum mismatches", self.checksum_mismatches.to_string())?;
        }
        for (reason, count) in &self.disconnects {
            line("disconnected", format!("{count} × {reason}"))?;
        }
        if self.stalled.count > 0 {
            let closed = self.stalled.closed.iter().map(|(reason, count)| format!("  {count} × {reason}"));
            line("did not read", format!("{}{}", self.stalled.count, closed.collect::<String>()))?;
        }
        line("bots late by, ms", all(bots.lateness_ms))?;
        line(
            "bots' CPU",
            format!(
                "{:.1} s  {:.2} cores  {:.1} µs per client-tick",
                bots.cpu_seconds, bots.cpu_cores, bots.cpu_us_per_client_tick
            ),
        )?;
        self.server_lines(&mut line)?;
        for reason in &self.invalid_because {
            line("not valid", reason.clone())?;
        }
        Ok(())
    }
}

impl Report {
    fn server_lines(&self, line: &mut impl FnMut(&str, String) -> fmt::Result) -> fmt::Result {
        let Some(server) = &self.server else {
            return line("server", "tells nothing of itself".to_owned());
        };
        if let (Some(cpu), Some(per_tick)) = (server.cpu_seconds, server.cpu_us_per_client_tick) {
            let cores = cpu / server.seconds.max(1e-9);
            line("server CPU", format!("{cpu:.1} s  {cores:.2} cores  {per_tick:.1} µs per client-tick"))?;
        }
        if let Some(tick) = server.tick_ms {
            line(
                "server tick, ms",
                format!("p50 {:.2}  p99 {:.2}  p99.9 {:.2}", tick.p50, tick.p99, tick.p999),
            )?;
        }
        if let (Some(start), Some(end), Some(most)) =
            (server.rss_bytes_start, server.rss_bytes_end, server.rss_bytes_max)
        {
            let mb = |bytes: f64| format!("{:.1}", bytes / 1e6);
            line("server memory, MB", format!("{} to {}  max {}", mb(start), mb(end), mb(most)))?;
        }
        if let Some(skipped) = server.frames_skipped.filter(|skipped| *skipped > 0.0) {
            let resyncs = server.resyncs.unwrap_or(0.0);
            line("frames not made", format!("{skipped}  readers brought back in step {resyncs}"))?;
        }
        Ok(())
    }
}

fn all(p: Percentiles) -> String {
    let named = [("p1", p.p1), ("p50", Some(p.p50)), ("p99", p.p99), ("max", p.max)];
    let known = named.into_iter().filter_map(|(name, value)| Some(format!("{name} {:.1}", value?)));
    known.collect::<Vec<_>>().join("  ")
}
