//! This game as the engine sees it: its types, and the engine's messages with them.

use super::{
    arena::Arena,
    ember::Ember,
    flight::{Flight, StepOutcome},
    movement,
    protocol::{Announcement, Event, FeedKill, OwnShip, PilotState, ShipLook},
    terrain::Terrain,
    timing::Timing,
};
use crate::engine::{
    body::Motion,
    game_trait::{ArenaMap, Game, RuleError},
    input::PlayerInput,
    protocol,
};

/// This game.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Emberdrift;

impl Game for Emberdrift {
    const NAME: &'static str = "emberdrift";
    /// A test says what it must be, when anything that is sent changes: see
    /// [`schema_hash`](crate::engine::protocol::schema_hash).
    const PROTOCOL_VERSION: u64 = 0xeb3b_3acd_f214_1004;

    type Arena = Arena;
    type Input = PlayerInput;
    type Own = PilotState;
    type Look = ShipLook;
    type Item = Ember;
    type Event = Event;
    type Notice = Announcement;
    type FeedEvent = FeedKill;
    type Map = Map;
    type Avatar = Flight;
    type Outcome = StepOutcome;

    fn validate_own(own: &PilotState, arena: &Arena) -> Result<(), RuleError> {
        own.ship().map_or(Ok(()), |ship| ship.validate(arena))
    }

    fn avatar(own: &PilotState) -> Option<Flight> {
        own.ship().map(OwnShip::flight)
    }

    fn motion(flight: &Flight) -> Motion {
        flight.motion
    }

    fn step_avatar(flight: &mut Flight, input: PlayerInput, map: &Map) -> StepOutcome {
        flight.step(input, &map.terrain, &map.timing)
    }

    /// By the rules of motion, so that a ship reacts to a key in the next frame on the screen and not in the next tick.
    fn glide(flight: &Flight, input: PlayerInput, seconds: f32, map: &Map) -> Motion {
        let mut motion = flight.motion;
        let input = flight.allowed(input);
        let hull = map.terrain.arena().rules.hull(flight.embers);
        let boosts = input.boosts() && flight.embers > 0;
        movement::step(&mut motion, input, hull, boosts, &map.terrain, seconds);
        motion
    }
}

/// What a ship flies through, and the rules' durations in ticks.
#[derive(Clone, Debug)]
pub struct Map {
    /// The arena, indexed.
    pub terrain: Terrain,
    /// The durations.
    pub timing: Timing,
}

impl ArenaMap for Map {
    type Arena = Arena;

    fn new(arena: Arena, tick_rate: u16) -> Self {
        let timing = Timing::new(tick_rate, &arena.rules);
        Self { terrain: Terrain::new(arena), timing }
    }

    fn arena(&self) -> &Arena {
        self.terrain.arena()
    }
}

/// A change of a cell.
pub type CellChange<'a> = protocol::CellChange<'a, Emberdrift>;
/// The update of a cell.
pub type CellChunk = protocol::CellChunk<Emberdrift>;
/// A cell as its viewers know it.
pub type CellState = protocol::CellState<Emberdrift>;
/// A message from a client.
pub type ClientMessage = protocol::ClientMessage<PlayerInput>;
/// The changes of a cell's ships.
pub type Diff = protocol::Diff<Emberdrift>;
/// One tick for one viewer.
pub type Frame = protocol::Frame<Emberdrift>;
/// The part of a frame for one viewer.
pub type FrameHead = protocol::FrameHead<Emberdrift>;
/// A message inside a frame.
pub type Notice = protocol::Notice<Emberdrift>;
/// A message from the server.
pub type ServerMessage = protocol::ServerMessage<Emberdrift>;
/// A ship as others know it.
pub type ShipState = protocol::Body<Emberdrift>;
/// A viewer's own state.
pub type ViewerState = protocol::ViewerState<Emberdrift>;
/// What a client needs before its first frame.
pub type Welcome = protocol::Welcome<Emberdrift>;

#[cfg(test)]
mod tests {
    use glam::Vec2;

    use super::*;
    use crate::engine::{
        input::{Angle, Buttons},
        protocol::Samples,
    };

    #[test]
    fn gliding_for_a_whole_tick_moves_a_ship_as_a_step_does() {
        let (rocks, blocks) = (Vec::new(), Vec::new());
        let arena = Arena { size: Vec2::splat(2048.0), rocks, blocks, ..Emberdrift::arena() };
        let map = Emberdrift::map(arena, 20);
        let motion = Motion { position: map.terrain.arena().size / 2.0, ..Motion::default() };
        let mut flight = Flight { motion, embers: 40, ..Flight::default() };
        for buttons in [Buttons::RIGHT, Buttons::RIGHT.with(Buttons::BOOST, true), Buttons::UP] {
            let input = PlayerInput { buttons, aim: Angle(0) };
            let glided = Emberdrift::glide(&flight, input, map.timing.dt, &map);
            Emberdrift::step_avatar(&mut flight, input, &map);
            assert_eq!(Emberdrift::motion(&flight), glided);
        }
        assert!(flight.motion.velocity.x > 0.0 && flight.motion.velocity.y > 0.0);
    }
}
