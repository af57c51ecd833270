//! The law of replication: whatever happens, a client that has applied its last frame knows each cell in its view
//! exactly as the server published it, and that is the world, to the rounding of the wire. The real simulation,
//! publisher and client session, joined without a socket; readers stall, views move, cells are asked for again.

use client_web::game::session::Session;
use proptest::{collection::vec, prelude::*};
use server::{
    engine::{
        ids::{ClientId, ViewerId},
        outbox::{Outbound, OutboxSender},
    },
    game::{
        arena_file,
        replication::{Publisher, Seat},
        sim::{Command, Setup, Simulation, TimedInput},
    },
};
use shared::{
    Vec2,
    engine::{
        angle::Angle,
        ids::{CellIndex, PlayerId, Tick},
        input::{Buttons, PlayerInput},
        protocol::{ClientMessage, decode_client, dequantize},
    },
    game::{
        protocol::{
            CellChange, CellChunk, ServerMessage, ShipRecord, ShipState, decode_server, encode_server,
        },
        terrain::Terrain,
    },
};

const TICK_RATE: u16 = 20;
const CLIENTS: u64 = 4;
/// Rounding, and the slack within which a ship is let be: an eighth of a unit.
const OFF_UNITS_MAX: f32 = 0.04 + 0.125;

/// One player: its session and the queue of frames it has not read yet.
struct Player {
    client: u64,
    viewer: ViewerId,
    session: Session,
    next_message: Box<dyn FnMut() -> Option<Outbound>>,
    frames: u32,
}

/// What one player does in one tick.
#[derive(Clone, Debug)]
struct Doing {
    buttons: u8,
    aim: u16,
    /// Leaves its queue alone, as a slow reader does.
    stalls: bool,
    /// Claims that a cell differs.
    asks_again: Option<u16>,
}

fn doing() -> impl Strategy<Value = Doing> {
    let stalls = prop_oneof![3 => Just(false), 2 => Just(true)];
    (any::<u8>(), any::<u16>(), stalls, proptest::option::weighted(0.1, 0..100_u16))
        .prop_map(|(buttons, aim, stalls, asks_again)| Doing { buttons, aim, stalls, asks_again })
}

struct Game {
    sim: Simulation,
    publisher: Publisher,
    players: Vec<Player>,
    /// Cells that sessions asked for again, and when.
    asked: Vec<(u32, CellIndex)>,
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
        let terrain = Terrain::new(arena);
        let publisher = Publisher::new(&terrain, TICK_RATE, 1000.0);
        let sim = Simulation::new(Setup { terrain, tick_rate: TICK_RATE, drones: 12, seed });
        Self { sim, publisher, players: Vec::new(), asked: Vec::new() }
    }

    fn join(&mut self, client: u64) -> Command {
        let (link, mut queue) = OutboxSender::new();
        let command = Command::Join { client: ClientId(client), name: None, colour: None };
        self.sim.step(std::slice::from_ref(&command));
        let player = self.sim.pilot_of(ClientId(client)).expect("there is room");
        let seat = Seat { player: Some(player), ..Seat::default() };
        let viewer = self.publisher.join(seat, link, &self.sim).expect("it is there");
        self.publisher.publish(&self.sim);
        let next_message = Box::new(move || queue.try_recv());
        self.players.push(Player { client, viewer, session: Session::new("x"), next_message, frames: 0 });
        command
    }

    /// One who looks on.
    fn watch(&mut self, client: u64) {
        let (link, mut queue) = OutboxSender::new();
        let viewer = self.publisher.join(Seat::default(), link, &self.sim).expect("it is there");
        let next_message = Box::new(move || queue.try_recv());
        self.players.push(Player { client, viewer, session: Session::spectator(), next_message, frames: 0 });
    }

    fn tick(&mut self, turn: u32, doings: &[Doing]) {
        let mut commands = Vec::new();
        for (player, doing) in self.players.iter().zip(doings) {
            let input = PlayerInput { buttons: Buttons(doing.buttons), aim: Angle(doing.aim) };
            let input = TimedInput { tick: Tick(0), input, rewind: 0 };
            commands.push(Command::Input { client: ClientId(player.client), input });
            if let Some(cell) = doing.asks_again {
                self.publisher.resync_cell(player.viewer, CellIndex(cell));
            }
        }
        self.sim.step(&commands);
        self.publisher.publish(&self.sim);
        for (player, doing) in self.players.iter_mut().zip(doings) {
            if doing.stalls {
                continue;
            }
            while let Some(message) = (player.next_message)() {
                let Outbound::Message(bytes) = message else { panic!("nobody is turned away") };
                player
                    .session
                    .handle_message(&bytes, f64::from(turn) * 50.0)
                    .expect("the server's own message");
                player.frames += 1;
            }
            while let Some(message) = player.session.poll_transmit() {
                match decode_client(&message).expect("the session's own message") {
                    ClientMessage::Hidden(_) | ClientMessage::Lag(_) => {}
                    ClientMessage::Ack(ack) => {
                        self.publisher.on_ack(player.viewer, ack, self.sim.world().tick);
                    }
                    ClientMessage::ResyncCell(cell) => {
                        self.publisher.resync_cell(player.viewer, cell);
                        self.asked.push((turn, cell));
                    }
                    ClientMessage::Hello(_) | ClientMessage::Input { .. } | ClientMessage::Chat(_) => {}
                }
            }
        }
    }

    /// Compares what a player knows with what is. Only for one whose last frame is of the last tick.
    fn check(&self, player: &Player) -> Result<u32, TestCaseError> {
        let world = self.sim.world();
        if player.session.tick() != Some(world.tick) {
            return Ok(0);
        }
        let grid = self.sim.terrain().grid();
        let mut seen = 0;
        for cell in (0..grid.len() as u16).map(CellIndex) {
            let Some(known) = player.session.cell(cell) else {
                continue;
            };
            if !self.publisher.is_near(player.viewer, cell, self.sim.terrain()) {
                // Told of now and then, and its checksum is too.
                continue;
            }
            prop_assert_eq!(known.ships.as_slice(), self.publisher.known_ships(cell));
            prop_assert!(known.is_settled());
            let mut embers = [known.embers.clone(), world.embers.in_cell(cell).to_vec()];
            embers.iter_mut().for_each(|list| list.sort());
            prop_assert_eq!(&embers[0], &embers[1]);
            for (id, ship) in &known.ships {
                let place = dequantize(cell, i32::from(ship.x), i32::from(ship.y), grid);
                let real =
                    world.pilot(*id).and_then(|pilot| pilot.ship()).map(|ship| ship.flight.motion.position);
                let off = real.map(|real| (real - place).abs().max_element());
                prop_assert!(off.is_some_and(|off| off <= OFF_UNITS_MAX), "{:?} is off by {:?}", id, off);
                seen += 1;
            }
        }
        Ok(seen)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_applied_is_what_was_published(
        seed: u64,
        ticks in vec(vec(doing(), CLIENTS as usize + 1), 60..160),
    ) {
        let mut game = Game::new(seed);
        (0..CLIENTS).for_each(|client| { game.join(client); });
        game.watch(CLIENTS);
        let (mut seen, mut frames) = (0, 0);
        for (seq, doings) in (1..).zip(&ticks) {
            game.tick(seq, doings);
            for player in &game.players {
                seen += game.check(player)?;
            }
        }
        for player in &game.players {
            prop_assert_eq!(player.session.stats().checksum_mismatches, 0);
            prop_assert_eq!(player.session.stats().stray_chunks, 0);
            frames += player.frames;
        }
        // So that the law cannot hold by nothing ever being seen.
        prop_assert!(seen > 50 && frames > 100, "{} ships in {} frames", seen, frames);
    }
}

