//! A scripted server: ships that are flown by the shared movement and sent in true frames, but no fights and no rules. It
//! stands in for the real one, which does not run as WASM.

use std::collections::BTreeMap;

use shared::{
    Vec2,
    engine::{
        body::Motion,
        grid::CellWindow,
        ids::{CellIndex, PlayerId, Tick},
        input::PlayerInput,
        limits::{CELL_STEPS, LEAD_NONE, POSITION_STEPS_PER_UNIT},
        protocol::{ViewChange, encode_server, quantize},
    },
    game::{
        flight::Flight,
        protocol::{
            CellChange, CellChunk, CellState, Diff, Frame, FrameHead, Notice, OwnShip, PilotState,
            ServerMessage, ShipLook, ShipState, Status, ViewerState, Welcome,
        },
        rules::{BoostRules, DroneRules, EmberRules, Hull, PickupRules, Rules, ShotRules},
        terrain::Terrain,
        timing::Timing,
    },
};

pub(crate) fn rules() -> Rules {
    let hull = |embers, radius, thrust, top_speed| Hull {
        embers,
        radius,
        health: 60.0,
        thrust,
        top_speed,
        shots: 1,
        reach: 80.0,
    };
    Rules {
        view: Vec2::new(500.0, 300.0),
        drag: 1.1,
        bounce: 0.45,
        hulls: [
            hull(0, 18.0, 980.0, 400.0),
            hull(25, 23.0, 900.0, 380.0),
            hull(70, 29.0, 820.0, 358.0),
            hull(150, 36.0, 740.0, 335.0),
            hull(300, 41.0, 680.0, 318.0),
            hull(600, 46.0, 620.0, 301.0),
            hull(620, 51.0, 560.0, 284.0),
        ],
        boost: BoostRules { thrust: 1.9, top_speed: 1.65, embers_per_second: 4.0 },
        shot: ShotRules { speed: 880.0, life: 0.85, damage: 12.0, reload: 0.24, spread: 5.0 },
        embers: EmberRules {
            supply: 100,
            per_pilot: 20,
            emit_per_second: 10.0,
            at_spawn: 5,
            smoulder_above: 250,
            smoulder: 0.01,
        },
        pickups: PickupRules {
            max: 4,
            every_seconds: 5.0,
            shield_seconds: 6.0,
            rapid_seconds: 8.0,
            rapid_reload: 0.5,
            magnet_seconds: 12.0,
            magnet_reach: 2.0,
        },
        drones: DroneRules {
            sight: 640.0,
            range: 480.0,
            reaction_seconds: 0.4,
            aim_error: 9.0,
            turn: 400.0,
            grace_seconds: 4.0,
            newcomer_seconds: 10.0,
        },
        respawn_seconds: 2.0,
        shield_seconds: 2.5,
        regeneration_per_second: 2.5,
    }
}

/// Numbers that are the same in every run and on every target.
#[derive(Clone, Debug)]
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as u32
    }

    pub(crate) fn input(&mut self) -> PlayerInput {
        use shared::engine::input::{Angle, Buttons};
        PlayerInput { buttons: Buttons(self.next() as u8 & 63), aim: Angle(self.next() as u16) }
    }
}

/// A ship, and what it is told to do.
#[derive(Clone, Debug)]
pub(crate) struct Actor {
    pub(crate) id: PlayerId,
    pub(crate) flight: Flight,
    pub(crate) boosting: bool,
    /// Its input in ticks for which none has arrived.
    pub(crate) input: PlayerInput,
    /// Inputs of later ticks, and the newest tick for which one has arrived.
    pub(crate) inputs: BTreeMap<Tick, PlayerInput>,
    pub(crate) newest: Option<Tick>,
    steps: Option<(i32, i32)>,
}

/// What a viewer was sent.
#[derive(Clone, Debug, Default)]
pub(crate) struct Viewer {
    window: Option<CellWindow>,
}

