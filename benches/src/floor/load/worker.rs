//! One thread of the load: its share of the players, by turns.

use std::{
    io::{self, ErrorKind},
    sync::atomic::Ordering,
    thread,
    time::{Duration, Instant},
};

use hdrhistogram::Histogram;
use mio::{Events, Poll, Token};

use super::{Phase, Shared, client::Client};

/// Events taken from the kernel at once.
const EVENTS_AT_ONCE: usize = 1024;
/// Room for what one read takes.
const READ_BYTES: usize = 64 * 1024;
/// How long it rests before it looks whether something has come, as the bots do and for the same reason: a thread that
/// waits for its sockets is woken for each frame, at the server's cost.
const NAP: Duration = Duration::from_millis(1);
/// Longest time that is told apart, in microseconds: a minute.
const TIME_US_MAX: u64 = 60_000_000;
/// Two figures: to a hundredth.
const FIGURES: u8 = 2;

/// What a thread counted in the measured time.
#[derive(Debug)]
pub(super) struct Tally {
    /// Of each player that joined.
    pub(super) frames: Vec<u64>,
    pub(super) bytes: u64,
    pub(super) at_end: u32,
    pub(super) gaps_us: Histogram<u64>,
    pub(super) lateness_us: Histogram<u64>,
}

impl Default for Tally {
    fn default() -> Self {
        let empty =
            || Histogram::new_with_bounds(1, TIME_US_MAX, FIGURES).expect("constant bounds are valid");
        Self { frames: Vec::new(), bytes: 0, at_end: 0, gaps_us: empty(), lateness_us: empty() }
    }
}

impl Tally {
    pub(super) fn merge(&mut self, other: Self) {
        self.frames.extend(other.frames);
        self.bytes += other.bytes;
        self.at_end += other.at_end;
        // Bounds are the same, so there is nothing that does not fit.
        let _ = self.gaps_us.add(other.gaps_us);
        let _ = self.lateness_us.add(other.lateness_us);
    }
}

/// One thread's players.
#[derive(Debug)]
pub(super) struct Worker<'a> {
    shared: &'a Shared,
    poll: Poll,
    clients: Vec<Client>,
    /// The first of them among all players; the next is `stride` further.
    first: u32,
    stride: u32,
    tally: Tally,
}

impl<'a> Worker<'a> {
    /// The `number`th of so many threads.
    pub(super) fn new(shared: &'a Shared, number: u32, threads: u32) -> io::Result<Self> {
        let count = (number..shared.plan.players).step_by(threads as usize).len();
        let clients = std::iter::repeat_with(Client::default).take(count).collect();
        let (poll, tally) = (Poll::new()?, Tally::default());
        Ok(Self { shared, poll, clients, first: number, stride: threads, tally })
    }

    /// The number among all players of the client in this place.
    fn number(&self, place: usize) -> u32 {
        self.first + place as u32 * self.stride
    }

    /// Plays to the end of the measured time.
    pub(super) fn run(mut self) -> io::Result<Tally> {
        let mut events = Events::with_capacity(EVENTS_AT_ONCE);
        let mut buffer = vec![0; READ_BYTES];
        // Counts the connections made and the inputs due.
        let (mut connects, mut turn) = (0, 0);
        let mut is_behind = false;
        while !self.shared.is(Phase::Measured) {
            self.connect_due(&mut connects)?;
            self.send_due(&mut turn);
            if !is_behind {
                thread::sleep(NAP);
            }
            match self.poll.poll(&mut events, Some(Duration::ZERO)) {
                Err(error) if error.kind() != ErrorKind::Interrupted => return Err(error),
                _ => self.receive(&events, &mut buffer),
            }
            is_behind = events.iter().count() == EVENTS_AT_ONCE;
        }
        for client in &self.clients {
            if client.last_frame.is_some() {
                self.tally.frames.push(client.frames);
                self.tally.at_end += u32::from(client.is_connected());
            }
        }
        Ok(self.tally)
    }

    fn connect_due(&mut self, connects: &mut usize) -> io::Result<()> {
        let plan = &self.shared.plan;
        while *connects < self.clients.len()
            && self.shared.began + plan.ramp.start_of(self.number(*connects)) <= Instant::now()
        {
            self.clients[*connects].connect(plan.address, self.poll.registry(), Token(*connects))?;
            *connects += 1;
        }
        Ok(())
    }

    /// Sends the inputs that are due.
    fn send_due(&mut self, turn: &mut u64) {
        let measuring = self.shared.is(Phase::Measuring);
        let count = self.clients.len() as u64;
        // A load that cannot keep up must still read, and so sends no more than one round at once.
        for _ in 0..count {
            let place = (*turn % count) as usize;
            // Its own moment of the tick, so that inputs come evenly.
            let share = f64::from(self.number(place)) / f64::from(self.shared.plan.players);
            let ticks = (*turn / count) as f64 + share;
            let due = self.shared.began + self.shared.tick().mul_f64(ticks);
            let now = Instant::now();
            if now < due {
                return;
            }
            if measuring {
                self.tally.lateness_us.saturating_record((now - due).as_micros() as u64);
            }
            self.clients[place].send();
            *turn += 1;
            // What is a second late is not sent at all.
            if now - due > Duration::from_secs(1) {
                *turn += count;
            }
        }
    }

    fn receive(&mut self, events: &Events, buffer: &mut [u8]) {
        let measuring = self.shared.is(Phase::Measuring);
        for event in events {
            let Some(client) = self.clients.get_mut(event.token().0) else { continue };
            let (bytes, frames) = client.receive(buffer, self.shared.plan.frame_bytes.max(1) as u64);
            self.tally.bytes += if measuring { bytes } else { 0 };
            if frames == 0 {
                continue;
            }
            let now = Instant::now();
            match client.last_frame.replace(now) {
                None => drop(self.shared.joined.fetch_add(1, Ordering::Relaxed)),
                Some(before) if measuring => {
                    let gap_us = (now - before).as_micros() as u64;
                    self.tally.gaps_us.saturating_record(gap_us.max(1));
                    // What came together came without a gap.
                    self.tally.gaps_us.saturating_record_n(1, frames - 1);
                }
                Some(_) => {}
            }
            client.frames += if measuring { frames } else { 0 };
        }
    }
}
