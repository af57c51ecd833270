//! The smallest game, for tests of the engine: a body that is pushed where its player aims.

use glam::Vec2;
use serde::{Deserialize, Serialize};

use super::{
    body::Motion,
    game_trait::{Arena, Game, RuleError, TickMap, within},
    input::{Angle, Buttons, PlayerInput},
    protocol::Samples,
};

/// Units per second that a push adds each tick.
const PUSH: f32 = 30.0;

/// The game.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TestGame;

/// An empty square.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Square(
    /// Its side.
    pub f32,
);

/// What others see.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TestLook {
    /// A number.
    pub size: u8,
    /// A flag.
    pub glows: bool,
}

/// A player's own body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TestBody {
    /// Where it is.
    pub motion: Motion,
    /// Items that it has taken.
    pub items: u32,
}

/// An arena, and how long a tick is.
pub type TestMap = TickMap<Square>;

impl TestGame {
    /// Pushes the body.
    pub const PUSH: Buttons = Buttons(1);
}

impl Game for TestGame {
    const NAME: &'static str = "test";
    const PROTOCOL_VERSION: u64 = 7;
    type Arena = Square;
    type Input = PlayerInput;
    type Own = Option<TestBody>;
    type Look = TestLook;
    type Item = u8;
    type Event = u16;
    type Notice = bool;
    type FeedEvent = u8;
    type Map = TestMap;
    type Avatar = TestBody;
    /// Whether it was pushed.
    type Outcome = bool;

    fn avatar(own: &Option<TestBody>) -> Option<TestBody> {
        *own
    }

    fn motion(body: &TestBody) -> Motion {
        body.motion
    }

    fn step_avatar(body: &mut TestBody, input: PlayerInput, map: &TestMap) -> bool {
        let is_pushed = input.buttons.has(Self::PUSH);
        let Motion { position, velocity } = &mut body.motion;
        *velocity *= 0.9;
        if is_pushed {
            *velocity += input.aim.unit() * PUSH;
        }
        *position += *velocity * map.dt;
        is_pushed
    }
}

impl Arena for Square {
    fn name(&self) -> &str {
        "Square"
    }

    fn size(&self) -> Vec2 {
        Vec2::splat(self.0)
    }

    fn view(&self) -> Vec2 {
        Vec2::splat(600.0)
    }

    fn validate(&self) -> Result<(), RuleError> {
        within("side", self.0, 1.0, 16_384.0, "1 to 16384")
    }
}

impl Samples for TestGame {
    fn arena() -> Square {
        Square(2048.0)
    }

    fn inputs() -> Vec<PlayerInput> {
        vec![PlayerInput { buttons: Buttons(3), aim: Angle(4000) }]
    }

    fn owns() -> Vec<Option<TestBody>> {
        let motion = Motion { position: Vec2::new(1.0, 2.0), velocity: Vec2::new(3.0, 4.0) };
        vec![Some(TestBody { motion, items: 5 }), None]
    }

    fn looks() -> Vec<TestLook> {
        vec![TestLook { size: 6, glows: true }]
    }

    fn items() -> Vec<u8> {
        vec![7]
    }

    fn events() -> Vec<u16> {
        vec![300]
    }

    fn notices() -> Vec<bool> {
        vec![true]
    }
}
