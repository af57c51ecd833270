//! What a network conditioner does, as a person writes it.

use std::{fmt, str::FromStr};

/// The most that may be added to the ping.
const DELAY_MS_MAX: f64 = 5_000.0;
/// The shortest stall or cut: timers are no finer.
const LENGTH_MS_MIN: f64 = 1.0;
/// The longest time from one stall or cut to the next.
const PERIOD_MS_MAX: f64 = 3_600_000.0;

/// Written as `delay=100ms jitter=20ms stall=300ms/10s cut=5s/60s seed=7`: separated by spaces or commas, each key at
/// most once and in any order, times in `ms` or `s`. What is left out does not happen.
///
/// As with any TCP nothing is lost while the connection stands, and nothing overtakes: a late message holds up those
/// behind it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Conditions {
    /// Added to the ping, 0 to 5000 ms: half of it each way.
    pub delay_ms: f64,
    /// Each message takes its half of the delay plus or minus up to this, uniformly; 0 to half the delay.
    pub jitter_ms: f64,
    /// Times in which nothing arrives in either direction; then everything that was held up arrives at once.
    pub stall: Option<Recurring>,
    /// Times without a network: connections are broken when one begins, with all that is in flight, and none can be
    /// made until it ends.
    pub cut: Option<Recurring>,
    pub seed: u64,
}

/// Something that begins at `period_ms`, twice that, three times that and so on of the conditioner's own time, and
/// never at 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Recurring {
    /// 1 ms or more, and less than the period.
    pub length_ms: f64,
    /// At most an hour.
    pub period_ms: f64,
}

/// What is wrong with conditions, and what to write.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ConditionsError(String);

impl Conditions {
    /// Parsed conditions are always in range; ones made in code may not be.
    ///
    /// # Errors
    /// The first value that is out of range.
    pub fn check(&self) -> Result<(), ConditionsError> {
        let Self { delay_ms, jitter_ms, .. } = *self;
        if !(0.0..=DELAY_MS_MAX).contains(&delay_ms) {
            return wrong(format!("a delay of {delay_ms} ms is out of range: write delay=0ms to delay=5s"));
        }
        if !(0.0..=delay_ms / 2.0).contains(&jitter_ms) {
            return wrong(format!(
                "a jitter of {jitter_ms} ms is more than half the delay of {delay_ms} ms, and nothing can arrive before \
                 it was sent: write jitter=0ms to jitter={}ms, or a longer delay",
                delay_ms / 2.0
            ));
        }
        for (key, recurring) in [("stall", self.stall), ("cut", self.cut)] {
            let Some(Recurring { length_ms, period_ms }) = recurring else { continue };
            if !(LENGTH_MS_MIN..period_ms).contains(&length_ms) || period_ms > PERIOD_MS_MAX {
                return wrong(format!(
                    "{key}={length_ms}ms/{period_ms}ms is out of range: it must last 1 ms or more and less than its \
                     period, which is at most an hour, as in {key}=300ms/10s"
                ));
            }
        }
        Ok(())
    }
}

fn wrong<T>(what: String) -> Result<T, ConditionsError> {
    Err(ConditionsError(what))
}

impl FromStr for Conditions {
    type Err = ConditionsError;

    fn from_str(text: &str) -> Result<Self, ConditionsError> {
        let mut conditions = Self::default();
        let mut keys = Vec::new();
        let is_between = |c: char| c.is_whitespace() || c == ',';
        for part in text.split(is_between).filter(|part| !part.is_empty()) {
            let (key, value) = part.split_once('=').unwrap_or((part, ""));
            let read = match key {
                "delay" => time_ms(value).map(|ms| conditions.delay_ms = ms),
                "jitter" => time_ms(value).map(|ms| conditions.jitter_ms = ms),
                "stall" => recurring(value).map(|stall| conditions.stall = Some(stall)),
                "cut" => recurring(value).map(|cut| conditions.cut = Some(cut)),
                "seed" => value.parse().ok().map(|seed| conditions.seed = seed),
                _ => None,
            };
            if read.is_none() {
                return wrong(format!(
                    "`{part}` cannot be read: write delay=100ms jitter=20ms stall=300ms/10s cut=5s/60s seed=7, or some \
                     of these"
                ));
            }
            if keys.contains(&key) {
                return wrong(format!("{key} is given twice"));
            }
            keys.push(key);
        }
        conditions.check()?;
        Ok(conditions)
    }
}

/// A number with its unit, in milliseconds.
fn time_ms(value: &str) -> Option<f64> {
    let (number, unit_ms) = value
        .strip_suffix("ms")
        .map(|number| (number, 1.0))
        .or_else(|| Some((value.strip_suffix('s')?, 1000.0)))?;
    // Adding 0 takes the sign from a zero.
    Some(number.parse::<f64>().ok()? * unit_ms + 0.0)
}

