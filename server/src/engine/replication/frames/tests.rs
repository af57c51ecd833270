//! What is in a frame, in which order, and which viewers get one.

use rustc_hash::FxHashSet;
use shared::{
    Vec2,
    engine::{
        body::Motion,
        grid::CellWindow,
        ids::{CellIndex, PlayerId, Tick},
        limits::PLAYERS_MAX,
        protocol::{Frame, ServerMessage, ViewChange, ViewerState, decode_server, put},
        testing::{TestBody, TestGame},
    },
};

use super::*;
use crate::engine::{
    outbox::OutboxReceiver, sessions::SessionId, simulation::Command, testing::TestSimulation,
};

const RATE: u16 = 20;

/// One viewer, and all that its frames are made of.
struct Rig {
    sim: TestSimulation,
    cells: CellBoard<TestGame>,
    announcements: Announcements,
    frames: FrameAssembler,
    viewer: Viewer,
    outbox: OutboxReceiver,
}

impl Rig {
    /// A player among bots, or a spectator of them.
    fn new(is_spectator: bool) -> Self {
        let mut sim = TestSimulation::new(12);
        let cells = CellBoard::new(sim.arena().grid(), RATE);
        sim.step(&[Command::Join { session: SessionId(1), name: None, colour: None }]);
        let player = sim.player_of(SessionId(1)).filter(|_| !is_spectator);
        let acks = AckWindow::new(sim.tick, RATE, 10.0);
        let (link, outbox) = OutboxSender::new();
        let viewer = Viewer::new(0, player, link, acks, sim.arena().size() / 2.0);
        let (announcements, frames) = (Announcements::default(), FrameAssembler::new());
        Self { sim, cells, announcements, frames, viewer, outbox }
    }

    /// A tick, and the frame that the viewer is sent in it.
    fn tick(&mut self) -> Option<Frame<TestGame>> {
        self.sim.step(&[]);
        self.serve();
        let Outbound::Message(bytes) = self.outbox.try_recv()? else { panic!("it is not asked to close") };
        assert!(self.outbox.try_recv().is_none(), "one frame a tick");
        self.viewer.acks.on_ack(self.sim.tick.0 as u8, self.sim.tick);
        let ServerMessage::<TestGame>::Frame(frame) = decode_server(&bytes).expect("a valid frame") else {
            panic!("it is a frame")
        };
        Some(frame)
    }

    fn serve(&mut self) {
        let Self { sim, cells, announcements, frames, viewer, .. } = self;
        cells.begin_tick();
        cells.add_changes(sim.changes());
        cells.encode(sim);
        announcements.encode(sim);
        frames.begin_tick();
        frames.serve(viewer, cells, announcements, &*sim);
        frames.wake();
    }

    fn published(&self) -> Published {
        self.frames.published()
    }
}

#[test]
fn first_frame_has_a_head_initial_notices_and_a_snapshot_of_each_cell_in_view() {
    let mut rig = Rig::new(false);
    let frame = rig.tick().expect("it is in sync");
    assert_eq!(frame.head.tick, rig.sim.tick);
    assert!(matches!(frame.head.viewer.own(), Some(Some(_))));
    let change = frame.head.view.expect("the first frame sets the view");
    assert!(change.reset);
    assert!(matches!(frame.notices[0], Notice::Roster(_)));
    let cells: Vec<_> = frame.cells.iter().map(|chunk| chunk.cell).collect();
    let window: Vec<CellIndex> = rig.sim.arena().grid().cells(change.window).collect();
    assert_eq!(cells, window, "row by row");
    assert_eq!(rig.published(), Published { frames: 1, bytes: rig.published().bytes, ..Default::default() });
}

#[test]
fn notices_for_all_come_before_those_for_one() {
    let mut rig = Rig::new(false);
    rig.tick();
    rig.viewer.send_notice::<TestGame>(&Notice::Left(PlayerId(77)));
    rig.sim.step(&[Command::Join { session: SessionId(2), name: None, colour: None }]);
    rig.serve();
    let Some(Outbound::Message(bytes)) = rig.outbox.try_recv() else { panic!("it is in sync") };
    let Ok(ServerMessage::<TestGame>::Frame(frame)) = decode_server(&bytes) else { panic!("a valid frame") };
    assert!(
        matches!(frame.notices[..], [.., Notice::Joined(_), Notice::Left(PlayerId(77))]),
        "{:?}",
        frame.notices
    );
    let next = rig.tick().expect("it is in sync");
    assert!(!next.notices.contains(&Notice::Left(PlayerId(77))), "it is sent once");
}

#[test]
fn notices_that_wait_for_a_viewer_are_bounded() {
    let mut rig = Rig::new(false);
    rig.tick();
    (0..100).for_each(|player| rig.viewer.send_notice::<TestGame>(&Notice::Left(PlayerId(5000 + player))));
    let frame = rig.tick().expect("it is in sync");
    let left: Vec<_> = frame.notices.iter().filter(|notice| matches!(notice, Notice::Left(_))).collect();
    assert_eq!(left.len(), 16);
    assert_eq!(left[15], &Notice::Left(PlayerId(5015)), "the first are kept");
}

