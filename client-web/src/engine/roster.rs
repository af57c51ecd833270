//! Profiles of players by id, as the server last sent them.

use std::sync::Arc;

use shared::engine::ids::PlayerId;

/// Profiles by player id. Cloning is cheap: all clones share the list until one of them changes.
#[derive(Clone, Debug)]
pub struct Roster<P> {
    profiles: Arc<Vec<Option<Arc<P>>>>,
}

impl<P> Default for Roster<P> {
    fn default() -> Self {
        Self { profiles: Arc::default() }
    }
}

impl<P> Roster<P> {
    /// Replaces the profile of this player.
    pub(crate) fn insert(&mut self, id: PlayerId, profile: P) {
        let index = usize::from(id.0);
        let profiles = Arc::make_mut(&mut self.profiles);
        if profiles.len() <= index {
            profiles.resize_with(index + 1, || None);
        }
        profiles[index] = Some(Arc::new(profile));
    }

    /// Forgets every profile.
    pub(crate) fn clear(&mut self) {
        self.profiles = Arc::default();
    }

    /// The profile of the player who has this id, or had it last; `None` before the server sent one.
    pub fn get(&self, id: PlayerId) -> Option<&Arc<P>> {
        self.profiles.get(usize::from(id.0))?.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clone_keeps_the_profiles_of_its_moment() {
        let mut roster = Roster::default();
        roster.insert(PlayerId(900), "Ada");
        let earlier = roster.clone();
        roster.insert(PlayerId(900), "Bo");
        roster.insert(PlayerId(3), "Cy");
        let name = |roster: &Roster<&'static str>, id| roster.get(PlayerId(id)).map(|name| **name);
        assert_eq!([name(&earlier, 900), name(&earlier, 3)], [Some("Ada"), None]);
        assert_eq!([name(&roster, 900), name(&roster, 3)], [Some("Bo"), Some("Cy")]);
        roster.clear();
        assert_eq!([name(&roster, 900), name(&earlier, 900)], [None, Some("Ada")]);
    }
}
