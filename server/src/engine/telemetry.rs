//! What one arena counts and measures: plain atomics, so the simulation and the network side count and read without
//! waiting for each other. `/metrics`, `/arenas`, readiness and the feed read it.

mod instruments;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use shared::engine::protocol::{ClientLag, CloseReason, ServerLag, TenthMs};

pub use self::instruments::{ByLabel, Counter, Gauge, Histogram};

/// Upper bounds, in microseconds, of what should take well under a tick: a tick lasts 7.8 ms at 128 Hz and 100 ms at
/// 10 Hz. Close enough together to tell a percentile to about a tenth.
const TICK_BOUNDS_US: &[u64] = &[
    100, 200, 300, 500, 750, 1000, 1500, 2000, 2500, 3000, 4000, 5000, 6000, 7500, 9000, 10_000, 12_500,
    15_000, 20_000, 25_000, 33_000, 50_000, 75_000, 100_000, 200_000, 500_000,
];

/// Upper bounds, in microseconds, of the parts of a player's lag: from rendering a frame to a network that spans
/// continents.
const LAG_BOUNDS_US: &[u64] = &[
    500, 1000, 2000, 5000, 10_000, 20_000, 30_000, 50_000, 75_000, 100_000, 150_000, 200_000, 300_000,
    500_000, 1_000_000, 2_000_000,
];

/// The parts of the time from a key press to its effect on the screen.
const LAG_PARTS: [&str; 7] =
    ["input_queue", "tick", "send_queue", "send_ahead", "network", "jitter_buffer", "rendering"];

/// Why a socket or a request is turned away.
const REFUSED: [&str; 50] = [
    "accept",
    "arena",
    "body",
    "head_timeout",
    "head_too_long",
    "host",
    "http_version",
    "identity",
    "key",
    "method",
    "network",
    "no_connection_upgrade",
    "no_identity",
    "no_records",
    "no_rooms",
    "no_tls",
    "no_upgrade",
    "not_http",
    "not_upgradable",
    "origin",
    "overloaded",
    "proxy_header",
    "records_delayed",
    "records_query",
    "requests",
    "room",
    "room_busy",
    "room_change",
    "room_failed",
    "room_file",
    "room_key",
    "room_link",
    "room_moving",
    "room_not_now",
    "room_request",
    "room_too_big",
    "rooms",
    "rooms_of_network",
    "seat",
    "shutting_down",
    "sockets",
    "subprotocol",
    "subscribers",
    "tls",
    "tls_handshakes",
    "tls_on_plain_port",
    "too_many_headers",
    "topic",
    "untrusted_proxy",
    "websocket_version",
];

/// How a WebSocket ends besides by a [`CloseReason`]: the client closed it, the connection broke, or its task panicked.
const CLOSED: [&str; 3] = ["peer", "error", "panic"];
/// Labels of closes for too many messages of a kind, in the order of `message_rates::Kind`.
pub const TOO_MANY: [&str; 6] = [
    "rate_limited_chat",
    "rate_limited_hidden",
    "rate_limited_resync_cell",
    "rate_limited_lag",
    "rate_limited_control",
    "rate_limited_badge",
];
/// The same for bytes.
pub const TOO_MANY_BYTES: &str = "rate_limited_bytes";
/// A close because the client's network has joined too often.
pub const TOO_MANY_JOINS: &str = "too_many_joins_from_network";
/// A close because the first message did not arrive in time.
pub const NO_HELLO: &str = "hello_timeout";

/// A number of the game's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GameGauge {
    /// As in `/metrics`, without the prefix.
    pub name: &'static str,
    /// One sentence.
    pub help: &'static str,
}

/// The numbers of one arena. Those that end in `total` are since the start.
#[derive(Debug)]
pub struct Telemetry {
    /// When the arena started, in Unix seconds.
    pub start_time_seconds: Gauge,
    /// Ticks a second.
    pub tick_rate: Gauge,
    /// The work of a tick.
    pub tick_seconds: Histogram,
    /// How late a tick began.
    pub tick_lateness_seconds: Histogram,
    /// Simulated ticks.
    pub ticks_total: Counter,
    /// Ticks skipped to catch up with the clock.
    pub ticks_skipped_total: Counter,
    /// Connected players.
    pub players: Gauge,
    /// Seats that players have, hidden and disconnected ones included.
    pub player_seats_taken: Gauge,
    /// Disconnected players that may reconnect.
    pub players_reconnecting: Gauge,
    /// Spectators.
    pub spectators: Gauge,
    /// Bots in the arena.
    pub bots: Gauge,
    /// Bodies in the arena, those of bots among them.
    pub bodies: Gauge,
    /// Subscribers of the feed.
    pub feed_subscribers: Gauge,
    /// Players that reconnected to their session.
    pub reconnects_total: Counter,
    /// Frames handed to connections.
    pub frames_total: Counter,
    /// Bytes of those frames.
    pub frame_bytes_total: Counter,
    /// Frames not made because the viewer was behind.
    pub frames_skipped_total: Counter,
    /// Frames given up because the connection's thread was preempted while it held the queue's lock.
    pub frames_contended_total: Counter,
    /// Viewers brought up to date after skipped frames.
    pub resyncs_total: Counter,
    /// Cells sent again because a client's checksum differed.
    pub cell_resyncs_total: Counter,
    /// Viewers disconnected because they acknowledged nothing for too long.
    pub stalled_viewers_total: Counter,
    /// The load shedder's level, from 0 to 4.
    pub overload_level: Gauge,
    /// Changes of that level.
    pub overload_changes_total: Counter,
    /// Open sockets.
    pub connections: Gauge,
    /// Messages of clients.
    pub messages_in_total: Counter,
    /// Ticks of players without a fresh input.
    pub inputs_missed_total: Counter,
    /// The last tick of the simulation.
    pub tick: Gauge,
    /// Messages dropped because the inbox was full.
    pub inputs_dropped_total: Counter,
    /// Messages that were too many of one client at once for the simulation.
    pub messages_over_rate_total: Counter,
    /// Snapshots written to the disk.
    pub snapshots_total: Counter,
    /// Snapshots not taken because the one before was still being written.
    pub snapshots_skipped_total: Counter,
    /// Snapshots that could not be written.
    pub snapshots_failed_total: Counter,
    /// 1 while the last one could not be written.
    pub snapshot_is_failing: Gauge,
    /// When the newest snapshot was written, in Unix seconds.
    pub snapshot_time_seconds: Gauge,
    /// Bytes of the newest snapshot.
    pub snapshot_bytes: Gauge,
    /// What a snapshot takes of its tick.
    pub snapshot_tick_seconds: Histogram,
    /// Sockets and requests turned away.
    pub refused: ByLabel<Counter>,
    /// WebSockets that ended.
    pub closed: ByLabel<Counter>,
    /// The parts of players' lag.
    pub lag: ByLabel<Histogram>,
    /// The game's own numbers, in its own order.
    pub game: Vec<(GameGauge, Gauge)>,
}

