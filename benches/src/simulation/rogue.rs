//! Misbehaving peers, one fault each. The server must drop them, and the other clients must not be affected.

use std::{rc::Rc, time::Duration};

use rand::{Rng, RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use server::engine::net::Subprotocol;
use shared::engine::{
    ids::{CellIndex, Tick},
    input::{Angle, Buttons, PlayerInput},
    protocol::{ClientMessage, Hello, ProtocolVersion, encode_client},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::{Instant, sleep, timeout},
};
use tokio_tungstenite::tungstenite::Message;

use super::{
    connection::{Connection, Incoming},
    scenario::{RoguePlan, Vice},
    server::Server,
};

/// How long one lasts, unless the server ends it.
const LASTS: Duration = Duration::from_secs(40);

fn hello() -> Hello {
    Hello { name: "Rogue".into(), ..Hello::default() }
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
        misbehave(plan.vice, connection, &mut rng, until).await;
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
