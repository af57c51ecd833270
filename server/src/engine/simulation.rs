//! The server's half of a game: a world that changes tick by tick, as the engine sees it. The engine turns what clients send into
//! commands, steps the world, and reads it to replicate it; it never writes it.

use std::{fmt::Debug, iter};

use arrayvec::ArrayVec;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use shared::{
    Vec2,
    engine::{
        checksum::Checksum,
        game_trait::Game,
        ids::{CellIndex, PlayerId, PlayerName, Tick},
        input::Angle,
        items::{ItemTaken, PlacedItem},
        records::AchievementInfo,
    },
};

use super::{
    checked::Broken,
    input_queue::TimedInput,
    party::PartyId,
    players::{Player, Players},
    sessions::SessionId,
    telemetry::GameGauge,
};

/// The arena of a simulation's game.
pub type ArenaOf<S> = <<S as Simulation>::Game as Game>::Arena;
/// The input of a simulation's game.
pub type InputOf<S> = <<S as Simulation>::Game as Game>::Input;
/// The look of a body of a simulation's game.
pub type LookOf<S> = <<S as Simulation>::Game as Game>::Look;
/// What both ends compute from the arena of a simulation's game.
pub type MapOf<S> = <<S as Simulation>::Game as Game>::Map;
/// What the feed lists of a simulation's game.
pub type FeedEventOf<S> = <<S as Simulation>::Game as Game>::FeedEvent;
/// The items of a simulation's game.
pub type ItemOf<S> = <<S as Simulation>::Game as Game>::Item;
/// The events of a simulation's game.
pub type EventOf<S> = <<S as Simulation>::Game as Game>::Event;
/// A player of a simulation.
pub type PlayerOf<S> = Player<InputOf<S>, <S as Simulation>::PlayerState>;

/// Everything that can be asked of a simulation. A recording of each tick's commands is a recording of the game.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound = "")]
pub enum Command<I: shared::engine::game_trait::Input> {
    /// Adds a player.
    Join {
        /// By which later commands name the player.
        session: SessionId,
        /// `None` for a name made of the player's id.
        name: Option<PlayerName>,
        /// The colour of its body; `None` for one that follows from the player's id.
        colour: Option<u8>,
    },
    /// What a player wants during one tick.
    Input {
        /// Whose.
        session: SessionId,
        /// With the tick that it is for.
        input: TimedInput<I>,
    },
    /// A player has left the controls until it is `Active` again.
    Idle {
        /// Whose controls.
        session: SessionId,
    },
    /// An idle player is back at the controls.
    Active {
        /// Whose controls.
        session: SessionId,
    },
    /// Removes a player.
    Leave {
        /// Which player.
        session: SessionId,
    },
    /// From now on bots fill the arena up to this many bodies.
    FillWithBots {
        /// Including the humans' bodies.
        bodies: u16,
    },
    /// A player has come with a party.
    Party {
        /// Who.
        session: SessionId,
        /// Which.
        party: PartyId,
    },
}

/// A body in the world, unrounded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BodyNow<L> {
    /// In world units, inside the arena.
    pub position: Vec2,
    /// Where it points.
    pub heading: Angle,
    /// What else others see of it.
    pub look: L,
}

/// A human's run that ended: its body died, or it left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndedRun {
    /// Whose.
    pub session: SessionId,
    /// More is better. A run without a score is not recorded.
    pub score: u32,
    /// How long it lasted.
    pub ticks: u32,
    /// What else is recorded of it.
    pub details: ArrayVec<(&'static str, u32), RUN_DETAILS_MAX>,
}

/// Most details of a run.
pub const RUN_DETAILS_MAX: usize = 4;

/// Who gets a notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Everyone in the arena.
    Everyone,
    /// One player.
    Player(PlayerId),
    /// One player, unless this cell is in its view: then it sees the event itself.
    PlayerOutOfSight(PlayerId, CellIndex),
}

/// What happened in one tick. Lists are cleared and not freed, so that a steady tick allocates nothing.
#[derive(Clone, Debug)]
pub struct Changes<G: Game> {
    /// Players that joined, in the order in which they did.
    pub joined: Vec<PlayerId>,
    /// Players that left.
    pub left: Vec<PlayerId>,
    /// What happened in cells, in the order in which clients are told.
    pub events: Vec<(CellIndex, G::Event)>,
    /// Items that appeared. One that was also taken in this tick is in neither list.
    pub items_added: Vec<(CellIndex, PlacedItem<G::Item>)>,
    /// Items that were collected.
    pub items_taken: Vec<(CellIndex, ItemTaken)>,
    /// What is announced.
    pub notices: Vec<(Audience, G::Notice)>,
    /// Humans whose body was moved without a fresh input.
    pub starved: u64,
}

/// Initial capacity of a list: a busy tick of a thousand bodies.
const CAPACITY: usize = 256;

impl<G: Game> Default for Changes<G> {
    fn default() -> Self {
        Self {
            joined: Vec::with_capacity(CAPACITY),
            left: Vec::with_capacity(CAPACITY),
            events: Vec::with_capacity(CAPACITY),
            items_added: Vec::with_capacity(CAPACITY),
            items_taken: Vec::with_capacity(CAPACITY),
            notices: Vec::with_capacity(CAPACITY),
            starved: 0,
        }
    }
}

impl<G: Game> Changes<G> {
    /// Removes all and keeps the lists' memory.
    pub fn clear(&mut self) {
        let Self { joined, left, events, items_added, items_taken, notices, starved } = self;
        joined.clear();
        left.clear();
        events.clear();
        items_added.clear();
        items_taken.clear();
        notices.clear();
        *starved = 0;
    }
}

