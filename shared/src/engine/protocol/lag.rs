//! Whose delay it is: the parts of the time from a key press to its effect on the screen, each measured by the end
//! that can.

use serde::{Deserialize, Serialize};

/// A duration in tenths of a millisecond, to 6.5 seconds; longer ones stay there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TenthMs(pub u16);

impl TenthMs {
    /// The nearest that can be told; zero for what is no duration.
    pub fn from_ms(ms: f64) -> Self {
        // `as` saturates, and makes zero of NaN.
        Self(libm::round(ms * 10.0) as u16)
    }

    /// In milliseconds.
    pub fn ms(self) -> f64 {
        f64::from(self.0) / 10.0
    }
}

/// What the server measures of one player's delay, smoothed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ServerLag {
    /// From an input's arrival to the tick that takes it.
    pub input_queue: TenthMs,
    /// From when that tick began to when its frames are made.
    pub tick: TenthMs,
    /// From there to the operating system.
    pub send_queue: TenthMs,
}

/// What a client measures of its own delay, as the mean of the last seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ClientLag {
    /// From a key press to the input that is sent for it.
    pub send_ahead: TenthMs,
    /// There and back, without what the server itself takes.
    pub network: TenthMs,
    /// For which others are held back so that they move evenly.
    pub jitter_buffer: TenthMs,
    /// From there to the screen.
    pub rendering: TenthMs,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_number_is_a_duration() {
        for (ms, tenths) in [(0.0, 0), (12.34, 123), (-5.0, 0), (1e9, u16::MAX), (f64::NAN, 0)] {
            assert_eq!(TenthMs::from_ms(ms), TenthMs(tenths));
        }
    }
}
