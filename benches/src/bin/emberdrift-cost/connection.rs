//! A connection's side of a tick: one input in, one frame out, through the real listener and real loopback sockets.
//!
//! Server and clients take turns on one thread, so that nothing depends on the scheduler: a byte that was
//! sent over loopback is there when `send` returns. Times are out of reach, so that no check falls due.

use std::{
    collections::HashMap,
    io,
    net::{SocketAddr, TcpStream},
    sync::Arc,
    time::{Duration, Instant},
};

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use server::{
    engine::{
        connection_state::Admission,
        feed_channel::Subscribers,
        game_codec::GameCodec,
        json::{FEED_TOPICS, Listing},
        net::{self, ArenaHandle, Arenas, Feed, Limits, Phase, PhaseReceiver, ServerState, Site},
        sessions::Seats,
        tick_loop::Ticking,
        token_bucket::Rate,
    },
    game::{ArenaLoop, ArenaSettings, NetworkSide, arena_file},
};
use shared::{
    engine::{
        ids::Tick,
        input::{Angle, Buttons, PlayerInput},
        protocol::{Hello, encode_client},
    },
    game::{Emberdrift, protocol::ClientMessage},
};
use tokio::{
    runtime::{Builder, Runtime},
    sync::watch,
    task::yield_now,
};
use tokio_tungstenite::tungstenite::{
    ClientHandshake, Error, HandshakeError, Message, WebSocket, client::IntoClientRequest,
};

use super::{units, value};

const CLIENTS: usize = 64;
const TICKS: u32 = 60;
/// Polls of the sockets in one turn of the network: one finds what has come, the next that nothing more has.
const POLLS: usize = 2;
/// Longer than any run.
const NEVER: Duration = Duration::from_secs(100_000);

type Client = WebSocket<TcpStream>;

struct Table {
    runtime: Runtime,
    arena: Arc<ArenaHandle>,
    game: ArenaLoop,
    clients: Vec<Client>,
    rng: Pcg64Mcg,
    ticks: u32,
    /// Ends the server when dropped.
    _stop: watch::Sender<Phase>,
}

/// What one tick allocated.
#[derive(Default)]
struct Allocated {
    network: u64,
    game: u64,
}

pub(crate) fn run(warm_up: u32) -> io::Result<()> {
    let mut table = Table::new()?;
    for _ in 0..warm_up {
        table.tick(turn)?;
    }
    let mut sum = Allocated::default();
    for _ in 0..TICKS {
        let Allocated { network, game } = table.tick(watched_turn)?;
        (sum.network, sum.game) = (sum.network + network, sum.game + game);
    }
    let client_ticks = TICKS as usize * CLIENTS;
    units("connection", client_ticks);
    value("connection_allocations", sum.network as f64 / client_ticks as f64);
    value("tick_allocations", sum.game as f64 / f64::from(TICKS));
    Ok(())
}

/// Lets the network do what there is to do.
fn turn(runtime: &Runtime) {
    runtime.block_on(async {
        for _ in 0..POLLS {
            yield_now().await;
        }
    });
}

/// The same, counted: instructions by the function's name, system calls by two that nothing else makes.
fn watched_turn(runtime: &Runtime) {
    let _ = rustix::process::getppid();
    count_connection(runtime);
    let _ = rustix::process::getpgrp();
}

#[inline(never)]
fn count_connection(runtime: &Runtime) {
    turn(runtime);
}