fn recurring(value: &str) -> Option<Recurring> {
    let (length, period) = value.split_once('/')?;
    Some(Recurring { length_ms: time_ms(length)?, period_ms: time_ms(period)? })
}

impl fmt::Display for Conditions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "delay={}", Time(self.delay_ms))?;
        if self.jitter_ms > 0.0 {
            write!(f, " jitter={}", Time(self.jitter_ms))?;
        }
        for (key, recurring) in [("stall", self.stall), ("cut", self.cut)] {
            if let Some(Recurring { length_ms, period_ms }) = recurring {
                write!(f, " {key}={}/{}", Time(length_ms), Time(period_ms))?;
            }
        }
        write!(f, " seed={}", self.seed)
    }
}

/// Milliseconds, written as seconds if they are whole ones.
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

    #[test]
    fn conditions_are_read_in_any_order() {
        let conditions: Conditions =
            "delay=100ms jitter=20ms stall=300ms/10s cut=5s/60s seed=7".parse().unwrap();
        let stall = Some(Recurring { length_ms: 300.0, period_ms: 10_000.0 });
        let cut = Some(Recurring { length_ms: 5_000.0, period_ms: 60_000.0 });
        assert_eq!(conditions, Conditions { delay_ms: 100.0, jitter_ms: 20.0, stall, cut, seed: 7 });
        assert_eq!("seed=7,cut=5s/60s, stall=0.3s/10s\tjitter=20ms,,delay=.1s".parse(), Ok(conditions));
        assert_eq!(" ".parse(), Ok(Conditions::default()));
        assert_eq!("delay=-0s".parse::<Conditions>().unwrap().to_string(), "delay=0ms seed=0");
    }

    #[test]
    fn wrong_conditions_are_refused_with_what_to_write() {
        for (texts, part) in [
            (&["lag=100ms", "delay"][..], "cannot be read: write delay=100ms"),
            (&["delay=1ms delay=2ms"], "delay is given twice"),
            (&["delay=100", "delay=ms", "delay=fast", "delay=", "delay=1 ms"], "write delay=100ms"),
            (&["delay=5001ms", "delay=-1ms", "delay=NaNms", "delay=infs"], "write delay=0ms to delay=5s"),
            (&["delay=30ms jitter=20ms"], "write jitter=0ms to jitter=15ms, or a longer delay"),
            (&["jitter=20ms", "delay=30ms jitter=-1ms"], "more than half the delay"),
            (&["stall=300ms", "stall=300/10s", "stall=/", "stall=1s/2s/3s"], "stall=300ms/10s"),
            (&["cut=1s/1s", "cut=2s/1s", "cut=0s/1s", "cut=1s/3601s", "cut=1s/NaNs"], "less than its period"),
            (&["seed=-1"], "cannot be read"),
        ] {
            for text in texts {
                let error = text.parse::<Conditions>().unwrap_err().to_string();
                assert!(error.contains(part), "{text}: {error}");
            }
        }
    }

    fn any_recurring() -> impl Strategy<Value = Recurring> {
        (2.0..=PERIOD_MS_MAX, 0.0..1.0).prop_map(|(period_ms, share)| Recurring {
            length_ms: LENGTH_MS_MIN + share * (period_ms - LENGTH_MS_MIN) * 0.999,
            period_ms: if share < 0.5 { period_ms.ceil() } else { period_ms },
        })
    }

    fn any_conditions() -> impl Strategy<Value = Conditions> {
        let delay_ms = prop_oneof![0.0..=DELAY_MS_MAX, (0..=5).prop_map(|s| f64::from(s) * 1000.0)];
        let parts =
            (delay_ms, 0.0..=0.5, option::of(any_recurring()), option::of(any_recurring()), any::<u64>());
        parts.prop_map(|(delay_ms, share, stall, cut, seed)| Conditions {
            delay_ms,
            jitter_ms: share * delay_ms,
            stall,
            cut,
            seed,
        })
    }

    proptest! {
        #[test]
        fn displayed_conditions_are_read_as_the_same(conditions in any_conditions()) {
            prop_assert_eq!(conditions.to_string().parse(), Ok(conditions));
        }

        #[test]
        fn arbitrary_text_never_panics(
            text in "\\PC{0,40}|((delay|jitter|stall|cut|seed)=[-+.e0-9ms/]{0,9}[ ,]){0,4}",
        ) {
            if let Ok(conditions) = text.parse::<Conditions>() {
                prop_assert_eq!(conditions.to_string().parse(), Ok(conditions));
            }
        }
    }
}
