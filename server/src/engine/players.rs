//! The players in an arena, by their `PlayerId`: a list with gaps, because the lowest free id is given first. Systems iterate
//! by rising id, so the order is the same on every machine, and so is what is serialised.
//!
//! An id is not given again as soon as its player has left: for a second or longer others may still mean that player by it.

use std::mem;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use shared::engine::{
    game_trait::Input,
    ids::{PlayerId, PlayerName, Tick},
    limits::PLAYERS_MAX,
    roster::PlayerKind,
};

use super::{
    checked::{Broken, bounded, ensure},
    input_queue::InputQueue,
    party::PartyId,
    sessions::SessionId,
};

/// Most ticks that an id is held for.
pub const HELD_TICKS_MAX: u32 = 255;

/// A player in the arena, human or bot, with what the game keeps of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(bound(serialize = "S: Serialize", deserialize = "S: Deserialize<'de>"))]
pub struct Player<I: Input, S> {
    /// Also identifies its body.
    pub id: PlayerId,
    /// Shown to all players.
    pub name: PlayerName,
    /// Human or bot.
    pub kind: PlayerKind,
    /// By which commands name a human; a bot has none.
    pub session: Option<SessionId>,
    /// The colour of its body, below [`COLOURS`](shared::engine::limits::COLOURS).
    pub colour: u8,
    /// The party that it came with.
    pub party: Option<PartyId>,
    /// Inputs that wait for their tick.
    pub inputs: InputQueue<I>,
    /// What the game keeps of it.
    pub state: S,
    /// The tick in which its human left the controls; `None` while one is at them.
    pub idle_since: Option<Tick>,
}

/// All players. Invariant: the player at a place has that place's id.
#[derive(Clone, Debug)]
pub struct Players<I: Input, S> {
    places: Vec<Place<I, S>>,
    /// Places that are taken.
    count: usize,
}

/// What is at the place of an id.
#[allow(
    clippy::large_enum_variant,
    reason = "systems go through the players in each tick, one behind the other in memory"
)]
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(bound(serialize = "S: Serialize", deserialize = "S: Deserialize<'de>"))]
enum Place<I: Input, S> {
    /// No player. The id is held until this tick.
    Free(Tick),
    Taken(Player<I, S>),
}

impl<I: Input, S> Place<I, S> {
    fn player(&self) -> Option<&Player<I, S>> {
        match self {
            Self::Free(_) => None,
            Self::Taken(player) => Some(player),
        }
    }

    fn player_mut(&mut self) -> Option<&mut Player<I, S>> {
        match self {
            Self::Free(_) => None,
            Self::Taken(player) => Some(player),
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

impl<I: Input, S> Default for Players<I, S> {
    fn default() -> Self {
        Self { places: Vec::new(), count: 0 }
    }
}

impl<I: Input, S> Players<I, S> {
    /// Players in the arena.
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

    /// The player with this id.
    pub fn get(&self, id: PlayerId) -> Option<&Player<I, S>> {
        self.places.get(usize::from(id.0))?.player()
    }

    /// The same, to be changed.
    pub fn get_mut(&mut self, id: PlayerId) -> Option<&mut Player<I, S>> {
        self.places.get_mut(usize::from(id.0))?.player_mut()
    }

    /// All players, by rising id.
    pub fn iter(&self) -> impl Iterator<Item = &Player<I, S>> + Clone {
        self.places.iter().filter_map(Place::player)
    }

    /// The same, to be changed.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Player<I, S>> {
        self.places.iter_mut().filter_map(Place::player_mut)
    }

    /// One item for each place: what `of` says of its player, or `None`.
    pub fn by_place<T>(&self, of: impl Fn(&Player<I, S>) -> Option<T>) -> impl Iterator<Item = Option<T>> {
        self.places.iter().map(move |place| place.player().and_then(&of))
    }

    /// The lowest id that is neither taken nor held at `now`. `None` if there is none.
    pub fn free_id(&self, now: Tick) -> Option<PlayerId> {
        let is_free = |place: &Place<I, S>| place.held_until().is_some_and(|until| until <= now);
        let index = self.places.iter().position(is_free).unwrap_or(self.places.len());
        (index < PLAYERS_MAX).then_some(PlayerId(index as u16))
    }

    /// The id for a player that joins: the lowest free one, or when every other is taken the one that has been held longest,
    /// because a seat counts for more than a wrong name for a moment. `None` when all are taken.
    pub fn free_or_held_id(&self, now: Tick) -> Option<PlayerId> {
        let held = || {
            let ids = (0..).map(PlayerId);
            let held = ids.zip(&self.places).filter_map(|(id, place)| Some((place.held_until()?, id)));
            held.min().map(|(_, id)| id)
        };
        self.free_id(now).or_else(held)
    }

    /// Adds a player, whose id is from [`Self::free_id`] or [`Self::free_or_held_id`].
    pub fn insert(&mut self, player: Player<I, S>) {
        let index = usize::from(player.id.0);
        if index == self.places.len() {
            self.places.push(Place::Free(Tick(0)));
        }
        let place = &mut self.places[index];
        self.count += usize::from(place.player().is_none());
        *place = Place::Taken(player);
    }

    /// Removes a player, and holds its id until `until`.
    pub fn remove(&mut self, id: PlayerId, until: Tick) -> Option<Player<I, S>> {
        let place = self.places.get_mut(usize::from(id.0))?;
        match mem::replace(place, Place::Free(until)) {
            Place::Taken(player) => {
                self.count -= 1;
                Some(player)
            }
            free @ Place::Free(_) => {
                *place = free;
                None
            }
        }
    }

    /// At `now`, `ticks` are skipped. Viewers get nothing meanwhile, so held ids are held for as much longer.
    pub fn on_skip(&mut self, now: Tick, ticks: u32) {
        for place in &mut self.places {
            if let Place::Free(until) = place
                && *until > now
            {
                *until = until.after(ticks);
            }
        }
    }

    /// Checks players that were read from a file: no id is held for longer than one can be.
    pub fn check(&self, now: Tick) -> Result<(), Broken> {
        let held = self.places.iter().filter_map(Place::held_until).map(|until| until.since(now)).max();
        ensure(held.is_none_or(|ticks| ticks <= HELD_TICKS_MAX), || {
            format!("an id is held for {} ticks", held.unwrap_or(0))
        })
    }
}

impl<I: Input, S: Serialize> Serialize for Players<I, S> {
    fn serialize<Z: Serializer>(&self, serializer: Z) -> Result<Z::Ok, Z::Error> {
        self.places.serialize(serializer)
    }
}

impl<'de, I: Input, S: Deserialize<'de>> Deserialize<'de> for Players<I, S> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // An empty place is two bytes in a file, and hundreds in memory.
        let places = bounded::<D, Place<I, S>, PLAYERS_MAX>(deserializer)?;
        let is_placed = |(index, place): (usize, &Place<I, S>)| {
            place.player().is_none_or(|player| usize::from(player.id.0) == index)
        };
        if !places.iter().enumerate().all(is_placed) {
            return Err(D::Error::custom("a player is not at the place of its id"));
        }
        let count = places.iter().filter_map(Place::player).count();
        Ok(Self { places, count })
    }
}