impl Telemetry {
    /// All zero but the start time. `game` are the game's own numbers.
    pub fn new(game: &[GameGauge]) -> Self {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let causes = TOO_MANY.into_iter().chain([TOO_MANY_BYTES, TOO_MANY_JOINS, NO_HELLO]);
        let closed = CloseReason::ALL.into_iter().map(CloseReason::label).chain(CLOSED).chain(causes);
        Self {
            start_time_seconds: Gauge::new(since_epoch.as_secs()),
            tick_rate: Gauge::default(),
            tick_seconds: Histogram::new(TICK_BOUNDS_US),
            tick_lateness_seconds: Histogram::new(TICK_BOUNDS_US),
            ticks_total: Counter::default(),
            ticks_skipped_total: Counter::default(),
            players: Gauge::default(),
            player_seats_taken: Gauge::default(),
            players_reconnecting: Gauge::default(),
            spectators: Gauge::default(),
            bots: Gauge::default(),
            bodies: Gauge::default(),
            feed_subscribers: Gauge::default(),
            reconnects_total: Counter::default(),
            frames_total: Counter::default(),
            frame_bytes_total: Counter::default(),
            frames_skipped_total: Counter::default(),
            frames_contended_total: Counter::default(),
            resyncs_total: Counter::default(),
            cell_resyncs_total: Counter::default(),
            stalled_viewers_total: Counter::default(),
            overload_level: Gauge::default(),
            overload_changes_total: Counter::default(),
            connections: Gauge::default(),
            messages_in_total: Counter::default(),
            inputs_missed_total: Counter::default(),
            tick: Gauge::default(),
            inputs_dropped_total: Counter::default(),
            messages_over_rate_total: Counter::default(),
            snapshots_total: Counter::default(),
            snapshots_skipped_total: Counter::default(),
            snapshots_failed_total: Counter::default(),
            snapshot_is_failing: Gauge::default(),
            snapshot_time_seconds: Gauge::default(),
            snapshot_bytes: Gauge::default(),
            snapshot_tick_seconds: Histogram::new(TICK_BOUNDS_US),
            refused: ByLabel::new(REFUSED, Counter::default),
            closed: ByLabel::new(closed, Counter::default),
            lag: ByLabel::new(LAG_PARTS, || Histogram::new(LAG_BOUNDS_US)),
            game: game.iter().map(|gauge| (*gauge, Gauge::default())).collect(),
        }
    }

    /// Notes what the server measured of one player's lag.
    pub fn observe_server_lag(&self, lag: &ServerLag) {
        self.observe_lag("input_queue", lag.input_queue);
        self.observe_lag("tick", lag.tick);
        self.observe_lag("send_queue", lag.send_queue);
    }

    /// Notes what a client measured of its lag.
    pub fn observe_client_lag(&self, lag: &ClientLag) {
        self.observe_lag("send_ahead", lag.send_ahead);
        self.observe_lag("network", lag.network);
        self.observe_lag("jitter_buffer", lag.jitter_buffer);
        self.observe_lag("rendering", lag.rendering);
    }

    fn observe_lag(&self, part: &str, time: TenthMs) {
        self.lag.get(part).observe(Duration::from_micros(u64::from(time.0) * 100));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_close_is_counted_from_the_start() {
        let telemetry = Telemetry::new(&[]);
        for reason in CloseReason::ALL {
            assert_eq!(telemetry.closed.get(reason.label()).get(), 0);
        }
        assert_eq!(
            telemetry.closed.iter().count(),
            CloseReason::ALL.len() + CLOSED.len() + TOO_MANY.len() + 3
        );
        assert!(REFUSED.is_sorted(), "an unsorted list hides that a reason is there twice");
    }

    #[test]
    fn lag_is_observed_by_part() {
        let telemetry = Telemetry::new(&[]);
        telemetry.observe_server_lag(&ServerLag { tick: TenthMs(15), ..ServerLag::default() });
        telemetry.observe_client_lag(&ClientLag::default());
        assert!(telemetry.lag.iter().all(|(_, part)| part.count() == 1));
        assert_eq!(telemetry.lag.get("tick").sum_seconds(), 0.0015);
    }
}
