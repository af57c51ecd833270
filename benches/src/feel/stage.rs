//! A server and its players on simulated time. Everything that decides anything is the real thing: the game with its
//! tick, the state machine of a connection, the sessions. What is missing is sockets, threads and waiting.

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
        telemetry::Telemetry,
        tick_loop::Ticking,
    },
    game::arena_loop::{ArenaLoop, ArenaSettings, NetworkSide},
};
use shared::{
    engine::protocol::{CloseReason, ResumeToken, decode_client},
    game::arena::Arena,
};

use super::pilots::{Helm, View};
use crate::link::{Direction, LinkSpec, Way};

/// Step of simulated time, in milliseconds: finer than any timer of a real client.
const STEP_MS: f64 = 1.0;
/// Between two pictures, in milliseconds.
const PICTURE_MS: f64 = 1000.0 / 60.0;
/// Ways there and back before a hello can be said: TCP's handshake and WebSocket's.
const HANDSHAKE_WAYS: f64 = 2.0;

/// What takes place on a stage.
#[derive(Clone, Debug)]
pub struct StageSettings {
    /// Where; valid.
    pub arena: Arena,
    /// Ticks a second.
    pub tick_rate: u16,
    /// Drones fill the arena up to this many ships.
    pub drones: u16,
    /// Of all chance.
    pub seed: u64,
}

/// A server and its players.
#[derive(Debug)]
pub struct Stage {
    game: ArenaLoop,
    admission: Admission,
    telemetry: Arc<Telemetry>,
    /// The players, in the order in which they came.
    pub actors: Vec<Actor>,
    tick_ms: f64,
    now_ms: f64,
    next_tick_ms: f64,
}

/// A player: a session, its connection, and who steers.
#[derive(Debug)]
pub struct Actor {
    /// The session at hand.
    pub session: Session,
    /// The picture drawn last.
    pub scene: Scene,
    /// Connections made.
    pub connections: u32,
    /// What the server closed connections with.
    pub closed: Vec<CloseReason>,
    /// Bytes of all messages from the server.
    pub bytes: u64,
    /// When the link last came back after a cut, and when the first frame came after that.
    pub came_back: Option<(f64, Option<f64>)>,
    /// Whether nobody looks.
    pub is_hidden: bool,
    name: String,
    helm: Box<dyn Helm>,
    link: LinkSpec,
    state: State,
    reconnect: Reconnect,
    token: Option<ResumeToken>,
    next_picture_ms: f64,
}

/// A connection, or the lack of one.
#[derive(Debug)]
enum State {
    /// The next try is at this time.
    Waiting(f64),
    /// The handshake is done at this time.
    Connecting(f64),
    Connected(Box<Wires>),
    /// For good.
    Over,
}

#[derive(Debug)]
struct Wires {
    connection: ConnectionState,
    queue: Option<OutboxReceiver>,
    up: Way,
    down: Way,
    rising: VecDeque<(f64, Vec<u8>)>,
    falling: VecDeque<(f64, Outbound)>,
}

impl Stage {
    /// An empty stage, its first tick yet to come.
    pub fn new(settings: StageSettings) -> Self {
        let StageSettings { arena, tick_rate, drones, seed } = settings;
        let (network, inbox) = NetworkSide::detached(4096).expect("the system has randomness");
        let (telemetry, key) = (Arc::clone(&network.telemetry), network.resume_key.clone());
        let game = ArenaSettings {
            arena,
            tick_rate,
            drones,
            max_players: 100,
            seed,
            reconnect_grace: Duration::from_secs(60),
            slow_tick: None,
        };
        let game = ArenaLoop::new(game, network);
        Self {
            game,
            admission: Admission::new(inbox, Arc::clone(&telemetry), key),
            telemetry,
            actors: Vec::new(),
            tick_ms: 1000.0 / f64::from(tick_rate),
            now_ms: 0.0,
            next_tick_ms: 0.0,
        }
    }

    /// A player comes, behind this link.
    pub fn enter(&mut self, name: &str, link: LinkSpec, helm: impl Helm + 'static) {
        // Each at a moment of its own within the tick and the picture.
        let aside_ms = 7.3 * (self.actors.len() + 1) as f64 + (link.seed % 31) as f64;
        self.actors.push(Actor {
            session: Session::new(name),
            scene: Scene::default(),
            connections: 0,
            closed: Vec::new(),
            bytes: 0,
            came_back: None,
            is_hidden: false,
            name: name.to_owned(),
            helm: Box::new(helm),
            link,
            state: State::Waiting(self.now_ms + aside_ms),
            reconnect: Reconnect::new(link.seed, false),
            token: None,
            next_picture_ms: self.now_ms + aside_ms,
        });
    }

    /// Simulated time, in milliseconds.
    pub fn now_ms(&self) -> f64 {
        self.now_ms
    }

    /// What the server counts.
    pub fn telemetry(&self) -> &Telemetry {
        &self.telemetry
    }

