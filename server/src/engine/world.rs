//! A simulation for games in which each player has one body that moves by its inputs: [`World`] does what all of them have in common,
//! and a game writes its [`Rules`]. A game that needs more, such as bodies that come and go, implements
//! [`Simulation`] itself.

use core::cmp::Reverse;
use std::fmt::Debug;

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use shared::{
    Vec2,
    engine::{
        game_trait::{Arena as _, Game},
        ids::{CellIndex, PlayerId, Tick},
        input::Angle,
        items::PlacedItem,
        roster::PlayerKind,
    },
};

use super::{
    checked::{Broken, ensure},
    crowd::{Crowd, NAME_WORDS},
    game_server::{BuiltIn, GameServer},
    input_queue::TimedInput,
    item_field::ItemField,
    net::Site,
    players::{Player, Players},
    sessions::SessionId,
    simulation::{BodyNow, Changes, Command, Setup, Simulation},
};

/// The last input of a player is repeated for this part of a second while none arrives.
const REPEAT_PART: u32 = 4;

/// Version of the encoding of what a [`World`] keeps itself, and of the sessions beside it, which stands in the last hexadecimal digit of its state's version.
const WORLD_VERSION: u32 = 2;
const WORLD_VERSIONS: u32 = 16;

/// What happens in a game besides the motion of bodies. The type itself is what the game keeps besides its players.
pub trait Rules: Debug + Default + Send + Serialize + DeserializeOwned + 'static {
    /// The game.
    type Game: Game;
    /// What it keeps of a player besides its avatar.
    type State: Clone + Debug + Send + Serialize + DeserializeOwned;

    /// Version of the encoding of this type, of [`Self::State`] and of the avatar; to be increased when one changes. Below 4,096.
    const STATE_VERSION: u32 = 1;
    /// What `--help` says of the server, in one line.
    const ABOUT: &'static str;
    /// Bots fill an arena up to this many bodies unless a flag says otherwise.
    const BOTS: u16 = 0;

    /// The arenas in the binary; the first is the default.
    fn arenas() -> Vec<BuiltIn>;
    /// The files of the page. By default those that `cargo xtask build --game NAME` makes.
    fn site() -> Site {
        Site::of_game(<Self::Game as Game>::NAME)
    }

    /// The body of a player that joins, and what is kept of it.
    fn join(&mut self, id: PlayerId, map: &<Self::Game as Game>::Map) -> Member<Self>;

    /// What a bot wants in this tick. `bodies` are everyone's, by rising id.
    fn bot(
        _bot: &PlayerIn<Self>,
        _bodies: &[(PlayerId, <Self::Game as Game>::Avatar)],
        _now: Tick,
    ) -> <Self::Game as Game>::Input {
        <Self::Game as Game>::Input::default()
    }

    /// What happens in a tick, after all bodies have moved.
    fn step(&mut self, step: &mut Step<'_, Self>);

    /// Where a body points. By default where it goes.
    fn heading(avatar: &<Self::Game as Game>::Avatar) -> Angle {
        Angle::of(Self::Game::motion(avatar).velocity)
    }

    /// What others see of a player's body, besides its motion and its heading; `None` while it has none in the arena.
    fn look(&self, player: &PlayerIn<Self>, now: Tick) -> Option<<Self::Game as Game>::Look>;

    /// What only the player's own client is sent. [`Game::avatar`] of it is the player's avatar.
    fn own(&self, player: &PlayerIn<Self>) -> <Self::Game as Game>::Own;

    /// The player's score; `None` while it is not ranked.
    fn score(player: &PlayerIn<Self>, tick_rate: u16) -> Option<u32>;

    /// Checks what was read from a file beyond what every game has: sessions, names and motions.
    fn check(&self, _players: &PlayersIn<Self>) -> Result<(), Broken> {
        Ok(())
    }
}

/// A player's avatar, and what the game keeps of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct Member<R: Rules> {
    /// Moves by the player's inputs.
    pub avatar: <R::Game as Game>::Avatar,
    /// What the game keeps.
    pub state: R::State,
}

/// A player of a game with these rules.
pub type PlayerIn<R> = Player<<<R as Rules>::Game as Game>::Input, Member<R>>;
/// All players of a game with these rules.
pub type PlayersIn<R> = Players<<<R as Rules>::Game as Game>::Input, Member<R>>;

