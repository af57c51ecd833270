//! Whole sessions against frames made by hand, on simulated time. Sessions against the real server are tested in
//! `server/tests`.

use proptest::prelude::*;
use shared::{
    engine::{input::Buttons, protocol::decode_client},
    game::protocol::{CellChange, CellChunk, ClientMessage, Frame, ViewerState},
};

use self::frames::{Frames, ME, TICK_MS, encoded, encoded_welcome, player};
use super::*;

mod drawn;
mod frames;

const FIRE: PlayerInput = PlayerInput { buttons: Buttons::FIRE, aim: shared::engine::input::Angle(0) };

/// A session, its server and the time.
struct Pair {
    frames: Frames,
    session: Session,
    now_ms: f64,
}

impl Pair {
    /// A player who was welcomed.
    fn new() -> Self {
        Self::welcomed(Session::new("Ada"), Some(ME))
    }

    fn welcomed(mut session: Session, player: Option<PlayerId>) -> Self {
        let frames = Frames::new();
        let welcome = encoded_welcome(frames.welcome(player));
        session.handle_message(&welcome, 0.0).expect("it is valid");
        Self { frames, session, now_ms: 0.0 }
    }

    /// Takes in the next frame, a tick later.
    fn tick(&mut self) {
        let frame = self.frames.next();
        self.take_in(frame);
    }

    fn take_in(&mut self, frame: Frame) {
        self.now_ms += TICK_MS;
        self.session.handle_message(&encoded(frame), self.now_ms).expect("it is valid");
    }

    /// Takes in a frame that has only these changes of the own ship's cell.
    fn take_in_changes(&mut self, changes: Vec<CellChange<'static>>) {
        let mut frame = self.frames.next();
        frame.cells = vec![CellChunk { cell: self.frames.cell(), changes }];
        self.take_in(frame);
    }

    fn scene(&mut self) -> Scene {
        let mut scene = Scene::default();
        self.session.scene(self.now_ms, &mut scene);
        scene
    }

    /// Everything that waits to be sent.
    fn sent(&mut self) -> Vec<ClientMessage> {
        let messages = std::iter::from_fn(|| self.session.poll_transmit());
        messages.map(|bytes| decode_client(&bytes).expect("a session encodes messages")).collect()
    }

    fn inputs_sent(&mut self) -> usize {
        self.sent().iter().filter(|message| matches!(message, ClientMessage::Input { .. })).count()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_bytes_make_a_session_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), at: usize) {
        let mut pair = Pair::new();
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
    let mut frames = Frames::new();
    let (frame, welcome) = (encoded(frames.next()), encoded_welcome(frames.welcome(Some(ME))));
    let mut session = Session::new("Ada");
    assert_eq!(session.handle_message(&frame, 0.0), Err(SessionError::Unexpected));
    assert_eq!(session.handle_message(&welcome, 0.0), Ok(()));
    assert_eq!(session.handle_message(&welcome, 0.0), Err(SessionError::Unexpected));
    assert_eq!(session.handle_message(&frame, 0.0), Ok(()));
    assert!(matches!(session.handle_message(&frame, 1.0), Err(SessionError::Backwards(..))));
    assert!(matches!(session.handle_message(&[250], 1.0), Err(SessionError::Decode(_))));
}

#[test]
fn invalid_welcome_ends_a_session() {
    let frames = Frames::new();
    let result = |change: fn(&mut Welcome)| {
        let mut welcome = frames.welcome(Some(ME));
        change(&mut welcome);
        Session::new("Ada").handle_message(&encoded_welcome(welcome), 0.0)
    };
    assert_eq!(result(|_| {}), Ok(()));
    assert_eq!(result(|welcome| welcome.tick_rate = 0), Err(SessionError::TickRate(0)));
    assert!(matches!(result(|welcome| welcome.arena.size.x = f32::NAN), Err(SessionError::Arena(_))));
    assert_eq!(result(|welcome| welcome.player = None), Err(SessionError::Unexpected));
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
        let mut pair = Pair::new();
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
fn cell_that_differs_is_requested_once_until_it_arrives() {
    let mut pair = Pair::new();
    pair.tick();
    pair.sent();
    let resyncs = |pair: &mut Pair| {
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
    let mut pair = Pair::new();
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
    let mut pair = Pair::new();
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
fn own_ship_at_rest_needs_no_correction() {
    let mut pair = Pair::new();
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
    let mut pair = Pair::welcomed(Session::headless("bot"), Some(ME));
    pair.tick();
    pair.session.advance(pair.now_ms, FIRE);
    assert!(pair.session.own_ship().is_some() && pair.session.own_position().is_some());
    assert_eq!(pair.inputs_sent(), 1);
    assert!(pair.scene().ships.is_empty());
}

#[test]
fn hidden_session_says_so_and_sends_no_inputs() {
    let mut pair = Pair::new();
    pair.tick();
    pair.session.advance(pair.now_ms, FIRE);
    pair.session.set_hidden(true);
    pair.session.advance(pair.now_ms + 100.0, FIRE);
    let sent = pair.sent();
    assert!(matches!(sent[..], [ClientMessage::Hello(_), ClientMessage::Hidden(true)]), "{sent:?}");
    pair.session.set_hidden(false);
    pair.tick();
    pair.session.advance(pair.now_ms, FIRE);
    assert_eq!(pair.inputs_sent(), 1);
}

#[test]
fn late_caller_sends_the_newest_inputs_only() {
    let mut pair = Pair::new();
    pair.tick();
    pair.session.advance(pair.now_ms, FIRE);
    pair.sent();
    pair.session.advance(pair.now_ms + 10.0 * TICK_MS, FIRE);
    assert_eq!((pair.inputs_sent(), pair.session.stats().ticks_skipped), (5, 5));
}
