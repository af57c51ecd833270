//! One player that loses its server and comes back: the page's session and the page's decisions about when and where to reconnect, on a
//! plain socket.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use client_web::{
    engine::{
        page::connection_state::{ConnectionAction, ConnectionState},
        route::Route,
    },
    game::Session,
};
use futures_util::{SinkExt, StreamExt};
use shared::engine::{
    ids::{PlayerId, Tick},
    input::{Angle, Buttons, PlayerInput},
    protocol::{CloseReason, ResumeToken},
};
use tokio::{
    net::TcpStream,
    time::{Instant, MissedTickBehavior, interval, sleep, timeout},
};
use tokio_tungstenite::{WebSocketStream, client_async, tungstenite::Message};

/// As often as a page draws, which is when it decides.
const TURN: Duration = Duration::from_micros(16_667);
/// As long as a browser waits.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(20);
/// Own ticks in which the ship keeps its direction.
const STRAIGHT_TURNS: u64 = 90;

/// What a player saw in a frame.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen {
    player: Option<PlayerId>,
    pub(crate) tick: Tick,
    /// Embers and streak, while its ship flies.
    ship: Option<(u32, u16)>,
    at: Instant,
}

/// Its way through a restart.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Way {
    /// In the last frame before it.
    pub(crate) before: Option<Seen>,
    /// In the first frame after it.
    pub(crate) after: Option<Seen>,
    /// The longest time between two frames since it was last forgotten.
    pub(crate) gap: Duration,
    /// The server has recognised its token.
    is_resumed: bool,
    tick_rate: u16,
}

impl Way {
    /// Whether it has its own ship again.
    pub(crate) fn is_back(&self) -> bool {
        match (self.before, self.after) {
            (Some(before), Some(after)) => self.is_resumed && before.player == after.player,
            _ => false,
        }
    }

    /// Whether it has less than before.
    pub(crate) fn has_lost(&self) -> bool {
        let ships = self.before.and_then(|seen| seen.ship).zip(self.after.and_then(|seen| seen.ship));
        ships.is_some_and(|((embers, streak), (after, streak_after))| after < embers || streak_after < streak)
    }

    /// Between the two frames.
    pub(crate) fn without_frames(&self) -> Option<Duration> {
        Some(self.after?.at - self.before?.at)
    }

    /// The game that it has seen and that is gone. The frame that it saw last may have been older than the state.
    pub(crate) fn lost(&self) -> Option<Duration> {
        let ticks = self.before?.tick.0.saturating_sub(self.after?.tick.0);
        Some(Duration::from_secs_f64(f64::from(ticks) / f64::from(self.tick_rate.max(1))))
    }
}

#[derive(Debug, Default)]
struct State {
    last: Option<Seen>,
    seen_at: Option<Instant>,
    way: Way,
}

#[derive(Debug)]
pub(crate) struct Player {
    number: usize,
    route: Mutex<Route>,
    start: Instant,
    state: Mutex<State>,
}

type Socket = WebSocketStream<TcpStream>;

impl Player {
    /// One that connects where `route` leads.
    pub(crate) fn new(number: usize, route: Route) -> Arc<Self> {
        Arc::new(Self { number, route: Mutex::new(route), start: Instant::now(), state: Mutex::default() })
    }

    pub(crate) fn is_in_game(&self) -> bool {
        self.state().last.is_some()
    }

    pub(crate) fn has_returned(&self) -> bool {
        self.state().way.after.is_some()
    }

    /// Whether frames come now.
    pub(crate) fn has_frames(&self) -> bool {
        self.state().last.is_some_and(|last| last.at.elapsed() < Duration::from_secs(1))
    }

    /// The longest gap so far is not to count.
    pub(crate) fn forget_gap(&self) {
        self.state().way.gap = Duration::ZERO;
    }