/// A tick in the making.
#[derive(Debug)]
pub struct Step<'a, R: Rules> {
    /// The tick.
    pub now: Tick,
    /// Ticks per second.
    pub tick_rate: u16,
    /// The map.
    pub map: &'a <R::Game as Game>::Map,
    /// Everyone. Avatars may be moved, which their clients are told with the next frame.
    pub players: &'a mut PlayersIn<R>,
    /// What lies in the arena.
    pub items: &'a mut ItemField<<R::Game as Game>::Item>,
    /// Seeded: it gives the same numbers on every machine.
    pub rng: &'a mut Pcg64Mcg,
    /// What viewers are to be told.
    pub changes: &'a mut Changes<R::Game>,
}

impl<R: Rules> Step<'_, R> {
    /// A place in the arena, at least `margin` from its walls.
    pub fn random_place(&mut self, margin: f32) -> Vec2 {
        let size = R::Game::arena_of(self.map).size();
        let part = Vec2::new(self.rng.random(), self.rng.random());
        Vec2::splat(margin) + part * (size - 2.0 * margin)
    }

    /// Puts an item into the arena. `false` if there is no room for it at this place.
    pub fn put_item(&mut self, place: Vec2, item: <R::Game as Game>::Item) -> bool {
        self.items.put(place, item, R::Game::arena_of(self.map).grid(), self.changes)
    }

    /// Lets players take the items near their bodies: within the distance that `reach` gives a player, if any. `take` is called for each
    /// item.
    pub fn take_items(
        &mut self,
        reach: impl Fn(&PlayerIn<R>) -> Option<f32>,
        mut take: impl FnMut(&mut PlayerIn<R>, <R::Game as Game>::Item),
    ) {
        let Self { map, players, items, changes, .. } = self;
        let grid = R::Game::arena_of(map).grid();
        for player in players.iter_mut() {
            let Some(reach) = reach(player) else { continue };
            let place = R::Game::motion(&player.state.avatar).position;
            items.take(place, reach, player.id, grid, changes, |item| take(player, item));
        }
    }
}

/// A world by these rules.
#[derive(Debug)]
pub struct World<R: Rules> {
    kept: Kept<R>,
    // What follows is rebuilt from the above, or never changes.
    map: <R::Game as Game>::Map,
    tick_rate: u16,
    changes: Changes<R::Game>,
    /// Before bodies move, for bots to look at.
    bodies: Vec<(PlayerId, <R::Game as Game>::Avatar)>,
}

/// What later ticks depend on.
#[derive(Debug, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct Kept<R: Rules> {
    tick: Tick,
    crowd: Crowd<<R::Game as Game>::Input, Member<R>>,
    items: ItemField<<R::Game as Game>::Item>,
    ranking: Vec<PlayerId>,
    rng: Pcg64Mcg,
    rules: R,
}

impl<R: Rules> World<R> {
    fn of(kept: Kept<R>, map: <R::Game as Game>::Map, tick_rate: u16) -> Self {
        Self { kept, map, tick_rate, changes: Changes::default(), bodies: Vec::new() }
    }

    /// Lets bots want something, and moves every body.
    fn move_bodies(&mut self) {
        let Self { kept: Kept { tick, crowd, .. }, map, tick_rate, changes, bodies } = self;
        let players = crowd.players_mut();
        bodies.clear();
        if players.iter().any(|player| player.kind == PlayerKind::Bot) {
            bodies.extend(players.iter().map(|player| (player.id, player.state.avatar.clone())));
        }
        let repeat_ticks = u32::from(*tick_rate) / REPEAT_PART;
        for player in players.iter_mut() {
            if player.kind == PlayerKind::Bot {
                let input = R::bot(player, bodies, *tick);
                player.inputs.push(TimedInput { tick: *tick, input, rewind: 0 }, Tick(tick.0 - 1));
            }
            let (input, is_fresh) = player.inputs.take(*tick, repeat_ticks);
            let is_starved = !is_fresh && player.session.is_some() && player.idle_since.is_none();
            changes.starved += u64::from(is_starved);
            R::Game::step_avatar(&mut player.state.avatar, input.input, map);
        }
    }

    fn rank(&mut self) {
        let Kept { crowd, ranking, .. } = &mut self.kept;
        let players = crowd.players();
        let score = |id: &PlayerId| players.get(*id).and_then(|player| R::score(player, self.tick_rate));
        ranking.clear();
        ranking.extend(players.iter().map(|player| player.id).filter(|id| score(id).is_some()));
        ranking.sort_unstable_by_key(|id| (Reverse(score(id)), *id));
    }
}

impl<R: Rules> Simulation for World<R> {
    type Game = R::Game;
    type PlayerState = Member<R>;
    type Unchecked = Kept<R>;

    const STATE_VERSION: u32 = R::STATE_VERSION * WORLD_VERSIONS + WORLD_VERSION;

