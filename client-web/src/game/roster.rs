//! Who there is, as the server said. A pilot may be shown before its name came, so every question has an answer.

use std::sync::Arc;

use shared::{
    engine::{ids::PlayerId, limits::COLOURS},
    game::{
        pilot::PilotKind,
        protocol::{Notice, Pilot},
    },
};

/// Pilots by number. A copy costs next to nothing: it is the same list until news amend one of them.
#[derive(Clone, Debug, Default)]
pub struct Roster {
    pilots: Arc<Vec<Option<Arc<Pilot>>>>,
}

impl Roster {
    /// Takes news in; says whether names changed.
    pub(super) fn apply(&mut self, notice: &Notice) -> bool {
        match notice {
            Notice::Roster(pilots) => {
                self.pilots = Arc::default();
                pilots.iter().for_each(|pilot| self.seat(pilot.clone()));
            }
            Notice::Joined(pilot) => self.seat(pilot.clone()),
            // Its name stays until another has its number: the leaderboard still names it, and so does the kill feed.
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

    fn seat(&mut self, pilot: Pilot) {
        let index = usize::from(pilot.id.0);
        let pilots = Arc::make_mut(&mut self.pilots);
        if pilots.len() <= index {
            pilots.resize(index + 1, None);
        }
        pilots[index] = Some(Arc::new(pilot));
    }

    /// Who has this number, or had it last; `None` before the server said.
    pub fn get(&self, id: PlayerId) -> Option<&Arc<Pilot>> {
        self.pilots.get(usize::from(id.0))?.as_ref()
    }

    pub(super) fn is_drone(&self, id: PlayerId) -> bool {
        self.get(id).is_some_and(|pilot| pilot.kind == PilotKind::Drone)
    }

    /// The colour of its ships.
    pub(super) fn colour(&self, id: PlayerId) -> u8 {
        self.get(id).map_or((id.0 % u16::from(COLOURS)) as u8, |pilot| pilot.colour.min(COLOURS - 1))
    }

    /// The pilot's name; its number while the name is unknown.
    pub(super) fn name(&self, id: PlayerId) -> String {
        self.get(id).map_or_else(|| format!("#{}", id.0), |pilot| pilot.name.as_str().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use shared::engine::name::PlayerName;

    use super::*;

    fn pilot(id: u16, kind: PilotKind) -> Pilot {
        let name = PlayerName::new(&format!("P{id}")).unwrap();
        Pilot { id: PlayerId(id), name, kind, colour: 1 }
    }

    #[test]
    fn a_roster_replaces_and_news_amend() {
        let mut roster = Roster::default();
        roster.apply(&Notice::Joined(pilot(900, PilotKind::Player)));
        roster.apply(&Notice::Roster(vec![pilot(3, PilotKind::Drone), pilot(1, PilotKind::Player)]));
        assert_eq!((roster.name(PlayerId(900)), roster.name(PlayerId(3))), ("#900".into(), "P3".into()));
        assert!(roster.is_drone(PlayerId(3)) && !roster.is_drone(PlayerId(1)));
        assert!(!roster.apply(&Notice::Left(PlayerId(3))));
        assert_eq!(roster.name(PlayerId(3)), "P3", "the leaderboard still names it");
        let earlier = roster.clone();
        assert!(roster.apply(&Notice::Joined(pilot(3, PilotKind::Player))) && !roster.is_drone(PlayerId(3)));
        assert!(earlier.is_drone(PlayerId(3)), "a copy is of its moment");
    }
}