    pub(crate) fn way(&self) -> Way {
        self.state().way
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now_ms(&self) -> f64 {
        self.start.elapsed().as_secs_f64() * 1000.0
    }

    /// Plays, and reconnects when the page would.
    pub(crate) async fn play(self: Arc<Self>) {
        // The number spreads the pauses, which are drawn from this, as the pages' clocks do.
        let mut connection = ConnectionState::new(self.number as f64 + 0.5, false);
        let mut token = None;
        connection.begin_attempt();
        loop {
            let why = match timeout(CONNECT_TIMEOUT, self.connect()).await {
                Ok(Some(socket)) => self.connected(socket, &mut connection, &mut token).await,
                _ => None,
            };
            let mut action = connection.on_closed(why, self.now_ms());
            while action != ConnectionAction::Connect {
                sleep(TURN).await;
                action = connection.poll(self.now_ms(), None);
            }
            connection.begin_attempt();
        }
    }

    fn route(&self) -> MutexGuard<'_, Route> {
        self.route.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn connect(&self) -> Option<Socket> {
        let address = self.route().next_address();
        let authority = address.strip_prefix("ws://")?.split('/').next()?.to_owned();
        let stream = TcpStream::connect(authority).await.ok()?;
        stream.set_nodelay(true).ok()?;
        Some(client_async(address, stream).await.ok()?.0)
    }

    /// Plays until the connection ends: what the server said.
    async fn connected(
        &self,
        mut socket: Socket,
        connection: &mut ConnectionState,
        token: &mut Option<ResumeToken>,
    ) -> Option<CloseReason> {
        connection.on_opened();
        let mut session = Session::headless(&format!("Player {}", self.number)).with_resume_token(*token);
        let mut turn = interval(TURN);
        turn.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut turns = self.number as u64;
        let why = loop {
            while let Some(bytes) = session.poll_transmit() {
                // A connection that has ended is noticed by the next read.
                let _ = socket.send(Message::Binary(bytes.into())).await;
            }
            tokio::select! {
                message = socket.next() => match message {
                    Some(Ok(Message::Binary(bytes))) => {
                        if session.handle_message(&bytes, self.now_ms()).is_err() {
                            break None;
                        }
                        self.on_message(&session, connection);
                    }
                    Some(Ok(Message::Close(frame))) => {
                        let Some(frame) = frame else { break None };
                        let why = CloseReason::from_code(frame.code.into());
                        if why == Some(CloseReason::Moved) {
                            self.route().on_moved(&frame.reason);
                        }
                        break why;
                    }
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => break None,
                },
                _ = turn.tick() => {
                    turns += 1;
                    session.advance(self.now_ms(), input(turns));
                }
            }
        };
        // The answer to the close.
        let _ = socket.flush().await;
        *token = session.resume_token().or(*token);
        let state = &mut *self.state();
        if let Some(last) = state.last.take().filter(|_| state.way.before.is_none()) {
            state.way.before = Some(last);
        }
        why
    }

    fn on_message(&self, session: &Session, connection: &mut ConnectionState) {
        let Some(tick) = session.tick() else { return };
        self.route().on_frame();
        let is_first = connection.on_frame(self.now_ms());
        let ship = session.own_ship().map(|ship| (ship.embers, ship.streak));
        let seen = Seen { player: session.player_id(), tick, ship, at: Instant::now() };
        let state = &mut *self.state();
        state.way.gap = state.way.gap.max(state.seen_at.map_or(Duration::ZERO, |at| seen.at - at));
        (state.last, state.seen_at) = (Some(seen), Some(seen.at));
        if is_first
            && state.way.before.is_some()
            && let Some(welcome) = session.welcome()
        {
            (state.way.is_resumed, state.way.tick_rate) = (welcome.is_resumed, welcome.tick_rate);
            state.way.after = Some(seen);
        }
    }
}

/// Flies about without firing, so that a ship only ever gains.
fn input(turns: u64) -> PlayerInput {
    let ways = [Buttons::RIGHT, Buttons::DOWN, Buttons::LEFT, Buttons::UP];
    let buttons = ways[(turns / STRAIGHT_TURNS) as usize % ways.len()];
    PlayerInput { buttons, aim: Angle(0) }
}