/// Everyone reads each tick: nobody is ever skipped, and every tick is a frame.
fn run_in_step(game: &mut Game, ticks: std::ops::Range<u32>) {
    let calm = Doing { buttons: 9, aim: 0, stalls: false, asks_again: None };
    for seq in ticks {
        game.tick(seq, std::slice::from_ref(&calm));
    }
}

#[test]
fn a_skipped_reader_starts_afresh_and_is_in_step_again() {
    let mut game = Game::new(1);
    game.join(0);
    run_in_step(&mut game, 1..40);
    let stalled = Doing { buttons: 9, aim: 0, stalls: true, asks_again: None };
    for seq in 40..80 {
        game.tick(seq, std::slice::from_ref(&stalled));
    }
    let behind = game.players[0].session.tick();
    run_in_step(&mut game, 80..90);
    let player = &game.players[0];
    assert!(player.session.tick() > behind);
    assert_eq!(player.session.tick(), Some(game.sim.world().tick));
    // Eight waited in the queue; the rest were never made.
    assert!(player.frames < 70, "{}", player.frames);
    game.check(player).expect("it is in step");
}

#[test]
fn a_cell_that_went_wrong_is_noticed_within_a_second_and_mended() {
    let mut game = Game::new(2);
    game.join(0);
    run_in_step(&mut game, 1..30);
    // A ship that nobody sent, slipped into the next frame, into the cell under the player.
    game.sim.step(&[]);
    game.publisher.publish(&game.sim);
    let player = &mut game.players[0];
    let at = player.session.own_ship().expect("it flies").motion.position;
    let cell = game.sim.terrain().grid().cell_at(at);
    let Some(Outbound::Message(bytes)) = (player.next_message)() else { panic!("a frame was published") };
    let Ok(ServerMessage::Frame(mut frame)) = decode_server(&bytes) else { panic!("it is a frame") };
    let ghost = CellChange::Entered(vec![ShipRecord { gap: 4000, state: ShipState::default() }].into());
    frame.cells.push(CellChunk { cell, changes: vec![ghost] });
    let bytes = encode_server(&ServerMessage::Frame(frame));
    player.session.handle_message(&bytes, 1500.0).expect("it is well formed");
    let ghosts = |session: &Session| {
        session.cell(cell).is_some_and(|cell| cell.ships.iter().any(|(id, _)| *id == PlayerId(4000)))
    };
    assert!(ghosts(&player.session));

    run_in_step(&mut game, 31..90);
    let (seq, asked_for) = game.asked.first().copied().expect("the checksum differed");
    assert!(seq <= 31 + u32::from(TICK_RATE), "noticed only at {seq}");
    assert_eq!(asked_for, cell);
    let player = &game.players[0];
    let stats = player.session.stats();
    assert_eq!((stats.checksum_mismatches, stats.resyncs), (1, 1));
    assert!(!ghosts(&player.session));
    game.check(player).expect("it was mended");
}
