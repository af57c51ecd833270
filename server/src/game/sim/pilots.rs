//! The pilots in the arena, by their `PlayerId`: a list with gaps, because the lowest free id is given first. Systems iterate
//! by rising id, so the order is the same on every machine, and so is what is serialised.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use shared::engine::{ids::PlayerId, limits::PILOTS_MAX};

use super::pilot::Pilot;
use crate::engine::checked::bounded;

/// All pilots. Invariant: the pilot at a place has that place's id.
#[derive(Clone, Debug, Default)]
pub struct Pilots {
    places: Vec<Option<Pilot>>,
    /// Places that are taken.
    count: usize,
}

impl Pilots {
    /// Pilots in the arena.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// One more than the highest id that was ever taken.
    pub fn places(&self) -> usize {
        self.places.len()
    }

    /// The pilot with this id.
    pub fn get(&self, id: PlayerId) -> Option<&Pilot> {
        self.places.get(usize::from(id.0))?.as_ref()
    }

    /// The same, to be changed.
    pub fn get_mut(&mut self, id: PlayerId) -> Option<&mut Pilot> {
        self.places.get_mut(usize::from(id.0))?.as_mut()
    }

    /// All pilots, by rising id.
    pub fn iter(&self) -> impl Iterator<Item = &Pilot> + Clone {
        self.places.iter().flatten()
    }

    /// The same, to be changed.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Pilot> {
        self.places.iter_mut().flatten()
    }

    /// One item for each place: what `of` says of its pilot, or `None`.
    pub(super) fn by_place<T>(&self, of: impl Fn(&Pilot) -> Option<T>) -> impl Iterator<Item = Option<T>> {
        self.places.iter().map(move |place| place.as_ref().and_then(&of))
    }

    /// The lowest free id. `None` when all ids are taken.
    pub(in crate::game) fn free_id(&self) -> Option<PlayerId> {
        let index = self.places.iter().position(Option::is_none).unwrap_or(self.places.len());
        (index < PILOTS_MAX).then_some(PlayerId(index as u16))
    }

    /// Adds a pilot, whose id is from [`Self::free_id`].
    pub(super) fn insert(&mut self, pilot: Pilot) {
        let index = usize::from(pilot.id.0);
        if index == self.places.len() {
            self.places.push(None);
        }
        self.count += usize::from(self.places[index].replace(pilot).is_none());
    }

    /// Removes a pilot.
    pub(super) fn remove(&mut self, id: PlayerId) -> Option<Pilot> {
        let pilot = self.places.get_mut(usize::from(id.0))?.take()?;
        self.count -= 1;
        Some(pilot)
    }
}

impl Serialize for Pilots {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.places.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Pilots {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // An empty place is one byte in a file, and hundreds in memory.
        let places = bounded::<D, Option<Pilot>, PILOTS_MAX>(deserializer)?;
        let is_placed = |(index, pilot): (usize, &Option<Pilot>)| {
            pilot.as_ref().is_none_or(|pilot| usize::from(pilot.id.0) == index)
        };
        if !places.iter().enumerate().all(is_placed) {
            return Err(D::Error::custom("a pilot is not at the place of its id"));
        }
        let count = places.iter().flatten().count();
        Ok(Self { places, count })
    }
}

#[cfg(test)]
mod tests {
    use shared::{
        engine::ids::{PlayerName, Tick},
        game::pilot::PilotKind,
    };

    use super::*;

    fn pilot(id: u16) -> Pilot {
        let name = PlayerName::new(&format!("Pilot {id}")).expect("a valid name");
        Pilot::new(PlayerId(id), name, PilotKind::Drone, None, 0, Tick(1))
    }

    fn ids(pilots: &Pilots) -> Vec<u16> {
        pilots.iter().map(|pilot| pilot.id.0).collect()
    }

    #[test]
    fn lowest_free_id_is_given_first_and_gaps_survive_a_round_trip() {
        let mut pilots = Pilots::default();
        for id in 0..4 {
            assert_eq!(pilots.free_id(), Some(PlayerId(id)));
            pilots.insert(pilot(id));
        }
        assert!(pilots.remove(PlayerId(1)).is_some() && pilots.remove(PlayerId(3)).is_some());
        assert!(pilots.remove(PlayerId(1)).is_none() && pilots.remove(PlayerId(9)).is_none());
        assert_eq!((ids(&pilots), pilots.len(), pilots.places()), (vec![0, 2], 2, 4));
        let text = ron::to_string(&pilots).expect("pilots are plain data");
        let mut back: Pilots = ron::from_str(&text).expect("it was written here");
        assert_eq!((ids(&back), back.len(), back.places()), (vec![0, 2], 2, 4));
        for id in [1, 3, 4] {
            assert_eq!(back.free_id(), Some(PlayerId(id)));
            back.insert(pilot(id));
        }
    }

    #[test]
    fn pilot_at_a_wrong_place_and_too_many_places_are_refused() {
        let is_read = |places: Vec<Option<Pilot>>| {
            let text = ron::to_string(&places).expect("pilots are plain data");
            ron::from_str::<Pilots>(&text).is_ok()
        };
        assert!(is_read(vec![None, Some(pilot(1))]));
        assert!(!is_read(vec![None, Some(pilot(0))]));
        assert!(is_read(vec![None; PILOTS_MAX]));
        assert!(!is_read(vec![None; PILOTS_MAX + 1]));
    }
}