#[cfg(test)]
mod tests {
    use shared::engine::input::PlayerInput;

    use super::*;

    type TestPlayers = Players<PlayerInput, ()>;
    type TestPlace = Place<PlayerInput, ()>;

    fn player(id: u16) -> Player<PlayerInput, ()> {
        let name = PlayerName::new(&format!("Player {id}")).expect("a valid name");
        Player {
            id: PlayerId(id),
            name,
            kind: PlayerKind::Bot,
            session: None,
            colour: 0,
            party: None,
            inputs: InputQueue::default(),
            state: (),
            idle_since: None,
        }
    }

    fn ids(players: &TestPlayers) -> Vec<u16> {
        players.iter().map(|player| player.id.0).collect()
    }

    fn with_players(count: u16) -> TestPlayers {
        let mut players = TestPlayers::default();
        for id in 0..count {
            assert_eq!(players.free_id(Tick(5)), Some(PlayerId(id)));
            players.insert(player(id));
        }
        players
    }

    #[test]
    fn lowest_free_id_is_given_first_and_gaps_survive_a_round_trip() {
        let mut players = with_players(4);
        assert!(
            players.remove(PlayerId(1), Tick(6)).is_some() && players.remove(PlayerId(3), Tick(6)).is_some()
        );
        assert!(
            players.remove(PlayerId(1), Tick(9)).is_none() && players.remove(PlayerId(9), Tick(9)).is_none()
        );
        assert_eq!((ids(&players), players.len(), players.places()), (vec![0, 2], 2, 4));
        let text = ron::to_string(&players).expect("players are plain data");
        let mut back: TestPlayers = ron::from_str(&text).expect("it was written here");
        assert_eq!((ids(&back), back.len(), back.places()), (vec![0, 2], 2, 4));
        assert_eq!(back.free_id(Tick(5)), Some(PlayerId(4)), "the others are held");
        for id in [1, 3, 4] {
            assert_eq!(back.free_id(Tick(6)), Some(PlayerId(id)));
            back.insert(player(id));
        }
    }

    #[test]
    fn skipped_ticks_do_not_count_for_a_held_id() {
        let mut players = with_players(2);
        players.remove(PlayerId(0), Tick(40));
        players.on_skip(Tick(10), 100);
        assert_eq!(players.free_id(Tick(139)), Some(PlayerId(2)));
        assert_eq!(players.free_id(Tick(140)), Some(PlayerId(0)));
        // It is free, and stays so.
        players.on_skip(Tick(140), 100);
        assert_eq!(players.free_id(Tick(140)), Some(PlayerId(0)));
    }

    #[test]
    fn player_gets_the_id_that_was_held_longest_when_no_other_is_left() {
        let mut players = with_players(PLAYERS_MAX as u16);
        assert_eq!(players.free_or_held_id(Tick(5)), None, "all are taken");
        for (id, until) in [(7, 50), (3, 40), (9, 40), (1, 60)] {
            players.remove(PlayerId(id), Tick(until));
        }
        let mut given = Vec::new();
        while let Some(id) = players.free_or_held_id(Tick(30)) {
            assert_eq!(players.free_id(Tick(30)), None, "a bot waits");
            players.insert(player(id.0));
            given.push(id.0);
        }
        assert_eq!((given, players.len()), (vec![3, 9, 7, 1], PLAYERS_MAX));
    }

    #[test]
    fn id_that_is_held_for_ever_is_refused() {
        let mut players = with_players(1);
        players.remove(PlayerId(0), Tick(5 + HELD_TICKS_MAX));
        assert!(players.check(Tick(5)).is_ok() && players.check(Tick(4)).is_err());
    }

    #[test]
    fn player_at_a_wrong_place_and_too_many_places_are_refused() {
        let is_read = |places: Vec<TestPlace>| {
            let text = ron::to_string(&places).expect("players are plain data");
            ron::from_str::<TestPlayers>(&text).is_ok()
        };
        let free = TestPlace::Free(Tick(0));
        assert!(is_read(vec![free.clone(), Place::Taken(player(1))]));
        assert!(!is_read(vec![free.clone(), Place::Taken(player(0))]));
        assert!(is_read(vec![free.clone(); PLAYERS_MAX]));
        assert!(!is_read(vec![free; PLAYERS_MAX + 1]));
    }
}
