//! The smallest game, for tests of the engine.

use glam::Vec2;
use serde::{Deserialize, Serialize};

use super::{
    body::Motion,
    game_trait::{Arena, Game, RuleError},
    input::{Angle, Buttons, PlayerInput},
    protocol::Samples,
};

/// A game without rules.
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

impl Game for TestGame {
    const NAME: &'static str = "test";
    const PROTOCOL_VERSION: u64 = 7;
    type Arena = Square;
    type Input = PlayerInput;
    type Own = Motion;
    type Look = TestLook;
    type Item = u8;
    type Event = u16;
    type Notice = bool;

    fn validate_own(_: &Motion, _: &Square) -> Result<(), RuleError> {
        Ok(())
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
        Ok(())
    }
}

impl Samples for TestGame {
    fn arena() -> Square {
        Square(2048.0)
    }

    fn inputs() -> Vec<PlayerInput> {
        vec![PlayerInput { buttons: Buttons(3), aim: Angle(4000) }]
    }

    fn owns() -> Vec<Motion> {
        vec![Motion { position: Vec2::new(1.0, 2.0), velocity: Vec2::new(3.0, 4.0) }]
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
