//! The protocol's version: a hash over the encoding of one sample of every message and every part.
//!
//! A type that changes on the wire changes the hash, and a test then asks for the new number here. So two builds
//! with the same number understand one another.

use super::{
    CellChange, CellChunk, ClientMessage, CloseReason, Death, Ember, EmberTaken, Frame, FrameHead, Hello,
    Hit, Moves, Notice, OwnShip, Pilot, PilotKind, PilotState, ServerMessage, ShipDrift, ShipMove,
    ShipRecord, ShipState, ShipStatus, ShotRecord, Standing, Standings, Status, ViewChange, Welcome, put,
};
use crate::{
    angle::Angle,
    arena::{Arena, Rock},
    checksum::Checksum,
    grid::CellWindow,
    ids::{CellIndex, InputSeq, PlayerId, ShotId, Tick},
    input::{Buttons, PlayerInput},
    movement::Motion,
    name::PilotName,
    rules::{BoostRules, EmberRules, Hull, Rules, ShotRules},
};

/// What both ends must have in common.
pub const PROTOCOL_VERSION: u64 = 0x6d97_3af5_c4f5_f28c;

/// The hash that [`PROTOCOL_VERSION`] must be.
pub fn schema_hash() -> u64 {
    let mut sum = Checksum::default();
    for bytes in samples() {
        sum.word(bytes.len() as u32);
        sum.bytes(&bytes);
    }
    for reason in CloseReason::ALL {
        sum.word(u32::from(reason.code()));
    }
    sum.finish()
}

fn encoded<T: serde::Serialize>(part: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    put(&mut bytes, part);
    bytes
}

/// One encoding of each variant of each enum, with a different value in every field.
fn samples() -> Vec<Vec<u8>> {
    let mut samples: Vec<Vec<u8>> = client_messages().iter().map(encoded).collect();
    samples.push(encoded(&ServerMessage::Welcome(Box::new(welcome()))));
    samples.push(encoded(&ServerMessage::Frame(frame())));
    samples.push(encoded(&PilotState::Dead { until: Tick(1), by: Some(PlayerId(2)) }));
    samples
}

fn client_messages() -> [ClientMessage; 4] {
    [
        ClientMessage::Hello(Hello { protocol: 1, name: "Ada".into() }),
        ClientMessage::Input {
            seq: InputSeq(2),
            input: PlayerInput { buttons: Buttons(3), aim: Angle(4000) },
            seen: 5,
        },
        ClientMessage::ResyncCell(CellIndex(5)),
        ClientMessage::Seen(6),
    ]
}

fn welcome() -> Welcome {
    let hull =
        Hull { embers: 1, radius: 2.0, health: 3.0, thrust: 4.0, top_speed: 5.0, shots: 6, reach: 7.0 };
    Welcome {
        player: PlayerId(1),
        tick: Tick(2),
        tick_rate: 30,
        arena: Arena {
            name: "sample".into(),
            size: glam::Vec2::new(3.0, 4.0),
            rocks: vec![Rock { centre: glam::Vec2::new(5.0, 6.0), radius: 7.0 }],
            rules: Rules {
                view: glam::Vec2::new(8.0, 9.0),
                drag: 10.0,
                bounce: 11.0,
                hulls: core::array::from_fn(|_| hull.clone()),
                boost: BoostRules { thrust: 12.0, top_speed: 13.0, embers_per_second: 14.0 },
                shot: ShotRules { speed: 15.0, life: 16.0, damage: 17.0, reload: 18.0, spread: 19.0 },
                embers: EmberRules { lying: 20, spring_per_second: 21.0, at_spawn: 22 },
                respawn_seconds: 23.0,
                shield_seconds: 24.0,
                mend_per_second: 25.0,
            },
        },
    }
}

fn frame() -> Frame {
    let motion = Motion { position: glam::Vec2::new(1.0, 2.0), velocity: glam::Vec2::new(3.0, 4.0) };
    let own = OwnShip { motion, embers: 5, health: 6.0, rank: 7, boosting: true, shielded: false };
    let window = CellWindow { left: 1, bottom: 2, right: 3, top: 4 };
    Frame {
        head: FrameHead {
            tick: Tick(1),
            acked: InputSeq(2),
            inputs_queued: 3,
            pilot: PilotState::Alive(own),
            view: Some(ViewChange { window, reset: true }),
        },
        notices: notices(),
        cells: vec![CellChunk { cell: CellIndex(9), changes: changes() }],
    }
}

