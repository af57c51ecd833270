//! What the server counts, as Prometheus text. Counting is an atomic add, so either side may do it anywhere.
//!
//! Knows nothing of sockets or ships: it only has names for numbers. Each arena has its own, under its label; what a
//! server shows of them all together is a [`MetricsPage`]. There is no global registry.

mod page;

use std::time::{SystemTime, UNIX_EPOCH};

use prometheus::{
    Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, Opts, Registry,
    core::Collector,
};

use shared::engine::protocol::{ClientLag, ServerLag, TenthMs};

pub use page::MetricsPage;

/// Upper bounds, in seconds, for what should take well under a tick: a tick lasts 7.8 ms at 128 Hz and 100 ms at
/// 10 Hz. Close enough together to tell a percentile to about a tenth.
const TICK_BUCKETS: [f64; 26] = [
    0.0001, 0.0002, 0.0003, 0.0005, 0.00075, 0.001, 0.0015, 0.002, 0.0025, 0.003, 0.004, 0.005, 0.006,
    0.0075, 0.009, 0.01, 0.0125, 0.015, 0.02, 0.025, 0.033, 0.05, 0.075, 0.1, 0.2, 0.5,
];

/// Upper bounds, in seconds, for the parts of a player's delay: from a frame's rendering to a link to another continent.
const LAG_BUCKETS: [f64; 16] =
    [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 1.0, 2.0];

/// The time from a key press to its effect on the screen, in parts, each in seconds and labelled with its name. Those that
/// only a client can measure are what clients say.
#[derive(Clone, Debug)]
pub struct LagParts(HistogramVec);

impl LagParts {
    fn observe(&self, part: &str, ms: TenthMs) {
        self.0.with_label_values(&[part]).observe(ms.ms() / 1000.0);
    }

    /// What the server measured of one player.
    pub fn observe_server(&self, lag: &ServerLag) {
        self.observe("input_queue", lag.input_queue);
        self.observe("tick", lag.tick);
        self.observe("send_queue", lag.send_queue);
    }

    /// What a client says that it measured.
    pub fn observe_client(&self, lag: &ClientLag) {
        self.observe("send_ahead", lag.send_ahead);
        self.observe("network", lag.network);
        self.observe("jitter_buffer", lag.jitter_buffer);
        self.observe("rendering", lag.rendering);
    }
}

/// Why metrics could not be set up.
#[derive(Debug, thiserror::Error)]
#[error("cannot set up the metrics of {of}: {source}")]
pub struct MetricsError {
    of: String,
    source: prometheus::Error,
}

/// Every number of one arena.
#[derive(Debug)]
pub struct Metrics {
    /// Work of one tick, in seconds.
    pub tick_seconds: Histogram,
    /// How late a tick began, in seconds.
    pub tick_lateness_seconds: Histogram,
    /// Whose delay it is.
    pub lag: LagParts,
    /// Ticks simulated.
    pub ticks_total: IntCounter,
    /// Ticks that were left out to catch up with the clock.
    pub ticks_skipped_total: IntCounter,
    /// Players in the arena.
    pub players: IntGauge,
    /// Drones in the arena.
    pub drones: IntGauge,
    /// Ships in flight.
    pub ships: IntGauge,
    /// Shots in flight.
    pub shots: IntGauge,
    /// Embers lying about.
    pub embers: IntGauge,
    /// Frames handed to connections.
    pub frames_total: IntCounter,
    /// Bytes of those frames.
    pub frame_bytes_total: IntCounter,
    /// Frames not made because their reader was slow.
    pub frames_skipped_total: IntCounter,
    /// Slow readers brought back in step.
    pub resyncs_total: IntCounter,
    /// Single cells sent again because a client's differed.
    pub cell_resyncs_total: IntCounter,
    /// Readers given up because they saw nothing of what they were sent.
    pub given_up_total: IntCounter,
    /// Overload: from 0 for none to 4.
    pub overload_stage: IntGauge,
    /// Steps up and down between those stages.
    pub overload_changes_total: IntCounter,
    /// Sockets that are open.
    pub connections: IntGauge,
    /// Messages received from clients.
    pub messages_in_total: IntCounter,
    /// Ships of players that had to do without a fresh input in a tick.
    pub inputs_missed_total: IntCounter,
    /// Cut connections whose players got their ships back.
    pub resumed_total: IntCounter,
    /// Players waited for, because their connections were cut.
    pub waited_for: IntGauge,
    /// Inputs thrown away because the simulation's inbox was full.
    pub inputs_dropped_total: IntCounter,
    /// Sockets and handshakes turned away, by reason.
    pub refused: IntCounterVec,
    /// WebSockets that ended, by reason: that of the close frame, or `peer` or `error`.
    pub closed: IntCounterVec,
}

