//! The smallest simulation, of [`TestGame`], for tests of the engine.

use std::{
    collections::{BTreeMap, HashMap},
    mem,
    sync::LazyLock,
};

use serde::{Deserialize, Serialize};
use shared::{
    Vec2,
    engine::{
        body::Motion,
        game_trait::Game as _,
        ids::{CellIndex, PlayerId, PlayerName, Tick},
        input::{Angle, PlayerInput},
        items::PlacedItem,
        records::AchievementInfo,
        roster::PlayerKind,
        testing::{Square, TestBody, TestGame, TestLook, TestMap},
    },
};

use super::{
    checked::{Broken, ensure},
    game_server::{ArenaFault, BuiltIn, GameServer, Loaded},
    input_queue::InputQueue,
    net::Site,
    players::{Player, Players},
    sessions::SessionId,
    simulation::{BodyNow, Changes, Command, Setup, Simulation},
};

/// Ticks for which the id of a player that has left is held.
const HELD_TICKS: u32 = 20;

/// A player of it.
pub(crate) type TestPlayer = Player<PlayerInput, TestBody>;

/// Bodies that are pushed where their inputs point, and bots that stand still. What else a test needs it sets itself.
#[derive(Debug)]
pub(crate) struct TestSimulation {
    pub(crate) tick: Tick,
    pub(crate) tick_rate: u16,
    pub(crate) map: TestMap,
    pub(crate) players: Players<PlayerInput, TestBody>,
    pub(crate) bots: u16,
    /// By id; the first is watched.
    pub(crate) ranking: Vec<PlayerId>,
    pub(crate) items: BTreeMap<CellIndex, Vec<PlacedItem<u8>>>,
    pub(crate) ongoing: Vec<(CellIndex, u16)>,
    pub(crate) changes: Changes<TestGame>,
}

/// Its state in a file: the tick, the players, how many bots there are to be, the ranking, and the arena's side.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct TestState(Tick, Players<PlayerInput, TestBody>, u16, Vec<PlayerId>, f32);

impl TestSimulation {
    /// A world with this number of bots, 20 ticks a second.
    pub(crate) fn new(bots: u16) -> Self {
        Self::with_side(bots, 2048.0)
    }

    /// The same in a square with this side.
    pub(crate) fn with_side(bots: u16, side: f32) -> Self {
        let map = TestGame::map(Square(side), 20);
        <Self as Simulation>::new(Setup { map, tick_rate: 20, bots, seed: 0 })
    }

    fn add(&mut self, session: Option<SessionId>, name: Option<PlayerName>) {
        let Some(id) = self.players.free_or_held_id(self.tick) else { return };
        let kind = if session.is_some() { PlayerKind::Human } else { PlayerKind::Bot };
        let name = name.or_else(|| PlayerName::new(&format!("Player {}", id.0)).ok());
        let motion = Motion { position: Vec2::splat(self.map.arena.0 / 2.0), velocity: Vec2::ZERO };
        self.players.insert(Player {
            id,
            name: name.expect("a valid name"),
            kind,
            session,
            colour: 0,
            party: None,
            inputs: InputQueue::default(),
            state: TestBody { motion, items: 0 },
            idle_since: None,
        });
        self.changes.joined.push(id);
    }

    fn remove(&mut self, id: PlayerId) {
        self.players.remove(id, self.tick.after(HELD_TICKS));
        self.changes.left.push(id);
    }

    fn bot_ids(&self) -> Vec<PlayerId> {
        let bots = self.players.iter().filter(|player| player.kind == PlayerKind::Bot);
        bots.map(|bot| bot.id).collect()
    }

    fn player_mut(&mut self, session: SessionId) -> Option<&mut TestPlayer> {
        self.player_of(session).and_then(|id| self.players.get_mut(id))
    }
}

impl Simulation for TestSimulation {
    type Game = TestGame;
    type PlayerState = TestBody;
    type Unchecked = TestState;

    const STATE_VERSION: u32 = 1;

    fn new(setup: Setup<TestGame>) -> Self {
        let Setup { map, tick_rate, bots, .. } = setup;
        let mut sim = Self {
            tick: Tick(0),
            tick_rate,
            map,
            players: Players::default(),
            bots,
            ranking: Vec::new(),
            items: BTreeMap::new(),
            ongoing: Vec::new(),
            changes: Changes::default(),
        };
        (0..bots).for_each(|_| sim.add(None, None));
        sim
    }

    fn restore(state: TestState, map: TestMap, tick_rate: u16) -> Result<Self, Broken> {
        let TestState(tick, players, bots, ranking, side) = state;
        ensure(side == map.arena.0, || format!("side {side} and not {}", map.arena.0))?;
        let sim = <Self as Simulation>::new(Setup { map, tick_rate, bots: 0, seed: 0 });
        Ok(Self { tick, players, bots, ranking, ..sim })
    }

