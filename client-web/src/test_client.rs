//! A client for a game's own tests: its server's program as a process, and a real session over a real WebSocket, as an application
//! has it but for the drawing. A test says what the player wants and looks at the session; what goes wrong in between panics with its reason.
//!
//! Nothing in it is measured by the clock: a test waits for frames, and a limit ends one that would wait for ever.

mod server;

use std::{
    io::ErrorKind,
    net::TcpStream,
    time::{Duration, Instant},
};

use shared::{
    Vec2,
    engine::{game_trait::Game, protocol::SUBPROTOCOL_BINCODE},
};
use tungstenite::{
    Error, Message, WebSocket,
    client::{IntoClientRequest, client},
    http::HeaderValue,
};

pub use self::server::Server;
use crate::engine::{session::Session, view::NoView};

/// Far longer than anything takes: what is not there by then will not come.
const LIMIT: Duration = Duration::from_secs(60);
/// How long a read waits: the session is looked after in between.
const READ: Duration = Duration::from_millis(2);

type Input<G> = <G as Game>::Input;

/// A player over a WebSocket.
pub struct TestClient<G: Game> {
    session: Session<NoView<G>>,
    socket: WebSocket<TcpStream>,
    started: Instant,
}

impl<G: Game> TestClient<G> {
    /// Joins a server and waits for the first frame.
    ///
    /// # Panics
    /// If the server refuses the player, or is silent for a minute; so do the other methods.
    pub fn join(server: &Server, name: &str) -> Self {
        Self::start(server, Session::headless(name))
    }

    /// Closes the connection without a word, as a network does, and comes back to the same server.
    #[must_use]
    pub fn reconnect(self, server: &Server) -> Self {
        let token = self.session.resume_token();
        assert!(token.is_some(), "the server gave no token to come back with");
        drop(self);
        Self::start(server, Session::headless("").with_resume_token(token))
    }

    fn start(server: &Server, session: Session<NoView<G>>) -> Self {
        let stream = TcpStream::connect(server.address()).expect("the server accepts a connection");
        stream.set_read_timeout(Some(READ)).expect("a socket has a time limit");
        stream.set_nodelay(true).expect("a socket sends at once");
        let mut request = format!("ws://{}/ws", server.address()).into_client_request().expect("an address");
        request.headers_mut().insert("sec-websocket-protocol", HeaderValue::from_static(SUBPROTOCOL_BINCODE));
        let mut handshake = client(request, stream);
        let started = Instant::now();
        let (socket, _) = loop {
            match handshake {
                Ok(done) => break done,
                Err(tungstenite::HandshakeError::Interrupted(middle)) if started.elapsed() < LIMIT => {
                    handshake = middle.handshake();
                }
                Err(error) => panic!("no WebSocket from {}: {error}", server.address()),
            }
        };
        let mut client = Self { session, socket, started };
        client.until("the first frame", Input::<G>::default(), |session| session.tick().is_some());
        client
    }

    /// What the client knows.
    pub fn session(&self) -> &Session<NoView<G>> {
        &self.session
    }

    /// Where the server says that the own body is; `None` while there is none.
    pub fn position(&self) -> Option<Vec2> {
        self.session.own().and_then(G::avatar).map(|avatar| G::motion(&avatar).position)
    }

    /// Wants `input` for this many frames. Returns how far the own body gets, as the server says it.
    pub fn play(&mut self, frames: u64, input: Input<G>) -> Vec2 {
        let from = self.position().expect("there is a body");
        let end = self.session.stats().frames_received + frames;
        self.until("frames", input, |session| session.stats().frames_received >= end);
        self.position().expect("there is a body") - from
    }

    /// Wants one input after the other, each for this many frames, until the server has confirmed the prediction of each of these frames to
    /// the bit. Begins again after one that it has not: on a busy machine an input may come late for its tick. To be called while no rule
    /// of the server moves the own body or changes it.
    pub fn play_exactly(&mut self, frames: u64, inputs: &[Input<G>]) {
        let until = Instant::now() + LIMIT;
        while Instant::now() < until {
            self.session.drain_prediction_errors().for_each(drop);
            for input in inputs {
                self.play(frames, *input);
            }
            let errors: Vec<_> = self.session.drain_prediction_errors().collect();
            if !errors.is_empty() && errors.iter().all(|error| *error == 0.0) {
                return;
            }
        }
        panic!(
            "the prediction is not exact: is `step_avatar` a function of the avatar, the input and the map alone?"
        );
    }

    /// Plays on until the session is as wanted.
    pub fn until(&mut self, what: &str, input: Input<G>, is_so: impl Fn(&Session<NoView<G>>) -> bool) {
        let until = Instant::now() + LIMIT;
        while !is_so(&self.session) {
            assert!(Instant::now() < until, "no {what} within {LIMIT:?}");
            let now_ms = self.started.elapsed().as_secs_f64() * 1000.0;
            self.session.advance(now_ms, input);
            while let Some(message) = self.session.poll_transmit() {
                self.socket.send(Message::Binary(message.into())).expect("the server is there");
            }
            self.receive();
        }
    }

    fn receive(&mut self) {
        let message = match self.socket.read() {
            Ok(Message::Binary(message)) => message,
            Ok(Message::Close(close)) => {
                let reason =
                    close.map_or_else(String::new, |close| format!(" ({}): {}", close.code, close.reason));
                panic!("the server closed the connection{reason}")
            }
            Ok(_) => return,
            Err(Error::Io(error)) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                return;
            }
            Err(error) => panic!("the connection is gone: {error}"),
        };
        let now_ms = self.started.elapsed().as_secs_f64() * 1000.0;
        self.session.handle_message(&message, now_ms).expect("the session understands the server");
    }
}
