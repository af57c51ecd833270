//! Achievements of this game: a file in the binary says what they are for, and each step of a simulation whether they are achieved.
//! All of them are of one life, so nothing has to be remembered of a player but since when it is first.

use std::sync::LazyLock;

use serde::Deserialize;
use shared::{
    engine::{
        ids::{PlayerId, Tick},
        records::AchievementInfo,
    },
    game::shot::Kill,
};

use super::sim::{Death, Ship, Simulation};
use crate::engine::sessions::SessionId;

/// When an achievement is achieved.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
enum Goal {
    /// This number of ships shot down in one life.
    Streak(u8),
    /// A ship shot down that had a streak of at least this.
    EndedStreak(u8),
    /// The leader's ship shot down.
    ShotLeader,
    /// This number of embers aboard.
    Embers(u32),
    /// Alive for this time.
    Alive { seconds: u32 },
    /// First in the ranking for this time.
    First { seconds: u32 },
}

/// How an achievement stands in the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: String,
    name: String,
    text: String,
    sign: String,
    goal: Goal,
}

/// The achievements, and at the same places when they are achieved.
struct Achievements {
    infos: Vec<AchievementInfo>,
    goals: Vec<Goal>,
}

static ACHIEVEMENTS: LazyLock<Achievements> = LazyLock::new(|| {
    let entries: Result<Vec<Entry>, _> = ron::from_str(include_str!("../../../assets/achievements.ron"));
    // It is part of the binary, and a test reads it.
    let entries = entries.unwrap_or_else(|error| panic!("assets/achievements.ron: {error}"));
    let (infos, goals) = entries
        .into_iter()
        .map(|Entry { id, name, text, sign, goal }| (AchievementInfo { id, name, text, sign }, goal))
        .unzip();
    Achievements { infos, goals }
});

/// All of them.
pub(super) fn list() -> &'static [AchievementInfo] {
    &ACHIEVEMENTS.infos
}

/// Who is first, and since when. The simulation does not need it, so it is not kept over a restart.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Lead {
    first: Option<(PlayerId, Tick)>,
}

impl Lead {
    /// Notes who is first after a step. To be called when the ranking is new.
    pub(super) fn note(&mut self, first: Option<PlayerId>, now: Tick) {
        if self.first.map(|(id, _)| id) != first {
            self.first = first.map(|id| (id, now));
        }
    }

    /// How many seconds this player has been first.
    fn seconds(self, id: PlayerId, now: Tick, tick_rate: u16) -> u32 {
        let since = self.first.filter(|(first, _)| *first == id).map(|(_, since)| since);
        since.map_or(0, |since| now.since(since) / u32::from(tick_rate))
    }
}

/// Lists what humans achieved in the last step: what a kill achieves at once, the rest once a second.
pub(super) fn list_achieved(sim: &Simulation, lead: Lead, mut put: impl FnMut(SessionId, usize)) {
    let world = sim.world();
    let mut put_all = |session: SessionId, is_achieved: &dyn Fn(Goal) -> bool| {
        let achieved = ACHIEVEMENTS.goals.iter().enumerate().filter(|(_, goal)| is_achieved(**goal));
        achieved.for_each(|(place, _)| put(session, place));
    };
    for death in &sim.events().deaths {
        if let Some(kill) = death.by
            && let Some(session) = world.pilot(kill.by).and_then(|pilot| pilot.session)
        {
            put_all(session, &|goal| by_kill(goal, kill, death));
        }
    }
    let tick_rate = sim.timing().tick_rate;
    if !world.tick.0.is_multiple_of(tick_rate.into()) {
        return;
    }
    for pilot in world.pilots.iter() {
        if let (Some(session), Some(ship)) = (pilot.session, pilot.ship()) {
            let first_for = lead.seconds(pilot.id, world.tick, tick_rate);
            put_all(session, &|goal| by_time(goal, ship, world.tick, tick_rate, first_for));
        }
    }
}

fn by_kill(goal: Goal, kill: Kill, death: &Death) -> bool {
    match goal {
        Goal::Streak(kills) => kill.streak >= kills,
        Goal::EndedStreak(kills) => kill.ended >= kills,
        Goal::ShotLeader => death.was_leader,
        Goal::Embers(_) | Goal::Alive { .. } | Goal::First { .. } => false,
    }
}

fn by_time(goal: Goal, ship: &Ship, now: Tick, tick_rate: u16, first_for: u32) -> bool {
    match goal {
        Goal::Embers(embers) => ship.flight.embers >= embers,
        Goal::Alive { seconds } => now.since(ship.spawned_at) / u32::from(tick_rate) >= seconds,
        Goal::First { seconds } => first_for >= seconds,
        Goal::Streak(_) | Goal::EndedStreak(_) | Goal::ShotLeader => false,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::engine::achievements::ACHIEVEMENTS_MAX;

    #[test]
    fn places_stay_because_snapshots_name_achievements_by_them() {
        let ids: Vec<_> = list().iter().map(|one| one.id.as_str()).collect();
        let first = [
            "first-kill",
            "hunter",
            "ace",
            "giant-slayer",
            "king-slayer",
            "collector",
            "hoarder",
            "survivor",
            "leader",
        ];
        assert!(ids.starts_with(&first), "add new ones at the end: {ids:?}");
    }

    #[test]
    fn file_has_achievements_that_differ_and_can_be_shown() {
        let list = list();
        assert!((1..=ACHIEVEMENTS_MAX).contains(&list.len()));
        let ids: BTreeSet<_> = list.iter().map(|info| &info.id).collect();
        let signs: BTreeSet<_> = list.iter().map(|info| &info.sign).collect();
        assert_eq!((ids.len(), signs.len()), (list.len(), list.len()));
        for info in list {
            assert!(info.id.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{info:?}");
            assert!(!info.name.is_empty() && info.name.len() <= 32 && info.text.len() <= 64, "{info:?}");
            assert_eq!(info.sign.chars().count(), 1, "{info:?}");
        }
    }

    #[test]
    fn lead_counts_while_the_same_player_is_first() {
        let mut lead = Lead::default();
        let seconds = |lead: Lead, id, now| lead.seconds(PlayerId(id), Tick(now), 20);
        lead.note(Some(PlayerId(3)), Tick(100));
        lead.note(Some(PlayerId(3)), Tick(900));
        assert_eq!([seconds(lead, 3, 1300), seconds(lead, 4, 1300)], [60, 0]);
        lead.note(Some(PlayerId(4)), Tick(1300));
        assert_eq!([seconds(lead, 3, 1340), seconds(lead, 4, 1340)], [0, 2]);
        lead.note(None, Tick(1340));
        assert_eq!(seconds(lead, 4, 1400), 0);
    }
}