#[derive(Debug)]
pub(crate) struct ScriptedServer {
    pub(crate) terrain: Terrain,
    pub(crate) tick_rate: u16,
    pub(crate) tick: Tick,
    pub(crate) actors: Vec<Actor>,
    /// Sent with the next step, besides the ships.
    pub(crate) extra: Vec<(CellIndex, CellChange<'static>)>,
    pub(crate) notices: Vec<Notice>,
    pub(crate) cells: Vec<CellState>,
    sent: Vec<CellChunk>,
    sent_notices: Vec<Notice>,
}

impl ScriptedServer {
    #[inline(never)]
    pub(crate) fn new(terrain: Terrain, tick_rate: u16, ships: u16) -> Self {
        let mut random = Random(u64::from(ships) + 1);
        let mut place = || 100.0 + (random.next() % 2800) as f32;
        let actors = (0..ships).map(|id| Actor {
            id: PlayerId(id),
            flight: Flight {
                motion: Motion { position: Vec2::new(place(), place()), velocity: Vec2::ZERO },
                embers: 5,
                ..Flight::default()
            },
            boosting: false,
            input: PlayerInput::default(),
            inputs: BTreeMap::new(),
            newest: None,
            steps: None,
        });
        Self {
            tick_rate,
            tick: Tick(1000),
            actors: actors.collect(),
            extra: Vec::new(),
            notices: Vec::new(),
            cells: vec![CellState::default(); terrain.grid().len()],
            sent: Vec::new(),
            sent_notices: Vec::new(),
            terrain,
        }
    }

    pub(crate) fn tick_ms(&self) -> f64 {
        1000.0 / f64::from(self.tick_rate)
    }

    pub(crate) fn welcome(&self, player: PlayerId) -> Vec<u8> {
        encode_server(&ServerMessage::Welcome(Box::new(Welcome {
            player: Some(player),
            resume: None,
            is_resumed: false,
            tick: self.tick,
            tick_rate: self.tick_rate,
            arena: self.terrain.arena().clone(),
        })))
    }

    /// Flies every ship by its input and encodes what changed.
    #[inline(never)]
    pub(crate) fn step(&mut self) {
        self.tick = self.tick.after(1);
        let grid = self.terrain.grid();
        let timing = Timing::new(self.tick_rate, &self.terrain.arena().rules);
        let mut next: Vec<Vec<(PlayerId, ShipState)>> = vec![Vec::new(); grid.len()];
        for actor in &mut self.actors {
            actor.input = actor.inputs.remove(&self.tick).unwrap_or(actor.input);
            actor.boosting = actor.flight.step(actor.input, &self.terrain, &timing).boosted;
            let place = quantize(actor.flight.motion.position, grid);
            let origin = grid.origin(place.cell) * POSITION_STEPS_PER_UNIT;
            let steps = (origin.x as i32 + i32::from(place.x), origin.y as i32 + i32::from(place.y));
            let before = actor.steps.replace(steps).unwrap_or(steps);
            let state = ShipState {
                x: place.x as i16,
                y: place.y as i16,
                vx: (steps.0 - before.0) as i16,
                vy: (steps.1 - before.1) as i16,
                heading: actor.input.aim.coarse(),
                look: ShipLook {
                    status: Status::new(
                        self.terrain.arena().rules.tier(actor.flight.embers),
                        actor.boosting,
                        false,
                    ),
                    health: 255,
                },
            };
            assert!(i32::from(state.x) < CELL_STEPS);
            next[usize::from(place.cell.0)].push((actor.id, state));
        }
        self.sent.clear();
        let extra = core::mem::take(&mut self.extra);
        for (index, ships) in next.into_iter().enumerate() {
            let cell = CellIndex(index as u16);
            let mut diff = Diff::default();
            let state = &mut self.cells[index];
            state.advance();
            state.diff(&ships, &mut diff);
            let mut changes: Vec<CellChange<'static>> = diff.changes().map(owned).collect();
            changes.extend(extra.iter().filter(|(at, _)| *at == cell).map(|(_, change)| change.clone()));
            changes.iter().for_each(|change| state.apply(change).expect("it is the state's own diff"));
            if !changes.is_empty() || self.tick.0.is_multiple_of(8) {
                changes.push(CellChange::Checksum(state.checksum()));
                self.sent.push(CellChunk { cell, changes });
            }
        }
        self.sent_notices = core::mem::take(&mut self.notices);
    }

