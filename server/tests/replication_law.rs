//! The law of replication: a client that has applied its last frame has the same state of each cell in its view as the
//! server's record. At the full rate this record is the world, to the rounding of the wire. At the reduced rate it
//! is the record at the full rate in the cell's slots, and dead-reckoned from there in between.
//!
//! The real simulation, publisher and client session, without a socket between them. Clients stall, views move and change
//! their detail, and cells are requested again.

use client_web::game::session::Session;
use proptest::{collection::vec, prelude::*};
use server::{
    engine::{
        outbox::{Outbound, OutboxSender},
        replication::{Detail, JoinedAs},
        sessions::{SessionId, ViewerId},
        simulation::{Setup, Simulation as _},
    },
    game::{
        Publisher, arena_file,
        replicated::ReplicatedSim,
        sim::{Command, TimedInput},
    },
};
use shared::{
    Vec2,
    engine::{
        game_trait::{Arena as _, Game as _},
        ids::{CellIndex, PlayerId, Tick},
        input::{Angle, Buttons, PlayerInput},
        protocol::{BodyRecord, decode_client, decode_server, dequantize, encode_server},
    },
    game::{
        Emberdrift,
        ember::PlacedEmber,
        protocol::{CellChange, CellChunk, CellState, ClientMessage, ServerMessage, ShipState},
    },
};

const TICK_RATE: u16 = 20;
const CLIENTS: u64 = 4;
/// Rounding, and the dead-reckoning tolerance of an eighth of a unit.
const OFF_UNITS_MAX: f32 = 0.04 + 0.125;
/// As the load shedder's levels have it.
const DETAILS: [Detail; 3] = [
    Detail::FULL,
    Detail { full_rate_share: 0.5, view_scale: 1.0 },
    Detail { full_rate_share: 0.5, view_scale: 0.7 },
];

/// A viewer: its session, and the frames that it has not read yet.
struct Player {
    client: u64,
    viewer: ViewerId,
    session: Session,
    next_message: Box<dyn FnMut() -> Option<Outbound>>,
    frames: u32,
}

/// What one player does in one tick.
#[derive(Clone, Debug)]
struct Action {
    buttons: u8,
    aim: u16,
    /// Reads nothing, as a slow client does.
    stalls: bool,
    /// Claims that its state of a cell differs.
    requests: Option<u16>,
}

/// Holds a course and reads everything.
const CALM: Action = Action { buttons: 9, aim: 0, stalls: false, requests: None };

fn action() -> impl Strategy<Value = Action> {
    let stalls = prop_oneof![3 => Just(false), 2 => Just(true)];
    (any::<u8>(), any::<u16>(), stalls, proptest::option::weighted(0.1, 0..100_u16))
        .prop_map(|(buttons, aim, stalls, requests)| Action { buttons, aim, stalls, requests })
}

/// How many ships were compared.
#[derive(Default)]
struct Compared {
    full_rate: u32,
    reduced_rate: u32,
    /// At the reduced rate between two slots.
    between_slots: u32,
}

struct Game {
    sim: ReplicatedSim,
    publisher: Publisher,
    players: Vec<Player>,
    /// Each cell's embers in its last slot.
    embers_at_slot: Vec<Vec<PlacedEmber>>,
    /// Cells that sessions requested, and when.
    requested: Vec<(u32, CellIndex)>,
}

impl Game {
    fn new(seed: u64) -> Self {
        let mut arena = arena_file::load("drift").expect("the arena is embedded");
        // Small and fast: borders are crossed and ships die all the time.
        arena.size = Vec2::splat(3072.0);
        arena.rocks.retain(|rock| rock.centre.max_element() + rock.radius < 3072.0);
        arena.rules.view = Vec2::splat(500.0);
        arena.rules.embers.supply = 400;
        arena.rules.respawn_seconds = 0.2;
        arena.rules.shield_seconds = 0.0;
        arena.rules.shot.damage = 60.0;
        let map = Emberdrift::map(arena, TICK_RATE);
        let grid = map.terrain.grid();
        let publisher = Publisher::new(grid, TICK_RATE, 1000.0);
        let sim = ReplicatedSim::new(Setup { map, tick_rate: TICK_RATE, bots: 12, seed });
        let embers_at_slot = vec![Vec::new(); grid.len()];
        Self { sim, publisher, players: Vec::new(), embers_at_slot, requested: Vec::new() }
    }

    fn join(&mut self, client: u64) -> Command {
        let (link, mut queue) = OutboxSender::new();
        let command = Command::Join { session: SessionId(client), name: None, colour: None };
        self.sim.step(std::slice::from_ref(&command));
        let player = self.sim.player_of(SessionId(client)).expect("there is room");
        let joined = JoinedAs { player: Some(player), ..JoinedAs::default() };
        let viewer = self.publisher.join(joined, link, &self.sim).expect("it is there");
        self.publish();
        let next_message = Box::new(move || queue.try_recv());
        self.players.push(Player { client, viewer, session: Session::new("x"), next_message, frames: 0 });
        command
    }

