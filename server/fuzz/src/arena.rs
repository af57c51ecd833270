//! One arena with its connections' state machines, on a script of what four clients do: they connect, say hello, play, chat,
//! read or do not read, break off, and resume with tokens of their own or of others.

use std::{
    sync::{Arc, LazyLock},
    time::{Duration, Instant},
};

use server::{
    engine::{
        connection_state::{Admission, ConnectionState},
        names,
        outbox::{Outbound, OutboxReceiver},
        sessions::Seats,
        tick_loop::Ticking,
    },
    game::{ArenaLoop, ArenaSettings, NetworkSide, arena_file},
};
use shared::{
    Vec2,
    engine::{
        ids::Tick,
        input::{Angle, Buttons, PlayerInput},
        protocol::{Hello, ResumeToken, Role, decode_client, decode_server},
        roster::PlayerKind,
    },
    game::{
        Emberdrift,
        arena::{ARENA_SIDE_MIN, Arena, Rock},
        protocol::{ClientMessage, ServerMessage},
    },
};

use crate::Script;

const CLIENTS: usize = 4;
/// One fewer, so that an arena is full at times.
const PLACES: usize = 3;
pub(crate) const TICK_RATE: u16 = 10;
/// A run takes no longer.
const TICKS_MAX: u32 = 30;

/// The smallest that there can be, with one rock.
pub(crate) static ARENA: LazyLock<Arena> = LazyLock::new(|| {
    let arena = arena_file::load("duel").expect("it is embedded");
    let rocks = vec![Rock { centre: Vec2::splat(512.0), radius: 60.0 }];
    Arena { size: Vec2::splat(ARENA_SIDE_MIN), rocks, blocks: Vec::new(), ..arena }
});

/// A place for all but one of the clients, and one drone.
pub(crate) fn settings() -> ArenaSettings {
    ArenaSettings {
        arena: ARENA.clone(),
        tick_rate: TICK_RATE,
        bots: 1,
        seats: Seats::new(PLACES),
        seed: 1,
        reconnect_grace: Duration::from_secs(1),
        slow_tick: None,
        fail_after: None,
    }
}

/// One client, with or without a connection.
#[derive(Default)]
struct Client {
    connection: Option<ConnectionState>,
    outbox: Option<OutboxReceiver>,
    /// The newest that it was given.
    token: Option<ResumeToken>,
    ack: u8,
}

struct Run {
    arena: ArenaLoop,
    admission: Admission,
    clients: [Client; CLIENTS],
    start: Instant,
    ticks: u32,
}

impl Run {
    fn new() -> Self {
        let (network, inbox) = NetworkSide::detached(24).expect("the system has random numbers");
        let admission = Admission::new(inbox, Arc::clone(&network.telemetry), network.resume_key.clone());
        let arena = ArenaLoop::new(settings(), network);
        Self { arena, admission, clients: Default::default(), start: Instant::now(), ticks: 0 }
    }

    /// A message arrives at a connection, which is new if the client has none. An error closes it.
    fn receive(&mut self, client: usize, message: ClientMessage) {
        let Client { connection, outbox, .. } = &mut self.clients[client];
        let state = connection.get_or_insert_default();
        let Ok(message) = message.into_raw() else { return };
        match state.on_message(message, None, &self.admission, std::time::Instant::now()) {
            Ok(None) => {}
            Ok(Some(receiver)) => *outbox = Some(receiver),
            Err(close) => {
                assert!(close.detail.is_none_or(|detail| !detail.contains(char::is_control)));
                self.leave(client);
            }
        }
    }

    /// The connection ends. If the inbox is full then, a task of the network delivers that later; here a tick makes room first.
    fn leave(&mut self, client: usize) {
        self.tick();
        (self.clients[client].connection, self.clients[client].outbox) = (None, None);
    }

