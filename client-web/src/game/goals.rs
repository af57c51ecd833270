//! The three first goals of a new visitor. Each stays done; once all are, they are never shown again.
//!
//! Stored as one integer, a bit for each goal that is done: an integer needs no library.

use super::scene::{Hud, Life};

/// Embers to be gathered for the first goal.
pub const GATHER: u32 = 10;
/// How long it is said that all are done, in milliseconds.
const DONE_MS: f64 = 4000.0;

/// A goal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// Gather [`GATHER`] embers.
    Gather,
    /// Shoot down a drone.
    Drone,
    /// Reach the second hull.
    Hull,
}

impl Goal {
    /// Every goal, in the order in which they are shown.
    pub const ALL: [Self; 3] = [Self::Gather, Self::Drone, Self::Hull];

    fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// All bits.
const ALL_DONE: u8 = 0b111;

/// How far the visitor is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Goals {
    done: u8,
    /// Embers gathered in this visit.
    gathered: u32,
    /// Embers aboard in the last scene; `None` without a ship.
    embers: Option<u32>,
    /// Until when it is said that all are done.
    until_ms: f64,
}

/// What is shown of the goals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GoalsShown {
    /// Each with whether it is done.
    List([(Goal, bool); 3]),
    /// All are done.
    AllDone,
}

impl Goals {
    /// From the stored text, if there is one. A visitor with records but without stored goals has played before there were any.
    pub fn from_stored(text: Option<&str>, has_records: bool) -> Self {
        let done = match text {
            Some(text) => text.parse().unwrap_or(0) & ALL_DONE,
            None if has_records => ALL_DONE,
            None => 0,
        };
        Self { done, ..Self::default() }
    }

    /// The text to store.
    pub fn to_text(&self) -> String {
        self.done.to_string()
    }

    /// Takes in a scene. Whether a goal was reached, or the first one was set: both are to be stored.
    pub fn update(&mut self, hud: &Hud, now_ms: f64) -> bool {
        if self.done == ALL_DONE {
            return false;
        }
        let (before, had_ship) = (self.done, self.embers.is_some());
        let embers = (hud.life == Life::Alive).then_some(hud.embers);
        if let (Some(before), Some(embers)) = (self.embers, embers) {
            self.gathered = self.gathered.saturating_add(embers.saturating_sub(before));
            if hud.tier > 0 {
                self.done |= Goal::Hull.bit();
            }
        }
        self.embers = embers;
        if self.gathered >= GATHER {
            self.done |= Goal::Gather.bit();
        }
        if hud.kills.iter().any(|kill| kill.by_own && kill.drone) {
            self.done |= Goal::Drone.bit();
        }
        if self.done == ALL_DONE {
            self.until_ms = now_ms + DONE_MS;
        }
        self.done != before || (before == 0 && !had_ship && self.embers.is_some())
    }

    /// What to show; `None` if there is nothing, or nothing more.
    pub fn shown(&self, now_ms: f64) -> Option<GoalsShown> {
        if self.done == ALL_DONE {
            return (now_ms < self.until_ms).then_some(GoalsShown::AllDone);
        }
        Some(GoalsShown::List(Goal::ALL.map(|goal| (goal, self.done & goal.bit() != 0))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::game::scene::HudKill;

    fn alive(embers: u32, tier: u8) -> Hud {
        Hud { life: Life::Alive, embers, tier, ..Hud::default() }
    }

    fn kill(drone: bool, by_own: bool) -> Hud {
        Hud { kills: vec![HudKill { drone, by_own, ..HudKill::default() }], ..alive(0, 0) }
    }

    fn done(goals: &Goals) -> Option<[bool; 3]> {
        match goals.shown(0.0)? {
            GoalsShown::List(list) => Some(list.map(|(_, is_done)| is_done)),
            GoalsShown::AllDone => Some([true; 3]),
        }
    }

    #[test]
    fn goals_are_reached_one_by_one() {
        let mut goals = Goals::default();
        assert!(goals.update(&alive(5, 0), 0.0), "that there are goals is stored");
        assert!(!goals.update(&alive(14, 0), 0.0), "five came with the ship");
        assert!(!goals.update(&alive(6, 0), 0.0), "a boost burns embers");
        assert!(goals.update(&alive(7, 0), 0.0));
        assert_eq!(done(&goals), Some([true, false, false]));
        goals.update(&kill(false, true), 0.0);
        goals.update(&kill(true, false), 0.0);
        assert_eq!(done(&goals), Some([true, false, false]), "a player's, and another's");
        assert!(goals.update(&kill(true, true), 0.0));
        assert_eq!(goals.to_text(), "3");
        assert!(goals.update(&alive(25, 1), 0.0));
        assert_eq!(goals.shown(DONE_MS - 1.0), Some(GoalsShown::AllDone));
        assert_eq!(goals.shown(DONE_MS), None);
        assert!(!goals.update(&kill(true, true), 9000.0));
    }

    #[test]
    fn embers_of_another_life_are_not_gathered() {
        let mut goals = Goals::default();
        goals.update(&alive(0, 0), 0.0);
        goals.update(&Hud::default(), 0.0);
        goals.update(&alive(40, 0), 0.0);
        assert_eq!(done(&goals), Some([false; 3]));
    }

    #[test]
    fn only_a_new_visitor_has_goals() {
        let shown = |text, has_records| done(&Goals::from_stored(text, has_records));
        assert_eq!(shown(None, false), Some([false; 3]));
        assert_eq!(shown(None, true), None, "played before there were goals");
        assert_eq!(shown(Some("5"), true), Some([true, false, true]), "goes on where it was");
        assert_eq!(shown(Some("7"), false), None);
        for broken in ["", "x", "-1", "999"] {
            assert_eq!(shown(Some(broken), false), Some([false; 3]), "{broken:?}");
        }
    }
}
