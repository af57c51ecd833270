//! One message of each kind, with a different value in every field. A game's protocol version is a hash of them, and the test
//! vectors for other clients are made from them. A game gives the values of its own types.

use super::{
    BodyCatchUp, BodyMove, BodyRecord, BodyState, CellChange, CellChunk, ClientLag, ClientMessage, Frame,
    FrameHead, Hello, LookChange, Moves, Notice, ProtocolVersion, ResumeToken, Role, ServerLag,
    ServerMessage, TenthMs, ViewChange, ViewerState, Welcome,
};
use crate::engine::{
    chat::{ChatLine, ChatRejection, ChatText, Whisper},
    game_trait::Game,
    grid::CellWindow,
    ids::{CellIndex, PlayerId, PlayerName, Tick},
    items::{ItemTaken, PlacedItem},
    roster::{Badge, Leaderboard, LeaderboardRow, PartyMember, Player, PlayerKind, UnlockedAchievement},
};

/// Values of a game's types: at least one of each, and one of each variant of an enum.
pub trait Samples: Game {
    /// An arena.
    fn arena() -> Self::Arena;
    /// Inputs.
    fn inputs() -> Vec<Self::Input>;
    /// Players' own states.
    fn owns() -> Vec<Self::Own>;
    /// Looks of a body.
    fn looks() -> Vec<Self::Look>;
    /// Items.
    fn items() -> Vec<Self::Item>;
    /// Events in a cell.
    fn events() -> Vec<Self::Event>;
    /// The game's notices.
    fn notices() -> Vec<Self::Notice>;
}

/// Every kind of client message, with a label.
pub fn client_samples<G: Samples>() -> Vec<(String, ClientMessage<G::Input>)> {
    // Not the real version: a sample must not depend on the version, which is its hash.
    let hello = |name: &str, role, resume: Option<ResumeToken>| {
        ClientMessage::Hello(Hello {
            protocol: ProtocolVersion(0x0102_0304_0506_0708),
            game: if resume.is_some() { String::new() } else { "a-game".into() },
            name: name.into(),
            role,
            colour: (role == Role::Player).then_some(3),
            resume,
            ticket: resume.is_some().then(|| "aaa.bbb.ccc".into()),
            identity: resume.is_some().then(|| "ddd.eee.fff".into()),
            party: resume.is_some().then(|| "ABC234".into()),
        })
    };
    let lag = ClientLag {
        send_ahead: TenthMs(1),
        network: TenthMs(2),
        jitter_buffer: TenthMs(3),
        rendering: TenthMs(4),
    };
    let mut samples = vec![
        ("hello", hello("Ada", Role::Player, None)),
        ("hello of a spectator", hello("", Role::Spectator, None)),
        ("hello beyond ASCII", hello("火花", Role::Player, None)),
        ("hello of a player that reconnects", hello("Ada", Role::Player, Some(token()))),
        ("resync cell", ClientMessage::ResyncCell(CellIndex(5))),
        ("ack", ClientMessage::Ack(6)),
        ("chat", ClientMessage::Chat("gg".into())),
        ("whisper", ClientMessage::Chat("/w Ada 你好".into())),
        ("hidden", ClientMessage::Hidden(true)),
        ("lag", ClientMessage::Lag(lag)),
        ("badge", ClientMessage::Badge(7)),
    ];
    for input in G::inputs() {
        let input = |tick, rewind, ack| ClientMessage::Input { tick: Tick(tick), input, rewind, ack };
        samples.extend([
            ("input", input(2, 100, 5)),
            ("input of large numbers", input(70_000, 400, 255)),
            ("input for the next tick", input(0, 0, 5)),
        ]);
    }
    samples.into_iter().map(|(label, message)| (label.to_owned(), message)).collect()
}

/// Every kind of server message, with a label.
pub fn server_samples<G: Samples>() -> Vec<(String, ServerMessage<G>)> {
    let frame = |viewer, notices: Vec<Notice<G>>, cells: Vec<CellChunk<G>>| {
        let view = ViewChange { window: CellWindow { left: 1, bottom: 2, right: 3, top: 4 }, reset: true };
        let is_first = !notices.is_empty();
        ServerMessage::Frame(Frame {
            head: FrameHead { tick: Tick(1), lead: 3, viewer, view: is_first.then_some(view) },
            notices,
            cells,
        })
    };
    let welcome = |player: Option<PlayerId>| {
        ServerMessage::Welcome(Box::new(Welcome {
            player,
            resume: player.map(|_| token()),
            is_resumed: player.is_some(),
            tick: Tick(2),
            tick_rate: 30,
            arena: G::arena(),
        }))
    };
    let spectator = |target| ViewerState::Spectator { target };
    let cell = CellChunk { cell: CellIndex(9), changes: changes::<G>() };
    let mut samples = vec![
        ("welcome".to_owned(), welcome(Some(PlayerId(1)))),
        ("welcome of a spectator".to_owned(), welcome(None)),
        ("frame of a spectator".to_owned(), frame(spectator(Some(PlayerId(3))), vec![], vec![])),
        (
            "frame of a spectator with everything".to_owned(),
            frame(spectator(None), notices::<G>(), vec![cell]),
        ),
        (
            "chat refused".to_owned(),
            frame(spectator(None), refusals().map(Notice::ChatRejected).into(), vec![]),
        ),
    ];
    for (at, own) in G::owns().into_iter().enumerate() {
        samples.push((
            format!("frame of player state {at}"),
            frame(ViewerState::Player { rank: 7, own }, vec![], vec![]),
        ));
    }
    samples
}

