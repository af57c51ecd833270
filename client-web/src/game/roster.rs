//! The pilots in the arena. A ship may come into view before the server has sent its pilot's name, so every question
//! has a fallback.

use std::sync::Arc;

use shared::{
    engine::{
        ids::PlayerId,
        limits::COLOURS,
        roster::{Player, PlayerKind},
    },
    game::protocol::Notice,
};

/// Pilots by player id. Cloning is cheap: all clones share the list until one of them changes.
#[derive(Clone, Debug, Default)]
pub struct Roster {
    pilots: Arc<Vec<Option<Arc<Player>>>>,
}

impl Roster {
    /// Replaces the pilot with this id.
    fn insert(&mut self, pilot: Player) {
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
    pub fn get(&self, id: PlayerId) -> Option<&Arc<Player>> {
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
            | Notice::Leaderboard(_)
            | Notice::Chat(_)
            | Notice::ChatHistory(_)
            | Notice::Whisper(_)
            | Notice::ChatRejected(_)
            | Notice::Lag(_)
            | Notice::Game(_) => return false,
        }
        true
    }

    pub(super) fn kind(&self, id: PlayerId) -> PlayerKind {
        self.get(id).map_or(PlayerKind::Human, |pilot| pilot.kind)
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

    fn pilot(id: u16, kind: PlayerKind) -> Player {
        let name = PlayerName::new(&format!("P{id}")).unwrap();
        Player { id: PlayerId(id), name, kind, colour: 1 }
    }

    #[test]
    fn roster_notice_replaces_all_pilots_and_joined_adds_one() {
        let mut roster = Roster::default();
        roster.apply(&Notice::Joined(pilot(900, PlayerKind::Human)));
        roster.apply(&Notice::Roster(vec![pilot(3, PlayerKind::Bot), pilot(1, PlayerKind::Human)]));
        assert_eq!((roster.name(PlayerId(900)), roster.name(PlayerId(3))), ("#900".into(), "P3".into()));
        assert_eq!([3, 1, 900].map(|id| roster.kind(PlayerId(id)) == PlayerKind::Bot), [true, false, false]);
        assert!(roster.apply(&Notice::Joined(pilot(3, PlayerKind::Human))));
        assert_eq!(roster.kind(PlayerId(3)), PlayerKind::Human);
    }

    #[test]
    fn name_of_a_pilot_who_left_stays() {
        let mut roster = Roster::default();
        roster.apply(&Notice::Joined(pilot(3, PlayerKind::Human)));
        assert!(!roster.apply(&Notice::Left(PlayerId(3))));
        assert_eq!(roster.name(PlayerId(3)), "P3");
    }

    #[test]
    fn clone_keeps_the_pilots_of_its_moment() {
        let mut roster = Roster::default();
        roster.insert(pilot(900, PlayerKind::Human));
        let earlier = roster.clone();
        roster.insert(pilot(900, PlayerKind::Bot));
        roster.insert(pilot(3, PlayerKind::Human));
        let kind = |roster: &Roster, id| roster.get(PlayerId(id)).map(|pilot| pilot.kind);
        assert_eq!([kind(&earlier, 900), kind(&earlier, 3)], [Some(PlayerKind::Human), None]);
        assert_eq!([kind(&roster, 900), kind(&roster, 3)], [Some(PlayerKind::Bot), Some(PlayerKind::Human)]);
        roster.clear();
        assert_eq!([kind(&roster, 900), kind(&earlier, 900)], [None, Some(PlayerKind::Human)]);
    }
}
