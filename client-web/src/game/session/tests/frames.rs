//! Frames made by hand, in which every cell in view is sent in full.

use shared::{
    Vec2,
    engine::{
        body::Motion,
        grid::{CellWindow, Grid},
        ids::{CellIndex, PlayerId, Tick},
        limits::{LEAD_NONE, POSITION_STEPS_PER_UNIT},
        protocol::{BodyRecord, ViewChange, encode_server, quantize},
    },
    game::{
        ember::PlacedEmber,
        flight::Flight,
        protocol::{
            CellChange, CellChunk, Frame, FrameHead, Notice, PilotState, ServerMessage, ShipLook, ShipState,
            ViewerState, Welcome,
        },
        terrain::Terrain,
    },
};

use crate::game::fixture;

/// The player whose frames these are.
pub(super) const ME: PlayerId = PlayerId(0);
pub(super) const TICK_RATE: u16 = 30;
pub(super) const TICK_MS: f64 = 1000.0 / TICK_RATE as f64;

/// What the next frame says.
pub(super) struct Frames {
    pub(super) terrain: Terrain,
    pub(super) tick: Tick,
    pub(super) viewer: ViewerState,
    /// Sorted by id. Each moves straight on from frame to frame.
    pub(super) ships: Vec<(PlayerId, Motion)>,
    pub(super) embers: Vec<(CellIndex, PlacedEmber)>,
    /// Events of the next frame only, in the cell of the own ship.
    pub(super) events: Vec<CellChange<'static>>,
    /// Notices of the next frame only.
    pub(super) notices: Vec<Notice>,
    window: Option<CellWindow>,
}

impl Frames {
    /// An arena with the own ship in its middle, at rest.
    pub(super) fn new() -> Self {
        let terrain = fixture::terrain(Vec::new());
        let motion = Motion { position: terrain.arena().size / 2.0, velocity: Vec2::ZERO };
        Self {
            terrain,
            tick: Tick(1000),
            viewer: player(PilotState::Alive(fixture::own_ship(Flight { motion, ..Flight::default() }))),
            ships: vec![(ME, motion)],
            embers: Vec::new(),
            events: Vec::new(),
            notices: Vec::new(),
            window: None,
        }
    }

    pub(super) fn welcome(&self, player: Option<PlayerId>) -> Welcome {
        Welcome {
            player,
            resume: None,
            is_resumed: false,
            tick: self.tick,
            tick_rate: TICK_RATE,
            arena: self.terrain.arena().clone(),
        }
    }

    pub(super) fn position(&self, id: PlayerId) -> Vec2 {
        let (_, motion) = self.ships.iter().find(|(ship, _)| *ship == id).expect("it was added");
        motion.position
    }

    /// The next frame has a full view again.
    pub(super) fn reset_view(&mut self) {
        self.window = None;
    }

    /// The middle of the arena, where the view is.
    fn centre(&self) -> Vec2 {
        self.terrain.arena().size / 2.0
    }

    pub(super) fn cell(&self) -> CellIndex {
        self.terrain.grid().cell_at(self.centre())
    }

    /// The next frame.
    pub(super) fn next(&mut self) -> Frame {
        self.tick = self.tick.after(1);
        for (_, motion) in &mut self.ships {
            motion.position += motion.velocity / f32::from(TICK_RATE);
        }
        let grid = self.terrain.grid();
        let window = grid.window(self.centre(), self.terrain.arena().rules.view);
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
    fn chunk(&mut self, cell: CellIndex) -> CellChunk {
        let mut last = 0;
        let ships = self.ships.iter().filter_map(|(id, motion)| {
            let state = ship_state(motion, cell, self.terrain.grid())?;
            let gap = id.0 - core::mem::replace(&mut last, id.0);
            Some(BodyRecord { gap, state })
        });
        let ships: Vec<_> = ships.collect();
        let embers = self.embers.iter().filter(|(at, _)| *at == cell).map(|(_, ember)| *ember);
        let embers: Vec<_> = embers.collect();
        let mut changes =
            vec![CellChange::Reset, CellChange::Entered(ships.into()), CellChange::ItemsAdded(embers.into())];
        if cell == self.cell() {
            changes.append(&mut self.events);
        }
        CellChunk { cell, changes }
    }
}

/// The state of a player that is first.
pub(super) fn player(own: PilotState) -> ViewerState {
    ViewerState::Player { rank: 1, own }
}

/// A ship as its cell describes it; `None` if it is in another.
fn ship_state(motion: &Motion, cell: CellIndex, grid: Grid) -> Option<ShipState> {
    let per_frame = POSITION_STEPS_PER_UNIT / f32::from(TICK_RATE);
    let at = quantize(motion.position, grid);
    (at.cell == cell).then(|| ShipState {
        x: at.x as i16,
        y: at.y as i16,
        vx: (motion.velocity.x * per_frame) as i16,
        vy: (motion.velocity.y * per_frame) as i16,
        look: ShipLook { health: 255, ..ShipLook::default() },
        ..ShipState::default()
    })
}

/// The bytes of a frame.
pub(super) fn encoded(frame: Frame) -> Vec<u8> {
    encode_server(&ServerMessage::Frame(frame))
}

/// The bytes of a welcome.
pub(super) fn encoded_welcome(welcome: Welcome) -> Vec<u8> {
    encode_server(&ServerMessage::Welcome(Box::new(welcome)))
}