    fn state(&self) -> impl Serialize + '_ {
        (self.tick, &self.players, self.bots, &self.ranking, self.map.arena.0)
    }

    fn move_to(&mut self, map: TestMap, bots: u16) {
        (self.map, self.bots) = (map, bots);
    }

    fn achievements() -> &'static [AchievementInfo] {
        static LIST: LazyLock<[AchievementInfo; 1]> = LazyLock::new(|| {
            [AchievementInfo {
                id: "here".into(),
                name: "Here".into(),
                text: "Be here".into(),
                sign: "★".into(),
            }]
        });
        &*LIST
    }

    /// Everyone who is there, in each step.
    fn list_achieved(&self, mut put: impl FnMut(SessionId, usize)) {
        self.players.iter().filter_map(|player| player.session).for_each(|session| put(session, 0));
    }

    fn tick(&self) -> Tick {
        self.tick
    }

    fn tick_rate(&self) -> u16 {
        self.tick_rate
    }

    fn arena(&self) -> &Square {
        &self.map.arena
    }

    fn players(&self) -> &Players<PlayerInput, TestBody> {
        &self.players
    }

    fn player_of(&self, session: SessionId) -> Option<PlayerId> {
        self.players.iter().find(|player| player.session == Some(session)).map(|player| player.id)
    }

    fn ranking(&self) -> &[PlayerId] {
        &self.ranking
    }

    fn score(&self, player: &TestPlayer) -> Option<u32> {
        Some(u32::from(player.id.0))
    }

    fn body(&self, player: &TestPlayer) -> Option<BodyNow<TestLook>> {
        let position = player.state.motion.position;
        Some(BodyNow { position, heading: Angle(0), look: TestLook::default() })
    }

    fn own(&self, player: &TestPlayer) -> Option<TestBody> {
        Some(player.state)
    }

    fn items(&self, cell: CellIndex) -> &[PlacedItem<u8>] {
        self.items.get(&cell).map_or(&[], Vec::as_slice)
    }

    fn changes(&self) -> &Changes<TestGame> {
        &self.changes
    }

    fn ongoing(&self, mut put: impl FnMut(CellIndex, u16)) {
        self.ongoing.iter().for_each(|(cell, event)| put(*cell, *event));
    }

    /// One in each tick.
    fn feed_events(&self) -> u64 {
        1
    }

    fn list_feed_events(&self, mut put: impl FnMut(u8)) {
        put(self.tick.0 as u8);
    }

    fn step(&mut self, commands: &[Command<PlayerInput>]) {
        self.changes.clear();
        self.tick = self.tick.after(1);
        let now = self.tick;
        for command in commands {
            match command {
                Command::Join { session, name, .. } => self.add(Some(*session), name.clone()),
                Command::Leave { session } => {
                    let id = self.player_of(*session);
                    id.into_iter().for_each(|id| self.remove(id));
                }
                Command::Input { session, input } => {
                    let player = self.player_mut(*session);
                    player.into_iter().for_each(|player| player.inputs.push(*input, Tick(now.0 - 1)));
                }
                Command::Idle { session } => {
                    let player = self.player_mut(*session);
                    player.into_iter().for_each(|player| player.idle_since = Some(now));
                }
                Command::Active { session } => {
                    let player = self.player_mut(*session);
                    player.into_iter().for_each(|player| player.idle_since = None);
                }
                Command::FillWithBots { bodies } => self.bots = *bodies,
                Command::Party { session, party } => {
                    let player = self.player_mut(*session);
                    player.into_iter().for_each(|player| player.party = Some(*party));
                }
            }
        }
        let bots = self.bot_ids();
        if let Some(last) = bots.last().filter(|_| self.players.len() > usize::from(self.bots)) {
            self.remove(*last);
        } else if self.players.len() < usize::from(self.bots) {
            self.add(None, None);
        }
        let mut players = mem::take(&mut self.players);
        for player in players.iter_mut() {
            let (input, _) = player.inputs.take(now, 3);
            TestGame::step_avatar(&mut player.state, input.input, &self.map);
            let position = &mut player.state.motion.position;
            *position = position.clamp(Vec2::ZERO, Vec2::splat(self.map.arena.0 - 1.0));
        }
        self.players = players;
        if now.0.is_multiple_of(u32::from(self.tick_rate)) {
            self.ranking = self.players.iter().map(|player| player.id).collect();
        }
    }

    fn skip(&mut self, ticks: u32) {
        self.tick = self.tick.after(ticks);
    }
}

/// What stands in an arena's file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SquareFile {
    side: f32,
}

impl GameServer for TestSimulation {
    const ABOUT: &'static str = "A server for tests.";

    fn arenas() -> Vec<BuiltIn> {
        vec![("square".into(), "(side: 2048)".into()), ("small".into(), "(side: 1024)".into())]
    }

    fn read_arena(text: &str) -> Result<Loaded<Square>, ArenaFault> {
        let SquareFile { side } = ron::from_str(text)?;
        Ok(Loaded { arena: Square(side), bots: None })
    }

    fn site() -> Site {
        Site::Files(HashMap::new())
    }
}
