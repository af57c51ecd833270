//! Whole sessions against a rehearsed server, on simulated time.

use proptest::prelude::*;
use shared::{
    engine::protocol::{ClientMessage, decode_client},
    game::{
        ember::Ember,
        protocol::{CellChange, encode_server},
    },
};

use super::*;
use crate::game::testing::{self, Random, Rehearsal, Viewer, bytes};

mod shown;

const ME: PlayerId = PlayerId(0);
const LINK_MS: f64 = 20.0;

/// A session and its server, and the time.
struct Pair {
    server: Rehearsal,
    viewer: Viewer,
    session: Session,
    now_ms: f64,
    sent: Vec<ClientMessage>,
}

impl Pair {
    fn new(ships: u16) -> Self {
        let server = Rehearsal::new(testing::rocky(), 30, ships);
        let mut session = Session::new("Ada");
        session.handle_message(&server.welcome(ME), 0.0).expect("a welcome is welcome");
        Self { server, viewer: Viewer::default(), session, now_ms: 0.0, sent: Vec::new() }
    }

    /// One tick of the server with a new input of the client; the frame arrives at once.
    fn tick(&mut self, input: PlayerInput) {
        self.session.advance(self.now_ms, input);
        while let Some(bytes) = self.session.poll_transmit() {
            let message = decode_client(&bytes).expect("a session sends messages");
            if let ClientMessage::Input { tick, input, .. } = message {
                self.server.hear(ME, tick, input);
            }
            self.sent.push(message);
        }
        self.server.step();
        self.now_ms += LINK_MS;
        let frame = self.server.frame(ME, &mut self.viewer);
        self.session.handle_message(&bytes(frame), self.now_ms).expect("a frame is put on");
        self.now_ms += self.server.tick_ms() - LINK_MS;
    }

    fn scene(&mut self) -> Scene {
        let mut scene = Scene::default();
        self.session.scene(self.now_ms, &mut scene);
        scene
    }

    /// The cell that a ship is in.
    fn cell_of(&mut self, id: PlayerId) -> CellIndex {
        let place = self.server.actor(id).flight.motion.position;
        self.server.terrain.grid().cell_at(place)
    }

    fn resyncs(&self) -> usize {
        self.sent.iter().filter(|message| matches!(message, ClientMessage::ResyncCell(_))).count()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn the_replica_is_the_servers_baseline_and_the_own_ship_needs_no_correction(seed: u64) {
        let mut pair = Pair::new(40);
        let mut random = Random(seed);
        let grid = pair.server.terrain.grid();
        let mut input = random.input();
        for tick in 0..240 {
            if tick % 8 == 0 {
                input = random.input();
                let others = pair.server.actors.iter_mut().filter(|actor| actor.id != ME);
                others.for_each(|actor| actor.input = random.input());
            }
            pair.tick(input);
            let mut seen = 0;
            for cell in (0..grid.len() as u16).map(CellIndex) {
                if let Some(known) = pair.session.cell(cell) {
                    prop_assert_eq!(known, &pair.server.cells[usize::from(cell.0)]);
                    seen += known.ships.len();
                }
            }
            prop_assert_eq!(pair.session.visible_ships().count(), seen - 1);
            prop_assert_eq!(pair.session.stats().prediction_error.to_bits(), 0);
            let exact = pair.server.actor(ME).flight.motion;
            prop_assert_eq!(pair.session.own_ship().map(|own| own.motion), Some(exact));
            let scene = pair.scene();
            prop_assert!(scene.ships.iter().filter(|ship| ship.own).count() == 1);
        }
        prop_assert_eq!(pair.session.drain_prediction_errors().count(), 239);
        prop_assert_eq!(pair.session.stats().corrections, 0);
        prop_assert_eq!(pair.session.stats().checksum_mismatches, 0);
        prop_assert_eq!(pair.session.stats().stray_chunks, 0);
    }

    #[test]
    fn no_bytes_make_a_session_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), at: usize) {
        let mut pair = Pair::new(10);
        pair.tick(PlayerInput::default());
        pair.server.step();
        let mut frame = testing::bytes(pair.server.frame(ME, &mut pair.viewer));
        let at = at % frame.len();
        frame.splice(at.., bytes.iter().copied());
        let _ = pair.session.handle_message(&frame, pair.now_ms);
        let _ = pair.scene();
    }
}

