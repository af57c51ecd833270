//! A client that fights, over a real socket.

use std::{net::SocketAddr, time::Duration};

use futures_util::{SinkExt, StreamExt};
use shared::{
    engine::{
        ids::{PlayerId, Tick},
        input::{Angle, Buttons, PlayerInput},
        protocol::{CloseReason, Hello, ResumeToken, decode_server, encode_client},
    },
    game::{
        Emberdrift,
        protocol::{ClientMessage, Frame, OwnShip, ServerMessage, Welcome},
    },
};
use tokio::{
    net::TcpStream,
    time::{sleep, timeout},
};
use tokio_tungstenite::{WebSocketStream, client_async, tungstenite::Message};

use super::process::Server;

/// Far longer than any step takes. It turns a hanging test into a failure.
const TIMEOUT: Duration = Duration::from_secs(20);
/// Between two attempts to connect to a server that is starting.
const RETRY: Duration = Duration::from_millis(20);

pub(crate) struct Duellist {
    socket: WebSocketStream<TcpStream>,
    /// Of the server.
    address: SocketAddr,
    name: &'static str,
    pub(crate) player: Option<PlayerId>,
    token: Option<ResumeToken>,
    /// Of the newest frame.
    pub(crate) tick: Tick,
}

/// The own ship of a frame.
fn ship(frame: &Frame) -> Option<OwnShip> {
    frame.head.viewer.own()?.ship().cloned()
}

/// Two players, of which the first has just shot the second down. Nothing moves any more.
pub(crate) async fn duel(server: &Server) -> (Duellist, Duellist) {
    let (mut ada, mut bo) = (Duellist::join(server, "Ada").await, Duellist::join(server, "Bo").await);
    for round in 0.. {
        let (own, target) = (ada.frame().await, bo.frame().await);
        if let (Some(own), Some(target)) = (ship(&own), ship(&target)) {
            if own.streak > 0 {
                break;
            }
            let aim = Angle::of(target.motion.position - own.motion.position);
            ada.input(Buttons::FIRE, aim).await;
            bo.input(Buttons::default(), Angle(0)).await;
        } else {
            // Until the streak is in a frame. The second comes back, so that both have a ship.
            ada.input(Buttons::default(), Angle(0)).await;
            bo.input(Buttons::RESPAWN, Angle(0)).await;
        }
        assert!(round < 1000, "no shot hits");
    }
    for _ in 0..90 {
        ada.input(Buttons::default(), Angle(0)).await;
        bo.input(Buttons::RESPAWN, Angle(0)).await;
        ada.frame().await;
        bo.frame().await;
    }
    (ada, bo)
}

impl Duellist {
    pub(crate) async fn join(server: &Server, name: &'static str) -> Self {
        let stream = TcpStream::connect(&server.address).await.unwrap();
        let address = stream.peer_addr().unwrap();
        let (socket, welcome) = enter(stream, &server.address, name, None).await;
        let Welcome { player, resume, tick, .. } = welcome;
        Self { socket, address, name, player, token: resume, tick }
    }

    /// Connects again with its token, and plays a little, so that the token is used up.
    pub(crate) async fn reconnect(&mut self, server: &Server) -> Welcome {
        let stream = TcpStream::connect(&server.address).await.unwrap();
        let (socket, welcome) = enter(stream, &server.address, self.name, self.token).await;
        (self.socket, self.token) = (socket, welcome.resume);
        self.input(Buttons::default(), Angle(0)).await;
        self.frame().await;
        self.frame().await;
        welcome
    }

    /// Its ship as of the newest frame of many.
    pub(crate) async fn ship(&mut self) -> OwnShip {
        for _ in 0..300 {
            let frame = self.frame().await;
            if let Some(ship) = ship(&frame) {
                return ship;
            }
            self.input(Buttons::RESPAWN, Angle(0)).await;
        }
        panic!("{} has no ship", self.name)
    }

