//! With how many players to try next: set numbers first, then more until it does not hold, then halfway between.
//! Pure: it is told what was tried, and says what to try.

/// How to look for the most players that hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Climb {
    /// These first, by rising number; those above [`Self::always`] only as long as all before them held.
    pub(super) fixed: Vec<u32>,
    /// Up to here each of them is tried whatever the others came to.
    pub(super) always: u32,
    /// How much more is tried after the last of them; twice that from [`WIDE_FROM`] on; 0 for no more.
    pub(super) step: u32,
    /// No more than this.
    pub(super) most: u32,
    /// Once the most that held and the least that did not are so near, it is good; 0 not to halve at all.
    pub(super) grain: u32,
    /// How often what did not hold is tried again: another program may have been in the way.
    pub(super) retries: usize,
}

/// Players from which on steps are twice as wide.
const WIDE_FROM: u32 = 4000;
/// Numbers of players are multiples of this.
const ROUND: u32 = 25;

/// A try and whether it held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tried {
    pub(super) players: u32,
    pub(super) held: bool,
}

impl Climb {
    /// The next number of players; none if all is known.
    pub(super) fn next(&self, tried: &[Tried]) -> Option<u32> {
        let tries = |players: u32| tried.iter().filter(|one| one.players == players).count();
        let held = |players: u32| tried.iter().any(|one| one.players == players && one.held);
        if let Some(last) = tried.last()
            && !held(last.players)
            && tries(last.players) <= self.retries
        {
            return Some(last.players);
        }
        let good = tried.iter().filter(|one| one.held).map(|one| one.players).max();
        let above = |players: u32| good.is_none_or(|good| players > good);
        let bad = tried.iter().map(|one| one.players).filter(|&players| above(players)).min();
        let untried = self.fixed.iter().copied().filter(|&players| tries(players) == 0);
        if let Some(next) = untried.min()
            && (next <= self.always || bad.is_none())
        {
            return Some(next);
        }
        match (good, bad) {
            (Some(good), None) if self.step > 0 => {
                let step = if good >= WIDE_FROM { 2 * self.step } else { self.step };
                (good + step <= self.most).then_some(good + step)
            }
            (Some(good), Some(bad)) if self.grain > 0 && bad - good > self.grain => {
                let middle = (good + bad) / 2 / ROUND * ROUND;
                (middle > good && middle < bad).then_some(middle)
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn climb() -> Climb {
        Climb {
            fixed: vec![250, 500, 1000, 2000],
            always: 1000,
            step: 500,
            most: 8000,
            grain: 125,
            retries: 0,
        }
    }

    /// What is tried if so many can be held.
    fn path(climb: &Climb, can_hold: u32) -> Vec<u32> {
        let mut tried = Vec::new();
        while let Some(players) = climb.next(&tried) {
            tried.push(Tried { players, held: players <= can_hold });
            assert!(tried.len() < 50, "it does not end: {tried:?}");
        }
        tried.into_iter().map(|one| one.players).collect()
    }

    #[test]
    fn climbs_until_it_does_not_hold_and_then_halves() {
        assert_eq!(path(&climb(), 2600), [250, 500, 1000, 2000, 2500, 3000, 2750, 2625]);
        assert_eq!(path(&climb(), 1300), [250, 500, 1000, 2000, 1500, 1250, 1375]);
        assert_eq!(path(&climb(), 9000).last(), Some(&8000));
    }

    #[test]
    fn what_the_verdict_needs_is_tried_whatever_happens() {
        assert_eq!(path(&climb(), 300), [250, 500, 1000, 375]);
        assert_eq!(path(&climb(), 0), [250, 500, 1000]);
    }

    #[test]
    fn a_failure_is_tried_again() {
        let climb = Climb { retries: 1, ..climb() };
        let tried = [Tried { players: 250, held: false }];
        assert_eq!(climb.next(&tried), Some(250));
        let tried = [tried[0], Tried { players: 250, held: true }];
        assert_eq!(climb.next(&tried), Some(500));
        let tried = [Tried { players: 250, held: false }; 2];
        assert_eq!(climb.next(&tried), Some(500));
    }

    #[test]
    fn in_short_only_the_set_numbers() {
        let climb = Climb { fixed: vec![250, 1000], step: 0, grain: 0, ..climb() };
        assert_eq!(path(&climb, 8000), [250, 1000]);
        assert_eq!(path(&climb, 300), [250, 1000]);
    }
}