/// What a simulation starts with.
#[derive(Debug)]
pub struct Setup<G: Game> {
    /// The map of its arena.
    pub map: G::Map,
    /// Ticks per second.
    pub tick_rate: u16,
    /// Bots fill the arena up to this many bodies.
    pub bots: u16,
    /// Seed of all randomness.
    pub seed: u64,
}

/// A world that changes tick by tick. Pure: equal states and equal commands give equal states, on every machine.
pub trait Simulation: Debug + Send + Sized + 'static {
    /// The game.
    type Game: Game;
    /// What the game keeps of a player.
    type PlayerState: Debug + Send;
    /// A state as it was read from a file, not yet checked.
    type Unchecked: Debug + DeserializeOwned;

    /// Version of the encoding of [`Self::state`]; to be increased whenever that changes. Below 65,536.
    const STATE_VERSION: u32;
    /// Numbers of the game in `/metrics`, besides the engine's.
    const GAUGES: &'static [GameGauge] = &[];

    /// Words that names of the game's own making have before a number: no player may be called so.
    fn name_words() -> impl Iterator<Item = &'static str> {
        iter::once("Player")
    }

    /// A new world.
    fn new(setup: Setup<Self::Game>) -> Self;
    /// Goes on from a state that [`Self::state`] gave, in the same arena at the same tick rate.
    fn restore(state: Self::Unchecked, map: MapOf<Self>, tick_rate: u16) -> Result<Self, Broken>;
    /// All state that later ticks depend on: equal states and equal commands give equal states. Its serialised form is the same for
    /// the same state, to the bit, and [`Self::Unchecked`] reads it.
    fn state(&self) -> impl Serialize + '_;
    /// Goes on in another arena, at the same tick, with as many bodies as bots fill it up to. Players keep what they have.
    fn move_to(&mut self, map: MapOf<Self>, bots: u16);
    /// A hash of what nearly every difference shows in within a few ticks. Each tick is recorded with it, so it should cost little:
    /// by default it is that of the whole state.
    fn quick_checksum(&self) -> u64 {
        Checksum::of(&self.state())
    }

    /// Ticks since the start.
    fn tick(&self) -> Tick;
    /// Ticks per second.
    fn tick_rate(&self) -> u16;
    /// The arena.
    fn arena(&self) -> &ArenaOf<Self>;

    /// Everyone in the arena.
    fn players(&self) -> &Players<InputOf<Self>, Self::PlayerState>;
    /// The player of a session, if it has joined and there was room.
    fn player_of(&self, session: SessionId) -> Option<PlayerId>;
    /// Players by score, best first. Updated once a second, so it may list some that have left.
    fn ranking(&self) -> &[PlayerId];
    /// A player's score; `None` while it is not ranked.
    fn score(&self, player: &PlayerOf<Self>) -> Option<u32>;
    /// A player's body, while it has one in the arena.
    fn body(&self, player: &PlayerOf<Self>) -> Option<BodyNow<LookOf<Self>>>;
    /// Where a player's view is centred; `None` to leave it where it is. By default at its body.
    fn view_centre(&self, player: &PlayerOf<Self>) -> Option<Vec2> {
        self.body(player).map(|body| body.position)
    }
    /// What only the player's own client is sent.
    fn own(&self, player: &PlayerOf<Self>) -> <Self::Game as Game>::Own;
    /// The player whose body spectators watch, and the beacon on the minimap shows: by default the first of the ranking, while it
    /// has a body.
    fn watched(&self) -> Option<PlayerId> {
        let first = self.players().get(*self.ranking().first()?)?;
        self.body(first).map(|_| first.id)
    }

    /// The items that lie in a cell, in no order. By default there are none.
    fn items(&self, _cell: CellIndex) -> &[PlacedItem<ItemOf<Self>>] {
        &[]
    }
    /// What happened in the last step.
    fn changes(&self) -> &Changes<Self::Game>;
    /// Events that a viewer who is new to a cell still needs: of this tick, and of what goes on, such as a flight. By
    /// default there are none.
    fn ongoing(&self, _put: impl FnMut(CellIndex, EventOf<Self>)) {}
    /// Adds the events of a tick in a cell to those of the ticks before it, which viewers have not been sent yet. A game may leave
    /// out what has ended meanwhile, and move on what goes on by a tick.
    fn merge_events(&self, pending: &mut Vec<EventOf<Self>>, tick: &[EventOf<Self>], _cell: CellIndex) {
        pending.extend_from_slice(tick);
    }
    /// How many events of the last step the feed counts. By default none.
    fn feed_events(&self) -> u64 {
        0
    }
    /// Lists those events. Only called while the feed has subscribers.
    fn list_feed_events(&self, _put: impl FnMut(FeedEventOf<Self>)) {}
    /// Lists the runs of humans that ended in the last step. By default none: the game has no records.
    fn list_ended_runs(&self, _put: impl FnMut(EndedRun)) {}
    /// The achievements that players can unlock, at most [`ACHIEVEMENTS_MAX`](super::achievements::ACHIEVEMENTS_MAX). By default there
    /// are none.
    fn achievements() -> &'static [AchievementInfo] {
        &[]
    }
    /// Lists what humans achieved in the last step: who, and the place of the achievement in [`Self::achievements`]. One may be listed
    /// again and again; it is unlocked once.
    fn list_achieved(&self, _put: impl FnMut(SessionId, usize)) {}
    /// The values of [`Self::GAUGES`], in their order.
    fn gauges(&self) -> impl Iterator<Item = u64> {
        iter::empty()
    }

    /// Carries out the commands, and advances the world by one tick.
    fn step(&mut self, commands: &[Command<InputOf<Self>>]);
    /// Advances the clock without a step, when the machine was too slow for it.
    fn skip(&mut self, ticks: u32);
}
