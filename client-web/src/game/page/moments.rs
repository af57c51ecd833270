//! The big moments of a life, shown one at a time in the upper third of the screen: kills, hulls, streaks, the lead, revenge.
//!
//! At most four wait, the most important first, and at most one of each kind.

use core::mem::{discriminant, replace};

use crate::game::{
    scene::{Hud, HullGain, Life},
    strings::{Strings, fill},
};

/// How long a moment is shown, in milliseconds.
const SHOWN_MS: f64 = 1600.0;
/// How long before that it begins to fade.
const FADE_MS: f64 = 200.0;
/// Between two moments: the style sheet animates what was hidden.
const GAP_MS: f64 = 80.0;
/// Moments that may wait. The least important of more are dropped.
const WAITING_MAX: usize = 4;
/// The lead is no moment so soon after a spawn, and not again so soon.
const LEAD_AFTER_MS: f64 = 5000.0;
const LEAD_AGAIN_MS: f64 = 30_000.0;
/// Shorter streaks that this player ends are no moment.
const ENDED_MIN: u8 = 3;

/// A moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Moment {
    /// This player shot down ships.
    Kill {
        /// The last of them.
        victim: String,
        /// Embers that they scattered; 0 if not known.
        worth: u32,
        /// How many ships.
        ships: u32,
    },
    /// The largest hull of this life so far.
    Hull {
        /// Its tier.
        tier: u8,
        /// What it has more than the one before.
        gain: HullGain,
    },
    /// Kills of this player in this life.
    Streak(u16),
    /// This player ended the streak of another.
    Ended {
        /// The other.
        victim: String,
        /// How many kills it had.
        streak: u8,
    },
    /// This player became first on the leaderboard.
    Lead,
    /// This player shot down its last killer.
    Revenge {
        /// The killer.
        victim: String,
        /// Embers that it scattered; 0 if not known.
        worth: u32,
    },
}

/// A moment as it is shown: its kind for the style sheet, a title and a detail, which may be empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MomentTexts {
    /// For the style sheet.
    pub kind: &'static str,
    /// At most three words and a number.
    pub title: String,
    /// What it is worth.
    pub detail: String,
}

impl Moment {
    /// Its kind for the style sheet, and its importance.
    fn rank(&self) -> (&'static str, u8) {
        match self {
            Self::Kill { .. } => ("kill", 0),
            Self::Hull { .. } => ("hull", 1),
            Self::Streak(_) => ("streak", 2),
            Self::Ended { .. } => ("ended", 3),
            Self::Lead => ("lead", 4),
            Self::Revenge { .. } => ("revenge", 5),
        }
    }

    /// Whether kills and hulls, which have sounds of their own, do not say it.
    fn is_triumph(&self) -> bool {
        !matches!(self, Self::Kill { .. } | Self::Hull { .. })
    }

    /// Takes in a newer one of its kind: kills add up, anything else is replaced.
    fn merge(&mut self, newer: Self) {
        let (worth_before, ships_before) = match self {
            Self::Kill { worth, ships, .. } => (*worth, *ships),
            _ => (0, 0),
        };
        *self = newer;
        if let Self::Kill { worth, ships, .. } = self {
            *worth += worth_before;
            *ships += ships_before;
        }
    }

    /// What to write.
    pub fn texts(&self, strings: &Strings) -> MomentTexts {
        let plus = |worth: u32| if worth == 0 { String::new() } else { format!("+{worth}") };
        let (title, detail) = match self {
            Self::Kill { victim, worth, ships: 1 } => (fill(strings.moment_kill, &[victim]), plus(*worth)),
            Self::Kill { worth, ships, .. } => {
                (fill(strings.moment_kills, &[&ships.to_string()]), plus(*worth))
            }
            Self::Hull { tier, gain } => {
                let detail = match gain {
                    HullGain { shots: 0, health: 0 } => String::new(),
                    HullGain { shots: 0, health } => fill(strings.moment_health, &[&health.to_string()]),
                    HullGain { shots, .. } => fill(strings.moment_shots, &[&shots.to_string()]),
                };
                (strings.hull_name(*tier).to_owned(), detail)
            }
            Self::Streak(kills) => (fill(strings.streak, &[&kills.to_string()]), String::new()),
            Self::Ended { victim, streak } => {
                (fill(strings.moment_ended, &[&streak.to_string()]), victim.clone())
            }
            Self::Lead => (strings.moment_lead.to_owned(), strings.moment_lead_more.to_owned()),
            Self::Revenge { victim, worth } => (fill(strings.moment_revenge, &[victim]), plus(*worth)),
        };
        MomentTexts { kind: self.rank().0, title, detail }
    }
}