    fn name_words() -> impl Iterator<Item = &'static str> {
        NAME_WORDS.into_iter()
    }

    fn new(setup: Setup<R::Game>) -> Self {
        let Setup { map, tick_rate, bots, seed } = setup;
        let crowd = Crowd::new(bots);
        let items = ItemField::new(R::Game::arena_of(&map).grid());
        let rng = Pcg64Mcg::seed_from_u64(seed);
        let kept = Kept { tick: Tick(0), crowd, items, ranking: Vec::new(), rng, rules: R::default() };
        Self::of(kept, map, tick_rate)
    }

    fn restore(kept: Kept<R>, map: <R::Game as Game>::Map, tick_rate: u16) -> Result<Self, Broken> {
        let Kept { tick, crowd, items, ranking, rng: _, rules } = &kept;
        crowd.check(*tick)?;
        items.check(R::Game::arena_of(&map).grid())?;
        let players = crowd.players();
        let is_known = ranking.iter().all(|id| usize::from(id.0) < players.places());
        ensure(is_known, || "the ranking has a player that never was".to_owned())?;
        let size = R::Game::arena_of(&map).size();
        for player in players.iter() {
            let motion = R::Game::motion(&player.state.avatar);
            motion.validate(size).map_err(|error| Broken(format!("player {}: {error}", player.id.0)))?;
        }
        rules.check(players)?;
        Ok(Self::of(kept, map, tick_rate))
    }

    fn state(&self) -> impl Serialize + '_ {
        &self.kept
    }

    /// Everyone is placed as if it had just joined, and keeps its state. What lay about is gone.
    fn move_to(&mut self, map: <R::Game as Game>::Map, bots: u16) {
        let Kept { crowd, items, rules, .. } = &mut self.kept;
        *items = ItemField::new(R::Game::arena_of(&map).grid());
        crowd.fill_up_to(bots);
        for player in crowd.players_mut().iter_mut() {
            player.state.avatar = rules.join(player.id, &map).avatar;
        }
        self.map = map;
        self.changes.clear();
    }

    fn tick(&self) -> Tick {
        self.kept.tick
    }

    fn tick_rate(&self) -> u16 {
        self.tick_rate
    }

    fn arena(&self) -> &<R::Game as Game>::Arena {
        R::Game::arena_of(&self.map)
    }

    fn players(&self) -> &PlayersIn<R> {
        self.kept.crowd.players()
    }

    fn player_of(&self, session: SessionId) -> Option<PlayerId> {
        self.kept.crowd.player_of(session)
    }

    fn ranking(&self) -> &[PlayerId] {
        &self.kept.ranking
    }

    fn score(&self, player: &PlayerIn<R>) -> Option<u32> {
        R::score(player, self.tick_rate)
    }

    fn body(&self, player: &PlayerIn<R>) -> Option<BodyNow<<R::Game as Game>::Look>> {
        let look = self.kept.rules.look(player, self.kept.tick)?;
        let avatar = &player.state.avatar;
        Some(BodyNow { position: R::Game::motion(avatar).position, heading: R::heading(avatar), look })
    }

    fn own(&self, player: &PlayerIn<R>) -> <R::Game as Game>::Own {
        self.kept.rules.own(player)
    }

    fn items(&self, cell: CellIndex) -> &[PlacedItem<<R::Game as Game>::Item>] {
        self.kept.items.in_cell(cell)
    }

    fn changes(&self) -> &Changes<R::Game> {
        &self.changes
    }

    fn step(&mut self, commands: &[Command<<R::Game as Game>::Input>]) {
        self.changes.clear();
        let Self { kept: Kept { tick, crowd, rules, .. }, map, changes, .. } = self;
        *tick = tick.after(1);
        crowd.carry_out(commands, *tick, changes, |id| rules.join(id, map));
        self.move_bodies();
        let Self { kept: Kept { tick, crowd, items, rng, rules, .. }, map, tick_rate, changes, .. } = self;
        let players = crowd.players_mut();
        rules.step(&mut Step { now: *tick, tick_rate: *tick_rate, map, players, items, rng, changes });
        if tick.0.is_multiple_of(u32::from(*tick_rate)) {
            self.rank();
        }
    }

    fn skip(&mut self, ticks: u32) {
        let Kept { tick, crowd, .. } = &mut self.kept;
        crowd.players_mut().on_skip(*tick, ticks);
        *tick = tick.after(ticks);
    }
}

impl<R: Rules> GameServer for World<R> {
    const ABOUT: &'static str = R::ABOUT;
    const BOTS: u16 = R::BOTS;

    fn arenas() -> Vec<BuiltIn> {
        R::arenas()
    }

    fn site() -> Site {
        R::site()
    }
}

#[cfg(test)]
mod tests;