#[test]
fn largest_head_fits_the_bytes_that_are_reserved_for_it() {
    let most = f32::from_bits(u32::MAX);
    let motion = Motion { position: Vec2::splat(most), velocity: Vec2::splat(most) };
    let own = Some(TestBody { motion, items: u32::MAX });
    let window = CellWindow { left: u16::MAX, bottom: u16::MAX, right: u16::MAX, top: u16::MAX };
    let head: FrameHead<TestGame> = FrameHead {
        tick: Tick(u32::MAX),
        lead: i8::MIN,
        viewer: ViewerState::Player { rank: u16::MAX, own },
        view: Some(ViewChange { window, reset: true }),
    };
    let mut bytes = Vec::new();
    put(&mut bytes, &head);
    // Besides it there are three numbers: of the message's kind, of notices, of cells.
    assert!(bytes.len() + 3 * 9 <= head_bytes_max::<TestGame>(), "{} bytes", bytes.len());
}

#[test]
fn viewer_without_acks_is_skipped_before_anything_is_encoded_and_then_given_up() {
    let mut rig = Rig::new(false);
    let mut published = Vec::new();
    while !rig.viewer.is_closed {
        rig.sim.step(&[]);
        rig.serve();
        while rig.outbox.try_recv().is_some() {}
        published.push(rig.published());
    }
    let frames: u64 = published.iter().map(|tick| tick.frames).sum();
    let skipped: u64 = published.iter().map(|tick| tick.skipped).sum();
    // Two seconds of frames, then nothing until ten seconds are over.
    assert_eq!((frames, skipped), (2 * u64::from(RATE), 8 * u64::from(RATE)));
    assert_eq!(published.last().map(|tick| tick.given_up), Some(1));
}

#[test]
fn viewer_whose_outbox_is_full_is_skipped_and_resynced() {
    let mut rig = Rig::new(false);
    let mut skipped = 0;
    for _ in 0..20 {
        rig.sim.step(&[]);
        rig.serve();
        skipped += rig.published().skipped;
    }
    // Seven frames fit; the last place is for a close.
    assert_eq!(skipped, 13);
    while rig.outbox.try_recv().is_some() {}
    rig.viewer.acks.on_ack(rig.sim.tick.0 as u8, rig.sim.tick);
    let frame = rig.tick().expect("there is room again");
    assert!(frame.head.view.is_some_and(|change| change.reset));
    assert_eq!(rig.published().resynced, 1);
}

#[test]
fn hidden_viewer_gets_a_heartbeat_a_second() {
    for is_spectator in [false, true] {
        let mut rig = Rig::new(is_spectator);
        rig.tick();
        rig.viewer.set_hidden(true, rig.sim.tick);
        let frames: Vec<_> = (0..3 * RATE).filter_map(|_| rig.tick()).collect();
        assert_eq!(frames.len(), 3);
        for frame in frames {
            assert!(frame.cells.is_empty() && frame.notices.is_empty() && frame.head.view.is_none());
        }
        rig.viewer.set_hidden(false, rig.sim.tick);
        let frame = rig.tick().expect("its page is shown again");
        assert!(frame.head.view.is_some_and(|change| change.reset));
    }
}

#[test]
fn page_that_is_hidden_and_shown_at_once_gets_no_full_view_within_a_second() {
    let mut rig = Rig::new(false);
    let mut resets = 0;
    for turn in 0..10 * u32::from(RATE) {
        rig.viewer.set_hidden(turn % 2 == 0, rig.sim.tick);
        let frame = rig.tick();
        let change = frame.and_then(|frame| frame.head.view);
        resets += u32::from(change.is_some_and(|change| change.reset));
    }
    assert!(resets <= 1, "{resets} full views");
}

#[test]
fn lag_report_is_sent_to_players_once_a_second() {
    for is_spectator in [false, true] {
        let mut rig = Rig::new(is_spectator);
        let mut reports = 0;
        for _ in 0..5 * RATE {
            let frame = rig.tick().expect("it is in sync");
            reports += frame.notices.iter().filter(|notice| matches!(notice, Notice::Lag(_))).count();
        }
        assert_eq!(reports, if is_spectator { 0 } else { 5 });
    }
}

#[test]
fn spectator_follows_the_first_of_the_ranking() {
    let mut rig = Rig::new(true);
    let mut targets = FxHashSet::default();
    for _ in 0..3 * RATE {
        let leader = rig.sim.watched();
        let frame = rig.tick().expect("it is in sync");
        let ViewerState::Spectator { target } = frame.head.viewer else { panic!("it has no body") };
        if rig.sim.watched() == leader {
            assert_eq!(target, leader);
        }
        targets.extend(target);
    }
    assert!(!targets.is_empty() && targets.iter().all(|id| usize::from(id.0) < PLAYERS_MAX));
}
