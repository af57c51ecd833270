//! The pilots in the arena. A ship may come into view before the server has sent its pilot's name, so every question
//! has a fallback.

use std::sync::Arc;

use shared::{
    engine::{ids::PlayerId, limits::COLOURS},
    game::{
        pilot::{Pilot, PilotKind},
        protocol::Notice,
    },
};

/// Pilots by player id. Cloning is cheap: all clones share the list until one of them changes.
#[derive(Clone, Debug, Default)]
pub struct Roster {
    pilots: Arc<Vec<Option<Arc<Pilot>>>>,
}

impl Roster {
    /// Replaces the pilot with this id.
    fn insert(&mut self, pilot: Pilot) {
        let index = usize::from(pilot.id.0);
        let pilots = Arc::make_mut(&mut self.pilots);
        if pilots.len() <= index {
            pilots.resize_with(index + 1, || None);
        }
        pilots[index] = Some(Arc::new(pilot));
    }

    /// Forgets every pilot.
    fn clear(&mut self) {
        self.pilots = Arc::default();
    }

    /// The pilot who has this id, or had it last; `None` before the server sent its name.
    pub fn get(&self, id: PlayerId) -> Option<&Arc<Pilot>> {
        self.pilots.get(usize::from(id.0))?.as_ref()
    }

    /// Applies a notice. Returns whether a name may have changed.
    pub(super) fn apply(&mut self, notice: &Notice) -> bool {
        match notice {
            Notice::Roster(pilots) => {
                self.clear();
                pilots.iter().cloned().for_each(|pilot| self.insert(pilot));
            }
            Notice::Joined(pilot) => self.insert(pilot.clone()),
            // The name of a pilot who left stays: the leaderboard and the kill feed still show it.
            Notice::Left(_)
            | Notice::Killed { .. }
            | Notice::Leaderboard(_)
            | Notice::Chat(_)
            | Notice::ChatHistory(_)
            | Notice::Whisper(_)
            | Notice::ChatRejected(_)
            | Notice::Lag(_) => return false,
        }
        true
    }

    pub(super) fn kind(&self, id: PlayerId) -> PilotKind {
        self.get(id).map_or(PilotKind::Player, |pilot| pilot.kind)
    }

    /// The colour of the pilot's ships, below [`COLOURS`].
    pub(super) fn colour(&self, id: PlayerId) -> u8 {
        self.get(id).map_or((id.0 % u16::from(COLOURS)) as u8, |pilot| pilot.colour.min(COLOURS - 1))
    }

    /// The pilot's name; `#` and the id while the name is unknown.
    pub(super) fn name(&self, id: PlayerId) -> String {
        self.get(id).map_or_else(|| format!("#{}", id.0), |pilot| pilot.name.as_str().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use shared::engine::ids::PlayerName;

    use super::*;

    fn pilot(id: u16, kind: PilotKind) -> Pilot {
        let name = PlayerName::new(&format!("P{id}")).unwrap();
        Pilot { id: PlayerId(id), name, kind, colour: 1 }
    }

    #[test]
    fn roster_notice_replaces_all_pilots_and_joined_adds_one() {
        let mut roster = Roster::default();
        roster.apply(&Notice::Joined(pilot(900, PilotKind::Player)));
        roster.apply(&Notice::Roster(vec![pilot(3, PilotKind::Drone), pilot(1, PilotKind::Player)]));
        assert_eq!((roster.name(PlayerId(900)), roster.name(PlayerId(3))), ("#900".into(), "P3".into()));
        assert_eq!([3, 1, 900].map(|id| roster.kind(PlayerId(id)) == PilotKind::Drone), [true, false, false]);
        assert!(roster.apply(&Notice::Joined(pilot(3, PilotKind::Player))));
        assert_eq!(roster.kind(PlayerId(3)), PilotKind::Player);
    }

    #[test]
    fn name_of_a_pilot_who_left_stays() {
        let mut roster = Roster::default();
        roster.apply(&Notice::Joined(pilot(3, PilotKind::Player)));
        assert!(!roster.apply(&Notice::Left(PlayerId(3))));
        assert_eq!(roster.name(PlayerId(3)), "P3");
    }

    #[test]
    fn clone_keeps_the_pilots_of_its_moment() {
        let mut roster = Roster::default();
        roster.insert(pilot(900, PilotKind::Player));
        let earlier = roster.clone();
        roster.insert(pilot(900, PilotKind::Drone));
        roster.insert(pilot(3, PilotKind::Player));
        let kind = |roster: &Roster, id| roster.get(PlayerId(id)).map(|pilot| pilot.kind);
        assert_eq!([kind(&earlier, 900), kind(&earlier, 3)], [Some(PilotKind::Player), None]);
        assert_eq!([kind(&roster, 900), kind(&roster, 3)], [Some(PilotKind::Drone), Some(PilotKind::Player)]);
        roster.clear();
        assert_eq!([kind(&roster, 900), kind(&earlier, 900)], [None, Some(PilotKind::Player)]);
    }
}
