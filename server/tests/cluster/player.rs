//! A player that connects as the page does: it follows a room that moves, and asks other nodes when its own does not answer.

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
    ids::PlayerId,
    input::{Angle, Buttons, PlayerInput},
    protocol::{CloseReason, ResumeToken},
};
use tokio::{
    net::TcpStream,
    task::JoinHandle,
    time::{Instant, interval, sleep, timeout},
};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite::Message};

const TURN: Duration = Duration::from_micros(16_667);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// What became of a player.
#[derive(Debug, Default)]
pub(crate) struct State {
    /// The number of its player in the first game.
    pub(crate) first: Option<PlayerId>,
    /// Where frames come from now, and for which player.
    pub(crate) now: Option<(String, PlayerId)>,
    /// Connections that have brought frames.
    pub(crate) games: usize,
    /// Those in which its token was recognised.
    pub(crate) resumed: usize,
    /// The longest time without a frame so far.
    pub(crate) gap: Duration,
    last_frame: Option<Instant>,
}

/// A player in its task.
pub(crate) struct Player {
    state: Arc<Mutex<State>>,
    task: JoinHandle<()>,
}

impl Drop for Player {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Player {
    /// Joins the room with this code at the node with this URL. It knows these nodes.
    pub(crate) fn join(number: usize, url: &str, code: &str, nodes: &[String]) -> Self {
        Self::join_at(number, url, &format!("/ws/room/{code}"), nodes)
    }

    /// Joins at this path.
    pub(crate) fn join_at(number: usize, url: &str, path: &str, nodes: &[String]) -> Self {
        let mut route = Route::new(&format!("{}{path}", url.replacen("http", "ws", 1)), path);
        route.set_nodes(nodes.iter().map(String::as_str));
        let state = Arc::<Mutex<State>>::default();
        let task = tokio::spawn(play(number, route, Arc::clone(&state)));
        Self { state, task }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether frames come from the node with this URL.
    pub(crate) fn is_at(&self, url: &str) -> bool {
        let authority = url.trim_start_matches("http");
        self.state().now.as_ref().is_some_and(|(address, _)| address.contains(authority))
    }

    /// Whether frames come.
    pub(crate) fn is_in_game(&self) -> bool {
        self.state().now.is_some()
    }

    /// Whether it has the player that it had first, by its token in each game but the first.
    pub(crate) fn has_own_ship(&self) -> bool {
        let state = self.state();
        state.resumed + 1 == state.games && state.now.as_ref().map(|(_, player)| *player) == state.first
    }

    /// Forgets the longest gap so far.
    pub(crate) fn reset_gap(&self) {
        self.state().gap = Duration::ZERO;
    }
}

async fn play(number: usize, mut route: Route, state: Arc<Mutex<State>>) {
    let start = Instant::now();
    let now_ms = || start.elapsed().as_secs_f64() * 1000.0;
    let mut connection = ConnectionState::new(number as f64 + 0.5, false);
    let mut token = None;
    connection.begin_attempt();
    loop {
        let address = route.next_address();
        let why = match timeout(CONNECT_TIMEOUT, connect_async(&address)).await {
            Ok(Ok((socket, _))) => {
                let address = address.split('?').next().unwrap_or_default();
                connected((number, address), socket, &mut connection, &mut route, &mut token, &state, start)
                    .await
            }
            _ => None,
        };
        state.lock().unwrap_or_else(PoisonError::into_inner).now = None;
        let mut action = connection.on_closed(why, now_ms());
        while action != ConnectionAction::Connect {
            sleep(TURN).await;
            action = connection.poll(now_ms(), None);
        }
        connection.begin_attempt();
    }
}

async fn connected(
    (number, address): (usize, &str),
    mut socket: Socket,
    connection: &mut ConnectionState,
    route: &mut Route,
    token: &mut Option<ResumeToken>,
    state: &Mutex<State>,
    start: Instant,
) -> Option<CloseReason> {
    let now_ms = || start.elapsed().as_secs_f64() * 1000.0;
    connection.on_opened();
    let mut session = Session::headless(&format!("Player {number}")).with_resume_token(*token);
    let mut turn = interval(TURN);
    let mut turns = number as u64;
    let why = loop {
        while let Some(bytes) = session.poll_transmit() {
            let _ = socket.send(Message::Binary(bytes.into())).await;
        }
        tokio::select! {
            message = socket.next() => match message {
                Some(Ok(Message::Binary(bytes))) => {
                    if session.handle_message(&bytes, now_ms()).is_err() {
                        break None;
                    }
                    if session.tick().is_some() {
                        on_frame(address, connection.on_frame(now_ms()), &session, route, state);
                    }
                }
                Some(Ok(Message::Close(frame))) => {
                    let frame = frame?;
                    let reason = CloseReason::from_code(frame.code.into());
                    if reason == Some(CloseReason::Moved) {
                        route.on_moved(&frame.reason);
                    }
                    break reason;
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => break None,
            },
            _ = turn.tick() => {
                turns += 1;
                let ways = [Buttons::RIGHT, Buttons::DOWN, Buttons::LEFT, Buttons::UP];
                let buttons = ways[(turns / 90) as usize % ways.len()];
                session.advance(now_ms(), PlayerInput { buttons, aim: Angle(0) });
            }
        }
    };
    let _ = socket.flush().await;
    *token = session.resume_token().or(*token);
    why
}

fn on_frame(address: &str, is_first: bool, session: &Session, route: &mut Route, state: &Mutex<State>) {
    route.on_frame();
    let Some(player) = session.player_id() else { return };
    let state = &mut *state.lock().unwrap_or_else(PoisonError::into_inner);
    let now = Instant::now();
    state.gap = state.gap.max(state.last_frame.map_or(Duration::ZERO, |last| now - last));
    state.last_frame = Some(now);
    if is_first {
        state.games += 1;
        state.resumed += usize::from(session.welcome().is_some_and(|welcome| welcome.is_resumed));
        state.first.get_or_insert(player);
    }
    state.now = Some((address.to_owned(), player));
}
