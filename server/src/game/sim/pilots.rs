//! The pilots in the arena, by their `PlayerId`: a list with gaps, because the lowest free id is given first. Systems iterate
//! by rising id, so the order is the same on every machine, and so is what is serialised.
//!
//! An id is not given again as soon as its pilot has left: for [`held_ticks`] others may still mean that pilot by it.

use std::mem;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use shared::{
    engine::{
        ids::{PlayerId, Tick},
        limits::PLAYERS_MAX,
    },
    game::timing::Timing,
};

use super::pilot::Pilot;
use crate::engine::checked::{Broken, bounded, ensure};

/// More ticks than an id is held for under any rules.
const HELD_TICKS_MAX: u32 = 255;

/// How long the id of a pilot that has left is held before it is given again, in ticks: a second, or as long as a shot lives if
/// that is longer. Within a second nothing refers to the old pilot any more: a cell at the reduced rate, which is
/// sent five times a second; clients, which draw ships up to 0.25 s in the past, and go on with one that was out of view for up
/// to 0.3 s; and the ranking. Shots that its pilot fired fly on, and a kill of theirs must not be another's.
pub(super) fn held_ticks(timing: &Timing) -> u32 {
    u32::from(timing.tick_rate).max(timing.shot_life.into())
}

/// All pilots. Invariant: the pilot at a place has that place's id.
#[derive(Clone, Debug, Default)]
pub struct Pilots {
    places: Vec<Place>,
    /// Places that are taken.
    count: usize,
}

/// What is at the place of an id.
#[allow(
    clippy::large_enum_variant,
    reason = "systems go through the pilots in each tick, one behind the other in memory"
)]
#[derive(Clone, Debug, Serialize, Deserialize)]
enum Place {
    /// No pilot. The id is held until this tick.
    Free(Tick),
    Taken(Pilot),
}

impl Place {
    fn pilot(&self) -> Option<&Pilot> {
        match self {
            Self::Free(_) => None,
            Self::Taken(pilot) => Some(pilot),
        }
    }

    fn pilot_mut(&mut self) -> Option<&mut Pilot> {
        match self {
            Self::Free(_) => None,
            Self::Taken(pilot) => Some(pilot),
        }
    }

    /// Until when the id is held; `None` while it is taken.
    fn held_until(&self) -> Option<Tick> {
        match self {
            Self::Free(until) => Some(*until),
            Self::Taken(_) => None,
        }
    }
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
        self.places.get(usize::from(id.0))?.pilot()
    }

    /// The same, to be changed.
    pub fn get_mut(&mut self, id: PlayerId) -> Option<&mut Pilot> {
        self.places.get_mut(usize::from(id.0))?.pilot_mut()
    }

    /// All pilots, by rising id.
    pub fn iter(&self) -> impl Iterator<Item = &Pilot> + Clone {
        self.places.iter().filter_map(Place::pilot)
    }

    /// The same, to be changed.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Pilot> {
        self.places.iter_mut().filter_map(Place::pilot_mut)
    }

    /// One item for each place: what `of` says of its pilot, or `None`.
    pub(super) fn by_place<T>(&self, of: impl Fn(&Pilot) -> Option<T>) -> impl Iterator<Item = Option<T>> {
        self.places.iter().map(move |place| place.pilot().and_then(&of))
    }

    /// The lowest id that is neither taken nor held at `now`. `None` if there is none.
    pub(in crate::game) fn free_id(&self, now: Tick) -> Option<PlayerId> {
        let is_free = |place: &Place| place.held_until().is_some_and(|until| until <= now);
        let index = self.places.iter().position(is_free).unwrap_or(self.places.len());
        (index < PLAYERS_MAX).then_some(PlayerId(index as u16))
    }

    /// The id for a player that joins: the lowest free one, or when every other is taken the one that has been held longest,
    /// because a seat counts for more than a wrong name for a moment. `None` when all are taken.
    pub(super) fn free_or_held_id(&self, now: Tick) -> Option<PlayerId> {
        let held = || {
            let ids = (0..).map(PlayerId);
            let held = ids.zip(&self.places).filter_map(|(id, place)| Some((place.held_until()?, id)));
            held.min().map(|(_, id)| id)
        };
        self.free_id(now).or_else(held)
    }

    /// Adds a pilot, whose id is from [`Self::free_id`] or [`Self::free_or_held_id`].
    pub(super) fn insert(&mut self, pilot: Pilot) {
        let index = usize::from(pilot.id.0);
        if index == self.places.len() {
            self.places.push(Place::Free(Tick(0)));
        }
        let place = &mut self.places[index];
        self.count += usize::from(place.pilot().is_none());
        *place = Place::Taken(pilot);
    }

    /// Removes a pilot, and holds its id until `until`.
    pub(super) fn remove(&mut self, id: PlayerId, until: Tick) -> Option<Pilot> {
        let place = self.places.get_mut(usize::from(id.0))?;
        match mem::replace(place, Place::Free(until)) {
            Place::Taken(pilot) => {
                self.count -= 1;
                Some(pilot)
            }
            free @ Place::Free(_) => {
                *place = free;
                None
            }
        }
    }

    /// At `now`, `ticks` are skipped. Viewers get nothing meanwhile, so held ids are held for as much longer.
    pub(super) fn on_skip(&mut self, now: Tick, ticks: u32) {
        for place in &mut self.places {
            if let Place::Free(until) = place
                && *until > now
            {
                *until = until.after(ticks);
            }
        }
    }

    /// Checks pilots that were read from a file: no id is held for longer than one can be.
    pub(super) fn check(&self, now: Tick) -> Result<(), Broken> {
        let held = self.places.iter().filter_map(Place::held_until).map(|until| until.since(now)).max();
        ensure(held.is_none_or(|ticks| ticks <= HELD_TICKS_MAX), || {
            format!("an id is held for {} ticks", held.unwrap_or(0))
        })
    }
}

