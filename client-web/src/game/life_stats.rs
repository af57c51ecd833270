//! How the present life goes, and the player's records over all lives on this machine.
//!
//! Records are stored as three numbers. Not JSON, because serde_json adds 15 kB to the compressed page.

use shared::game::protocol::OwnShip;

use super::scene::LifeSummary;

/// The present life, from its first frame on.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct LifeStats {
    began_ms: f64,
    summary: LifeSummary,
}

impl LifeStats {
    /// A life begins, at a server time.
    pub(super) fn begin(server_ms: f64) -> Self {
        Self { began_ms: server_ms, summary: LifeSummary::default() }
    }

    /// The own ship is alive at a server time.
    pub(super) fn update(&mut self, own: &OwnShip, rank: u16, server_ms: f64) {
        let Self { began_ms, summary } = self;
        summary.seconds = ((server_ms - *began_ms) / 1000.0) as f32;
        summary.embers = summary.embers.max(own.embers);
        summary.kills = own.streak;
        if rank > 0 && (summary.rank == 0 || rank < summary.rank) {
            summary.rank = rank;
        }
    }

    /// How it went until now. Which hull that makes is for the arena's rules to say.
    pub(super) fn summary(&self) -> LifeSummary {
        self.summary
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
    use shared::game::flight::Flight;

    use super::*;
    use crate::game::fixture;

    #[test]
    fn summary_holds_the_best_of_a_life() {
        let own = |embers, streak| OwnShip { embers, streak, ..fixture::own_ship(Flight::default()) };
        let mut life = LifeStats::begin(5000.0);
        life.update(&own(5, 0), 0, 5000.0);
        life.update(&own(50, 1), 3, 20_000.0);
        life.update(&own(20, 2), 9, 35_000.0);
        assert_eq!(life.summary(), LifeSummary { seconds: 30.0, embers: 50, kills: 2, rank: 3, tier: 0 });
    }

    #[test]
    fn each_record_is_beaten_on_its_own() {
        let mut records = Records::default();
        let first = LifeSummary { seconds: 61.9, embers: 40, kills: 0, rank: 3, tier: 0 };
        assert!(!records.update(&first).any(), "there was none to beat");
        let second = LifeSummary { seconds: 30.0, embers: 41, kills: 2, rank: 9, tier: 0 };
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