#[test]
fn messages_at_the_wrong_moment_end_a_session() {
    let mut server = Rehearsal::new(testing::rocky(), 30, 2);
    let mut viewer = Viewer::default();
    server.step();
    let frame = bytes(server.frame(ME, &mut viewer));
    let mut session = Session::new("Ada");
    assert_eq!(session.handle_message(&frame, 0.0), Err(SessionError::Unexpected));
    assert_eq!(session.handle_message(&server.welcome(ME), 0.0), Ok(()));
    assert_eq!(session.handle_message(&server.welcome(ME), 0.0), Err(SessionError::Unexpected));
    assert_eq!(session.handle_message(&frame, 0.0), Ok(()));
    assert!(matches!(session.handle_message(&frame, 1.0), Err(SessionError::Backwards(..))));
    assert!(matches!(session.handle_message(&[250], 1.0), Err(SessionError::Decode(_))));
}

#[test]
fn a_welcome_is_checked() {
    let server = Rehearsal::new(testing::rocky(), 30, 1);
    let welcome = |change: fn(&mut Welcome)| {
        let mut welcome = Welcome {
            player: Some(ME),
            resume: None,
            is_resumed: false,
            tick: Tick(1),
            tick_rate: 30,
            arena: server.terrain.arena().clone(),
        };
        change(&mut welcome);
        Session::new("Ada").handle_message(&encode_server(&ServerMessage::Welcome(Box::new(welcome))), 0.0)
    };
    assert_eq!(welcome(|_| {}), Ok(()));
    assert_eq!(welcome(|w| w.tick_rate = 0), Err(SessionError::TickRate(0)));
    assert!(matches!(welcome(|w| w.arena.size.x = f32::NAN), Err(SessionError::Arena(_))));
}

#[test]
fn a_cell_that_differs_is_asked_for_once_and_comes_in_full() {
    let mut pair = Pair::new(20);
    pair.tick(PlayerInput::default());
    let cell = pair.cell_of(ME);
    for lie in 0..3 {
        // An ember that only the server knows of.
        pair.server.cells[usize::from(cell.0)].embers.push(Ember { x: lie, y: 9, value: 1 });
        for _ in 0..10 {
            pair.tick(PlayerInput::default());
        }
    }
    assert_eq!((pair.session.stats().checksum_mismatches, pair.resyncs()), (1, 1));
    pair.server.step();
    let mut frame = pair.server.frame(ME, &mut pair.viewer);
    frame.cells.retain(|chunk| chunk.cell != cell);
    frame.cells.push(pair.server.full(cell));
    pair.session.handle_message(&bytes(frame), pair.now_ms).expect("a frame is put on");
    assert_eq!(pair.session.stats().resyncs, 1);
    assert_eq!(pair.session.cell(cell), Some(&pair.server.cells[usize::from(cell.0)]));
    (0..10).for_each(|_| pair.tick(PlayerInput::default()));
    assert_eq!(pair.session.stats().checksum_mismatches, 1);
}

#[test]
fn a_reset_view_forgets_every_cell() {
    let mut pair = Pair::new(20);
    (0..3).for_each(|_| pair.tick(PlayerInput::default()));
    // Ticks that this player is not told of.
    (0..5).for_each(|_| pair.server.step());
    let mut viewer = Viewer::default();
    let mut frame = pair.server.frame(ME, &mut viewer);
    if let Some(view) = &mut frame.head.view {
        view.reset = true;
    }
    pair.session.handle_message(&bytes(frame), pair.now_ms).expect("a frame is put on");
    pair.viewer = viewer;
    (0..20).for_each(|_| pair.tick(PlayerInput::default()));
    assert_eq!(pair.session.stats().checksum_mismatches, 0);
}

#[test]
fn chunks_out_of_view_are_ignored() {
    let mut pair = Pair::new(2);
    pair.tick(PlayerInput::default());
    pair.server.step();
    let mut frame = pair.server.frame(ME, &mut pair.viewer);
    for cell in [999, u16::MAX] {
        frame.cells.push(shared::game::protocol::CellChunk {
            cell: CellIndex(cell),
            changes: vec![CellChange::Reset],
        });
    }
    pair.session.handle_message(&bytes(frame), pair.now_ms).expect("a frame is put on");
    assert_eq!((pair.session.stats().stray_chunks, pair.resyncs()), (2, 0));
}

#[test]
fn an_unseen_session_plays_all_the_same() {
    let mut server = Rehearsal::new(testing::rocky(), 30, 5);
    let (mut session, mut viewer) = (Session::unseen("bot"), Viewer::default());
    session.handle_message(&server.welcome(ME), 0.0).expect("a welcome is welcome");
    server.step();
    let frame = server.frame(ME, &mut viewer);
    session.handle_message(&bytes(frame), 10.0).expect("a frame is put on");
    assert!(session.own_ship().is_some() && session.own_position().is_some());
    session.advance(20.0, PlayerInput::default());
    assert_eq!(std::iter::from_fn(|| session.poll_transmit()).count(), 2);
}
