//! A server and its clients on simulated time. Everything that decides anything is the real thing: the arena loop, the
//! server's side of each connection, the client's sessions. Only sockets, threads and waiting are left out.

use std::{
    collections::VecDeque,
    sync::Arc,
    time::{Duration, Instant},
};

use client_web::{
    engine::reconnect::{Advice, Reconnect, SILENCE_MS_MAX},
    game::{Session, scene::Scene},
};
use server::{
    engine::{
        connection_state::{Admission, ConnectionState},
        outbox::{Outbound, OutboxReceiver},
        sessions::Seats,
        telemetry::Telemetry,
        tick_loop::Ticking,
    },
    game::{ArenaLoop, ArenaSettings, NetworkSide},
};
use shared::{
    engine::{
        input::PlayerInput,
        protocol::{CloseReason, ResumeToken, decode_client},
    },
    game::arena::Arena,
};

use super::controllers::{Controller, View};
use crate::conditioner::{Conditions, DelayLine, Direction};

/// The server's default.
pub(super) const TICK_RATE: u16 = 30;
/// Step of simulated time: finer than any timer of a real client.
const STEP_MS: f64 = 1.0;
/// Between two drawn frames.
const RENDER_MS: f64 = 1000.0 / 60.0;
/// Round trips before a hello can be sent: TCP's handshake and WebSocket's.
const HANDSHAKE_ROUND_TRIPS: f64 = 2.0;

#[derive(Debug)]
pub(super) struct Harness {
    arena_loop: ArenaLoop,
    admission: Admission,
    telemetry: Arc<Telemetry>,
    /// In the order in which they entered.
    pub(super) clients: Vec<Client>,
    /// Of the simulated time.
    start: Instant,
    now_ms: f64,
    next_tick_ms: f64,
}

/// A session, its connection, and the controller that steers.
#[derive(Debug)]
pub(super) struct Client {
    /// Of the present connection.
    pub(super) session: Session,
    pub(super) connections: u32,
    /// Why the server closed connections.
    pub(super) closed: Vec<CloseReason>,
    /// Of all messages from the server.
    pub(super) bytes: u64,
    /// When the last cut ended, and when the first frame came after that.
    pub(super) resumed: Option<(f64, Option<f64>)>,
    scene: Scene,
    is_hidden: bool,
    name: String,
    controller: Box<dyn Controller>,
    conditions: Conditions,
    state: State,
    reconnect: Reconnect,
    token: Option<ResumeToken>,
    next_render_ms: f64,
}

#[derive(Debug)]
enum State {
    /// Until the next attempt.
    Waiting(f64),
    /// Until the handshake is done.
    Connecting(f64),
    Connected(Box<Connection>),
    /// For good.
    Over,
}

#[derive(Debug)]
struct Connection {
    state: ConnectionState,
    outbox: Option<OutboxReceiver>,
    up: DelayLine,
    down: DelayLine,
    /// In flight, with their arrival.
    to_server: VecDeque<(f64, Vec<u8>)>,
    to_client: VecDeque<(f64, Outbound)>,
}

impl Harness {
    /// Drones fill the arena up to `drones` ships.
    pub(super) fn new(arena: Arena, drones: u16, seed: u64) -> Self {
        let (network, inbox) = NetworkSide::detached(4096).expect("the system has randomness");
        let telemetry = Arc::clone(&network.telemetry);
        let admission = Admission::new(inbox, Arc::clone(&telemetry), network.resume_key.clone());
        let settings = ArenaSettings {
            arena,
            tick_rate: TICK_RATE,
            bots: drones,
            seats: Seats::new(100),
            seed,
            reconnect_grace: Duration::from_secs(60),
            slow_tick: None,
            fail_after: None,
        };
        let arena_loop = ArenaLoop::new(settings, network);
        let start = Instant::now();
        Self { arena_loop, admission, telemetry, clients: Vec::new(), start, now_ms: 0.0, next_tick_ms: 0.0 }
    }

    pub(super) fn enter(&mut self, name: &str, conditions: Conditions, steers: impl Controller + 'static) {
        // Each at a moment of its own within the tick and the drawn frame.
        let phase_ms = 7.3 * (self.clients.len() + 1) as f64 + (conditions.seed % 31) as f64;
        let start_ms = self.now_ms + phase_ms;
        self.clients.push(Client {
            session: Session::new(name),
            connections: 0,
            closed: Vec::new(),
            bytes: 0,
            resumed: None,
            scene: Scene::default(),
            is_hidden: false,
            name: name.to_owned(),
            controller: Box::new(steers),
            conditions,
            state: State::Waiting(start_ms),
            reconnect: Reconnect::new(conditions.seed, false),
            token: None,
            next_render_ms: start_ms,
        });
    }

    /// Ticks so far, and those for which an input was missing.
    pub(super) fn ticks_and_starved(&self) -> (u64, u64) {
        (self.telemetry.ticks_total.get(), self.telemetry.inputs_missed_total.get())
    }

    pub(super) fn hide(&mut self, is_hidden: bool) {
        self.clients[0].hide(is_hidden, self.now_ms);
    }

    /// Advances the simulated time by `seconds`.
    pub(super) fn run(&mut self, seconds: f64) {
        let end_ms = self.now_ms + seconds * 1000.0;
        while self.now_ms < end_ms {
            self.now_ms += STEP_MS;
            let now_ms = self.now_ms;
            let now = self.start + Duration::from_secs_f64(now_ms / 1000.0);
            for client in &mut self.clients {
                client.update_connection(now_ms);
                client.deliver_to_server(now_ms, now, &self.admission);
            }
            if now_ms >= self.next_tick_ms {
                self.next_tick_ms += 1000.0 / f64::from(TICK_RATE);
                self.arena_loop.tick(now);
                for client in &mut self.clients {
                    client.send_down(now_ms);
                }
            }
            for client in &mut self.clients {
                client.deliver_to_client(now_ms);
                client.render(now_ms);
            }
        }
    }
}