#[allow(clippy::unwrap_used, reason = "a constant name that is one")]
fn notices() -> Vec<Notice> {
    let pilot = |id, kind| Pilot { id: PlayerId(id), name: PilotName::new("Ada").unwrap(), kind };
    vec![
        Notice::Roster(vec![pilot(1, PilotKind::Player)]),
        Notice::Joined(pilot(2, PilotKind::Drone)),
        Notice::Left(PlayerId(3)),
        Notice::Killed { victim: PlayerId(4), by: PlayerId(5) },
        Notice::Standings(Standings {
            top: vec![Standing { player: PlayerId(6), embers: 7 }],
            players: 8,
            ships: 9,
            beacon: Some((10, 11)),
            crowds: vec![0xcd],
        }),
    ]
}

fn changes() -> Vec<CellChange<'static>> {
    let state = ShipState { x: 1, y: 2, vx: 3, vy: 4, aim: 5, status: Status(6), health: 7 };
    let shot =
        ShotRecord { id: ShotId(1), owner: PlayerId(2), x: 3, y: 4, direction: Angle(5), ticks_left: 6 };
    vec![
        CellChange::Reset,
        CellChange::Left(vec![1].into()),
        CellChange::Entered(vec![ShipRecord { gap: 2, state }].into()),
        CellChange::Moved(Moves {
            which: vec![4].into(),
            moves: vec![ShipMove { dx: 4, dy: -5, aim: 6 }].into(),
        }),
        CellChange::Drifted(vec![ShipDrift { skip: 3, dx: 4, dy: -5, dvx: 6, dvy: -7, aim: 8 }].into()),
        CellChange::Status(vec![ShipStatus { skip: 4, status: Status(5), health: 6 }].into()),
        CellChange::EmbersAdded(vec![Ember { x: 1, y: 2, value: 3 }].into()),
        CellChange::EmbersTaken(vec![EmberTaken { x: 1, y: 2, by: PlayerId(3) }].into()),
        CellChange::Shots(vec![shot].into()),
        CellChange::Hits(vec![Hit { shot: ShotId(1), ship: PlayerId(2) }].into()),
        CellChange::Deaths(vec![Death { ship: PlayerId(1), x: 2, y: 3, by: Some(PlayerId(4)) }].into()),
        CellChange::Checksum(8),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{decode_client, decode_server};

    #[test]
    fn the_version_is_the_hash_of_the_schema() {
        assert_eq!(
            PROTOCOL_VERSION,
            schema_hash(),
            "the wire changed: set PROTOCOL_VERSION to {:#018x}",
            schema_hash()
        );
    }

    /// Fails to compile when a variant is added, so that its sample is not forgotten.
    #[test]
    fn every_variant_has_a_sample() {
        for message in client_messages() {
            match message {
                ClientMessage::Hello(_)
                | ClientMessage::Input { .. }
                | ClientMessage::ResyncCell(_)
                | ClientMessage::Seen(_) => {}
            }
        }
        let notice = |notice: &Notice| match notice {
            Notice::Roster(_) => 0,
            Notice::Joined(_) => 1,
            Notice::Left(_) => 2,
            Notice::Killed { .. } => 3,
            Notice::Standings(_) => 4,
        };
        assert!(notices().iter().map(notice).eq(0..5));
        let change = |change: &CellChange<'_>| match change {
            CellChange::Reset => 0,
            CellChange::Left(_) => 1,
            CellChange::Entered(_) => 2,
            CellChange::Moved(_) => 3,
            CellChange::Drifted(_) => 4,
            CellChange::Status(_) => 5,
            CellChange::EmbersAdded(_) => 6,
            CellChange::EmbersTaken(_) => 7,
            CellChange::Shots(_) => 8,
            CellChange::Hits(_) => 9,
            CellChange::Deaths(_) => 10,
            CellChange::Checksum(_) => 11,
        };
        assert!(changes().iter().map(change).eq(0..12));
    }

    #[test]
    fn samples_survive_the_way_there_and_back() {
        for message in client_messages() {
            assert_eq!(decode_client(&encoded(&message)), Ok(message));
        }
        for message in [ServerMessage::Welcome(Box::new(welcome())), ServerMessage::Frame(frame())] {
            assert_eq!(decode_server(&encoded(&message)), Ok(message));
        }
    }
}
