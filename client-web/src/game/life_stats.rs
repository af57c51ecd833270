//! How the present life goes, and the player's records over all lives on this machine.
//!
//! Records are stored as three numbers. Not JSON, because serde_json adds 15 kB to the compressed page.

use shared::game::{rules::Rules, shot::Lived};

use super::scene::LifeSummary;

/// What is seen here of the present life, from its first frame on. The rest the server says, which also knows of a life that ends while
/// the page is away.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct LifeStats {
    /// The best place on the leaderboard; 0 for none yet.
    rank: u16,
}

impl LifeStats {
    /// The own ship has this rank now; 0 for none.
    pub(super) fn update(&mut self, rank: u16) {
        if rank > 0 && (self.rank == 0 || rank < self.rank) {
            self.rank = rank;
        }
    }

    /// How the life went, by these rules and at this many ticks a second.
    pub(super) fn summary(&self, lived: &Lived, rules: &Rules, tick_rate: f64) -> LifeSummary {
        let &Lived { ticks, embers, kills } = lived;
        let (seconds, tier) = ((f64::from(ticks) / tick_rate) as f32, rules.tier(embers) as u8);
        let next = rules.hulls.get(usize::from(tier) + 1).map_or(0, |hull| hull.embers);
        let missing = if embers.saturating_mul(2) >= next { next.saturating_sub(embers) } else { 0 };
        LifeSummary { seconds, embers, kills, rank: self.rank, tier, missing }
    }
}

/// The best of all lives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Records {
    /// The longest life, in whole seconds.
    pub seconds: u32,
    /// Most embers aboard.
    pub embers: u32,
    /// Most kills in one life.
    pub kills: u32,
}

/// Which records a life has beaten. The first life beats none, because there was none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NewRecords {
    /// It was the longest.
    pub seconds: bool,
    /// It had the most embers.
    pub embers: bool,
    /// It had the most kills.
    pub kills: bool,
}

impl NewRecords {
    /// Whether it has beaten any.
    pub fn any(self) -> bool {
        self.seconds || self.embers || self.kills
    }
}

impl Records {
    /// Adds a life that ended.
    pub fn update(&mut self, life: &LifeSummary) -> NewRecords {
        let now = Self { seconds: life.seconds as u32, embers: life.embers, kills: life.kills.into() };
        let is_beaten = |now: u32, best: u32| best > 0 && now > best;
        let new = NewRecords {
            seconds: is_beaten(now.seconds, self.seconds),
            embers: is_beaten(now.embers, self.embers),
            kills: is_beaten(now.kills, self.kills),
        };
        self.seconds = self.seconds.max(now.seconds);
        self.embers = self.embers.max(now.embers);
        self.kills = self.kills.max(now.kills);
        new
    }

    /// The text to store.
    pub fn to_text(self) -> String {
        format!("{} {} {}", self.seconds, self.embers, self.kills)
    }

    /// Records from a stored text. What is missing or no number is 0.
    pub fn from_text(text: &str) -> Self {
        let mut numbers = text.split(' ').map(|number| number.parse().unwrap_or(0));
        let mut next = || numbers.next().unwrap_or(0);
        Self { seconds: next(), embers: next(), kills: next() }
    }
}

/// Minutes and seconds: `1:05`.
pub fn minutes(seconds: u32) -> String {
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::game::fixture;

    #[test]
    fn summary_has_what_the_server_says_and_the_best_rank_that_was_seen() {
        let (lived, rules) = (Lived { ticks: 900, embers: 80, kills: 2 }, fixture::rules());
        let mut life = LifeStats::default();
        [0, 3, 9].into_iter().for_each(|rank| life.update(rank));
        let summary = LifeSummary { seconds: 30.0, embers: 80, kills: 2, rank: 3, tier: 2, missing: 70 };
        assert_eq!(life.summary(&lived, &rules, 30.0), summary);
        assert_eq!(LifeStats::default().summary(&lived, &rules, 30.0), LifeSummary { rank: 0, ..summary });
    }

    #[test]
    fn next_hull_is_near_from_half_of_the_way_on() {
        let missing = |embers| {
            let lived = Lived { embers, ..Lived::default() };
            LifeStats::default().summary(&lived, &fixture::rules(), 30.0).missing
        };
        assert_eq!([12, 13, 24, 25, 40, 5000].map(missing), [0, 12, 1, 0, 30, 0]);
    }

    #[test]
    fn each_record_is_beaten_on_its_own() {
        let mut records = Records::default();
        let first = LifeSummary { seconds: 61.9, embers: 40, rank: 3, ..LifeSummary::default() };
        assert!(!records.update(&first).any(), "there was none to beat");
        let second = LifeSummary { seconds: 30.0, embers: 41, kills: 2, rank: 9, ..LifeSummary::default() };
        assert_eq!(records.update(&second), NewRecords { embers: true, ..NewRecords::default() });
        assert_eq!(records, Records { seconds: 61, embers: 41, kills: 2 });
        assert!(!records.update(&second).any(), "as good is not better");
        assert_eq!(Records::from_text(&records.to_text()), records);
    }

    #[test]
    fn unreadable_record_is_zero() {
        assert_eq!(Records::from_text(""), Records::default());
        assert_eq!(Records::from_text("-1 x 7 9"), Records { kills: 7, ..Records::default() });
    }

    #[test]
    fn duration_is_written_in_minutes_and_seconds() {
        assert_eq!((minutes(5), minutes(3671)), ("0:05".into(), "61:11".into()));
    }
}
