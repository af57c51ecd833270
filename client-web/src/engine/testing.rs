//! A server made by hand for tests of the client: frames in which every cell in view is sent in full, and a session that takes them
//! in on simulated time. And a view of the test game, which notes what it is told.

use shared::{
    Vec2,
    engine::{
        body::{BodyState, Motion},
        game_trait::{Arena as _, Game},
        grid::CellWindow,
        ids::{CellIndex, PlayerId, Tick},
        items::PlacedItem,
        limits::{LEAD_NONE, POSITION_STEPS_PER_UNIT},
        protocol::{
            Body, BodyRecord, CellChange, CellChunk, CellState, ClientMessage, Frame, FrameHead, Notice,
            ServerMessage, ViewChange, ViewerState, Welcome, decode_client, encode_server, quantize,
        },
        roster::Leaderboard,
        testing::{TestBody, TestGame, TestMap},
    },
};

use super::{
    replica::Replica,
    roster::Roster,
    session::Session,
    view::{Moment, OwnStep, TakenItem, View},
};

/// The player whose frames these are.
pub(crate) const ME: PlayerId = PlayerId(0);
pub(crate) const TICK_RATE: u16 = 30;
pub(crate) const TICK_MS: f64 = 1000.0 / TICK_RATE as f64;

/// What the next frame says.
pub(crate) struct Frames<G: Game> {
    pub(crate) arena: G::Arena,
    pub(crate) tick: Tick,
    pub(crate) viewer: ViewerState<G>,
    /// Sorted by id. Each moves straight on from frame to frame.
    pub(crate) bodies: Vec<(PlayerId, Motion)>,
    /// Of all bodies.
    pub(crate) look: G::Look,
    pub(crate) items: Vec<(CellIndex, PlacedItem<G::Item>)>,
    /// Changes in the next frame only, in the cell in the middle.
    pub(crate) changes: Vec<CellChange<'static, G>>,
    /// Notices of the next frame only.
    pub(crate) notices: Vec<Notice<G>>,
    window: Option<CellWindow>,
}

impl<G: Game> Frames<G> {
    /// An arena with the own body in its middle, at rest.
    pub(crate) fn new(arena: G::Arena, own: impl FnOnce(Motion) -> G::Own) -> Self {
        let motion = Motion { position: arena.size() / 2.0, velocity: Vec2::ZERO };
        Self {
            arena,
            tick: Tick(1000),
            viewer: ViewerState::Player { rank: 1, own: own(motion) },
            bodies: vec![(ME, motion)],
            look: G::Look::default(),
            items: Vec::new(),
            changes: Vec::new(),
            notices: Vec::new(),
            window: None,
        }
    }

    pub(crate) fn welcome(&self, player: Option<PlayerId>) -> Welcome<G> {
        Welcome {
            player,
            resume: None,
            is_resumed: false,
            tick: self.tick,
            tick_rate: TICK_RATE,
            arena: self.arena.clone(),
        }
    }

    pub(crate) fn position(&self, id: PlayerId) -> Vec2 {
        let (_, motion) = self.bodies.iter().find(|(body, _)| *body == id).expect("it was added");
        motion.position
    }

    /// The next frame has a full view again.
    pub(crate) fn reset_view(&mut self) {
        self.window = None;
    }

    /// The middle of the arena, where the view is.
    fn centre(&self) -> Vec2 {
        self.arena.size() / 2.0
    }

    pub(crate) fn cell(&self) -> CellIndex {
        self.arena.grid().cell_at(self.centre())
    }

    /// The next frame.
    pub(crate) fn next(&mut self) -> Frame<G> {
        self.tick = self.tick.after(1);
        for (_, motion) in &mut self.bodies {
            motion.position += motion.velocity / f32::from(TICK_RATE);
        }
        let grid = self.arena.grid();
        let window = grid.window(self.centre(), self.arena.view());
        let is_first = self.window.replace(window).is_none();
        Frame {
            head: FrameHead {
                tick: self.tick,
                lead: LEAD_NONE,
                viewer: self.viewer.clone(),
                view: is_first.then_some(ViewChange { window, reset: true }),
            },
            notices: core::mem::take(&mut self.notices),
            cells: grid.cells(window).map(|cell| self.chunk(cell)).collect(),
        }
    }

    /// A cell in full.
    fn chunk(&mut self, cell: CellIndex) -> CellChunk<G> {
        let mut last = 0;
        let bodies = self.bodies.iter().filter_map(|(id, motion)| {
            let state = self.state(motion, cell)?;
            let gap = id.0 - core::mem::replace(&mut last, id.0);
            Some(BodyRecord { gap, state })
        });
        let bodies: Vec<_> = bodies.collect();
        let items = self.items.iter().filter(|(at, _)| *at == cell).map(|(_, item)| *item);
        let items: Vec<_> = items.collect();
        let mut changes =
            vec![CellChange::Reset, CellChange::Entered(bodies.into()), CellChange::ItemsAdded(items.into())];
        if cell == self.cell() {
            changes.append(&mut self.changes);
        }
        CellChunk { cell, changes }
    }

    /// A body as its cell describes it; `None` if it is in another.
    fn state(&self, motion: &Motion, cell: CellIndex) -> Option<Body<G>> {
        let per_frame = POSITION_STEPS_PER_UNIT / f32::from(TICK_RATE);
        let at = quantize(motion.position, self.arena.grid());
        (at.cell == cell).then_some(BodyState {
            x: at.x as i16,
            y: at.y as i16,
            vx: (motion.velocity.x * per_frame) as i16,
            vy: (motion.velocity.y * per_frame) as i16,
            heading: 0,
            look: self.look,
        })
    }
}

