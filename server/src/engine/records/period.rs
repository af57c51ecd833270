//! The periods of leaderboards, in UTC: a day, a week from Monday (ISO 8601), a season, and all time. A season is a quarter of the
//! calendar year.

use time::{Date, Month, OffsetDateTime};

/// How far back a leaderboard reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Period {
    /// The day, UTC.
    Today,
    /// The week from Monday to Sunday.
    Week,
    /// The quarter of the year.
    Season,
    /// As far as records go back.
    All,
}

/// One period.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// Such as `2026-11-30`, `2026-W49`, `2026-Q4` or `all`.
    pub key: String,
    /// When it is over, in Unix milliseconds.
    pub ends_ms: i64,
}

impl Period {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Today, Self::Week, Self::Season, Self::All];

    /// Its name in addresses.
    pub fn name(self) -> &'static str {
        match self {
            Self::Today => "today",
            Self::Week => "week",
            Self::Season => "season",
            Self::All => "all",
        }
    }

    /// The period with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|period| period.name() == name)
    }

    /// The one that holds this moment.
    pub fn at(self, unix_ms: u64) -> Span {
        // A time that the calendar does not have cannot come from a clock.
        let seconds = i64::try_from(unix_ms / 1000).unwrap_or(0);
        let date = OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH).date();
        let (year, month) = (date.year(), u8::from(date.month()));
        match self {
            Self::Today => {
                span(format!("{year:04}-{month:02}-{:02}", date.day()), ordinal(date.to_julian_day() + 1))
            }
            Self::Week => {
                let (year, week, _) = date.to_iso_week_date();
                let monday = date.to_julian_day() - i32::from(date.weekday().number_days_from_monday());
                span(format!("{year:04}-W{week:02}"), ordinal(monday + 7))
            }
            Self::Season => {
                let (year_after, month_after) = match date.month() {
                    Month::January | Month::February | Month::March => (year, Month::April),
                    Month::April | Month::May | Month::June => (year, Month::July),
                    Month::July | Month::August | Month::September => (year, Month::October),
                    _ => (year + 1, Month::January),
                };
                let after = Date::from_calendar_date(year_after, month_after, 1).ok();
                span(format!("{year:04}-Q{}", (month - 1) / 3 + 1), after)
            }
            Self::All => span("all".to_owned(), None),
        }
    }
}

fn ordinal(julian_day: i32) -> Option<Date> {
    Date::from_julian_day(julian_day).ok()
}

/// The period with this key, until the first moment of `after`; without it for ever.
fn span(key: String, after: Option<Date>) -> Span {
    let ends_ms = after.map_or(i64::MAX, |date| date.midnight().assume_utc().unix_timestamp() * 1000);
    Span { key, ends_ms }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: u64 = 86_400_000;

    #[test]
    fn moment_is_in_its_day_week_season_and_in_all() {
        // 2026-11-30 was a Monday; 2027-01-01 is in the last ISO week of 2026.
        let monday = 20_787 * DAY;
        for (unix_ms, keys) in [
            (monday, ["2026-11-30", "2026-W49", "2026-Q4", "all"]),
            (monday - 1, ["2026-11-29", "2026-W48", "2026-Q4", "all"]),
            (monday + 32 * DAY, ["2027-01-01", "2026-W53", "2027-Q1", "all"]),
            (0, ["1970-01-01", "1970-W01", "1970-Q1", "all"]),
        ] {
            assert_eq!(Period::ALL.map(|period| period.at(unix_ms).key), keys, "{unix_ms}");
        }
    }

    #[test]
    fn next_period_begins_where_one_ends() {
        for period in [Period::Today, Period::Week, Period::Season] {
            let mut at = 20_787 * DAY;
            for _ in 0..60 {
                let now = period.at(at);
                let ends = u64::try_from(now.ends_ms).expect("after 1970");
                assert_eq!(period.at(ends - 1), now);
                assert_ne!(period.at(ends).key, now.key);
                at = ends;
            }
        }
        assert_eq!(Period::named("season"), Some(Period::Season));
        assert_eq!(Period::named("Season"), None);
    }
}