/// Makes and registers, remembering what the numbers have in common.
struct Maker<'a> {
    arena: &'a str,
    registry: &'a Registry,
}

impl Maker<'_> {
    fn opts(&self, name: &str, help: &str) -> Opts {
        Opts::new(name, help).namespace("emberdrift").const_label("arena", self.arena)
    }

    fn register<T: Collector + Clone + 'static>(&self, metric: T) -> Result<T, prometheus::Error> {
        self.registry.register(Box::new(metric.clone()))?;
        Ok(metric)
    }

    fn counter(&self, name: &str, help: &str) -> Result<IntCounter, prometheus::Error> {
        self.register(IntCounter::with_opts(self.opts(name, help))?)
    }

    fn gauge(&self, name: &str, help: &str) -> Result<IntGauge, prometheus::Error> {
        self.register(IntGauge::with_opts(self.opts(name, help))?)
    }

    fn by_reason(&self, name: &str, help: &str) -> Result<IntCounterVec, prometheus::Error> {
        self.register(IntCounterVec::new(self.opts(name, help), &["reason"])?)
    }

    fn lag(&self) -> Result<HistogramVec, prometheus::Error> {
        let help = "Parts of the delay from a key press to its effect on the screen.";
        let opts = HistogramOpts::from(self.opts("lag_seconds", help)).buckets(LAG_BUCKETS.to_vec());
        self.register(HistogramVec::new(opts, &["part"])?)
    }

    fn seconds(&self, name: &str, help: &str) -> Result<Histogram, prometheus::Error> {
        let opts = HistogramOpts::from(self.opts(name, help)).buckets(TICK_BUCKETS.to_vec());
        self.register(Histogram::with_opts(opts)?)
    }
}

impl Metrics {
    /// All zero, labelled with the arena's name; on no page.
    pub fn new(arena: &str) -> Result<Self, MetricsError> {
        Self::registered(arena, &Registry::new())
    }

    fn registered(arena: &str, registry: &Registry) -> Result<Self, MetricsError> {
        let made = Self::made(&Maker { arena, registry });
        made.map_err(|source| MetricsError { of: format!("arena {arena:?}"), source })
    }

    fn made(m: &Maker<'_>) -> Result<Self, prometheus::Error> {
        let started = m.gauge("start_time_seconds", "When the server started, in Unix time.")?;
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        started.set(i64::try_from(since_epoch.as_secs()).unwrap_or(i64::MAX));
        Ok(Self {
            tick_seconds: m.seconds("tick_seconds", "Work of one tick.")?,
            tick_lateness_seconds: m.seconds("tick_lateness_seconds", "How late a tick began.")?,
            lag: LagParts(m.lag()?),
            ticks_total: m.counter("ticks_total", "Ticks simulated.")?,
            ticks_skipped_total: m.counter("ticks_skipped_total", "Ticks left out to catch up.")?,
            players: m.gauge("players", "Players in the arena.")?,
            drones: m.gauge("drones", "Drones in the arena.")?,
            ships: m.gauge("ships", "Ships in flight.")?,
            shots: m.gauge("shots", "Shots in flight.")?,
            embers: m.gauge("embers", "Embers lying about.")?,
            frames_total: m.counter("frames_total", "Frames handed to connections.")?,
            frame_bytes_total: m.counter("frame_bytes_total", "Bytes of those frames.")?,
            frames_skipped_total: m.counter("frames_skipped_total", "Frames not made for slow readers.")?,
            resyncs_total: m.counter("resyncs_total", "Slow readers brought back in step.")?,
            cell_resyncs_total: m.counter("cell_resyncs_total", "Cells sent again on request.")?,
            given_up_total: m.counter("given_up_total", "Readers that saw nothing for too long.")?,
            overload_stage: m.gauge(
                "overload_stage",
                "0 normal, 1 far cells less often, 2 smaller views, 3 few drones, 4 no new players.",
            )?,
            overload_changes_total: m.counter("overload_changes_total", "Changes of the overload stage.")?,
            connections: m.gauge("connections", "Sockets that are open.")?,
            messages_in_total: m.counter("messages_in_total", "Messages received from clients.")?,
            inputs_missed_total: m.counter("inputs_missed_total", "Ticks of ships without a fresh input.")?,
            resumed_total: m.counter("resumed_total", "Players that got their ships back.")?,
            waited_for: m.gauge("players_waited_for", "Players whose connections were cut.")?,
            inputs_dropped_total: m.counter("inputs_dropped_total", "Inputs that met a full inbox.")?,
            refused: m.by_reason("refused_total", "Sockets and handshakes turned away.")?,
            closed: m.by_reason("closed_total", "WebSockets that ended.")?,
        })
    }
}
