//! The best that a player ever did on this machine, over all its lives, and how that is kept as text. It must not
//! know where it is kept.

use super::scene::Run;

/// The best of all lives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Records {
    /// The longest life, in whole seconds.
    pub seconds: u32,
    /// The most embers aboard.
    pub embers: u32,
    /// The most ships shot down in one life.
    pub kills: u32,
}

/// Which of them a life has beaten. The first life of all beats nothing: there was nothing to beat.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Beaten {
    /// It was the longest.
    pub seconds: bool,
    /// It had the most embers.
    pub embers: bool,
    /// It had the most kills.
    pub kills: bool,
}

impl Beaten {
    /// Whether it was the best in anything.
    pub fn any(self) -> bool {
        self.seconds || self.embers || self.kills
    }
}

impl Records {
    /// Takes in a life that ended.
    pub fn take_in(&mut self, run: &Run) -> Beaten {
        let now = Self { seconds: run.seconds as u32, embers: run.embers, kills: run.kills.into() };
        let is_beaten = |now: u32, best: u32| best > 0 && now > best;
        let beaten = Beaten {
            seconds: is_beaten(now.seconds, self.seconds),
            embers: is_beaten(now.embers, self.embers),
            kills: is_beaten(now.kills, self.kills),
        };
        self.seconds = self.seconds.max(now.seconds);
        self.embers = self.embers.max(now.embers);
        self.kills = self.kills.max(now.kills);
        beaten
    }

    /// As text: three numbers.
    pub fn to_text(self) -> String {
        format!("{} {} {}", self.seconds, self.embers, self.kills)
    }

    /// From text; what is not there, or no number, is nothing yet.
    pub fn of_text(text: &str) -> Self {
        let mut numbers = text.split(' ').map(|number| number.parse().unwrap_or(0));
        let mut next = || numbers.next().unwrap_or(0);
        Self { seconds: next(), embers: next(), kills: next() }
    }
}

/// A time as on a clock: minutes and seconds.
pub fn clock(seconds: u32) -> String {
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_record_is_beaten_by_itself_and_kept() {
        let mut records = Records::default();
        let first = Run { seconds: 61.9, embers: 40, kills: 0, rank: 3 };
        assert!(!records.take_in(&first).any(), "the first life is nobody's better");
        let second = Run { seconds: 30.0, embers: 41, kills: 2, rank: 9 };
        assert_eq!(records.take_in(&second), Beaten { embers: true, ..Beaten::default() });
        assert_eq!(records, Records { seconds: 61, embers: 41, kills: 2 });
        assert!(!records.take_in(&second).any(), "as good is not better");
        assert_eq!(Records::of_text(&records.to_text()), records);
    }

    #[test]
    fn what_is_broken_is_nothing_yet() {
        assert_eq!(Records::of_text(""), Records::default());
        assert_eq!(Records::of_text("-1 x 7 9"), Records { kills: 7, ..Records::default() });
        assert_eq!((clock(5), clock(3671)), ("0:05".into(), "61:11".into()));
    }
}