impl Serialize for Pilots {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.places.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Pilots {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // An empty place is two bytes in a file, and hundreds in memory.
        let places = bounded::<D, Place, PLAYERS_MAX>(deserializer)?;
        let is_placed = |(index, place): (usize, &Place)| {
            place.pilot().is_none_or(|pilot| usize::from(pilot.id.0) == index)
        };
        if !places.iter().enumerate().all(is_placed) {
            return Err(D::Error::custom("a pilot is not at the place of its id"));
        }
        let count = places.iter().filter_map(Place::pilot).count();
        Ok(Self { places, count })
    }
}

#[cfg(test)]
mod tests {
    use shared::engine::{ids::PlayerName, roster::PlayerKind};

    use super::*;

    fn pilot(id: u16) -> Pilot {
        let name = PlayerName::new(&format!("Pilot {id}")).expect("a valid name");
        Pilot::new(PlayerId(id), name, PlayerKind::Bot, None, 0, Tick(1))
    }

    fn ids(pilots: &Pilots) -> Vec<u16> {
        pilots.iter().map(|pilot| pilot.id.0).collect()
    }

    fn with_pilots(count: u16) -> Pilots {
        let mut pilots = Pilots::default();
        for id in 0..count {
            assert_eq!(pilots.free_id(Tick(5)), Some(PlayerId(id)));
            pilots.insert(pilot(id));
        }
        pilots
    }

    #[test]
    fn lowest_free_id_is_given_first_and_gaps_survive_a_round_trip() {
        let mut pilots = with_pilots(4);
        assert!(
            pilots.remove(PlayerId(1), Tick(6)).is_some() && pilots.remove(PlayerId(3), Tick(6)).is_some()
        );
        assert!(
            pilots.remove(PlayerId(1), Tick(9)).is_none() && pilots.remove(PlayerId(9), Tick(9)).is_none()
        );
        assert_eq!((ids(&pilots), pilots.len(), pilots.places()), (vec![0, 2], 2, 4));
        let text = ron::to_string(&pilots).expect("pilots are plain data");
        let mut back: Pilots = ron::from_str(&text).expect("it was written here");
        assert_eq!((ids(&back), back.len(), back.places()), (vec![0, 2], 2, 4));
        assert_eq!(back.free_id(Tick(5)), Some(PlayerId(4)), "the others are held");
        for id in [1, 3, 4] {
            assert_eq!(back.free_id(Tick(6)), Some(PlayerId(id)));
            back.insert(pilot(id));
        }
    }

    #[test]
    fn skipped_ticks_do_not_count_for_a_held_id() {
        let mut pilots = with_pilots(2);
        pilots.remove(PlayerId(0), Tick(40));
        pilots.on_skip(Tick(10), 100);
        assert_eq!(pilots.free_id(Tick(139)), Some(PlayerId(2)));
        assert_eq!(pilots.free_id(Tick(140)), Some(PlayerId(0)));
        // It is free, and stays so.
        pilots.on_skip(Tick(140), 100);
        assert_eq!(pilots.free_id(Tick(140)), Some(PlayerId(0)));
    }

    #[test]
    fn player_gets_the_id_that_was_held_longest_when_no_other_is_left() {
        let mut pilots = with_pilots(PLAYERS_MAX as u16);
        assert_eq!(pilots.free_or_held_id(Tick(5)), None, "all are taken");
        for (id, until) in [(7, 50), (3, 40), (9, 40), (1, 60)] {
            pilots.remove(PlayerId(id), Tick(until));
        }
        let mut given = Vec::new();
        while let Some(id) = pilots.free_or_held_id(Tick(30)) {
            assert_eq!(pilots.free_id(Tick(30)), None, "a drone waits");
            pilots.insert(pilot(id.0));
            given.push(id.0);
        }
        assert_eq!((given, pilots.len()), (vec![3, 9, 7, 1], PLAYERS_MAX));
    }

    #[test]
    fn id_that_is_held_for_ever_is_refused() {
        let mut pilots = with_pilots(1);
        pilots.remove(PlayerId(0), Tick(5 + HELD_TICKS_MAX));
        assert!(pilots.check(Tick(5)).is_ok() && pilots.check(Tick(4)).is_err());
    }

    #[test]
    fn pilot_at_a_wrong_place_and_too_many_places_are_refused() {
        let is_read = |places: Vec<Place>| {
            let text = ron::to_string(&places).expect("pilots are plain data");
            ron::from_str::<Pilots>(&text).is_ok()
        };
        let free = Place::Free(Tick(0));
        assert!(is_read(vec![free.clone(), Place::Taken(pilot(1))]));
        assert!(!is_read(vec![free.clone(), Place::Taken(pilot(0))]));
        assert!(is_read(vec![free.clone(); PLAYERS_MAX]));
        assert!(!is_read(vec![free; PLAYERS_MAX + 1]));
    }
}