impl Client {
    fn update_connection(&mut self, now_ms: f64) {
        let cut_ends_ms = self.conditions.cut_ends_ms(now_ms);
        if let Some(ends_ms) = cut_ends_ms {
            self.resumed = Some((ends_ms, None));
            if let State::Connected(_) | State::Connecting(_) = self.state {
                self.lost(None, now_ms);
            }
        }
        match self.state {
            State::Waiting(until_ms) if now_ms >= until_ms => {
                if cut_ends_ms.is_some() {
                    self.lost(None, now_ms);
                } else {
                    let handshake_ms = HANDSHAKE_ROUND_TRIPS * self.conditions.delay_ms;
                    self.state = State::Connecting(now_ms + handshake_ms);
                }
            }
            State::Connecting(until_ms) if now_ms >= until_ms => self.connect(now_ms),
            _ => {}
        }
    }

    /// `now` is the same moment, for the server.
    fn deliver_to_server(&mut self, now_ms: f64, now: Instant, admission: &Admission) {
        let State::Connected(connection) = &mut self.state else { return };
        while let Some((_, bytes)) = connection.to_server.pop_front_if(|(at_ms, _)| *at_ms <= now_ms) {
            let message = decode_client::<PlayerInput>(&bytes).expect("a session's own message");
            let message = message.into_raw().expect("its input is short");
            let outbox = connection.state.on_message(message, None, admission, now);
            let outbox = outbox.expect("a session keeps to the protocol");
            connection.outbox = outbox.or(connection.outbox.take());
        }
    }

    fn connect(&mut self, now_ms: f64) {
        self.connections += 1;
        // Each connection has its own jitter, the same in each run.
        let seed = self.conditions.seed.wrapping_add(u64::from(self.connections) << 32);
        let conditions = Conditions { seed, ..self.conditions };
        self.state = State::Connected(Box::new(Connection {
            state: ConnectionState::default(),
            outbox: None,
            up: DelayLine::new(&conditions, Direction::Up),
            down: DelayLine::new(&conditions, Direction::Down),
            to_server: VecDeque::new(),
            to_client: VecDeque::new(),
        }));
        self.session = Session::new(&self.name).with_resume_token(self.token);
        self.session.set_hidden(self.is_hidden);
        self.send_up(now_ms);
    }

    fn lost(&mut self, why: Option<CloseReason>, now_ms: f64) {
        self.state = match self.reconnect.on_lost(why, now_ms) {
            Advice::Retry { pause_ms } => State::Waiting(now_ms + pause_ms),
            Advice::ReloadPage | Advice::GiveUp => State::Over,
        };
    }

    fn send_down(&mut self, now_ms: f64) {
        let State::Connected(connection) = &mut self.state else { return };
        while let Some(outbound) = connection.outbox.as_mut().and_then(OutboxReceiver::try_recv) {
            let at_ms = connection.down.arrival_ms(now_ms);
            connection.to_client.push_back((at_ms, outbound));
        }
    }

    fn deliver_to_client(&mut self, now_ms: f64) {
        while let State::Connected(connection) = &mut self.state
            && let Some((_, outbound)) = connection.to_client.pop_front_if(|(at_ms, _)| *at_ms <= now_ms)
        {
            match outbound {
                Outbound::Message(bytes) => self.on_message(&bytes, now_ms),
                Outbound::Close(reason) => {
                    self.closed.push(reason);
                    self.lost(Some(reason), now_ms);
                }
            }
        }
        let last_ms = self.session.stats().last_frame_ms;
        if matches!(self.state, State::Connected(_))
            && !self.is_hidden
            && last_ms.is_some_and(|last_ms| now_ms - last_ms > SILENCE_MS_MAX)
        {
            self.lost(None, now_ms);
        }
    }

    fn on_message(&mut self, bytes: &[u8], now_ms: f64) {
        self.bytes += bytes.len() as u64;
        self.session.handle_message(bytes, now_ms).expect("the server keeps to the protocol");
        if self.session.tick().is_some() {
            self.reconnect.on_frame();
            if let Some((_, first_ms)) = &mut self.resumed {
                first_ms.get_or_insert(now_ms);
            }
        }
        self.token = self.session.resume_token();
        self.send_up(now_ms);
    }

    /// Renders a frame; the controller reacts to it in the next one.
    fn render(&mut self, now_ms: f64) {
        if now_ms < self.next_render_ms || self.is_hidden {
            return;
        }
        self.next_render_ms += RENDER_MS;
        let view = View { now_ms, scene: &self.scene, session: &self.session };
        let input = self.controller.steer(&view);
        self.session.advance(now_ms, input);
        self.session.scene(now_ms, &mut self.scene);
        self.session.on_rendered(RENDER_MS);
        self.controller.observe(&View { now_ms, scene: &self.scene, session: &self.session });
        self.send_up(now_ms);
    }

    fn hide(&mut self, is_hidden: bool, now_ms: f64) {
        self.is_hidden = is_hidden;
        self.next_render_ms = now_ms;
        self.session.set_hidden(is_hidden);
        self.send_up(now_ms);
    }

    fn send_up(&mut self, now_ms: f64) {
        let State::Connected(connection) = &mut self.state else { return };
        while let Some(bytes) = self.session.poll_transmit() {
            let at_ms = connection.up.arrival_ms(now_ms);
            connection.to_server.push_back((at_ms, bytes));
        }
    }
}
