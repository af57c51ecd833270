//! From what a load wrote and what its server used to one step's figures. It reads the reports of the bots, of the
//! floor's load and of the peer's: they name the same things alike, and leave out what they do not know.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};

use super::{
    model::{Figures, Percentiles},
    samples::Used,
};

/// A load's own report, as far as it is used here.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct LoadReport {
    players_joined: u32,
    players_at_end: u32,
    seconds: Option<f64>,
    frames_received: Option<f64>,
    frames_per_player_second: Percentiles,
    frame_gap_ms: Percentiles,
    bytes_per_player_second: Mean,
    visible_ships: Mean,
    bytes_per_moving_ship: Option<f64>,
    disconnects: BTreeMap<String, u32>,
    players_lost: Option<u32>,
    valid: Option<bool>,
    #[serde(deserialize_with = "one_or_many")]
    invalid_because: Vec<String>,
    server: Option<Server>,
    bots: Option<Bots>,
    // The peer's load tells these by themselves.
    lateness_ms: Percentiles,
    cpu_seconds: Option<f64>,
    verified_ships_mean: Option<f64>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
struct Mean {
    mean: Option<f64>,
}

/// What the server told of itself over just the measured time.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
struct Server {
    seconds: Option<f64>,
    cpu_seconds: Option<f64>,
    tick_ms: Option<Percentiles>,
    rss_bytes_start: Option<f64>,
    rss_bytes_end: Option<f64>,
}

impl Server {
    fn cpu_cores(&self, seconds: f64) -> Option<f64> {
        let seconds = self.seconds.unwrap_or(seconds);
        self.cpu_seconds.filter(|_| seconds > 0.0).map(|cpu_seconds| cpu_seconds / seconds)
    }

    fn rss_growth(&self) -> Option<f64> {
        let before = self.rss_bytes_start.filter(|&bytes| bytes > 0.0)?;
        Some(self.rss_bytes_end? / before)
    }
}

impl Used {
    fn rss_growth(&self) -> Option<f64> {
        (self.rss_bytes_before > 0).then(|| self.rss_bytes_after as f64 / self.rss_bytes_before as f64)
    }
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
struct Bots {
    lateness_ms: Percentiles,
    cpu_seconds: Option<f64>,
}

fn one_or_many<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Words {
        One(String),
        Many(Vec<String>),
    }
    Ok(match Option::<Words>::deserialize(from)? {
        None => Vec::new(),
        Some(Words::One(word)) => vec![word],
        Some(Words::Many(words)) => words,
    })
}

impl LoadReport {
    /// One step's figures. `used` is what the server's process used in the measured time, seen from outside;
    /// `expected_seconds` what that time was to be.
    pub(super) fn figures(self, used: Option<Used>, tick_rate: u16, expected_seconds: f64) -> Figures {
        let seconds = self.seconds.unwrap_or(expected_seconds);
        let server = self.server.unwrap_or_default();
        // What the server says of just that time is nearer than what was seen from outside.
        let cpu_cores =
            server.cpu_cores(seconds).or_else(|| used.map(|used| used.cpu_seconds / used.seconds));
        // Frames that came: a server that leaves ticks out is not to look the cheaper for it.
        let came = self.frames_received.filter(|&frames| frames > 0.0 && seconds > 0.0);
        let client_ticks =
            came.map_or(f64::from(self.players_at_end) * f64::from(tick_rate), |frames| frames / seconds);
        let per_client_tick = |cores: f64| (client_ticks > 0.0).then(|| cores * 1e6 / client_ticks);
        let bots = self.bots.unwrap_or_default();
        let load_cpu_cores = bots.cpu_seconds.or(self.cpu_seconds).map(|cpu_seconds| cpu_seconds / seconds);
        let frame_bytes = self.bytes_per_player_second.mean.map(|bytes| bytes / f64::from(tick_rate));
        let ships_in_view = self.visible_ships.mean.or(self.verified_ships_mean).filter(|&ships| ships > 0.0);
        let mut invalid_because = self.invalid_because;
        if self.valid == Some(false) && invalid_because.is_empty() {
            invalid_because.push("the load says so".to_owned());
        }
        Figures {
            joined: self.players_joined,
            at_end: self.players_at_end,
            seconds,
            frames_per_player_second: self.frames_per_player_second.p50,
            frame_gap_ms: self.frame_gap_ms,
            bytes_per_player_second: self.bytes_per_player_second.mean,
            cpu_us_per_client_tick: cpu_cores.and_then(per_client_tick),
            cpu_cores,
            tick_ms: server.tick_ms.unwrap_or_default(),
            ships_in_view,
            // Where it is not told: nearly all ships in view move.
            bytes_per_moving_ship: self
                .bytes_per_moving_ship
                .or_else(|| ships_in_view.and_then(|ships| frame_bytes.map(|bytes| bytes / ships))),
            rss_bytes: server.rss_bytes_end.or(used.map(|used| used.rss_bytes_after as f64)),
            rss_growth: server.rss_growth().or_else(|| used?.rss_growth()),
            load_cpu_cores,
            others_cpu_cores: others(used, load_cpu_cores),
            load_late_ms: if bots.lateness_ms == Percentiles::default() {
                self.lateness_ms
            } else {
                bots.lateness_ms
            },
            invalid_because,
            healthy_lost: self.players_lost.unwrap_or_else(|| self.disconnects.values().sum()),
            disconnects: self.disconnects,
        }
    }
}