    /// A client reads all that waits for it. Its messages are whole, and a close is the last of them.
    fn read(&mut self, client: usize) {
        let Client { outbox, token, ack, .. } = &mut self.clients[client];
        let Some(receiver) = outbox else { return };
        while let Some(outbound) = receiver.try_recv() {
            match outbound {
                Outbound::Message(bytes) => {
                    match decode_server::<Emberdrift>(&bytes).expect("the server's messages are whole") {
                        ServerMessage::Welcome(welcome) => *token = welcome.resume.or(*token),
                        ServerMessage::Frame(frame) => *ack = frame.head.tick.0 as u8,
                    }
                }
                Outbound::Close(_) => return self.leave(client),
            }
        }
    }

    fn tick(&mut self) {
        self.ticks += 1;
        self.arena.tick(self.start + Duration::from_millis(100) * self.ticks);
        let world = self.arena.world();
        let players: Vec<_> = world.in_order().filter(|pilot| pilot.kind == PlayerKind::Human).collect();
        assert!(players.len() <= PLACES, "{} players", players.len());
        let mut keys: Vec<_> = players.iter().map(|pilot| names::key(pilot.name.as_str())).collect();
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), players.len(), "two names look alike");
    }

    /// One step of the script; `None` at its end.
    fn step(&mut self, script: &mut Script<'_>) -> Option<()> {
        let step = script.byte()?;
        let client = usize::from(step & 3);
        let ack = self.clients[client].ack;
        match step >> 2 & 15 {
            0..=2 => {
                for _ in 0..=(step >> 6) {
                    self.tick();
                }
            }
            3 => {
                let name = String::from_utf8_lossy(script.piece()?).into_owned();
                let role = if step & 64 == 0 { Role::Player } else { Role::Spectator };
                self.receive(client, ClientMessage::Hello(Hello { name, role, ..Hello::of::<Emberdrift>() }));
            }
            4 => {
                let resume = self.clients[usize::from(step >> 6)].token;
                self.receive(client, ClientMessage::Hello(Hello { resume, ..Hello::of::<Emberdrift>() }));
            }
            5..=7 => {
                let input = PlayerInput {
                    buttons: Buttons(script.byte()?),
                    aim: Angle(u16::from(script.byte()?) << 8),
                };
                let tick = if step & 64 == 0 { Tick(self.ticks + 2) } else { Tick(script.number()?.into()) };
                self.receive(client, ClientMessage::Input { tick, input, rewind: u16::from(step), ack });
            }
            8 => {
                let line = String::from_utf8_lossy(script.piece()?).into_owned();
                self.receive(client, ClientMessage::Chat(line));
            }
            9 => self.receive(client, ClientMessage::Hidden(step & 64 != 0)),
            10 => self.receive(client, ClientMessage::Ack(ack)),
            11 | 12 => self.read(client),
            13 => {
                if let Some(connection) = &mut self.clients[client].connection
                    && step & 64 != 0
                {
                    connection.on_normal_close();
                }
                self.leave(client);
            }
            _ => {
                if let Ok(message) = decode_client::<PlayerInput>(script.piece()?) {
                    self.receive(client, message);
                }
            }
        }
        Some(())
    }
}

/// Runs the script, and then until every place is free again.
pub(crate) fn run(bytes: &[u8]) {
    let (mut run, mut script) = (Run::new(), Script(bytes));
    while run.ticks < TICKS_MAX && run.step(&mut script).is_some() {}
    (0..CLIENTS).for_each(|client| run.leave(client));
    for _ in 0..12 {
        run.tick();
    }
    let players = run.arena.world().in_order().filter(|pilot| pilot.kind == PlayerKind::Human).count();
    assert_eq!(players, 0, "everyone has left, and the grace period of ten ticks is over");
}

/// What a snapshot has after some ticks with one player.
pub(crate) fn payload() -> Vec<u8> {
    let mut run = Run::new();
    run.receive(0, ClientMessage::Hello(Hello { name: "Ada".to_owned(), ..Hello::of::<Emberdrift>() }));
    for _ in 0..20 {
        run.tick();
        run.read(0);
        let input = PlayerInput { buttons: Buttons::FIRE, aim: Angle(0) };
        let tick = Tick(run.ticks + 2);
        run.receive(0, ClientMessage::Input { tick, input, rewind: 0, ack: run.clients[0].ack });
    }
    run.arena.payload()
}