fn token() -> ResumeToken {
    ResumeToken(core::array::from_fn(|i| i as u8))
}

#[allow(clippy::unwrap_used, reason = "constants that are names and lines")]
pub(super) fn notices<G: Samples>() -> Vec<Notice<G>> {
    let player =
        |id, kind| Player { id: PlayerId(id), name: PlayerName::new("Ada").unwrap(), kind, colour: 5 };
    let name = |name| PlayerName::new(name).unwrap();
    let text = |text| ChatText::new(text).unwrap();
    let line = ChatLine {
        number: 12,
        time_ms: 1_700_000_000_123,
        from: PlayerId(13),
        name: name("Ada"),
        text: text("gg"),
        to_all: true,
    };
    let whisper = Whisper {
        time_ms: 1_700_000_000_124,
        from: PlayerId(14),
        from_name: name("Ada"),
        to: PlayerId(15),
        to_name: name("Bo"),
        text: text("psst"),
    };
    let mut notices = vec![
        Notice::Roster(vec![player(1, PlayerKind::Human)]),
        Notice::Joined(player(2, PlayerKind::Bot)),
        Notice::Left(PlayerId(3)),
        Notice::Leaderboard(Leaderboard {
            top: vec![LeaderboardRow { player: PlayerId(6), score: 7 }],
            players: 8,
            bodies: 9,
            beacon: Some((10, 11)),
            crowds: vec![0xcd],
        }),
        Notice::Chat(line.clone()),
        Notice::ChatHistory(vec![line]),
        Notice::Whisper(whisper),
        Notice::ChatRejected(ChatRejection::RateLimited),
        Notice::Lag(ServerLag { input_queue: TenthMs(16), tick: TenthMs(17), send_queue: TenthMs(18) }),
    ];
    notices.extend(G::notices().into_iter().map(Notice::Game));
    notices.push(Notice::RoomKey("aKey".into()));
    notices.push(Notice::Badges(vec![Badge { player: PlayerId(16), sign: "★".into() }]));
    notices.push(Notice::Unlocked(UnlockedAchievement {
        id: "first-win".into(),
        name: "First win".into(),
        text: "Win once".into(),
        sign: "✦".into(),
    }));
    notices.push(Notice::Party(vec![
        PartyMember { player: PlayerId(17), at: Some((18, 19)) },
        PartyMember { player: PlayerId(20), at: None },
    ]));
    notices
}

pub(super) fn refusals() -> [ChatRejection; 9] {
    [
        ChatRejection::Empty,
        ChatRejection::TooLong,
        ChatRejection::InvalidCharacters,
        ChatRejection::RateLimited,
        ChatRejection::ArenaRateLimited,
        ChatRejection::NoSuchPlayer,
        ChatRejection::AmbiguousName(PlayerId(5)),
        ChatRejection::UnknownCommand,
        ChatRejection::Off,
    ]
}

pub(super) fn changes<G: Samples>() -> Vec<CellChange<'static, G>> {
    let body = |look| BodyState { x: 1, y: 2, vx: 3, vy: 4, heading: 5, look };
    let looks = G::looks();
    let entered: Vec<_> = looks.iter().map(|look| BodyRecord { gap: 2, state: body(*look) }).collect();
    let changed: Vec<_> = looks.into_iter().map(|look| LookChange { skip: 4, look }).collect();
    let items: Vec<_> = G::items().into_iter().map(|item| PlacedItem { x: 1, y: 2, item }).collect();
    vec![
        CellChange::Reset,
        CellChange::Left(vec![1].into()),
        CellChange::Entered(entered.into()),
        CellChange::Moved(Moves {
            which: vec![6].into(),
            moves: vec![
                BodyMove { dx: 4, dy: -5, heading: None },
                BodyMove { dx: 6, dy: 7, heading: Some(8) },
            ]
            .into(),
        }),
        CellChange::CatchUp(vec![BodyCatchUp { skip: 3, dx: 4, dy: -5, dvx: 6, dvy: -7, heading: 9 }].into()),
        CellChange::Looks(changed.into()),
        CellChange::ItemsAdded(items.into()),
        CellChange::ItemsTaken(vec![ItemTaken { x: 1, y: 2, by: PlayerId(3) }].into()),
        CellChange::Events(G::events().into()),
        CellChange::Checksum(8),
    ]
}