    pub(crate) async fn input(&mut self, buttons: Buttons, aim: Angle) {
        let ack = self.tick.0 as u8;
        let input = PlayerInput { buttons, aim };
        let message = ClientMessage::Input { tick: Tick(0), input, rewind: 0, ack };
        send(&mut self.socket, &message).await;
    }

    pub(crate) async fn frame(&mut self) -> Frame {
        match receive(&mut self.socket).await {
            Ok(ServerMessage::Frame(frame)) => {
                self.tick = frame.head.tick;
                if self.tick.0.is_multiple_of(4) {
                    send(&mut self.socket, &ClientMessage::Ack(self.tick.0 as u8)).await;
                }
                frame
            }
            other => panic!("{}: expected a frame, got {other:?}", self.name),
        }
    }

    /// The next frame, or why the server closes.
    pub(crate) async fn frame_or_close(&mut self) -> Result<Frame, Option<CloseReason>> {
        match receive(&mut self.socket).await {
            Ok(ServerMessage::Frame(frame)) => {
                self.tick = frame.head.tick;
                Ok(frame)
            }
            Ok(ServerMessage::Welcome(_)) => panic!("a second welcome"),
            Err(code) => {
                // Answers the close, as every client does.
                let _ = timeout(TIMEOUT, self.socket.next()).await;
                Err(code.and_then(CloseReason::from_code))
            }
        }
    }

    /// Connects again with its token as soon as there is a server again.
    pub(crate) async fn reconnect_when_possible(&mut self) -> Welcome {
        let address = self.address;
        let entered = timeout(TIMEOUT, async {
            loop {
                // A server that is killed may take a connection with it.
                if let Ok(stream) = TcpStream::connect(address).await
                    && let Some(entered) =
                        try_enter(stream, &address.to_string(), self.name, self.token).await
                {
                    break entered;
                }
                sleep(RETRY).await;
            }
        });
        let (socket, welcome) = entered.await.expect("the server is back");
        (self.socket, self.token) = (socket, welcome.resume);
        welcome
    }

    /// Reads until the server closes: why it does.
    pub(crate) async fn closed(&mut self) -> Option<CloseReason> {
        loop {
            if let Err(reason) = self.frame_or_close().await {
                return reason;
            }
        }
    }
}

async fn enter(
    stream: TcpStream,
    address: &str,
    name: &str,
    resume: Option<ResumeToken>,
) -> (WebSocketStream<TcpStream>, Welcome) {
    try_enter(stream, address, name, resume).await.unwrap_or_else(|| panic!("{name} has no welcome"))
}

/// `None` if the connection ends before the welcome.
async fn try_enter(
    stream: TcpStream,
    address: &str,
    name: &str,
    resume: Option<ResumeToken>,
) -> Option<(WebSocketStream<TcpStream>, Welcome)> {
    let (mut socket, _) = client_async(format!("ws://{address}/ws"), stream).await.ok()?;
    send(
        &mut socket,
        &ClientMessage::Hello(Hello { name: name.into(), resume, ..Hello::of::<Emberdrift>() }),
    )
    .await;
    match receive(&mut socket).await {
        Ok(ServerMessage::Welcome(welcome)) => Some((socket, *welcome)),
        _ => None,
    }
}

async fn send(socket: &mut WebSocketStream<TcpStream>, message: &ClientMessage) {
    // A server that has ended is noticed by the next read.
    let _ = socket.send(Message::Binary(encode_client(message).into())).await;
}

/// The next message, or the code that the connection was closed with.
async fn receive(socket: &mut WebSocketStream<TcpStream>) -> Result<ServerMessage, Option<u16>> {
    loop {
        match timeout(TIMEOUT, socket.next()).await.expect("a message in time") {
            Some(Ok(Message::Binary(bytes))) => return Ok(decode_server(&bytes).unwrap()),
            Some(Ok(Message::Close(frame))) => return Err(frame.map(|frame| frame.code.into())),
            Some(Ok(_)) => {}
            Some(Err(_)) | None => return Err(None),
        }
    }
}
