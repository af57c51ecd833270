//! One message of each kind, with a different value in every field. The protocol's version is a hash of them, and the test
//! vectors for other clients are made from them.

use super::{
    CellChange, CellChunk, Death, Frame, FrameHead, Moves, Notice, OwnShip, PilotState, ServerMessage,
    ShipCatchUp, ShipMove, ShipRecord, ShipState, ShipStatus, ShotRecord, Status, ViewChange, Welcome,
};
use crate::{
    engine::{
        chat::{ChatLine, ChatRejection, ChatText, Whisper},
        grid::CellWindow,
        ids::{CellIndex, PlayerId, PlayerName, Tick},
        input::{Angle, Buttons, PlayerInput},
        protocol::{ClientLag, ClientMessage, Hello, ProtocolVersion, ResumeToken, Role, ServerLag, TenthMs},
    },
    game::{
        arena::{Arena, Block, Rock},
        ember::{Ember, EmberTaken},
        flight::PowerUps,
        movement::Motion,
        pilot::{Kill, Leaderboard, LeaderboardRow, Pilot, PilotKind},
        rules::{BoostRules, DroneRules, EmberRules, Hull, PickupRules, Rules, ShotRules},
        shot::{Hit, ShotId},
    },
};

/// Every kind of client message, with a label.
pub fn client_samples() -> Vec<(&'static str, ClientMessage)> {
    // Not the real version: a sample must not depend on the version, which is its hash.
    let hello = |name: &str, role, resume| {
        ClientMessage::Hello(Hello {
            protocol: ProtocolVersion(0x0102_0304_0506_0708),
            name: name.into(),
            role,
            colour: (role == Role::Player).then_some(3),
            resume,
            ticket: resume.is_some().then(|| "aaa.bbb.ccc".into()),
        })
    };
    let input = |tick, buttons, aim, rewind, ack| ClientMessage::Input {
        tick: Tick(tick),
        input: PlayerInput { buttons: Buttons(buttons), aim: Angle(aim) },
        rewind,
        ack,
    };
    let lag = ClientLag {
        send_ahead: TenthMs(1),
        network: TenthMs(2),
        jitter_buffer: TenthMs(3),
        rendering: TenthMs(4),
    };
    vec![
        ("hello", hello("Ada", Role::Player, None)),
        ("hello of a spectator", hello("", Role::Spectator, None)),
        ("hello beyond ASCII", hello("火花", Role::Player, None)),
        ("hello of one who was cut off", hello("Ada", Role::Player, Some(token()))),
        ("input", input(2, 3, 4000, 100, 5)),
        ("input of large numbers", input(70_000, 63, 65_535, 400, 255)),
        ("input for the next tick", input(0, 3, 4000, 0, 5)),
        ("resync cell", ClientMessage::ResyncCell(CellIndex(5))),
        ("ack", ClientMessage::Ack(6)),
        ("chat", ClientMessage::Chat("gg".into())),
        ("whisper", ClientMessage::Chat("/w Ada 你好".into())),
        ("hidden", ClientMessage::Hidden(true)),
        ("lag", ClientMessage::Lag(lag)),
    ]
}

/// Every kind of server message, with a label.
pub fn server_samples() -> Vec<(&'static str, ServerMessage)> {
    let frame = |pilot, notices: Vec<Notice>, cells: Vec<CellChunk>| {
        let view = ViewChange { window: CellWindow { left: 1, bottom: 2, right: 3, top: 4 }, reset: true };
        let is_first = !notices.is_empty();
        ServerMessage::Frame(Frame {
            head: FrameHead { tick: Tick(1), lead: 3, pilot, view: is_first.then_some(view) },
            notices,
            cells,
        })
    };
    let motion = Motion { position: glam::Vec2::new(1.0, 2.0), velocity: glam::Vec2::new(3.0, -4.5) };
    let own = OwnShip {
        motion,
        embers: 5,
        burnt: 250,
        reload: 4,
        power_ups: PowerUps { shield: 300, rapid: 9, magnet: 10 },
        health: 6.0,
        rank: 7,
        streak: 11,
        boosting: true,
        shielded: false,
    };
    let cell = CellChunk { cell: CellIndex(9), changes: changes() };
    let dead = |by| PilotState::Dead { until: Tick(1), by };
    vec![
        ("welcome", ServerMessage::Welcome(Box::new(welcome(Some(PlayerId(1)))))),
        ("welcome of a spectator", ServerMessage::Welcome(Box::new(welcome(None)))),
        ("frame with everything", frame(PilotState::Alive(own), notices(), vec![cell])),
        ("frame of the dead", frame(dead(Some(PlayerId(2))), vec![], vec![])),
        ("frame of who died by itself", frame(dead(None), vec![], vec![])),
        ("frame of who does not look", frame(PilotState::Idle { embers: 5 }, vec![], vec![])),
        ("frame of a spectator", frame(PilotState::Spectating { target: Some(PlayerId(3)) }, vec![], vec![])),
        ("chat refused", frame(dead(None), refusals(), vec![])),
    ]
}

fn token() -> ResumeToken {
    ResumeToken(core::array::from_fn(|i| i as u8))
}

