//! Whole sessions against frames made by hand, on simulated time. Sessions against the real server are tested in
//! `server/tests`.

use proptest::prelude::*;
use shared::engine::{
    body::Motion,
    game_trait::Arena as _,
    ids::PlayerName,
    input::{Angle, PlayerInput},
    items::PlacedItem,
    protocol::{CellChange, CellChunk, ClientMessage, Notice},
    roster::{LeaderboardRow, PlayerKind},
    testing::{Square, TestBody, TestGame},
};

use super::*;
use crate::engine::{
    testing::{Frames, ME, Pair, TICK_MS, TestView, Told, encoded, encoded_welcome},
    view::NoView,
};

const PUSH: PlayerInput = PlayerInput { buttons: TestGame::PUSH, aim: Angle(0) };
const OTHER: PlayerId = PlayerId(5);

fn frames() -> Frames<TestGame> {
    Frames::new(Square(3072.0), |motion| Some(TestBody { motion, items: 0 }))
}

fn new(name: &str) -> Session<TestView> {
    Session::new(name)
}

/// A player who was welcomed.
fn pair() -> Pair<TestView> {
    Pair::welcomed(frames(), new("Ada"), Some(ME))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_bytes_make_a_session_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), at: usize) {
        let mut pair = pair();
        pair.tick();
        let mut frame = encoded(pair.frames.next());
        let at = at % frame.len();
        frame.splice(at.., bytes.iter().copied());
        let _ = pair.session.handle_message(&frame, pair.now_ms);
        let _ = pair.scene();
    }
}

#[test]
fn message_at_the_wrong_moment_ends_a_session() {
    let mut frames = frames();
    let (frame, welcome) = (encoded(frames.next()), encoded_welcome(frames.welcome(Some(ME))));
    let mut session = new("Ada");
    assert_eq!(session.handle_message(&frame, 0.0), Err(SessionError::Unexpected));
    assert_eq!(session.handle_message(&welcome, 0.0), Ok(()));
    assert_eq!(session.handle_message(&welcome, 0.0), Err(SessionError::Unexpected));
    assert_eq!(session.handle_message(&frame, 0.0), Ok(()));
    assert!(matches!(session.handle_message(&frame, 1.0), Err(SessionError::Backwards(..))));
    assert!(matches!(session.handle_message(&[250], 1.0), Err(SessionError::Decode(_))));
}

#[test]
fn invalid_welcome_ends_a_session() {
    let frames = frames();
    let result = |change: fn(&mut Welcome<TestGame>)| {
        let mut welcome = frames.welcome(Some(ME));
        change(&mut welcome);
        new("Ada").handle_message(&encoded_welcome(welcome), 0.0)
    };
    assert_eq!(result(|_| {}), Ok(()));
    assert_eq!(result(|welcome| welcome.tick_rate = 0), Err(SessionError::TickRate(0)));
    assert!(matches!(result(|welcome| welcome.arena.0 = f32::NAN), Err(SessionError::Arena(_))));
    assert_eq!(result(|welcome| welcome.player = None), Err(SessionError::Unexpected));
}

#[test]
fn own_state_that_no_rules_allow_ends_a_session() {
    let mut pair = pair();
    pair.tick();
    let motion = Motion { position: Vec2::splat(f32::NAN), velocity: Vec2::ZERO };
    pair.frames.viewer = ViewerState::Player { rank: 1, own: Some(TestBody { motion, items: 0 }) };
    let frame = encoded(pair.frames.next());
    assert!(matches!(pair.session.handle_message(&frame, pair.now_ms), Err(SessionError::Own(_))));
}

#[test]
fn cell_that_differs_is_requested_once_until_it_arrives() {
    let mut pair = pair();
    pair.tick();
    pair.sent();
    let resyncs = |pair: &mut Pair<TestView>| {
        pair.sent().iter().filter(|message| matches!(message, ClientMessage::ResyncCell(_))).count()
    };
    for _ in 0..3 {
        pair.take_in_changes(vec![CellChange::Checksum(1)]);
    }
    assert_eq!((pair.session.stats().checksum_mismatches, resyncs(&mut pair)), (1, 1));
    // Every cell in full.
    pair.tick();
    assert_eq!(pair.session.stats().resyncs, 1);
    pair.take_in_changes(vec![CellChange::Checksum(1)]);
    assert_eq!((pair.session.stats().checksum_mismatches, resyncs(&mut pair)), (2, 1));
}