    /// Adds a spectator.
    fn spectate(&mut self, client: u64) {
        let (link, mut queue) = OutboxSender::new();
        let viewer = self.publisher.join(JoinedAs::default(), link, &self.sim).expect("it is there");
        let next_message = Box::new(move || queue.try_recv());
        self.players.push(Player { client, viewer, session: Session::spectator(), next_message, frames: 0 });
    }

    fn publish(&mut self) {
        self.publisher.publish(&self.sim);
        for cell in self.cells() {
            if self.publisher.known_bodies_reduced(cell).1 == 0 {
                self.embers_at_slot[usize::from(cell.0)] = self.sim.items(cell).to_vec();
            }
        }
    }

    fn cells(&self) -> impl Iterator<Item = CellIndex> + use<> {
        (0..self.sim.arena().grid().len() as u16).map(CellIndex)
    }

    fn tick(&mut self, turn: u32, actions: &[Action]) {
        let mut commands = Vec::new();
        for (player, action) in self.players.iter().zip(actions) {
            let input = PlayerInput { buttons: Buttons(action.buttons), aim: Angle(action.aim) };
            let input = TimedInput { tick: Tick(0), input, rewind: 0 };
            commands.push(Command::Input { session: SessionId(player.client), input });
            if let Some(cell) = action.requests {
                self.publisher.viewer(player.viewer).expect("it is there").request_cell(CellIndex(cell));
            }
        }
        self.sim.step(&commands);
        self.publish();
        for (player, action) in self.players.iter_mut().zip(actions) {
            if action.stalls {
                continue;
            }
            while let Some(message) = (player.next_message)() {
                let Outbound::Message(bytes) = message else { panic!("no viewer is closed") };
                player
                    .session
                    .handle_message(&bytes, f64::from(turn) * 50.0)
                    .expect("the server's own message");
                player.frames += 1;
            }
            let viewer = self.publisher.viewer(player.viewer).expect("it is there");
            while let Some(message) = player.session.poll_transmit() {
                match decode_client(&message).expect("the session's own message") {
                    ClientMessage::Hidden(_) | ClientMessage::Lag(_) | ClientMessage::Badge(_) => {}
                    ClientMessage::Ack(ack) => {
                        viewer.on_ack(ack, self.sim.tick());
                    }
                    ClientMessage::ResyncCell(cell) => {
                        viewer.request_cell(cell);
                        self.requested.push((turn, cell));
                    }
                    ClientMessage::Hello(_) | ClientMessage::Input { .. } | ClientMessage::Chat(_) => {}
                }
            }
        }
    }

    /// Compares a player's cells with the server's records. Only if its last frame is of the last tick.
    fn check(&self, player: &Player, compared: &mut Compared) -> Result<(), TestCaseError> {
        if player.session.tick() != Some(self.sim.tick()) {
            return Ok(());
        }
        for cell in self.cells() {
            let Some(known) = player.session.cell(cell) else { continue };
            if self.publisher.is_at_full_rate(player.viewer, cell) {
                self.check_full_rate(cell, known)?;
                compared.full_rate += known.bodies.len() as u32;
            } else {
                let ticks = self.check_reduced_rate(cell, known)?;
                compared.reduced_rate += known.bodies.len() as u32;
                compared.between_slots += if ticks > 0 { known.bodies.len() as u32 } else { 0 };
            }
        }
        Ok(())
    }

    fn check_full_rate(&self, cell: CellIndex, known: &CellState) -> Result<(), TestCaseError> {
        let (world, grid) = (self.sim.sim().world(), self.sim.arena().grid());
        prop_assert_eq!(known.bodies.as_slice(), self.publisher.known_bodies(cell));
        prop_assert!(known.is_settled());
        prop_assert_eq!(sorted(&known.items), sorted(world.embers.in_cell(cell)));
        for (id, ship) in &known.bodies {
            let place = dequantize(cell, i32::from(ship.x), i32::from(ship.y), grid);
            let ship = world.pilot(*id).and_then(|pilot| pilot.ship());
            let off = ship.map(|ship| (ship.flight.motion.position - place).abs().max_element());
            prop_assert!(off.is_some_and(|off| off <= OFF_UNITS_MAX), "{:?} is off by {:?}", id, off);
        }
        Ok(())
    }

    /// Returns how many ticks ago the cell's last slot was.
    fn check_reduced_rate(&self, cell: CellIndex, known: &CellState) -> Result<u32, TestCaseError> {
        let (at_slot, ticks) = self.publisher.known_bodies_reduced(cell);
        let mut expected = CellState { bodies: at_slot.to_vec(), items: Vec::new() };
        expected.advance_by(ticks as u8);
        prop_assert_eq!(&known.bodies, &expected.bodies, "{} ticks after its slot", ticks);
        prop_assert_eq!(sorted(&known.items), sorted(&self.embers_at_slot[usize::from(cell.0)]));
        if ticks == 0 {
            // So a viewer can change from one rate to the other here.
            prop_assert_eq!(known.bodies.as_slice(), self.publisher.known_bodies(cell));
        }
        Ok(ticks)
    }
}

