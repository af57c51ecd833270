//! What a session says and shows of Emberdrift. How it plays with a server is tested with the engine.

use shared::{
    engine::input::{Angle, Buttons, PlayerInput},
    game::{
        Emberdrift,
        flight::Flight,
        protocol::{ShipLook, ViewerState},
    },
};

use super::*;
use crate::{
    engine::testing::{self, Frames, ME, encoded},
    game::fixture,
};

mod drawn;

const FIRE: PlayerInput = PlayerInput { buttons: Buttons::FIRE, aim: Angle(0) };

type Pair = testing::Pair<ViewModel>;

/// An arena with the own ship in its middle, at rest.
fn frames() -> Frames<Emberdrift> {
    let arena = fixture::terrain(Vec::new()).arena().clone();
    let own = |motion| PilotState::Alive(fixture::own_ship(Flight { motion, ..Flight::default() }));
    let mut frames = Frames::new(arena, own);
    frames.look = ShipLook { health: 255, ..ShipLook::default() };
    frames
}

/// A player who was welcomed.
fn pair() -> Pair {
    Pair::welcomed(frames(), Session::new("Ada"), Some(ME))
}

/// The state of a player that is first.
fn player(own: PilotState) -> ViewerState {
    ViewerState::Player { rank: 1, own }
}

#[test]
fn ship_that_no_rules_allow_ends_a_session() {
    let spoils: [fn(&mut OwnShip); 6] = [
        |own| own.motion.velocity.x = f32::INFINITY,
        |own| own.motion.velocity.y = f32::NAN,
        |own| own.motion.position.x = -1e9,
        |own| own.motion.position.y = f32::NAN,
        |own| own.embers = u32::MAX,
        |own| own.health = f32::NAN,
    ];
    for spoil in spoils {
        let mut pair = pair();
        pair.tick();
        let mut frame = pair.frames.next();
        let ViewerState::Player { own: PilotState::Alive(own), .. } = &mut frame.head.viewer else {
            panic!("it has a ship")
        };
        spoil(own);
        let taken = pair.session.handle_message(&encoded(frame), pair.now_ms);
        assert!(matches!(taken, Err(SessionError::Own(_))), "{taken:?}");
    }
}

#[test]
fn headless_session_flies_and_draws_nothing() {
    let mut pair = Pair::welcomed(frames(), Session::headless("bot"), Some(ME));
    pair.tick();
    pair.session.advance(pair.now_ms, FIRE);
    assert!(pair.session.own_ship().is_some() && pair.session.own_position().is_some());
    assert!(pair.scene().ships.is_empty());
}
