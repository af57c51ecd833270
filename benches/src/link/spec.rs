//! What a link does to those who use it, as a person writes it. It must not know when anything happens.

use std::{fmt, str::FromStr};

/// The most a link may add to the ping.
const DELAY_MS_MAX: f64 = 5_000.0;
/// The least a stall or a cut may last: timers are no finer.
const LASTS_MS_MIN: f64 = 1.0;
/// The most time from one stall or cut to the next.
const PERIOD_MS_MAX: f64 = 3_600_000.0;

/// What a link does to those who use it. Written and read as
/// `delay=100ms jitter=20ms stall=300ms/10s cut=5s/60s seed=7`: with spaces or commas between, each key at most once
/// and in any order, and times in `ms` or `s`. What is left out the link does not do.
///
/// A link carries TCP: nothing is lost while the connection stands, and nothing overtakes. What is sent later never
/// arrives earlier, so a message that is late holds up those behind it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LinkSpec {
    /// Added to the ping, 0 to 5000 ms: half of it on the way up, half on the way down.
    pub delay_ms: f64,
    /// Each message takes its half of the delay give or take this, evenly spread and each by itself; 0 ms to half the
    /// delay.
    pub jitter_ms: f64,
    /// Times in which nothing arrives either way; then all that was held up arrives at once.
    pub stall: Option<Every>,
    /// Times in which there is no link: what is connected when one begins is broken, with all that is under way, and
    /// nothing can connect until it has passed.
    pub cut: Option<Every>,
    /// Of all chance: the same seed and the same sending give the same arrivals.
    pub seed: u64,
}

/// Something that begins at `period_ms`, twice that, three times that and so on, of the link's own time: never at 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Every {
    /// How long it lasts: 1 ms or more, and less than the period.
    pub lasts_ms: f64,
    /// From one beginning to the next, and to the first; at most an hour.
    pub period_ms: f64,
}

/// Why a text, or a [`LinkSpec`] made by hand, is no link.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum LinkError {
    /// No `key=value`, or a key that no link has.
    #[error(
        "`{0}` is no part of a link: write any of delay=100ms jitter=20ms stall=300ms/10s cut=5s/60s seed=7"
    )]
    Part(String),
    /// A key that was there before.
    #[error("{0} is there twice: write it once")]
    Twice(&'static str),
    /// A value that is no time.
    #[error("{key}={value} is no time: write a number and its unit, as in {key}=100ms or {key}=1.5s")]
    Time {
        /// The key.
        key: &'static str,
        /// What was written for it.
        value: String,
    },
    /// A value that does not say how long and how often.
    #[error("{key}={value} does not say how long and how often: write {key}=300ms/10s for 300 ms every 10 s")]
    Every {
        /// The key.
        key: &'static str,
        /// What was written for it.
        value: String,
    },
    /// A seed that is no number.
    #[error("seed={0} is no seed: write a whole number from 0, as in seed=7")]
    Seed(String),
    /// A delay out of range, in milliseconds.
    #[error("a delay of {0} ms is out of range: write delay=0ms to delay=5s")]
    Delay(f64),
    /// A jitter out of range.
    #[error(
        "a jitter of {jitter_ms} ms does not go with a delay of {delay_ms} ms: each way takes half the delay give or \
         take the jitter, and nothing arrives before it was sent; write jitter=0ms to jitter={}ms, or a longer delay",
        .delay_ms / 2.0
    )]
    Jitter {
        /// The jitter.
        jitter_ms: f64,
        /// The delay beside it.
        delay_ms: f64,
    },
    /// A stall or a cut out of range.
    #[error(
        "{key}={lasts_ms}ms/{period_ms}ms is out of range: it must last 1 ms or more and less than its period, which \
         is at most an hour, as in {key}=300ms/10s"
    )]
    Period {
        /// Which of the two.
        key: &'static str,
        /// How long it was to last.
        lasts_ms: f64,
        /// How often it was to begin.
        period_ms: f64,
    },
}

