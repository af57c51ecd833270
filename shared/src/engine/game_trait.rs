//! What a game is to the engine: the types that it sends, and the rules that both ends compute. A game is a type that
//! implements [`Game`]; the engine's messages, replication and client are generic over it, so nothing is dispatched at run time.
//!
//! The server's half of a game and the client's are traits of those crates.

use core::fmt::Debug;

use glam::Vec2;
use serde::{Serialize, de::DeserializeOwned};

use super::{grid::Grid, motion::Motion};

pub use super::rule_error::{RuleError, within};

/// A game for 2D bodies in an arena.
pub trait Game: Copy + Eq + Debug + Send + Sync + 'static {
    /// Its name: a client of another game is told which game a server runs. 1 to
    /// [`GAME_NAME_BYTES_MAX`](super::limits::GAME_NAME_BYTES_MAX) lower-case letters, digits and hyphens.
    const NAME: &'static str;
    /// The version of everything that it sends; server and client must have the same. A test compares it with
    /// [`schema_hash`](super::protocol::schema_hash), so that two builds with the same number understand each other.
    const PROTOCOL_VERSION: u64;

    /// Map and rules, from a file. The welcome has it.
    type Arena: Arena;
    /// What a player wants in one tick.
    type Input: Input;
    /// The state of a player that only its own client receives, in each frame.
    type Own: Part;
    /// What others see of a body, besides its motion and its heading. No floats: two that are equal must have the same encoding, or
    /// the checksums of both ends differ.
    type Look: Part + Copy + Default + Eq;
    /// What lies about in the world: at most one on each point of a cell's lattice.
    type Item: Part + Copy;
    /// What happens at a place. It is sent to the viewers of the cell. Its encoding has at least one byte.
    type Event: Part;
    /// What everyone, or one player, is told wherever they are.
    type Notice: Part;

    /// What the feed lists besides players, chat and scores, such as a kill; `()` for nothing.
    type FeedEvent: Part;

    /// What both ends compute once from the arena and the tick rate: whatever makes a step fast.
    type Map: ArenaMap<Arena = Self::Arena>;
    /// The part of a player's own body that its inputs alone determine. Its client predicts it to the bit.
    type Avatar: Clone + Debug + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static;
    /// What an avatar did in a step, besides moving; `()` if there is nothing else.
    type Outcome: Default;

    /// Checks that a player could be in this state: a client computes with it before it knows whether the server is honest. By default
    /// the motion of its avatar.
    fn validate_own(own: &Self::Own, arena: &Self::Arena) -> Result<(), RuleError> {
        Self::avatar(own).map_or(Ok(()), |avatar| Self::motion(&avatar).validate(arena.size()))
    }

    /// The map of a valid arena, for this many ticks per second.
    fn map(arena: Self::Arena, tick_rate: u16) -> Self::Map {
        Self::Map::new(arena, tick_rate)
    }

    /// The arena of a map.
    fn arena_of(map: &Self::Map) -> &Self::Arena {
        map.arena()
    }

    /// The avatar of a player in this state; `None` while it has no body.
    fn avatar(own: &Self::Own) -> Option<Self::Avatar>;

    /// Where an avatar is, and its velocity.
    fn motion(avatar: &Self::Avatar) -> Motion;

    /// Advances an avatar by one tick. Both ends call it with the same input, so it may depend on nothing else: no clock, no
    /// randomness, no other body. In it, `sin` and the like are those of `libm`, because std's differ between platforms.
    fn step_avatar(avatar: &mut Self::Avatar, input: Self::Input, map: &Self::Map) -> Self::Outcome;

    /// Where an avatar is drawn `seconds` after its last step and less than a tick later, if its player wants `input`. It need not be
    /// exact: the next step does not build on it.
    fn glide(avatar: &Self::Avatar, _input: Self::Input, seconds: f32, _map: &Self::Map) -> Motion {
        Self::motion(avatar).after(seconds)
    }
}

/// A part of a message, in both encodings. Not for types that contain themselves, nor for serde's `untagged`, `flatten` and
/// `skip_serializing_if`: the binary encoding has no names.
#[cfg(not(feature = "schema"))]
pub trait Part: Clone + Debug + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static {}
#[cfg(not(feature = "schema"))]
impl<T: Clone + Debug + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static> Part for T {}

/// A part of a message, in both encodings, which a JSON Schema describes.
#[cfg(feature = "schema")]
pub trait Part:
    Clone + Debug + PartialEq + Serialize + DeserializeOwned + schemars::JsonSchema + Send + Sync + 'static
{
}
#[cfg(feature = "schema")]
impl<T> Part for T where
    T: Clone
        + Debug
        + PartialEq
        + Serialize
        + DeserializeOwned
        + schemars::JsonSchema
        + Send
        + Sync
        + 'static
{
}

/// Map and rules of a game. They do not change while a client is connected.
pub trait Arena: Part {
    /// Shown to players; 1 to 32 visible characters.
    fn name(&self) -> &str;

    /// Width and height in units: the arena reaches from (0, 0) to here. Up to [`ARENA_SIDE_MAX`](super::limits::ARENA_SIDE_MAX)
    /// each.
    fn size(&self) -> Vec2;

    /// Half of the width and height, in units, of what a client is sent around its own body.
    fn view(&self) -> Vec2 {
        Vec2::new(800.0, 500.0)
    }

    /// How it is played, in a word for programs and for the page's list of arenas.
    fn mode(&self) -> &'static str {
        "free"
    }

    /// Checks every value of the game's own: an arena comes from a file or from a server. Name, size and view are checked by
    /// [`arena_check`](super::arena_check) in any game.
    fn validate(&self) -> Result<(), RuleError>;

    /// The grid of cells that covers it.
    fn grid(&self) -> Grid {
        Grid::covering(self.size())
    }
}

/// The map of an arena: what both ends compute of it once, so that a step is fast.
pub trait ArenaMap: Debug + Send + Sync + 'static {
    /// What it is made of.
    type Arena;

    /// The map of a valid arena, for this many ticks per second.
    fn new(arena: Self::Arena, tick_rate: u16) -> Self;

    /// The arena.
    fn arena(&self) -> &Self::Arena;
}

/// The arena as it is, and how long a tick is: all that many games need.
#[derive(Clone, Debug, PartialEq)]
pub struct TickMap<A> {
    /// The arena.
    pub arena: A,
    /// Seconds per tick.
    pub dt: f32,
}

impl<A: Debug + Send + Sync + 'static> ArenaMap for TickMap<A> {
    type Arena = A;

    fn new(arena: A, tick_rate: u16) -> Self {
        Self { arena, dt: 1.0 / f32::from(tick_rate) }
    }

    fn arena(&self) -> &A {
        &self.arena
    }
}

/// A player's input for one tick: at most [`INPUT_SIZE_MAX`](super::limits::INPUT_SIZE_MAX) bytes in memory. Its `Deserialize`
/// should deny unknown fields, so that a client learns of a mistake in its JSON.
pub trait Input: Part + Copy + Eq + Default {
    /// This input without what its player holds: it stands for the input of a player that is silent for a while.
    #[must_use]
    fn released(self) -> Self;
}