#[test]
fn chunk_out_of_view_is_ignored_and_counted() {
    let mut pair = pair();
    pair.tick();
    let mut frame = pair.frames.next();
    for cell in [0, 999, u16::MAX] {
        frame.cells.push(CellChunk { cell: CellIndex(cell), changes: vec![CellChange::Reset] });
    }
    pair.take_in(frame);
    assert_eq!(pair.session.stats().stray_chunks, 3);
    assert!(!pair.sent().iter().any(|message| matches!(message, ClientMessage::ResyncCell(_))));
}

#[test]
fn full_view_forgets_every_cell_and_is_counted() {
    let mut pair = pair();
    pair.tick();
    let cell = pair.frames.cell();
    assert!(pair.session.cell(cell).is_some_and(|state| !state.bodies.is_empty()));
    pair.frames.reset_view();
    let mut frame = pair.frames.next();
    frame.cells.clear();
    pair.take_in(frame);
    assert!(pair.session.cell(cell).is_some_and(|state| state.bodies.is_empty()));
    assert_eq!(pair.session.stats().full_views, 2);
}

#[test]
fn own_body_at_rest_needs_no_correction() {
    let mut pair = pair();
    pair.tick();
    for _ in 0..30 {
        pair.session.advance(pair.now_ms, PlayerInput::default());
        pair.tick();
    }
    assert_eq!(pair.session.own_position(), Some(pair.frames.position(ME)));
    let errors: Vec<f32> = pair.session.drain_prediction_errors().collect();
    assert_eq!((errors.len(), errors.iter().copied().fold(0.0, f32::max)), (30, 0.0));
    assert_eq!(pair.session.stats().corrections, 0);
}

#[test]
fn headless_session_plays_and_draws_nothing() {
    let mut pair = Pair::<TestView>::welcomed(frames(), Session::headless("bot"), Some(ME));
    pair.tick();
    pair.session.advance(pair.now_ms, PUSH);
    assert!(pair.session.own().is_some_and(Option::is_some) && pair.session.own_position().is_some());
    assert_eq!(pair.inputs_sent(), 1);
    let scene = pair.scene();
    assert!(scene.own.is_none() && scene.told.is_empty());
}

#[test]
fn session_without_a_view_of_its_own_plays() {
    let mut pair = Pair::<NoView<TestGame>>::welcomed(frames(), Session::headless("bot"), Some(ME));
    pair.tick();
    pair.session.advance(pair.now_ms, PUSH);
    assert_eq!((pair.inputs_sent(), pair.session.stats().frames_received), (1, 1));
    assert!(pair.session.avatar().is_some_and(|body| body.motion.velocity.x > 0.0));
}

#[test]
fn hidden_session_says_so_and_sends_no_inputs() {
    let mut pair = pair();
    pair.tick();
    pair.session.advance(pair.now_ms, PUSH);
    pair.session.set_hidden(true);
    pair.session.advance(pair.now_ms + 100.0, PUSH);
    let sent = pair.sent();
    assert!(matches!(sent[..], [ClientMessage::Hello(_), ClientMessage::Hidden(true)]), "{sent:?}");
    pair.session.set_hidden(false);
    pair.tick();
    pair.session.advance(pair.now_ms, PUSH);
    assert_eq!(pair.inputs_sent(), 1);
}

#[test]
fn late_caller_sends_the_newest_inputs_only() {
    let mut pair = pair();
    pair.tick();
    pair.session.advance(pair.now_ms, PUSH);
    pair.sent();
    pair.session.advance(pair.now_ms + 10.0 * TICK_MS, PUSH);
    assert_eq!((pair.inputs_sent(), pair.session.stats().ticks_skipped), (5, 5));
}

#[test]
fn spectator_and_player_accept_their_own_welcome_only() {
    let frames = frames();
    for (mut session, player) in [(Session::<TestView>::spectator(), Some(ME)), (new("Ada"), None)] {
        let welcome = encoded_welcome(frames.welcome(player));
        assert_eq!(session.handle_message(&welcome, 0.0), Err(SessionError::Unexpected));
    }
}

