//! How fast bots come and go: evenly, so that a run measures the game and not a stampede at its door.

use std::{str::FromStr, time::Duration};

/// Bots a second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ramp {
    per_second: f64,
}

/// Why a text is no ramp.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is a number of bots a second above 0, such as 200/s")]
pub struct RampError;

impl Ramp {
    /// So many bots a second; above 0.
    pub(super) const fn per_second(per_second: f64) -> Self {
        Self { per_second }
    }

    /// When bot `number`, from 0, comes.
    pub fn start_of(self, number: u32) -> Duration {
        Duration::from_secs_f64(f64::from(number) / self.per_second)
    }
}

impl FromStr for Ramp {
    type Err = RampError;

    fn from_str(text: &str) -> Result<Self, RampError> {
        let number = text.strip_suffix("/s").unwrap_or(text);
        let per_second: f64 = number.trim().parse().map_err(|_| RampError)?;
        if (0.01..=1e6).contains(&per_second) { Ok(Self { per_second }) } else { Err(RampError) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ramp_is_even() {
        let ramp: Ramp = "200/s".parse().unwrap();
        assert_eq!(ramp.start_of(0), Duration::ZERO);
        assert_eq!(ramp.start_of(500), Duration::from_millis(2500));
        for bad in ["", "0", "-1/s", "NaN", "200/m"] {
            assert_eq!(bad.parse::<Ramp>(), Err(RampError), "{bad}");
        }
    }
}
