//! The players of a small game: carries out what every game does with a [`Command`], so that the game's own code is its rules. Players
//! join under a free id, leave, go idle and come back; bots come and go so that there are as many bodies as wanted.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use shared::engine::{
    game_trait::{Game, Input},
    ids::{PlayerId, PlayerName, Tick},
    limits::COLOURS,
    roster::PlayerKind,
};

use super::{
    checked::{Broken, ensure},
    input_queue::InputQueue,
    players::{HELD_TICKS_MAX, Player, Players},
    sessions::SessionId,
    simulation::{Changes, Command},
};

/// The players, and how many bodies bots fill the arena up to.
#[derive(Clone, Debug)]
pub struct Crowd<I: Input, S> {
    players: Players<I, S>,
    bodies: u16,
    /// Only looked up, because the order of a hash map is unspecified.
    by_session: FxHashMap<SessionId, PlayerId>,
}

impl<I: Input, S> Crowd<I, S> {
    /// Without players. Bots come with the first ticks, one in each.
    pub fn new(bodies: u16) -> Self {
        Self { players: Players::default(), bodies, by_session: FxHashMap::default() }
    }

    /// Everyone.
    pub fn players(&self) -> &Players<I, S> {
        &self.players
    }

    /// The same, to be changed. No player may be added or removed there.
    pub fn players_mut(&mut self) -> &mut Players<I, S> {
        &mut self.players
    }

    /// The player of a session.
    pub fn player_of(&self, session: SessionId) -> Option<PlayerId> {
        self.by_session.get(&session).copied()
    }

    /// From now on bots fill the arena up to this many bodies.
    pub fn fill_up_to(&mut self, bodies: u16) {
        self.bodies = bodies;
    }

    /// Carries out a tick's commands, and lets a bot join or leave if there are too few or too many bodies. `now` is the tick that is
    /// stepped. `new` makes what the game keeps of a player that joins. Who joined and left is noted in `changes`.
    pub fn carry_out<G: Game<Input = I>>(
        &mut self,
        commands: &[Command<I>],
        now: Tick,
        changes: &mut Changes<G>,
        mut new: impl FnMut(PlayerId) -> S,
    ) {
        let before = Tick(now.0 - 1);
        for command in commands {
            match command {
                Command::Join { session, name, colour } if !self.by_session.contains_key(session) => {
                    self.join(Some(*session), name.clone(), *colour, now, changes, &mut new);
                }
                Command::Join { .. } => {}
                Command::Leave { session } => {
                    if let Some(id) = self.by_session.remove(session) {
                        self.remove(id, now, changes);
                    }
                }
                Command::Input { session, input } => {
                    self.with(*session, |player| player.inputs.push(*input, before));
                }
                Command::Idle { session } => self.with(*session, |player| {
                    player.idle_since = player.idle_since.or(Some(now));
                    player.inputs = InputQueue::default();
                }),
                Command::Active { session } => self.with(*session, |player| player.idle_since = None),
                Command::FillWithBots { bodies } => self.bodies = *bodies,
                Command::Party { session, party } => {
                    self.with(*session, |player| player.party = Some(*party));
                }
            }
        }
        if self.players.len() < usize::from(self.bodies) {
            self.join(None, None, None, now, changes, &mut new);
        } else if self.players.len() > usize::from(self.bodies) {
            let bots = self.players.iter().filter(|player| player.kind == PlayerKind::Bot);
            let last = bots.last().map(|bot| bot.id);
            last.into_iter().for_each(|id| self.remove(id, now, changes));
        }
    }

    fn with(&mut self, session: SessionId, act: impl FnOnce(&mut Player<I, S>)) {
        if let Some(player) = self.by_session.get(&session).and_then(|id| self.players.get_mut(*id)) {
            act(player);
        }
    }

    fn join<G: Game<Input = I>>(
        &mut self,
        session: Option<SessionId>,
        name: Option<PlayerName>,
        colour: Option<u8>,
        now: Tick,
        changes: &mut Changes<G>,
        new: &mut impl FnMut(PlayerId) -> S,
    ) {
        let id = match session {
            Some(_) => self.players.free_or_held_id(now),
            None => self.players.free_id(now),
        };
        let Some(id) = id else { return };
        let (kind, word) = match session {
            Some(_) => (PlayerKind::Human, NAME_WORDS[0]),
            None => (PlayerKind::Bot, NAME_WORDS[1]),
        };
        let made = || PlayerName::new(&format!("{word} {}", id.0)).expect("a valid name");
        self.players.insert(Player {
            id,
            name: name.unwrap_or_else(made),
            kind,
            session,
            colour: (colour.map_or(id.0, u16::from) % u16::from(COLOURS)) as u8,
            party: None,
            inputs: InputQueue::default(),
            state: new(id),
            idle_since: None,
        });
        self.by_session.extend(session.map(|session| (session, id)));
        changes.joined.push(id);
    }

    fn remove<G: Game>(&mut self, id: PlayerId, now: Tick, changes: &mut Changes<G>) {
        // Clients that draw the past still have it, and the ranking may.
        self.players.remove(id, now.after(HELD_TICKS_MAX));
        changes.left.push(id);
    }

