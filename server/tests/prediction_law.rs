//! The law of prediction: while inputs are in time, a session predicts its own ship to the bit. The real simulation,
//! publisher and client session run without a socket. One player steers at random among rocks and embers; there is no
//! other, because what others do to a ship is not predicted.

use client_web::game::{Session, scene::Scene};
use proptest::prelude::*;
use server::{
    engine::{
        outbox::{Outbound, OutboxReceiver, OutboxSender},
        replication::JoinedAs,
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
        game_trait::Game as _,
        input::{Angle, Buttons, PlayerInput},
        protocol::decode_client,
    },
    game::{Emberdrift, protocol::ClientMessage},
};

const TICK_RATE: u16 = 30;
const TICK_MS: f64 = 1000.0 / TICK_RATE as f64;
/// From the server's tick to the arrival of its frame.
const DELAY_MS: f64 = 20.0;
const PLAYER: SessionId = SessionId(0);

struct Game {
    sim: ReplicatedSim,
    publisher: Publisher,
    viewer: ViewerId,
    outbox: OutboxReceiver,
    session: Session,
    now_ms: f64,
}

impl Game {
    fn new(seed: u64) -> Self {
        let mut arena = arena_file::load("drift").expect("the arena is embedded");
        arena.size = Vec2::splat(3072.0);
        arena.rocks.retain(|rock| rock.centre.max_element() + rock.radius < 3072.0);
        let map = Emberdrift::map(arena, TICK_RATE);
        let mut publisher = Publisher::new(map.terrain.grid(), TICK_RATE, 1000.0);
        let mut sim = ReplicatedSim::new(Setup { map, tick_rate: TICK_RATE, bots: 0, seed });
        sim.step(&[Command::Join { session: PLAYER, name: None, colour: None }]);
        let player = sim.player_of(PLAYER).expect("there is room");
        let (sender, outbox) = OutboxSender::new();
        let joined = JoinedAs { player: Some(player), ..JoinedAs::default() };
        let viewer = publisher.join(joined, sender, &sim).expect("there is room");
        Self { sim, publisher, viewer, outbox, session: Session::new("Ada"), now_ms: 0.0 }
    }

    /// One tick of the server, with the session's input of this moment.
    fn tick(&mut self, input: PlayerInput) {
        self.session.advance(self.now_ms, input);
        let mut commands = Vec::new();
        while let Some(bytes) = self.session.poll_transmit() {
            let message = decode_client(&bytes).expect("a session encodes messages");
            if let ClientMessage::Input { tick, input, rewind, ack } = message {
                let input = TimedInput { tick, input, rewind };
                commands.push(Command::Input { session: PLAYER, input });
                let viewer = self.publisher.viewer(self.viewer).expect("it is there");
                viewer.on_ack(ack, self.sim.tick());
            }
        }
        self.sim.step(&commands);
        self.publisher.publish(&self.sim);
        self.now_ms += DELAY_MS;
        while let Some(message) = self.outbox.try_recv() {
            let Outbound::Message(bytes) = message else { panic!("the player is not turned away") };
            self.session.handle_message(&bytes, self.now_ms).expect("the server's messages are valid");
        }
        self.now_ms += TICK_MS - DELAY_MS;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn own_ship_needs_no_correction(
        seed: u64,
        inputs in proptest::collection::vec((0..64_u8, any::<u16>()), 40),
    ) {
        let mut game = Game::new(seed);
        let mut scene = Scene::default();
        let (mut embers_max, mut travelled, mut before) = (0, 0.0, None);
        for tick in 0..240 {
            let (buttons, aim) = inputs[tick / 6];
            game.tick(PlayerInput { buttons: Buttons(buttons), aim: Angle(aim) });
            let stats = game.session.stats();
            prop_assert_eq!(stats.prediction_error.to_bits(), 0, "in tick {}", tick);
            let own = game.session.own_ship().expect("it is alive");
            let pilot = game.sim.sim().world().pilot(game.session.player_id().expect("it plays"));
            let exact = pilot.and_then(|pilot| pilot.ship()).map(|ship| ship.flight);
            prop_assert_eq!(Some(own.flight()), exact);
            embers_max = embers_max.max(own.embers);
            travelled += before.replace(own.motion.position).map_or(0.0, |before: Vec2| before.distance(own.motion.position));
            game.session.scene(game.now_ms, &mut scene);
            prop_assert_eq!(scene.ships.iter().filter(|ship| ship.own).count(), 1);
        }
        prop_assert_eq!(game.session.drain_prediction_errors().count(), 239);
        let stats = game.session.stats();
        prop_assert_eq!((stats.corrections, stats.checksum_mismatches, stats.ticks_skipped), (0, 0, 0));
        // A ship at rest would prove nothing.
        prop_assert!(travelled > 200.0, "only {} units in eight seconds, with {} embers", travelled, embers_max);
    }
}