/// What neither the server nor the load took of the machine.
fn others(used: Option<Used>, load_cpu_cores: Option<f64>) -> Option<f64> {
    let used = used?;
    Some((used.machine_cores? - used.cpu_seconds / used.seconds - load_cpu_cores?).max(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(json: &str, used: Option<Used>) -> Figures {
        let report: LoadReport = serde_json::from_str(json).expect("a report");
        report.figures(used, 20, 10.0)
    }

    #[test]
    fn ticks_that_were_left_out_do_not_make_a_server_cheaper() {
        let json =
            r#"{"players_joined": 500, "players_at_end": 500, "seconds": 10.0, "frames_received": 50000}"#;
        assert_eq!(figures(json, Some(USED)).cpu_us_per_client_tick, Some(60.0));
    }

    const USED: Used = Used {
        cpu_seconds: 3.0,
        seconds: 10.0,
        rss_bytes_before: 100,
        rss_bytes_after: 105,
        machine_cores: Some(1.5),
    };

    #[test]
    fn bots_tell_of_their_server() {
        let json = r#"{"players_requested": 1000, "players_joined": 1000, "players_at_end": 1000, "seconds": 10.0,
            "frame_gap_ms": {"p50": 50.0, "p99": 60.5, "max": 90.0}, "bytes_per_player_second": {"mean": 8000.0, "p99": 9000.0},
            "visible_ships": {"mean": 40.0, "max": 80.0}, "disconnects": {},
            "server": {"cpu_seconds": 3.2, "tick_ms": {"p50": 2.0, "p99": 5.0, "p999": 6.0}, "rss_bytes_start": 70.0, "rss_bytes_end": 77.0,
                "seconds": 8.0, "other": {}},
            "bots": {"cpu_seconds": 9.0, "lateness_ms": {"p99": 3.0}}, "valid": true, "invalid_because": null}"#;
        let figures = figures(json, Some(USED));
        assert_eq!(figures.cpu_us_per_client_tick, Some(20.0));
        assert_eq!((figures.rss_bytes, figures.rss_growth), (Some(77.0), Some(1.1)));
        assert_eq!((figures.tick_ms.p999, figures.load_late_ms.p99), (Some(6.0), Some(3.0)));
        assert_eq!((figures.bytes_per_moving_ship, figures.load_cpu_cores), (Some(10.0), Some(0.9)));
        assert!(figures.others_cpu_cores.is_some_and(|cores| (cores - 0.3).abs() < 1e-9), "{figures:?}");
        assert!(figures.invalid_because.is_empty());
    }

    #[test]
    fn without_a_word_of_the_server_the_outside_counts() {
        let json = r#"{"players_joined": 500, "players_at_end": 500, "server": null, "bytes_per_moving_ship": 5.5,
            "disconnects": {"full": 2}, "valid": false, "cpu_seconds": 5.0, "lateness_ms": {"p99": 9}}"#;
        let figures = figures(json, Some(USED));
        assert_eq!(figures.cpu_us_per_client_tick, Some(30.0));
        assert_eq!((figures.bytes_per_moving_ship, figures.healthy_lost), (Some(5.5), 2));
        assert_eq!((figures.load_cpu_cores, figures.load_late_ms.p99), (Some(0.5), Some(9.0)));
        assert_eq!(figures.invalid_because.len(), 1);
    }

    #[test]
    fn a_server_that_told_only_a_part_is_seen_from_outside_for_the_rest() {
        let json = r#"{"players_joined": 500, "players_at_end": 400, "players_lost": 1, "disconnects": {"slow": 100},
            "server": {"cpu_seconds": null, "tick_ms": null, "rss_bytes_end": null}}"#;
        let figures = figures(json, Some(USED));
        assert_eq!(
            (figures.cpu_cores, figures.rss_bytes, figures.rss_growth),
            (Some(0.3), Some(105.0), Some(1.05))
        );
        assert_eq!((figures.healthy_lost, figures.tick_ms), (1, Percentiles::default()));
    }

    #[test]
    fn what_is_not_told_is_not_made_up() {
        let figures = figures("{}", None);
        assert_eq!(figures, Figures { seconds: 10.0, ..Figures::default() });
    }
}
