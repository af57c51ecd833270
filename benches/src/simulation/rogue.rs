//! Misbehaving peers, one fault each. The server must drop them, and the other clients must not be affected.

use std::{rc::Rc, time::Duration};

use rand::{Rng, RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use server::engine::net::Subprotocol;
use shared::{
    engine::{
        ids::{CellIndex, Tick},
        input::{Angle, Buttons, PlayerInput},
        limits::FRAMES_UNACKED_MAX,
        protocol::{CloseReason, Hello, ProtocolVersion, encode_client},
    },
    game::{
        Emberdrift,
        protocol::{ClientMessage, ServerMessage},
    },
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::{Instant, sleep, timeout},
};
use tokio_tungstenite::tungstenite::Message;

use super::{
    connection::{Connection, Incoming, reason},
    scenario::{RoguePlan, Vice},
    server::Server,
};

/// How long one lasts, unless the server ends it.
const LASTS: Duration = Duration::from_secs(40);
/// How long one that stops reading reads.
const READS: Duration = Duration::from_secs(2);
/// How long it reads nothing then: longer than the server waits, but not so long that its close is given up.
const READS_NOTHING: Duration = Duration::from_secs(19);

fn hello() -> Hello {
    Hello { name: "Rogue".into(), ..Hello::of::<Emberdrift>() }
}

fn encoded(message: &ClientMessage) -> Message {
    Message::binary(encode_client(message))
}

/// Connects, misbehaves and disconnects.
pub(super) async fn run(plan: RoguePlan, server: Rc<Server>) {
    sleep(plan.arrives).await;
    server.journal.note(format_args!("rogue   {:?}", plan.vice));
    let mut rng = Pcg64Mcg::seed_from_u64(plan.seed);
    let until = Instant::now() + LASTS;
    let times = if plan.vice == Vice::HelloFlood { 20 } else { 1 };
    for _ in 0..times {
        let connected = server.connect(Subprotocol::Bincode, plan.address, plan.conditions, rng.next_u64());
        let Some((mut end, faults, process)) = connected.await else { continue };
        if matches!(plan.vice, Vice::Noise | Vice::Mute | Vice::HalfFrame) {
            let mut bytes = [0; 500];
            rng.fill_bytes(&mut bytes);
            let bytes: &[u8] = match plan.vice {
                Vice::Noise => &bytes,
                // A masked binary frame of 100 bytes, of which the last 90 never come.
                Vice::HalfFrame => &[0x82, 0x80 | 100, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14],
                _ => &[],
            };
            let _ = end.write_all(bytes).await;
            let mut received = Vec::new();
            let _ = timeout(LASTS, end.read_to_end(&mut received)).await;
            return;
        }
        let connection = Connection::new(end, Subprotocol::Bincode, faults, process).await;
        if plan.vice == Vice::StopsReading {
            stop_reading(connection, &server).await;
        } else {
            misbehave(plan.vice, connection, &mut rng, until).await;
        }
    }
}

/// Plays for a while, acknowledges nothing after that, and checks how the connection ends: its outbox is full before two seconds
/// of frames, after which none are sent, are unacknowledged.
async fn stop_reading(mut connection: Connection, server: &Server) {
    if connection.send_frame(encoded(&ClientMessage::Hello(hello()))).await.is_err() {
        return;
    }
    let stops = Instant::now() + READS;
    let (mut tick_rate, mut frames) = (0, 0);
    while let Ok(incoming) = timeout(stops.saturating_duration_since(Instant::now()), connection.next()).await
    {
        // It may have been turned away.
        let Incoming::Message(message, _) = incoming else { return };
        match *message {
            ServerMessage::Welcome(welcome) => tick_rate = welcome.tick_rate,
            ServerMessage::Frame(frame) => {
                frames += 1;
                let _ = connection.send_frame(encoded(&ClientMessage::Ack(frame.head.tick.0 as u8))).await;
            }
        }
    }
    let stopped = Instant::now();
    sleep(READS_NOTHING).await;
    let mut unread = 0;
    let code = loop {
        match timeout(LASTS, connection.next()).await {
            Ok(Incoming::Message(..)) => unread += 1,
            Ok(Incoming::Malformed(_)) => break None,
            Ok(Incoming::Over(code)) => break code,
            Err(_) => break None,
        }
    };
    if frames == 0 || !server.was_well_since(stopped) || connection.process.is_ending() {
        return;
    }
    server.journal.note(format_args!("rogue   left {unread} frames unread, and was closed with {code:?}"));
    let law = "a client that reads nothing is closed as a slow reader, and its outbox bounds what it is sent";
    let most = (2 * u32::from(tick_rate)).min(FRAMES_UNACKED_MAX);
    if reason(code) != Some(CloseReason::SlowReader) || unread >= most {
        server.journal.broken(law, format_args!("{code:?} after {unread} of at most {most} frames"));
    }
}

async fn misbehave(vice: Vice, mut connection: Connection, rng: &mut Pcg64Mcg, until: Instant) {
    let mut first = hello();
    if vice == Vice::WrongVersion {
        first.protocol = ProtocolVersion(7);
    }
    let _ = connection.send_frame(encoded(&ClientMessage::Hello(first))).await;
    if vice == Vice::HelloFlood {
        return sleep(Duration::from_millis(rng.random_range(0..100))).await;
    }
    if vice == Vice::NeverReads {
        // Its link fills up.
        let _ = connection.send_frame(encoded(&ClientMessage::Hidden(false))).await;
        return sleep(LASTS).await;
    }
    if vice == Vice::Vanishes {
        sleep(Duration::from_secs(1)).await;
        connection.faults.vanish();
        return sleep(LASTS).await;
    }
    while Instant::now() < until {
        for _ in 0..rng.random_range(1..200) {
            if connection.send_frame(frame(vice, rng)).await.is_err() {
                return;
            }
        }
        let pause = Duration::from_millis(rng.random_range(1..300));
        let read = async { while !matches!(connection.next().await, Incoming::Over(_)) {} };
        if timeout(pause, read).await.is_ok() {
            return;
        }
    }
}

fn frame(vice: Vice, rng: &mut Pcg64Mcg) -> Message {
    match vice {
        Vice::WrongType => Message::text("{}"),
        Vice::TwoHellos => encoded(&ClientMessage::Hello(hello())),
        Vice::ChatFlood => encoded(&ClientMessage::Chat(format!("/w #{} hi", rng.random_range(0..9)))),
        Vice::InputFlood => encoded(&input(rng)),
        Vice::Lies => encoded(&match rng.random_range(0..5) {
            0 => ClientMessage::Ack(rng.random()),
            1 => ClientMessage::ResyncCell(CellIndex(rng.random_range(0..60))),
            2 => ClientMessage::Hidden(rng.random()),
            _ => input(rng),
        }),
        _ => {
            let mut bytes = vec![0; rng.random_range(0..60)];
            rng.fill_bytes(&mut bytes);
            Message::binary(bytes)
        }
    }
}

fn input(rng: &mut Pcg64Mcg) -> ClientMessage {
    ClientMessage::Input {
        tick: Tick(rng.random_range(0..2000)),
        input: PlayerInput { buttons: Buttons(rng.random()), aim: Angle(rng.random()) },
        rewind: rng.random(),
        ack: rng.random(),
    }
}
