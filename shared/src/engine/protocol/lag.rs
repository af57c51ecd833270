//! The parts of the time from a key press to its effect on the screen, each measured by the side that can.

use serde::{Deserialize, Serialize};

/// A duration in tenths of a millisecond, capped at 6.5 seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TenthMs(pub u16);

impl TenthMs {
    /// Rounds to the nearest; negative values and NaN give zero.
    pub fn from_ms(ms: f64) -> Self {
        // `as` saturates, and makes zero of NaN.
        Self(libm::round(ms * 10.0) as u16)
    }

    /// In milliseconds.
    pub fn ms(self) -> f64 {
        f64::from(self.0) / 10.0
    }
}

/// The server's parts of one player's lag, smoothed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ServerLag {
    /// From an input's arrival to the tick that uses it.
    pub input_queue: TenthMs,
    /// From the start of that tick until its step is done.
    pub tick: TenthMs,
    /// From there until the connection's task sends the frame, encoding included.
    pub send_queue: TenthMs,
}

/// The client's parts of the lag, as means of the last seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ClientLag {
    /// From a key press until its input is sent.
    pub send_ahead: TenthMs,
    /// The round trip without the server's parts.
    pub network: TenthMs,
    /// How long others are delayed so that they move smoothly.
    pub jitter_buffer: TenthMs,
    /// From there until the frame is on the screen.
    pub rendering: TenthMs,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn from_ms_accepts_any_number() {
        for (ms, tenths) in [(0.0, 0), (12.34, 123), (-5.0, 0), (1e9, u16::MAX), (f64::NAN, 0)] {
            assert_eq!(TenthMs::from_ms(ms), TenthMs(tenths));
        }
    }
}