fn welcome(player: Option<PlayerId>) -> Welcome {
    let hull =
        Hull { embers: 1, radius: 2.0, health: 3.0, thrust: 4.0, top_speed: 5.0, shots: 6, reach: 7.0 };
    Welcome {
        player,
        resume: player.map(|_| token()),
        is_resumed: player.is_some(),
        tick: Tick(2),
        tick_rate: 30,
        arena: Arena {
            name: "sample".into(),
            size: glam::Vec2::new(3.0, 4.0),
            rocks: vec![Rock { centre: glam::Vec2::new(5.0, 6.0), radius: 7.0 }],
            blocks: vec![Block { centre: glam::Vec2::new(7.0, 8.0), half: glam::Vec2::new(9.0, 10.0) }],
            rules: Rules {
                view: glam::Vec2::new(8.0, 9.0),
                drag: 10.0,
                bounce: 11.0,
                hulls: core::array::from_fn(|_| hull.clone()),
                boost: BoostRules { thrust: 12.0, top_speed: 13.0, embers_per_second: 14.0 },
                shot: ShotRules { speed: 15.0, life: 16.0, damage: 17.0, reload: 18.0, spread: 19.0 },
                embers: EmberRules {
                    supply: 20,
                    per_pilot: 21,
                    emit_per_second: 22.0,
                    at_spawn: 23,
                    smoulder_above: 24,
                    smoulder: 25.0,
                },
                pickups: PickupRules {
                    max: 26,
                    every_seconds: 27.0,
                    shield_seconds: 28.0,
                    rapid_seconds: 29.0,
                    rapid_reload: 30.0,
                    magnet_seconds: 31.0,
                    magnet_reach: 32.0,
                },
                drones: DroneRules {
                    sight: 33.0,
                    range: 34.0,
                    reaction_seconds: 35.0,
                    aim_error: 36.0,
                    turn: 37.0,
                    grace_seconds: 38.0,
                },
                respawn_seconds: 39.0,
                shield_seconds: 40.0,
                regeneration_per_second: 41.0,
            },
        },
    }
}

#[allow(clippy::unwrap_used, reason = "constants that are names and lines")]
pub(super) fn notices() -> Vec<Notice> {
    let pilot = |id, kind| Pilot { id: PlayerId(id), name: PlayerName::new("Ada").unwrap(), kind, colour: 5 };
    let name = |name| PlayerName::new(name).unwrap();
    let text = |text| ChatText::new(text).unwrap();
    let line = ChatLine {
        number: 12,
        time_ms: 1_700_000_000_123,
        from: PlayerId(13),
        name: name("Ada"),
        text: text("gg"),
    };
    let whisper = Whisper {
        time_ms: 1_700_000_000_124,
        from: PlayerId(14),
        from_name: name("Ada"),
        to: PlayerId(15),
        to_name: name("Bo"),
        text: text("psst"),
    };
    vec![
        Notice::Roster(vec![pilot(1, PilotKind::Player)]),
        Notice::Joined(pilot(2, PilotKind::Drone)),
        Notice::Left(PlayerId(3)),
        Notice::Killed { victim: PlayerId(4), kill: Kill { by: PlayerId(5), streak: 6, ended: 7 } },
        Notice::Leaderboard(Leaderboard {
            top: vec![LeaderboardRow { player: PlayerId(6), embers: 7 }],
            players: 8,
            ships: 9,
            beacon: Some((10, 11)),
            crowds: vec![0xcd],
        }),
        Notice::Chat(line.clone()),
        Notice::ChatHistory(vec![line]),
        Notice::Whisper(whisper),
        Notice::ChatRejected(ChatRejection::RateLimited),
        Notice::Lag(ServerLag { input_queue: TenthMs(16), tick: TenthMs(17), send_queue: TenthMs(18) }),
    ]
}

pub(super) fn refusals() -> Vec<Notice> {
    let refusals = [
        ChatRejection::Empty,
        ChatRejection::TooLong,
        ChatRejection::InvalidCharacters,
        ChatRejection::RateLimited,
        ChatRejection::ArenaRateLimited,
        ChatRejection::NoSuchPlayer,
        ChatRejection::AmbiguousName(PlayerId(5)),
        ChatRejection::UnknownCommand,
    ];
    refusals.map(Notice::ChatRejected).into()
}

pub(super) fn changes() -> Vec<CellChange<'static>> {
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
        CellChange::CatchUp(vec![ShipCatchUp { skip: 3, dx: 4, dy: -5, dvx: 6, dvy: -7, aim: 8 }].into()),
        CellChange::Status(vec![ShipStatus { skip: 4, status: Status(5), health: 6 }].into()),
        CellChange::EmbersAdded(vec![Ember { x: 1, y: 2, value: 3 }].into()),
        CellChange::EmbersTaken(vec![EmberTaken { x: 1, y: 2, by: PlayerId(3) }].into()),
        CellChange::Shots(vec![shot].into()),
        CellChange::Hits(vec![Hit { shot: ShotId(1), ship: PlayerId(2) }].into()),
        CellChange::Deaths(
            vec![Death {
                ship: PlayerId(1),
                x: 2,
                y: 3,
                by: Some(Kill { by: PlayerId(4), streak: 5, ended: 6 }),
            }]
            .into(),
        ),
        CellChange::Checksum(8),
    ]
}
