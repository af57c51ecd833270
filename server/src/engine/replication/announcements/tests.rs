//! Which announcements reach which viewers.

use shared::engine::{
    chat::ChatText,
    ids::{PlayerName, Tick},
    limits::SERVER_MESSAGE_BYTES_MAX,
    protocol::decode_prefix,
    testing::TestGame,
};

use super::*;
use crate::engine::{sessions::SessionId, simulation::Command, testing::TestSimulation};

const RATE: u16 = 20;

fn simulation(bots: u16) -> TestSimulation {
    let mut sim = TestSimulation::new(bots);
    // Away from the tick of the leaderboard.
    sim.step(&[]);
    sim
}

/// The notices of a viewer that sees no cell: those for all, and its own.
fn notices(
    announcements: &mut Announcements,
    sim: &TestSimulation,
    player: u16,
) -> [Vec<Notice<TestGame>>; 2] {
    let player = Some(PlayerId(player));
    announcements.for_viewer(sim, false, player, |_| false).map(decode)
}

fn decode((count, mut bytes): (usize, &[u8])) -> Vec<Notice<TestGame>> {
    let mut notices = Vec::new();
    while !bytes.is_empty() {
        let (notice, used) = decode_prefix::<_, SERVER_MESSAGE_BYTES_MAX>(bytes).expect("a notice");
        notices.push(notice);
        bytes = &bytes[used..];
    }
    assert_eq!(notices.len(), count);
    notices
}

fn line(number: u32) -> ChatLine {
    let name = PlayerName::new("Ada").expect("a valid name");
    let text = ChatText::new(&format!("line {number}")).expect("a valid text");
    ChatLine { number, time_ms: 0, from: PlayerId(0), name, text, to_all: false }
}

#[test]
fn notice_reaches_everyone_or_its_player_or_its_player_out_of_sight() {
    let mut sim = simulation(0);
    let here = CellIndex(2);
    sim.changes.notices.extend([
        (Audience::Everyone, true),
        (Audience::Player(PlayerId(2)), false),
        (Audience::PlayerOutOfSight(PlayerId(4), here), false),
    ]);
    let mut announcements = Announcements::default();
    announcements.encode(&sim);
    let mut counts = |player, sees: bool| {
        let player = Some(PlayerId(player));
        let sees = |cell| sees && cell == here;
        announcements.for_viewer(&sim, false, player, sees).map(|(count, _)| count)
    };
    assert_eq!(counts(9, false), [1, 0]);
    assert_eq!(counts(2, true), [1, 1]);
    assert_eq!(counts(4, true), [1, 0], "it sees the event itself");
    assert_eq!(counts(4, false), [1, 1]);
}

#[test]
fn player_that_leaves_in_its_first_tick_is_only_announced_to_leave() {
    let mut sim = simulation(0);
    let mut announcements = Announcements::default();
    let join = |client| Command::Join { session: SessionId(client), name: None, colour: None };
    sim.step(&[join(1), join(2), Command::Leave { session: SessionId(1) }]);
    announcements.encode(&sim);
    let [all, own] = notices(&mut announcements, &sim, 1);
    let [Notice::Left(PlayerId(0)), Notice::Joined(joined)] = &all[..] else { panic!("{all:?}") };
    assert_eq!((joined.id, own.len()), (PlayerId(1), 0));
    sim.step(&[]);
    announcements.encode(&sim);
    assert_eq!(notices(&mut announcements, &sim, 1), [[], []]);
}

#[test]
fn chat_line_is_sent_once_and_the_latest_lines_to_new_clients() {
    let mut sim = simulation(0);
    let mut announcements = Announcements::default();
    let lines = CHAT_HISTORY_MAX as u32 + 5;
    for number in 0..lines {
        announcements.add_chat(line(number));
        sim.step(&[]);
        announcements.encode(&sim);
        let [all, _] = notices(&mut announcements, &sim, 0);
        assert!(all.contains(&Notice::Chat(line(number))), "{all:?}");
        assert_eq!(all.iter().filter(|notice| matches!(notice, Notice::Chat(_))).count(), 1);
    }
    let initial = decode(announcements.for_viewer(&sim, true, None, |_| false)[0]);
    let Some(Notice::ChatHistory(history)) = initial.last() else { panic!("{initial:?}") };
    assert_eq!(*history, (5..lines).map(line).collect::<Vec<_>>());
}

#[test]
fn client_without_state_gets_roster_leaderboard_and_chat_in_place_of_news() {
    let mut sim = simulation(3);
    let mut announcements = Announcements::default();
    announcements.add_chat(line(1));
    (0..5).for_each(|_| sim.step(&[]));
    announcements.encode(&sim);
    let initial = decode(announcements.for_viewer(&sim, true, None, |_| false)[0]);
    let [Notice::Roster(players), Notice::Leaderboard(_), Notice::ChatHistory(lines)] = &initial[..] else {
        panic!("{initial:?}")
    };
    assert_eq!((players.len(), lines.len()), (3, 1));
}

#[test]
fn leaderboard_is_sent_once_a_second_with_ranks() {
    let mut sim = simulation(3);
    let mut announcements = Announcements::default();
    let mut sent_at = Vec::new();
    for _ in 0..2 * RATE {
        sim.step(&[]);
        announcements.encode(&sim);
        let [all, _] = notices(&mut announcements, &sim, 0);
        for notice in all {
            let Notice::Leaderboard(leaderboard) = notice else { continue };
            let top: Vec<_> = leaderboard.top.iter().map(|row| row.player).collect();
            assert_eq!(top, sim.ranking);
            for (rank, player) in (1..).zip(top) {
                assert_eq!(announcements.rank_of(player), rank);
            }
            assert_eq!((leaderboard.players, leaderboard.bodies), (0, 3));
            sent_at.push(sim.tick);
        }
    }
    assert_eq!(sent_at, [Tick(20), Tick(40)]);
    assert_eq!(announcements.rank_of(PlayerId(77)), 0);
}