#[test]
fn other_body_is_shown_where_it_was_and_vanishes_when_it_left() {
    let mut pair = pair();
    let position = pair.frames.position(ME) + Vec2::splat(60.0);
    pair.frames.bodies.push((OTHER, Motion { position, velocity: Vec2::new(0.0, 120.0) }));
    (0..30).for_each(|_| pair.tick());
    let [(OTHER, shown)] = pair.scene().others[..] else { panic!("it is in view, and the own one is not") };
    // The delay is a tick and a quarter.
    let behind_ms = shown.distance(pair.frames.position(OTHER)) / 120.0 * 1000.0;
    assert!((behind_ms - 41.7).abs() < 2.0, "{behind_ms} ms behind");
    pair.frames.bodies.pop();
    pair.tick();
    assert_eq!(pair.session.bodies().count(), 0);
    assert_eq!(pair.scene().others.len(), 1, "render time is before it left");
    (0..3).for_each(|_| pair.tick());
    assert_eq!(pair.scene().others.len(), 0);
}

#[test]
fn focus_is_the_own_body_or_the_watched_one() {
    let mut player = pair();
    player.tick();
    assert_eq!(player.session.focus(player.now_ms), Some(player.frames.position(ME)));
    let mut spectator = Pair::<TestView>::welcomed(frames(), Session::spectator(), None);
    spectator.frames.viewer = ViewerState::Spectator { target: Some(ME) };
    (0..3).for_each(|_| spectator.tick());
    assert_eq!(spectator.session.focus(spectator.now_ms), Some(spectator.frames.position(ME)));
    spectator.frames.viewer = ViewerState::Spectator { target: None };
    spectator.tick();
    assert_eq!(spectator.session.focus(spectator.now_ms), None);
}

#[test]
fn view_hears_own_steps_notices_the_leaderboard_and_frames_once() {
    let mut pair = pair();
    let name = PlayerName::new("Eve").unwrap();
    let top = vec![LeaderboardRow { player: OTHER, score: 9 }];
    pair.frames.notices = vec![
        Notice::Game(true),
        Notice::Leaderboard(Leaderboard { top, ..Leaderboard::default() }),
        Notice::Joined(Player { id: OTHER, name, kind: PlayerKind::Human, colour: 0 }),
    ];
    pair.tick();
    pair.session.advance(pair.now_ms, PUSH);
    let tick = pair.frames.tick;
    let told = pair.scene().told;
    assert_eq!(told[..3], [Told::Notice(true), Told::Leaderboard(1, false), Told::Leaderboard(1, true)]);
    assert_eq!(told[3], Told::Frame(tick));
    assert!(matches!(told[4..], [Told::Pushed(first)] if first > tick), "{told:?}");
    assert_eq!(pair.session.leaderboard().map(|leaderboard| leaderboard.top.len()), Some(1));
    assert_eq!(pair.session.player(OTHER).map(|player| player.name.as_str()), Some("Eve"));
    assert_eq!(pair.scene().told, []);
}

#[test]
fn item_in_reach_is_taken_at_once_and_shown_as_taken() {
    let mut pair = pair();
    let cell = pair.frames.cell();
    let place = |item: &PlacedItem<u8>| item.place(cell, pair.frames.arena.grid());
    let at = |x, item| PlacedItem { x, y: 0, item };
    let middle = pair.frames.position(ME);
    let (near, far) = (at(10, 1), at(60, 2));
    assert!(
        place(&near).distance(middle) < TestView::REACH && place(&far).distance(middle) > TestView::REACH
    );
    pair.frames.items = vec![(cell, near), (cell, far)];
    pair.tick();
    assert_eq!(pair.scene().told[0], Told::ItemsBefore(0));
    assert_eq!(pair.session.items_near(middle, 10.0).count(), 2, "those of the cell");
    pair.session.advance(pair.now_ms, PlayerInput::default());
    let scene = pair.scene();
    assert_eq!((scene.told.as_slice(), scene.items), (&[Told::Took(1)][..], 1));
    assert_eq!(pair.session.avatar().map(|body| body.items), Some(1));
    pair.frames.viewer = ViewerState::Player { rank: 1, own: None };
    pair.tick();
    assert_eq!(pair.scene().items, 2, "without a body nothing is taken");
}