impl LinkSpec {
    /// Whether all is within its range. A spec that was read is; one made by hand may not be.
    ///
    /// # Errors
    /// What is out of range first.
    pub fn check(&self) -> Result<(), LinkError> {
        let Self { delay_ms, jitter_ms, .. } = *self;
        if !(0.0..=DELAY_MS_MAX).contains(&delay_ms) {
            return Err(LinkError::Delay(delay_ms));
        }
        if !(0.0..=delay_ms / 2.0).contains(&jitter_ms) {
            return Err(LinkError::Jitter { jitter_ms, delay_ms });
        }
        for (key, every) in [("stall", self.stall), ("cut", self.cut)] {
            let Some(Every { lasts_ms, period_ms }) = every else { continue };
            if !(LASTS_MS_MIN..period_ms).contains(&lasts_ms) || period_ms > PERIOD_MS_MAX {
                return Err(LinkError::Period { key, lasts_ms, period_ms });
            }
        }
        Ok(())
    }
}

impl FromStr for LinkSpec {
    type Err = LinkError;

    fn from_str(text: &str) -> Result<Self, LinkError> {
        let (mut delay_ms, mut jitter_ms, mut stall, mut cut, mut seed) = (None, None, None, None, None);
        let is_between = |c: char| c.is_whitespace() || c == ',';
        for part in text.split(is_between).filter(|part| !part.is_empty()) {
            match part.split_once('=') {
                Some(("delay", value)) => once(&mut delay_ms, "delay", time_ms("delay", value)?)?,
                Some(("jitter", value)) => once(&mut jitter_ms, "jitter", time_ms("jitter", value)?)?,
                Some(("stall", value)) => once(&mut stall, "stall", every("stall", value)?)?,
                Some(("cut", value)) => once(&mut cut, "cut", every("cut", value)?)?,
                Some(("seed", value)) => {
                    let number = value.parse().map_err(|_| LinkError::Seed(value.to_owned()))?;
                    once(&mut seed, "seed", number)?;
                }
                _ => return Err(LinkError::Part(part.to_owned())),
            }
        }
        let spec = Self {
            delay_ms: delay_ms.unwrap_or_default(),
            jitter_ms: jitter_ms.unwrap_or_default(),
            stall,
            cut,
            seed: seed.unwrap_or_default(),
        };
        spec.check()?;
        Ok(spec)
    }
}

fn once<T>(place: &mut Option<T>, key: &'static str, value: T) -> Result<(), LinkError> {
    if place.replace(value).is_some() { Err(LinkError::Twice(key)) } else { Ok(()) }
}

/// A number with its unit, in milliseconds.
fn time_ms(key: &'static str, value: &str) -> Result<f64, LinkError> {
    let (number, unit_ms) = match (value.strip_suffix("ms"), value.strip_suffix('s')) {
        (Some(number), _) => (number, 1.0),
        (None, Some(number)) => (number, 1000.0),
        (None, None) => ("", 1.0),
    };
    let number: f64 = number.parse().map_err(|_| LinkError::Time { key, value: value.to_owned() })?;
    // Without the sign of a zero.
    Ok(number * unit_ms + 0.0)
}

fn every(key: &'static str, value: &str) -> Result<Every, LinkError> {
    let no_every = || LinkError::Every { key, value: value.to_owned() };
    let (lasts, period) = value.split_once('/').ok_or_else(no_every)?;
    let time_ms = |text| time_ms(key, text).map_err(|_| no_every());
    Ok(Every { lasts_ms: time_ms(lasts)?, period_ms: time_ms(period)? })
}

impl fmt::Display for LinkSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "delay={}", Time(self.delay_ms))?;
        if self.jitter_ms > 0.0 {
            write!(f, " jitter={}", Time(self.jitter_ms))?;
        }
        for (key, every) in [("stall", self.stall), ("cut", self.cut)] {
            if let Some(Every { lasts_ms, period_ms }) = every {
                write!(f, " {key}={}/{}", Time(lasts_ms), Time(period_ms))?;
            }
        }
        write!(f, " seed={}", self.seed)
    }
}

/// Milliseconds, written in whole seconds where they are some.
struct Time(f64);

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(ms) = *self;
        if ms >= 1000.0 && ms % 1000.0 == 0.0 { write!(f, "{}s", ms / 1000.0) } else { write!(f, "{ms}ms") }
    }
}

#[cfg(test)]
mod tests {
    use proptest::{option, prelude::*};