fn sorted(embers: &[PlacedEmber]) -> Vec<PlacedEmber> {
    let mut embers = embers.to_vec();
    embers.sort();
    embers
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn applied_state_is_the_published_state(
        seed: u64,
        ticks in vec(vec(action(), CLIENTS as usize + 1), 60..160),
        details in vec(0..DETAILS.len(), 16),
    ) {
        let mut game = Game::new(seed);
        (0..CLIENTS).for_each(|client| { game.join(client); });
        game.spectate(CLIENTS);
        let mut compared = Compared::default();
        for (turn, actions) in (1..).zip(&ticks) {
            game.publisher.set_detail(DETAILS[details[turn as usize / 10 % details.len()]]);
            game.tick(turn, actions);
            for player in &game.players {
                game.check(player, &mut compared)?;
            }
        }
        let mut frames = 0;
        for player in &game.players {
            prop_assert_eq!(player.session.stats().checksum_mismatches, 0);
            prop_assert_eq!(player.session.stats().stray_chunks, 0);
            frames += player.frames;
        }
        // So that the law cannot hold because no viewer ever saw a ship.
        let Compared { full_rate, reduced_rate, .. } = compared;
        prop_assert!(full_rate > 50 && frames > 100, "{} and {} ships in {} frames", full_rate, reduced_rate, frames);
    }
}

/// The clients read each frame: none is ever skipped.
fn run_in_sync(game: &mut Game, turns: std::ops::Range<u32>) {
    for turn in turns {
        game.tick(turn, &[CALM]);
    }
}

#[test]
fn reduced_rate_is_compared_in_slots_and_between_them() {
    let mut game = Game::new(3);
    (0..CLIENTS).for_each(|client| drop(game.join(client)));
    let mut compared = Compared::default();
    for turn in 1..200 {
        // Levels up and down again: cells change their rate both ways.
        game.publisher.set_detail(DETAILS[turn as usize / 25 % DETAILS.len()]);
        game.tick(turn, &[CALM, CALM, CALM, CALM]);
        for player in &game.players {
            game.check(player, &mut compared).unwrap_or_else(|error| panic!("turn {turn}: {error}"));
        }
    }
    let Compared { full_rate, reduced_rate, between_slots } = compared;
    assert!(
        full_rate > 200 && between_slots > 100 && reduced_rate > between_slots,
        "{full_rate} {reduced_rate}"
    );
}

#[test]
fn skipped_client_is_resynced() {
    let mut game = Game::new(1);
    game.join(0);
    run_in_sync(&mut game, 1..40);
    for turn in 40..80 {
        game.tick(turn, &[Action { stalls: true, ..CALM }]);
    }
    let behind = game.players[0].session.tick();
    run_in_sync(&mut game, 80..90);
    let player = &game.players[0];
    assert!(player.session.tick() > behind);
    assert_eq!(player.session.tick(), Some(game.sim.tick()));
    // Seven waited in the outbox; the rest were never encoded.
    assert!(player.frames < 70, "{}", player.frames);
    game.check(player, &mut Compared::default()).expect("it is in sync");
}

#[test]
fn wrong_cell_is_requested_within_a_second_and_resent() {
    let mut game = Game::new(2);
    game.join(0);
    run_in_sync(&mut game, 1..30);
    // A ship that the server does not have, added to the next frame, in the cell under the player.
    game.sim.step(&[]);
    game.publish();
    let player = &mut game.players[0];
    let at = player.session.own_ship().expect("it flies").motion.position;
    let cell = game.sim.arena().grid().cell_at(at);
    let Some(Outbound::Message(bytes)) = (player.next_message)() else { panic!("a frame was published") };
    let Ok(ServerMessage::Frame(mut frame)) = decode_server(&bytes) else { panic!("it is a frame") };
    let ghost = CellChange::Entered(vec![BodyRecord { gap: 4000, state: ShipState::default() }].into());
    frame.cells.push(CellChunk { cell, changes: vec![ghost] });
    let bytes = encode_server(&ServerMessage::Frame(frame));
    player.session.handle_message(&bytes, 1500.0).expect("it is well formed");
    let ghosts = |session: &Session| {
        session.cell(cell).is_some_and(|cell| cell.bodies.iter().any(|(id, _)| *id == PlayerId(4000)))
    };
    assert!(ghosts(&player.session));

    run_in_sync(&mut game, 31..90);
    let (turn, requested) = game.requested.first().copied().expect("the checksum differed");
    assert!(turn <= 31 + u32::from(TICK_RATE), "requested only in turn {turn}");
    assert_eq!(requested, cell);
    let player = &game.players[0];
    let stats = player.session.stats();
    assert_eq!((stats.checksum_mismatches, stats.resyncs), (1, 1));
    assert!(!ghosts(&player.session));
    game.check(player, &mut Compared::default()).expect("it was resent");
}
