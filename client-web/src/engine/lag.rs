//! Where lag comes from: the time from a key press to its effect on the screen, in seven parts, and which of them is to
//! blame. It sums up what others measure.

use std::collections::VecDeque;

use shared::engine::protocol::{ClientLag, ServerLag, TenthMs};

/// Weight of a new sample in a smoothed value: about the last ten count.
const SMOOTHING: f32 = 0.1;
/// Time between two points of the graph, in milliseconds.
const POINT_MS: f64 = 500.0;
/// Points of the graph: a minute.
const POINTS_MAX: usize = 120;
/// Time between two reports to the server, in milliseconds.
const REPORT_MS: f64 = 5000.0;

/// A part of the lag, in the order in which an input passes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LagPart {
    /// From a key press to the input that is sent for it: it waits for the next own tick.
    SendAhead,
    /// The round trip.
    Network,
    /// From an input's arrival to the tick that consumes it.
    InputQueue,
    /// From the start of that tick to when its frames are encoded.
    Tick,
    /// From there to the network.
    SendQueue,
    /// The delay by which remote bodies are held back to move evenly.
    JitterBuffer,
    /// From there to the screen.
    Rendering,
}

impl LagPart {
    /// Every part.
    pub const ALL: [Self; 7] = [
        Self::SendAhead,
        Self::Network,
        Self::InputQueue,
        Self::Tick,
        Self::SendQueue,
        Self::JitterBuffer,
        Self::Rendering,
    ];

    /// Its name in the page's status, which tests and programs read.
    pub fn name(self) -> &'static str {
        match self {
            Self::SendAhead => "Send-ahead",
            Self::Network => "Network",
            Self::InputQueue => "Input queue",
            Self::Tick => "Server tick",
            Self::SendQueue => "Send queue",
            Self::JitterBuffer => "Jitter buffer",
            Self::Rendering => "Rendering",
        }
    }

    /// How long it takes when nothing is wrong, in milliseconds.
    fn normal_ms(self, tick_ms: f32) -> f32 {
        match self {
            Self::SendAhead => tick_ms,
            // To a server on the same continent.
            Self::Network => 60.0,
            Self::InputQueue => tick_ms * 2.0,
            Self::Tick => tick_ms * 0.6,
            Self::SendQueue => 10.0,
            Self::JitterBuffer => tick_ms * 2.5,
            // A frame at 30 FPS.
            Self::Rendering => 34.0,
        }
    }
}

/// The parts of the lag, smoothed.
#[derive(Clone, Debug)]
pub struct Lag {
    tick_ms: f32,
    ms: [f32; 7],
    /// From an input to its acknowledgement; `None` before the first.
    ack_ms: Option<f32>,
    points: VecDeque<LagPoint>,
    next_point_ms: f64,
    next_report_ms: f64,
}

/// A point of the graph.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LagPoint {
    /// All parts together, in milliseconds.
    pub total_ms: f32,
    /// The part that is to blame, if any.
    pub culprit: Option<LagPart>,
}

impl Lag {
    pub(crate) fn new(tick_ms: f64) -> Self {
        Self {
            tick_ms: tick_ms as f32,
            ms: [0.0; 7],
            ack_ms: None,
            points: VecDeque::new(),
            next_point_ms: 0.0,
            next_report_ms: 0.0,
        }
    }

    /// A part, in milliseconds.
    pub fn ms(&self, part: LagPart) -> f32 {
        self.ms[part as usize]
    }

    /// All parts together, in milliseconds.
    pub fn total_ms(&self) -> f32 {
        self.ms.iter().sum()
    }

    /// The part that exceeds its normal value by most; `None` if none does.
    pub fn culprit(&self) -> Option<LagPart> {
        let excess_ms = |part: LagPart| self.ms(part) - part.normal_ms(self.tick_ms);
        LagPart::ALL
            .into_iter()
            .filter(|part| excess_ms(*part) > 0.0)
            .max_by(|a, b| excess_ms(*a).total_cmp(&excess_ms(*b)))
    }