    use super::*;

    fn error(text: &str) -> String {
        text.parse::<LinkSpec>().unwrap_err().to_string()
    }

    #[test]
    fn what_is_written_is_read() {
        let spec: LinkSpec = "delay=100ms jitter=20ms stall=300ms/10s cut=5s/60s seed=7".parse().unwrap();
        let stall = Some(Every { lasts_ms: 300.0, period_ms: 10_000.0 });
        let cut = Some(Every { lasts_ms: 5_000.0, period_ms: 60_000.0 });
        assert_eq!(spec, LinkSpec { delay_ms: 100.0, jitter_ms: 20.0, stall, cut, seed: 7 });
        assert_eq!("seed=7,cut=5s/60s, stall=0.3s/10s\tjitter=20ms,,delay=.1s".parse(), Ok(spec));
        assert_eq!(" ".parse(), Ok(LinkSpec::default()));
        assert_eq!("delay=-0s".parse::<LinkSpec>().unwrap().to_string(), "delay=0ms seed=0");
    }

    #[test]
    fn what_cannot_be_is_refused_with_what_to_write() {
        assert!(error("lag=100ms").contains("`lag=100ms` is no part of a link: write any of delay=100ms"));
        assert!(error("delay").contains("`delay` is no part"));
        assert_eq!(error("delay=1ms delay=2ms"), "delay is there twice: write it once");
        for text in ["delay=100", "delay=ms", "delay=fast", "delay=", "delay=1 ms"] {
            assert!(error(text).contains("write a number and its unit, as in delay=100ms"), "{text}");
        }
        for text in ["delay=5001ms", "delay=-1ms", "delay=NaNms", "delay=infs"] {
            assert!(error(text).contains("write delay=0ms to delay=5s"), "{text}");
        }
        assert!(
            error("delay=30ms jitter=20ms").contains("write jitter=0ms to jitter=15ms, or a longer delay")
        );
        assert!(error("jitter=20ms").contains("does not go with a delay of 0 ms"));
        assert!(error("delay=30ms jitter=-1ms").contains("jitter of -1 ms"));
        for text in ["stall=300ms", "stall=300/10s", "stall=/", "stall=1s/2s/3s"] {
            assert!(error(text).contains("write stall=300ms/10s for 300 ms every 10 s"), "{text}");
        }
        for text in ["cut=1s/1s", "cut=2s/1s", "cut=0s/1s", "cut=1s/3601s", "cut=1s/NaNs", "cut=-2s/-1s"] {
            assert!(error(text).contains("less than its period"), "{text}");
        }
        assert!(error("seed=-1").contains("write a whole number from 0"));
    }

    fn any_every() -> impl Strategy<Value = Every> {
        (2.0..=PERIOD_MS_MAX, 0.0..1.0).prop_map(|(period_ms, share)| Every {
            lasts_ms: LASTS_MS_MIN + share * (period_ms - LASTS_MS_MIN) * 0.999,
            period_ms: if share < 0.5 { period_ms.ceil() } else { period_ms },
        })
    }

    fn any_spec() -> impl Strategy<Value = LinkSpec> {
        let delay_ms = prop_oneof![0.0..=DELAY_MS_MAX, (0..=5).prop_map(|s| f64::from(s) * 1000.0)];
        let parts = (delay_ms, 0.0..=0.5, option::of(any_every()), option::of(any_every()), any::<u64>());
        parts.prop_map(|(delay_ms, share, stall, cut, seed)| LinkSpec {
            delay_ms,
            jitter_ms: share * delay_ms,
            stall,
            cut,
            seed,
        })
    }

    proptest! {
        #[test]
        fn what_is_shown_is_read_as_the_same(spec in any_spec()) {
            prop_assert_eq!(spec.to_string().parse(), Ok(spec));
        }

        #[test]
        fn no_text_is_too_odd(text in "\\PC{0,40}|((delay|jitter|stall|cut|seed)=[-+.e0-9ms/]{0,9}[ ,]){0,4}") {
            if let Ok(spec) = text.parse::<LinkSpec>() {
                prop_assert_eq!(spec.to_string().parse(), Ok(spec));
            }
        }
    }
}
