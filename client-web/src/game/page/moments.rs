//! The big moments of a life, shown one at a time in the upper third of the screen: kills, hulls, streaks, the lead, revenge.
//!
//! At most [`WAITING_MAX`] wait, the most important first, and at most one of each kind.

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
    /// This player has so many kills in this life.
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
mod tests {
    use super::*;
    use crate::{
        engine::page::language::Language,
        game::{
            scene::{HudKill, LifeSummary},
            strings::strings,
        },
    };

    fn alive() -> Hud {
        Hud { life: Life::Alive, ships: 9, rank: 4, ..Hud::default() }
    }

    fn kill(victim: &str, worth: u32) -> HudKill {
        HudKill {
            victim: victim.into(),
            by: "Me".into(),
            own: true,
            by_own: true,
            worth,
            ..HudKill::default()
        }
    }

    fn killing(kills: Vec<HudKill>) -> Hud {
        Hud { kills, ..alive() }
    }

    /// Moments of a life that has lasted for ten seconds.
    fn moments() -> Moments {
        let mut moments = Moments::default();
        assert!(!moments.advance(&alive(), -10_000.0));
        moments
    }

    fn title(moments: &Moments) -> String {
        let texts = moments.shown().map(|moment| moment.texts(strings(Language::English)));
        texts.map_or(String::new(), |texts| format!("{} {}", texts.title, texts.detail).trim().to_owned())
    }

    /// The titles from now on, with the times at which they begin.
    fn played(moments: &mut Moments) -> Vec<(u32, String)> {
        let mut seen: Vec<(u32, String)> = Vec::new();
        for ms in (0..12_000).step_by(20) {
            moments.advance(&alive(), f64::from(ms));
            let title = title(moments);
            if !title.is_empty() && seen.last().is_none_or(|(_, last)| *last != title) {
                seen.push((ms, title));
            }
        }
        seen
    }

    #[test]
    fn own_kill_is_shown_for_a_while_with_what_it_is_worth() {
        let mut moments = moments();
        assert!(!moments.advance(&killing(vec![kill("Kim", 12)]), 0.0), "kills have a sound of their own");
        assert_eq!(title(&moments), "Shot down Kim +12");
        moments.advance(&alive(), SHOWN_MS - FADE_MS);
        assert!(moments.is_fading(SHOWN_MS - FADE_MS));
        moments.advance(&alive(), SHOWN_MS);
        assert_eq!(moments.shown(), None);
        moments.advance(&killing(vec![kill("Vic", 0)]), 9000.0);
        assert_eq!(title(&moments), "Shot down Vic", "what it is worth is not known");
        moments.advance(&killing(vec![HudKill { by_own: false, ..kill("Me", 9) }]), 20_000.0);
        assert_eq!(title(&moments), "", "it was another pilot's kill");
    }

    #[test]
    fn more_important_moment_goes_first_and_kills_add_up() {
        let mut moments = moments();
        let revenge = HudKill { revenge: true, ..kill("Mallory", 40) };
        let ended = HudKill { ended: 7, ..kill("Ace", 1) };
        let kills = vec![kill("Kim", 12), ended, kill("Vic", 3), revenge];
        assert!(moments.advance(&killing(kills), 0.0));
        let seen = played(&mut moments);
        let titles: Vec<&str> = seen.iter().map(|(_, title)| title.as_str()).collect();
        assert_eq!(titles, ["Revenge on Mallory +40", "Streak of 7 ended Ace", "Shot down 2 ships +15"]);
        assert!(seen[1].0 >= 1600 && seen[2].0 >= 3200, "{seen:?}");
    }

    #[test]
    fn kill_joins_the_kill_that_is_shown() {
        let mut moments = moments();
        moments.advance(&killing(vec![kill("Kim", 12)]), 0.0);
        moments.advance(&killing(vec![kill("Vic", 3)]), 1000.0);
        assert_eq!(title(&moments), "Shot down 2 ships +15");
        moments.advance(&alive(), SHOWN_MS);
        assert!(moments.shown().is_some(), "it is shown in full from the second kill on");
    }

    #[test]
    fn hull_is_shown_with_its_gain_and_once_in_a_life() {
        let mut moments = moments();
        let with = |tier, shots, health| Hud { tier, gain: HullGain { shots, health }, ..alive() };
        moments.advance(&with(2, 2, 30), 0.0);
        assert_eq!(title(&moments), "corsair 2 shots");
        moments.advance(&with(1, 0, 0), 2000.0);
        moments.advance(&with(2, 2, 30), 3000.0);
        assert_eq!(title(&moments), "", "it was lost to a boost and is back");
        moments.advance(&with(3, 0, 35), 4000.0);
        assert_eq!(title(&moments), "cruiser +35 health");
    }

    #[test]
    fn milestones_of_a_streak_are_shown() {
        let mut moments = moments();
        let shown: Vec<u16> = (1..=16_u16)
            .filter(|streak| {
                moments.advance(&Hud { streak: *streak, ..alive() }, f64::from(*streak) * 5000.0);
                moments.shown() == Some(&Moment::Streak(*streak))
            })
            .collect();
        assert_eq!(shown, [3, 5, 10, 15]);
    }

    #[test]
    fn streak_of_a_ship_that_comes_back_is_no_moment() {
        let mut moments = Moments::default();
        moments.advance(&Hud { streak: 5, tier: 3, rank: 1, ..alive() }, 0.0);
        assert_eq!(moments.shown(), None);
    }

    #[test]
    fn lead_is_shown_after_five_seconds_and_not_twice_in_half_a_minute() {
        let mut moments = Moments::default();
        let mut leads = |rank, now_ms| {
            moments.advance(&Hud { rank, ..alive() }, now_ms);
            moments.shown() == Some(&Moment::Lead)
        };
        assert!(!leads(4, 0.0) && !leads(1, 4000.0), "too early");
        assert!(!leads(2, 5000.0) && leads(1, 6000.0));
        assert!(!leads(2, 20_000.0) && !leads(1, 21_000.0), "it was said not long ago");
        assert!(!leads(2, 37_000.0) && leads(1, 38_000.0));
        let mut alone = self::moments();
        alone.advance(&Hud { rank: 1, ships: 1, ..alive() }, 0.0);
        assert_eq!(alone.shown(), None, "there is no other ship to lead");
    }

    #[test]
    fn waiting_moments_are_few_and_end_with_the_life() {
        let mut moments = moments();
        let all = vec![
            kill("Kim", 1),
            HudKill { ended: 3, ..kill("Ace", 1) },
            HudKill { revenge: true, ..kill("M", 1) },
        ];
        let hud = Hud { kills: all, tier: 1, streak: 3, rank: 1, ..alive() };
        moments.advance(&hud, 0.0);
        assert_eq!(
            moments.waiting.len() + 1,
            WAITING_MAX,
            "one is shown, and there was room for four before"
        );
        let dead = Life::Dead { respawn_seconds: 2.0, by: None, summary: LifeSummary::default() };
        moments.advance(&Hud { life: dead.clone(), ..alive() }, 20.0);
        assert!(moments.waiting.is_empty());
        let late = vec![HudKill { revenge: true, ..kill("M", 1) }];
        moments.advance(&Hud { life: dead, kills: late, ..alive() }, 5000.0);
        assert_eq!(
            title(&moments),
            "Revenge on M +1",
            "a shot in flight hits after the death of its ship too"
        );
    }
}
