//! The client's side of a frame: decoded and applied as the browser does it.

use benches::worlds::BusyWorld;
use client_web::game::Session;

use super::{units, value};

/// Frames before the lists of a session have their size.
const SETTLING: usize = 30;
const COUNTED: usize = 60;
const TICK_MS: f64 = 50.0;

/// A welcome and the frames behind it, as one viewer got them.
pub(crate) struct Recording(Vec<Vec<u8>>);

pub(crate) fn recording() -> Recording {
    let mut world = BusyWorld::new(400, 0, 3);
    let mut messages = Vec::new();
    world.watch(0);
    for _ in 0..SETTLING + COUNTED {
        world.steer();
        world.step();
        world.publisher.publish(&world.sim);
        world.drain(|_, bytes| messages.push(bytes.to_vec()));
    }
    Recording(messages)
}

impl Recording {
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let length = |message: &Vec<u8>| (message.len() as u32).to_le_bytes();
        self.0.iter().flat_map(|message| length(message).into_iter().chain(message.iter().copied())).collect()
    }
}

pub(crate) fn run() {
    let Recording(messages) = recording();
    let mut session = Session::new("cost");
    let (settling, counted) = messages.split_at(messages.len() - COUNTED);
    let mut now_ms = 0.0;
    for message in settling {
        session.handle_message(message, now_ms).expect("the server's own message");
        now_ms += TICK_MS;
    }
    let mut allocations = 0;
    for message in counted {
        allocations +=
            allocation_counter::measure(|| count_client_frame(&mut session, message, now_ms)).count_total;
        now_ms += TICK_MS;
    }
    units("client_frame", counted.len());
    value("client_frame_allocations", allocations as f64 / counted.len() as f64);
}

#[inline(never)]
fn count_client_frame(session: &mut Session, message: &[u8], now_ms: f64) {
    session.handle_message(message, now_ms).expect("the server's own message");
}