    /// The last minute, oldest first, two points a second.
    pub fn graph(&self) -> impl ExactSizeIterator<Item = LagPoint> + '_ {
        self.points.iter().copied()
    }

    fn smooth(&mut self, part: LagPart, ms: f32) {
        let value = &mut self.ms[part as usize];
        *value += (ms.max(0.0) - *value) * if *value == 0.0 { 1.0 } else { SMOOTHING };
    }

    /// An input was made this long after the one before. A key that is pressed in between waits for half of that on
    /// average.
    pub(crate) fn on_input(&mut self, since_last_ms: f64) {
        self.smooth(LagPart::SendAhead, since_last_ms as f32 / 2.0);
    }

    /// An input was acknowledged this long after it was made.
    pub(crate) fn on_ack(&mut self, ms: f64) {
        let before_ms = self.ack_ms.unwrap_or(ms as f32);
        let ack_ms = before_ms + (ms as f32 - before_ms) * SMOOTHING;
        self.ack_ms = Some(ack_ms);
        let at_server: f32 =
            [LagPart::InputQueue, LagPart::Tick, LagPart::SendQueue].map(|part| self.ms(part)).iter().sum();
        self.ms[LagPart::Network as usize] = (ack_ms - at_server).max(0.0);
    }

    /// The server's own measurements arrived, smoothed by the server.
    pub(crate) fn on_server_report(&mut self, lag: ServerLag) {
        let ServerLag { input_queue, tick, send_queue } = lag;
        self.ms[LagPart::InputQueue as usize] = input_queue.ms() as f32;
        self.ms[LagPart::Tick as usize] = tick.ms() as f32;
        self.ms[LagPart::SendQueue as usize] = send_queue.ms() as f32;
    }

    pub(crate) fn set_jitter_buffer(&mut self, ms: f64) {
        self.ms[LagPart::JitterBuffer as usize] = ms as f32;
    }

    /// A frame took this long to reach the screen.
    pub(crate) fn on_rendered(&mut self, ms: f64) {
        self.smooth(LagPart::Rendering, ms as f32);
    }

    /// Adds a point to the graph when it is due. Returns the report to the server when that is due.
    pub(crate) fn poll(&mut self, now_ms: f64) -> Option<ClientLag> {
        if now_ms >= self.next_point_ms {
            if self.points.len() == POINTS_MAX {
                self.points.pop_front();
            }
            self.points.push_back(LagPoint { total_ms: self.total_ms(), culprit: self.culprit() });
            self.next_point_ms = now_ms + POINT_MS;
        }
        if now_ms < self.next_report_ms {
            return None;
        }
        let is_first = self.next_report_ms == 0.0;
        self.next_report_ms = now_ms + REPORT_MS;
        let part = |part| TenthMs::from_ms(self.ms(part).into());
        // At first nothing is measured yet.
        (!is_first).then(|| ClientLag {
            send_ahead: part(LagPart::SendAhead),
            network: part(LagPart::Network),
            jitter_buffer: part(LagPart::JitterBuffer),
            rendering: part(LagPart::Rendering),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lag(network_ms: f64, tick_ms: f64) -> Lag {
        let mut lag = Lag::new(1000.0 / 30.0);
        let server = ServerLag { tick: TenthMs::from_ms(tick_ms), ..ServerLag::default() };
        for _ in 0..100 {
            lag.on_server_report(server);
            lag.on_ack(network_ms + tick_ms);
            lag.set_jitter_buffer(50.0);
            lag.on_rendered(17.0);
            lag.on_input(30.0);
        }
        lag
    }

    #[test]
    fn culprit_is_the_part_furthest_above_normal() {
        assert_eq!(lag(20.0, 1.0).culprit(), None);
        assert_eq!(lag(150.0, 1.0).culprit(), Some(LagPart::Network));
        assert_eq!(lag(20.0, 60.0).culprit(), Some(LagPart::Tick));
        assert_eq!(lag(80.0, 200.0).culprit(), Some(LagPart::Tick));
    }

    #[test]
    fn network_is_the_ack_time_without_the_servers_parts() {
        let lag = lag(40.0, 2.0);
        assert!((lag.ms(LagPart::Network) - 40.0).abs() < 0.1);
        assert!((lag.total_ms() - (40.0 + 2.0 + 50.0 + 17.0 + 15.0)).abs() < 0.2);
    }

    #[test]
    fn graph_holds_a_minute_and_reports_come_every_five_seconds() {
        let mut lag = lag(40.0, 2.0);
        let reports = (0..600_000).filter_map(|ms| lag.poll(f64::from(ms))).count();
        assert_eq!((lag.graph().len(), reports), (POINTS_MAX, 119));
    }
}