impl Table {
    fn new() -> io::Result<Self> {
        let arena = arena_file::load("drift").map_err(io::Error::other)?;
        let (network, inbox) = NetworkSide::detached(100 * CLIENTS).map_err(io::Error::other)?;
        let settings = ArenaSettings {
            arena: arena.clone(),
            tick_rate: 20,
            bots: 0,
            seats: Seats::new(CLIENTS),
            seed: 5,
            reconnect_grace: Duration::ZERO,
            slow_tick: None,
            fail_after: None,
        };
        let admission = Admission::new(inbox, Arc::clone(&network.telemetry), network.resume_key.clone());
        let listing = Listing::new(&arena, CLIENTS, Arc::clone(&network.telemetry));
        let game = ArenaLoop::new(settings, NetworkSide { stall_timeout: NEVER, ..network });
        let feed = Feed::new(Subscribers::default(), &FEED_TOPICS);
        let arena = Arc::new(ArenaHandle::new(&arena.name, admission, feed, listing));
        let (stop, phase) = PhaseReceiver::new();
        let limits = Limits {
            http_head_timeout: NEVER,
            http_lifetime: NEVER,
            hello_timeout: NEVER,
            ping_after: NEVER,
            idle_timeout: NEVER,
            stall_timeout: NEVER,
            check_interval: NEVER,
            message_rate: Rate::new(1_000_000, 1024),
            byte_rate: Rate::new(100_000_000, 64 * 1024),
            ..Limits::for_players(CLIENTS)
        };
        let arenas = Arenas::new(vec![Arc::clone(&arena)]);
        let site = Site::Files(HashMap::new());
        let state = Arc::new(ServerState::new(arenas, limits, site, GameCodec::of::<Emberdrift>(), phase));
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let entered = runtime.enter();
        let listener = net::bind(SocketAddr::from(([127, 0, 0, 1], 0))).map_err(io::Error::other)?;
        let address = listener.local_addr()?;
        drop(entered);
        runtime.spawn(net::serve(listener, state));
        let mut table = Self {
            runtime,
            arena,
            game,
            clients: Vec::new(),
            rng: Pcg64Mcg::seed_from_u64(6),
            ticks: 0,
            _stop: stop,
        };
        for _ in 0..CLIENTS {
            let mut client = connect(address, &table.runtime)?;
            say(
                &mut client,
                &ClientMessage::Hello(Hello { name: "Cost".into(), ..Hello::of::<Emberdrift>() }),
            )?;
            table.clients.push(client);
        }
        table.arrive(CLIENTS as u64, turn);
        // The welcome is the first message, and the first frame comes in the same tick.
        table.runtime.block_on(async { table.game.tick(Instant::now()) });
        for _ in 0..2 {
            table.hear(turn)?;
        }
        table.ticks += 1;
        Ok(table)
    }

    /// Has the network take in messages until it has had this many in all.
    fn arrive(&self, messages: u64, turn: fn(&Runtime)) -> u64 {
        let arrived = || self.arena.admission.telemetry.messages_in_total.get();
        let mut allocated = 0;
        while arrived() < messages {
            allocated += allocation_counter::measure(|| turn(&self.runtime)).count_total;
        }
        allocated
    }

    /// Has the network send until each client has a message.
    fn hear(&mut self, turn: fn(&Runtime)) -> io::Result<u64> {
        let mut allocated = allocation_counter::measure(|| turn(&self.runtime)).count_total;
        for client in &mut self.clients {
            loop {
                match client.read() {
                    Ok(Message::Binary(_)) => break,
                    Ok(_) => {}
                    Err(Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => {
                        allocated += allocation_counter::measure(|| turn(&self.runtime)).count_total;
                    }
                    Err(error) => return Err(io::Error::other(error)),
                }
            }
        }
        Ok(allocated)
    }

    /// Everyone sends an input and gets a frame.
    fn tick(&mut self, turn: fn(&Runtime)) -> io::Result<Allocated> {
        let before = self.arena.admission.telemetry.messages_in_total.get();
        for client in &mut self.clients {
            let input = PlayerInput { buttons: Buttons(self.rng.random()), aim: Angle(self.rng.random()) };
            say(client, &ClientMessage::Input { tick: Tick(0), input, rewind: 0, ack: self.ticks as u8 })?;
        }
        let mut network = self.arrive(before + CLIENTS as u64, turn);
        // Inside the runtime, so that waking a connection is as cheap as it is among the runtime's own threads.
        let Self { runtime, game, .. } = self;
        let game =
            runtime.block_on(async { allocation_counter::measure(|| game.tick(Instant::now())).count_total });
        network += self.hear(turn)?;
        self.ticks += 1;
        Ok(Allocated { network, game })
    }
}

fn connect(address: SocketAddr, runtime: &Runtime) -> io::Result<Client> {
    let stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    stream.set_nonblocking(true)?;
    let request = format!("ws://{address}/ws").into_client_request().map_err(io::Error::other)?;
    let mut handshake = ClientHandshake::start(stream, request, None).map_err(io::Error::other)?.handshake();
    loop {
        handshake = match handshake {
            Ok((client, _)) => return Ok(client),
            Err(HandshakeError::Interrupted(unfinished)) => {
                turn(runtime);
                unfinished.handshake()
            }
            Err(HandshakeError::Failure(error)) => return Err(io::Error::other(error)),
        };
    }
}

fn say(client: &mut Client, message: &ClientMessage) -> io::Result<()> {
    client.send(Message::Binary(encode_client(message).into())).map_err(io::Error::other)
}