    /// A cell in full.
    pub(crate) fn full(&self, cell: CellIndex) -> CellChunk {
        let state = &self.cells[usize::from(cell.0)];
        let mut diff = Diff::default();
        CellState::full(&state.bodies, &mut diff);
        let mut changes = vec![CellChange::Reset];
        changes.extend(diff.changes().map(owned));
        changes.push(CellChange::ItemsAdded(state.items.clone().into()));
        changes.push(CellChange::Checksum(state.checksum()));
        CellChunk { cell, changes }
    }

    pub(crate) fn actor(&mut self, id: PlayerId) -> &mut Actor {
        self.actors.iter_mut().find(|actor| actor.id == id).expect("it is in the arena")
    }

    /// An input arrived.
    pub(crate) fn on_input(&mut self, id: PlayerId, tick: Tick, input: PlayerInput) {
        let now = self.tick;
        let actor = self.actor(id);
        actor.newest = actor.newest.max(Some(tick));
        if tick > now {
            actor.inputs.insert(tick, input);
        }
    }

    /// The frame of the last step for one player.
    #[inline(never)]
    pub(crate) fn frame(&self, id: PlayerId, viewer: &mut Viewer) -> Frame {
        let actor = self.actors.iter().find(|actor| actor.id == id).expect("it is in the arena");
        let (grid, rules) = (self.terrain.grid(), &self.terrain.arena().rules);
        let window = grid.window(actor.flight.motion.position, rules.view);
        let old = viewer.window.replace(window);
        let gained =
            |cell| grid.window_has(window, cell) && !old.is_some_and(|old| grid.window_has(old, cell));
        let mut cells: Vec<_> = self
            .sent
            .iter()
            .filter(|chunk| grid.window_has(window, chunk.cell) && !gained(chunk.cell))
            .cloned()
            .collect();
        cells.extend(grid.cells(window).filter(|cell| gained(*cell)).map(|cell| self.full(cell)));
        Frame {
            head: FrameHead {
                tick: self.tick,
                lead: actor.newest.map_or(LEAD_NONE, |newest| (newest.0 as i32 - self.tick.0 as i32) as i8),
                viewer: ViewerState::Player {
                    rank: 1,
                    own: PilotState::Alive(OwnShip {
                        motion: actor.flight.motion,
                        embers: actor.flight.embers,
                        burnt: actor.flight.burnt,
                        held: actor.flight.held,
                        reload: actor.flight.reload,
                        power_ups: actor.flight.power_ups,
                        health: 60.0,
                        streak: 0,
                        boosting: actor.boosting,
                        shielded: false,
                    }),
                },
                view: (old != Some(window)).then_some(ViewChange { window, reset: false }),
            },
            notices: self.sent_notices.clone(),
            cells,
        }
    }
}

pub(crate) fn bytes(frame: Frame) -> Vec<u8> {
    encode_server(&ServerMessage::Frame(frame))
}

fn owned(change: CellChange<'_>) -> CellChange<'static> {
    match change {
        CellChange::Reset => CellChange::Reset,
        CellChange::Left(list) => CellChange::Left(list.into_owned().into()),
        CellChange::Entered(list) => CellChange::Entered(list.into_owned().into()),
        CellChange::Moved(moved) => CellChange::Moved(moved.into_owned()),
        CellChange::CatchUp(list) => CellChange::CatchUp(list.into_owned().into()),
        CellChange::Looks(list) => CellChange::Looks(list.into_owned().into()),
        CellChange::ItemsAdded(list) => CellChange::ItemsAdded(list.into_owned().into()),
        CellChange::ItemsTaken(list) => CellChange::ItemsTaken(list.into_owned().into()),
        CellChange::Events(list) => CellChange::Events(list.into_owned().into()),
        CellChange::Checksum(sum) => CellChange::Checksum(sum),
    }
}