    /// Checks a crowd that was read from a file, at its tick.
    pub fn check(&self, now: Tick) -> Result<(), Broken> {
        self.players.check(now)?;
        for player in self.players.iter() {
            let Player { id, kind, session, colour, inputs, idle_since, .. } = player;
            let is_human = *kind == PlayerKind::Human;
            ensure(is_human == session.is_some(), || {
                format!("player {}: a human has a session, and a bot has none", id.0)
            })?;
            ensure(*colour < COLOURS, || format!("player {}: colour {colour}", id.0))?;
            ensure(inputs.is_sorted(), || format!("player {}: its inputs are not in order", id.0))?;
            ensure(idle_since.is_none_or(|since| since <= now), || {
                format!("player {}: it will be idle", id.0)
            })?;
        }
        let sessions: BTreeSet<_> = self.players.iter().filter_map(|player| player.session).collect();
        let humans = self.players.iter().filter(|player| player.session.is_some()).count();
        ensure(sessions.len() == humans, || "two players have one session".to_owned())
    }
}

/// The words before the number in the names of players who ask for none, and of bots.
pub const NAME_WORDS: [&str; 2] = ["Player", "Bot"];

impl<I: Input, S: Serialize> Serialize for Crowd<I, S> {
    fn serialize<Z: Serializer>(&self, serializer: Z) -> Result<Z::Ok, Z::Error> {
        (&self.players, self.bodies).serialize(serializer)
    }
}

impl<'de, I: Input, S: Deserialize<'de>> Deserialize<'de> for Crowd<I, S> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (players, bodies) = <(Players<I, S>, u16)>::deserialize(deserializer)?;
        let by_session = players.iter().filter_map(|player| Some((player.session?, player.id))).collect();
        Ok(Self { players, bodies, by_session })
    }
}

#[cfg(test)]
mod tests {
    use shared::engine::{
        input::{Buttons, PlayerInput},
        protocol::{decode, encode},
        testing::TestGame,
    };

    use super::*;
    use crate::engine::input_queue::TimedInput;

    type TestCrowd = Crowd<PlayerInput, u16>;

    fn tick(crowd: &mut TestCrowd, now: u32, commands: &[Command<PlayerInput>]) -> (Vec<u16>, Vec<u16>) {
        let mut changes = Changes::<TestGame>::default();
        crowd.carry_out(commands, Tick(now), &mut changes, |id| id.0 * 10);
        let ids = |list: &[PlayerId]| list.iter().map(|id| id.0).collect();
        (ids(&changes.joined), ids(&changes.left))
    }

    fn join(session: u64) -> Command<PlayerInput> {
        Command::Join { session: SessionId(session), name: None, colour: Some(250) }
    }

    #[test]
    fn bots_fill_the_arena_and_give_way() {
        let mut crowd = TestCrowd::new(2);
        assert_eq!([tick(&mut crowd, 1, &[]).0, tick(&mut crowd, 2, &[]).0], [[0], [1]]);
        assert_eq!(tick(&mut crowd, 3, &[join(7)]), (vec![2], vec![1]));
        assert_eq!(tick(&mut crowd, 4, &[Command::FillWithBots { bodies: 0 }]).1, [0]);
        let names: Vec<_> = crowd.players().iter().map(|player| player.name.as_str()).collect();
        assert_eq!(names, ["Player 2"]);
        let player = crowd.players().get(PlayerId(2)).expect("it has joined");
        assert_eq!((player.state, player.colour, crowd.player_of(SessionId(7))), (20, 2, Some(PlayerId(2))));
    }

    #[test]
    fn session_joins_once_plays_pauses_and_leaves() {
        let mut crowd = TestCrowd::new(0);
        assert_eq!(tick(&mut crowd, 1, &[join(7), join(7), join(8)]).0, [0, 1]);
        let session = SessionId(7);
        let input = PlayerInput { buttons: Buttons(1), ..PlayerInput::default() };
        let input = TimedInput { tick: Tick(2), input, rewind: 0 };
        tick(&mut crowd, 2, &[Command::Input { session, input }, Command::Idle { session: SessionId(8) }]);
        let taken = |crowd: &mut TestCrowd, id| {
            crowd.players_mut().get_mut(PlayerId(id)).map(|player| player.inputs.take(Tick(2), 0).0.input)
        };
        assert_eq!(taken(&mut crowd, 0), Some(input.input));
        let idle = |crowd: &TestCrowd| crowd.players().get(PlayerId(1)).and_then(|player| player.idle_since);
        assert_eq!(idle(&crowd), Some(Tick(2)));
        tick(&mut crowd, 3, &[Command::Idle { session: SessionId(8) }]);
        assert_eq!(idle(&crowd), Some(Tick(2)), "since the first time");
        tick(&mut crowd, 4, &[Command::Active { session: SessionId(8) }, Command::Leave { session }]);
        assert_eq!((idle(&crowd), crowd.player_of(session), crowd.players().len()), (None, None, 1));
    }

    #[test]
    fn crowd_that_is_read_has_its_sessions_and_is_checked() {
        let mut crowd = TestCrowd::new(3);
        (1..4).for_each(|now| drop(tick(&mut crowd, now, &[join(now.into())])));
        let read: TestCrowd = decode::<_, 4096>(&encode(&crowd)).expect("it was encoded here");
        assert_eq!(read.player_of(SessionId(2)), crowd.player_of(SessionId(2)));
        assert!(read.check(Tick(3)).is_ok());
        let mut twice = read.clone();
        for player in twice.players_mut().iter_mut().filter(|player| player.session.is_some()) {
            player.session = Some(SessionId(1));
        }
        assert!(twice.check(Tick(3)).is_err_and(|broken| broken.0.contains("one session")));
        let mut odd = read;
        odd.players_mut().iter_mut().for_each(|player| player.kind = PlayerKind::Bot);
        assert!(odd.check(Tick(3)).is_err());
    }
}