/// The own ship in the last scene.
#[derive(Clone, Copy, Debug, Default)]
struct Before {
    is_alive: bool,
    /// The highest tier of this life.
    tier: u8,
    rank: u16,
    streak: u16,
}

/// Finds the moments in scene after scene, and shows one at a time.
#[derive(Clone, Debug, Default)]
pub struct Moments {
    waiting: Vec<Moment>,
    /// With the time from which it is shown.
    shown: Option<(Moment, f64)>,
    /// No moment begins before this time.
    free_ms: f64,
    before: Before,
    spawned_ms: f64,
    led_ms: Option<f64>,
}

impl Moments {
    /// Takes in a scene. Whether a moment began to be shown that no other sound says.
    pub fn advance(&mut self, hud: &Hud, now_ms: f64) -> bool {
        if self.shown.as_ref().is_some_and(|(_, since)| now_ms - since >= SHOWN_MS) {
            self.shown = None;
            self.free_ms = now_ms + GAP_MS;
        }
        self.watch_ship(hud, now_ms);
        for kill in hud.kills.iter().filter(|kill| kill.by_own) {
            let (victim, worth) = (kill.victim.clone(), kill.worth);
            let moment = if kill.revenge {
                Moment::Revenge { victim, worth }
            } else if kill.ended >= ENDED_MIN {
                Moment::Ended { victim, streak: kill.ended }
            } else {
                Moment::Kill { victim, worth, ships: 1 }
            };
            self.add(moment, now_ms);
        }
        if self.shown.is_some() || self.waiting.is_empty() || now_ms < self.free_ms {
            return false;
        }
        let moment = self.waiting.remove(0);
        let is_triumph = moment.is_triumph();
        self.shown = Some((moment, now_ms));
        is_triumph
    }

    /// The moment to show now.
    pub fn shown(&self) -> Option<&Moment> {
        self.shown.as_ref().map(|(moment, _)| moment)
    }

    /// Whether it fades.
    pub fn is_fading(&self, now_ms: f64) -> bool {
        self.shown.as_ref().is_some_and(|(_, since)| now_ms - since >= SHOWN_MS - FADE_MS)
    }

    /// Finds what changed of the own ship.
    fn watch_ship(&mut self, hud: &Hud, now_ms: f64) {
        let is_alive = hud.life == Life::Alive;
        let Hud { tier, rank, streak, .. } = *hud;
        let before = replace(&mut self.before, Before { is_alive, tier, rank, streak });
        if !is_alive || !before.is_alive {
            if is_alive {
                self.spawned_ms = now_ms;
            } else if before.is_alive {
                // What the last ship achieved is on the card.
                self.waiting.clear();
            }
            return;
        }
        // A boost may burn the embers of a hull, and the hull comes back: that is no moment.
        self.before.tier = tier.max(before.tier);
        if tier > before.tier {
            self.add(Moment::Hull { tier, gain: hud.gain }, now_ms);
        }
        if let Some(kills) =
            (before.streak.saturating_add(1)..=streak).rev().find(|kills| is_milestone(*kills))
        {
            self.add(Moment::Streak(kills), now_ms);
        }
        let is_late = now_ms - self.spawned_ms >= LEAD_AFTER_MS
            && self.led_ms.is_none_or(|led_ms| now_ms - led_ms >= LEAD_AGAIN_MS);
        if rank == 1 && before.rank > 1 && hud.ships > 1 && hud.duel.is_none() && is_late {
            self.led_ms = Some(now_ms);
            self.add(Moment::Lead, now_ms);
        }
    }

    fn add(&mut self, moment: Moment, now_ms: f64) {
        let is_same = |other: &Moment| discriminant(other) == discriminant(&moment);
        if let Some((shown, since)) = self.shown.as_mut().filter(|(shown, _)| is_same(shown)) {
            *since = now_ms;
            shown.merge(moment);
            return;
        }
        if let Some(other) = self.waiting.iter_mut().find(|other| is_same(other)) {
            other.merge(moment);
            return;
        }
        let (_, importance) = moment.rank();
        let index = self.waiting.partition_point(|other| other.rank().1 >= importance);
        self.waiting.insert(index, moment);
        self.waiting.truncate(WAITING_MAX);
    }
}

/// 3, 5, 10, 15 and so on.
fn is_milestone(kills: u16) -> bool {
    kills == 3 || (kills > 0 && kills.is_multiple_of(5))
}

#[cfg(test)]
mod tests;