    /// Lets so much time go by.
    pub fn run(&mut self, seconds: f64) {
        let end_ms = self.now_ms + seconds * 1000.0;
        while self.now_ms < end_ms {
            self.now_ms += STEP_MS;
            let now_ms = self.now_ms;
            for actor in &mut self.actors {
                actor.rise(now_ms, &self.admission);
            }
            if now_ms >= self.next_tick_ms {
                self.next_tick_ms += self.tick_ms;
                self.game.tick(Instant::now());
                for actor in &mut self.actors {
                    actor.send_down(now_ms);
                }
            }
            for actor in &mut self.actors {
                actor.fall(now_ms);
                actor.draw(now_ms);
            }
        }
    }
}

impl Actor {
    /// What it said arrives at the server, and connections are made and broken.
    fn rise(&mut self, now_ms: f64, admission: &Admission) {
        if self.link.is_cut(now_ms) {
            if let State::Connected(_) | State::Connecting(_) = self.state {
                self.lost(None, now_ms);
            }
            self.came_back = self.link.cut_ends_ms(now_ms).map(|ends_ms| (ends_ms, None));
        }
        match &mut self.state {
            State::Waiting(until_ms) if now_ms >= *until_ms => {
                if self.link.is_cut(now_ms) {
                    self.lost(None, now_ms);
                } else {
                    let handshake_ms = HANDSHAKE_WAYS * self.link.delay_ms;
                    self.state = State::Connecting(now_ms + handshake_ms);
                }
            }
            State::Connecting(until_ms) if now_ms >= *until_ms => self.connect(now_ms),
            State::Connected(wires) => {
                while let Some((_, bytes)) = wires.rising.pop_front_if(|(at_ms, _)| *at_ms <= now_ms) {
                    let message = decode_client(&bytes).expect("a session sends messages");
                    let heard = wires.connection.on_message(message, admission);
                    if let Some(queue) = heard.expect("a session keeps to the protocol") {
                        wires.queue = Some(queue);
                    }
                }
            }
            _ => {}
        }
    }

    fn connect(&mut self, now_ms: f64) {
        self.connections += 1;
        // Another connection, another chance, but always the same in the same run.
        let link =
            LinkSpec { seed: self.link.seed.wrapping_add(u64::from(self.connections) << 32), ..self.link };
        self.state = State::Connected(Box::new(Wires {
            connection: ConnectionState::default(),
            queue: None,
            up: Way::new(&link, Direction::Up),
            down: Way::new(&link, Direction::Down),
            rising: VecDeque::new(),
            falling: VecDeque::new(),
        }));
        self.session = Session::new(&self.name).with_resume_token(self.token);
        self.session.set_hidden(self.is_hidden);
        self.flush(now_ms);
    }

    fn lost(&mut self, why: Option<CloseReason>, now_ms: f64) {
        self.state = match self.reconnect.on_lost(why, now_ms) {
            Advice::Retry { pause_ms } => State::Waiting(now_ms + pause_ms),
            Advice::ReloadPage | Advice::GiveUp => State::Over,
        };
    }

    /// What the server has for it sets out.
    fn send_down(&mut self, now_ms: f64) {
        let State::Connected(wires) = &mut self.state else { return };
        while let Some(outbound) = wires.queue.as_mut().and_then(OutboxReceiver::try_recv) {
            let at_ms = wires.down.arrival_ms(now_ms);
            wires.falling.push_back((at_ms, outbound));
        }
    }

    /// What set out arrives.
    fn fall(&mut self, now_ms: f64) {
        while let State::Connected(wires) = &mut self.state
            && let Some((_, outbound)) = wires.falling.pop_front_if(|(at_ms, _)| *at_ms <= now_ms)
        {
            match outbound {
                Outbound::Message(bytes) => self.hear(&bytes, now_ms),
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

    fn hear(&mut self, bytes: &[u8], now_ms: f64) {
        self.bytes += bytes.len() as u64;
        self.session.handle_message(bytes, now_ms).expect("the server keeps to the protocol");
        if self.session.tick().is_some() {
            self.reconnect.on_frame();
            if let Some((_, first_ms)) = &mut self.came_back {
                first_ms.get_or_insert(now_ms);
            }
        }
        self.token = self.session.resume_token();
        self.flush(now_ms);
    }

    /// A picture is drawn, and the pilot reacts to it in the next one.
    fn draw(&mut self, now_ms: f64) {
        if now_ms < self.next_picture_ms || self.is_hidden {
            return;
        }
        self.next_picture_ms += PICTURE_MS;
        let view = View { now_ms, scene: &self.scene, session: &self.session };
        let input = self.helm.steer(&view);
        self.session.advance(now_ms, input);
        self.session.scene(now_ms, &mut self.scene);
        self.session.on_rendered(PICTURE_MS);
        self.helm.look(&View { now_ms, scene: &self.scene, session: &self.session });
        self.flush(now_ms);
    }

    /// Nobody looks any more, or somebody does again.
    pub fn hide(&mut self, is_hidden: bool, now_ms: f64) {
        self.is_hidden = is_hidden;
        self.next_picture_ms = now_ms;
        self.session.set_hidden(is_hidden);
        self.flush(now_ms);
    }

    fn flush(&mut self, now_ms: f64) {
        let State::Connected(wires) = &mut self.state else { return };
        while let Some(bytes) = self.session.poll_transmit() {
            let at_ms = wires.up.arrival_ms(now_ms);
            wires.rising.push_back((at_ms, bytes));
        }
    }
}