/// The bytes of a frame.
pub(crate) fn encoded<G: Game>(frame: Frame<G>) -> Vec<u8> {
    encode_server(&ServerMessage::Frame(frame))
}

/// The bytes of a welcome.
pub(crate) fn encoded_welcome<G: Game>(welcome: Welcome<G>) -> Vec<u8> {
    encode_server(&ServerMessage::Welcome(Box::new(welcome)))
}

/// A session, its server and the time.
pub(crate) struct Pair<V: View> {
    pub(crate) frames: Frames<V::Game>,
    pub(crate) session: Session<V>,
    pub(crate) now_ms: f64,
}

impl<V: View> Pair<V> {
    /// The session is welcomed as this player, or as a spectator.
    pub(crate) fn welcomed(
        frames: Frames<V::Game>,
        mut session: Session<V>,
        player: Option<PlayerId>,
    ) -> Self {
        let welcome = encoded_welcome(frames.welcome(player));
        session.handle_message(&welcome, 0.0).expect("it is valid");
        Self { frames, session, now_ms: 0.0 }
    }

    /// Takes in the next frame, a tick later.
    pub(crate) fn tick(&mut self) {
        let frame = self.frames.next();
        self.take_in(frame);
    }

    pub(crate) fn take_in(&mut self, frame: Frame<V::Game>) {
        self.now_ms += TICK_MS;
        self.session.handle_message(&encoded(frame), self.now_ms).expect("it is valid");
    }

    /// Takes in a frame that has only these changes of the cell in the middle.
    pub(crate) fn take_in_changes(&mut self, changes: Vec<CellChange<'static, V::Game>>) {
        let mut frame = self.frames.next();
        frame.cells = vec![CellChunk { cell: self.frames.cell(), changes }];
        self.take_in(frame);
    }

    pub(crate) fn scene(&mut self) -> V::Scene {
        let mut scene = V::Scene::default();
        self.session.scene(self.now_ms, &mut scene);
        scene
    }

    /// Everything that waits to be sent.
    pub(crate) fn sent(&mut self) -> Vec<ClientMessage<<V::Game as Game>::Input>> {
        let messages = std::iter::from_fn(|| self.session.poll_transmit());
        messages.map(|bytes| decode_client(&bytes).expect("a session encodes messages")).collect()
    }

    pub(crate) fn inputs_sent(&mut self) -> usize {
        self.sent().iter().filter(|message| matches!(message, ClientMessage::Input { .. })).count()
    }
}

/// What a [`TestView`] was told.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Told {
    /// The own body was pushed in this tick.
    Pushed(Tick),
    /// It took this item.
    Took(u8),
    /// This many items lay in the cell when the next were added.
    ItemsBefore(usize),
    Notice(bool),
    /// This many rows, and whether the first has a name.
    Leaderboard(usize, bool),
    Frame(Tick),
}

/// Takes items within [`TestView::REACH`] by prediction.
#[derive(Debug)]
pub(crate) struct TestView {
    told: Vec<Told>,
}

/// A scene of the test game.
#[derive(Debug, Default)]
pub(crate) struct TestScene {
    pub(crate) own: Option<Motion>,
    pub(crate) others: Vec<(PlayerId, Vec2)>,
    /// Items that are not taken.
    pub(crate) items: usize,
    /// Since the last scene.
    pub(crate) told: Vec<Told>,
}

impl TestView {
    pub(crate) const REACH: f32 = 50.0;
}

impl View for TestView {
    type Game = TestGame;
    type Scene = TestScene;

    fn new(_: PlayerId, _: &TestMap, _: u16) -> Self {
        Self { told: Vec::new() }
    }

    fn take_items(
        body: &mut TestBody,
        _: &TestMap,
        replica: &Replica<TestGame>,
        taken: &mut Vec<TakenItem<TestGame>>,
    ) {
        let place = body.motion.position;
        for (cell, item) in replica.items_around(place, Self::REACH) {
            let is_near = item.place(cell, replica.grid()).distance(place) <= Self::REACH;
            if is_near && !taken.contains(&(cell, item)) {
                taken.push((cell, item));
                body.items += 1;
            }
        }
    }

    fn on_step(&mut self, step: OwnStep<'_, TestGame>) {
        self.told.extend(step.outcome.then_some(Told::Pushed(step.tick)));
        self.told.extend(step.taken.iter().map(|(_, item)| Told::Took(item.item)));
    }

    fn on_change(
        &mut self,
        _: CellIndex,
        change: &CellChange<'_, TestGame>,
        cell: &CellState<TestGame>,
        _: &Moment<'_, TestGame>,
    ) {
        if matches!(change, CellChange::ItemsAdded(items) if !items.is_empty()) {
            self.told.push(Told::ItemsBefore(cell.items.len()));
        }
    }

    fn on_notice(&mut self, notice: &bool, _: &Roster) {
        self.told.push(Told::Notice(*notice));
    }

    fn on_leaderboard(&mut self, leaderboard: &Leaderboard, roster: &Roster) {
        let is_named = leaderboard.top.first().is_some_and(|row| roster.get(row.player).is_some());
        self.told.push(Told::Leaderboard(leaderboard.top.len(), is_named));
    }

    fn on_frame(&mut self, tick: Tick, _: f64, _: &ViewerState<TestGame>) {
        self.told.push(Told::Frame(tick));
    }

    fn draw(&mut self, moment: &Moment<'_, TestGame>, replica: &Replica<TestGame>, out: &mut TestScene) {
        *out = TestScene {
            own: moment.own,
            others: moment.others().map(|(id, pose)| (id, pose.position)).collect(),
            items: replica.items().filter(|item| !moment.taken.contains(item)).count(),
            told: core::mem::take(&mut self.told),
        };
    }
}
