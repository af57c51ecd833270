//! Whose delay it is: the time from a key press to its effect on the screen, in seven parts, and which of them is to
//! blame. Adds up what others measure; decides nothing and knows no clock.

use std::collections::VecDeque;

use shared::engine::protocol::{ClientLag, ServerLag, TenthMs};

/// Weight of a new sample in a smoothed value: about the last ten count.
const SMOOTHING: f32 = 0.1;
/// Between two points of the graph, in milliseconds.
const POINT_MS: f64 = 500.0;
/// Points of the graph: a minute.
const POINTS_MAX: usize = 120;
/// Between two reports to the server, in milliseconds.
const REPORT_MS: f64 = 5000.0;

/// A part of the delay, in the order in which an input goes through them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LagPart {
    /// From a key press to the input that is sent for it: it waits for the own tick.
    SendAhead,
    /// There and back.
    Network,
    /// From an input's arrival to the tick that takes it.
    InputQueue,
    /// From when that tick began to when its frames are made.
    Tick,
    /// From there to the network.
    SendQueue,
    /// For which others are held back so that they move evenly.
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

    /// Its name, for tests and programs.
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

    /// How much of it nobody need be blamed for, in milliseconds, at so long a tick.
    fn allowance_ms(self, tick_ms: f32) -> f32 {
        match self {
            Self::SendAhead => tick_ms,
            // To a server on the same continent.
            Self::Network => 60.0,
            Self::InputQueue => tick_ms * 2.0,
            Self::Tick => tick_ms * 0.6,
            Self::SendQueue => 10.0,
            Self::JitterBuffer => tick_ms * 2.5,
            // A picture at 30 Hz.
            Self::Rendering => 34.0,
        }
    }
}

/// The parts of the delay, smoothed.
#[derive(Clone, Debug)]
pub struct Lag {
    tick_ms: f32,
    ms: [f32; 7],
    /// From an input to the frame of its tick.
    answer_ms: Option<f32>,
    points: VecDeque<LagPoint>,
    next_point_ms: f64,
    next_report_ms: f64,
}

/// A point of the graph.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LagPoint {
    /// All parts together, in milliseconds.
    pub total_ms: f32,
    /// Which is to blame, if any.
    pub culprit: Option<LagPart>,
}

impl Lag {
    /// Nothing measured yet.
    pub(crate) fn new(tick_ms: f64) -> Self {
        Self {
            tick_ms: tick_ms as f32,
            ms: [0.0; 7],
            answer_ms: None,
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

    /// The part that is furthest beyond what nobody need be blamed for.
    pub fn culprit(&self) -> Option<LagPart> {
        let beyond = |part: LagPart| self.ms(part) - part.allowance_ms(self.tick_ms);
        LagPart::ALL
            .into_iter()
            .filter(|part| beyond(*part) > 0.0)
            .max_by(|a, b| beyond(*a).total_cmp(&beyond(*b)))
    }

    /// The last minute, oldest first, two points a second.
    pub fn graph(&self) -> impl ExactSizeIterator<Item = LagPoint> + '_ {
        self.points.iter().copied()
    }

    fn smooth(&mut self, part: LagPart, ms: f32) {
        let value = &mut self.ms[part as usize];
        *value += (ms.max(0.0) - *value) * if *value == 0.0 { 1.0 } else { SMOOTHING };
    }

    /// An input was sent so long after the one before: a key that is pressed at any time between waits for half of that.
    pub(crate) fn sent(&mut self, after_ms: f64) {
        self.smooth(LagPart::SendAhead, after_ms as f32 / 2.0);
    }

    /// An input was answered after so long.
    pub(crate) fn answered(&mut self, ms: f64) {
        let before_ms = self.answer_ms.unwrap_or(ms as f32);
        let answer_ms = before_ms + (ms as f32 - before_ms) * SMOOTHING;
        self.answer_ms = Some(answer_ms);
        let at_server: f32 =
            [LagPart::InputQueue, LagPart::Tick, LagPart::SendQueue].map(|part| self.ms(part)).iter().sum();
        self.ms[LagPart::Network as usize] = (answer_ms - at_server).max(0.0);
    }

    /// The server says what it measured.
    pub(crate) fn server(&mut self, lag: ServerLag) {
        let ServerLag { input_queue, tick, send_queue } = lag;
        // Smoothed there.
        self.ms[LagPart::InputQueue as usize] = input_queue.ms() as f32;
        self.ms[LagPart::Tick as usize] = tick.ms() as f32;
        self.ms[LagPart::SendQueue as usize] = send_queue.ms() as f32;
    }

    /// Others are held back by so much.
    pub(crate) fn buffered(&mut self, ms: f64) {
        self.ms[LagPart::JitterBuffer as usize] = ms as f32;
    }

    /// A picture took so long to come to the screen.
    pub(crate) fn rendered(&mut self, ms: f64) {
        self.smooth(LagPart::Rendering, ms as f32);
    }

    /// Time passes: what is to be reported to the server, if it is time for that.
    pub(crate) fn pass(&mut self, now_ms: f64) -> Option<ClientLag> {
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
        // There is nothing to report yet.
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
            lag.server(server);
            lag.answered(network_ms + tick_ms);
            lag.buffered(50.0);
            lag.rendered(17.0);
            lag.sent(30.0);
        }
        lag
    }

    #[test]
    fn who_is_to_blame_is_blamed() {
        assert_eq!(lag(20.0, 1.0).culprit(), None);
        assert_eq!(lag(150.0, 1.0).culprit(), Some(LagPart::Network));
        assert_eq!(lag(20.0, 60.0).culprit(), Some(LagPart::Tick));
        assert_eq!(lag(80.0, 200.0).culprit(), Some(LagPart::Tick));
    }

    #[test]
    fn the_parts_are_the_whole() {
        let lag = lag(40.0, 2.0);
        assert!((lag.ms(LagPart::Network) - 40.0).abs() < 0.1);
        assert!((lag.total_ms() - (40.0 + 2.0 + 50.0 + 17.0 + 15.0)).abs() < 0.2);
    }

    #[test]
    fn a_minute_is_kept_and_now_and_then_reported() {
        let mut lag = lag(40.0, 2.0);
        let reports = (0..600_000).filter_map(|ms| lag.pass(f64::from(ms))).count();
        assert_eq!((lag.graph().len(), reports), (POINTS_MAX, 119));
    }
}
